"""Random requests to both servers of the embedded engine, and its memory over takes and image sizes.

``python -m benchmarks.soak_engine [--requests 100000] [--seed 0] [--look lit]``: every request to UnrealCV
and to Remote Control must be answered, broken frames must end their own connection alone, and the engine
must be alive with flat memory at the end. ``--takes`` films takes one after the other, and ``--sizes``
captures images of as many sizes; the peak of memory in the second half must be within 5 % of the first
half's. Prints what happens otherwise, and ends with exit code 1.
"""

import argparse
import http.client
import json
import socket
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from datagen.batch import Batch, EngineChoice, Pass
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.film import film_take
from datagen.plan import plan_take
from multitake.randomness import rng_for

from .engine_requests import MAGIC, random_command, random_frames, random_http_request

HEADER = struct.Struct("<II")
_AT_ONCE = 50
_TIMEOUT_S = 120
_MOST_GROWTH = 1.05


@dataclass
class Server:
    """A running engine, the memory it used at several times, and what went wrong."""

    process: subprocess.Popen[str]
    unrealcv_port: int
    unrealcv_socket: str
    remote_control_port: int
    memory_mb: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    def link(self) -> socket.socket:
        """A new UnrealCV connection over TCP, after the greeting."""
        return self._greeted(socket.create_connection(("127.0.0.1", self.unrealcv_port), timeout=_TIMEOUT_S))

    def unix_link(self) -> socket.socket:
        """A new UnrealCV connection over the unix socket, after the greeting."""
        link = socket.socket(socket.AF_UNIX)
        link.connect(self.unrealcv_socket)
        return self._greeted(link)

    def _greeted(self, link: socket.socket) -> socket.socket:
        greeting = _payload(link)
        if not greeting.startswith(b"connected"):
            self.failures.append(f"greeting {greeting[:80]!r}")
        return link

    def sample_memory(self) -> None:
        """Note the resident memory."""
        self.memory_mb.append(resident_mb(self.process.pid))


def resident_mb(process: int) -> float:
    """The resident memory of a process."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))


@contextmanager
def serving(look: str) -> Iterator[Server]:
    """An engine in a process of its own; its log goes to nowhere."""
    program = [sys.executable, "-m", "datagen.engine", "--look", look, "--until-stdin-closes"]
    pipe, nowhere = subprocess.PIPE, subprocess.DEVNULL
    with TemporaryDirectory(prefix="engine-") as folder:
        command = [*program, "--unrealcv-socket", f"{folder}/socket"]
        with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=nowhere, text=True) as process:
            assert process.stdout and process.stdin
            line = json.loads(process.stdout.readline())
            ports = (line[name] for name in ("unrealcv_port", "unrealcv_socket", "remote_control_port"))
            yield Server(process, *ports)
            process.stdin.close()


def ask_randomly(server: Server, rng: np.random.Generator, requests: int) -> Counter[str]:
    """Send commands in groups, with broken connections between them; counts of replies by kind."""
    templates = _ask(server.link(), ["vget /unrealcv/commands"])[0].decode().splitlines()
    outcomes: Counter[str] = Counter()
    link = server.link()
    for first in range(0, requests, _AT_ONCE):
        commands = [random_command(rng, templates) for _ in range(_AT_ONCE)]
        commands = [command for command in commands if not command.startswith("vbatch")]
        try:
            replies = _ask(link, commands)
        except (OSError, ValueError) as error:
            server.failures.append(f"{error!r} after {commands!r}")
            link = server.link()
            continue
        outcomes.update("error" if reply.startswith(b"error") else "answered" for reply in replies)
        with server.link() as broken:
            broken.sendall(random_frames(rng))
        outcomes["broken frames"] += 1
        if first % (requests // 20 or 1) < _AT_ONCE:
            # In a new level, without what the commands spawned.
            _ask(link, ["vset /action/game/level /Game/Maps/Street", "vget /level/name"])
            server.sample_memory()
    return outcomes


def request_randomly(server: Server, rng: np.random.Generator, requests: int) -> Counter[str]:
    """Send HTTP requests, some of them on one connection; counts of answers by status."""
    outcomes: Counter[str] = Counter()
    for first in range(0, requests, _AT_ONCE):
        with socket.create_connection(("127.0.0.1", server.remote_control_port), timeout=_TIMEOUT_S) as link:
            for _ in range(_AT_ONCE):
                request = random_http_request(rng)
                try:
                    outcomes[str(_http(link, request))] += 1
                except (OSError, ValueError, http.client.HTTPException) as error:
                    server.failures.append(f"{error!r} after {request[:300]!r}")
                    break
        if first % (requests // 20 or 1) < _AT_ONCE:
            server.sample_memory()
    return outcomes


def capture_sizes(server: Server, rng: np.random.Generator, sizes: int) -> None:
    """Capture an image of each of so many sizes; those of the second half are those of the first, turned.

    So both halves need the same memory.
    """
    kinds = ["lit bmp", "object_mask bmp"]
    first = rng.integers(16, 700, size=(sizes // 2, 2))
    with server.link() as link:
        for width, height in np.concatenate([first, first[:, ::-1]]).tolist():
            size = f"vset /camera/0/size {width} {height}"
            _ask(link, [size, *(f"vget /camera/0/{kind}" for kind in kinds)])
            server.sample_memory()


def film_takes(look: str, takes: int) -> list[float]:
    """Film takes with one engine; its resident memory after each."""
    passes: tuple[Pass, ...] = ("depth", "mask", "surface", "joints") if look == "lit" else ("mask",)
    batch = Batch(
        seed=3,
        takes=takes,
        frames=5,
        width_px=160,
        height_px=96,
        passes=passes,
        engine=EngineChoice(look=look),
    )
    catalog = load_catalog(batch.scene, folder=Path())
    engine = RunningEngine(batch.engine, worker=0)
    process = engine.process_id
    assert process is not None
    memory_mb = []
    try:
        for index in range(takes):
            film_take(engine.driver, batch, plan_take(batch, catalog, index))
            memory_mb.append(resident_mb(process))
    finally:
        engine.close()
    return memory_mb


def growth(memory_mb: list[float]) -> float:
    """Peak of the second half over the peak of the first half."""
    first, second = halves(memory_mb)
    return second / first


def halves(memory_mb: list[float]) -> tuple[float, float]:
    """The peaks of both halves."""
    half = len(memory_mb) // 2
    return max(memory_mb[:half]), max(memory_mb[half:])


def requests_bytes(commands: Sequence[str]) -> bytes:
    """The frames of requests with the ids 0, 1, ..."""
    requests = [f"{number}:{text}".encode() for number, text in enumerate(commands)]
    return b"".join(HEADER.pack(MAGIC, len(request)) + request for request in requests)


def _ask(link: socket.socket, commands: list[str]) -> list[bytes]:
    """Replies in order; ValueError if one has another id."""
    link.sendall(requests_bytes(commands))
    replies = []
    for number in range(len(commands)):
        found, _, body = _payload(link).partition(b":")
        if found != str(number).encode():
            raise ValueError(f"reply {found!r} to request {number}")
        replies.append(body)
    return replies


def _payload(link: socket.socket) -> bytes:
    magic, length = HEADER.unpack(_exactly(link, HEADER.size))
    if magic != MAGIC or not length:
        raise ValueError(f"a frame with magic {magic:#x} and length {length}")
    return _exactly(link, length)


def _exactly(link: socket.socket, size: int) -> bytes:
    content = bytearray()
    while len(content) < size:
        part = link.recv(min(size - len(content), 1 << 20))
        if not part:
            raise ConnectionError("the connection was closed")
        content += part
    return bytes(content)


def _http(link: socket.socket, request: bytes) -> int:
    """The status of an answer, which must be empty or JSON."""
    link.sendall(request)
    response = http.client.HTTPResponse(link, method=request.split(b" ", 1)[0].decode())
    response.begin()
    content = response.read()
    if content:
        json.loads(content)
    if response.will_close:
        raise ConnectionError(f"the connection was closed after status {response.status}")
    return response.status


def main() -> None:
    parser = argparse.ArgumentParser(prog="soak_engine", description=__doc__)
    parser.add_argument("--requests", type=int, default=100_000, help="to each of the two servers")
    parser.add_argument("--sizes", type=int, default=1000)
    parser.add_argument("--takes", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--look", default="lit")
    chosen = parser.parse_args()
    failed = False
    with serving(chosen.look) as server:
        steps = {
            "unrealcv": lambda: ask_randomly(server, rng_for(chosen.seed, "commands"), chosen.requests),
            "remote control": lambda: request_randomly(server, rng_for(chosen.seed, "http"), chosen.requests),
            "sizes": lambda: capture_sizes(server, rng_for(chosen.seed, "sizes"), chosen.sizes),
        }
        for name, step in steps.items():
            server.memory_mb.clear()
            start_s = perf_counter()
            outcomes = step()
            failed |= _report(name, server.memory_mb, f"{perf_counter() - start_s:.0f} s, {outcomes or ''}")
        alive = server.process.poll() is None
        for failure in server.failures[:20]:
            print(f"FAILED: {failure[:2000]}")
        print(f"alive: {alive}, {len(server.failures)} failures")
        failed |= bool(server.failures) or not alive
    if chosen.takes:
        failed |= _report("takes", film_takes(chosen.look, chosen.takes), f"{chosen.takes} takes")
    sys.exit(1 if failed else 0)


def _report(name: str, memory_mb: list[float], text: str) -> bool:
    """Print a line about a step; whether its memory grew too much."""
    if len(memory_mb) < 2:
        return False
    grown = growth(memory_mb)
    print(
        f"{name}: {text}; {memory_mb[0]:.0f} to {max(memory_mb):.0f} MiB, memory_growth {grown:.3f}",
        flush=True,
    )
    return grown > _MOST_GROWTH


if __name__ == "__main__":
    main()
