"""Logs of runs for tests: a simulated crew whose truth is known, written by the log that runs use."""

import heapq
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from datagen.run_log import EVENTS

START_S = 1_800_000_000.0
FRAMES = 810


@dataclass(frozen=True)
class SimulatedRun:
    """Records of a run on another machine, in order, and when it ended."""

    records: list[dict[str, Any]]
    end_s: float

    def until(self, time_s: float) -> list[dict[str, Any]]:
        """What its log had at a time."""
        return [record for record in self.records if record["time_s"] <= time_s]


def record(time_s: float, event: str, **values: Any) -> dict[str, Any]:
    """A line of a log."""
    assert set(values) == set(EVENTS[event])
    return {"time_s": time_s, "event": event, **values}


def simulated_run(
    takes: int,
    workers: int,
    durations: Callable[[int], float],
    *,
    fails: Callable[[int], bool] = lambda take: False,
    host: str = "elsewhere",
    process_id: int = 1,
) -> SimulatedRun:
    """Workers that film takes one after the other, each for its own duration; an event queue."""
    records = [_started(takes, workers, host, process_id)]
    records += [record(START_S, "worker_started", worker=n, node=f"node{n}") for n in range(workers)]
    free, film_s = [(START_S, n) for n in range(workers)], 0.0
    heapq.heapify(free)
    for take in range(takes):
        now_s, worker = heapq.heappop(free)
        film_s = durations(take)
        about = {"worker": worker, "take": f"street_{take:06d}", "number": take}
        records.append(record(now_s, "take_started", **about))
        heapq.heappush(free, (now_s + film_s, worker))
        records.append(_ended(now_s + film_s, about, film_s, fails(take)))
    end_s = max(free)[0]
    failed = sum(map(fails, range(takes)))
    records.append(record(end_s, "run_ended", filmed=takes - failed, failed=failed, reason=None))
    return SimulatedRun(sorted(records, key=lambda one: one["time_s"]), end_s)


def gamma_durations(mean_s: float, spread: float, seed: int = 0) -> Callable[[int], float]:
    """Durations of takes with a mean, and a standard deviation of ``spread`` times the mean."""
    shape = 1 / spread**2
    drawn = np.random.default_rng(seed).gamma(shape, mean_s / shape, 100_000)
    return lambda take: float(drawn[take])


def write_log(
    dataset: Path, records: list[dict[str, Any]], name: str = "20260101T000000Z-elsewhere-1"
) -> Path:
    """Write records as a log of a data set."""
    path = dataset / "runs" / f"{name}.jsonl"
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(lines(records)))
    return path


def lines(records: list[dict[str, Any]]) -> Iterator[str]:
    """The lines of a log."""
    return (json.dumps(one) + "\n" for one in records)


def _started(takes: int, workers: int, host: str, process_id: int) -> dict[str, Any]:
    return record(
        START_S,
        "run_started",
        host=host,
        process_id=process_id,
        workers=workers,
        takes=takes,
        done=0,
        planned=takes,
        engine_version="1",
    )


def _ended(time_s: float, about: dict[str, Any], film_s: float, fails: bool) -> dict[str, Any]:
    if fails:
        reason = f"no reply within {film_s:.1f} s"
        return record(time_s, "take_failed", **about, attempts=2, engine_starts=1, reason=reason, faults=[])
    return record(
        time_s, "take_done", **about, attempts=1, seconds_s=film_s, camera_frames=FRAMES, engine_starts=0
    )
