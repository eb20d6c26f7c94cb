"""Measured values: histograms, pairs of cameras, near-duplicates, images, and the comparison of two sets."""

from dataclasses import replace

import numpy as np
import pytest
from audit_examples import PAPER, sampled_clips
from scipy import stats

from trajectories import CameraPose, ClipTable, Lens
from trajectories.audit import AuditReport, Feature
from trajectories.audit.accumulator import Accumulator
from trajectories.audit.measured.comparison import compare, wasserstein
from trajectories.audit.measured.fingerprints import Fingerprints
from trajectories.audit.measured.measures import direction_change_deg
from trajectories.audit.measured.redundancy import near_pairs
from trajectories.lenses import image_fractions
from trajectories.sampling import Rules


def report_of(clips: ClipTable, rules: Rules | None = PAPER, *, depth: str = "fit") -> AuditReport:
    accumulator = Accumulator(name="clips", rules=rules, depth=depth)
    accumulator.add(clips)
    return accumulator.report()


def features_of(report: AuditReport) -> dict[str, Feature]:
    return {feature.name: feature for feature in report.features}


@pytest.fixture(scope="module")
def clips() -> ClipTable:
    return sampled_clips(60)


@pytest.fixture(scope="module")
def report(clips: ClipTable) -> AuditReport:
    return report_of(clips, depth="full")


# ---------------------------------------------------------------- histograms
def test_a_histogram_counts_every_value(clips: ClipTable, report: AuditReport):
    features = features_of(report)
    variable = int((clips["speed_class"] == "variable").sum())
    expected = {"start_radius_m": 60, "pan_deg": 60, "arc_deg": 120, "speed_a": variable}
    assert {name: features[name].n for name in expected} == expected
    for feature in report.features:
        assert sum(feature.counts) == feature.n, feature.name
        assert list(feature.edges) == sorted(set(feature.edges)), feature.name
        assert list(feature.quantiles) == sorted(feature.quantiles), feature.name


def test_values_are_within_their_bounds_and_follow_the_rules(report: AuditReport):
    bounded = [feature for feature in report.features if feature.rule_cdf is not None]
    assert len(bounded) == 9
    for feature in bounded:
        assert feature.bounds[0][0] - 1e-3 <= feature.quantiles[0], feature.name
        assert feature.quantiles[-1] <= feature.bounds[-1][1] + 1e-3, feature.name
        assert (feature.rule_cdf[0], feature.rule_cdf[-1]) == pytest.approx((0, 1), abs=1e-6)
        assert list(feature.rule_cdf) == sorted(feature.rule_cdf)
        assert feature.largest_gap < 1.95 / np.sqrt(feature.n), feature.name


def test_starts_are_those_of_the_poses(clips: ClipTable, report: AuditReport):
    offset_m = clips.poses.position_m[::10, 0] - clips["subject_m"][::10]
    x, y, z = offset_m.T
    expected = {
        "start_radius_m": np.linalg.norm(offset_m, axis=1),
        "start_elevation_deg": np.degrees(np.arctan2(z, np.hypot(x, y))),
        "start_azimuth_deg": np.degrees(np.angle(x + 1j * y)) % 360,
    }
    for name, values in expected.items():
        found = features_of(report)[name]
        assert found.quantiles == pytest.approx(tuple(np.quantile(values, (0, 0.05, 0.5, 0.95, 1)))), name
        assert found.counts == tuple(np.histogram(values, found.edges)[0].tolist()), name
    ranks = (expected["start_radius_m"] - 0.5) / 9.5
    gap = features_of(report)["start_radius_m"].largest_gap
    assert gap == pytest.approx(stats.kstest(ranks, "uniform").statistic)


def test_amplitudes_on_the_poses_are_those_of_the_columns(clips: ClipTable, report: AuditReport):
    for motion in ("pan", "tilt", "arc"):
        angle_deg = clips["angle_deg"][clips["motion"] == motion]
        least, *_, most = features_of(report)[f"{motion}_deg"].quantiles
        assert (least, most) == pytest.approx((angle_deg.min(), angle_deg.max()), abs=1e-3)


@pytest.mark.parametrize(
    ("changes", "sampled_per", "n"),
    [
        ({}, "rig", 60),
        ({"layout": "independent"}, "camera", 120),
        ({"layout": "mixed", "independent_share": 0.5}, "start", None),
    ],
)
def test_a_start_counts_once(changes: dict, sampled_per: str, n: int | None):
    rules = replace(PAPER, slots=("static", "pan"), **changes)
    clips = sampled_clips(60, rules=rules, frames=2)
    independent = (clips["layout"][::2] == "independent").sum()
    radius = features_of(report_of(clips, rules))["start_radius_m"]
    assert (radius.sampled_per, radius.n) == (sampled_per, n or 60 + independent)
    assert 60 <= radius.n <= 120


def test_another_distribution_has_a_large_gap():
    rules = replace(PAPER, slots=("static",))
    clips = sampled_clips(60, rules=replace(rules, radius_measure="volume"), frames=1)
    assert features_of(report_of(clips, rules))["start_radius_m"].largest_gap > 0.3


# ---------------------------------------------------------------- images
def test_the_subject_is_counted_in_or_outside_of_every_image(clips: ClipTable, report: AuditReport):
    image = report.image
    assert image is not None
    # Every fourth frame is counted.
    assert image.poses == len(clips) * 6
    seen = clips.poses[:, ::4].camera_points(clips["subject_m"][:, None, None])[..., 0, :]
    offset = np.abs(image_fractions(seen, clips.intrinsics[:, None]) - 0.5)
    assert 0 < image.outside == (~(offset < 0.5).all(axis=-1)).sum()
    assert image.always_in_image_share["static"] == image.in_image_share["static"] == 1.0


def test_the_share_of_images_with_the_subject_is_that_of_its_projections(
    clips: ClipTable, report: AuditReport
):
    assert report.image is not None
    subject_m = clips.poses.camera_points(clips["subject_m"][:, None, None])[..., 0, :]
    inside = (np.abs(image_fractions(subject_m, clips.intrinsics[:, None]) - 0.5) <= 0.5).all(axis=-1)
    for motion, share in report.image.in_image_share.items():
        of_motion = inside[clips["motion"] == motion]
        assert share == pytest.approx(of_motion.mean())
        assert report.image.always_in_image_share[motion] == pytest.approx(of_motion.all(axis=1).mean())
    assert report.image.in_image_share["pan"] < 1


# ---------------------------------------------------------------- pairs of cameras
def test_pairs_start_with_the_same_view_and_drift_apart(report: AuditReport):
    pairs = report.pairs
    assert pairs is not None
    assert (pairs.frames[0], pairs.frames[-1]) == (0, 20)
    assert (pairs.overlap_mean[0], pairs.subject_seen_by_both[0]) == (1.0, 1.0)
    assert 0.3 < pairs.overlap_mean[-1] < 0.7
    assert (np.diff(pairs.overlap_mean) < 0.01).all()
    assert (np.diff(pairs.overlap_quantiles, axis=1) >= 0).all()
    assert pairs.n_rigs == 60
    assert pairs.relative_rotation_deg.n == 60 * 45


def test_the_overlap_of_two_level_views_of_one_place():
    """The second camera pans by half of the angle of view of the first."""
    lens = Lens(focal_length_mm=24.0, f_number=10.0)
    half_deg = lens.horizontal_fov_deg(256, 144) / 2
    rules = replace(
        PAPER,
        slots=("static", "pan"),
        pan_deg=(half_deg, half_deg),
        elevation_deg=(0.0, 0.0),
        constant_share=1.0,
        lenses=(lens,),
    )
    pairs = report_of(sampled_clips(10, rules=rules), rules, depth="full").pairs
    assert pairs is not None
    # They share the directions between the axis of the first and its edge: 4 of 8 columns.
    assert pairs.overlap_mean[-1] == pytest.approx(0.44, abs=0.07)
    assert pairs.relative_rotation_deg.quantiles[2] == pytest.approx(half_deg, abs=0.01)
    assert pairs.baseline_over_distance.quantiles[-1] == pytest.approx(0.0, abs=1e-6)


# ---------------------------------------------------------------- clips with a flag
def test_the_worst_clips_with_a_flag_have_its_worst_frames():
    """The jerk of a single late frame outweighs the acceleration of an entire clip."""
    rules = replace(PAPER, slots=("static",), layout="independent")
    clips = sampled_clips(8, rules=rules).replaced(flags=[("too_jerky",)] * 8)
    poses = clips.poses.world_from_camera.copy()
    # As much acceleration as the other one has, at first in one direction, then in the other.
    poses[3, :, 0, 3] += 0.002 * np.arange(21) ** 2
    poses[5, :, 0, 3] += np.where(np.arange(21) == 15, 0.0015, 0.0)
    flagged = report_of(replace(clips, poses=CameraPose(poses)), rules, depth="full").flagged
    assert flagged["too_jerky"][0] == "street_000005/cam01"


# ---------------------------------------------------------------- near-duplicates
def test_near_pairs_are_those_of_brute_force():
    narrow = replace(PAPER, radius_m=(2.0, 2.1), elevation_deg=(10.0, 12.0))
    prints = Fingerprints.of(sampled_clips(40, rules=narrow))
    found = {(int(a), int(b)) for a, b, _ in zip(*near_pairs(prints, 0.15, 12.0), strict=True)}
    a, b = np.triu_indices(len(prints), 1)
    share, turned_deg = prints.apart(a, b)
    is_near = (share < 0.15) & (turned_deg < 12.0)
    every = set(zip(a[is_near].tolist(), b[is_near].tolist(), strict=True))
    assert len(every) > 10
    assert found <= every
    assert {clip for pair in found for clip in pair} == {clip for pair in every for clip in pair}


def copied(clips: ClipTable, name: str, split: str) -> ClipTable:
    """The same rigs with other takes, 5 m away along each axis."""
    poses = clips.poses.world_from_camera.copy()
    poses[..., 3] += 5.0
    takes = np.char.replace(clips["take"], "street", name)
    moved = replace(clips, poses=CameraPose(poses))
    return moved.replaced(take=takes, split=split, subject_m=clips["subject_m"] + 5.0)


def test_copied_rigs_are_found_and_counted(clips: ClipTable, report: AuditReport):
    twice = copied(clips.rows(slice(0, 100)), "tower", "train")
    leaked = copied(clips.rows(slice(200, 300)), "tower", "test")
    found = report_of(ClipTable.concatenated([clips, twice, leaked]), depth="comparison")
    assert report.errors == {}
    assert found.errors == {"duplicate_rig": 10, "split_leak": 10}
    for code, takes in (("duplicate_rig", twice["take"]), ("split_leak", leaked["take"])):
        assert {f.where for f in found.findings if f.code == code} == set(takes.tolist())
    assert "9 moving cameras are copies of those of street_000000 (re-centred)" in found.findings[0].what
    before, after = report.redundancy, found.redundancy
    assert before is not None and after is not None
    assert (before.n, after.n) == (540, 720)
    assert after.distinct_trajectories == before.distinct_trajectories > 537
    assert (before.leaked_clips, after.leaked_clips) == (0, 90)
    assert {clip.partition("/")[0] for _, clip, _ in after.leaked_pairs} == set(leaked["take"].tolist())


# ---------------------------------------------------------------- comparison
def gathered(clips: ClipTable) -> tuple[dict[str, np.ndarray], Fingerprints]:
    accumulator = Accumulator(name="clips", rules=None, depth="comparison")
    accumulator.add(clips)
    return accumulator.gathered()


def test_a_comparison_distinguishes_sets_of_other_rules():
    slots = ("pan", "arc", "arc")
    mine, same, other = (
        gathered(sampled_clips(120, rules=replace(PAPER, slots=slots, **changes), frames=9, seed=seed))
        for seed, changes in ((1, {}), (2, {}), (2, {"arc_deg": (50.0, 60.0)}))
    )
    alike = compare("a", *mine, "b", *same, seed=0)
    different = compare("a", *mine, "c", *other, seed=0)
    assert alike is not None and different is not None
    assert alike.mmd_p > 0.01 > different.mmd_p
    assert alike.sliced_wasserstein < different.sliced_wasserstein
    assert alike.coverage > 0.85
    assert 0.7 < alike.density < 1.3
    gaps = {gap.name: gap.wasserstein for gap in different.features}
    assert gaps["arc_deg"] > 15 > gaps["pan_deg"]
    assert compare("a", *mine, "b", *same, seed=0) == alike


def test_too_few_clips_are_not_compared(clips: ClipTable):
    few, many = gathered(clips.rows(slice(0, 5))), gathered(clips)
    assert compare("few", *few, "many", *many, seed=0) is None
    assert compare("many", *many, "few", *few, seed=0) is None


def test_the_wasserstein_distance_is_that_of_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=500), rng.uniform(-2, 5, 333)
    assert wasserstein(a, b) == pytest.approx(stats.wasserstein_distance(a, b))
    assert wasserstein(a, a + 0.3) == pytest.approx(0.3)
    assert wasserstein(a, np.repeat(a, 2)) == pytest.approx(0.0)


def test_turns_are_those_of_the_unwrapped_angle():
    rng = np.random.default_rng(0)
    angle = np.cumsum(rng.uniform(-3.1, 3.1, (500, 20)), axis=1)
    angle[0] = 0.0
    y, x = np.sin(angle), np.cos(angle)
    expected = np.unwrap(np.arctan2(y, x), axis=1)
    assert np.allclose(direction_change_deg(y, x), np.degrees(expected[:, -1] - expected[:, 0]))
    assert (np.abs(direction_change_deg(y, x)) > 180).any()
