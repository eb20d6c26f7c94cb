"""Questions about independence: does one thing that the rules sample depend on another?

All pairs are tested that the rules sample independently: what cameras of one motion choose, with each other,
with their start, with their place in the rig and with their place in the set. A dependence is a table of
counts. Its expected shares are the products of its margins, so the question does not depend on how either
quantity is distributed.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Bool

from ...sampling.rules import Rules
from .cells import (
    AMOUNT,
    CONSTANT,
    HEIGHT,
    KIND,
    MOTION,
    ORDER,
    RISE,
    SPEED,
    Column,
    Per,
    Table,
    columns_in_order,
    columns_of_moves,
    columns_of_starts,
    counted,
    rows_of,
    slot_of,
)
from .question import Question, Sample
from .statistical_tests import Fit, independence, is_dense

# Pairs that depend on each other by definition: only variable speeds have a parameter; steps make the way.
_DEPENDENT = ({SPEED, CONSTANT}, {HEIGHT, RISE})


@dataclass(frozen=True, kw_only=True)
class Dependence:
    """Two columns and their rows.

    Attributes:
        unit: ``start`` and ``rig`` use one clip of each.
        motion: the only motion that it is about, or None.
        is_balanced: each rig has a fixed share of ``a``, so its cameras are not independent: one camera of
            each rig is used, another one in the next rig.
    """

    name: str
    text: str
    a: Column
    b: Column
    unit: Per = "camera"
    motion: str | None = None
    is_balanced: bool = False

    def fit(self, sample: Sample) -> Fit | None:
        """The test; None if a cell is expected to have too few values."""
        counts = self.counts(sample)
        return independence(counts) if is_dense(counts) else None

    def counts(self, sample: Sample) -> Table:
        """How often each cell of ``a`` occurs with each cell of ``b``."""
        rows = self._rows(sample)
        return counted(self.a.of(sample)[rows], self.b.of(sample)[rows], (self.a.cells, self.b.cells))

    def _rows(self, sample: Sample) -> Bool[np.ndarray, "clips"]:
        rows = rows_of(sample, self.unit, self.motion)
        return _one_of_each_rig(sample, rows) if self.is_balanced else rows


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
    yield from _of_starts(rules)
    for motion in dict.fromkeys(rules.motions):
        yield from _of_moves(rules, motion)
    yield from _of_all_motions(rules)


def _of_starts(rules: Rules) -> Iterator[Dependence]:
    """What starts and rigs have, with each other and with their place in the set."""
    for a, b in combinations(columns_of_starts(rules), 2):
        text = f"Are {a.text} and {b.text} independent?"
        yield Dependence(name=f"{a.word}_{b.word}", text=text, a=a, b=b, unit=_unit(a, b))
    for a in columns_in_order(rules):
        text = f"Is the {a.text} the same in all parts of the set?"
        yield Dependence(name=f"drift_{a.word}", text=text, a=a, b=ORDER, unit=_unit(a, ORDER))


def _of_moves(rules: Rules, motion: str) -> Iterator[Dependence]:
    """What cameras of one motion choose, with each other, their start, and their place in rig and set."""
    columns = columns_of_moves(rules, motion)
    cameras = "" if motion == "static" else f" of {motion} moves"
    for a, b in combinations(columns, 2):
        if {a, b} not in _DEPENDENT:
            text = f"Are {a.text} and {b.text}{cameras} independent?"
            yield Dependence(name=f"{motion}_{a.word}_{b.word}", text=text, a=a, b=b, motion=motion)
    for a in columns:
        for b in (*columns_of_starts(rules), ORDER):
            if not (_has_same_share(rules, motion, a) and _is_one_in_rig(rules, b)):
                yield _of_motion(motion, a, b, cameras)
        if rules.motions.count(motion) > 1:
            yield Dependence(
                name=f"{motion}_{a.word}_slot",
                text=f"Is the {a.text}{cameras} the same for all cameras of the rig?",
                a=a,
                b=slot_of(rules),
                motion=motion,
                is_balanced=is_balanced(rules, a),
            )


def _of_motion(motion: str, a: Column, b: Column, cameras: str) -> Dependence:
    if b == ORDER:
        text = f"Is the {a.text}{cameras} the same in all parts of the set?"
        return Dependence(name=f"drift_{motion}_{a.word}", text=text, a=a, b=b, motion=motion)
    text = f"Is the {a.text}{cameras} independent of the {b.text}?"
    return Dependence(name=f"{motion}_{a.word}_{b.word}", text=text, a=a, b=b, motion=motion)


def _has_same_share(rules: Rules, motion: str, column: Column) -> bool:
    """Whether all rigs have the same share of it: one of two cameras, not one or two of three."""
    is_whole = rules.constant_share * rules.motions.count(motion) % 1 == 0
    return is_balanced(rules, column) and is_whole and rules.slot_layout == "stratified"


def _is_one_in_rig(rules: Rules, column: Column) -> bool:
    """Whether the cameras of a rig have one value."""
    return column.per == "rig" or (column.per == "start" and rules.layout == "shared")


def _of_all_motions(rules: Rules) -> Iterator[Dependence]:
    """What all moving cameras have: together they reveal smaller effects than those of one motion."""
    chosen = {column for motion in rules.motions for column in columns_of_moves(rules, motion)}
    several = len(set(rules.motions) - {"static"}) > 1
    for a in [column for column in (SPEED, CONSTANT) if column in chosen and several]:
        for b in (KIND, *columns_of_starts(rules), *([AMOUNT] if AMOUNT in chosen else [])):
            text = f"Is the {a.text} independent of the {b.text}?"
            yield Dependence(name=f"{a.word}_{b.word}", text=text, a=a, b=b)
    for a in [column for column in (AMOUNT, SPEED, CONSTANT) if column in chosen and several]:
        text = f"Is the {a.text} the same in all parts of the set?"
        yield Dependence(name=f"drift_{a.word}", text=text, a=a, b=ORDER)
    if rules.slot_layout == "iid" and len(set(rules.motions)) > 1:
        for b, text in ((ORDER, "in all parts of the set"), (slot_of(rules), "for all cameras of the rig")):
            name = "drift_motion" if b is ORDER else "motion_slot"
            yield Dependence(name=name, text=f"Are motions as frequent {text}?", a=MOTION, b=b)


def is_balanced(rules: Rules, column: Column) -> bool:
    """Whether each rig has a fixed share of it."""
    return column == CONSTANT and rules.speed_sampling == "stratified"


def _unit(a: Column, b: Column) -> Per:
    return "rig" if a.per == b.per == "rig" else "start"


def _one_of_each_rig(sample: Sample, rows: Bool[np.ndarray, "clips"]) -> Bool[np.ndarray, "clips"]:
    """One of the clips of each rig, another one in the next rig."""
    index = np.flatnonzero(rows)
    rig = np.cumsum(sample["is_first"])[index]
    first = np.flatnonzero(np.diff(rig, prepend=-1))
    sizes = np.diff(first, append=len(rig))
    found = np.zeros(len(rows), dtype=bool)
    found[index[first + rig[first] % np.maximum(sizes, 1)]] = True
    return found
