"""The check of a level: free floors, a closed ground, nothing in the air, and places for cameras."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from .catalog import Environment, Point, Spot
from .geometry import LevelSurfaces
from .geometry.contacts import floating_parts
from .geometry.places import is_floor_free
from .geometry.queries import has_line_of_sight, heights_above_ground_m, is_behind_surface
from .geometry.triangles import point_distances_m

LEVEL_FINDINGS = {
    "spot-blocked": "a character has no free floor at a spot",
    "walk-blocked": "a walk through a spot meets something",
    "few-cameras": "most places of cameras around a spot are outside, inside of something, or without a view",
    "hole": "there is no ground below a place where cameras can be",
    "open-ceiling": "there is no ceiling above a place in a room",
    "seen-from-behind": "a surface shows its back, which is not drawn",
    "floating": "a part of a prop touches nothing that stands on the ground or hangs from it",
}
_BODY_M, _EYES_M, _AIM_M = 1.9, 1.6, 1.1
# Around a character, and the length of a walk of 5 s at 1.4 m/s.
_AROUND_M, _WALK_M = 0.4, 7.0
# Where the papers start cameras: distances as shares of the radius, elevations, and directions.
_DISTANCES, _ELEVATIONS_DEG, _TURNS = (0.3, 0.65, 1.0), (3.0, 15.0, 28.0, 42.0), 24
_CLEARANCE_M, _LEAST_CAMERAS = 0.15, 0.35
_UP = np.array([0.0, 0.0, 1.0])
_ABOVE_M, _CEILING_M = 200.0, 40.0
_FLAT_M = 0.03
# Views that look for backs: so many cameras with so many rays; single rays may pass between two triangles.
_VIEWS, _RAYS, _FEWEST_BACKS = 48, 256, 3
_THIN_M = 0.005
Points = Float[np.ndarray, "points 3"]


@dataclass(frozen=True, kw_only=True)
class LevelFinding:
    """Something wrong with a level: a key of ``LEVEL_FINDINGS``, the spot or prop, the place, and figures."""

    reason: str
    where: str
    place_m: Point
    detail: str


def check_level(environment: Environment, surfaces: LevelSurfaces) -> list[LevelFinding]:
    """Everything that is wrong with a level whose spots and radius are those of its entry in a catalog."""
    cameras_m: list[np.ndarray] = []
    findings: list[LevelFinding] = []
    for number, spot in enumerate(environment.spots):
        places_m = _camera_places_m(spot, environment.radius_m)
        is_good = is_camera_place(surfaces, places_m, np.array(spot.position_m))
        cameras_m.append(places_m[is_good])
        findings += _spot_findings(f"spot {number}", spot, surfaces, float(is_good.mean()))
    seen_m = np.concatenate(cameras_m)
    findings += _ground_findings(environment, surfaces, seen_m)
    findings += _back_findings(surfaces, seen_m)
    findings += _floating_findings(environment, surfaces)
    return findings


def level_size_m(surfaces: LevelSurfaces) -> Point:
    """The extent of a level along X, Y and Z: of its room, or of everything in it."""
    corners_m = surfaces.corners_m.reshape(-1, 3) if surfaces.space_m is None else surfaces.space_m
    x, y, z = np.ptp(corners_m, axis=0).round(2).tolist()
    return (x, y, z)


def _spot_findings(
    name: str, spot: Spot, surfaces: LevelSurfaces, camera_share: float
) -> Iterator[LevelFinding]:
    place_m = np.array(spot.position_m)
    turn = np.arange(8) * np.pi / 4
    around_m = _AROUND_M * np.stack([np.cos(turn), np.sin(turn), 0 * turn], axis=-1)
    stand_m = place_m + np.concatenate([np.zeros((1, 3)), around_m])
    height_m = heights_above_ground_m(surfaces, stand_m[:1] + 0.2 * _UP)[0] - 0.2
    is_free = is_floor_free(surfaces, stand_m, height_m=_BODY_M)
    if not is_free.all() or abs(height_m) > _FLAT_M:
        detail = f"{(~is_free).sum()} of 9 places within {_AROUND_M} m are taken, ground {-height_m:.3f} m"
        yield _finding("spot-blocked", name, place_m, detail)
    heading_rad = np.radians(spot.heading_deg)
    along = np.array([np.cos(heading_rad), np.sin(heading_rad), 0.0])
    feet_m = place_m + np.linspace(-_WALK_M / 2, _WALK_M / 2, 29)[:, None] * along
    is_free = is_floor_free(surfaces, feet_m, height_m=_BODY_M)
    if not is_free.all():
        detail = f"{(~is_free).sum()} of {len(feet_m)} steps along heading {spot.heading_deg:g} are taken"
        yield _finding("walk-blocked", name, feet_m[~is_free][0], detail)
    if camera_share < _LEAST_CAMERAS:
        yield _finding("few-cameras", name, place_m, f"{camera_share:.0%} of the places can be used")


def _ground_findings(
    environment: Environment, surfaces: LevelSurfaces, seen_m: Points
) -> Iterator[LevelFinding]:
    """Holes in the ground and in the ceiling, within the radius around the spots and where spots see."""
    grid_m = _seen_grid_m(environment, surfaces)
    places_m = np.concatenate([seen_m, grid_m])
    holes = np.isinf(heights_above_ground_m(surfaces, places_m))
    if holes.any():
        yield _finding("hole", "ground", places_m[holes][0], f"{holes.sum()} of {len(holes)} places")
    if surfaces.space_m is not None:
        open_above = np.isinf(surfaces.first_hits_m(places_m, places_m + _CEILING_M * _UP))
        if open_above.any():
            detail = f"{open_above.sum()} of {len(open_above)} places"
            yield _finding("open-ceiling", "ceiling", places_m[open_above][0], detail)


def _back_findings(surfaces: LevelSurfaces, seen_m: Points) -> Iterator[LevelFinding]:
    """Surfaces of which cameras see the back."""
    starts_m, ends_m = _rays_to_all_sides(seen_m[:: max(1, len(seen_m) // _VIEWS)])
    behind = is_behind_surface(surfaces, starts_m, ends_m)
    rays, starts_m, ends_m = len(starts_m), starts_m[behind], ends_m[behind]
    backs_m = _backs_m(surfaces, starts_m, ends_m)
    triangles = surfaces.triangles_at(backs_m, 1e-3)
    is_back = (triangles >= 0) & ~_is_thin(surfaces, backs_m, ends_m - starts_m)
    backs_m, starts_m, props = backs_m[is_back], starts_m[is_back], surfaces.props[triangles[is_back]]
    for prop, first, count in zip(*np.unique(props, return_index=True, return_counts=True), strict=True):
        if count >= _FEWEST_BACKS:
            detail = f"{count} of {rays} rays, one from {_text(starts_m[first])}"
            yield _finding("seen-from-behind", surfaces.name(int(prop)), backs_m[first], detail)


def _rays_to_all_sides(
    cameras_m: Float[np.ndarray, "cameras 3"],
) -> tuple[Float[np.ndarray, "rays 3"], Float[np.ndarray, "rays 3"]]:
    """Starts and ends of rays from each camera, evenly spread over the sphere."""
    number = np.arange(_RAYS) + 0.5
    z, turn = 1 - 2 * number / _RAYS, number * np.pi * (1 + 5**0.5)
    across = np.sqrt(1 - z**2)
    ways = np.stack([across * np.cos(turn), across * np.sin(turn), z], axis=-1)
    starts_m = cameras_m.repeat(_RAYS, axis=0)
    return starts_m, starts_m + _ABOVE_M * np.tile(ways, (len(cameras_m), 1))


def _backs_m(surfaces: LevelSurfaces, starts_m: Points, ends_m: Points) -> Points:
    """Where rays meet the back of a surface: the first front on the way back from where they stop."""
    along_m = ends_m - starts_m
    ahead_m = np.minimum(surfaces.first_hits_m(starts_m, ends_m), _ABOVE_M) - 1e-6
    stops_m = starts_m + along_m * (ahead_m / _ABOVE_M)[:, None]
    back_m = surfaces.first_hits_m(stops_m, starts_m)
    return stops_m - along_m * (back_m / _ABOVE_M)[:, None]


def _is_thin(surfaces: LevelSurfaces, points_m: Points, along_m: Points) -> Bool[np.ndarray, "points"]:
    """Whether points are at the edge of a thin piece: a front that faces the ray is next to them."""
    query, triangle = surfaces.near(points_m, np.full(len(points_m), _THIN_M))
    p0, p1, p2 = np.moveaxis(surfaces.corners_m[triangle], 1, 0)
    faces = (np.cross(p1 - p0, p2 - p0) * along_m[query]).sum(axis=1) < 0
    found = np.zeros(len(points_m), dtype=bool)
    found[query[faces & (point_distances_m(points_m[query], surfaces.corners_m[triangle]) < _THIN_M)]] = True
    return found


def _floating_findings(environment: Environment, surfaces: LevelSurfaces) -> Iterator[LevelFinding]:
    spots_m = np.array([spot.position_m for spot in environment.spots])
    for part in floating_parts(surfaces, spots_m):
        yield _finding("floating", surfaces.name(part.prop), part.centre_m, f"a part of {part.size_m:.2f} m")


def _camera_places_m(spot: Spot, radius_m: float) -> Float[np.ndarray, "places 3"]:
    """Places on hemispheres around a spot."""
    turn = np.arange(_TURNS) * 2 * np.pi / _TURNS
    elevation = np.radians(_ELEVATIONS_DEG)[:, None]
    ways = np.stack(
        [
            np.cos(elevation) * np.cos(turn),
            np.cos(elevation) * np.sin(turn),
            np.sin(elevation) + 0 * turn,
        ],
        axis=-1,
    ).reshape(-1, 3)
    distances_m = radius_m * np.array(_DISTANCES)
    return np.array(spot.position_m) + _AIM_M * _UP + (distances_m[:, None, None] * ways).reshape(-1, 3)


def is_camera_place(
    surfaces: LevelSurfaces, places_m: Float[np.ndarray, "places 3"], feet_m: Float[np.ndarray, "3"]
) -> Bool[np.ndarray, "places"]:
    """Whether cameras are free and see a character."""
    chest_m = np.broadcast_to(feet_m + _AIM_M * _UP, places_m.shape)
    head_m = chest_m + (_EYES_M - _AIM_M) * _UP
    sees = has_line_of_sight(surfaces, places_m, chest_m) | has_line_of_sight(surfaces, places_m, head_m)
    is_outside = surfaces.is_inside(places_m) | is_behind_surface(surfaces, places_m, chest_m)
    is_clear = surfaces.distances_m(places_m, _CLEARANCE_M) >= _CLEARANCE_M
    return sees & ~is_outside & is_clear


def _seen_grid_m(environment: Environment, surfaces: LevelSurfaces) -> Points:
    """Points at eye level that are seen from a spot, a third of a metre apart."""
    reach_m = environment.radius_m
    steps_m = np.arange(-reach_m, reach_m + 0.01, 0.33)
    flat = np.stack(np.meshgrid(steps_m, steps_m), axis=-1).reshape(-1, 2)
    flat = flat[np.linalg.norm(flat, axis=1) <= reach_m]
    found = []
    for spot in environment.spots:
        eyes_m = np.array(spot.position_m) + _EYES_M * _UP
        points_m = eyes_m + np.column_stack([flat, np.zeros(len(flat))])
        seen = has_line_of_sight(surfaces, np.broadcast_to(eyes_m, points_m.shape), points_m)
        seen &= has_line_of_sight(surfaces, points_m, np.broadcast_to(eyes_m, points_m.shape))
        found.append(points_m[seen])
    points_m = np.concatenate(found)
    return points_m[~surfaces.is_inside(points_m)]


def _finding(reason: str, where: str, place_m: np.ndarray, detail: str) -> LevelFinding:
    x, y, z = place_m.round(2).tolist()
    return LevelFinding(reason=reason, where=where, place_m=(x, y, z), detail=detail)


def _text(place_m: np.ndarray) -> str:
    return "({:.1f}, {:.1f}, {:.1f})".format(*place_m)
