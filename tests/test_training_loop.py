"""The loop: it learns, it resumes exactly, and it never mixes two runs."""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from multitake.errors import InputError
from shards import open_dataset
from shards.streaming import PairStream
from training.checkpoint import newest_checkpoint, prune_checkpoints
from training.config import Config, load_config
from training.loop import TrainReport, fixed_loss, train, train_step
from training.models.recammaster import CamWanTransformer3DModel, trainable_parameters
from training.progress import StepLine
from training.run_folder import RunFolder

# Operations are too small here to share between cores.
torch.set_num_threads(1)

ORDER = """
seed = 3
steps = 6
batch_size = 2
microbatch_size = 1
checkpoint_every = 3
loader_workers = 0
device = "cpu"
precision = "fp32"
[model]
text_tokens = 8
[window]
frames = 9
width_px = 48
height_px = 32
[optimizer]
lr = 0.01
"""


class StoppedError(Exception):
    pass


def stop_at(last: int):
    def progress(step: int, steps: int, loss: float) -> None:
        if step == last:
            raise StoppedError

    return progress


@pytest.fixture(scope="module")
def order(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("order") / "train.toml"
    path.write_text(ORDER)
    return path


@pytest.fixture(scope="module")
def straight(order: Path, tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> TrainReport:
    return train(order, data=str(tiny_dataset), out=tmp_path_factory.mktemp("runs") / "straight")


@pytest.fixture
def copy(straight: TrainReport, tmp_path: Path) -> Path:
    return Path(shutil.copytree(straight.out, tmp_path / "copy"))


def weights(run: Path) -> dict[str, torch.Tensor]:
    return load_file(run / "checkpoints" / "000006" / "trainables.safetensors")


def lines(run: Path) -> list[dict]:
    records = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in record.items() if k != "seconds"} for record in records]


def test_loss_falls_on_a_repeated_batch(order: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    config = load_config(order)
    run = RunFolder(path=tmp_path, config=config)
    encoders, model = run.encoders(), run.transformer()
    stream = PairStream(tiny_dataset, seed=3, frames=9, size_px=(48, 32))
    batches = [encoders.pairs([stream.sample(0), stream.sample(1)])]
    optimizer = torch.optim.AdamW(trainable_parameters(model).values(), lr=config.optimizer.lr)
    before = fixed_loss(model, batches, config)
    losses = [train_step(model, optimizer, batches, config).loss for _ in range(12)]
    assert losses[-1] < 0.8 * losses[0]
    assert fixed_loss(model, batches, config) < 0.9 * before


def test_microbatches_change_no_gradient(order: Path, tiny_dataset: Path, tmp_path: Path) -> None:
    config = load_config(order)
    run = RunFolder(path=tmp_path, config=config)
    encoders = run.encoders()
    stream = PairStream(tiny_dataset, seed=3, frames=9, size_px=(48, 32))
    samples = [stream.sample(index) for index in range(3)]

    def stepped(sizes: tuple[int, ...]) -> tuple[float, float]:
        model, left = run.transformer(), iter(samples)
        batches = [encoders.pairs([next(left) for _ in range(size)]) for size in sizes]
        optimizer = torch.optim.SGD(trainable_parameters(model).values(), lr=0.1)
        result = train_step(model, optimizer, batches, config)
        return result.loss, result.grad_norm

    assert stepped((3,)) == pytest.approx(stepped((2, 1)), rel=1e-4)


def test_the_report_and_the_folder_tell_how_it_went(straight: TrainReport) -> None:
    assert (straight.steps, straight.resumed_from) == (6, 0)
    records = lines(straight.out)
    losses = [record["loss"] for record in records if "loss" in record]
    assert [record["step"] for record in records] == [0, 1, 2, 3, 3, 4, 5, 6, 6]
    assert straight.first_loss == pytest.approx(sum(losses[:2]) / 2)
    assert straight.last_loss == pytest.approx(sum(losses[-2:]) / 2)
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
    assert trained.keys() == trainable_parameters(model).keys()
    base = load_file(straight.out / "base" / "transformer" / "diffusion_pytorch_model.safetensors")
    for name, weight in model.state_dict().items():
        assert torch.equal(weight, trained[name] if name in trained else base[name]), name
    assert any((trained[name] != base[name]).any() for name in trained if name in base)


@pytest.mark.parametrize("last", [2, 5])
def test_interrupted_and_resumed_equals_straight(
    straight: TrainReport, order: Path, tiny_dataset: Path, tmp_path: Path, last: int
) -> None:
    out = tmp_path / "run"
    with pytest.raises(StoppedError):
        train(order, data=str(tiny_dataset), out=out, progress=stop_at(last))
    report = train(order, data=str(tiny_dataset), out=out)
    assert report.resumed_from == (0 if last < 3 else 3)
    assert lines(out) == lines(straight.out)
    resumed, expected = weights(out), weights(straight.out)
    assert resumed.keys() == expected.keys()
    assert all(torch.equal(resumed[name], expected[name]) for name in expected)


def test_more_steps_go_on_from_the_last(order: Path, tiny_dataset: Path, copy: Path) -> None:
    before = lines(copy)
    report = train(order, data=str(tiny_dataset), out=copy, steps=7)
    assert (report.steps, report.resumed_from) == (7, 6)
    assert lines(copy)[: len(before)] == before
    again = train(order, data=str(tiny_dataset), out=copy, steps=7)
    assert again == replace(report, resumed_from=7, seconds=again.seconds)
    assert again.lines()[0] == "nothing left to do: the run is at step 7"
    assert report.lines()[0].startswith("trained from step 6 to step 7 in ")


def test_a_line_that_was_cut_short_is_no_obstacle(order: Path, tiny_dataset: Path, copy: Path) -> None:
    before = lines(copy)
    with (copy / "metrics.jsonl").open("a") as file:
        file.write('{"step": 7, "lo')
    assert train(order, data=str(tiny_dataset), out=copy).steps == 6
    assert lines(copy) == before


def test_a_start_that_was_cut_short_is_no_obstacle(tmp_path: Path, order: Path, tiny_dataset: Path) -> None:
    config, info = load_config(order), open_dataset(tiny_dataset).info
    RunFolder.prepare(tmp_path, config, info)
    (tmp_path / "config.toml").rename(tmp_path / ".config.toml.partial")
    assert RunFolder.prepare(tmp_path, config, info).config == config
    assert (tmp_path / "config.toml").exists()


def test_only_the_newest_checkpoints_are_kept(tmp_path: Path) -> None:
    for step in (3, 6, 9, 1200):
        (tmp_path / "checkpoints" / f"{step:06d}").mkdir(parents=True)
    (tmp_path / "checkpoints" / ".000012.partial").mkdir()
    prune_checkpoints(tmp_path, 2)
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == [
        ".000012.partial",
        "000009",
        "001200",
    ]


def test_a_half_written_checkpoint_is_not_seen(copy: Path) -> None:
    (copy / "checkpoints" / ".000009.partial").mkdir()
    assert newest_checkpoint(copy) == copy / "checkpoints" / "000006"


def refusals(order: Path, copy: Path, tmp_path: Path) -> Iterator[tuple[str, Path, Path]]:
    other = tmp_path / "other.toml"
    other.write_text(ORDER.replace("lr = 0.01", "lr = 0.02"))
    yield "optimizer.lr was 0.01, is 0.02", other, copy
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "letter.txt").write_text("mine")
    yield "holds no run", order, foreign
    yield "cannot be written", order, foreign / "letter.txt" / "run"
    yield "cannot be written", order, foreign / "letter.txt"
    lost = tmp_path / "lost.toml"
    lost.write_text(ORDER.replace("[model]", '[model]\nbase = "/no/such/wan"'))
    yield "has no transformer/", lost, tmp_path / "lost"
    unknown = tmp_path / "unknown.toml"
    unknown.write_text(ORDER.replace('"cpu"', '"abacus"'))
    yield "abacus", unknown, tmp_path / "unknown"
    long = tmp_path / "long.toml"
    long.write_text(ORDER.replace("frames = 9", "frames = 25"))
    yield "25 frames", long, tmp_path / "long"


def test_bad_runs_are_refused(order: Path, tiny_dataset: Path, copy: Path, tmp_path: Path) -> None:
    for what, path, out in refusals(order, copy, tmp_path):
        with pytest.raises(InputError) as caught:
            train(path, data=str(tiny_dataset), out=out)
        assert what in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "long").exists()


def test_another_data_set_is_refused(order: Path, tiny_dataset: Path, copy: Path) -> None:
    about = copy / "data.json"
    about.write_text(about.read_text().replace("b" * 64, "a" * 64))
    with pytest.raises(InputError, match="the data set is another one"):
        train(order, data=str(tiny_dataset), out=copy)


@pytest.mark.parametrize("name", ["trainables.safetensors", "optimizer.safetensors", "progress.json"])
def test_a_damaged_checkpoint_is_named(order: Path, tiny_dataset: Path, copy: Path, name: str) -> None:
    (copy / "checkpoints" / "000006" / name).write_bytes(b"{")
    with pytest.raises(InputError, match="000006"):
        train(order, data=str(tiny_dataset), out=copy, steps=7)


def test_a_loss_that_is_no_number_stops_the_run(tiny_dataset: Path, tmp_path: Path) -> None:
    wild = tmp_path / "wild.toml"
    wild.write_text(ORDER.replace("lr = 0.01", "lr = 1e30"))
    with pytest.raises(InputError, match="the loss is nan at step"):
        train(wild, data=str(tiny_dataset), out=tmp_path / "run")


def test_the_step_line_shows_only_on_a_terminal(tmp_path: Path) -> None:
    reading_end, terminal = os.openpty()
    for stream in (os.fdopen(terminal, "w"), (tmp_path / "log").open("w")):
        with stream, StepLine(stream) as line:
            line(1, 10, 2.5)
            line(2, 10, 2.25)
            stream.flush()
            if stream.isatty():
                shown = os.read(reading_end, 4096).decode()
    os.close(reading_end)
    assert "step 2 of 10 | loss 2.250 | 0 s left" in shown
    assert (tmp_path / "log").read_text() == ""


def test_bf16_trains_float32_weights(tiny_dataset: Path, tmp_path: Path) -> None:
    config = replace(
        Config(),
        seed=3,
        device="cpu",
        precision="bf16",
        model=replace(Config().model, text_tokens=8),
    )
    run = RunFolder(path=tmp_path, config=config)
    encoders, model = run.encoders(), run.transformer()
    stream = PairStream(tiny_dataset, seed=3, frames=9, size_px=(48, 32))
    trainables = trainable_parameters(model)
    optimizer = torch.optim.AdamW(trainables.values(), lr=0.01)
    assert {weight.dtype for weight in trainables.values()} == {torch.float32}
    assert model.patch_embedding.weight.dtype == torch.bfloat16
    batches = [encoders.pairs([stream.sample(0)])]
    before = fixed_loss(model, batches, config)
    for _ in range(5):
        train_step(model, optimizer, batches, config)
    assert fixed_loss(model, batches, config) < before
