"""The only conversion between our coordinate frames and Unreal's.

Unreal: left-handed, X forward, Y right, Z up, centimetres; rotations as (pitch, yaw, roll) in degrees, pitch
up, yaw clockwise from above, roll clockwise seen from behind. Ours: see README.md. With S = diag(1, -1, 1)
and Unreal's camera axes X, Y, Z as columns, ``R = S [Y, -Z, X]`` and ``position = S location / 100``.
Unreal's matrices multiply row vectors: their rows are X, Y, Z and the location.
"""

import numpy as np
from jaxtyping import Float, Int, UInt8

from .poses import CameraPose

_FLIP_Y = np.array([1.0, -1.0, 1.0])


def unreal_from_world(points_m: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 3"]:
    """World points (metres, right-handed) as Unreal locations (centimetres, left-handed)."""
    return points_m * _FLIP_Y * 100.0


def world_from_unreal(locations_cm: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch 3"]:
    """Unreal locations (centimetres) as world points (metres)."""
    return locations_cm * _FLIP_Y / 100.0


def transforms_from_unreal(matrices: Float[np.ndarray, "*batch 4 4"]) -> Float[np.ndarray, "*batch 3 4"]:
    """Column-vector transforms of points in our world (metres), from Unreal's row-vector matrices (cm)."""
    columns = np.swapaxes(matrices[..., :3, :3], -1, -2) * _FLIP_Y[:, None] * _FLIP_Y
    return np.concatenate([columns, world_from_unreal(matrices[..., 3, :3])[..., None]], axis=-1)


def triangles_from_unreal(triangles: Int[np.ndarray, "triangles 3"]) -> Int[np.ndarray, "triangles 3"]:
    """Reverse the corners of each triangle: mirroring turns triangles inside out."""
    return triangles[:, ::-1]


def normal_levels_from_unreal(levels: UInt8[np.ndarray, "*batch 3"]) -> UInt8[np.ndarray, "*batch 3"]:
    """Normals as levels ``round(255 (n / 2 + 1 / 2))``, of the world instead of Unreal's; black remains."""
    mirrored = levels.copy()
    mirrored[..., 1] = np.where(levels.any(axis=-1), 255 - levels[..., 1], 0)
    return mirrored


def yaw_deg_in_unreal(heading_deg: float) -> float:
    """Unreal yaw of a heading measured counter-clockwise from world +X, seen from above."""
    return -heading_deg


def pose_from_unreal(
    location_cm: Float[np.ndarray, "*batch 3"], pitch_yaw_roll_deg: Float[np.ndarray, "*batch 3"]
) -> CameraPose:
    """Camera poses of Unreal locations and rotators (the matrix of FRotator)."""
    pitch, yaw, roll = np.moveaxis(np.radians(pitch_yaw_roll_deg), -1, 0)
    sp, cp, sy, cy, sr, cr = (f(a) for a in (pitch, yaw, roll) for f in (np.sin, np.cos))
    forward = np.stack([cp * cy, cp * sy, sp], axis=-1)
    right = np.stack([sr * sp * cy - cr * sy, sr * sp * sy + cr * cy, -sr * cp], axis=-1)
    up = np.stack([-(cr * sp * cy + sr * sy), cy * sr - cr * sp * sy, cr * cp], axis=-1)
    return pose_from_unreal_rows(np.stack(np.broadcast_arrays(forward, right, up, location_cm), axis=-2))


def pose_from_unreal_rows(rows: Float[np.ndarray, "*batch 4 3"]) -> CameraPose:
    """Camera poses of Unreal matrices without their last column; exact, including the signs of zeros."""
    forward, right, up, location_cm = np.moveaxis(rows, -2, 0)
    columns = np.stack([right, -up, forward], axis=-1)
    return CameraPose.of(_FLIP_Y[:, None] * columns, world_from_unreal(location_cm))


def unreal_rows_from_pose(pose: CameraPose) -> Float[np.ndarray, "*batch 4 3"]:
    """Rows X, Y, Z (unit) and location (cm) of camera poses: an Unreal matrix without its last column."""
    right, down, forward = np.moveaxis(_FLIP_Y[:, None] * pose.rotation, -1, 0)
    return np.stack([forward, right, -down, unreal_from_world(pose.position_m)], axis=-2)


def unreal_from_pose(
    pose: CameraPose,
) -> tuple[Float[np.ndarray, "*batch 3"], Float[np.ndarray, "*batch 3"]]:
    """Location (cm) and (pitch, yaw, roll) degrees of camera poses."""
    columns = _FLIP_Y[:, None] * pose.rotation
    right, forward = columns[..., 0], columns[..., 2]
    level = np.hypot(forward[..., 0], forward[..., 1])
    pitch = np.arctan2(forward[..., 2], level)
    yaw = np.arctan2(forward[..., 1], forward[..., 0])
    level_right = np.stack([-np.sin(yaw), np.cos(yaw), np.zeros_like(yaw)], axis=-1)
    level_up = np.cross(forward, level_right)
    roll = np.arctan2(-(right * level_up).sum(-1), (right * level_right).sum(-1))
    return unreal_from_world(pose.position_m), np.degrees(np.stack([pitch, yaw, roll], axis=-1))
