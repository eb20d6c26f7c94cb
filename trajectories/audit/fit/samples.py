"""The values that the questions of an audit are about, collected table by table."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float, Int

from ...clip_table import ClipTable
from ...sampling.limits import ENGINE_PREFIX
from ...sampling.moves import KINDS, kinds_of
from ...sampling.rules import Rules
from ..layouts import Layouts
from ..measured.chosen_settings import lens_index
from ..measured.measures import Measures
from ..measured.quantities import amplitudes_of, independent_starts, quantities_of
from .cameras import cameras_of, has_curve, random_moves
from .question import Sample

# What poses do not show.
_ONLY_STATED = ("waypoints", "unbalanced", "lens", "radius_limit")


def sample_of(
    clips: ClipTable,
    measures: Measures,
    layouts: Layouts,
    rules: Rules,
    *,
    states_moves: bool,
    in_environments: bool,
) -> Sample:
    """The values of some clips; the arrays of several tables are concatenated by name.

    If the columns of the clips were recovered from poses (not ``states_moves``), columns that poses do not
    show are empty. The largest start distances are empty if environments may have lowered them.
    """
    is_shared = _is_shared(clips, layouts)
    starts = independent_starts(clips, is_shared)
    cameras = cameras_of(clips, measures, rules, starts, states_moves=states_moves)
    ranks = cameras["radius"][starts]
    sample = {
        **{q.name: q.of(clips, measures) for q in quantities_of(rules) if q.cdf is not None},
        **{name: values[np.isfinite(values)] for name, values in _of_starts(measures[starts])},
        "start_radius_rank": ranks[np.isfinite(ranks)],
        "starts_sampled_again": clips["attempt"][starts] > 0,
        "clips_sampled_again": clips["attempt"] > 0,
        "rejected_by_geometry": _is_rejected_by_geometry(clips),
        "motion": kinds_of(clips["motion"]).astype(np.int8),
        "is_slowing": (clips["speed_a"] > 0)[clips["speed_class"] == "variable"],
        **_of_rigs(clips, layouts, rules, in_environments=in_environments),
        **_of_random_moves(clips, rules),
        **random_moves(clips, rules, states_moves=states_moves),
        **cameras,
        "own_start": ~is_shared,
        **_levels(clips, measures, rules),
    }
    if states_moves:
        # The column is exact; chords between frames are shorter than the curve. Replay compares both.
        rows = (clips["motion"] == "random") & np.isfinite(measures.radius_m)
        return sample | {"random_ratio": (clips["distance_m"] / measures.radius_m)[rows]}
    return sample | {name: sample[name][:0] for name in _ONLY_STATED}


def _is_rejected_by_geometry(clips: ClipTable) -> Bool[np.ndarray, "clips"]:
    """Whether a path of a clip was rejected for a reason that poses do not show."""
    clip, reasons = clips.words("rejected_for")
    is_rejected = np.zeros(len(clips), dtype=bool)
    is_rejected[clip[np.char.startswith(reasons.astype(np.str_), ENGINE_PREFIX)]] = True
    return is_rejected


def _is_shared(clips: ClipTable, layouts: Layouts) -> Bool[np.ndarray, "clips"]:
    """Whether the cameras of a clip's rig share a start, on the poses; of a single camera, in its column."""
    measured = np.isin(layouts.kind, ("shared", "reversed"))[clips.take_number]
    is_one = (layouts.kind == "one")[clips.take_number]
    return np.where(is_one, clips["layout"] == "shared", measured)


def _of_starts(measures: Measures) -> Iterator[tuple[str, np.ndarray]]:
    yield "start_radius_m", measures.radius_m
    yield "start_elevation_deg", measures.elevation_deg
    yield "start_azimuth_deg", measures.azimuth_deg


def _of_rigs(
    clips: ClipTable, layouts: Layouts, rules: Rules, *, in_environments: bool
) -> dict[str, np.ndarray]:
    """What all cameras of a rig have in common, and how its motions and speeds are divided."""
    rigs = clips.take_starts
    limit_m = clips["radius_limit_m"][rigs[: 0 if in_environments else None]]
    return {
        "wrong_motions": _wrong_motions(clips, rules),
        "unbalanced": _unbalanced(clips, has_curve(clips), rules),
        "lens": lens_index(clips, rules)[rigs].astype(np.int8),
        "radius_limit": _index_of(limit_m, np.array(rules.largest_radii_m)),
        "is_independent": _is_independent(clips, layouts),
    }


def _of_random_moves(clips: ClipTable, rules: Rules) -> dict[str, np.ndarray]:
    """How many waypoints random moves have, -1 if the rules allow no such number, and which are eased."""
    is_random = clips["motion"] == "random"
    points = clips.waypoint_counts[is_random]
    return {
        "waypoints": np.where(points <= rules.waypoints[1], points - rules.waypoints[0], -1),
        "is_eased": (clips["speed_class"] == "eased")[is_random],
    }


def _levels(clips: ClipTable, measures: Measures, rules: Rules) -> dict[str, np.ndarray]:
    """Where amplitudes with a few levels are in their range, from 0 to 1."""
    found = {}
    for amplitude in amplitudes_of(rules) if rules.amplitude_levels else ():
        rows = np.isin(clips["motion"], list(amplitude.columns))
        low, high = amplitude.bounds
        size = np.abs(getattr(measures, amplitude.name)[rows])
        found[f"{amplitude.quantity}_level"] = (size - low) / ((high - low) or 1.0)
    return found


def _is_independent(clips: ClipTable, layouts: Layouts) -> Bool[np.ndarray, "rigs"]:
    """The layout of each rig on its poses; of a single camera, in its column."""
    column = clips["layout"][clips.take_starts] == "independent"
    return np.where(layouts.kind == "one", column, layouts.names == "independent")


def _wrong_motions(clips: ClipTable, rules: Rules) -> Int[np.ndarray, "rigs"]:
    """For each rig, how many of its cameras have another motion, are missing, or are too many.

    Rigs in which a motion is unknown are left out.
    """
    wanted = np.array([rules.motions.count(name) for name in (*KINDS, "")])
    kind = kinds_of(clips["motion"])
    cells = clips.take_number * len(wanted) + np.where(kind < 0, len(KINDS), kind)
    counts = np.bincount(cells, minlength=len(clips.take_starts) * len(wanted)).reshape(-1, len(wanted))
    missing, surplus = np.maximum(wanted - counts, 0), np.maximum(counts - wanted, 0)
    is_known = ~np.logical_or.reduceat(clips["motion"] == "unknown", clips.take_starts)
    return np.maximum(missing.sum(axis=1), surplus.sum(axis=1))[is_known]


def _unbalanced(
    clips: ClipTable, is_timed: Bool[np.ndarray, "clips"], rules: Rules
) -> Bool[np.ndarray, "groups"]:
    """For each rig and motion: is the number of constant speeds neither floor nor ceiling of their share?

    Rigs in which cameras are missing are left out.
    """
    if not is_timed.any():
        return np.zeros(0, dtype=bool)
    names, motion = np.unique(clips["motion"][is_timed], return_inverse=True)
    groups, group = np.unique(clips.take_number[is_timed] * len(names) + motion, return_inverse=True)
    size = np.bincount(group)
    constant = np.bincount(group, weights=clips["speed_class"][is_timed] == "constant")
    wanted = np.array([rules.motions.count(name) for name in names.tolist()])[groups % len(names)]
    is_unbalanced = np.abs(constant - rules.constant_share * size) >= 1
    return is_unbalanced[(size == wanted) | (rules.slot_layout == "iid")]


def _index_of(
    values: Float[np.ndarray, "values"], choices: Float[np.ndarray, "choices"]
) -> Int[np.ndarray, "values"]:
    """Index of each value among the choices, -1 for others."""
    is_equal = values[:, None] == choices
    return np.where(is_equal.any(axis=1), is_equal.argmax(axis=1), -1)
