"""The transformer with cameras: the base model at step 0, and what the camera and the source change."""

from pathlib import Path

import pytest
import torch
from diffusers import WanTransformer3DModel
from torch import Tensor

from training.models.recammaster import CamWanTransformer3DModel, freeze_base, trainable_parameters

# Operations are too small here to share between cores.
torch.set_num_threads(1)

FRAMES = 3


@pytest.fixture(scope="module")
def base() -> WanTransformer3DModel:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        return WanTransformer3DModel(
            num_attention_heads=2,
            attention_head_dim=12,
            text_dim=16,
            ffn_dim=32,
            num_layers=2,
            rope_max_seq_len=64,
        ).eval()


def inputs(batch: int = 2) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    chance = torch.Generator().manual_seed(1)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=chance)

    target, source = normal(batch, 16, FRAMES, 4, 6), normal(batch, 16, FRAMES, 4, 6)
    return (
        target,
        source,
        torch.tensor([937.5, 12.0])[:batch],
        normal(batch, 7, 16),
        normal(batch, FRAMES, 12),
    )


@torch.no_grad()
def awakened(model: CamWanTransformer3DModel) -> CamWanTransformer3DModel:
    """Give the camera encoders weights, as training would."""
    chance = torch.Generator().manual_seed(2)
    for block in model.blocks:
        block.cam_encoder.weight.normal_(generator=chance)
    return model


@pytest.mark.parametrize("projector_init", ["identity", "zero"])
@torch.no_grad()
def test_at_step_zero_it_is_the_base_bit_for_bit(base: WanTransformer3DModel, projector_init: str) -> None:
    model = CamWanTransformer3DModel.from_base(base, projector_init=projector_init).eval()
    target, source, timestep, text, camera = inputs()
    expected = base(torch.cat([target, source], dim=2), timestep, text).sample[:, :, :FRAMES]
    assert torch.equal(model(target, source, timestep, text, camera), expected)


def test_base_weights_load_one_to_one(base: WanTransformer3DModel) -> None:
    model = CamWanTransformer3DModel.from_base(base)
    weights, before = model.state_dict(), base.state_dict()
    assert all(torch.equal(weights[name], weight) for name, weight in before.items())
    added = weights.keys() - before.keys()
    assert added and all({"cam_encoder", "projector"} & set(name.split(".")) for name in added)


def test_other_base_models_are_refused() -> None:
    image_model = WanTransformer3DModel(
        num_attention_heads=1, attention_head_dim=12, text_dim=8, ffn_dim=8, num_layers=1, image_dim=8
    )
    with pytest.raises(ValueError, match="image_dim"):
        CamWanTransformer3DModel.from_base(image_model)


@pytest.mark.parametrize(("projector_init", "source_rope"), [("identity", "extend"), ("zero", "repeat")])
@torch.no_grad()
def test_saved_and_loaded_it_computes_the_same(
    base: WanTransformer3DModel, tmp_path: Path, projector_init: str, source_rope: str
) -> None:
    model = CamWanTransformer3DModel.from_base(base, projector_init=projector_init, source_rope=source_rope)
    expected = awakened(model).eval()(*inputs())
    model.save_pretrained(tmp_path)
    loaded = CamWanTransformer3DModel.from_pretrained(tmp_path).eval()
    assert (loaded.config.projector_init, loaded.config.source_rope) == (projector_init, source_rope)
    assert torch.equal(loaded(*inputs()), expected)


@torch.no_grad()
def test_camera_source_text_and_rope_matter(base: WanTransformer3DModel) -> None:
    model = awakened(CamWanTransformer3DModel.from_base(base)).eval()
    given = inputs()
    expected = model(*given)
    for place in range(len(given)):
        changed = [*given]
        changed[place] = given[place] * 0.5
        assert not torch.equal(model(*changed), expected), place
    repeated = CamWanTransformer3DModel.from_base(base, source_rope="repeat").eval()
    repeated.load_state_dict(model.state_dict())
    assert not torch.equal(repeated(*given), expected)


@torch.no_grad()
def test_every_token_of_both_halves_gets_the_camera_of_its_target_frame(base: WanTransformer3DModel) -> None:
    model = awakened(CamWanTransformer3DModel.from_base(base)).eval()
    block, seen = model.blocks[0], []
    block.attn1.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
    *given, camera = inputs()
    for each in (camera, torch.zeros_like(camera)):
        model(*given, each)
    added = (seen[0] - seen[1]).unflatten(1, (2, FRAMES, -1))
    expected = (camera @ block.cam_encoder.weight.T)[:, None, :, None].expand_as(added)
    torch.testing.assert_close(added, expected, atol=1e-4, rtol=1e-4)


@torch.no_grad()
def test_samples_of_a_batch_do_not_see_each_other(base: WanTransformer3DModel) -> None:
    model = awakened(CamWanTransformer3DModel.from_base(base)).eval()
    together = model(*inputs())
    alone = model(*(part[1:] for part in inputs()))
    torch.testing.assert_close(together[1:], alone)


def test_only_trainables_get_gradients(base: WanTransformer3DModel) -> None:
    model = CamWanTransformer3DModel.from_base(base)
    freeze_base(model)
    model(*inputs()).square().mean().backward()
    touched = {name for name, weight in model.named_parameters() if weight.grad is not None}
    assert touched == trainable_parameters(model).keys()
    assert {part for name in touched for part in name.split(".")} >= {"cam_encoder", "projector", "attn1"}
    assert all(model.get_parameter(name).grad.abs().sum() > 0 for name in touched if "cam_encoder" in name)


def test_gradient_checkpointing_changes_nothing(base: WanTransformer3DModel) -> None:
    def gradients(checkpointing: bool) -> list[Tensor]:
        model = awakened(CamWanTransformer3DModel.from_base(base)).train()
        freeze_base(model)
        if checkpointing:
            model.enable_gradient_checkpointing()
        model(*inputs()).square().mean().backward()
        return [weight.grad for weight in trainable_parameters(model).values()]

    torch.testing.assert_close(gradients(True), gradients(False))


def test_the_real_size_has_the_published_number_of_weights() -> None:
    with torch.device("meta"):
        model = CamWanTransformer3DModel()
    trained = sum(weight.numel() for weight in trainable_parameters(model).values())
    added = sum(
        weight.numel()
        for name, weight in model.named_parameters()
        if {"cam_encoder", "projector"} & {*name.split(".")}
    )
    assert trained == pytest.approx(354.8e6, rel=1e-3)
    assert sum(weight.numel() for weight in model.parameters()) - added == pytest.approx(1.419e9, rel=1e-3)
