"""The clips with the most extreme values over all clips: a few are kept, however many there are."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ...clip_table import ClipTable
from .measures import Measures
from .severity import severity

_PER_RANKING, _PER_FLAG = 8, 3
Values = Float[np.ndarray, "clips"]


@dataclass(frozen=True, kw_only=True)
class RankedClip:
    """A clip, and the value that it was ranked by."""

    take: str
    camera: str
    motion: str
    value: float

    @property
    def name(self) -> str:
        """``take/camera``."""
        return f"{self.take}/{self.camera}"


@dataclass(frozen=True, kw_only=True)
class Ranking:
    """The clips with the most extreme values of one quantity, worst first; ``n`` clips have a value."""

    name: str
    title: str
    unit: str
    n: int
    clips: tuple[RankedClip, ...]


@dataclass(frozen=True, kw_only=True)
class _Quantity:
    """What clips are ranked by; ``worst`` is 1 if the largest values are the worst, -1 if the smallest."""

    name: str
    title: str
    unit: str
    of: Callable[[Measures], Values]
    worst: int = 1


_QUANTITIES = (
    _Quantity(name="fastest", title="Fastest clips", unit="m/s", of=lambda m: m.peak_speed_m_per_s),
    _Quantity(name="turning", title="Fastest rotations", unit="deg/s", of=lambda m: m.peak_turn_deg_per_s),
    _Quantity(name="closest", title="Closest to the subject", unit="m", of=lambda m: m.closest_m, worst=-1),
    _Quantity(
        name="subject_lost",
        title="Subject longest out of the image",
        unit="% of frames",
        of=lambda m: 100 * (1 - m.in_image_share),
    ),
)
# What is measured on all clips already ranks those with a flag; others are ranked by their worst frame.
_MEASURED: dict[str, Callable[[Measures], Values]] = {
    "too_fast": lambda m: m.peak_speed_m_per_s,
    "too_abrupt": lambda m: m.peak_acceleration_m_per_s2,
    "turns_too_fast": lambda m: m.peak_turn_deg_per_s,
    "too_close": lambda m: -m.closest_m,
    "aim_out_of_image": lambda m: -m.in_image_share,
    "subject_out_of_image": lambda m: -m.in_image_share,
}


class WorstClips:
    """The worst clips so far, by quantity and by flag."""

    def __init__(self) -> None:
        self.by_quantity = {one.name: _Top(_PER_RANKING, one_per_take=False) for one in _QUANTITIES}
        self.by_flag: dict[str, _Top] = {}

    def add(self, clips: ClipTable, measures: Measures) -> None:
        """Rank clips with proper poses."""
        for one in _QUANTITIES:
            values = one.of(measures)
            self.by_quantity[one.name].add(clips, values, one.worst * values)
        for flag, has_flag in _flags(clips):
            ranks = np.full(len(clips), np.nan)
            if flag in _MEASURED:
                worst = _MEASURED[flag](measures)[has_flag]
            else:
                worst = np.fmax.reduce(severity(flag, clips.rows(has_flag)), axis=1)
            ranks[has_flag] = np.nan_to_num(worst)
            # The cameras of a rig that share a start have some flags together.
            top = self.by_flag.setdefault(flag, _Top(_PER_FLAG, one_per_take=True))
            top.add(clips, ranks, ranks)

    @property
    def takes(self) -> set[str]:
        """The takes of all clips that are kept."""
        tops = (*self.by_quantity.values(), *self.by_flag.values())
        return {clip.take for top in tops for _, clip in top.ranked}

    def rankings(self) -> tuple[Ranking, ...]:
        """The worst clips by quantity, without the quantities that are unknown for all clips."""
        return tuple(
            Ranking(name=one.name, title=one.title, unit=one.unit, n=top.n, clips=top.clips)
            for one, top in zip(_QUANTITIES, self.by_quantity.values(), strict=True)
            if top.n
        )

    def flagged(self) -> dict[str, tuple[str, ...]]:
        """The worst clips with each flag, as ``take/camera``, one per take."""
        return {flag: tuple(clip.name for clip in top.clips) for flag, top in sorted(self.by_flag.items())}


class _Top:
    """The clips with the largest ranks so far, of equal ones the first; of each take all, or one."""

    def __init__(self, most: int, *, one_per_take: bool) -> None:
        self.most = most
        self.one_per_take = one_per_take
        self.n = 0
        self.ranked: list[tuple[float, RankedClip]] = []

    @property
    def clips(self) -> tuple[RankedClip, ...]:
        return tuple(clip for _, clip in self.ranked)

    def add(self, clips: ClipTable, values: Values, ranks: Values) -> None:
        """Rank clips; those with an unknown rank do not count. The clips must be grouped."""
        known = np.flatnonzero(np.isfinite(ranks))
        self.n += len(known)
        least = self.ranked[-1][0] if len(self.ranked) == self.most else -np.inf
        known = known[ranks[known] > least]
        best = known[np.argsort(-ranks[known], kind="stable")]
        if self.one_per_take:
            _, first = np.unique(clips.take_number[best], return_index=True)
            best = best[np.sort(first)]
        new = [(float(ranks[i]), _ranked(clips, i, float(values[i]))) for i in best[: self.most].tolist()]
        self.ranked = sorted([*self.ranked, *new], key=lambda one: -one[0])[: self.most]


def _ranked(clips: ClipTable, index: int, value: float) -> RankedClip:
    take, camera, motion = (str(clips[name][index]) for name in ("take", "camera", "motion"))
    return RankedClip(take=take, camera=camera, motion=motion, value=value)


def _flags(clips: ClipTable) -> Iterator[tuple[str, np.ndarray]]:
    """Each flag, and which clips have it."""
    clip, flags = clips.words("flags")
    for flag in np.unique(flags).tolist():
        has_flag = np.zeros(len(clips), dtype=bool)
        has_flag[clip[flags == flag]] = True
        yield flag, has_flag
