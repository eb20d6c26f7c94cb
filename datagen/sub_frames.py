"""Images of a lens and a shutter: each is the mean of several exact images, its sub-frames.

A sub-frame has its own instant, at which actors and cameras are where they are then, and its own place on the
lens. What is in focus stays where it is, and everything else moves by its circle of confusion.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, UInt8

from trajectories import CameraPose, Lens, Rig

_GOLDEN_TURN = np.pi * (3 - 5**0.5)
_MM_PER_M = 1000.0


@dataclass(frozen=True, kw_only=True)
class SubFrame:
    """One of the images that are averaged.

    ``offset_frames`` is its time from the frame's, in frames; ``on_lens`` its place in the unit disk.
    """

    offset_frames: float
    on_lens: tuple[float, float]


def sub_frames(count: int, *, shutter: float, depth_of_field: bool) -> list[SubFrame]:
    """Sub-frames at equal times, while the shutter is open around the frame's time, and all over the lens.

    ``shutter`` is the share of a frame for which it is open.
    """
    # Shuffled, so that times and places on the lens are independent.
    places = np.argsort([(0.5 + 0.381966 * index) % 1 for index in range(count)])
    return [
        SubFrame(
            offset_frames=((index + 0.5) / count - 0.5) * shutter,
            on_lens=_in_disk(int(place), count) if depth_of_field else (0.0, 0.0),
        )
        for index, place in enumerate(places)
    ]


def _in_disk(place: int, count: int) -> tuple[float, float]:
    """Places of equal area in the unit disk; one alone is in its middle."""
    radius, angle = np.sqrt((place + 0.5) / count) if count > 1 else 0.0, place * _GOLDEN_TURN
    return float(radius * np.cos(angle)), float(radius * np.sin(angle))


def lens_offset_m(lens: Lens, on_lens: tuple[float, float]) -> Float[np.ndarray, "3"]:
    """A place on the lens, in the camera's frame: right, down, forward."""
    radius_m = lens.focal_length_mm / lens.f_number / 2 / _MM_PER_M
    return radius_m * np.array([*on_lens, 0.0])


def moved_on_lens(poses: CameraPose, offset_m: Float[np.ndarray, "cameras 3"]) -> CameraPose:
    """The poses of cameras that are moved in their own frames."""
    moved_m = (poses.rotation @ offset_m[..., None])[..., 0]
    return CameraPose.of(poses.rotation, poses.position_m + moved_m)


def rig_poses_between(rig: Rig, frame: int | float, fps: float) -> CameraPose:
    """Poses of a rig at a time in frames: splines of its steady poses, and its shake at that time."""
    if frame == int(frame) or not any(rig.shakes):
        return poses_between(rig.poses, frame)
    steady, time_s = poses_between(rig.steady_poses, frame), np.array([frame / fps])
    found = steady.world_from_camera.copy()
    for camera, shake in enumerate(rig.shakes):
        if shake:
            start = rig.steady_poses[camera, 0]
            found[camera] = shake.added_to(steady[camera][None], start, time_s).world_from_camera[0]
    return CameraPose(found)


def focal_ratios_between(
    ratios: Float[np.ndarray, "cameras frames"], frame: int | float
) -> Float[np.ndarray, "cameras"]:
    """Focal lengths over that of the first frame at a time in frames; splines between frames."""
    from scipy.interpolate import CubicSpline

    if ratios.shape[1] == 1 or frame == int(frame) or (ratios == 1).all():
        return ratios[:, int(frame)]
    return np.exp(CubicSpline(np.arange(ratios.shape[1]), np.log(ratios), axis=1)(frame))


def poses_between(poses: CameraPose, frame: int | float) -> CameraPose:
    """Poses (batch ``(cameras,)``) at a time in frames; exactly those of a frame at its time.

    Between frames they follow cubic splines through the poses (batch ``(cameras, frames)``) of all frames.
    """
    from scipy.interpolate import CubicSpline
    from scipy.spatial.transform import Rotation, RotationSpline

    count = poses.position_m.shape[1]
    if count == 1 or frame == int(frame):
        return poses[:, int(frame)]
    times = np.arange(count)
    position_m = CubicSpline(times, poses.position_m, axis=1)(frame)
    turns = [RotationSpline(times, Rotation.from_matrix(one))(frame) for one in poses.rotation]
    return CameraPose.of(np.stack([turn.as_matrix() for turn in turns]), position_m)


def value_between(
    values: Float[np.ndarray, "frames *shape"], frame: int | float
) -> Float[np.ndarray, "*shape"]:
    """Linear interpolation of what frames have, also half a frame before the first and after the last."""
    first = int(np.clip(np.floor(frame), 0, max(0, len(values) - 2)))
    second = min(first + 1, len(values) - 1)
    return np.asarray(values[first] + (frame - first) * (values[second] - values[first]))


class MeanImages:
    """The mean of images by light: of squares of their values, which is near the light of screens."""

    def __init__(self) -> None:
        self._sums: list[np.ndarray] = []
        self._count = 0

    def add(self, images: tuple[UInt8[np.ndarray, "height width 3"], ...]) -> None:
        """Add one image of each camera."""
        squares = [image.astype(np.uint32) ** 2 for image in images]
        self._sums = (
            [total + square for total, square in zip(self._sums, squares, strict=True)]
            if self._sums
            else squares
        )
        self._count += 1

    def images(self) -> tuple[UInt8[np.ndarray, "height width 3"], ...]:
        """The mean of each camera."""
        return tuple(np.round(np.sqrt(total / self._count)).astype(np.uint8) for total in self._sums)
