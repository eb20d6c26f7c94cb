"""Where actors can stand: on a floor, with nothing where their bodies are."""

import numpy as np
from jaxtyping import Bool, Float

from ..actor_paths import ActorPath
from .queries import heights_above_ground_m
from .surfaces import LevelSurfaces

# Half the width of a body with its arms at its sides.
_BODY_RADIUS_M = 0.25
# Spheres that fill a body, one above the other; the lowest leave room for the floor, kerbs and carpets.
_STEP_M, _FLOOR_M = 0.15, 0.05
# Less than a body is wide, so that nothing fits between two places.
_STRIDE_M = 0.25


def is_floor_free(
    surfaces: LevelSurfaces, feet_m: Float[np.ndarray, "points 3"], *, height_m: float
) -> Bool[np.ndarray, "points"]:
    """Whether a body has a floor under its feet, and no surface within it."""
    above_m = np.arange(_STEP_M, max(height_m - _BODY_RADIUS_M, _STEP_M) + _STEP_M, _STEP_M)
    centres_m = feet_m[:, None] + above_m[:, None] * np.array([0.0, 0.0, 1.0])
    flat_m, shape = centres_m.reshape(-1, 3), centres_m.shape[:2]
    room_m = surfaces.distances_m(flat_m, _BODY_RADIUS_M).reshape(shape)
    is_free = (room_m >= np.minimum(_BODY_RADIUS_M, above_m - _FLOOR_M)).all(axis=1)
    on_floor = heights_above_ground_m(surfaces, centres_m[:, 0]) <= 2 * _STEP_M
    return is_free & on_floor & ~surfaces.is_inside(flat_m).reshape(shape).any(axis=1)


def is_path_free(surfaces: LevelSurfaces, path: ActorPath) -> bool:
    """Whether an actor can go along its path, checked every quarter of a metre."""
    stride = int(np.ceil(_STRIDE_M * len(path.feet_m) / max(path.walked_m, _STRIDE_M)))
    feet_m = path.feet_m[:: max(1, stride)] if path.walked_m else path.feet_m[:1]
    return bool(is_floor_free(surfaces, feet_m, height_m=float(path.height_m.min())).all())
