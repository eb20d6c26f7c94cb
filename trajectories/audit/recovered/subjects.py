"""The subject of each rig, from optical axes alone.

Each optical axis is a line; the subject is the point closest to most of them. The axes of cameras that rotate
in place, or that keep their rotation, do not meet there: the weight of a camera falls with the square of the
distance between its axes and the point (iterated least squares).
"""

import numpy as np
from jaxtyping import Float, Int

# Distance, as a share of the size of the rig, at which a camera has half its weight; one per iteration.
HALF_WEIGHTS = (1.0, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 1e-3)
# Lines with a smaller mean squared sine between them have no meeting point.
_LEAST_SPREAD = 3e-7
_WEIGHT_OF_STATIC = 0.1


def subjects_of(
    position_m: Float[np.ndarray, "3 clips frames"],
    forward: Float[np.ndarray, "3 clips frames"],
    starts: Int[np.ndarray, "takes"],
) -> Float[np.ndarray, "clips 3"]:
    """The subject of each clip's rig, NaN if its axes do not meet; ``starts`` are the first clips of takes.

    Of cameras that do not move, only the first axis is used: all of them meet in the camera itself.
    """
    counts = np.diff(starts, append=position_m.shape[1])
    origin_m = np.repeat(position_m[:, starts, 0], counts, axis=1)
    centred_m = position_m - origin_m[..., None]
    offset_m = centred_m - centred_m[..., :1]
    extent_m = np.sqrt((offset_m**2).sum(axis=0).max(axis=1))
    moves = (extent_m > 1e-3).astype(np.float64)
    size_m = np.repeat(np.maximum.reduceat(np.abs(centred_m).max(axis=(0, 2)), starts) + 1e-3, counts)
    all_axes = _squared_distances(centred_m, forward) * moves
    first_axes = _squared_distances(centred_m[..., :1], forward[..., :1])
    weights, first_weights = moves.copy(), np.full(len(moves), _WEIGHT_OF_STATIC)
    for half_weight in HALF_WEIGHTS:
        total = np.add.reduceat(weights * all_axes + first_weights * first_axes, starts, axis=1)
        point_m = np.repeat(_minimum(total), counts, axis=1)
        unit_m2 = (half_weight * size_m) ** 2
        weights = moves / (unit_m2 + _value(all_axes, point_m)) * unit_m2
        first_weights = _WEIGHT_OF_STATIC / (unit_m2 + _value(first_axes, point_m)) * unit_m2
    spread = np.repeat(_spread(total), counts)
    return np.where(spread > _LEAST_SPREAD, point_m + origin_m, np.nan).T


def _squared_distances(
    position_m: Float[np.ndarray, "3 clips frames"], forward: Float[np.ndarray, "3 clips frames"]
) -> Float[np.ndarray, "10 clips"]:
    """Mean squared distance of a point from a clip's axes, as the coefficients of a quadratic function.

    They are xx xy xz yy yz zz, x y z, and a constant.
    """
    x, y, z = forward
    ahead_m = (position_m * forward).sum(axis=0)
    nearest_m = position_m - ahead_m * forward
    coefficients = (1 - x * x, -x * y, -x * z, 1 - y * y, -y * z, 1 - z * z, *nearest_m)
    return np.stack([c.mean(axis=1) for c in (*coefficients, (nearest_m**2).sum(axis=0))])


def _matrix(total: Float[np.ndarray, "10 rigs"]) -> Float[np.ndarray, "rigs 3 3"]:
    return np.moveaxis(total[[0, 1, 2, 1, 3, 4, 2, 4, 5]], 0, -1).reshape(-1, 3, 3)


def _minimum(total: Float[np.ndarray, "10 rigs"]) -> Float[np.ndarray, "3 rigs"]:
    """The point at which each quadratic function is smallest."""
    matrix = _matrix(total)
    size = np.trace(matrix, axis1=1, axis2=2)[:, None, None] + 1e-300
    regular = matrix + 1e-13 * size * np.eye(3)
    return np.linalg.solve(regular, total[6:9].T[..., None])[..., 0].T


def _value(
    coefficients: Float[np.ndarray, "10 clips"], point_m: Float[np.ndarray, "3 clips"]
) -> Float[np.ndarray, "clips"]:
    """The quadratic functions at points."""
    x, y, z = point_m
    xx, xy, xz, yy, yz, zz, bx, by, bz, constant = coefficients
    square = xx * x * x + yy * y * y + zz * z * z + 2 * (xy * x * y + xz * x * z + yz * y * z)
    return np.maximum(square - 2 * (bx * x + by * y + bz * z) + constant, 0.0)


def _spread(total: Float[np.ndarray, "10 rigs"]) -> Float[np.ndarray, "rigs"]:
    """Smallest eigenvalue of each quadratic function, relative to their sum: 0 for parallel axes."""
    matrix = _matrix(total)
    size = np.trace(matrix, axis1=1, axis2=2) + 1e-300
    return np.linalg.eigvalsh(matrix)[:, 0] / size
