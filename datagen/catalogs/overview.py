"""Cameras that show a level and who stands in it from several sides, for pictures of the catalog."""

import numpy as np
from jaxtyping import Float

from trajectories import CameraPose

from ..geometry import LevelSurfaces
from ..level_check import is_camera_place

_EYES_M, _CHEST_M, _FARTHEST_M = 1.6, 1.1, 4.0
_SIDES, _DISTANCES = 24, (1.0, 0.75)
# The least angle between two poses, as a share of that of equal steps.
_APART = 0.6
# Rays of a horizontal fan; things so far away are seen well.
_FAN_DEG, _SEEN_M = np.linspace(-28.0, 28.0, 15), (3.0, 16.0)
_UP = np.array([0.0, 0.0, 1.0])


def overview_poses(
    surfaces: LevelSurfaces, feet_m: Float[np.ndarray, "3"], radius_m: float, count: int
) -> CameraPose | None:
    """At most ``count`` poses at eye level that see someone, each from another side.

    The first one sees the most things, the next ones the most things in other directions. None if no place is
    free.
    """
    angle = np.arange(_SIDES) * 2 * np.pi / _SIDES
    outward = np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=-1)
    distances_m = min(radius_m, _FARTHEST_M) * np.array(_DISTANCES)
    places_m = feet_m + _EYES_M * _UP + (distances_m[:, None, None] * outward).reshape(-1, 3)
    side = np.tile(np.arange(_SIDES), len(_DISTANCES))
    is_free = is_camera_place(surfaces, places_m, feet_m)
    places_m, side = places_m[is_free], side[is_free]
    shares = np.array([_seen_share(surfaces, place_m, feet_m) for place_m in places_m])
    chosen: list[int] = []
    while len(chosen) < count and shares.size and shares.max() >= 0:
        chosen.append(int(np.argmax(shares)))
        apart = np.abs((side - side[chosen[-1]] + _SIDES // 2) % _SIDES - _SIDES // 2)
        shares[apart < _SIDES / count * _APART] = -1.0
    if not chosen:
        return None
    return CameraPose.looking(places_m[chosen], feet_m + _CHEST_M * _UP - places_m[chosen])


def _seen_share(
    surfaces: LevelSurfaces, place_m: Float[np.ndarray, "3"], feet_m: Float[np.ndarray, "3"]
) -> float:
    """The share of the fan that meets something which is neither near nor far."""
    ahead_m = feet_m - place_m
    turn = np.arctan2(ahead_m[1], ahead_m[0]) + np.radians(_FAN_DEG)
    ends_m = place_m + 100.0 * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=-1)
    hits_m = surfaces.first_hits_m(np.broadcast_to(place_m, ends_m.shape), ends_m)
    return float(((hits_m > _SEEN_M[0]) & (hits_m < _SEEN_M[1])).mean())
