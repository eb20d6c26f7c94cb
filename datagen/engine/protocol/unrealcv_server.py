"""UnrealCV's socket side: frames, greeting, request ids, batches."""

import logging
import re
import socket
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator
from typing import IO

from ..world.faults import Faults
from .dispatch import File
from .unrealcv_commands import MOST_CHARACTERS, PROJECT

MAGIC = 0x9E2B83C1
MAX_PAYLOAD_BYTES = 256 * 1024 * 1024
_HEADER = struct.Struct("<II")
_REQUEST = re.compile(rb"(\d+):(.*)", re.DOTALL)
_VBATCH = re.compile(r"vbatch(?: +(\d*)[^ ]*)? *$", re.ASCII)
_MOST_CLIENTS = 256
_MOST_IN_BATCH = 1000
# Of a payload: the command is an error beyond MOST_CHARACTERS, and UTF-8 has at most 4 bytes for each.
_MOST_KEPT_BYTES = 4 * MOST_CHARACTERS + 64
_READ_AT_ONCE = 2**16
# While more commands of a client run, or more bytes wait for it, nothing is read from it.
_MOST_RUNNING = 8
_MOST_REPLY_BYTES = 2**26
# A client that takes none of its replies for a minute has ended, or never reads them.
_SEND_TIMEOUT = struct.pack("ll", 60, 0)
_log = logging.getLogger(__name__)

# Runs commands in one tick of the engine thread and passes the replies to the callback.
Submit = Callable[[list[str], Callable[[list[File]], None]], None]


class ProtocolError(Exception):
    """Bytes that are not an UnrealCV frame; the connection ends."""


class SessionFaults:
    """The faults of all sessions of an engine: of ``vbatch``, and replies that are never sent."""

    def __init__(self, faults: Faults) -> None:
        self._lost_replies, self._replies = faults.lost_replies, 0
        self.has_vbatch, self.holds_commands = not faults.no_vbatch, not faults.ignored_vbatch

    def lose_next(self) -> bool:
        """Count a reply; whether it is lost."""
        self._replies += 1
        return bool(self._lost_replies) and self._replies % self._lost_replies == 0


def serve_clients(listener: socket.socket, submit: Submit, faults: SessionFaults) -> None:
    """Serve each client of a listening socket in its own thread, forever."""
    places = threading.Semaphore(_MOST_CLIENTS)

    def run(connection: socket.socket) -> None:
        try:
            with connection:
                _Session(connection, submit, faults).run()
        finally:
            places.release()

    while True:
        places.acquire()
        connection = _accepted(listener)
        if connection is None:
            places.release()
        else:
            _start(run, connection, places)


def _start(
    run: Callable[[socket.socket], None], connection: socket.socket, places: threading.Semaphore
) -> None:
    try:
        threading.Thread(target=run, args=(connection,), name="unrealcv-client", daemon=True).start()
    except RuntimeError:
        # The system gives no more threads.
        _log.exception("no connection")
        connection.close()
        places.release()


def serve_one_client(listener: socket.socket, submit: Submit, faults: SessionFaults) -> None:
    """Serve one client until it leaves; later ones are never accepted."""
    while (connection := _accepted(listener)) is None:
        pass
    with connection:
        _Session(connection, submit, faults).run()


def _accepted(listener: socket.socket) -> socket.socket | None:
    """The next connection; None if there is none."""
    try:
        connection, _ = listener.accept()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, _SEND_TIMEOUT)
        if connection.family == socket.AF_INET:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except OSError:
        # The client has gone, or there are too many open files.
        _log.exception("no connection")
        return None
    return connection


class _Outbox:
    """Replies of a session until its writer sends them.

    While there is no room, ``expect`` waits, and nothing more is read from the client.
    """

    def __init__(self) -> None:
        self._chunks: deque[list[File]] = deque()
        self._changed = threading.Condition()
        self._running = self._bytes = self._largest = 0
        self._is_closed = False

    def expect(self, *, is_batch: bool = False) -> None:
        """Announce a reply, when there is room for it; ProtocolError if the client has gone.

        The replies of a batch may be large, so there is room for them only when all others are sent.
        """
        with self._changed:
            has_room = self._is_empty if is_batch else self._has_room
            self._changed.wait_for(lambda: self._is_closed or has_room())
            if self._is_closed:
                raise ProtocolError("it does not take its replies")
            self._running += 1

    def put(self, chunk: list[File]) -> None:
        """Add an announced reply, in parts."""
        size = sum(map(len, chunk))
        with self._changed:
            self._running -= 1
            self._bytes += size
            self._largest = max(self._largest, size)
            self._chunks.append(chunk)
            self._changed.notify_all()

    def take(self) -> list[File] | None:
        """The next reply; None when the outbox is closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._chunks)
            return self._chunks.popleft() if self._chunks else None

    def sent(self, size: int) -> None:
        """Make room: so many bytes were sent."""
        with self._changed:
            self._bytes -= size
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody waits any longer."""
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def _is_empty(self) -> bool:
        return not self._running and not self._bytes

    def _has_room(self) -> bool:
        # Replies to commands that run may be as large as the largest so far.
        expected = self._bytes + self._running * self._largest
        return self._running < _MOST_RUNNING and (expected < _MOST_REPLY_BYTES or not expected)


class _Session:
    """The session of one client. A separate thread writes, so a slow client never stops the engine."""

    def __init__(self, connection: socket.socket, submit: Submit, faults: SessionFaults) -> None:
        self._connection, self._submit, self._faults = connection, submit, faults
        self._outbox = _Outbox()
        self._batch: list[tuple[bytes, str]] = []
        self._missing = 0

    def run(self) -> None:
        """Serve until the client disconnects or violates the protocol."""
        writer = threading.Thread(target=self._write, name="unrealcv-writer", daemon=True)
        writer.start()
        self._outbox.expect()
        self._outbox.put(_frame(f"connected to {PROJECT}".encode()))
        try:
            for payload in _read_frames(self._connection):
                self._receive(payload)
        except (ProtocolError, OSError) as error:
            _log.warning("client dropped: %s", error)
        finally:
            self._outbox.close()
            _shut_down(self._connection)
            writer.join()

    def _receive(self, payload: bytes) -> None:
        request = _REQUEST.fullmatch(payload)
        if request is None:
            raise ProtocolError("a request has no id")
        number, text = request[1], request[2].decode(errors="replace")
        size = _batch_size(text) if self._faults.has_vbatch else None
        if self._missing:
            # A longer command is an error, and need not be kept.
            self._batch.append((number, text[: MOST_CHARACTERS + 1]))
            self._missing -= 1
            if not self._missing:
                batch, self._batch = self._batch, []
                self._run(batch, is_batch=True)
        elif size is not None:
            self._missing = size if self._faults.holds_commands else 0
            self._outbox.expect()
            # The reply must come after the replies to earlier commands.
            self._submit([], lambda _: self._outbox.put(self._framed(number, b"ok")))
        else:
            self._run([(number, text)])

    def _run(self, requests: list[tuple[bytes, str]], *, is_batch: bool = False) -> None:
        def answer(replies: list[File]) -> None:
            pairs = zip(requests, replies, strict=True)
            self._outbox.put([part for (number, _), reply in pairs for part in self._framed(number, reply)])

        self._outbox.expect(is_batch=is_batch)
        self._submit([text for _, text in requests], answer)

    def _framed(self, number: bytes, reply: File) -> list[File]:
        return [] if self._faults.lose_next() else _frame(number + b":", reply)

    def _write(self) -> None:
        try:
            while (chunk := self._outbox.take()) is not None:
                for part in _joined(chunk):
                    self._connection.sendall(part)
                    self._outbox.sent(len(part))
        except OSError:
            # This ends the reading side too, which closes the session.
            self._outbox.close()
            _shut_down(self._connection)


def _batch_size(text: str) -> int | None:
    """How many commands a ``vbatch`` announces; None for another command, or for too large a batch.

    As in the plugin, a size that is not a number announces 0 commands.
    """
    vbatch = _VBATCH.fullmatch(text)
    if vbatch is None:
        return None
    digits = vbatch[1] or "0"
    return int(digits) if len(digits) < 10 and int(digits) <= _MOST_IN_BATCH else None


def _frame(*payload: File) -> list[File]:
    return [_HEADER.pack(MAGIC, sum(map(len, payload))), *payload]


def _joined(parts: list[File]) -> Iterator[File]:
    """The same bytes in fewer parts: small ones are joined, large ones are not copied."""
    small: list[File] = []
    for part in parts:
        if len(part) < _READ_AT_ONCE:
            small.append(part)
        else:
            yield b"".join(small)
            yield part
            small = []
    yield b"".join(small)


def _read_frames(connection: socket.socket) -> Iterator[bytes]:
    """Yield payloads until the peer closes the connection."""
    with connection.makefile("rb") as stream:
        while len(header := stream.read(_HEADER.size)) == _HEADER.size:
            magic, length = _HEADER.unpack(header)
            if magic != MAGIC or not 0 < length <= MAX_PAYLOAD_BYTES:
                raise ProtocolError(f"bad frame: magic {magic:#x}, length {length}")
            payload = stream.read(min(length, _MOST_KEPT_BYTES))
            if not _skipped(stream, length - len(payload)):
                return
            yield payload


def _skipped(stream: IO[bytes], left: int) -> bool:
    """Read so many bytes without keeping them; False if the stream ends before."""
    while left > 0 and (part := stream.read(min(left, _READ_AT_ONCE))):
        left -= len(part)
    return left == 0


def _shut_down(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        _log.debug("the connection was already closed")
