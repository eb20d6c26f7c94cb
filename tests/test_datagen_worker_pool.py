"""Workers that end, hang or cannot be started, as actors of Ray that do only that."""

import logging
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import ray
from pytest import MonkeyPatch

from datagen import worker_pool
from datagen.ray_cluster import WorkerResources, answer_of
from datagen.worker_call import PROGRESS, Call, Lost
from datagen.worker_pool import WorkerPool
from multitake.errors import InputError, RunError


class Worker:
    """Leaves a file for each process; ``progress`` counts the steps of ``work``."""

    def __init__(self, folder: Path) -> None:
        if (folder / "unbuildable").exists():
            raise ModuleNotFoundError("No module named 'nosuch'")
        if (folder / "hang at start").exists():
            (folder / "hang at start").unlink()
            time.sleep(600)
        (folder / f"process-{os.getpid()}").touch()
        self._folder, self._steps = folder, 0

    def progress(self) -> int:
        return self._steps

    def check(self) -> int:
        return os.getpid()

    def work(self, what: str) -> str:
        """End, stop, hang, or work for so many half seconds."""
        is_first = not list(self._folder.glob(f"call-{what}-*"))
        (self._folder / f"call-{what}-{time.monotonic_ns()}").touch()
        if what == "end" or (what == "end once" and is_first):
            os.kill(os.getpid(), signal.SIGKILL)
        if what == "fail":
            raise ValueError("one\ntwo")
        if what == "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        for _ in range(int(what) if what.isdecimal() else 0):
            time.sleep(0.5)
            self._steps += 1
        if what == "hang once" and is_first:
            time.sleep(600)
        return what

    def close(self) -> None:
        """Nothing is to be done."""


@pytest.fixture(scope="module", autouse=True)
def two_cores() -> Iterator[None]:
    with MonkeyPatch.context() as variables:
        # Workers import this file.
        variables.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
        ray.init(
            address="local",
            num_cpus=2,
            include_dashboard=False,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
        yield
        ray.shutdown()


class Pool:
    """A pool of workers, and what it was told."""

    def __init__(
        self,
        folder: Path,
        *,
        accept: Callable[[int, int], str | None] = lambda *_: None,
        stuck_limit_s: float = 60.0,
        workers: int = 1,
        has_places: bool = False,
    ) -> None:
        self.starts = 0
        self.notes: list[str] = []
        self._folder = folder
        self._pool = WorkerPool(
            self._started,
            workers,
            first=lambda _: Call(method="check", arguments=()),
            accept=accept,
            note=lambda event, **_: self.notes.append(event),
            resources=WorkerResources(),
            has_places=has_places,
            stuck_limit_s=stuck_limit_s,
        )

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.close("close", timeout_s=3.0)

    def prepare(self) -> None:
        self._pool.prepare()

    def results(self, *work: str, must_end: Callable[[], bool] = lambda: False) -> list[tuple[Call, object]]:
        """The calls that ended, and their values."""
        return self.results_of(iter(work), must_end)

    def results_of(
        self, left: Iterator[str], must_end: Callable[[], bool] = lambda: False
    ) -> list[tuple[Call, object]]:
        """As ``results``, of work that is asked for when a worker is free."""

        def next_call(_: int) -> Call | None:
            what = next(left, None)
            return Call(method="work", arguments=(what,)) if what else None

        ended = self._pool.results(next_call, lambda *_: None, must_end)
        return [(call, value) for _, call, value in ended]

    def _started(self, _: int) -> object:
        self.starts += 1
        actor = ray.remote(num_cpus=1, concurrency_groups={PROGRESS: 1})(Worker)
        return actor.remote(self._folder)


def calls_of(folder: Path) -> int:
    return len(list(folder.glob("call-*")))


def assert_all_end(folder: Path) -> None:
    """Every process that was started ends."""
    processes = [int(path.name.removeprefix("process-")) for path in folder.glob("process-*")]
    assert processes
    ends_s = time.monotonic() + 20
    while any(Path(f"/proc/{process}/stat").exists() for process in processes):
        assert time.monotonic() < ends_s
        time.sleep(0.1)


def test_a_call_whose_worker_ended_is_repeated_once(tmp_path: Path) -> None:
    with Pool(tmp_path) as pool:
        pool.prepare()
        ((call, value), (second, other)) = pool.results("end once", "0")
    assert (value, call.losses, other, second.losses) == ("end once", 1, "0", 0)
    assert (pool.starts, pool.notes) == (2, ["worker_lost"])


def test_no_worker_is_started_for_calls_that_are_done(tmp_path: Path) -> None:
    with Pool(tmp_path) as pool:
        pool.prepare()
        ((call, value),) = pool.results("end")
        assert isinstance(value, Lost) and value.reason.startswith("the worker process ended: ")
        assert (call.losses, calls_of(tmp_path), pool.starts) == (1, 2, 2)


def test_a_lost_call_is_not_repeated_once_the_run_must_end(tmp_path: Path) -> None:
    with Pool(tmp_path) as pool:
        pool.prepare()
        # The call waits for the worker that is being started when the run is told to end.
        assert pool.results("end once", "0", must_end=lambda: pool.notes == ["worker_lost"]) == []
        assert calls_of(tmp_path) == 1
    with Pool(tmp_path) as pool:
        pool.prepare()
        assert pool.results("end", must_end=lambda: calls_of(tmp_path) > 1) == []
        assert (pool.starts, calls_of(tmp_path)) == (1, 2), "nor is a worker started for it"


def test_a_worker_is_replaced_if_its_progress_stands_still(tmp_path: Path) -> None:
    with Pool(tmp_path, stuck_limit_s=4.0) as pool:
        pool.prepare()
        ((long, _), (hung, _)) = pool.results("hang once", "12")[::-1]
        assert (hung.losses, long.losses) == (1, 0), "six seconds with progress"
        assert pool.notes == ["worker_lost"]


def test_a_worker_that_hangs_is_replaced_while_calls_of_others_end(tmp_path: Path) -> None:
    with Pool(tmp_path, stuck_limit_s=3.0, workers=2) as pool:
        pool.prepare()
        ends_s = time.monotonic() + 20.0

        def work() -> Iterator[str]:
            """Half a second each, until the worker that hangs is noticed."""
            yield "hang once"
            while not pool.notes and time.monotonic() < ends_s:
                yield "1"

        ended = pool.results_of(work())
    assert pool.notes == ["worker_lost"]
    assert [call.losses for call, _ in ended if call.arguments == ("hang once",)] == [1]


def test_a_worker_that_hangs_while_it_starts_is_replaced(tmp_path: Path) -> None:
    """It holds one of the two cores, so nothing is free."""
    (tmp_path / "hang at start").touch()
    with MonkeyPatch.context() as limits, Pool(tmp_path, workers=2, has_places=True) as pool:
        limits.setattr(worker_pool, "_START_LIMIT_S", 4.0)
        pool.prepare()
        assert set(pool.notes) == {"worker_lost"}
        assert pool.starts == 2 + len(pool.notes), "a busy machine may need longer for the other one too"
        assert len(pool.results("0", "1", "2")) == 3


def test_workers_without_a_place_do_not_hold_up_the_others(tmp_path: Path) -> None:
    with MonkeyPatch.context() as limits, Pool(tmp_path, workers=4) as pool:
        limits.setattr(worker_pool, "_PLACE_S", 3.0)
        limits.setattr(worker_pool, "_START_LIMIT_S", 8.0)
        pool.prepare()
        ended = pool.results(*map(str, range(2, 12)))
        assert sorted(value for _, value in ended) == sorted(map(str, range(2, 12)))
        assert (pool.starts, pool.notes) == (4, []), "the cluster has two cores"


def test_a_worker_that_never_gets_ready_is_given_up_and_the_others_do_its_work(tmp_path: Path) -> None:
    def accept(number: int, _: int) -> str | None:
        return "no engine" if number == 1 else None

    with Pool(tmp_path, workers=2, accept=accept) as pool:
        pool.prepare()
        assert pool.notes == ["worker_lost"] * 4 + ["worker_given_up"]
        assert len(pool.results("0", "1", "2")) == 3


def test_a_call_of_ray_that_hangs_ends_with_an_error() -> None:
    with pytest.raises(RunError, match="gcs_server"):
        answer_of(lambda: time.sleep(60), limit_s=0.1)
    assert answer_of(lambda: 3) == 3
    with pytest.raises(KeyError):
        answer_of(lambda: {}["missing"])


def test_an_error_of_a_call_is_one_line(tmp_path: Path) -> None:
    with Pool(tmp_path) as pool:
        pool.prepare()
        with pytest.raises(RunError) as raised:
            pool.results("fail")
    expected = "worker: ValueError: one two; run the same command again"
    assert str(raised.value) == expected


def test_no_process_is_left(tmp_path: Path) -> None:
    def accept(_: int, process: int) -> str | None:
        # It cannot end by itself.
        os.kill(process, signal.SIGSTOP)
        raise InputError(f"process {process} cannot be used", where="engine", fix="use another")

    (tmp_path / "refused").mkdir()
    with pytest.raises(InputError), Pool(tmp_path / "refused", accept=accept) as pool:
        pool.prepare()
    assert_all_end(tmp_path / "refused")
    (tmp_path / "stopped").mkdir()
    with Pool(tmp_path / "stopped", stuck_limit_s=2.0) as pool:
        pool.prepare()
        pool.results("stop", must_end=lambda: calls_of(tmp_path / "stopped") > 0)
    assert_all_end(tmp_path / "stopped")


def test_a_worker_that_cannot_be_started_says_why_at_once(tmp_path: Path) -> None:
    (tmp_path / "unbuildable").touch()
    with Pool(tmp_path) as pool:
        with pytest.raises(
            RunError, match="cannot be started: ModuleNotFoundError: No module named 'nosuch'"
        ):
            pool.prepare()
        assert (pool.starts, pool.notes) == (1, ["worker_given_up"])
