"""A take from the files of a scene. What the data set does not say is unknown, empty or None."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from multitake.errors import InputError
from multitake.input_files import read_bytes
from trajectories import CameraPose, ClipTable, Lens
from trajectories.formats import NamedTrajectory

from ..format import TakeRow
from ..remux import VideoFacts, index_in_front, video_facts
from ..staging import ClipFiles, FilmedTake
from ..video import VideoEncoder, video_frames
from . import multicamvideo, syncamvideo
from .layout import CAMERA_FILE, Piece, SceneName
from .splits import Splits
from .tar_stream import MOST_MEMBER_BYTES

UNKNOWN = "unknown"
_KEPT_PIXELS = ("yuv420p", "yuvj420p")
_ENCODERS = 8


@dataclass(frozen=True)
class SceneFormat:
    """How a data set describes its cameras: reading the file of a scene, and poses for so many frames."""

    read_cameras: Callable[[Path], tuple[NamedTrajectory, ...]]
    fitted: Callable[[NamedTrajectory, int], NamedTrajectory]


FORMATS = {
    "multicamvideo": SceneFormat(multicamvideo.read_cameras, multicamvideo.fitted),
    "syncamvideo": SceneFormat(syncamvideo.read_cameras, syncamvideo.fitted),
}


@dataclass(frozen=True, kw_only=True)
class SceneReader:
    """Reads scenes of one format; ``captions`` are those of videos."""

    format: SceneFormat
    captions: Mapping[Piece, str]
    splits: Splits
    reencodes: bool = False

    def cameras(self, path: Path) -> tuple[str, ...]:
        """The names of the cameras of a scene; InputError if its file is invalid."""
        return tuple(camera.camera for camera in self._cameras(path))

    def take(self, scene: SceneName, pieces: Mapping[str, Path]) -> FilmedTake:
        """The take of a scene, whose files are given by camera (none: the file of all cameras).

        InputError if a file is invalid, or if the videos differ from each other or from the poses.
        """
        cameras = self._cameras(pieces[""])
        with ThreadPoolExecutor(_ENCODERS if self.reencodes else 1) as workers:
            videos = list(workers.map(self._video, (pieces[camera.camera] for camera in cameras)))
        names = (camera.camera for camera in cameras)
        facts = one_shape(dict(zip(names, map(video_facts, videos), strict=True)))
        fitted = [self.format.fitted(camera, facts.frames) for camera in cameras]
        split, lens = self.splits.of(scene), cameras[0].lens
        files = (
            ClipFiles(camera=camera.camera, members={"video": video})
            for camera, video in zip(cameras, videos, strict=True)
        )
        return FilmedTake(
            row=_take_row(scene.key, split, lens, facts),
            clips=_clips(scene.key, split, fitted, facts, self._captions(scene, fitted)),
            files=tuple(files),
        )

    def _cameras(self, path: Path) -> tuple[NamedTrajectory, ...]:
        try:
            return self.format.read_cameras(path)
        except InputError as error:
            where = error.where.replace(str(path), CAMERA_FILE)
            raise InputError(error.what, where=where, fix=error.fix) from error

    def _video(self, path: Path) -> bytes:
        """The bytes to store of a video; InputError names its file."""
        try:
            content = read_bytes(path, most_bytes=MOST_MEMBER_BYTES, fix="get it again")
            return reencoded(content) if self.reencodes else kept(content)
        except InputError as error:
            raise InputError(error.what, where=path.name, fix=error.fix) from error

    def _captions(self, scene: SceneName, cameras: Sequence[NamedTrajectory]) -> list[tuple[str, ...]]:
        pieces = (Piece(scene=scene, camera=camera.camera) for camera in cameras)
        return [tuple(filter(None, [self.captions.get(piece)])) for piece in pieces]


def kept(video: bytes) -> bytes:
    """A video with the packets that it has; InputError if readers could not use it."""
    facts = video_facts(video)
    if facts.pixels not in _KEPT_PIXELS:
        raise InputError(f"its pixels are {facts.pixels}", where="video", fix="import with --reencode")
    return index_in_front(video)


def reencoded(video: bytes) -> bytes:
    """A video with groups of pictures of this format; InputError if it cannot be read, or has an odd size."""
    facts = video_facts(video)
    encoder = VideoEncoder(facts.width_px, facts.height_px, facts.fps)
    for frame in video_frames(video, 0, facts.frames):
        encoder.add(frame.to_ndarray(format="rgb24"))
    return encoder.finish()


def one_shape(facts: Mapping[str, VideoFacts]) -> VideoFacts:
    """What all videos of a take have; InputError if one differs from the first."""
    first = next(iter(facts.values()))
    for camera, found in facts.items():
        for name in ("frames", "width_px", "height_px", "fps"):
            if getattr(found, name) != getattr(first, name):
                what = f"{name} is {getattr(found, name):g}, of the first camera {getattr(first, name):g}"
                raise InputError(what, where=f"{camera}.mp4", fix="get the scene again")
    return first


def _take_row(key: str, split: str, lens: Lens | None, facts: VideoFacts) -> TakeRow:
    return TakeRow(
        take=key,
        split=split,
        environment=UNKNOWN,
        characters=(),
        animations=(),
        light=UNKNOWN,
        caption="",
        layout=UNKNOWN,
        focal_length_mm=lens.focal_length_mm if lens else None,
        f_number=lens.f_number if lens else None,
        seed=None,
        take_index=None,
        attempt=None,
        fps=facts.fps,
        frames=facts.frames,
        width_px=facts.width_px,
        height_px=facts.height_px,
        subject_m=None,
        look=UNKNOWN,
    )


def _clips(
    key: str,
    split: str,
    cameras: Sequence[NamedTrajectory],
    facts: VideoFacts,
    captions: Sequence[tuple[str, ...]],
) -> ClipTable:
    columns: dict[str, object] = {}
    if lens := cameras[0].lens:
        # The lens is that of the folder, so all cameras have it.
        intrinsics = lens.intrinsics(facts.width_px, facts.height_px)
        columns = {name: getattr(lens, name) for name in ("focal_length_mm", "sensor_mm", "f_number")}
        columns |= {name: getattr(intrinsics, name) for name in ("fx_px", "fy_px", "cx_px", "cy_px")}
    return ClipTable.of(
        CameraPose(np.stack([camera.poses.world_from_camera for camera in cameras])),
        take=key,
        camera=[camera.camera for camera in cameras],
        split=split,
        captions=list(captions),
        fps=facts.fps,
        width_px=facts.width_px,
        height_px=facts.height_px,
        **columns,
    )
