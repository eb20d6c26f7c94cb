"""A call of a Ray worker: what it asks for, while it runs, and what became of it."""

import time
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any

from ray.exceptions import RayActorError, RayError, RayTaskError

from multitake.errors import InputError, RunError, one_line

# The group of threads in which a worker answers ``progress`` while another method runs.
PROGRESS = "progress"
# How often a call is lost with its worker before it fails.
_MOST_LOSSES = 2
# How often a call is repeated because the machine of its worker went away.
_MOST_MOVES = 10


@dataclass(frozen=True, kw_only=True)
class Lost:
    """The result of a call whose worker process ended or hung.

    ``is_moved``: the process had no machine, or lost it, which is not the fault of the call. ``is_final``:
    the worker cannot be started, so another process would not help.
    """

    reason: str
    is_moved: bool = False
    is_final: bool = False


@dataclass(frozen=True, kw_only=True)
class Call:
    """A method to call with arguments, and how often it was lost."""

    method: str
    arguments: tuple[Any, ...]
    losses: int = 0
    moves: int = 0

    def after(self, lost: Lost) -> "Call | None":
        """The call to repeat; None if it was repeated often enough."""
        moves, losses = self.moves + lost.is_moved, self.losses + (not lost.is_moved)
        if losses >= _MOST_LOSSES or moves > _MOST_MOVES:
            return None
        return Call(method=self.method, arguments=self.arguments, losses=losses, moves=moves)


class RunningCall:
    """A call that runs on a worker, and the worker's progress meanwhile.

    ``unchanged_s``: seconds, at the last ``poll``, since the progress changed, or since it was asked for
    without an answer. Time without a question does not count.
    """

    def __init__(self, worker: Any, call: Call, *, is_first: bool) -> None:
        self.call = call
        self.is_first = is_first
        self.future = future_of(getattr(worker, call.method), *call.arguments)
        # A ready worker has answered before.
        self.is_answered = not is_first
        self.unchanged_s = 0.0
        self._ask = worker.progress.options(concurrency_group=PROGRESS)
        self._answer = future_of(self._ask)
        self._progress: Any = None
        self._asked_s = self._changed_s = time.monotonic()

    def poll(self) -> None:
        """Read the answer about the progress if it is there, and ask again."""
        now_s, asked_s = time.monotonic(), self._asked_s
        if not self._answer.done():
            self.unchanged_s = now_s - asked_s
        elif self._answer.exception():
            # Asked again: the answer was lost, or the worker has not begun.
            self._answer = future_of(self._ask)
            self.unchanged_s = now_s - asked_s
        else:
            self.is_answered = True
            if self._answer.result() != self._progress:
                self._progress, self._changed_s = self._answer.result(), asked_s
            self._answer, self._asked_s = future_of(self._ask), now_s
            self.unchanged_s = asked_s - self._changed_s

    def result(self) -> Any:
        """The value that the method returned, or Lost; InputError or RunError if it raised an error."""
        error = self.future.exception()
        if isinstance(error, RayTaskError):
            if isinstance(error.cause, InputError):
                raise error.cause from error
            what = f"{type(error.cause).__name__}: {one_line(error.cause)}"
            raise RunError(what, where="worker", fix="run the same command again") from error
        if isinstance(error, RayError):
            return _lost(error)
        return self.future.result()


def _lost(error: RayError) -> Lost:
    """Why a worker has no result; Ray says in words alone that a machine has died."""
    lines = [line for line in str(error).splitlines() if line.strip()] or [type(error).__name__]
    if isinstance(error, RayActorError) and error.actor_init_failed:
        # The last line of a traceback.
        return Lost(reason=f"a worker cannot be started: {lines[-1].strip()}", is_final=True)
    is_preempted = isinstance(error, RayActorError) and error.preempted
    is_moved = is_preempted or any(words in str(error) for words in ("node has died", "node was"))
    return Lost(reason=f"the worker process ended: {lines[0]}", is_moved=is_moved)


def future_of(method: Any, *arguments: Any) -> Future[Any]:
    """The value of a method of a worker, when it is there."""
    future: Future[Any] = method.remote(*arguments).future()
    return future
