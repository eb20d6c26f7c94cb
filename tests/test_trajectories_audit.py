"""The audit finds what was planted, and nothing in rigs that keep their rules."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from multitake.errors import InputError
from trajectories import (
    CameraPose,
    Lens,
    Pan,
    PoseTable,
    pose_table_bytes,
    read_poses,
    rig_rows,
    time_fractions,
    write_poses,
)
from trajectories.audit import CHECKS, AuditReport, audit, audit_poses
from trajectories.sampling import PRESETS, Rules, sample_rigs

_PAPER = PRESETS["paper"]


def sampled(rigs: int = 6, *, rules: Rules = _PAPER, frames: int = 21, seed: int = 3) -> PoseTable:
    """A pose table as a data set stores it."""
    pivots_m = np.random.default_rng(seed).uniform([-9, -9, 1.0], [9, 9, 1.2], (rigs, 3))
    batch = sample_rigs(rules, pivots_m, seed=seed, frames=frames)
    size = {"width_px": 256, "height_px": 144, "fps": 15.0, "split": "train"}
    rows = [row for r, rig in enumerate(batch) for row in rig_rows(rig, take=f"street_{r:06d}", **size)]
    poses = CameraPose(batch.poses.world_from_camera.reshape(-1, frames, 3, 4))
    return read_poses(pose_table_bytes(PoseTable(rows=tuple(rows), poses=poses)))


def with_row(table: PoseTable, index: int, **changes) -> PoseTable:
    rows = list(table.rows)
    rows[index] = replace(rows[index], **changes)
    return replace(table, rows=tuple(rows))


def with_poses(table: PoseTable, index: int, world_from_camera: np.ndarray) -> PoseTable:
    changed = table.poses.world_from_camera.copy()
    changed[index] = world_from_camera
    return replace(table, poses=CameraPose(changed))


def with_pan(table: PoseTable, index: int, angle_deg: float) -> PoseTable:
    """A pan of that angle, in columns and poses alike."""
    time = time_fractions(table.poses.world_from_camera.shape[1], "closed")[None]
    pan = Pan(angle_deg=np.array([angle_deg])).poses(
        table.poses[index : index + 1, 0], np.zeros((1, 3)), time
    )
    turned = with_poses(table, index, pan.world_from_camera[0])
    return with_row(turned, index, angle_deg=angle_deg, speed_a=0.0, speed_class="constant")


def errors(report: AuditReport) -> set[tuple[str, str]]:
    return {(f.code, f.where) for f in report.findings if f.severity == "error"}


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"layout": "independent", "radius_measure": "log"},
        {"layout": "mixed", "independent_share": 0.5, "translation_frame": "camera"},
        {"time_base": "paper", "translation_frame": "subject"},
        {"pan_tilt": "joint", "radius_measure": "volume", "elevation_measure": "angle"},
        {"slot_layout": "iid", "pace": "iid", "arc_path": "chord"},
    ],
)
def test_every_reading_of_the_rules_keeps_itself(preset: str, changes: dict):
    rules = replace(PRESETS[preset], **changes)
    report = audit_poses(sampled(12, rules=rules), rules)
    assert errors(report) == set()
    radius = next(f for f in report.features if f.name == "start_radius_m")
    assert radius.sampled_per == {"shared": "rig", "independent": "camera", "mixed": "start"}[rules.layout]
    assert radius.largest_gap < 1.95 / np.sqrt(radius.n)


def test_rigs_that_keep_their_rules_pass():
    report = audit_poses(sampled(40), _PAPER)
    assert errors(report) == set()
    assert report.verdict == "pass"
    assert report.counts["takes"] == 40
    assert report.counts["clips"] == 400
    assert report.counts["constant_speed_clips"] + report.counts["variable_speed_clips"] == 360
    assert all(found == expected for found, expected in report.motions.values())
    assert set(report.errors_by_check) == set(CHECKS)


def test_histograms_count_every_value_and_follow_the_law():
    report = audit_poses(sampled(100, frames=9), _PAPER)
    by_name = {feature.name: feature for feature in report.features}
    assert by_name["start_radius_m"].sampled_per == "rig"
    assert by_name["start_radius_m"].n == 100
    assert by_name["pan_deg"].n == 100
    assert by_name["translation_ratio"].n == 300
    for feature in report.features:
        assert sum(feature.counts) == feature.n, feature.name
        assert list(feature.edges) == sorted(feature.edges)
        if feature.rule_cdf is not None:
            assert (feature.rule_cdf[0], feature.rule_cdf[-1]) == pytest.approx((0, 1))
            assert feature.largest_gap < 1.95 / np.sqrt(feature.n)


def test_histograms_show_a_law_that_is_not_the_rules():
    volume = replace(_PAPER, radius_measure="volume")
    report = audit_poses(sampled(60, rules=volume, frames=3), _PAPER)
    radius = next(f for f in report.features if f.name == "start_radius_m")
    assert radius.largest_gap > 0.3


def test_independent_starts_count_per_camera():
    rules = replace(_PAPER, layout="independent")
    report = audit_poses(sampled(5, rules=rules), rules)
    radius = next(f for f in report.features if f.name == "start_radius_m")
    assert (radius.sampled_per, radius.n) == ("camera", 50)


def test_an_out_of_bounds_pan_is_found():
    table = with_pan(sampled(), 20, 75.0)
    report = audit_poses(table, _PAPER)
    assert errors(report) == {("amplitude_out_of_bounds", "street_000002/cam01")}
    assert report.verdict == "fail"
    assert "pan of 75.00 deg" in report.findings[0].what


def test_an_out_of_bounds_tilt_of_a_joint_turn_is_found():
    rules = replace(_PAPER, pan_tilt="joint")
    table = sampled(rules=rules)
    report = audit_poses(with_row(table, 11, tilt_deg=50.0), rules)
    assert ("amplitude_out_of_bounds", "street_000001/cam02") in errors(report)


def test_rigs_of_other_rules_are_found():
    release = sampled(20, rules=PRESETS["release"])
    found = {code for code, _ in errors(audit_poses(release, _PAPER))}
    assert {"amplitude_out_of_bounds", "setting_differs", "pace_out_of_bounds", "pose_disagrees"} <= found


def test_a_column_that_denies_its_poses_is_found():
    table = sampled()
    flipped = with_row(table, 10, angle_deg=-table.rows[10].angle_deg)
    assert errors(audit_poses(flipped, _PAPER)) == {("pose_disagrees", "street_000001/cam01")}


def test_one_frame_off_its_path_is_found():
    table = sampled()
    poses = table.poses.world_from_camera[33].copy()
    poses[11, 0, 3] += 0.01
    assert ("pose_disagrees", "street_000003/cam04") in errors(
        audit_poses(with_poses(table, 33, poses), _PAPER)
    )


def test_a_first_frame_of_its_own_is_found():
    table = sampled()
    poses = table.poses.world_from_camera[27].copy()
    poses[:, 2, 3] = np.nextafter(poses[:, 2, 3].astype(np.float32), np.float32(9), dtype=np.float32)
    report = audit_poses(with_poses(table, 27, poses), _PAPER)
    assert errors(report) == {("first_pose_differs", "street_000002/cam08")}


def test_a_lost_camera_and_a_doubled_one_are_found():
    table = sampled()
    kept = [i for i in range(len(table)) if i != 14]
    lost = PoseTable(rows=tuple(table.rows[i] for i in kept), poses=table.poses[kept])
    report = audit_poses(lost, _PAPER)
    assert errors(report) == {("missing_camera", "street_000001")}
    assert "cam05" in report.findings[0].what
    twice = [*range(len(table)), 14]
    doubled = PoseTable(rows=tuple(table.rows[i] for i in twice), poses=table.poses[twice])
    assert errors(audit_poses(doubled, _PAPER)) == {("surplus_camera", "street_000001")}


@pytest.mark.parametrize("spoiled", [-1.0, np.nan, 1.5])
def test_an_improper_pose_is_found_and_left_out(spoiled: float):
    table = sampled()
    poses = table.poses.world_from_camera[5].copy()
    poses[3, :, 1] *= spoiled
    report = audit_poses(with_poses(table, 5, poses), _PAPER)
    assert errors(report) == {("improper_pose", "street_000000/cam06")}
    assert next(f for f in report.features if f.name == "arc_deg").n == 11
    assert np.isfinite(json.loads(report.to_json())["features"][0]["quantiles"]).all()


def test_a_start_beyond_the_hemisphere_is_found():
    rules = replace(_PAPER, radius_m=(12.0, 14.0), slots=("static",), elevation_deg=(50.0, 60.0))
    strict = replace(rules, radius_m=(0.5, 10.0))
    report = audit_poses(sampled(3, rules=rules), strict)
    assert errors(report) == {("start_out_of_bounds", f"street_00000{r}/cam01") for r in range(3)}
    lower = replace(rules, elevation_deg=(0.0, 45.0))
    assert len(errors(audit_poses(sampled(3, rules=rules), lower))) == 3


def test_an_unaimed_start_is_found():
    table = sampled(rules=replace(_PAPER, slots=("static",)))
    row = table.rows[2]
    x, y, z = row.subject_m
    moved = with_row(table, 2, subject_m=(x, y + 0.3, z))
    report = audit_poses(moved, replace(_PAPER, slots=("static",)))
    assert ("start_off_aim", "street_000002/cam01") in errors(report)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"speed_a": 9.0, "speed_class": "variable"}, "pace_out_of_bounds"),
        ({"speed_a": 3.0, "speed_class": "constant"}, "pace_out_of_bounds"),
        ({"focal_length_mm": 50.0}, "setting_differs"),
        ({"time_base": "paper"}, "setting_differs"),
        ({"motion": "tilt"}, "slot_differs"),
        ({"motion": "swirl"}, "slot_differs"),
    ],
)
def test_a_setting_outside_the_rules_is_found(changes: dict, code: str):
    report = audit_poses(with_row(sampled(), 0, **changes), _PAPER)
    assert (code, "street_000000/cam01") in errors(report)


@pytest.mark.parametrize("rules", [_PAPER, None])
def test_columns_that_deny_each_other_are_found(rules: Rules | None):
    moved = audit_poses(with_row(sampled(), 4, split="validation"), rules)
    assert errors(moved) == {("split_leak", "street_000000")}
    table = sampled()
    doubled = replace(table, rows=tuple(replace(r, fx_px=2 * r.fx_px) for r in table.rows))
    assert audit_poses(doubled, rules).errors == {"intrinsics_differ": len(table)}
    assert not audit_poses(with_row(sampled(), 0, fx_px=float("nan")), rules).errors


def test_flags_are_notes_and_do_not_fail():
    table = with_row(sampled(), 4, flags=("below_ground",))
    report = audit_poses(table, _PAPER)
    notes = {f.code: f.what for f in report.findings if f.severity == "note"}
    assert notes["below_ground"] == "1 of 60 clips"
    assert report.verdict == "pass"


def test_other_rules_and_lenses_are_followed():
    rules = Rules(
        name="mine",
        slots=("pan", "arc"),
        pan_deg=(1.0, 2.0),
        arc_deg=(170.0, 200.0),
        lenses=(Lens(focal_length_mm=50.0, f_number=2.4),),
    )
    table = sampled(20, rules=rules)
    assert audit_poses(table, rules).verdict == "pass"
    assert audit_poses(table, _PAPER).verdict == "fail"


def test_the_report_as_json_holds_everything():
    report = audit_poses(with_pan(sampled(), 0, 75.0), _PAPER)
    plain = json.loads(report.to_json())
    assert plain["verdict"] == "fail"
    assert plain["findings"][0]["code"] == "amplitude_out_of_bounds"
    assert len(plain["features"]) == len(report.features)
    assert "speed_a" in plain["inferred_rules"]
    assert report.to_json() == audit_poses(with_pan(sampled(), 0, 75.0), _PAPER).to_json()


def test_an_empty_table_has_no_features_and_no_errors():
    empty = PoseTable(rows=(), poses=CameraPose(np.zeros((0, 9, 3, 4))))
    report = audit_poses(empty, _PAPER)
    assert report.features == ()
    assert report.counts["clips"] == 0


def test_a_data_set_is_held_to_its_own_rules(tmp_path: Path):
    rules = replace(_PAPER, slots=("pan", "static"), pan_deg=(70.0, 80.0))
    table = sampled(4, rules=rules)
    (tmp_path / "poses").mkdir()
    for shard, rows in enumerate((slice(0, 4), slice(4, 8))):
        write_poses(
            tmp_path / "poses" / f"{shard:05d}.parquet",
            PoseTable(rows=table.rows[rows], poses=table.poses[rows]),
        )
    (tmp_path / "batch.toml").write_text('[rig]\nslots = ["pan", "static"]\npan_deg = [70.0, 80.0]\n')
    report = audit(tmp_path, page=tmp_path / "out" / "audit.html")
    assert report.is_ok
    assert report.counts["takes"] == 4
    assert json.loads((tmp_path / "out" / "audit.json").read_text())["verdict"] == "pass"
    assert "PASS" in (tmp_path / "out" / "audit.html").read_text()
    strict = audit(tmp_path, page=tmp_path / "audit.html", rules="paper")
    assert not strict.is_ok
    assert strict.lines()[-1] == "verdict: fail"
    assert any(
        line.startswith("amplitude_out_of_bounds: 4 errors, first street_000000/cam01")
        for line in strict.lines()
    )


def test_a_data_set_without_its_order_says_what_it_is_held_to(tmp_path: Path):
    (tmp_path / "poses").mkdir()
    write_poses(tmp_path / "poses" / "00000.parquet", sampled(2))
    report = audit(tmp_path, page=tmp_path / "audit.html")
    assert report.is_ok
    assert any("no batch.toml" in line and "preset paper" in line for line in report.lines())
    assert "no batch.toml" in (tmp_path / "audit.html").read_text()
    named = audit(tmp_path, page=tmp_path / "audit.html", rules="paper")
    assert not any("batch.toml" in line for line in named.lines())


def test_no_rules_are_no_verdict():
    assert audit_poses(sampled(1), None).lines()[-1] == "verdict: no rules"
    assert audit_poses(with_row(sampled(1), 0, split="odd"), None).lines()[-1] == "verdict: fail"


def test_a_bare_pose_table_is_held_to_a_preset(tmp_path: Path):
    write_poses(tmp_path / "poses.parquet", sampled(2))
    assert audit(str(tmp_path / "poses.parquet"), page=tmp_path / "audit.html").is_ok


def test_what_cannot_be_audited_is_refused(tmp_path: Path):
    page = tmp_path / "audit.html"
    with pytest.raises(InputError, match="no known trajectory file"):
        audit(tmp_path, page=page)
    with pytest.raises(InputError, match="not a readable parquet file"):
        audit(tmp_path / "absent.parquet", page=page)
    write_poses(tmp_path / "poses.parquet", sampled(1))
    with pytest.raises(InputError, match="unknown rules"):
        audit(tmp_path / "poses.parquet", page=page, rules="papper")
    with pytest.raises(InputError, match="is a folder"):
        audit(tmp_path / "poses.parquet", page=tmp_path)
    for source, over in (("poses.parquet", "poses.parquet"), ("walk.json", "walk.html")):
        with pytest.raises(InputError, match="would overwrite"):
            audit(tmp_path / source, page=tmp_path / over)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        audit(tmp_path / "poses.parquet", page=tmp_path / "file" / "audit.html")
    (tmp_path / "poses").mkdir()
    for frames in (5, 9):
        write_poses(tmp_path / "poses" / f"{frames}.parquet", sampled(1, frames=frames))
    with pytest.raises(InputError, match="different lengths"):
        audit(tmp_path, page=page)
