"""How pairs come from object storage whose answers begin after 20 ms, with 90 MB/s for each connection.

``bytes_over_needed``: bytes that were read, against those of the two clips of each pair.
``over_tar_streaming``: samples in a second, fetched ahead, against reading whole tars one after the other and
using one pair of each take. Neither decodes. ``open_requests``: requests until a data set is open. The server
runs on this machine.
"""

import json
import os
import socket
import subprocess
import sys
import tarfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory

from shards import store_at
from shards.joint_index import write_joint_index
from shards.pairs import PairReader, PairSettings, PairSource, ahead, open_plan

from .figures import Figure
from .slow_s3 import BUCKET
from .stream_set import stream_set

_LATENCY_S, _BYTES_PER_S = 0.02, 90e6
_THREADS = 16


def measure(*, quick: bool) -> Iterator[Figure]:
    with TemporaryDirectory() as folder:
        dataset = stream_set(Path(folder) / "set", takes=4 if quick else 16)
        write_joint_index(store_at(dataset))
        with _server(Path(folder)) as server:
            before = _requests(server)
            plan = open_plan([PairSource(url=f"s3://{BUCKET}/set")], PairSettings(seed=1, frames=41))
            yield _figure("open_requests", _requests(server) - before, "requests")
            yield from _speeds(PairReader(plan), server, samples=40 if quick else 400)


def _figure(
    name: str, value: float, unit: str, against: str = "", against_value: float | None = None
) -> Figure:
    return Figure(
        benchmark="storage", figure=name, value=value, unit=unit, against=against, against_value=against_value
    )


def _speeds(reader: PairReader, server: str, *, samples: int) -> Iterator[Figure]:
    fetched = ahead(reader.fetch, count(), threads=_THREADS)
    list(islice(fetched, 2 * _THREADS))
    first, needed = reader.counts.read_bytes, 0
    began_s = time.perf_counter()
    for one in islice(fetched, samples):
        if isinstance(one.stored, Exception):
            raise one.stored
        choice = one.stored.choice
        needed += sum(choice.take.member("video", camera).size for camera in choice.cameras)
    ours = samples / (time.perf_counter() - began_s)
    read = (reader.counts.read_bytes - first) * samples / (samples + _THREADS)
    whole = _tar_streaming(reader, server)
    yield _figure("bytes_over_needed", read / needed, "times", "the two clips", 1.0)
    yield _figure("over_tar_streaming", ours / whole, "times", "whole tars", 1.0)
    yield _figure("samples_per_s", ours, "samples/s", "whole tars", whole)


def _tar_streaming(reader: PairReader, server: str) -> float:
    """Takes in a second when whole tars are read, without decoding."""
    one = reader.plan.sets[0]
    began_s, takes = time.perf_counter(), 0
    for shard in one.shards:
        address = f"{server}/{BUCKET}/set/shards/{shard:05d}.tar"
        with urllib.request.urlopen(address) as stream, tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                content = tar.extractfile(member)
                takes += bool(content and content.read()) and member.name.endswith(".take.json")
    return takes / (time.perf_counter() - began_s)


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    """A running server; clients of this process find it."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "benchmarks.slow_s3",
        str(port),
        str(folder),
        str(_LATENCY_S),
        str(_BYTES_PER_S),
    ]
    process = subprocess.Popen(command)
    address, before = f"http://127.0.0.1:{port}", dict(os.environ)
    keys = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "key", "AWS_DEFAULT_REGION": "us-east-1"}
    os.environ.update({"AWS_ENDPOINT_URL": address, **keys})
    try:
        while not _answers(port):
            time.sleep(0.05)
        yield address
    finally:
        os.environ.clear()
        os.environ.update(before)
        process.kill()
        process.wait()


def _answers(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def _requests(server: str) -> int:
    with urllib.request.urlopen(f"{server}/stats") as answer:
        return int(json.load(answer)["requests"])
