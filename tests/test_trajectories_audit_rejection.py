"""Sets whose rules reject paths are compared with what the rules accept; subjects that move are followed."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from trajectory_examples import walking_subjects

from trajectories import CameraPose, ClipTable
from trajectories.audit import audit_clips
from trajectories.audit.fit.statistical_tests import binomial, chi_square, independence, ks, kuiper, spearman
from trajectories.audit.fit.two_samples import against_sample
from trajectories.audit.recovered.moves import recover_moves
from trajectories.sampling import (
    PATH_CHECKS,
    PRESETS,
    Limits,
    Measured,
    Paths,
    Rules,
    Shot,
    clips_of_rigs,
    sample_checked_rigs,
    sample_rigs,
)

FRAMES = 9
_SHOT = Shot(frames=FRAMES, fps=2.0, width_px=256, height_px=256)
_LIMITS = Limits(reject=("below_ground", "too_close", "subject_out_of_first_image"), attempts=100)
_RULES = replace(
    PRESETS["paper"], slots=("pan", "translation", "static"), radius_m=(0.5, 5.0), validity=_LIMITS
)


def _clips(rules: Rules, rigs: int, seed: int = 1) -> ClipTable:
    batch = sample_checked_rigs(rules, walking_subjects(rigs, frames=FRAMES), shot=_SHOT, seed=seed)
    return clips_of_rigs(batch, takes=[f"room_{rig:06d}" for rig in range(rigs)], shot=_SHOT)


@pytest.mark.parametrize("layout", ["shared", "mixed"])
def test_accepted_rigs_pass_and_their_shift_is_shown(layout: str) -> None:
    rules = replace(_RULES, layout=layout)
    clips = _clips(rules, 150)
    report = audit_clips(clips, rules, in_environments=True)
    assert report.verdict == "pass", report.lines()
    tests = {test.name: test for test in report.tests}
    radius = tests["start_radius_m"]
    assert radius.accepted_shift and radius.accepted_shift > 0.1 and radius.largest_effect_allowed == 0.02
    # Without rejection in the rules, the same rigs are far from the distribution.
    free = audit_clips(clips, replace(rules, validity=Limits()), in_environments=True)
    assert {test.name: test for test in free.tests}["start_radius_m"].effect > 0.1


@pytest.mark.parametrize(
    ("changes", "name", "rigs"),
    [
        ({"radius_measure": "volume"}, "start_radius_m", 200),
        ({"pan_deg": (5.0, 45.0)}, "pan_deg", 500),
        ({"constant_share": 0.75}, "constant_share", 200),
    ],
)
def test_faults_are_found_behind_rejection(changes: dict[str, object], name: str, rigs: int) -> None:
    clips = _clips(replace(_RULES, **changes), rigs)
    report = audit_clips(clips, _RULES, in_environments=True)
    assert name in {test.name for test in report.failed_tests}, report.lines()


def _hall(paths: Paths, limits: Limits) -> Iterator[Measured]:
    """Geometry that an audit does not know: cameras stay within a hall."""
    east_m = paths.poses.position_m[..., 0]
    yield Measured(reason="engine:inside_geometry", values=east_m, highest=4.0, is_of_start=True)


def test_what_geometry_rejects_widens_the_tests_by_its_share() -> None:
    reject = (*_LIMITS.reject, "engine:inside_geometry")
    rules = replace(_RULES, validity=replace(_LIMITS, reject=reject))
    batch = sample_checked_rigs(
        rules, walking_subjects(150, frames=FRAMES), shot=_SHOT, seed=1, checks=(*PATH_CHECKS, _hall)
    )
    clips = clips_of_rigs(batch, takes=[f"room_{rig:06d}" for rig in range(150)], shot=_SHOT)
    report = audit_clips(clips, rules, in_environments=True)
    rejected = np.mean([any(one == reject[-1] for one in row) for row in clips["rejected_for"].tolist()])
    radius = {test.name: test for test in report.tests}["start_radius_m"]
    assert report.verdict == "pass", report.lines()
    assert radius.accepted_shift and radius.accepted_shift > 0.1, "the other reasons are repeated"
    assert rejected > 0.01 and radius.largest_effect_allowed == pytest.approx(0.02 + rejected)


def test_a_set_that_does_not_say_enough_keeps_the_widened_tests() -> None:
    clips = _clips(_RULES, 100).replaced(ground_m=np.nan)
    tests = audit_clips(clips, _RULES, in_environments=True).tests
    assert all(test.accepted_shift is None for test in tests)
    assert max(test.largest_effect_allowed for test in tests) > 0.1


def test_two_samples_of_one_distribution_rarely_differ() -> None:
    rng = np.random.default_rng(5)
    uniform = stats.uniform.cdf
    p = {"ks": [], "kuiper": [], "chi": [], "share": [], "rho": [], "independence": []}
    for _ in range(100):
        a, b = rng.beta(2, 3, 400), rng.beta(2, 3, 900)
        x, y = rng.normal(size=(2, 400)), rng.normal(size=(2, 900))
        x[1], y[1] = x[1] + x[0], y[1] + y[0]
        counts = [np.histogram(one, [0, 0.3, 0.5, 1])[0] for one in (a, b)]
        tables = [np.histogram2d(*one, bins=[[-9, -0.5, 0.5, 9]] * 2)[0].astype(np.int64) for one in (x, y)]
        p["ks"].append(against_sample(ks(a, uniform), ks(b, uniform)).p)
        p["kuiper"].append(against_sample(kuiper(a, uniform), kuiper(b, uniform)).p)
        p["chi"].append(against_sample(*(chi_square(one, np.full(3, 1 / 3)) for one in counts)).p)
        p["share"].append(
            against_sample(*(binomial(int((one < 0.4).sum()), len(one), 0.5) for one in (a, b))).p
        )
        p["rho"].append(against_sample(spearman(*x), spearman(*y)).p)
        p["independence"].append(against_sample(independence(tables[0]), independence(tables[1])).p)
    for name, values in p.items():
        assert np.mean(np.array(values) < 0.01) < 0.05, name
    found = against_sample(ks(a, uniform), ks(b, uniform))
    assert found.effect == pytest.approx(stats.ks_2samp(a, b).statistic)
    assert against_sample(ks(a, uniform), ks(b**2, uniform)).p < 1e-3


def test_clips_of_a_filmed_set_below_the_ground_fail() -> None:
    rules = replace(_RULES, validity=Limits())
    clips = _clips(rules, 20)
    matrices = clips.poses.world_from_camera.copy()
    clips = replace(clips, poses=CameraPose(matrices)).replaced(ground_m=matrices[..., 2, 3].min() - 0.01)
    assert not audit_clips(clips, rules, in_environments=True).errors.get("below_ground")
    sunk = clips.replaced(ground_m=float(np.sort(matrices[..., 2, 3].min(axis=1))[3]) + 1e-6)
    report = audit_clips(sunk, rules, in_environments=True)
    assert report.errors["below_ground"] == 4 and report.verdict == "fail"
    assert "below_ground" not in audit_clips(sunk, rules).errors


def test_what_tracking_cameras_aim_at_is_checked() -> None:
    free = replace(_RULES, validity=Limits())
    follow = replace(free, track_target="subject")
    clips = _clips(follow, 60)
    assert audit_clips(clips, follow).verdict == "pass"
    assert audit_clips(clips, free).errors["track_target_differs"] == 60
    tracking = int(clips["is_tracking"].sum())
    lying = audit_clips(clips.replaced(track_target="start"), free)
    assert 0.9 * tracking <= lying.errors["pose_disagrees"] <= tracking


@pytest.mark.parametrize("layout", ["shared", "independent"])
@pytest.mark.parametrize("target", ["start", "subject"])
def test_what_tracking_cameras_aim_at_is_recovered_from_poses(layout: str, target: str) -> None:
    rules = replace(PRESETS["paper"], layout=layout, track_target=target)
    batch = sample_rigs(rules, walking_subjects(40, frames=FRAMES), seed=4, frames=FRAMES)
    clips = clips_of_rigs(batch, takes=[f"t{rig}" for rig in range(40)], shot=_SHOT)
    found = recover_moves(clips)
    assert set(found.target.tolist()) == {"moving" if target == "subject" else "fixed"}
    gap_m = np.linalg.norm(found.subject_m - clips["subject_m"], axis=1)
    assert np.nanquantile(gap_m, 0.9) < 0.01
    same = np.char.replace(found.motion, "_fixed", "") == clips["motion"]
    assert same.mean() > 0.95
    report = audit_clips(clips.replaced(motion="unknown"), PRESETS["paper"])
    assert report.recovered.track_target == target
    assert ("track_target_differs" in report.errors) == (target == "subject")


def test_filmed_clips_with_a_flag_that_the_rules_reject_fail() -> None:
    clips = _clips(_RULES, 20)
    kept = clips.replaced(
        flags=[("too_close",) if row == 7 else flags for row, flags in enumerate(clips["flags"])]
    )
    report = audit_clips(kept, _RULES, in_environments=True)
    assert report.errors == {"limits_broken": 1} and report.verdict == "fail"
    (what,) = (finding.what for finding in report.findings if finding.code == "limits_broken")
    assert what == "has the flag too_close, which the rules reject"
    assert not audit_clips(kept, _RULES).errors
    assert not audit_clips(kept, replace(_RULES, validity=Limits()), in_environments=True).errors
