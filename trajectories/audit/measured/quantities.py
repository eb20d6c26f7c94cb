"""The quantities of an audit: names, units, and the bounds and distribution that the rules declare."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from ...clip_table import ClipTable
from ...sampling.rules import Range, Rules
from .measures import Measures

Values = Float[np.ndarray, "values"]
# A cumulative distribution function, and the quantity in which a distribution is uniform.
Cdf = Callable[[Values], Values]
Scale = Callable[[Values], Values]
Group = Literal["start", "amplitude", "speed", "image", "pairs"]
_MOVING = ("translation", "arc", "random", "dolly_zoom")
_TURNING = ("pan", "tilt", "pan_tilt", "roll", *_MOVING)


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One quantity; ``of`` returns its known values of clips with their measures."""

    name: str
    title: str
    unit: str
    group: Group
    of: Callable[[ClipTable, Measures], Values]
    motion: str | None = None
    per: Literal["start", "camera"] = "camera"
    bounds: tuple[Range, ...] = ()
    cdf: Cdf | None = None
    inferred: tuple[str, ...] = ()

    @property
    def has_width(self) -> bool:
        """Whether the bounds allow more than one value."""
        return self.bounds[-1][1] > self.bounds[0][0]


@dataclass(frozen=True, kw_only=True)
class Amplitude:
    """An amplitude with bounds.

    Attributes:
        name: a field of ``Measures``.
        quantity: the name of its quantity.
        columns: the column that contains it, for each motion that has it.
        bounds: bounds of its magnitude; rotations and zooms have both signs.
    """

    name: str
    quantity: str
    title: str
    columns: dict[str, str]
    bounds: Range

    @property
    def unit(self) -> Literal["deg", "octaves", "x distance"]:
        """An angle, the logarithm of a factor, or a ratio of the start distance."""
        if self.name.endswith("_octaves"):
            return "octaves"
        return "deg" if self.name.endswith("_deg") else "x distance"

    @property
    def is_signed(self) -> bool:
        """Whether it has both signs; ratios of the start distance do not."""
        return self.unit != "x distance"

    def stated(self, clips: ClipTable, column: str) -> Values:
        """The column in this unit; ratios of the start distance in metres."""
        return np.log2(clips[column]) if self.unit == "octaves" else clips[column]


def amplitudes_of(rules: Rules) -> tuple[Amplitude, ...]:
    """All amplitudes that rules bound."""
    pan = {"pan": "angle_deg", "pan_tilt": "angle_deg"}
    tilt = {"tilt": "angle_deg", "pan_tilt": "tilt_deg"}
    roll, zoom, dolly = {"roll": "angle_deg"}, {"zoom": "zoom_ratio"}, {"dolly_zoom": "zoom_ratio"}
    arc, move, random = {"arc": "angle_deg"}, {"translation": "distance_m"}, {"random": "distance_m"}
    found = (
        ("pan_deg", "pan_deg", "Pan, right (-) or left (+)", pan, rules.pan_deg),
        ("tilt_deg", "tilt_deg", "Tilt, down (-) or up (+)", tilt, rules.tilt_deg),
        ("arc_deg", "arc_deg", "Arc, right (+) or left (-)", arc, rules.arc_deg),
        ("path_ratio", "translation_ratio", "Translation / start distance", move, rules.translation_ratio),
        ("path_ratio", "random_ratio", "Random path / start distance", random, rules.random_ratio),
        ("roll_deg", "roll_deg", "Roll, counter-clockwise (-) or clockwise (+)", roll, rules.roll_deg),
        ("zoom_octaves", "zoom_octaves", "Zoom, out (-) or in (+)", zoom, _octaves(rules.zoom_ratio)),
        (
            *("dolly_octaves", "dolly_zoom_octaves", "Dolly zoom, towards (-) or away (+)"),
            *(dolly, _octaves(rules.dolly_zoom_ratio)),
        ),
    )
    return tuple(
        Amplitude(name=name, quantity=quantity, title=title, columns=columns, bounds=bounds)
        for name, quantity, title, columns, bounds in found
    )


def _octaves(ratios: Range) -> Range:
    return math.log2(ratios[0]), math.log2(ratios[1])


def sampled_amplitudes(rules: Rules) -> set[str]:
    """The quantities of the amplitudes that cameras of the rules have."""
    return {a.quantity for a in amplitudes_of(rules) if not set(a.columns).isdisjoint(rules.motions)}


def quantities_of(rules: Rules | None) -> tuple[Quantity, ...]:
    """All quantities; without rules they have no bounds and no distribution."""
    known = rules or Rules()
    found = (*_starts(known), *_amplitudes(known), *_speeds(known), *_images())
    if rules is None:
        return tuple(replace(q, bounds=(), cdf=None, inferred=()) for q in found)
    return found


def radius_bounds(rules: Rules) -> Range:
    """Smallest and largest start distance of any rig."""
    largest_m = rules.largest_radii_m
    return min(rules.radius_m[0], *largest_m), max(largest_m)


def radius_cdf(rules: Rules, limit_m: float) -> Cdf:
    """Distribution of the start distances of rigs with this limit."""
    scales: dict[str, Scale] = {"radius": _identity, "volume": lambda r: r**3, "log": np.log}
    return uniform(min(rules.radius_m[0], limit_m), limit_m, scales[rules.radius_measure])


def independent_starts(
    clips: ClipTable, is_shared: Bool[np.ndarray, "clips"] | None = None
) -> Int[np.ndarray, "starts"]:
    """One clip for each sampled start: the first of a shared rig, every clip of other rigs.

    ``is_shared`` is what the layout column says if it is not measured.
    """
    if is_shared is None:
        is_shared = clips["layout"] == "shared"
    is_first = np.isin(np.arange(len(clips)), clips.take_starts)
    return np.flatnonzero(~is_shared | is_first)


def _starts(rules: Rules) -> Iterator[Quantity]:
    by_area = rules.elevation_measure == "area"
    scale: Scale = (lambda elevation: np.sin(np.radians(elevation))) if by_area else _identity
    yield Quantity(
        name="start_radius_m",
        title="Distance from subject",
        unit="m",
        group="start",
        per="start",
        of=_of_starts("radius_m"),
        bounds=(radius_bounds(rules),),
        cdf=mixture([radius_cdf(rules, limit_m) for limit_m in rules.largest_radii_m]),
        inferred=("radius_measure",),
    )
    yield Quantity(
        name="start_elevation_deg",
        title="Elevation",
        unit="deg",
        group="start",
        per="start",
        of=_of_starts("elevation_deg"),
        bounds=(rules.elevation_deg,),
        cdf=uniform(*rules.elevation_deg, scale),
        inferred=("elevation_measure", "aim_fraction"),
    )
    yield Quantity(
        name="start_azimuth_deg",
        title="Direction around subject",
        unit="deg",
        group="start",
        per="start",
        of=_of_starts("azimuth_deg"),
        bounds=((0.0, 360.0),),
        cdf=uniform(0.0, 360.0),
    )


def _amplitudes(rules: Rules) -> Iterator[Quantity]:
    for amplitude in amplitudes_of(rules):
        intervals = both_signs(amplitude.bounds) if amplitude.is_signed else (amplitude.bounds,)
        yield Quantity(
            name=amplitude.quantity,
            title=amplitude.title,
            unit=amplitude.unit,
            group="amplitude",
            motion=next(iter(amplitude.columns)),
            of=_of_motions(amplitude.name, tuple(amplitude.columns)),
            bounds=intervals,
            # Amplitudes with a few levels have no continuous distribution.
            cdf=None if rules.amplitude_levels else mixture([uniform(*bounds) for bounds in intervals]),
        )


def _speeds(rules: Rules) -> Iterator[Quantity]:
    intervals = both_signs(rules.speed_a)
    yield Quantity(
        name="speed_a",
        title="Speed parameter a",
        unit="",
        group="speed",
        of=lambda clips, _: clips["speed_a"][clips["speed_class"] == "variable"],
        bounds=intervals,
        cdf=mixture([uniform(*bounds) for bounds in intervals]),
        inferred=("speed_a",),
    )
    shown = (
        ("peak_speed_m_per_s", "Peak speed", "m/s", _MOVING),
        ("peak_acceleration_m_per_s2", "Peak acceleration", "m/s2", _MOVING),
        ("peak_turn_deg_per_s", "Peak rotation speed", "deg/s", _TURNING),
        ("turned_deg", "Total rotation", "deg", _TURNING),
        ("straightness", "Straightness of random moves", "net / path", ("random",)),
        ("closest_m", "Smallest distance from subject", "m", _MOVING),
    )
    for name, title, unit, motions in shown:
        yield Quantity(name=name, title=title, unit=unit, group="speed", of=_of_motions(name, motions))


def _images() -> Iterator[Quantity]:
    motions: tuple[str, ...] = (*_TURNING, "zoom", "static")
    shown: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
        ("in_image_share", "Frames with the subject in the image", "share", motions),
        ("scale_change", "Largest / smallest distance from subject", "ratio", _MOVING),
        ("frame_height_m", "Height of the view at the subject, first frame", "m", motions),
    )
    for name, title, unit, motions in shown:
        yield Quantity(name=name, title=title, unit=unit, group="image", of=_of_motions(name, motions))


def _of_starts(name: str) -> Callable[[ClipTable, Measures], Values]:
    return lambda clips, measures: _finite(getattr(measures, name)[independent_starts(clips)])


def _of_motions(name: str, motions: tuple[str, ...]) -> Callable[[ClipTable, Measures], Values]:
    return lambda clips, measures: _finite(getattr(measures, name)[np.isin(clips["motion"], motions)])


def _finite(values: Values) -> Float[np.ndarray, "known"]:
    return values[np.isfinite(values)]


def _identity(values: Values) -> Values:
    return values


def uniform(low: float, high: float, scale: Scale = _identity) -> Cdf:
    """The cumulative distribution of values that are uniform in ``scale`` between two bounds."""
    first, last = scale(np.array([low, high]))
    if last == first:
        return lambda values: (values >= low).astype(np.float64)
    return lambda values: (scale(np.clip(values, low, high)) - first) / (last - first)


def both_signs(bounds: Range) -> tuple[Range, Range]:
    """The intervals of values with either sign whose magnitude has these bounds."""
    return (-bounds[1], -bounds[0]), bounds


def mixture(cdfs: Sequence[Cdf]) -> Cdf:
    """The cumulative distribution of values that follow each of some distributions equally often."""
    return lambda values: np.mean([cdf(values) for cdf in cdfs], axis=0)
