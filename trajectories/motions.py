"""The six motions of ReCamMaster's Appendix B, and others: camera poses as a function of progress in [0, 1].

Every motion has arrays of parameters with a leading batch axis, so one value moves one camera (batch 1)
or one camera of a million rigs. ``poses(start, subject_m, progress)`` maps start poses ``(batch)``, subject
points ``(batch, 3)`` and progress ``(batch, frames)`` to poses ``(batch, frames)``. ``Roll``, ``Zoom`` and
``DollyZoom`` are not of the paper.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from .pose_arrays import Track, aim, as_poses, cos_sin, hold, new_track, turn
from .poses import CameraPose
from .splines import Spline, curve_offsets

Progress = Float[np.ndarray, "batch frames"]
Subject = Float[np.ndarray, "batch 3"]
Positions = Float[np.ndarray, "batch frames 3"]
# One point for each frame, or one for all of them.
Targets = Float[np.ndarray, "batch frames_or_1 3"]


class _Moving:
    """What all motions share."""

    def fill(self, track: Track, start: CameraPose, subject_m: Subject, progress: Progress) -> None:
        raise TypeError(f"{type(self).__name__} has no motion")

    def poses(self, start: CameraPose, subject_m: Subject, progress: Progress) -> CameraPose:
        """World poses ``(batch, frames)``."""
        track = new_track(*progress.shape)
        self.fill(track, start, subject_m, progress)
        return as_poses(track)


@dataclass(frozen=True, kw_only=True)
class Static(_Moving):
    """The camera does not move."""

    def fill(self, track: Track, start: CameraPose, subject_m: Subject, progress: Progress) -> None:
        hold(track, start, rotation=True, position=True)


@dataclass(frozen=True, kw_only=True)
class Pan(_Moving):
    """Rotation about the vertical axis; positive pans left (counter-clockwise from above)."""

    angle_deg: Float[np.ndarray, "batch"]

    def fill(self, track: Track, start: CameraPose, subject_m: Subject, progress: Progress) -> None:
        hold(track, start, position=True)
        axes = np.moveaxis(start.rotation, 0, -1)[..., None]
        turn(track, axes, 0, np.radians(self.angle_deg)[:, None] * progress)


@dataclass(frozen=True, kw_only=True)
class Tilt(_Moving):
    """Change of pitch at constant heading; positive tilts up."""

    angle_deg: Float[np.ndarray, "batch"]

    def fill(self, track: Track, start: CameraPose, subject_m: Subject, progress: Progress) -> None:
        hold(track, start, rotation=True, position=True)
        angle_rad = np.radians(self.angle_deg)[:, None] * progress
        cos, sin = cos_sin(angle_rad)
        for row, (_, down, ahead) in enumerate(np.moveaxis(start.rotation, 0, -1)[..., None]):
            track[row, 1] = cos * down + sin * ahead
            track[row, 2] = cos * ahead - sin * down


@dataclass(frozen=True, kw_only=True)
class PanTilt(_Moving):
    """A pan and a tilt at the same time."""

    pan_deg: Float[np.ndarray, "batch"]
    tilt_deg: Float[np.ndarray, "batch"]

    def fill(self, track: Track, start: CameraPose, subject_m: Subject, progress: Progress) -> None:
        Tilt(angle_deg=self.tilt_deg).fill(track, start, subject_m, progress)
        turn(track, track[:, :3].copy(), 0, np.radians(self.pan_deg)[:, None] * progress)


@dataclass(frozen=True, kw_only=True)
class Translation(_Moving):
    """Straight move of ``distance_m`` along ``direction`` (unit, world axes).

    A tracking camera keeps aiming at the subject; any other keeps its rotation.
    """

    direction: Float[np.ndarray, "batch 3"]
    distance_m: Float[np.ndarray, "batch"]
    is_tracking: Bool[np.ndarray, "batch"]

    def fill(self, track: Track, start: CameraPose, subject_m: Subject, progress: Progress) -> None:
        step_m = self.distance_m[:, None] * self.direction
        track[:, 3] = start.position_m.T[..., None] + progress * step_m.T[..., None]
        aim(track, subject_m[:, None])
        fixed = np.flatnonzero(~self.is_tracking)
        track[:, :3, fixed] = np.moveaxis(start.rotation[fixed], 0, -1)[..., None]


@dataclass(frozen=True, kw_only=True)
class Arc(_Moving):
    """Circle about the vertical through the subject, aiming at it; positive is counter-clockwise from above.

    With ``is_chord`` the camera moves straight from the circle's start to its end, as the published files do.
    """

    angle_deg: Float[np.ndarray, "batch"]
    is_chord: bool = False

    def fill(self, track: Track, start: CameraPose, subject_m: Subject, progress: Progress) -> None:
        radius_m = (start.position_m - subject_m).T
        angle_rad = np.radians(self.angle_deg)[:, None]
        if not self.is_chord:
            columns = np.concatenate([np.moveaxis(start.rotation, 0, -1), radius_m[:, None]], axis=1)
            turn(track, columns[..., None], 0, angle_rad * progress)
            track[:, 3] += subject_m.T[..., None]
            return
        turn(track[..., :1], radius_m[:, None, :, None], 3, angle_rad)
        chord_m = track[:, 3, :, :1] - radius_m[..., None]
        track[:, 3] = start.position_m.T[..., None] + progress * chord_m
        aim(track, subject_m[:, None])


@dataclass(frozen=True, kw_only=True)
class RandomMove(_Moving):
    """A smooth curve from the start through waypoints, aiming at the subject.

    ``waypoints_m`` are offsets from the start; those after ``waypoint_count`` are ignored. ``spline`` is the
    kind of curve, see ``splines``.
    """

    waypoints_m: Float[np.ndarray, "batch waypoints 3"]
    waypoint_count: Float[np.ndarray, "batch"]
    spline: Spline = "catmull_rom"

    def fill(self, track: Track, start: CameraPose, subject_m: Subject, progress: Progress) -> None:
        offset_m = curve_offsets(self.waypoints_m, self.waypoint_count, progress, self.spline)
        track[:, 3] = start.position_m.T[..., None] + offset_m
        aim(track, subject_m[:, None])


@dataclass(frozen=True, kw_only=True)
class Roll(_Moving):
    """Rotation about the optical axis; positive turns the camera clockwise as seen from behind it.

    The image turns the other way.
    """

    angle_deg: Float[np.ndarray, "batch"]

    def fill(self, track: Track, start: CameraPose, subject_m: Subject, progress: Progress) -> None:
        hold(track, start, rotation=True, position=True)
        cos, sin = cos_sin(np.radians(self.angle_deg)[:, None] * progress)
        for row, (right, down, _) in enumerate(np.moveaxis(start.rotation, 0, -1)[..., None]):
            track[row, 0] = cos * right + sin * down
            track[row, 1] = cos * down - sin * right


@dataclass(frozen=True, kw_only=True)
class Zoom(Static):
    """The camera does not move; its focal length changes by the factor ``zoom_ratio``.

    Equal progress changes it by equal factors, so the image grows or shrinks evenly.
    """

    zoom_ratio: Float[np.ndarray, "batch"]

    def focal_ratios(self, position_m: Positions, target_m: Targets, progress: Progress) -> Progress:
        """Focal length of each frame over that of the first: ``zoom_ratio ** progress``."""
        return self.zoom_ratio[:, None] ** progress


@dataclass(frozen=True, kw_only=True)
class DollyZoom(_Moving):
    """Straight move along the line to the subject, while the focal length keeps the size of the subject.

    Distance and focal length change by the factor ``zoom_ratio``, the distance linearly with progress.
    """

    zoom_ratio: Float[np.ndarray, "batch"]

    def fill(self, track: Track, start: CameraPose, subject_m: Subject, progress: Progress) -> None:
        hold(track, start, rotation=True)
        away_m = (self.zoom_ratio - 1)[:, None] * (start.position_m - subject_m)
        track[:, 3] = start.position_m.T[..., None] + progress * away_m.T[..., None]

    def focal_ratios(self, position_m: Positions, target_m: Targets, progress: Progress) -> Progress:
        """Focal length of each frame over that of the first: that of the distances from ``target_m``."""
        distance_m = np.linalg.norm(position_m - target_m, axis=-1)
        return distance_m / distance_m[:, :1]


Motion = Static | Pan | Tilt | PanTilt | Translation | Arc | RandomMove | Roll | Zoom | DollyZoom
MOTIONS: dict[str, type[Motion]] = {
    "pan": Pan,
    "tilt": Tilt,
    "pan_tilt": PanTilt,
    "translation": Translation,
    "arc": Arc,
    "random": RandomMove,
    "static": Static,
    "roll": Roll,
    "zoom": Zoom,
    "dolly_zoom": DollyZoom,
}
ZOOMING = ("zoom", "dolly_zoom")
