"""Where a rig's subject is, from its optical axes alone.

Every axis is a line; the subject is the point that most of them pass closest to. Cameras that turn in place
or keep their rotation miss it, so weights fall with the square of a camera's miss (iterated least squares).
"""

import numpy as np
from jaxtyping import Float, Int

# A camera whose axes miss by this share of the scene's size has lost half its weight, round by round.
_MISSES = (1.0, 0.3, 0.1, 0.03, 0.01, 3e-3, 1e-3, 1e-3)
# Lines that differ by less (mean squared sine) meet nowhere that could be told.
_LEAST_SPREAD = 3e-7


def subjects_of(
    position_m: Float[np.ndarray, "3 clips frames"],
    forward: Float[np.ndarray, "3 clips frames"],
    rig: Int[np.ndarray, "clips"],
) -> Float[np.ndarray, "clips 3"]:
    """The subject of each clip's rig, NaN where its axes do not meet; clips of a rig stand together.

    Cameras that stand still count with their first axis only: further ones meet in the camera itself.
    """
    first = np.flatnonzero(np.diff(rig, prepend=-1))
    counts = np.diff(first, append=len(rig))
    origin = np.repeat(position_m[:, first, 0], counts, axis=1)
    centred = position_m - origin[..., None]
    own = centred - centred[..., :1]
    extent_m = np.sqrt((own**2).sum(axis=0).max(axis=1))
    moves = (extent_m > 1e-3).astype(np.float64)
    scale_m = np.repeat(np.maximum.reduceat(np.abs(centred).max(axis=(0, 2)), first) + 1e-3, counts)
    lines = _normal_equations(centred, forward, weights=moves[:, None])
    starts = _normal_equations(centred[..., :1], forward[..., :1], weights=np.ones((1, 1)))
    weight_lines, weight_starts = moves.copy(), np.full(len(rig), 0.1)
    for miss in _MISSES:
        total = np.add.reduceat(weight_lines * lines + weight_starts * starts, first, axis=1)
        found = np.repeat(_solved(total), counts, axis=1)
        unit = (miss * scale_m) ** 2
        weight_lines = moves / (unit + _missed(lines, found)) * unit
        weight_starts = 0.1 / (unit + _missed(starts, found)) * unit
    spread = np.repeat(_smallest_spread(total), counts)
    return np.where(spread > _LEAST_SPREAD, found + origin, np.nan).T


def _normal_equations(
    position_m: Float[np.ndarray, "3 clips frames"],
    forward: Float[np.ndarray, "3 clips frames"],
    weights: Float[np.ndarray, "#clips #frames"],
) -> Float[np.ndarray, "10 clips"]:
    """Mean squared distance from a clip's axes as a quadratic: xx xy xz yy yz zz, x y z, constant."""
    x, y, z = forward
    ahead = (position_m * forward).sum(axis=0)
    off = position_m - ahead * forward
    parts = (1 - x * x, -x * y, -x * z, 1 - y * y, -y * z, 1 - z * z, *off, (off**2).sum(axis=0))
    return np.stack([(part * weights).mean(axis=1) for part in parts])


def _matrix(total: Float[np.ndarray, "10 rigs"]) -> Float[np.ndarray, "rigs 3 3"]:
    return np.moveaxis(total[[0, 1, 2, 1, 3, 4, 2, 4, 5]], 0, -1).reshape(-1, 3, 3)


def _solved(total: Float[np.ndarray, "10 rigs"]) -> Float[np.ndarray, "3 rigs"]:
    matrix = _matrix(total)
    size = np.trace(matrix, axis1=1, axis2=2)[:, None, None] + 1e-300
    steady = matrix + 1e-13 * size * np.eye(3)
    return np.linalg.solve(steady, total[6:9].T[..., None])[..., 0].T


def _missed(lines: Float[np.ndarray, "10 clips"], point: Float[np.ndarray, "3 clips"]) -> np.ndarray:
    x, y, z = point
    xx, xy, xz, yy, yz, zz, bx, by, bz, constant = lines
    square = xx * x * x + yy * y * y + zz * z * z + 2 * (xy * x * y + xz * x * z + yz * y * z)
    return np.maximum(square - 2 * (bx * x + by * y + bz * z) + constant, 0.0)


def _smallest_spread(total: Float[np.ndarray, "10 rigs"]) -> Float[np.ndarray, "rigs"]:
    matrix = _matrix(total)
    size = np.trace(matrix, axis1=1, axis2=2) + 1e-300
    return np.linalg.eigvalsh(matrix)[:, 0] / size
