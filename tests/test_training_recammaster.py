"""ReCamMaster: the output of the base model at step 0, and what each input changes."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from diffusers import WanTransformer3DModel
from torch import Tensor
from wan_oracle import Oracle

from training.config import Model
from training.models.conditions import Conditions
from training.models.recammaster import CamWanTransformer3DModel

# Operations are too small here to share between cores.
torch.set_num_threads(1)

FRAMES = 3
OPTIONS = [
    {"conditioning": "frame", "projector_init": "identity"},
    {"conditioning": "frame", "projector_init": "zero"},
    {"conditioning": "frame", "token_order": "source_first"},
    {"conditioning": "frame", "source_rope": "repeat", "camera_tokens": "target"},
    {"conditioning": "frame", "token_order": "source_first", "camera_tokens": "target"},
    {"conditioning": "channel", "projector_init": "identity"},
    {"conditioning": "channel", "projector_init": "zero"},
    {"conditioning": "view", "projector_init": "identity"},
    {"conditioning": "view", "projector_init": "zero", "camera_tokens": "target"},
    {"conditioning": "frame", "camera_encoding": "poses_and_intrinsics"},
    {"conditioning": "channel", "camera_encoding": "poses_and_intrinsics"},
    {"conditioning": "frame", "camera_encoding": "pluecker", "camera_tokens": "target"},
    {"conditioning": "view", "camera_encoding": "pluecker"},
    {"conditioning": "frame", "camera_encoding": "prope", "projector_init": "zero"},
    {"conditioning": "frame", "camera_encoding": "prope", "camera_tokens": "target"},
    {"conditioning": "frame", "camera_encoding": "relative_rays", "token_order": "source_first"},
    {
        "conditioning": "frame",
        "camera_encoding": "relative_rays",
        "camera_tokens": "target",
        "token_order": "source_first",
        "source_rope": "repeat",
    },
]


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


def inputs(height: int = 4, width: int = 6) -> tuple[Tensor, Tensor, Conditions]:
    generator = torch.Generator().manual_seed(1)

    def normal(*shape: int) -> Tensor:
        return torch.randn(shape, generator=generator)

    noisy_latents = normal(2, 16, FRAMES, height, width)
    rotation = torch.linalg.qr(normal(2, FRAMES, 3, 3))[0]
    rotation = rotation * torch.linalg.det(rotation)[..., None, None]
    conditions = Conditions(
        source_latents=normal(2, 16, FRAMES, height, width),
        text=normal(2, 7, 16),
        camera=torch.cat([rotation, normal(2, FRAMES, 3, 1)], dim=3).flatten(2),
        intrinsics=torch.tensor([1.0, 1.5, 0.5, 0.45]) + 0.1 * normal(2, FRAMES, 4),
    )
    return noisy_latents, torch.tensor([937.5, 12.0]), conditions


@torch.no_grad()
def trained(base: WanTransformer3DModel, **options: str) -> CamWanTransformer3DModel:
    """A model whose camera encoders have weights, as after training."""
    model = CamWanTransformer3DModel.from_base(base, **options).eval()
    generator = torch.Generator().manual_seed(2)
    for block in model.blocks:
        new = block.cam_attn.to_out if block.cam_encoder is None else block.cam_encoder
        new.weight.normal_(generator=generator)
    return model


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options.values()))
@torch.no_grad()
def test_at_step_zero_it_is_the_base_bit_for_bit(base: WanTransformer3DModel, options: dict) -> None:
    model = CamWanTransformer3DModel.from_base(base, **options).eval()
    noisy_latents, timestep, conditions = inputs()
    shown, part = noisy_latents, slice(0, FRAMES)
    if options["conditioning"] == "frame" and options.get("source_rope") == "repeat":
        pytest.skip("the base has no such positions")
    if options["conditioning"] == "frame":
        videos = [noisy_latents, conditions.source_latents]
        if options.get("token_order") == "source_first":
            videos, part = videos[::-1], slice(FRAMES, 2 * FRAMES)
        shown = torch.cat(videos, dim=2)
    text, steps = conditions.text, timestep
    if options["conditioning"] == "view":
        # Larger batches are summed up in another order.
        shown = torch.cat([noisy_latents, conditions.source_latents])
        text, steps = text.repeat(2, 1, 1), timestep.repeat(2)
    expected = base(shown, steps, text).sample[:2, :, part]
    assert torch.equal(model(noisy_latents, timestep, conditions), expected)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options.values()))
@torch.no_grad()
def test_it_is_what_the_equations_say(base: WanTransformer3DModel, options: dict) -> None:
    """At random weights, for a grid of odd sides, in a batch of two."""
    model = CamWanTransformer3DModel.from_base(base, **options).eval()
    model = CamWanTransformer3DModel.from_config({**model.config, "num_attention_heads": 12}).eval()
    generator = torch.Generator().manual_seed(5)
    for name, weight in model.named_parameters():
        spread = 1.0 if weight.ndim == 1 else weight[0].numel() ** -0.5
        weight.normal_(1.0 if "norm" in name and "weight" in name else 0.0, spread, generator=generator)
    noisy_latents, timestep, conditions = inputs(height=6, width=10)
    found = model(noisy_latents, timestep, conditions)
    oracle = Oracle(model.state_dict(), heads=12, blocks=2)
    known = {key: model.config[key] for key in Model().options}
    for sample in range(2):
        expected = oracle.velocity(
            noisy_latents[sample],
            conditions.source_latents[sample],
            timestep[sample],
            conditions.camera[sample],
            conditions.intrinsics[sample],
            conditions.text[sample],
            **known,
        )
        error = (found[sample].double() - expected).norm() / expected.norm()
        assert error < 1e-5


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options.values()))
def test_source_and_camera_reach_the_output_of_every_variant(
    base: WanTransformer3DModel, options: dict
) -> None:
    model = CamWanTransformer3DModel.from_base(base, **options)
    optimizer = torch.optim.SGD(model.trainable_parameters().values(), lr=0.5)
    model(*inputs()).square().mean().backward()
    changed = {name for name, weight in model.named_parameters() if weight.grad is not None}
    assert changed == model.trainable_parameters().keys()
    optimizer.step()
    noisy_latents, timestep, conditions = inputs()
    expected = model(noisy_latents, timestep, conditions)
    known = {"intrinsics"} if Model(**options).needs_intrinsics else set()
    for name in ("source_latents", "camera", "text", *known):
        other = replace(conditions, **{name: 0.5 * getattr(conditions, name)})
        assert not torch.equal(model(noisy_latents, timestep, other), expected), name


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options.values()))
@torch.no_grad()
def test_every_variant_is_saved_and_loaded(
    base: WanTransformer3DModel, tmp_path: Path, options: dict
) -> None:
    model = trained(base, **options)
    model.save_pretrained(tmp_path)
    loaded = CamWanTransformer3DModel.from_pretrained(tmp_path).eval()
    assert all(loaded.config[key] == value for key, value in options.items())
    assert torch.equal(loaded(*inputs()), model(*inputs()))


def test_base_weights_load_one_to_one(base: WanTransformer3DModel) -> None:
    model = CamWanTransformer3DModel.from_base(base)
    weights, before = model.state_dict(), base.state_dict()
    assert all(torch.equal(weights[name], weight) for name, weight in before.items())
    added = weights.keys() - before.keys()
    assert added and all({"cam_encoder", "projector"} & set(name.split(".")) for name in added)


def test_the_weights_of_the_base_are_not_copied(base: WanTransformer3DModel) -> None:
    weights = CamWanTransformer3DModel.from_base(base).state_dict()
    for name, weight in base.state_dict().items():
        assert weights[name].data_ptr() == weight.data_ptr(), name


def test_a_base_model_is_not_loaded_as_one_with_cameras(base: WanTransformer3DModel, tmp_path: Path) -> None:
    base.save_pretrained(tmp_path / "transformer")
    with pytest.raises(ValueError, match=r"without camera modules; .*from_base"):
        CamWanTransformer3DModel.from_pretrained(tmp_path / "transformer")
    with pytest.raises(ValueError, match="without camera modules"):
        CamWanTransformer3DModel.from_pretrained(tmp_path, subfolder="transformer")


@torch.no_grad()
def test_in_bfloat16_it_needs_no_autocast(base: WanTransformer3DModel, tmp_path: Path) -> None:
    model = trained(base)
    expected = model(*inputs())
    model.save_pretrained(tmp_path / "fp32")
    half = CamWanTransformer3DModel.from_pretrained(tmp_path / "fp32", torch_dtype=torch.bfloat16).eval()
    assert half.blocks[0].projector.weight.dtype == torch.bfloat16
    found = half(*inputs())
    assert (found.float() - expected).norm() < 0.03 * expected.norm()
    half.save_pretrained(tmp_path / "bf16")
    again = CamWanTransformer3DModel.from_pretrained(tmp_path / "bf16", torch_dtype=torch.bfloat16).eval()
    assert torch.equal(again(*inputs()), found)


def test_what_is_trained_can_be_chosen(base: WanTransformer3DModel) -> None:
    model = CamWanTransformer3DModel.from_base(base)
    some = set(model.trainable_parameters())
    model.train_only("all")
    assert some < model.trainable_parameters().keys() == dict(model.named_parameters()).keys()
    model(*inputs()).square().mean().backward()
    assert all(weight.grad is not None for weight in model.parameters())
    model.train_only("camera_and_self_attention")
    assert {name for name, weight in model.named_parameters() if weight.requires_grad} == some


def test_an_image_to_video_model_is_refused() -> None:
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
    model = trained(base, projector_init=projector_init, source_rope=source_rope)
    expected = model(*inputs())
    model.save_pretrained(tmp_path)
    loaded = CamWanTransformer3DModel.from_pretrained(tmp_path).eval()
    assert (loaded.config.projector_init, loaded.config.source_rope) == (projector_init, source_rope)
    assert torch.equal(loaded(*inputs()), expected)


@torch.no_grad()
def test_every_input_and_the_rope_change_the_output(base: WanTransformer3DModel) -> None:
    model = trained(base)
    noisy_latents, timestep, conditions = inputs()
    expected = model(noisy_latents, timestep, conditions)
    assert not torch.equal(model(noisy_latents * 0.5, timestep, conditions), expected)
    assert not torch.equal(model(noisy_latents, timestep * 0.5, conditions), expected)
    for name, value in vars(conditions).items():
        changed = replace(conditions, **{name: value * 0.5})
        assert torch.equal(model(noisy_latents, timestep, changed), expected) == (name == "intrinsics")
    assert not torch.equal(trained(base, source_rope="repeat")(*inputs()), expected)


@torch.no_grad()
def test_every_token_of_both_halves_gets_the_camera_of_its_target_frame(base: WanTransformer3DModel) -> None:
    model = trained(base)
    block, attention_inputs = model.blocks[0], []
    block.attn1.register_forward_pre_hook(lambda _, args: attention_inputs.append(args[0]))
    noisy_latents, timestep, conditions = inputs()
    for camera in (conditions.camera, torch.zeros_like(conditions.camera)):
        model(noisy_latents, timestep, replace(conditions, camera=camera))
    added = (attention_inputs[0] - attention_inputs[1]).unflatten(1, (2, FRAMES, -1))
    expected = (conditions.camera @ block.cam_encoder.weight.T)[:, None, :, None].expand_as(added)
    torch.testing.assert_close(added, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("encoding", ["prope", "relative_rays"])
@torch.no_grad()
def test_relations_do_not_depend_on_the_axes_of_the_world(base: WanTransformer3DModel, encoding: str) -> None:
    """Another place and orientation of all cameras at once changes nothing."""
    model = trained(base, camera_encoding=encoding)
    noisy_latents, timestep, conditions = inputs()
    poses = conditions.camera.unflatten(2, (3, 4))
    rotation = poses[1, 2, :, :3]
    moved = rotation @ poses + torch.tensor([0.0, 0.0, 0.0, 1.0]) * torch.tensor([[0.3], [-2.0], [1.0]])
    expected = model(noisy_latents, timestep, conditions)
    found = model(noisy_latents, timestep, replace(conditions, camera=moved.flatten(2)))
    assert (found - expected).norm() < 1e-4 * expected.norm()


@torch.no_grad()
def test_samples_of_a_batch_are_independent(base: WanTransformer3DModel) -> None:
    model = trained(base)
    noisy_latents, timestep, conditions = inputs()
    together = model(noisy_latents, timestep, conditions)
    second = Conditions(**{name: value[1:] for name, value in vars(conditions).items()})
    torch.testing.assert_close(together[1:], model(noisy_latents[1:], timestep[1:], second))


def test_only_trainable_parameters_get_gradients(base: WanTransformer3DModel) -> None:
    model = CamWanTransformer3DModel.from_base(base)
    model(*inputs()).square().mean().backward()
    changed = {name for name, weight in model.named_parameters() if weight.grad is not None}
    assert changed == model.trainable_parameters().keys()
    assert {part for name in changed for part in name.split(".")} >= {"cam_encoder", "projector", "attn1"}
    assert all(model.get_parameter(name).grad.abs().sum() > 0 for name in changed if "cam_encoder" in name)


def test_gradient_checkpointing_changes_nothing(base: WanTransformer3DModel) -> None:
    def gradients(checkpointing: bool) -> list[Tensor]:
        model = trained(base).train()
        if checkpointing:
            model.enable_gradient_checkpointing()
        model(*inputs()).square().mean().backward()
        return [weight.grad for weight in model.trainable_parameters().values()]

    torch.testing.assert_close(gradients(True), gradients(False))


def test_the_default_size_has_the_published_number_of_weights() -> None:
    with torch.device("meta"):
        model = CamWanTransformer3DModel()
    trainable = sum(weight.numel() for weight in model.trainable_parameters().values())
    added = sum(
        weight.numel()
        for name, weight in model.named_parameters()
        if {"cam_encoder", "projector"} & {*name.split(".")}
    )
    assert trainable == pytest.approx(354.8e6, rel=1e-3)
    assert sum(weight.numel() for weight in model.parameters()) - added == pytest.approx(1.419e9, rel=1e-3)
