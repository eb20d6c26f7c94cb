"""What an audit measures on every clip or start: names, units, and the bounds and law the rules declare."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from jaxtyping import Float, Int

from ...sampling.rules import Range, Rules
from ..clips import Clips
from .measures import Measures

Values = Float[np.ndarray, "values"]
Law = Callable[[Values], Values]
Spread = Callable[[Values], Values]
Group = Literal["start", "amplitude", "speed", "image", "pairs"]
_PLACED = ("translation", "arc", "random")


@dataclass(frozen=True, kw_only=True)
class Quantity:
    """One quantity: ``of`` takes its values from clips and their measures."""

    name: str
    title: str
    unit: str
    group: Group
    of: Callable[[Clips, Measures], Values]
    motion: str | None = None
    per: Literal["start", "camera"] = "camera"
    bounds: tuple[Range, ...] = ()
    law: Law | None = None
    inferred: tuple[str, ...] = ()


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

    @property
    def quantity(self) -> str:
        """The name of its quantity: two motions share ``path_ratio``."""
        return self.name if self.is_turn else f"{next(iter(self.told_in))}_ratio"


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


def quantities_of(rules: Rules | None) -> tuple[Quantity, ...]:
    """All quantities; without rules none has bounds or a law."""
    known = rules or Rules()
    found = (*_starts(known), *_amplitudes(known), *_speeds(known), *_pictures())
    if rules is None:
        return tuple(replace(q, bounds=(), law=None, inferred=()) for q in found)
    return found


def radius_bounds(rules: Rules) -> Range:
    """The smallest and largest start distance of any rig."""
    farthest = rules.radius_limits_m or (rules.radius_m[1],)
    return min(rules.radius_m[0], *farthest), max(farthest)


def independent_starts(clips: Clips) -> Int[np.ndarray, "starts"]:
    """One clip per start that was drawn: the first of a shared rig, every clip of the others."""
    is_first = np.diff(clips.rig, prepend=-1) != 0
    return np.flatnonzero((clips.layout != "shared") | is_first)


def _starts(rules: Rules) -> Iterator[Quantity]:
    near, farthest = rules.radius_m[0], rules.radius_limits_m or (rules.radius_m[1],)
    spreads: dict[str, Spread] = {"radius": _as_is, "volume": lambda r: r**3, "log": np.log}
    spread = spreads[rules.radius_measure]
    sine = rules.elevation_measure == "area"
    elevation: Spread = (lambda e: np.sin(np.radians(e))) if sine else _as_is
    yield Quantity(
        name="start_radius_m",
        title="Distance from subject",
        unit="m",
        group="start",
        per="start",
        of=_measured_start("radius_m"),
        bounds=(radius_bounds(rules),),
        law=any_of([between(min(near, far), far, spread) for far in farthest]),
        inferred=("radius_measure",),
    )
    yield Quantity(
        name="start_elevation_deg",
        title="Elevation",
        unit="deg",
        group="start",
        per="start",
        of=_measured_start("elevation_deg"),
        bounds=(rules.elevation_deg,),
        law=between(*rules.elevation_deg, elevation),
        inferred=("elevation_measure", "aim_fraction"),
    )
    yield Quantity(
        name="start_azimuth_deg",
        title="Direction around subject",
        unit="deg",
        group="start",
        per="start",
        of=_measured_start("azimuth_deg"),
        bounds=((0.0, 360.0),),
        law=between(0.0, 360.0),
    )


def _amplitudes(rules: Rules) -> Iterator[Quantity]:
    for amplitude in amplitudes_of(rules):
        intervals = both_signs(amplitude.bounds) if amplitude.is_turn else (amplitude.bounds,)
        yield Quantity(
            name=amplitude.quantity,
            title=amplitude.title,
            unit="deg" if amplitude.is_turn else "x distance",
            group="amplitude",
            motion=next(iter(amplitude.told_in)),
            of=_measured(amplitude.name, tuple(amplitude.told_in)),
            bounds=intervals,
            # Rules with a few levels have no continuous law.
            law=None if rules.amplitude_levels else any_of([between(*b) for b in intervals]),
        )


def _speeds(rules: Rules) -> Iterator[Quantity]:
    intervals = both_signs(rules.speed_a)
    yield Quantity(
        name="speed_a",
        title="Speed parameter a",
        unit="",
        group="speed",
        of=lambda clips, _: clips.moves.speed_a[clips.speed_class == "variable"],
        bounds=intervals,
        law=any_of([between(*b) for b in intervals]),
        inferred=("speed_a",),
    )
    turning = ("pan", "tilt", "pan_tilt", *_PLACED)
    shown = (
        ("peak_speed_m_per_s", "Peak speed", "m/s", _PLACED),
        ("peak_acceleration_m_per_s2", "Peak acceleration", "m/s2", _PLACED),
        ("peak_turn_deg_per_s", "Peak turn rate", "deg/s", turning),
        ("turned_deg", "Angle turned through", "deg", turning),
        ("straightness", "Straightness of random moves", "net / path", ("random",)),
        ("closest_m", "Nearest to subject", "m", _PLACED),
    )
    for name, title, unit, motions in shown:
        yield Quantity(name=name, title=title, unit=unit, group="speed", of=_measured(name, motions))


def _pictures() -> Iterator[Quantity]:
    moving = ("pan", "tilt", "pan_tilt", "translation", "arc", "random", "static")
    shown = (
        ("in_frame_share", "Frames with the subject in the picture", "share", moving),
        ("scale_change", "Largest / smallest distance from subject", "ratio", _PLACED),
        ("frame_height_m", "Height of the picture at the subject, first frame", "m", moving),
    )
    for name, title, unit, motions in shown:
        yield Quantity(name=name, title=title, unit=unit, group="image", of=_measured(name, motions))


def _measured_start(name: str) -> Callable[[Clips, Measures], Values]:
    return lambda clips, measures: _finite(getattr(measures, name)[independent_starts(clips)])


def _measured(name: str, motions: tuple[str, ...]) -> Callable[[Clips, Measures], Values]:
    return lambda clips, measures: _finite(getattr(measures, name)[np.isin(clips.motion, motions)])


def _finite(values: Values) -> Float[np.ndarray, "known"]:
    return values[np.isfinite(values)]


def _as_is(values: Values) -> Values:
    return values


def between(low: float, high: float, measure: Spread = _as_is) -> Law:
    """The law of values between two bounds that are uniform in ``measure``."""
    first, last = measure(np.array([low, high]))

    def law(values: Values) -> Values:
        if last == first:
            return (values >= low).astype(np.float64)
        return (measure(np.clip(values, low, high)) - first) / (last - first)

    return law


def both_signs(bounds: Range) -> tuple[Range, Range]:
    """A range of sizes as two of signed values, the negative one first."""
    return (-bounds[1], -bounds[0]), bounds


def any_of(laws: Sequence[Law]) -> Law:
    """The law of values that follow each of some laws equally often."""
    return lambda values: np.mean([law(values) for law in laws], axis=0)
