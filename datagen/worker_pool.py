"""Ray workers whose processes may end or hang, and whose machines may go away: their calls are repeated."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from multitake.errors import RunError

from .ray_cluster import WorkerResources, check_nodes, check_ray, free_workers

MAX_ATTEMPTS = 2
# The group of threads in which a worker answers ``progress`` while another method runs.
PROGRESS = "progress"
_START_LIMIT_S = 120.0
# How long workers are waited for that have no process yet, if others are ready.
_PLACE_S = 30.0
_POLL_S = 1.0
# How often a call is repeated because its machine went away, and a worker started that does not get ready.
_MOST_MOVES, _MOST_STARTS = 10, 5


@dataclass(frozen=True, kw_only=True)
class Lost:
    """The result of a call whose process ended or hung, also when it was repeated.

    ``is_moved``: the machine of the process went away, which is not the fault of the call.
    """

    reason: str
    is_moved: bool = False


@dataclass(frozen=True, kw_only=True)
class Call:
    """A method to call with arguments, and how often it was lost."""

    method: str
    given: tuple[Any, ...]
    losses: int = 0
    moves: int = 0

    def after(self, lost: Lost) -> "Call | None":
        """The call to repeat; None if it was repeated often enough."""
        moves, losses = self.moves + lost.is_moved, self.losses + (not lost.is_moved)
        if losses >= MAX_ATTEMPTS or moves > _MOST_MOVES:
            return None
        return Call(method=self.method, given=self.given, losses=losses, moves=moves)


class WorkerPool:
    """Ray actors that run one call each; the value of their method ``progress`` changes unless they hang.

    A worker that was started runs its ``first`` call; ``accept`` says why it cannot be used, or returns None.
    Then it is ready for work. One that ends, hangs or loses its machine is started again; ``note`` is told.
    Waiting is for futures and not for Ray, which may itself hang, except while a process starts.
    """

    def __init__(
        self,
        start: Callable[[int], Any],
        count: int,
        *,
        first: Callable[[int], Call],
        accept: Callable[[int, Any], str | None],
        note: Callable[..., None],
        resources: WorkerResources,
        silence_limit_s: float,
    ) -> None:
        self._start, self._first, self._accept, self._note = start, first, accept, note
        self._resources, self._silence_limit_s = resources, silence_limit_s
        self._runs: dict[int, _Run] = {}
        self._ready: dict[int, Any] = {}
        self._starts = [0] * count
        self._again: deque[Call] = deque()
        for number in range(count):
            self._begin(number)

    def prepare(self) -> None:
        """Wait until all workers are ready; those without a machine are not waited for if others are.

        RunError if none gets ready, or if Ray has ended.
        """
        while any(self._is_awaited(run) for run in self._runs.values()):
            if ended := self._polled():
                self._begun(*ended)

    def results(
        self,
        next_call: Callable[[int], Call | None],
        begun: Callable[[int, Call], None],
        must_end: Callable[[], bool],
    ) -> Iterator[tuple[int, Call, Any]]:
        """Run the calls that ``next_call`` gives for workers, until it gives none, or until it ``must_end``.

        ``begun`` is told which worker begins which call. Yields worker, call and value, or Lost, as calls
        end. RunError if no worker is left, or if Ray has ended.
        """
        while True:
            is_ending = must_end()
            if not is_ending:
                self._give_out(next_call, begun)
            is_working = any(not run.is_first for run in self._runs.values())
            if not is_working and (is_ending or (self._ready and not self._again)):
                return
            ended = self._polled()
            if ended is None:
                continue
            number, run, result = ended
            if run.is_first:
                self._begun(number, run, result)
                continue
            if isinstance(result, Lost):
                if is_ending:
                    ray.kill(run.worker)
                    continue
                self._restart(number, run.worker, result)
                if again := run.call.after(result):
                    self._again.append(again)
                    continue
            else:
                self._ready[number] = run.worker
            yield number, run.call, result

    def close(self, method: str, *, timeout_s: float) -> None:
        """Call a last method on idle workers, and kill all."""
        wait([_future(getattr(worker, method)) for worker in self._ready.values()], timeout=timeout_s)
        for worker in (*self._ready.values(), *(run.worker for run in self._runs.values())):
            ray.kill(worker)

    def _begin(self, number: int) -> None:
        self._starts[number] += 1
        self._runs[number] = _Run(self._start(number), self._first(number), is_first=True)

    def _begun(self, number: int, run: "_Run", result: Any) -> None:
        """Note whether a worker is ready, from the result of its first call."""
        lost = result if isinstance(result, Lost) else None
        reason = lost.reason if lost else self._accept(number, result)
        if reason is None:
            self._starts[number] = 0
            self._ready[number] = run.worker
        else:
            self._restart(number, run.worker, lost or Lost(reason=reason))

    def _restart(self, number: int, worker: Any, lost: Lost) -> None:
        """Replace a worker, unless it was started too often without getting ready."""
        ray.kill(worker)
        if self._starts[number] < _MOST_STARTS or lost.is_moved:
            self._note("worker_lost", worker=number, reason=lost.reason)
            self._begin(number)
            return
        self._note("worker_given_up", worker=number, reason=lost.reason)
        if not self._ready and not self._runs:
            raise RunError(lost.reason, where="worker", fix="run the same command again")

    def _is_awaited(self, run: "_Run") -> bool:
        """Whether filming does not begin before a worker is ready."""
        return run.is_answered or not self._ready or run.silence_s() < _PLACE_S

    def _give_out(self, next_call: Callable[[int], Call | None], begun: Callable[[int, Call], None]) -> None:
        for number in list(self._ready):
            call = self._again.popleft() if self._again else next_call(number)
            if call is not None:
                self._runs[number] = _Run(self._ready.pop(number), call, is_first=False)
                begun(number, call)

    def _polled(self) -> tuple[int, "_Run", Any] | None:
        """A worker whose call has ended, the call, and its result; None after a while without one."""
        wait([run.future for run in self._runs.values()], timeout=_POLL_S, return_when=FIRST_COMPLETED)
        for number, run in self._runs.items():
            if run.future.done():
                del self._runs[number]
                return number, run, run.result()
        check_ray()
        for number, run in self._runs.items():
            if lost := self._silent(run):
                del self._runs[number]
                return number, run, lost
        return None

    def _silent(self, run: "_Run") -> Lost | None:
        """Whether a worker is silent for too long; one that Ray has no place for is waited for."""
        silence_s = run.silence_s()
        if run.is_answered:
            limit_s = self._silence_limit_s
        else:
            check_nodes()
            limit_s = _START_LIMIT_S
        if silence_s <= limit_s:
            return None
        if not run.is_answered and not free_workers(self._resources):
            self._check_others()
            return None
        return Lost(reason=f"the worker process made no progress for {silence_s:.0f} s")

    def _check_others(self) -> None:
        """RunError if no worker has a place."""
        if not self._ready and not any(run.is_answered for run in self._runs.values()):
            what = f"no machine has {self._resources} free for a worker"
            raise RunError(what, where="Ray", fix="wait until other jobs end, or add machines")


class _Run:
    """A call that runs on a worker, and the worker's progress meanwhile."""

    def __init__(self, worker: Any, call: Call, *, is_first: bool) -> None:
        self.worker = worker
        self.call = call
        self.is_first = is_first
        self.future = _future(getattr(worker, call.method), *call.given)
        # A ready worker has answered before.
        self.is_answered = not is_first
        self._ask = worker.progress.options(concurrency_group=PROGRESS)
        self._answer = _future(self._ask)
        self._progress: Any = None
        self._asked_s = self._changed_s = time.monotonic()

    def silence_s(self) -> float:
        """Seconds without a change of the progress, or without an answer about it.

        The time in which nobody asked does not count.
        """
        now_s, asked_s = time.monotonic(), self._asked_s
        if not self._answer.done():
            return now_s - asked_s
        if self._answer.exception():
            # Asked again: the answer was lost, or the worker has not begun.
            self._answer = _future(self._ask)
            return now_s - asked_s
        self.is_answered = True
        if self._answer.result() != self._progress:
            self._progress, self._changed_s = self._answer.result(), asked_s
        self._answer, self._asked_s = _future(self._ask), now_s
        return asked_s - self._changed_s

    def result(self) -> Any:
        """The value that the method returned, or Lost; raises its errors."""
        error = self.future.exception()
        if isinstance(error, RayError) and not isinstance(error, RayTaskError):
            text = str(error)
            is_moved = "node has died" in text or "node was" in text or "preempted" in text
            return Lost(reason=f"the worker process ended: {text.splitlines()[0]}", is_moved=is_moved)
        return self.future.result()


def _future(method: Any, *given: Any) -> Future[Any]:
    future: Future[Any] = method.remote(*given).future()
    return future
