"""How well the samples of a stream are shuffled."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import lgamma

import numpy as np


@dataclass(frozen=True, kw_only=True)
class MixingStatistic:
    """How many different takes and shards are in windows of samples, against a uniform shuffle.

    1 is as well as a uniform shuffle; lower values mean that samples of one take or shard come together.
    """

    window: int
    takes: float
    shards: float


def distinct_over_shuffled(groups: Sequence[Hashable], window: int) -> float:
    """The mean number of different groups in windows of a sequence, over that of the shuffled sequence.

    ValueError for a window that is longer than the sequence.
    """
    total = len(groups)
    if not 1 <= window <= total:
        raise ValueError(f"a window of {window} of {total} samples")
    sizes = Counter(groups).values()
    # The probability that a window of a uniform shuffle has none of a group of some size.
    without = np.exp([_log_choices(total - size, window) - _log_choices(total, window) for size in sizes])
    expected = float((1 - without).sum())
    starts = range(0, total - window + 1, max(1, window // 4))
    found = float(np.mean([len(set(groups[start : start + window])) for start in starts]))
    return found / expected


def _log_choices(total: int, chosen: int) -> float:
    """The logarithm of the number of ways to choose; minus infinity if there is none."""
    if chosen > total:
        return -np.inf
    return lgamma(total + 1) - lgamma(chosen + 1) - lgamma(total - chosen + 1)
