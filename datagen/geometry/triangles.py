"""Exact geometry of pairs: a segment and a triangle, a point and a triangle, a point and a closed surface."""

import numpy as np
from jaxtyping import Float

Points = Float[np.ndarray, "pairs 3"]
Corners = Float[np.ndarray, "pairs 3 3"]
# A segment through the common edge of two triangles meets both.
_EDGE = 1e-9


def segment_fractions(origins_m: Points, along_m: Points, corners_m: Corners) -> Float[np.ndarray, "pairs"]:
    """Where each segment meets the front of its triangle: 0 at its origin, 1 at its end, infinity if nowhere.

    The front of a triangle is where ``cross(p1 - p0, p2 - p0)`` points to.
    """
    p0 = corners_m[:, 0]
    edge1, edge2 = corners_m[:, 1] - p0, corners_m[:, 2] - p0
    normal = _cross(edge1, edge2)
    facing = -_dot(along_m, normal)
    from_p0 = origins_m - p0
    across = _cross(from_p0, along_m)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        u, v = _dot(edge2, across) / facing, -_dot(edge1, across) / facing
        fraction = _dot(from_p0, normal) / facing
        is_met = (facing > 0) & (u >= -_EDGE) & (v >= -_EDGE) & (u + v <= 1 + _EDGE)
    return np.where(is_met & (fraction >= 0) & (fraction <= 1), fraction, np.inf)


def point_distances_m(points_m: Points, corners_m: Corners) -> Float[np.ndarray, "pairs"]:
    """Distance of each point from its triangle."""
    p0 = corners_m[:, 0]
    edges = np.roll(corners_m, -1, axis=1) - corners_m
    normal = _cross(edges[:, 0], edges[:, 1])
    length = np.sqrt(_dot(normal, normal))
    from_corners = points_m[:, None] - corners_m
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(_dot(from_corners, edges) / _dot(edges, edges), 0.0, 1.0)
        above = np.abs(_dot(points_m - p0, normal)) / length
    gap = from_corners - np.nan_to_num(share)[..., None] * edges
    to_edges = np.sqrt(_dot(gap, gap).min(axis=1))
    sides = _dot(_cross(np.broadcast_to(normal[:, None], edges.shape), edges), from_corners)
    is_over = (sides >= 0).all(axis=1) & (length > 0)
    return np.where(is_over, above, to_edges)


def winding_numbers(
    points_m: Float[np.ndarray, "points 3"], corners_m: Float[np.ndarray, "triangles 3 3"]
) -> Float[np.ndarray, "points"]:
    """Generalised winding number of a surface around points: 1 inside of a closed surface, 0 outside.

    It is the sum of the signed solid angles of all triangles, over that of the sphere.
    """
    total = np.zeros(len(points_m))
    for row, point_m in enumerate(points_m):
        a, b, c = np.moveaxis(corners_m - point_m, 1, 0)
        la, lb, lc = (np.sqrt(_dot(one, one)) for one in (a, b, c))
        volume = _dot(a, _cross(b, c))
        share = la * lb * lc + _dot(a, b) * lc + _dot(b, c) * la + _dot(c, a) * lb
        total[row] = np.arctan2(volume, share).sum() / (2 * np.pi)
    return total


def boxes_of(
    corners_m: Float[np.ndarray, "triangles 3 3"],
) -> tuple[Float[np.ndarray, "triangles 3"], Float[np.ndarray, "triangles 3"]]:
    """Lowest and highest corner of each triangle; several times faster than ``min`` over an axis of three."""
    p0, p1, p2 = corners_m[:, 0], corners_m[:, 1], corners_m[:, 2]
    return np.minimum(np.minimum(p0, p1), p2), np.maximum(np.maximum(p0, p1), p2)


def _dot(a: Float[np.ndarray, "*batch 3"], b: Float[np.ndarray, "*batch 3"]) -> Float[np.ndarray, "*batch"]:
    return np.asarray(a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2])


def _cross(
    a: Float[np.ndarray, "*batch 3"], b: Float[np.ndarray, "*batch 3"]
) -> Float[np.ndarray, "*batch 3"]:
    """As ``np.cross``, which is several times slower."""
    product = np.empty(np.broadcast_shapes(a.shape, b.shape))
    product[..., 0] = a[..., 1] * b[..., 2] - a[..., 2] * b[..., 1]
    product[..., 1] = a[..., 2] * b[..., 0] - a[..., 0] * b[..., 2]
    product[..., 2] = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return product
