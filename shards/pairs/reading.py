"""Reading pairs: the stored bytes of a sample, and its frames decoded into given memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice

import numpy as np
from jaxtyping import Float32, UInt8

from multitake.errors import InputError
from trajectories import CameraPose, ClipRow

from .choice import PairChoice, Window
from .decoding import ClipMemory, clip_bytes, decode_into, keep_freed_memory
from .fetching import ReadCounts
from .framing import Framing
from .plan import PairPlan, PlannedTake

MOST_REPLACEMENTS = 16
_SAMPLES_AT_ONCE = 4


@dataclass(frozen=True, kw_only=True)
class SkippedTake:
    """A take that a sample should have been of, and why it cannot be read."""

    sample_index: int
    take: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class PairRecord:
    """All of a pair but its frames. Its clips are the source and then the targets.

    Attributes:
        dataset: which data set of the stream, from 0.
        source0_from_camera: poses relative to the source camera in the first frame of the window.
        intrinsics: fx, fy, cx, cy of each frame, in pixels of the delivered size.
        videos: the beginnings of the stored videos, if they are not decoded; else none.
        skipped: takes that this one replaces.
    """

    sample_index: int
    dataset: int
    epoch: int
    take: str
    cameras: tuple[str, ...]
    caption: str
    source0_from_camera: Float32[np.ndarray, "clips frames 3 4"]
    intrinsics: Float32[np.ndarray, "clips frames 4"]
    window: Window
    framing: Framing
    fps: float
    videos: tuple[bytes, ...] = ()
    skipped: tuple[SkippedTake, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StoredPair:
    """What is stored of a sample: all but its decoded frames."""

    record: PairRecord
    choice: PairChoice
    videos: list[bytes]


@dataclass(frozen=True, kw_only=True)
class FetchedPair:
    """What is stored of a sample, or why it cannot be read."""

    index: int
    planned: PlannedTake
    stored: StoredPair | InputError


class PairReader:
    """Reads the samples of a plan."""

    def __init__(self, plan: PairPlan) -> None:
        self.plan = plan

    @property
    def counts(self) -> ReadCounts:
        """What was read so far."""
        return sum((one.files.counts for one in self.plan.sets), start=ReadCounts())

    @property
    def slot_bytes(self) -> int:
        """How much memory the frames of a pair need; at least one byte."""
        settings = self.plan.settings
        return (1 + settings.targets) * clip_bytes(self.plan.frames, self.plan.size_px, settings.pixels) or 1

    def read(self, index: int, memory: UInt8[np.ndarray, " bytes"]) -> PairRecord:
        """Fetch and decode sample ``index``; InputError as for ``decode``."""
        return self.decode(self.fetch(index), memory)

    def fetch(self, index: int, *, attempt: int = 0) -> FetchedPair:
        """The stored bytes of a sample. RunError or StoreError if its storage does not answer."""
        planned = self.plan.take(index, attempt=attempt)
        try:
            stored = self._stored(index, planned, attempt)
        except InputError:
            # Storage, or what is between, may have been wrong once.
            with self.plan.sets[planned.dataset].files.fresh():
                try:
                    stored = self._stored(index, planned, attempt)
                except InputError as error:
                    return FetchedPair(index=index, planned=planned, stored=error)
        return FetchedPair(index=index, planned=planned, stored=stored)

    def _stored(self, index: int, planned: PlannedTake, attempt: int) -> StoredPair:
        choice = self.plan.pair(index, planned, attempt=attempt)
        if self.plan.settings.pixels == "none":
            return StoredPair(record=_record(index, planned, choice), choice=choice, videos=[])
        return stored_pair(index, planned, choice)

    def decode(self, fetched: FetchedPair, memory: UInt8[np.ndarray, " bytes"]) -> PairRecord:
        """Put the frames of a sample into ``memory``, ``slot_bytes`` of it.

        InputError if the sample cannot be read; if it is to be skipped, if too many others cannot either.
        """
        skipped: list[SkippedTake] = []
        while True:
            try:
                return self._decoded(fetched, memory, tuple(skipped))
            except InputError as error:
                if self.plan.settings.damage != "skip" or len(skipped) == MOST_REPLACEMENTS:
                    raise
                reason = str(error)
            index = fetched.index
            skipped.append(SkippedTake(sample_index=index, take=fetched.planned.key, reason=reason))
            fetched = self.fetch(index, attempt=len(skipped))

    def _decoded(
        self, fetched: FetchedPair, memory: UInt8[np.ndarray, " bytes"], skipped: tuple[SkippedTake, ...]
    ) -> PairRecord:
        stored = fetched.stored
        if isinstance(stored, InputError):
            raise stored
        videos: tuple[bytes, ...] = ()
        if self.plan.settings.pixels in ("stored", "none"):
            videos = tuple(stored.videos)
        else:
            self._decode_videos(stored, memory)
        return replace(stored.record, videos=videos, skipped=skipped)

    def _decode_videos(self, stored: StoredPair, memory: UInt8[np.ndarray, " bytes"]) -> None:
        keep_freed_memory()
        choice, pixels = stored.choice, self.plan.settings.pixels
        window, size_px = choice.window, choice.framing.size_px
        size = clip_bytes(window.frames, size_px, pixels)
        for number, (camera, video) in enumerate(zip(choice.cameras, stored.videos, strict=True)):
            part = memory[number * size : (number + 1) * size]
            try:
                decode_into(
                    ClipMemory.within(part, window.frames, size_px, pixels), video, window, choice.framing
                )
            except InputError as error:
                where = choice.take.place("video", camera)
                raise InputError(error.what, where=where, fix=error.fix) from error


def ahead(
    fetch: Callable[[int], FetchedPair], indices: Iterable[int], *, threads: int
) -> Iterator[FetchedPair]:
    """What is stored of samples, in their order: up to ``threads`` in advance, or without threads 4 at once.

    An error of ``fetch`` comes after the samples before it.
    """
    if not threads:
        yield from _some_at_once(fetch, iter(indices))
        return
    waiting: deque[Future[FetchedPair]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="read-ahead")
    try:
        for index in indices:
            waiting.append(pool.submit(fetch, index))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _some_at_once(fetch: Callable[[int], FetchedPair], indices: Iterator[int]) -> Iterator[FetchedPair]:
    # Fetching alternately with decoding takes longer: neither finds its code in the processor's caches.
    while some := list(islice(indices, _SAMPLES_AT_ONCE)):
        fetched: list[FetchedPair] = []
        failure: Exception | None = None
        try:
            fetched.extend(map(fetch, some))
        except Exception as error:
            failure = error
        yield from fetched
        if failure:
            raise failure


def stored_pair(index: int, planned: PlannedTake, choice: PairChoice) -> StoredPair:
    """What is stored of a pair that was chosen; InputError if it is damaged."""
    videos = choice.take.video_starts(choice.cameras, choice.window.stop)
    return StoredPair(record=_record(index, planned, choice), choice=choice, videos=videos)


def _record(index: int, planned: PlannedTake, choice: PairChoice) -> PairRecord:
    take, window = choice.take, choice.window
    places = [take.cameras.index(camera) for camera in choice.cameras]
    poses = take.poses.world_from_camera[places]
    source0 = CameraPose(poses[0, window.first])
    rows = map(take.clip_row, places)
    return PairRecord(
        sample_index=index,
        dataset=planned.dataset,
        epoch=planned.epoch,
        take=take.key,
        cameras=choice.cameras,
        caption=take.clip(choice.cameras[1]).caption,
        source0_from_camera=CameraPose(poses[:, window.slice]).seen_from(source0).astype(np.float32),
        intrinsics=np.stack([_intrinsics(row, choice) for row in rows]),
        window=window,
        framing=choice.framing,
        fps=take.row.fps / window.stride,
    )


def _intrinsics(row: ClipRow, choice: PairChoice) -> Float32[np.ndarray, "frames 4"]:
    """fx, fy, cx, cy of the frames of a window, in pixels of the delivered size."""
    filmed = row.frame_intrinsics[choice.window.slice]
    # Without a zoom they are those of the first frame.
    found = choice.framing.intrinsics(filmed[: 1 if row.focal_path_mm is None else None])
    return np.broadcast_to(found, (len(filmed), 4))
