"""Rigs follow the distributions of their rules, and depend on seed, index and attempt alone."""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from trajectories import CameraPose
from trajectories.rigs import camera_name
from trajectories.sampling import (
    KINDS,
    PRESETS,
    Limits,
    RigBatch,
    Rules,
    Shot,
    sample_checked_rigs,
    sample_rigs,
)

_PAPER = PRESETS["paper"]
_MANY = 20_000
# Four standard deviations of the largest gap between 20,000 samples and their distribution.
_LARGEST_GAP = 0.015


@pytest.fixture(scope="module")
def many() -> RigBatch:
    """20,000 rigs of two frames: with the closed time base, the last frame is the end of the move."""
    return sample_rigs(_PAPER, np.tile([[3.0, -2.0, 1.1]], (_MANY, 1)), seed=2024, frames=2)


@pytest.fixture(scope="module")
def sampled() -> Callable[..., RigBatch]:
    """Rigs of two frames around the origin, from changed rules."""

    def sample(rules: Rules = _PAPER, *, rigs: int = 3000, **changes: object) -> RigBatch:
        return sample_rigs(replace(rules, **changes), np.zeros((rigs, 3)), seed=1, frames=2)

    return sample


def _slots(motion: str) -> list[int]:
    return [c for c, slot in enumerate(_PAPER.slots) if slot == motion]


def _start(batch: RigBatch, camera: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance, sine of elevation and azimuth of the starts, from poses alone."""
    x, y, z = (batch.poses.position_m[:, camera, 0] - batch.subjects_m).T
    radius_m = np.sqrt(x**2 + y**2 + z**2)
    return radius_m, z / radius_m, np.arctan2(y, x)


def _starts_m(batch: RigBatch) -> np.ndarray:
    """Start distances ``(rigs, cameras)``, from poses alone."""
    return np.linalg.norm(batch.poses.position_m[:, :, 0] - batch.subjects_m[:, None], axis=-1)


def _turned_deg(first: np.ndarray, last: np.ndarray) -> np.ndarray:
    return np.degrees((last - first + np.pi) % (2 * np.pi) - np.pi)


def _amplitudes(batch: RigBatch, motion: str) -> np.ndarray:
    """Signed amplitude of each camera with this motion, from poses alone: degrees, or start distances."""
    slots = _slots(motion)
    poses = batch.poses[:, slots]
    forward, position = poses.forward, poses.position_m
    if motion == "pan":
        heading = np.arctan2(forward[..., 1], forward[..., 0])
        return _turned_deg(heading[..., 0], heading[..., 1])
    if motion == "tilt":
        turn = np.cross(forward[:, :, 0], forward[:, :, 1])
        sine = (turn * poses.rotation[:, :, 0, :, 0]).sum(-1)
        return np.degrees(np.arctan2(sine, (forward[:, :, 0] * forward[:, :, 1]).sum(-1)))
    if motion == "arc":
        offset = position - batch.subjects_m[:, None, None]
        azimuth = np.arctan2(offset[..., 1], offset[..., 0])
        return _turned_deg(azimuth[..., 0], azimuth[..., 1])
    return np.linalg.norm(position[:, :, 1] - position[:, :, 0], axis=-1) / _starts_m(batch)[:, slots]


def test_all_starts_are_within_their_bounds(many: RigBatch) -> None:
    radius_m, sine, _ = _start(many)
    assert ((radius_m >= 0.5 - 1e-12) & (radius_m <= 10 + 1e-12)).all()
    assert ((sine >= -1e-12) & (sine <= np.sin(np.pi / 4) + 1e-12)).all()


@pytest.mark.parametrize(
    ("motion", "low", "high"),
    [("pan", 5, 60), ("tilt", 5, 45), ("translation", 0.25, 1), ("arc", 5, 60)],
)
def test_amplitudes_are_uniform_within_their_bounds(
    many: RigBatch, motion: str, low: float, high: float
) -> None:
    signed = _amplitudes(many, motion)
    size = np.abs(signed)
    assert ((size >= low - 1e-9) & (size <= high + 1e-9)).all()
    for slot in size.T:
        assert kstest(slot, "uniform", args=(low, high - low)).statistic < _LARGEST_GAP
    if motion != "translation":
        assert abs((signed > 0).mean() - 0.5) < 0.02


def test_lengths_of_random_moves_are_uniform_within_their_bounds(many: RigBatch) -> None:
    radius_m, _, _ = _start(many)
    for slot in _slots("random"):
        moves = many.moves[slot :: len(many.rules.slots)]
        lengths = moves.distance_m / radius_m
        assert ((lengths >= 0.25 - 1e-9) & (lengths <= 1 + 1e-9)).all()
        assert kstest(lengths, "uniform", args=(0.25, 0.75)).statistic < _LARGEST_GAP
        counts = np.bincount(moves.waypoint_count.astype(int), minlength=4)[1:]
        assert np.abs(counts / _MANY - 1 / 3).max() < 0.02


def test_random_moves_turn_within_their_limit(many: RigBatch) -> None:
    moves = many.moves[_slots("random")[0] :: len(many.rules.slots)]
    full = moves.waypoints_m[moves.waypoint_count == 3]
    steps = np.diff(np.concatenate([np.zeros((len(full), 1, 3)), full], axis=1), axis=1)
    steps /= np.linalg.norm(steps, axis=-1, keepdims=True)
    cosine = (steps[:, 1:] * steps[:, :-1]).sum(-1)
    assert cosine.min() >= np.cos(np.radians(_PAPER.max_turn_deg)) - 1e-12
    assert kstest(steps[:, 0, 2], "uniform", args=(-1, 2)).statistic < 0.03, "first steps are isotropic"


def test_starts_are_uniform_and_independent(many: RigBatch) -> None:
    radius_m, sine, azimuth = _start(many)
    assert kstest(radius_m, "uniform", args=(0.5, 9.5)).statistic < _LARGEST_GAP
    assert kstest(sine, "uniform", args=(0, np.sin(np.pi / 4))).statistic < _LARGEST_GAP
    assert kstest(azimuth, "uniform", args=(-np.pi, 2 * np.pi)).statistic < _LARGEST_GAP
    assert abs(np.corrcoef(radius_m, sine)[0, 1]) < 0.03
    assert abs(np.corrcoef(azimuth, sine)[0, 1]) < 0.03


@pytest.mark.parametrize(
    ("measure", "share_below"),
    [
        ("radius", lambda r: (r - 0.5) / 9.5),
        ("volume", lambda r: (r**3 - 0.125) / (1000 - 0.125)),
        ("log", lambda r: np.log(r / 0.5) / np.log(20)),
    ],
)
def test_measures_of_the_start_distance(
    sampled: Callable[..., RigBatch], measure: str, share_below: Callable[[np.ndarray], np.ndarray]
) -> None:
    radius_m, sine, _ = _start(sampled(radius_measure=measure, elevation_measure="angle"))
    assert kstest(radius_m, share_below).statistic < 0.04
    assert kstest(np.arcsin(sine), "uniform", args=(0, np.pi / 4)).statistic < 0.04


@pytest.mark.parametrize("layout", ["shared", "independent", "mixed"])
def test_the_radius_limit_bounds_every_start_and_is_one_of_the_rules(
    sampled: Callable[..., RigBatch], layout: str
) -> None:
    batch = sampled(PRESETS["release"], layout=layout, rigs=1000)
    limit_m, starts_m = batch.parameters.radius_limit_m, _starts_m(batch)
    assert (starts_m <= limit_m[:, None] + 1e-12).all() and (starts_m >= 0.5 - 1e-12).all()
    found, counts = np.unique(limit_m, return_counts=True)
    assert found.tolist() == [3.0, 5.0, 7.0, 10.0] == list(batch.rules.largest_radii_m)
    assert np.abs(counts / len(batch) - 0.25).max() < 0.04
    # Within its limit, the distance is uniform.
    share = (starts_m - 0.5) / (limit_m[:, None] - 0.5)
    assert kstest(share[:, 0], "uniform").statistic < 0.06
    assert abs(np.corrcoef(share[:, 0], limit_m)[0, 1]) < 0.1


def test_without_limits_the_radius_limit_is_the_largest_radius(many: RigBatch) -> None:
    assert (many.parameters.radius_limit_m == 10.0).all()


@pytest.mark.parametrize("radius_m", [0.2, 0.7, 4.0, 6.0, 50.0])
def test_rules_within_a_radius_start_within_it(sampled: Callable[..., RigBatch], radius_m: float) -> None:
    for preset in PRESETS.values():
        batch = sampled(preset.within(radius_m), rigs=200)
        assert _starts_m(batch).max() <= min(radius_m, 10.0) + 1e-12
        assert _starts_m(batch).min() >= min(radius_m, 0.5) - 1e-12
        assert batch.parameters.radius_limit_m.max() <= radius_m


def test_translations_are_along_world_axes_and_mostly_track(many: RigBatch) -> None:
    for slot in _slots("translation"):
        moves = many.moves[slot :: len(many.rules.slots)]
        axes, counts = np.unique(moves.direction, axis=0, return_counts=True)
        assert len(axes) == 6
        assert (np.abs(axes).sum(axis=1) == 1).all()
        assert np.abs(counts / _MANY - 1 / 6).max() < 0.02
        assert abs(moves.is_tracking.mean() - 0.85) < 0.02


def test_directions_are_in_the_frame_of_the_rules(sampled: Callable[..., RigBatch]) -> None:
    def directions(frame: str, axis: str) -> tuple[RigBatch, np.ndarray]:
        batch = sampled(translation_frame=frame, translation_axes=(axis,), slots=("translation",))
        return batch, batch.moves.direction

    for axis, column in (("+x", 0), ("+y", 1), ("+z", 2)):
        batch, direction = directions("camera", axis)
        np.testing.assert_allclose(direction, batch.poses.rotation[:, 0, 0, :, column], atol=1e-12)
    batch, away = directions("subject", "+x")
    offset_m = batch.poses.position_m[:, 0, 0] - batch.subjects_m
    level_m = np.linalg.norm(offset_m[:, :2], axis=-1)
    np.testing.assert_allclose((away * offset_m).sum(-1), level_m, rtol=1e-12)
    _, around = directions("subject", "+y")
    np.testing.assert_allclose(np.cross(away, around), [[0.0, 0.0, 1.0]] * len(away), atol=1e-12)
    assert (directions("subject", "-z")[1] == [0.0, 0.0, -1.0]).all()


def test_amplitude_levels_are_fractions_of_the_range(sampled: Callable[..., RigBatch]) -> None:
    batch = sampled(PRESETS["toy"])
    motion, moves = np.array(KINDS)[batch.moves.kind], batch.moves
    ratio = moves.distance_m / _starts_m(batch).ravel()
    for name, sizes, levels in (
        ("pan", np.abs(moves.angle_deg), {10.0, 20.0}),
        ("tilt", np.abs(moves.angle_deg), {5.0, 10.0}),
        ("arc", np.abs(moves.angle_deg), {15.0, 30.0}),
        ("translation", np.round(ratio, 9), {0.25, 0.5}),
    ):
        assert set(sizes[motion == name].tolist()) == levels
    assert (moves.speed_a == 0).all()


def test_half_of_each_motion_has_constant_speed(many: RigBatch) -> None:
    speed_a = many.moves.speed_a.reshape(_MANY, -1)
    is_constant = speed_a == 0
    assert is_constant[:, _slots("static")].all()
    for motion in set(_PAPER.slots) - {"static"}:
        slots = _slots(motion)
        of_rig = is_constant[:, slots].sum(axis=1)
        half, odd = divmod(len(slots), 2)
        assert set(of_rig.tolist()) == {half, half + odd}, motion
        assert abs(is_constant[:, slots].mean() - 0.5) < 0.02
    size = np.abs(speed_a[~is_constant])
    assert size.min() >= 2.0
    assert size.max() <= 4.5
    assert kstest(size[:_MANY], "uniform", args=(2, 2.5)).statistic < _LARGEST_GAP


def test_speeds_can_be_sampled_independently(sampled: Callable[..., RigBatch]) -> None:
    batch = sampled(speed_sampling="iid", constant_share=0.3, slots=("pan",) * 4)
    is_constant = (batch.moves.speed_a == 0).reshape(-1, 4)
    assert abs(is_constant.mean() - 0.3) < 0.02
    counts = np.bincount(is_constant.sum(axis=1), minlength=5) / len(batch)
    np.testing.assert_allclose(counts, [0.2401, 0.4116, 0.2646, 0.0756, 0.0081], atol=0.04)


def test_slots_can_be_sampled_by_weight(sampled: Callable[..., RigBatch]) -> None:
    for weights in ({"pan": 1.0, "arc": 3.0}, {}):
        rules = replace(_PAPER, slot_layout="iid", weights=weights)
        found = np.bincount(sampled(rules).moves.kind, minlength=len(KINDS)) / 30_000
        expected = [rules.motion_shares.get(kind, 0.0) for kind in KINDS]
        np.testing.assert_allclose(found, expected, atol=0.02)
        assert not found[np.array(expected) == 0].any()
    assert rules.motion_shares["translation"] == pytest.approx(0.3)


def test_joint_pans_and_tilts_do_both(sampled: Callable[..., RigBatch]) -> None:
    batch = sampled(pan_tilt="joint", slots=("pan", "tilt"))
    assert {KINDS[kind] for kind in batch.moves.kind} == {"pan_tilt"}
    pan_deg, tilt_deg = batch.moves.angle_deg, batch.moves.tilt_deg
    for values, bounds in ((pan_deg, _PAPER.pan_deg), (tilt_deg, _PAPER.tilt_deg)):
        assert bounds[0] <= np.abs(values).min() and np.abs(values).max() <= bounds[1]
    assert abs(np.corrcoef(pan_deg, tilt_deg)[0, 1]) < 0.06


def test_lenses_are_equally_likely(many: RigBatch) -> None:
    assert np.abs(np.bincount(many.parameters.lens_index) / _MANY - 0.5).max() < 0.02


def test_shared_starts_are_equal_to_the_last_bit() -> None:
    first = sample_rigs(_PAPER, np.zeros((50, 3)), seed=4, frames=9).poses.world_from_camera[:, :, 0]
    assert (first == first[:, :1]).all()


def test_independent_starts_all_differ() -> None:
    rules = replace(_PAPER, layout="independent")
    first = sample_rigs(rules, np.zeros((50, 3)), seed=4, frames=9).poses.position_m[:, :, 0]
    assert len(np.unique(first.reshape(-1, 3), axis=0)) == 500


def test_a_share_of_mixed_rigs_is_independent(sampled: Callable[..., RigBatch]) -> None:
    batch = sampled(layout="mixed", rigs=1000)
    start = batch.poses.position_m[:, :, 0]
    is_shared = (start == start[:, :1]).all(axis=(1, 2))
    np.testing.assert_array_equal(~is_shared, batch.parameters.is_independent)
    assert abs((~is_shared).mean() - 27 / 163) < 0.04
    assert {rig.layout for rig in batch} == {"shared", "independent"}


@pytest.mark.parametrize("layout", ["shared", "independent"])
def test_slicing_never_changes_a_rig(layout: str) -> None:
    rules = replace(_PAPER, layout=layout)
    subjects_m = np.random.default_rng(8).uniform(-30, 30, (40, 3))

    def sample(low: int, high: int) -> np.ndarray:
        batch = sample_rigs(rules, subjects_m[low:high], seed=6, frames=21, first_rig=low)
        return batch.poses.world_from_camera

    complete = sample(0, 40)
    for size in (1, 7, 16):
        parts = [sample(low, min(low + size, 40)) for low in range(0, 40, size)]
        np.testing.assert_array_equal(np.concatenate(parts), complete)
    np.testing.assert_array_equal(sample(33, 34)[0], complete[33])


def test_seed_index_and_attempt_all_matter() -> None:
    def sample(**changes: int) -> bytes:
        values = {"seed": 1, "first_rig": 0, "attempt": 0} | changes
        return sample_rigs(_PAPER, np.zeros((1, 3)), frames=2, **values).poses.world_from_camera.tobytes()

    changes: list[dict[str, int]] = [
        {},
        {"seed": 2},
        {"first_rig": 1},
        {"attempt": 1},
        {"seed": 2**64 - 1},
        {"seed": 2**64 - 2},
    ]
    assert len({sample(**change) for change in changes}) == len(changes)
    assert sample() == sample()


def test_a_rig_moves_with_its_subject() -> None:
    shift_m = np.array([4.0, -7.0, 1.5])
    here, there = (sample_rigs(_PAPER, at_m[None], seed=3, frames=9) for at_m in (np.zeros(3), shift_m))
    np.testing.assert_allclose(there.poses.position_m, here.poses.position_m + shift_m, atol=1e-12)
    np.testing.assert_allclose(there.poses.rotation, here.poses.rotation, atol=1e-12)


def test_a_batch_gives_its_rigs() -> None:
    subjects_m = np.array([[0.0, 0.0, 0.0], [1.0, 2.0, 3.0]])
    batch = sample_rigs(_PAPER, subjects_m, seed=1, frames=5)
    rigs = list(batch)
    assert len(rigs) == len(batch) == 2
    for index, rig in enumerate(rigs):
        assert rig.cameras == tuple(camera_name(c) for c in range(10))
        assert rig.lens == _PAPER.lenses[batch.parameters.lens_index[index]] and rig.layout == "shared"
        np.testing.assert_array_equal(rig.subject_m, subjects_m[index])
        np.testing.assert_array_equal(rig.poses.world_from_camera, batch.poses.world_from_camera[index])
        np.testing.assert_array_equal(rig.poses.world_from_camera, batch.rig(index).poses.world_from_camera)
    kinds = np.array(KINDS)[batch.moves.kind].reshape(2, 10)
    assert kinds.tolist() == [list(_PAPER.slots)] * 2


# What every version has sampled for one seed. A change of these digests changes every data set.
_REJECTED = Limits(reject=("below_ground", "too_close", "too_fast", "turns_too_fast"), attempts=4)
_DIGESTS = {
    ("paper", False): "6d843d05065d62637902e1dd618a982a6a341b38709eb625f3d5eb5a9a56f3c5",
    ("paper", True): "4ebfafa576713f65325e2f435149c104f309d4d011215168ad5d7edeadbaa0ed",
    ("release", False): "4eef7a721ca870bfe4c59b73f1a2e3629129104de4a83ec3952f4d56ce12ac7a",
    ("release", True): "74719ff995391287e95a718f7473652a709abe359acbbd4565af55d786ec9d9b",
    ("toy", False): "0a6ed8ded2ac2b2566b3499658f7f90741dd97cab4d9d336ccaf7708e7b82a80",
    ("toy", True): "5a1b2e941035e1e07ee2a01fc7840da314eb4f1fa7f2af3b54ae83acb59c3a73",
}


def _digest(batch: RigBatch) -> str:
    """SHA-256 of poses, motions, parameters and flags; float32, so the last bits of float64 do not matter."""
    moves, parameters = batch.moves, batch.parameters
    parts = [
        f"{','.join(names)}\n".encode() for names in (np.array(KINDS)[moves.kind], batch.verdicts.reasons)
    ]
    for numbers in (
        batch.poses.world_from_camera,
        moves.angle_deg,
        moves.tilt_deg,
        moves.direction,
        moves.distance_m,
        moves.waypoints_m,
        moves.waypoint_count,
        moves.speed_a,
    ):
        # Adding 0 turns -0 into 0.
        parts.append((numbers.astype(np.float32) + np.float32(0)).tobytes())
    for numbers in (
        moves.is_tracking,
        parameters.lens_index,
        parameters.is_independent,
        batch.attempts,
        batch.verdicts.is_broken,
    ):
        parts.append(numbers.astype(np.uint8).tobytes())
    return hashlib.sha256(b"".join(parts)).hexdigest()


@pytest.mark.parametrize(("preset", "rejects"), _DIGESTS)
def test_the_rigs_of_a_seed_are_pinned(preset: str, rejects: bool) -> None:
    rules = PRESETS[preset]
    if rejects:
        rules = replace(rules, layout="mixed", validity=_REJECTED)
    subjects_m = np.random.Generator(np.random.Philox(7)).uniform(-5, 5, (40, 3))
    batch = sample_checked_rigs(rules, subjects_m, shot=Shot(frames=21, fps=3.75), seed=2024)
    assert (batch.attempts.max() > 0) == rejects and batch.verdicts.is_broken.any()
    assert _digest(batch) == _DIGESTS[preset, rejects]
    again = replace(batch, poses=CameraPose(batch.poses.world_from_camera * (1 + 1e-6)))
    assert _digest(again) != _DIGESTS[preset, rejects]
