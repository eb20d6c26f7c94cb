"""Questions about the cameras of one rig, and about rigs at a distance in the set."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from jaxtyping import Bool, Float

from ...sampling.rules import Rules
from .cells import (
    AMOUNT,
    SIZE,
    SPEED,
    Column,
    by_slot,
    columns_in_order,
    columns_of_moves,
    columns_of_starts,
    counted,
    rows_of,
)
from .column_tests import uniform_turns
from .dependences import is_balanced
from .question import Question, Sample, Test
from .statistical_tests import (
    Fit,
    autocorrelation,
    binomial,
    independence_of_pairs,
    lagged_independence,
    pair_correlation,
)

_PERIODS = range(2, 17)
_LAGS = range(1, 17)
_BEFORE = f"{_LAGS[0]} to {_LAGS[-1]} rigs before"
_FEWEST_RIGS = 30
Row = Float[np.ndarray, "rows"]
Pairs = Float[np.ndarray, "pairs"]


def questions_about_rigs(rules: Rules) -> Iterator[Question]:
    """All questions about the cameras of one rig, consecutive rigs, and rigs at a small distance."""
    yield from _about_cameras_of_a_rig(rules)
    yield from _about_tables_of_rigs(rules)
    ask = partial(Question, unit="rig", widened_by="starts_sampled_again")
    text = "Is the start direction independent of that of the rig before?"
    yield ask(name="serial_direction", text=text, fit=_serial_directions)
    for column in columns_in_order(rules):
        text = f"Is the {column.text} independent of that {_BEFORE}?"
        yield ask(name=f"serial_{column.word}", text=text, fit=_lagged(column))
        # One correlation reveals smaller effects than a table.
        if column.word in ("radius", "elevation", "lens"):
            text = f"Is the {column.text} uncorrelated with that {_PERIODS[0]} to {_PERIODS[-1]} rigs before?"
            yield ask(name=f"period_{column.word}", text=text, fit=_periodic(column.name))


def _about_cameras_of_a_rig(rules: Rules) -> Iterator[Question]:
    """What single tests of pairs of slots reveal."""
    ask = partial(Question, widened_by="clips_sampled_again")
    for name, column, what, cameras in _independent(rules):
        if cameras > 1:
            text = f"Are the {what} in a rig independent of each other?"
            yield ask(name=name, text=text, unit="rig", fit=_within_rigs(column))
    axes = len(rules.translation_axes)
    if rules.motions.count("random") > 1:
        text = "Are the headings of random moves in a rig independent of each other?"
        yield ask(name="rig_headings", unit="pair", text=text, fit=_same_headings)
    if rules.motions.count("translation") > 1 and axes > 1:
        text = "Do translations in a rig share an axis as often as by chance?"
        yield ask(name="rig_axes", unit="pair", text=text, fit=_same_axes(axes))


def _about_tables_of_rigs(rules: Rules) -> Iterator[Question]:
    """Each column of each motion: within a rig, and against the same camera some rigs before."""
    ask = partial(Question, widened_by="clips_sampled_again")
    for motion in dict.fromkeys(rules.motions):
        for column in columns_of_moves(rules, motion):
            balanced = is_balanced(rules, column)
            if _most_in_rig(rules, motion, column) > 1 and not balanced:
                text = f"Is the {column.text} of {motion} moves independent of that of others in the rig?"
                fit = _pairs(column, motion)
                yield ask(name=f"rig_{motion}_{column.word}", text=text, unit="pair", motion=motion, fit=fit)
            text = f"Is the {column.text} of {motion} moves independent of that {_BEFORE}?"
            fit = _lagged(column, motion, is_balanced=balanced)
            yield ask(name=f"serial_{motion}_{column.word}", text=text, unit="camera", motion=motion, fit=fit)
    for column in _of_any_motion(rules):
        text = f"Is the {column.text} independent of that of other cameras of the rig?"
        yield ask(name=f"rig_{column.word}", text=text, unit="pair", fit=_pairs(column))
    for column in _of_own_starts(rules):
        text = f"Is the {column.text} independent of that of other starts of the rig?"
        yield ask(name=f"rig_{column.word}", text=text, unit="pair", fit=_pairs(column))


def _of_any_motion(rules: Rules) -> Iterator[Column]:
    """What cameras of different motions have."""
    chosen = [column for motion in rules.motions for column in columns_of_moves(rules, motion)]
    if chosen.count(AMOUNT) > 1:
        yield SIZE
    if chosen.count(SPEED) > 1:
        yield SPEED


def _of_own_starts(rules: Rules) -> Iterator[Column]:
    """What the starts of one rig have independently."""
    if rules.layout != "shared" and len(rules.slots) > 1:
        for column in columns_of_starts(rules):
            # Starts of a rig have one largest distance, which poses do not show.
            is_common = column.name == "radius" and len(rules.largest_radii_m) > 1
            if column.per == "start" and not is_common:
                yield column


def _most_in_rig(rules: Rules, motion: str, column: Column) -> int:
    """How many cameras of a rig can have a motion and this column."""
    if rules.slot_layout == "iid":
        return len(rules.slots)
    cameras = rules.motions.count(motion)
    if column == SPEED and rules.speed_sampling == "stratified":
        return cameras - int(rules.constant_share * cameras)
    return cameras


def _pairs(column: Column, motion: str | None = None) -> Test:
    """Whether a column is independent between the cameras or starts of one rig."""

    def fit(sample: Sample) -> Fit | None:
        cells = np.where(rows_of(sample, column.per, motion), column.of(sample), -1)
        rigs = int(sample["is_first"].sum())
        return independence_of_pairs(counted(np.cumsum(sample["is_first"]) - 1, cells, (rigs, column.cells)))

    return fit


def _lagged(column: Column, motion: str | None = None, *, is_balanced: bool = False) -> Test:
    """Whether a column is independent of that of the same camera some rigs before."""

    def fit(sample: Sample) -> Fit | None:
        cells = by_slot(sample, column, motion)
        if is_balanced:
            # The other cameras of the rig follow from the first.
            cells = cells[:, :1]
        if len(cells) <= _LAGS[-1]:
            return None
        shape = column.cells, column.cells
        return lagged_independence(np.stack([counted(cells[:-lag], cells[lag:], shape) for lag in _LAGS]))

    return fit


def _independent(rules: Rules) -> Iterator[tuple[str, str, str, int]]:
    """What cameras of one rig have independently: name, column, words, and how many cameras have it."""
    motions = [motion for motion in rules.motions if motion != "static"]
    signed = [motion for motion in motions if motion not in ("translation", "random")]
    yield "rig_amounts", "size", "amplitudes", len(motions)
    yield "rig_signs", "sign", "signs", len(signed)
    yield "rig_speeds", "speed", "speed parameters", len(motions) if rules.constant_share < 1 else 0


def _serial_directions(sample: Sample) -> Fit | None:
    """Whether the direction from each start to that of the next rig is uniform."""
    azimuth = sample["azimuth"][sample["is_first"]]
    return uniform_turns(np.diff(azimuth), fewest=_FEWEST_RIGS)


def _within_rigs(column: str) -> Test:
    """Whether a column of the cameras of one rig is uncorrelated, for each pair of slots."""

    def fit(sample: Sample) -> Fit | None:
        of_rigs = _by_rig(sample, sample[column])
        if of_rigs is None or len(of_rigs) < _FEWEST_RIGS:
            return None
        return pair_correlation(of_rigs)

    return fit


def _same_headings(sample: Sample) -> Fit | None:
    """Whether the turn from the heading of a random move to that of the next in its rig is uniform."""
    before, after = _neighbours(sample, sample["heading"])
    return uniform_turns(after - before, fewest=_FEWEST_RIGS)


def _same_axes(axes: int) -> Test:
    """Whether a translation and the next in its rig have the same one of ``axes`` as often as by chance."""

    def fit(sample: Sample) -> Fit | None:
        before, after = _neighbours(sample, sample["along"])
        if len(before) < _FEWEST_RIGS:
            return None
        return binomial(int((before == after).sum()), len(before), 1 / axes)

    return fit


def _periodic(column: str) -> Test:
    """Whether a column of the first cameras of rigs is uncorrelated with itself some rigs later."""

    def fit(sample: Sample) -> Fit | None:
        values = sample[column][sample["is_first"]]
        return autocorrelation(values, _PERIODS) if len(values) >= _FEWEST_RIGS + _PERIODS[-1] else None

    return fit


def _neighbours(sample: Sample, values: Row) -> tuple[Pairs, Pairs]:
    """Known values and the next known ones of the same rig: their comparisons are independent."""
    known = np.isfinite(values)
    rig, values = np.cumsum(sample["is_first"])[known], values[known]
    is_one_rig: Bool[np.ndarray, "pairs"] = rig[1:] == rig[:-1]
    return values[:-1][is_one_rig], values[1:][is_one_rig]


def _by_rig(sample: Sample, values: Row) -> Float[np.ndarray, "rigs slots"] | None:
    """The values of rigs with the most common number of cameras, one row each."""
    first = np.flatnonzero(sample["is_first"])
    sizes = np.diff(first, append=len(values))
    if not len(sizes):
        return None
    size = int(np.bincount(sizes).argmax())
    return values[first[sizes == size][:, None] + np.arange(size)]
