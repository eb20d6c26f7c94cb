"""A worker: when it replaces its engine, how its progress changes, and which errors stop a run."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from s3_server import BUCKET, objects, s3_server

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.drive import ENGINE_FOLDER
from datagen.film_worker import FilmJob, FilmWorker, TakeOutcome
from shards import STORING_LIMIT_S, store_at
from trajectories.sampling import rules_from

TAKES, FRAMES, CAMERAS = 3, 5, 2


@pytest.fixture(scope="module")
def kept_engine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return filmed(tmp_path_factory.mktemp("kept"), EngineChoice(look="fast"), starts=[1, 0, 0])


@pytest.mark.parametrize(
    ("choice", "starts"),
    [
        ({"recycle_takes": 1}, [1, 1, 1]),
        ({"recycle_takes": 2}, [1, 0, 1]),
        ({"recycle_takes": 0}, [1, 0, 0]),
        ({"recycle_growth_mb": 1e-9, "recycle_takes": 0}, [1, 0, 1]),
    ],
)
def test_takes_do_not_depend_on_when_an_engine_is_replaced(
    kept_engine: dict[str, bytes], tmp_path: Path, choice: dict[str, float], starts: list[int]
) -> None:
    assert filmed(tmp_path, EngineChoice(look="fast", **choice), starts=starts) == kept_engine


def test_progress_counts_the_frames_and_the_cameras_that_are_encoded(tmp_path: Path) -> None:
    with worker_of(tmp_path) as worker:
        before, *_ = worker.progress()
        assert worker.film(0).reason is None
        # One more for the engine.
        assert worker.progress()[0] - before == FRAMES + CAMERAS + 1


def test_a_worker_whose_storage_does_not_answer_is_not_stuck() -> None:
    address = f"s3://{BUCKET}/dataset"
    with s3_server() as server, worker_of(address) as worker:
        # The engine is ready, so that filming takes a moment.
        assert worker.film(0).reason is None
        outcomes: list[TakeOutcome] = []
        os.kill(server.process_id, signal.SIGSTOP)
        thread = threading.Thread(target=lambda: outcomes.append(worker.film(1)))
        thread.start()
        time.sleep(5.0)
        found = []
        for _ in range(5):
            found.append(worker.progress())
            time.sleep(0.2)
        os.kill(server.process_id, signal.SIGCONT)
        thread.join(60)
        assert len(set(found)) == len(found)
        assert [one.reason for one in outcomes] == [None]
        assert len([path for path in objects(address) if path.startswith("staging/")]) == 2


def test_a_worker_is_stuck_if_storing_takes_longer_than_its_limit() -> None:
    with s3_server() as server, worker_of(f"s3://{BUCKET}/stuck", storing_limit_s=2.0) as worker:
        assert worker.film(0).reason is None
        os.kill(server.process_id, signal.SIGSTOP)
        thread = threading.Thread(target=lambda: worker.film(1))
        thread.start()
        time.sleep(6.0)
        before = worker.progress()
        time.sleep(0.5)
        after = worker.progress()
        os.kill(server.process_id, signal.SIGCONT)
        thread.join(60)
    assert before[2] > 0, "the take is being stored"
    assert before == after


def test_a_disk_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o"]
    if subprocess.run([*mount, "size=10m", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        with worker_of(disk) as worker:
            assert worker.film(0).reason is None
            subprocess.run([*mount, "remount,ro", str(disk)], check=True)
            outcome = worker.film(1)
        assert outcome.reason and "Read-only file system" in outcome.reason
        assert (outcome.stops_run, outcome.attempts) == (True, 1), "another attempt would not help"
    finally:
        subprocess.run(["umount", str(disk)], check=False)


def test_a_missing_file_stops_a_run_only_if_it_is_the_data_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with worker_of(tmp_path) as worker:
        monkeypatch.setenv(ENGINE_FOLDER, str(tmp_path / "nowhere"))
        failed = worker.film(0)
        assert failed.reason and "No such file or directory" in failed.reason
        assert (failed.stops_run, failed.attempts) == (False, 2)
        monkeypatch.delenv(ENGINE_FOLDER)
        (tmp_path / "dataset.json").unlink()
        assert worker.film(0).stops_run


def filmed(folder: Path, engine: EngineChoice, *, starts: list[int]) -> dict[str, bytes]:
    """Three staged takes, for each of which the worker started so many engines."""
    with worker_of(folder, engine) as worker:
        outcomes = [worker.film(number) for number in range(TAKES)]
    assert [outcome.reason for outcome in outcomes] == [None] * 3
    assert [outcome.engine_starts for outcome in outcomes] == starts
    assert all(outcome.seconds_s > 0 for outcome in outcomes)
    return {path.name: path.read_bytes() for path in (folder / "staging").iterdir()}


@contextmanager
def worker_of(
    dataset: Path | str, engine: EngineChoice | None = None, *, storing_limit_s: float = STORING_LIMIT_S
) -> Iterator[FilmWorker]:
    """A worker that films a tiny batch into a data set."""
    batch = Batch(
        seed=3,
        takes=TAKES,
        frames=FRAMES,
        width_px=32,
        height_px=32,
        scene=SceneChoice(environments=("street",)),
        engine=engine or EngineChoice(look="fast"),
        rules=rules_from({"cameras": CAMERAS}, "rig"),
    )
    store = store_at(dataset)
    store.prepare(["staging"])
    store.write("dataset.json", b"")
    catalog = load_catalog(batch.scene, folder=Path())
    worker = FilmWorker(
        FilmJob(batch=batch, catalog=catalog, dataset=dataset), 0, storing_limit_s=storing_limit_s
    )
    try:
        yield worker
    finally:
        worker.close()
