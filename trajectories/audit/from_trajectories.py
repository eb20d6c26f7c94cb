"""Trajectories of any file as a source of clips; the moves that no table states are recovered from poses."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from ..clip_source import ClipSource
from ..clip_table import ClipTable, iter_clips
from ..formats import format_of, iter_trajectories
from ..formats.tables import clips_of_trajectories
from ..formats.trajectory_set import NamedTrajectory
from ..sampling import PRESETS, Rules
from ..sampling.moves import speed_classes
from ..speed import TimeBase
from .layouts import Layouts
from .recovered.moves import RULES_MOTION, RecoveredMoves, recover_moves

_CLIPS_AT_ONCE = 4000
# A subject that moves less stands still.
_MOVED_M = 0.1
_ROTATIONS_IN_PLACE = ("static", "pan", "tilt", "pan_tilt")


def file_source(path: Path) -> ClipSource:
    """The clips of a clip table, or of a file or folder of any other readable format.

    The rules of a clip table that states moves are ``paper``; other files have no rules. InputError if the
    file cannot be read.
    """
    tables = FileTables(path)
    first = next(iter(tables), None)
    is_sampled = first is None or first.states_moves
    rules = PRESETS["paper"] if is_sampled else None
    return ClipSource(name=path.name, where=str(path), tables=tables, rules=rules, is_imported=not is_sampled)


@dataclass(frozen=True)
class FileTables:
    """The clips of a file or folder in tables of some thousand, complete takes together."""

    path: Path

    def __iter__(self) -> Iterator[ClipTable]:
        if self.path.exists() and format_of(self.path) == "clip_table":
            yield from iter_clips(self.path, where=str(self.path))
        else:
            yield from self._of_trajectories()

    def _of_trajectories(self) -> Iterator[ClipTable]:
        clips: list[NamedTrajectory] = []
        for _, group in groupby(iter_trajectories(self.path), key=lambda t: (t.take, t.frames)):
            take = list(group)
            if clips and (len(clips) + len(take) > _CLIPS_AT_ONCE or take[0].frames != clips[0].frames):
                yield clips_of_trajectories(clips, where=str(self.path))
                clips = []
            clips += take
        if clips:
            yield clips_of_trajectories(clips, where=str(self.path))


def with_recovered_moves(clips: ClipTable, rules: Rules | None) -> ClipTable:
    """The clips with motions, subjects, layouts and speeds recovered from their poses; they must be grouped.

    The time base is that of the rules, or the one under which amplitudes are round numbers, or ``closed``.
    Clips with improper poses are returned unchanged, as the last of their take.
    """
    is_proper = clips.is_proper
    if not is_proper.all():
        recovered = with_recovered_moves(clips.rows(is_proper), rules)
        return ClipTable.concatenated([recovered, clips.rows(~is_proper)]).grouped()
    found = recover_moves(clips)
    time_base: TimeBase = rules.time_base if rules else found.likely_time_base(clips.frames) or "closed"
    motion = np.array([RULES_MOTION.get(name, name) for name in found.motion.tolist()], dtype=np.str_)
    amount, speed_a = found.of_entire_move(clips.frames, time_base)
    layouts = Layouts.of(clips.replaced(subject_m=found.subject_m), is_exact=False)
    moved_m = clips.poses.position_m[:, -1] - clips.poses.position_m[:, 0]
    is_along_path = np.isin(motion, ("translation", "random", "unknown"))
    return clips.replaced(
        motion=motion,
        angle_deg=np.where(is_along_path, 0.0, amount),
        tilt_deg=found.tilt_deg,
        direction=moved_m / np.maximum(np.linalg.norm(moved_m, axis=1, keepdims=True), 1e-9),
        distance_m=np.where(is_along_path, np.abs(amount), 0.0),
        is_tracking=~np.isin(found.motion, ("translation_fixed", *_ROTATIONS_IN_PLACE)),
        speed_class=speed_classes(motion, speed_a, found.is_eased),
        speed_a=speed_a,
        time_base=time_base,
        layout=layouts.names[clips.take_number],
        subject_m=found.subject_m,
        **_targets(clips, found),
    )


def _targets(clips: ClipTable, found: RecoveredMoves) -> dict[str, Any]:
    """What tracking cameras aim at, and the paths of subjects that no column has."""
    is_moving, points_m = found.target == "moving", clips.subject_points_m
    walks = np.linalg.norm(points_m - points_m[:, :1], axis=-1).max(axis=1) > _MOVED_M
    paths: list[np.ndarray | None] = [None] * len(clips)
    for row, path_m in zip(
        np.flatnonzero(is_moving), found.subject_points_m(is_moving, clips.frames), strict=True
    ):
        paths[row] = path_m.ravel()
    # Poses do not show whether a point that stays is a subject that stands still.
    aims_at_start = (found.target == "fixed") & walks
    return {
        "track_target": np.select([is_moving, aims_at_start], ["subject", "start"], "unknown"),
        "subject_path_m": clips.columns["subject_path_m"] if walks.any() else paths,
    }
