"""What each motion keeps and what it changes, and a loop over frames that shares no code with the product."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trajectories import (
    MOTIONS,
    Arc,
    CameraPose,
    ClipRow,
    DollyZoom,
    Pan,
    PanTilt,
    RandomMove,
    Roll,
    Static,
    Tilt,
    Translation,
    Zoom,
    unreal_from_pose,
)
from trajectories.sampling import PRESETS, Rules, Shot, clips_of_rigs, sample_rigs

_angles = st.floats(-60, 60)
_PROGRESS = np.linspace(0, 1, 33)[None]

Start = tuple[CameraPose, np.ndarray]


@st.composite
def starts(draw: st.DrawFn) -> Start:
    """A start pose that aims at its subject, and the subject point, both of batch 1."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    azimuth, elevation, radius_m = rng.uniform([0, 0, 0.5], [2 * np.pi, np.pi / 4, 10])
    level = np.cos(elevation)
    outward = np.array([[level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)]])
    subject_m = rng.uniform(-20, 20, (1, 3))
    return CameraPose.looking(subject_m + radius_m * outward, -outward), subject_m


def _aims(poses: CameraPose, subject_m: np.ndarray) -> np.ndarray:
    """Cosine of the angle between each optical axis and the direction to the subject."""
    to_subject = subject_m[:, None] - poses.position_m
    return (poses.forward * to_subject).sum(-1) / np.linalg.norm(to_subject, axis=-1)


@given(starts(), _angles)
def test_pan_keeps_position_and_pitch_and_turns_by_its_angle(start: Start, angle_deg: float) -> None:
    pose, subject_m = start
    poses = Pan(angle_deg=np.array([angle_deg])).poses(pose, subject_m, _PROGRESS)
    np.testing.assert_array_equal(poses.position_m, np.repeat(pose.position_m[:, None], 33, axis=1))
    np.testing.assert_allclose(poses.forward[..., 2], pose.forward[:, None, 2].repeat(33, 1), atol=1e-12)
    turned = Rotation.from_euler("z", angle_deg, degrees=True).as_matrix() @ pose.rotation[0]
    np.testing.assert_allclose(poses.rotation[0, -1], turned, atol=1e-12)


@given(starts(), st.floats(-45, 45))
def test_tilt_keeps_position_and_heading_and_pitches_by_its_angle(start: Start, angle_deg: float) -> None:
    pose, subject_m = start
    poses = Tilt(angle_deg=np.array([angle_deg])).poses(pose, subject_m, _PROGRESS)
    np.testing.assert_array_equal(poses.position_m, np.repeat(pose.position_m[:, None], 33, axis=1))
    np.testing.assert_allclose(poses.rotation[0, :, :, 0], pose.rotation[:, :, 0].repeat(33, 0), atol=1e-12)
    first, last = poses.forward[0, 0], poses.forward[0, -1]
    assert np.degrees(np.arccos(np.clip(first @ last, -1, 1))) == pytest.approx(abs(angle_deg), abs=1e-5)
    if abs(angle_deg) > 1 and np.arcsin(first[2]) + np.radians(abs(angle_deg)) < np.pi / 2 - 0.1:
        assert np.sign(last[2] - first[2]) == np.sign(angle_deg)


@given(starts(), _angles, st.floats(-45, 45))
def test_pan_tilt_is_a_tilt_followed_by_a_pan(start: Start, pan_deg: float, tilt_deg: float) -> None:
    pose, subject_m = start
    both = PanTilt(pan_deg=np.array([pan_deg]), tilt_deg=np.array([tilt_deg]))
    poses = both.poses(pose, subject_m, _PROGRESS)
    tilted = Tilt(angle_deg=both.tilt_deg).poses(pose, subject_m, _PROGRESS)
    turns = Rotation.from_euler("z", pan_deg * _PROGRESS.T, degrees=True).as_matrix()
    np.testing.assert_allclose(poses.rotation[0], turns @ tilted.rotation[0], atol=1e-12)
    np.testing.assert_array_equal(poses.position_m, tilted.position_m)


@given(starts(), st.integers(0, 5), st.floats(0.25, 0.9), st.booleans())
def test_translation_is_straight_and_keeps_rotation_or_aim(
    start: Start, axis: int, ratio: float, is_tracking: bool
) -> None:
    pose, subject_m = start
    direction = np.vstack([np.eye(3), -np.eye(3)])[axis][None]
    distance_m = ratio * np.linalg.norm(subject_m - pose.position_m, axis=-1)
    motion = Translation(direction=direction, distance_m=distance_m, is_tracking=np.array([is_tracking]))
    poses = motion.poses(pose, subject_m, _PROGRESS)
    moved = poses.position_m - pose.position_m[:, None]
    np.testing.assert_allclose(moved, _PROGRESS[..., None] * distance_m * direction, atol=1e-12)
    if is_tracking:
        np.testing.assert_allclose(_aims(poses, subject_m), 1.0, atol=1e-12)
        np.testing.assert_allclose(poses.rotation[..., 2, 0], 0.0, atol=1e-15)
    else:
        np.testing.assert_array_equal(poses.rotation, pose.rotation[:, None].repeat(33, 1))


@given(starts(), _angles)
def test_arc_keeps_distance_height_and_aim(start: Start, angle_deg: float) -> None:
    pose, subject_m = start
    poses = Arc(angle_deg=np.array([angle_deg])).poses(pose, subject_m, _PROGRESS)
    offset = poses.position_m - subject_m[:, None]
    radius = np.linalg.norm(pose.position_m - subject_m)
    np.testing.assert_allclose(np.linalg.norm(offset, axis=-1), radius, rtol=1e-12)
    np.testing.assert_allclose(offset[..., 2], offset[:, :1, 2].repeat(33, 1), atol=1e-12)
    np.testing.assert_allclose(_aims(poses, subject_m), 1.0, atol=1e-12)
    swept = np.unwrap(np.arctan2(offset[0, :, 1], offset[0, :, 0]))
    assert np.degrees(swept[-1] - swept[0]) == pytest.approx(angle_deg, abs=1e-9)


@given(starts(), _angles)
def test_a_chord_joins_the_ends_of_its_arc_and_keeps_the_aim(start: Start, angle_deg: float) -> None:
    pose, subject_m = start
    circle, chord = (
        Arc(angle_deg=np.array([angle_deg]), is_chord=is_chord).poses(pose, subject_m, _PROGRESS)
        for is_chord in (False, True)
    )
    first, last = circle.position_m[:, :1], circle.position_m[:, -1:]
    straight = first + _PROGRESS[..., None] * (last - first)
    np.testing.assert_allclose(chord.position_m, straight, atol=1e-12)
    np.testing.assert_allclose(_aims(chord, subject_m), 1.0, atol=1e-12)


@given(starts())
def test_static_cameras_do_not_move(start: Start) -> None:
    pose, subject_m = start
    poses = Static().poses(pose, subject_m, _PROGRESS)
    np.testing.assert_array_equal(poses.world_from_camera, pose.world_from_camera[:, None].repeat(33, axis=1))


@given(starts(), st.integers(1, 3), st.integers(0, 2**32))
def test_random_moves_pass_their_waypoints_at_even_speed(start: Start, count: int, seed: int) -> None:
    pose, subject_m = start
    waypoints_m = np.random.default_rng(seed).uniform(0.5, 2.0, (1, 3, 3)).cumsum(axis=1)
    motion = RandomMove(waypoints_m=waypoints_m, waypoint_count=np.array([float(count)]))
    position = motion.poses(pose, subject_m, np.linspace(0, 1, 1001)[None]).position_m[0]
    np.testing.assert_allclose(position[0], pose.position_m[0], atol=1e-12)
    np.testing.assert_allclose(position[-1], pose.position_m[0] + waypoints_m[0, count - 1], atol=1e-9)
    steps = np.linalg.norm(np.diff(position, axis=0), axis=-1)
    assert steps.max() / steps.min() < 1.05
    for waypoint in waypoints_m[0, :count]:
        missed = np.linalg.norm(position - pose.position_m[0] - waypoint, axis=-1).min()
        assert missed <= steps.max()


@given(starts(), st.integers(1, 3), st.integers(0, 2**32))
def test_eased_moves_are_at_their_waypoints_at_equal_times_and_stop_there(
    start: Start, count: int, seed: int
) -> None:
    pose, subject_m = start
    waypoints_m = np.random.default_rng(seed).uniform(-2.0, 2.0, (1, 3, 3))
    motion = RandomMove(
        waypoints_m=waypoints_m, waypoint_count=np.array([float(count)]), spline="unreal_keys"
    )
    position = motion.poses(pose, subject_m, np.linspace(0, 1, 120 * count + 1)[None]).position_m[0]
    np.testing.assert_allclose(position[120::120], pose.position_m + waypoints_m[0, :count], atol=1e-12)
    steps = np.linalg.norm(np.diff(position, axis=0), axis=-1).reshape(count, 120)
    assert (steps[:, [0, -1]] < 0.02 * steps.max(axis=1, keepdims=True)).all()
    np.testing.assert_allclose(steps, steps[:, ::-1], atol=1e-12)


def test_random_moves_have_the_length_of_their_ratio() -> None:
    rules = replace(PRESETS["paper"], slots=("random",), layout="independent")
    batch = sample_rigs(rules, np.zeros((400, 3)), seed=3, frames=401)
    position = batch.poses.position_m[:, 0]
    length_m = np.linalg.norm(np.diff(position, axis=1), axis=-1).sum(axis=1)
    np.testing.assert_allclose(length_m, batch.moves.distance_m, rtol=3e-3)
    ratio = batch.moves.distance_m / np.linalg.norm(position[:, 0], axis=-1)
    assert 0.25 - 1e-12 <= ratio.min() < 0.3
    assert 0.95 < ratio.max() <= 1.0 + 1e-12


# The oracle: one camera and one frame at a time, from the columns of a clip table.


def _aimed(position_m: np.ndarray, subject_m: np.ndarray) -> np.ndarray:
    """A level camera at heading 0, turned by heading and pitch: a second way to look at a point."""
    x, y, z = subject_m - position_m
    at_heading_0 = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
    turn = Rotation.from_euler("ZY", [np.arctan2(y, x), -np.arctan2(z, np.hypot(x, y))])
    return turn.as_matrix() @ at_heading_0


def _curve_point(points_m: np.ndarray, parameter: float) -> np.ndarray:
    """Centripetal Catmull-Rom by the pyramid of Barry and Goldman; mirrored end points."""
    padded = np.vstack([2 * points_m[0] - points_m[1], points_m, 2 * points_m[-1] - points_m[-2]])
    segment = min(int(parameter), len(points_m) - 2)
    p = padded[segment : segment + 4]
    t = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(p, axis=0), axis=-1) ** 0.5)])
    at = t[1] + (parameter - segment) * (t[2] - t[1])
    for pairs in (((0, 1), (1, 2), (2, 3)), ((0, 2), (1, 3)), ((1, 2),)):
        p = np.array(
            [((t[j] - at) * p[k] + (at - t[i]) * p[k + 1]) / (t[j] - t[i]) for k, (i, j) in enumerate(pairs)]
        )
    return p[0]


def _along_curve(points_m: np.ndarray, shares: list[float]) -> list[np.ndarray]:
    """Points at shares of the curve's length."""
    parameters = np.linspace(0, len(points_m) - 1, 32 * (len(points_m) - 1) + 1)
    samples = np.array([_curve_point(points_m, u) for u in parameters])
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(samples, axis=0), axis=-1))])
    return [_curve_point(points_m, float(np.interp(s * lengths[-1], lengths, parameters))) for s in shares]


def _eased(points_m: np.ndarray, time: float) -> np.ndarray:
    """Smoothstep from point to point, in equal times."""
    segment = min(int(time * (len(points_m) - 1)), len(points_m) - 2)
    u = time * (len(points_m) - 1) - segment
    return points_m[segment] + (3 * u**2 - 2 * u**3) * (points_m[segment + 1] - points_m[segment])


def _progress(row: ClipRow, frame: int) -> float:
    time = {
        "closed": frame / (row.frames - 1),
        "paper": frame / row.frames,
        "release": 2 * frame / (2 * row.frames - 1),
    }[row.time_base]
    a = row.speed_a
    return (1 - math.exp(-a * time)) / (1 - math.exp(-a)) if a else time


def _positions(row: ClipRow, start_m: np.ndarray, shares: list[float], is_chord: bool) -> list[np.ndarray]:
    subject_m = np.array(row.subject_m)
    if row.motion == "translation":
        return [start_m + s * row.distance_m * np.array(row.direction) for s in shares]
    if row.motion == "arc":
        ends = [1.0] if is_chord else shares
        turns = [Rotation.from_euler("z", row.angle_deg * s, degrees=True) for s in ends]
        on_circle = [subject_m + turn.apply(start_m - subject_m) for turn in turns]
        return [start_m + s * (on_circle[0] - start_m) for s in shares] if is_chord else on_circle
    if row.motion == "random":
        points_m = np.vstack([np.zeros(3), np.reshape(row.waypoints_m, (-1, 3))])
        if row.speed_class == "eased":
            return [start_m + _eased(points_m, s) for s in shares]
        return [start_m + offset_m for offset_m in _along_curve(points_m, shares)]
    if row.motion == "dolly_zoom":
        return [subject_m + (start_m - subject_m) * (1 + (row.zoom_ratio - 1) * s) for s in shares]
    return [start_m for _ in shares]


def _rotation(row: ClipRow, start: np.ndarray, position_m: np.ndarray, s: float) -> np.ndarray:
    if row.is_tracking:
        return _aimed(position_m, np.array(row.subject_m))
    pan_deg = {"pan": row.angle_deg, "pan_tilt": row.angle_deg}.get(row.motion, 0.0)
    tilt_deg = {"tilt": row.angle_deg, "pan_tilt": row.tilt_deg}.get(row.motion, 0.0)
    pan = Rotation.from_euler("z", pan_deg * s, degrees=True).as_matrix()
    roll_deg = {"roll": row.angle_deg}.get(row.motion, 0.0)
    own = Rotation.from_euler("xz", [tilt_deg * s, roll_deg * s], degrees=True).as_matrix()
    return pan @ start @ own


_RULES = {
    **PRESETS,
    "joint": replace(PRESETS["paper"], pan_tilt="joint", time_base="paper", layout="independent"),
    "subject": replace(PRESETS["paper"], translation_frame="subject", slots=("translation",) * 6),
}


@pytest.mark.parametrize("name", _RULES)
def test_poses_follow_from_the_columns_of_the_clip_table(name: str) -> None:
    rules: Rules = _RULES[name]
    subjects_m = np.random.default_rng(0).uniform(-5, 5, (6, 3))
    batch = sample_rigs(rules, subjects_m, seed=11, frames=81)
    table = clips_of_rigs(batch, takes=[f"take{i}" for i in range(6)], shot=Shot())
    steady = batch.steady_poses.world_from_camera.reshape(-1, 81, 3, 4)
    assert set(table["motion"]) == set(rules.motions)
    frames = [0, 1, 40, 79, 80]
    for row, poses in zip(table, steady, strict=True):
        shares = [_progress(row, frame) for frame in frames]
        positions_m = _positions(row, poses[0, :, 3], shares, rules.arc_path == "chord")
        for frame, s, position_m in zip(frames, shares, positions_m, strict=True):
            np.testing.assert_allclose(poses[frame, :, 3], position_m, atol=1e-9, err_msg=row.name)
            rotation = _rotation(row, poses[0, :, :3], position_m, s)
            np.testing.assert_allclose(poses[frame, :, :3], rotation, atol=1e-9, err_msg=row.name)


@given(starts(), st.floats(-179, 179))
def test_roll_keeps_the_optical_axis_and_turns_clockwise(start: Start, angle_deg: float) -> None:
    pose, subject_m = start
    poses = Roll(angle_deg=np.array([angle_deg])).poses(pose, subject_m, _PROGRESS)
    np.testing.assert_array_equal(poses.position_m, np.repeat(pose.position_m[:, None], 33, axis=1))
    np.testing.assert_allclose(poses.forward, pose.forward[:, None].repeat(33, 1), atol=1e-12)
    right, down = pose.rotation[0, :, 0], pose.rotation[0, :, 1]
    found = poses.rotation[0, -1, :, 0]
    angle = np.radians(angle_deg)
    np.testing.assert_allclose(found, np.cos(angle) * right + np.sin(angle) * down, atol=1e-12)
    # Clockwise from behind is the roll of Unreal.
    _, rotator_deg = unreal_from_pose(poses[0, -1:])
    assert rotator_deg[0, 2] == pytest.approx(angle_deg, abs=1e-6)


@given(starts(), st.floats(0.4, 2.5), st.floats(0.3, 1.9))
def test_a_dolly_zoom_keeps_the_size_of_its_subject(start: Start, ratio: float, height_m: float) -> None:
    pose, subject_m = start
    motion = DollyZoom(zoom_ratio=np.array([ratio]))
    poses = motion.poses(pose, subject_m, _PROGRESS)
    focal = motion.focal_ratios(poses.position_m, subject_m[:, None], _PROGRESS)
    distance_m = np.linalg.norm(poses.position_m - subject_m[:, None], axis=-1)
    np.testing.assert_allclose(focal, distance_m / distance_m[:, :1], rtol=1e-12)
    np.testing.assert_allclose(distance_m[0, [0, -1]], distance_m[0, 0] * np.array([1, ratio]), rtol=1e-12)
    # Points in the plane of the subject keep their places in the image.
    across_m = subject_m[0] + height_m * pose.rotation[0, :, 1]
    seen = poses.camera_points(across_m[None])[0, :, 0]
    np.testing.assert_allclose(seen[:, 1] / seen[:, 2] * focal[0], height_m / distance_m[0, 0], rtol=1e-9)


@given(starts(), st.floats(0.3, 3.0))
def test_a_zoom_stands_and_equal_progress_is_an_equal_factor(start: Start, ratio: float) -> None:
    pose, subject_m = start
    motion = Zoom(zoom_ratio=np.array([ratio]))
    poses = motion.poses(pose, subject_m, _PROGRESS)
    np.testing.assert_array_equal(poses.world_from_camera[0], pose.world_from_camera.repeat(33, 0))
    focal = motion.focal_ratios(poses.position_m, subject_m[:, None], _PROGRESS)[0]
    np.testing.assert_allclose(focal[1:] / focal[:-1], ratio ** (1 / 32), rtol=1e-12)
    assert focal[0] == 1.0 and focal[-1] == pytest.approx(ratio)


def test_the_oracle_covers_every_motion() -> None:
    assert {motion for rules in _RULES.values() for motion in rules.motions} == set(MOTIONS)
