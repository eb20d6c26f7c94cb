"""Trajectories made by hand meet their keyframes smoothly; invalid files are named."""

import math
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from trajectory_examples import KEYFRAMES

from multitake.errors import InputError
from trajectories import pose_from_unreal
from trajectories.formats import read_keyframes
from trajectories.poses import rotation_angle_rad


def _file(folder: Path, keys: list[dict], **top: object) -> Path:
    path = folder / "path.toml"
    path.write_text(tomli_w.dumps({**top, "keyframe": keys}))
    return path


def _without(key: dict, name: str) -> dict:
    return {other: value for other, value in key.items() if other != name}


def test_aimed_keyframes_are_met_and_every_frame_aims(tmp_path: Path) -> None:
    path = read_keyframes(_file(tmp_path, KEYFRAMES, fps=20.0))
    assert path.fps == 20 and path.poses.world_from_camera.shape == (51, 3, 4)
    for key in KEYFRAMES:
        np.testing.assert_allclose(
            path.poses.position_m[round(key["time_s"] * 20)], key["position_m"], atol=1e-12
        )
    to_target = np.array([4, 0, 1]) - path.poses.position_m
    to_target /= np.linalg.norm(to_target, axis=-1, keepdims=True)
    np.testing.assert_allclose(path.poses.forward, to_target, atol=1e-12)
    focal_mm = path.focal_length_mm
    assert focal_mm is not None
    assert focal_mm.min() == pytest.approx(24) and focal_mm.max() == pytest.approx(50)
    np.testing.assert_allclose(focal_mm[:21], 24)
    assert (np.diff(focal_mm) >= -1e-12).all(), "a zoom from 24 to 50 mm never goes back"


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 6))
def test_rotated_keyframes_are_met_smoothly_by_the_shorter_way(
    tmp_path_factory: pytest.TempPathFactory, seed: int, count: int
) -> None:
    rng = np.random.default_rng(seed)
    keys = [
        {
            "position_m": rng.uniform(-3, 3, 3).tolist(),
            "heading_deg": float(170 + 25 * index),
            "pitch_deg": float(rng.uniform(-40, 40)),
            "roll_deg": float(rng.uniform(-20, 20)),
        }
        for index in range(count)
    ]
    fine = 400 * (count - 1) + 1
    folder = tmp_path_factory.getbasetemp()
    poses = read_keyframes(_file(folder, keys, frames=fine)).poses.checked("fine")
    for index, key in enumerate(keys):
        angles = np.array([key["pitch_deg"], -key["heading_deg"], key["roll_deg"]])
        np.testing.assert_allclose(
            poses.rotation[400 * index], pose_from_unreal(np.zeros(3), angles).rotation, atol=1e-9
        )
    turns_deg = np.degrees(rotation_angle_rad(poses.rotation[:-1], poses.rotation[1:]))
    assert turns_deg.sum() < 150 * (count - 1), "headings that pass 180 do not go around the other way"
    # With continuous acceleration, its steps shrink with the frames, also at keyframes.
    for series in (poses.position_m, poses.rotation.reshape(fine, 9)):
        acceleration = np.diff(series, n=2, axis=0) * 400**2
        jumps = np.abs(np.diff(acceleration, axis=0)).max()
        assert jumps < 0.05 * np.abs(acceleration).max() + 0.05


def test_two_keyframes_are_a_straight_even_move(tmp_path: Path) -> None:
    keys = [
        {"position_m": [0, 0, 1], "heading_deg": 0.0},
        {"position_m": [2, 0, 1], "heading_deg": 90.0, "pitch_deg": 0.0},
    ]
    poses = read_keyframes(_file(tmp_path, keys), frames=11).poses
    np.testing.assert_allclose(poses.position_m[:, 0], np.linspace(0, 2, 11), atol=1e-12)
    turns_deg = np.degrees(rotation_angle_rad(poses.rotation[:-1], poses.rotation[1:]))
    np.testing.assert_allclose(turns_deg, 9.0, atol=1e-9)
    np.testing.assert_allclose(poses.forward[-1], [0, 1, 0], atol=1e-12)


def test_a_rotation_matrix_is_another_way_to_give_angles(tmp_path: Path) -> None:
    angles = {"heading_deg": 40.0, "pitch_deg": -15.0, "roll_deg": 5.0}
    last = {"position_m": [1.0, 0, 0], "heading_deg": 90.0}
    rotation = pose_from_unreal(np.zeros(3), np.array([-15.0, -40.0, 5.0])).rotation
    given_angles = read_keyframes(_file(tmp_path, [{"position_m": [0, 0, 0], **angles}, last]), frames=7)
    matrix = {"position_m": [0, 0, 0], "rotation": rotation.ravel().tolist()}
    given_matrix = read_keyframes(_file(tmp_path, [matrix, last], frames=7))
    np.testing.assert_allclose(
        given_matrix.poses.world_from_camera, given_angles.poses.world_from_camera, atol=1e-12
    )
    assert given_matrix.fps == 15.0 and given_matrix.focal_length_mm is None


_FIRST, _SECOND = KEYFRAMES[:2]
_LEVEL = {"position_m": [0, 0, 0], "heading_deg": 0.0}
_LATER = "give every keyframe a later time than the one before, or give none a time"


@pytest.mark.parametrize(
    ("keys", "top", "message"),
    [
        ([_FIRST], {}, "keyframe: must have at least 2 items"),
        (
            [{**_FIRST, "lookat": [0, 0, 0]}, _SECOND],
            {},
            "keyframe.0.lookat: unknown key; did you mean look_at_m",
        ),
        ([{"position_m": [0, 0]}, _SECOND], {}, "keyframe.0.position_m.2: missing"),
        ([_SECOND, _FIRST], {}, f"keyframe.1.time_s: 0 is not later than the keyframe before; {_LATER}"),
        ([_FIRST, _without(_SECOND, "time_s")], {}, f"keyframe.1.time_s: missing; {_LATER}"),
        (
            [{**_FIRST, "heading_deg": 1.0}, _SECOND],
            {},
            "keyframe.0: several orientations; give one of look_at_m",
        ),
        ([_FIRST, _without(_SECOND, "look_at_m")], {}, "keyframe.1: no orientation; give one of look_at_m"),
        (KEYFRAMES, {"frames": 9}, "frames: the length is defined twice; remove it"),
        (KEYFRAMES, {"fps": 0.0}, "fps: must be at least 0.1, got 0"),
        (KEYFRAMES, {"fps": math.inf}, "fps: must be finite, got inf"),
        (
            [{**_FIRST, "focal_length_mm": -1}, _SECOND],
            {},
            "keyframe.0.focal_length_mm: must be at least 0.01",
        ),
        (
            [_without(_FIRST, "focal_length_mm"), _SECOND],
            {},
            "keyframe.0.focal_length_mm: missing; give it to every",
        ),
        (
            [{**_FIRST, "look_at_m": [0, 0, 9]}, _SECOND],
            {},
            "keyframe.0.look_at_m: the camera looks straight up",
        ),
        ([_LEVEL, {**_LEVEL, "heading_deg": 180.0}], {"frames": 5}, "keyframe.1: rotation by half a turn"),
        ([_LEVEL, _LEVEL], {}, "frames: missing; give `frames`, at least 2, or the time_s of every keyframe"),
        ([_LEVEL, _LEVEL], {"frames": 1}, "frames: must be at least 2, got 1"),
        (
            [{"position_m": [0, 0, 0], "rotation": [1.0, 0, 0, 0, 1, 0, 0, 0, -1]}] * 2,
            {"frames": 5},
            "keyframe.0.rotation: rotation is mirrored",
        ),
        (
            [_LEVEL, {**_LEVEL, "position_m": [0, math.nan, 0]}],
            {},
            "keyframe.1.position_m.1: must be finite, got nan",
        ),
        ([{**_LEVEL, "pitch_deg": math.inf}, _LEVEL], {}, "keyframe.0.pitch_deg: must be finite, got inf"),
        ([_FIRST, {**_SECOND, "time_s": math.inf}], {}, "keyframe.1.time_s: must be finite, got inf"),
    ],
)
def test_invalid_keyframes_are_named(tmp_path: Path, keys: list[dict], top: dict, message: str) -> None:
    path = _file(tmp_path, keys, **top)
    with pytest.raises(InputError) as error:
        read_keyframes(path)
    assert str(error.value).startswith(f"{path}: {message}") and "\n" not in str(error.value)


def test_a_camera_that_passes_under_its_target_is_named(tmp_path: Path) -> None:
    keys = [{"position_m": [x, 0, 0], "look_at_m": [0, 0, 5]} for x in (-1.0, 1.0)]
    assert read_keyframes(_file(tmp_path, keys), frames=4).poses.is_proper.all()
    with pytest.raises(InputError, match=r"path\.toml: the camera looks straight up or down"):
        read_keyframes(_file(tmp_path, keys), frames=5)
