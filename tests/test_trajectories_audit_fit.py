"""Fit tests: rigs that follow the rules pass with small effects, rigs of another distribution fail."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from audit_examples import PAPER, sampled_clips
from scipy import stats

from trajectories import ClipSource, ClipTable
from trajectories.audit import AuditReport, FitTest, audit
from trajectories.audit.accumulator import Accumulator
from trajectories.audit.fit.statistical_tests import (
    SIGNIFICANCE,
    binomial,
    chi_square,
    exact,
    ks,
    kuiper,
    spearman,
)
from trajectories.sampling import PRESETS, Rules

FRAMES = 9
# Changes of the rules, as (field, value).
Changes = dict[str, Any]


def report_of(clips: ClipTable, rules: Rules, *, in_environments: bool = False) -> AuditReport:
    """The fit tests, without pairs, fingerprints and recovered moves."""
    accumulator = Accumulator(name="clips", rules=rules, depth="fit")
    accumulator.add(clips, in_environments=in_environments)
    return accumulator.report()


def failed(report: AuditReport) -> set[str]:
    return {test.name for test in report.failed_tests}


def by_name(report: AuditReport) -> dict[str, FitTest]:
    return {test.name: test for test in report.tests}


def starts(rigs: int, changes: Changes, *, sampled_by: Changes | None = None) -> tuple[ClipTable, Rules]:
    """Static cameras, one per rig: only their starts are tested."""
    rules = replace(PAPER, slots=("static",), **changes)
    clips = sampled_clips(rigs, rules=replace(rules, **(sampled_by or {})), frames=1)
    return clips, rules


@pytest.fixture(scope="module")
def paper() -> AuditReport:
    return report_of(sampled_clips(2000, frames=FRAMES), PAPER)


# ---------------------------------------------------------------- rigs of the rules
def test_rigs_of_the_rules_pass_every_test_with_a_small_effect(paper: AuditReport):
    assert paper.errors == {}
    assert len(paper.tests) == paper.questions == 252
    for test in paper.tests:
        assert test.verdict != "fail", test
        # A sample of n differs by about 1 / sqrt(n).
        assert test.effect < 3.5 / np.sqrt(test.n), test
        assert test.p <= test.q <= 1


def test_a_start_that_cameras_share_counts_once(paper: AuditReport):
    n = {test.name: (test.n, test.unit) for test in paper.tests}
    assert n["start_radius_m"] == (2000, "start")
    assert n["pan_deg"] == (2000, "camera")
    assert n["constant_share"] == (18_000, "camera")
    assert n["lens"] == (2000, "rig")


@pytest.mark.parametrize("preset", ["release", "toy"])
def test_every_preset_passes_its_own_tests(preset: str):
    rules = PRESETS[preset]
    report = report_of(sampled_clips(400, rules=rules, frames=FRAMES), rules)
    assert failed(report) == set()
    assert report.errors == {}
    assert {"pan_deg", "tilt_deg", "start_radius_m"} <= set(by_name(report))


# ---------------------------------------------------------------- rigs of another distribution
@pytest.mark.parametrize(
    ("slots", "rigs", "changes", "names"),
    [
        (("static",), 9000, {"elevation_measure": "angle"}, {"start_elevation_deg"}),
        (("static",), 600, {"radius_measure": "volume"}, {"start_radius_m"}),
        (("pan", "tilt"), 2000, {"speed_a": (2.3, 4.5)}, {"speed_a"}),
        (("pan",) * 4, 300, {"constant_share": 0.4}, {"constant_share", "speed_balance"}),
        (("translation",) * 2, 400, {"track_share": 0.7}, {"track_share"}),
        (("translation",), 600, {"translation_axes": ("+x", "-x", "+y", "-y", "+z")}, {"translation_axis"}),
        (("translation",), 600, {"translation_ratio": (0.25, 0.9)}, {"translation_ratio"}),
        (("random",), 600, {"waypoints": (1, 2)}, {"waypoints"}),
        (("pan", "arc"), 1200, {"pan_deg": (5.0, 50.0)}, {"pan_deg"}),
        (("pan", "arc"), 600, {"slot_layout": "iid"}, {"motions"}),
    ],
)
def test_another_distribution_fails_its_own_test_only(
    slots: tuple[str, ...], rigs: int, changes: Changes, names: set[str]
):
    rules = replace(PAPER, slots=slots)
    clips = sampled_clips(rigs, rules=replace(rules, **changes), frames=FRAMES)
    report = report_of(clips, rules)
    assert failed(report) == names
    assert report.verdict == "fail"
    for name in names:
        assert any(line.startswith(f"failed fit test {name}: ") for line in report.lines())


def test_a_missing_slot_fails_the_count_of_motions():
    clips = sampled_clips(50, frames=FRAMES)
    report = report_of(clips.rows(clips["camera"] != "cam04"), PAPER)
    assert failed(report) == {"motions"}
    assert by_name(report)["motions"].statistic == 50
    assert report.errors == {"missing_camera": 50}
    # A rig counts once, so the share is at most 1.
    one = report_of(clips.rows(clips["camera"] < "cam04").rows(slice(0, 3)), PAPER)
    assert (by_name(one)["motions"].n, by_name(one)["motions"].effect) == (1, 1.0)
    assert any("wrong share 1, allowed 0 (1 rig, exact count" in line for line in one.lines())


def test_unequal_lenses_and_layouts_fail():
    rules = replace(PAPER, slots=("static",), layout="mixed", independent_share=0.5)
    clips = sampled_clips(2000, rules=replace(rules, independent_share=0.4), frames=1)
    first, second = rules.lenses
    many = np.random.default_rng(1).random(len(clips)) < 0.7
    clips = clips.replaced(
        focal_length_mm=np.where(many, first.focal_length_mm, second.focal_length_mm),
        f_number=np.where(many, first.f_number, second.f_number),
    )
    assert failed(report_of(clips, rules)) == {"lens", "independent_share"}


# ---------------------------------------------------------------- the largest start distance of each rig
LIMITS_M = (3.0, 5.0, 10.0)
SEVERAL_LIMITS: Changes = {"radius_limits_m": LIMITS_M}


@pytest.mark.parametrize("measure", ["radius", "volume", "log"])
def test_starts_follow_the_distribution_of_their_rigs_limit(measure: str):
    clips, rules = starts(2500, {**SEVERAL_LIMITS, "radius_measure": measure})
    report = report_of(clips, rules)
    assert failed(report) == set()
    tests = by_name(report)
    assert (tests["start_radius_m"].n, tests["start_radius_m"].verdict) == (2500, "pass")
    assert (tests["radius_limit"].n, tests["radius_limit"].verdict) == (2500, "pass")


def test_start_distances_are_ranked_among_those_of_their_rig():
    clips, rules = starts(300, SEVERAL_LIMITS)
    radius_m = np.linalg.norm(clips.poses.position_m[:, 0] - clips["subject_m"], axis=1)
    expected = stats.kstest((radius_m - 0.5) / (clips["radius_limit_m"] - 0.5), "uniform")
    found = by_name(report_of(clips, rules))["start_radius_m"]
    assert (found.effect, found.p) == pytest.approx((expected.statistic, expected.pvalue))


def test_starts_of_another_distribution_fail_although_their_limits_are_right():
    clips, rules = starts(1500, SEVERAL_LIMITS, sampled_by={"radius_measure": "volume"})
    assert failed(report_of(clips, rules)) == {"start_radius_m"}


def test_starts_fail_against_the_limits_of_other_rigs():
    clips, rules = starts(1500, SEVERAL_LIMITS)
    report = report_of(clips.replaced(radius_limit_m=10.0), rules)
    assert failed(report) == {"start_radius_m", "radius_limit"}


def test_starts_without_a_known_limit_are_tested_against_all_limits_together():
    clips, rules = starts(1500, SEVERAL_LIMITS)
    tests = by_name(report_of(clips.replaced(radius_limit_m=float("nan")), rules))
    assert (tests["start_radius_m"].n, tests["start_radius_m"].verdict) == (1500, "pass")
    assert "radius_limit" not in tests


@pytest.mark.parametrize(("measure", "names"), [("radius", set()), ("volume", {"start_radius_m"})])
def test_environments_with_less_room_do_not_change_the_verdict(measure: str, names: set[str]):
    rules = replace(PAPER, slots=("static",))
    rooms = []
    for place, (name, room_m) in enumerate((("hall", 10.0), ("cell", 3.5))):
        smaller = replace(rules, radius_measure=measure).within(room_m)
        clips = sampled_clips(700, rules=smaller, frames=1, seed=place)
        rooms.append(clips.replaced(take=np.char.replace(clips["take"], "street", name)))
    report = report_of(ClipTable.concatenated(rooms), rules, in_environments=True)
    assert report.errors == {}
    assert failed(report) == names
    assert by_name(report)["start_radius_m"].n == 1400
    assert "radius_limit" not in by_name(report)


def test_limits_that_the_rules_do_not_have_are_errors():
    near = replace(PAPER, slots=("static",), radius_m=(0.5, 3.0))
    clips = sampled_clips(40, rules=near, frames=1)
    rules = replace(near, radius_m=PAPER.radius_m)
    assert report_of(clips, rules).errors == {"setting_differs": 40}
    assert report_of(clips, rules, in_environments=True).errors == {}
    far = clips.replaced(radius_limit_m=11.0)
    assert report_of(far, rules, in_environments=True).errors == {"setting_differs": 40}
    assert report_of(clips.replaced(radius_limit_m=0.0), rules, in_environments=True).errors != {}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_unknown_numbers_are_reported_and_not_an_exception(value: float, tmp_path: Path):
    clips = sampled_clips(12, frames=FRAMES)
    columns = ("speed_a", "distance_m", "angle_deg", "radius_limit_m", "fx_px")
    changed = {name: clips[name].copy() for name in columns}
    for number, values in enumerate(changed.values()):
        values[20 * number : 20 * number + 20] = value
    page = tmp_path / "audit.html"
    tables = [clips.replaced(**changed)]
    report = audit([ClipSource(name="set", where="set", tables=tables, rules=PAPER)], page=page)
    assert report.verdict == "fail" and page.exists()
    expected = {"speed_out_of_bounds", "amplitude_out_of_bounds", "pose_disagrees"}
    assert set(report.errors) >= expected | ({"setting_differs"} if np.isinf(value) else set())


def test_a_set_without_any_motion_of_its_rules_fails():
    rules = PRESETS["toy"]
    clips = sampled_clips(40, rules=rules, frames=FRAMES).replaced(motion="static")
    assert report_of(clips, rules).verdict == "fail"


# ---------------------------------------------------------------- verdicts
def test_few_rigs_are_too_few_and_do_not_fail():
    clips, rules = starts(30, {}, sampled_by={"elevation_measure": "angle"})
    report = report_of(clips, rules)
    assert by_name(report)["start_elevation_deg"].verdict == "too few"
    assert report.verdict == "pass"


def test_clips_that_were_sampled_again_increase_the_allowed_effect():
    rules = replace(PAPER, slots=("pan",))
    clips = sampled_clips(3000, rules=replace(rules, speed_a=(2.3, 4.5)), frames=FRAMES)
    again = clips.replaced(attempt=(np.arange(len(clips)) % 10 == 0).astype(np.int64))
    reports = report_of(clips, rules), report_of(again, rules)
    plain, allowed = (by_name(report)["speed_a"] for report in reports)
    assert (plain.verdict, plain.largest_effect_allowed) == ("fail", pytest.approx(0.02))
    assert (allowed.verdict, allowed.largest_effect_allowed) == ("pass", pytest.approx(0.12))
    assert (reports[1].sampled_again, reports[1].flags) == (300, {})


# ---------------------------------------------------------------- the statistics
def test_statistics_are_those_of_scipy():
    rng = np.random.default_rng(4)
    values = rng.uniform(size=500) ** 1.1
    expected = stats.kstest(values, "uniform")
    found = ks(values, lambda v: v)
    assert (found.effect, found.p) == pytest.approx((expected.statistic, expected.pvalue))
    counts = np.array([90, 120, 100, 110])
    found = chi_square(counts, np.full(4, 0.25))
    assert (found.statistic, found.p) == pytest.approx(tuple(stats.chisquare(counts)))
    assert found.effect == pytest.approx(np.sqrt(found.statistic / (420 * 3)))
    assert binomial(40, 100, 0.5).p == pytest.approx(stats.binomtest(40, 100, 0.5).pvalue)
    others = values + 9 * rng.uniform(size=500)
    rho = stats.spearmanr(values, others)
    found = spearman(values, others)
    assert (found.statistic, found.p) == pytest.approx((rho.statistic, rho.pvalue))


def test_one_wrong_count_fails_an_exact_test():
    assert (exact(0, 50).p, exact(0, 50).effect) == (1.0, 0.0)
    assert exact(1, 50).p < 1e-3
    assert exact(1, 50).effect > exact(1, 50).allowed == 0


def test_kuiper_does_not_depend_on_the_zero_direction():
    values = np.random.default_rng(8).uniform(0, 0.8, 400)
    found = [kuiper((values + turn) % 1, lambda v: v).effect for turn in (0.0, 0.3, 0.77)]
    assert found == pytest.approx([found[0]] * 3)
    assert kuiper(values, lambda v: v).p < 1e-6


def test_p_values_of_kuiper_are_uniform():
    rng = np.random.default_rng(0)
    p = [kuiper(rng.uniform(size=200), lambda v: v).p for _ in range(300)]
    assert stats.kstest(p, "uniform").pvalue > 1e-3


def test_the_detectable_effect_is_found_in_80_of_100_cases():
    n = 2000
    effect = binomial(n // 2, n, 0.5).detectable_effect
    hits = np.random.default_rng(2).binomial(n, 0.5 + effect, 200)
    found = np.mean([binomial(int(k), n, 0.5).p < SIGNIFICANCE for k in hits])
    assert 0.72 < found < 0.88
