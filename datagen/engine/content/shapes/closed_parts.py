"""Parts of objects: triangles that are connected by edges, and which of them bound a volume."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int

# Vertices so near to each other are one: the ends of a loft are rings of 0.01 mm instead of points.
_SAME_M = 1e-4


class Parts(NamedTuple):
    """The part of each triangle, and whether each part is closed."""

    of_triangle: Int[np.ndarray, "triangles"]
    is_closed: Bool[np.ndarray, "parts"]


def parts_of(corners_m: Float[np.ndarray, "triangles 3 3"]) -> Parts:
    """The parts of an object.

    A part is a set of triangles that are connected by edges. It is closed if each of its edges is used in
    both directions equally often. Panels with one side are not, and have no inside.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    places = np.round(corners_m.reshape(-1, 3) / _SAME_M).astype(np.int64)
    vertices = _numbered(places).reshape(-1, 3)
    starts, ends = vertices.ravel(), np.roll(vertices, -1, axis=1).ravel()
    triangles = np.arange(len(vertices)).repeat(3)
    edges = _numbered(np.stack([np.minimum(starts, ends), np.maximum(starts, ends)], axis=1))
    surplus = np.bincount(edges, weights=np.sign(ends - starts))
    size = len(vertices) + len(surplus)
    links = coo_array((np.ones(len(edges)), (triangles, len(vertices) + edges)), shape=(size, size))
    _, part = connected_components(links, directed=False)
    is_open = np.zeros(part.max() + 1, dtype=bool)
    is_open[part[len(vertices) :][surplus != 0]] = True
    return Parts(part[: len(vertices)], ~is_open)


def is_of_closed_part(corners_m: Float[np.ndarray, "triangles 3 3"]) -> Bool[np.ndarray, "triangles"]:
    """Which triangles belong to parts that are closed."""
    parts = parts_of(corners_m)
    return np.asarray(parts.is_closed[parts.of_triangle])


def _numbered(rows: Int[np.ndarray, "rows columns"]) -> Int[np.ndarray, "rows"]:
    """A number for each row, the same for equal rows; several times faster than ``np.unique`` of rows."""
    number = np.zeros(len(rows), dtype=np.int64)
    for column in rows.T:
        values, place = np.unique(column, return_inverse=True)
        _, number = np.unique(number * len(values) + place, return_inverse=True)
    return number
