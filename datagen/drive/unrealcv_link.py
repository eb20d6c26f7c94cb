"""UnrealCV's side of an engine: requests in, replies out, with deadlines.

Wraps ``unrealcv.Client``, which by itself waits for ever for a greeting and for the replies of a batch, and
must not be used again after a time-out; here any failure is an EngineError and ends the link.
"""

import contextlib
import io
from collections.abc import Callable, Sequence

import unrealcv

from .deadline import within
from .errors import EngineError

MAX_PER_TICK = 31
Reply = str | bytes


class _Client(unrealcv.Client):
    """The package's client, which says at once and only to its caller that the connection is lost."""

    RECONNECT_ATTEMPTS = 0

    def receive_loop_queue(self) -> None:
        with contextlib.suppress(ConnectionError, AssertionError):
            super().receive_loop_queue()


class UnrealCvLink:
    """One connection to an UnrealCV server. Not for several threads at once."""

    def __init__(
        self, host: str, port: int, *, timeout_s: float, is_alive: Callable[[], bool] = lambda: True
    ) -> None:
        self._timeout_s = timeout_s
        self._is_alive = is_alive
        self._client = _Client((host, port))
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
        """Replies to commands sent in one go, in order."""
        what = f"{len(commands)} UnrealCV commands from {commands[0]!r} on"
        batch = list(commands)
        replies = within(
            self._timeout_s, lambda: self._client.request(batch), what=what, is_alive=self._is_alive
        )
        for command, reply in zip(commands, replies, strict=True):
            if reply is None:
                raise EngineError(f"connection lost during {command!r}")
            if isinstance(reply, str) and reply.startswith("error"):
                raise EngineError(f"{command!r} was refused: {reply}")
        return replies

    def ask_in_one_tick(self, commands: Sequence[str]) -> list[Reply]:
        """Replies to commands that the engine runs within one tick, as many at a time as a tick can hold."""
        replies: list[Reply] = []
        for first in range(0, len(commands), MAX_PER_TICK - 1):
            part = commands[first : first + MAX_PER_TICK - 1]
            replies += self.ask_all([f"vbatch {len(part)}", *part])[1:]
        return replies

    def close(self) -> None:
        """Leave the server."""
        self._client.disconnect()
