"""The values that the laws of the rules are about, gathered part by part, and the questions put to them."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool, Float, Int

from .audit_report import LawTest
from .clips import Clips
from .conformance import lens_index, slots_of
from .laws import (
    Asked,
    binomial_test,
    chi_square_test,
    exact_test,
    judged,
    ks_test,
    kuiper_test,
    spearman_test,
)
from .measures import Measures
from .motions import MOTIONS
from .quantities import Quantity, amplitudes_of, independent_starts, quantities_of
from .rules import INFERRED, Rules

Sample = dict[str, np.ndarray]
# Sky cells of equal chance: directions times elevations.
_CELLS = (12, 6)
_FEWEST = 8
_ONLY_STATED = ("waypoints", "is_tracking", "uneven_pace", "lens")


def law_sample(clips: Clips, measures: Measures, rules: Rules, *, is_stated: bool) -> Sample:
    """Values of some clips; arrays of the same name from other clips are appended to them.

    Clips that are not ``is_stated`` give none of what poses cannot tell.
    """
    once = independent_starts(clips)
    moving = clips.motion != "static"
    paced = moving & (clips.speed_class != "eased")
    rig_first = np.flatnonzero(np.diff(clips.rig, prepend=-1))
    sample = {q.name: q.of(clips, measures) for q in quantities_of(rules) if q.law is not None}
    sample["starts_redrawn"] = clips.attempt[once] > 0
    sample["clips_redrawn"] = clips.attempt > 0
    sample["start_place"] = np.array(
        [str(take).rpartition("_")[0] for take in clips.take[once]], dtype=np.str_
    )
    codes = {name: code for code, name in enumerate(MOTIONS)}
    sample["motion"] = np.array([codes.get(name, -1) for name in clips.motion.tolist()], dtype=np.int8)
    sample["is_constant"] = (clips.speed_class == "constant")[paced]
    sample["lens"] = lens_index(clips, rules)[rig_first].astype(np.int8)
    sample["is_independent"] = (clips.layout == "independent")[rig_first]
    is_moved, is_random = clips.motion == "translation", clips.motion == "random"
    sample["axis"] = _axes(clips[is_moved], rules)
    sample["is_tracking"] = clips.moves.is_tracking[is_moved]
    sample["waypoints"] = clips.moves.waypoint_count[is_random].astype(np.int8)
    sample["translation_radius"] = measures.radius_m[is_moved]
    sample["random_radius"] = measures.radius_m[is_random]
    sample["uneven_pace"] = _uneven(clips, paced, rules)
    for amplitude in amplitudes_of(rules) if rules.amplitude_levels else ():
        rows = np.isin(clips.motion, list(amplitude.told_in))
        size = np.abs(getattr(measures, amplitude.name)[rows])
        span = (amplitude.bounds[1] - amplitude.bounds[0]) or 1.0
        sample[f"{amplitude.quantity}_level"] = (size - amplitude.bounds[0]) / span
    if not is_stated:
        sample |= {name: sample[name][:0] for name in _ONLY_STATED}
    return sample


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
            # Chords fall short of a random move's curve, so its measured lengths are a shade too small.
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
    axes = len(rules.translation_axes)
    if len(sample["axis"]) >= _FEWEST and axes > 1:
        question = "Are translations along all axes equally frequent?"
        asked = Asked(
            name="translation_axis",
            question=question,
            unit="camera",
            motion="translation",
            inferred=True,
            allowed_more=redrawn,
        )
        counts = np.bincount(sample["axis"] + 1, minlength=axes + 1)
        yield (
            chi_square_test(asked, counts, np.array([0.0, *[1 / axes] * axes]))
            if counts[0]
            else (chi_square_test(asked, counts[1:], np.full(axes, 1 / axes)))
        )
    tracking = sample["is_tracking"]
    if len(tracking) >= _FEWEST and 0 < rules.track_share < 1:
        question = f"Do {rules.track_share:.0%} of the translations keep their aim?"
        asked = Asked(
            name="track_share",
            question=question,
            unit="camera",
            motion="translation",
            inferred=True,
            allowed_more=redrawn,
        )
        yield binomial_test(asked, int(tracking.sum()), len(tracking), rules.track_share)
    low, high = rules.waypoints
    if len(sample["waypoints"]) >= _FEWEST and high > low:
        question = "Are all numbers of waypoints equally frequent?"
        asked = Asked(
            name="waypoints",
            question=question,
            unit="camera",
            motion="random",
            inferred=True,
            allowed_more=redrawn,
        )
        counts = np.bincount(np.clip(sample["waypoints"] - low, 0, high - low), minlength=high - low + 1)
        yield chi_square_test(asked, counts, np.full(len(counts), 1 / len(counts)))
    lens = sample["lens"][sample["lens"] >= 0]
    if len(lens) >= _FEWEST and len(rules.lenses) > 1:
        asked = Asked(name="lens", question="Are all lenses equally frequent?", unit="rig")
        counts = np.bincount(lens, minlength=len(rules.lenses))
        yield chi_square_test(asked, counts, np.full(len(counts), 1 / len(counts)))
    own = sample["is_independent"]
    if rules.layout == "mixed" and len(own) >= _FEWEST:
        question = f"Do {rules.independent_share:.1%} of the rigs start each camera at a pose of its own?"
        asked = Asked(name="independent_share", question=question, unit="rig")
        yield binomial_test(asked, int(own.sum()), len(own), rules.independent_share)


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


def _axes(clips: Clips, rules: Rules) -> Int[np.ndarray, "clips"]:
    """Which of the rules' axes each translation follows, -1 for none."""
    direction = clips.moves.direction
    start = clips.poses[:, 0]
    if rules.translation_frame == "camera":
        direction = np.einsum("cia,ci->ca", start.rotation, direction)
    elif rules.translation_frame == "subject":
        away = start.position_m[:, :2] - clips.subject_m[:, :2]
        x, y = (away / np.linalg.norm(away, axis=1, keepdims=True)).T
        dx, dy, dz = direction.T
        direction = np.stack([x * dx + y * dy, x * dy - y * dx, dz], axis=-1)
    turn = {"+": 1.0, "-": -1.0}
    units = np.array([turn[name[0]] * np.eye(3)["xyz".index(name[1])] for name in rules.translation_axes])
    along = direction @ units.T
    return np.where(along.max(axis=1, initial=-1.0) > 1 - 1e-5, along.argmax(axis=1), -1)


def _uneven(clips: Clips, paced: Bool[np.ndarray, "clips"], rules: Rules) -> Bool[np.ndarray, "groups"]:
    """Rig by rig and motion by motion: is the number of constant cameras not the share's floor or ceiling?

    Where cameras lack, the share cannot be asked.
    """
    rows = clips[paced]
    if not len(rows):
        return np.zeros(0, dtype=bool)
    names, motion = np.unique(rows.motion, return_inverse=True)
    groups, group = np.unique(rows.rig * len(names) + motion, return_inverse=True)
    size = np.bincount(group)
    constant = np.bincount(group, weights=rows.speed_class == "constant")
    is_uneven = np.abs(constant - rules.constant_share * size) >= 1
    wanted = np.array([slots_of(rules).count(name) for name in names.tolist()])[groups % len(names)]
    return is_uneven[(size == wanted) | (rules.slot_layout == "iid")]


def _share(flags: Bool[np.ndarray, "values"]) -> float:
    return float(flags.mean()) if len(flags) else 0.0


def _has_width(quantity: Quantity) -> bool:
    return quantity.bounds[-1][1] > quantity.bounds[0][0]
