"""The conversion between Unreal's coordinates and ours is exact both ways; worked examples fix its signs."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from trajectories import (
    CameraPose,
    normal_levels_from_unreal,
    pose_from_unreal,
    transforms_from_unreal,
    triangles_from_unreal,
    unreal_from_pose,
    unreal_from_world,
    world_from_unreal,
    yaw_deg_in_unreal,
)

_locations = arrays(np.float64, 3, elements=st.floats(-1e4, 1e4))
_rotators = st.tuples(st.floats(-89, 89), st.floats(-179, 179), st.floats(-179, 179)).map(np.array)

# One camera in Unreal's numbers and in ours, computed by hand from the matrix of FRotator.
_LOCATION_CM, _ROTATOR_DEG = np.array([100.0, 200.0, 150.0]), np.array([-10.0, 30.0, 0.0])
_ROTATION = np.array(
    [[-0.5, -0.150384, 0.852869], [-0.866025, 0.086824, -0.492404], [0, -0.984808, -0.173648]]
)


def test_worked_example() -> None:
    pose = pose_from_unreal(_LOCATION_CM, _ROTATOR_DEG).checked("example")
    np.testing.assert_allclose(pose.rotation, _ROTATION, atol=1e-5)
    np.testing.assert_allclose(pose.position_m, [1.0, -2.0, 1.5], atol=1e-12)


def test_worked_example_of_a_point_five_metres_ahead() -> None:
    pose = pose_from_unreal(_LOCATION_CM, _ROTATOR_DEG)
    point_m = world_from_unreal(np.array([[483.953, 537.146, 112.416]]))
    np.testing.assert_allclose(pose.camera_points(point_m), [[1.0, -0.5, 5.0]], atol=1e-5)


def test_worked_example_of_a_second_camera() -> None:
    first = pose_from_unreal(_LOCATION_CM, _ROTATOR_DEG)
    second = pose_from_unreal(np.array([130.0, 170.0, 160.0]), np.array([-5.0, 40.0, 0.0]))
    seen = second.seen_from(first)
    np.testing.assert_allclose(seen[0, :3], [0.984808, -0.015134, 0.172987], atol=1e-5)
    np.testing.assert_allclose(seen[:, 3], [-0.409808, -0.117549, 0.090775], atol=1e-5)


@given(_locations, _rotators)
def test_round_trip_from_unreal(location_cm: np.ndarray, rotator_deg: np.ndarray) -> None:
    pose = pose_from_unreal(location_cm, rotator_deg).checked("round trip")
    location, rotator = unreal_from_pose(pose)
    np.testing.assert_allclose(location, location_cm, atol=1e-9)
    np.testing.assert_allclose(rotator, rotator_deg, atol=1e-8)


@given(_locations, st.integers(0, 2**31))
def test_round_trip_from_our_side(position_m: np.ndarray, seed: int) -> None:
    pose = CameraPose.of(Rotation.random(random_state=seed).as_matrix(), position_m)
    again = pose_from_unreal(*unreal_from_pose(pose))
    np.testing.assert_allclose(again.world_from_camera, pose.world_from_camera, atol=1e-9)


@given(_rotators)
def test_rotators_are_scipys_euler_angles(rotator_deg: np.ndarray) -> None:
    pitch, yaw, roll = rotator_deg
    # In our world, yaw is clockwise; then pitch and roll are about the camera's own right and forward axes.
    level = CameraPose.looking(np.zeros(3), np.array([1.0, 0.0, 0.0])).rotation
    turn = Rotation.from_euler("ZYX", [-yaw, -pitch, roll], degrees=True).as_matrix()
    np.testing.assert_allclose(pose_from_unreal(np.zeros(3), rotator_deg).rotation, turn @ level, atol=1e-12)


def test_signs() -> None:
    points_m = np.array([[1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(unreal_from_world(points_m), [[100.0, -200.0, 300.0]])
    np.testing.assert_array_equal(world_from_unreal(unreal_from_world(points_m)), points_m)
    level = CameraPose.looking(np.zeros(3), np.array([1.0, 1.0, 0.0]))
    _, rotator_deg = unreal_from_pose(level)
    np.testing.assert_allclose(rotator_deg, [0.0, yaw_deg_in_unreal(45.0), 0.0], atol=1e-12)


@given(points_cm=arrays(np.float64, (5, 3), elements=st.floats(-1e3, 1e3)), seed=st.integers(0, 99))
def test_moved_points_are_converted_points_moved(points_cm: np.ndarray, seed: int) -> None:
    """Also with scales: converting and moving can be exchanged."""
    matrix = np.eye(4)
    matrix[:, :3] = np.random.Generator(np.random.Philox(seed)).normal(size=(4, 3)) * 3
    moved_cm = (np.c_[points_cm, np.ones(5)] @ matrix)[:, :3]
    transform = transforms_from_unreal(matrix)
    moved_m = world_from_unreal(points_cm) @ transform[:, :3].T + transform[:, 3]
    np.testing.assert_allclose(moved_m, world_from_unreal(moved_cm), atol=1e-9)


def test_triangles_and_normals_point_the_same_way_in_both_spaces() -> None:
    vertices_cm, triangle = np.array([[0.0, 0, 0], [300, 40, 5], [10, 200, 90]]), np.array([[0, 1, 2]])
    outward = np.cross(vertices_cm[1], vertices_cm[2])
    (a, b, c), *_ = world_from_unreal(vertices_cm)[triangles_from_unreal(triangle)]
    ours = np.cross(b - a, c - a)
    np.testing.assert_allclose(ours / np.linalg.norm(ours), outward * (1, -1, 1) / np.linalg.norm(outward))
    unit = outward / np.linalg.norm(outward)
    levels = np.rint(127.5 * unit + 127.5).astype(np.uint8)
    expected = 127.5 * unit * (1, -1, 1) + 127.5
    assert np.abs(normal_levels_from_unreal(levels) - expected).max() <= 0.5
    assert not normal_levels_from_unreal(np.zeros(3, dtype=np.uint8)).any()
