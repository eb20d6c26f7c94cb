"""Questions about the cameras of one rig, and about rigs at a distance in the set."""

from collections.abc import Iterator
from functools import partial

import numpy as np
from jaxtyping import Bool, Float

from ...sampling.rules import Rules
from .column_tests import uniform_turns
from .question import Question, Sample, Test
from .statistical_tests import Fit, autocorrelation, binomial, pair_correlation

_PERIODS = range(2, 17)
_FEWEST_RIGS = 30
Row = Float[np.ndarray, "rows"]
Pairs = Float[np.ndarray, "pairs"]


def questions_about_rigs(rules: Rules) -> Iterator[Question]:
    """All questions about the cameras of one rig, consecutive rigs, and rigs at a small distance."""
    ask = partial(Question, unit="rig", widened_by="clips_sampled_again")
    for name, column, what, cameras in _independent(rules):
        if cameras > 1:
            text = f"Are the {what} in a rig independent of each other?"
            yield ask(name=name, text=text, fit=_within_rigs(column))
    axes = len(rules.translation_axes)
    if rules.motions.count("random") > 1:
        text = "Are the headings of random moves in a rig independent of each other?"
        yield ask(name="rig_headings", text=text, fit=_same_headings)
    if rules.motions.count("translation") > 1 and axes > 1:
        text = "Do translations in a rig share an axis as often as by chance?"
        yield ask(name="rig_axes", text=text, fit=_same_axes(axes))
    ask = partial(Question, unit="rig", widened_by="starts_sampled_again")
    text = "Is the start direction independent of that of the rig before?"
    yield ask(name="serial_direction", text=text, fit=_serial_directions)
    for name, column, what, varies in _in_order(rules):
        if varies:
            text = f"Is the {what} independent of those {_PERIODS[0]} to {_PERIODS[-1]} rigs before?"
            yield ask(name=f"period_{name}", text=text, fit=_periodic(column))


def _independent(rules: Rules) -> Iterator[tuple[str, str, str, int]]:
    """What cameras of one rig have independently: name, column, words, and how many cameras have it."""
    motions = [motion for motion in rules.motions if motion != "static"]
    signed = [motion for motion in motions if motion not in ("translation", "random")]
    yield "rig_amounts", "size", "amplitudes", len(motions)
    yield "rig_signs", "sign", "signs", len(signed)
    yield "rig_speeds", "speed", "speed parameters", len(motions) if rules.constant_share < 1 else 0


def _in_order(rules: Rules) -> Iterator[tuple[str, str, str, bool]]:
    """What rigs of one worker could repeat: name, column, words, and whether the rules leave a choice."""
    yield "radius", "radius", "start distance", max(rules.largest_radii_m) > rules.radius_m[0]
    yield "elevation", "elevation", "start elevation", rules.elevation_deg[1] > rules.elevation_deg[0]
    yield "lens", "lens_in_order", "lens", len(rules.lenses) > 1


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
