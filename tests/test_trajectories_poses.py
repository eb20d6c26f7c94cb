"""CameraPose is a group, and the one Unreal conversion is exact both ways."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from multitake.errors import InputError
from trajectories import (
    CameraPose,
    Lens,
    compose,
    pose_from_unreal,
    unreal_from_pose,
    unreal_from_world,
    world_from_unreal,
    yaw_deg_in_unreal,
)

_EYE = np.eye(3, 4)
_numbers = st.floats(-50, 50, allow_subnormal=False)


@st.composite
def poses(draw: st.DrawFn) -> CameraPose:
    rotation = Rotation.random(random_state=draw(st.integers(0, 2**31))).as_matrix()
    return CameraPose.of(rotation, draw(arrays(np.float64, 3, elements=_numbers)))


@given(poses(), poses(), poses())
def test_composition_is_associative_with_identity_and_inverse(a: CameraPose, b: CameraPose, c: CameraPose):
    a_m, b_m, c_m = a.world_from_camera, b.world_from_camera, c.world_from_camera
    np.testing.assert_allclose(compose(compose(a_m, b_m), c_m), compose(a_m, compose(b_m, c_m)), atol=1e-11)
    np.testing.assert_allclose(compose(a_m, _EYE), a_m, atol=0)
    np.testing.assert_allclose(compose(_EYE, a_m), a_m, atol=0)
    np.testing.assert_allclose(compose(a_m, a.inverse()), _EYE, atol=1e-12)
    np.testing.assert_allclose(compose(a.inverse(), a_m), _EYE, atol=1e-12)


@given(poses(), poses())
def test_seen_from_undoes_composition(reference: CameraPose, pose: CameraPose):
    seen = pose.seen_from(reference)
    np.testing.assert_allclose(compose(reference.world_from_camera, seen), pose.world_from_camera, atol=1e-11)
    np.testing.assert_allclose(pose.seen_from(pose), _EYE, atol=1e-11)


@given(poses(), arrays(np.float64, (4, 3), elements=_numbers))
def test_camera_points_are_what_the_inverse_says(pose: CameraPose, points_m: np.ndarray):
    camera_from_world = pose.inverse()
    expected = points_m @ camera_from_world[:, :3].T + camera_from_world[:, 3]
    np.testing.assert_allclose(pose.camera_points(points_m), expected, atol=1e-11)


@given(arrays(np.float64, 3, elements=_numbers), st.floats(-3.1, 3.1), st.floats(-1.5, 1.5))
def test_looking_is_level_proper_and_aims(position_m: np.ndarray, heading: float, pitch: float):
    forward = np.array([np.cos(pitch) * np.cos(heading), np.cos(pitch) * np.sin(heading), np.sin(pitch)])
    pose = CameraPose.looking(position_m, 7.0 * forward).checked("here")
    np.testing.assert_allclose(pose.forward, forward, atol=1e-12)
    assert pose.rotation[2, 0] == 0.0, "the right axis is level: no roll"
    assert pose.rotation[2, 1] < 0.0, "the camera's y axis points down"
    assert np.linalg.det(pose.rotation) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (lambda r: r * np.array([1.0, -1.0, 1.0])[:, None], "mirrored"),
        (lambda r: r * 1.01, "orthonormal"),
        (lambda r: np.full_like(r, np.nan), "NaN"),
    ],
)
def test_improper_poses_are_refused(spoil, says: str):
    rotation = np.repeat(Rotation.random(random_state=5).as_matrix()[None], 3, axis=0)
    rotation[1] = spoil(rotation[1])
    with pytest.raises(InputError, match=says):
        CameraPose.of(rotation, np.zeros((3, 3))).checked("take 4")


# One camera in Unreal's numbers and in ours, worked out by hand from FRotator's matrix.
_LOCATION_CM, _ROTATOR_DEG = np.array([100.0, 200.0, 150.0]), np.array([-10.0, 30.0, 0.0])
_ROTATION = np.array(
    [[-0.5, -0.150384, 0.852869], [-0.866025, 0.086824, -0.492404], [0, -0.984808, -0.173648]]
)


def test_unreal_worked_example():
    pose = pose_from_unreal(_LOCATION_CM, _ROTATOR_DEG).checked("example")
    np.testing.assert_allclose(pose.rotation, _ROTATION, atol=1e-5)
    np.testing.assert_allclose(pose.position_m, [1.0, -2.0, 1.5], atol=1e-12)


def test_unreal_worked_example_point_five_metres_ahead():
    pose = pose_from_unreal(_LOCATION_CM, _ROTATOR_DEG)
    point_m = world_from_unreal(np.array([[483.953, 537.146, 112.416]]))
    np.testing.assert_allclose(pose.camera_points(point_m), [[1.0, -0.5, 5.0]], atol=1e-5)


def test_unreal_worked_example_second_camera():
    first = pose_from_unreal(_LOCATION_CM, _ROTATOR_DEG)
    second = pose_from_unreal(np.array([130.0, 170.0, 160.0]), np.array([-5.0, 40.0, 0.0]))
    seen = second.seen_from(first)
    np.testing.assert_allclose(seen[0, :3], [0.984808, -0.015134, 0.172987], atol=1e-5)
    np.testing.assert_allclose(seen[:, 3], [-0.409808, -0.117549, 0.090775], atol=1e-5)


@given(
    arrays(np.float64, 3, elements=st.floats(-1e4, 1e4)),
    st.tuples(st.floats(-89, 89), st.floats(-179, 179), st.floats(-179, 179)),
)
def test_unreal_round_trip(location_cm: np.ndarray, pitch_yaw_roll: tuple[float, float, float]):
    rotator_deg = np.array(pitch_yaw_roll)
    pose = pose_from_unreal(location_cm, rotator_deg).checked("round trip")
    location, rotator = unreal_from_pose(pose)
    np.testing.assert_allclose(location, location_cm, atol=1e-9)
    np.testing.assert_allclose(rotator, rotator_deg, atol=1e-8)


@given(poses())
def test_unreal_round_trip_from_our_side(pose: CameraPose):
    again = pose_from_unreal(*unreal_from_pose(pose))
    np.testing.assert_allclose(again.world_from_camera, pose.world_from_camera, atol=1e-9)


def test_unreal_signs():
    points_m = np.array([[1.0, 2.0, 3.0]])
    np.testing.assert_array_equal(unreal_from_world(points_m), [[100.0, -200.0, 300.0]])
    np.testing.assert_array_equal(world_from_unreal(unreal_from_world(points_m)), points_m)
    level = CameraPose.looking(np.zeros(3), np.array([1.0, 1.0, 0.0]))
    _, rotator_deg = unreal_from_pose(level)
    np.testing.assert_allclose(rotator_deg, [0.0, yaw_deg_in_unreal(45.0), 0.0], atol=1e-12)


def test_lens_follows_the_papers_sensor():
    lens = Lens(focal_length_mm=35.0, f_number=2.8)
    assert lens.intrinsics(1280, 1280).fx_px == pytest.approx(1885.52, abs=5e-3)
    assert lens.intrinsics(832, 480).fx_px == pytest.approx(1225.59, abs=5e-3)
    assert lens.horizontal_fov_deg(1280, 1280) == pytest.approx(37.50, abs=5e-3)
    ahead = lens.intrinsics(832, 480).project(np.array([[0.0, 0.0, 2.0]]))
    np.testing.assert_allclose(ahead, [[416.0, 240.0]])
