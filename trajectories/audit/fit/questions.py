"""The questions put to gathered values: does each follow the law that the rules declare?"""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float, Int

from ...motions import MOTIONS
from ...sampling.rules import INFERRED, Rules
from ..conformance import slots_of
from ..measured.quantities import Quantity, quantities_of
from ..report import LawTest
from .fit_tests import (
    Asked,
    binomial_test,
    chi_square_test,
    exact_test,
    judged,
    ks_test,
    kuiper_test,
    spearman_test,
)
from .samples import Sample

# Sky cells of equal chance: directions times elevations.
_CELLS = (12, 6)
_FEWEST = 8


def law_tests(sample: Sample, rules: Rules, *, places_limit_radius: bool) -> tuple[LawTest, ...]:
    """Every question that the sample has values for, judged together.

    ``places_limit_radius``: starts keep within the room of their environment, which the table does not
    state; the largest distance in each then stands for its limit.
    """
    if not len(sample.get("motion", ())):
        return ()
    return judged(
        test
        for tests in (_start_tests, _move_tests, _pace_tests, _choice_tests)
        for test in tests(sample, rules, places_limit_radius)
        if test is not None
    )


def _start_tests(sample: Sample, rules: Rules, places_limit_radius: bool) -> Iterator[LawTest | None]:
    quantities = {q.name: q for q in quantities_of(rules)}
    redrawn = _share(sample["starts_redrawn"])
    for name, question in (
        ("start_radius_m", "Are start distances spread as radius_measure says?"),
        ("start_elevation_deg", "Are start elevations spread as elevation_measure says?"),
        ("start_azimuth_deg", "Do starts lie in all directions alike?"),
    ):
        quantity, values = quantities[name], sample[name]
        asked = Asked(
            name=name,
            question=question,
            unit="start",
            inferred=bool(set(quantity.inferred) & INFERRED),
            allowed_more=redrawn,
        )
        if name == "start_radius_m" and places_limit_radius:
            yield _radius_test(asked, sample, quantity, rules)
        elif len(values) >= _FEWEST and _has_width(quantity):
            assert quantity.law is not None
            test = kuiper_test if name == "start_azimuth_deg" else ks_test
            yield test(asked, values, quantity.law)
    elevation, azimuth = sample["start_elevation_deg"], sample["start_azimuth_deg"]
    law = quantities["start_elevation_deg"].law
    if (
        len(elevation) < 5 * np.prod(_CELLS)
        or law is None
        or not _has_width(quantities["start_elevation_deg"])
    ):
        return
    east = np.minimum((azimuth / 360 * _CELLS[0]).astype(int), _CELLS[0] - 1)
    height = np.minimum((law(elevation) * _CELLS[1]).astype(int), _CELLS[1] - 1)
    cells = np.bincount(east * _CELLS[1] + height, minlength=_CELLS[0] * _CELLS[1])
    question = "Do starts fill all parts of the hemisphere alike?"
    asked = Asked(name="start_cells", question=question, unit="start", inferred=True, allowed_more=redrawn)
    yield chi_square_test(asked, cells, np.full(len(cells), 1 / len(cells)))
    if len(elevation) == len(sample["start_radius_m"]):
        question = "Are distance and elevation of starts independent?"
        asked = Asked(name="start_radius_elevation", question=question, unit="start", allowed_more=redrawn)
        yield spearman_test(asked, sample["start_radius_m"], elevation)


def _radius_test(asked: Asked, sample: Sample, quantity: Quantity, rules: Rules) -> LawTest | None:
    """Shares of the largest distance of each place: exactly uniform, whatever its limit was."""
    if rules.radius_limits_m or quantity.law is None:
        return None
    shares = []
    for place in np.unique(sample["start_place"]):
        ranks = np.sort(quantity.law(sample["start_radius_m"][sample["start_place"] == place]))
        shares.append(ranks[:-1] / ranks[-1])
    values = np.concatenate(shares)
    return ks_test(asked, values, lambda v: v) if len(values) >= _FEWEST else None


def _move_tests(sample: Sample, rules: Rules, _: bool) -> Iterator[LawTest | None]:
    redrawn = _share(sample["clips_redrawn"])
    for quantity in quantities_of(rules):
        if quantity.group != "amplitude":
            continue
        question = f"Do {quantity.motion} amplitudes fill their range evenly, both signs alike?"
        asked = Asked(
            name=quantity.name,
            question=question,
            unit="camera",
            motion=quantity.motion,
            allowed_more=redrawn,
        )
        if quantity.law is not None and len(sample[quantity.name]) >= _FEWEST and _has_width(quantity):
            yield ks_test(asked, sample[quantity.name], quantity.law)
        elif rules.amplitude_levels and len(sample[f"{quantity.name}_level"]) >= _FEWEST:
            yield _level_test(asked, sample[f"{quantity.name}_level"], rules)
    for motion in ("translation", "random"):
        ratio = sample.get(f"{motion}_ratio", np.zeros(0))
        if len(ratio) >= _FEWEST:
            question = f"Is the length of a {motion} move, in start distances, independent of that distance?"
            asked = Asked(
                name=f"{motion}_ratio_radius",
                question=question,
                unit="camera",
                motion=motion,
                allowed_more=redrawn,
            )
            yield spearman_test(asked, ratio, sample[f"{motion}_radius"])


def _level_test(asked: Asked, level: Float[np.ndarray, "clips"], rules: Rules) -> LawTest | None:
    levels = np.array(sorted(set(rules.amplitude_levels)))
    if len(levels) < 2:
        return None
    nearest = np.abs(level[:, None] - levels).argmin(axis=1)
    wanted = np.array([rules.amplitude_levels.count(v) for v in levels.tolist()])
    return chi_square_test(asked, np.bincount(nearest, minlength=len(levels)), wanted / wanted.sum())


def _pace_tests(sample: Sample, rules: Rules, _: bool) -> Iterator[LawTest | None]:
    redrawn = _share(sample["clips_redrawn"])
    is_constant = sample["is_constant"]
    if len(is_constant) >= _FEWEST and 0 < rules.constant_share < 1:
        question = f"Do {rules.constant_share:.0%} of the moving cameras keep a constant speed?"
        asked = Asked(name="constant_share", question=question, unit="camera", allowed_more=redrawn)
        yield binomial_test(asked, int(is_constant.sum()), len(is_constant), rules.constant_share)
    uneven = sample["uneven_pace"]
    if rules.pace == "stratified" and len(uneven) and not redrawn:
        question = "Does each rig and motion hold its share of constant speed, to the nearest camera?"
        asked = Asked(name="pace_balance", question=question, unit="rig", inferred=True)
        yield exact_test(asked, int(uneven.sum()), len(uneven))
    speed_a = next(q for q in quantities_of(rules) if q.name == "speed_a")
    if len(sample["speed_a"]) >= _FEWEST and speed_a.law is not None and _has_width(speed_a):
        question = "Is the speed parameter a spread evenly over its range, both signs alike?"
        asked = Asked(name="speed_a", question=question, unit="camera", inferred=True, allowed_more=redrawn)
        yield ks_test(asked, sample["speed_a"], speed_a.law)


def _choice_tests(sample: Sample, rules: Rules, _: bool) -> Iterator[LawTest | None]:
    redrawn = _share(sample["clips_redrawn"])
    yield _slot_test(sample["motion"], rules, redrawn)
    if len(rules.translation_axes) > 1:
        question = "Are translations along all axes equally frequent?"
        asked = _choice("translation_axis", question, "translation", redrawn)
        yield _even_test(asked, sample["axis"], len(rules.translation_axes))
    low, high = rules.waypoints
    if high > low:
        asked = _choice("waypoints", "Are all numbers of waypoints equally frequent?", "random", redrawn)
        yield _even_test(asked, sample["waypoints"] - low, high - low + 1)
    if len(rules.lenses) > 1:
        asked = Asked(name="lens", question="Are all lenses equally frequent?", unit="rig")
        yield _even_test(asked, sample["lens"], len(rules.lenses))
    tracking, own = sample["is_tracking"], sample["is_independent"]
    if len(tracking) >= _FEWEST and 0 < rules.track_share < 1:
        question = f"Do {rules.track_share:.0%} of the translations keep their aim?"
        asked = _choice("track_share", question, "translation", redrawn)
        yield binomial_test(asked, int(tracking.sum()), len(tracking), rules.track_share)
    if rules.layout == "mixed" and len(own) >= _FEWEST:
        question = f"Do {rules.independent_share:.1%} of the rigs start each camera at a pose of its own?"
        asked = Asked(name="independent_share", question=question, unit="rig")
        yield binomial_test(asked, int(own.sum()), len(own), rules.independent_share)


def _choice(name: str, question: str, motion: str, redrawn: float) -> Asked:
    return Asked(
        name=name, question=question, unit="camera", motion=motion, inferred=True, allowed_more=redrawn
    )


def _even_test(asked: Asked, choice: Int[np.ndarray, "draws"], choices: int) -> LawTest | None:
    """Whether all choices are equally frequent; what is none of them is a finding elsewhere."""
    known = choice[(choice >= 0) & (choice < choices)]
    if len(known) < _FEWEST:
        return None
    return chi_square_test(asked, np.bincount(known, minlength=choices), np.full(choices, 1 / choices))


def _slot_test(motion: Int[np.ndarray, "clips"], rules: Rules, redrawn: float) -> LawTest | None:
    slots = slots_of(rules)
    names = [name for name in MOTIONS if name in slots]
    counts = np.array([(motion == list(MOTIONS).index(name)).sum() for name in names])
    shares = np.array([slots.count(name) for name in names]) / len(slots)
    if rules.slot_layout == "iid":
        question = "Are motions as frequent as their slots?"
        asked = Asked(name="motions", question=question, unit="camera", inferred=True, allowed_more=redrawn)
        return chi_square_test(asked, counts, shares) if len(names) > 1 and counts.sum() >= _FEWEST else None
    question = "Does every rig hold each motion as often as its slots say?"
    asked = Asked(name="motions", question=question, unit="camera", inferred=True)
    # The largest share of rigs that any motion supports tells how many cameras lack.
    rigs = max(-(-int(count) // slots.count(name)) for name, count in zip(names, counts, strict=True))
    wanted = np.array([slots.count(name) for name in names]) * rigs
    surplus = int((motion < 0).sum()) + len(motion) - int(counts.sum() + (motion < 0).sum())
    return exact_test(asked, int(np.abs(wanted - counts).sum()) + surplus, max(int(wanted.sum()), 1))


def _share(flags: Bool[np.ndarray, "values"]) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _has_width(quantity: Quantity) -> bool:
    return quantity.bounds[-1][1] > quantity.bounds[0][0]
