"""Models in other forms: there and back is the identity, and what does not fit is one line."""

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from diffusers.loaders.single_file_utils import convert_wan_transformer_to_diffusers
from safetensors.torch import load_file, save_file
from test_training_loop import CONFIG
from typer.testing import CliRunner

from multitake.cli import app
from multitake.errors import InputError
from multitake.randomness import rng_for
from shards import decode_video, encode_video
from training.config import load_config, preset
from training.convert import convert_model
from training.loop import train
from training.models.recammaster import CamWanTransformer3DModel
from training.models.released import to_diffusers, to_released
from training.reshoot import reshoot_clip
from training.shot import Shot

# Operations are too small here to share between cores.
torch.set_num_threads(1)


@pytest.fixture(scope="module")
def run(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("convert")
    (folder / "train.toml").write_text(CONFIG)
    return train(folder / "train.toml", data=str(tiny_dataset), out=folder / "run", steps=2).out


@pytest.fixture(scope="module")
def model(run: Path) -> Path:
    return convert_model(run, out=run.parent / "model")


@pytest.fixture(scope="module")
def checkpoint(model: Path) -> Path:
    return convert_model(model, out=model.parent / "released.ckpt")


def transformer_of(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(folder / "transformer" / "diffusion_pytorch_model.safetensors")


def real_names() -> set[str]:
    with torch.device("meta"):
        return set(CamWanTransformer3DModel().state_dict())


def test_all_names_of_the_real_model_are_known_and_go_both_ways() -> None:
    names = real_names()
    released = {to_released(name) for name in names}
    assert len(released) == len(names) and {to_diffusers(name) for name in released} == names
    assert {"blocks.29.self_attn.norm_q.weight", "blocks.0.norm3.bias", "head.modulation"} <= released


def test_names_are_those_of_the_converter_of_diffusers() -> None:
    plain = {to_released(n) for n in real_names() if not {"cam_encoder", "projector"} & set(n.split("."))}
    converted = convert_wan_transformer_to_diffusers({name: name for name in plain})
    assert converted == {to_diffusers(name): name for name in plain}


@pytest.mark.parametrize("name", ["blocks.0.self_attn.k_img.weight", "img_emb.proj.0.weight", "", "blocks.0"])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(InputError, match="unknown weight"):
        to_diffusers(name)


def test_a_model_folder_re_shoots_as_the_run_does(run: Path, model: Path, tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    frames = rng_for(0, "clip").integers(0, 256, (5, 32, 48, 3), dtype=np.uint8)
    clip.write_bytes(encode_video(frames, fps=12))
    results = [
        decode_video(
            reshoot_clip(
                source,
                Shot(trajectory="arc_left", prompt="x", seed=0, steps=2),
                video=clip,
                out=tmp_path / "out.mp4",
            )
        )
        for source in (run, model)
    ]
    assert np.array_equal(*results)
    assert load_config(model / "config.toml").model.base == str(model)
    assert not list(model.parent.glob(".*partial"))


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("conditioning", "channel"),
        ("conditioning", "view"),
        ("camera_encoding", "poses_and_intrinsics"),
        ("camera_encoding", "pluecker"),
        ("camera_encoding", "prope"),
        ("camera_encoding", "relative_rays"),
    ],
)
def test_every_variant_goes_the_whole_way(tiny_dataset: Path, tmp_path: Path, key: str, value: str) -> None:
    config = tmp_path / "train.toml"
    config.write_text(CONFIG.replace("[model]", f'[model]\n{key} = "{value}"'))
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    train(config, data=str(tiny_dataset), out=whole)
    train(config, data=str(tiny_dataset), out=halves, steps=2)
    train(config, data=str(tiny_dataset), out=halves, steps=4)
    one, other = (load_file(run / "checkpoints/000004/trainables.safetensors") for run in (whole, halves))
    assert all(torch.equal(one[name], other[name]) for name in one)
    model = convert_model(whole, out=tmp_path / "model")
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(encode_video(np.full((5, 32, 48, 3), 90, dtype=np.uint8), fps=12))
    results = [
        reshoot_clip(
            source,
            Shot(trajectory="arc_left", seed=0, steps=2, focal_length_mm=24),
            video=clip,
            out=tmp_path / name,
        ).read_bytes()
        for source, name in ((whole, "one.mp4"), (model, "other.mp4"))
    ]
    assert results[0] == results[1]
    with pytest.raises(InputError, match=f"the released code has {key} '(frame|poses)'"):
        convert_model(model, out=tmp_path / "x.ckpt")
    if key == "camera_encoding":
        with pytest.raises(InputError, match=r"arc_left: has no focal lengths.*--focal-length-mm"):
            reshoot_clip(model, Shot(trajectory="arc_left", seed=0), video=clip, out=tmp_path / "x.mp4")


def test_there_and_back_is_the_identity(run: Path, model: Path, checkpoint: Path, tmp_path: Path) -> None:
    again = convert_model(checkpoint, base=run / "base", out=tmp_path / "again")
    expected, found = transformer_of(model), transformer_of(again)
    assert found.keys() == expected.keys()
    assert all(torch.equal(found[n], expected[n]) and found[n].dtype == expected[n].dtype for n in expected)
    assert load_config(again / "config.toml").window == preset("release").window
    released = torch.load(checkpoint, weights_only=True)
    assert torch.equal(released["blocks.1.self_attn.o.bias"], expected["blocks.1.attn1.to_out.0.bias"])
    convert_model(again, out=tmp_path / "again.ckpt")
    second = torch.load(tmp_path / "again.ckpt", weights_only=True)
    assert second.keys() == released.keys() and all(torch.equal(second[n], released[n]) for n in released)


def test_bfloat16_weights_stay_as_they_are(run: Path, checkpoint: Path, tmp_path: Path) -> None:
    """Those of the authors are bfloat16."""
    weights = {name: weight.bfloat16() for name, weight in torch.load(checkpoint, weights_only=True).items()}
    torch.save(weights, tmp_path / "half.ckpt")
    folder = convert_model(tmp_path / "half.ckpt", base=run / "base", out=tmp_path / "half")
    convert_model(folder, out=tmp_path / "back.ckpt")
    back = torch.load(tmp_path / "back.ckpt", weights_only=True)
    assert all(torch.equal(back[n], weights[n]) and back[n].dtype == torch.bfloat16 for n in weights)
    save_file(weights, tmp_path / "half.safetensors")
    other = convert_model(tmp_path / "half.safetensors", base=run / "base", out=tmp_path / "other")
    assert all(torch.equal(transformer_of(other)[n], w) for n, w in transformer_of(folder).items())


def test_a_model_folder_is_the_base_of_a_run(model: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    config = tmp_path / "train.toml"
    config.write_text(
        CONFIG.replace("[model]", f'[model]\nbase = "{model}"').replace("lr = 0.01", "lr = 1e-12")
    )
    train(config, data=str(tiny_dataset), out=tmp_path / "run", steps=1)
    trained = load_file(tmp_path / "run/checkpoints/000001/trainables.safetensors")
    started = transformer_of(model)
    for name, weight in trained.items():
        torch.testing.assert_close(weight, started[name], atol=1e-9, rtol=1e-6)
    config.write_text(config.read_text().replace("[model]", '[model]\nsource_rope = "repeat"'))
    with pytest.raises(InputError, match=r"was trained with source_rope 'extend', not 'repeat'"):
        train(config, data=str(tiny_dataset), out=tmp_path / "other", steps=1)


def test_the_base_can_be_a_single_file_of_the_release(run: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    weights = transformer_of(run / "base")
    names = {to_released(name): weight for name, weight in weights.items()}
    path = tmp_path / "wan.safetensors"
    save_file({f"model.diffusion_model.{name}": one for name, one in names.items()}, path)
    base = Path(shutil.copytree(run / "base", tmp_path / "wan"))
    next((base / "transformer").glob("*.safetensors")).unlink()
    config = tmp_path / "train.toml"
    config.write_text(CONFIG.replace("[model]", '[model]\nbase = "wan"\ntransformer = "wan.safetensors"'))
    train(config, data=str(tiny_dataset), out=tmp_path / "run", steps=2)
    single, folder = (
        load_file(path / "checkpoints/000002/trainables.safetensors") for path in (tmp_path / "run", run)
    )
    assert all(torch.equal(single[name], folder[name]) for name in folder)
    model = convert_model(tmp_path / "run", out=tmp_path / "model")
    assert load_config(model / "config.toml").model.transformer == ""
    save_file({name: 2 * one for name, one in names.items()}, tmp_path / "wan.safetensors")
    with pytest.raises(InputError, match="began with another base model"):
        train(config, data=str(tiny_dataset), out=tmp_path / "run", steps=3)
    save_file({name: one for name, one in names.items() if "head" not in name}, tmp_path / "wan.safetensors")
    with pytest.raises(InputError, match=r"wan\.safetensors: has no weight proj_out\.bias"):
        train(config, data=str(tiny_dataset), out=tmp_path / "other", steps=1)


CHANGES: dict[str, tuple[Callable[[dict], object], str]] = {
    "missing": (lambda w: w.pop("head.head.weight"), r"has no weight proj_out\.weight"),
    "unknown": (
        lambda w: w.update({"blocks.9.norm3.bias": torch.zeros(3)}),
        r"unknown weight blocks\.9\.norm2\.bias",
    ),
    "foreign": (
        lambda w: w.update({"vace_blocks.0.weight": torch.zeros(3)}),
        r"unknown weight vace_blocks\.0\.weight",
    ),
    "shape": (
        lambda w: w.update({"head.head.bias": torch.zeros(3)}),
        r"proj_out\.bias is \(3,\), that of the base",
    ),
    "nan": (lambda w: w["head.head.bias"].fill_(torch.nan), r"proj_out\.bias is not finite"),
    "int": (
        lambda w: w.update({"head.head.bias": w["head.head.bias"].int()}),
        r"proj_out\.bias is not finite",
    ),
    "text": (lambda w: w.update({"head.head.bias": "x"}), "not a table of weights"),
    "object": (lambda w: w.update({"head.head.bias": Path("x")}), "cannot be read"),
}


@pytest.mark.parametrize("change", CHANGES)
def test_checkpoints_that_do_not_fit_are_one_line(
    run: Path, checkpoint: Path, tmp_path: Path, change: str
) -> None:
    weights = torch.load(checkpoint, weights_only=True)
    CHANGES[change][0](weights)
    torch.save(weights, tmp_path / "changed.ckpt")
    with pytest.raises(InputError, match=CHANGES[change][1]) as caught:
        convert_model(tmp_path / "changed.ckpt", base=run / "base", out=tmp_path / "out")
    assert "\n" not in str(caught.value) and not (tmp_path / "out").exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x80\x02}q\x00.", b"{" * 100])
@pytest.mark.parametrize("ending", [".ckpt", ".safetensors"])
def test_files_that_are_no_checkpoints_are_one_line(
    run: Path, tmp_path: Path, ending: str, content: bytes
) -> None:
    path = tmp_path / f"garbage{ending}"
    path.write_bytes(content)
    with pytest.raises(InputError, match=rf"garbage{ending}: ") as caught:
        convert_model(path, base=run / "base", out=tmp_path / "out")
    assert "\n" not in str(caught.value) and not (tmp_path / "out").exists()


def test_invalid_conversions_are_one_line(run: Path, model: Path, checkpoint: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(model, tmp_path / "other"))
    path = other / "transformer" / "config.json"
    path.write_text(path.read_text().replace('"extend"', '"repeat"'))
    cases = {
        "base: missing": [checkpoint, "--out", tmp_path / "x"],
        "missing transformer/": [checkpoint, "--base", tmp_path, "--out", tmp_path / "x"],
        "exists": [run, "--out", model],
        "is not a model folder": [run, "--out", tmp_path / "x.ckpt"],
        "is not a run folder": [tmp_path, "--out", tmp_path / "x"],
        "the released code has source_rope 'extend'": [other, "--out", tmp_path / "x.ckpt"],
        "No such file": [tmp_path / "none.ckpt", "--base", run / "base", "--out", tmp_path / "x"],
    }
    for what, arguments in cases.items():
        result = CliRunner().invoke(app, ["model", "convert", *map(str, arguments)])
        (line,) = result.stderr.splitlines()
        assert result.exit_code == 2 and what in line
    assert not (tmp_path / "x").exists() and not (tmp_path / "x.ckpt").exists()
