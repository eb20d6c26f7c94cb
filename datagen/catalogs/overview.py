"""A camera that shows a level and who stands in it, for contact sheets."""

import numpy as np
from jaxtyping import Float

from trajectories import CameraPose

from ..geometry import LevelSurfaces
from ..level_check import is_camera_place

_EYES_M, _CHEST_M, _FARTHEST_M = 1.6, 1.1, 4.0
_SIDES, _DISTANCES = 24, (1.0, 0.75)
# Rays of a horizontal fan; things so far away are seen well.
_FAN_DEG, _SEEN_M = np.linspace(-28.0, 28.0, 15), (3.0, 16.0)
_UP = np.array([0.0, 0.0, 1.0])


def overview_pose(
    surfaces: LevelSurfaces, feet_m: Float[np.ndarray, "3"], radius_m: float
) -> CameraPose | None:
    """A pose at eye level that sees someone, and the most things behind; None if no place is free."""
    angle = np.arange(_SIDES) * 2 * np.pi / _SIDES
    outward = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=-1)
    distances_m = min(radius_m, _FARTHEST_M) * np.array(_DISTANCES)
    places_m = feet_m + _EYES_M * _UP + (distances_m[:, None, None] * outward).reshape(-1, 3)
    places_m = places_m[is_camera_place(surfaces, places_m, feet_m)]
    if not len(places_m):
        return None
    shares = [_seen_share(surfaces, place_m, feet_m) for place_m in places_m]
    best_m = places_m[int(np.argmax(shares))]
    return CameraPose.looking(best_m, feet_m + _CHEST_M * _UP - best_m)


def _seen_share(
    surfaces: LevelSurfaces, place_m: Float[np.ndarray, "3"], feet_m: Float[np.ndarray, "3"]
) -> float:
    """The share of the fan that meets something which is neither near nor far."""
    ahead_m = feet_m - place_m
    turn = np.arctan2(ahead_m[1], ahead_m[0]) + np.radians(_FAN_DEG)
    ends_m = place_m + 100.0 * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=-1)
    hits_m = surfaces.first_hits_m(np.broadcast_to(place_m, ends_m.shape), ends_m)
    return float(((hits_m > _SEEN_M[0]) & (hits_m < _SEEN_M[1])).mean())
