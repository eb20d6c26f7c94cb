"""Where actors can stand: on a floor, with nothing where their bodies are."""

import numpy as np
from jaxtyping import Bool, Float

from ..actor_paths import ActorPath
from .queries import RayCaster, heights_above_ground_m, is_crossed, is_enclosed
from .surfaces import LevelSurfaces

_UP = np.array([0.0, 0.0, 1.0])
# Half the width of a body with its arms at its sides.
_BODY_RADIUS_M = 0.25
# Spheres that fill a body, one above the other; the lowest leave room for the floor, kerbs and carpets.
_STEP_M, _FLOOR_M = 0.15, 0.05
# Less than a body is wide, so that nothing fits between two places.
_STRIDE_M = 0.25
# Rays that look for surfaces within a body: at these shares of its height, to so many sides.
_RAY_HEIGHTS, _RAY_SIDES = (0.25, 0.5, 0.85), 8


def is_floor_free(
    surfaces: LevelSurfaces, feet_m: Float[np.ndarray, "points 3"], *, height_m: float
) -> Bool[np.ndarray, "points"]:
    """Whether a body has a floor under its feet, and no surface within it."""
    above_m = np.arange(_STEP_M, max(height_m - _BODY_RADIUS_M, _STEP_M) + _STEP_M, _STEP_M)
    centres_m = feet_m[:, None] + above_m[:, None] * _UP
    flat_m, shape = centres_m.reshape(-1, 3), centres_m.shape[:2]
    room_m = surfaces.distances_m(flat_m, _BODY_RADIUS_M).reshape(shape)
    is_free = (room_m >= np.minimum(_BODY_RADIUS_M, above_m - _FLOOR_M)).all(axis=1)
    return (
        is_free
        & _has_floor(surfaces, centres_m[:, 0])
        & ~surfaces.is_inside(flat_m).reshape(shape).any(axis=1)
    )


def is_floor_free_by_rays(
    caster: RayCaster, feet_m: Float[np.ndarray, "points 3"], *, height_m: float
) -> Bool[np.ndarray, "points"]:
    """As ``is_floor_free``, for any engine: rays upward along a body, and from there to its sides.

    What is thinner than the gaps between the rays can be missed.
    """
    angle = np.arange(_RAY_SIDES) * 2 * np.pi / _RAY_SIDES
    sides_m = _BODY_RADIUS_M * np.stack([np.cos(angle), np.sin(angle), np.zeros(_RAY_SIDES)], axis=-1)
    axis_m = feet_m[:, None] + height_m * np.array(_RAY_HEIGHTS)[:, None] * _UP
    starts_m = np.broadcast_to(axis_m[:, :, None], (*axis_m.shape[:2], _RAY_SIDES, 3))
    ends_m = (starts_m + sides_m).reshape(-1, 3)
    is_met = is_crossed(caster, starts_m.reshape(-1, 3), ends_m).reshape(len(feet_m), -1).any(axis=1)
    is_met |= is_crossed(caster, feet_m + 2 * _STEP_M * _UP, feet_m + height_m * _UP)
    return _has_floor(caster, feet_m + _STEP_M * _UP) & ~is_met & ~is_enclosed(caster, axis_m[:, 1])


def is_path_free(surroundings: RayCaster, path: ActorPath) -> bool:
    """Whether an actor can go along its path, checked every quarter of a metre."""
    stride = int(np.ceil(_STRIDE_M * len(path.feet_m) / max(path.walked_m, _STRIDE_M)))
    feet_m = path.feet_m[:: max(1, stride)] if path.walked_m else path.feet_m[:1]
    height_m = float(path.height_m.min())
    if isinstance(surroundings, LevelSurfaces):
        return bool(is_floor_free(surroundings, feet_m, height_m=height_m).all())
    return bool(is_floor_free_by_rays(surroundings, feet_m, height_m=height_m).all())


def _has_floor(caster: RayCaster, points_m: Float[np.ndarray, "points 3"]) -> Bool[np.ndarray, "points"]:
    """Whether a floor is right below points above the feet."""
    height_m = heights_above_ground_m(caster, points_m)
    return (height_m >= 0) & (height_m <= 2 * _STEP_M)
