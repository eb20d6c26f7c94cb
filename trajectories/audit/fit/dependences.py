"""Questions about independence: does one thing that the rules sample depend on another?

A dependence is a table of counts. Its expected shares are the products of its margins, so the question does
not depend on how either quantity is distributed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Bool, Int

from ...sampling.moves import KINDS
from ...sampling.rules import Rules
from ..measured.quantities import amplitudes_of
from .question import Question, Sample
from .statistical_tests import FEWEST_PER_CELL, Fit, expected_counts, independence

# Cells of ranks from 0 to 1; other values are their own cells.
_CELLS = {"radius": 4, "elevation": 4, "azimuth": 8, "amount": 4, "speed": 4, "order": 4}


@dataclass(frozen=True, kw_only=True)
class Dependence:
    """Two columns of ``cameras_of`` (or ``motion``, or ``order``, the place in the set) and their rows.

    Attributes:
        unit: ``start`` and ``rig`` use one clip of each.
        motion: the only motion that it is about, or None.
        is_serial: ``b`` is that of the same slot in the next rig.
    """

    name: str
    text: str
    a: str
    b: str
    unit: Literal["rig", "start", "camera"] = "camera"
    motion: str | None = None
    is_serial: bool = False

    def fit(self, sample: Sample) -> Fit | None:
        """The test; None if a cell is expected to have too few values."""
        counts = self.counts(sample)
        counts = counts[counts.any(axis=1)][:, counts.any(axis=0)]
        if min(counts.shape) < 2 or expected_counts(counts).min() < FEWEST_PER_CELL:
            return None
        return independence(counts)

    def counts(self, sample: Sample) -> Int[np.ndarray, "a b"]:
        """How often each cell of ``a`` occurs with each cell of ``b``."""
        a, b, rows = _cells(sample, self.a), _cells(sample, self.b), self._rows(sample)
        if self.is_serial:
            here, there = _next(sample)
            a, b, rows = a[here], b[there], rows[here] & rows[there]
        known = rows & (a >= 0) & (b >= 0)
        shape = a.max(initial=0) + 1, b.max(initial=0) + 1
        return np.bincount(a[known] * shape[1] + b[known], minlength=shape[0] * shape[1]).reshape(shape)

    def _rows(self, sample: Sample) -> Bool[np.ndarray, "clips"]:
        rows = {"rig": sample["is_first"], "start": sample["is_start"]}.get(self.unit)
        rows = np.ones(len(sample["is_first"]), dtype=bool) if rows is None else rows
        return rows if self.motion is None else rows & (sample["motion"] == KINDS.index(self.motion))


def questions_about_dependences(rules: Rules) -> Iterator[Question]:
    """One question about each pair."""
    for found in dependences_of(rules):
        yield Question(
            name=found.name,
            text=found.text,
            unit=found.unit,
            motion=found.motion,
            fit=found.fit,
            widened_by="clips_sampled_again",
        )


def dependences_of(rules: Rules) -> Iterator[Dependence]:
    """All pairs that rules sample independently, in which both can vary."""
    varies = _varies(rules)
    for found in (*_of_starts(), *_of_amounts(rules), *_of_speeds(), *_of_order()):
        is_alone = found.motion is not None and not varies.get(f"amount {found.motion}", True)
        if varies[found.a] and varies[found.b] and not (is_alone and "amount" in (found.a, found.b)):
            yield found


def _varies(rules: Rules) -> dict[str, bool]:
    """Whether the rules leave each column a choice."""
    amounts = {
        f"amount {motion}": amplitude.bounds[1] > amplitude.bounds[0] or amplitude.is_rotation
        for amplitude in amplitudes_of(rules)
        for motion in amplitude.columns
    }
    motions = set(rules.motions)
    has_curve = bool(motions - {"static"} - ({"random"} if rules.spline == "unreal_keys" else set()))
    return amounts | {
        "radius": max(rules.largest_radii_m) > rules.radius_m[0],
        "elevation": rules.elevation_deg[1] > rules.elevation_deg[0],
        "azimuth": True,
        "amount": bool(motions - {"static"}),
        **dict.fromkeys(("lens_of", "lens_in_order"), len(rules.lenses) > 1),
        "is_constant": 0 < rules.constant_share < 1 and has_curve,
        "speed": rules.constant_share < 1 and has_curve,
        "tracks": 0 < rules.track_share < 1 and "translation" in motions,
        "along": len(rules.translation_axes) > 1 and "translation" in motions,
        "motion": len(motions) > 1 and rules.slot_layout == "iid",
        "kind": len(motions - {"static"}) > 1,
        "slot": len(rules.slots) > 1,
        "order": True,
    }


def _of_starts() -> Iterator[Dependence]:
    for a, b, what in (
        ("radius", "azimuth", "Are distance and direction of starts independent?"),
        ("lens_of", "radius", "Is the lens independent of the start distance?"),
        ("lens_of", "azimuth", "Is the lens independent of the start direction?"),
        ("lens_of", "elevation", "Is the lens independent of the start elevation?"),
    ):
        yield Dependence(name=f"{_WORDS[a]}_{b}", text=what, a=a, b=b, unit="start")


def _of_amounts(rules: Rules) -> Iterator[Dependence]:
    for motion in dict.fromkeys(rules.motions):
        for b in ("radius", "azimuth", "elevation", "lens_of") if motion != "static" else ():
            text = f"Are amplitudes of {motion} moves independent of the {_NAMES[b]}?"
            yield Dependence(name=f"{motion}_{_WORDS[b]}", text=text, a="amount", b=b, motion=motion)
    for a, what in (("along", "the axis"), ("tracks", "tracking")):
        for b in ("radius", "azimuth", "elevation") if "translation" in rules.motions else ():
            text = f"Is {what} of translations independent of the {_NAMES[b]}?"
            yield Dependence(name=f"{_WORDS[a]}_{b}", text=text, a=a, b=b, motion="translation")


def _of_speeds() -> Iterator[Dependence]:
    for a, what in (("is_constant", "the share of constant speeds"), ("speed", "the speed parameter a")):
        for b in ("kind", "slot", "radius", "azimuth", "amount"):
            text = f"Is {what} independent of the {_NAMES[b]}?"
            yield Dependence(name=f"{_WORDS[a]}_{_WORDS[b]}", text=text, a=a, b=b)


def _of_order() -> Iterator[Dependence]:
    of_starts = ("radius", "azimuth", "elevation", "lens_in_order")
    for a in (*of_starts, "amount", "is_constant", "speed", "along", "tracks", "motion"):
        text = f"Is the {_NAMES[a]} the same in all parts of the set?"
        unit: Literal["rig", "start", "camera"] = "start" if a in of_starts else "camera"
        if a == "lens_in_order":
            unit = "rig"
        yield Dependence(name=f"drift_{_WORDS[a]}", text=text, a=a, b="order", unit=unit)
    of_rigs = ("radius", "lens_in_order")
    for a in (*of_rigs, "amount", "speed", "is_constant", "along"):
        text = f"Is the {_NAMES[a]} independent of that in the rig before?"
        of: Literal["rig", "camera"] = "rig" if a in of_rigs else "camera"
        yield Dependence(name=f"serial_{_WORDS[a]}", text=text, a=a, b=a, unit=of, is_serial=True)


_WORDS = {
    **{name: name for name in ("radius", "azimuth", "elevation", "amount", "motion", "slot", "speed")},
    "lens_of": "lens",
    "lens_in_order": "lens",
    "is_constant": "constant",
    "tracks": "tracking",
    "along": "axis",
    "kind": "motion",
}
_NAMES = {
    "radius": "start distance",
    "azimuth": "start direction",
    "elevation": "start elevation",
    "lens_of": "lens",
    "lens_in_order": "lens",
    "amount": "amplitude",
    "speed": "speed parameter a",
    "is_constant": "share of constant speeds",
    "tracks": "share of tracking cameras",
    "along": "translation axis",
    "kind": "motion",
    "motion": "motion",
    "slot": "slot",
}


def _cells(sample: Sample, name: str) -> Int[np.ndarray, "clips"]:
    """The cell of each value, -1 if it is unknown."""
    if name == "order":
        rig = np.cumsum(sample["is_first"]) - 1
        return np.asarray(rig * _CELLS["order"] // max(int(rig.max(initial=0)) + 1, 1))
    values = sample["motion" if name == "kind" else name]
    if name == "kind":
        return np.where(np.isfinite(sample["is_constant"]), values, -1).astype(np.int64)
    if name in _CELLS:
        values = np.minimum(values * _CELLS[name], _CELLS[name] - 1)
    return np.floor(np.nan_to_num(values, nan=-1.0)).astype(np.int64)


def _next(sample: Sample) -> tuple[Int[np.ndarray, "pairs"], Int[np.ndarray, "pairs"]]:
    """Each clip, and the clip at its place in the next rig, of rigs that have as many cameras as the next."""
    first = np.flatnonzero(sample["is_first"])
    sizes = np.diff(first, append=len(sample["is_first"]))
    is_like_next = np.append(sizes[:-1] == sizes[1:], False)
    here = np.flatnonzero(np.repeat(is_like_next, sizes))
    return here, here + np.repeat(sizes, sizes)[here]
