"""The UnrealCV connection to an engine: requests and replies, with deadlines.

It wraps ``unrealcv.Client``, which has no time limit for the greeting and for the replies of a batch, and
must not be used after a time-out. Here any failure is an EngineError, and a missing reply closes the link.
"""

import codecs
import contextlib
import io
import logging
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import Empty

import unrealcv

from .deadline import within
from .errors import EngineError, RefusedError

# The package logs every connection, and every failure, to standard error.
logging.getLogger(unrealcv.__name__).setLevel(logging.CRITICAL)
# It also prints on standard output, which is for results: this name hides the builtin one inside of it.
unrealcv.print = lambda *_, **__: None
# The plugin runs 32 requests in a tick; one is ``vbatch``, and one is left for others.
MOST_IN_TICK = 30
Reply = str | bytes | bytearray
# Host and port, or the path of a unix socket.
Address = tuple[str, int] | Path
NO_BATCH = "no vbatch that runs in one tick; update the UnrealCV plugin to branch 5.2 of March 2026 or later"
# Magic number and size of a message; a reply begins with the number of its request and a colon.
_HEADER, _MOST_DIGITS = struct.Struct("<II"), 24
_UTF8, _HEAD_BYTES = codecs.getincrementaldecoder("utf-8"), 1024
_WORD = "multitake"
_ECHO = f"vget /unrealcv/echo {_WORD}"
# A reply that is not held comes within a round trip.
_HELD_ROUND_TRIPS, _LEAST_HELD_S = 5, 0.1


def socket_of_port(port: int) -> Path:
    """The unix socket to which the plugin moves on Linux when its first TCP client has left.

    Source: the plugin's UnixTcpServer.cpp, branch 5.2.
    """
    return Path(f"/tmp/unrealcv_{port}.socket")


class _Client(unrealcv.Client):
    """The client of the package; a lost connection is reported at once, and to the caller only."""

    def _load_command_capabilities(self) -> None:
        # The package waits 15 s for a list and continues: a later reply would be that of the next request.
        self._command_capabilities_checked = True

    def receive_loop_queue(self) -> None:
        with contextlib.suppress(ConnectionError):
            super().receive_loop_queue()

    def receive(self) -> bytearray:
        """The next message, in one buffer: the package copies each image several times."""
        try:
            magic, size = _HEADER.unpack(self._received(_HEADER.size))
            if magic != unrealcv.SocketMessage.magic:
                raise ConnectionError(f"a message begins with {magic:#x}")
            return self._received(size)
        except OSError as error:
            raise self._lost(error) from error

    def raw_message_handler(self, raw_message: bytearray) -> Reply:
        """The reply in a message: text if it is valid UTF-8."""
        number, colon, _ = raw_message[:_MOST_DIGITS].partition(b":")
        if not colon or not number.isdigit() or int(number) != self.recv_message_id:
            raise self._lost(f"expected reply {self.recv_message_id}, got {bytes(raw_message[:80])!r}")
        # Neither this nor the error about the first bytes of an image copies the image.
        del raw_message[: len(number) + 1]
        try:
            _UTF8().decode(raw_message[:_HEAD_BYTES])
            return raw_message.decode()
        except UnicodeDecodeError:
            return raw_message

    def _received(self, size: int) -> bytearray:
        """So many bytes."""
        buffer, filled = bytearray(size), 0
        while filled < size:
            count = self.sock.recv_into(memoryview(buffer)[filled:]) if self.sock else 0
            if not count:
                raise ConnectionError("the connection is closed")
            filled += count
        return buffer

    def _lost(self, why: object) -> ConnectionError:
        """Disconnect, and tell those who wait for a reply."""
        self.disconnect()
        error = ConnectionError(str(why))
        self.recv_data_q.put(error)
        return error

    def post(self, command: str) -> None:
        """Send a command without waiting; its reply is the next of ``take_reply``."""
        if not self.send(b"%d:%s" % (self.send_message_id, command.encode())):
            raise ConnectionError("the connection is closed")
        self.send_message_id += 1
        self.recv_num_q.put(-1)

    def take_reply(self, timeout_s: float) -> Reply:
        """The reply to the oldest command that was posted; ``queue.Empty`` if it does not come in time."""
        reply: Reply = self.recv_data_q.get(timeout=timeout_s)
        return reply


class UnrealCvLink:
    """A connection to an UnrealCV server; for one thread at a time.

    Its greeting is not waited for any longer once the server ``has_moved`` elsewhere.

    Attributes:
        address: where the server is.
        replies: how many requests were answered.
        is_lost: whether a reply did not come, so that the connection cannot be used any more.
    """

    def __init__(
        self,
        address: Address,
        *,
        timeout_s: float,
        is_alive: Callable[[], bool] = lambda: True,
        has_moved: Callable[[], bool] = lambda: False,
    ) -> None:
        self.address = address
        self.replies = 0
        self.is_lost = False
        self._timeout_s = timeout_s
        self._is_alive = is_alive
        self._client = _client(address)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                is_connected = within(
                    timeout_s,
                    self._client.connect,
                    what="connecting",
                    is_alive=lambda: is_alive() and not has_moved(),
                )
        except EngineError:
            self._client.disconnect()
            raise
        if not is_connected:
            raise EngineError(f"no UnrealCV server at {address_text(address)}")

    def wait_ready(self, timeout_s: float) -> None:
        """Wait until commands are answered: Unreal greets long before its first tick.

        EngineError if that takes too long, or if the replies are those of an earlier client.
        """
        reply = self.ask(_ECHO, timeout_s=timeout_s)
        if reply != _WORD:
            raise EngineError(f"UnrealCV answered {_ECHO!r} with {reply[:80]!r}, which is another reply")

    def ask(self, command: str, *, timeout_s: float | None = None) -> Reply:
        """The reply to one command; RefusedError if it is an error, EngineError if there is none in time."""
        return self.ask_all([command], timeout_s=timeout_s)[0]

    def ask_all(self, commands: Sequence[str], *, timeout_s: float | None = None) -> list[Reply]:
        """Replies to commands that are sent together, in order; ``timeout_s`` is for all of them."""
        what = f"{len(commands)} UnrealCV commands starting with {commands[0]!r}"
        batch = list(commands)
        with self._closed_after_failure():
            replies = within(
                timeout_s or self._timeout_s,
                lambda: self._client.request(batch),
                what=what,
                is_alive=self._is_alive,
            )
            if None in replies:
                raise EngineError(f"connection lost during {batch[replies.index(None)]!r}")
        self.replies += 1
        for command, reply in zip(commands, replies, strict=True):
            if isinstance(reply, str) and reply.startswith("error"):
                raise RefusedError(f"{command!r} was refused: {reply}")
        return replies

    def ask_in_ticks(self, commands: Sequence[str], *, timeout_s: float | None = None) -> list[Reply]:
        """Replies to commands that run in as few ticks as possible: up to ``MOST_IN_TICK`` in one."""
        replies: list[Reply] = []
        for first in range(0, len(commands), MOST_IN_TICK):
            part = commands[first : first + MOST_IN_TICK]
            replies += self.ask_all([f"vbatch {len(part)}", *part], timeout_s=timeout_s)[1:]
        return replies

    def holds_batches(self) -> bool:
        """Whether the commands after ``vbatch`` wait for each other, and so run in one tick.

        Builds of the plugin before March 2026 answer each at once, older ones do not know ``vbatch``.
        """
        # Twice: one tick may be slow.
        return all(self._is_held() for _ in range(2))

    @contextlib.contextmanager
    def _closed_after_failure(self) -> Iterator[None]:
        """Close the connection after a reply that did not come: it could be that of a later request."""
        if self.is_lost:
            raise EngineError("the connection was closed after a reply that did not come")
        try:
            yield
        except (EngineError, Empty, ConnectionError) as error:
            self.is_lost = True
            self._client.disconnect()
            failure = EngineError("no answer to a batch of two commands")
            raise (error if isinstance(error, EngineError) else failure) from error

    def _is_held(self) -> bool:
        """Whether a reply waits for the second command of a batch."""
        began_s = time.monotonic()
        self.ask(_ECHO)
        wait_s = max(_LEAST_HELD_S, _HELD_ROUND_TRIPS * (time.monotonic() - began_s))
        with self._closed_after_failure():
            return self._holds_reply(wait_s)

    def _holds_reply(self, wait_s: float) -> bool:
        client = self._client
        client.post("vbatch 2")
        is_known = client.take_reply(self._timeout_s) == "ok"
        client.post(_ECHO)
        replies, is_held = 0, False
        try:
            client.take_reply(wait_s)
            replies = 1
        except Empty:
            is_held = True
        client.post(_ECHO)
        for _ in range(2 - replies):
            client.take_reply(self._timeout_s)
        self.replies += 1
        return is_known and is_held

    def close(self) -> None:
        """Close the connection."""
        self._client.disconnect()


def address_text(address: Address) -> str:
    """An address as a user writes it."""
    return str(address) if isinstance(address, Path) else f"{address[0]}:{address[1]}"


def _client(address: Address) -> _Client:
    return _Client(str(address), "unix") if isinstance(address, Path) else _Client(address)
