"""Checks of camera paths on poses alone, and the interface that every check has.

A check measures something in every frame and gives the bounds it must keep. Checks that need the geometry of
a level have the same interface; most of their reasons start with ``engine:``. Several measurements may have
one reason: a path has it if any of them is out of bounds.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from ..lenses import image_fractions
from ..poses import CameraPose, rotation_angle_rad
from .limits import Limits
from .subjects import Subjects

# A standing person; the height of the chest is a share of that of the body.
_BODY_WIDTH_M, _CHEST = 0.5, 0.72
_NEAREST_M = 0.05
# The arrays of so many rigs fit the processor's cache.
_RIGS_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Camera paths to be checked.

    Attributes:
        poses: world_from_camera, batch ``(rigs, cameras, frames)``.
        intrinsics: the numbers of ``Intrinsics`` of each rig, in the first frame.
        focal_lengths_mm: focal length in each frame; None if no camera zooms.
    """

    poses: CameraPose
    subjects: Subjects
    intrinsics: Float[np.ndarray, "rigs 6"]
    fps: float
    focal_lengths_mm: Float[np.ndarray, "rigs cameras frames"] | None = None

    def __getitem__(self, rigs: slice) -> "Paths":
        """Some of the rigs."""
        return replace(
            self,
            poses=self.poses[rigs],
            subjects=self.subjects[rigs],
            intrinsics=self.intrinsics[rigs],
            focal_lengths_mm=None if self.focal_lengths_mm is None else self.focal_lengths_mm[rigs],
        )

    @property
    def intrinsics_of_frames(self) -> Float[np.ndarray, "rigs cameras_or_1 frames_or_1 6"]:
        """The numbers of ``Intrinsics`` of each camera and frame."""
        first = self.intrinsics[:, None, None]
        if self.focal_lengths_mm is None:
            return first
        found = np.broadcast_to(first, (*self.focal_lengths_mm.shape, 6)).copy()
        found[..., :2] *= (self.focal_lengths_mm / self.focal_lengths_mm[..., :1])[..., None]
        return found


@dataclass(frozen=True, kw_only=True)
class Measured:
    """The value that one check measures in every frame, and its bounds.

    ``is_of_start``: the value in frame 0 belongs to the start, which the cameras of a shared rig have in
        common.
    """

    reason: str
    values: Float[np.ndarray, "rigs cameras frames"]
    lowest: float = -np.inf
    highest: float = np.inf
    is_of_start: bool = False

    @property
    def is_broken(self) -> Bool[np.ndarray, "rigs cameras frames"]:
        """Where the value is out of bounds or NaN."""
        return ~((self.values >= self.lowest) & (self.values <= self.highest))


PathCheck = Callable[[Paths, Limits], Iterator[Measured]]


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """The reasons against each camera's path; ``at_start``: against its first frame."""

    reasons: tuple[str, ...]
    is_broken: Bool[np.ndarray, "reasons rigs cameras"]
    at_start: Bool[np.ndarray, "reasons rigs cameras"]

    @classmethod
    def none(cls, rigs: int, cameras: int) -> "Verdicts":
        """Nothing was checked."""
        empty = np.zeros((0, rigs, cameras), dtype=bool)
        return cls(reasons=(), is_broken=empty, at_start=empty)

    def any_of(self, reasons: Sequence[str], *, at_start: bool = False) -> Bool[np.ndarray, "rigs cameras"]:
        """Which cameras have at least one of these reasons against their path, or against their start."""
        chosen = [reason in reasons for reason in self.reasons]
        found = self.at_start if at_start else self.is_broken
        return np.asarray(found[chosen].any(axis=0))

    def with_rigs(self, rigs: Int[np.ndarray, "replaced"], new: "Verdicts") -> "Verdicts":
        """The same with ``new`` for some rigs."""
        is_broken, at_start = self.is_broken.copy(), self.at_start.copy()
        is_broken[:, rigs], at_start[:, rigs] = new.is_broken, new.at_start
        return Verdicts(reasons=self.reasons, is_broken=is_broken, at_start=at_start)


def check_paths(paths: Paths, limits: Limits, checks: Sequence[PathCheck]) -> Verdicts:
    """Run the checks; reasons whose policy is ``off`` are left out."""
    rigs, cameras = paths.poses.world_from_camera.shape[:2]
    parts = [
        _check(paths[first : first + _RIGS_AT_ONCE], limits, checks)
        for first in range(0, rigs, _RIGS_AT_ONCE)
    ]
    if not parts or not parts[0].reasons:
        return Verdicts.none(rigs, cameras)
    return Verdicts(
        reasons=parts[0].reasons,
        is_broken=np.concatenate([part.is_broken for part in parts], axis=1),
        at_start=np.concatenate([part.at_start for part in parts], axis=1),
    )


def _check(paths: Paths, limits: Limits, checks: Sequence[PathCheck]) -> Verdicts:
    rigs, cameras = paths.poses.world_from_camera.shape[:2]
    empty = np.zeros((rigs, cameras), dtype=bool)
    broken: dict[str, np.ndarray] = {}
    at_start: dict[str, np.ndarray] = {}
    for measured in (m for check in checks for m in check(paths, limits)):
        reason, is_broken = measured.reason, measured.is_broken
        if limits.policy(reason) != "off":
            broken[reason] = broken.get(reason, empty) | is_broken.any(axis=-1)
            at_start[reason] = at_start.get(reason, empty) | (is_broken[..., 0] & measured.is_of_start)
    if not broken:
        return Verdicts.none(rigs, cameras)
    return Verdicts(
        reasons=tuple(broken),
        is_broken=np.stack(list(broken.values())),
        at_start=np.stack(list(at_start.values())),
    )


def kinematics(paths: Paths, limits: Limits) -> Iterator[Measured]:
    """Speed, acceleration and jerk from differences between frames, and the speed of rotation."""
    fps = paths.fps
    position_m = np.ascontiguousarray(np.moveaxis(paths.poses.position_m, -1, 0))
    bounds = (
        ("too_fast", limits.speed_m_per_s),
        ("too_abrupt", limits.acceleration_m_per_s2),
        ("too_jerky", limits.jerk_m_per_s3),
    )
    frames, change = position_m.shape[-1], position_m
    for order, (reason, highest) in enumerate(bounds, start=1):
        change = np.diff(change, axis=-1)
        values = np.sqrt((change * change).sum(axis=0)) * fps**order
        yield Measured(reason=reason, values=_one_per_frame(values, frames), highest=highest)
    rotation = paths.poses.rotation
    turn_deg = np.degrees(rotation_angle_rad(rotation[..., 1:, :, :], rotation[..., :-1, :, :])) * fps
    values = _one_per_frame(turn_deg, frames)
    yield Measured(reason="turns_too_fast", values=values, highest=limits.turn_deg_per_s)


def surroundings(paths: Paths, limits: Limits) -> Iterator[Measured]:
    """Height above the ground, and distance from the nearest actor."""
    position_m = paths.poses.position_m
    height_m = position_m[..., 2] - paths.subjects.ground_m[:, None, None]
    yield Measured(reason="below_ground", values=height_m, lowest=limits.height_m, is_of_start=True)
    bodies_m = np.moveaxis(paths.subjects.bodies_m, 1, 0)[:, :, None]
    distance_m = np.min([_distance_m(position_m, body_m) for body_m in bodies_m], axis=0)
    yield Measured(reason="too_close", values=distance_m, lowest=limits.distance_m, is_of_start=True)


def subject_in_image(paths: Paths, limits: Limits) -> Iterator[Measured]:
    """Position of the subject point and of the subject's box in the image, and of its head at the start."""
    subjects, intrinsics = paths.subjects, paths.intrinsics_of_frames
    subject_m = paths.poses.camera_points(subjects.points_m[:, None, :, None])[..., 0, :]
    offset = np.abs(2 * image_fractions(subject_m, intrinsics) - 1).max(axis=-1)
    yield Measured(reason="aim_out_of_image", values=offset, highest=limits.aim_offset, is_of_start=True)
    low, high = _body_box(paths, subject_m, intrinsics)
    visible = np.clip(np.minimum(high, 1) - np.maximum(low, 0), 0, None).prod(axis=-1)
    share = np.where(subject_m[..., 2] > 0, visible / (high - low).prod(axis=-1), 0.0)
    yield Measured(reason="subject_out_of_image", values=share, lowest=limits.subject_share, is_of_start=True)
    feet_m, head_m = subjects.bodies_m[:, 0, 0, 0], subjects.bodies_m[:, 0, 0, 1]
    seen_m = np.stack([head_m, feet_m + _CHEST * (head_m - feet_m)], axis=1)
    seen = image_fractions(
        paths.poses[:, :, :1].camera_points(seen_m[:, None, None]), intrinsics[:, :, :1, None, :]
    )
    offset = np.abs(2 * seen - 1).max(axis=(-2, -1))
    reason = "subject_out_of_first_image"
    yield Measured(reason=reason, values=offset, highest=limits.head_offset, is_of_start=True)
    height = (high - low)[..., :1, 1]
    smallest, largest = limits.subject_scale
    yield Measured(reason="subject_too_small", values=height, lowest=smallest, is_of_start=True)
    yield Measured(reason="subject_too_large", values=height, highest=largest, is_of_start=True)


def focal_lengths(paths: Paths, limits: Limits) -> Iterator[Measured]:
    """Focal lengths of cameras that zoom."""
    if paths.focal_lengths_mm is not None:
        (low, high), reason = limits.focal_length_mm, "focal_length_out_of_bounds"
        yield Measured(reason=reason, values=paths.focal_lengths_mm, lowest=low, highest=high)


PATH_CHECKS: tuple[PathCheck, ...] = (kinematics, surroundings, subject_in_image, focal_lengths)


def _body_box(
    paths: Paths, subject_m: Float[np.ndarray, "*batch 3"], intrinsics: Float[np.ndarray, "*#batch 6"]
) -> tuple[Float[np.ndarray, "*batch 2"], Float[np.ndarray, "*batch 2"]]:
    """Top left and bottom right corner of the box around feet and head, as fractions of the image."""
    up, corners = paths.poses.rotation[..., 2, :], []
    above_m = paths.subjects.bodies_m[:, 0, :, ::-1, 2] - paths.subjects.points_m[..., 2:]
    for end_above_m in np.moveaxis(above_m, -1, 0)[:, :, None, :, None]:
        end_m = subject_m + end_above_m * up
        end_m[..., 2] = np.maximum(end_m[..., 2], _NEAREST_M)
        middle = image_fractions(end_m, intrinsics)
        half_width = intrinsics[..., 0] * _BODY_WIDTH_M / 2 / end_m[..., 2] / intrinsics[..., 4]
        side = np.stack([half_width, np.zeros_like(half_width)], axis=-1)
        corners += [middle - side, middle + side]
    return np.minimum(corners[0], corners[2]), np.maximum(corners[1], corners[3])


def _distance_m(
    position_m: Float[np.ndarray, "rigs cameras frames 3"],
    body_m: Float[np.ndarray, "rigs 1 frames_or_1 2 3"],
) -> Float[np.ndarray, "rigs cameras frames"]:
    """Distance of positions from the upright line between the feet and the head of an actor."""
    x, y, z = (position_m[..., axis] - body_m[..., 0, axis] for axis in range(3))
    aside = z - np.clip(z, 0.0, body_m[..., 1, 2] - body_m[..., 0, 2])
    return np.sqrt(x * x + y * y + aside * aside)


def _one_per_frame(
    values: Float[np.ndarray, "*batch steps"], frames: int
) -> Float[np.ndarray, "*batch frames"]:
    """One value per frame: 0 in the frames that have too few frames before them."""
    missing = frames - values.shape[-1]
    return np.concatenate([np.zeros((*values.shape[:-1], missing)), values], axis=-1)
