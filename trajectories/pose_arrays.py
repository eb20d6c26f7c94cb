"""Poses of many cameras over time in the memory layout that is fastest to fill.

A track is float64 ``(3, 4, batch, frames)``: the matrix axes of ``world_from_camera`` come first. It becomes
a CameraPose without a copy.
"""

import numpy as np
from jaxtyping import Bool, Float

from .poses import CameraPose

Track = Float[np.ndarray, "3 4 batch frames"]


def new_track(batch: int, frames: int) -> Track:
    """An uninitialised track."""
    return np.empty((3, 4, batch, frames))


def as_poses(track: Float[np.ndarray, "3 4 *batch"]) -> CameraPose:
    """The poses of a track, as a view: the batch axes become the first."""
    return CameraPose(np.moveaxis(track, (0, 1), (-2, -1)))


def as_track(poses: CameraPose) -> Float[np.ndarray, "3 4 *batch"]:
    """The track of poses, as a view."""
    return np.moveaxis(poses.world_from_camera, (-2, -1), (0, 1))


def hold(track: Track, start: CameraPose, *, rotation: bool = False, position: bool = False) -> None:
    """Fill all frames with the rotation or position of ``start``."""
    numbers = np.moveaxis(start.world_from_camera, (1, 2), (0, 1))[..., None]
    if rotation:
        track[:, :3] = numbers[:, :3]
    if position:
        track[:, 3:] = numbers[:, 3:]


def turn(track: Track, columns: np.ndarray, first: int, angle_rad: np.ndarray) -> None:
    """Fill columns from ``first`` on with vectors rotated about the vertical.

    ``angle_rad`` is ``(batch, frames)``; ``columns`` is ``(3, count, batch, frames)``, or one frame that
    serves for all.
    """
    cos, sin = cos_sin(angle_rad)
    for place in range(columns.shape[1]):
        (x, y, z), turned = columns[:, place], track[:, first + place]
        np.multiply(cos, x, out=turned[0])
        turned[0] -= sin * y
        np.multiply(sin, x, out=turned[1])
        turned[1] += cos * y
        turned[2] = z


def cos_sin(
    angle_rad: Float[np.ndarray, "batch frames"],
) -> tuple[Float[np.ndarray, "batch frames"], Float[np.ndarray, "batch frames"]]:
    """Cosine and sine, from the tangent of half the angle, which numpy computes faster."""
    half = np.tan(0.5 * angle_rad)
    square = half * half
    per = 1.0 / (1.0 + square)
    return (1.0 - square) * per, 2.0 * half * per


def follow(
    track: Track, target_m: Float[np.ndarray, "batch frames_or_1 3"], is_tracking: Bool[np.ndarray, "batch"]
) -> None:
    """Fill the rotations of tracking cameras: they look at a target that moves with the frames."""
    tracking = track[:, :, is_tracking]
    aim(tracking, target_m[is_tracking])
    track[:, :, is_tracking] = tracking


def aim(track: Track, target_m: Float[np.ndarray, "batch frames_or_1 3"]) -> None:
    """Fill the rotations: level cameras that look from their positions at the targets.

    ``target_m`` has a point for each frame, or one for all frames.
    """
    right, down, ahead, position_m = track[:, 0], track[:, 1], track[:, 2], track[:, 3]
    np.subtract(np.moveaxis(target_m, -1, 0), position_m, out=ahead)
    level2 = ahead[0] * ahead[0]
    level2 += ahead[1] * ahead[1]
    per_distance = 1.0 / np.sqrt(level2 + ahead[2] * ahead[2])
    level = np.sqrt(level2)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_level = 1.0 / level
        np.multiply(ahead[1], per_level, out=right[0])
        np.multiply(ahead[0], -per_level, out=right[1])
    right[2] = 0.0
    ahead *= per_distance
    np.multiply(ahead[2], -right[1], out=down[0])
    np.multiply(ahead[2], right[0], out=down[1])
    np.multiply(level, -per_distance, out=down[2])
