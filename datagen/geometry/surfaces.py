"""The surfaces of a level as triangles, and exact answers about them.

World: metres, right-handed, Z up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from trajectories import CameraPose, triangles_from_unreal, world_from_unreal

from ..engine.content.environment import Prop
from ..engine.content.shapes.closed_parts import is_of_closed_part
from ..engine.content.unreal_space import Triple, world_from_local
from .box_tree import BoxTree, leaf_triangles
from .triangles import boxes_of, point_distances_m, segment_fractions, winding_numbers

# Directions shorter than this along an axis count as this long.
_SHORTEST = 1e-12
# Rounding of coordinates within some hundred metres.
_ERROR_M = 1e-6
_AT_ONCE = 4096


@dataclass(frozen=True, kw_only=True)
class SearchAids:
    """What takes long to find: the leaves of the tree of boxes, and which triangles bound a volume."""

    leaves: Int[np.ndarray, "leaves leaf"]
    is_solid: Bool[np.ndarray, "triangles"]


@dataclass(frozen=True)
class LevelSurfaces:
    """The triangles of a level's props, seen from their front only.

    Attributes:
        corners_m: ``cross(p1 - p0, p2 - p0)`` points to the front.
        props: which prop each triangle belongs to; props are consecutive.
        names: the names of the props, if they have any.
        space_m: lowest and highest corner of the room of an indoor level; what is beyond is not to be filmed.
        aids: what searches use, if it is known; else it is made when it is needed.
    """

    corners_m: Float[np.ndarray, "triangles 3 3"]
    props: Int[np.ndarray, "triangles"]
    names: tuple[str, ...] = ()
    space_m: Float[np.ndarray, "2 3"] | None = None
    aids: SearchAids | None = None

    @classmethod
    def of(cls, props: Mapping[str, Prop], space_cm: tuple[Triple, Triple] | None = None) -> "LevelSurfaces":
        """The surfaces of props of the embedded engine."""
        corners = [_corners_m(prop) for prop in props.values()]
        owners = np.arange(len(corners)).repeat([len(one) for one in corners])
        return cls(np.concatenate(corners), owners, tuple(props), _box_m(space_cm) if space_cm else None)

    def name(self, prop: int) -> str:
        """The name of a prop."""
        return self.names[prop] if self.names else f"prop {prop}"

    def search_aids(self) -> SearchAids:
        """What searches use."""
        props = (self.corners_m[self.props == prop] for prop in range(len(self._prop_boxes)))
        is_solid = np.concatenate([is_of_closed_part(corners_m) for corners_m in props])
        return SearchAids(leaves=leaf_triangles(self.corners_m).astype(np.int32), is_solid=is_solid)

    @cached_property
    def _tree(self) -> BoxTree:
        return BoxTree.of(self.corners_m, self.aids.leaves if self.aids else None)

    @cached_property
    def _triangle_boxes(self) -> tuple[np.ndarray, np.ndarray]:
        """Lowest and highest corner of each triangle, each (3, triangles)."""
        low, high = boxes_of(self.corners_m)
        return np.ascontiguousarray(low.T), np.ascontiguousarray(high.T)

    @cached_property
    def _prop_boxes(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Lowest and highest corner of each prop."""
        first = np.flatnonzero(np.diff(self.props, prepend=-1))
        low, high = boxes_of(self.corners_m)
        return list(zip(np.minimum.reduceat(low, first), np.maximum.reduceat(high, first), strict=True))

    @cached_property
    def _solids(self) -> tuple[np.ndarray, ...]:
        """The triangles of the closed parts of each prop."""
        is_solid = (self.aids or self.search_aids()).is_solid
        first = np.flatnonzero(np.diff(self.props, prepend=-1))[1:]
        props = zip(np.split(self.corners_m, first), np.split(is_solid, first), strict=True)
        return tuple(corners_m[solid] for corners_m, solid in props)

    def first_hits_m(
        self, origins_m: Float[np.ndarray, "points 3"], targets_m: Float[np.ndarray, "points 3"]
    ) -> Float[np.ndarray, "points"]:
        """Distance from each origin to the first front of a surface, up to its target; infinity if none."""
        along_m = targets_m - origins_m
        fraction = np.full(len(origins_m), np.inf)
        for first in range(0, len(origins_m), _AT_ONCE):
            part = slice(first, first + _AT_ONCE)
            fraction[part] = self._first_fractions(origins_m[part], along_m[part])
        with np.errstate(invalid="ignore"):
            distance_m = fraction * np.linalg.norm(along_m, axis=-1)
        return np.where(np.isinf(fraction), np.inf, distance_m)

    def errors_m(self, distances_m: Float[np.ndarray, "points"]) -> Float[np.ndarray, "points"]:
        """How wrong distances can be."""
        return np.full_like(distances_m, _ERROR_M)

    def is_inside(self, points_m: Float[np.ndarray, "points 3"]) -> Bool[np.ndarray, "points"]:
        """Whether points are inside a prop (the winding number of its closed parts is above one half).

        What is beyond the room of an indoor level counts as inside of its walls.
        """
        inside = np.zeros(len(points_m), dtype=bool)
        if self.space_m is not None:
            inside |= ((points_m < self.space_m[0]) | (points_m > self.space_m[1])).any(axis=1)
        low_m, high_m = points_m.min(axis=0, initial=np.inf), points_m.max(axis=0, initial=-np.inf)
        for prop, (low, high) in enumerate(self._prop_boxes):
            if (high_m > low).all() and (low_m < high).all():
                near = np.flatnonzero(((points_m > low) & (points_m < high)).all(axis=1) & ~inside)
                if len(near):
                    inside[near] = winding_numbers(points_m[near], self._solids[prop]) > 0.5
        return inside

    def distances_m(
        self, points_m: Float[np.ndarray, "points 3"], limit_m: float
    ) -> Float[np.ndarray, "points"]:
        """Distance of points from the nearest surface, at most ``limit_m``."""
        query, triangle = self.near(points_m, np.full(len(points_m), limit_m))
        nearest_m = np.full(len(points_m), limit_m)
        np.minimum.at(nearest_m, query, point_distances_m(points_m[query], self.corners_m[triangle]))
        return nearest_m

    def triangles_at(
        self, points_m: Float[np.ndarray, "points 3"], limit_m: float
    ) -> Int[np.ndarray, "points"]:
        """The nearest triangle of each point; -1 if none is within ``limit_m``."""
        query, triangle = self.near(points_m, np.full(len(points_m), limit_m))
        gap_m = point_distances_m(points_m[query], self.corners_m[triangle])
        order = np.argsort(-gap_m, kind="stable")
        order = order[gap_m[order] <= limit_m]
        found = np.full(len(points_m), -1)
        found[query[order]] = triangle[order]
        return found

    def near(
        self, points_m: Float[np.ndarray, "points 3"], limits_m: Float[np.ndarray, "points"]
    ) -> tuple[Int[np.ndarray, "pairs"], Int[np.ndarray, "pairs"]]:
        """Pairs of a point and a triangle whose box is within the limit of the point."""
        places_m, squares = np.ascontiguousarray(points_m.T), limits_m**2

        def touches(query: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
            place_m = places_m.take(query, axis=1)
            outside = np.maximum(np.maximum(low - place_m, place_m - high), 0.0)
            return np.asarray((outside * outside).sum(axis=0) <= squares[query])

        query, triangle = self._tree.pairs(len(points_m), touches)
        low, high = self._triangle_boxes
        found = touches(query, low.take(triangle, axis=1), high.take(triangle, axis=1))
        return query[found], triangle[found]

    def clearances_m(self, poses: CameraPose, limit_m: float) -> Float[np.ndarray, "points"]:
        """Distance of cameras from the nearest surface, at most ``limit_m``."""
        return self.distances_m(poses.position_m, limit_m)

    def _first_fractions(self, origins_m: np.ndarray, along_m: np.ndarray) -> Float[np.ndarray, "points"]:
        starts_m = np.ascontiguousarray(origins_m.T)
        per_length = 1 / np.where(np.abs(along_m.T) < _SHORTEST, _SHORTEST, along_m.T)

        def touches(query: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
            start, per = starts_m.take(query, axis=1), per_length.take(query, axis=1)
            one, other = (low - start) * per, (high - start) * per
            enters, leaves = np.minimum(one, other).max(axis=0), np.maximum(one, other).min(axis=0)
            return np.asarray((enters <= leaves) & (leaves >= 0) & (enters <= 1))

        query, triangle = self._tree.pairs(len(origins_m), touches)
        fraction = np.full(len(origins_m), np.inf)
        found = segment_fractions(origins_m[query], along_m[query], self.corners_m[triangle])
        np.minimum.at(fraction, query, found)
        return fraction


def _box_m(space_cm: tuple[Triple, Triple]) -> Float[np.ndarray, "2 3"]:
    """The corners of a box; one axis of the world is turned around."""
    return np.sort(world_from_unreal(np.array(space_cm, dtype=np.float64)), axis=0)


def _corners_m(prop: Prop) -> Float[np.ndarray, "triangles 3 3"]:
    """The triangles of a prop."""
    world_from_prop = world_from_local(prop.location_cm, (0.0, prop.yaw_deg, 0.0))
    corners_cm = np.concatenate(
        [part.mesh.positions[triangles_from_unreal(part.mesh.triangles)] for part in prop.parts]
    )
    return world_from_unreal(corners_cm @ world_from_prop[:3, :3] + world_from_prop[3, :3])
