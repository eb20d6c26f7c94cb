"""From the axes of a file to Unreal's (see ``unreal_space``): the only place where they are converted.

A glTF file is right-handed and Y up, in metres. Its point (x, y, z) is (x, -z, y) in the world, which is what
Blender shows, and (x, z, y) in Unreal's axes.
"""

import numpy as np
from jaxtyping import Float

from ..content.unreal_space import CM_PER_M, Number

Axes = Float[np.ndarray, "3 3"]
Y_UP: Axes = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
# Of BVH files alone: right-handed, Z up.
Z_UP: Axes = np.array([[1.0, 0.0, 0.0], [0.0, -1.0, 0.0], [0.0, 0.0, 1.0]])


def unreal_points(
    points_m: Float[np.ndarray, "*batch 3"], scale: Number = 1.0, axes: Axes = Y_UP
) -> Float[np.ndarray, "*batch 3"]:
    """Points of a file, in cm; ``scale`` is the length of its unit in metres."""
    return unreal_directions(points_m, axes) * (CM_PER_M * scale)


def unreal_directions(
    directions: Float[np.ndarray, "*batch 3"], axes: Axes = Y_UP
) -> Float[np.ndarray, "*batch 3"]:
    """Directions of a file."""
    return directions @ axes.T


def unreal_matrices(
    matrices: Float[np.ndarray, "*batch 4 4"], scale: Number = 1.0, axes: Axes = Y_UP
) -> Float[np.ndarray, "*batch 4 4"]:
    """Row-vector transforms of converted points, from column-vector transforms of a file's points."""
    swap = np.eye(4)
    swap[:3, :3] = axes
    rows = swap @ np.swapaxes(matrices, -1, -2) @ swap.T
    rows[..., 3, :3] *= CM_PER_M * scale
    return rows
