"""Moves are recovered from poses alone, at the precision of published camera files."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from audit_examples import PAPER, errors
from trajectory_examples import ten_basic_moves_text

from trajectories import CameraPose, ClipTable
from trajectories.audit import AuditReport, RecoveredMoves, audit, file_source, recover_moves
from trajectories.audit.recovered.moves import RULES_MOTION
from trajectories.sampling import PRESETS, Rules, Shot, clips_of_rigs, sample_rigs

FRAMES = 81
COLUMNS = ("motion", "amount", "tilt_deg", "speed_a", "subject_m", "is_eased")


def six_digits(numbers: np.ndarray) -> np.ndarray:
    last = 10.0 ** (np.floor(np.log10(np.maximum(np.abs(numbers), 1e-300))) - 5)
    return np.round(numbers / last) * last


def in_centimetres(rigs: int, rules: Rules, *, seed: int = 5) -> ClipTable:
    """Sampled rigs with the poses of a camera file: six digits, positions in centimetres."""
    subjects_m = np.random.default_rng(seed).uniform([-60, -60, 0.9], [60, 60, 1.4], (rigs, 3))
    batch = sample_rigs(rules, subjects_m, seed=seed, frames=FRAMES)
    clips = clips_of_rigs(batch, takes=[f"rig_{rig:04d}" for rig in range(rigs)], shot=Shot(frames=FRAMES))
    rotation, position_m = clips.poses.rotation, clips.poses.position_m
    return replace(clips, poses=CameraPose.of(six_digits(rotation), six_digits(position_m * 100) / 100))


def in_rules(found: RecoveredMoves) -> np.ndarray:
    """The recovered motions as motions of the rules."""
    return np.array([RULES_MOTION.get(name, name) for name in found.motion.tolist()])


def confused(clips: ClipTable, found: RecoveredMoves) -> Counter:
    pairs = zip(clips["motion"].tolist(), in_rules(found).tolist(), strict=True)
    return Counter((stated, seen) for stated, seen in pairs if stated != seen)


# ---------------------------------------------------------------- sampled moves are recovered
@pytest.fixture(scope="module")
def paper() -> ClipTable:
    return in_centimetres(150, PAPER)


def test_every_motion_speed_and_subject_of_the_paper_is_recovered(paper: ClipTable):
    found = recover_moves(paper)
    assert len(paper) == 1500
    assert confused(paper, found) == Counter()
    _, speed_a = found.of_entire_move(FRAMES, "closed")
    assert np.abs(speed_a - paper["speed_a"]).max() < 0.05
    error_m = np.linalg.norm(found.subject_m - paper["subject_m"], axis=1)
    assert np.median(error_m) < 1e-4
    assert error_m.max() < 0.01


def test_the_amounts_are_those_of_the_columns(paper: ClipTable):
    found = recover_moves(paper)
    amount, _ = found.of_entire_move(FRAMES, "closed")
    for motion, column, tolerance in (
        ("pan", "angle_deg", 2e-3),
        ("tilt", "angle_deg", 2e-3),
        ("arc", "angle_deg", 0.1),
        ("translation", "distance_m", 1e-3),
    ):
        rows = paper["motion"] == motion
        np.testing.assert_allclose(amount[rows], paper[column][rows], atol=tolerance, err_msg=motion)
    # The chords between frames are shorter than the curve.
    random = paper["motion"] == "random"
    share = amount[random] / paper["distance_m"][random]
    assert 0.99 < share.min() <= share.max() < 1.001


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
def test_moves_of_all_rules_are_recovered(preset: str, changes: dict):
    rules = replace(PRESETS[preset], **changes)
    clips = in_centimetres(60, rules)
    found = recover_moves(clips)
    # A chord can follow an axis of the world to six digits.
    assert confused(clips, found).total() <= 1
    is_right = in_rules(found) == clips["motion"]
    _, speed_a = found.of_entire_move(FRAMES, rules.time_base)
    assert np.abs(speed_a - clips["speed_a"])[is_right].max() < 0.05
    arcs = {name for name in found.motion.tolist() if name.startswith("arc")}
    assert arcs == ({"arc_chord"} if rules.arc_path == "chord" else {"arc"})
    assert found.is_eased.any() == (rules.spline == "unreal_keys")


def test_clips_of_several_lengths_are_recovered_by_their_own_length(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(ten_basic_moves_text())
    short = json.loads(ten_basic_moves_text())
    (tmp_path / "b.json").write_text(json.dumps({f"frame{k}": short[f"frame{k}"] for k in range(21)}))
    alone, both = (
        audit([file_source(tmp_path / name) for name in names], page=tmp_path / "audit.html").recovered
        for names in (("a.json",), ("a.json", "b.json"))
    )
    assert both.time_base == alone.time_base == "release"
    assert [move.amount for move in both.moves] == [move.amount for move in alone.moves]


@pytest.mark.parametrize(("track_share", "name"), [(1.0, "translation"), (0.0, "translation_fixed")])
def test_a_camera_that_keeps_its_rotation_differs_from_one_that_tracks(track_share: float, name: str):
    rules = replace(PAPER, slots=("translation", "translation", "arc"), track_share=track_share)
    clips = in_centimetres(60, rules)
    found = recover_moves(clips).motion[clips["motion"] == "translation"]
    assert (found == name).mean() > 0.99


# ---------------------------------------------------------------- only poses and takes matter
def test_columns_that_state_moves_have_no_influence(paper: ClipTable):
    clips = paper.rows(slice(0, 100))
    poses_only = ClipTable.of(clips.poses, take=clips["take"], camera=clips["camera"])
    stated, recovered = recover_moves(clips), recover_moves(poses_only)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(recovered, name), getattr(stated, name), err_msg=name)


def test_a_rig_does_not_depend_on_the_rigs_with_it():
    """The table has more clips than are recovered at once."""
    batch = sample_rigs(PAPER, np.tile([[1.0, 2.0, 1.1]], (450, 1)), seed=2, frames=21)
    poses = CameraPose(batch.poses.world_from_camera.reshape(-1, 21, 3, 4))
    clips = ClipTable.of(poses, take=np.repeat(np.arange(450), 10).astype(str).tolist(), camera="cam")
    complete = recover_moves(clips)
    rows = np.r_[4000:4500, 0:200]
    part = recover_moves(clips.rows(rows))
    for name in COLUMNS[1:]:
        np.testing.assert_allclose(
            getattr(part, name), getattr(complete, name)[rows], rtol=1e-9, atol=1e-9, err_msg=name
        )
    assert part.motion.tolist() == complete.motion[rows].tolist()


def test_a_rig_whose_axes_do_not_meet_has_no_subject():
    still = ClipTable.of(CameraPose(np.tile(np.eye(3, 4), (3, 9, 1, 1))), take="rig", camera="cam")
    found = recover_moves(still)
    assert found.motion.tolist() == ["static"] * 3
    assert np.isnan(found.subject_m).all()
    assert len(recover_moves(still.rows(slice(0, 0))).motion) == 0


# ---------------------------------------------------------------- the published evaluation file
@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """ReCamMaster's ten validation cameras: f = 161, chords for arcs, 4 m from the subject."""
    file = (
        tmp_path_factory.mktemp("published") / "10basic_trajectories" / "cameras" / "camera_extrinsics.json"
    )
    file.parent.mkdir(parents=True)
    file.write_text(ten_basic_moves_text())
    return file


@pytest.fixture(scope="module")
def report(published: Path, tmp_path_factory: pytest.TempPathFactory) -> AuditReport:
    return audit([file_source(published)], page=tmp_path_factory.mktemp("page") / "audit.html")


def test_the_moves_of_the_published_file_are_recovered_exactly(report: AuditReport):
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
    assert report.recovered.why == "Under release, 10 of 10 amplitudes are multiples of 0.5 deg or 5 cm."
    assert (report.recovered.arc_path, report.recovered.subject_from) == ("chord", "optical axes")


def test_the_report_of_the_published_file_has_no_rules(report: AuditReport):
    assert report.source.shared_start_rigs == 1
    assert not report.source.states_moves
    assert (report.rules, report.tests, report.is_ok) == (None, (), True)
    features = {feature.name: feature for feature in report.features}
    assert features["start_radius_m"].quantiles[2] == pytest.approx(4.0, abs=1e-4)
    assert features["pan_deg"].quantiles[-1] == pytest.approx(20.0, abs=1e-3)
    assert features["arc_deg"].quantiles[-1] == pytest.approx(30.0, abs=2e-3)


def test_the_published_file_is_checked_against_given_rules(published: Path, tmp_path: Path):
    rules = PRESETS["release"]
    checked = audit([file_source(published)], page=tmp_path / "audit.html", rules=rules)
    # The cameras are not those of its slots, but amplitudes and starts are within bounds.
    assert set(checked.errors) == {"slot_differs"}
    narrow = replace(rules, pan_deg=(5.0, 15.0))
    checked = audit([file_source(published)], page=tmp_path / "audit.html", rules=narrow)
    found = {place for code, place in errors(checked) if code == "amplitude_out_of_bounds"}
    assert {place.rpartition("/")[2] for place in found} == {"cam01", "cam02"}
    assert "pan of 20.00 deg" in next(f.what for f in checked.findings if f.code.startswith("amplitude"))
