"""Formats that hold one world keep takes apart: a folder or file for each, which is read back."""

import sys
from pathlib import Path

import numpy as np
import pytest
from trajectory_examples import EXAMPLE, named, set_of
from typer.testing import CliRunner

from multitake.cli import app
from multitake.errors import InputError
from trajectories.formats import TrajectorySet, read_trajectories, write_trajectories, written

FILES = {
    "colmap": ("images.txt", "{take}/images.txt"),
    "colmap_binary": ("images.bin", "{take}/images.bin"),
    "nerfstudio": ("transforms.json", "{take}/transforms.json"),
    "usd": ("a.usda", "{take}.usda"),
    "rerun": ("a.rrd", "{take}.rrd"),
}


@pytest.fixture
def two_takes() -> TrajectorySet:
    cameras = ("cam01", "cam02")
    return set_of(*(named(EXAMPLE, take, camera) for take in ("room_2", "sea/room_10") for camera in cameras))


@pytest.mark.parametrize("name", FILES)
def test_every_take_has_its_own_world(name: str, two_takes: TrajectorySet, tmp_path: Path):
    if name == "rerun":
        pytest.importorskip("rerun")
    out = tmp_path / "out"
    write_trajectories(out, two_takes, format=name)
    for take in two_takes.by_take():
        assert (out / FILES[name][1].format(take=take)).is_file()
    assert written(two_takes, out, target_format=name).endswith("(2 takes, each in its own file or folder)")


@pytest.mark.parametrize("name", ["colmap", "colmap_binary", "nerfstudio"])
def test_a_folder_of_worlds_is_read_back(name: str, two_takes: TrajectorySet, tmp_path: Path):
    write_trajectories(tmp_path / "out", two_takes, format=name)
    again = read_trajectories(tmp_path / "out")
    assert [one.name for one in again] == [one.name for one in two_takes]
    for before, after in zip(two_takes, again, strict=True):
        np.testing.assert_allclose(
            after.poses.world_from_camera, before.poses.world_from_camera, atol=1e-12, rtol=0
        )
        assert after.intrinsics == before.intrinsics


@pytest.mark.parametrize("name", ["nerfstudio", "usd", "rerun", "multicamvideo"])
def test_a_single_file_takes_one_take(
    name: str, two_takes: TrajectorySet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    if name == "rerun":
        monkeypatch.setitem(sys.modules, "rerun", sys)
    path = tmp_path / {"multicamvideo": "a.json"}.get(name, FILES.get(name, ("",))[0])
    with pytest.raises(InputError, match="one file has one take, not 2; give a folder"):
        write_trajectories(path, two_takes, format=name)
    assert not path.exists()


def test_the_command_says_that_takes_are_apart(two_takes: TrajectorySet, tmp_path: Path):
    write_trajectories(tmp_path / "a.npz", two_takes)
    for name, says in (("colmap", "(2 takes, each in its own file or folder)"), ("tum", "out_tum")):
        out = tmp_path / f"out_{name}"
        done = CliRunner().invoke(
            app, ["trajectories", "convert", str(tmp_path / "a.npz"), str(out), "--to", name]
        )
        assert done.exit_code == 0 and done.output.strip().endswith(says)
