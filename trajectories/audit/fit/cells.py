"""The columns of a sample whose dependences are tested, and the cells into which their values are divided."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Int

from ...sampling.moves import KINDS
from ...sampling.rules import Rules
from ..measured.quantities import amplitudes_of
from .question import Sample

# Values at the edge of a cell are in one cell, whatever their rounding.
_EDGE = 1e-3
Per = Literal["rig", "start", "camera"]
Cells = Int[np.ndarray, "*clips"]
Table = Int[np.ndarray, "a b"]


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a sample.

    Attributes:
        name: in the sample.
        word: in names of tests.
        text: in questions.
        cells: how many cells it has.
        is_rank: values are ranks from 0 to 1; if not, the number of their cell.
        per: what has one value.
    """

    name: str
    word: str
    text: str
    cells: int
    is_rank: bool = True
    per: Per = "camera"

    def of(self, sample: Sample) -> Cells:
        """The cell of each value, -1 if it is unknown."""
        return sample[_key(self.name)]

    def _divided(self, values: np.ndarray) -> Cells:
        if self.is_rank:
            values = np.minimum(values * self.cells + _EDGE, self.cells - 1)
        return np.floor(np.nan_to_num(values, nan=-1.0)).astype(np.int32)


def columns_of_starts(rules: Rules) -> tuple[Column, ...]:
    """What a start is, and what a rig has, as far as the rules leave a choice."""
    found = (
        (len(rules.lenses) > 1, _choice("lens_of", "lens", "lens", len(rules.lenses), per="rig")),
        (max(rules.largest_radii_m) > rules.radius_m[0], _RADIUS),
        (True, _AZIMUTH),
        (rules.elevation_deg[1] > rules.elevation_deg[0], _ELEVATION),
        (rules.layout == "mixed", _choice("own_start", "layout", "layout", 2, per="rig")),
    )
    return tuple(column for varies, column in found if varies)


def columns_of_moves(rules: Rules, motion: str) -> tuple[Column, ...]:
    """What cameras of one motion choose, as far as the rules leave a choice."""
    is_random, is_translation = motion == "random", motion == "translation"
    has_curve = motion != "static" and not (is_random and rules.spline == "unreal_keys")
    axes, (fewest, most) = len(rules.translation_axes), rules.waypoints
    found = (
        (_has_amounts(rules, motion), AMOUNT),
        (has_curve and rules.constant_share < 1, SPEED),
        (has_curve and 0 < rules.constant_share < 1, CONSTANT),
        (is_translation and 0 < rules.track_share < 1, TRACKS),
        (is_translation and axes > 1, _choice("along", "axis", "axis", axes)),
        (
            is_random and most > fewest,
            _choice("waypoint_index", "waypoints", "number of waypoints", most - fewest + 1),
        ),
        (is_random, HEADING),
        (is_random, HEIGHT),
        (is_random, RISE),
    )
    return tuple(column for varies, column in found if varies)


def columns_in_order(rules: Rules) -> tuple[Column, ...]:
    """The columns of starts whose order in the set means something: other files may be sorted by lens."""
    return tuple(
        replace(column, name="lens_in_order") if column.name == "lens_of" else column
        for column in columns_of_starts(rules)
    )


def slot_of(rules: Rules) -> Column:
    """The camera of a rig."""
    return _choice("slot", "slot", "camera of the rig", len(rules.slots))


def with_cells(sample: Sample, rules: Rules) -> Sample:
    """The sample with the cells of all columns, so that each is computed once."""
    rig = np.cumsum(sample["is_first"]) - 1
    sample = {
        **sample,
        "order": rig / max(int(rig.max(initial=0)) + 1, 1),
        "kind": np.where(np.isfinite(sample["is_constant"]), sample["motion"], -1),
    }
    columns = {column.name: column for column in _every_column(rules)}
    return {**sample, **{_key(name): column._divided(sample[name]) for name, column in columns.items()}}


def counted(a: Cells, b: Cells, shape: tuple[int, int]) -> Table:
    """How often each cell of ``a`` occurs with each cell of ``b``; unknown values do not count."""
    # Unknown values are a row and a column of their own.
    rows, columns = shape[0] + 1, shape[1] + 1
    pairs = (a + 1) * columns + (b + 1)
    return np.bincount(pairs.ravel(), minlength=rows * columns).reshape(rows, columns)[1:, 1:]


def rows_of(sample: Sample, per: Per, motion: str | None = None) -> Bool[np.ndarray, "clips"]:
    """One clip of each rig or start, or all; those of one motion."""
    one = {"rig": "is_first", "start": "is_start"}.get(per)
    rows = sample[one] if one else np.ones(len(sample["motion"]), dtype=bool)
    return rows if motion is None else rows & (sample["motion"] == KINDS.index(motion))


def by_slot(sample: Sample, column: Column, motion: str | None) -> Int[np.ndarray, "rigs slots"]:
    """The cells of the rigs with the most common number of cameras, one row each; -1 for other motions."""
    first = np.flatnonzero(sample["is_first"])
    sizes = np.diff(first, append=len(sample["is_first"]))
    size = int(np.bincount(sizes, minlength=1).argmax())
    rows = first[sizes == size][:, None] + np.arange(size)
    cells = np.where(rows_of(sample, column.per, motion), column.of(sample), -1)[rows]
    return cells[:, (cells >= 0).any(axis=0)]


def _every_column(rules: Rules) -> Iterator[Column]:
    yield from (
        *columns_of_starts(rules),
        *columns_in_order(rules),
        slot_of(rules),
        KIND,
        MOTION,
        ORDER,
        SIZE,
    )
    for motion in dict.fromkeys(rules.motions):
        yield from columns_of_moves(rules, motion)


def _has_amounts(rules: Rules, motion: str) -> bool:
    return any(
        amplitude.bounds[1] > amplitude.bounds[0] or amplitude.is_signed
        for amplitude in amplitudes_of(rules)
        if motion in amplitude.columns
    )


def _key(name: str) -> str:
    return f"cells of {name}"


def _choice(name: str, word: str, text: str, choices: int, *, per: Per = "camera") -> Column:
    return Column(name=name, word=word, text=text, cells=choices, is_rank=False, per=per)


_RADIUS = Column(name="radius", word="radius", text="start distance", cells=4, per="start")
_ELEVATION = Column(name="elevation", word="elevation", text="start elevation", cells=4, per="start")
_AZIMUTH = Column(name="azimuth", word="azimuth", text="start direction", cells=8, per="start")
# Small and large ones of each sign.
AMOUNT = Column(name="amount", word="amount", text="amplitude", cells=4)
SPEED = Column(name="speed", word="speed", text="speed parameter a", cells=4)
# Unlike amplitudes with a sign, sizes of all motions have one distribution, also if they have a few levels.
SIZE = Column(name="size", word="size", text="size of the amplitude", cells=4)
CONSTANT = _choice("is_constant", "constant", "share of constant speeds", 2)
TRACKS = _choice("tracks", "tracking", "share of tracking cameras", 2)
HEADING = Column(name="heading", word="heading", text="heading", cells=8)
HEIGHT = Column(name="height", word="height", text="direction up or down", cells=4)
RISE = Column(name="rise", word="rise", text="first step up or down", cells=4)
ORDER = Column(name="order", word="order", text="place in the set", cells=4, per="rig")
KIND = _choice("kind", "motion", "motion", len(KINDS))
MOTION = _choice("motion", "motion", "motion", len(KINDS))
