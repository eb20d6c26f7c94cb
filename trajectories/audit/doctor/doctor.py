"""The doctor: finds and names faults of sets that others made, from tables, poses and images."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from multitake.errors import InputError

from ...clip_source import ClipSource
from ...clip_table import ClipTable
from ...videos import Recording, VideoFile, Videos
from .compared_images import LONGEST_PX, frames_to_examine
from .faults import FAULTS, Fault
from .file_checks import (
    equal_files,
    frozen_faults,
    intrinsics_faults,
    lost_takes,
    orphans,
    rate_faults,
    recording_faults,
)
from .image_checks import IMAGE_FAULTS, Examined, examine_images
from .lookalikes import Lookalikes
from .matching import has_opencv
from .pose_checks import pose_faults
from .report import DoctorReport, ImageState
from .set_checks import SetChecks


def examine(
    source: ClipSource, *, with_images: bool, progress: Callable[[int], None] = lambda takes: None
) -> DoctorReport:
    """The faults of a source. Images are compared ``with_images``, if it is filmed and OpenCV is installed.

    ``progress`` gets the number of takes done. InputError if tables or the list of videos cannot be read.
    """
    visit = _Visit(source, with_images=with_images)
    for clips in source.tables:
        if len(clips):
            visit.add(clips.grouped(), progress)
    return visit.report()


@dataclass(frozen=True, kw_only=True)
class _OfTake:
    """What the images of a take, and the heads of its videos, show."""

    faults: list[Fault]
    recordings: dict[str, Recording]
    examined: Examined | None
    unknown_intrinsics: int


@dataclass
class _Visit:
    """The examination of a source in progress."""

    source: ClipSource
    with_images: bool
    found: list[Fault] = field(default_factory=list)
    set_checks: SetChecks = field(default_factory=SetChecks)
    lookalikes: Lookalikes = field(default_factory=Lookalikes)
    rows: list[tuple[str, str]] = field(default_factory=list)
    takes: int = 0
    seen: int = 0
    undecided: Counter[str] = field(default_factory=Counter)
    unknown_intrinsics: int = 0

    def __post_init__(self) -> None:
        self.images = _image_state(self.source, self.with_images)
        self.videos: list[VideoFile] = list(self.source.videos.listed()) if self.source.videos else []
        self.found += equal_files(self.videos)
        self.copied = _clips_of(self.found)
        self.filmed = {(one.take, one.camera) for one in self.videos}

    def add(self, clips: ClipTable, progress: Callable[[int], None]) -> None:
        """Examine grouped clips."""
        self.rows += zip(clips["take"].tolist(), clips["camera"].tolist(), strict=True)
        with np.errstate(all="ignore"):
            self.found += [*pose_faults(clips), *intrinsics_faults(clips), *rate_faults(clips)]
            self.set_checks.add(clips.rows(clips.is_proper).grouped())
        ends = np.append(clips.take_starts[1:], len(clips)).tolist()
        takes = [
            clips.rows(slice(start, end)) for start, end in zip(clips.take_starts.tolist(), ends, strict=True)
        ]
        if self.images != "examined":
            self.takes += len(takes)
            return
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            for take, result in zip(takes, threads.map(self._examined, takes), strict=True):
                self._note(take, result)
                self.takes += 1
                progress(self.takes)

    def _examined(self, clips: ClipTable) -> _OfTake:
        """Read the videos of a take, and compare them."""
        videos = self.source.videos
        assert videos
        faults: list[Fault] = []
        recordings: dict[str, Recording] = {}
        for clip, (take, camera) in enumerate(
            zip(clips["take"].tolist(), clips["camera"].tolist(), strict=True)
        ):
            if (take, camera) not in self.filmed:
                continue
            recording = _recording(videos, clips, clip, faults)
            if recording:
                recordings[camera] = recording
                faults += recording_faults(clips, clip, recording)
                faults += frozen_faults(clips, clip, recording)
        usable = [
            clip
            for clip, camera in enumerate(clips["camera"].tolist())
            if camera in recordings and self._can_be_compared(clips, clip, recordings[camera])
        ]
        chosen = clips.rows(np.array(usable, dtype=np.int64))
        shown = [recordings[camera] for camera in chosen["camera"].tolist()]
        return _OfTake(
            faults=faults,
            recordings=recordings,
            examined=examine_images(chosen, shown) if usable else None,
            unknown_intrinsics=int((~np.isfinite(clips.intrinsics).all(axis=1)).sum()),
        )

    def _can_be_compared(self, clips: ClipTable, clip: int, recording: Recording) -> bool:
        name = str(clips["take"][clip]), str(clips["camera"][clip])
        is_known = bool(np.isfinite(clips.intrinsics[clip]).all() and clips.is_proper[clip])
        return is_known and len(recording.shown) >= 2 and name not in self.copied

    def _note(self, clips: ClipTable, result: _OfTake) -> None:
        for camera, recording in result.recordings.items():
            self.lookalikes.add(str(clips["take"][0]), camera, recording)
        self.found += result.faults
        self.unknown_intrinsics += result.unknown_intrinsics
        compared = 0
        if result.examined:
            self.found += result.examined.faults
            self.seen += result.examined.seen
            self.undecided.update(result.examined.undecided)
            compared = result.examined.compared
        self.undecided.update(dict.fromkeys(IMAGE_FAULTS, len(clips) - compared))

    def report(self) -> DoctorReport:
        """All faults, each once."""
        if self.source.videos:
            self.found += orphans(self.rows, self.videos)
        self.found += lost_takes(self.source.lost)
        copies = list(self.lookalikes.faults())
        of_set = list(self.set_checks.faults())
        # What images show of clips with another one's video, or in another unit, follows from that.
        self.found = _without_clips(self.found, _clips_of([*copies, *of_set])) + copies + of_set
        order = {kind: number for number, kind in enumerate(FAULTS)}
        faults = sorted(_once(self.found), key=lambda fault: (order[fault.kind], bool(fault.take)))
        if self.images != "examined":
            self.undecided.update(dict.fromkeys(IMAGE_FAULTS, len(self.rows)))
        return DoctorReport(
            clips=len(self.rows),
            takes=self.takes,
            images=self.images,
            faults=tuple(faults),
            clips_compared=self.seen,
            unknown_intrinsics=self.unknown_intrinsics,
            undecided={kind: self.undecided[kind] for kind in FAULTS if self.undecided[kind]},
        )


def _image_state(source: ClipSource, with_images: bool) -> ImageState:
    if source.videos is None:
        return "not filmed"
    if not with_images:
        return "not asked for"
    return "examined" if has_opencv() else "no OpenCV"


def _recording(videos: Videos, clips: ClipTable, clip: int, faults: list[Fault]) -> Recording | None:
    """The video of a clip; None, and a fault, if it cannot be read."""
    take, camera = str(clips["take"][clip]), str(clips["camera"][clip])
    frames = frames_to_examine(clips.frames, len(clips))
    try:
        return videos.recording(take, camera, frames, longest_px=LONGEST_PX)
    except InputError as error:
        figure = error.what
        faults.append(Fault(kind="unreadable", take=take, cameras=(camera,), evidence="files", figure=figure))
        return None


def _clips_of(faults: Sequence[Fault]) -> set[tuple[str, str]]:
    """The clips (take, camera) that have one of these faults."""
    return {(fault.take, camera) for fault in faults for camera in fault.cameras}


def _without_clips(faults: Sequence[Fault], clips: set[tuple[str, str]]) -> list[Fault]:
    """The faults but those that only images of these clips show."""
    return [
        fault
        for fault in faults
        if fault.evidence != "images" or not fault.cameras or not _clips_of([fault]) <= clips
    ]


def _once(faults: Sequence[Fault]) -> Iterator[Fault]:
    """Faults that are not part of another one of the same kind: of the set, of the take, or of a camera."""
    known: set[tuple[str, str, str]] = set()
    for fault in sorted(faults, key=lambda one: (bool(one.take), bool(one.cameras))):
        places = {(fault.kind, "", ""), (fault.kind, fault.take, "")}
        if places & known:
            continue
        own = {(fault.kind, fault.take, camera) for camera in fault.cameras or ("",)}
        if not own <= known:
            known |= own
            yield fault
