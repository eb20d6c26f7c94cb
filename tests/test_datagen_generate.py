"""The whole of ``multitake generate``, as a user runs it: real processes, a real Ray, the embedded engine."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from datagen.batch import load_batch, order_sha256
from datagen.catalog import load_catalog
from shards import open_dataset, verify_dataset

BATCH = """
seed = 3
takes = 4
takes_per_shard = 2
frames = 21
width_px = 64
height_px = 48
[rig]
cameras = 3
radius_m = [2.0, 4.0]
[engine]
look = "fast"
"""
LAMPLESS = """
[[environments]]
name = "street"
asset = "/Game/Maps/Street"
caption = "in a street"
radius_m = 5.0
spots = [{ position_m = [0.0, 0.0, 0.0] }]
[[environments]]
name = "eclipse"
asset = "/Game/Maps/Street"
caption = "in the dark"
radius_m = 5.0
sun = "NoSuchSun"
spots = [{ position_m = [0.0, 0.0, 0.0] }]
"""
EMBEDDED = Path(__file__).parent.parent / "datagen" / "catalogs" / "embedded.toml"


def multitake(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "multitake", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def written(folder: Path, text: str, name: str = "batch.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def stored(dataset: Path) -> dict[str, bytes]:
    """Every file of a data set but the lock."""
    return {
        str(path.relative_to(dataset)): path.read_bytes()
        for path in sorted(dataset.rglob("*"))
        if path.is_file() and path.name != ".lock"
    }


@pytest.fixture(scope="module")
def by_one_worker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("one")
    ended = multitake("generate", written(folder, BATCH), "--out", folder / "dataset", "--workers", "1")
    assert ended.returncode == 0, ended.stderr
    assert "4 of 4 takes (4 filmed now)" in ended.stdout
    assert ended.stderr == "", "the progress line is for terminals"
    return folder / "dataset"


def test_what_is_generated_verifies_and_reads(by_one_worker: Path) -> None:
    assert verify_dataset(by_one_worker) == []
    takes = open_dataset(by_one_worker).takes
    assert [take.take_index for take in takes] == [0, 1, 2, 3]
    poses = pd.concat(pd.read_parquet(path) for path in sorted((by_one_worker / "poses").iterdir()))
    assert len(poses) == 12 and set(poses["camera"]) == {"cam01", "cam02", "cam03"}
    assert list((by_one_worker / "staging").iterdir()) == []


def test_two_workers_make_the_same_bytes(by_one_worker: Path, tmp_path: Path) -> None:
    ended = multitake("generate", written(tmp_path, BATCH), "--out", tmp_path / "dataset", "--workers", "2")
    assert ended.returncode == 0, ended.stderr
    assert stored(tmp_path / "dataset") == stored(by_one_worker)


def test_a_killed_run_resumes_to_the_same_bytes(by_one_worker: Path, tmp_path: Path) -> None:
    dataset, batch = tmp_path / "dataset", written(tmp_path, BATCH)
    command = [sys.executable, "-m", "multitake", "generate", batch, "--out", dataset, "--workers", "2"]
    run = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline_s = time.monotonic() + 60
    while not list(dataset.glob("staging/[!.]*.tar")) and not list(dataset.glob("index/*.parquet")):
        assert run.poll() is None and time.monotonic() < deadline_s
        time.sleep(0.002)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    assert len(list(dataset.glob("index/*.parquet"))) < 2, "killed in the middle"
    resumed = multitake("generate", batch, "--out", dataset, "--workers", "1")
    assert resumed.returncode == 0, resumed.stderr
    assert "4 of 4 takes" in resumed.stdout and "(4 filmed now)" not in resumed.stdout
    assert stored(dataset) == stored(by_one_worker)


def test_running_again_changes_nothing(by_one_worker: Path) -> None:
    before = stored(by_one_worker)
    again = multitake("generate", by_one_worker.parent / "batch.toml", "--out", by_one_worker)
    assert again.returncode == 0 and "(0 filmed now)" in again.stdout
    assert stored(by_one_worker) == before
    assert "takes: 4 done, 0 failed, 0 left of 4" in multitake("status", by_one_worker).stdout


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (("seed = 3", "seed = 4"), "batch_sha256"),
        (('look = "fast"', 'look = "shiny"'), "look"),
    ],
)
def test_another_order_never_enters_the_folder(
    by_one_worker: Path, tmp_path: Path, change: tuple[str, str], says: str
) -> None:
    before = stored(by_one_worker)
    other = multitake("generate", written(tmp_path, BATCH.replace(*change)), "--out", by_one_worker)
    assert other.returncode == 2
    assert len(other.stderr.splitlines()) == 1 and says in other.stderr, other.stderr
    assert stored(by_one_worker) == before


def test_takes_that_fail_are_set_aside_and_the_rest_is_kept(tmp_path: Path) -> None:
    rest = EMBEDDED.read_text().partition("[[characters]]")
    written(tmp_path, LAMPLESS + rest[1] + rest[2], "catalog.toml")
    batch = written(tmp_path, BATCH.replace("[rig]", '[scene]\ncatalog = "catalog.toml"\n[rig]'))
    dataset = tmp_path / "dataset"
    ended = multitake("generate", batch, "--out", dataset, "--workers", "1")
    assert ended.returncode == 1, ended.stderr
    failures = [json.loads(line) for line in (dataset / "failures.jsonl").read_text().splitlines()]
    assert [failure["attempts"] for failure in failures] == [2, 2]
    assert all("NoSuchSun" in failure["reason"] for failure in failures)
    assert "failed: eclipse_" in ended.stdout and "waiting for takes" in ended.stdout
    assert "2 done, 2 failed" in multitake("status", dataset).stdout
    itself = load_batch(dataset / "batch.toml")
    assert order_sha256(itself) == json.loads((dataset / "dataset.json").read_text())["batch_sha256"]
    assert len(load_catalog(itself.scene, beside=dataset).environments) == 2
    accepted = multitake("generate", batch, "--out", dataset, "--accept-failures")
    assert accepted.returncode == 1
    assert [take.environment for take in open_dataset(dataset).takes] == ["street", "street"]
    assert verify_dataset(dataset) == []
    before = stored(dataset)
    again = multitake("generate", batch, "--out", dataset)
    assert again.returncode == 0 and stored(dataset) == before, "what was set aside stays on record"


def test_an_engine_of_any_make_is_driven_alike(tmp_path: Path, by_one_worker: Path) -> None:
    """Started by a command and found on fixed ports, as Unreal is; the pictures are the same."""
    command = [sys.executable, "-m", "datagen.engine", "--look", "fast"]
    ports = ["--unrealcv-port", "{unrealcv_port}", "--remote-control-port", "{remote_control_port}"]
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        free = [server.getsockname()[1] for server in (one, other)]
    engine = f'kind = "unreal"\ncommand = {json.dumps([*command, *ports])}\nunrealcv_port = {free[0]}\n'
    text = BATCH.replace("[engine]\n", f"[engine]\n{engine}remote_control_port = {free[1]}\n")
    ended = multitake("generate", written(tmp_path, text), "--out", tmp_path / "dataset", "--limit", "1")
    assert ended.returncode == 0, ended.stderr
    (fragment,) = (tmp_path / "dataset" / "staging").iterdir()
    shard = (by_one_worker / "shards" / "00000.tar").read_bytes()
    assert fragment.read_bytes() == shard[: fragment.stat().st_size]


def test_unusable_folders_and_engines_are_named(tmp_path: Path) -> None:
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "holiday.jpg").write_bytes(b"")
    refused = multitake("generate", written(tmp_path, BATCH), "--out", foreign)
    assert refused.returncode == 2 and "holds something that is not a data set" in refused.stderr
    unwritable = multitake("generate", written(tmp_path, BATCH), "--out", "/proc/dataset")
    assert unwritable.returncode == 2 and "/proc/dataset: cannot be written" in unwritable.stderr
    silent = (
        '[engine]\nkind = "unreal"\ncommand = ["sleep", "60"]\nunrealcv_port = 1\nstart_timeout_s = 0.5\n'
    )
    order = written(tmp_path, BATCH.partition("[engine]")[0] + silent)
    silence = multitake("generate", order, "--out", tmp_path / "silence")
    assert silence.returncode == 2 and "no UnrealCV server at 127.0.0.1:1" in silence.stderr
    shiny = multitake("generate", written(tmp_path, BATCH.replace("fast", "shiny")), "--out", tmp_path / "s")
    assert shiny.returncode == 2 and "shiny" in shiny.stderr and len(shiny.stderr.splitlines()) == 1
