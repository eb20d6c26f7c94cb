"""From uniform random numbers to rig parameters: each is an inverse distribution function of one number.

Each number has a fixed position among the numbers of its rig, so a new rule never changes another parameter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from jaxtyping import Bool, Float, Int

from ..poses import CameraPose
from ..shake import SHAKE_SEEDS, SHAKES
from ..splines import curve_length_m
from .moves import KINDS, Moves
from .rules import AXES, MAX_WAYPOINTS, Range, Rules

NUMBERS_PER_RIG = 16
NUMBERS_PER_CAMERA = 32


class OfRig(IntEnum):
    """Positions among the numbers of a rig."""

    AZIMUTH, ELEVATION, RADIUS, LENS, RADIUS_LIMIT, LAYOUT = range(6)


class OfCamera(IntEnum):
    """Positions among the numbers of a camera. The start uses the same positions as that of a rig."""

    AZIMUTH, ELEVATION, RADIUS, SLOT = range(4)
    SPEED_ORDER, SPEED_REMAINDER, SPEED_SIGN, SPEED_SIZE = range(4, 8)
    AMOUNT, SIGN, TRACKING, TILT_AMOUNT, WAYPOINT_COUNT, WAYPOINTS = range(8, 14)
    TILT_SIGN = WAYPOINTS + 3 * MAX_WAYPOINTS
    SHAKE = TILT_SIGN + 1


# A camera that is sampled again keeps its motion and speed class, so the rig keeps its shares of both.
KEPT_NUMBERS = (OfCamera.SLOT, OfCamera.SPEED_ORDER, OfCamera.SPEED_REMAINDER)

RigNumbers = Float[np.ndarray, "rigs rig_numbers"]
CameraNumbers = Float[np.ndarray, "rigs cameras camera_numbers"]
Rows = Float[np.ndarray, "rows _"]
_UNIT = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class Parameters:
    """Sampled parameters of some rigs, before paths are computed.

    Attributes:
        starts: start poses ``(rigs, cameras)``.
        moves: what each camera does, rig by rig (``rigs * cameras`` rows).
        lens_index: index into ``rules.lenses``; all cameras of a rig have one lens.
        radius_limit_m: largest start distance that the rig could have.
        is_independent: whether the cameras of a rig start at different poses.
    """

    starts: CameraPose
    moves: Moves
    lens_index: Int[np.ndarray, "rigs"]
    radius_limit_m: Float[np.ndarray, "rigs"]
    is_independent: Bool[np.ndarray, "rigs"]


def sample_parameters(
    rules: Rules, subjects_m: Float[np.ndarray, "rigs 3"], numbers: Float[np.ndarray, "rigs numbers"]
) -> Parameters:
    """Map uniform numbers to the parameters of rigs; each rig depends on its row alone.

    A row holds the ``NUMBERS_PER_RIG`` numbers of the rig, then ``NUMBERS_PER_CAMERA`` for each camera.
    """
    of_rig = numbers[:, :NUMBERS_PER_RIG]
    of_camera = numbers[:, NUMBERS_PER_RIG:].reshape(-1, len(rules.slots), NUMBERS_PER_CAMERA)
    limit_m = _choice(np.array(rules.largest_radii_m), of_rig[:, OfRig.RADIUS_LIMIT])
    share = {"shared": 0.0, "independent": 1.0, "mixed": rules.independent_share}[rules.layout]
    is_independent = of_rig[:, OfRig.LAYOUT] < share
    starts = _starts(rules, subjects_m, of_rig, of_camera, limit_m, is_independent)
    return Parameters(
        starts=starts,
        moves=_moves(rules, of_camera, starts, subjects_m),
        lens_index=_choice(np.arange(len(rules.lenses)), of_rig[:, OfRig.LENS]),
        radius_limit_m=limit_m,
        is_independent=is_independent,
    )


def _starts(
    rules: Rules,
    subjects_m: Float[np.ndarray, "rigs 3"],
    of_rig: RigNumbers,
    of_camera: CameraNumbers,
    limit_m: Float[np.ndarray, "rigs"],
    is_independent: Bool[np.ndarray, "rigs"],
) -> CameraPose:
    """Start poses ``(rigs, cameras)``."""
    cameras = of_camera.shape[1]
    shared = _start(rules, subjects_m, of_rig, limit_m)
    starts = np.repeat(shared.world_from_camera[:, None], cameras, axis=1)
    for rig in np.flatnonzero(is_independent):
        around_m = np.repeat(subjects_m[rig : rig + 1], cameras, axis=0)
        limits_m = np.repeat(limit_m[rig : rig + 1], cameras)
        starts[rig] = _start(rules, around_m, of_camera[rig], limits_m).world_from_camera
    return CameraPose(starts)


def _start(
    rules: Rules, subjects_m: Float[np.ndarray, "rows 3"], u: Rows, limit_m: Float[np.ndarray, "rows"]
) -> CameraPose:
    """Start poses on the hemispheres around the subjects, aiming at them."""
    azimuth = 2 * np.pi * u[:, OfRig.AZIMUTH]
    low, high = np.radians(rules.elevation_deg)
    if rules.elevation_measure == "area":
        elevation = np.arcsin(_between(u[:, OfRig.ELEVATION], (np.sin(low), np.sin(high))))
    else:
        elevation = _between(u[:, OfRig.ELEVATION], (low, high))
    radius_m = _radius_m(rules, u[:, OfRig.RADIUS], limit_m)
    level = np.cos(elevation)
    outward = np.stack([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)], axis=-1)
    return CameraPose.looking(subjects_m + radius_m[:, None] * outward, -outward)


def _radius_m(
    rules: Rules, u: Float[np.ndarray, "rows"], limit_m: Float[np.ndarray, "rows"]
) -> Float[np.ndarray, "rows"]:
    nearest_m = np.minimum(rules.radius_m[0], limit_m)
    match rules.radius_measure:
        case "radius":
            return nearest_m + u * (limit_m - nearest_m)
        case "volume":
            return np.cbrt(nearest_m**3 + u * (limit_m**3 - nearest_m**3))
        case "log":
            return nearest_m * (limit_m / nearest_m) ** u


def _slots(rules: Rules, u: CameraNumbers) -> Int[np.ndarray, "rigs cameras"]:
    """Index of the slot of each camera."""
    if rules.slot_layout == "stratified":
        return np.repeat(np.arange(len(rules.slots))[None], len(u), axis=0)
    edges = np.cumsum(rules.slot_chances)
    return np.searchsorted(edges[:-1], u[..., OfCamera.SLOT], side="right")


def _speeds(
    rules: Rules, u: CameraNumbers, kind: Int[np.ndarray, "rigs cameras"]
) -> Float[np.ndarray, "rigs cameras"]:
    """Sample ``a`` of eq. 10.

    Stratified sampling makes ``constant_share`` of the cameras of each rig and motion constant, in random
    order; the remainder of that number is the chance of one more.
    """
    size = _between(u[..., OfCamera.SPEED_SIZE], rules.speed_a)
    speed_a = np.where(u[..., OfCamera.SPEED_SIGN] < 0.5, -size, size)
    if rules.speed_sampling == "iid":
        is_constant = u[..., OfCamera.SPEED_REMAINDER] < rules.constant_share
    else:
        order = u[..., OfCamera.SPEED_ORDER]
        is_same = kind[:, :, None] == kind[:, None, :]
        place = (is_same & (order[:, None, :] < order[:, :, None])).sum(axis=-1)
        wanted = rules.constant_share * is_same.sum(axis=-1)
        certain = np.floor(wanted)
        has_one_more = u[..., OfCamera.SPEED_REMAINDER] < wanted - certain
        is_constant = (place < certain) | ((place == certain) & has_one_more)
    without_curve = ["static", "random"] if rules.spline == "unreal_keys" else ["static"]
    has_no_curve = np.isin(kind, [KINDS.index(name) for name in without_curve])
    return np.where(is_constant | has_no_curve, 0.0, speed_a)


@dataclass(frozen=True, kw_only=True)
class _Start:
    """Start of some cameras: offset from the subject, and rotation."""

    offset_m: Float[np.ndarray, "rows 3"]
    rotation: Float[np.ndarray, "rows 3 3"]

    @property
    def distance_m(self) -> Float[np.ndarray, "rows"]:
        return np.linalg.norm(self.offset_m, axis=-1)


def _moves(
    rules: Rules, of_camera: CameraNumbers, starts: CameraPose, subjects_m: Float[np.ndarray, "rigs 3"]
) -> Moves:
    """Moves of all cameras, rig by rig."""
    _, cameras, numbers = of_camera.shape
    slot = _slots(rules, of_camera)
    kind = np.array([KINDS.index(motion) for motion in rules.motions])[slot]
    moves = Moves.unset(kind.ravel())
    moves.shake[:] = np.array([SHAKES.index(shake) for shake in rules.shakes])[slot].ravel()
    seeds = (of_camera[..., OfCamera.SHAKE].ravel() * SHAKE_SEEDS).astype(np.int64)
    moves.shake_seed[:] = np.where(moves.shake > 0, seeds, 0)
    moves.speed_a[:] = _speeds(rules, of_camera, kind).ravel()
    offset_m = starts.position_m.reshape(-1, 3) - np.repeat(subjects_m, cameras, axis=0)
    rotation, u = starts.rotation.reshape(-1, 3, 3), of_camera.reshape(-1, numbers)
    for name, sample in _SAMPLE.items():
        rows = np.flatnonzero(moves.kind == KINDS.index(name))
        if len(rows):
            start = _Start(offset_m=offset_m[rows], rotation=rotation[rows])
            for column, values in sample(rules, u[rows], start).items():
                getattr(moves, column)[rows] = values
    return moves


Columns = dict[str, np.ndarray | bool]


def _pan(rules: Rules, u: Rows, start: _Start) -> Columns:
    return {"angle_deg": _signed(rules, u[:, OfCamera.AMOUNT], u[:, OfCamera.SIGN], rules.pan_deg)}


def _tilt(rules: Rules, u: Rows, start: _Start) -> Columns:
    return {"angle_deg": _signed(rules, u[:, OfCamera.AMOUNT], u[:, OfCamera.SIGN], rules.tilt_deg)}


def _pan_tilt(rules: Rules, u: Rows, start: _Start) -> Columns:
    tilt_deg = _signed(rules, u[:, OfCamera.TILT_AMOUNT], u[:, OfCamera.TILT_SIGN], rules.tilt_deg)
    return {**_pan(rules, u, start), "tilt_deg": tilt_deg}


def _arc(rules: Rules, u: Rows, start: _Start) -> Columns:
    angle_deg = _signed(rules, u[:, OfCamera.AMOUNT], u[:, OfCamera.SIGN], rules.arc_deg)
    return {"angle_deg": angle_deg, "is_tracking": True}


def _translation(rules: Rules, u: Rows, start: _Start) -> Columns:
    axes = _UNIT[[AXES.index(axis) for axis in rules.translation_axes]]
    direction = _choice(axes, u[:, OfCamera.SIGN])
    if rules.translation_frame == "camera":
        direction = (start.rotation @ direction[..., None])[..., 0]
    elif rules.translation_frame == "subject":
        direction = (_subject_axes(start.offset_m) @ direction[..., None])[..., 0]
    return {
        "direction": direction,
        "distance_m": _amount(rules, u[:, OfCamera.AMOUNT], rules.translation_ratio) * start.distance_m,
        "is_tracking": u[:, OfCamera.TRACKING] < rules.track_share,
    }


def _random(rules: Rules, u: Rows, start: _Start) -> Columns:
    fewest, most = rules.waypoints
    count = np.floor(fewest + u[:, OfCamera.WAYPOINT_COUNT] * (most - fewest + 1))
    of_points = u[:, OfCamera.WAYPOINTS : OfCamera.WAYPOINTS + 3 * MAX_WAYPOINTS]
    points = _waypoints(of_points, np.radians(rules.max_turn_deg))
    length_m = _amount(rules, u[:, OfCamera.AMOUNT], rules.random_ratio) * start.distance_m
    scale = length_m / curve_length_m(points, count, rules.spline)
    return {
        "waypoints_m": points * scale[:, None, None],
        "waypoint_count": count,
        "distance_m": length_m,
        "is_tracking": True,
    }


def _roll(rules: Rules, u: Rows, start: _Start) -> Columns:
    return {"angle_deg": _signed(rules, u[:, OfCamera.AMOUNT], u[:, OfCamera.SIGN], rules.roll_deg)}


def _zoom(rules: Rules, u: Rows, start: _Start) -> Columns:
    return {"zoom_ratio": _zoom_ratios(rules, u, rules.zoom_ratio)}


def _dolly_zoom(rules: Rules, u: Rows, start: _Start) -> Columns:
    return {"zoom_ratio": _zoom_ratios(rules, u, rules.dolly_zoom_ratio), "is_tracking": True}


def _zoom_ratios(rules: Rules, u: Rows, bounds: Range) -> Float[np.ndarray, "rows"]:
    """Factors that are uniform in their logarithm, within the bounds or their inverses."""
    low, high = np.log2(bounds)
    return np.exp2(_signed(rules, u[:, OfCamera.AMOUNT], u[:, OfCamera.SIGN], (low, high)))


_SAMPLE: dict[str, Callable[[Rules, Rows, _Start], Columns]] = {
    "pan": _pan,
    "tilt": _tilt,
    "pan_tilt": _pan_tilt,
    "arc": _arc,
    "translation": _translation,
    "random": _random,
    "roll": _roll,
    "zoom": _zoom,
    "dolly_zoom": _dolly_zoom,
}


def _subject_axes(offset_m: Float[np.ndarray, "rows 3"]) -> Float[np.ndarray, "rows 3 3"]:
    """Axes away from the subject (level), around it (counter-clockwise), and up, as columns."""
    level = offset_m[:, :2] / np.linalg.norm(offset_m[:, :2], axis=-1, keepdims=True)
    axes = np.zeros((len(offset_m), 3, 3))
    axes[:, :2, 0] = level
    axes[:, 0, 1], axes[:, 1, 1] = -level[:, 1], level[:, 0]
    axes[:, 2, 2] = 1.0
    return axes


def _waypoints(u: Rows, max_turn_rad: float) -> Float[np.ndarray, "rows waypoints 3"]:
    """Sums of steps in random directions; each step is within a cone around the one before."""
    step, points = np.zeros((len(u), 3)), []
    axis = np.broadcast_to(np.array([0.0, 0.0, 1.0]), (len(u), 3))
    widest = np.cos(np.pi)
    for waypoint in range(MAX_WAYPOINTS):
        size, lean, spin = u[:, 3 * waypoint : 3 * waypoint + 3].T
        axis = _tilted(axis, _between(lean, (widest, 1.0)), 2 * np.pi * spin)
        step = step + axis * _between(size, (0.5, 1.5))[:, None]
        points.append(step)
        widest = np.cos(max_turn_rad)
    return np.stack(points, axis=1)


def _tilted(
    axis: Float[np.ndarray, "rows 3"], cosine: Float[np.ndarray, "rows"], spin_rad: Float[np.ndarray, "rows"]
) -> Float[np.ndarray, "rows 3"]:
    """Unit vectors at a given angle to ``axis``, rotated about it by ``spin_rad``."""
    side = np.where(np.abs(axis[:, 2:]) < 0.9, [[0.0, 0.0, 1.0]], [[1.0, 0.0, 0.0]])
    first = np.cross(axis, side)
    first /= np.linalg.norm(first, axis=-1, keepdims=True)
    second = np.cross(axis, first)
    around = np.cos(spin_rad)[:, None] * first + np.sin(spin_rad)[:, None] * second
    sine = np.sqrt(np.maximum(0.0, 1 - cosine**2))
    return cosine[:, None] * axis + sine[:, None] * around


def _choice(items: np.ndarray, u: Float[np.ndarray, "rows"]) -> np.ndarray:
    """One of the items for each number, all equally likely."""
    return items[(u * len(items)).astype(np.int64)]


def _between(u: Float[np.ndarray, "*batch"], bounds: Range) -> Float[np.ndarray, "*batch"]:
    low, high = bounds
    return low + u * (high - low)


def _amount(rules: Rules, u: Float[np.ndarray, "rows"], bounds: Range) -> Float[np.ndarray, "rows"]:
    """Uniform within the bounds, or one of the rules' levels."""
    return _between(_choice(np.array(rules.amplitude_levels), u) if rules.amplitude_levels else u, bounds)


def _signed(
    rules: Rules, amount: Float[np.ndarray, "rows"], sign: Float[np.ndarray, "rows"], bounds: Range
) -> Float[np.ndarray, "rows"]:
    return np.where(sign < 0.5, -1.0, 1.0) * _amount(rules, amount, bounds)
