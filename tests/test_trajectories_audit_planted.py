"""Faults of whole sets are found and named; the soak plants all of them in larger sets."""

from dataclasses import replace

import numpy as np
import pytest
from audit_examples import PAPER, errors, sampled_clips

from benchmarks.planted_faults import FAULTS, found_in, plant, through_file
from trajectories import CameraPose, ClipTable
from trajectories.audit import CHECKS, audit_clips
from trajectories.audit.accumulator import Accumulator
from trajectories.audit.fit.cells import Column
from trajectories.audit.fit.dependences import Dependence
from trajectories.audit.fit.repeated import repeats
from trajectories.audit.fit.statistical_tests import (
    autocorrelation,
    independence,
    independence_of_pairs,
    lagged_independence,
    pair_correlation,
)
from trajectories.audit.layouts import FILE_SHARE, Layouts

RIGS = 120
LARGE = (
    *("own starts under shared", "lens by parity of the rig", "turns capped at 60 deg", "one amount per rig"),
    *("random moves level", "tracking by distance", "time reversed, poses only"),
    *("arc on a chord, poses only", "Y up, poses only", "centimetres, poses only", "mirrored world"),
)


@pytest.mark.parametrize("name", LARGE)
def test_a_fault_of_a_set_is_found_and_named(name: str):
    fault = FAULTS[name]
    assert not set(fault.names).isdisjoint(found_in(plant(fault, rigs=RIGS, seed=3)))


WITHIN_RIGS = (
    *("equal random moves in a rig", "translations never share an axis", "translations share their axis"),
    *("random moves follow the azimuth", "every fourth rig nearer"),
)


@pytest.mark.parametrize("name", WITHIN_RIGS)
def test_a_dependence_between_cameras_or_rigs_is_found_and_named(name: str):
    fault = FAULTS[name]
    assert set(fault.names) <= set(found_in(plant(fault, rigs=400, seed=3)))


SYSTEMATIC = (
    *("vertical translations tracked less", "tracking in all or none of a rig", "one size of a per rig"),
    *("arc directions of two rigs before", "starts on 20 distances", "5 % of the starts used again"),
)


@pytest.mark.parametrize("name", SYSTEMATIC)
def test_any_dependence_and_repeated_values_are_found_and_named(name: str):
    fault = FAULTS[name]
    assert set(fault.names) <= set(found_in(plant(fault, rigs=500, seed=3)))


def test_a_wrong_layout_column_changes_no_start():
    clips = sampled_clips(100)
    says = np.where(clips.take_number < 20, "independent", "shared")
    report = audit_clips(clips.replaced(layout=says), PAPER)
    assert report.errors == {"layout_differs": 20}
    assert {test.n for test in report.tests if test.name.startswith("start_")} == {100}


def poses_only(clips: ClipTable) -> ClipTable:
    return ClipTable.of(clips.poses, take=clips["take"], camera=clips["camera"])


@pytest.mark.parametrize(
    ("format_", "layout"), [("tum", "shared"), ("multicamvideo", "mixed"), ("realestate10k", "independent")]
)
def test_a_file_of_six_digits_raises_no_false_alarm(format_: str, layout: str):
    rules = replace(PAPER, layout=layout, independent_share=0.5)
    report = through_file(sampled_clips(12, rules=rules), rules, format_)
    assert found_in(report) == []
    assert {"pose_disagrees", "speed_out_of_bounds", "focus_differs"} <= set(report.not_applied)


@pytest.mark.parametrize(
    ("share", "found"), [(0.9 * FILE_SHARE, set()), (30.0, {"first_pose_differs", "slot_differs"})]
)
def test_first_poses_of_a_file_may_differ_by_a_stated_tolerance(share: float, found: set[str]):
    clips = sampled_clips(4)
    poses = clips.poses.world_from_camera.copy()
    distance_m = np.linalg.norm(poses[13, 0, :, 3] - clips["subject_m"][13])
    poses[13, 0, 0, 3] += min(share * distance_m, 0.02)
    moved = replace(clips, poses=CameraPose(poses))
    report = audit_clips(poses_only(moved), PAPER)
    assert errors(report) == {(code, "street_000001/cam04") for code in found}
    # The columns of a table of ours promise identity.
    assert "first_pose_differs" in audit_clips(moved, PAPER).errors
    for finding in report.findings:
        if finding.code == "first_pose_differs":
            assert "tolerance for files of 6 digits" in finding.what


def test_a_roll_of_poses_alone_is_named_in_degrees_and_is_no_other_motion():
    clips = sampled_clips(4)
    poses = clips.poses.world_from_camera.copy()
    c, s = np.cos(np.radians(2)), np.sin(np.radians(2))
    poses[10:20, ..., :3] = poses[10:20, ..., :3] @ [[c, -s, 0], [s, c, 0], [0, 0, 1]]
    report = audit_clips(poses_only(replace(clips, poses=CameraPose(poses))), PAPER)
    assert report.errors == {"rolled": 10}
    assert "rolled by 2.00 deg in frame" in report.findings[0].what


def test_the_layout_of_poses_is_measured():
    clips = ClipTable.concatenated(
        [
            sampled_clips(1, rules=replace(PAPER, layout=layout), seed=seed).replaced(take=layout)
            for seed, layout in enumerate(("shared", "independent"))
        ]
    )
    backwards = replace(clips, poses=clips.poses[:, ::-1])
    assert Layouts.of(clips, is_exact=True).kind.tolist() == ["shared", "independent"]
    assert Layouts.of(backwards, is_exact=True).kind.tolist() == ["reversed", "independent"]
    assert Layouts.of(clips.rows(slice(0, 1)), is_exact=True).kind.tolist() == ["one"]


# ---------------------------------------------------------------- how much a verdict rests on
def test_the_verdict_says_on_how_many_tests_and_checks_it_rests():
    report = audit_clips(sampled_clips(20), PAPER)
    answered = sum(test.verdict != "too few" for test in report.tests)
    few = report.questions - answered
    assert report.verdict == "pass" and 0 < answered < few
    expected = f"based on {answered} of {report.questions} fit tests ({few} have too few values)"
    checks = f"{len(CHECKS) - 2} of {len(CHECKS)} checks (2 do not apply)"
    assert report.rests_on == f"{expected} and {checks}"
    assert report.lines()[-1] == f"verdict: pass, {report.rests_on}"


def test_without_rules_checks_that_need_none_remain():
    accumulator = Accumulator(name="clips", rules=None, depth="fit")
    accumulator.add(poses_only(sampled_clips(2)))
    report = accumulator.report()
    assert report.rests_on == ""
    assert set(CHECKS) - set(report.not_applied) == {"improper_pose", "repeated_take"}


# ---------------------------------------------------------------- the statistics
def test_p_values_of_independence_are_uniform_and_its_effect_is_unbiased():
    from scipy import stats

    rng = np.random.default_rng(0)
    fits = [independence(rng.multinomial(2000, np.full(16, 1 / 16)).reshape(4, 4)) for _ in range(300)]
    assert stats.kstest([fit.p for fit in fits], "uniform").pvalue > 1e-3
    assert np.median([fit.effect for fit in fits]) < 0.02
    assert independence(np.diag([500, 500])).effect == pytest.approx(1.0, abs=1e-3)


def test_p_values_of_pairs_in_rigs_are_uniform_and_copies_are_found():
    from scipy import stats

    rng = np.random.default_rng(4)
    numbers = [rng.multinomial(3, [0.4, 0.3, 0.2, 0.1], size=400) for _ in range(300)]
    fits = [fit for fit in map(independence_of_pairs, numbers) if fit is not None]
    assert len(fits) == 300 and fits[0].n == 1200
    assert stats.kstest([fit.p for fit in fits], "uniform").pvalue > 1e-3
    copied = independence_of_pairs(3 * np.eye(4, dtype=np.int64)[rng.integers(4, size=400)])
    assert copied is not None and copied.effect == pytest.approx(1.0, abs=1e-2)


def test_the_lag_of_the_largest_dependence_is_found():
    tables = np.full((16, 2, 2), 100)
    assert (clean := lagged_independence(tables)) is not None and clean.p == 1.0
    tables[3] = [[150, 50], [50, 150]]
    found = lagged_independence(tables)
    assert found is not None and found.p == pytest.approx(16 * independence(tables[3]).p)


def test_values_of_float32_repeat_only_if_they_are_equal():
    rng = np.random.default_rng(5)
    values = rng.uniform(0.5, 10.0, 200_000)
    assert repeats(values, 9.5).mean() < 1e-4
    rounded = values[:2000].round(0).astype(np.float32).astype(np.float64)
    assert repeats(rounded, 9.5).all()


def test_the_largest_correlation_of_columns_is_found():
    values = np.random.default_rng(1).uniform(size=(500, 6))
    clean = pair_correlation(values)
    assert clean is not None and clean.p > 1e-3
    values[:, 4] = 1 - values[:, 2]
    values[::3, 0] = np.nan
    found = pair_correlation(values)
    assert found is not None and (found.statistic, found.n) == (pytest.approx(-1.0), 500)
    assert pair_correlation(values[:5]) is None


def test_p_values_of_the_largest_autocorrelation_are_right_for_few_values():
    rng = np.random.default_rng(2)
    fits = [autocorrelation(rng.uniform(size=50), range(2, 17)) for _ in range(1000)]
    p = np.array([fit.p for fit in fits if fit is not None])
    assert len(p) == 1000
    assert (p < 0.05).mean() < 0.07 and (p < 1e-3).sum() <= 5
    values = rng.uniform(size=300)
    values[::5] *= 0.2
    found = autocorrelation(values, range(2, 17))
    assert found is not None and found.p < 1e-3
    assert autocorrelation(np.ones(300), range(2, 17)) is None
    assert autocorrelation(values[:45], range(2, 17)) is None


def test_a_dependence_with_sparse_cells_is_not_tested():
    rare = np.arange(72) < 6
    sample = {
        **dict.fromkeys(("is_first", "is_start"), np.ones(72, dtype=bool)),
        **dict.fromkeys(("motion", "cells of slot"), np.zeros(72, dtype=np.int32)),
        "cells of radius": np.tile(np.arange(4), 18),
    }
    tracks, radius = (Column(name=name, word="", text="", cells=4) for name in ("tracks", "radius"))
    found = Dependence(name="tracking_radius", text="", a=tracks, b=radius)
    assert found.fit(sample | {"cells of tracks": np.where(rare, 1, 0)}) is None
    fit = found.fit(sample | {"cells of tracks": np.arange(72) % 3 // 2})
    assert fit is not None and fit.p > 1e-3
