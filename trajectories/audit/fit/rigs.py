"""Questions about the cameras of one rig, and about rigs at a distance in the set, as tests of a sample."""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Bool, Float

from .fit_tests import Fit, autocorrelation, binomial, kuiper, pair_correlation

Sample = Mapping[str, np.ndarray]
PERIODS = range(2, 17)
_FEWEST_RIGS = 30
Row = Float[np.ndarray, "rows"]
Pairs = Float[np.ndarray, "pairs"]


def serial_directions(sample: Sample) -> Fit | None:
    """Whether the direction from each start to that of the next rig is uniform."""
    azimuth = sample["azimuth"][sample["is_first"]]
    return _around(np.diff(azimuth))


def within_rigs(column: str) -> Callable[[Sample], Fit | None]:
    """Whether a column of the cameras of one rig is uncorrelated, for each pair of slots."""

    def fit(sample: Sample) -> Fit | None:
        of_rigs = _by_rig(sample, sample[column])
        if of_rigs is None or len(of_rigs) < _FEWEST_RIGS:
            return None
        return pair_correlation(of_rigs)

    return fit


def same_headings(sample: Sample) -> Fit | None:
    """Whether the turn from the heading of a random move to that of the next in its rig is uniform."""
    before, after = _neighbours(sample, sample["heading"])
    return _around(after - before)


def headings_by_azimuth(sample: Sample) -> Fit | None:
    """Whether the turn from the start direction of a random move to its heading is uniform."""
    return _around(sample["heading"] - sample["azimuth"])


def same_axes(axes: int) -> Callable[[Sample], Fit | None]:
    """Whether a translation and the next in its rig have the same one of ``axes`` as often as by chance."""

    def fit(sample: Sample) -> Fit | None:
        before, after = _neighbours(sample, sample["along"])
        if len(before) < _FEWEST_RIGS:
            return None
        return binomial(int((before == after).sum()), len(before), 1 / axes)

    return fit


def periodic(column: str) -> Callable[[Sample], Fit | None]:
    """Whether a column of the first cameras of rigs is uncorrelated with itself some rigs later."""

    def fit(sample: Sample) -> Fit | None:
        values = sample[column][sample["is_first"]]
        return autocorrelation(values, PERIODS) if len(values) >= _FEWEST_RIGS + PERIODS[-1] else None

    return fit


def _around(turns: Row) -> Fit | None:
    """Whether differences of shares of a whole turn are uniform."""
    known = turns[np.isfinite(turns)] % 1
    return kuiper(known, lambda values: values) if len(known) >= _FEWEST_RIGS else None


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
