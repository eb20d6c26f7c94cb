"""Conversion from Unreal's space to Panda's.

Panda's space is right-handed, X right, Y forward, Z up, in metres: a point maps to ``(y, x, z) / 100``.
Exchanging two axes mirrors, so triangles are reversed.
"""

import numpy as np
from jaxtyping import Float, Int
from panda3d.core import LMatrix4f, LPoint3f

from ..content.unreal_space import CM_PER_M, Number

_SWAP_XY = np.eye(4)[[1, 0, 2, 3]]


def panda_points(points_cm: Float[np.ndarray, "points 3"]) -> Float[np.ndarray, "points 3"]:
    """Convert points or offsets in cm to Panda's metres."""
    return panda_directions(points_cm) / CM_PER_M


def panda_directions(directions: Float[np.ndarray, "points 3"]) -> Float[np.ndarray, "points 3"]:
    """Convert unit directions."""
    return directions[:, [1, 0, 2]]


def panda_point(x_cm: Number, y_cm: Number, z_cm: Number) -> LPoint3f:
    """Convert one point in cm to Panda's metres."""
    return LPoint3f(y_cm / CM_PER_M, x_cm / CM_PER_M, z_cm / CM_PER_M)


def panda_triangles(triangles: Int[np.ndarray, "triangles 3"]) -> Int[np.ndarray, "triangles 3"]:
    """Reverse triangles so that they face outward in Panda's space."""
    return triangles[:, ::-1]


def panda_matrices(matrices: Float[np.ndarray, "n 4 4"]) -> Float[np.ndarray, "n 4 4"]:
    """Convert row-vector transforms (cm) to those of Panda's space."""
    swapped = _SWAP_XY @ matrices @ _SWAP_XY
    swapped[:, 3, :3] /= CM_PER_M
    return swapped


def panda_matrix(matrix: Float[np.ndarray, "4 4"]) -> LMatrix4f:
    """Convert a row-vector transform (cm) to the matrix of a Panda node."""
    return LMatrix4f(*panda_matrices(matrix[None]).ravel().tolist())
