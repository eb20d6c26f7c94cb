"""Rotations as quaternions (x y z w) in arrays of any shape."""

import numpy as np
from jaxtyping import Float

Quaternions = Float[np.ndarray, "*shape 4"]
# Below this angle (radians) two rotations are one.
_SAME = 1e-12


def product(first: Quaternions, second: Quaternions) -> Quaternions:
    """The rotation that turns by the second, then by the first."""
    x, y, z, w = np.moveaxis(first, -1, 0)
    u, v, t, s = np.moveaxis(second, -1, 0)
    return np.stack(
        [
            w * u + x * s + y * t - z * v,
            w * v - x * t + y * s + z * u,
            w * t + x * v - y * u + z * s,
            w * s - x * u - y * v - z * t,
        ],
        axis=-1,
    )


def slerp(first: Quaternions, second: Quaternions, share: float) -> Quaternions:
    """The rotation at a share of the shortest way between two unit quaternions."""
    second = np.where((first * second).sum(axis=-1, keepdims=True) < 0, -second, second)
    apart, along = (np.linalg.norm(one, axis=-1, keepdims=True) for one in (first - second, first + second))
    # Exact for small angles, too.
    angle = 2 * np.arctan2(apart, along)
    is_small = angle < _SAME
    sine = np.where(is_small, 1.0, np.sin(angle))
    mixed = (np.sin((1 - share) * angle) * first + np.sin(share * angle) * second) / sine
    return np.where(is_small, first, mixed)


def rotation_matrices(quaternions: Quaternions) -> Float[np.ndarray, "*shape 3 3"]:
    """The rotations (column-vector) of quaternions of any length; none where the length is 0."""
    lengths = np.linalg.norm(quaternions, axis=-1, keepdims=True)
    units = np.where(lengths > 0, quaternions / np.where(lengths > 0, lengths, 1.0), (0.0, 0.0, 0.0, 1.0))
    x, y, z, w = np.moveaxis(units, -1, 0)
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), (0, 1), (-2, -1))
