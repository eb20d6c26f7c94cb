"""How much of a data set is done, and how its runs go."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from multitake.counts import many
from shards import Store, TakeCounts

from ..failure_groups import FailureGroup, failure_groups
from .liveness import LockWatch, liveness
from .run_events import GrowingLog, log_files
from .run_state import RunState, TakeEnd
from .run_status import Rate, RunStatus, WorkerStatus, run_status
from .words import duration, moment


@dataclass(frozen=True, kw_only=True)
class RunsTotal:
    """Sums over all runs that have logs; a take that failed in several runs counts in each."""

    runs: int
    done: int
    failed: int
    workers_lost: int
    seconds_s: float


@dataclass(frozen=True, kw_only=True)
class DatasetStatus:
    """The status of a data set at ``time_s``.

    Attributes:
        failed: takes whose last attempt failed; a new run films them again.
        left: neither done nor failed.
        failures: by kind of reason, the largest group first.
        run: the newest run; None if there is no log.
    """

    address: str
    time_s: float
    planned: int
    done: int
    failed: int
    left: int
    shards: int
    sealed: int
    engine: str
    look: str
    failures: tuple[FailureGroup, ...]
    run: RunStatus | None
    runs: RunsTotal

    @property
    def is_running(self) -> bool:
        """Whether a run still films, as far as can be known; ``--watch`` ends when it does not."""
        return self.run is not None and (self.run.state in ("running", "paused") or self.run.needs_watching)

    def as_json(self) -> dict[str, Any]:
        """All of it as plain values."""
        return {**asdict(self), "is_running": self.is_running}

    def lines(self) -> Iterator[str]:
        """The status as text."""
        yield f"takes: {self.done} done, {self.failed} failed, {self.left} left of {self.planned}"
        yield f"shards: {self.sealed} sealed of {self.shards}"
        yield f"engine: {self.engine} ({self.look})"
        if self.run:
            yield from _run_lines(self.run)
        if self.runs.runs > 1:
            runs = self.runs
            lost = f", {runs.workers_lost} worker processes lost" if runs.workers_lost else ""
            yield (
                f"all {runs.runs} runs: {runs.done} takes done, {runs.failed} failed{lost},"
                f" {duration(runs.seconds_s)}"
            )
        for group in self.failures:
            what = group.kind if group.count > 1 else group.reason
            yield f"failed: {group.count} x {what} (such as {group.take})"


class StatusReader:
    """Reads the status of a data set, again and again; only what is new is read again.

    InputError if there is no data set.
    """

    def __init__(self, address: str | Store) -> None:
        self.counts = TakeCounts(address)
        self._store = self.counts.files.store
        self._lock = LockWatch(self._store)
        self._logs: dict[str, tuple[GrowingLog, RunState]] = {}

    def read(self, now_s: float) -> DatasetStatus:
        """The status at a time, in seconds since 1970."""
        # First, as it says best what is wrong with an address.
        info = self.counts.info
        counts = self.counts.refresh()
        runs = self._runs()
        newest = runs[-1] if runs else None
        run = None
        if newest:
            run = run_status(newest, liveness(newest, self._store, now_s, self._lock), now_s)
        return DatasetStatus(
            address=counts.files.url,
            time_s=now_s,
            planned=info.planned_takes,
            done=counts.done,
            failed=len(counts.failures),
            left=counts.left,
            shards=info.counts["shards"],
            sealed=len(counts.sealed),
            engine=info.engine.version,
            look=info.engine.look,
            failures=failure_groups(counts.failures.values()),
            run=run,
            runs=_total(runs),
        )

    def newest_takes(self, count: int) -> list[tuple[str, TakeEnd | None]]:
        """Takes that are done, the newest first, each with the event of its end if a log has it."""
        ends = [end for _, run in self._logs.values() for end in run.ends]
        known = {end.take: end for end in sorted(ends, key=lambda end: end.time_s)}
        by_time = (end.take for end in sorted(known.values(), key=lambda end: -end.time_s))
        sealed = (
            take for _, takes in sorted(self.counts.sealed.items(), reverse=True) for take in takes[::-1]
        )
        newest = chain(filter(self.counts.is_done, by_time), sorted(self.counts.staged), sealed)
        found: dict[str, TakeEnd | None] = {}
        for take in newest:
            if len(found) >= count:
                break
            found[take] = known.get(take)
        return list(found.items())

    def _runs(self) -> list[RunState]:
        """All runs that have a log with an event, in the order in which they started."""
        for name, files in log_files(self._store).items():
            log, run = self._logs.setdefault(name, (GrowingLog(self._store), RunState(name)))
            if run.ended is None:
                for event in log.new_events(files):
                    run.add(event)
        runs = [run for _, run in self._logs.values() if run.started_s is not None]
        return sorted(runs, key=lambda run: run.started_s or 0.0)


def _total(runs: list[RunState]) -> RunsTotal:
    return RunsTotal(
        runs=len(runs),
        done=sum(len(run.ends) for run in runs),
        failed=sum(len(run.failed) for run in runs),
        workers_lost=sum(worker.lost for run in runs for worker in run.workers.values()),
        seconds_s=sum((max(0.0, run.last_s - (run.started_s or 0.0)) for run in runs), 0.0),
    )


def _run_lines(run: RunStatus) -> Iterator[str]:
    failed = f", {run.failed} failed" if run.failed else ""
    yield (
        f"run: {run.state} ({run.evidence}), since {moment(run.started_s)} ({duration(run.seconds_s)});"
        f" {run.done} of {run.takes} takes done{failed}"
    )
    rates = [f"{_rate_text(run.whole)} over the run"] if run.done else []
    if run.recent and run.recent.seconds_s < 0.95 * run.whole.seconds_s:
        rates.insert(0, f"{_rate_text(run.recent)} over the last {duration(run.recent.seconds_s)}")
    if rates:
        yield f"rate: {'; '.join(rates)}"
    if run.time_left_s is not None:
        yield f"time left: about {duration(run.time_left_s)} for {many(run.left, 'take')} of this run"
    elif run.state == "running" and not run.is_ending:
        yield "time left: not known before a few takes are done"
    yield from map(_worker_line, run.workers)


def _worker_line(worker: WorkerStatus) -> str:
    """What a worker does, and what it has done."""
    doing = f"films {worker.take}" if worker.state == "films" else worker.state
    since = "" if worker.state == "ended" else f" for {duration(worker.since_s)}"
    slow = ", SLOW" if worker.is_slow else ""
    done = f"{worker.done} done" + (f", {duration(worker.mean_s)} each" if worker.mean_s is not None else "")
    failed = f", {worker.failed} failed" if worker.failed else ""
    lost = f", replaced {many(worker.lost, 'time')}" if worker.lost else ""
    node = f" on {worker.node}" if worker.node else ""
    return f"worker {worker.worker}{node}: {doing}{since}{slow}; {done}{failed}{lost}"


def _rate_text(rate: Rate) -> str:
    return f"{rate.takes_per_min:.3g} takes/min, {rate.camera_frames_per_s:.3g} camera-frames/s"
