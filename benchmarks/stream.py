"""How fast pairs come from storage, on one core: pairs of windows of 41 frames, ten cameras of 672x384.

``over_best_peer``: pairs in a second from one worker, against the best other reader with one worker.
``over_best_peer_any``: without workers, against the best other reader without. ``over_bare_decode``: from
one worker, against decoding the same videos from memory into memory that is used again, in a process that
does nothing else. ``over_kept_decode``: the same, if that process keeps the memory that decoders free, as
ours do. ``yuv_over_rgb_floor`` and ``yuv_over_kept_floor``: planes without workers, against these two.
``open_13600_s`` and ``open_13600_mb``: time and memory to open 13,600 takes. ``wait_share``: how long 8 ranks
wait that use one pair of 81 frames a second, and ``rank_mb``: the memory of one of them. Other readers need
an environment of their own, see ``stream_peers.txt``; without it their figures are missing.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import cache
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import numpy as np

from multitake.randomness import rng_for
from shards import open_dataset
from shards.pairs import PairSettings, framing, keep_freed_memory
from shards.pairs.choice import Window
from shards.pairs.decoding import ClipMemory, clip_bytes, decode_into
from shards.streaming import PairLoader, PairStream

from .figures import Figure, seconds_of
from .many_takes import write_tables_of
from .stream_set import SIZE_PX, stream_set

PEERS_PYTHON = Path(os.environ.get("MULTITAKE_PEERS_PYTHON", ".venv-peers/bin/python"))
_PEERS = ("webdataset", "mosaicml", "litdata", "energon", "lance")
_FRAMES = 41
_UNCOUNTED = 4
_RANKS = 8


def measure(*, quick: bool) -> Iterator[Figure]:
    with TemporaryDirectory() as folder:
        dataset = stream_set(Path(folder) / "dataset", takes=4 if quick else 16)
        with _one_core():
            yield from _speeds(dataset, Path(folder), rounds=3 if quick else 9, pairs=6 if quick else 20)
        waits = [_wait(dataset, steps=10 if quick else 40)]
        yield _figure("wait_share", max(one["wait_share"] for one in waits[0]), "of the time")
        yield _figure("rank_mb", max(one["mb"] for one in waits[0]), "MB")
        many = write_tables_of(Path(folder) / "many", takes=13_600)
        opened = [_opened(many) for _ in range(3)]
        yield _figure("open_13600_s", median(one["seconds"] for one in opened), "s")
        yield _figure("open_13600_mb", median(one["mb"] for one in opened), "MB")


def _figure(
    name: str, value: float, unit: str, against: str = "", against_value: float | None = None
) -> Figure:
    return Figure(
        benchmark="stream", figure=name, value=value, unit=unit, against=against, against_value=against_value
    )


@contextmanager
def _one_core() -> Iterator[None]:
    """A block in which this process and its children run on one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def _speeds(dataset: Path, folder: Path, *, rounds: int, pairs: int) -> Iterator[Figure]:
    """Pairs in a second of all readers; their rounds alternate."""
    with ExitStack() as stack:
        readers: dict[str, Callable[[int], float]] = {
            "floor": _bare_decode(dataset, stack, keeps_memory=False),
            "kept": _bare_decode(dataset, stack, keeps_memory=True),
        }
        for name, workers, pixels in (("ours", 0, "rgb"), ("planes", 0, "yuv420"), ("ours+1", 1, "rgb")):
            readers[name] = _loader(dataset, stack, workers, pixels)
        if PEERS_PYTHON.exists():
            for name in _PEERS:
                ask = _peer(name, dataset, folder / name, stack)
                readers[name] = lambda n, ask=ask: ask(0, n)
                readers[f"{name}+1"] = lambda n, ask=ask: ask(1, n)
        taken: dict[str, list[float]] = {name: [] for name in readers}
        for _ in range(rounds):
            for name, read in readers.items():
                taken[name].append(pairs / read(pairs))
    speed = {name: median(found) for name, found in taken.items()}
    for name, found in speed.items():
        yield _figure(f"pairs_per_s_{name}", found, "pairs/s")
    for figure, ours, floor in (
        ("over_bare_decode", "ours+1", "floor"),
        ("over_kept_decode", "ours+1", "kept"),
        ("yuv_over_rgb_floor", "planes", "floor"),
        ("yuv_over_kept_floor", "planes", "kept"),
    ):
        yield _figure(figure, speed[ours] / speed[floor], "times", "bare decode to RGB", 1.0)
    if PEERS_PYTHON.exists():
        for figure, ours, ending in (("over_best_peer", "ours+1", "+1"), ("over_best_peer_any", "ours", "")):
            best = max(_PEERS, key=lambda name, ending=ending: speed[name + ending])
            yield _figure(figure, speed[ours] / speed[best + ending], "times", best, 1.0)


def _loader(dataset: Path, stack: ExitStack, workers: int, pixels: str) -> Callable[[int], float]:
    """Seconds that a number of our pairs take."""
    stream = PairStream(dataset, PairSettings(seed=1, frames=_FRAMES, pixels=pixels))
    samples = iter(stack.enter_context(PairLoader(stream, workers=workers)))

    def read(pairs: int) -> float:
        for _ in islice(samples, _UNCOUNTED):
            pass
        return seconds_of(lambda: [None for _ in islice(samples, pairs)])

    return read


def _bare_decode(dataset: Path, stack: ExitStack, *, keeps_memory: bool) -> Callable[[int], float]:
    """Seconds of decoding alone, in a process of its own."""
    start = keep_freed_memory if keeps_memory else None
    process = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=start)
    stack.callback(process.shutdown)
    return lambda pairs: process.submit(_decode_seconds, dataset, pairs).result()


def _decode_seconds(dataset: Path, pairs: int) -> float:
    pair = _decoder(dataset)
    for _ in range(_UNCOUNTED):
        pair()
    return seconds_of(lambda: [pair() for _ in range(pairs)])


@cache
def _decoder(dataset: Path) -> Callable[[], None]:
    """Decodes pairs: videos in memory, frames into memory that is used again."""
    takes = [open_dataset(dataset).take(key) for key in open_dataset(dataset).keys[:4]]
    videos = [take.clip(camera).video_bytes() for take in takes for camera in take.cameras]
    fitted, rng = framing(SIZE_PX, SIZE_PX), rng_for(0, "bare decode")
    clips = [
        ClipMemory.within(np.zeros(clip_bytes(_FRAMES, SIZE_PX, "rgb"), np.uint8), _FRAMES, SIZE_PX, "rgb")
        for _ in range(2)
    ]

    def pair() -> None:
        window = Window(first=20 * int(rng.integers(3)), frames=_FRAMES, stride=1)
        for clip, number in zip(clips, rng.choice(len(videos), 2), strict=True):
            decode_into(clip, videos[number], window, fitted)

    return pair


def _peer(name: str, dataset: Path, folder: Path, stack: ExitStack) -> Callable[[int, int], float]:
    """Seconds that a number of pairs of another reader take, by workers and pairs."""
    program = Path(__file__).with_name("stream_peers.py")
    process = stack.enter_context(
        subprocess.Popen(
            [PEERS_PYTHON, program, dataset, folder, name],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
    )
    stack.callback(process.kill)
    assert process.stdin and process.stdout
    if process.stdout.readline().strip() != "ready":
        raise RuntimeError(f"{name} cannot be run by {PEERS_PYTHON}")
    asked, answers = process.stdin, process.stdout

    def ask(workers: int, pairs: int) -> float:
        print(workers, pairs, file=asked, flush=True)
        return float(answers.readline())

    return ask


_RANK = """
import json, sys, time
from itertools import islice
from shards.pairs import PairSettings
from shards.streaming import PairLoader, PairStream
rank, steps = int(sys.argv[2]), int(sys.argv[3])
stream = PairStream(sys.argv[1], PairSettings(seed=1), rank=rank, world_size={ranks})
def mb(process):
    lines = open(f"/proc/{{process}}/smaps_rollup").read().splitlines()
    return int(next(l for l in lines if l.startswith("Pss:")).split()[1]) / 1024
import os, subprocess
with PairLoader(stream, workers=1) as loader:
    for sample in islice(loader, steps):
        time.sleep(1.0)
    figures = loader.figures
    found = subprocess.run(["pgrep", "-P", str(os.getpid()), "-f", "shards.pairs"], capture_output=True)
    used = sum(map(mb, (os.getpid(), *found.stdout.decode().split())))
print(json.dumps({{"wait_share": figures.wait_share, "mb": used}}))
"""


def _wait(dataset: Path, *, steps: int) -> list[dict[str, float]]:
    """What each rank says."""
    command = [sys.executable, "-c", _RANK.format(ranks=_RANKS), str(dataset)]
    ranks = [
        subprocess.Popen([*command, str(rank), str(steps)], stdout=subprocess.PIPE, text=True)
        for rank in range(_RANKS)
    ]
    return [json.loads(rank.communicate()[0]) for rank in ranks]


_OPEN = """
import json, sys, time
from shards import open_dataset
def mb():
    return int(next(l for l in open("/proc/self/status") if l.startswith("VmRSS")).split()[1]) / 1024
before, began = mb(), time.perf_counter()
dataset = open_dataset(sys.argv[1])
print(json.dumps({"seconds": time.perf_counter() - began, "mb": mb() - before, "takes": len(dataset)}))
"""


def _opened(dataset: Path) -> dict[str, float]:
    """Seconds and memory to open a data set, in a process of its own."""
    found = subprocess.run([sys.executable, "-c", _OPEN, dataset], capture_output=True, text=True, check=True)
    return json.loads(found.stdout)
