"""Reading pairs: the stored bytes of a sample, and its frames decoded into given memory."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from multitake.errors import InputError
from trajectories import CameraPose

from .choice import PairChoice, Window
from .decoding import ClipMemory, clip_bytes, decode_into
from .fetching import ReadCounts
from .framing import Size
from .plan import PairPlan, PlannedTake

_MOST_REPLACEMENTS = 16


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
    size_px: Size
    fps: float
    skipped: tuple[SkippedTake, ...] = ()


@dataclass(frozen=True, kw_only=True)
class FetchedPair:
    """The stored videos of a sample, or why they cannot be read."""

    index: int
    planned: PlannedTake
    content: "tuple[PairChoice, list[bytes]] | InputError"


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
        """How much memory the frames of a pair need."""
        settings = self.plan.settings
        return (1 + settings.targets) * clip_bytes(self.plan.frames, self.plan.size_px, settings.pixels)

    def read(self, index: int, memory: UInt8[np.ndarray, " bytes"]) -> PairRecord:
        """Fetch and decode sample ``index``; InputError as for ``decode``."""
        return self.decode(self.fetch(index), memory)

    def fetch(self, index: int, *, attempt: int = 0) -> FetchedPair:
        """The stored bytes of a sample. RunError or StoreError if its storage does not answer."""
        planned = self.plan.take(index, attempt=attempt)
        try:
            content = self._content(index, planned, attempt)
        except InputError:
            # Storage, or what is between, may have been wrong once.
            with self.plan.sets[planned.dataset].files.fresh():
                try:
                    content = self._content(index, planned, attempt)
                except InputError as error:
                    return FetchedPair(index=index, planned=planned, content=error)
        return FetchedPair(index=index, planned=planned, content=content)

    def _content(self, index: int, planned: PlannedTake, attempt: int) -> tuple[PairChoice, list[bytes]]:
        choice = self.plan.pair(index, planned, attempt=attempt)
        return choice, choice.take.video_starts(choice.cameras, choice.window.stop)

    def decode(self, fetched: FetchedPair, memory: UInt8[np.ndarray, " bytes"]) -> PairRecord:
        """Put the frames of a sample into ``memory``, ``slot_bytes`` of it.

        InputError if the sample cannot be read; if it is to be skipped, if too many others cannot either.
        """
        skipped: list[SkippedTake] = []
        while True:
            try:
                return self._decoded(fetched, memory, tuple(skipped))
            except InputError as error:
                if self.plan.settings.damage != "skip" or len(skipped) == _MOST_REPLACEMENTS:
                    raise
                reason = str(error)
            index = fetched.index
            skipped.append(SkippedTake(sample_index=index, take=fetched.planned.key, reason=reason))
            fetched = self.fetch(index, attempt=len(skipped))

    def _decoded(
        self, fetched: FetchedPair, memory: UInt8[np.ndarray, " bytes"], skipped: tuple[SkippedTake, ...]
    ) -> PairRecord:
        if isinstance(fetched.content, InputError):
            raise fetched.content
        choice, videos = fetched.content
        window, size_px, pixels = choice.window, choice.framing.size_px, self.plan.settings.pixels
        size = clip_bytes(window.frames, size_px, pixels)
        for number, (camera, video) in enumerate(zip(choice.cameras, videos, strict=True)):
            part = memory[number * size : (number + 1) * size]
            try:
                decode_into(
                    ClipMemory.within(part, window.frames, size_px, pixels), video, window, choice.framing
                )
            except InputError as error:
                where = choice.take.place("video", camera)
                raise InputError(error.what, where=where, fix=error.fix) from error
        return _record(fetched.index, fetched.planned, choice, skipped)


def ahead(
    fetch: Callable[[int], FetchedPair], indices: Iterable[int], *, threads: int
) -> Iterator[FetchedPair]:
    """The stored bytes of samples, in their order; up to ``threads`` are fetched in advance."""
    if not threads:
        yield from map(fetch, indices)
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


def _record(
    index: int, planned: PlannedTake, choice: PairChoice, skipped: tuple[SkippedTake, ...]
) -> PairRecord:
    take, window = choice.take, choice.window
    places = [take.cameras.index(camera) for camera in choice.cameras]
    poses = take.poses.world_from_camera[places]
    source0 = CameraPose(poses[0, window.first])
    rows = [take.clip_rows[place] for place in places]
    return PairRecord(
        sample_index=index,
        dataset=planned.dataset,
        epoch=planned.epoch,
        take=take.key,
        cameras=choice.cameras,
        caption=take.clip(choice.cameras[1]).caption,
        source0_from_camera=CameraPose(poses[:, window.slice]).seen_from(source0).astype(np.float32),
        intrinsics=np.stack([choice.framing.intrinsics(row.frame_intrinsics[window.slice]) for row in rows]),
        window=window,
        size_px=choice.framing.size_px,
        fps=take.row.fps / window.stride,
        skipped=skipped,
    )
