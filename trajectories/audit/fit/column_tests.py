"""Tests of one column of a sample, or of two."""

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Int

from ..measured.quantities import Quantity
from .question import Sample, Test
from .statistical_tests import FEWEST_PER_CELL, Fit, binomial, chi_square, ks, kuiper, spearman

_FEWEST = 8


def never(sample: Sample) -> Fit | None:
    """The test of a quantity that the rules leave no choice."""
    return None


def enough(name: str, fit: Callable[[np.ndarray], Fit | None]) -> Test:
    """A test of one column, if it has enough known values."""

    def fit_known(sample: Sample) -> Fit | None:
        known = sample[name][np.isfinite(sample[name])]
        return fit(known) if len(known) >= _FEWEST else None

    return fit_known


def uniform_ranks(name: str) -> Test:
    """Whether a column of ranks is uniform from 0 to 1."""
    return enough(name, lambda ranks: ks(ranks, lambda values: np.clip(values, 0.0, 1.0)))


def uniform_turns(turns: Float[np.ndarray, "values"], *, fewest: int = _FEWEST) -> Fit | None:
    """Whether shares of a whole turn, or differences of them, are uniform."""
    known = turns[np.isfinite(turns)] % 1
    return kuiper(known, lambda values: values) if len(known) >= fewest else None


def follows(quantity: Quantity) -> Test:
    """Whether the values of a quantity follow its distribution."""
    cdf = quantity.cdf
    return enough(quantity.name, lambda values: ks(values, cdf)) if cdf and quantity.has_width else never


def follows_around(quantity: Quantity) -> Test:
    """Whether directions follow their distribution."""
    cdf = quantity.cdf
    return enough(quantity.name, lambda values: kuiper(values, cdf)) if cdf else never


def uncorrelated(a: str, b: str, *, fewest: int) -> Test:
    """Whether two values of each start are uncorrelated."""

    def fit(sample: Sample) -> Fit | None:
        rows = sample["is_start"] & np.isfinite(sample[a]) & np.isfinite(sample[b])
        return spearman(sample[a][rows], sample[b][rows]) if rows.sum() >= fewest else None

    return fit


def has_share(name: str, share: float) -> Test:
    """Whether a boolean column is true of this share of the values."""
    return enough(name, lambda hits: binomial(int(hits.sum()), len(hits), share))


def equally_frequent(name: str, choices: int, *, is_complete: bool = False) -> Test:
    """Whether all choices are equally frequent. Values that are no choice (-1, NaN) are findings elsewhere.

    With ``is_complete`` there is no test if there are such values.
    """

    def fit(sample: Sample) -> Fit | None:
        values = np.nan_to_num(sample[name], nan=-1.0).astype(np.int64)
        known = values[values >= 0]
        if is_complete and len(known) < len(values):
            return None
        return frequencies(np.bincount(known, minlength=choices), np.full(choices, 1 / choices))

    return fit


def equal_levels(name: str, amplitude_levels: Sequence[float]) -> Test:
    """Whether a column has each of some levels as often as it is among them."""
    levels = np.array(sorted(set(amplitude_levels)))
    wanted = np.array([amplitude_levels.count(level) for level in levels.tolist()])

    def fit(values: np.ndarray) -> Fit | None:
        nearest = np.abs(values[:, None] - levels).argmin(axis=1)
        return frequencies(np.bincount(nearest, minlength=len(levels)), wanted / wanted.sum())

    return enough(name, fit) if len(levels) > 1 else never


def frequencies(counts: Int[np.ndarray, "cells"], shares: Float[np.ndarray, "cells"]) -> Fit | None:
    """A test of counts, if no cell is expected to have too few."""
    return chi_square(counts, shares) if counts.sum() * shares.min() >= FEWEST_PER_CELL else None
