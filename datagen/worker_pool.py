"""Calls on Ray workers, whose processes may end or hang: they are replaced, and their calls repeated once."""

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from .ray_cluster import check_nodes, check_ray

MAX_ATTEMPTS = 2
# The group of threads in which a worker answers ``progress`` while another method runs.
PROGRESS = "progress"
_START_LIMIT_S = 120.0
_POLL_S = 1.0


@dataclass(frozen=True, kw_only=True)
class Lost:
    """The result of a call whose process ended or hung, also when it was repeated."""

    reason: str


class WorkerPool:
    """Ray actors that run one call each; the value of their method ``progress`` changes unless they hang.

    Waiting is for futures and not for Ray, which may itself hang, except while a process starts.
    """

    def __init__(self, start: Callable[[int], Any], count: int, *, silence_limit_s: float) -> None:
        self._start = start
        self._silence_limit_s = silence_limit_s
        self._workers = [start(number) for number in range(count)]
        self._has_answered = [False] * count

    def results(self, method: str, arguments: Iterable[tuple[Any, ...]]) -> Iterator[tuple[Any, Any]]:
        """Call a method with each of the arguments; yields arguments and value, or Lost, as calls end.

        RunError if Ray has ended.
        """
        waiting = iter(arguments)
        calls: dict[int, _Call] = {}
        for number, given in zip(range(len(self._workers)), waiting, strict=False):
            calls[number] = _Call(self._workers[number], method, given, attempt=1)
        while calls:
            number, result = self._next_result(calls)
            call = calls.pop(number)
            if isinstance(result, Lost):
                self._replace(number)
                if call.attempt < MAX_ATTEMPTS:
                    calls[number] = _Call(self._workers[number], method, call.given, attempt=call.attempt + 1)
                    continue
            yield call.given, result
            following = next(waiting, None)
            if following is not None:
                calls[number] = _Call(self._workers[number], method, following, attempt=1)

    def close(self, method: str, *, timeout_s: float) -> None:
        """Call a last method on idle workers, and kill all."""
        wait([_future(getattr(worker, method)) for worker in self._workers], timeout=timeout_s)
        for worker in self._workers:
            ray.kill(worker)

    def _next_result(self, calls: dict[int, "_Call"]) -> tuple[int, Any]:
        """The worker whose call ends first, and its result."""
        while True:
            for number, call in calls.items():
                if call.future.done():
                    return number, call.result()
            check_ray()
            for number, call in calls.items():
                silence_s = call.silence_s()
                self._has_answered[number] |= call.has_answered
                if not self._has_answered[number]:
                    check_nodes()
                limit_s = self._silence_limit_s if self._has_answered[number] else _START_LIMIT_S
                if silence_s > limit_s:
                    return number, Lost(reason=f"the worker process made no progress for {silence_s:.0f} s")
            wait([call.future for call in calls.values()], timeout=_POLL_S, return_when=FIRST_COMPLETED)

    def _replace(self, number: int) -> None:
        ray.kill(self._workers[number])
        self._workers[number] = self._start(number)
        self._has_answered[number] = False


class _Call:
    """A call that runs on a worker, and the worker's progress meanwhile."""

    def __init__(self, worker: Any, method: str, given: tuple[Any, ...], *, attempt: int) -> None:
        self.given = given
        self.attempt = attempt
        self.future = _future(getattr(worker, method), *given)
        self.has_answered = False
        self._ask = worker.progress.options(concurrency_group=PROGRESS)
        self._answer = _future(self._ask)
        self._progress: Any = None
        self._asked_s = self._changed_s = time.monotonic()

    def silence_s(self) -> float:
        """Seconds without a change of the progress, or without an answer about it.

        The time in which nobody asked does not count.
        """
        now_s, asked_s = time.monotonic(), self._asked_s
        if not self._answer.done() or self._answer.exception():
            return now_s - asked_s
        self.has_answered = True
        if self._answer.result() != self._progress:
            self._progress, self._changed_s = self._answer.result(), asked_s
        self._answer, self._asked_s = _future(self._ask), now_s
        return asked_s - self._changed_s

    def result(self) -> Any:
        """The value that the method returned, or Lost; raises its errors."""
        error = self.future.exception()
        if isinstance(error, RayError) and not isinstance(error, RayTaskError):
            return Lost(reason=f"the worker process ended: {str(error).splitlines()[0]}")
        return self.future.result()


def _future(method: Any, *given: Any) -> Future[Any]:
    future: Future[Any] = method.remote(*given).future()
    return future
