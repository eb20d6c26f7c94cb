"""The paths of each clip at a few frames: how the camera moves and rotates, and which motion that is.

Camera files have 6 significant digits: smaller changes than rounding can cause do not count as movement.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float

# Beyond the motions of the rules: ``translation_fixed`` keeps its rotation while the subject moves in the
# image, ``arc_chord`` is a straight line between two points of a circle, ``other`` rolls, ``unknown`` needs a
# subject that is unknown.
RECOVERED_MOTIONS = (
    *("static", "pan", "tilt", "pan_tilt", "translation", "translation_fixed"),
    *("arc", "arc_chord", "random", "other", "unknown"),
)
_STILL_RAD = 3e-4
_AIMED_RAD = 2e-3
_ROLLED = 2e-3
Frames = Float[np.ndarray, "clips frames"]
Vectors = Float[np.ndarray, "3 clips frames"]
Clips = Bool[np.ndarray, "clips"]


@dataclass(frozen=True, kw_only=True)
class ClipPaths:
    """Positions and rotations of clips at a few frames, relative to the first.

    Attributes:
        offset_m: position minus the first position.
        from_subject_m: position minus the subject in the first frame.
        length_m: length of ``offset_m``.
        noise_m: error of positions that are rounded to 6 digits.
        heading_rad, pitch_rad: of the optical axis; heading is continuous.
        turned_rad: largest rotation relative to the first frame (chord).
        rolled: largest height of the right axis.
        off_aim_rad: largest angle (chord) between the optical axis and the direction of the subject.
        start_axes: right, down and forward axes at the first frame (columns).
    """

    offset_m: Vectors
    from_subject_m: Vectors
    length_m: Frames
    noise_m: Float[np.ndarray, "clips"]
    heading_rad: Frames
    pitch_rad: Frames
    turned_rad: Float[np.ndarray, "clips"]
    rolled: Float[np.ndarray, "clips"]
    off_aim_rad: Float[np.ndarray, "clips"]
    start_axes: Float[np.ndarray, "3 3 clips"]

    @classmethod
    def of(cls, track: Float[np.ndarray, "3 4 clips frames"], points_m: Vectors) -> "ClipPaths":
        """The paths of poses whose batch axes are last; ``points_m`` is the subject in each frame."""
        rotation, position_m = track[:, :3], track[:, 3]
        right, down, forward = np.moveaxis(rotation, 1, 0)
        offset_m = position_m - position_m[..., :1]
        from_subject_m = position_m - points_m[..., :1]
        to_subject = points_m - position_m
        to_subject = to_subject / np.sqrt((to_subject**2).sum(axis=0))
        turned = rotation - rotation[..., :1]
        return cls(
            offset_m=offset_m,
            from_subject_m=from_subject_m,
            length_m=np.sqrt((offset_m**2).sum(axis=0)),
            noise_m=_rounding_error(np.abs(position_m).max(axis=(0, 2))),
            # The right axis is level, so it gives heading and pitch even if the camera looks straight down.
            heading_rad=np.unwrap(np.arctan2(-right[0], right[1]), axis=-1),
            pitch_rad=np.arctan2(forward[2], -down[2]),
            turned_rad=np.sqrt((turned**2).sum(axis=(0, 1)).max(axis=1) / 2),
            rolled=np.abs(right[2]).max(axis=1),
            off_aim_rad=np.sqrt(((forward - to_subject) ** 2).sum(axis=0).max(axis=1)),
            start_axes=rotation[..., 0],
        )

    @cached_property
    def extent_m(self) -> Float[np.ndarray, "clips"]:
        """Largest distance from the first position."""
        return self.length_m.max(axis=1)

    @cached_property
    def direction(self) -> Float[np.ndarray, "3 clips"]:
        """Unit direction from the first position to the farthest one."""
        farthest = self.length_m.argmax(axis=1)
        end_m = np.take_along_axis(self.offset_m, farthest[None, :, None], axis=2)[..., 0]
        return end_m / np.maximum(self.extent_m, 1e-12)

    @cached_property
    def level_distance_m(self) -> Frames:
        """Horizontal distance from the subject."""
        return np.sqrt((self.from_subject_m[:2] ** 2).sum(axis=0))


def motions_of(paths: ClipPaths) -> np.ndarray:
    """The motion of each clip, one of ``RECOVERED_MOTIONS``; the first that applies."""
    moves = paths.extent_m > 3 * paths.noise_m + 1e-5
    turns = paths.turned_rad > _STILL_RAD
    pans = np.ptp(paths.heading_rad, axis=1) > _STILL_RAD
    tilts = np.ptp(paths.pitch_rad, axis=1) > _STILL_RAD
    is_straight, is_along_axis = _is_straight(paths), _is_along_axis(paths)
    is_level = np.abs(paths.offset_m[2]).max(axis=1) < 3 * paths.noise_m
    is_aimed = _is_aimed(paths)
    around = is_level & is_aimed & turns
    choices: tuple[tuple[Clips, str], ...] = (
        (paths.rolled > _ROLLED, "other"),
        (~moves & ~turns, "static"),
        (~moves & pans & tilts, "pan_tilt"),
        (~moves & pans, "pan"),
        (~moves & tilts, "tilt"),
        (~moves, "other"),
        (is_straight & ~turns & is_aimed, "translation"),
        (is_straight & ~turns, "translation_fixed"),
        (around & ~(is_straight & is_along_axis) & _keeps_radius(paths), "arc"),
        (around & is_straight & ~is_along_axis & _ends_at_radius(paths), "arc_chord"),
        (is_straight & is_along_axis, "translation"),
    )
    return np.select([applies for applies, _ in choices], [name for _, name in choices], "random")


def amounts_of(paths: ClipPaths, motion: np.ndarray) -> Frames:
    """Movement since the first frame: signed degrees of rotations and arcs, metres of other moves."""
    heading_deg = np.degrees(paths.heading_rad - paths.heading_rad[:, :1])
    pitch_deg = np.degrees(paths.pitch_rad - paths.pitch_rad[:, :1])
    x, y, _ = paths.from_subject_m
    around_rad = np.unwrap(np.arctan2(y, x), axis=-1)
    around_deg = np.degrees(around_rad - around_rad[:, :1])
    # Along a chord, the distance is linear in progress and the angle is not.
    is_chord = (motion == "arc_chord")[:, None]
    length_m = paths.length_m
    share = np.divide(length_m, length_m[:, -1:], out=np.zeros_like(length_m), where=is_chord)
    amounts = {
        "pan": heading_deg,
        "pan_tilt": heading_deg,
        "tilt": pitch_deg,
        "arc": around_deg,
        "arc_chord": share * around_deg[:, -1:],
        "static": np.zeros_like(heading_deg),
    }
    is_motion = [(motion == name)[:, None] for name in amounts]
    return np.select(is_motion, list(amounts.values()), length_m)


def _is_aimed(paths: ClipPaths) -> Clips:
    """Whether the camera looks at the subject in all frames."""
    nearest_m = np.sqrt((paths.from_subject_m**2).sum(axis=0)).min(axis=1)
    with np.errstate(invalid="ignore"):
        return paths.off_aim_rad < _AIMED_RAD + 3 * paths.noise_m / nearest_m


def _is_straight(paths: ClipPaths) -> Clips:
    """Whether all positions are on the line to the farthest one."""
    direction = paths.direction[..., None]
    ahead_m = (paths.offset_m * direction).sum(axis=0)
    beside_m = np.sqrt(((paths.offset_m - ahead_m * direction) ** 2).sum(axis=0).max(axis=1))
    return beside_m < 3 * paths.noise_m + 1e-5 * paths.extent_m


def _is_along_axis(paths: ClipPaths) -> Clips:
    """Whether the line to the farthest position is an axis of the world, the start camera or the subject."""
    outward = paths.from_subject_m[..., 0] * np.array([[1.0], [1.0], [0.0]])
    outward = outward / np.sqrt((outward**2).sum(axis=0))
    around = outward[[1, 0, 2]] * [[-1.0], [1.0], [0.0]]
    axes = [*np.eye(3)[..., None], *np.moveaxis(paths.start_axes, 1, 0), outward, around]
    # Axes of the camera and the subject are known to the digits of rotations and of the subject.
    tolerances = [0.0] * 3 + [3e-6] * 3 + [1e-4] * 2
    return np.any(
        [
            _sine(paths.direction, axis) * paths.extent_m < tolerance * paths.extent_m + 3 * paths.noise_m
            for axis, tolerance in zip(axes, tolerances, strict=True)
        ],
        axis=0,
    )


def _keeps_radius(paths: ClipPaths) -> Clips:
    """Whether the distance from the subject changes less than that of a chord between the same ends would."""
    level_m = paths.level_distance_m
    dip_of_chord_m = paths.length_m[:, -1] ** 2 / (8 * np.maximum(level_m[:, 0], 1e-9))
    with np.errstate(invalid="ignore"):
        tolerance_m = np.minimum(0.4 * dip_of_chord_m, 4 * paths.noise_m + 2e-4 * level_m[:, 0])
        return np.ptp(level_m, axis=1) < tolerance_m


def _ends_at_radius(paths: ClipPaths) -> Clips:
    """Whether the last distance from the subject is that of the start."""
    level_m = paths.level_distance_m
    start_m, end_m, nearest_m = level_m[:, 0], level_m[:, -1], level_m.min(axis=1)
    with np.errstate(invalid="ignore"):
        # The last frame of an open time base is before the end: of 21 frames, by up to a fifth of the move.
        return np.abs(end_m - start_m) < 0.7 * (start_m - nearest_m) + 2 * paths.noise_m


def _sine(a: Float[np.ndarray, "3 clips"], b: Float[np.ndarray, "3 #clips"]) -> Float[np.ndarray, "clips"]:
    """Sine of the angle between unit vectors: the length of their cross product."""
    x, y, z = (a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3))
    return np.sqrt(x * x + y * y + z * z)


def _rounding_error(largest_m: Float[np.ndarray, "clips"]) -> Float[np.ndarray, "clips"]:
    """Error of a point with this largest coordinate if it is rounded to 6 significant digits."""
    return np.sqrt(3) / 2 * 10.0 ** (np.floor(np.log10(np.maximum(largest_m, 1e-3))) - 5)
