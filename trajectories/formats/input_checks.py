"""Checks of everything that is read; each error names file, take, camera and frame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError

from ..poses import CameraPose

# A position farther from the origin is probably in centimetres, as in a game level.
LEVEL_SIZE_M = 2000.0
# A step in time that is longer than so many median steps is a missing frame.
_GAP_STEPS = 1.5
# Times are written with microseconds, and a clip has two ends.
_CLOCK_S = 2e-6


@dataclass(frozen=True, kw_only=True)
class Place:
    """A place in the input; prints as ``file: take T, camera C, frame k``."""

    file: Path
    take: str | None = None
    camera: str | None = None
    frame: int | str | None = None

    def __str__(self) -> str:
        parts = (("take", self.take), ("camera", self.camera), ("frame", self.frame))
        known = [f"{noun} {value}" for noun, value in parts if value is not None]
        return f"{self.file}: {', '.join(known)}" if known else str(self.file)


def error_at(what: str, *, at: Place, fix: str) -> InputError:
    """The error for a problem at a place."""
    return InputError(what, where=str(at), fix=fix)


def checked_poses(
    poses: CameraPose, *, file: Path, take: str, cameras: Sequence[str], may_be_level_sized: bool = False
) -> CameraPose:
    """Return poses of batch ``(cameras, frames)``, or raise InputError for the first invalid one.

    Invalid are improper poses and, if the format does not define its unit (``may_be_level_sized`` is false),
    positions more than 2 km from the origin.
    """
    is_valid = poses.is_proper
    if not may_be_level_sized:
        is_valid &= np.abs(poses.position_m).max(axis=-1) <= LEVEL_SIZE_M
    if is_valid.all():
        return poses
    camera, frame = np.argwhere(~is_valid)[0].tolist()
    at = Place(file=file, take=take, camera=cameras[camera], frame=frame)
    fault = poses[camera, frame].first_fault()
    if fault:
        raise error_at(fault.what, at=at, fix=fault.fix)
    distance_m = np.abs(poses.position_m[camera, frame]).max()
    what = f"position is {distance_m:.0f} m from the origin; it may be in centimetres"
    raise error_at(what, at=at, fix="divide positions by 100, or move the origin near the scene")


def unit_quaternions(
    quaternion_xyzw: Float[np.ndarray, "frames 4"], at: Place
) -> Float[np.ndarray, "frames 4"]:
    """Return the quaternions normalised, or raise InputError for the first whose length is not 1."""
    length = np.linalg.norm(quaternion_xyzw, axis=-1)
    invalid = np.flatnonzero(~(np.abs(length - 1) <= 1e-3))
    if invalid.size:
        frame = int(invalid[0])
        what = f"quaternion has length {length[frame]:.4g}, not 1"
        raise error_at(what, at=replace(at, frame=frame), fix="give unit quaternions")
    return quaternion_xyzw / length[:, None]


def fps_of(times_s: Float[np.ndarray, "frames"], at: Place) -> float | None:
    """Frames per second of evenly spaced times: the rate with the fewest decimals that fits; None for one
    frame.

    InputError if times do not increase, or if a frame is missing.
    """
    if len(times_s) < 2:
        return None
    steps = np.diff(times_s)
    invalid = np.flatnonzero(~(steps > 0))
    if invalid.size:
        place = replace(at, frame=int(invalid[0]) + 1)
        raise error_at("times do not increase", at=place, fix="sort the frames, and remove duplicates")
    gaps = np.flatnonzero(steps > _GAP_STEPS * np.median(steps))
    if gaps.size:
        place = replace(at, frame=int(gaps[0]) + 1)
        what = f"a frame is missing: {steps[gaps[0]]:.4g} s after the frame before"
        raise error_at(what, at=place, fix="add it, or split the clip there")
    return _roundest_rate(len(steps), float(times_s[-1] - times_s[0]))


def _roundest_rate(steps: int, duration_s: float) -> float:
    exact = steps / duration_s
    for decimals in range(9):
        rate = round(exact, decimals)
        if rate > 0 and abs(steps / rate - duration_s) <= _CLOCK_S:
            return rate
    return exact
