"""Sampling straight to a file: the rigs of memory, complete files only, constant memory, and the commands."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from benchmarks.sampling import sampling_peak_mb
from benchmarks.scipy_loop import loop_over_clips
from multitake import cli
from multitake.errors import InputError
from trajectories import read_clips
from trajectories.sampling import (
    PRESETS,
    Limits,
    Rules,
    Shot,
    clips_of_rigs,
    sample_checked_rigs,
    sample_rigs,
    sample_table,
)

_SHOT = Shot(frames=9, fps=1.6, width_px=64, height_px=48, ground_m=0.5, subject_height_m=1.6)
_SUBJECT_M = np.array([[0.0, 0.0, 0.5 + 0.65 * 1.6]])
_MIXED = replace(
    PRESETS["release"],
    layout="mixed",
    validity=Limits(reject=("below_ground", "too_close"), attempts=4),
)


def test_a_loop_of_scipy_gives_the_same_poses() -> None:
    subjects_m = np.random.default_rng(0).uniform(-5, 5, (6, 3))
    batch = sample_rigs(PRESETS["paper"], subjects_m, seed=11, frames=31)
    clips = clips_of_rigs(batch, takes=[f"rig{i}" for i in range(6)], shot=Shot(frames=31))
    np.testing.assert_allclose(clips.poses.world_from_camera, loop_over_clips(clips), atol=1e-12)


@pytest.mark.parametrize("rules", [PRESETS["paper"], _MIXED, PRESETS["toy"]], ids=["paper", "mixed", "toy"])
def test_a_sampled_table_has_the_clips_of_its_rigs(rules: Rules, tmp_path: Path) -> None:
    path = tmp_path / "new" / "clips.parquet"
    acceptance = sample_table(rules, path, rigs=130, seed=4, shot=_SHOT, split="validation")
    batch = sample_checked_rigs(rules, _SUBJECT_M.repeat(130, axis=0), shot=_SHOT, seed=4)
    expected = clips_of_rigs(
        batch, takes=[f"rig_{i:07d}" for i in range(130)], shot=_SHOT, split="validation"
    )
    table = read_clips(path)
    assert [asdict(row) for row in table] == [asdict(row) for row in expected]
    poses = expected.poses.world_from_camera.astype(np.float32)
    np.testing.assert_array_equal(table.poses.world_from_camera, poses)
    assert acceptance == batch.acceptance()
    assert pq.ParquetFile(path).metadata.num_row_groups == 2
    assert [file.name for file in path.parent.iterdir()] == ["clips.parquet"]


def test_fewer_rigs_are_the_first_of_more(tmp_path: Path) -> None:
    for rigs in (7, 20):
        sample_table(_MIXED, tmp_path / f"{rigs}.parquet", rigs=rigs, seed=4, shot=_SHOT)
    few, many = (read_clips(tmp_path / f"{rigs}.parquet") for rigs in (7, 20))
    assert list(few) == list(many)[:70]
    np.testing.assert_array_equal(few.poses.world_from_camera, many.poses.world_from_camera[:70])


def test_memory_does_not_grow_with_the_number_of_rigs() -> None:
    few_mb, many_mb = sampling_peak_mb(200), sampling_peak_mb(1200)
    # The poses of 1200 rigs are 93 MB.
    assert many_mb < few_mb + 50


def test_a_failed_run_leaves_nothing(tmp_path: Path) -> None:
    def broken(*_: object) -> list:
        raise RuntimeError("no connection to the engine")

    path = tmp_path / "clips.parquet"
    with pytest.raises(RuntimeError, match="no connection"):
        sample_table(PRESETS["paper"], path, rigs=3, seed=0, shot=_SHOT, checks=(broken,))
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        sample_table(PRESETS["paper"], tmp_path / "file" / "clips.parquet", rigs=3, seed=0)


def test_a_folder_is_never_replaced_by_a_table(tmp_path: Path) -> None:
    (tmp_path / "clips.parquet").mkdir()
    (tmp_path / "clips.parquet" / "precious").touch()
    with pytest.raises(InputError, match=r"clips\.parquet: cannot be written"):
        sample_table(PRESETS["paper"], tmp_path / "clips.parquet", rigs=1, seed=0, shot=_SHOT)
    assert [path.name for path in (tmp_path / "clips.parquet").iterdir()] == ["precious"]


def test_other_file_names_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a clip table is a parquet file"):
        sample_table(PRESETS["paper"], tmp_path / "clips.txt", rigs=1, seed=0, shot=_SHOT)
    assert not list(tmp_path.iterdir())


def test_the_commands_sample_and_convert(tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli.app, ["trajectories", *words])
        return result.exit_code, result.output

    table, copy, rules = tmp_path / "clips.parquet", tmp_path / "clips.npz", tmp_path / "rules.toml"
    rules.write_text("frames = 9\n[rig]\ncameras = 3\n")
    code, output = run("sample", str(rules), "--rigs", "4", "--out", str(table))
    assert code == 0 and "pan: 4 of 4 paths accepted (100.0%)" in output
    assert len(read_clips(table)) == 12
    code, output = run("convert", str(table), str(copy))
    assert code == 0 and "12 trajectories" in output
    with np.load(copy) as stored:
        assert stored["world_from_camera"].shape == (12, 9, 3, 4)
    code, output = run("sample", "papper", "--rigs", "4", "--out", str(table))
    assert code == 2 and "papper" in output
