"""Histograms of what a pose table holds, beside the bounds and the law its rules declare."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from .measures import Measures
from .rules import Range, Rules
from .table import PoseTable

Law = Callable[[Float[np.ndarray, "values"]], Float[np.ndarray, "values"]]
Values = Float[np.ndarray, "values"]
Spread = Callable[[Values], Values]
_BINS = 24
_SHOWN_SHARE = 0.99


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One measured quantity.

    Attributes:
        name: identifier, with its unit, e.g. ``pan_deg``.
        group: ``start``, ``amplitude`` or ``speed``.
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
    group: Literal["start", "amplitude", "speed"]
    motion: str | None
    sampled_per: Literal["rig", "camera", "start"]
    n: int
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    quantiles: tuple[float, float, float, float, float]
    bounds: tuple[Range, ...]
    rule_cdf: tuple[float, ...] | None
    largest_gap: float | None
    inferred: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Amplitude:
    """An amplitude with bounds: what it is called, and where it is measured and told.

    Attributes:
        name: a field of ``Measures``, and part of the feature's name.
        told_in: the column that tells it, for each motion that has it.
        bounds: of its size; signs are even where ``is_turn``.
    """

    name: str
    title: str
    told_in: dict[str, str]
    bounds: Range
    is_turn: bool


def amplitudes_of(rules: Rules) -> tuple[Amplitude, ...]:
    """All amplitudes that rules bound."""
    pan = {"pan": "angle_deg", "pan_tilt": "angle_deg"}
    tilt = {"tilt": "angle_deg", "pan_tilt": "tilt_deg"}
    arc, move, random = {"arc": "angle_deg"}, {"translation": "distance_m"}, {"random": "distance_m"}
    found = (
        ("pan_deg", "Pan, right (-) or left (+)", pan, rules.pan_deg),
        ("tilt_deg", "Tilt, down (-) or up (+)", tilt, rules.tilt_deg),
        ("arc_deg", "Arc, right (+) or left (-)", arc, rules.arc_deg),
        ("path_ratio", "Translation / start distance", move, rules.translation_ratio),
        ("path_ratio", "Random path / start distance", random, rules.random_ratio),
    )
    return tuple(
        Amplitude(name=name, title=title, told_in=told_in, bounds=bounds, is_turn=name.endswith("_deg"))
        for name, title, told_in, bounds in found
    )


def features_of(table: PoseTable, rules: Rules, measures: Measures) -> tuple[Feature, ...]:
    """All features that have at least one value."""
    found = (
        *_starts(table, rules, measures),
        *_amplitudes(table, rules, measures),
        *_speeds(table, rules, measures),
    )
    return tuple(feature for feature in found if feature is not None)


def _starts(table: PoseTable, rules: Rules, measures: Measures) -> tuple[Feature | None, ...]:
    once = _independent_starts(table)
    layouts = {row.layout for row in table.rows}
    per: Literal["rig", "camera", "start"] = "start" if len(layouts) > 1 else "rig"
    if layouts == {"independent"}:
        per = "camera"
    near, farthest = rules.radius_m[0], rules.radius_limits_m or (rules.radius_m[1],)
    spreads: dict[str, Spread] = {"radius": _as_is, "volume": lambda r: r**3, "log": np.log}
    spread = spreads[rules.radius_measure]
    low_high = rules.elevation_deg
    sine = rules.elevation_measure == "area"
    return (
        _feature(
            "start_radius_m",
            "Distance from subject",
            "m",
            values=measures.radius_m[once],
            bounds=(radius_bounds(rules),),
            law=_any_of([_between(min(near, far), far, spread) for far in farthest]),
            sampled_per=per,
            inferred=("radius_measure",),
        ),
        _feature(
            "start_elevation_deg",
            "Elevation",
            "deg",
            values=measures.elevation_deg[once],
            bounds=(low_high,),
            law=_between(*low_high, (lambda e: np.sin(np.radians(e))) if sine else _as_is),
            sampled_per=per,
            inferred=("elevation_measure", "aim_fraction"),
        ),
        _feature(
            "start_azimuth_deg",
            "Direction around subject",
            "deg",
            values=measures.azimuth_deg[once],
            bounds=((0.0, 360.0),),
            law=_between(0.0, 360.0),
            sampled_per=per,
        ),
    )


def radius_bounds(rules: Rules) -> Range:
    """The smallest and largest start distance of any rig."""
    farthest = rules.radius_limits_m or (rules.radius_m[1],)
    return min(rules.radius_m[0], *farthest), max(farthest)


def _amplitudes(table: PoseTable, rules: Rules, measures: Measures) -> Iterator[Feature | None]:
    motions = np.array([row.motion for row in table.rows])
    for amplitude in amplitudes_of(rules):
        intervals = _both_signs(amplitude.bounds) if amplitude.is_turn else (amplitude.bounds,)
        only = next(iter(amplitude.told_in))
        yield _feature(
            amplitude.name if amplitude.is_turn else f"{only}_ratio",
            amplitude.title,
            "deg" if amplitude.is_turn else "x distance",
            values=getattr(measures, amplitude.name)[np.isin(motions, list(amplitude.told_in))],
            bounds=intervals,
            # Rules with a few levels have no continuous law.
            law=None if rules.amplitude_levels else _any_of([_between(*b) for b in intervals]),
            group="amplitude",
            motion=only,
        )


def _speeds(table: PoseTable, rules: Rules, measures: Measures) -> tuple[Feature | None, ...]:
    moves = np.array([row.motion in ("translation", "arc", "random") for row in table.rows], dtype=bool)
    turns = np.array([row.motion != "static" for row in table.rows], dtype=bool)
    speed_a = np.array([row.speed_a for row in table.rows if row.speed_class == "variable"])
    intervals = _both_signs(rules.speed_a)
    return (
        _feature(
            "speed_a",
            "Speed parameter a",
            "",
            values=speed_a,
            bounds=intervals,
            law=_any_of([_between(*b) for b in intervals]),
            group="speed",
            inferred=("speed_a",),
        ),
        _feature(
            "peak_speed_mps",
            "Peak speed",
            "m/s",
            values=measures.peak_speed_mps[moves],
            group="speed",
        ),
        _feature(
            "peak_turn_degps",
            "Peak turn rate",
            "deg/s",
            values=measures.peak_turn_degps[turns],
            group="speed",
        ),
    )


def _independent_starts(table: PoseTable) -> Int[np.ndarray, "starts"]:
    """One row per start that was drawn: the first of a shared rig, every row of the others."""
    seen: set[str] = set()
    rows = []
    for index, row in enumerate(table.rows):
        if row.layout != "shared" or row.take not in seen:
            rows.append(index)
        seen.add(row.take)
    return np.array(rows, dtype=np.int64)


def _feature(
    name: str,
    title: str,
    unit: str,
    *,
    values: Values,
    bounds: tuple[Range, ...] = (),
    law: Law | None = None,
    group: Literal["start", "amplitude", "speed"] = "start",
    motion: str | None = None,
    sampled_per: Literal["rig", "camera", "start"] = "camera",
    inferred: tuple[str, ...] = (),
) -> Feature | None:
    if not len(values):
        return None
    edges = _edges(values, bounds)
    counts, _ = np.histogram(np.minimum(values, edges[-1]), edges)
    least, low, middle, high, most = np.quantile(values, (0, 0.05, 0.5, 0.95, 1)).tolist()
    return Feature(
        name=name,
        title=title,
        unit=unit,
        group=group,
        motion=motion,
        sampled_per=sampled_per,
        n=len(values),
        edges=tuple(edges.tolist()),
        counts=tuple(counts.tolist()),
        quantiles=(least, low, middle, high, most),
        bounds=bounds,
        rule_cdf=None if law is None else tuple(law(edges).tolist()),
        largest_gap=None if law is None else _largest_gap(values, law),
        inferred=inferred,
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


def _largest_gap(values: Values, law: Law) -> float:
    expected = law(np.sort(values))
    rank = np.arange(len(values) + 1) / len(values)
    return float(max(np.abs(expected - rank[1:]).max(), np.abs(expected - rank[:-1]).max()))


def _as_is(values: Values) -> Values:
    return values


def _between(low: float, high: float, measure: Spread = _as_is) -> Law:
    """The law of values between two bounds that are uniform in ``measure``."""
    first, last = measure(np.array([low, high]))

    def law(values: Values) -> Values:
        if last == first:
            return (values >= low).astype(np.float64)
        return (measure(np.clip(values, low, high)) - first) / (last - first)

    return law


def _both_signs(bounds: Range) -> tuple[Range, Range]:
    return (-bounds[1], -bounds[0]), bounds


def _any_of(laws: Sequence[Law]) -> Law:
    """The law of values that follow each of some laws equally often."""
    return lambda values: np.mean([law(values) for law in laws], axis=0)
