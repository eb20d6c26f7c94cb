"""Invalid trajectory files give one line with file, take, camera and frame."""

import json
import re
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from trajectory_examples import EXAMPLE, named, set_of, ten_basic_moves_text

from multitake.errors import InputError
from trajectories import CameraPose
from trajectories.formats import TrajectorySet, read_trajectories, write_trajectories


def with_bad_frame(rotation=None, position_m=None) -> TrajectorySet:
    """A valid trajectory whose second frame is changed."""
    poses = EXAMPLE.world_from_camera.copy()
    if rotation is not None:
        poses[1, :, :3] = rotation @ poses[1, :, :3]
    if position_m is not None:
        poses[1, :, 3] = position_m
    return set_of(named(CameraPose(poses), camera="cam02"))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"rotation": np.diag([1.0, -1, 1])}, "mirrored"),
        ({"rotation": np.eye(3) * 1.01}, "not orthonormal"),
        ({"position_m": [np.nan, 0, 0]}, "not finite"),
        ({"position_m": [3390.0, 1380, 240]}, "centimetres"),
    ],
)
@pytest.mark.parametrize("name", ["kitti", "nerfstudio", "multicamvideo", "npz"])
def test_improper_poses_are_named(name: str, change: dict, says: str, tmp_path: Path):
    path = tmp_path / {"nerfstudio": "transforms.json", "npz": "a.npz"}.get(name, name)
    write_trajectories(path, with_bad_frame(**change), format=name)
    if "centimetres" in says and name in ("multicamvideo", "npz"):
        assert len(read_trajectories(path)) == 1, "these formats state their unit"
        return
    with pytest.raises(InputError, match=says) as refused:
        read_trajectories(path)
    assert re.search(r"take \S+, camera cam02, frame 1:", str(refused.value)), refused.value
    assert str(path) in str(refused.value) and "\n" not in str(refused.value)


def _edited(change) -> str:
    frames = json.loads(ten_basic_moves_text())
    change(frames)
    return json.dumps(frames)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "empty"),
        (ten_basic_moves_text()[:5000], "not valid JSON"),
        ("{}", "frame0 is missing"),
        (_edited(lambda d: d.pop("frame7")), "frame7 is missing"),
        (_edited(lambda d: d.update(frame7=d.pop("frame7"))), "frame8 is out of order"),
        (_edited(lambda d: d["frame9"].pop("cam04")), "camera cam04, frame 9: frames have different cameras"),
        (
            _edited(lambda d: d["frame9"].update(cam04="[1 0 0 0]")),
            "camera cam04, frame 9: .*not a matrix for row vectors",
        ),
        (_edited(lambda d: d["frame9"].update(cam04="[a b c d]")), "camera cam04, frame 9"),
        (
            _edited(lambda d: d["frame9"].update(cam04="[1 0 0 5] [0 1 0 6] [0 0 1 7] [0 0 0 1] ")),
            "cam04, frame 9",
        ),
    ],
)
def test_bad_multicamvideo_is_named(text: str, says: str, tmp_path: Path):
    path = tmp_path / "scene3" / "cameras" / "camera_extrinsics.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(InputError, match=says) as refused:
        read_trajectories(path)
    assert str(path) in str(refused.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (
            "0 0 0 0 0 0 0 1\n2 0 0 0 0 0 0 1\n1 0 0 0 0 0 0 1\n",
            "camera cam01, frame 2: times do not increase",
        ),
        ("0 0 0 0 0 0 0 1\n1 0 0 0 0 0 0 1\n1 0 0 0 0 0 0 1\n", "frame 2: times do not increase"),
        ("".join(f"{t} 0 0 0 0 0 0 1\n" for t in (0, 1, 2, 4)), "frame 3: .*a frame is missing"),
        ("0 0 0 0 0 0 0 1\n1 0 0 0 0 0 0 2\n", "frame 1: quaternion has length 2"),
        ("0 0 0 0 0 0 0 1\n1 0 0 0 0 0 1\n", "line 2.*7 values instead of 8"),
        ("0 0 0 0 0 0 0 1\n1 0 0 x 0 0 0 1\n", "line 2.*not a number"),
        ("# no lines\n", "no frame"),
        ("0 nan 0 0 0 0 0 1\n", "frame 0: .*not finite"),
    ],
)
def test_bad_text_is_named(text: str, says: str, tmp_path: Path):
    path = tmp_path / "walk.tum"
    path.write_text(text)
    with pytest.raises(InputError, match=says) as refused:
        read_trajectories(path)
    assert str(refused.value).startswith(f"{path}: take walk, camera cam01")


def test_missing_and_duplicate_images_are_named(tmp_path: Path):
    poses = CameraPose(np.repeat(EXAMPLE.world_from_camera[:1], 5, axis=0))
    path = tmp_path / "transforms.json"
    for edit, says in (
        (lambda frames: frames.pop(2), "camera cam01, frame 2: missing frame"),
        (lambda frames: frames.append(frames[3]), "camera cam01, frame 3: duplicate frame"),
        (
            lambda frames: frames[3].pop("transform_matrix"),
            "frame images/street/cam01/00003.png: transform_matrix is missing",
        ),
    ):
        write_trajectories(path, set_of(named(poses)))
        document = json.loads(path.read_text())
        edit(document["frames"])
        path.write_text(json.dumps(document))
        with pytest.raises(InputError, match=says):
            read_trajectories(path)


@settings(max_examples=40, deadline=None)
@given(share=st.floats(0, 0.999))
@pytest.mark.parametrize("name", ["images.bin", "cameras.bin", "poses.npz"])
def test_truncated_binaries_are_refused(name: str, share: float, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("cut")
    path = folder / "poses.npz" if name == "poses.npz" else folder / "model"
    write_trajectories(path, set_of(named(EXAMPLE)), format="npz" if path.suffix else "colmap_binary")
    file = path if path.suffix else path / name
    file.write_bytes(file.read_bytes()[: int(share * file.stat().st_size)])
    with pytest.raises(InputError, match=re.escape(str(file))):
        read_trajectories(path)


def test_a_json_file_is_read_by_its_name_or_content(tmp_path: Path):
    for name, says in (("transforms.json", "frames"), ("junk.json", "frame0")):
        (tmp_path / name).write_text("{}")
        with pytest.raises(InputError, match=says) as refused:
            read_trajectories(tmp_path / name)
        assert "camera_extrinsics" not in str(refused.value) or name == "junk.json"
        assert ": take" not in str(refused.value)
    (tmp_path / "batch.toml").write_text("takes = 1\n")
    with pytest.raises(InputError, match=r"convert --from FORMAT.*multicamvideo") as refused:
        read_trajectories(tmp_path / "batch.toml")
    assert "gltf" not in str(refused.value)


def test_a_count_larger_than_the_file_is_refused(tmp_path: Path):
    write_trajectories(tmp_path / "model", set_of(named(EXAMPLE)), format="colmap_binary")
    (tmp_path / "model/images.bin").write_bytes(struct.pack("<Q", 2**60))
    with pytest.raises(InputError, match="truncated after byte 8"):
        read_trajectories(tmp_path / "model")


def test_requests_that_cannot_be_done_are_refused_and_leave_nothing(tmp_path: Path):
    one, longer = named(EXAMPLE), named(EXAMPLE[[0, 1, 1]], camera="cam02")
    for act, says in (
        (lambda: read_trajectories(tmp_path / "none.tum"), "does not exist"),
        (lambda: read_trajectories(tmp_path), "no known trajectory file"),
        (lambda: read_trajectories(tmp_path, format="bvh"), "unknown format 'bvh'"),
        (lambda: read_trajectories(tmp_path, format="gltf"), "gltf cannot be read"),
        (lambda: write_trajectories(tmp_path / "a.txt", set_of(one)), "does not define a format"),
        (lambda: write_trajectories(tmp_path / "a.tum", set_of()), "no trajectory"),
        (lambda: write_trajectories(tmp_path / "a.tum", set_of(one, longer)), "has one camera, not 2"),
        (lambda: write_trajectories(tmp_path / "a.parquet", set_of(one, longer)), "cam02 has 3 frames"),
        (
            lambda: write_trajectories(tmp_path / "a.json", set_of(one, replace(one, take="b"))),
            "one take, not 2",
        ),
        (
            lambda: write_trajectories(tmp_path, set_of(replace(one, take="../x")), format="tum"),
            "outside of the folder",
        ),
    ):
        with pytest.raises(InputError, match=says):
            act()
    assert not list(tmp_path.iterdir()), "a refused request leaves nothing"
