"""Questions about the geometry of a level, answered by casting rays: with meshes, or with an engine's probes.

World: metres, right-handed, Z up. Surfaces are seen from their front only, as engines draw them.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float

from trajectories import CameraPose

from ..actor_paths import ActorPath

Points = Float[np.ndarray, "points 3"]
# Deeper than any camera is above its ground.
_BELOW_M = np.array([0.0, 0.0, -200.0])
# Length of the rays that leave a point to all sides: beyond the far side of an object of a level.
_AROUND_M = 20.0
_SIDES = np.concatenate([np.eye(3), -np.eye(3)])
# Heights of a standing person's parts, as shares of the body, and their distance to each side.
_PART_HEIGHTS = {"head": 0.93, "chest": 0.72, "hips": 0.53, "hand_l": 0.48, "hand_r": 0.48}
_ASIDE = {"hand_l": 0.16, "hand_r": -0.16}
BODY_PARTS = tuple(_PART_HEIGHTS)


@runtime_checkable
class RayCaster(Protocol):
    """Finds the first surface along rays."""

    def first_hits_m(self, origins_m: Points, targets_m: Points) -> Float[np.ndarray, "points"]:
        """Distance from each origin to the first front of a surface, up to its target; infinity if none."""
        ...

    def errors_m(self, distances_m: Float[np.ndarray, "points"]) -> Float[np.ndarray, "points"]:
        """How wrong distances can be."""
        ...


@runtime_checkable
class Surroundings(RayCaster, Protocol):
    """What checks of camera paths ask about a level."""

    def is_inside(self, points_m: Points) -> Bool[np.ndarray, "points"]:
        """Whether points are inside an object."""
        ...

    def clearances_m(self, poses: CameraPose, limit_m: float) -> Float[np.ndarray, "points"]:
        """Distance of cameras (batch ``(points,)``) from the nearest surface, at most ``limit_m``."""
        ...


def has_line_of_sight(caster: RayCaster, origins_m: Points, targets_m: Points) -> Bool[np.ndarray, "points"]:
    """Whether no surface hides a target from its origin."""
    return np.isinf(caster.first_hits_m(origins_m, targets_m))


def is_crossed(caster: RayCaster, starts_m: Points, ends_m: Points) -> Bool[np.ndarray, "points"]:
    """Whether a straight path goes through a surface, from either side."""
    return ~(has_line_of_sight(caster, starts_m, ends_m) & has_line_of_sight(caster, ends_m, starts_m))


def is_behind_surface(caster: RayCaster, points_m: Points, targets_m: Points) -> Bool[np.ndarray, "points"]:
    """Whether the first surface from a point to its target is met from behind.

    So it is for a point inside an object with its target outside, and for a point outside of a room whose
    walls have one side. From such a point the ray is free, but it is blocked on the way back.
    """
    along_m = targets_m - points_m
    length_m = np.linalg.norm(along_m, axis=-1)
    hits_m = np.minimum(caster.first_hits_m(points_m, targets_m), length_m)
    free_m = np.where(hits_m < length_m, np.maximum(hits_m - caster.errors_m(hits_m), 0.0), length_m)
    ends_m = points_m + along_m * (free_m / np.maximum(length_m, 1e-9))[:, None]
    return ~has_line_of_sight(caster, ends_m, points_m)


def is_enclosed(caster: RayCaster, points_m: Points) -> Bool[np.ndarray, "points"]:
    """Whether rays that leave a point to at least two of six sides meet their first surface from behind.

    One is not enough: next to a wall that has one side, a point is free. More are too many: the parts of an
    object overlap.
    """
    targets_m = points_m[:, None] + _AROUND_M * _SIDES
    starts_m = np.broadcast_to(points_m[:, None], targets_m.shape)
    behind = is_behind_surface(caster, starts_m.reshape(-1, 3), targets_m.reshape(-1, 3))
    return np.asarray(behind.reshape(len(points_m), -1).sum(axis=1) >= 2)


def heights_above_ground_m(caster: RayCaster, points_m: Points) -> Float[np.ndarray, "points"]:
    """Distance of points from the surface below them; minus infinity if there is none within 200 m."""
    below_m = caster.first_hits_m(points_m, points_m + _BELOW_M)
    return np.where(np.isinf(below_m), -np.inf, below_m)


def part_points_m(
    bodies_m: Float[np.ndarray, "*batch 2 3"], parts: Sequence[str]
) -> Float[np.ndarray, "*batch parts 3"]:
    """Parts on the line between the feet and the head of bodies; hands are at its sides."""
    share = np.array([_PART_HEIGHTS[part] for part in parts])[:, None]
    feet_m, head_m = bodies_m[..., :1, :], bodies_m[..., 1:, :]
    return np.asarray(feet_m + share * (head_m - feet_m))


def body_points_m(path: ActorPath) -> Float[np.ndarray, "frames parts 3"]:
    """Head, chest, hips and hands of an actor, as of a standing person; see ``BODY_PARTS``."""
    heading_rad = np.radians(path.heading_deg)
    left = np.stack([-np.sin(heading_rad), np.cos(heading_rad), np.zeros_like(heading_rad)], axis=-1)
    aside = np.array([_ASIDE.get(part, 0.0) for part in BODY_PARTS])[:, None]
    aside_m = aside * (path.height_m[:, None] * left)[:, None]
    return np.asarray(part_points_m(path.body_m, BODY_PARTS) + aside_m)


def hidden_parts(
    caster: RayCaster, positions_m: Float[np.ndarray, "cameras frames 3"], path: ActorPath
) -> Bool[np.ndarray, "cameras frames parts"]:
    """Which parts of an actor geometry hides from each camera in each frame."""
    points_m = body_points_m(path)
    shape = (*positions_m.shape[:2], points_m.shape[1], 3)
    origins_m, targets_m = (
        np.broadcast_to(one, shape).reshape(-1, 3) for one in (positions_m[:, :, None], points_m[None])
    )
    return ~has_line_of_sight(caster, origins_m, targets_m).reshape(shape[:-1])
