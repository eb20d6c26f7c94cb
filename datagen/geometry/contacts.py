"""What of a level hangs in the air: parts of props that nothing connects with the ground."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from ..engine.content.shapes.closed_parts import parts_of
from .surfaces import LevelSurfaces
from .triangles import point_distances_m

# Surfaces so near to each other touch; far from the middle of the level they may be farther apart.
_TOUCH_M, _TOUCH_SHARE = 0.03, 0.003
# Parts of so few triangles are leaves and blades of grass, unless they are large or near.
_CARD_TRIANGLES, _CARD_M, _CARD_SHARE = 4, 1.6, 0.07
# Smaller parts are not reported: they may hang between leaves.
_SEEN_M = 0.15
# Parts as large as this are the ground, or what is behind the scene.
_GROUND_M = 20.0
# Higher parts are clouds, balloons or birds.
_SKY_M = 30.0
_SAMPLE_M, _MOST_SAMPLES, _AT_ONCE = 0.07, 64, 20_000


@dataclass(frozen=True, kw_only=True)
class FloatingPart:
    """A part of the prop with number ``prop`` that touches nothing below or above it; metres."""

    prop: int
    size_m: float
    centre_m: Float[np.ndarray, "3"]


@dataclass(frozen=True)
class _LevelParts:
    """The parts of all props: the part of each triangle, the box of each part, and which are leaves."""

    of_triangle: Int[np.ndarray, "triangles"]
    low_m: Float[np.ndarray, "parts 3"]
    high_m: Float[np.ndarray, "parts 3"]
    is_leaf: Bool[np.ndarray, "parts"]

    @property
    def size_m(self) -> Float[np.ndarray, "parts"]:
        return (self.high_m - self.low_m).max(axis=1)


def floating_parts(surfaces: LevelSurfaces, feet_m: Float[np.ndarray, "points 3"]) -> list[FloatingPart]:
    """The parts that no chain of touching parts connects with the ground below ``feet_m``.

    Of several parts of one prop only the largest is given.
    """
    parts = _level_parts(surfaces)
    ground = surfaces.triangles_at(feet_m, 2 * _TOUCH_M)
    is_ground = parts.size_m > _GROUND_M
    is_ground[parts.of_triangle[ground[ground >= 0]]] = True
    whole = np.flatnonzero(~parts.is_leaf[parts.of_triangle])
    around = _Surroundings(
        LevelSurfaces(surfaces.corners_m[whole], surfaces.props[whole]), parts.of_triangle[whole]
    )
    corners_m = around.surfaces.corners_m
    links = _links(around, corners_m.reshape(-1, 3), around.parts.repeat(3))
    loose = np.flatnonzero(_is_loose(is_ground, links) & ~parts.is_leaf)
    rows = np.flatnonzero(_is_beside(corners_m, parts.low_m[loose], parts.high_m[loose]))
    points_m, owners = _samples_m(corners_m[rows])
    links = np.concatenate([links, _links(around, points_m, around.parts[rows[owners]])])
    loose = _is_loose(is_ground, links) & ~parts.is_leaf & (parts.size_m > _SEEN_M)
    loose &= parts.low_m[:, 2] < _SKY_M
    props = np.zeros(len(loose), dtype=np.int64)
    props[parts.of_triangle] = surfaces.props
    by_size = np.flatnonzero(loose)[np.argsort(parts.size_m[loose])]
    largest = {int(props[part]): part for part in by_size}
    return [
        FloatingPart(
            prop=prop,
            size_m=float(parts.size_m[part]),
            centre_m=0.5 * (parts.low_m[part] + parts.high_m[part]),
        )
        for prop, part in largest.items()
    ]


def _level_parts(surfaces: LevelSurfaces) -> _LevelParts:
    of_triangle = np.zeros(len(surfaces.props), dtype=np.int64)
    count = 0
    for prop in range(surfaces.props[-1] + 1):
        rows = np.flatnonzero(surfaces.props == prop)
        parts = parts_of(surfaces.corners_m[rows])
        of_triangle[rows] = count + parts.of_triangle
        count += len(parts.is_closed)
    low_m, high_m = np.full((count, 3), np.inf), np.full((count, 3), -np.inf)
    np.minimum.at(low_m, of_triangle, surfaces.corners_m.min(axis=1))
    np.maximum.at(high_m, of_triangle, surfaces.corners_m.max(axis=1))
    is_empty = ~np.isfinite(low_m).all(axis=1)
    low_m[is_empty] = high_m[is_empty] = 0.0
    is_small = np.bincount(of_triangle, minlength=count) <= _CARD_TRIANGLES
    size_m = (high_m - low_m).max(axis=1)
    away_m = np.linalg.norm(0.5 * (low_m + high_m), axis=1)
    is_leaf = is_small & (size_m < np.maximum(_CARD_M, _CARD_SHARE * away_m))
    return _LevelParts(of_triangle, low_m, high_m, is_leaf)


@dataclass(frozen=True)
class _Surroundings:
    """What parts can touch, and the part of each triangle."""

    surfaces: LevelSurfaces
    parts: Int[np.ndarray, "triangles"]


def _links(
    around: _Surroundings, points_m: Float[np.ndarray, "points 3"], own: Int[np.ndarray, "points"]
) -> Int[np.ndarray, "links 2"]:
    """Pairs of parts of which the first has a point that touches the other; ``own`` has the points."""
    points_m, own = _distinct(points_m, own)
    found = [np.empty((0, 2), dtype=np.int64)]
    for start in range(0, len(points_m), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found.append(_touching(around, points_m[part], own[part]))
    return np.unique(np.concatenate(found), axis=0)


def _is_beside(
    corners_m: Float[np.ndarray, "triangles 3 3"],
    lows_m: Float[np.ndarray, "boxes 3"],
    highs_m: Float[np.ndarray, "boxes 3"],
) -> Bool[np.ndarray, "triangles"]:
    """Whether triangles are in or next to one of some boxes: parts that cross may have no vertex nearby."""
    low_m, high_m = corners_m.min(axis=1), corners_m.max(axis=1)
    found = np.zeros(len(corners_m), dtype=bool)
    for low, high in zip(lows_m - _TOUCH_M, highs_m + _TOUCH_M, strict=True):
        found |= ((high_m >= low) & (low_m <= high)).all(axis=1)
    return found


def _distinct(points_m: np.ndarray, own: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Points that are a centimetre apart, or of different parts."""
    low = points_m.min(axis=0, initial=np.inf)
    x, y, z = np.round((points_m - low) / 0.01).astype(np.int64).T
    keys = ((x * (y.max(initial=0) + 1) + y) * (z.max(initial=0) + 1) + z).astype(np.uint64)
    # Within one part, equal keys are equal places; across parts, the number of the part tells them apart.
    order = np.lexsort((keys, own))
    is_new = np.ones(len(order), dtype=bool)
    is_new[1:] = (np.diff(keys[order].astype(np.int64)) != 0) | (np.diff(own[order]) != 0)
    return points_m[order[is_new]], own[order[is_new]]


def _touching(around: _Surroundings, points_m: np.ndarray, own: np.ndarray) -> Int[np.ndarray, "links 2"]:
    reach_m = _TOUCH_M + _TOUCH_SHARE * np.linalg.norm(points_m, axis=1)
    query, triangle = around.surfaces.near(points_m, reach_m)
    other = around.parts[triangle]
    is_other = other != own[query]
    query, triangle, other = query[is_other], triangle[is_other], other[is_other]
    gap_m = point_distances_m(points_m[query], around.surfaces.corners_m[triangle])
    touches = gap_m <= reach_m[query]
    return np.unique(np.stack([own[query][touches], other[touches]], axis=1), axis=0)


def _is_loose(
    is_ground: Bool[np.ndarray, "parts"], links: Int[np.ndarray, "links 2"]
) -> Bool[np.ndarray, "parts"]:
    """Which parts no links connect with the ground."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(is_ground)
    graph = coo_array((np.ones(len(links), dtype=np.int8), (links[:, 0], links[:, 1])), shape=(count, count))
    _, group = connected_components(graph, directed=False)
    grounded = np.zeros(group.max() + 1, dtype=bool)
    grounded[group[is_ground]] = True
    return np.asarray(~grounded[group])


def _samples_m(
    corners_m: Float[np.ndarray, "triangles 3 3"],
) -> tuple[Float[np.ndarray, "points 3"], Int[np.ndarray, "points"]]:
    """Points that are spread over triangles, and the triangle of each."""
    edges = corners_m[:, 1:] - corners_m[:, :1]
    area = 0.5 * np.linalg.norm(np.cross(edges[:, 0], edges[:, 1]), axis=1)
    owner = np.arange(len(corners_m)).repeat(np.clip(area / _SAMPLE_M**2, 1, _MOST_SAMPLES).astype(int))
    # The R2 sequence covers the unit square evenly.
    number = np.arange(len(owner)) + 0.5
    u, v = (number * 0.7548776662466927) % 1, (number * 0.5698402909980532) % 1
    over = u + v > 1
    u, v = np.where(over, 1 - u, u), np.where(over, 1 - v, v)
    return corners_m[owner, 0] + u[:, None] * edges[owner, 0] + v[:, None] * edges[owner, 1], owner
