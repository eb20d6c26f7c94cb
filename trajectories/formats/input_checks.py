"""Checks of everything that is read; each error names file, take, camera and frame."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError
from multitake.input_files import parsing

from ..poses import CameraPose
from .trajectory_set import NamedTrajectory

# A position farther from the origin is probably in centimetres, as in a game level.
LEVEL_SIZE_M = 2000.0
# Numbers beyond are never measurements.
_LARGEST_NUMBER = 1e9
LONGEST_NAME = 500
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

    Invalid are improper poses, and positions more than 2 km from the origin; a format that defines its unit
    (``may_be_level_sized``) may have larger ones.
    """
    farthest_m = _LARGEST_NUMBER if may_be_level_sized else LEVEL_SIZE_M
    is_valid = poses.is_proper & (np.abs(poses.position_m).max(axis=-1) <= farthest_m)
    if is_valid.all():
        return poses
    camera, frame = np.argwhere(~is_valid)[0].tolist()
    at = Place(file=file, take=take, camera=cameras[camera], frame=frame)
    fault = poses[camera, frame].first_fault()
    if fault:
        raise error_at(fault.what, at=at, fix=fault.fix)
    distance_m = np.abs(poses.position_m[camera, frame]).max()
    what = f"position is {distance_m:.6g} m from the origin; it may be in centimetres"
    raise error_at(what, at=at, fix="divide positions by 100, or move the origin near the scene")


def checked_trajectories(found: Iterator[NamedTrajectory], file: Path) -> Iterator[NamedTrajectory]:
    """The trajectories of a reader one by one; every error of the reader becomes an InputError.

    InputError also for names that are empty, too long or not printable, for a clip without frames, and for
    rates, intrinsics and lenses that are not positive numbers.
    """
    what, fix = "not a readable file of this format", "export it again"
    while True:
        # Numbers that are too large for arithmetic are found by the checks.
        with parsing(what, where=str(file), fix=fix), np.errstate(all="ignore"):
            trajectory = next(found, None)
            if trajectory is None:
                return
            _check(trajectory, Place(file=file, take=trajectory.take, camera=trajectory.camera))
        yield trajectory


def _check(trajectory: NamedTrajectory, at: Place) -> None:
    for name in (trajectory.take, trajectory.camera):
        if not name or len(name) > LONGEST_NAME or not name.isprintable():
            what = f"the name {name[:40]!r} is empty, too long or not printable"
            raise error_at(what, at=Place(file=at.file), fix="rename the take or camera")
    if not trajectory.frames:
        raise error_at("clip has no frames", at=at, fix="export it again")
    i, lens = trajectory.intrinsics, trajectory.lens
    numbers = [
        ("frame rate", () if trajectory.fps is None else (trajectory.fps,)),
        ("focal length or image size", () if i is None else (i.fx_px, i.fy_px, i.width_px, i.height_px)),
        ("principal point", () if i is None else (1 + abs(i.cx_px), 1 + abs(i.cy_px))),
        ("lens", () if lens is None else astuple(lens)),
        ("focal ratio", () if trajectory.focal_ratios is None else trajectory.focal_ratios.tolist()),
    ]
    for noun, values in numbers:
        if not all(math.isfinite(value) and 0 < value <= _LARGEST_NUMBER for value in values):
            raise error_at(f"{noun} is not a positive number", at=at, fix="correct it, or export it again")


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
