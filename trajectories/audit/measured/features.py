"""Histograms of what a set of trajectories holds, beside the bounds and the law its rules declare."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float

from ...sampling.rules import Range
from .quantities import Group, Law, Quantity, Values

_BINS = 24
_SHOWN_SHARE = 0.99


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One measured quantity.

    Attributes:
        name: identifier, with its unit, e.g. ``pan_deg``.
        group: ``start``, ``amplitude``, ``speed``, ``image`` or ``pairs``.
        motion: the only motion it is about, or None.
        sampled_per: what one value stands for; a shared start counts once (``start``: only some are shared).
        edges, counts: the histogram; without bounds its last bin also holds the top 1 %.
        quantiles: minimum, 5 %, median, 95 %, maximum.
        bounds: the intervals the rules allow; empty where they say nothing.
        rule_cdf: the rules' cumulative law at ``edges``; None where they declare none.
        largest_gap: greatest distance between that law and the values' own cumulative share.
        inferred: the named rules behind the law that are our reading of the paper.
    """

    name: str
    title: str
    unit: str
    group: Group
    motion: str | None
    sampled_per: Literal["rig", "camera", "start", "pair"]
    n: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    quantiles: tuple[float, float, float, float, float]
    bounds: tuple[Range, ...]
    rule_cdf: tuple[float, ...] | None
    largest_gap: float | None
    inferred: tuple[str, ...]


def feature_of(
    quantity: Quantity, values: Values, sampled_per: Literal["rig", "camera", "start", "pair"]
) -> Feature | None:
    """The histogram of a quantity's values, None where there are none."""
    if not len(values):
        return None
    law = quantity.law
    edges = _edges(values, quantity.bounds)
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
        rule_cdf=None if law is None else tuple(law(edges).tolist()),
        largest_gap=None if law is None else largest_gap(values, law),
        inferred=quantity.inferred,
    )


def _edges(values: Values, bounds: tuple[Range, ...]) -> Float[np.ndarray, "edges"]:
    """Bins that meet every bound, with as many more beyond the outer ones as the values need.

    Without bounds the last bin ends where the rarest begin, so that a few wild values do not hide the rest.
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
    # Values past a bound by rounding alone belong to its bin.
    before = int(np.clip(np.ceil((low - lowest) / width - 1e-3), 0, _BINS))
    after = int(np.clip(np.ceil((highest - high) / width - 1e-3), 0, _BINS))
    below, above = low - width * np.arange(before, 0, -1), high + width * np.arange(1, after + 1)
    edges = np.unique(np.concatenate([below, *inner, above]))
    edges[0], edges[-1] = min(edges[0], lowest), max(edges[-1], highest)
    return edges if len(edges) > 1 else np.array([low - width / 2, low + width / 2])


def largest_gap(values: Values, law: Law) -> float:
    """The greatest distance between a law and the values' own cumulative share (Kolmogorov's D)."""
    expected = law(np.sort(values))
    rank = np.arange(len(values) + 1) / len(values)
    return float(max(np.abs(expected - rank[1:]).max(), np.abs(expected - rank[:-1]).max()))
