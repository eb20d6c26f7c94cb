"""What cameras do is told from poses alone, at the precision of published camera files."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from trajectories import MOTIONS, CameraPose, pose_from_unreal
from trajectories.audit import RecoveredMoves, audit, recover_moves
from trajectories.audit.recovered.moves import RULES_MOTION
from trajectories.formats import NamedTrajectory, TrajectorySet, write_trajectories
from trajectories.sampling import PRESETS, Rules, sample_rigs

_PAPER = PRESETS["paper"]
_START_CM = np.array([3390.0, 1380.0, 240.0])
_SUBJECT_CM = np.array([3790.0, 1380.0, 240.0])
_MOTION_NAMES = np.array(list(MOTIONS))


def six_digits(numbers: np.ndarray) -> np.ndarray:
    last = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(numbers), 1e-300))) - 5)
    return np.round(numbers / last) * last


def simulated(rigs: int, rules: Rules, *, seed: int = 5) -> tuple[RecoveredMoves, np.ndarray, dict]:
    """Moves recovered from rigs as a camera file in centimetres would hold them, and what was drawn."""
    pivots_m = np.random.default_rng(seed).uniform([-60, -60, 0.9], [60, 60, 1.4], (rigs, 3))
    batch = sample_rigs(rules, pivots_m, seed=seed, frames=81)
    poses = batch.poses.world_from_camera.reshape(-1, 81, 3, 4)
    rounded = CameraPose.of(six_digits(poses[..., :3]), six_digits(poses[..., 3] * 100) / 100)
    cameras = len(rules.slots)
    found = recover_moves(rounded, np.repeat(np.arange(rigs), cameras))
    drawn = {"speed_a": batch.moves.speed_a, "subject_m": np.repeat(pivots_m, cameras, axis=0)}
    return found, _MOTION_NAMES[batch.moves.kind], drawn


def confused(found: RecoveredMoves, stated: np.ndarray) -> Counter:
    pairs = zip(stated.tolist(), found.names.tolist(), strict=True)
    return Counter((said, seen) for said, seen in pairs if RULES_MOTION.get(seen, seen) != said)


def test_three_thousand_rounded_trajectories_are_all_told_apart():
    found, stated, drawn = simulated(300, _PAPER)
    assert len(stated) == 3000
    assert confused(found, stated) == Counter()
    _, speed_a = found.whole(81, "closed")
    assert np.abs(speed_a - drawn["speed_a"]).max() < 0.05
    gap_m = np.linalg.norm(found.subject_m - drawn["subject_m"], axis=1)
    assert np.median(gap_m) < 1e-4
    assert gap_m.max() < 0.01


@pytest.mark.parametrize(
    ("preset", "changes"),
    [
        ("release", {}),
        ("toy", {}),
        ("paper", {"layout": "independent", "time_base": "paper"}),
        ("paper", {"pan_tilt": "joint", "translation_frame": "camera"}),
        ("paper", {"translation_frame": "subject", "slot_layout": "iid"}),
    ],
)
def test_every_reading_of_the_rules_is_told(preset: str, changes: dict):
    rules = replace(PRESETS[preset], **changes)
    found, stated, drawn = simulated(100, rules)
    # A chord may run along an axis of the world to six digits: one in some thousand does.
    assert confused(found, stated).total() <= 2
    is_right = np.array([RULES_MOTION.get(name, name) for name in found.names]) == stated
    _, speed_a = found.whole(81, rules.time_base)
    assert np.abs(speed_a - drawn["speed_a"])[is_right].max() < 0.05
    arcs = {name for name in found.names.tolist() if name.startswith("arc")}
    assert arcs == ({"arc_chord"} if rules.arc_path == "chord" else {"arc"})
    assert found.is_eased.any() == (rules.spline == "unreal_keys")


def test_a_camera_that_keeps_its_rotation_is_told_from_one_that_tracks():
    for share, name in ((1.0, "translation"), (0.0, "translation_fixed")):
        rules = replace(_PAPER, slots=("translation", "translation", "arc"), track_share=share)
        found, stated, _ = simulated(100, rules)
        of_translations = Counter(found.names[stated == "translation"].tolist())
        assert of_translations[name] > 0.99 * of_translations.total()


def test_parts_and_order_change_nothing():
    batch = sample_rigs(_PAPER, np.tile([[1.0, 2.0, 1.1]], (450, 1)), seed=2, frames=21)
    poses = CameraPose(batch.poses.world_from_camera.reshape(-1, 21, 3, 4))
    rig = np.repeat(np.arange(450), 10)
    whole = recover_moves(poses, rig)
    rows = np.r_[4000:4500, 0:1000]
    part = recover_moves(poses[rows], np.r_[np.repeat(np.arange(50), 10), np.repeat(np.arange(50, 150), 10)])
    for name in ("motion", "amount", "speed_a", "subject_m"):
        np.testing.assert_allclose(getattr(part, name), getattr(whole, name)[rows], rtol=1e-9, atol=1e-9)


def test_a_rig_without_a_meeting_point_has_no_subject():
    still = np.tile(np.eye(3, 4), (3, 9, 1, 1))
    found = recover_moves(CameraPose(still), np.zeros(3, dtype=np.int64))
    assert found.names.tolist() == ["static"] * 3
    assert np.isnan(found.subject_m).all()
    none = recover_moves(CameraPose(still[:0]), np.zeros(0, dtype=np.int64))
    assert len(none.motion) == 0


def ten_evaluation_cameras() -> TrajectorySet:
    """The published evaluation moves: 161 frames, of which every second of the first 161 is kept."""
    share = np.arange(0, 162, 2)[:, None] / 161
    aside_cm = [400 * (1 - np.cos(np.pi / 6)), 200.0, 0.0]
    turns = [(0, 20), (0, -20), (10, 0), (-10, 0), (0, 0), (0, 0)]
    ends_cm = [[0, 0, 0]] * 4 + [[200, 0, 0], [-200, 0, 0], [0, 0, 100], [0, 0, -100]]
    ends_cm += [[aside_cm[0], -200, 0], aside_cm]
    cameras = []
    for number, end_cm in enumerate(ends_cm):
        location_cm = _START_CM + share * np.array(end_cm, dtype=np.float64)
        x, y, z = (_SUBJECT_CM - location_cm).T
        aimed = np.degrees(np.stack([np.arctan2(z, np.hypot(x, y)), np.arctan2(y, x), 0 * x], axis=-1))
        pitch_yaw_roll_deg = share * np.array([*turns[number], 0.0]) if number < 6 else aimed
        poses = pose_from_unreal(location_cm, pitch_yaw_roll_deg)
        cameras.append(NamedTrajectory(take="val", camera=f"cam{number + 1:02d}", poses=poses, fps=15.0))
    return TrajectorySet(trajectories=tuple(cameras))


def test_the_published_evaluation_file_is_told_to_the_letter(tmp_path: Path):
    file = tmp_path / "10basic_trajectories" / "cameras" / "camera_extrinsics.json"
    write_trajectories(file, ten_evaluation_cameras())
    report = audit(file, page=tmp_path / "audit.html")
    moves = [(m.motion, m.unit, round(m.amount, 2)) for m in report.recovered.moves]
    assert moves == [
        *(("pan", "deg", -20.0), ("pan", "deg", 20.0)),
        *(("tilt", "deg", 10.0), ("tilt", "deg", -10.0)),
        *(("translation", "m", 2.0), ("translation", "m", 2.0)),
        *(("translation", "m", 1.0), ("translation", "m", 1.0)),
        *(("arc_chord", "deg", -30.0), ("arc_chord", "deg", 30.0)),
    ]
    assert all(move.speed_a == 0 for move in report.recovered.moves)
    assert (report.recovered.time_base, report.recovered.internal_frames) == ("release", 161.0)
    assert (report.recovered.arc_path, report.recovered.subject_from) == ("chord", "optical axes")
    assert report.source.shared_start_rigs == 1
    assert report.rules is None
    assert report.tests == ()
    assert report.is_ok
    features = {feature.name: feature for feature in report.features}
    assert features["start_radius_m"].quantiles[2] == pytest.approx(4.0, abs=1e-4)
    assert features["pan_deg"].quantiles[-1] == pytest.approx(20.0, abs=1e-3)
    assert features["arc_deg"].quantiles[-1] == pytest.approx(30.0, abs=2e-3)


def test_a_foreign_set_is_held_to_rules_that_are_named(tmp_path: Path):
    file = tmp_path / "camera_extrinsics.json"
    write_trajectories(file, ten_evaluation_cameras())
    report = audit(file, page=tmp_path / "audit.html", rules="release")
    # Its slots are not the release's, but its amplitudes and starts are within bounds.
    assert set(report.errors) == {"slot_differs"}
    narrow = tmp_path / "rules.toml"
    narrow.write_text('[rig]\npreset = "release"\npan_deg = [5.0, 15.0]\n')
    report = audit(file, page=tmp_path / "audit.html", rules=str(narrow))
    assert report.errors["amplitude_out_of_bounds"] == 2
    assert "pan of 20.00 deg" in next(f.what for f in report.findings if f.code.startswith("amplitude"))
