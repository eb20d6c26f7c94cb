"""Focal lengths of each frame: in rigs, in the clip table, in every format, and in the audit."""

import io
import json
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from audit_examples import errors, with_row

from multitake.errors import InputError
from trajectories import CameraPose, ClipRow, ClipTable, clip_table_bytes, read_clips
from trajectories.audit import audit_clips
from trajectories.formats import convert, read_trajectories, trajectories_of_clips, trajectory_from
from trajectories.sampling import PRESETS, Rules, Shot, Subjects, clips_of_rigs, sample_checked_rigs

SHOT = Shot(frames=11, width_px=256, height_px=144)
MIXED = replace(PRESETS["paper"], slots=("zoom", "dolly_zoom", "roll", "handheld_arc", "static"))


def sampled(rules: Rules = MIXED, rigs: int = 4, **walk: float) -> ClipTable:
    """Rigs around subjects that walk along +X."""
    points_m = np.random.default_rng(2).uniform([-3, -3, 1], [3, 3, 7], (rigs, 1, 3))
    points_m = points_m + np.linspace(0, walk.get("walked_m", 0.0), SHOT.frames)[:, None] * [1.0, 0, 0]
    bodies_m = points_m[:, None, :, None] + np.array([[0, 0, -1.1], [0, 0, 0.6]])
    subjects = Subjects(points_m=points_m, bodies_m=bodies_m, ground_m=points_m[:, 0, 2] - 1.1)
    batch = sample_checked_rigs(rules, subjects, shot=SHOT, seed=6)
    clips = clips_of_rigs(batch, takes=[f"take{rig}" for rig in range(rigs)], shot=SHOT)
    return read_clips(clip_table_bytes(clips))


def _progress(row: ClipRow) -> np.ndarray:
    time = np.linspace(0, 1, row.frames)
    return np.expm1(-row.speed_a * time) / np.expm1(-row.speed_a) if row.speed_a else time


@pytest.mark.parametrize("target", ["start", "subject"])
def test_focal_lengths_follow_the_laws_of_their_motions(target: str) -> None:
    clips = sampled(replace(MIXED, track_target=target), walked_m=1.5)
    for row, poses, points_m in zip(
        clips, clips.poses.world_from_camera, clips.subject_points_m, strict=True
    ):
        if row.motion not in ("zoom", "dolly_zoom"):
            assert row.focal_path_mm is None and row.zoom_ratio is None
            assert row.frame_intrinsics == (row.intrinsics,) * row.frames
            continue
        assert row.focal_path_mm is not None and row.zoom_ratio is not None
        focal = np.array(row.focal_path_mm) / row.focal_length_mm
        expected = row.zoom_ratio ** _progress(row)
        if row.motion == "dolly_zoom":
            aims_m = points_m if target == "subject" else points_m[:1]
            distance_m = np.linalg.norm(poses[:, :, 3] - aims_m, axis=-1)
            expected = distance_m / distance_m[0]
        np.testing.assert_allclose(focal, expected, rtol=1e-5)
        fx_px = np.array([one.fx_px for one in row.frame_intrinsics])
        np.testing.assert_allclose(fx_px, row.fx_px * focal, rtol=1e-6)
        assert row.frame_intrinsics[0] == row.intrinsics


def test_ratios_are_within_the_rules_both_ways() -> None:
    for preset, name in (("zoom", "zoom_ratio"), ("dolly_zoom", "dolly_zoom_ratio")):
        clips = sampled(PRESETS[preset], 60)
        ratios = clips["zoom_ratio"][clips["motion"] == preset]
        low, high = getattr(PRESETS[preset], name)
        size = np.exp(np.abs(np.log(ratios)))
        assert low <= size.min() < 1.02 * low and 0.98 * high < size.max() <= high
        assert 0.4 < (ratios > 1).mean() < 0.6


def test_intrinsics_of_frames_are_those_of_the_rows() -> None:
    clips = sampled()
    rows = np.array([[one.numbers for one in row.frame_intrinsics] for row in clips])
    np.testing.assert_array_equal(clips.intrinsics_of_frames, rows)
    still = clips.rows(clips["motion"] == "roll")
    assert not still.has_zooms and clips.has_zooms
    np.testing.assert_array_equal(still.intrinsics_of_frames[:, 3], still.intrinsics)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("clips.npz", "npz"),
        ("model", "colmap"),
        ("binary", "colmap_binary"),
        ("transforms", "nerfstudio"),
        ("set", "realestate10k"),
    ],
)
def test_formats_with_intrinsics_per_frame_keep_zooms(name: str, kind: str, tmp_path: Path) -> None:
    clips = sampled(rigs=1)
    source = tmp_path / "clips.parquet"
    source.write_bytes(clip_table_bytes(clips))
    convert(source, tmp_path / name, target_format=kind)
    found = {one.camera: one for one in read_trajectories(tmp_path / name, format=kind)}
    for one in trajectories_of_clips(clips):
        again = found[one.camera]
        assert (again.focal_ratios is None) == (one.focal_ratios is None), one.camera
        if one.focal_ratios is not None:
            np.testing.assert_allclose(again.focal_ratios, one.focal_ratios, rtol=1e-6)
        assert again.intrinsics is not None and one.intrinsics is not None
        shares = again.intrinsics.fx_px / again.intrinsics.width_px
        assert shares == pytest.approx(one.intrinsics.fx_px / one.intrinsics.width_px, rel=1e-6)


def test_writers_of_animated_cameras_write_the_focal_length_of_each_frame(tmp_path: Path) -> None:
    clips = sampled(rigs=1)
    source = tmp_path / "clips.parquet"
    source.write_bytes(clip_table_bytes(clips))
    path_mm = np.array(clips.row(0).focal_path_mm)
    convert(source, tmp_path / "set.usda")
    zoom, *others = (tmp_path / "set.usda").read_text().split("def Camera ")[1:]
    samples = re.search(r"focalLength.timeSamples = \{(.*?)\}", zoom, re.DOTALL)
    assert samples
    found_mm = [float(line.split(":")[1].rstrip(",")) for line in samples[1].split("\n") if ":" in line]
    np.testing.assert_allclose(found_mm, path_mm, rtol=1e-6)
    assert "float focalLength = " in others[-1]
    convert(source, tmp_path / "keys", target_format="unreal_keys")
    lines = (tmp_path / "keys/take0/cam01.csv").read_text().splitlines()[1:]
    np.testing.assert_allclose([float(line.rsplit(",")[-1]) for line in lines], path_mm, atol=1e-5)
    named = trajectory_from(f"{source}:take0:cam01", frames=5)
    assert named.focal_length_mm is not None
    np.testing.assert_allclose(named.focal_length_mm, path_mm[:5], rtol=1e-6)


@pytest.mark.parametrize("name", ["set.gltf", "camera_extrinsics.json"])
def test_formats_with_one_focal_length_refuse_zooms(name: str, tmp_path: Path) -> None:
    source = tmp_path / "clips.parquet"
    source.write_bytes(clip_table_bytes(sampled(rigs=1)))
    with pytest.raises(InputError, match="one focal length per camera, and that of take0/cam01 changes"):
        convert(source, tmp_path / name)
    still = sampled(PRESETS["roll"], rigs=1)
    source.write_bytes(clip_table_bytes(still))
    convert(source, tmp_path / name)
    assert json.loads((tmp_path / name).read_text())


Change = Callable[[ClipTable], ClipTable]


def _path_changed(camera: int, change: Callable[[np.ndarray], np.ndarray]) -> Change:
    def changed(clips: ClipTable) -> ClipTable:
        path_mm = change(clips["focal_path_mm"][camera].astype(np.float64))
        return with_row(clips, camera, focal_path_mm=tuple(path_mm.tolist()))

    return changed


def test_a_focal_path_with_an_unknown_number_is_refused(tmp_path: Path) -> None:
    table = pq.read_table(io.BytesIO(clip_table_bytes(sampled())))
    place = table.schema.get_field_index("focal_path_mm")
    lists = table["focal_path_mm"].to_pylist()
    first = next(index for index, one in enumerate(lists) if one)
    lists[first][4] = math.nan
    kind = table.schema.field(place)
    pq.write_table(table.set_column(place, kind, pa.array(lists, kind.type)), tmp_path / "clips.parquet")
    with pytest.raises(InputError, match="focal_path_mm has a list in which a number is unknown"):
        read_clips(tmp_path / "clips.parquet")


def _moved(clips: ClipTable) -> ClipTable:
    poses = clips.poses.world_from_camera.copy()
    poses[3, 6, 0, 3] += 0.01
    return replace(clips, poses=CameraPose(poses))


FAULTS: dict[str, tuple[Change, set[tuple[str, str]]]] = {
    "nothing": (lambda clips: clips, set()),
    "focal length of a frame": (
        _path_changed(0, lambda mm: mm * np.where(np.arange(11) == 4, 1.01, 1)),
        {("focal_path_differs", "cam01")},
    ),
    "focal length that stays": (
        lambda c: with_row(c, 0, focal_path_mm=None),
        {("focal_path_differs", "cam01"), ("amplitude_out_of_bounds", "cam01")},
    ),
    "linear instead of geometric": (
        _path_changed(0, lambda mm: np.linspace(mm[0], mm[-1], 11)),
        {("focal_path_differs", "cam01")},
    ),
    "distance without focal length": (
        _path_changed(1, lambda mm: mm[:1] * (mm / mm[0]) ** 0.9),
        {("focal_path_differs", "cam02")},
    ),
    "focal length of a roll": (
        lambda c: with_row(c, 2, focal_path_mm=(30.0,) * 11),
        {("focal_path_differs", "cam03")},
    ),
    "roll the other way": (
        lambda c: with_row(c, 2, angle_deg=-c["angle_deg"][2]),
        {("pose_disagrees", "cam03")},
    ),
    "larger roll": (
        lambda c: with_row(c, 2, angle_deg=44.0),
        {("pose_disagrees", "cam03"), ("amplitude_out_of_bounds", "cam03")},
    ),
    "another shake": (
        lambda c: with_row(c, 3, shake_seed=int(c["shake_seed"][3]) + 1),
        {("pose_disagrees", "cam04"), ("rolled", "cam04")},
    ),
    "no shake in the column": (
        lambda c: with_row(c, 3, shake="none", shake_seed=0),
        {
            ("pose_disagrees", "cam04"),
            ("rolled", "cam04"),
            ("slot_differs", "cam04"),
        },
    ),
    "a shake of the static camera": (
        lambda c: with_row(c, 4, shake="handheld", shake_seed=5),
        {("pose_disagrees", "cam05"), ("rolled", "cam05"), ("slot_differs", "cam05")},
    ),
    "a jump of a shaken camera": (_moved, {("pose_disagrees", "cam04"), ("focus_differs", "cam04")}),
}


@pytest.mark.parametrize("name", FAULTS)
def test_planted_faults_of_focal_lengths_and_shakes_are_found(name: str) -> None:
    change, expected = FAULTS[name]
    clips = change(sampled(rigs=1))
    found = {(code, where.partition("/")[2]) for code, where in errors(audit_clips(clips, MIXED))}
    # An arc that still shakes may look like another path.
    assert found - {("setting_differs", "cam04"), ("amplitude_out_of_bounds", "cam04")} == expected


def test_other_spectra_than_those_of_the_rules_are_found() -> None:
    weaker = replace(MIXED, handheld=replace(MIXED.handheld, limit_hz=1.0))
    found = errors(audit_clips(sampled(rigs=2), weaker))
    assert {where.partition("/")[2] for _, where in found} == {"cam04"}
