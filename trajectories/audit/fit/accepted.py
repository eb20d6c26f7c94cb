"""What rejection sampling accepts: rigs sampled again from the rules, in the scenes of the audited set.

Rules declare how paths are proposed. If paths that break limits were sampled again, accepted paths follow
another distribution, which has no formula. So it is sampled: with the same subjects, grounds and largest
start distances, and with another seed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
from jaxtyping import Float

from ...clip_table import ClipTable
from ...sampling import Rules, Shot, Subjects, clips_of_rigs, sample_checked_rigs
from ...sampling.limits import ENGINE_PREFIX
from ..layouts import Layouts
from ..measured.measures import measure
from ..steady import steady_clips
from .question import Sample
from .samples import sample_of

# Seeds of batches are smaller.
_SEED = 2**63 + 1
_FEWEST_RIGS, _MOST_RIGS, _RIGS_PER_SCENE = 500, 3000, 5
_RIGS_AT_ONCE = 200


@dataclass(frozen=True, kw_only=True)
class _Scenes:
    """What rigs depend on besides the rules; a NaN limit is unknown."""

    points_m: Float[np.ndarray, "scenes frames 3"]
    heights_m: Float[np.ndarray, "scenes"]
    ground_m: Float[np.ndarray, "scenes"]
    limit_m: Float[np.ndarray, "scenes"]

    def __len__(self) -> int:
        return len(self.limit_m)

    def __getitem__(self, chosen: np.ndarray | slice) -> "_Scenes":
        return _Scenes(**{field.name: getattr(self, field.name)[chosen] for field in fields(self)})


class AcceptedRigs:
    """The scenes of a set, some thousand at most, and rigs that the rules give in them after rejection."""

    def __init__(self) -> None:
        self._parts: list[_Scenes] = []
        self._shot: Shot | None = None
        self._stride, self._seen = 1, 0

    def add(self, clips: ClipTable) -> None:
        """Add the scenes of clips; those without a known subject, ground, rate or size are left out."""
        first = clips.rows(clips.take_starts)
        known = np.isfinite(first["subject_m"]).all(axis=1) & (first["width_px"] > 0) & (first["fps"] > 0)
        first = first.rows(known & np.isfinite(first["subject_height_m"] + first["ground_m"]))
        if not len(first):
            return
        self._shot = self._shot or _shot_of(first)
        if _shot_of(first) == self._shot:
            scenes = _Scenes(
                points_m=np.array(first.subject_points_m),
                heights_m=first["subject_height_m"],
                ground_m=first["ground_m"],
                limit_m=first["radius_limit_m"],
            )
            self._parts.append(scenes[-self._seen % self._stride :: self._stride])
            self._seen += len(first)
            if sum(map(len, self._parts)) > 2 * _MOST_RIGS:
                self._parts, self._stride = [_joined(self._parts)[::2]], 2 * self._stride

    def sample(self, rules: Rules) -> Sample | None:
        """The values of accepted rigs; None if no reason of poses is rejected, or it cannot be repeated.

        Reasons that need geometry are left out.
        """
        reject = tuple(one for one in rules.validity.reject if not one.startswith(ENGINE_PREFIX))
        if not reject or self._shot is None:
            return None
        rules = replace(rules, validity=replace(rules.validity, reject=reject))
        parts = [_sample_of(clips, rules) for clips in self._clips(rules, self._shot)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _clips(self, rules: Rules, shot: Shot) -> Iterator[ClipTable]:
        """Rigs in the scenes, in the order of the set."""
        scenes = _joined(self._parts)
        every = np.arange(0, len(scenes), -(-len(scenes) // _MOST_RIGS))
        wanted = min(_MOST_RIGS, max(_FEWEST_RIGS, _RIGS_PER_SCENE * len(every)))
        rigs = np.tile(every, -(-wanted // len(every)))
        for first in range(0, len(rigs), _RIGS_AT_ONCE):
            yield _accepted(scenes[rigs[first : first + _RIGS_AT_ONCE]], rules, shot, first_rig=first)


def _joined(parts: Sequence[_Scenes]) -> _Scenes:
    names = [field.name for field in fields(_Scenes)]
    return _Scenes(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def _accepted(scenes: _Scenes, rules: Rules, shot: Shot, *, first_rig: int) -> ClipTable:
    """One rig in each scene, sampled with those of the same largest start distance."""
    limits_m, sampled = np.nan_to_num(scenes.limit_m, nan=0.0), 0
    parts: list[ClipTable] = []
    order: list[np.ndarray] = []
    for limit_m in np.unique(limits_m).tolist():
        rows = np.flatnonzero(limits_m == limit_m)
        batch = sample_checked_rigs(
            _limited(rules, limit_m),
            _subjects(scenes[rows], rules.aim_fraction),
            shot=shot,
            seed=_SEED,
            first_rig=first_rig + sampled,
        )
        takes = [f"rig_{first_rig + row}" for row in rows.tolist()]
        parts.append(clips_of_rigs(batch, takes=takes, shot=shot))
        order.append(rows)
        sampled += len(rows)
    cameras = np.arange(len(rules.slots))
    place = np.argsort(np.concatenate(order))[:, None] * len(cameras) + cameras
    return ClipTable.concatenated(parts).rows(place.ravel())


def _limited(rules: Rules, limit_m: float) -> Rules:
    """The rules with one largest start distance; 0 is unknown."""
    low = min(rules.radius_m[0], limit_m)
    return replace(rules, radius_m=(low, limit_m), radius_limits_m=()) if limit_m else rules


def _subjects(scenes: _Scenes, aim_fraction: float) -> Subjects:
    below_m = np.zeros((len(scenes), 1, 1, 2, 3))
    below_m[..., 0, 2] = -aim_fraction * scenes.heights_m[:, None, None]
    below_m[..., 1, 2] = (1 - aim_fraction) * scenes.heights_m[:, None, None]
    return Subjects(
        points_m=scenes.points_m,
        bodies_m=scenes.points_m[:, None, :, None] + below_m,
        ground_m=scenes.ground_m,
    )


def _sample_of(clips: ClipTable, rules: Rules) -> Sample:
    clips = steady_clips(clips, rules)
    return sample_of(
        *(clips, measure(clips, rules), Layouts.of(clips, is_exact=True), rules),
        states_moves=True,
        in_environments=True,
    )


def _shot_of(clips: ClipTable) -> Shot:
    width_px, height_px, fps = (clips[name][0] for name in ("width_px", "height_px", "fps"))
    return Shot(frames=clips.frames, fps=float(fps), width_px=int(width_px), height_px=int(height_px))
