"""Is a camera path fit to be filmed? Checks on poses alone, and the one shape that every check has.

A check measures something per frame and says between which bounds it must stay. Checks that need an
engine's geometry have the same shape, and names that begin with ``engine:``.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int

from multitake.errors import InputError
from multitake.settings import STRICT

from ..poses import CameraPose
from .limits import Limits

# A standing person, seen from any side.
_BODY_WIDTH_M = 0.5
_NEAREST_M = 0.05
# Few enough that what is measured stays in the processor's cache.
_RIGS_AT_ONCE = 32


@dataclass(frozen=True, kw_only=True)
class Shot:
    """What rules do not say about filming: length, rate, picture, ground, and the subject's height."""

    __pydantic_config__ = STRICT
    frames: int = 81
    fps: float = 15.0
    width_px: int = 1280
    height_px: int = 1280
    ground_m: float = 0.0
    subject_height_m: float = 1.75

    def checked(self, where: str) -> "Shot":
        """Return self, or raise InputError naming the first field that cannot be filmed."""
        bounds = {"frames": (1, 1e5), "fps": (0.1, 1e3), "width_px": (16, 8192), "height_px": (16, 8192)}
        for name, (low, high) in {**bounds, "subject_height_m": (0.01, 1e3)}.items():
            if not low <= getattr(self, name) <= high:
                what = f"{getattr(self, name):g} is out of bounds"
                raise InputError(what, where=f"{where}: {name}", fix=f"keep it within {low:g}..{high:g}")
        return self


@dataclass(frozen=True, kw_only=True)
class Paths:
    """Camera paths to be checked.

    Attributes:
        poses: world_from_camera, batch ``(rigs, cameras, frames)``.
        pivots_m: aim point of each rig, at ``aim_fraction`` of its subject's height.
        focal_px: focal length of each rig's lens in pixels.
    """

    poses: CameraPose
    pivots_m: Float[np.ndarray, "rigs 3"]
    focal_px: Float[np.ndarray, "rigs"]
    aim_fraction: float
    shot: Shot

    def __getitem__(self, rigs: slice) -> "Paths":
        """Some of the rigs."""
        return replace(
            self, poses=self.poses[rigs], pivots_m=self.pivots_m[rigs], focal_px=self.focal_px[rigs]
        )


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One check's scalar in every frame, and the bounds it must keep.

    ``is_of_start`` says that frame 0 tells of the start itself, which a shared rig's cameras have in common.
    """

    reason: str
    values: Float[np.ndarray, "rigs cameras frames"]
    lowest: float = -np.inf
    highest: float = np.inf
    is_of_start: bool = False

    @property
    def is_broken(self) -> Bool[np.ndarray, "rigs cameras frames"]:
        """Where the scalar leaves its bounds, or is not a number."""
        return ~((self.values >= self.lowest) & (self.values <= self.highest))


PathCheck = Callable[[Paths, Limits], Iterator[Measured]]


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """Which reasons stand against which camera; ``at_start``: against its very first frame."""

    reasons: tuple[str, ...]
    is_broken: Bool[np.ndarray, "reasons rigs cameras"]
    at_start: Bool[np.ndarray, "reasons rigs cameras"]

    @classmethod
    def none(cls, rigs: int, cameras: int) -> "Verdicts":
        """Nothing was looked for."""
        empty = np.zeros((0, rigs, cameras), dtype=bool)
        return cls(reasons=(), is_broken=empty, at_start=empty)

    def any_of(self, reasons: Sequence[str], *, at_start: bool = False) -> Bool[np.ndarray, "rigs cameras"]:
        """Which cameras have at least one of these reasons against them, or against their start."""
        chosen = [reason in reasons for reason in self.reasons]
        found = self.at_start if at_start else self.is_broken
        return np.asarray(found[chosen].any(axis=0))

    def with_cameras(
        self, rig: Int[np.ndarray, "drawn"], camera: Int[np.ndarray, "drawn"], new: "Verdicts"
    ) -> "Verdicts":
        """The same with verdicts on some cameras, given as rigs of one camera each, put in their places."""
        is_broken, at_start = self.is_broken.copy(), self.at_start.copy()
        is_broken[:, rig, camera], at_start[:, rig, camera] = new.is_broken[..., 0], new.at_start[..., 0]
        return Verdicts(reasons=self.reasons, is_broken=is_broken, at_start=at_start)

    def flags(self, rig: int) -> tuple[tuple[str, ...], ...]:
        """The reasons against each camera of a rig."""
        return tuple(
            tuple(reason for reason, is_hit in zip(self.reasons, hits, strict=True) if is_hit)
            for hits in self.is_broken[:, rig].T
        )


def judge(paths: Paths, limits: Limits, checks: Sequence[PathCheck]) -> Verdicts:
    """Run checks over paths; reasons whose policy is ``off`` are left out."""
    rigs, cameras = paths.poses.world_from_camera.shape[:2]
    parts = [
        _judge(paths[first : first + _RIGS_AT_ONCE], limits, checks)
        for first in range(0, rigs, _RIGS_AT_ONCE)
    ]
    if not parts or not parts[0].reasons:
        return Verdicts.none(rigs, cameras)
    return Verdicts(
        reasons=parts[0].reasons,
        is_broken=np.concatenate([part.is_broken for part in parts], axis=1),
        at_start=np.concatenate([part.at_start for part in parts], axis=1),
    )


def _judge(paths: Paths, limits: Limits, checks: Sequence[PathCheck]) -> Verdicts:
    measured = [m for check in checks for m in check(paths, limits) if limits.policy(m.reason) != "off"]
    if not measured:
        return Verdicts.none(*paths.poses.world_from_camera.shape[:2])
    broken = [m.is_broken for m in measured]
    at_start = [b[..., 0] & m.is_of_start for b, m in zip(broken, measured, strict=True)]
    return Verdicts(
        reasons=tuple(m.reason for m in measured),
        is_broken=np.stack([b.any(axis=-1) for b in broken]),
        at_start=np.stack(at_start),
    )


def kinematics(paths: Paths, limits: Limits) -> Iterator[Measured]:
    """Speed, acceleration and jerk from differences between frames; turning speed between orientations."""
    fps = paths.shot.fps
    position_m = np.ascontiguousarray(np.moveaxis(paths.poses.position_m, -1, 0))
    bounds = (
        ("too_fast", limits.speed_m_per_s),
        ("too_abrupt", limits.acceleration_m_per_s2),
        ("too_jerky", limits.jerk_m_per_s3),
    )
    change = position_m
    for order, (reason, highest) in enumerate(bounds, start=1):
        change = np.diff(change, axis=-1)
        values = np.sqrt((change * change).sum(axis=0)) * fps**order
        yield Measured(reason=reason, values=_from_first(values, position_m.shape[-1]), highest=highest)
    rotation = np.moveaxis(paths.poses.rotation, (-2, -1), (0, 1))
    apart = np.sqrt((np.diff(rotation, axis=-1) ** 2).sum(axis=(0, 1)))
    turn_deg = np.degrees(2 * np.arcsin(np.minimum(apart / np.sqrt(8), 1.0))) * fps
    values = _from_first(turn_deg, position_m.shape[-1])
    yield Measured(reason="turns_too_fast", values=values, highest=limits.turn_deg_per_s)


def surroundings(paths: Paths, limits: Limits) -> Iterator[Measured]:
    """Height over the ground, distance from the aim point."""
    position_m = paths.poses.position_m
    height_m = position_m[..., 2] - paths.shot.ground_m
    yield Measured(reason="below_ground", values=height_m, lowest=limits.height_m, is_of_start=True)
    distance_m = np.linalg.norm(position_m - paths.pivots_m[:, None, None], axis=-1)
    yield Measured(reason="too_close", values=distance_m, lowest=limits.distance_m, is_of_start=True)


def picture(paths: Paths, limits: Limits) -> Iterator[Measured]:
    """Where the aim point and the subject's box are in the picture, whose edges are at -1 and 1."""
    shot = paths.shot
    per_pixel = 2 * paths.focal_px[:, None, None]
    scale = np.stack([per_pixel / shot.width_px, per_pixel / shot.height_px])
    away_m = paths.pivots_m[:, None, None] - paths.poses.position_m
    aim_m = np.einsum("...i,...ij->j...", away_m, paths.poses.rotation)
    with np.errstate(divide="ignore", invalid="ignore"):
        offset = np.abs(aim_m[:2] / aim_m[2] * scale).max(axis=0)
    offset = np.where(aim_m[2] > 0, offset, np.inf)
    yield Measured(reason="aim_out_of_picture", values=offset, highest=limits.aim_offset, is_of_start=True)
    low, high = _body_box(paths, aim_m, scale)
    visible = np.clip(np.minimum(high, 1) - np.maximum(low, -1), 0, None).prod(axis=0)
    share = np.where(aim_m[2] > 0, visible / (high - low).prod(axis=0), 0.0)
    yield Measured(
        reason="subject_out_of_picture", values=share, lowest=limits.subject_share, is_of_start=True
    )
    height = (high[1] - low[1])[..., :1] / 2
    smallest, largest = limits.subject_scale
    yield Measured(reason="subject_too_small", values=height, lowest=smallest, is_of_start=True)
    yield Measured(reason="subject_too_large", values=height, highest=largest, is_of_start=True)


PATH_CHECKS: tuple[PathCheck, ...] = (kinematics, surroundings, picture)


def _body_box(
    paths: Paths, aim_m: Float[np.ndarray, "3 *batch"], scale: Float[np.ndarray, "2 *#batch"]
) -> tuple[Float[np.ndarray, "2 *batch"], Float[np.ndarray, "2 *batch"]]:
    """Corners (left, top) and (right, bottom) of the box around feet and head, in picture units."""
    up = np.moveaxis(paths.poses.rotation[..., 2, :], -1, 0)
    height_m = paths.shot.subject_height_m
    lows, highs = [], []
    for above_m in (height_m * (1 - paths.aim_fraction), -height_m * paths.aim_fraction):
        end_m = aim_m + above_m * up
        per_depth = scale / np.maximum(end_m[2], _NEAREST_M)
        middle = end_m[:2] * per_depth
        side = np.stack([per_depth[0] * _BODY_WIDTH_M / 2, np.zeros_like(per_depth[0])])
        lows.append(middle - side)
        highs.append(middle + side)
    return np.minimum(*lows), np.maximum(*highs)


def _from_first(values: Float[np.ndarray, "*batch steps"], frames: int) -> Float[np.ndarray, "*batch frames"]:
    """One value a frame: 0 where a frame has too few before it."""
    missing = frames - values.shape[-1]
    return np.concatenate([np.zeros((*values.shape[:-1], missing)), values], axis=-1)
