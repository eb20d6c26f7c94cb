"""Learning rates, averages of weights, validation, and the figures of speed."""

import itertools
import json
import math
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from conftest import write_tiny_dataset
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from test_training_loop import CONFIG
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from multitake.errors import InputError
from shards import FilmedTake, decode_video
from training.config import Optimizer, load_config
from training.convert import convert_model
from training.loop import train
from training.models.conditions import Conditions
from training.models.flops import training_flops
from training.models.recammaster import CamWanTransformer3DModel
from training.optimization import Average, learning_rate

# Operations are too small here to share between cores.
torch.set_num_threads(1)

TRIED = """
average_decay = 0.5
warmup_steps = 2
schedule = "cosine"
schedule_steps = 6
[validation]
every = 2
clips_every = 4
pairs = 2
"""


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "train.toml"
    path.write_text(CONFIG + TRIED)
    return path


@pytest.fixture(scope="module")
def dataset(tiny_takes: list[FilmedTake], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny data set, whose last take is of the split ``validation``."""
    *takes, last = tiny_takes
    takes.append(replace(last, row=replace(last.row, split="validation")))
    return write_tiny_dataset(tmp_path_factory.mktemp("validation") / "dataset", takes)


@pytest.fixture(scope="module")
def run(config_path: Path, dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(config_path, data=str(dataset), out=tmp_path_factory.mktemp("runs") / "run").out


def records(run: Path) -> list[dict]:
    return [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]


@given(
    warmup=st.integers(0, 20),
    length=st.integers(1, 50),
    schedule=st.sampled_from(["linear", "cosine"]),
)
def test_learning_rates_rise_and_then_fall_to_zero(warmup: int, length: int, schedule: str) -> None:
    chosen = Optimizer(lr=2.0, warmup_steps=warmup, schedule=schedule, schedule_steps=warmup + length)
    rates = [learning_rate(step, chosen) for step in range(1, warmup + length + 10)]
    assert rates[:warmup] == pytest.approx([2.0 * (n + 1) / (warmup + 1) for n in range(warmup)])
    assert max(rates) == rates[warmup] == 2.0
    falling = rates[warmup:]
    assert all(later <= earlier for earlier, later in itertools.pairwise(falling))
    assert falling[length:] == pytest.approx([0.0] * len(falling[length:]), abs=1e-12)
    middle = falling[length // 2]
    assert length % 2 or middle == pytest.approx(1.0)


def test_a_constant_learning_rate() -> None:
    assert [learning_rate(step, Optimizer(lr=0.5)) for step in (1, 2, 10**6)] == [0.5] * 3


@pytest.mark.parametrize(
    ("what", "lines"),
    [
        ("schedule_steps and a schedule that falls belong together", "schedule_steps = 5"),
        ("schedule_steps and a schedule that falls belong together", 'schedule = "linear"'),
        ("must be more than warmup_steps", 'schedule = "linear"\nschedule_steps = 5\nwarmup_steps = 5'),
        ("average_decay", "average_decay = 1.0"),
    ],
)
def test_schedules_that_make_no_sense_are_refused(tmp_path: Path, what: str, lines: str) -> None:
    path = tmp_path / "train.toml"
    path.write_text(f"[optimizer]\n{lines}\n")
    with pytest.raises(InputError, match=what):
        load_config(path)


def test_the_average_is_the_weighted_sum_of_all_weights() -> None:
    weight = nn.Parameter(torch.zeros(3))
    average = Average({"w": weight}, 0.9)
    values, expected = [2.0, -1.0, 5.0, 3.0], 0.0
    for step, value in enumerate(values, start=1):
        with torch.no_grad():
            weight.fill_(value)
        average.update({"w": weight}, step)
        decay = min(0.9, (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * value
    assert average.weights["w"].tolist() == pytest.approx([expected] * 3)
    with average.applied({"w": weight}):
        assert weight.tolist() == pytest.approx([expected] * 3)
    assert weight.tolist() == [3.0] * 3


def test_the_average_is_saved_exported_and_used(run: Path, tmp_path: Path) -> None:
    folder = run / "checkpoints" / "000004"
    average, last = (load_file(folder / f"{name}.safetensors") for name in ("average", "trainables"))
    assert average.keys() == last.keys() and any(not torch.equal(average[n], last[n]) for n in last)
    converted = convert_model(run, out=tmp_path / "model")
    for model in (run / "model", converted):
        exported = load_file(model / "transformer" / "diffusion_pytorch_model.safetensors")
        assert all(torch.equal(exported[name], weight) for name, weight in average.items())


def test_interrupted_and_resumed_equals_uninterrupted(
    run: Path, config_path: Path, dataset: Path, tmp_path: Path
) -> None:
    for steps in (2, 4):
        train(config_path, data=str(dataset), out=tmp_path / "halves", steps=steps)
    for name in ("average", "trainables", "optimizer"):
        one, other = (
            load_file(folder / "checkpoints" / "000004" / f"{name}.safetensors")
            for folder in (run, tmp_path / "halves")
        )
        assert all(torch.equal(one[key], other[key]) for key in one)
    assert [{**one, "timing": 0} for one in records(run)] == [
        {**one, "timing": 0} for one in records(tmp_path / "halves")
    ]


def test_a_checkpoint_without_average_is_refused(run: Path, tmp_path: Path, dataset: Path) -> None:
    copy = Path(shutil.copytree(run, tmp_path / "copy"))
    path = copy / "checkpoints" / "000004" / "progress.json"
    progress = json.loads(path.read_text())
    del progress["sha256"]["average.safetensors"]
    path.write_text(json.dumps(progress))
    with pytest.raises(InputError, match="it has no average of the weights"):
        train(copy / "config.toml", data=str(dataset), out=copy)


def test_validation_is_recorded(run: Path) -> None:
    found = {one["step"]: one for one in records(run) if "validation" in one}
    assert sorted(found) == [2, 4]
    for one in found.values():
        for name in ("validation", "validation_average"):
            assert len(one[name]["error_by_level"]) == 4
            assert one[name]["error"] == pytest.approx(sum(one[name]["error_by_level"]) / 4)
        assert one["validation"] != one["validation_average"]
    assert found[2] != {**found[4], "step": 2}


def test_a_clip_shows_source_new_video_and_target(run: Path) -> None:
    (path,) = (run / "clips").iterdir()
    assert path.name == "000004.mp4"
    assert decode_video(path).shape == (5, 32, 3 * 48, 3)


def test_validation_changes_no_weight(run: Path, dataset: Path, tmp_path: Path) -> None:
    config = tmp_path / "train.toml"
    config.write_text((CONFIG + TRIED).partition("[validation]")[0])
    other = train(config, data=str(dataset), out=tmp_path / "run").out
    one, two = (load_file(folder / "checkpoints/000004/trainables.safetensors") for folder in (run, other))
    assert all(torch.equal(one[name], two[name]) for name in one)


def test_validation_without_such_takes_is_one_line(
    config_path: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="no takes in split 'validation'; choose from train"):
        train(config_path, data=str(tiny_dataset), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_every_step_has_its_speed(run: Path) -> None:
    for record in records(run):
        if "loss" in record:
            timing = record["timing"]
            assert timing["seconds"] >= timing["waiting_s"] + timing["encoding_s"] - 1e-3
            assert timing["samples_per_s"] == pytest.approx(2 / timing["seconds"], rel=0.05)
            assert timing["tflops"] > 0
            assert 0 < record["lr"] <= 0.01 and math.isfinite(record["lr"])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"conditioning": "channel"},
        {"conditioning": "view"},
        {"camera_encoding": "pluecker"},
        {"camera_encoding": "relative_rays"},
    ],
    ids=str,
)
@pytest.mark.parametrize("trained", ["camera_and_self_attention", "all"])
def test_arithmetic_is_that_which_torch_counts(options: dict, trained: str) -> None:
    """Torch also counts products outside of the blocks; the first block needs no gradient of its input."""
    model = CamWanTransformer3DModel(
        num_attention_heads=2,
        attention_head_dim=48,
        text_dim=16,
        ffn_dim=192,
        num_layers=6,
        rope_max_seq_len=64,
        **options,
    )
    model.train_only(trained)
    shape = (16, 3, 16, 24)
    conditions = Conditions(
        source_latents=torch.randn(1, *shape),
        camera=torch.eye(3, 4).flatten().expand(1, 3, 12),
        intrinsics=torch.tensor([1.0, 1.0, 0.5, 0.5]).expand(1, 3, 4),
        text=torch.randn(1, 40, 16),
    )
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter:
        model(torch.randn(1, *shape), torch.tensor([500.0]), conditions).square().mean().backward()
    assert training_flops(model, shape, 40) == pytest.approx(counter.get_total_flops(), rel=0.06)


def test_a_skipped_step_changes_no_average(
    config_path: Path, dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(nn.utils, "clip_grad_norm_", lambda *_: torch.tensor(math.nan))
    out = train(config_path, data=str(dataset), out=tmp_path / "run", steps=1).out
    average, weights = (
        load_file(out / "checkpoints" / "000001" / f"{name}.safetensors")
        for name in ("average", "trainables")
    )
    assert next(one for one in records(out) if "loss" in one)["skipped"]
    assert all(torch.equal(average[name], weights[name]) for name in weights)
