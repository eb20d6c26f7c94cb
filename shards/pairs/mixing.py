"""Mixing several data sets: which one sample ``i`` of a stream is from, with exact shares."""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

import numpy as np
from jaxtyping import Int32

from multitake.errors import InputError

_MOST_PERIOD = 100_000


class Mixture:
    """A periodic sequence of data sets with exact shares.

    In every window of ``period`` samples, wherever it starts, each set has exactly its share. In the first n
    samples, for every n, the count of each set differs from its share by less than 1; so in any window by
    less than 2.

    Args:
        weights: one positive number for each set; the shares are proportional to them, exactly as they are
            written in decimal digits.

    InputError for a weight that is not positive, and for weights whose shares repeat after more than
    100,000 samples.
    """

    def __init__(self, weights: Sequence[float | int]) -> None:
        counts = _counts(weights)
        self.counts = counts
        self.period = sum(counts)
        self._set_of = _sequence(counts)
        # How many of the first n samples of a period are from each set.
        self._before = np.zeros((len(counts), self.period + 1), dtype=np.int64)
        for number in range(len(counts)):
            np.cumsum(self._set_of == number, out=self._before[number, 1:])

    def place(self, index: int) -> tuple[int, int]:
        """The set of sample ``index``, and how many samples before it are from that set."""
        periods, within = divmod(index, self.period)
        number = int(self._set_of[within])
        return number, periods * self.counts[number] + int(self._before[number, within])


def _counts(weights: Sequence[float | int]) -> tuple[int, ...]:
    """The smallest whole numbers that are proportional to the weights."""
    for weight in weights:
        if not 0 < weight < float("inf"):
            raise InputError(
                f"a weight must be positive, got {weight}", where="weights", fix="give 1, 2 or 0.5"
            )
    shares = [Fraction(str(weight)) for weight in weights]
    scale = lcm(*(share.denominator for share in shares))
    counts = [int(share * scale) for share in shares]
    counts = [count // gcd(*counts) for count in counts]
    if sum(counts) > _MOST_PERIOD:
        what = f"the shares of weights {', '.join(map(str, weights))} repeat after {sum(counts)} samples"
        raise InputError(what, where="weights", fix=f"round them: at most {_MOST_PERIOD} is possible")
    return tuple(counts)


def _sequence(counts: Sequence[int]) -> Int32[np.ndarray, " period"]:
    """One period: at each place, of the sets that may come the one that must come first.

    The k-th sample of a set with share w may come at place k / w and must come before (k + 1) / w. Scheduling
    by the earliest deadline meets all of them (Liu and Layland 1973, for periods that are whole; Tijdeman
    1980, The chairman assignment problem, in general).
    """
    total, done = sum(counts), [0] * len(counts)
    sequence = np.empty(total, dtype=np.int32)
    for place in range(total):
        may_come = [n for n, count in enumerate(counts) if done[n] * total < (place + 1) * count]
        sequence[place] = chosen = min(may_come, key=lambda n: Fraction(done[n] + 1, counts[n]))
        done[chosen] += 1
    return sequence
