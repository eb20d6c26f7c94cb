"""The kinds of fault that sets of others have, and what the doctor says about one of them."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from ...clip_table import ClipTable

# What a fault was seen in: videos compared with poses, poses alone, or the tables and the heads of files.
Evidence = Literal["images", "poses", "files"]

# What is wrong, and what to do about it.
FAULTS: dict[str, tuple[str, str]] = {
    "inverted_poses": (
        "camera_from_world is stored as world_from_camera",
        "store the inverses of the poses",
    ),
    "wrong_unit": ("positions are not in metres", "multiply the positions by the factor of the unit"),
    "mirrored_world": (
        "the world, or the axes of its positions, are mirrored",
        "negate that axis in the importer: rotations must have determinant +1",
    ),
    "focal_length_off": (
        "the focal length is not that of the images",
        "take the focal length from the renderer or a calibration, for this image size",
    ),
    "intrinsics_of_another_size": (
        "the intrinsics are those of another image size",
        "scale fx, fy, cx and cy to the size of the video",
    ),
    "frames_shifted": (
        "poses belong to earlier or later frames",
        "shift the poses by so many frames, or cut the video",
    ),
    "missing_frames": (
        "frames of the video or of the poses are missing",
        "export the clip again, or drop the frames on both sides",
    ),
    "orphan_rows": (
        "a row has no video, or a video has no row",
        "add the other part, or remove this one",
    ),
    "cameras_exchanged": (
        "the poses of two cameras are exchanged",
        "exchange the names of the two cameras in the poses",
    ),
    "duplicated_clips": ("two clips show the same", "remove one, or export the right video"),
    "wrong_frame_rate": (
        "the stated frame rate is not that of the video",
        "state the frame rate of the video",
    ),
    "scale_drifts": (
        "the scale of the positions changes during the clip",
        "estimate the poses again, with a loop closure or known distances",
    ),
    "unexplained": (
        "the poses do not fit the images, and no fault of this list explains it",
        "look at the clip; leave it out of training",
    ),
    "unreadable": ("the video cannot be read", "restore the original file"),
}


def duplicate(first: tuple[str, str], second: tuple[str, str], evidence: Evidence, what: str) -> "Fault":
    """Two clips (take, camera) that show the same: a fault of both if they are of one take."""
    cameras = (first[1], second[1]) if first[0] == second[0] else (second[1],)
    figure = f"{what} {'/'.join(first)}"
    return Fault(kind="duplicated_clips", take=second[0], cameras=cameras, evidence=evidence, figure=figure)


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One fault.

    Attributes:
        kind: a key of ``FAULTS``.
        take: empty for a fault of the entire set.
        cameras: those that have it; empty for the entire take.
        frames: the first and the last frame that show it; None for all frames.
        figure: its amount, and what shows it.
    """

    kind: str
    take: str
    cameras: tuple[str, ...]
    frames: tuple[int, int] | None = None
    evidence: Evidence
    figure: str

    @property
    def place(self) -> str:
        """The take, or ``take/camera``; of several cameras with a plus sign between them."""
        return "/".join([self.take, "+".join(self.cameras)]) if self.cameras else self.take

    @property
    def where(self) -> str:
        """The place, and the frames."""
        frames = f" frames {self.frames[0]}..{self.frames[1]}" if self.frames else ""
        return (self.place or "all takes") + frames

    @property
    def what(self) -> str:
        """What is wrong, with its figure."""
        return f"{FAULTS[self.kind][0]} ({self.figure})"

    @property
    def fix(self) -> str:
        """What to do about it."""
        return FAULTS[self.kind][1]


def clip_fault(
    clips: ClipTable,
    clip: int | np.integer,
    kind: str,
    evidence: Evidence,
    figure: str,
    frames: tuple[int, int] | None = None,
) -> Fault:
    """A fault of one clip of a table."""
    take, camera = str(clips["take"][clip]), str(clips["camera"][clip])
    return Fault(kind=kind, take=take, cameras=(camera,), frames=frames, evidence=evidence, figure=figure)
