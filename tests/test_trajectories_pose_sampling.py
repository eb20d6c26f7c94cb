"""Sampling straight to a table: the same rigs as in memory, whole files only, memory that stays flat."""

from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

import multitake
from benchmarks.sampling import sampling_peak_mb
from benchmarks.scipy_loop import loop_over_rig
from multitake.errors import InputError
from trajectories import read_poses, rig_rows
from trajectories.sampling import (
    PRESETS,
    Limits,
    PathCheck,
    Rules,
    Shot,
    load_rules,
    sample_checked_rigs,
    sample_poses,
    sample_rigs,
)

_SHOT = Shot(frames=9, fps=1.6, width_px=64, height_px=48, ground_m=0.5, subject_height_m=1.6)
_PIVOT_M = np.array([[0.0, 0.0, 0.5 + 0.65 * 1.6]])
_MIXED = replace(
    PRESETS["release"],
    layout="mixed",
    validity=Limits(reject=("below_ground", "too_close"), attempts=4),
)


def test_a_scipy_loop_gives_the_same_poses():
    pivots_m = np.random.default_rng(0).uniform(-5, 5, (6, 3))
    for rig in sample_rigs(PRESETS["paper"], pivots_m, seed=11, frames=31):
        np.testing.assert_allclose(rig.poses.world_from_camera, loop_over_rig(rig), atol=1e-12)


@pytest.mark.parametrize("rules", [PRESETS["paper"], _MIXED, PRESETS["toy"]], ids=["paper", "mixed", "toy"])
def test_a_sampled_table_is_the_table_of_its_rigs(rules: Rules, tmp_path: Path):
    path = tmp_path / "made" / "poses.parquet"
    counts = sample_poses(rules, path, rigs=130, seed=4, shot=_SHOT, split="validation")
    sampled = sample_checked_rigs(rules, _PIVOT_M.repeat(130, axis=0), shot=_SHOT, seed=4)
    picture = {"split": "validation", "width_px": 64, "height_px": 48, "fps": 1.6}
    rows = [r for i, rig in enumerate(sampled.rigs) for r in rig_rows(rig, take=f"rig_{i:07d}", **picture)]
    table = read_poses(path)
    assert len(table) == len(rows) and pq.ParquetFile(path).metadata.num_row_groups == 2
    for row, expected in zip(table.rows, rows, strict=True):
        assert row == expected, {k: v for k, v in asdict(row).items() if v != asdict(expected)[k]}
    poses = sampled.rigs.poses.world_from_camera.reshape(-1, 9, 3, 4).astype(np.float32)
    np.testing.assert_array_equal(table.poses.world_from_camera, poses)
    assert counts == sampled.acceptance
    assert [file.name for file in path.parent.iterdir()] == ["poses.parquet"]


def test_fewer_rigs_are_the_first_of_more(tmp_path: Path):
    for rigs in (7, 20):
        sample_poses(_MIXED, tmp_path / f"{rigs}.parquet", rigs=rigs, seed=4, shot=_SHOT)
    few, many = (read_poses(tmp_path / f"{rigs}.parquet") for rigs in (7, 20))
    assert few.rows == many.rows[:70]
    np.testing.assert_array_equal(few.poses.world_from_camera, many.poses.world_from_camera[:70])


def test_memory_is_flat_in_the_number_of_rigs():
    few_mb, many_mb = sampling_peak_mb(200), sampling_peak_mb(2000)
    assert many_mb < 1.1 * few_mb


def test_a_failed_run_leaves_nothing(tmp_path: Path):
    def broken(*_: object) -> list:
        raise RuntimeError("engine went away")

    checks: tuple[PathCheck, ...] = (broken,)
    with pytest.raises(RuntimeError, match="went away"):
        sample_poses(PRESETS["paper"], tmp_path / "poses.parquet", rigs=3, seed=0, shot=_SHOT, checks=checks)
    assert not list(tmp_path.iterdir())
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="cannot be written"):
        sample_poses(PRESETS["paper"], tmp_path / "file" / "poses.parquet", rigs=3, seed=0)


def test_a_table_says_by_its_name_what_it_is(tmp_path: Path):
    with pytest.raises(InputError, match=r"ends in \.parquet"):
        sample_poses(PRESETS["paper"], tmp_path / "poses.txt", rigs=1, seed=0, shot=_SHOT)
    assert not list(tmp_path.iterdir())


def _rules_file(folder: Path, text: str) -> str:
    path = folder / "rules.toml"
    path.write_text(text)
    return str(path)


def test_rules_come_from_a_preset_or_a_file(tmp_path: Path):
    assert load_rules("toy") == (PRESETS["toy"], Shot())
    rig = "[rig]\npan_deg = [5, 10]\nslots = ['pan', 'arc']\n[rig.validity]\nreject = ['too_fast']\n"
    rules, shot = load_rules(_rules_file(tmp_path, "frames = 49\nfps = 24.0\n" + rig))
    assert shot == Shot(frames=49, fps=24.0)
    validity = Limits(reject=("too_fast",))
    assert rules == replace(PRESETS["paper"], pan_deg=(5.0, 10.0), slots=("pan", "arc"), validity=validity)
    order = "seed = 1\ntakes = 5\nfps = 12.0\n[rig]\npreset = 'release'\n[scene]\ncatalog = 'embedded'\n"
    assert load_rules(_rules_file(tmp_path, order)) == (PRESETS["release"], Shot(fps=12.0))
    for text, says in [
        ("frame = 49\n", "rules.toml: frame: unknown key"),
        ("frames = 0\n", "rules.toml: frames: 0 is out of bounds"),
        ("rig = 3\n", "rules.toml: rig: rules are given as a table"),
        ("[rig]\npan_deg = [9, 5]\n", "rules.toml: rig: pan_deg: 9..5 is empty"),
        ("[rig]\nslots = []\n", "rules.toml: rig: slots: 0 cameras"),
    ]:
        with pytest.raises(InputError) as refusal:
            load_rules(_rules_file(tmp_path, text))
        assert says in str(refusal.value)
    with pytest.raises(InputError, match="unknown rules 'papper'"):
        load_rules("papper")


def test_the_verbs_sample_and_convert(tmp_path: Path):
    runner, table = CliRunner(), tmp_path / "poses.parquet"
    rules = _rules_file(tmp_path, "frames = 9\n[rig]\ncameras = 3\n")
    done = runner.invoke(multitake.app, ["trajectories", "sample", rules, "--rigs", "4", "--out", str(table)])
    assert done.exit_code == 0, done.output
    assert "pan: 4 of 4 draws stand (100.0%)" in done.output
    assert len(read_poses(table)) == 12
    copy = tmp_path / "poses.npz"
    done = runner.invoke(multitake.app, ["trajectories", "convert", str(table), str(copy)])
    assert done.exit_code == 0, done.output
    assert "12 trajectories" in done.output and copy.stat().st_size > 1000
    refused = runner.invoke(
        multitake.app, ["trajectories", "sample", "papper", "--rigs", "4", "--out", str(table)]
    )
    assert refused.exit_code == 2 and "unknown rules" in refused.output
