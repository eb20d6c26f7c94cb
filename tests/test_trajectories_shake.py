"""Sampled shakes have the stated spectrum, are functions of time, and are removed exactly."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import trapezoid
from scipy.signal import periodogram
from scipy.spatial.transform import Rotation
from scipy.stats import kurtosis

from trajectories import CameraPose, Handheld, HeadMounted, Shake, ShakeSample
from trajectories.sampling import PRESETS, RigBatch, Shot, clips_of_rigs, sample_rigs

KINDS = {"handheld": Handheld(limit_hz=15.0), "head_mounted": HeadMounted(limit_hz=15.0)}
_FPS, _SECONDS, _SEEDS = 40.0, 40.0, 300
_BANDS_HZ = ((0.1, 0.3), (0.3, 0.7), (0.7, 1.2), (1.2, 1.6), (1.6, 2.2), (2.2, 4.0), (4.0, 8.0), (8.0, 13.0))


def _spectrum(shake: Shake, axis: int, frequency_hz: np.ndarray) -> np.ndarray:
    """The stated one-sided spectrum of an axis (m^2/Hz or rad^2/Hz), normalised by numerical integration."""
    everything = np.geomspace(0.1, 15.0, 400_001)
    total = np.zeros_like(frequency_hz)
    for band in shake.bands:
        rms = [*band.rms_m, *np.radians(band.rms_deg)][axis]
        shapes = [
            (1 + ((f - band.centre_hz) / band.width_hz) ** 2) ** -2.0 for f in (everything, frequency_hz)
        ]
        total += rms**2 * shapes[1] / trapezoid(shapes[0], everything)
    return total


@pytest.mark.parametrize("kind", KINDS)
def test_sampled_shakes_have_the_stated_spectrum(kind: str) -> None:
    shake = KINDS[kind]
    time_s = 1.0 + np.arange(int(_SECONDS * _FPS)) / _FPS
    found = np.array([ShakeSample.of(shake, seed, fps=_FPS).offsets(time_s) for seed in range(_SEEDS)])
    for axis in range(6):
        stated_rms = np.sqrt(sum([*one.rms_m, *np.radians(one.rms_deg)][axis] ** 2 for one in shake.bands))
        assert np.sqrt((found[..., axis] ** 2).mean()) == pytest.approx(stated_rms, rel=0.05)
        assert abs(kurtosis(found[:, ::400, axis].ravel())) < 0.6, "normally distributed"
        frequency_hz, density = periodogram(found[..., axis], fs=_FPS, window="hann", detrend=False)
        for low_hz, high_hz in _BANDS_HZ:
            inside = (frequency_hz >= low_hz) & (frequency_hz < high_hz)
            power = density[:, inside].mean(axis=0).sum() * frequency_hz[1]
            fine_hz = np.linspace(low_hz, high_hz, 20_001)
            stated = trapezoid(_spectrum(shake, axis, fine_hz), fine_hz)
            # The window moves power by a bin or two.
            assert power == pytest.approx(stated, rel=0.2, abs=0.012 * stated_rms**2)
    axes = found[:, ::40].reshape(-1, 6)
    apart = np.corrcoef(axes.T) - np.eye(6)
    assert np.abs(apart).max() < 0.05, "axes are independent"


@pytest.mark.parametrize("kind", KINDS)
def test_every_frame_rate_samples_the_same_shake(kind: str) -> None:
    shake, time_s = replace(KINDS[kind], limit_hz=7.0), np.arange(41) / 10
    at_rates = [ShakeSample.of(shake, 5, fps=fps).offsets(time_s) for fps in (15.0, 30.0, 120.0)]
    np.testing.assert_array_equal(at_rates[0], at_rates[1])
    np.testing.assert_array_equal(at_rates[0], at_rates[2])
    # What a rate cannot show is left out, and the rest stays.
    slow = ShakeSample.of(shake, 5, fps=3.0)
    kept = slow.frequency_hz[(slow.cosine != 0) | (slow.sine != 0)]
    assert kept.min() >= 0.1 and kept.max() < 1.5
    fast = ShakeSample.of(shake, 5, fps=30.0)
    np.testing.assert_array_equal(fast.cosine[slow.cosine != 0], slow.cosine[slow.cosine != 0])


def test_a_higher_limit_adds_tremor_and_keeps_the_sway() -> None:
    below, all_of_it = (ShakeSample.of(Handheld(limit_hz=f), 9, fps=60.0) for f in (7.0, 15.0))
    is_added = (below.cosine == 0) & (all_of_it.cosine != 0)
    assert is_added.any() and all_of_it.frequency_hz[is_added].min() >= 7.0
    np.testing.assert_array_equal(below.cosine[~is_added], all_of_it.cosine[~is_added])


@pytest.mark.parametrize("kind", KINDS)
def test_a_shake_starts_at_zero_and_grows_within_its_ramp(kind: str) -> None:
    sample = ShakeSample.of(replace(KINDS[kind], ramp_s=0.4), 1, fps=30.0)
    at_once = ShakeSample.of(replace(KINDS[kind], ramp_s=0.05), 1, fps=30.0)
    time_s = np.array([-0.1, 0.0, 0.1, 0.2, 0.4, 3.0])
    grown = np.array([0.0, 0.0, np.sin(np.pi / 8) ** 2, 0.5, 1.0, 1.0])[:, None]
    steady = at_once.offsets(time_s)
    np.testing.assert_allclose(sample.offsets(time_s)[2:], (grown * steady)[2:], atol=1e-15)
    assert (sample.offsets(time_s)[:2] == 0).all()


def test_a_shake_moves_along_level_axes_and_turns_about_those_of_the_camera() -> None:
    start = CameraPose.looking(np.array([[1.0, 2.0, 3.0]]), np.array([[3.0, -1.0, -1.0]]))
    time_s = np.linspace(0, 3, 31)
    steady = CameraPose(np.repeat(start.world_from_camera, 31, axis=0))
    sample = ShakeSample.of(HeadMounted(), 4, fps=15.0)
    shaken, offsets = sample.added_to(steady, start[0], time_s), sample.offsets(time_s)
    ahead = np.array([3.0, -1.0, 0.0]) / np.sqrt(10)
    for frame in range(31):
        right_m, up_m, ahead_m = offsets[frame, :3]
        moved_m = right_m * np.cross(ahead, [0, 0, 1]) + [0, 0, up_m] + ahead_m * ahead
        np.testing.assert_allclose(shaken.position_m[frame] - start.position_m[0], moved_m, atol=1e-12)
        turn = Rotation.from_rotvec(offsets[frame, 3:]).as_matrix()
        np.testing.assert_allclose(shaken.rotation[frame], start.rotation[0] @ turn, atol=1e-12)
    again = sample.removed_from(shaken, time_s)
    np.testing.assert_allclose(again.world_from_camera, steady.world_from_camera, atol=1e-12)
    np.testing.assert_array_equal(shaken.world_from_camera[0], start.world_from_camera[0])


def _sampled(preset: str, rigs: int, **more: object) -> RigBatch:
    return sample_rigs(PRESETS[preset], np.zeros((rigs, 3)), seed=8, frames=21, **more)


@pytest.mark.parametrize("preset", KINDS)
def test_shaken_rigs_are_those_of_the_paper_with_a_shake(preset: str) -> None:
    rules = PRESETS[preset]
    batch = _sampled(preset, 6)
    plain = sample_rigs(
        replace(PRESETS["paper"], elevation_deg=rules.elevation_deg), np.zeros((6, 3)), seed=8, frames=21
    )
    np.testing.assert_array_equal(batch.steady_poses.world_from_camera, plain.poses.world_from_camera)
    first = batch.poses.world_from_camera[:, :, 0]
    np.testing.assert_array_equal(first, plain.poses.world_from_camera[:, :, 0])
    assert (first == first[:, :1]).all(), "shared first poses are bit-identical"
    moved_m = np.linalg.norm(batch.poses.position_m - batch.steady_poses.position_m, axis=-1)
    assert (moved_m[:, :, 10:].max(axis=-1) > 1e-3).all() and moved_m.max() < 0.15
    assert (batch.poses.is_proper).all()
    seeds = batch.moves.shake_seed
    assert len(set(seeds.tolist())) == len(seeds)


def test_a_shake_depends_on_seed_rig_and_camera_alone() -> None:
    many, one = _sampled("handheld", 6), _sampled("handheld", 1, first_rig=4)
    np.testing.assert_array_equal(many.poses.world_from_camera[4], one.poses.world_from_camera[0])
    faster = _sampled("handheld", 6, fps=30.0)
    np.testing.assert_array_equal(many.moves.shake_seed, faster.moves.shake_seed)
    offsets = many.rig(2).shakes[3], faster.rig(2).shakes[3]
    assert offsets[0] is not None and offsets[1] is not None
    both = [one.offsets(np.array([0.2, 0.8, 1.2])) for one in offsets if one]
    np.testing.assert_array_equal(*both)


def test_slots_can_mix_shakes_and_motions() -> None:
    rules = replace(
        PRESETS["paper"], slots=("arc", "handheld_arc", "head_mounted", "handheld_zoom", "static")
    )
    assert rules.motions == ("arc", "arc", "static", "zoom", "static")
    assert rules.shakes == ("none", "handheld", "head_mounted", "handheld", "none")
    batch = sample_rigs(rules, np.zeros((2, 3)), seed=1, frames=15)
    table = clips_of_rigs(batch, takes=["a", "b"], shot=Shot(frames=15))
    assert table["shake"].tolist() == list(rules.shakes) * 2
    assert ((table["shake_seed"] > 0) == (table["shake"] != "none")).all()
    still = batch.poses.world_from_camera[:, [0, 4]] == batch.steady_poses.world_from_camera[:, [0, 4]]
    assert still.all() and np.isfinite(table["focal_path_mm"][[3, 8]]).all()
    weights = {"handheld_arc": 1.0, "zoom": 3.0}
    mixed = replace(rules, slots=("handheld_arc", "zoom"), slot_layout="iid", weights=weights)
    assert mixed.motion_shares == {"arc": 0.25, "zoom": 0.75}
    found = sample_rigs(mixed, np.zeros((400, 3)), seed=1, frames=2).moves
    assert ((found.shake > 0) == (found.angle_deg == found.angle_deg)).all()
