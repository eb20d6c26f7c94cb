"""Unreal's space: left-handed, X forward, Y right, Z up, centimetres, degrees.

Transforms are row-vector matrices (``world = local @ matrix``). Rotations are (pitch, yaw, roll) like
FRotator.
"""

import numpy as np
from jaxtyping import Float

CM_PER_M = 100.0
# The tests check annotations at run time, where an int is not a float.
Number = float | int
Triple = tuple[Number, Number, Number]


def rotation_rows(pitch_deg: Number, yaw_deg: Number, roll_deg: Number) -> Float[np.ndarray, "3 3"]:
    """Return a rotator's forward, right and up axes as rows (FRotationMatrix: roll, pitch, then yaw)."""
    angles = np.radians([pitch_deg, yaw_deg, roll_deg])
    (sp, sy, sr), (cp, cy, cr) = np.sin(angles), np.cos(angles)
    return np.array(
        [
            [cp * cy, cp * sy, sp],
            [sr * sp * cy - cr * sy, sr * sp * sy + cr * cy, -sr * cp],
            [-(cr * sp * cy + sr * sy), cy * sr - cr * sp * sy, cr * cp],
        ]
    )


def rotation_deg(rows: Float[np.ndarray, "3 3"]) -> Triple:
    """Return (pitch, yaw, roll) of forward, right and up axes; the inverse of ``rotation_rows``."""
    forward, right, up = rows
    pitch = np.arctan2(forward[2], np.hypot(forward[0], forward[1]))
    yaw = np.arctan2(forward[1], forward[0])
    # The right axis without roll.
    level = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
    roll = np.arctan2(up @ level, right @ level)
    return (float(np.degrees(pitch)), float(np.degrees(yaw)), float(np.degrees(roll)))


def world_from_local(
    location_cm: Triple, rotation_deg: Triple, scale: Triple = (1.0, 1.0, 1.0)
) -> Float[np.ndarray, "4 4"]:
    """Return the row-vector transform of an actor: scale, then rotate (pitch, yaw, roll), then move."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.diag(scale) @ rotation_rows(*rotation_deg)
    matrix[3, :3] = location_cm
    return matrix
