"""Histograms of quantities, with the bounds and the distribution that the rules declare."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float

from ...sampling.rules import Range
from .quantities import Cdf, Group, Quantity, Values

_BINS = 24
_SHOWN_SHARE = 0.99
Unit = Literal["rig", "camera", "start", "pair"]


@dataclass(frozen=True, kw_only=True)
class Feature:
    """Values of one quantity.

    Attributes:
        name: identifier with its unit, e.g. ``pan_deg``.
        motion: the only motion that it describes, or None.
        sampled_per: what one value belongs to; a shared start counts once (``start``: only some are shared).
        edges, counts: the histogram; without bounds, its last bin also contains the top 1 %.
        quantiles: minimum, 5 %, median, 95 %, maximum.
        bounds: the intervals that the rules allow; empty if they define none.
        rule_cdf: the cumulative distribution of the rules at ``edges``; None if they define none.
        largest_gap: largest distance between that distribution and that of the values.
        inferred: the rules behind the distribution that are our interpretation of the paper.
    """

    name: str
    title: str
    unit: str
    group: Group
    motion: str | None
    sampled_per: Unit
    n: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    quantiles: tuple[float, float, float, float, float]
    bounds: tuple[Range, ...]
    rule_cdf: tuple[float, ...] | None
    largest_gap: float | None
    inferred: tuple[str, ...]


def feature_of(quantity: Quantity, values: Values, sampled_per: Unit) -> Feature | None:
    """The histogram of a quantity's known values; None if there are none."""
    values = values[np.isfinite(values)]
    if not len(values):
        return None
    cdf, edges = quantity.cdf, _edges(values, quantity.bounds)
    counts, _ = np.histogram(np.minimum(values, edges[-1]), edges)
    least, low, middle, high, most = np.quantile(values, (0, 0.05, 0.5, 0.95, 1)).tolist()
    return Feature(
        name=quantity.name,
        title=quantity.title,
        unit=quantity.unit,
        group=quantity.group,
        motion=quantity.motion,
        sampled_per=sampled_per,
        n=len(values),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        quantiles=(least, low, middle, high, most),
        bounds=quantity.bounds,
        rule_cdf=None if cdf is None else tuple(cdf(edges).tolist()),
        largest_gap=None if cdf is None else largest_gap(values, cdf),
        inferred=quantity.inferred,
    )


def _edges(values: Values, bounds: tuple[Range, ...]) -> Float[np.ndarray, "edges"]:
    """Bins that meet every bound, with as many more outside as the values need.

    Without bounds the last bin ends at the 99th percentile, so a few extreme values do not hide the others.
    """
    lowest, highest = float(values.min()), float(values.max())
    bins = int(np.clip(2 * np.sqrt(len(values)), 6, _BINS))
    if not bounds:
        lowest, highest = min(lowest, 0.0), float(np.quantile(values, _SHOWN_SHARE))
        return np.linspace(lowest, highest if highest > lowest else lowest + 1.0, bins + 1)
    low, high = bounds[0][0], bounds[-1][1]
    width = sum(b - a for a, b in bounds) / bins or 1.0
    inner = [np.array([low])]
    for a, b in pairwise(value for interval in bounds for value in interval):
        inner.append(np.linspace(a, b, max(1, round((b - a) / width)) + 1)[1:])
    # Values that exceed a bound by rounding belong to its bin.
    before = int(np.clip(np.ceil((low - lowest) / width - 1e-3), 0, _BINS))
    after = int(np.clip(np.ceil((highest - high) / width - 1e-3), 0, _BINS))
    below, above = low - width * np.arange(before, 0, -1), high + width * np.arange(1, after + 1)
    edges = np.unique(np.concatenate([below, *inner, above]))
    edges[0], edges[-1] = min(edges[0], lowest), max(edges[-1], highest)
    return edges if len(edges) > 1 else np.array([low - width / 2, low + width / 2])


def largest_gap(values: Values, cdf: Cdf) -> float:
    """Kolmogorov's D: the largest distance between a distribution and that of the values."""
    expected = cdf(np.sort(values))
    rank = np.arange(len(values) + 1) / len(values)
    return float(max(np.abs(expected - rank[1:]).max(), np.abs(expected - rank[:-1]).max()))
