"""The six motions of ReCamMaster's Appendix B: camera poses as a function of progress in [0, 1].

Every motion holds arrays of parameters with a leading batch axis, so one value moves one camera (batch 1)
or the same slot of a million rigs. ``poses(start, pivot_m, progress)`` maps start poses ``(batch)``, aim
points ``(batch, 3)`` and progress ``(batch, frames)`` to poses ``(batch, frames)``.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from .poses import CameraPose
from .splines import travelled

Progress = Float[np.ndarray, "batch frames"]
Pivot = Float[np.ndarray, "batch 3"]


@dataclass(frozen=True, kw_only=True)
class Static:
    """The camera stays."""

    def poses(self, start: CameraPose, pivot_m: Pivot, progress: Progress) -> CameraPose:
        frames = progress.shape[-1]
        return CameraPose(np.repeat(start.world_from_camera[:, None], frames, axis=1))


@dataclass(frozen=True, kw_only=True)
class Pan:
    """Turn about the world's vertical axis; positive pans left (counter-clockwise from above)."""

    angle_deg: Float[np.ndarray, "batch"]

    def poses(self, start: CameraPose, pivot_m: Pivot, progress: Progress) -> CameraPose:
        turn = about_vertical(np.radians(self.angle_deg)[:, None] * progress)
        return CameraPose.of(turn @ start.rotation[:, None], start.position_m[:, None])


@dataclass(frozen=True, kw_only=True)
class Tilt:
    """Change of pitch at constant heading; positive tilts up."""

    angle_deg: Float[np.ndarray, "batch"]

    def poses(self, start: CameraPose, pivot_m: Pivot, progress: Progress) -> CameraPose:
        angle = (np.radians(self.angle_deg)[:, None] * progress)[..., None]
        right, down, ahead = np.moveaxis(start.rotation[:, None], -1, 0)
        cos, sin = np.cos(angle), np.sin(angle)
        columns = [
            np.broadcast_to(right, (*progress.shape, 3)),
            cos * down + sin * ahead,
            cos * ahead - sin * down,
        ]
        return CameraPose.of(np.stack(columns, axis=-1), start.position_m[:, None])


@dataclass(frozen=True, kw_only=True)
class Translation:
    """Straight move of ``distance_m`` along ``direction`` (unit, world axes).

    Where ``is_tracking`` the camera keeps aiming at the pivot, elsewhere it keeps its rotation.
    """

    direction: Float[np.ndarray, "batch 3"]
    distance_m: Float[np.ndarray, "batch"]
    is_tracking: Bool[np.ndarray, "batch"]

    def poses(self, start: CameraPose, pivot_m: Pivot, progress: Progress) -> CameraPose:
        step = (self.distance_m[:, None] * self.direction)[:, None]
        position = start.position_m[:, None] + progress[..., None] * step
        tracking = CameraPose.looking(position, pivot_m[:, None] - position).rotation
        keeps_aim = self.is_tracking[:, None, None, None]
        return CameraPose.of(np.where(keeps_aim, tracking, start.rotation[:, None]), position)


@dataclass(frozen=True, kw_only=True)
class Arc:
    """Circle about the vertical through the pivot, aim kept; positive is counter-clockwise from above."""

    angle_deg: Float[np.ndarray, "batch"]

    def poses(self, start: CameraPose, pivot_m: Pivot, progress: Progress) -> CameraPose:
        turn = about_vertical(np.radians(self.angle_deg)[:, None] * progress)
        radius = (start.position_m - pivot_m)[:, None, :, None]
        position = pivot_m[:, None] + (turn @ radius)[..., 0]
        return CameraPose.of(turn @ start.rotation[:, None], position)


@dataclass(frozen=True, kw_only=True)
class RandomMove:
    """A smooth curve from the start through waypoints, at even pace along its length, aim kept.

    ``waypoints_m`` are offsets from the start; rows past ``waypoint_count`` are ignored.
    """

    waypoints_m: Float[np.ndarray, "batch waypoints 3"]
    waypoint_count: Float[np.ndarray, "batch"]

    def poses(self, start: CameraPose, pivot_m: Pivot, progress: Progress) -> CameraPose:
        offset_m = travelled(self.waypoints_m, self.waypoint_count, progress)
        position = start.position_m[:, None] + offset_m
        return CameraPose.looking(position, pivot_m[:, None] - position)


Motion = Static | Pan | Tilt | Translation | Arc | RandomMove
MOTIONS: dict[str, type[Motion]] = {
    "pan": Pan,
    "tilt": Tilt,
    "translation": Translation,
    "arc": Arc,
    "random": RandomMove,
    "static": Static,
}


def about_vertical(angle_rad: Float[np.ndarray, "*batch"]) -> Float[np.ndarray, "*batch 3 3"]:
    """Rotations about world +Z, counter-clockwise seen from above."""
    rotation = np.zeros((*angle_rad.shape, 3, 3))
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    rotation[..., 0, 0], rotation[..., 0, 1] = cos, -sin
    rotation[..., 1, 0], rotation[..., 1, 1] = sin, cos
    rotation[..., 2, 2] = 1.0
    return rotation
