"""Poses of many cameras over time, laid out number by number: fast to fill, and a CameraPose without a copy.

A track is float64 ``(3, 4, batch, frames)``: the twelve numbers of ``world_from_camera`` first.
"""

import numpy as np
from jaxtyping import Float

from .poses import CameraPose

Track = Float[np.ndarray, "3 4 batch frames"]


def new_track(batch: int, frames: int) -> Track:
    """A track whose numbers are still to be filled in."""
    return np.empty((3, 4, batch, frames))


def as_poses(track: Float[np.ndarray, "3 4 *batch"]) -> CameraPose:
    """The track's poses, batch axes last in the track and first in the poses; a view."""
    return CameraPose(np.moveaxis(track, (0, 1), (-2, -1)))


def hold(track: Track, start: CameraPose, *, rotation: bool = False, position: bool = False) -> None:
    """Keep the start's rotation or position over all frames."""
    numbers = np.moveaxis(start.world_from_camera, (1, 2), (0, 1))[..., None]
    if rotation:
        track[:, :3] = numbers[:, :3]
    if position:
        track[:, 3:] = numbers[:, 3:]


def turn(track: Track, columns: np.ndarray, first: int, angle_rad: np.ndarray) -> None:
    """Fill columns ``first ..`` with vectors turned about the vertical by ``angle_rad`` (batch, frames).

    ``columns`` is ``(3, count, batch, frames)``, or one frame for all.
    """
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    for place, (x, y, z) in enumerate(np.moveaxis(columns, 1, 0), start=first):
        track[0, place] = cos * x - sin * y
        track[1, place] = sin * x + cos * y
        track[2, place] = z


def aim(track: Track, target_m: Float[np.ndarray, "batch 3"]) -> None:
    """Fill the rotations: roll-free, from the positions at the targets."""
    dx, dy, dz = target_m.T[..., None] - track[:, 3]
    level2 = dx * dx + dy * dy
    level = np.sqrt(level2)
    per_distance = 1.0 / np.sqrt(level2 + dz * dz)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_level = 1.0 / level
        right_x, right_y = dy * per_level, -dx * per_level
    ahead_z = dz * per_distance
    track[0, 0], track[1, 0], track[2, 0] = right_x, right_y, 0.0
    track[0, 1], track[1, 1], track[2, 1] = -ahead_z * right_y, ahead_z * right_x, -level * per_distance
    track[0, 2], track[1, 2], track[2, 2] = dx * per_distance, dy * per_distance, ahead_z
