"""How a run goes at a time: its rate, the time left, and what each worker does."""

import bisect
import heapq
import math
from collections.abc import Iterator
from dataclasses import dataclass
from statistics import fmean, median

from .liveness import Liveness
from .run_state import RunState, WorkerState

# Rates are those of the last minutes, or of the last three takes of a worker if these last longer.
WINDOW_S = 600.0
_WINDOW_TAKES = 3
# A longer take, such as one during which a laptop slept, counts as so many median takes.
_MOST_MEDIANS = 5.0
_LEAST_TAKES = 3
_SLOW_LEAST_S, _SLOW_UNKNOWN_S = 60.0, 900.0


@dataclass(frozen=True, kw_only=True)
class Rate:
    """Takes and camera-frames that were filmed in the last ``seconds_s``."""

    seconds_s: float
    takes_per_min: float
    camera_frames_per_s: float


@dataclass(frozen=True, kw_only=True)
class WorkerStatus:
    """One worker.

    Attributes:
        state: ``films`` (``take``), ``waits``, ``starts``, ``given up`` or ``ended``.
        since_s: for how long.
        is_slow: it films for much longer than takes last.
        mean_s: mean time to film its takes; None before the first.
        lost: how often its process was replaced.
        engine_starts: how many engines it started.
    """

    worker: int
    node: str
    state: str
    take: str | None
    since_s: float
    is_slow: bool
    done: int
    failed: int
    mean_s: float | None
    lost: int
    engine_starts: int


@dataclass(frozen=True, kw_only=True)
class RunStatus:
    """One run.

    Attributes:
        state: see ``Liveness``; ``evidence`` says how it is known.
        takes: how many it is to film.
        done, failed, left: of these; a take that is being filmed is left.
        recent: None for a run that ended.
        time_left_s: None for a run that does not film or is interrupted, and before a few takes.
        is_ending: it was interrupted, and begins no other take.
        needs_watching: see ``Liveness``.
    """

    name: str
    state: str
    evidence: str
    host: str
    process_id: int | None
    started_s: float
    seconds_s: float
    last_event_s: float
    takes: int
    done: int
    failed: int
    left: int
    recent: Rate | None
    whole: Rate
    time_left_s: float | None
    is_ending: bool
    needs_watching: bool
    workers: tuple[WorkerStatus, ...]


def run_status(run: RunState, liveness: Liveness, now_s: float) -> RunStatus:
    """The status of a run at a time, in seconds since 1970."""
    started_s, is_alive = run.started_s or run.last_s, liveness.is_alive
    end_s = max(now_s, run.last_s) if is_alive else run.last_s
    is_ending = run.interrupted_by is not None
    process_id, takes = run.started.get("process_id"), run.started.get("takes")
    return RunStatus(
        name=run.name,
        state=liveness.state,
        evidence=liveness.evidence,
        host=str(run.started.get("host", "")),
        process_id=process_id if isinstance(process_id, int) else None,
        started_s=started_s,
        seconds_s=max(0.0, end_s - started_s),
        last_event_s=run.last_s,
        takes=takes if isinstance(takes, int) else 0,
        done=len(run.ends),
        failed=len(run.failed),
        left=takes_left(run),
        recent=_rate(run, end_s, window_s(run)) if is_alive else None,
        whole=_rate(run, end_s, math.inf),
        time_left_s=None if is_ending or not is_alive else time_left_s(run, end_s),
        is_ending=is_ending,
        needs_watching=liveness.needs_watching,
        workers=tuple(_workers(run, end_s, is_alive)),
    )


def window_s(run: RunState) -> float:
    """Over how long the present rate is measured."""
    return max(WINDOW_S, _WINDOW_TAKES * median(run.cycles_s)) if run.cycles_s else WINDOW_S


def takes_left(run: RunState) -> int:
    """How many takes of a run have not ended; those that are being filmed are among them."""
    takes = run.started.get("takes")
    filmed_now = {worker.take for worker in run.workers.values() if worker.take is not None}
    ended = len(run.ends) + len(run.failed)
    return max(len(filmed_now), takes - ended if isinstance(takes, int) else 0)


def time_left_s(run: RunState, now_s: float) -> float | None:
    """How long the rest of a run lasts, from the time that workers need per take; None if it is not known.

    A worker's time per take is from the end of one to the end of the next, so failures, retries, engines that
    start and workers that are replaced are in it. Each take that is left goes to the first free worker.
    """
    takes = run.started.get("takes")
    if not isinstance(takes, int):
        return None
    left = takes_left(run)
    active = [worker for worker in run.workers.values() if not worker.is_given_up]
    if left <= 0:
        return 0.0
    if len(run.cycles_s) < _LEAST_TAKES or not active:
        return None
    most_s = _MOST_MEDIANS * median(run.cycles_s)
    cycles_s = [min(cycle_s, most_s) for cycle_s in run.cycles_s]
    # Not since its take before: a worker may have waited until a take was given out again.
    ages_s = [now_s - worker.since_s for worker in active if worker.take is not None]
    ages_s = [min(max(age_s, 0.0), most_s) for age_s in ages_s[:left]]
    free_s = [_rest(cycles_s, age_s) for age_s in ages_s] + [0.0] * (len(active) - len(ages_s))
    return _last_end_s(free_s, left - len(ages_s), _seconds_per_take(cycles_s, ages_s))


def _seconds_per_take(cycles_s: list[float], ages_s: list[float]) -> float:
    """The mean time of takes.

    Those that already last longer than the median count with their age: else the first takes to end, which
    are short, would say too little.
    """
    typical_s = median(cycles_s)
    return fmean([*cycles_s, *(age_s for age_s in ages_s if age_s > typical_s)])


def _rest(cycles_s: list[float], age_s: float) -> float:
    """How much longer those takes lasted that lasted longer than this, on average.

    One that lasts longer than all others is being filmed again.
    """
    longer_s = [cycle_s - age_s for cycle_s in cycles_s if cycle_s > age_s]
    return fmean(longer_s) if longer_s else median(cycles_s)


def _last_end_s(free_s: list[float], takes: int, take_s: float) -> float:
    """When the last take ends, if workers are free at ``free_s`` and each take lasts ``take_s``."""
    rounds = max(0, takes // len(free_s) - 1)
    heapq.heapify(free_s)
    for _ in range(takes - rounds * len(free_s)):
        heapq.heapreplace(free_s, free_s[0] + take_s)
    return rounds * take_s + max(free_s)


def _rate(run: RunState, end_s: float, most_s: float) -> Rate:
    """The rate of the last ``most_s``, or of the whole run."""
    since_s = max(run.started_s or run.last_s, end_s - most_s)
    ends = run.ends[bisect.bisect_right(run.ends, since_s, key=lambda end: end.time_s) :]
    seconds_s = max(0.0, end_s - since_s)
    frames = sum(end.camera_frames for end in ends)
    return Rate(
        seconds_s=seconds_s,
        takes_per_min=60 * len(ends) / seconds_s if seconds_s else 0.0,
        camera_frames_per_s=frames / seconds_s if seconds_s else 0.0,
    )


def _workers(run: RunState, now_s: float, is_alive: bool) -> Iterator[WorkerStatus]:
    slow_s = _SLOW_UNKNOWN_S
    if run.cycles_s:
        slow_s = max(_SLOW_LEAST_S, _MOST_MEDIANS * median(run.cycles_s))
    for _, worker in sorted(run.workers.items()):
        age_s = max(0.0, now_s - worker.since_s)
        yield WorkerStatus(
            worker=worker.number,
            node=worker.node,
            state=_state(worker) if is_alive or worker.is_given_up else "ended",
            take=worker.take if is_alive else None,
            since_s=age_s,
            is_slow=is_alive and not worker.is_given_up and worker.take is not None and age_s > slow_s,
            done=worker.done,
            failed=worker.failed,
            mean_s=worker.seconds_s / worker.done if worker.done else None,
            lost=worker.lost,
            engine_starts=worker.engine_starts,
        )


def _state(worker: WorkerState) -> str:
    if worker.is_given_up:
        return "given up"
    if worker.take is not None:
        return "films"
    return "starts" if worker.is_starting else "waits"
