"""The values that the laws of the rules are about, gathered part by part."""

import numpy as np
from jaxtyping import Bool

from ...motions import MOTIONS
from ...sampling.rules import Rules
from ..clips import Clips
from ..conformance import axis_index, lens_index, slots_of
from ..measured.measures import Measures
from ..measured.quantities import amplitudes_of, independent_starts, quantities_of

Sample = dict[str, np.ndarray]
_ONLY_STATED = ("waypoints", "is_tracking", "uneven_pace", "lens")


def law_sample(clips: Clips, measures: Measures, rules: Rules, *, is_stated: bool) -> Sample:
    """Values of some clips; arrays of the same name from other clips are appended to them.

    Clips that are not ``is_stated`` give none of what poses cannot tell.
    """
    once = independent_starts(clips)
    moving = clips.motion != "static"
    paced = moving & (clips.speed_class != "eased")
    rig_first = np.flatnonzero(np.diff(clips.rig, prepend=-1))
    sample = {q.name: q.of(clips, measures) for q in quantities_of(rules) if q.law is not None}
    sample["starts_redrawn"] = clips.attempt[once] > 0
    sample["clips_redrawn"] = clips.attempt > 0
    sample["start_place"] = np.array(
        [str(take).rpartition("_")[0] for take in clips.take[once]], dtype=np.str_
    )
    codes = {name: code for code, name in enumerate(MOTIONS)}
    sample["motion"] = np.array([codes.get(name, -1) for name in clips.motion.tolist()], dtype=np.int8)
    sample["is_constant"] = (clips.speed_class == "constant")[paced]
    sample["lens"] = lens_index(clips, rules)[rig_first].astype(np.int8)
    sample["is_independent"] = (clips.layout == "independent")[rig_first]
    is_moved, is_random = clips.motion == "translation", clips.motion == "random"
    sample["axis"] = axis_index(clips[is_moved], rules)
    sample["is_tracking"] = clips.moves.is_tracking[is_moved]
    sample["waypoints"] = clips.moves.waypoint_count[is_random].astype(np.int8)
    sample["translation_radius"] = measures.radius_m[is_moved]
    sample["random_radius"] = measures.radius_m[is_random]
    sample["uneven_pace"] = _uneven(clips, paced, rules)
    for amplitude in amplitudes_of(rules) if rules.amplitude_levels else ():
        rows = np.isin(clips.motion, list(amplitude.told_in))
        size = np.abs(getattr(measures, amplitude.name)[rows])
        span = (amplitude.bounds[1] - amplitude.bounds[0]) or 1.0
        sample[f"{amplitude.quantity}_level"] = (size - amplitude.bounds[0]) / span
    if is_stated:
        # Chords between frames fall short of the curve; the column does not, and replay ties it to the poses.
        sample["random_ratio"] = (clips.moves.distance_m / measures.radius_m)[is_random]
    else:
        sample |= {name: sample[name][:0] for name in _ONLY_STATED}
    return sample


def _uneven(clips: Clips, paced: Bool[np.ndarray, "clips"], rules: Rules) -> Bool[np.ndarray, "groups"]:
    """Rig by rig and motion by motion: is the number of constant cameras not the share's floor or ceiling?

    Where cameras lack, the share cannot be asked.
    """
    rows = clips[paced]
    if not len(rows):
        return np.zeros(0, dtype=bool)
    names, motion = np.unique(rows.motion, return_inverse=True)
    groups, group = np.unique(rows.rig * len(names) + motion, return_inverse=True)
    size = np.bincount(group)
    constant = np.bincount(group, weights=rows.speed_class == "constant")
    is_uneven = np.abs(constant - rules.constant_share * size) >= 1
    wanted = np.array([slots_of(rules).count(name) for name in names.tolist()])[groups % len(names)]
    return is_uneven[(size == wanted) | (rules.slot_layout == "iid")]
