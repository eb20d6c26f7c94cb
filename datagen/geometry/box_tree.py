"""A tree of boxes over triangles: finds the few triangles that a segment or a point can touch."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from .triangles import boxes_of

# Few enough that leaves are small, many enough that whole arrays of them are compared at once.
_LARGEST_LEAF = 16
_BRANCHES = 4

# Lowest and highest corners, each (3, boxes): sums over the first axis are several times faster.
Boxes = tuple[np.ndarray, np.ndarray]
# Which pairs of a query and a box (lowest and highest corner) are to be followed.
Touches = Callable[
    [Int[np.ndarray, "pairs"], Float[np.ndarray, "3 pairs"], Float[np.ndarray, "3 pairs"]],
    Bool[np.ndarray, "pairs"],
]


@dataclass(frozen=True)
class BoxTree:
    """A complete tree with four branches per box; all leaves have the same size.

    Attributes:
        levels: lowest and highest corners of the boxes of each level, from the root's children to the leaves.
        triangles: which triangles each leaf has; -1 fills up.
    """

    levels: tuple[Boxes, ...]
    triangles: Int[np.ndarray, "leaves leaf"]

    @classmethod
    def of(
        cls,
        corners_m: Float[np.ndarray, "triangles 3 3"],
        leaves: Int[np.ndarray, "leaves leaf"] | None = None,
    ) -> "BoxTree":
        """The tree of triangles; ``leaves`` are those of an earlier tree of the same triangles."""
        leaves = leaf_triangles(corners_m) if leaves is None else leaves
        low, high = _boxes(corners_m, leaves.size)
        # Take by take: reductions over the middle axis are slow.
        parts = low[leaves[:, 0]], high[leaves[:, 0]]
        for column in leaves.T[1:]:
            parts = np.minimum(parts[0], low[column]), np.maximum(parts[1], high[column])
        levels = []
        while len(parts[0]) > 1:
            levels.append((np.ascontiguousarray(parts[0].T), np.ascontiguousarray(parts[1].T)))
            low, high = (part.reshape(-1, _BRANCHES, 3) for part in parts)
            parts = low.min(axis=1), high.max(axis=1)
        return cls(levels=tuple(levels[::-1]), triangles=leaves)

    def pairs(
        self, queries: int, touches: Touches
    ) -> tuple[Int[np.ndarray, "pairs"], Int[np.ndarray, "pairs"]]:
        """Pairs of a query and a triangle whose leaf the query touches."""
        query, box = np.arange(queries), np.zeros(queries, dtype=np.int64)
        for low, high in self.levels:
            query = query.repeat(_BRANCHES)
            box = (box[:, None] * _BRANCHES + np.arange(_BRANCHES)).ravel()
            # Boxes of empty places are inside out.
            low_of, high_of = low.take(box, axis=1), high.take(box, axis=1)
            found = np.flatnonzero(touches(query, low_of, high_of) & (low_of[0] <= high_of[0]))
            query, box = query[found], box[found]
        triangle = self.triangles[box].ravel()
        return query.repeat(self.triangles.shape[1])[triangle >= 0], triangle[triangle >= 0]


def leaf_triangles(corners_m: Float[np.ndarray, "triangles 3 3"]) -> Int[np.ndarray, "leaves leaf"]:
    """The triangles of each leaf of a tree: each box is cut at the median of its longest axis."""
    depth = 1
    while _LARGEST_LEAF * _BRANCHES**depth < len(corners_m):
        depth += 1
    leaves = _BRANCHES**depth
    places = -(-len(corners_m) // leaves) * leaves
    order = np.full(places, -1)
    order[: len(corners_m)] = np.arange(len(corners_m))
    low, high = _boxes(corners_m, places)
    for cuts in range(2 * depth):
        order = _cut(order.reshape(2**cuts, -1), low, high).ravel()
    return order.reshape(leaves, -1)


def _boxes(
    corners_m: Float[np.ndarray, "triangles 3 3"], places: int
) -> tuple[Float[np.ndarray, "places 3"], Float[np.ndarray, "places 3"]]:
    """Lowest and highest corner of each triangle. Empty places have a box that contains nothing."""
    low, high = np.full((places, 3), np.inf), np.full((places, 3), -np.inf)
    low[: len(corners_m)], high[: len(corners_m)] = boxes_of(corners_m)
    return low, high


def _cut(
    order: Int[np.ndarray, "boxes size"],
    low: Float[np.ndarray, "places 3"],
    high: Float[np.ndarray, "places 3"],
) -> Int[np.ndarray, "boxes size"]:
    """The places of each box: first the lower half along its longest axis; empty places come last."""
    extent = high[order].max(axis=1) - low[order].min(axis=1)
    axis = np.where(np.isfinite(extent), extent, -1.0).argmax(axis=1)[:, None]
    with np.errstate(invalid="ignore"):
        middle = low[order, axis] + high[order, axis]
    middle[order < 0] = np.inf
    return np.take_along_axis(order, middle.argpartition(order.shape[1] // 2 - 1, axis=1), axis=1)
