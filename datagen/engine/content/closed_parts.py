"""Which triangles of an object bound a volume: panels with one side have no inside."""

import numpy as np
from jaxtyping import Bool, Float
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

# Vertices so near to each other are one: the ends of a loft are rings of 0.01 mm instead of points.
_SAME_M = 1e-4


def is_of_closed_part(corners_m: Float[np.ndarray, "triangles 3 3"]) -> Bool[np.ndarray, "triangles"]:
    """Which triangles belong to parts that are closed.

    A part is a set of triangles that are connected by edges. It is closed if each of its edges is used in
    both directions equally often.
    """
    places = np.round(corners_m.reshape(-1, 3) / _SAME_M).astype(np.int64)
    _, vertices = np.unique(places, axis=0, return_inverse=True)
    vertices = vertices.reshape(-1, 3)
    starts, ends = vertices.ravel(), np.roll(vertices, -1, axis=1).ravel()
    triangles = np.arange(len(vertices)).repeat(3)
    ordered = np.stack([np.minimum(starts, ends), np.maximum(starts, ends)], axis=1)
    _, edges = np.unique(ordered, axis=0, return_inverse=True)
    edges = edges.ravel()
    surplus = np.bincount(edges, weights=np.sign(ends - starts))
    size = len(vertices) + len(surplus)
    links = coo_array((np.ones(len(edges)), (triangles, len(vertices) + edges)), shape=(size, size))
    _, part = connected_components(links, directed=False)
    is_open = np.zeros(part.max() + 1, dtype=bool)
    is_open[part[len(vertices) :][surplus != 0]] = True
    return ~is_open[part[: len(vertices)]]
