"""Clips without their shake, which follows from rules and seed: what is left is the move of the columns."""

import numpy as np

from ..clip_table import ClipTable
from ..poses import CameraPose
from ..sampling.rules import Rules
from ..shake import SHAKES, ShakeSample


def steady_clips(clips: ClipTable, rules: Rules | None) -> ClipTable:
    """The clips with the steady poses of those whose columns state a shake; without rules, the clips."""
    is_shaken = np.isin(clips["shake"], SHAKES[1:]) & (clips["fps"] > 0)
    if rules is None or not is_shaken.any():
        return clips
    found = clips.poses.world_from_camera.copy()
    kinds, seeds, rates = (clips[name].tolist() for name in ("shake", "shake_seed", "fps"))
    for row in np.flatnonzero(is_shaken).tolist():
        shake = ShakeSample.of(rules.shake(kinds[row]), seeds[row], fps=rates[row])
        time_s = np.arange(clips.frames) / rates[row]
        found[row] = shake.removed_from(clips.poses[row], time_s).world_from_camera
    return ClipTable(clips.columns, CameraPose(found))
