"""SIGINT, SIGTERM and SIGHUP as one exception."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from .exit_notice import end_process

_NUMBERS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
# `timeout` and a closed terminal send the same signal twice at once.
_ONE_REQUEST_S = 1.0


class Interrupted(BaseException):
    """The process was asked to end. Not a KeyboardInterrupt, which libraries catch and replace."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    def __str__(self) -> str:
        return f"interrupted by {signal.Signals(self.number).name}"


class StopRequest:
    """The first signal of this process."""

    def __init__(self) -> None:
        self.number: int | None = None
        self._time_s = 0.0
        self._is_postponed = False

    def on_signal(self, number: int, _: FrameType | None) -> None:
        """Raise Interrupted, now or at the end of ``postponed``; end the process at a second signal."""
        if self.number is None:
            self.number, self._time_s = number, time.monotonic()
            if not self._is_postponed:
                raise Interrupted(number)
        elif time.monotonic() - self._time_s > _ONE_REQUEST_S:
            # Nothing of this process may be waited for.
            name = signal.Signals(number).name
            end_process(
                128 + number, f"multitake: ended by a second signal, {name}; run the same command again"
            )

    @contextmanager
    def postponed(self) -> Iterator["StopRequest"]:
        """Within this block a signal sets ``number``; Interrupted is raised when the block ends."""
        self.number, self._is_postponed = None, True
        try:
            yield self
        finally:
            self._is_postponed = False
        if self.number is not None:
            raise Interrupted(self.number)


_request = StopRequest()
postponed = _request.postponed


def raise_on_signals() -> None:
    """Raise Interrupted in the main thread on the first signal; a second one ends the process.

    A signal that is ignored already stays ignored, as SIGHUP does under ``nohup``.
    """
    for number in _NUMBERS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _request.on_signal)


@contextmanager
def handlers_restored() -> Iterator[None]:
    """Restore the handlers of all three signals after a block that installs others."""
    handlers = {number: signal.getsignal(number) for number in _NUMBERS}
    try:
        yield
    finally:
        if threading.current_thread() is threading.main_thread():
            for number, handler in handlers.items():
                signal.signal(number, handler)
