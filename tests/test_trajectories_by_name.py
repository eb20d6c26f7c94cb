"""One text names any trajectory: a basic move, a keyframe file, a clip of a file, each also smoothed."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from trajectory_examples import KEYFRAMES, named, set_of

from multitake.errors import InputError
from trajectories import BASIC_MOVES, basic_move, smoothed, write_clips
from trajectories.formats import TrajectorySet, trajectory_from, write_trajectories
from trajectories.sampling import PRESETS, RigBatch, Shot, clips_of_rigs, sample_rigs


@pytest.fixture(scope="module")
def rigs() -> RigBatch:
    rules = replace(PRESETS["paper"], slots=("arc", "static"))
    return sample_rigs(rules, np.zeros((1, 3)), seed=1, frames=30)


@pytest.fixture(scope="module")
def table(rigs: RigBatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip table of take ``a``, cameras ``cam01`` and ``cam02``."""
    path = tmp_path_factory.mktemp("reference") / "clips.parquet"
    shot = Shot(frames=30, width_px=64, height_px=48, fps=12.0)
    write_clips(path, clips_of_rigs(rigs, takes=["a"], shot=shot))
    return path


@pytest.fixture(scope="module")
def keyframes(table: Path) -> Path:
    path = table.with_name("keys.toml")
    path.write_text(tomli_w.dumps({"keyframe": KEYFRAMES}))
    return path


@pytest.mark.parametrize("name", BASIC_MOVES)
def test_a_name_is_a_basic_move(name: str) -> None:
    found = trajectory_from(name, frames=20)
    assert found.fps is None and found.focal_length_mm is None
    for text in (name, f"paper:{name}"):
        np.testing.assert_array_equal(
            trajectory_from(text, frames=20).poses.world_from_camera,
            basic_move(name, frames=20).world_from_camera,
        )
    np.testing.assert_array_equal(
        trajectory_from(f"release:{name}", frames=20).poses.world_from_camera,
        basic_move(name, frames=20, arc_path="chord", time_base="release").world_from_camera,
    )


def test_file_take_and_camera_name_a_clip(table: Path, rigs: RigBatch) -> None:
    found = trajectory_from(f"{table}:a:cam01", frames=20)
    np.testing.assert_allclose(found.poses.position_m, rigs.poses.position_m[0, 0, :20], atol=1e-5)
    assert found.fps == 12 and found.focal_length_mm is not None
    assert found.focal_length_mm.tolist() == [rigs.rig(0).lens.focal_length_mm] * 20


def test_a_file_of_one_clip_needs_no_more(tmp_path: Path) -> None:
    poses = basic_move("arc_left", frames=5)
    write_trajectories(tmp_path / "walk.tum", set_of(named(poses)))
    for text in (f"{tmp_path}/walk.tum", f"{tmp_path}/walk.tum:walk:cam01"):
        found = trajectory_from(text, frames=4)
        np.testing.assert_allclose(found.poses.world_from_camera, poses.world_from_camera[:4], atol=1e-9)


def test_a_toml_file_has_keyframes(keyframes: Path) -> None:
    found = trajectory_from(str(keyframes), frames=9)
    assert found.poses.world_from_camera.shape == (9, 3, 4)
    assert found.focal_length_mm is not None and len(found.focal_length_mm) == 9


@pytest.mark.parametrize("text", ["arc_left", "release:zoom_in", "keys", "clip"])
def test_smoothed_names_the_stabilised_trajectory(text: str, keyframes: Path, table: Path) -> None:
    text = {"keys": str(keyframes), "clip": f"{table}:a:cam01"}.get(text, text)
    rough, stable = (trajectory_from(prefix + text, frames=9) for prefix in ("", "smoothed:"))
    expected = smoothed(rough.poses, sigma_frames=7.5)
    np.testing.assert_array_equal(stable.poses.world_from_camera, expected.world_from_camera)
    assert stable.fps == rough.fps


def test_trajectories_that_do_not_exist_are_named(table: Path, keyframes: Path, tmp_path: Path) -> None:
    for text, message in [
        ("loop", "trajectory: unknown trajectory 'loop'; use one of pan_right"),
        ("paper:loop", "trajectory: unknown trajectory 'paper:loop'; use one of pan_right"),
        (
            f"{table}:a:cam09",
            f"{table}: unknown clip 'a:cam09'; give {table}:TAKE:CAMERA, e.g. {table}:a:cam01",
        ),
        (str(table), f"{table}: the file has 2 clips; give {table}:TAKE:CAMERA, e.g. {table}:a:cam01"),
        (f"{tmp_path}/none.toml", f"{tmp_path}/none.toml: cannot be read (No such file or directory)"),
        (f"{tmp_path}/none.parquet:a:b", f"{tmp_path}/none.parquet: does not exist"),
        (str(keyframes), f"{keyframes}: trajectory has 38 poses, 60 are needed; use a longer trajectory"),
    ]:
        with pytest.raises(InputError) as error:
            trajectory_from(text, frames=60 if text == str(keyframes) else 9)
        assert str(error.value).startswith(message)


@pytest.mark.parametrize("address", ["s3://bucket/data", "http://host:8000/data", "memory://data.v2"])
def test_an_address_is_read_whole_and_its_clip_is_at_the_end(address: str) -> None:
    poses, read = basic_move("arc_left", frames=5), list[str]()

    def reader(source: str) -> TrajectorySet:
        read.append(source)
        return set_of(named(poses))

    found = trajectory_from(f"{address}:street:cam01", frames=5, read=reader)
    assert read == [address]
    np.testing.assert_array_equal(found.poses.world_from_camera, poses.world_from_camera)


@pytest.mark.parametrize(
    "text", ["http://x.org/a.json", "http://x.org/a.toml", "s3://b/a.npz:cam01", "s3://b"]
)
def test_an_address_of_a_file_is_refused_as_what_it_is(text: str) -> None:
    with pytest.raises(InputError, match="neither a local file nor a clip of a data set") as error:
        trajectory_from(text, frames=5)
    assert error.value.where == text
