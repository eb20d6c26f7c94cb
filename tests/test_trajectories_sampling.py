"""Rigs obey their rules, and depend on seed, index and attempt alone."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from multitake.errors import InputError
from multitake.randomness import rig_uniforms, rng_for
from trajectories import camera_name
from trajectories.sampling import PRESETS, RigBatch, Rules, rules_named, sample_rigs

_PAPER = PRESETS["paper"]
_MANY = 20_000
# Four standard deviations of the largest gap between 20,000 draws and their law.
_LARGEST_GAP = 0.015


@pytest.fixture(scope="module")
def many() -> RigBatch:
    """20,000 rigs; two frames hold the whole amplitude, as the closed time base ends at the move's end."""
    return sample_rigs(_PAPER, np.tile([[3.0, -2.0, 1.1]], (_MANY, 1)), seed=2024, frames=2)


def _slots(motion: str) -> list[int]:
    return [c for c, slot in enumerate(_PAPER.slots) if slot == motion]


def _start(batch: RigBatch) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x, y, z = (batch.poses.position_m[:, 0, 0] - batch.pivots_m).T
    radius_m = np.sqrt(x**2 + y**2 + z**2)
    return radius_m, z / radius_m, np.arctan2(y, x)


def _turned_deg(batch: RigBatch, slots: list[int], first: np.ndarray, last: np.ndarray) -> np.ndarray:
    return np.degrees((last - first + np.pi) % (2 * np.pi) - np.pi)[:, slots]


def _amplitudes(batch: RigBatch, motion: str) -> np.ndarray:
    """Signed amplitude from poses alone: degrees, or metres over the start distance."""
    slots = _slots(motion)
    forward, position = batch.poses.forward, batch.poses.position_m
    if motion == "pan":
        heading = np.arctan2(forward[..., 1], forward[..., 0])
        return _turned_deg(batch, slots, heading[:, :, 0], heading[:, :, 1])
    if motion == "tilt":
        right, ahead = batch.poses.rotation[..., 0], forward
        turn = np.cross(ahead[:, :, 0], ahead[:, :, 1])
        sine, cosine = (turn * right[:, :, 0]).sum(-1), (ahead[:, :, 0] * ahead[:, :, 1]).sum(-1)
        return np.degrees(np.arctan2(sine, cosine))[:, slots]
    if motion == "arc":
        offset = position - batch.pivots_m[:, None, None]
        azimuth = np.arctan2(offset[..., 1], offset[..., 0])
        return _turned_deg(batch, slots, azimuth[:, :, 0], azimuth[:, :, 1])
    radius_m = np.linalg.norm(position[:, :, 0] - batch.pivots_m[:, None], axis=-1)[:, slots]
    return np.linalg.norm(position[:, slots, 1] - position[:, slots, 0], axis=-1) / radius_m


def test_start_within_bounds_without_exception(many: RigBatch):
    radius_m, sine, _ = _start(many)
    assert ((radius_m >= 0.5 - 1e-12) & (radius_m <= 10 + 1e-12)).all()
    assert ((sine >= -1e-12) & (sine <= np.sin(np.pi / 4) + 1e-12)).all()


@pytest.mark.parametrize(
    ("motion", "low", "high"),
    [("pan", 5, 60), ("tilt", 5, 45), ("translation", 0.25, 1), ("arc", 5, 60)],
)
def test_amplitudes_within_bounds_and_uniform(many: RigBatch, motion: str, low: float, high: float):
    signed = _amplitudes(many, motion)
    size = np.abs(signed)
    assert ((size >= low - 1e-9) & (size <= high + 1e-9)).all()
    for slot in size.T:
        assert kstest(slot, "uniform", args=(low, high - low)).statistic < _LARGEST_GAP
    if motion != "translation":
        assert abs((signed > 0).mean() - 0.5) < 0.02


def test_random_lengths_within_bounds_and_uniform(many: RigBatch):
    radius_m, _, _ = _start(many)
    for slot in _slots("random"):
        motion = many.moves_of(slot)
        lengths = motion.distance_m / radius_m
        assert ((lengths >= 0.25 - 1e-9) & (lengths <= 1 + 1e-9)).all()
        assert kstest(lengths, "uniform", args=(0.25, 0.75)).statistic < _LARGEST_GAP
        counts = np.bincount(motion.waypoint_count.astype(int), minlength=4)[1:]
        assert np.abs(counts / _MANY - 1 / 3).max() < 0.02


def test_random_turns_within_the_limit(many: RigBatch):
    motion = many.moves_of(_slots("random")[0])
    full = motion.waypoints_m[motion.waypoint_count == 3]
    steps = np.diff(np.concatenate([np.zeros((len(full), 1, 3)), full], axis=1), axis=1)
    steps /= np.linalg.norm(steps, axis=-1, keepdims=True)
    cosine = (steps[:, 1:] * steps[:, :-1]).sum(-1)
    assert cosine.min() >= np.cos(np.radians(_PAPER.max_turn_deg)) - 1e-12
    assert kstest(steps[:, 0, 2], "uniform", args=(-1, 2)).statistic < 0.03, "isotropic first step"


def test_start_laws(many: RigBatch):
    radius_m, sine, azimuth = _start(many)
    assert kstest(radius_m, "uniform", args=(0.5, 9.5)).statistic < _LARGEST_GAP
    assert kstest(sine, "uniform", args=(0, np.sin(np.pi / 4))).statistic < _LARGEST_GAP
    assert kstest(azimuth, "uniform", args=(-np.pi, 2 * np.pi)).statistic < _LARGEST_GAP
    assert abs(np.corrcoef(radius_m, sine)[0, 1]) < 0.03
    assert abs(np.corrcoef(azimuth, sine)[0, 1]) < 0.03


def test_other_start_measures():
    rules = replace(_PAPER, radius_measure="volume", elevation_measure="angle")
    radius_m, sine, _ = _start(sample_rigs(rules, np.zeros((4000, 3)), seed=1, frames=1))
    assert kstest(radius_m, lambda r: (r**3 - 0.125) / (1000 - 0.125)).statistic < 0.04
    assert kstest(np.arcsin(sine), "uniform", args=(0, np.pi / 4)).statistic < 0.04


def test_translations_run_along_world_axes_and_mostly_track(many: RigBatch):
    for slot in _slots("translation"):
        motion = many.moves_of(slot)
        axes, counts = np.unique(motion.direction, axis=0, return_counts=True)
        assert len(axes) == 6
        assert (np.abs(axes).sum(axis=1) == 1).all()
        assert np.abs(counts / _MANY - 1 / 6).max() < 0.02
        assert abs(motion.is_tracking.mean() - 0.85) < 0.02


def test_half_of_each_motion_is_constant_speed(many: RigBatch):
    speed_a = many.moves.speed_a.reshape(_MANY, -1)
    is_constant = speed_a == 0
    assert is_constant[:, _slots("static")].all()
    for motion in set(_PAPER.slots):
        slots = _slots(motion)
        if motion == "static":
            continue
        of_rig = is_constant[:, slots].sum(axis=1)
        half, odd = divmod(len(slots), 2)
        assert set(of_rig.tolist()) <= {half, half + odd}, motion
        assert abs(is_constant[:, slots].mean() - 0.5) < 0.02
    size = np.abs(speed_a[~is_constant])
    assert size.min() >= 2.0
    assert size.max() <= 4.5
    assert kstest(size[:_MANY], "uniform", args=(2, 2.5)).statistic < _LARGEST_GAP


def test_each_lens_takes_its_share(many: RigBatch):
    assert np.abs(np.bincount(many.lens_index) / _MANY - 0.5).max() < 0.02


def test_shared_layout_starts_bit_identical():
    first = sample_rigs(_PAPER, np.zeros((50, 3)), seed=4, frames=9).poses.world_from_camera[:, :, 0]
    assert (first == first[:, :1]).all()


def test_independent_layout_starts_apart():
    rules = replace(_PAPER, layout="independent")
    first = sample_rigs(rules, np.zeros((50, 3)), seed=4, frames=9).poses.position_m[:, :, 0]
    assert len(np.unique(first.reshape(-1, 3), axis=0)) == 500


@pytest.mark.parametrize("layout", ["shared", "independent"])
def test_slicing_never_changes_a_rig(layout):
    rules = replace(_PAPER, layout=layout)
    pivots_m = np.random.default_rng(8).uniform(-30, 30, (40, 3))

    def draw(low: int, high: int) -> np.ndarray:
        batch = sample_rigs(rules, pivots_m[low:high], seed=6, frames=21, first_rig=low)
        return batch.poses.world_from_camera

    whole = draw(0, 40)
    for size in (1, 7, 16):
        parts = [draw(low, min(low + size, 40)) for low in range(0, 40, size)]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
    np.testing.assert_array_equal(draw(33, 34)[0], whole[33])


def test_seed_index_and_attempt_all_matter():
    def draw(**changes) -> bytes:
        order = {"seed": 1, "first_rig": 0, "attempt": 0} | changes
        return sample_rigs(_PAPER, np.zeros((1, 3)), frames=2, **order).poses.world_from_camera.tobytes()

    others = [draw(seed=2), draw(first_rig=1), draw(attempt=1), draw(seed=2**64 - 1), draw(seed=2**64 - 2)]
    assert len({draw(), *others}) == 6
    assert draw() == draw()


def test_uniforms_are_slices_of_one_stream():
    whole = rig_uniforms(seed=9, attempt=2, first_rig=0, rigs=10, draws=8)
    np.testing.assert_array_equal(rig_uniforms(seed=9, attempt=2, first_rig=7, rigs=2, draws=8), whole[7:9])
    with pytest.raises(ValueError, match="multiple of 4"):
        rig_uniforms(seed=9, attempt=0, first_rig=0, rigs=1, draws=6)


def test_named_generators_depend_on_seed_and_names_only():
    def draw(*names) -> float:
        return rng_for(*names).random()

    assert draw(7, "take", 12) == draw(7, "take", 12)
    assert len({draw(7, "take", 12), draw(8, "take", 12), draw(7, "take", 13), draw(7, "take", "12")}) == 4


def test_a_batch_gives_named_rigs():
    rigs = list(sample_rigs(_PAPER, np.zeros((2, 3)), seed=1, frames=5))
    assert len(rigs) == 2
    assert rigs[0].cameras == tuple(camera_name(c) for c in range(10))
    assert [move.motion for move in rigs[0].moves] == list(_PAPER.slots)
    radius_m = np.linalg.norm(rigs[1].poses.position_m[0, 0])
    assert rigs[1].focus_distance_m[:, 0] == pytest.approx(radius_m)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"arc_deg": (75.0, 15.0)}, "rules: arc_deg: 75..15 is empty; put the smaller number first"),
        ({"pan_deg": (5.0, float("nan"))}, "rules: pan_deg: 5..nan is empty"),
        ({"radius_m": (0.0, 10.0)}, "rules: radius_m"),
        ({"random_ratio": (0.0, 0.0)}, "rules: random_ratio"),
        ({"track_share": 1.5}, "rules: track_share: 1.5 is out of bounds; keep it within 0..1"),
        ({"slots": ()}, "rules: slots: 0 cameras are impossible"),
        ({"slots": ("pan",) * 100}, "rules: slots: 100 cameras are impossible"),
        ({"slots": ("pan", "swirl")}, "rules: slots: unknown motion 'swirl'"),
        ({"lenses": ()}, "rules: lenses: no lens"),
    ],
)
def test_impossible_rules_are_refused(change: dict, says: str):
    with pytest.raises(InputError) as refusal:
        replace(_PAPER, **change).checked("rules")
    assert str(refusal.value).startswith(says)


def test_presets_pass_their_own_check():
    for name, rules in PRESETS.items():
        assert rules_named(name) == rules.checked(name)
    with pytest.raises(InputError, match="unknown preset"):
        rules_named("papper")


def test_within_bounds_the_start_distance():
    assert Rules().within(4.0).radius_m == (0.5, 4.0)
    assert Rules().within(0.2).radius_m == (0.2, 0.2)
