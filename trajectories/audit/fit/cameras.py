"""What each camera of a set does, as ranks among what the rules allow: one value per clip, NaN if unknown."""

import numpy as np
from jaxtyping import Bool, Float, Int

from ...clip_table import ClipTable
from ...rigs import camera_name
from ...sampling.rules import MAX_CAMERAS, MAX_WAYPOINTS, Range, Rules
from ..measured.chosen_settings import axis_index, lens_index
from ..measured.measures import Measures
from ..measured.quantities import amplitudes_of, quantities_of, radius_cdf

PerClip = Float[np.ndarray, "clips"]
# Step sizes of random moves before scaling, as sampled: their ratio has a known distribution.
_LARGEST_STEP = 3.0


def cameras_of(
    clips: ClipTable,
    measures: Measures,
    rules: Rules,
    starts: Int[np.ndarray, "starts"],
    *,
    states_moves: bool,
) -> dict[str, np.ndarray]:
    """The values of clips by name; ranks are cumulative probabilities under the rules, from 0 to 1.

    ``amount`` is the rank of a signed amplitude, ``size`` that of its magnitude, ``speed`` that of a;
    ``heading`` is that of random moves, as a share of a whole turn, ``height`` their way up or down, ``rise``
    that of their first step.
    """
    moved = clips["motion"] == "translation"
    is_variable, is_timed = clips["speed_class"] == "variable", has_curve(clips)
    names = {camera_name(index): index for index in range(MAX_CAMERAS)}
    cameras, number = np.unique(clips["camera"], return_inverse=True)
    slots = np.array([names.get(name, np.nan) for name in cameras.tolist()])
    axis, lens = axis_index(clips, rules), lens_index(clips, rules)
    found = {
        "radius": radius_ranks(clips, measures, rules),
        "elevation": _cdf_of(rules, "start_elevation_deg", measures.elevation_deg),
        "azimuth": measures.azimuth_deg / 360,
        **_amounts(clips, measures, rules, states_moves=states_moves),
        "speed": np.where(is_variable, _cdf_of(rules, "speed_a", clips["speed_a"]), np.nan),
        "is_constant": np.where(is_timed, clips["speed_class"] == "constant", np.nan),
        "tracks": np.where(moved, clips["is_tracking"], np.nan),
        "along": np.where(axis < 0, np.nan, axis),
        "lens_of": np.where(lens < 0, np.nan, lens),
        # Other files may be in the order of their lenses.
        "lens_in_order": np.where((lens < 0) | (not states_moves), np.nan, lens),
        "slot": slots[number.ravel()],
        **_of_random(clips, rules, states_moves=states_moves),
    }
    found = {name: values.astype(np.float32) for name, values in found.items()}
    is_start, is_first = np.zeros((2, len(clips)), dtype=bool)
    is_start[starts] = is_first[clips.take_starts] = True
    return found | {"is_start": is_start, "is_first": is_first}


def radius_ranks(clips: ClipTable, measures: Measures, rules: Rules) -> PerClip:
    """Cumulative probability of each start distance, given the largest distance that its rig could have."""
    radius_m, limits_m = measures.radius_m, clips["radius_limit_m"]
    ranks = np.full(len(clips), np.nan)
    for limit_m in np.unique(limits_m[np.isfinite(limits_m)]).tolist():
        if limit_m > rules.radius_m[0]:
            ranks[limits_m == limit_m] = radius_cdf(rules, limit_m)(radius_m[limits_m == limit_m])
    is_unknown = ~np.isfinite(limits_m)
    if rules.radius_m[1] > rules.radius_m[0]:
        ranks[is_unknown] = _cdf_of(rules, "start_radius_m", radius_m[is_unknown])
    return ranks


def random_moves(clips: ClipTable, rules: Rules, *, states_moves: bool) -> dict[str, np.ndarray]:
    """Directions of random moves, and how their steps follow each other, as ranks from 0 to 1.

    ``random_height`` and ``random_heading`` are those of the way from the first to the last position. Turns
    and spins are the directions of steps relative to the one before, ``waypoint_step`` the ratio of the first
    two steps; poses do not show them.
    """
    rows = np.flatnonzero(clips["motion"] == "random")
    way_m = _way_m(clips)[rows]
    steps_m = _steps_m(clips, rows if states_moves else rows[:0])
    return {"random_height": _height(way_m), "random_heading": _heading(way_m), **_steps(steps_m, rules)}


def _of_random(clips: ClipTable, rules: Rules, *, states_moves: bool) -> dict[str, PerClip]:
    """What random moves choose; NaN for other motions, and for what poses do not show."""
    rows, way_m = np.flatnonzero(clips["motion"] == "random"), _way_m(clips)
    found = {name: np.full(len(clips), np.nan) for name in ("heading", "height", "waypoint_index", "rise")}
    found["heading"][rows], found["height"][rows] = _heading(way_m[rows]), _height(way_m[rows])
    if states_moves:
        count, (fewest, most) = clips.waypoint_counts[rows], rules.waypoints
        is_valid = (count >= fewest) & (count <= most)
        found["waypoint_index"][rows] = np.where(is_valid, count - fewest, np.nan)
        found["rise"][rows] = _height(_steps_m(clips, rows)[:, 0])
    return found


def _way_m(clips: ClipTable) -> Float[np.ndarray, "clips 3"]:
    """From the first to the last position."""
    position_m = clips.poses.position_m
    return position_m[:, -1] - position_m[:, 0]


def _heading(way_m: Float[np.ndarray, "clips 3"]) -> PerClip:
    return np.where(way_m.any(axis=1), _turn(way_m[:, 0], way_m[:, 1]), np.nan)


def _height(way_m: Float[np.ndarray, "clips 3"]) -> PerClip:
    """Rank of the angle to the vertical among all directions: 0 is down, 1 is up."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return (way_m[:, 2] / np.linalg.norm(way_m, axis=1) + 1) / 2


def _steps_m(clips: ClipTable, rows: Int[np.ndarray, "rows"]) -> Float[np.ndarray, "rows steps 3"]:
    """The steps between waypoints; NaN after the last one."""
    return np.diff(clips.waypoints_m(MAX_WAYPOINTS)[rows], axis=1, prepend=0.0)


def _steps(steps_m: Float[np.ndarray, "clips steps 3"], rules: Rules) -> dict[str, np.ndarray]:
    size_m = np.linalg.norm(steps_m, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        axes = steps_m / size_m[..., None]
        before, after = axes[:, :-1], axes[:, 1:]
        widest = np.cos(np.radians(rules.max_turn_deg))
        cosine = (before * after).sum(axis=-1)
        # The first spin is relative to the vertical, each later one to the plane of the two steps before.
        against = np.concatenate(
            [np.broadcast_to([0.0, 0.0, 1.0], axes[:, :1].shape), before[:, :-1]], axis=1
        )
        side = np.cross(before, against)
        spin = _turn((after * side).sum(axis=-1), (after * np.cross(before, side)).sum(axis=-1))
        ratio = size_m[:, 1:] / size_m[:, :-1]
        turn = (cosine - widest) / (1 - widest)
    return {
        "waypoint_turn": turn.ravel(),
        "waypoint_spin": spin.ravel(),
        "waypoint_step": _step_rank(ratio[:, 0]),
        "waypoint_later_step": _step_rank(ratio[:, 1]),
    }


def _step_rank(ratio: PerClip) -> PerClip:
    """Cumulative probability of the ratio of two numbers that are uniform from 0.5 to 1.5."""
    small = np.clip(np.minimum(ratio, 1 / ratio), 1 / _LARGEST_STEP, 1.0)
    rank = 1.125 * small - 0.75 + 0.125 / small
    return np.where(ratio <= 1, rank, 1 - rank)


def _amounts(clips: ClipTable, measures: Measures, rules: Rules, *, states_moves: bool) -> dict[str, PerClip]:
    """Ranks of the first amplitude of each motion: signed, and of its magnitude, and the sign."""
    signed, sign = np.full((2, len(clips)), np.nan)
    size = np.full(len(clips), np.nan)
    # The pan of a pan_tilt is set after its tilt.
    for amplitude in reversed(amplitudes_of(rules)):
        rows = np.isin(clips["motion"], list(amplitude.columns))
        values = getattr(measures, amplitude.name)[rows]
        if states_moves and not amplitude.is_signed:
            # Chords between frames are shorter than a curve.
            values = (clips["distance_m"] / measures.radius_m)[rows]
        size[rows] = _within(np.abs(values), amplitude.bounds)
        signed[rows] = size[rows]
        if amplitude.is_signed:
            sign[rows] = values > 0
            signed[rows] = np.where(values > 0, 0.5 + size[rows] / 2, 0.5 - size[rows] / 2)
    return {"amount": signed, "size": size, "sign": sign}


def _within(values: np.ndarray, bounds: Range) -> np.ndarray:
    low, high = bounds
    return np.clip((values - low) / ((high - low) or 1.0), 0.0, 1.0)


def _cdf_of(rules: Rules, name: str, values: np.ndarray) -> np.ndarray:
    (cdf,) = (quantity.cdf for quantity in quantities_of(rules) if quantity.name == name)
    return values * np.nan if cdf is None else np.where(np.isfinite(values), cdf(values), np.nan)


def has_curve(clips: ClipTable) -> Bool[np.ndarray, "clips"]:
    """Which clips have a speed curve: those that move, and do not rest at waypoints."""
    return np.asarray((clips["motion"] != "static") & (clips["speed_class"] != "eased"))


def _turn(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The direction of (x, y) as a share of a whole turn."""
    return np.arctan2(y, x) / (2 * np.pi) % 1
