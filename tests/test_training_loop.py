"""The loop: the loss falls, a resumed run equals an uninterrupted one, runs are never mixed."""

import contextlib
import hashlib
import json
import math
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from typer.testing import CliRunner

from multitake.cli import app
from multitake.errors import InputError, RunError
from multitake.folder_lock import locked_folder
from multitake.interruption import Interrupted, handlers_restored, raise_on_signals
from multitake.progress import ProgressLine
from multitake.randomness import rng_for
from shards import open_dataset
from shards.pairs import AdjacentPairs, MovingPairs, PairSettings, UniformPairs, WeightedPairs
from shards.streaming import PairSample, PairStream
from training.batches import microbatches, pair_settings, with_rate
from training.checkpoint import checkpoints, load_checkpoint, prune_checkpoints
from training.config import Config, load_config
from training.encoders import PairBatch, WanEncoders
from training.loop import train
from training.models.load import load_models
from training.models.recammaster import CamWanTransformer3DModel
from training.objective import corrupt, pair_noise, sample_corruption
from training.report import TrainReport
from training.run_folder import RunFolder
from training.step import StepResult, fixed_loss, train_step
from training.timing import Stopwatch

# Operations are too small here to share between cores.
torch.set_num_threads(1)

CONFIG = """
seed = 3
steps = 4
batch_size = 2
microbatch_size = 1
checkpoint_every = 2
loader_workers = 0
device = "cpu"
precision = "fp32"
[model]
text_tokens = 8
[window]
frames = 5
width_px = 48
height_px = 32
[optimizer]
lr = 0.01
"""


class InterruptedRunError(Exception):
    pass


class InterruptAfter(ProgressLine):
    """Interrupts a run after one of its steps."""

    def __init__(self, step: int) -> None:
        super().__init__(sys.stderr)
        self._step = step

    def show(self, text: str, *, done: int, total: int) -> None:
        if done == self._step:
            raise InterruptedRunError


@pytest.fixture(scope="module")
def config_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("config") / "train.toml"
    path.write_text(CONFIG)
    return path


@pytest.fixture(scope="module")
def straight(config_path: Path, tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainReport:
    """An uninterrupted run; read it, never change it."""
    return train(config_path, data=str(tiny_dataset), out=tmp_path_factory.mktemp("runs") / "straight")


@pytest.fixture
def copy(straight: TrainReport, tmp_path: Path) -> Path:
    return Path(shutil.copytree(straight.out, tmp_path / "copy"))


@pytest.fixture(scope="module")
def model(straight: TrainReport) -> CamWanTransformer3DModel:
    return loaded(straight.out)[2]


@pytest.fixture(scope="module")
def samples(tiny_dataset: Path) -> list[PairSample]:
    stream = PairStream(tiny_dataset, PairSettings(seed=3, frames=5, size_px=(48, 32)))
    return [stream.sample(index) for index in range(3)]


def loaded(run: Path, **changes: object) -> tuple[Config, WanEncoders, CamWanTransformer3DModel]:
    config = replace(load_config(run / "config.toml"), **changes)
    return config, *load_models(run / "base", config, torch.device("cpu"))


def stepped(
    model: CamWanTransformer3DModel,
    optimizer: torch.optim.Optimizer,
    batches: list[PairBatch],
    config: Config,
) -> StepResult:
    """The result of a step on encoded batches, with the noise of training."""
    corrupted = []
    for batch in batches:
        indices, shape = batch.sample_indices, tuple(batch.target_latents.shape[1:])
        corruptions = [sample_corruption(config.noise, seed=config.seed, sample_index=i) for i in indices]
        noise = pair_noise(indices, shape, seed=config.seed)
        corrupted.append(corrupt(batch, corruptions, noise, noise=config.noise))
    samples = sum(len(batch.sample_indices) for batch in batches)
    return train_step(model, optimizer, corrupted, config, samples=samples)


def weights(run: Path) -> dict[str, torch.Tensor]:
    return load_file(run / "checkpoints" / "000004" / "trainables.safetensors")


def lines(run: Path) -> list[dict]:
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in record.items() if k != "timing"} for record in records]


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
def test_loss_falls_on_a_repeated_batch(
    straight: TrainReport, samples: list[PairSample], precision: str
) -> None:
    config, encoders, model = loaded(straight.out, precision=precision)
    trainables = model.trainable_parameters().values()
    assert {weight.dtype for weight in trainables} == {torch.float32}
    assert (model.patch_embedding.weight.dtype == torch.bfloat16) == (precision == "bf16")
    batches = [encoders.pairs(samples[:2])]
    optimizer = torch.optim.AdamW(trainables, lr=0.01)
    before = fixed_loss(model, batches, config)
    losses = [stepped(model, optimizer, batches, config).loss for _ in range(8)]
    assert losses[-1] < 0.8 * losses[0]
    assert fixed_loss(model, batches, config) < 0.9 * before


def test_microbatches_change_no_gradient(straight: TrainReport, samples: list[PairSample]) -> None:
    def result_of(*parts: list[PairSample]) -> tuple[float, float]:
        config, encoders, model = loaded(straight.out)
        optimizer = torch.optim.SGD(model.trainable_parameters().values(), lr=0.1)
        result = stepped(model, optimizer, [encoders.pairs(part) for part in parts], config)
        return result.loss, result.grad_norm

    assert result_of(samples) == pytest.approx(result_of(samples[:2], samples[2:]), rel=1e-4)


def test_the_report_agrees_with_the_metrics(straight: TrainReport) -> None:
    assert (straight.steps, straight.resumed_from) == (4, 0)
    records = lines(straight.out)
    losses = [record["loss"] for record in records if "loss" in record]
    assert [record["step"] for record in records] == [0, 1, 2, 2, 3, 4, 4]
    assert (straight.first_loss, straight.last_loss) == (losses[0], losses[-1])
    assert straight.last_fixed_loss < straight.first_fixed_loss
    assert (straight.first_fixed_loss, straight.last_fixed_loss) == (
        records[0]["loss_fixed"],
        records[-1]["loss_fixed"],
    )
    for record in records:
        by_sigma = [error for error in record.get("error_by_sigma", []) if error is not None]
        assert ("loss" not in record) or (0 < len(by_sigma) <= 2 and record["grad_norm"] > 0)


def test_the_exported_model_is_the_base_with_the_trained_weights(straight: TrainReport) -> None:
    model = CamWanTransformer3DModel.from_pretrained(straight.out / "model" / "transformer")
    trained = weights(straight.out)
    assert trained.keys() == model.trainable_parameters().keys()
    base = load_file(straight.out / "base" / "transformer" / "diffusion_pytorch_model.safetensors")
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, trained[name] if name in trained else base[name]), name
    assert any((trained[name] != base[name]).any() for name in trained if name in base)


@pytest.mark.parametrize("last", [1, 3])
def test_interrupted_and_resumed_equals_uninterrupted(
    straight: TrainReport, config_path: Path, tiny_dataset: Path, tmp_path: Path, last: int
) -> None:
    out = tmp_path / "run"
    with pytest.raises(InterruptedRunError):
        train(config_path, data=str(tiny_dataset), out=out, progress=InterruptAfter(last))
    report = train(config_path, data=str(tiny_dataset), out=out)
    assert report.resumed_from == (0 if last < 2 else 2)
    assert lines(out) == lines(straight.out)
    resumed, expected = weights(out), weights(straight.out)
    assert resumed.keys() == expected.keys()
    assert all(torch.equal(resumed[name], expected[name]) for name in expected)


class TerminateAfter(ProgressLine):
    """Sends SIGTERM to this process after one of its steps."""

    def __init__(self, step: int) -> None:
        super().__init__(sys.stderr)
        self._step = step

    def show(self, text: str, *, done: int, total: int) -> None:
        if done == self._step:
            os.kill(os.getpid(), signal.SIGTERM)


def test_a_signal_writes_a_checkpoint(
    straight: TrainReport, config_path: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    with handlers_restored(), pytest.raises(Interrupted, match="SIGTERM"):
        raise_on_signals()
        train(config_path, data=str(tiny_dataset), out=out, progress=TerminateAfter(3))
    assert [path.name for path in checkpoints(out)] == ["000002", "000003"]
    assert train(config_path, data=str(tiny_dataset), out=out).resumed_from == 3
    assert lines(out) == lines(straight.out)
    resumed, expected = weights(out), weights(straight.out)
    assert all(torch.equal(resumed[name], expected[name]) for name in expected)


def test_more_steps_resume_from_the_last(config_path: Path, tiny_dataset: Path, copy: Path) -> None:
    before = lines(copy)
    report = train(config_path, data=str(tiny_dataset), out=copy, steps=6)
    assert (report.steps, report.resumed_from) == (6, 4)
    assert lines(copy)[: len(before)] == before
    losses = [record["loss"] for record in lines(copy) if "loss" in record]
    assert report.first_loss == pytest.approx(sum(losses[:2]) / 2)
    assert report.last_loss == pytest.approx(sum(losses[-2:]) / 2)
    again = train(config_path, data=str(tiny_dataset), out=copy, steps=6)
    assert again == replace(report, resumed_from=6, seconds=again.seconds)
    assert again.lines()[0] == "nothing left to do: the run is at step 6"
    assert report.lines()[0].startswith("trained from step 4 to step 6 in ")


def test_an_incomplete_line_of_metrics_is_deleted(copy: Path) -> None:
    run, before = RunFolder.open(copy), lines(copy)
    with (copy / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "lo')
    run.drop_metrics_after(4)
    assert lines(copy) == before
    run.drop_metrics_after(2)
    assert lines(copy) == before[:4]


def test_partials_of_a_killed_run_are_deleted(config_path: Path, tiny_dataset: Path, copy: Path) -> None:
    info = open_dataset(tiny_dataset).info
    config = with_rate(load_config(config_path), info.fps)
    (copy / ".model.host-1.partial").mkdir()
    (copy / "checkpoints" / ".000006.host-1.partial").mkdir()
    assert [path.name for path in checkpoints(copy)] == ["000002", "000004"]
    RunFolder.prepare(copy, config, info, [])
    assert not list(copy.rglob("*.partial"))


def test_a_start_that_was_killed_is_repeated(config_path: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    config, info = load_config(config_path), open_dataset(tiny_dataset).info
    RunFolder.prepare(tmp_path, config, info, [])
    (tmp_path / "config.toml").rename(tmp_path / ".config.toml.host-1.partial")
    assert RunFolder.prepare(tmp_path, config, info, []).config == config
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "data.json"]


def test_only_the_newest_checkpoints_are_kept(tmp_path: Path) -> None:
    for step in (3, 6, 9, 1200):
        (tmp_path / "checkpoints" / f"{step:06d}").mkdir(parents=True)
    prune_checkpoints(tmp_path, 2)
    assert [path.name for path in checkpoints(tmp_path)] == ["000009", "001200"]


def refusals(config_path: Path, copy: Path, tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    other = tmp_path / "other.toml"
    other.write_text(CONFIG.replace("lr = 0.01", "lr = 0.02"))
    yield "optimizer.lr was 0.01, is 0.02", other, copy
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("mine")
    (foreign / ".letter.partial").write_text("mine")
    yield "not a run folder", config_path, foreign
    yield "cannot be written", config_path, foreign / "letter.txt" / "run"
    yield "cannot be written", config_path, foreign / "letter.txt"
    lost = tmp_path / "lost.toml"
    lost.write_text(CONFIG.replace("[model]", '[model]\nbase = "/no/such/wan"'))
    yield "missing transformer/", lost, tmp_path / "lost"
    unknown = tmp_path / "unknown.toml"
    unknown.write_text(CONFIG.replace('"cpu"', '"abacus"'))
    yield "abacus", unknown, tmp_path / "unknown"
    long = tmp_path / "long.toml"
    long.write_text(CONFIG.replace("frames = 5", "frames = 25"))
    yield "25 frames", long, tmp_path / "long"


def test_invalid_runs_are_refused(config_path: Path, tiny_dataset: Path, copy: Path, tmp_path: Path) -> None:
    for what, path, out in refusals(config_path, copy, tmp_path):
        with pytest.raises(InputError) as caught:
            train(path, data=str(tiny_dataset), out=out)
        assert what in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "long").exists()
    assert (tmp_path / "foreign" / ".letter.partial").exists()


def test_a_missing_data_set_is_one_line(config_path: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    result = CliRunner().invoke(app, ["train", str(config_path), "--data", "nowhere", "--out", str(out)])
    (line,) = result.stderr.strip().splitlines()
    assert result.exit_code == 2 and line.startswith("multitake: nowhere")
    assert not out.exists()


def test_another_data_set_is_refused(config_path: Path, tiny_dataset: Path, copy: Path) -> None:
    about = copy / "data.json"
    about.write_text(about.read_text().replace("b" * 64, "a" * 64))
    with pytest.raises(InputError, match="the data set is another one"):
        train(config_path, data=str(tiny_dataset), out=copy)


def test_a_run_is_tied_to_the_takes_it_began_with(
    config_path: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    data, out = tmp_path / "data", tmp_path / "run"
    shutil.copytree(tiny_dataset, data)
    last = data / "index/00001.parquet"
    aside = last.rename(tmp_path / "aside")
    train(config_path, data=str(data), out=out, steps=1)
    began = json.loads((out / "data.json").read_text())["takes"]
    aside.rename(last)
    arguments = ["train", str(config_path), "--data", str(data), "--out", str(out), "--steps", "2"]
    result = CliRunner().invoke(app, arguments)
    (line,) = result.stderr.strip().splitlines()
    assert result.exit_code == 2 and "other takes than the stream was started with: 3, not 2" in line
    train(config_path, data=str(data), out=out, steps=2, changed_takes="keep")
    assert json.loads((out / "data.json").read_text())["takes"] == began
    train(config_path, data=str(data), out=out, steps=3, changed_takes="use")
    train(config_path, data=str(data), out=out, steps=4)
    assert [one["takes"] for one in json.loads((out / "data.json").read_text())["takes"]] == [3]


GARBAGE = [b"", b"{", b"[]", b"\xff", b"3", b"[" * 100_000]


@pytest.mark.parametrize("name", ["trainables.safetensors", "optimizer.safetensors", "progress.json"])
@pytest.mark.parametrize("content", GARBAGE)
def test_a_damaged_checkpoint_is_named(
    model: CamWanTransformer3DModel, copy: Path, name: str, content: bytes
) -> None:
    folder = copy / "checkpoints" / "000004"
    (folder / name).write_bytes(content)
    with pytest.raises(InputError, match=r"000004.*delete that checkpoint folder"):
        load_checkpoint(folder, model.trainable_parameters())


@pytest.mark.parametrize("name", ["trainables.safetensors", "optimizer.safetensors", "progress.json"])
def test_every_flipped_bit_of_a_checkpoint_is_found(
    model: CamWanTransformer3DModel, copy: Path, name: str
) -> None:
    path = copy / "checkpoints" / "000004" / name
    content = path.read_bytes()
    for place in rng_for(0, name).integers(0, len(content), 10):
        bit = rng_for(0, name, int(place)).integers(8)
        flipped = content[:place] + bytes([content[place] ^ (1 << bit)]) + content[place + 1 :]
        path.write_bytes(flipped)
        with pytest.raises(InputError, match="000004"):
            load_checkpoint(path.parent, model.trainable_parameters())


@pytest.mark.parametrize("name", ["trainables.safetensors", "optimizer.safetensors", "progress.json"])
def test_a_missing_file_of_a_checkpoint_is_named(
    model: CamWanTransformer3DModel, copy: Path, name: str
) -> None:
    path = copy / "checkpoints" / "000004" / name
    path.unlink()
    with pytest.raises(InputError) as caught:
        load_checkpoint(path.parent, model.trainable_parameters())
    assert caught.value.where == str(path) and caught.value.__cause__ is not caught.value


def resealed(folder: Path, name: str, change: Callable[[dict[str, torch.Tensor]], None]) -> None:
    """Change the tensors of a checkpoint's file, and its digest."""
    tensors = load_file(folder / name)
    change(tensors)
    save_file(tensors, folder / name)
    progress = json.loads((folder / "progress.json").read_text())
    progress["sha256"][name] = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    (folder / "progress.json").write_text(json.dumps(progress))


CHANGES: dict[str, Callable[[dict[str, torch.Tensor], str], object]] = {
    "nan": lambda tensors, key: tensors[key].fill_(math.nan),
    "int8": lambda tensors, key: tensors.update({key: tensors[key].to(torch.int8)}),
    "missing": lambda tensors, key: tensors.pop(key),
    "unknown": lambda tensors, key: tensors.update(odd=torch.zeros(1)),
    "shape": lambda tensors, key: tensors.update({key: tensors[key][None].clone()}),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", ["trainables.safetensors", "optimizer.safetensors"])
def test_unusable_weights_and_moments_are_refused(
    model: CamWanTransformer3DModel, copy: Path, name: str, change: str
) -> None:
    folder, trainables = copy / "checkpoints" / "000004", model.trainable_parameters()
    resealed(folder, name, lambda tensors: CHANGES[change](tensors, sorted(tensors)[0]))
    with pytest.raises(InputError, match="000004"):
        load_checkpoint(folder, trainables, torch.optim.AdamW(trainables.values()))


def test_a_string_as_step_is_refused(model: CamWanTransformer3DModel, copy: Path) -> None:
    path = copy / "checkpoints" / "000004" / "progress.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "step": "4"}))
    with pytest.raises(InputError, match="it is of step '4'"):
        load_checkpoint(path.parent, model.trainable_parameters())


@pytest.mark.parametrize("content", [*GARBAGE[1:], b'{"step": "1"}', b'{"step": 1, "loss": "low"}', b"NaN"])
def test_damaged_metrics_are_one_line(copy: Path, content: bytes) -> None:
    (copy / "metrics.jsonl").write_bytes(content + b"\n")
    with pytest.raises(InputError, match=r"metrics\.jsonl: cannot be read") as caught:
        RunFolder.open(copy).drop_metrics_after(4)
    assert "\n" not in str(caught.value)


def test_metrics_may_be_deleted(config_path: Path, tiny_dataset: Path, copy: Path) -> None:
    (copy / "metrics.jsonl").write_text("")
    report = train(config_path, data=str(tiny_dataset), out=copy)
    assert report.steps == report.resumed_from == 4 and math.isnan(report.first_loss)


@pytest.mark.parametrize("content", GARBAGE)
def test_a_damaged_identity_of_the_data_is_one_line(
    config_path: Path, tiny_dataset: Path, copy: Path, content: bytes
) -> None:
    info = open_dataset(tiny_dataset).info
    config = with_rate(load_config(config_path), info.fps)
    (copy / "data.json").write_bytes(content)
    with pytest.raises(InputError, match=r"data\.json: cannot be read|contains another run"):
        RunFolder.prepare(copy, config, info, [])


def base_damages() -> Iterator[tuple[str, Callable[[Path], object]]]:
    for part in ("transformer", "vae", "text_encoder"):

        def weights_of(base: Path, part: str = part) -> Path:
            return next((base / part).glob("*.safetensors"))

        def changed(base: Path, change: str, find: Callable[[Path], Path] = weights_of) -> None:
            tensors = load_file(find(base))
            CHANGES[change](tensors, sorted(tensors)[0])
            save_file(tensors, find(base), metadata={"format": "pt"})

        yield f"{part} config", lambda base, part=part: (base / part / "config.json").write_text("{")
        yield f"{part} cut", lambda base, find=weights_of: os.truncate(find(base), 1000)
        yield f"{part} gone", lambda base, part=part: shutil.rmtree(base / part)
        for change in CHANGES:
            yield f"{part} {change}", lambda base, change=change, changed=changed: changed(base, change)
    yield "tokenizer", lambda base: (base / "tokenizer" / "tokenizer.json").write_text("{}")
    yield "large text", lambda base: os.truncate(base / "tokenizer" / "tokenizer.json", 10**8)
    yield "padding", lambda base: (base / "tokenizer" / "tokenizer_config.json").unlink()


@pytest.mark.parametrize("damage", [pytest.param(one, id=name) for name, one in base_damages()])
def test_a_damaged_base_model_is_one_line(
    config_path: Path, copy: Path, damage: Callable[[Path], object], capfd: pytest.CaptureFixture[str]
) -> None:
    damage(copy / "base")
    with pytest.raises(InputError, match=r"base: damaged base model|config\.json: cannot be read") as caught:
        load_models(copy / "base", load_config(config_path), torch.device("cpu"))
    assert "\n" not in str(caught.value) and capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["transformer/config.json", "vae/diffusion_pytorch_model.safetensors"])
def test_a_base_model_that_never_answers_is_one_line(config_path: Path, copy: Path, name: str) -> None:
    (copy / "base" / name).unlink()
    os.mkfifo(copy / "base" / name)
    with pytest.raises(InputError, match=rf"base/{name}: cannot be read \(not a regular file\)"):
        load_models(copy / "base", load_config(config_path), torch.device("cpu"))


def changed_json(path: Path, **changes: object) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


@pytest.mark.parametrize(
    ("part", "changes", "what"),
    [
        ("transformer", {"image_dim": 1280}, "is conditioned on images"),
        ("transformer", {"added_kv_proj_dim": 64}, "is conditioned on images"),
        ("transformer", {"in_channels": 36}, "has 36 and 16 channels"),
        ("transformer", {"in_channels": 48, "out_channels": 48}, "has 48 and 16 channels"),
        ("vae", {"z_dim": 48}, "has 16 and 48 channels"),
        ("transformer", {"_class_name": "WanVACETransformer3DModel"}, "is a WanVACETransformer3DModel"),
    ],
)
def test_a_base_model_that_is_no_wan_2_1_t2v_is_refused(
    config_path: Path, copy: Path, part: str, changes: dict, what: str
) -> None:
    changed_json(copy / "base" / part / "config.json", **changes)
    with pytest.raises(InputError, match=rf"base: not Wan2\.1 T2V: .*{what}"):
        load_models(copy / "base", load_config(config_path), torch.device("cpu"))


def test_a_base_model_of_two_transformers_is_refused(config_path: Path, copy: Path) -> None:
    (copy / "base" / "transformer_2").mkdir()
    with pytest.raises(InputError, match="two transformers"):
        load_models(copy / "base", load_config(config_path), torch.device("cpu"))


def test_a_run_is_tied_to_the_content_of_its_base_model(
    straight: TrainReport, tiny_dataset: Path, tmp_path: Path
) -> None:
    base, out, config = tmp_path / "wan", tmp_path / "run", tmp_path / "train.toml"
    shutil.copytree(straight.out / "base", base)
    config.write_text(CONFIG.replace("[model]", '[model]\nbase = "wan"'))
    train(config, data=str(tiny_dataset), out=out, steps=1)
    base.rename(tmp_path / "moved")
    config.write_text(CONFIG.replace("[model]", '[model]\nbase = "moved"'))
    assert train(config, data=str(tiny_dataset), out=out, steps=2).resumed_from == 1
    path = next((tmp_path / "moved" / "vae").glob("*.safetensors"))
    tensors = load_file(path)
    save_file({name: 2 * tensor for name, tensor in tensors.items()}, path, metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"run: .*began with another base model"):
        train(config, data=str(tiny_dataset), out=out, steps=3)


def test_a_second_run_in_a_folder_is_refused(config_path: Path, tiny_dataset: Path, copy: Path) -> None:
    before = lines(copy)
    with (
        locked_folder(copy, result="config.toml"),
        pytest.raises(InputError, match=r"copy: another run writes this folder"),
    ):
        train(config_path, data=str(tiny_dataset), out=copy, steps=5)
    assert lines(copy) == before
    assert train(config_path, data=str(tiny_dataset), out=copy, steps=5).steps == 5


def test_the_size_of_microbatches_may_change_when_a_run_is_resumed(
    straight: TrainReport, tiny_dataset: Path, tmp_path: Path
) -> None:
    config = tmp_path / "train.toml"
    config.write_text(CONFIG)
    train(config, data=str(tiny_dataset), out=tmp_path / "run", steps=2)
    config.write_text(
        CONFIG.replace("microbatch_size = 1", "microbatch_size = 2\ngradient_checkpointing = true")
    )
    assert train(config, data=str(tiny_dataset), out=tmp_path / "run").resumed_from == 2
    resumed, expected = weights(tmp_path / "run"), weights(straight.out)
    for name in expected:
        torch.testing.assert_close(resumed[name], expected[name], rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_sample_that_cannot_be_read_is_one_line(tiny_dataset: Path, tmp_path: Path, workers: int) -> None:
    data, config = tmp_path / "data", tmp_path / "train.toml"
    shutil.copytree(tiny_dataset, data)
    config.write_text(CONFIG.replace("loader_workers = 0", f"loader_workers = {workers}"))
    for path in (data / "shards").iterdir():
        os.truncate(path, 5000)
    arguments = ["train", str(config), "--data", str(data), "--out", str(tmp_path / "run")]
    result = subprocess.run(
        [sys.executable, "-m", "multitake", *arguments], capture_output=True, text=True, timeout=120
    )
    (line,) = result.stderr.splitlines()
    assert result.returncode == 2 and "the shard is truncated" in line


def test_a_disk_that_is_full_while_saving_leaves_the_last_checkpoint(
    straight: TrainReport, config_path: Path, tiny_dataset: Path, tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(path.stat().st_size for path in straight.out.rglob("*") if path.is_file())
    one = sum(path.stat().st_size for path in (straight.out / "checkpoints/000004").iterdir())
    model = sum(path.stat().st_size for path in straight.out.glob("model/*/*"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size - model - one // 2}", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("file systems can be mounted by root only")
    try:
        arguments = ["train", str(config_path), "--data", str(tiny_dataset), "--out", str(disk / "run")]
        result = subprocess.run(
            [sys.executable, "-m", "multitake", *arguments], capture_output=True, text=True, timeout=120
        )
        (line,) = result.stderr.splitlines()
        assert result.returncode == 1
        assert "checkpoints/000004: cannot be written (No space left on device)" in line
        (saved,) = checkpoints(disk / "run")
        assert load_checkpoint(saved, loaded(disk / "run")[2].trainable_parameters()) == 2
    finally:
        subprocess.run(["umount", str(disk)], check=True)


def test_noise_is_made_in_another_thread(
    straight: TrainReport, tiny_dataset: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, encoders, _ = loaded(straight.out, batch_size=3, microbatch_size=2)
    threads = set()

    def noted(*arguments, **options):
        threads.add(threading.current_thread())
        return pair_noise(*arguments, **options)

    monkeypatch.setattr("training.batches.pair_noise", noted)
    stream = PairStream(tiny_dataset, pair_settings(config, 15.0))
    with contextlib.closing(microbatches(stream.starting_at(3), config, encoders, Stopwatch())) as batches:
        found = list(islice(batches, 4))
    assert threads and threading.main_thread() not in threads
    for indices, batch in zip([(3, 4), (5,), (6, 7), (8,)], found, strict=True):
        encoded = encoders.pairs([stream.sample(index) for index in indices])
        corruptions = [sample_corruption(config.noise, seed=config.seed, sample_index=i) for i in indices]
        eps = pair_noise(indices, tuple(encoded.target_latents.shape[1:]), seed=config.seed)
        wanted = corrupt(encoded, corruptions, eps, noise=config.noise)
        assert torch.equal(batch.noisy_latents, wanted.noisy_latents)
        assert torch.equal(batch.conditions.source_latents, wanted.conditions.source_latents)


def test_samples_without_text_have_the_empty_caption(straight: TrainReport, tiny_dataset: Path) -> None:
    config, encoders, _ = loaded(straight.out)
    config = replace(config, noise=replace(config.noise, no_text_share=0.5))
    stream = PairStream(tiny_dataset, pair_settings(config, 15.0))
    with contextlib.closing(microbatches(stream, config, encoders, Stopwatch())) as batches:
        texts = torch.cat([batch.conditions.text for batch in islice(batches, 16)])
    hidden = {index for index in range(16) if torch.equal(texts[index], encoders.texts([""])[0])}
    assert 0 < len(hidden) < 16
    assert hidden == {
        index
        for index in range(16)
        if not sample_corruption(config.noise, seed=config.seed, sample_index=index).has_text
    }


def test_all_weights_can_be_trained(tiny_dataset: Path, tmp_path: Path) -> None:
    config = tmp_path / "all.toml"
    text = CONFIG.replace("[model]", '[model]\ntrained = "all"').replace(
        "[optimizer]", "[optimizer]\ngrad_clip = 0.0"
    )
    config.write_text(text.replace('"fp32"', '"bf16"'))
    train(config, data=str(tiny_dataset), out=tmp_path / "run", steps=2)
    assert train(config, data=str(tiny_dataset), out=tmp_path / "run").resumed_from == 2
    trained = weights(tmp_path / "run")
    base = load_file(tmp_path / "run/base/transformer/diffusion_pytorch_model.safetensors")
    changed = {name for name in base if not torch.equal(trained[name], base[name])}
    assert base.keys() <= trained.keys() and "patch_embedding.weight" in changed
    assert all(weight.dtype == torch.float32 for weight in trained.values())
    assert len(changed) > 0.9 * len(base)


def test_a_run_names_its_frame_rate(straight: TrainReport, tiny_dataset: Path, tmp_path: Path) -> None:
    assert load_config(straight.out / "config.toml").window.fps == 15.0
    config = tmp_path / "train.toml"
    config.write_text(CONFIG.replace("[window]", "[window]\nfps = 5.0"))
    train(config, data=str(tiny_dataset), out=tmp_path / "run", steps=1)
    settings = pair_settings(load_config(tmp_path / "run/config.toml"), 15.0)
    assert settings.strides == (3,)
    config.write_text(CONFIG.replace("[window]", "[window]\nfps = 10.0"))
    with pytest.raises(InputError, match=r"window\.fps: 10 frames per second of a data set with 15"):
        train(config, data=str(tiny_dataset), out=tmp_path / "other", steps=1)
    assert not (tmp_path / "other").exists()


def test_the_policy_of_a_config_is_that_of_the_stream(tiny_dataset: Path, tmp_path: Path) -> None:
    policies = {
        '"uniform"': UniformPairs(),
        '"moving"': MovingPairs(),
        '"adjacent"': AdjacentPairs(),
        '"weighted"\nweights = { arc = 2.0 }': WeightedPairs(weights={"arc": 2.0}),
    }
    config = tmp_path / "train.toml"
    for text, policy in policies.items():
        config.write_text(CONFIG + f"[pairs]\npolicy = {text}\n")
        assert pair_settings(load_config(config), 15.0).policy == policy


def test_weights_that_are_lost_reach_no_checkpoint(tiny_dataset: Path, tmp_path: Path) -> None:
    wild = tmp_path / "wild.toml"
    wild.write_text(CONFIG.replace("lr = 0.01", "lr = 1e30"))
    with pytest.raises(InputError, match="the fixed loss is nan at step 2"):
        train(wild, data=str(tiny_dataset), out=tmp_path / "run")
    assert checkpoints(tmp_path / "run") == []


def plant_gradients(monkeypatch: pytest.MonkeyPatch, value: float, steps: range) -> None:
    """Put a value that is not finite into one gradient of each of these steps."""
    made = 0

    def planted(gradient: torch.Tensor) -> torch.Tensor:
        nonlocal made
        made += 1
        changed = gradient.clone()
        # Two microbatches in each step.
        if (made - 1) // 2 + 1 in steps and made % 2:
            changed.view(-1)[-1] = value
        return changed

    def load(*arguments):
        encoders, model = load_models(*arguments)
        next(reversed(model.trainable_parameters().values())).register_hook(planted)
        return encoders, model

    monkeypatch.setattr("training.loop.load_models", load)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_step_with_a_gradient_that_is_not_finite_changes_nothing(
    straight: TrainReport, samples: list[PairSample], value: float
) -> None:
    def trained(*, is_planted: bool) -> tuple[list[bool], dict[str, torch.Tensor], list]:
        config, encoders, model = loaded(straight.out)
        trainables = model.trainable_parameters()
        optimizer = torch.optim.AdamW(trainables.values(), lr=0.01)
        batches = [encoders.pairs(samples[:2])]
        skipped = [stepped(model, optimizer, batches, config).skipped]
        if is_planted:
            weight = next(iter(trainables.values()))
            handle = weight.register_hook(lambda gradient: torch.full_like(gradient, value))
            skipped += [stepped(model, optimizer, batches, config).skipped]
            handle.remove()
        skipped += [stepped(model, optimizer, batches, config).skipped]
        moments = [state for one in optimizer.state.values() for state in one.values()]
        return skipped, dict(trainables), moments

    skipped, kept, moments = trained(is_planted=True)
    assert skipped == [False, True, False]
    _, wanted, wanted_moments = trained(is_planted=False)
    assert all(torch.equal(kept[name], wanted[name]) for name in wanted)
    assert all(map(torch.equal, moments, wanted_moments))


@pytest.mark.parametrize("step", [1, 2])
def test_a_skipped_step_reaches_no_checkpoint_and_the_run_resumes(
    config_path: Path, tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    plant_gradients(monkeypatch, math.nan, range(step, step + 1))
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    report = train(config_path, data=str(tiny_dataset), out=whole)
    assert report.skipped == 1 and math.isfinite(report.first_loss)
    assert "1 step skipped: gradients were not finite" in report.lines()
    assert [line["step"] for line in lines(whole) if line.get("skipped")] == [step]
    assert all(tensor.isfinite().all() for tensor in weights(whole).values())
    plant_gradients(monkeypatch, math.nan, range(step, step + 1))
    train(config_path, data=str(tiny_dataset), out=halves, steps=2)
    monkeypatch.undo()
    train(config_path, data=str(tiny_dataset), out=halves, steps=4)
    got, wanted = weights(halves), weights(whole)
    assert all(torch.equal(got[name], wanted[name]) for name in wanted)


@pytest.mark.parametrize(("first", "named"), [(1, "there is no checkpoint"), (4, "checkpoints/000004")])
def test_steps_that_are_skipped_in_a_row_stop_the_run(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int, named: str
) -> None:
    config = tmp_path / "long.toml"
    config.write_text(CONFIG.replace("checkpoint_every = 2", "checkpoint_every = 4"))
    plant_gradients(monkeypatch, math.nan, range(first, 99))
    with pytest.raises(InputError, match=rf"3 steps in a row are not finite, .*{named}") as caught:
        train(config, data=str(tiny_dataset), out=tmp_path / "run", steps=12)
    assert "\n" not in str(caught.value) and len(lines(tmp_path / "run")) == first + 2 + 1 + (first == 4)
    for saved in checkpoints(tmp_path / "run"):
        load_checkpoint(saved, loaded(tmp_path / "run")[2].trainable_parameters())


def test_too_little_memory_is_one_line(
    config_path: Path, tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise torch.OutOfMemoryError("CUDA out of memory")

    def load(*arguments):
        encoders, model = load_models(*arguments)
        model.blocks[-1].register_forward_pre_hook(full)
        return encoders, model

    monkeypatch.setattr("training.loop.load_models", load)
    with pytest.raises(RunError, match="device cpu: its memory is not enough; lower microbatch_size"):
        train(config_path, data=str(tiny_dataset), out=tmp_path / "run")


def test_a_first_step_that_is_skipped_can_be_saved(
    tiny_dataset: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "each.toml"
    config.write_text(CONFIG.replace("checkpoint_every = 2", "checkpoint_every = 1"))
    plant_gradients(monkeypatch, math.nan, range(1, 2))
    train(config, data=str(tiny_dataset), out=tmp_path / "run", steps=1)
    monkeypatch.undo()
    report = train(config, data=str(tiny_dataset), out=tmp_path / "run", steps=2)
    assert (report.resumed_from, report.steps, report.skipped) == (1, 2, 1)


def test_steps_are_shown_on_a_terminal(
    config_path: Path, tiny_dataset: Path, copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    reading_end, terminal = os.openpty()
    with os.fdopen(terminal, "w") as stream, ProgressLine(stream) as line:
        train(config_path, data=str(tiny_dataset), out=copy, steps=5, progress=line)
    shown = b""
    # Reading from a closed terminal ends with an error.
    with os.fdopen(reading_end, "rb", buffering=0) as output, contextlib.suppress(OSError):
        while part := output.read(4096):
            shown += part
    loss = next(record["loss"] for record in lines(copy) if record["step"] == 5)
    assert f"step 5 of 5 | loss {loss:.3f} |" in shown.decode()
