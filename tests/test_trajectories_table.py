"""The pose table: exact round trip, repeatable bytes, a pinned schema, refusal of what is not one."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from multitake.errors import InputError
from trajectories import (
    CameraPose,
    PoseTable,
    pose_row,
    pose_schema,
    pose_table_bytes,
    read_poses,
    rig_rows,
    write_poses,
)
from trajectories.sampling import PRESETS, sample_rigs

_GOLDEN = Path(__file__).with_name("golden") / "pose_schema.txt"


@pytest.fixture
def table() -> PoseTable:
    batch = sample_rigs(PRESETS["paper"], np.array([[1.0, 2.0, 1.1], [-4.0, 0.0, 1.2]]), seed=5, frames=9)
    rows = [
        row
        for index, rig in enumerate(batch)
        for row in rig_rows(
            replace(rig, flags=(("below_ground",), *[()] * 9)),
            take=f"street_{index:06d}",
            split="train",
            width_px=256,
            height_px=144,
            fps=15.0,
        )
    ]
    return PoseTable(rows=tuple(rows), poses=CameraPose(batch.poses.world_from_camera.reshape(-1, 9, 3, 4)))


def test_round_trip_is_exact_in_float32(table: PoseTable, tmp_path: Path):
    write_poses(tmp_path / "poses.parquet", table)
    again = read_poses(tmp_path / "poses.parquet")
    assert again.rows == table.rows
    stored = table.poses.world_from_camera.astype(np.float32).astype(np.float64)
    np.testing.assert_array_equal(again.poses.world_from_camera, stored)
    assert [path.name for path in tmp_path.iterdir()] == ["poses.parquet"]


def test_rows_know_their_projection_and_focus(table: PoseTable):
    row = table.rows[3]
    assert row.intrinsics.width_px == 256
    assert row.intrinsics.fx_px == pytest.approx(row.focal_length_mm / 23.76 * 256)
    distance_m = np.linalg.norm(table.poses.position_m[3] - row.subject_m, axis=-1)
    np.testing.assert_allclose(row.focus_distance_m, distance_m, rtol=1e-6)
    assert table.rows[0].flags == ("below_ground",)
    assert table.rows[1].flags == ()


def test_json_round_trip_is_exact(table: PoseTable):
    for row in table.rows:
        assert pose_row(json.loads(json.dumps(asdict(row)))) == row


def test_equal_tables_give_equal_bytes(table: PoseTable):
    once = pose_table_bytes(table)
    assert pose_table_bytes(PoseTable(rows=tuple(list(table.rows)), poses=table.poses[:])) == once
    assert pose_table_bytes(read_poses(once)) == once


def test_an_empty_table_round_trips():
    empty = PoseTable(rows=(), poses=CameraPose(np.zeros((0, 9, 3, 4))))
    assert len(read_poses(pose_table_bytes(empty))) == 0


def test_pandas_reads_it_without_our_code(table: PoseTable, tmp_path: Path):
    write_poses(tmp_path / "poses.parquet", table)
    frame = pd.read_parquet(tmp_path / "poses.parquet")
    assert len(frame) == 20
    assert sorted(frame["motion"].unique()) == ["arc", "pan", "random", "static", "tilt", "translation"]
    position_m = np.stack(frame["position_m"]).reshape(20, 9, 3)
    np.testing.assert_array_equal(position_m, table.poses.position_m.astype(np.float32))


def test_schema_is_the_pinned_one():
    assert pose_schema(81).to_string(truncate_metadata=False) + "\n" == _GOLDEN.read_text()


def _rewritten(table: PoseTable, change) -> bytes:
    sink = pa.BufferOutputStream()
    pq.write_table(change(pq.read_table(pa.BufferReader(pose_table_bytes(table)))), sink)
    return sink.getvalue().to_pybytes()


def test_wrong_files_are_refused(table: PoseTable, tmp_path: Path):
    (tmp_path / "text.parquet").write_text("no parquet at all")
    with pytest.raises(InputError, match=r"text\.parquet: not a readable parquet file"):
        read_poses(tmp_path / "text.parquet")
    with pytest.raises(InputError, match="not a readable parquet file"):
        read_poses(tmp_path / "absent.parquet")
    with pytest.raises(InputError, match="not a readable parquet file"):
        read_poses(pose_table_bytes(table)[:-100])
    pd.DataFrame({"x": [1]}).to_parquet(tmp_path / "other.parquet")
    with pytest.raises(InputError, match="pose table version none"):
        read_poses(tmp_path / "other.parquet")
    newer = _rewritten(table, lambda t: t.replace_schema_metadata({"multitake.pose_table": "99"}))
    with pytest.raises(InputError, match="pose table version 99"):
        read_poses(newer)


def test_improper_poses_are_refused_on_reading(table: PoseTable):
    for spoiled, says in ((-1.0, "mirrored"), (np.nan, "NaN"), (2.0, "orthonormal")):
        matrices = table.poses.world_from_camera.copy()
        matrices[7, 3, :, 1] *= spoiled
        bad = pose_table_bytes(replace(table, poses=CameraPose(matrices)))
        with pytest.raises(InputError, match=says):
            read_poses(bad)


def test_a_table_without_a_column_is_refused(table: PoseTable):
    with pytest.raises(InputError, match="no column speed_a"):
        read_poses(_rewritten(table, lambda t: t.drop_columns(["speed_a"])))
