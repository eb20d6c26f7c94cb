"""Proxies of an engine's two servers: they record what the driver sends, and may change what it gets."""

import http.client
import json
import random
import re
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

HOST = "127.0.0.1"
MAGIC = 0x9E2B83C1
HEADER = struct.Struct("<II")
_REQUEST = re.compile(rb"(\d+):(.*)", re.DOTALL)
# How long bytes may be held back so that they travel with later ones.
_HOLD_S = 0.002

# The reply to a command, or another one in its place.
EditReply = Callable[[str, bytes], bytes]
# The answer to a Remote Control request of a body, or another one in its place.
EditAnswer = Callable[[dict[str, Any], dict[str, Any]], dict[str, Any]]


def same_reply(command: str, reply: bytes) -> bytes:
    return reply


def same_answer(body: dict[str, Any], answer: dict[str, Any]) -> dict[str, Any]:
    return answer


@dataclass(kw_only=True)
class Recorded:
    """What the driver sent through both proxies: ports, UnrealCV commands, and Remote Control requests.

    Attributes:
        requests: verb, route and body.
        log: commands, and names of functions and properties, in the order in which they were sent.
        edit_reply, edit_answer: what the driver gets; they can be replaced at any time.
    """

    unrealcv_port: int = 0
    remote_control_port: int = 0
    commands: list[str] = field(default_factory=list)
    requests: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    edit_reply: EditReply = same_reply
    edit_answer: EditAnswer = same_answer

    @property
    def announced(self) -> dict[str, int]:
        """Both ports, as an engine prints them."""
        return {"unrealcv_port": self.unrealcv_port, "remote_control_port": self.remote_control_port}

    def functions(self) -> set[str]:
        """Names of the functions that were called."""
        return {body["functionName"] for _, _, body in self.requests if "functionName" in body}

    def properties(self) -> set[str]:
        """Names of the properties that were read or written."""
        return {body["propertyName"] for _, _, body in self.requests if "propertyName" in body}


@contextmanager
def proxied(
    announced: Mapping[str, Any], *, seed: int | None = None, late_s: float = 0.0
) -> Iterator[Recorded]:
    """Proxies of both servers of an engine, which printed ``announced``.

    With a seed, bytes of UnrealCV are delayed, split and merged. Remote Control listens after ``late_s``.
    """
    recorded = Recorded()
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server((HOST, 0)))
        server = stack.enter_context(_HttpProxy(announced["remote_control_port"], recorded))
        recorded.unrealcv_port = listener.getsockname()[1]
        recorded.remote_control_port = server.server_address[1]
        listen = threading.Timer(late_s, server.listen)
        listen.start()
        if not late_s:
            listen.join()
        stack.callback(server.shutdown)
        stack.callback(listen.join)
        connections = stack.enter_context(ExitStack())
        # Closing alone would not wake the thread that accepts.
        stack.callback(_shut, listener)
        accept = (listener, announced["unrealcv_port"], recorded, connections, seed)
        threading.Thread(target=_accept, args=accept, daemon=True).start()
        yield recorded


def _accept(
    listener: socket.socket, port: int, recorded: Recorded, connections: ExitStack, seed: int | None
) -> None:
    with suppress(OSError):
        while True:
            client = connections.enter_context(listener.accept()[0])
            engine = connections.enter_context(socket.create_connection((HOST, port)))
            for one in (client, engine):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            session = _Session(recorded)
            for source, sink, change in (
                (client, engine, session.sent_on),
                (engine, client, session.answered),
            ):
                chance = None if seed is None else random.Random(f"{seed} {source is client}")
                threading.Thread(target=_pump, args=(source, sink, change, chance), daemon=True).start()


class _Session:
    """One connection: its commands are recorded, and each reply belongs to the oldest of them."""

    def __init__(self, recorded: Recorded) -> None:
        self._recorded, self._asked = recorded, dict[bytes, str]()

    def sent_on(self, payload: bytes) -> bytes:
        request = _REQUEST.fullmatch(payload)
        assert request, payload
        self._asked[request[1]] = request[2].decode()
        self._recorded.commands.append(request[2].decode())
        self._recorded.log.append(request[2].decode())
        return payload

    def answered(self, payload: bytes) -> bytes:
        reply = _REQUEST.fullmatch(payload)
        if reply is None:
            return payload
        return reply[1] + b":" + self._recorded.edit_reply(self._asked.pop(reply[1]), reply[2])


def _pump(
    source: socket.socket,
    sink: socket.socket,
    change: Callable[[bytes], bytes],
    chance: random.Random | None,
) -> None:
    """Pass frames on; with ``chance`` in pieces that have nothing to do with frames."""
    received, waiting = bytearray(), bytearray()
    source.settimeout(None if chance is None else _HOLD_S)
    with suppress(OSError):
        while True:
            try:
                part = source.recv(2**18)
                if not part:
                    break
                received += part
                waiting += _changed_frames(received, change)
                if chance and chance.random() < 0.5:
                    continue
            except TimeoutError:
                # Nothing more comes to travel with what waits.
                pass
            _send_in_pieces(sink, waiting, chance)
    _shut(sink)


def _changed_frames(received: bytearray, change: Callable[[bytes], bytes]) -> bytes:
    """Take the complete frames from what was received."""
    frames = b""
    while len(received) >= HEADER.size:
        magic, length = HEADER.unpack_from(received)
        assert magic == MAGIC
        if len(received) < HEADER.size + length:
            break
        payload = change(bytes(received[HEADER.size : HEADER.size + length]))
        frames += HEADER.pack(MAGIC, len(payload)) + payload
        del received[: HEADER.size + length]
    return frames


def _send_in_pieces(sink: socket.socket, waiting: bytearray, chance: random.Random | None) -> None:
    while waiting:
        size = len(waiting) if chance is None else chance.choice((1, 3, 7, 8, 9, 100, 4097, 2**16))
        sink.sendall(waiting[:size])
        del waiting[:size]
        if chance and chance.random() < 0.02:
            time.sleep(0.001)


def _shut(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


class _HttpProxy(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, port: int, recorded: Recorded) -> None:
        self.port, self.recorded = port, recorded
        super().__init__((HOST, 0), _HttpHandler, bind_and_activate=False)
        self.server_bind()

    def listen(self) -> None:
        self.server_activate()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()


class _HttpHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _HttpProxy

    def setup(self) -> None:
        super().setup()
        self.engine = http.client.HTTPConnection(HOST, self.server.port, timeout=20)

    def finish(self) -> None:
        super().finish()
        self.engine.close()

    def do_GET(self) -> None:
        self._forward("GET")

    def do_PUT(self) -> None:
        self._forward("PUT")

    def _forward(self, verb: str) -> None:
        content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.loads(content) if content else {}
        recorded = self.server.recorded
        recorded.requests.append((verb, self.path, body))
        recorded.log.append(body.get("functionName") or body.get("propertyName") or self.path)
        self.engine.request(verb, self.path, content or None)
        response = self.engine.getresponse()
        answer = response.read()
        if response.status == 200 and answer:
            answer = json.dumps(recorded.edit_answer(body, json.loads(answer))).encode()
        self.send_response(response.status)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass
