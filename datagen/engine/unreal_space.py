"""Unreal's space inside the engine, and the one place where it becomes Panda's.

Everything in this package is Unreal's: left-handed, X forward, Y right, Z up, centimetres, degrees, and
row vectors (`world = local @ matrix`), as in FRotator. Panda is right-handed, X right, Y forward, Z up, in
metres here, so a point maps to `(y, x, z) / 100`; swapping two axes mirrors, hence triangles are reversed.
"""

import numpy as np
from jaxtyping import Float, Int
from panda3d.core import LMatrix4f, LPoint3f

_SWAP_XY = np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], dtype=np.float64)
CM_PER_M = 100.0
# Annotations are checked literally under pytest, and whole numbers are lengths too.
Number = float | int
Triple = tuple[Number, Number, Number]


def rotation_rows(pitch_deg: Number, yaw_deg: Number, roll_deg: Number) -> Float[np.ndarray, "3 3"]:
    """Forward, right and up of a rotator as rows (FRotationMatrix: roll, then pitch, then yaw)."""
    pitch, yaw, roll = np.radians([pitch_deg, yaw_deg, roll_deg])
    sp, cp, sy, cy, sr, cr = (
        np.sin(pitch),
        np.cos(pitch),
        np.sin(yaw),
        np.cos(yaw),
        np.sin(roll),
        np.cos(roll),
    )
    return np.array(
        [
            [cp * cy, cp * sy, sp],
            [sr * sp * cy - cr * sy, sr * sp * sy + cr * cy, -sr * cp],
            [-(cr * sp * cy + sr * sy), cy * sr - cr * sp * sy, cr * cp],
        ]
    )


def world_from_local(
    location_cm: Triple,
    rotation_deg: Triple,
    scale: Triple = (1.0, 1.0, 1.0),
) -> Float[np.ndarray, "4 4"]:
    """Row-vector transform of an actor: scale, then rotate (pitch, yaw, roll), then move."""
    matrix = np.eye(4)
    matrix[:3, :3] = np.diag(scale) @ rotation_rows(*rotation_deg)
    matrix[3, :3] = location_cm
    return matrix


def panda_points(points_cm: Float[np.ndarray, "points 3"]) -> Float[np.ndarray, "points 3"]:
    """Unreal points or offsets in cm as Panda metres."""
    return points_cm[:, [1, 0, 2]] / CM_PER_M


def panda_directions(directions: Float[np.ndarray, "points 3"]) -> Float[np.ndarray, "points 3"]:
    """Unreal unit directions as Panda's."""
    return directions[:, [1, 0, 2]]


def panda_point(x_cm: Number, y_cm: Number, z_cm: Number) -> LPoint3f:
    """One Unreal point in cm as a Panda point in metres."""
    return LPoint3f(y_cm / CM_PER_M, x_cm / CM_PER_M, z_cm / CM_PER_M)


def panda_triangles(triangles: Int[np.ndarray, "triangles 3"]) -> Int[np.ndarray, "triangles 3"]:
    """Triangles in the winding that faces outward after the axes were swapped."""
    return triangles[:, ::-1]


def panda_matrix(matrix: Float[np.ndarray, "4 4"]) -> LMatrix4f:
    """An Unreal row-vector transform (cm) as the Panda transform of a node whose mesh was converted."""
    swapped = _SWAP_XY @ matrix @ _SWAP_XY
    swapped[3, :3] /= CM_PER_M
    return LMatrix4f(*swapped.ravel().tolist())
