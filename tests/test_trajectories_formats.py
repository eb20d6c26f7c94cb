"""Each format: round trips within its precision, its convention in known numbers, and its layout."""

import base64
import json
import re
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from trajectory_examples import EXAMPLE, LENS, named, set_of, ten_basic_moves_text

from multitake.errors import InputError
from multitake.randomness import rng_for
from trajectories import CameraPose, ClipTable, Intrinsics, Lens, pose_from_unreal, read_clips, write_clips
from trajectories.formats import (
    FORMATS,
    NamedTrajectory,
    TrajectorySet,
    convert,
    format_of,
    iter_trajectories,
    read_trajectories,
    write_trajectories,
)
from trajectories.sampling import PRESETS, Shot, sample_table

GOLDEN = Path(__file__).parent / "golden" / "ten_basic_moves.json"
# File name, and the largest errors of rotation entries and of positions (metres) after a round trip.
ROUND_TRIPS = {
    "multicamvideo": ("scenes", 1e-6, 1e-4),
    "realestate10k": ("re10k", 2e-9, 1e-7),
    "tum": ("tum", 1e-11, 1e-11),
    "kitti": ("kitti", 1e-9, 1e-7),
    "colmap": ("model", 1e-12, 1e-12),
    "colmap_binary": ("model_bin", 1e-12, 1e-12),
    "nerfstudio": ("worlds", 0.0, 0.0),
    "clip_table": ("clips.parquet", 1e-7, 1e-5),
    "npz": ("poses.npz", 1e-7, 1e-5),
}
HAS_FPS = {"multicamvideo", "realestate10k", "tum", "nerfstudio", "clip_table", "npz"}


def random_set(seed: int, frames: int, cameras: int, reach_m: float) -> TrajectorySet:
    rng = rng_for(seed, "formats")
    shape = (2, cameras, frames)
    rotation = Rotation.random(2 * cameras * frames, random_state=seed).as_matrix().reshape(*shape, 3, 3)
    poses = CameraPose.of(rotation, rng.uniform(-reach_m, reach_m, (*shape, 3)))
    takes = ("f35_aperture2.8/scene2", "f35_aperture2.8/scene10")
    return set_of(
        *(named(poses[t, c], take, f"cam{c + 1:02d}") for t, take in enumerate(takes) for c in range(cameras))
    )


@pytest.mark.parametrize("name", ROUND_TRIPS)
@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 2**31),
    frames=st.integers(2, 4),
    cameras=st.integers(1, 11),
    reach_m=st.sampled_from([0.01, 3.0, 90.0]),
)
def test_a_round_trip_is_exact_to_the_precision_of_the_format(
    name: str, tmp_path_factory: pytest.TempPathFactory, **drawn
):
    written = random_set(**drawn)
    file_name, rotation_error, position_error_m = ROUND_TRIPS[name]
    path = tmp_path_factory.mktemp("round_trip") / file_name
    write_trajectories(path, written, format=name)
    assert format_of(path) == name.removesuffix("_binary"), "the format is known from the content"
    again = read_trajectories(path)
    assert [t.name for t in again] == [t.name for t in written]
    for before, after in zip(written, again, strict=True):
        np.testing.assert_allclose(after.poses.rotation, before.poses.rotation, atol=rotation_error, rtol=0)
        np.testing.assert_allclose(
            after.poses.position_m, before.poses.position_m, atol=position_error_m, rtol=0
        )
        assert after.fps == (15.0 if name in HAS_FPS else None)
    _assert_same_intrinsics(name, again.trajectories[0])
    second = path.with_name(f"again{path.suffix}")
    filled = tuple(replace(t, fps=15.0, intrinsics=written.trajectories[0].intrinsics) for t in again)
    if name in ("clip_table", "npz", "multicamvideo"):
        write_trajectories(second, set_of(*filled), format=name)
        assert _contents(second) == _contents(path), "a second round trip changes nothing"


def _assert_same_intrinsics(name: str, found: NamedTrajectory) -> None:
    expected = LENS.intrinsics(1280, 1280)
    if name in ("tum", "kitti"):
        assert found.intrinsics is None
    elif name == "realestate10k":
        assert found.intrinsics is not None and found.intrinsics.width_px == 1
        assert found.intrinsics.fx_px == pytest.approx(expected.fx_px / 1280, abs=1e-9)
    else:
        assert found.intrinsics == expected
    assert found.lens == (LENS if name in ("multicamvideo", "clip_table", "npz") else None)


def _contents(path: Path) -> list[bytes]:
    files = sorted(path.rglob("*")) if path.is_dir() else [path]
    return [file.read_bytes() for file in files if file.is_file()]


def test_the_published_validation_file_is_written_back_byte_for_byte(tmp_path: Path):
    text = ten_basic_moves_text()
    frames = json.loads(text)
    for key, cameras in json.loads(GOLDEN.read_text()).items():
        assert frames[key] == cameras, f"the computed file equals the published {key}"
    source, copy = tmp_path / "camera_extrinsics.json", tmp_path / "copy.json"
    # Published files also have such rounding noise.
    noise = "[0.984995 -2.13821e-50 0.17258 0] [2.69953e-34 1 -1.54074e-33 0] "
    text = text.replace("[0.984995 0 0.17258 0] [-0 1 0 0] ", noise)
    assert noise in text
    source.write_text(text)
    write_trajectories(copy, read_trajectories(source), format="multicamvideo")
    assert copy.read_text() == text


def test_the_published_validation_file_in_our_frame(tmp_path: Path):
    source = tmp_path / "camera_extrinsics.json"
    source.write_text(ten_basic_moves_text())
    rig = read_trajectories(source).trajectories
    assert [t.camera for t in rig] == [f"cam{c:02d}" for c in range(1, 11)]
    assert {t.frames for t in rig} == {81}
    relative = np.stack([t.poses.seen_from(t.poses[:1])[80] for t in rig])
    # A pan to the right in the frame of the published code: the x axis turns to forward, forward to right.
    np.testing.assert_allclose(
        relative[0, :, :3], [[0.940, 0, 0.340], [0, 1, 0], [-0.340, 0, 0.940]], atol=5e-4
    )
    np.testing.assert_allclose(relative[2, 1, :3], [0, 0.985, -0.173], atol=5e-4)
    np.testing.assert_allclose(relative[4, :, 3], [0, 0, 1.9876], atol=1e-4)
    np.testing.assert_allclose(relative[6, :, 3], [0, -0.99379, 0], atol=1e-4)
    np.testing.assert_allclose(relative[8, :, 3], [-1.9876, 0, 0.5326], atol=1e-4)
    start = rig[0].poses[0]
    np.testing.assert_allclose(start.position_m, [33.9, -13.8, 2.4], atol=1e-12)
    np.testing.assert_allclose(start.forward, [1, 0, 0], atol=1e-12)


def test_matrices_in_another_layout_are_read(tmp_path: Path):
    """Compact JSON, fixed number of decimals, no space at the end."""
    matrix = (
        "[1.000000 0.000000 0.000000 0] [-0.000000 1.000000 0.000000 0] [0 0 1 0] [4930.000000 1500 100.0 1]"
    )
    path = tmp_path / "cameras.json"
    path.write_text(json.dumps({"frame0": {"cam11": matrix}, "frame1": {"cam11": matrix}}))
    (found,) = read_trajectories(path)
    np.testing.assert_allclose(found.poses.position_m, [[49.3, -15.0, 1.0]] * 2)


def test_a_multicamvideo_folder_names_lenses_and_scenes(tmp_path: Path):
    wide = Lens(focal_length_mm=18.0, f_number=10.0)
    takes = ("one", "two", "three")
    cameras = [named(EXAMPLE, take, lens=wide if take == "two" else LENS) for take in takes]
    write_trajectories(tmp_path / "data", set_of(*cameras), format="multicamvideo")
    again = read_trajectories(tmp_path / "data")
    lenses = {t.take: t.lens for t in again}
    assert lenses == {
        "f18_aperture10/scene1": wide,
        "f35_aperture2.8/scene1": LENS,
        "f35_aperture2.8/scene2": LENS,
    }
    file = tmp_path / "data/f18_aperture10/scene1/cameras/camera_extrinsics.json"
    (single,) = read_trajectories(file)
    assert single.take == "f18_aperture10/scene1" and single.lens == wide
    assert next(iter_trajectories(tmp_path / "data")).take == "f18_aperture10/scene1"


# ---------------------------------------------------------------- one known camera in each convention


def test_text_conventions(tmp_path: Path):
    one = set_of(named(EXAMPLE))
    for name in ("realestate10k", "tum", "kitti"):
        write_trajectories(tmp_path / f"{name}.txt", one, format=name)
    rotation, position = EXAMPLE.rotation[0], EXAMPLE.position_m[0]
    matrix = np.vstack([EXAMPLE.world_from_camera[0], [0, 0, 0, 1]])
    first = {n: (tmp_path / f"{n}.txt").read_text().splitlines()[1].split() for n in ("realestate10k", "tum")}
    camera_from_world = np.array(first["realestate10k"][7:], float).reshape(3, 4)
    np.testing.assert_allclose(camera_from_world, np.linalg.inv(matrix)[:3], atol=1e-8)
    assert first["realestate10k"][0] == "0" and first["realestate10k"][5:7] == ["0", "0"]
    time_s, x, y, z, *quaternion = map(float, first["tum"])
    assert time_s == 0.0 and (x, y, z) == pytest.approx(position)
    np.testing.assert_allclose(Rotation.from_quat(quaternion).as_matrix(), rotation, atol=1e-11)
    kitti = np.loadtxt(tmp_path / "kitti.txt")[0].reshape(3, 4)
    # Our (1, -2, 1.5) is 2 to the right, 1.5 up and 1 forward.
    np.testing.assert_allclose(kitti[:, 3], [2.0, -1.5, 1.0], atol=1e-8)
    np.testing.assert_allclose(kitti[:, 2], [0.492404, 0.173648, 0.852869], atol=1e-6)


def test_a_level_camera_that_looks_forward_is_the_identity_of_kitti(tmp_path: Path):
    level = CameraPose.looking(np.zeros((2, 3)), np.array([[1.0, 0, 0]] * 2))
    write_trajectories(tmp_path / "00.kitti", set_of(named(level)))
    np.testing.assert_allclose(np.loadtxt(tmp_path / "00.kitti")[0].reshape(3, 4), np.eye(3, 4), atol=1e-12)


def test_colmap_and_nerfstudio_conventions(tmp_path: Path):
    one = set_of(named(EXAMPLE))
    write_trajectories(tmp_path / "model", one, format="colmap")
    words = (tmp_path / "model/images.txt").read_text().splitlines()[1].split()
    matrix = np.vstack([EXAMPLE.world_from_camera[0], [0, 0, 0, 1]])
    camera_from_world = np.linalg.inv(matrix)
    w, *xyz = map(float, words[1:5])
    np.testing.assert_allclose(
        Rotation.from_quat([*xyz, w]).as_matrix(), camera_from_world[:3, :3], atol=1e-12
    )
    np.testing.assert_allclose([float(word) for word in words[5:8]], camera_from_world[:3, 3], atol=1e-12)
    assert words[9] == "street/cam01/00000.png"
    write_trajectories(tmp_path / "transforms.json", one)
    document = json.loads((tmp_path / "transforms.json").read_text())
    opengl = np.array(document["frames"][0]["transform_matrix"])
    expected = [[-0.5, 0.150384, -0.852869], [-0.866025, -0.086824, 0.492404], [0, 0.984808, 0.173648]]
    np.testing.assert_allclose(opengl[:3, :3], expected, atol=1e-6)
    assert document["fl_x"] == pytest.approx(35 / 23.76 * 1280) and document["w"] == 1280


def test_gltf_convention_and_layout(tmp_path: Path):
    path = tmp_path / "cameras.gltf"
    write_trajectories(path, set_of(named(EXAMPLE), named(EXAMPLE[::-1], camera="cam02")))
    document = json.loads(path.read_text())
    content = base64.b64decode(document["buffers"][0]["uri"].partition(",")[2])
    assert len(content) == document["buffers"][0]["byteLength"]
    widths = {"SCALAR": 1, "VEC3": 3, "VEC4": 4}

    def values(accessor: int) -> np.ndarray:
        about = document["accessors"][accessor]
        view = document["bufferViews"][about["bufferView"]]
        count = about["count"] * widths[about["type"]]
        assert view["byteLength"] == 4 * count and view["byteOffset"] % 4 == 0
        part = content[view["byteOffset"] : view["byteOffset"] + view["byteLength"]]
        return np.frombuffer(part, "<f4").reshape(about["count"], -1)

    (animation,) = document["animations"]
    keys = {}
    for channel in animation["channels"]:
        sampler = animation["samplers"][channel["sampler"]]
        np.testing.assert_allclose(values(sampler["input"])[:, 0], [0, 1 / 15], atol=1e-7)
        bounds = document["accessors"][sampler["input"]]
        assert bounds["min"] == [0.0] and bounds["max"] == [pytest.approx(1 / 15)]
        keys[channel["target"]["node"], channel["target"]["path"]] = values(sampler["output"])
    np.testing.assert_allclose(keys[0, "translation"][0], [2.0, 1.5, -1.0], atol=1e-6)
    # N R N^T with Unreal's axes, N = ((0, 1, 0), (0, 0, 1), (-1, 0, 0)).
    axes = np.array([[0.852869, 0.492404, -0.173648], [-0.5, 0.866025, 0], [0.150384, 0.086824, 0.984808]]).T
    n = np.array([[0, 1, 0], [0, 0, 1], [-1, 0, 0]])
    np.testing.assert_allclose(
        Rotation.from_quat(keys[0, "rotation"][0]).as_matrix(), n @ axes @ n.T, atol=1e-6
    )
    np.testing.assert_array_equal(keys[1, "translation"], keys[0, "translation"][::-1])
    assert document["nodes"][1]["name"] == "street/cam02" and document["scenes"][0]["nodes"] == [0, 1]
    view = document["cameras"][0]["perspective"]
    assert view["yfov"] == pytest.approx(np.radians(37.50), abs=1e-4) and view["aspectRatio"] == 1.0


def test_usd_convention(tmp_path: Path):
    path = tmp_path / "cameras.usda"
    write_trajectories(path, set_of(named(EXAMPLE, take="2nd street")))
    text = path.read_text()
    assert 'def Xform "_2nd_street"' in text and "metersPerUnit = 0.01" in text and 'upAxis = "Z"' in text
    assert "focalLength = 35\n" in text and "horizontalAperture = 23.76\n" in text, "tenths of a centimetre"
    sample = re.search(r"0: \((.*)\),", text)
    assert sample
    rows = np.array(re.findall(r"-?[\d.e-]+", sample[1]), float).reshape(4, 4)
    np.testing.assert_allclose(rows[3], [100, -200, 150, 1], atol=1e-6)
    np.testing.assert_allclose(rows[2, :3], -EXAMPLE.forward[0], atol=1e-8)
    np.testing.assert_allclose(rows[1, :3], -EXAMPLE.rotation[0, :, 1], atol=1e-8)


def test_unreal_keys_turn_by_the_shorter_way(tmp_path: Path):
    yaw_deg = np.array([170.0, 179.0, -172.0, -163.0])
    rotators = np.stack([np.full(4, -10.0), yaw_deg, np.zeros(4)], axis=-1)
    poses = pose_from_unreal(np.tile([100.0, 200.0, 150.0], (4, 1)), rotators)
    write_trajectories(tmp_path / "keys", set_of(named(poses)), format="unreal_keys")
    header, *lines = (tmp_path / "keys/street/cam01.csv").read_text().splitlines()
    assert header == "frame,time_s,x_cm,y_cm,z_cm,roll_deg,pitch_deg,yaw_deg,focal_length_mm"
    keys = np.array([line.split(",") for line in lines], float)
    np.testing.assert_allclose(keys[1], [1, 1 / 15, 100, 200, 150, 0, -10, 179, 35], atol=1e-6)
    np.testing.assert_allclose(keys[:, 7], [170, 179, 188, 197], atol=1e-6)


def test_rerun_is_optional(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "rerun", None)
    with pytest.raises(InputError, match=re.escape("pip install 'multitake[rerun]'")):
        write_trajectories(tmp_path / "a.rrd", set_of(named(EXAMPLE)))


def test_rerun_recording(tmp_path: Path):
    pytest.importorskip("rerun")
    write_trajectories(tmp_path / "a.rrd", set_of(named(EXAMPLE)))
    assert (tmp_path / "a.rrd").read_bytes()[:3] == b"RRF"


def test_convert_adds_what_the_source_does_not_have(tmp_path: Path):
    write_trajectories(tmp_path / "00.kitti", set_of(named(EXAMPLE)))
    with pytest.raises(InputError, match=r"needs a frame rate, and 00/cam01 has none; give --fps"):
        convert(tmp_path / "00.kitti", tmp_path / "a.tum")
    with pytest.raises(InputError, match=r"needs intrinsics, and 00/cam01 has none"):
        convert(tmp_path / "00.kitti", tmp_path / "a.gltf", fps=10.0)
    lens = LENS.intrinsics(640, 480)
    converted = convert(tmp_path / "00.kitti", tmp_path / "a.re10k", fps=10.0, intrinsics=lens)
    (again,) = read_trajectories(tmp_path / "a.re10k")
    assert len(converted) == 1 and again.fps == 10.0 and again.intrinsics is not None
    np.testing.assert_allclose(again.poses.world_from_camera, EXAMPLE.world_from_camera, atol=1e-7)


def test_a_converted_clip_table_keeps_its_columns(tmp_path: Path):
    source, target = tmp_path / "a.parquet", tmp_path / "b.parquet"
    sample_table(PRESETS["paper"], source, rigs=2, seed=4, shot=Shot(frames=5))
    before = source.read_bytes()
    convert(source, target, fps=30.0)
    copied, sampled = read_clips(target), read_clips(source)
    assert list(copied) == list(sampled)
    np.testing.assert_array_equal(copied.poses.world_from_camera, sampled.poses.world_from_camera)
    write_clips(tmp_path / "twice.parquet", ClipTable.concatenated([copied, copied]))
    with pytest.raises(InputError, match=r"twice\.parquet: take rig_0000000, camera cam01: duplicate clip"):
        convert(tmp_path / "twice.parquet", tmp_path / "c.npz")
    (tmp_path / "link").symlink_to(tmp_path)
    for same in (source, tmp_path / "link" / "a.parquet"):
        with pytest.raises(InputError, match="overwrite"):
            convert(source, same)
    assert source.read_bytes() == before


@pytest.mark.parametrize("fps", [0.0, -3.0, float("nan"), float("inf")])
def test_an_invalid_frame_rate_is_refused(fps: float, tmp_path: Path):
    write_trajectories(tmp_path / "00.kitti", set_of(named(EXAMPLE)))
    with pytest.raises(InputError, match=f"fps: must be positive, got {fps:g}"):
        convert(tmp_path / "00.kitti", tmp_path / "a.parquet", fps=fps)


def test_colmap_images_in_any_order_and_of_other_tools(tmp_path: Path):
    """Radial cameras, points after the images, names of one folder: what COLMAP itself writes."""
    (tmp_path / "cameras.txt").write_text("# comment\n7 SIMPLE_RADIAL 640 480 500 320 240 0.01\n")
    lines = [
        f"{n} 1 0 0 0 {-n} 0 0 7 cam02/frame_{n}.jpg\n" + ("1.5 2.5 -1\n" if n % 2 else "\n")
        for n in (10, 2, 8, 6, 4)
    ]
    (tmp_path / "images.txt").write_text("".join(lines))
    (found,) = read_trajectories(tmp_path)
    assert (found.take, found.camera) == (tmp_path.name, "cam02")
    assert found.intrinsics == Intrinsics(
        fx_px=500.0, fy_px=500.0, cx_px=320.0, cy_px=240.0, width_px=640, height_px=480
    )
    np.testing.assert_allclose(found.poses.position_m[:, 0], [2, 4, 6, 8, 10])


def test_the_scale_of_nerfstudio_is_undone_and_its_view_angle_is_read(tmp_path: Path):
    frame = {"file_path": "images/frame_00001.png", "transform_matrix": np.diag([1.0, 1, 1, 1]).tolist()}
    frame["transform_matrix"][0][3] = 3.0
    document = {"applied_scale": 0.5, "camera_angle_x": np.pi / 2, "w": 640, "h": 480, "frames": [frame]}
    path = tmp_path / "transforms.json"
    path.write_text(json.dumps(document))
    (found,) = read_trajectories(path)
    np.testing.assert_allclose(found.poses.position_m, [[6.0, 0, 0]])
    np.testing.assert_allclose(found.poses.forward, [[0, 0, -1]])
    assert found.intrinsics is not None and found.intrinsics.fx_px == pytest.approx(320)


def test_an_npz_may_have_clips_of_different_lengths(tmp_path: Path):
    write_trajectories(
        tmp_path / "a.npz", set_of(named(EXAMPLE), named(EXAMPLE[[0, 1, 1]], camera="cam02", lens=None))
    )
    again = read_trajectories(tmp_path / "a.npz")
    assert [t.frames for t in again] == [2, 3] and again.trajectories[1].lens is None
    assert [len(cameras) for cameras in again.by_take().values()] == [2]


def test_two_trajectories_of_one_name_are_refused(tmp_path: Path):
    write_trajectories(tmp_path / "a.npz", set_of(named(EXAMPLE), named(EXAMPLE)))
    with pytest.raises(InputError, match="take street, camera cam01: duplicate clip"):
        read_trajectories(tmp_path / "a.npz")


def test_every_format_has_a_writer():
    assert set(ROUND_TRIPS) == {name for name, (reader, _) in FORMATS.items() if reader}
    assert set(FORMATS) - set(ROUND_TRIPS) == {"gltf", "usd", "unreal_keys", "rerun"}
