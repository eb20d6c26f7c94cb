"""The UnrealCV connection to an engine: requests and replies, with deadlines.

It wraps ``unrealcv.Client``, which has no time limit for the greeting and for the replies of a batch, and
must not be used after a time-out. Here any failure is an EngineError, and the link must be closed.
"""

import contextlib
import io
import logging
from collections.abc import Callable, Sequence

import unrealcv

from .deadline import within
from .errors import EngineError

# The package logs every connection to standard error.
logging.getLogger(unrealcv.__name__).setLevel(logging.ERROR)
MAX_PER_TICK = 31
Reply = str | bytes


class _Client(unrealcv.Client):
    """The client of the package; a lost connection is reported at once, and to the caller only."""

    RECONNECT_ATTEMPTS = 0

    def receive_loop_queue(self) -> None:
        with contextlib.suppress(ConnectionError, AssertionError):
            super().receive_loop_queue()


class UnrealCvLink:
    """A connection to an UnrealCV server; for one thread at a time. ``replies`` counts answered requests."""

    def __init__(
        self, host: str, port: int, *, timeout_s: float, is_alive: Callable[[], bool] = lambda: True
    ) -> None:
        self._timeout_s = timeout_s
        self._is_alive = is_alive
        self._client = _Client((host, port))
        self.replies = 0
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                is_connected = within(timeout_s, self._client.connect, what="connecting", is_alive=is_alive)
        except EngineError:
            self._client.disconnect()
            raise
        if not is_connected:
            raise EngineError(f"no UnrealCV server at {host}:{port}")

    def ask(self, command: str) -> Reply:
        """The reply to one command; EngineError if it is an error."""
        return self.ask_all([command])[0]

    def ask_all(self, commands: Sequence[str]) -> list[Reply]:
        """Replies to commands that are sent together, in order."""
        what = f"{len(commands)} UnrealCV commands starting with {commands[0]!r}"
        batch = list(commands)
        replies = within(
            self._timeout_s, lambda: self._client.request(batch), what=what, is_alive=self._is_alive
        )
        self.replies += 1
        for command, reply in zip(commands, replies, strict=True):
            if reply is None:
                raise EngineError(f"connection lost during {command!r}")
            if isinstance(reply, str) and reply.startswith("error"):
                raise EngineError(f"{command!r} was refused: {reply}")
        return replies

    def ask_in_ticks(self, commands: Sequence[str], *, together: int = 1) -> list[Reply]:
        """Replies to commands that run in as few ticks as possible; ``together`` consecutive ones in one."""
        replies: list[Reply] = []
        most = (MAX_PER_TICK - 1) // together * together
        for first in range(0, len(commands), most):
            part = commands[first : first + most]
            replies += self.ask_all([f"vbatch {len(part)}", *part])[1:]
        return replies

    def close(self) -> None:
        """Close the connection."""
        self._client.disconnect()
