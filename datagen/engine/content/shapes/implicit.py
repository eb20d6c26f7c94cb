"""Smooth shapes as distance fields, and their surfaces as triangles.

A field gives the distance of points (cm, about exact near its surface) from a shape, negative inside.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from ..unreal_space import Number

Points = Float[np.ndarray, "points 3"]
Field = Callable[[Points], Float[np.ndarray, "points"]]
# A line where two surfaces meet: that of a shape, and that of what it is cut by.
Edge = tuple[Field, Field]
_STEP_CM = 0.05
# How much fields change over 1 cm, at most; and how near an edge vertices are moved onto it, in cells.
_SLOPE, _EDGE = 1.5, 0.55
# The corners of a tetrahedron.
_WAYS = np.array([(1.0, 1.0, 1.0), (1.0, -1.0, -1.0), (-1.0, 1.0, -1.0), (-1.0, -1.0, 1.0)])


def capsule(
    start: Any, end: Any, radius_start: Number, radius_end: Number, stretch: Any = (1, 1, 1)
) -> Field:
    """A segment with a radius that changes along it; ``stretch`` scales its cross-section along the axes."""
    (x0, y0, z0), (dx, dy, dz) = (float(v) for v in start), (float(v) for v in np.subtract(end, start))
    square = max(dx * dx + dy * dy + dz * dz, 1e-9)
    sx, sy, sz = (float(v) ** -2 for v in stretch)
    is_round = sx == sy == sz == 1.0

    def field(points: Points) -> Float[np.ndarray, "points"]:
        # By columns: sums over an axis of three numbers are slow.
        x, y, z = points[:, 0] - x0, points[:, 1] - y0, points[:, 2] - z0
        share = np.clip((x * dx + y * dy + z * dz) / square, 0.0, 1.0)
        x, y, z = x - share * dx, y - share * dy, z - share * dz
        x, y, z = x * x, y * y, z * z
        length = np.sqrt(x + y + z) + 1e-6
        radius = radius_start + (radius_end - radius_start) * share
        if is_round:
            return length - radius
        return length * (1.0 - radius / (np.sqrt(x * sx + y * sy + z * sz) + 1e-6))

    return field


def ball(center: Any, radius_cm: Number, stretch: Any = (1, 1, 1)) -> Field:
    """A sphere, or an ellipsoid along the axes."""
    return capsule(center, center, radius_cm, radius_cm, stretch)


def half_space(normal: Any, offset_cm: Number) -> Field:
    """What is below ``normal . point = offset``."""
    axis, length = np.array(normal, dtype=np.float64), float(np.linalg.norm(normal))
    return lambda points: (points @ axis - offset_cm) / length


def union(blend_cm: Number, *fields: Field) -> Field:
    """All shapes, with rounded transitions of about ``blend_cm``."""

    def field(points: Points) -> Float[np.ndarray, "points"]:
        result = fields[0](points)
        for other in fields[1:]:
            result = _smooth_min(result, other(points), blend_cm)
        return result

    return field


def cut(blend_cm: Number, field: Field, *limits: Field) -> Field:
    """What of a shape is in all limits."""

    def limited(points: Points) -> Float[np.ndarray, "points"]:
        result = -field(points)
        for limit in limits:
            result = _smooth_min(result, -limit(points), blend_cm)
        return -result

    return limited


def outside(field: Field) -> Field:
    """Everything but a shape."""
    return lambda points: -field(points)


def grown(field: Field, by_cm: Number) -> Field:
    """A shape with a larger surface."""
    return lambda points: field(points) - by_cm


def placed(field: Field, matrix: Float[np.ndarray, "4 4"]) -> Field:
    """A shape after a rigid row-vector transform."""
    return lambda points: field((points - matrix[3, :3]) @ matrix[:3, :3].T)


def mirrored(field: Field) -> Field:
    """A shape with left and right exchanged."""
    return lambda points: field(points * (1.0, -1.0, 1.0))


def gradients(field: Field, points: Points) -> Points:
    """Outward unit normals near the surface."""
    slopes = sum(np.outer(field(points + _STEP_CM * way), way) for way in _WAYS)
    return slopes / np.maximum(np.linalg.norm(slopes, axis=1, keepdims=True), 1e-9)


def surface(
    field: Field, axes: Any, edges: Sequence[Edge] = ()
) -> tuple[Points, Points, Int[np.ndarray, "triangles 3"]]:
    """Return vertices, normals and triangles of a shape that is within a grid.

    Each grid cell that the surface crosses has one vertex (surface nets); ``axes`` are the places of the grid
    along X, Y and Z. Triangles face outward. Vertices near one of the ``edges`` are moved onto it.
    """
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    values = _values_near_surface(field, grid)
    vertices, positions = _cell_vertices(values, grid)
    sizes = _cell_sizes(axes, vertices)
    positions = _onto(field, positions, sizes)
    normals = gradients(field, positions)
    for wall, limit in edges:
        near = np.flatnonzero(np.abs(limit(positions)) < _EDGE * sizes)
        near = near[np.abs(wall(positions[near])) < 2 * _EDGE * sizes[near]]
        if len(near):
            positions[near] = _onto_edge(wall, limit, positions[near])
            normals[near] = gradients(wall, positions[near])
    return positions, normals, _triangles(values, vertices, positions)


def _values_near_surface(field: Field, grid: Float[np.ndarray, "x y z 3"]) -> Float[np.ndarray, "x y z"]:
    """The field at the places of a grid; far from the surface, that of every second place."""
    coarse = grid[::2, ::2, ::2]
    known = field(coarse.reshape(-1, 3)).reshape(coarse.shape[:3])
    nearest = np.ix_(*(np.arange(count) // 2 for count in grid.shape[:3]))
    values = known[nearest]
    way = np.linalg.norm(grid - coarse[nearest], axis=-1)
    is_near = (np.abs(values) < _SLOPE * way + _slack(grid)) & (way > 0)
    values[is_near] = field(grid[is_near])
    return np.asarray(values)


def _slack(grid: Float[np.ndarray, "x y z 3"]) -> float:
    """The longest edge of a cell."""
    return float(max(np.abs(np.diff(grid, axis=axis)).max() for axis in range(3)))


def _onto_edge(wall: Field, limit: Field, positions: Points) -> Points:
    """Move points to where two surfaces meet."""
    for _ in range(3):
        for field in (wall, limit):
            positions = positions - field(positions)[:, None] * gradients(field, positions)
    return positions


def steps(low: Number, high: Number, size_cm: Number) -> Float[np.ndarray, "places"]:
    """Evenly spaced places from below ``low`` to above ``high``."""
    count = int(np.ceil((high - low) / size_cm)) + 1
    return low + (np.arange(count + 2) - 1) * ((high - low) / (count - 1))


def graded(first: tuple[Number, Number, Number], *more: tuple[Number, Number]) -> Float[np.ndarray, "places"]:
    """Places from low to high at about a distance, then on to further ends at others."""
    low, end, size = first
    places = [np.linspace(low, end, max(2, round((end - low) / size) + 1))]
    for further, size in more:
        count = max(1, round((further - places[-1][-1]) / size))
        places.append(np.linspace(places[-1][-1], further, count + 1)[1:])
    return np.concatenate(places)


def steps_about(edge: Number, high: Number, size_cm: Number) -> Float[np.ndarray, "places"]:
    """Places to above ``high``; ``edge`` is in the middle between the second and the third."""
    count = int(np.ceil((high - edge) / size_cm))
    return edge + (np.arange(count + 3) - 1.5) * size_cm


def _smooth_min(a: np.ndarray, b: np.ndarray, blend_cm: Number) -> np.ndarray:
    overlap = np.maximum(blend_cm - np.abs(a - b), 0.0)
    return np.minimum(a, b) - overlap * overlap / (4 * blend_cm)


def _cell_vertices(values: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, Points]:
    """The number of the vertex of each cell (-1: none), and the mean of where its edges cross the surface."""
    shape = np.array(values.shape) - 1
    sums, counts = np.zeros((*shape, 3)), np.zeros(shape)
    for axis in range(3):
        low, high = _ends(values, axis)
        with np.errstate(divide="ignore", invalid="ignore"):
            share = low / (low - high)
        crosses = (low < 0) != (high < 0)
        start, end = _ends(grid, axis)
        places = np.where(
            crosses[..., None], start + np.where(crosses, share, 0.0)[..., None] * (end - start), 0
        )
        others = [other for other in range(3) if other != axis]
        for corner in range(4):
            part = [slice(None)] * 3
            for other, bit in zip(others, (corner & 1, corner >> 1), strict=True):
                part[other] = slice(bit, bit + shape[other])
            sums += places[tuple(part)]
            counts += crosses[tuple(part)]
    vertices = np.full(shape, -1)
    found = counts > 0
    vertices[found] = np.arange(found.sum())
    return vertices, sums[found] / counts[found][:, None]


def _ends(array: np.ndarray, axis: int) -> tuple[np.ndarray, np.ndarray]:
    """The values at the start and at the end of each edge along an axis."""
    count = array.shape[axis]
    return array.take(range(count - 1), axis=axis), array.take(range(1, count), axis=axis)


def _cell_sizes(axes: Any, vertices: np.ndarray) -> np.ndarray:
    places = np.argwhere(vertices >= 0)
    return np.min([np.diff(axis)[places[:, k]] for k, axis in enumerate(axes)], axis=0)


def _onto(field: Field, positions: Points, reach_cm: np.ndarray) -> Points:
    """Move points onto the surface, by at most half a cell at once."""
    for _ in range(2):
        apart = np.clip(field(positions), -0.5 * reach_cm, 0.5 * reach_cm)
        positions = positions - apart[:, None] * gradients(field, positions)
    return positions


def _triangles(values: np.ndarray, vertices: np.ndarray, positions: Points) -> Int[np.ndarray, "triangles 3"]:
    """Two triangles around each edge that crosses the surface, cut along the shorter diagonal."""
    quads = []
    for axis in range(3):
        low, high = _ends(values, axis)
        second, third = (axis + 1) % 3, (axis + 2) % 3
        inner = [slice(None)] * 3
        inner[second] = inner[third] = slice(1, -1)
        crosses = ((low < 0) != (high < 0))[tuple(inner)]
        place = np.argwhere(crosses) + np.array([0 if k == axis else 1 for k in range(3)])
        corners = []
        for down_second, down_third in ((1, 1), (0, 1), (0, 0), (1, 0)):
            cell = place.copy()
            cell[:, second] -= down_second
            cell[:, third] -= down_third
            corners.append(vertices[tuple(cell.T)])
        quad = np.stack(corners, axis=1)
        is_outward = (low < 0)[tuple(inner)][crosses]
        quads.append(np.where(is_outward[:, None], quad, quad[:, ::-1]))
    a, b, c, d = np.concatenate(quads).T
    is_short = np.linalg.norm(positions[a] - positions[c], axis=1) <= np.linalg.norm(
        positions[b] - positions[d], axis=1
    )
    one = np.where(is_short[:, None], np.stack([a, b, c], axis=1), np.stack([a, b, d], axis=1))
    other = np.where(is_short[:, None], np.stack([a, c, d], axis=1), np.stack([b, c, d], axis=1))
    return np.concatenate([one, other])
