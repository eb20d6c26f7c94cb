"""From uniform numbers to a table of moves: every draw is an inverse distribution function of one number.

Each number has a fixed place in its rig's budget, so adding a rule never shifts another draw.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Bool, Float, Int

from ..poses import CameraPose
from ..splines import curve_length_m
from .moves import KINDS, Moves
from .rules import AXES, MAX_WAYPOINTS, Range, Rules

DRAWS_PER_RIG = 16
DRAWS_PER_CAMERA = 32
# Places within a camera's draws; a rig's own start uses the first three alike.
_AZIMUTH, _ELEVATION, _RADIUS, _KIND = 0, 1, 2, 3
_PACE_ORDER, _PACE_ODD, _A_SIGN, _A_SIZE = 4, 5, 6, 7
_AMOUNT, _SIGN, _AIM, _SECOND_AMOUNT, _WAYPOINT_COUNT, _WAYPOINTS, _SECOND_SIGN = 8, 9, 10, 11, 12, 13, 22
# Places within a rig's draws, after its start.
_LENS, _LIMIT, _LAYOUT = 3, 4, 5

# A camera that is drawn again keeps its motion and its pace, so that the rig keeps its shares of both.
KEPT_DRAWS = [_KIND, _PACE_ORDER, _PACE_ODD]

RigDraws = Float[np.ndarray, "rigs draws"]
CameraDraws = Float[np.ndarray, "rigs cameras camera_draws"]
Rows = Float[np.ndarray, "rows _"]
_UNIT = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64)


def draw_lens(rules: Rules, of_rig: RigDraws) -> Int[np.ndarray, "rigs"]:
    """Index into ``rules.lenses``, one lens a rig."""
    return (of_rig[:, _LENS] * len(rules.lenses)).astype(np.int64)


def draw_layout(rules: Rules, of_rig: RigDraws) -> Bool[np.ndarray, "rigs"]:
    """Which rigs start every camera at a pose of its own."""
    share = {"shared": 0.0, "independent": 1.0, "mixed": rules.independent_share}[rules.layout]
    return of_rig[:, _LAYOUT] < share


def draw_starts(
    rules: Rules,
    pivots_m: Float[np.ndarray, "rigs 3"],
    of_rig: RigDraws,
    of_camera: CameraDraws,
    is_independent: Bool[np.ndarray, "rigs"],
) -> CameraPose:
    """Start poses ``(rigs, cameras)``; where a rig shares its start, the same numbers for all its cameras."""
    limits_m = rules.radius_limits_m or (rules.radius_m[1],)
    farthest_m = np.array(limits_m)[(of_rig[:, _LIMIT] * len(limits_m)).astype(np.int64)]
    shared = _start(rules, pivots_m, of_rig, farthest_m)
    starts = np.repeat(shared.world_from_camera[:, None], of_camera.shape[1], axis=1)
    for rig in np.flatnonzero(is_independent):
        around = np.repeat(pivots_m[rig : rig + 1], of_camera.shape[1], axis=0)
        limit = np.repeat(farthest_m[rig : rig + 1], of_camera.shape[1])
        starts[rig] = _start(rules, around, of_camera[rig], limit).world_from_camera
    return CameraPose(starts)


def draw_moves(
    rules: Rules, of_camera: CameraDraws, starts: CameraPose, pivots_m: Float[np.ndarray, "rigs 3"]
) -> Moves:
    """Moves of all cameras, rig by rig."""
    _, cameras, draws = of_camera.shape
    kind = _kinds(rules, of_camera)
    moves = Moves.empty(kind.ravel())
    moves.speed_a[:] = _speeds(rules, of_camera, kind).ravel()
    flat = of_camera.reshape(-1, draws)
    away_m = starts.position_m.reshape(-1, 3) - np.repeat(pivots_m, cameras, axis=0)
    rotation = starts.rotation.reshape(-1, 3, 3)
    for name, draw in _DRAW.items():
        rows = np.flatnonzero(moves.kind == KINDS.index(name))
        if len(rows):
            draw(rules, moves, rows, flat[rows], away_m[rows], rotation[rows])
    return moves


def _start(
    rules: Rules,
    pivots_m: Float[np.ndarray, "rows 3"],
    u: Rows,
    farthest_m: Float[np.ndarray, "rows"],
) -> CameraPose:
    """Start poses on the hemisphere around the pivots, aiming at them."""
    azimuth = 2 * np.pi * u[:, _AZIMUTH]
    low, high = np.radians(rules.elevation_deg)
    if rules.elevation_measure == "area":
        elevation = np.arcsin(_between(u[:, _ELEVATION], (np.sin(low), np.sin(high))))
    else:
        elevation = _between(u[:, _ELEVATION], (low, high))
    radius_m = _radius_m(rules, u[:, _RADIUS], farthest_m)
    level = np.cos(elevation)
    outward = np.stack([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)], axis=-1)
    return CameraPose.looking(pivots_m + radius_m[:, None] * outward, -outward)


def _radius_m(rules: Rules, u: np.ndarray, farthest_m: np.ndarray) -> Float[np.ndarray, "rows"]:
    nearest_m = np.minimum(rules.radius_m[0], farthest_m)
    match rules.radius_measure:
        case "radius":
            return nearest_m + u * (farthest_m - nearest_m)
        case "volume":
            return np.cbrt(nearest_m**3 + u * (farthest_m**3 - nearest_m**3))
        case "log":
            return nearest_m * (farthest_m / nearest_m) ** u


def _kinds(rules: Rules, u: CameraDraws) -> Int[np.ndarray, "rigs cameras"]:
    joint = {"pan": "pan_tilt", "tilt": "pan_tilt"} if rules.pan_tilt == "joint" else {}
    slots = np.array([KINDS.index(joint.get(slot, slot)) for slot in rules.slots])
    if rules.slot_layout == "stratified":
        return np.repeat(slots[None], len(u), axis=0)
    chances = np.ones(len(slots))
    if rules.weights:
        alike = [rules.slots.count(slot) for slot in rules.slots]
        chances = np.array([rules.weights.get(slot, 0.0) for slot in rules.slots]) / alike
    edges = np.cumsum(chances) / chances.sum()
    return slots[np.searchsorted(edges[:-1], u[..., _KIND], side="right")]


def _speeds(
    rules: Rules, u: CameraDraws, kind: Int[np.ndarray, "rigs cameras"]
) -> Float[np.ndarray, "rigs cameras"]:
    """Eq. 10's ``a``: by coin, or the constant share of each rig's cameras of a kind, an odd one by coin."""
    size = _between(u[..., _A_SIZE], rules.speed_a)
    speed_a = np.where(u[..., _A_SIGN] < 0.5, -size, size)
    if rules.pace == "iid":
        is_constant = u[..., _PACE_ODD] < rules.constant_share
    else:
        is_alike = kind[:, :, None] == kind[:, None, :]
        is_before = u[:, None, :, _PACE_ORDER] < u[:, :, None, _PACE_ORDER]
        place = (is_alike & is_before).sum(axis=-1)
        wanted = rules.constant_share * is_alike.sum(axis=-1)
        whole = np.floor(wanted)
        is_constant = (place < whole) | ((place == whole) & (u[..., _PACE_ODD] < wanted - whole))
    unpaced = ["static", "random"] if rules.spline == "unreal_keys" else ["static"]
    is_unpaced = np.isin(kind, [KINDS.index(name) for name in unpaced])
    return np.where(is_constant | is_unpaced, 0.0, speed_a)


def _turn(rules: Rules, moves: Moves, rows: np.ndarray, u: Rows, bounds: Range) -> None:
    moves.angle_deg[rows] = _signed(rules, u[:, _AMOUNT], u[:, _SIGN], bounds)


def _draw_pan(rules: Rules, moves: Moves, rows: np.ndarray, u: Rows, *_: np.ndarray) -> None:
    _turn(rules, moves, rows, u, rules.pan_deg)


def _draw_tilt(rules: Rules, moves: Moves, rows: np.ndarray, u: Rows, *_: np.ndarray) -> None:
    _turn(rules, moves, rows, u, rules.tilt_deg)


def _draw_pan_tilt(rules: Rules, moves: Moves, rows: np.ndarray, u: Rows, *_: np.ndarray) -> None:
    _turn(rules, moves, rows, u, rules.pan_deg)
    moves.tilt_deg[rows] = _signed(rules, u[:, _SECOND_AMOUNT], u[:, _SECOND_SIGN], rules.tilt_deg)


def _draw_arc(rules: Rules, moves: Moves, rows: np.ndarray, u: Rows, *_: np.ndarray) -> None:
    _turn(rules, moves, rows, u, rules.arc_deg)
    moves.is_tracking[rows] = True


def _draw_translation(
    rules: Rules, moves: Moves, rows: np.ndarray, u: Rows, away_m: np.ndarray, rotation: np.ndarray
) -> None:
    axes = _UNIT[[AXES.index(axis) for axis in rules.translation_axes]]
    direction = axes[(u[:, _SIGN] * len(axes)).astype(np.int64)]
    if rules.translation_frame == "camera":
        direction = (rotation @ direction[..., None])[..., 0]
    elif rules.translation_frame == "subject":
        direction = (_around_subject(away_m) @ direction[..., None])[..., 0]
    distance_m = np.linalg.norm(away_m, axis=-1)
    moves.direction[rows] = direction
    moves.distance_m[rows] = _amount(rules, u[:, _AMOUNT], rules.translation_ratio) * distance_m
    moves.is_tracking[rows] = u[:, _AIM] < rules.track_share


def _draw_random(
    rules: Rules, moves: Moves, rows: np.ndarray, u: Rows, away_m: np.ndarray, rotation: np.ndarray
) -> None:
    fewest, most = rules.waypoints
    count = np.floor(fewest + u[:, _WAYPOINT_COUNT] * (most - fewest + 1))
    points = _waypoints(u[:, _WAYPOINTS : _WAYPOINTS + 3 * MAX_WAYPOINTS], np.radians(rules.max_turn_deg))
    length_m = _amount(rules, u[:, _AMOUNT], rules.random_ratio) * np.linalg.norm(away_m, axis=-1)
    scale = length_m / curve_length_m(points, count, rules.spline)
    moves.waypoints_m[rows] = points * scale[:, None, None]
    moves.waypoint_count[rows] = count
    moves.distance_m[rows] = length_m
    moves.is_tracking[rows] = True


_DRAW: dict[str, Callable[..., None]] = {
    "pan": _draw_pan,
    "tilt": _draw_tilt,
    "pan_tilt": _draw_pan_tilt,
    "arc": _draw_arc,
    "translation": _draw_translation,
    "random": _draw_random,
}


def _around_subject(away_m: Float[np.ndarray, "rows 3"]) -> Float[np.ndarray, "rows 3 3"]:
    """Axes away from the subject (level), around it (counter-clockwise), and up, as columns."""
    level = away_m[:, :2] / np.linalg.norm(away_m[:, :2], axis=-1, keepdims=True)
    axes = np.zeros((len(away_m), 3, 3))
    axes[:, :2, 0] = level
    axes[:, 0, 1], axes[:, 1, 1] = -level[:, 1], level[:, 0]
    axes[:, 2, 2] = 1.0
    return axes


def _waypoints(u: Rows, max_turn_rad: float) -> Float[np.ndarray, "rows waypoints 3"]:
    """Steps in isotropic directions, each within a cone around the one before, summed into waypoints."""
    step, points = np.zeros((len(u), 3)), []
    axis = np.broadcast_to(np.array([0.0, 0.0, 1.0]), (len(u), 3))
    widest = np.cos(np.pi)
    for waypoint in range(MAX_WAYPOINTS):
        size, lean, spin = u[:, 3 * waypoint : 3 * waypoint + 3].T
        axis = _leaning(axis, _between(lean, (widest, 1.0)), 2 * np.pi * spin)
        step = step + axis * _between(size, (0.5, 1.5))[:, None]
        points.append(step)
        widest = np.cos(max_turn_rad)
    return np.stack(points, axis=1)


def _leaning(
    axis: Float[np.ndarray, "rows 3"], cosine: Float[np.ndarray, "rows"], spin_rad: Float[np.ndarray, "rows"]
) -> Float[np.ndarray, "rows 3"]:
    """Unit vectors at a given angle from ``axis``, spun about it."""
    side = np.where(np.abs(axis[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    first = np.cross(axis, side)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    second = np.cross(axis, first)
    around = np.cos(spin_rad)[:, None] * first + np.sin(spin_rad)[:, None] * second
    sine = np.sqrt(np.maximum(0.0, 1 - cosine**2))
    return cosine[:, None] * axis + sine[:, None] * around


def _between(u: Float[np.ndarray, "*batch"], bounds: Range) -> Float[np.ndarray, "*batch"]:
    low, high = bounds
    return low + u * (high - low)


def _amount(rules: Rules, u: Float[np.ndarray, "rows"], bounds: Range) -> Float[np.ndarray, "rows"]:
    """Uniform within the bounds, or one of the rules' levels of them."""
    if rules.amplitude_levels:
        levels = np.array(rules.amplitude_levels)
        u = levels[(u * len(levels)).astype(np.int64)]
    return _between(u, bounds)


def _signed(
    rules: Rules, amount: Float[np.ndarray, "rows"], sign: Float[np.ndarray, "rows"], bounds: Range
) -> Float[np.ndarray, "rows"]:
    return np.where(sign < 0.5, -1.0, 1.0) * _amount(rules, amount, bounds)
