"""Ray workers whose processes may end or hang, and whose machines may go away: their calls are repeated."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, wait
from contextlib import suppress
from typing import Any

import ray

from multitake.errors import RunError

from .ray_cluster import WorkerResources, answer_of, check_nodes, check_ray, free_workers
from .worker_call import Call, Lost, RunningCall, future_of

_START_LIMIT_S = 120.0
# How long workers are waited for that have no process yet, if others are ready; and when they start again.
_PLACE_S, _PLACE_LIMIT_S = 30.0, 600.0
_POLL_S = 1.0
# How often a worker is started that does not get ready.
_MOST_STARTS = 5


class WorkerPool:
    """Ray actors that run one call each; the value of their method ``progress`` changes unless they hang.

    A worker that was started runs its ``first`` call; ``accept`` says why it cannot be used, or returns None.
    Then it is ready for work. One that ends, hangs or loses its machine is replaced if there is a call for
    it; ``note`` receives the events. Calls that ask the head process of Ray have a limit, as it can hang.
    ``has_places`` if Ray has a place for each worker at once.
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
        stuck_limit_s: float,
        has_places: bool = False,
    ) -> None:
        self._start, self._first, self._accept, self._note = start, first, accept, note
        self._resources, self._stuck_limit_s, self._has_places = resources, stuck_limit_s, has_places
        self._workers: dict[int, Any] = {}
        self._runs: dict[int, RunningCall] = {}
        self._ready: set[int] = set()
        self._starts = [0] * count
        self._polled_s = time.monotonic()
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
        calls = _Calls(next_call, must_end)
        while True:
            self._give_out(calls, begun)
            is_working = any(not run.is_first for run in self._runs.values())
            if not is_working and not calls.has_one_for(min(self._workers, default=0)):
                return
            ended = self._polled()
            if ended is None:
                continue
            number, run, result = ended
            if run.is_first:
                self._begun(number, run, result, calls)
            elif isinstance(result, Lost):
                again = run.call.after(result)
                if again:
                    calls.repeat(again)
                self._replace(number, result, is_needed=calls.has_one_for(number))
                if again is None:
                    yield number, run.call, result
            else:
                self._ready.add(number)
                yield number, run.call, result

    def close(self, method: str, *, timeout_s: float) -> None:
        """Call a last method on idle workers, and kill all."""
        wait([future_of(getattr(self._workers[number], method)) for number in self._ready], timeout=timeout_s)
        with suppress(RunError):
            answer_of(lambda: [ray.kill(worker) for worker in self._workers.values()], timeout_s)

    def _begin(self, number: int) -> None:
        self._starts[number] += 1
        self._workers[number] = worker = answer_of(lambda: self._start(number))
        self._runs[number] = RunningCall(worker, self._first(number), is_first=True)

    def _begun(self, number: int, run: RunningCall, result: Any, calls: "_Calls | None" = None) -> None:
        """Note whether a worker is ready, from the result of its first call; else replace it if it is needed.

        Without ``calls`` it is needed.
        """
        lost = result if isinstance(result, Lost) else None
        reason = lost.reason if lost else self._accept(number, result)
        if reason is None:
            self._starts[number] = 0
            self._ready.add(number)
        else:
            is_needed = calls is None or calls.has_one_for(number)
            self._replace(number, lost or Lost(reason=reason), is_needed=is_needed)

    def _replace(self, number: int, lost: Lost, *, is_needed: bool) -> None:
        """Kill a worker; if one is needed, start another, unless too many did not get ready."""
        killed = self._workers.pop(number)
        answer_of(lambda: ray.kill(killed))
        is_hopeless = lost.is_final or (self._starts[number] >= _MOST_STARTS and not lost.is_moved)
        is_given_up = is_needed and is_hopeless
        self._note("worker_given_up" if is_given_up else "worker_lost", worker=number, reason=lost.reason)
        if is_needed and not is_hopeless:
            self._begin(number)
        if is_given_up and not self._workers:
            again = "run the same command again"
            fix = f"install the same packages on all machines, and {again}" if lost.is_final else again
            raise RunError(lost.reason, where="worker", fix=fix)

    def _is_awaited(self, run: RunningCall) -> bool:
        """Whether filming does not begin before a worker is ready."""
        return run.is_answered or not self._ready or run.unchanged_s < _PLACE_S

    def _give_out(self, calls: "_Calls", begun: Callable[[int, Call], None]) -> None:
        for number in sorted(self._ready):
            call = calls.next_for(number)
            if call is not None:
                self._ready.remove(number)
                self._runs[number] = RunningCall(self._workers[number], call, is_first=False)
                begun(number, call)

    def _polled(self) -> tuple[int, RunningCall, Any] | None:
        """A worker whose call has ended, the call, and its result; None after a while without one."""
        wait([run.future for run in self._runs.values()], timeout=_POLL_S, return_when=FIRST_COMPLETED)
        # By the clock: in a large pool, a call ends all the time.
        if time.monotonic() >= self._polled_s + _POLL_S:
            self._polled_s = time.monotonic()
            check_ray()
            if not all(run.is_answered for run in self._runs.values()):
                check_nodes()
            for number, run in self._runs.items():
                if not run.future.done() and (lost := self._lost_if_stuck(run)):
                    del self._runs[number]
                    return number, run, lost
        for number, run in self._runs.items():
            if run.future.done():
                del self._runs[number]
                return number, run, run.result()
        return None

    def _lost_if_stuck(self, run: RunningCall) -> Lost | None:
        """Lost if a worker makes no progress for too long.

        One for which Ray may have no place is waited for. RunError if no other worker has a place.
        """
        run.poll()
        if run.is_answered:
            if run.unchanged_s <= self._stuck_limit_s:
                return None
            return Lost(reason=f"the worker process made no progress for {run.unchanged_s:.0f} s")
        if run.unchanged_s <= _START_LIMIT_S:
            return None
        reason = f"a worker process did not start within {run.unchanged_s:.0f} s"
        if self._has_places or free_workers(self._resources):
            return Lost(reason=reason)
        reason = f"{reason}: no machine has {self._resources} free for it, or it hangs"
        if not self._ready and not any(other.is_answered for other in self._runs.values()):
            raise RunError(reason, where="Ray", fix="wait until other jobs end, or add machines")
        return Lost(reason=reason, is_moved=True) if run.unchanged_s > _PLACE_LIMIT_S else None


class _Calls:
    """The calls that are left: those to repeat, then the next ones; none once the caller ``must_end``."""

    def __init__(self, next_call: Callable[[int], Call | None], must_end: Callable[[], bool]) -> None:
        self._next_call, self._must_end = next_call, must_end
        self._waiting: deque[Call] = deque()

    def repeat(self, call: Call) -> None:
        """Give a call out again."""
        self._waiting.append(call)

    def next_for(self, number: int) -> Call | None:
        """The next call of a worker; None if no call is left."""
        if self._must_end():
            return None
        return self._waiting.popleft() if self._waiting else self._next_call(number)

    def has_one_for(self, number: int) -> bool:
        """Whether a call is left; it is given to the worker that asks next."""
        call = self.next_for(number)
        if call is not None:
            self._waiting.appendleft(call)
        return call is not None
