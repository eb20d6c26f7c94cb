"""Laws: rigs that follow them pass at small effects, every planted fault is found and named."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from trajectories import CameraPose
from trajectories.audit import AuditReport
from trajectories.audit.accumulator import RunningAudit
from trajectories.audit.clips import Clips, clips_of_rigs
from trajectories.audit.fit.fit_tests import (
    Asked,
    binomial_test,
    chi_square_test,
    ks_test,
    kuiper_test,
    spearman_test,
)
from trajectories.sampling import PRESETS, Rules, Shot, sample_rigs

_PAPER = PRESETS["paper"]
_FRAMES = 21
Fault = Callable[[Clips], Clips]


def audited(
    rigs: int,
    *,
    drawn: Rules = _PAPER,
    held_to: Rules = _PAPER,
    fault: Fault | None = None,
    depth: str = "laws",
) -> AuditReport:
    audit = RunningAudit(name="planted", rules=held_to, depth=depth)
    for first in range(0, rigs, 500):
        count = min(500, rigs - first)
        pivots_m = np.tile([[3.0, -4.0, 1.1]], (count, 1))
        batch = sample_rigs(drawn, pivots_m, seed=11, frames=_FRAMES, first_rig=first)
        clips = clips_of_rigs(batch, shot=Shot(frames=_FRAMES), first_rig=first)
        audit.add(fault(clips) if fault else clips)
    return audit.report()


def broken(report: AuditReport) -> set[str]:
    return {test.name for test in report.failed_tests}


@pytest.fixture(scope="module")
def many() -> AuditReport:
    return audited(20_000)


def test_many_rigs_break_no_bound_and_follow_every_law(many: AuditReport):
    assert many.verdict == "pass"
    assert many.errors == {}
    assert {"start_radius_m", "start_cells", "constant_share", "speed_a", "motions", "lens"} <= {
        test.name for test in many.tests
    }
    for test in many.tests:
        # A sample of n departs by about 1 / sqrt(n): a million rigs by less than 0.01 / 7.
        assert test.effect < max(0.01, 2.5 / np.sqrt(test.n)), test
        assert test.verdict == "pass"


def test_a_start_that_cameras_share_counts_once(many: AuditReport):
    n = {test.name: (test.n, test.unit) for test in many.tests}
    assert n["start_radius_m"] == (20_000, "start")
    assert n["pan_deg"] == (20_000, "camera")
    assert n["constant_share"] == (180_000, "camera")


@pytest.mark.parametrize(
    ("drawn", "names"),
    [
        ({"elevation_measure": "angle"}, {"start_elevation_deg"}),
        ({"speed_a": (2.3, 4.5)}, {"speed_a"}),
        ({"radius_measure": "volume"}, {"start_radius_m"}),
        ({"constant_share": 0.4}, {"constant_share", "pace_balance"}),
        ({"track_share": 0.75}, {"track_share"}),
        ({"translation_axes": ("+x", "-x", "+y", "-y", "+z")}, {"translation_axis"}),
        ({"translation_ratio": (0.25, 0.9)}, {"translation_ratio"}),
        ({"waypoints": (1, 2)}, {"waypoints"}),
    ],
)
def test_rigs_of_another_law_are_found_and_named(drawn: dict, names: set[str]):
    report = audited(4000, drawn=replace(_PAPER, **drawn))
    assert broken(report) == names
    assert report.errors == {}
    assert all(any(line.startswith(name) for line in report.lines()) for name in names)


def test_a_missing_slot_is_found_and_named():
    report = audited(50, fault=lambda clips: clips[clips.camera != "cam04"])
    assert report.errors == {"missing_camera": 50}
    assert "no cam04 among 9" in report.findings[0].what
    assert broken(report) == {"motions"}


def test_a_translation_along_no_axis_is_found_and_named():
    report = audited(20, drawn=replace(_PAPER, translation_frame="subject"))
    assert set(report.errors) == {"setting_differs"}
    assert "no world axis of the rules" in report.findings[0].what


def test_a_mirrored_pose_is_found_and_named():
    def mirror(clips: Clips) -> Clips:
        poses = clips.poses.world_from_camera.copy()
        poses[123, 2, :, 0] *= -1
        return replace(clips, poses=CameraPose(poses))

    report = audited(20, fault=mirror)
    assert report.errors == {"improper_pose": 1}
    assert report.findings[0].where == "rig_0000012/cam04"
    assert "frame 2 is mirrored" in report.findings[0].what


def copied(clips: Clips, into: str) -> Clips:
    """Ten rigs that stand somewhere else and are otherwise the first ten."""
    rows = np.arange(100)
    moved = clips.poses.world_from_camera.copy()
    moved[200:300] = moved[rows]
    moved[200:300, ..., 3] += 5.0
    subject_m = clips.subject_m.copy()
    subject_m[200:300] = subject_m[rows] + 5.0
    split = clips.split.astype("<U10")
    split[200:300] = into
    others = np.r_[0:200, 300 : len(clips)]
    moves = clips.moves[np.r_[0:200, rows, 300 : len(clips)]]
    pace = clips.speed_class.copy()
    pace[200:300] = pace[rows]
    lens = {name: getattr(clips, name).copy() for name in ("focal_length_mm", "f_number", "fx_px", "fy_px")}
    for values in lens.values():
        values[200:300] = values[rows]
    assert len(others) == len(clips) - 100
    return replace(
        clips,
        poses=CameraPose(moved),
        subject_m=subject_m,
        split=split,
        moves=moves,
        speed_class=pace,
        **lens,
    )


@pytest.mark.parametrize(("split", "code"), [("train", "duplicate_rig"), ("validation", "split_leak")])
def test_ten_copied_rigs_are_found_and_named(split: str, code: str):
    report = audited(40, fault=lambda clips: copied(clips, split), depth="full")
    assert report.errors == {code: 10}
    assert {f.where for f in report.findings if f.code == code} == {f"rig_{20 + k:07d}" for k in range(10)}
    assert "repeat those of rig_0000000" in report.findings[0].what
    assert report.redundancy is not None
    assert report.redundancy.leaks == (90 if split == "validation" else 0)
    plain = audited(40, depth="full")
    assert plain.errors == {}
    assert plain.redundancy is not None
    assert plain.redundancy.distinct_trajectories >= 358
    assert 90 <= report.redundancy.n - report.redundancy.distinct_trajectories <= 92


def test_few_rigs_say_so_and_do_not_fail():
    report = audited(30, drawn=replace(_PAPER, elevation_measure="angle"))
    verdicts = {test.name: test.verdict for test in report.tests}
    assert verdicts["start_elevation_deg"] == "too few"
    assert report.verdict == "pass"


def test_redrawn_clips_widen_what_is_allowed():
    def redraw(clips: Clips) -> Clips:
        return replace(clips, attempt=(np.arange(len(clips)) % 10 == 0).astype(np.int64))

    report = audited(4000, drawn=replace(_PAPER, speed_a=(2.3, 4.5)), fault=redraw)
    test = next(t for t in report.tests if t.name == "speed_a")
    assert test.largest_effect_allowed == pytest.approx(0.12)
    assert test.verdict == "pass"
    assert report.rejects["redrawn"] == 4000


@pytest.mark.parametrize("preset", ["release", "toy"])
def test_other_presets_follow_their_own_laws(preset: str):
    rules = PRESETS[preset]
    report = audited(2000, drawn=rules, held_to=rules)
    assert broken(report) == set()
    assert report.errors == {}


def test_statistics_are_those_of_scipy():
    asked = Asked(name="x", question="?", unit="camera")
    rng = np.random.default_rng(4)
    values = rng.uniform(size=500) ** 1.1
    ks = ks_test(asked, values, lambda v: v)
    expected = stats.kstest(values, "uniform")
    assert (ks.effect, ks.p) == (pytest.approx(expected.statistic), pytest.approx(expected.pvalue, rel=0.05))
    counts = np.array([90, 120, 100, 110])
    chi = chi_square_test(asked, counts, np.full(4, 0.25))
    assert (chi.statistic, chi.p) == pytest.approx(tuple(stats.chisquare(counts)))
    assert binomial_test(asked, 40, 100, 0.5).p == pytest.approx(stats.binomtest(40, 100, 0.5).pvalue)
    others = values + 9 * rng.uniform(size=500)
    rho = stats.spearmanr(values, others)
    found = spearman_test(asked, values, others)
    assert (found.statistic, found.p) == (pytest.approx(rho.statistic), pytest.approx(rho.pvalue, abs=1e-3))


def test_kuiper_does_not_care_where_the_circle_begins():
    values = np.random.default_rng(8).uniform(0, 0.8, 400)
    asked = Asked(name="x", question="?", unit="start")
    found = [kuiper_test(asked, (values + turn) % 1, lambda v: v).effect for turn in (0.0, 0.3, 0.77)]
    assert found == pytest.approx([found[0]] * 3)
    assert kuiper_test(asked, values, lambda v: v).p < 1e-6
    chances = [
        kuiper_test(asked, np.random.default_rng(k).uniform(size=200), lambda v: v).p for k in range(300)
    ]
    assert stats.kstest(chances, "uniform").pvalue > 1e-3


def test_the_detectable_effect_is_detected_four_times_in_five():
    asked, n = Asked(name="x", question="?", unit="camera"), 2000
    effect = binomial_test(asked, n // 2, n, 0.5).detectable_effect
    hits = np.random.default_rng(2).binomial(n, 0.5 + effect, 400)
    found = np.mean([binomial_test(asked, int(k), n, 0.5).p < 1e-3 for k in hits])
    assert 0.72 < found < 0.88
