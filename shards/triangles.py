"""Triangles seen by a pinhole camera: which pixels they cover, and where their points go.

Only element-wise arithmetic is used here, no matrix product: its results are the same on every machine, and
stored surface ids depend on them.
"""

import numpy as np
from jaxtyping import Float, Int

from trajectories import CameraPose, Intrinsics

# Pixels of triangles that are compared at once: about 50 MB.
_AT_ONCE = 2**20
_INDEX = np.uint64(2**32 - 1)

Corners = Float[np.ndarray, "triangles 3 3"]


def moved(
    transform: Float[np.ndarray, "*#batch 3 4"], points: Float[np.ndarray, "*#batch 3"]
) -> Float[np.ndarray, "*batch 3"]:
    """Points after affine transforms; batch axes broadcast."""
    x, y, z = (points[..., axis, None] for axis in range(3))
    return transform[..., 0] * x + transform[..., 1] * y + transform[..., 2] * z + transform[..., 3]


def camera_corners(pose: CameraPose, world_m: Corners) -> Corners:
    """Corners (triangle, corner, axis) of the world in the axes of one camera."""
    apart = world_m - pose.position_m
    x, y, z = (apart[..., axis, None] for axis in range(3))
    return x * pose.rotation[0] + y * pose.rotation[1] + z * pose.rotation[2]


def directions(
    intrinsics: Intrinsics, pixels_px: Float[np.ndarray, "*batch 2"]
) -> Float[np.ndarray, "*batch 3"]:
    """The points at depth 1 that are seen at positions in the image, in camera axes."""
    x = (pixels_px[..., 0] - intrinsics.cx_px) / intrinsics.fx_px
    y = (pixels_px[..., 1] - intrinsics.cy_px) / intrinsics.fy_px
    return np.stack([x, y, np.ones_like(x)], axis=-1)


def pixel_centres(intrinsics: Intrinsics) -> Float[np.ndarray, "height width 2"]:
    """Positions of the centres of all pixels."""
    columns, rows = np.arange(intrinsics.width_px) + 0.5, np.arange(intrinsics.height_px) + 0.5
    return np.stack(np.meshgrid(columns, rows), axis=-1)


def corner_weights(corners_m: Corners) -> Corners:
    """For each triangle, three vectors: their products with a direction weigh its corners.

    The plane of a triangle meets a direction at the mean of its corners with these weights; their sum is the
    inverse depth there. The point is in the triangle if no weight is negative. Not finite for triangles that
    are seen edge-on, or have no area.
    """
    first, second, third = corners_m[:, 0], corners_m[:, 1], corners_m[:, 2]
    across = np.stack([_cross(second, third), _cross(third, first), _cross(first, second)], axis=1)
    volume = _dot(first, across[:, 0])
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        return across / volume[:, None, None]


def weights_at(
    weights: Float[np.ndarray, "*#batch 3 3"], directions: Float[np.ndarray, "*#batch 3"]
) -> Float[np.ndarray, "*batch 3"]:
    """Weights of the three corners at directions, see ``corner_weights``; batch axes broadcast."""
    x, y, z = (directions[..., axis, None] for axis in range(3))
    return weights[..., 0] * x + weights[..., 1] * y + weights[..., 2] * z


def nearest_triangles(corners_m: Corners, intrinsics: Intrinsics) -> Int[np.ndarray, "height width"]:
    """1 + the index of the triangle that each pixel's centre shows, 0 where there is none; int64."""
    nearest = np.zeros(intrinsics.height_px * intrinsics.width_px, dtype=np.uint64)
    weights = corner_weights(corners_m)
    plane = weights[:, 0] + weights[:, 1] + weights[:, 2]
    first_row, last_row = _rows(corners_m, weights, intrinsics)
    for some in _parts(last_row - first_row + 1):
        index, row = _expanded(first_row[some], last_row[some])
        triangle = some[index]
        first, last = _columns(weights[triangle], row, intrinsics)
        for part in _parts(last - first + 1):
            keys, pixels = _fragments(plane, triangle[part], row[part], first[part], last[part], intrinsics)
            np.maximum.at(nearest, pixels, keys)
    return (nearest & _INDEX).astype(np.int64).reshape(intrinsics.height_px, intrinsics.width_px)


def _parts(sizes: Int[np.ndarray, "n"]) -> list[Int[np.ndarray, "part"]]:
    """Indices of what has a positive size, in parts with a bounded sum of sizes (but at least one index)."""
    kept = np.flatnonzero(sizes > 0)
    return np.split(kept, np.flatnonzero(np.diff(np.cumsum(sizes[kept]) // _AT_ONCE)) + 1)


def _columns(
    weights: Float[np.ndarray, "spans 3 3"], row: Int[np.ndarray, "spans"], intrinsics: Intrinsics
) -> tuple[Int[np.ndarray, "spans"], Int[np.ndarray, "spans"]]:
    """First and last column of triangles in a row of the image; the first is larger if there is none."""
    y = (row + 0.5 - intrinsics.cy_px) / intrinsics.fy_px
    low, high = np.full(len(row), -np.inf), np.full(len(row), np.inf)
    for corner in range(3):
        slope = weights[:, corner, 0]
        level = weights[:, corner, 1] * y + weights[:, corner, 2]
        with np.errstate(divide="ignore", invalid="ignore"):
            edge = -level / slope
        low = np.where(slope > 0, np.maximum(low, edge), low)
        high = np.where(slope < 0, np.minimum(high, edge), high)
        high = np.where((slope == 0) & (level < 0), -np.inf, high)
    to_column = intrinsics.fx_px, intrinsics.cx_px - 0.5
    first = np.ceil(np.clip(low * to_column[0] + to_column[1], 0, intrinsics.width_px))
    last = np.floor(np.clip(high * to_column[0] + to_column[1], -1, intrinsics.width_px - 1))
    return first.astype(np.int64), last.astype(np.int64)


def _rows(
    corners_m: Corners, weights: Corners, intrinsics: Intrinsics
) -> tuple[Int[np.ndarray, "triangles"], Int[np.ndarray, "triangles"]]:
    """First and last row of the image that each triangle may cover; the first is larger if there is none."""
    depth_m = corners_m[:, :, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        y = corners_m[:, :, 1] / depth_m * intrinsics.fy_px + intrinsics.cy_px - 0.5
    # A triangle that reaches behind the camera may cover any row.
    is_in_front = (depth_m > 0).all(axis=1)
    low = np.where(is_in_front, y.min(axis=1), 0.0)
    high = np.where(is_in_front, y.max(axis=1), intrinsics.height_px)
    is_seen = np.isfinite(weights).all(axis=(1, 2)) & (depth_m > 0).any(axis=1)
    first = np.ceil(np.clip(np.where(is_seen, low, 0.0), 0, intrinsics.height_px))
    last = np.floor(np.clip(np.where(is_seen, high, -1.0), -1, intrinsics.height_px - 1))
    return first.astype(np.int64), last.astype(np.int64)


def _fragments(
    plane: Float[np.ndarray, "triangles 3"],
    triangle: Int[np.ndarray, "spans"],
    row: Int[np.ndarray, "spans"],
    first: Int[np.ndarray, "spans"],
    last: Int[np.ndarray, "spans"],
    intrinsics: Intrinsics,
) -> tuple[np.ndarray, Int[np.ndarray, "fragments"]]:
    """For each pixel of some spans: a number that is larger if it is nearer, and its place in the image."""
    span, column = _expanded(first, last)
    x = (column + 0.5 - intrinsics.cx_px) / intrinsics.fx_px
    y = (row + 0.5 - intrinsics.cy_px) / intrinsics.fy_px
    of_row = plane[triangle, 1] * y + plane[triangle, 2]
    # The bits of a positive float are in the order of its value; the index is behind them.
    inverse_depth = (plane[triangle, 0][span] * x + of_row[span]).astype(np.float32)
    bits = np.maximum(inverse_depth, 0).view(np.uint32).astype(np.uint64)
    pixels = (row * intrinsics.width_px)[span] + column
    return bits << np.uint64(32) | (triangle + 1).astype(np.uint64)[span], pixels


def _expanded(
    first: Int[np.ndarray, "ranges"], last: Int[np.ndarray, "ranges"]
) -> tuple[Int[np.ndarray, "values"], Int[np.ndarray, "values"]]:
    """The index of the range, and the value, for all values of the ranges ``first .. last``."""
    counts = np.maximum(last - first + 1, 0)
    index = np.repeat(np.arange(len(first)), counts)
    starts = np.cumsum(counts) - counts
    return index, np.arange(len(index)) + (first - starts)[index]


def _cross(a: Float[np.ndarray, "*n 3"], b: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n 3"]:
    (a0, a1, a2), (b0, b1, b2) = np.moveaxis(a, -1, 0), np.moveaxis(b, -1, 0)
    return np.stack([a1 * b2 - a2 * b1, a2 * b0 - a0 * b2, a0 * b1 - a1 * b0], axis=-1)


def _dot(a: Float[np.ndarray, "*n 3"], b: Float[np.ndarray, "*n 3"]) -> Float[np.ndarray, "*n"]:
    return np.asarray(a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2])
