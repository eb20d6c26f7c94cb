"""Questions about what cameras do: amplitudes, speeds, choices and random moves."""

from collections.abc import Iterator, Mapping
from functools import partial

import numpy as np

from ...sampling.moves import KINDS
from ...sampling.rules import Rules
from ..measured.quantities import Quantity, sampled_amplitudes
from .column_tests import (
    enough,
    equal_levels,
    equally_frequent,
    follows,
    frequencies,
    has_share,
    never,
    uniform_ranks,
    uniform_turns,
)
from .question import Question, Sample, Test
from .statistical_tests import Fit, exact

_FEWEST_HEADINGS = 30


def questions_about_moves(rules: Rules, quantities: Mapping[str, Quantity]) -> Iterator[Question]:
    """All questions about single cameras."""
    yield from _about_amplitudes(rules, quantities)
    yield from _about_speeds(rules, quantities["speed_a"])
    yield from _about_choices(rules)
    yield from _about_random_moves(rules)


def _about_amplitudes(rules: Rules, quantities: Mapping[str, Quantity]) -> Iterator[Question]:
    levels = rules.amplitude_levels
    sampled = sampled_amplitudes(rules)
    for quantity in quantities.values():
        if quantity.name in sampled:
            yield Question(
                name=quantity.name,
                text=f"Are {quantity.motion} amplitudes uniform in their range, with both signs?",
                unit="camera",
                motion=quantity.motion,
                fit=equal_levels(f"{quantity.name}_level", levels) if levels else follows(quantity),
                widened_by="clips_sampled_again",
            )


def _about_speeds(rules: Rules, speed_a: Quantity) -> Iterator[Question]:
    ask = partial(Question, unit="camera", widened_by="clips_sampled_again")
    if 0 < rules.constant_share < 1:
        text = f"Do {rules.constant_share:.0%} of the moving cameras have constant speed?"
        yield ask(name="constant_share", text=text, fit=has_share("is_constant", rules.constant_share))
    if rules.constant_share < 1:
        text = "Do as many cameras slow down (a > 0) as speed up?"
        yield ask(name="speed_sign", text=text, fit=has_share("is_slowing", 0.5))
        text = "Is the speed parameter a uniform in its range, with both signs?"
        yield ask(name="speed_a", text=text, fit=follows(speed_a), inferred=True)
    if rules.speed_sampling == "stratified":
        yield Question(
            name="speed_balance",
            text="Does each rig and motion have its share of constant speeds, to the nearest camera?",
            unit="rig",
            inferred=True,
            fit=_speed_balance,
        )


def _about_choices(rules: Rules) -> Iterator[Question]:
    ask = partial(Question, unit="camera", inferred=True, widened_by="clips_sampled_again")
    axes, (fewest, most) = len(rules.translation_axes), rules.waypoints
    translates = "translation" in rules.motions
    if rules.slot_layout == "iid":
        text = "Are motions as frequent as the rules define?"
        yield ask(name="motions", text=text, fit=_motion_shares(rules))
    else:
        text = "Does every rig have each motion as often as its slots?"
        yield Question(name="motions", text=text, unit="rig", inferred=True, fit=_wrong_motions)
    if axes > 1 and translates:
        text, fit = "Are all translation axes equally frequent?", equally_frequent("along", axes)
        yield ask(name="translation_axis", text=text, fit=fit, motion="translation")
    if most > fewest and "random" in rules.motions:
        text = "Are all numbers of waypoints equally frequent?"
        fit = equally_frequent("waypoints", most - fewest + 1)
        yield ask(name="waypoints", text=text, fit=fit, motion="random")
    if len(rules.lenses) > 1:
        text, fit = "Are all lenses equally frequent?", equally_frequent("lens", len(rules.lenses))
        yield Question(name="lens", text=text, unit="rig", fit=fit)
    if 0 < rules.track_share < 1 and translates:
        text = f"Do {rules.track_share:.0%} of the translations keep aiming at the subject?"
        fit = has_share("tracks", rules.track_share)
        yield ask(name="track_share", text=text, fit=fit, motion="translation")
    if rules.layout == "mixed":
        text = f"Do {rules.independent_share:.1%} of the rigs have independent starts?"
        fit = has_share("is_independent", rules.independent_share)
        yield Question(name="independent_share", text=text, unit="rig", fit=fit)


def _about_random_moves(rules: Rules) -> Iterator[Question]:
    if "random" not in rules.motions:
        return
    ask = partial(Question, unit="camera", motion="random", inferred=True, widened_by="clips_sampled_again")
    text = "Do random moves go up and down as often as sideways?"
    yield ask(name="random_height", text=text, fit=uniform_ranks("random_height"))
    text = "Are all headings of random moves equally likely?"
    yield ask(name="random_heading", text=text, fit=enough("random_heading", uniform_turns))
    text = "Are the headings of random moves independent of the start direction?"
    yield ask(name="heading_azimuth", text=text, fit=_headings_by_azimuth)
    is_eased = float(rules.spline == "unreal_keys")
    text = f"Are random moves timed as {rules.spline}?"
    yield ask(name="random_eased", text=text, fit=has_share("is_eased", is_eased))
    if rules.waypoints[1] <= 1:
        return
    if rules.max_turn_deg > 0:
        text = f"Are turns at waypoints uniform in a cone of {rules.max_turn_deg:g} deg?"
        yield ask(name="waypoint_turn", text=text, fit=uniform_ranks("waypoint_turn"))
        text = "Are turns at waypoints in all directions equally likely?"
        yield ask(name="waypoint_spin", text=text, fit=enough("waypoint_spin", uniform_turns))
    text = "Do the first two steps of random moves have sizes uniform from 0.5 to 1.5?"
    yield ask(name="waypoint_step", text=text, fit=uniform_ranks("waypoint_step"))
    if rules.waypoints[1] > 2:
        text = "Do the second and third steps of random moves have sizes uniform from 0.5 to 1.5?"
        yield ask(name="waypoint_later_step", text=text, fit=uniform_ranks("waypoint_later_step"))


def _speed_balance(sample: Sample) -> Fit | None:
    unbalanced = sample["unbalanced"]
    if not len(unbalanced) or sample["clips_sampled_again"].any():
        return None
    return exact(int(unbalanced.sum()), len(unbalanced))


def _headings_by_azimuth(sample: Sample) -> Fit | None:
    """Whether the turn from the start direction of a random move to its heading is uniform."""
    return uniform_turns(sample["heading"] - sample["azimuth"], fewest=_FEWEST_HEADINGS)


def _motion_shares(rules: Rules) -> Test:
    shares = {name: share for name, share in rules.motion_shares.items() if share}
    kinds, wanted = [KINDS.index(name) for name in shares], np.array(list(shares.values()))

    def fit(motion: np.ndarray) -> Fit | None:
        counts = np.array([(motion == kind).sum() for kind in kinds])
        return frequencies(counts, wanted / wanted.sum()) if counts.any() else None

    return enough("motion", fit) if len(shares) > 1 else never


def _wrong_motions(sample: Sample) -> Fit | None:
    wrong = sample["wrong_motions"] > 0
    return exact(int(wrong.sum()), len(wrong)) if len(wrong) else None
