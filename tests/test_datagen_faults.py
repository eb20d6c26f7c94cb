"""Whole runs while engines, workers, machines, disks and storage fail: every take is made exactly once."""

import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import ray
from s3_server import BUCKET, objects, s3_server
from typer.testing import CliRunner, Result

from datagen.run_log import EVENTS
from multitake.cli import app
from shards import verify_dataset

BATCH = """
seed = 5
takes = 6
takes_per_shard = 2
frames = 21
width_px = 64
height_px = 48
[scene]
environments = ["street", "room"]
[rig]
cameras = 3
radius_m = [2.0, 4.0]
[engine]
look = "fast"
start_timeout_s = 20.0
reply_timeout_s = 3.0
"""
LIMIT_S = 90.0


@pytest.fixture(scope="module")
def three_cores() -> Iterator[None]:
    """A Ray cluster of this process."""
    ray.init(
        address="local", num_cpus=3, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR
    )
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def batch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("batch") / "batch.toml"
    path.write_text(BATCH)
    return path


@pytest.fixture(scope="module")
def undisturbed(batch: Path, three_cores: None) -> dict[str, bytes]:
    dataset = batch.parent / "dataset"
    assert generated(batch, dataset, workers=1).exit_code == 0
    assert verify_dataset(dataset) == []
    return stored(dataset)


def generated(batch: Path, out: Path | str, *more: str, workers: int) -> Result:
    """Run the command in this process, on the cluster that it is connected to."""
    return CliRunner().invoke(
        app, ["generate", str(batch), "--out", str(out), "--workers", str(workers), *more]
    )


def stored(dataset: Path) -> dict[str, bytes]:
    """Every file of a data set except the lock and the logs of runs."""
    return {
        str(path.relative_to(dataset)): path.read_bytes()
        for path in sorted(dataset.rglob("*"))
        if path.is_file() and path.name != ".lock" and path.parent.name != "runs"
    }


def descendants(process_id: int, name: str) -> list[int]:
    """Processes below one whose command line has a name, in order of their numbers."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(maxsplit=2) for line in listed.splitlines()[1:]]
    parent = {int(pid): int(above) for pid, above, *_ in rows}
    found = [int(pid) for pid, _, *command in rows if command and name in command[0]]

    def is_below(pid: int) -> bool:
        while pid in parent and pid != process_id:
            pid = parent[pid]
        return pid == process_id

    return sorted(pid for pid in found if is_below(pid))


def in_turn(dataset: Path, steps: list[Callable[[], bool]]) -> Future[None]:
    """Do each step in a thread when a further take is staged or sealed; a step says whether it worked."""

    def work() -> None:
        for count, step in enumerate(steps, start=1):
            wait_until(lambda count=count: takes_of(dataset) >= count)  # type: ignore[misc]
            wait_until(step)

    thread = ThreadPoolExecutor(1)
    done = thread.submit(work)
    thread.shutdown(wait=False)
    return done


def takes_of(dataset: Path) -> int:
    """How many takes are staged, or sealed, in shards of two."""
    return len(list(dataset.glob("staging/[!.]*.tar"))) + 2 * len(list(dataset.glob("index/[!.]*")))


def wait_until(is_true: Callable[[], object]) -> None:
    ends_s = time.monotonic() + LIMIT_S
    while not is_true():
        assert time.monotonic() < ends_s
        time.sleep(0.02)


def signalled(name: str, number: signal.Signals) -> bool:
    """Send a signal to the first process of that name below this one, if there is one."""
    for process in descendants(os.getpid(), name):
        os.kill(process, number)
        return True
    return False


def events(dataset: Path) -> list[dict[str, object]]:
    (log,) = dataset.glob("runs/*.jsonl")
    return [json.loads(line) for line in log.read_text().splitlines()]


def test_engines_and_workers_that_end_or_hang_change_no_byte(
    batch: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    dataset = tmp_path / "dataset"
    faults = in_turn(
        dataset,
        [
            lambda: signalled("-m datagen.engine", signal.SIGKILL),
            lambda: signalled("ray::FilmWorker", signal.SIGKILL),
            lambda: signalled("-m datagen.engine", signal.SIGSTOP),
        ],
    )
    ended = generated(batch, dataset, workers=2)
    faults.result(timeout=1.0)
    assert ended.exit_code == 0, ended.output
    assert stored(dataset) == undisturbed
    names = [event["event"] for event in events(dataset)]
    assert set(names) <= EVENTS.keys() and names[0] == "run_started" and names[-1] == "run_ended"
    assert names.count("take_done") == 6 and names.count("shard_sealed") == 3 and "worker_lost" in names


def test_a_driver_that_is_killed_is_resumed(
    batch: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    dataset = tmp_path / "dataset"
    run = subprocess.Popen(
        [sys.executable, "-m", "multitake", "generate", str(batch), "--out", str(dataset), "--workers", "1"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    # One worker films all takes of an environment first, so takes are staged before a shard is complete.
    wait_until(lambda: list(dataset.glob("staging/[!.]*.tar")))
    run.kill()
    _, errors = run.communicate()
    assert (
        errors == "multitake: this process was killed, or Ray hung or ended it; run the same command again\n"
    )
    (staged, *_) = sorted(dataset.glob("staging/[!.]*.tar"))
    content = bytearray(staged.read_bytes())
    content[len(content) // 3] ^= 4
    staged.write_bytes(content)
    resumed = generated(batch, dataset, workers=2)
    assert resumed.exit_code == 0
    assert f"removed: staging/{staged.name} (damaged, " in resumed.stdout
    assert stored(dataset) == undisturbed


def test_a_run_that_is_interrupted_ends_its_takes_and_is_resumed(
    batch: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    dataset = tmp_path / "dataset"
    run = subprocess.Popen(
        [sys.executable, "-m", "multitake", "generate", str(batch), "--out", str(dataset), "--workers", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until(lambda: takes_of(dataset))
    # As Ctrl-C in a terminal does, to all processes of the run.
    signalled_s = time.time()
    os.killpg(run.pid, signal.SIGINT)
    _, errors = run.communicate(timeout=LIMIT_S)
    assert (run.returncode, errors) == (130, "multitake: interrupted by SIGINT; run the same command again\n")
    noted = events(dataset)
    names = [event["event"] for event in noted]
    assert names[-1] == "run_ended" and "worker_lost" not in names
    assert names.count("take_started") == names.count("take_done") == takes_of(dataset)
    assert "take_started" not in names[names.index("interrupted") :]
    # A take that begins while the signal is on its way may be the last one.
    begun_s = [event["time_s"] for event in noted if event["event"] == "take_started"]
    assert [time_s for time_s in begun_s if time_s > signalled_s + 0.1] == []
    assert generated(batch, dataset, workers=1).exit_code == 0
    assert stored(dataset) == undisturbed


def test_a_full_disk_ends_the_run_and_loses_nothing(
    batch: Path, undisturbed: dict[str, bytes], tmp_path: Path
) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    size = sum(map(len, undisturbed.values())) * 2 // 3
    mount = ["mount", "-t", "tmpfs", "-o"]
    if subprocess.run([*mount, f"size={size}", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        full = generated(batch, disk / "dataset", workers=1)
        assert full.exit_code == 1, full.output
        assert "No space left on device" in full.stdout + full.stderr
        subprocess.run([*mount, "remount,size=100m", str(disk)], check=True)
        assert generated(batch, disk / "dataset", workers=1).exit_code == 0
        assert stored(disk / "dataset") == undisturbed
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def test_the_log_says_why_a_run_ended_by_an_error(batch: Path, tmp_path: Path, three_cores: None) -> None:
    dataset = tmp_path / "dataset"
    faults = in_turn(dataset, [lambda: (dataset / ".lock").unlink() is None])
    ended = generated(batch, dataset, workers=1)
    faults.result(timeout=1.0)
    assert ended.exit_code == 1 and "the folder or its lock was removed during the run" in ended.stderr
    last = events(dataset)[-1]
    assert last["event"] == "run_ended" and "the folder or its lock was removed" in str(last["reason"])
    assert takes_of(dataset) < 6


def test_a_take_that_is_damaged_before_its_shard_is_sealed_is_filmed_by_the_next_run(
    batch: Path, undisturbed: dict[str, bytes], tmp_path: Path, three_cores: None
) -> None:
    dataset = tmp_path / "dataset"
    damaged: list[str] = []

    def damage() -> bool:
        for path in dataset.glob("staging/[!.]*.tar"):
            content = path.read_bytes()
            path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
            damaged.append(f"staging/{path.name}")
        return bool(damaged)

    faults = in_turn(dataset, [damage])
    ended = generated(batch, dataset, workers=1)
    faults.result(timeout=1.0)
    assert ended.exit_code == 1, ended.output
    assert all(f"removed: {name} (damaged" in ended.stdout for name in damaged)
    assert sorted(path.stem for path in dataset.glob("index/*.parquet")) != ["00000", "00001", "00002"]
    assert generated(batch, dataset, workers=1).exit_code == 0
    assert stored(dataset) == undisturbed


def test_takes_in_a_row_that_fail_end_a_run(batch: Path, tmp_path: Path, three_cores: None) -> None:
    bad = tmp_path / "bad.toml"
    # No radius fits: all cameras would be in geometry.
    bad.write_text(BATCH.replace("radius_m = [2.0, 4.0]", "radius_m = [0.06, 0.07]\nvalidity.attempts = 1"))
    ended = generated(bad, tmp_path / "dataset", "--most-failures", "2", workers=1)
    assert ended.exit_code == 1
    assert "stopped: 2 failures in a row" in ended.stdout and ended.stdout.count("failed: ") == 2


def test_machines_come_and_go_while_takes_go_to_storage(batch: Path, undisturbed: dict[str, bytes]) -> None:
    """Three nodes; one is killed and one added while filming; the storage hangs for a while."""
    code = """
import os, signal, sys, threading, time
from ray.cluster_utils import Cluster
from typer.testing import CliRunner
from multitake.cli import app
from shards import store_at
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1})
others = [cluster.add_node(num_cpus=1) for _ in range(2)]
address = sys.argv[2]
def disturb():
    store = store_at(address)
    while not store.names("staging") and not store.names("index"):
        time.sleep(0.05)
    cluster.remove_node(others[0], allow_graceful=False)
    server = int(sys.argv[3])
    os.kill(server, signal.SIGSTOP)
    time.sleep(3)
    os.kill(server, signal.SIGCONT)
    cluster.add_node(num_cpus=1)
thread = threading.Thread(target=disturb)
thread.start()
ended = CliRunner().invoke(app, ["generate", sys.argv[1], "--out", address, "--workers", "3",
                                 "--ray-address", cluster.address])
thread.join()
print(ended.output)
cluster.shutdown()
sys.exit(ended.exit_code)
"""
    with s3_server() as server:
        address = f"s3://{BUCKET}/cluster"
        ended = subprocess.run(
            [sys.executable, "-c", code, str(batch), address, str(server.process_id)],
            capture_output=True,
            text=True,
            timeout=4 * LIMIT_S,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        found = objects(address)
        (log,) = (found.pop(path) for path in list(found) if path.startswith("runs/"))
        assert found == undisturbed
        assert b'"worker_lost"' in log
        assert verify_dataset(address) == []


def test_an_outage_that_is_longer_than_patience_ends_the_run_and_loses_nothing(
    batch: Path, undisturbed: dict[str, bytes]
) -> None:
    """The storage is busy from the first staged take on, until the run ends; then the run is repeated."""
    code = """
import sys, threading, time
from pathlib import Path
import ray
from datagen.generate import RunOptions, generate
from multitake.progress import ProgressLine
from shards import ObjectStore
ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
batch, address, busy = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
def disturb():
    store = ObjectStore(address)
    while not store.names("staging"):
        time.sleep(0.02)
    busy.touch()
threading.Thread(target=disturb, daemon=True).start()
def run():
    started_s = time.monotonic()
    store = ObjectStore(address, patience_s=3.0, lease_s=3.0)
    try:
        report = generate(batch, out=store, options=RunOptions(workers=2), progress=ProgressLine(sys.stderr))
        print(*report.lines(), sep="\\n")
    except OSError as error:
        print(error)
    print(f"ended after {time.monotonic() - started_s:.0f} s")
run()
busy.unlink()
run()
"""
    with s3_server() as server:
        address = f"s3://{BUCKET}/outage"
        ended = subprocess.run(
            [sys.executable, "-c", code, str(batch), address, str(server.busy)],
            capture_output=True,
            text=True,
            timeout=2 * LIMIT_S,
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        first, second = ended.stdout.split("ended after")[:2]
        assert "Service Unavailable" in first or "reduce your request rate" in first, first
        assert "6 of 6" not in first and "Traceback" not in ended.stderr
        assert "6 of 6 takes done" in second and "removed" not in second
        found = {path: content for path, content in objects(address).items() if not path.startswith("runs/")}
        assert found == undisturbed


def test_a_cluster_without_room_says_what_is_missing(batch: Path, tmp_path: Path, three_cores: None) -> None:
    many = generated(batch, tmp_path / "dataset", workers=9)
    assert many.exit_code == 2
    assert "9 workers, but there is room for 3: each needs 1 CPU, and Ray has 3 CPU, 0 GPU" in many.stderr
    gpus = generated(batch, tmp_path / "dataset", "--worker-gpus", "0.5", workers=1)
    assert gpus.exit_code == 2 and "each needs 1 CPU and 0.5 GPU" in gpus.stderr
    assert not (tmp_path / "dataset").exists()


def test_two_runs_never_write_one_data_set(batch: Path, tmp_path: Path, three_cores: None) -> None:
    dataset = tmp_path / "dataset"
    holder = "import sys, time\nfrom shards import DatasetWriter\nwith DatasetWriter(sys.argv[1]).locked():\n"
    holder += " print('held', flush=True)\n time.sleep(60)"
    first = subprocess.Popen([sys.executable, "-c", holder, str(dataset)], stdout=subprocess.PIPE, text=True)
    assert first.stdout and first.stdout.readline() == "held\n"
    second = generated(batch, dataset, workers=1)
    first.kill()
    first.communicate()
    assert second.exit_code == 2 and "another run writes this" in second.stderr
    shutil.rmtree(dataset)
