"""The questions of an audit: does each quantity follow the distribution that the rules declare?"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int

from ...sampling.moves import KINDS
from ...sampling.rules import Rules
from ..measured.quantities import Quantity, amplitudes_of, quantities_of
from .dependences import dependences_of
from .fit_test import FitTest
from .fit_tests import (
    FEWEST_PER_CELL,
    GROSS_EFFECT,
    SIGNIFICANCE,
    Fit,
    binomial,
    chi_square,
    exact,
    ks,
    kuiper,
    spearman,
)
from .rigs import (
    PERIODS,
    headings_by_azimuth,
    periodic,
    same_axes,
    same_headings,
    serial_directions,
    within_rigs,
)
from .samples import Sample
from .two_samples import against

# Cells of equal probability on the hemisphere: directions times elevations.
_CELLS = (12, 6)
_FEWEST = 8


@dataclass(frozen=True, kw_only=True)
class Question:
    """One question about a distribution of the rules; see ``FitTest``.

    Attributes:
        fit: the test; None if there are too few values for it.
        resampled: a boolean column of the sample. If what rejection accepts is not known, the allowed effect
            grows by the share of true values in it.
    """

    name: str
    text: str
    unit: Literal["rig", "start", "camera"]
    fit: Callable[[Sample], Fit | None]
    motion: str | None = None
    inferred: bool = False
    resampled: Literal["", "starts_resampled", "clips_resampled"] = ""


def fit_tests(sample: Sample, rules: Rules, accepted: Sample | None = None) -> tuple[FitTest, ...]:
    """The answers to all questions for which the sample has values.

    ``accepted`` are values that follow the rules after rejection: they take the place of the distributions.
    """
    from scipy import stats

    if not len(sample.get("motion", ())):
        return ()
    fits = [_answer(question, sample, accepted) for question in questions_of(rules)]
    known = [answer for answer in fits if answer is not None]
    q_values = stats.false_discovery_control([answer.fit.p for answer in known])
    return tuple(_fit_test(answer, float(q), sample) for answer, q in zip(known, q_values, strict=True))


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """``shift`` is how far rejection moves what is accepted from the rules; None if it was not sampled."""

    question: Question
    fit: Fit
    shift: float | None = None


def _answer(question: Question, sample: Sample, accepted: Sample | None) -> _Answer | None:
    fit = question.fit(sample)
    if fit is None:
        return None
    expected = None if accepted is None else question.fit(accepted)
    if expected is None:
        return _Answer(question=question, fit=fit)
    return _Answer(question=question, fit=against(fit, expected), shift=expected.effect)


def questions_of(rules: Rules) -> Iterator[Question]:
    """All questions about rigs sampled from these rules."""
    return (question for question in _questions(rules) if question.fit is not _never)


def _questions(rules: Rules) -> Iterator[Question]:
    quantities = {quantity.name: quantity for quantity in quantities_of(rules)}
    yield from _about_starts(rules, quantities)
    yield from _about_amplitudes(rules, quantities)
    yield from _about_speeds(rules, quantities["speed_a"])
    yield from _about_choices(rules)
    yield from _about_random_moves(rules)
    yield from _about_rigs(rules)
    yield from _about_periods(rules)
    for found in dependences_of(rules):
        yield Question(
            name=found.name,
            text=found.text,
            unit=found.unit,
            motion=found.motion,
            fit=found.fit,
            resampled="clips_resampled",
        )


def _fit_test(answer: _Answer, q: float, sample: Sample) -> FitTest:
    question, fit = answer.question, answer.fit
    is_widened = question.resampled and answer.shift is None
    resampled = sample[question.resampled] if is_widened else np.zeros(0)
    allowed = fit.allowed + (float(resampled.mean()) if len(resampled) and fit.allowed else 0.0)
    verdict: Literal["pass", "fail", "too few"] = "pass"
    if fit.effect > allowed and q < SIGNIFICANCE:
        verdict = "fail"
    elif fit.detectable_effect > GROSS_EFFECT and fit.method != "exact count":
        verdict = "too few"
    return FitTest(
        name=question.name,
        question=question.text,
        motion=question.motion,
        n=fit.n,
        unit=question.unit,
        method=fit.method,
        statistic=fit.statistic,
        p=fit.p,
        q=q,
        effect=fit.effect,
        effect_name=fit.effect_name,
        largest_effect_allowed=allowed,
        detectable_effect=min(fit.detectable_effect, 1.0),
        verdict=verdict,
        inferred=question.inferred,
        accepted_shift=answer.shift,
    )


def _about_starts(rules: Rules, quantities: dict[str, Quantity]) -> Iterator[Question]:
    elevation, azimuth = quantities["start_elevation_deg"], quantities["start_azimuth_deg"]

    def ask(name: str, text: str, fit: Callable[[Sample], Fit | None], inferred: bool = False) -> Question:
        return Question(
            name=name, text=text, unit="start", fit=fit, inferred=inferred, resampled="starts_resampled"
        )

    # Each distance as its rank among those that its rig could have.
    yield ask("start_radius_m", "Do start distances follow radius_measure?", _ks("start_radius_rank"), True)
    yield ask(elevation.name, "Do start elevations follow elevation_measure?", _ks_of(elevation), True)
    yield ask(azimuth.name, "Are all start directions equally likely?", _kuiper_of(azimuth))
    yield ask(
        "start_cells", "Are all parts of the hemisphere equally likely?", _starts_of_cells(elevation), True
    )
    yield ask(
        "start_radius_elevation",
        "Are distance and elevation of starts independent?",
        _spearman("radius", "elevation", fewest=5 * int(np.prod(_CELLS))),
    )
    if len(rules.largest_radii_m) > 1:
        text = "Are all largest start distances equally frequent?"
        fit = _equally_frequent("radius_limit", len(rules.largest_radii_m), is_complete=True)
        yield Question(name="radius_limit", text=text, unit="rig", fit=fit)


def _starts_of_cells(elevation: Quantity) -> Callable[[Sample], Fit | None]:
    """Whether starts are equally frequent in all cells of the hemisphere."""

    def fit(sample: Sample) -> Fit | None:
        rows = sample["is_start"]
        heights, turns = sample["elevation"][rows], sample["azimuth"][rows]
        is_known = np.isfinite(heights) & np.isfinite(turns)
        if is_known.sum() < 5 * np.prod(_CELLS):
            return None
        east, height = (
            np.minimum((ranks[is_known] * cells).astype(int), cells - 1)
            for ranks, cells in zip((turns, heights), _CELLS, strict=True)
        )
        counts = np.bincount(east * _CELLS[1] + height, minlength=_CELLS[0] * _CELLS[1])
        return chi_square(counts, np.full(len(counts), 1 / len(counts)))

    return fit if elevation.has_width else _never


def _about_amplitudes(rules: Rules, quantities: dict[str, Quantity]) -> Iterator[Question]:
    sampled = {a.quantity for a in amplitudes_of(rules) if not set(a.columns).isdisjoint(rules.motions)}
    for quantity in quantities.values():
        if quantity.name in sampled:
            yield Question(
                name=quantity.name,
                text=f"Are {quantity.motion} amplitudes uniform in their range, with both signs?",
                unit="camera",
                motion=quantity.motion,
                fit=_levels(f"{quantity.name}_level", rules) if rules.amplitude_levels else _ks_of(quantity),
                resampled="clips_resampled",
            )


def _about_speeds(rules: Rules, speed_a: Quantity) -> Iterator[Question]:
    if 0 < rules.constant_share < 1:
        yield Question(
            name="constant_share",
            text=f"Do {rules.constant_share:.0%} of the moving cameras have constant speed?",
            unit="camera",
            fit=_share("is_constant", rules.constant_share),
            resampled="clips_resampled",
        )
    if rules.constant_share < 1:
        yield Question(
            name="speed_sign",
            text="Do as many cameras slow down (a > 0) as speed up?",
            unit="camera",
            fit=_share("is_slowing", 0.5),
            resampled="clips_resampled",
        )
        yield Question(
            name="speed_a",
            text="Is the speed parameter a uniform in its range, with both signs?",
            unit="camera",
            inferred=True,
            fit=_ks_of(speed_a),
            resampled="clips_resampled",
        )
    if rules.speed_sampling == "stratified":
        yield Question(
            name="speed_balance",
            text="Does each rig and motion have its share of constant speeds, to the nearest camera?",
            unit="rig",
            inferred=True,
            fit=_speed_balance,
        )


def _about_random_moves(rules: Rules) -> Iterator[Question]:
    if "random" not in rules.motions:
        return

    def ask(name: str, text: str, fit: Callable[[Sample], Fit | None]) -> Question:
        resampled: Literal["clips_resampled"] = "clips_resampled"
        return Question(
            name=name, text=text, unit="camera", motion="random", inferred=True, fit=fit, resampled=resampled
        )

    heading, eased = "Are all headings of random moves equally likely?", rules.spline == "unreal_keys"
    yield ask("random_height", "Do random moves go up and down as often as sideways?", _ks("random_height"))
    yield ask("random_heading", heading, _around("random_heading"))
    follows = "Are the headings of random moves independent of the start direction?"
    yield ask("heading_azimuth", follows, headings_by_azimuth)
    yield ask("random_eased", f"Are random moves timed as {rules.spline}?", _share("is_eased", float(eased)))
    if rules.waypoints[1] > 1:
        turns = f"Are turns at waypoints uniform in a cone of {rules.max_turn_deg:g} deg?"
        if rules.max_turn_deg > 0:
            yield ask("waypoint_turn", turns, _ks("waypoint_turn"))
            spins = "Are turns at waypoints in all directions equally likely?"
            yield ask("waypoint_spin", spins, _around("waypoint_spin"))
        steps = "Do the first two steps of random moves have sizes uniform from 0.5 to 1.5?"
        yield ask("waypoint_step", steps, _ks("waypoint_step"))


def _about_rigs(rules: Rules) -> Iterator[Question]:
    """Questions about the cameras of one rig, and about consecutive rigs."""
    motions = [motion for motion in rules.motions if motion != "static"]
    pairs = (
        ("rig_amounts", "size", "Are the amplitudes in a rig independent of each other?", len(motions)),
        (
            "rig_signs",
            "sign",
            "Are the signs in a rig independent of each other?",
            len([motion for motion in motions if motion not in ("translation", "random")]),
        ),
        (
            "rig_speeds",
            "speed",
            "Are the speed parameters in a rig independent of each other?",
            len(motions) if rules.constant_share < 1 else 0,
        ),
    )
    for name, column, text, cameras in pairs:
        if cameras > 1:
            yield Question(
                name=name, text=text, unit="rig", fit=within_rigs(column), resampled="clips_resampled"
            )
    for name, text, fit in _about_neighbours(rules):
        yield Question(name=name, text=text, unit="rig", fit=fit, resampled="clips_resampled")
    yield Question(
        name="serial_direction",
        text="Is the start direction independent of that of the rig before?",
        unit="rig",
        fit=serial_directions,
        resampled="starts_resampled",
    )


def _about_neighbours(rules: Rules) -> Iterator[tuple[str, str, Callable[[Sample], Fit | None]]]:
    """Questions about directions of cameras with the same motion in one rig."""
    axes = len(rules.translation_axes)
    if rules.motions.count("random") > 1:
        text = "Are the headings of random moves in a rig independent of each other?"
        yield "rig_headings", text, same_headings
    if rules.motions.count("translation") > 1 and axes > 1:
        yield "rig_axes", "Do translations in a rig share an axis as often as by chance?", same_axes(axes)


def _about_periods(rules: Rules) -> Iterator[Question]:
    """Questions about rigs at a small distance in the set, as those of one worker have."""
    for name, column, of, varies in (
        ("radius", "radius", "start distance", max(rules.largest_radii_m) > rules.radius_m[0]),
        ("elevation", "elevation", "start elevation", rules.elevation_deg[1] > rules.elevation_deg[0]),
        ("lens", "lens_in_order", "lens", len(rules.lenses) > 1),
    ):
        if varies:
            yield Question(
                name=f"period_{name}",
                text=f"Is the {of} independent of those {PERIODS[0]} to {PERIODS[-1]} rigs before?",
                unit="rig",
                fit=periodic(column),
                resampled="starts_resampled",
            )


def _about_choices(rules: Rules) -> Iterator[Question]:
    def ask(name: str, text: str, fit: Callable[[Sample], Fit | None], motion: str | None = None) -> Question:
        return Question(
            name=name,
            text=text,
            unit="camera",
            motion=motion,
            inferred=True,
            fit=fit,
            resampled="clips_resampled",
        )

    if rules.slot_layout == "iid":
        yield ask("motions", "Are motions as frequent as the rules define?", _motion_shares(rules))
    else:
        text = "Does every rig have each motion as often as its slots?"
        yield Question(name="motions", text=text, unit="rig", inferred=True, fit=_wrong_motions)
    if len(rules.translation_axes) > 1 and "translation" in rules.motions:
        fit = _equally_frequent("along", len(rules.translation_axes))
        yield ask("translation_axis", "Are all translation axes equally frequent?", fit, "translation")
    fewest, most = rules.waypoints
    if most > fewest and "random" in rules.motions:
        fit = _equally_frequent("waypoints", most - fewest + 1)
        yield ask("waypoints", "Are all numbers of waypoints equally frequent?", fit, "random")
    if len(rules.lenses) > 1:
        fit = _equally_frequent("lens", len(rules.lenses))
        yield Question(name="lens", text="Are all lenses equally frequent?", unit="rig", fit=fit)
    if 0 < rules.track_share < 1 and "translation" in rules.motions:
        text = f"Do {rules.track_share:.0%} of the translations keep aiming at the subject?"
        yield ask("track_share", text, _share("tracks", rules.track_share), "translation")
    if rules.layout == "mixed":
        text = f"Do {rules.independent_share:.1%} of the rigs have independent starts?"
        fit = _share("is_independent", rules.independent_share)
        yield Question(name="independent_share", text=text, unit="rig", fit=fit)


def _never(sample: Sample) -> Fit | None:
    return None


def _enough(name: str, fit: Callable[[np.ndarray], Fit | None]) -> Callable[[Sample], Fit | None]:
    """A test of one column, if it has enough known values."""

    def fit_known(sample: Sample) -> Fit | None:
        known = sample[name][np.isfinite(sample[name])]
        return fit(known) if len(known) >= _FEWEST else None

    return fit_known


def _ks(name: str) -> Callable[[Sample], Fit | None]:
    """Whether a column of ranks is uniform from 0 to 1."""
    return _enough(name, lambda ranks: ks(ranks, lambda values: np.clip(values, 0.0, 1.0)))


def _around(name: str) -> Callable[[Sample], Fit | None]:
    """Whether a column of shares of a whole turn is uniform."""
    return _enough(name, lambda turns: kuiper(turns, lambda values: values))


def _ks_of(quantity: Quantity) -> Callable[[Sample], Fit | None]:
    cdf = quantity.cdf
    return _enough(quantity.name, lambda values: ks(values, cdf)) if cdf and quantity.has_width else _never


def _kuiper_of(quantity: Quantity) -> Callable[[Sample], Fit | None]:
    cdf = quantity.cdf
    return _enough(quantity.name, lambda values: kuiper(values, cdf)) if cdf else _never


def _spearman(a: str, b: str, *, fewest: int) -> Callable[[Sample], Fit | None]:
    """Whether two values of each start are uncorrelated."""

    def fit(sample: Sample) -> Fit | None:
        rows = sample["is_start"] & np.isfinite(sample[a]) & np.isfinite(sample[b])
        return spearman(sample[a][rows], sample[b][rows]) if rows.sum() >= fewest else None

    return fit


def _share(name: str, share: float) -> Callable[[Sample], Fit | None]:
    return _enough(name, lambda hits: binomial(int(hits.sum()), len(hits), share))


def _frequencies(counts: Int[np.ndarray, "cells"], shares: np.ndarray) -> Fit | None:
    """A test of counts, if no cell is expected to have too few."""
    return chi_square(counts, shares) if counts.sum() * shares.min() >= FEWEST_PER_CELL else None


def _equally_frequent(
    name: str, choices: int, *, is_complete: bool = False
) -> Callable[[Sample], Fit | None]:
    """Whether all choices are equally frequent. Values that are no choice (-1, NaN) are findings elsewhere.

    With ``is_complete`` there is no test if there are such values.
    """

    def fit(sample: Sample) -> Fit | None:
        values = np.nan_to_num(sample[name], nan=-1.0).astype(np.int64)
        known = values[values >= 0]
        if is_complete and len(known) < len(values):
            return None
        return _frequencies(np.bincount(known, minlength=choices), np.full(choices, 1 / choices))

    return fit


def _levels(name: str, rules: Rules) -> Callable[[Sample], Fit | None]:
    levels = np.array(sorted(set(rules.amplitude_levels)))
    wanted = np.array([rules.amplitude_levels.count(level) for level in levels.tolist()])

    def fit(values: np.ndarray) -> Fit | None:
        nearest = np.abs(values[:, None] - levels).argmin(axis=1)
        return _frequencies(np.bincount(nearest, minlength=len(levels)), wanted / wanted.sum())

    return _enough(name, fit) if len(levels) > 1 else _never


def _speed_balance(sample: Sample) -> Fit | None:
    unbalanced = sample["unbalanced"]
    if not len(unbalanced) or sample["clips_resampled"].any():
        return None
    return exact(int(unbalanced.sum()), len(unbalanced))


def _motion_counts(motion: Int[np.ndarray, "clips"], names: list[str]) -> Int[np.ndarray, "motions"]:
    return np.array([(motion == KINDS.index(name)).sum() for name in names])


def _motion_shares(rules: Rules) -> Callable[[Sample], Fit | None]:
    shares = {name: share for name, share in rules.motion_shares.items() if share}

    def fit(motion: np.ndarray) -> Fit | None:
        counts = _motion_counts(motion, list(shares))
        wanted = np.array(list(shares.values()))
        return _frequencies(counts, wanted / wanted.sum()) if counts.any() else None

    return _enough("motion", fit) if len(shares) > 1 else _never


def _wrong_motions(sample: Sample) -> Fit | None:
    return exact(int((sample["wrong_motions"] > 0).sum()), len(sample["wrong_motions"]))
