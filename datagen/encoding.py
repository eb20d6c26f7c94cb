"""Encode a take while it is filmed: in its own thread, frame by frame."""

from collections.abc import Callable, Mapping, Sequence
from queue import Queue
from threading import Thread
from typing import Any

from shards import (
    ClipFiles,
    DepthEncoder,
    MaskEncoder,
    MaskObject,
    NormalEncoder,
    Surfaces,
    VideoEncoder,
    stored_poses,
)
from trajectories import ClipTable

from .drive import FrameImages
from .labels import JointLabels, SurfaceLabels

_MOST_WAITING = 4
# Passes whose members are the captures of one camera, and their encoders.
_ENCODERS: Mapping[str, Callable[..., Any]] = {
    "video": VideoEncoder,
    "depth": DepthEncoder,
    "mask": MaskEncoder,
    "normal": NormalEncoder,
}


def needs_surfaces(passes: Sequence[str]) -> bool:
    """Whether a pass is made of surface ids."""
    return not {"surface", "flow"}.isdisjoint(passes)


class TakeEncoder:
    """Encodes the video and the passes of all cameras of a take.

    ``objects`` is the legend of its masks, actors first; ``surfaces`` its triangles, if a pass needs them.
    ``step`` is called after each frame, and after each camera at the end.
    """

    def __init__(
        self,
        passes: Sequence[str],
        clips: ClipTable,
        objects: Sequence[MaskObject],
        surfaces: Surfaces | None,
        step: Callable[[], None] = lambda: None,
    ) -> None:
        rows = [clips.row(camera) for camera in range(len(clips))]
        poses, fps = stored_poses(clips.poses), rows[0].fps
        intrinsics = [row.frame_intrinsics for row in rows]
        self._step = step
        self._cameras = [row.camera for row in rows]
        self._encoders = {
            kind: [make(row.width_px, row.height_px, fps) for row in rows]
            for kind, make in _ENCODERS.items()
            if kind in ("video", *passes)
        }
        self._surfaces = SurfaceLabels(passes, surfaces, poses, intrinsics, fps) if surfaces else None
        actors = [one for one in objects if one.role != "environment"]
        self._joints = JointLabels(actors, poses, intrinsics) if "joints" in passes else None

    def add(self, frame: FrameImages) -> None:
        """Append one frame."""
        for kind, encoders in self._encoders.items():
            for encoder, image in zip(encoders, frame.captures[kind], strict=True):
                encoder.add(image)
        for labels in (self._surfaces, self._joints):
            if labels:
                labels.add(frame)
        self._step()

    def camera_members(self) -> tuple[ClipFiles, ...]:
        """The members of each camera; no frame can be added afterwards."""
        labels = self._surfaces.camera_members() if self._surfaces else ({},) * len(self._cameras)
        files = []
        for place, camera in enumerate(self._cameras):
            members = {kind: encoders[place].finish() for kind, encoders in self._encoders.items()}
            files.append(ClipFiles(camera=camera, members=members | labels[place]))
            self._step()
        return tuple(files)

    def take_members(self) -> dict[str, bytes]:
        """The members of the take."""
        surfaces = self._surfaces.take_members() if self._surfaces else {}
        return surfaces | (self._joints.take_members() if self._joints else {})


class EncoderThread:
    """Runs an encoder in its own thread, and ``also`` for each frame; a few frames at most wait for it."""

    def __init__(self, encoder: TakeEncoder, *also: Callable[[FrameImages], None]) -> None:
        self._encoder, self._steps = encoder, (encoder.add, *also)
        self._waiting: Queue[FrameImages | None] = Queue(_MOST_WAITING)
        self._failure: BaseException | None = None
        self._thread = Thread(target=self._encode, daemon=True)
        self._thread.start()

    def add(self, frame: FrameImages) -> None:
        """Add the images of one frame; raises errors of the encoder."""
        if self._failure:
            raise self._failure
        self._waiting.put(frame)

    def __enter__(self) -> "EncoderThread":
        return self

    def __exit__(self, *_: object) -> None:
        """Wait until all frames are encoded."""
        self._waiting.put(None)
        self._thread.join()

    def finished(self) -> TakeEncoder:
        """The encoder with all frames, after the context; raises its errors."""
        if self._failure:
            raise self._failure
        return self._encoder

    def _encode(self) -> None:
        while (frame := self._waiting.get()) is not None:
            if self._failure:
                continue
            try:
                for step in self._steps:
                    step(frame)
            except Exception as error:  # raised in the filming thread by add() and finished()
                self._failure = error
