"""The value that every format is read into and written from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError

from ..lenses import Intrinsics, Lens
from ..poses import CameraPose

# Focal lengths in x and y change together, to the digits of text files.
_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class NamedTrajectory:
    """One camera of one take.

    Attributes:
        poses: world_from_camera, batch ``(frames,)``; world right-handed, Z up, metres.
        fps: None if the format has no times.
        intrinsics: those of the first frame; None if the format has none, or if anything but the focal length
            changes during the clip.
        focal_ratios: focal length of each frame over that of the first; None if it does not change.
        lens: None if the format has no physical optics.
    """

    take: str
    camera: str
    poses: CameraPose
    fps: float | None = None
    intrinsics: Intrinsics | None = None
    lens: Lens | None = None
    focal_ratios: Float[np.ndarray, "frames"] | None = None

    @property
    def frame_intrinsics(self) -> tuple[Intrinsics, ...] | None:
        """The intrinsics of each frame; None if they are unknown."""
        if self.intrinsics is None:
            return None
        if self.focal_ratios is None:
            return (self.intrinsics,) * self.frames
        return tuple(self.intrinsics.zoomed(ratio) for ratio in self.focal_ratios.tolist())

    @property
    def frames(self) -> int:
        """Number of poses."""
        return self.poses.world_from_camera.shape[0]

    @property
    def name(self) -> str:
        """``take/camera``."""
        return f"{self.take}/{self.camera}"


@dataclass(frozen=True, kw_only=True)
class TrajectorySet:
    """Trajectories in the order of their file; each has its own pair of take and camera."""

    trajectories: tuple[NamedTrajectory, ...]

    def __len__(self) -> int:
        return len(self.trajectories)

    def __iter__(self) -> Iterator[NamedTrajectory]:
        return iter(self.trajectories)

    def by_take(self) -> dict[str, tuple[NamedTrajectory, ...]]:
        """The cameras of each take, takes in order of first appearance."""
        takes: dict[str, list[NamedTrajectory]] = {}
        for trajectory in self.trajectories:
            takes.setdefault(trajectory.take, []).append(trajectory)
        return {take: tuple(cameras) for take, cameras in takes.items()}


def stacked_poses(trajectories: Sequence[NamedTrajectory], *, where: str) -> CameraPose:
    """Poses ``(trajectories, frames)``; InputError unless all have the same number of frames."""
    first = trajectories[0]
    for other in trajectories:
        if other.frames != first.frames:
            raise InputError(
                f"{other.name} has {other.frames} frames, {first.name} has {first.frames}",
                where=where,
                fix="cut all clips to one length",
            )
    return CameraPose(np.stack([t.poses.world_from_camera for t in trajectories]))


def zoom_of(
    found: Sequence[Intrinsics | None],
) -> tuple[Intrinsics | None, Float[np.ndarray, "frames"] | None]:
    """The intrinsics of the first frame, and the focal ratios if only the focal length changes.

    ``found`` are those of each frame. Two times None if anything else changes, or is unknown.
    """
    first = found[0]
    if all(one == first for one in found):
        return first, None
    if first is None or any(one is None for one in found):
        return None, None
    numbers = np.array([one.numbers for one in found if one])
    ratios = numbers[:, 0] / numbers[0, 0]
    expected = numbers[0] * np.stack([ratios, ratios, *np.ones((4, len(ratios)))], axis=1)
    return (first, ratios) if np.allclose(numbers, expected, rtol=_ROUNDING, atol=0) else (None, None)
