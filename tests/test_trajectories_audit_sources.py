"""Whole sets: streamed, several at once, compared with each other, pair by pair."""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from multitake.errors import InputError
from trajectories import CameraPose, Lens, PoseTable, read_poses, write_poses
from trajectories.audit import audit, audit_poses
from trajectories.audit.accumulator import RunningAudit
from trajectories.audit.clips import Clips, clips_of_parquet, clips_of_rigs, clips_of_table
from trajectories.audit.measured.comparison import compare, wasserstein
from trajectories.audit.measured.redundancy import Fingerprints, near_pairs
from trajectories.sampling import PRESETS, Rules, Shot, sample_poses, sample_rigs

_PAPER = PRESETS["paper"]
_SHOT = Shot(frames=21)


def drawn(rigs: int, rules: Rules = _PAPER, *, seed: int = 3) -> Clips:
    pivots_m = np.tile([[3.0, -4.0, 1.1]], (rigs, 1))
    return clips_of_rigs(sample_rigs(rules, pivots_m, seed=seed, frames=_SHOT.frames), shot=_SHOT)


def test_parts_of_a_table_add_up_to_the_whole(tmp_path: Path):
    path = tmp_path / "poses.parquet"
    sample_poses(_PAPER, path, rigs=310, seed=4, shot=replace(_SHOT, frames=5))
    whole = clips_of_table(read_poses(path))
    parts = list(clips_of_parquet(path))
    assert len(parts) > 1
    assert sum(len(part) for part in parts) == len(whole) == 3100
    takes = [set(part.take.tolist()) for part in parts]
    assert all(not a & b for a, b in pairwise(takes))
    for name in ("take", "camera", "motion", "speed_class", "subject_m", "fx_px", "attempt", "width_px"):
        joined = np.concatenate([getattr(part, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole, name), err_msg=name)
    for name in ("kind", "angle_deg", "direction", "distance_m", "waypoints_m", "waypoint_count", "speed_a"):
        joined = np.concatenate([getattr(part.moves, name) for part in parts])
        np.testing.assert_array_equal(joined, getattr(whole.moves, name), err_msg=name)
    joined = np.concatenate([part.poses.world_from_camera for part in parts])
    np.testing.assert_array_equal(joined, whole.poses.world_from_camera)
    streamed = audit(path, page=tmp_path / "audit.html")
    at_once = audit_poses(read_poses(path), _PAPER)
    assert [(t.name, t.effect, t.p) for t in streamed.tests] == [
        (t.name, t.effect, t.p) for t in at_once.tests
    ]
    assert (streamed.features, streamed.redundancy) == (at_once.features, at_once.redundancy)
    assert streamed.is_ok


def test_rows_come_back_from_arrays(tmp_path: Path):
    path = tmp_path / "poses.parquet"
    sample_poses(_PAPER, path, rigs=3, seed=4, shot=_SHOT)
    table = read_poses(path)
    rows = clips_of_table(table).rows(range(30))
    for back, row in zip(rows, table.rows, strict=True):
        assert back.focus_distance_m == pytest.approx(row.focus_distance_m, rel=1e-5)
        for name in ("angle_deg", "tilt_deg", "distance_m"):
            assert getattr(back, name) == (getattr(row, name) or 0.0)
        same = {
            name: getattr(row, name) for name in ("angle_deg", "tilt_deg", "distance_m", "focus_distance_m")
        }
        assert replace(back, **same) == row


def test_a_mirrored_pose_in_a_file_is_a_finding_and_no_refusal(tmp_path: Path):
    path = tmp_path / "poses.parquet"
    sample_poses(_PAPER, path, rigs=4, seed=4, shot=_SHOT)
    table = read_poses(path)
    poses = table.poses.world_from_camera.copy()
    poses[17, 5, :, 1] *= -1
    write_poses(path, PoseTable(rows=table.rows, poses=CameraPose(poses)))
    report = audit(path, page=tmp_path / "audit.html")
    assert report.errors == {"improper_pose": 1}
    assert report.findings[0].where == "rig_0000001/cam08"
    assert not report.is_ok


def test_several_sources_are_one_set(tmp_path: Path):
    paths = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for path, seed, split in zip(paths, (4, 5), ("train", "validation"), strict=True):
        sample_poses(_PAPER, path, rigs=5, seed=seed, shot=_SHOT, split=split)
    report = audit(paths, page=tmp_path / "audit.html")
    # Both name their takes alike; each take keeps its source's name before its own.
    assert report.errors == {}
    assert report.source.rigs == 10 and report.redundancy is not None
    (tmp_path / "more").mkdir()
    sample_poses(_PAPER, tmp_path / "more" / "a.parquet", rigs=5, seed=4, shot=_SHOT)
    alike = audit([paths[0], tmp_path / "more" / "a.parquet"], page=tmp_path / "audit.html")
    assert alike.errors == {"duplicate_rig": 5}
    assert {f.where for f in alike.findings if f.severity == "error"} == {
        f"{tmp_path}/more/a.parquet:rig_{i:07d}" for i in range(5)
    }
    assert report.source.splits == {"train": 50, "validation": 50}
    twice = audit([paths[0], paths[0]], page=tmp_path / "audit.html")
    assert twice.errors["surplus_camera"] == 5
    with pytest.raises(InputError, match="no source"):
        audit([], page=tmp_path / "audit.html")


def test_a_leak_between_splits_in_files_is_named(tmp_path: Path):
    sample_poses(_PAPER, tmp_path / "a.parquet", rigs=6, seed=4, shot=_SHOT)
    table = read_poses(tmp_path / "a.parquet")
    rows = tuple(
        replace(r, split="validation", take=r.take.replace("rig", "other")) for r in table.rows[20:30]
    )
    write_poses(tmp_path / "b.parquet", PoseTable(rows=rows, poses=table.poses[20:30]))
    report = audit([tmp_path / "a.parquet", tmp_path / "b.parquet"], page=tmp_path / "audit.html")
    assert report.errors == {"split_leak": 1}
    assert report.redundancy is not None
    assert {a.split("/")[0] for a, _, _ in report.redundancy.leaked} == {"a.parquet:rig_0000002"}
    assert any("split_leak" in line for line in report.lines())


def test_the_json_holds_every_part(tmp_path: Path):
    sample_poses(_PAPER, tmp_path / "a.parquet", rigs=40, seed=4, shot=_SHOT)
    sample_poses(PRESETS["release"], tmp_path / "b.parquet", rigs=40, seed=4, shot=_SHOT)
    audit(tmp_path / "a.parquet", page=tmp_path / "audit.html", against=tmp_path / "b.parquet")
    plain = json.loads((tmp_path / "audit.json").read_text())
    assert plain["verdict"] == "pass"
    assert plain["comparison"]["name_b"].endswith("b.parquet")
    assert plain["pairs"]["n_rigs"] == 40
    assert len(plain["tests"]) > 15
    assert plain["recovered"]["agreement"] == 1.0
    assert plain["method"]["verdict"]


def test_pairs_start_alike_and_drift_apart():
    audit_of = RunningAudit(name="pairs", rules=_PAPER)
    audit_of.add(drawn(30))
    pairs = audit_of.report().pairs
    assert pairs is not None
    assert pairs.frames[0] == 0
    assert pairs.frames[-1] == 20
    assert pairs.overlap_mean[0] == 1.0
    assert pairs.subject_seen_by_both[0] == 1.0
    assert 0.3 < pairs.overlap_mean[-1] < 0.7
    assert np.all(np.diff(pairs.overlap_mean) < 0.01)
    assert pairs.relative_rotation_deg.n == 30 * 45


def test_overlap_of_two_known_views():
    """Two cameras 4 m from the subject, the second panned by half the first's angle of view."""
    lens = Lens(focal_length_mm=24.0, f_number=10.0)
    half_deg = lens.horizontal_fov_deg(1280, 1280) / 2
    rules = replace(_PAPER, slots=("static", "pan"), pan_deg=(half_deg, half_deg), lenses=(lens,))
    audit_of = RunningAudit(name="pair", rules=rules)
    audit_of.add(drawn(60, replace(rules, elevation_deg=(0.0, 0.0), constant_share=1.0)))
    pairs = audit_of.report().pairs
    assert pairs is not None
    # Level views of one place share the directions between the first's axis and its edge: 4 of 8 columns.
    assert pairs.overlap_mean[-1] == pytest.approx(0.44, abs=0.07)
    assert pairs.relative_rotation_deg.quantiles[2] == pytest.approx(half_deg, abs=0.01)
    assert pairs.baseline_over_distance.quantiles[-1] == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("measure", "verdict"), [("radius", "pass"), ("volume", "fail")])
def test_environments_with_less_room_keep_the_law_of_distances(measure: str, verdict: str):
    rules = replace(_PAPER, slots=("static",))
    drawn_by = replace(rules, radius_measure=measure)
    audit_of = RunningAudit(name="rooms", rules=rules, depth="laws", places_limit_radius=True)
    for place, (name, room_m) in enumerate((("hall", 10.0), ("cell", 3.5))):
        clips = drawn(2000, drawn_by.within(room_m), seed=place)
        audit_of.add(replace(clips, take=np.char.replace(clips.take, "rig", name)))
    report = audit_of.report()
    assert report.errors == {}
    test = next(t for t in report.tests if t.name == "start_radius_m")
    assert (test.verdict, test.n) == (verdict, 3998)


def test_near_pairs_are_those_that_brute_force_finds():
    prints = Fingerprints.of(drawn(60, replace(_PAPER, radius_m=(2.0, 2.1), elevation_deg=(10.0, 12.0))))
    found = {(int(a), int(b)) for a, b, _ in zip(*near_pairs(prints, 0.15, 12.0), strict=True)}
    every = np.stack(np.triu_indices(len(prints), 1), axis=1)
    apart, turned_deg = prints.apart(every[:, 0], every[:, 1])
    near = every[(apart < 0.15) & (turned_deg < 12.0)]
    assert len(near) > 10
    crowded = {int(i) for pair in found for i in pair}
    assert found <= {(int(a), int(b)) for a, b in near}
    assert crowded == set(near.ravel().tolist())


def test_comparison_tells_alike_from_different():
    def gathered(rules: Rules, seed: int) -> tuple[dict, Fingerprints]:
        audit_of = RunningAudit(name="set", rules=None, depth="comparison")
        audit_of.add(drawn(60, rules, seed=seed))
        return audit_of.gathered()

    mine = gathered(_PAPER, 1)
    alike = compare("a", *mine, "b", *gathered(_PAPER, 2), seed=0)
    other = compare("a", *mine, "c", *gathered(replace(_PAPER, arc_deg=(50.0, 60.0)), 2), seed=0)
    assert alike is not None
    assert other is not None
    assert alike.mmd_p > 0.01 > other.mmd_p
    assert alike.sliced_wasserstein < other.sliced_wasserstein
    assert alike.coverage > 0.85
    assert 0.7 < alike.density < 1.3
    gaps = {gap.name: gap.wasserstein for gap in other.features}
    assert gaps["arc_deg"] > 15
    again = compare("a", *mine, "b", *gathered(_PAPER, 2), seed=0)
    assert again == alike


def test_wasserstein_of_a_shift_is_the_shift():
    values = np.random.default_rng(0).normal(size=500)
    assert wasserstein(values, values + 0.3) == pytest.approx(0.3)
    assert wasserstein(np.array([0.0, 1.0]), np.array([0.0, 0.0, 1.0, 1.0])) == pytest.approx(0.0)
