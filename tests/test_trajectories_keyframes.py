"""Hand-made, named and stabilised trajectories: smooth, where they say, and named when they are bad."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from multitake.errors import InputError
from trajectories import (
    CameraPose,
    PoseTable,
    compose,
    named_trajectory,
    pose_from_unreal,
    read_keyframes,
    rig_rows,
    smoothed,
    write_poses,
)
from trajectories.formats import trajectory_from
from trajectories.sampling import PRESETS, sample_rigs

_AIMED = [
    {"time_s": 0.0, "position_m": [0, 0, 1.5], "look_at_m": [4, 0, 1], "focal_length_mm": 24},
    {"time_s": 1.0, "position_m": [1, 2, 1.5], "look_at_m": [4, 0, 1], "focal_length_mm": 24},
    {"time_s": 2.5, "position_m": [2, 3, 2.0], "look_at_m": [4, 0, 1], "focal_length_mm": 50},
]


def _file(folder: Path, keys: list[dict], **top) -> Path:
    path = folder / "path.toml"
    path.write_text(tomli_w.dumps({**top, "keyframe": keys}))
    return path


def _turn_deg(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.degrees(Rotation.from_matrix(np.swapaxes(a, -1, -2) @ b).magnitude())


def test_aimed_keyframes_are_met_and_every_frame_aims(tmp_path: Path):
    path = read_keyframes(_file(tmp_path, _AIMED, fps=20.0))
    assert path.fps == 20 and path.poses.world_from_camera.shape == (51, 3, 4)
    for key in _AIMED:
        np.testing.assert_allclose(
            path.poses.position_m[round(key["time_s"] * 20)], key["position_m"], atol=1e-12
        )
    to_target = np.array([4, 0, 1]) - path.poses.position_m
    to_target /= np.linalg.norm(to_target, axis=-1, keepdims=True)
    np.testing.assert_allclose(path.poses.forward, to_target, atol=1e-12)
    assert path.focal_length_mm.min() == pytest.approx(24) and path.focal_length_mm.max() == pytest.approx(50)
    np.testing.assert_allclose(path.focal_length_mm[:21], 24)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 6))
def test_turned_keyframes_are_met_smoothly_and_the_shorter_way(tmp_path_factory, seed: int, count: int):
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
    poses = read_keyframes(_file(tmp_path_factory.mktemp("k"), keys, frames=fine)).poses.checked("fine")
    for index, key in enumerate(keys):
        angles = np.array([key["pitch_deg"], -key["heading_deg"], key["roll_deg"]])
        np.testing.assert_allclose(
            poses.rotation[400 * index], pose_from_unreal(np.zeros(3), angles).rotation, atol=1e-9
        )
    turns_deg = _turn_deg(poses.rotation[:-1], poses.rotation[1:])
    assert turns_deg.sum() < 150 * (count - 1), "headings that pass 180 do not go all the way round"
    # Continuous acceleration: its steps shrink with the frames, at keyframes as elsewhere.
    for series in (poses.position_m, poses.rotation.reshape(fine, 9)):
        acceleration = np.diff(series, n=2, axis=0) * 400**2
        jumps = np.abs(np.diff(acceleration, axis=0)).max()
        assert jumps < 0.05 * np.abs(acceleration).max() + 0.05


def test_two_keyframes_are_a_straight_even_move(tmp_path: Path):
    keys = [
        {"position_m": [0, 0, 1], "heading_deg": 0.0},
        {"position_m": [2, 0, 1], "heading_deg": 90.0, "pitch_deg": 0.0},
    ]
    poses = read_keyframes(_file(tmp_path, keys), frames=11).poses
    np.testing.assert_allclose(poses.position_m[:, 0], np.linspace(0, 2, 11), atol=1e-12)
    np.testing.assert_allclose(_turn_deg(poses.rotation[:-1], poses.rotation[1:]), 9.0, atol=1e-9)
    np.testing.assert_allclose(poses.forward[-1], [0, 1, 0], atol=1e-12)


@pytest.mark.parametrize(
    ("keys", "top", "says"),
    [
        (_AIMED[:1], {}, "path.toml: keyframe: 1 keyframes make no path"),
        ([{**_AIMED[0], "lookat": [0, 0, 0]}, _AIMED[1]], {}, "path.toml: keyframe.0.lookat: unknown key"),
        ([{"position_m": [0, 0]}, _AIMED[1]], {}, "path.toml: keyframe.0.position_m"),
        ([_AIMED[1], _AIMED[0]], {}, "path.toml: keyframe.1.time_s: 0 is not later"),
        (
            [{**_AIMED[0], "heading_deg": 1.0}, _AIMED[1]],
            {},
            "keyframe.0: looks by look_at_m and heading_deg",
        ),
        (
            [_AIMED[0], {"time_s": 1.0, "position_m": [0, 0, 0]}],
            {},
            "keyframe.1: does not say where it looks",
        ),
        (_AIMED, {"frames": 9}, "path.toml: frames: says the length twice"),
        (_AIMED, {"fps": 0.0}, "path.toml: fps: 0 is no rate"),
        ([{**_AIMED[0], "focal_length_mm": -1}, _AIMED[1]], {}, "keyframe.0.focal_length_mm: -1 mm"),
        ([{**_AIMED[0], "look_at_m": [0, 0, 9]}, _AIMED[1]], {}, "looks straight up or down"),
        ([{"position_m": [0, 0, 0], "heading_deg": h} for h in (0.0, 180.0)], {"frames": 5}, "a half turn"),
        (
            [{"position_m": [0, 0, 0], "heading_deg": h} for h in (0.0, 90.0)],
            {},
            "path.toml: frames: no length",
        ),
        (
            [{"position_m": [0, 0, 0], "rotation": [1.0, 0, 0, 0, 1, 0, 0, 0, -1]}] * 2,
            {"frames": 5},
            "keyframe.0.rotation: rotation is mirrored",
        ),
    ],
)
def test_bad_keyframes_are_named(tmp_path: Path, keys: list[dict], top: dict, says: str):
    with pytest.raises(InputError) as refusal:
        read_keyframes(_file(tmp_path, keys, **top))
    assert says in str(refusal.value) and "\n" not in str(refusal.value)


def _shaky(seed: int, frames: int = 60) -> CameraPose:
    rng = np.random.default_rng(seed)
    even = named_trajectory("arc_left", frames=frames)
    shake = Rotation.from_rotvec(0.02 * rng.standard_normal((frames, 3))).as_matrix()
    return CameraPose.of(even.rotation @ shake, even.position_m + 0.02 * rng.standard_normal((frames, 3)))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32), st.floats(1.0, 12.0))
def test_smoothing_keeps_the_ends_turns_with_the_world_and_takes_the_shake_out(seed: int, sigma: float):
    shaky = _shaky(seed)
    smooth = smoothed(shaky, sigma_frames=sigma).checked("smooth")
    for end in (0, -1):
        np.testing.assert_allclose(smooth.world_from_camera[end], shaky.world_from_camera[end], atol=1e-9)
    world = CameraPose.of(Rotation.from_rotvec([0.3, -2.0, 1.0]).as_matrix(), np.array([1.0, -5.0, 2.0]))
    moved = CameraPose(compose(world.world_from_camera[None], shaky.world_from_camera))
    np.testing.assert_allclose(
        smoothed(moved, sigma_frames=sigma).world_from_camera,
        compose(world.world_from_camera[None], smooth.world_from_camera),
        atol=1e-9,
    )

    def roughness(poses: CameraPose) -> tuple[float, float]:
        turns = _turn_deg(poses.rotation[:-1], poses.rotation[1:])
        return float(np.abs(np.diff(poses.position_m, n=2, axis=0)).mean()), float(
            np.abs(np.diff(turns)).mean()
        )

    assert np.array(roughness(smooth)).max() < 0.6 * np.array(roughness(shaky)).max()
    assert roughness(smooth)[0] < 0.6 * roughness(shaky)[0]


def test_smoothing_leaves_even_movement_alone():
    pan, zoom = named_trajectory("pan_left", frames=41), named_trajectory("zoom_in", frames=41)
    both = CameraPose.of(pan.rotation, zoom.position_m)
    np.testing.assert_allclose(
        smoothed(both, sigma_frames=5.0).world_from_camera, both.world_from_camera, atol=1e-9
    )
    assert smoothed(both, sigma_frames=0.0) is both
    assert smoothed(both[:1], sigma_frames=5.0).world_from_camera.shape == (1, 3, 4)


def test_published_variants_are_chords_that_stop_short():
    circle, chord = (named_trajectory("arc_left", frames=81, preset=p) for p in ("paper", "release"))
    subject_m = np.array([4.0, 0, 0])
    np.testing.assert_allclose(np.linalg.norm(circle.position_m - subject_m, axis=-1), 4.0)
    radius_m = np.linalg.norm(chord.position_m - subject_m, axis=-1)
    assert radius_m.min() == pytest.approx(4 * np.cos(np.radians(15)), abs=1e-3)
    zoom = named_trajectory("zoom_in", frames=81, preset="release")
    assert zoom.position_m[-1, 0] == pytest.approx(2.0 * 160 / 161)
    left, right = (named_trajectory(f"translate_{side}", frames=3).position_m for side in ("left", "right"))
    np.testing.assert_allclose(left, right * [1, -1, 1])
    assert left[-1, 1] == pytest.approx(1.0)


def test_one_text_names_any_trajectory(tmp_path: Path):
    picture = {"split": "train", "width_px": 64, "height_px": 48, "fps": 12.0}
    rules = replace(PRESETS["paper"], slots=("arc", "static"))
    rig = sample_rigs(rules, np.zeros((1, 3)), seed=1, frames=30).rig(0)
    table = tmp_path / "poses.parquet"
    write_poses(table, PoseTable(rows=rig_rows(rig, take="a", **picture), poses=rig.poses))
    filmed = trajectory_from(f"{table}:a:cam01", frames=20)
    np.testing.assert_allclose(filmed.poses.position_m, rig.poses[0, :20].position_m, atol=1e-5)
    assert filmed.fps == 12 and set(filmed.focal_length_mm) == {rig.lens.focal_length_mm}

    named = trajectory_from("release:arc_left", frames=20).poses.world_from_camera
    chord = named_trajectory("arc_left", frames=20, preset="release").world_from_camera
    np.testing.assert_array_equal(named, chord)

    keys = _file(tmp_path, _AIMED)
    by_hand = trajectory_from(str(keys), frames=9)
    assert by_hand.poses.world_from_camera.shape == (9, 3, 4) == (len(by_hand.focal_length_mm), 3, 4)
    stable = trajectory_from(f"smoothed:{keys}", frames=9)
    expected = smoothed(by_hand.poses, sigma_frames=7.5)
    np.testing.assert_array_equal(stable.poses.world_from_camera, expected.world_from_camera)

    for text, says in [
        ("loop", "unknown trajectory 'loop'"),
        (f"{table}:a:cam09", "no clip 'a:cam09'"),
        (str(table), "2 clips; write"),
        (f"{tmp_path}/none.toml", "cannot be read"),
        (f"{tmp_path}/none.parquet:a:b", "does not exist"),
    ]:
        with pytest.raises(InputError) as refusal:
            trajectory_from(text, frames=9)
        assert says in str(refusal.value)
    with pytest.raises(InputError, match="38 poses, 60 needed"):
        trajectory_from(str(keys), frames=60)
