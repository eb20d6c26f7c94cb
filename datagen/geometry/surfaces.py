"""The surfaces of a level as triangles, and exact answers about them.

World: metres, right-handed, Z up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from jaxtyping import Bool, Float, Int

from trajectories import CameraPose, triangles_from_unreal, world_from_unreal

from ..engine.content.assets import Asset, find_asset, level
from ..engine.content.closed_parts import is_of_closed_part
from ..engine.content.environment import Prop
from ..engine.content.unreal_space import world_from_local
from .box_tree import BoxTree
from .triangles import point_distances_m, segment_fractions, winding_numbers

# Directions shorter than this along an axis count as this long.
_SHORTEST = 1e-12
# Rounding of coordinates within some hundred metres.
_ERROR_M = 1e-6
_AT_ONCE = 4096


@dataclass(frozen=True)
class LevelSurfaces:
    """The triangles of a level's props, seen from their front only.

    Attributes:
        corners_m: ``cross(p1 - p0, p2 - p0)`` points to the front.
        props: which prop each triangle belongs to; props are consecutive.
    """

    corners_m: Float[np.ndarray, "triangles 3 3"]
    props: Int[np.ndarray, "triangles"]

    @classmethod
    def of(cls, props: Mapping[str, Prop]) -> "LevelSurfaces":
        """The surfaces of props of the embedded engine."""
        corners = [_corners_m(prop) for prop in props.values()]
        return cls(np.concatenate(corners), np.arange(len(corners)).repeat([len(one) for one in corners]))

    @cached_property
    def _tree(self) -> BoxTree:
        return BoxTree.of(self.corners_m)

    @cached_property
    def _prop_boxes(self) -> list[tuple[np.ndarray, np.ndarray]]:
        """Lowest and highest corner of each prop."""
        first = np.flatnonzero(np.diff(self.props, prepend=-1))
        low, high = self.corners_m.min(axis=1), self.corners_m.max(axis=1)
        return list(zip(np.minimum.reduceat(low, first), np.maximum.reduceat(high, first), strict=True))

    @cached_property
    def _solids(self) -> tuple[np.ndarray, ...]:
        """The triangles of the closed parts of each prop."""
        props = (self.corners_m[self.props == prop] for prop in range(len(self._prop_boxes)))
        return tuple(corners_m[is_of_closed_part(corners_m)] for corners_m in props)

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
        """Whether points are inside a prop: the winding number of its closed parts is above one half."""
        inside = np.zeros(len(points_m), dtype=bool)
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

        places_m = np.ascontiguousarray(points_m.T)

        def touches(query: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
            place_m = places_m.take(query, axis=1)
            outside = np.maximum(np.maximum(low - place_m, place_m - high), 0.0)
            return np.asarray((outside * outside).sum(axis=0) <= limit_m**2)

        query, triangle = self._tree.pairs(len(points_m), touches)
        nearest_m = np.full(len(points_m), limit_m)
        np.minimum.at(nearest_m, query, point_distances_m(points_m[query], self.corners_m[triangle]))
        return nearest_m

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


def level_surfaces(asset: str) -> LevelSurfaces | None:
    """The surfaces of a level of the embedded engine, the same on every call; None for other levels."""
    found = find_asset(asset, "World")
    return _surfaces_of(found) if found else None


@cache
def _surfaces_of(asset: Asset) -> LevelSurfaces:
    return LevelSurfaces.of(level(asset).props)


def _corners_m(prop: Prop) -> Float[np.ndarray, "triangles 3 3"]:
    """The triangles of a prop."""
    world_from_prop = world_from_local(prop.location_cm, (0.0, prop.yaw_deg, 0.0))
    corners_cm = np.concatenate(
        [part.mesh.positions[triangles_from_unreal(part.mesh.triangles)] for part in prop.parts]
    )
    return world_from_unreal(corners_cm @ world_from_prop[:3, :3] + world_from_prop[3, :3])
