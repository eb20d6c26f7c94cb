"""The value that every format is read into and written from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from multitake.errors import InputError

from ..lenses import Intrinsics, Lens
from ..poses import CameraPose


@dataclass(frozen=True, kw_only=True)
class NamedTrajectory:
    """One camera of one take.

    Attributes:
        poses: world_from_camera, batch ``(frames,)``; world right-handed, Z up, metres.
        fps: None if the format has no times.
        intrinsics: None if the format has none, or if they change during the clip.
        lens: None if the format has no physical optics.
    """

    take: str
    camera: str
    poses: CameraPose
    fps: float | None = None
    intrinsics: Intrinsics | None = None
    lens: Lens | None = None

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
