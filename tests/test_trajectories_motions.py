"""What each of the six motions keeps and what it changes; and a per-frame oracle that shares no code."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from multitake.errors import InputError
from trajectories import (
    NAMED_TRAJECTORIES,
    Arc,
    CameraMove,
    CameraPose,
    Pan,
    RandomMove,
    Rig,
    Static,
    Tilt,
    Translation,
    named_trajectory,
)
from trajectories.sampling import PRESETS, sample_rigs

_angles = st.floats(-60, 60)
_PROGRESS = np.linspace(0, 1, 33)[None]


@st.composite
def starts(draw: st.DrawFn) -> tuple[CameraPose, np.ndarray]:
    """A start pose that aims at its pivot, both with batch 1."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    azimuth, elevation, radius_m = rng.uniform([0, 0, 0.5], [2 * np.pi, np.pi / 4, 10])
    level = np.cos(elevation)
    outward = np.array([[level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)]])
    pivot_m = rng.uniform(-20, 20, (1, 3))
    return CameraPose.looking(pivot_m + radius_m * outward, -outward), pivot_m


def _aims(poses: CameraPose, pivot_m: np.ndarray) -> np.ndarray:
    to_pivot = pivot_m[:, None] - poses.position_m
    return (poses.forward * to_pivot).sum(-1) / np.linalg.norm(to_pivot, axis=-1)


@given(starts(), _angles)
def test_pan_keeps_position_and_pitch_and_turns_by_its_angle(start_and_pivot, angle_deg: float):
    start, pivot_m = start_and_pivot
    poses = Pan(angle_deg=np.array([angle_deg])).poses(start, pivot_m, _PROGRESS)
    np.testing.assert_array_equal(poses.position_m, np.repeat(start.position_m[:, None], 33, axis=1))
    np.testing.assert_allclose(poses.forward[..., 2], start.forward[:, None, 2].repeat(33, 1), atol=1e-12)
    turned = Rotation.from_euler("z", angle_deg, degrees=True).as_matrix() @ start.rotation[0]
    np.testing.assert_allclose(poses.rotation[0, -1], turned, atol=1e-12)


@given(starts(), st.floats(-45, 45))
def test_tilt_keeps_position_and_heading_and_pitches_by_its_angle(start_and_pivot, angle_deg: float):
    start, pivot_m = start_and_pivot
    poses = Tilt(angle_deg=np.array([angle_deg])).poses(start, pivot_m, _PROGRESS)
    np.testing.assert_array_equal(poses.position_m, np.repeat(start.position_m[:, None], 33, axis=1))
    np.testing.assert_allclose(poses.rotation[0, :, :, 0], start.rotation[:, :, 0].repeat(33, 0), atol=1e-12)
    first, last = poses.forward[0, 0], poses.forward[0, -1]
    up = np.array([0.0, 0.0, 1.0])
    assert np.degrees(np.arccos(np.clip(first @ last, -1, 1))) == pytest.approx(abs(angle_deg), abs=1e-5)
    if abs(angle_deg) > 1 and np.arcsin(first[2]) + np.radians(abs(angle_deg)) < np.pi / 2 - 0.1:
        assert np.sign(last @ up - first @ up) == np.sign(angle_deg)


@given(starts(), st.integers(0, 5), st.floats(0.25, 0.9), st.booleans())
def test_translation_is_straight_and_keeps_rotation_or_aim(start_and_pivot, axis, ratio, is_tracking):
    start, pivot_m = start_and_pivot
    direction = np.vstack([np.eye(3), -np.eye(3)])[axis][None]
    distance_m = ratio * np.linalg.norm(pivot_m - start.position_m, axis=-1)
    motion = Translation(direction=direction, distance_m=distance_m, is_tracking=np.array([is_tracking]))
    poses = motion.poses(start, pivot_m, _PROGRESS)
    moved = poses.position_m - start.position_m[:, None]
    np.testing.assert_allclose(moved, _PROGRESS[..., None] * distance_m * direction, atol=1e-12)
    if is_tracking:
        np.testing.assert_allclose(_aims(poses, pivot_m), 1.0, atol=1e-12)
        np.testing.assert_allclose(poses.rotation[..., 2, 0], 0.0, atol=1e-15)
    else:
        np.testing.assert_array_equal(poses.rotation, start.rotation[:, None].repeat(33, 1))


@given(starts(), _angles)
def test_arc_keeps_distance_height_and_aim(start_and_pivot, angle_deg: float):
    start, pivot_m = start_and_pivot
    poses = Arc(angle_deg=np.array([angle_deg])).poses(start, pivot_m, _PROGRESS)
    offset = poses.position_m - pivot_m[:, None]
    radius = np.linalg.norm(start.position_m - pivot_m)
    np.testing.assert_allclose(np.linalg.norm(offset, axis=-1), radius, rtol=1e-12)
    np.testing.assert_allclose(offset[..., 2], offset[:, :1, 2].repeat(33, 1), atol=1e-12)
    np.testing.assert_allclose(_aims(poses, pivot_m), 1.0, atol=1e-12)
    swept = np.unwrap(np.arctan2(offset[0, :, 1], offset[0, :, 0]))
    assert np.degrees(swept[-1] - swept[0]) == pytest.approx(angle_deg, abs=1e-9)


@given(starts())
def test_static_stays(start_and_pivot):
    start, pivot_m = start_and_pivot
    poses = Static().poses(start, pivot_m, _PROGRESS)
    np.testing.assert_array_equal(
        poses.world_from_camera, start.world_from_camera[:, None].repeat(33, axis=1)
    )


@given(starts(), st.integers(1, 3), st.integers(0, 2**32))
def test_random_starts_at_the_start_passes_its_waypoints_and_keeps_even_pace(start_and_pivot, count, seed):
    start, pivot_m = start_and_pivot
    waypoints_m = np.random.default_rng(seed).uniform(0.5, 2.0, (1, 3, 3)).cumsum(axis=1)
    motion = RandomMove(waypoints_m=waypoints_m, waypoint_count=np.array([float(count)]))
    progress = np.linspace(0, 1, 1001)[None]
    poses = motion.poses(start, pivot_m, progress)
    position = poses.position_m[0]
    np.testing.assert_allclose(position[0], start.position_m[0], atol=1e-12)
    np.testing.assert_allclose(position[-1], start.position_m[0] + waypoints_m[0, count - 1], atol=1e-9)
    steps = np.linalg.norm(np.diff(position, axis=0), axis=-1)
    assert steps.max() / steps.min() < 1.05
    for waypoint in waypoints_m[0, :count]:
        missed = np.linalg.norm(position - start.position_m[0] - waypoint, axis=-1).min()
        assert missed <= steps.max()


def test_random_path_is_its_ratio_of_the_start_distance():
    rules = PRESETS["paper"]
    batch = sample_rigs(rules, np.zeros((200, 3)), seed=3, frames=801)
    for slot in [c for c, name in enumerate(rules.slots) if name == "random"]:
        position = batch.poses.position_m[:, slot]
        length_m = np.linalg.norm(np.diff(position, axis=1), axis=-1).sum(axis=1)
        drawn_m = batch.moves_of(slot).distance_m
        np.testing.assert_allclose(length_m, drawn_m, rtol=3e-3)
        ratio = drawn_m / np.linalg.norm(position[:, 0], axis=-1)
        assert 0.25 - 1e-12 <= ratio.min() < 0.3
        assert 0.95 < ratio.max() <= 1.0 + 1e-12


def _aimed(position_m: np.ndarray, pivot_m: np.ndarray) -> np.ndarray:
    """A level camera at heading 0, turned by heading and pitch: a second way to write "look there"."""
    x, y, z = pivot_m - position_m
    at_heading_0 = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    return (
        Rotation.from_euler("ZY", [np.arctan2(y, x), -np.arctan2(z, np.hypot(x, y))]).as_matrix()
        @ at_heading_0
    )


def _curve_point(points_m: np.ndarray, parameter: float) -> np.ndarray:
    """Centripetal Catmull-Rom by the pyramid of Barry and Goldman; mirrored end points."""
    padded = np.vstack([2 * points_m[0] - points_m[1], points_m, 2 * points_m[-1] - points_m[-2]])
    segment = min(int(parameter), len(points_m) - 2)
    p = padded[segment : segment + 4]
    t = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=-1) ** 0.5)])
    at = t[1] + (parameter - segment) * (t[2] - t[1])
    for level in (1, 2, 3):
        rise = [(0, 1), (1, 2), (2, 3)] if level == 1 else [(0, 2), (1, 3)] if level == 2 else [(1, 2)]
        p = np.array(
            [((t[j] - at) * p[k] + (at - t[i]) * p[k + 1]) / (t[j] - t[i]) for k, (i, j) in enumerate(rise)]
        )
    return p[0]


def _walked(points_m: np.ndarray, progress: float) -> np.ndarray:
    parameters = np.linspace(0, len(points_m) - 1, 32 * (len(points_m) - 1) + 1)
    samples = np.array([_curve_point(points_m, u) for u in parameters])
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(samples, axis=0), axis=-1))])
    return _curve_point(points_m, float(np.interp(progress * lengths[-1], lengths, parameters)))


def _oracle(
    move: CameraMove, start: CameraPose, pivot_m: np.ndarray, s: float
) -> tuple[np.ndarray, np.ndarray]:
    rotation, position = start.rotation, start.position_m
    match move.motion:
        case "pan":
            rotation = Rotation.from_euler("z", move.angle_deg * s, degrees=True).as_matrix() @ rotation
        case "tilt":
            rotation = rotation @ Rotation.from_euler("x", move.angle_deg * s, degrees=True).as_matrix()
        case "translation":
            position = position + s * move.distance_m * np.array(move.direction)
        case "arc":
            turn = Rotation.from_euler("z", move.angle_deg * s, degrees=True)
            position = pivot_m + turn.apply(position - pivot_m)
        case "random":
            points_m = np.vstack([np.zeros(3), np.reshape(move.waypoints_m, (-1, 3))])
            position = position + _walked(points_m, s)
    return (_aimed(position, pivot_m) if move.is_tracking else rotation), position


def _check_against_the_oracle(rig: Rig) -> None:
    frames = rig.poses.world_from_camera.shape[1]
    for camera, move in enumerate(rig.moves):
        for frame in (0, 1, frames // 2, frames - 1):
            time, a = frame / (frames - 1), move.speed_a
            s = (1 - math.exp(-a * time)) / (1 - math.exp(-a)) if a else time
            rotation, position = _oracle(move, rig.poses[camera, 0], rig.pivot_m, s)
            pose = rig.poses[camera, frame]
            np.testing.assert_allclose(pose.rotation, rotation, atol=1e-9)
            np.testing.assert_allclose(pose.position_m, position, atol=1e-9)


def test_vectorised_poses_equal_a_per_frame_loop():
    pivots_m = np.random.default_rng(0).uniform(-5, 5, (12, 3))
    batch = sample_rigs(PRESETS["paper"], pivots_m, seed=11, frames=81)
    assert {move.motion for rig in batch for move in rig.moves} == set(PRESETS["paper"].slots)
    for rig in batch:
        _check_against_the_oracle(rig)


@pytest.mark.parametrize("name", NAMED_TRAJECTORIES)
def test_named_trajectories_start_level_at_the_origin(name: str):
    poses = named_trajectory(name, frames=81)
    assert poses.world_from_camera.shape == (81, 3, 4)
    poses.checked(name)
    np.testing.assert_allclose(
        poses.world_from_camera[0], [[0, 0, 1, 0], [-1, 0, 0, 0], [0, -1, 0, 0]], atol=1e-15
    )


def test_named_trajectories_go_where_they_say():
    def last(name: str) -> CameraPose:
        return named_trajectory(name, frames=81)[-1]

    assert last("pan_right").forward[1] < 0 < last("pan_left").forward[1]
    assert last("tilt_down").forward[2] < 0 < last("tilt_up").forward[2]
    np.testing.assert_allclose(last("zoom_in").position_m, [2, 0, 0], atol=1e-12)
    np.testing.assert_allclose(last("zoom_out").position_m, [-2, 0, 0], atol=1e-12)
    np.testing.assert_allclose(last("translate_up").position_m, [0, 0, 1], atol=1e-12)
    assert last("arc_left").position_m[1] > 0 > last("arc_right").position_m[1]
    with pytest.raises(InputError, match="unknown trajectory"):
        named_trajectory("zoom_sideways", frames=81)
