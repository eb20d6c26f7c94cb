"""What no format may smuggle in: every refusal names file, take, camera and frame."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError

from ..poses import ORTHONORMAL_TOLERANCE, CameraPose

# Farther from the origin than this, "metres" are taken for the centimetres of a game level.
LEVEL_SIZE_M = 2000.0
# A step in time longer than this many usual steps is a frame left out.
_GAP_STEPS = 1.5
# Times are written to a microsecond, and a clip has two ends.
_CLOCK_S = 2e-6


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where in the input a finding stands; prints as ``file: take T, camera C, frame k``."""

    file: Path
    take: str | None = None
    camera: str | None = None
    frame: int | str | None = None

    def __str__(self) -> str:
        parts = (("take", self.take), ("camera", self.camera), ("frame", self.frame))
        known = [f"{noun} {value}" for noun, value in parts if value is not None]
        return f"{self.file}: {', '.join(known)}" if known else str(self.file)


def refuse(what: str, *, at: Place, fix: str) -> InputError:
    """The error for a finding at that place."""
    return InputError(what, where=str(at), fix=fix)


def checked_poses(
    poses: CameraPose, *, file: Path, take: str, cameras: Sequence[str], may_be_level_sized: bool = False
) -> CameraPose:
    """Return poses of batch ``(cameras, frames)``, or raise InputError at the first bad one.

    Bad is: NaN or infinity, a rotation that is not orthonormal or is mirrored, and, unless the format states
    its unit (``may_be_level_sized``), a position more than 2 km from the origin.
    """
    right, down, forward = np.moveaxis(poses.rotation, -1, 0)
    off = np.abs(_cross(right, down) - forward).max(axis=-1)
    for a, b, dot in ((right, right, 1.0), (down, down, 1.0), (right, down, 0.0)):
        np.maximum(off, np.abs((a * b).sum(axis=-1) - dot), out=off)
    far = np.abs(poses.position_m).max(axis=-1)
    # Written so that NaN, which compares as false, is bad.
    good = (off <= ORTHONORMAL_TOLERANCE) & np.isfinite(far)
    if not may_be_level_sized:
        good &= far <= LEVEL_SIZE_M
    if not good.all():
        camera, frame = np.argwhere(~good)[0].tolist()
        at = Place(file=file, take=take, camera=cameras[camera], frame=frame)
        raise _fault(poses[camera, frame], at)
    return poses


def _fault(pose: CameraPose, at: Place) -> InputError:
    rotation = pose.rotation
    if not np.isfinite(pose.world_from_camera).all():
        return refuse("pose holds NaN or infinity", at=at, fix="repair or drop that camera")
    error = np.abs(rotation @ rotation.T - np.eye(3)).max()
    if error > ORTHONORMAL_TOLERANCE:
        return refuse(f"rotation is not orthonormal (off by {error:.2g})", at=at, fix="normalise it")
    if np.linalg.det(rotation) < 0:
        fix = "undo the mirroring, e.g. negate y of the world in all poses of the file"
        return refuse("rotation is mirrored (det -1)", at=at, fix=fix)
    distance = np.abs(pose.position_m).max()
    return refuse(
        f"position {distance:.0f} m from the origin looks like centimetres",
        at=at,
        fix="divide positions by 100, or move the origin near the scene if these are metres",
    )


def _cross(
    a: Float[np.ndarray, "*batch 3"], b: Float[np.ndarray, "*batch 3"]
) -> Float[np.ndarray, "*batch 3"]:
    return np.roll(a, -1, axis=-1) * np.roll(b, 1, axis=-1) - np.roll(a, 1, axis=-1) * np.roll(b, -1, axis=-1)


def unit_quaternions(
    quaternion_xyzw: Float[np.ndarray, "frames 4"], at: Place
) -> Float[np.ndarray, "frames 4"]:
    """Return them normalised, or raise InputError at the first whose length is not 1."""
    length = np.linalg.norm(quaternion_xyzw, axis=-1)
    bad = np.flatnonzero(~(np.abs(length - 1) <= 1e-3))
    if bad.size:
        frame = int(bad[0])
        place = Place(file=at.file, take=at.take, camera=at.camera, frame=frame)
        raise refuse(f"quaternion has length {length[frame]:.4g}, not 1", at=place, fix="normalise it")
    return quaternion_xyzw / length[:, None]


def fps_of(times_s: Float[np.ndarray, "frames"], at: Place) -> float | None:
    """Frames a second of evenly spaced times: the roundest rate that fits; None for a single frame.

    InputError where time stands still or goes back, and where a frame is left out.
    """
    if len(times_s) < 2:
        return None
    steps = np.diff(times_s)
    bad = np.flatnonzero(~(steps > 0))
    if bad.size:
        place = Place(file=at.file, take=at.take, camera=at.camera, frame=int(bad[0]) + 1)
        raise refuse("frames are not in the order of time", at=place, fix="sort them, and drop doubles")
    gaps = np.flatnonzero(steps > _GAP_STEPS * np.median(steps))
    if gaps.size:
        place = Place(file=at.file, take=at.take, camera=at.camera, frame=int(gaps[0]) + 1)
        fix = "fill it in, or split the clip there"
        raise refuse(f"{steps[gaps[0]]:.4g} s after the frame before: a frame is missing", at=place, fix=fix)
    return _roundest_rate(len(steps), float(times_s[-1] - times_s[0]))


def _roundest_rate(steps: int, duration_s: float) -> float:
    """The rate of fewest decimals that explains the duration to what rounded times can tell."""
    exact = steps / duration_s
    for decimals in range(9):
        rate = round(exact, decimals)
        if rate > 0 and abs(steps / rate - duration_s) <= _CLOCK_S:
            return rate
    return exact
