"""Faults that only the comparison with the entire set shows: its unit, and inverted poses.

Both are counted clip by clip, and decided when all clips are known.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from ...clip_table import ClipTable
from ...pose_arrays import as_track
from ..recovered.subjects import subjects_of
from .faults import Fault

# Takes of a set that is in metres reach no further: from cameras to what they look at, or along their paths.
_LARGE_M, _ODD_M = 60.0, 40.0
# Cameras that look at people are further away; in a set, all of them.
_SMALL_M, _SMALL_SET_M = 0.25, 0.1
_MILLIMETRES_M = 3000.0
# A take in another unit reaches this many times further than others, and so many deviations of logarithms.
_TIMES, _DEVIATIONS = 10.0, 4.5
# Of fewer takes the deviation is unknown.
_LEAST_TAKES = 8
# A camera in another unit reaches this many times further than the others of its take.
_TIMES_OF_OTHERS, _LEAST_OTHERS = 30.0, 2
_LEVEL, _NOT_LEVEL = np.sin(np.radians(0.2)), np.sin(np.radians(3.0))
_MOST = 0.9


@dataclass
class SetChecks:
    """Counts over all clips so far."""

    takes: list[str] = field(default_factory=list)
    reach_m: list[float] = field(default_factory=list)
    clips: int = 0
    level: int = 0
    inverted: list[tuple[str, str, float]] = field(default_factory=list)
    odd: list[Fault] = field(default_factory=list)

    def add(self, clips: ClipTable) -> None:
        """Count clips with proper poses, complete takes together."""
        if not len(clips):
            return
        self._count_level(clips)
        reach_m = _reach_m(clips)
        for start, size in zip(clips.take_starts.tolist(), clips.take_sizes.tolist(), strict=True):
            of_take = reach_m[start : start + size]
            take = str(clips["take"][start])
            names = clips["camera"][start : start + size]
            self.takes.append(take)
            self.reach_m.append(float(np.median(of_take)))
            self.odd += _odd_cameras(take, names, of_take)

    def faults(self) -> Iterator[Fault]:
        """What is wrong with the set, with takes, or with cameras."""
        yield from self._units()
        if self.clips and self.level + len(self.inverted) >= _MOST * self.clips:
            yield from self._inverted()

    def _count_level(self, clips: ClipTable) -> None:
        rotation = clips.poses.rotation
        # The right axis of a level camera is horizontal. That of the inverse of a pose is its first row.
        stated, inverse = np.abs(rotation[..., 2, 0]), np.abs(rotation[..., 0, 2])
        is_level = stated.max(axis=1) < _NOT_LEVEL
        is_inverted = ~is_level & (inverse.max(axis=1) < _LEVEL) & (np.median(stated, axis=1) > _NOT_LEVEL)
        self.clips += len(clips)
        self.level += int(is_level.sum())
        for clip in np.flatnonzero(is_inverted):
            roll_deg = float(np.degrees(np.arcsin(np.median(stated[clip]))))
            self.inverted.append((str(clips["take"][clip]), str(clips["camera"][clip]), roll_deg))

    def _inverted(self) -> Iterator[Fault]:
        takes = {take for take, _, _ in self.inverted}
        if len(takes) >= _MOST * len(self.takes) and len(self.inverted) > _MOST / 2 * self.clips:
            figure = (
                f"{len(self.inverted)} of {self.clips} cameras are level only if their poses are inverted"
            )
            yield Fault(kind="inverted_poses", take="", cameras=(), evidence="poses", figure=figure)
            return
        for take, camera, roll_deg in self.inverted:
            figure = f"rolled by {roll_deg:.0f} deg, level if inverted"
            yield Fault(kind="inverted_poses", take=take, cameras=(camera,), evidence="poses", figure=figure)

    def _units(self) -> Iterator[Fault]:
        reach_m = np.array(self.reach_m)
        known = np.isfinite(reach_m) & (reach_m > 0)
        # The lower one of two, which shows that the other one is large.
        middle_m = float(np.quantile(reach_m[known], 0.5, method="lower")) if known.any() else 0.0
        if middle_m > _LARGE_M:
            unit = "millimetres" if middle_m > _MILLIMETRES_M else "centimetres"
            figure = f"takes reach {middle_m:.3g} m: the unit looks like {unit}"
            yield Fault(kind="wrong_unit", take="", cameras=(), evidence="poses", figure=figure)
            return
        if 0 < middle_m < _SMALL_SET_M:
            figure = f"takes reach {middle_m:.3g} m: positions look divided by 100"
            yield Fault(kind="wrong_unit", take="", cameras=(), evidence="poses", figure=figure)
            return
        yield from self.odd
        times = _times(reach_m[known])
        for take, one_m, is_known in zip(self.takes, reach_m.tolist(), known.tolist(), strict=True):
            is_large = one_m > max(_ODD_M, times * middle_m)
            is_small = one_m < min(_SMALL_M, middle_m / times)
            if is_known and (is_large or is_small):
                what = "it looks like centimetres" if is_large else "it looks divided by 100"
                figure = f"it reaches {one_m:.3g} m, most takes {middle_m:.3g} m: {what}"
                yield Fault(kind="wrong_unit", take=take, cameras=(), evidence="poses", figure=figure)


def _times(reach_m: np.ndarray) -> float:
    """How many times further, or less far, than most a take in another unit reaches."""
    times = _TIMES
    if len(reach_m) >= _LEAST_TAKES:
        logs = np.log(reach_m)
        spread = 1.4826 * float(np.median(np.abs(logs - np.median(logs))))
        times = max(times, float(np.exp(_DEVIATIONS * spread)))
    return times


def _reach_m(clips: ClipTable) -> np.ndarray:
    """How far each camera is from what its rig looks at; how far it moves if that is unknown."""
    track = as_track(clips.poses)
    positions = clips.poses.position_m
    subject_m = subjects_of(track[:, 3], track[:, 2], clips.take_starts)
    distance_m = np.median(np.linalg.norm(positions - subject_m[:, None], axis=-1), axis=1)
    moved_m = np.linalg.norm(positions - positions[:, :1], axis=-1).max(axis=1)
    return np.where(np.isfinite(distance_m), distance_m, moved_m)


def _odd_cameras(take: str, names: np.ndarray, reach_m: np.ndarray) -> Iterator[Fault]:
    """Cameras that are far away from what all others of their take look at."""
    for camera in range(len(reach_m)) if len(reach_m) > _LEAST_OTHERS else ():
        others_m = float(np.median(np.delete(reach_m, camera)))
        if others_m > 0 and reach_m[camera] > max(_ODD_M, _TIMES_OF_OTHERS * others_m):
            figure = f"it is {reach_m[camera]:.3g} m away from the subject, the others {others_m:.3g} m"
            yield Fault(
                kind="wrong_unit", take=take, cameras=(str(names[camera]),), evidence="poses", figure=figure
            )
