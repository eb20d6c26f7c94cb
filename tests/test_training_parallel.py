"""Several processes train one model: as one process would, whatever their number."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from training.checkpoint import checkpoints
from training.loop import train

CONFIG = """
seed = 3
steps = 10
batch_size = 6
microbatch_size = 2
checkpoint_every = 5
loader_workers = 0
device = "cpu"
precision = "fp32"
parallel = "{parallel}"
[model]
text_tokens = 8
[window]
frames = 5
width_px = 48
height_px = 32
[optimizer]
lr = 0.01
average_decay = 0.9
"""


def started(command: list[str], *, processes: int) -> subprocess.Popen[str]:
    """torchrun, as a user starts it."""
    torchrun = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", str(processes)]
    return subprocess.Popen(
        [sys.executable, *torchrun, *command],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def train_each(runs: dict[Path, int], dataset: Path, *, processes: int) -> None:
    """Train runs to their steps."""
    script = Path(__file__).with_name("train_each.py")
    command = [str(script), str(dataset), *(f"{folder}:{steps}" for folder, steps in runs.items())]
    process = started(command, processes=processes)
    _, errors = process.communicate(timeout=240)
    assert process.returncode == 0, errors


def folder_with(parallel: str, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "train.toml").write_text(CONFIG.format(parallel=parallel))
    return folder


def losses(folder: Path) -> list[float]:
    """The losses of all steps, and the fixed losses."""
    lines = [json.loads(line) for line in (folder / "run" / "metrics.jsonl").read_text().splitlines()]
    return [line[name] for name in ("loss", "loss_fixed") for line in lines if name in line]


def averages(folder: Path) -> dict[str, torch.Tensor]:
    return load_file(checkpoints(folder / "run")[-1] / "average.safetensors")


@pytest.fixture(scope="module")
def alone(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of one process."""
    folder = folder_with("replicated", tmp_path_factory.mktemp("alone"))
    train(folder / "train.toml", data=str(tiny_dataset), out=folder / "run")
    return folder


@pytest.fixture(scope="module")
def of_two(tiny_dataset: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Runs of two processes to step 10, and one to step 5."""
    parent = tmp_path_factory.mktemp("of_two")
    folders = {
        "replicated": folder_with("replicated", parent / "replicated"),
        "sharded": folder_with("sharded", parent / "sharded"),
        "half": folder_with("sharded", parent / "half"),
    }
    steps = {folder: 5 if name == "half" else 10 for name, folder in folders.items()}
    train_each(steps, tiny_dataset, processes=2)
    return folders


@pytest.mark.parametrize("parallel", ["replicated", "sharded"])
def test_two_processes_equal_one(parallel: str, alone: Path, of_two: dict[str, Path]) -> None:
    folder = of_two[parallel]

    assert losses(folder) == pytest.approx(losses(alone), rel=1e-5)
    for name, weight in averages(alone).items():
        torch.testing.assert_close(averages(folder)[name], weight, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("parallel", ["replicated", "sharded"])
def test_the_exported_model_is_that_of_one_process(
    parallel: str, alone: Path, of_two: dict[str, Path]
) -> None:
    weights, expected = (
        load_file(next((folder / "run" / "model" / "transformer").glob("*.safetensors")))
        for folder in (of_two[parallel], alone)
    )

    torch.testing.assert_close(weights, expected, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("processes", [1, 3])
def test_saved_on_two_and_resumed_on_others(
    processes: int, alone: Path, of_two: dict[str, Path], tiny_dataset: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(of_two["half"], tmp_path / "copy"))

    if processes == 1:
        train(folder / "train.toml", data=str(tiny_dataset), out=folder / "run", steps=10)
    else:
        train_each({folder: 10}, tiny_dataset, processes=processes)

    assert losses(folder) == pytest.approx(losses(alone), rel=1e-5)


def test_a_batch_that_cannot_be_shared_equally_is_refused(tiny_dataset: Path, tmp_path: Path) -> None:
    folder = folder_with("replicated", tmp_path)
    process = command_line(folder, tiny_dataset, processes=4)

    _, errors = process.communicate(timeout=120)

    assert "batch_size: 6 samples cannot be shared equally by 4 processes; give a multiple of 4" in errors
    assert not (folder / "run").exists()


@pytest.mark.parametrize("signalled", ["one", "all"])
def test_a_run_that_is_stopped(signalled: str, tiny_dataset: Path, tmp_path: Path) -> None:
    """If one process is killed, the other says so; a signal to torchrun leaves a checkpoint."""
    folder = folder_with("sharded", tmp_path)
    process = command_line(folder, tiny_dataset, processes=2, steps=10_000)
    metrics = folder / "run" / "metrics.jsonl"
    while not (metrics.exists() and metrics.read_text().count("\n") > 3):
        assert process.poll() is None, process.communicate()[1]
        time.sleep(0.1)

    if signalled == "one":
        os.kill(ranks(process)[1], signal.SIGKILL)
    else:
        process.terminate()
    _, errors = process.communicate(timeout=60)

    assert process.returncode == 1
    if signalled == "one":
        assert errors.count("multitake: torch.distributed: another process of the run has ended") == 1
    else:
        saved = checkpoints(folder / "run")[-1]
        assert json.loads(metrics.read_text().splitlines()[-1])["step"] == int(saved.name)


def command_line(folder: Path, dataset: Path, *, processes: int, steps: int = 10) -> subprocess.Popen[str]:
    """The command line under torchrun."""
    verb = ["-m", "multitake", "train", str(folder / "train.toml"), "--steps", str(steps)]
    return started([*verb, "--data", str(dataset), "--out", str(folder / "run")], processes=processes)


def ranks(torchrun: subprocess.Popen[str]) -> list[int]:
    """The processes that torchrun started."""
    return [
        int(pid) for pid in Path(f"/proc/{torchrun.pid}/task/{torchrun.pid}/children").read_text().split()
    ]
