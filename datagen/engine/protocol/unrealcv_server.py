"""UnrealCV's socket side: frames, greeting, request ids, batches; one client at a time over TCP."""

import logging
import queue
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator

from .unrealcv_commands import PROJECT

MAGIC = 0x9E2B83C1
MAX_PAYLOAD_BYTES = 256 * 1024 * 1024
_HEADER = struct.Struct("<II")
_REQUEST = re.compile(rb"(\d+):(.*)", re.DOTALL)
_VBATCH = re.compile(r"vbatch (\d+) *$", re.ASCII)
_log = logging.getLogger(__name__)

# Runs commands in one tick of the engine thread and passes the replies to the callback.
Submit = Callable[[list[str], Callable[[list[bytes]], None]], None]


class ProtocolError(Exception):
    """Bytes that are not an UnrealCV frame; the connection ends."""


def serve_clients(listener: socket.socket, submit: Submit) -> None:
    """Serve clients one after another on a listening socket, forever."""
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with connection:
            _Session(connection, submit).run()


class _Session:
    """The session of one client. A separate thread writes, so a slow client never stops the engine."""

    def __init__(self, connection: socket.socket, submit: Submit) -> None:
        self._connection, self._submit = connection, submit
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._batch: list[tuple[bytes, str]] = []
        self._missing = 0

    def run(self) -> None:
        """Serve until the client disconnects or violates the protocol."""
        writer = threading.Thread(target=self._write, name="unrealcv-writer", daemon=True)
        writer.start()
        self._outbox.put(_frame(f"connected to {PROJECT}".encode()))
        try:
            for payload in _read_frames(self._connection):
                self._receive(payload)
        except (ProtocolError, OSError) as error:
            _log.warning("client dropped: %s", error)
        finally:
            self._outbox.put(None)
            _shut_down(self._connection)
            writer.join()

    def _receive(self, payload: bytes) -> None:
        request = _REQUEST.fullmatch(payload)
        if request is None:
            raise ProtocolError("a request has no id")
        number, text = request[1], request[2].decode(errors="replace")
        vbatch = _VBATCH.fullmatch(text)
        if self._missing:
            self._batch.append((number, text))
            self._missing -= 1
            if not self._missing:
                batch, self._batch = self._batch, []
                self._run(batch)
        elif vbatch:
            self._missing = int(vbatch[1])
            # The reply must come after the replies to earlier commands.
            self._submit([], lambda _: self._outbox.put(_frame(number + b":ok")))
        else:
            self._run([(number, text)])

    def _run(self, requests: list[tuple[bytes, str]]) -> None:
        def answer(replies: list[bytes]) -> None:
            pairs = zip(requests, replies, strict=True)
            self._outbox.put(b"".join(_frame(number + b":" + reply) for (number, _), reply in pairs))

        self._submit([text for _, text in requests], answer)

    def _write(self) -> None:
        try:
            while (chunk := self._outbox.get()) is not None:
                self._connection.sendall(chunk)
        except OSError:
            # This ends the reading side too, which closes the session.
            _shut_down(self._connection)


def _frame(payload: bytes) -> bytes:
    return _HEADER.pack(MAGIC, len(payload)) + payload


def _read_frames(connection: socket.socket) -> Iterator[bytes]:
    """Yield payloads until the peer closes the connection."""
    with connection.makefile("rb") as stream:
        while len(header := stream.read(_HEADER.size)) == _HEADER.size:
            magic, length = _HEADER.unpack(header)
            if magic != MAGIC or not 0 < length <= MAX_PAYLOAD_BYTES:
                raise ProtocolError(f"bad frame: magic {magic:#x}, length {length}")
            payload = stream.read(length)
            if len(payload) < length:
                return
            yield payload


def _shut_down(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        _log.debug("the connection was already closed")
