"""The streaming reader: an endless, exactly resumable sequence of pairs for torch.

It is the only module of this package that imports torch.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from multitake.errors import InputError, LineError, RunError

from .pairs import (
    Cache,
    MixingStatistic,
    PairReader,
    PairRecord,
    PairSettings,
    PairSource,
    PairWorkers,
    ReadCounts,
    SkippedTake,
    SlotPool,
    ahead,
    distinct_over_shuffled,
    open_plan,
)

STATE_SCHEMA = 2
_OBJECT_THREADS = 8
_SLOTS = 2


@dataclass(frozen=True, kw_only=True)
class Yuv420:
    """Frames as they are stored: BT.709, limited range; U and V have half the width and height."""

    y: UInt8[Tensor, "frames height width"]
    u: UInt8[Tensor, "frames half_height half_width"]
    v: UInt8[Tensor, "frames half_height half_width"]

    def rgb(self, device: torch.device | str | None = None) -> UInt8[Tensor, "frames 3 height width"]:
        """The frames in RGB, converted on a device; the planes are half the bytes to copy there.

        ITU-R BT.709-6, section 3; each value of U and V is that of 2 x 2 pixels.
        """
        y, u, v = (plane.to(device, non_blocking=True) for plane in (self.y, self.u, self.v))
        luma = (y.float() - 16) * (255 / 219)
        u, v = (_doubled(plane.float() - 128) * (255 / 224) for plane in (u, v))
        red = luma + 1.5748 * v
        green = luma - 0.187324 * u - 0.468124 * v
        blue = luma + 1.8556 * u
        return torch.stack([red, green, blue], dim=1).round_().clamp_(0, 255).to(torch.uint8)


@dataclass(frozen=True, kw_only=True)
class ClipWindow:
    """The window of one clip of a pair.

    Attributes:
        video: RGB frames, or their planes if the settings say ``pixels="yuv420"``.
        source0_from_camera: poses relative to the source camera in the first frame of the window.
        intrinsics: fx, fy, cx, cy of each frame, in pixels of the delivered size.
    """

    camera: str
    video: UInt8[Tensor, "frames 3 height width"] | Yuv420
    source0_from_camera: Float[Tensor, "frames 3 4"]
    intrinsics: Float[Tensor, "frames 4"]

    def rgb(self, device: torch.device | str | None = None) -> UInt8[Tensor, "frames 3 height width"]:
        """The frames in RGB, on a device."""
        return self.video.rgb(device) if isinstance(self.video, Yuv420) else self.video.to(device)


@dataclass(frozen=True, kw_only=True)
class PairSample:
    """The same window of two or more clips of one take.

    The memory of the frames is used again when no tensor of the sample is left; ``clone`` what is to be kept.

    Attributes:
        sample_index: position in the stream, over all ranks.
        dataset: which data set of the stream, from 0.
        epoch: how often each take of that data set came before.
        first_frame: first frame of the window in the take; every ``stride``-th is used.
        fps: frames per second of the window.
        skipped: takes that could not be read, and that this one replaces.
    """

    sample_index: int
    dataset: int
    epoch: int
    take: str
    caption: str
    source: ClipWindow
    targets: tuple[ClipWindow, ...]
    first_frame: int
    stride: int
    fps: float
    skipped: tuple[SkippedTake, ...] = ()

    @property
    def target(self) -> ClipWindow:
        """The first target."""
        return self.targets[0]


class PairStream(IterableDataset[PairSample]):
    """Endless pairs; sample i depends on (data sets, settings, i) alone.

    Every epoch of a data set has each of its takes once, in another order; cameras, window and crop are
    sampled for each pair. Rank r of ``world_size`` has samples ``first_sample + r``, ``+ world_size``, and so
    on. ``PairLoader`` reads it with processes, and without copies between them. A
    ``DataLoader(stream, batch_size=None, num_workers=n)`` of torch gives the same samples in the same order.

    Args:
        sources: a data set (folder or fsspec address), or several with their weights.
        settings: which pairs.
        cache: keeps what was read from storage on the disk of this machine.
        allow_mixed: data sets may differ in look and frame rate.
        patience_s: how long an outage of the storage is waited for.

    InputError for an unreadable data set, a split without takes, too few cameras, windows that are too long,
    or data sets that differ.
    """

    def __init__(
        self,
        sources: str | Path | Sequence[PairSource],
        settings: PairSettings,
        *,
        rank: int = 0,
        world_size: int = 1,
        first_sample: int = 0,
        cache: Cache | None = None,
        allow_mixed: bool = False,
        patience_s: float = 600.0,
    ) -> None:
        if not 0 <= rank < world_size:
            raise ValueError(f"rank {rank} of {world_size}")
        if first_sample < 0:
            what = f"must not be negative, got {first_sample}"
            raise InputError(what, where="first_sample", fix="give 0 or more")
        if isinstance(sources, str | Path):
            sources = (PairSource(url=sources),)
        self._sources = tuple(sources)
        self._settings = settings
        self._opening: dict[str, Any] = {
            "cache": cache,
            "allow_mixed": allow_mixed,
            "patience_s": patience_s,
        }
        self.rank, self.world_size, self.next_sample = rank, world_size, first_sample
        self._reader = PairReader(open_plan(self._sources, settings, **self._opening))
        self._pool: SlotPool | None = None

    def __iter__(self) -> Iterator[PairSample]:
        worker = get_worker_info()
        if worker is None:
            yield from self._samples(self.next_sample, self.world_size)
            return
        first = self.next_sample + worker.id * self.world_size
        try:
            yield from self._samples(first, worker.num_workers * self.world_size)
        except LineError as error:
            kind = _WorkerInputError if isinstance(error, InputError) else _WorkerRunError
            raise kind(error.what, where=error.where, fix=error.fix) from None

    def sample(self, index: int) -> PairSample:
        """Sample ``index`` of the stream, of any rank. InputError if it cannot be read."""
        memory = np.empty(self._reader.slot_bytes, dtype=np.uint8)
        return _sample(self._reader.read(index, memory), memory, self._settings)

    @property
    def reader(self) -> PairReader:
        """What reads the samples."""
        return self._reader

    @property
    def threads(self) -> int:
        """How many samples are fetched in advance: none from a folder of this machine."""
        return _OBJECT_THREADS if any("://" in one.where for one in self._reader.plan.sets) else 0

    def mixing(self, *, window: int = 256, samples: int = 8192) -> MixingStatistic:
        """How well the next samples are shuffled, see ``MixingStatistic``; reads nothing."""
        plan = self._reader.plan
        planned = [plan.take(self.next_sample + n) for n in range(samples)]
        shards = [(one.dataset, plan.sets[one.dataset].dataset.shard_of(one.key)) for one in planned]
        takes = [(one.dataset, one.key) for one in planned]
        return MixingStatistic(
            window=window,
            takes=distinct_over_shuffled(takes, window),
            shards=distinct_over_shuffled(shards, window),
        )

    def state_dict(self) -> dict[str, Any]:
        """The state after the samples that were yielded in this process.

        If workers read ahead, use that of ``PairLoader``, or ``state_after`` with the last sample.
        """
        return self.state_at(self.next_sample)

    def state_after(self, sample: PairSample) -> dict[str, Any]:
        """The state after ``sample``, if every rank has used its sample of that step."""
        return self.state_at(sample.sample_index - self.rank + self.world_size)

    def state_at(self, next_sample: int) -> dict[str, Any]:
        """The state before a sample. ``next_sample`` counts over all ranks: after n steps of w ranks with
        batches of b samples it is n x w x b, and any number of ranks can share what follows.
        """
        sets = self._reader.plan.records()
        return {"schema": STATE_SCHEMA, "seed": self._settings.seed, "next_sample": next_sample, "sets": sets}

    def load_state_dict(
        self, state: Mapping[str, Any], *, changed_takes: Literal["refuse", "keep", "use"] = "refuse"
    ) -> "PairStream":
        """Continue from a state, with any number of ranks, workers and samples in a batch.

        Args:
            changed_takes: what to do if the data sets have other takes than those of the state: ``refuse``
                them; ``keep`` to the takes of the state, if all are there; or ``use`` those that are there
                now, whose epochs are other ones.

        InputError for another seed, for other takes, or if takes that are to be kept are missing.
        """
        seed = self._settings.seed
        if state.get("schema") != STATE_SCHEMA or state.get("seed") != seed:
            what = f"a state of schema {state.get('schema')} and seed {state.get('seed')}"
            fix = f"resume with schema {STATE_SCHEMA} and seed {seed}"
            raise InputError(what, where="stream state", fix=fix)
        if changed_takes == "keep":
            shards = [record["shards"] for record in state["sets"]]
            plan = open_plan(self._sources, self._settings, shards=shards, **self._opening)
            self._reader = PairReader(plan)
        if changed_takes != "use":
            _check_takes(state["sets"], self._reader, is_kept=changed_takes == "keep")
        self.next_sample = int(state["next_sample"])
        return self

    def _samples(self, first: int, step: int) -> Iterator[PairSample]:
        self._pool = self._pool or SlotPool(self._reader.slot_bytes)
        ahead_s = ahead(self._reader.fetch, count(first + self.rank, step), threads=self.threads)
        for fetched in ahead_s:
            memory = self._pool.lend(self._pool.take())
            record = self._reader.decode(fetched, memory)
            self.next_sample = record.sample_index - self.rank + self.world_size
            sample = _sample(record, memory, self._settings)
            # Only the sample may refer to its memory.
            del memory
            yield sample


@dataclass(frozen=True, kw_only=True)
class StreamFigures:
    """What a loader has done so far.

    Attributes:
        skipped: samples that were replaced because they cannot be read.
        wait_s: how long the user of the samples waited for them, after the first one.
        elapsed_s: time since the first sample.
        reads: what was read from storage.
    """

    samples: int
    skipped: int
    wait_s: float
    elapsed_s: float
    reads: ReadCounts

    @property
    def wait_share(self) -> float:
        """The share of the time that was spent waiting."""
        return self.wait_s / self.elapsed_s if self.elapsed_s else 0.0

    @property
    def bandwidth_mb_s(self) -> float:
        """Megabytes that were read from storage in each second."""
        return self.reads.read_bytes / 1e6 / self.elapsed_s if self.elapsed_s else 0.0


class PairLoader:
    """Reads a stream with processes that decode straight into memory which is shared with this one.

    Iterate over it for samples; ``close`` it, or use it as a context, to end its processes. No frame is
    copied: a sample is in memory that its worker uses again as soon as no tensor of it is left here. Samples
    that are kept make the loader use more memory. Needs no ``__main__`` guard and no ``/dev/shm``.

    Args:
        stream: what to read; its rank, and its state when iteration begins.
        workers: processes; 0 decodes in this one.
        slots: samples that each worker decodes in advance.
    """

    def __init__(self, stream: PairStream, *, workers: int = 1, slots: int = _SLOTS) -> None:
        if workers < 0 or slots < 1:
            what = f"{workers} workers with {slots} slots"
            raise InputError(what, where="loader", fix="give 0 or more workers and 1 or more slots")
        self.stream = stream
        self._count, self._slots = workers, slots
        self._workers: PairWorkers | None = None
        self._samples = self._skipped = 0
        self._wait_s = 0.0
        self._began_s: float | None = None

    def __iter__(self) -> Iterator[PairSample]:
        if not self._count:
            yield from self._counted(iter(self.stream))
            return
        self.close()
        stream = self.stream
        self._workers = PairWorkers(
            stream.reader,
            first=stream.next_sample + stream.rank,
            step=stream.world_size,
            workers=self._count,
            slots=self._slots,
            threads=stream.threads,
        )
        try:
            yield from self._counted(self._read(self._workers))
        finally:
            self.close()

    def __enter__(self) -> "PairLoader":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the processes. Samples stay valid."""
        if self._workers:
            self._workers.close()

    def state_dict(self) -> dict[str, Any]:
        """The state after the samples that were yielded; what workers read ahead does not count."""
        return self.stream.state_dict()

    @property
    def figures(self) -> StreamFigures:
        """What was done so far."""
        reads = self._workers.counts if self._workers else self.stream.reader.counts
        return StreamFigures(
            samples=self._samples,
            skipped=self._skipped,
            wait_s=self._wait_s,
            elapsed_s=0.0 if self._began_s is None else time.perf_counter() - self._began_s,
            reads=reads,
        )

    def _read(self, workers: PairWorkers) -> Iterator[PairSample]:
        stream = self.stream
        while True:
            record, memory = workers.read()
            stream.next_sample = record.sample_index - stream.rank + stream.world_size
            sample = _sample(record, memory, stream.reader.plan.settings)
            del memory
            yield sample
            del sample

    def _counted(self, samples: Iterator[PairSample]) -> Iterator[PairSample]:
        while True:
            asked_s = time.perf_counter()
            sample = next(samples)
            now_s = time.perf_counter()
            if self._began_s is None:
                self._began_s = now_s
            else:
                self._wait_s += now_s - asked_s
            self._samples += 1
            self._skipped += bool(sample.skipped)
            yield sample
            del sample


class _WorkerError(LineError):
    """An error that a worker of torch's DataLoader gives: torch makes it again from a text with a traceback,
    of which the last line is the error.
    """

    # Torch gives the text by this keyword to classes that have this attribute.
    message = "the error of a worker"

    def __init__(self, what: str = "", *, where: str = "", fix: str = "", message: str = "") -> None:
        if message:
            line = message.strip().splitlines()[-1].partition(f"{type(self).__name__}: ")[2]
            where, _, rest = line.partition(": ")
            what, _, fix = rest.rpartition("; ")
        super().__init__(what, where=where, fix=fix)


class _WorkerInputError(_WorkerError, InputError):
    """As InputError."""


class _WorkerRunError(_WorkerError, RunError):
    """As RunError."""


def _check_takes(wanted: Sequence[Mapping[str, Any]], reader: PairReader, *, is_kept: bool) -> None:
    """InputError unless the takes are those of a state."""
    sets = reader.plan.sets
    if len(wanted) != len(sets):
        what = f"{len(sets)} data sets, the stream was started with {len(wanted)}"
        raise InputError(what, where="stream state", fix="give the same data sets in the same order")
    for one, record in zip(sets, wanted, strict=True):
        found = one.record()
        if found["sha256"] == record["sha256"]:
            continue
        what = f"other takes than the stream was started with: {found['takes']}, not {record['takes']}"
        fix = "restore them, or resume with changed_takes='use'"
        if not is_kept:
            fix = "resume with changed_takes='keep' for those only, or 'use' for all that are there now"
        raise InputError(what, where=one.where, fix=fix)


def _sample(record: PairRecord, memory: np.ndarray, settings: PairSettings) -> PairSample:
    clips = _videos(torch.from_numpy(memory), record, settings)
    windows = [
        ClipWindow(
            camera=camera,
            video=clips[number],
            source0_from_camera=torch.from_numpy(record.source0_from_camera[number]),
            intrinsics=torch.from_numpy(record.intrinsics[number]),
        )
        for number, camera in enumerate(record.cameras)
    ]
    return PairSample(
        sample_index=record.sample_index,
        dataset=record.dataset,
        epoch=record.epoch,
        take=record.take,
        caption=record.caption,
        source=windows[0],
        targets=tuple(windows[1:]),
        first_frame=record.window.first,
        stride=record.window.stride,
        fps=record.fps,
        skipped=record.skipped,
    )


def _videos(
    memory: UInt8[Tensor, " bytes"], record: PairRecord, settings: PairSettings
) -> list[Tensor] | list[Yuv420]:
    """The frames of each clip, as views of the memory."""
    (width, height), frames, clips = record.size_px, record.window.frames, len(record.cameras)
    pixels = frames * height * width
    if settings.pixels == "rgb":
        rgb = memory[: clips * pixels * 3].view(clips, frames, height, width, 3)
        return list(rgb.permute(0, 1, 4, 2, 3))
    quarter = pixels // 4
    half = (frames, height // 2, width // 2)
    found = []
    for clip in memory[: clips * 6 * quarter].view(clips, 6 * quarter):
        y, u, v = clip.split((4 * quarter, quarter, quarter))
        found.append(Yuv420(y=y.view(frames, height, width), u=u.view(half), v=v.view(half)))
    return found


def _doubled(plane: Float[Tensor, "frames height width"]) -> Float[Tensor, "frames height2 width2"]:
    return plane.repeat_interleave(2, dim=-1).repeat_interleave(2, dim=-2)
