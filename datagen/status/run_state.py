"""What a run has done, folded from its events one by one."""

from collections import deque
from dataclasses import dataclass, field

from .run_events import RunEvent

# How many of the last takes tell how long a take lasts.
_MOST_CYCLES = 400


@dataclass
class WorkerState:
    """One worker of a run, by its number, over all of its processes.

    Attributes:
        take: what it films now, since ``since_s``; None if it films nothing.
        cycle_from_s: when its last take ended, or its first one began.
        engine_starts: engines that it started before its takes, and for them.
    """

    number: int
    node: str = ""
    take: str | None = None
    since_s: float = 0.0
    cycle_from_s: float | None = None
    done: int = 0
    failed: int = 0
    lost: int = 0
    seconds_s: float = 0.0
    engine_starts: int = 0
    is_starting: bool = True
    is_given_up: bool = False


@dataclass(frozen=True)
class TakeEnd:
    """A take that was filmed: when it was, its name, worker, time to film, attempts and camera-frames."""

    time_s: float
    take: str
    worker: int
    seconds_s: float
    attempts: int
    camera_frames: int


@dataclass
class RunState:
    """One run, from its log.

    Attributes:
        name: that of its log.
        started: the values of ``run_started``; empty before.
        started_s, last_s: times of ``run_started``, or else of the first event, and of the last one.
        ended: the values of ``run_ended``; None before.
        cycles_s: from the end of a worker's take to the end of its next, for the last takes.
        ends: of the takes that were filmed, in order.
        failed: of each take whose last attempt in this run failed, the reason.
    """

    name: str
    started: dict[str, object] = field(default_factory=dict)
    started_s: float | None = None
    last_s: float = 0.0
    ended: dict[str, object] | None = None
    interrupted_by: str | None = None
    workers: dict[int, WorkerState] = field(default_factory=dict)
    cycles_s: deque[float] = field(default_factory=lambda: deque(maxlen=_MOST_CYCLES))
    ends: list[TakeEnd] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    failures: int = 0
    sealed: int = 0

    def add(self, event: RunEvent) -> None:
        """Count an event; a worker's events of one run are in order."""
        self.started_s = event.time_s if self.started_s is None else self.started_s
        self.last_s = max(self.last_s, event.time_s)
        values = event.values
        if "worker" in values:
            self._add_to_worker(
                event, self.workers.setdefault(values["worker"], WorkerState(values["worker"]))
            )
        elif event.event == "run_started":
            self.started, self.started_s = values, event.time_s
        elif event.event == "run_ended":
            self.ended = values
            for worker in self.workers.values():
                worker.take = None
        elif event.event == "interrupted":
            self.interrupted_by = values["signal"]
        elif event.event == "shard_sealed":
            self.sealed += 1

    def _add_to_worker(self, event: RunEvent, worker: WorkerState) -> None:
        values, time_s = event.values, event.time_s
        if event.event == "take_started":
            worker.take, worker.is_starting = values["take"], False
            worker.cycle_from_s = time_s if worker.cycle_from_s is None else worker.cycle_from_s
        elif event.event == "worker_started":
            worker.node = values["node"]
            worker.engine_starts += 1
            worker.is_starting = worker.is_given_up = False
        elif event.event in ("take_done", "take_failed"):
            self._end_take(event, worker)
        elif event.event == "worker_lost":
            worker.take, worker.is_starting = None, True
            worker.lost += 1
        elif event.event == "worker_given_up":
            worker.take, worker.is_given_up = None, True
        worker.since_s = time_s

    def _end_take(self, event: RunEvent, worker: WorkerState) -> None:
        values, take = event.values, event.values["take"]
        if worker.cycle_from_s is not None:
            self.cycles_s.append(max(0.0, event.time_s - worker.cycle_from_s))
        worker.cycle_from_s, worker.take = event.time_s, None
        worker.engine_starts += values["engine_starts"]
        if event.event == "take_failed":
            worker.failed += 1
            self.failures += 1
            self.failed[take] = values["reason"] or ""
            return
        self.failed.pop(take, None)
        worker.done += 1
        worker.seconds_s += values["seconds_s"]
        seconds_s, attempts, frames = values["seconds_s"], values["attempts"], values["camera_frames"]
        self.ends.append(TakeEnd(event.time_s, take, worker.number, seconds_s, attempts, frames))
