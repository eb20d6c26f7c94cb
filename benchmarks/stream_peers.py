"""Other readers of pairs, each in the way that is best for it. Run by ``benchmarks.stream`` with the
interpreter that has them (see ``stream_peers.txt``): ``python stream_peers.py DATASET FOLDER PEER``.

All read the same windows of 41 frames of two cameras, and decode them by the same loop into memory that is
used again. Their processes are those of ``DataLoader``, which copies what they give. A line ``WORKERS PAIRS``
on the standard input is answered with the seconds that so many pairs took, after some that do not count.
"""

import io
import itertools
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

import av
import numpy as np
import torch
from av.video.reformatter import VideoReformatter
from torch.utils.data import DataLoader, IterableDataset

CAMERAS, FRAMES, STARTS = 10, 41, (0, 20, 40)
_BUFFERS = 4
# What a worker has read ahead when its turn begins is taken first.
UNCOUNTED = 4


class Decoder:
    """Decodes pairs into a few buffers in turn; with workers, the one before may still be on its way."""

    def __init__(self) -> None:
        self._buffers: list[np.ndarray] = []
        self._turn = itertools.count()

    def pair(self, videos: list[bytes], poses: bytes, start: int) -> tuple[torch.Tensor, torch.Tensor]:
        number = next(self._turn) % _BUFFERS
        for place, video in enumerate(videos):
            with av.open(io.BytesIO(video), "r") as file:
                stream = file.streams.video[0]
                stream.thread_type = "NONE"
                if not self._buffers:
                    shape = (2, FRAMES, stream.height, stream.width, 3)
                    self._buffers = [np.zeros(shape, np.uint8) for _ in range(_BUFFERS)]
                decode(file, stream, start, self._buffers[number][place])
        array = np.load(io.BytesIO(poses))[:, start : start + FRAMES]
        return torch.from_numpy(self._buffers[number]), torch.from_numpy(np.ascontiguousarray(array))


def decode(file: av.container.InputContainer, stream: av.VideoStream, start: int, out: np.ndarray) -> None:
    """The window of a video in RGB."""
    reformatter = VideoReformatter()
    ticks = 1 / (stream.average_rate * stream.time_base)
    if start:
        file.seek(int(start * ticks), stream=stream)
    for frame in file.decode(stream):
        index = round(frame.pts / ticks)
        if index < start:
            continue
        plane = reformatter.reformat(frame, format="rgb24").planes[0]
        lines = np.frombuffer(plane, np.uint8).reshape(-1, plane.line_size)
        np.copyto(out[index - start], lines[: plane.height, : plane.width * 3].reshape(out.shape[1:]))
        if index == start + FRAMES - 1:
            return


class Pairs(IterableDataset):
    """The pairs of a peer: (two videos, poses, first frame), decoded."""

    def __init__(self, peer: "Peer") -> None:
        self._peer = peer

    def __iter__(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        decoder, rng = Decoder(), random.Random(0)
        for videos, poses in self._peer.pairs(rng):
            yield decoder.pair(videos, poses, rng.choice(STARTS))


class Peer:
    """A reader; ``prepare`` writes its own format once."""

    def __init__(self, dataset: Path, folder: Path) -> None:
        self.dataset, self.folder = dataset, folder
        self.tars = sorted(str(path) for path in (dataset / "shards").glob("*.tar"))

    def prepare(self) -> None: ...

    def pairs(self, rng: random.Random) -> Iterator[tuple[list[bytes], bytes]]:
        raise NotImplementedError

    def takes(self) -> Iterator[dict[str, bytes]]:
        """All members of each take, by their endings."""
        import webdataset

        for sample in webdataset.WebDataset(self.tars, shardshuffle=False):
            yield {name: value for name, value in sample.items() if not name.startswith("__")}


class WebDataset(Peer):
    """Five pairs of each take that is read, through a buffer."""

    def pairs(self, rng: random.Random) -> Iterator[tuple[list[bytes], bytes]]:
        import webdataset

        shards = webdataset.WebDataset(
            self.tars,
            shardshuffle=len(self.tars),
            detshuffle=True,
            empty_check=False,
            workersplitter=webdataset.split_by_worker,
        )
        while True:
            for sample in shards:
                cameras = rng.sample(range(1, CAMERAS + 1), CAMERAS)
                for pair in range(5):
                    two = cameras[2 * pair : 2 * pair + 2]
                    yield [sample[f"cam{camera:02d}.mp4"] for camera in two], sample["poses.npy"]


class Mosaic(Peer):
    """One row for each camera, so that two are read."""

    def prepare(self) -> None:
        _without_torchvision()
        from streaming import MDSWriter

        with MDSWriter(out=str(self.folder), columns={"video": "bytes", "poses": "bytes"}) as writer:
            for take in self.takes():
                for camera in range(1, CAMERAS + 1):
                    writer.write({"video": take[f"cam{camera:02d}.mp4"], "poses": take["poses.npy"]})

    def pairs(self, rng: random.Random) -> Iterator[tuple[list[bytes], bytes]]:
        _without_torchvision()
        from streaming import LocalDataset

        rows = LocalDataset(str(self.folder))
        while True:
            take, two = rng.randrange(len(rows) // CAMERAS), rng.sample(range(CAMERAS), 2)
            found = [rows[take * CAMERAS + camera] for camera in two]
            yield [row["video"] for row in found], found[0]["poses"]


class Lit(Peer):
    """One item for each take: chunks are mapped, and hopping between items of single cameras is slow."""

    def prepare(self) -> None:
        from litdata.streaming.writer import BinaryWriter

        writer = BinaryWriter(str(self.folder), chunk_bytes="64MB")
        for number, take in enumerate(self.takes()):
            videos = {f"video{camera}": take[f"cam{camera:02d}.mp4"] for camera in range(1, CAMERAS + 1)}
            writer[number] = {**videos, "poses": take["poses.npy"]}
        writer.done()
        writer.merge()

    def pairs(self, rng: random.Random) -> Iterator[tuple[list[bytes], bytes]]:
        from litdata import StreamingDataset

        items = StreamingDataset(str(self.folder), shuffle=True)
        while True:
            for item in items:
                two = rng.sample(range(1, CAMERAS + 1), 2)
                yield [item[f"video{camera}"] for camera in two], item["poses"]


class Energon(Peer):
    """Single members by their names."""

    def prepare(self) -> None:
        shutil.copytree(self.dataset / "shards", self.folder, copy_function=os.link)
        command = [Path(sys.executable).parent / "energon", "prepare", str(self.folder)]
        options = [
            "--non-interactive",
            "--split-ratio",
            "1,0,0",
            "--sample-type",
            "CrudeWebdataset",
            "--force-overwrite",
        ]
        subprocess.run([*command, *options], check=True, stdout=subprocess.DEVNULL)

    def pairs(self, rng: random.Random) -> Iterator[tuple[list[bytes], bytes]]:
        from megatron.energon.cache.file_store import WebdatasetFileStore
        from megatron.energon.epathlib import EPath

        members = WebdatasetFileStore(EPath(str(self.folder)))
        keys = [f"room_{number:06d}" for number in range(sum(1 for _ in self.takes()))]
        while True:
            key, two = rng.choice(keys), rng.sample(range(1, CAMERAS + 1), 2)
            videos = [members[f"{key}.cam{camera:02d}.mp4"][0] for camera in two]
            yield videos, members[f"{key}.poses.npy"][0]


class Lance(Peer):
    """One row for each camera; two rows are taken by their numbers."""

    def prepare(self) -> None:
        import lance
        import pyarrow as pa

        schema = pa.schema([("video", pa.large_binary()), ("poses", pa.large_binary())])

        def batches() -> Iterator[pa.RecordBatch]:
            for take in self.takes():
                videos = [take[f"cam{camera:02d}.mp4"] for camera in range(1, CAMERAS + 1)]
                poses = [take["poses.npy"]] * CAMERAS
                yield pa.record_batch(
                    [pa.array(videos, pa.large_binary()), pa.array(poses, pa.large_binary())], schema=schema
                )

        lance.write_dataset(pa.RecordBatchReader.from_batches(schema, batches()), str(self.folder))

    def pairs(self, rng: random.Random) -> Iterator[tuple[list[bytes], bytes]]:
        import lance

        rows = lance.dataset(str(self.folder))
        takes = rows.count_rows() // CAMERAS
        while True:
            take, two = rng.randrange(takes), rng.sample(range(CAMERAS), 2)
            found = rows.take([take * CAMERAS + camera for camera in two])
            yield [video.as_py() for video in found["video"]], found["poses"][0].as_py()


def _without_torchvision() -> None:
    """Replace torchvision, which ``streaming`` imports and this does not need: that of PyPI needs CUDA."""
    names = (
        "torchvision",
        "torchvision.datasets",
        "torchvision.transforms",
        "torchvision.transforms.functional",
    )
    for name in names:
        module = sys.modules[name] = ModuleType(name)
        module.__spec__ = ModuleSpec(name, None)
        module.VisionDataset = module.to_tensor = module.ToTensor = module.Compose = object


PEERS = {"webdataset": WebDataset, "mosaicml": Mosaic, "litdata": Lit, "energon": Energon, "lance": Lance}


def main() -> None:
    dataset, folder, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    peer = PEERS[name](dataset, folder)
    if not folder.exists():
        peer.prepare()
    running: dict[int, Iterator[object]] = {}
    print("ready", flush=True)
    for line in sys.stdin:
        workers, pairs = map(int, line.split())
        if workers not in running:
            loader = DataLoader(
                Pairs(peer),
                batch_size=None,
                num_workers=workers,
                multiprocessing_context="spawn" if workers else None,
            )
            running[workers] = iter(loader)
        for _ in range(UNCOUNTED):
            next(running[workers])
        began = time.perf_counter()
        for _ in range(pairs):
            next(running[workers])
        print(time.perf_counter() - began, flush=True)


if __name__ == "__main__":
    main()
