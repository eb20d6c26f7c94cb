"""Camera poses form a group; improper ones are found; angles, lenses and projections agree with oracles."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.transform import Rotation

from multitake.errors import InputError
from trajectories import CameraPose, Intrinsics, Lens
from trajectories.lenses import image_fractions
from trajectories.poses import compose, rotation_angle_rad

_EYE = np.eye(3, 4)
_numbers = st.floats(-50, 50, allow_subnormal=False)
_points = arrays(np.float64, 3, elements=_numbers)


@st.composite
def poses(draw: st.DrawFn) -> CameraPose:
    rotation = Rotation.random(random_state=draw(st.integers(0, 2**31))).as_matrix()
    return CameraPose.of(rotation, draw(_points))


@given(poses(), poses(), poses())
def test_composition_is_associative_with_identity_and_inverse(
    a: CameraPose, b: CameraPose, c: CameraPose
) -> None:
    a_m, b_m, c_m = a.world_from_camera, b.world_from_camera, c.world_from_camera
    np.testing.assert_allclose(compose(compose(a_m, b_m), c_m), compose(a_m, compose(b_m, c_m)), atol=1e-11)
    np.testing.assert_allclose(compose(a_m, _EYE), a_m, atol=0)
    np.testing.assert_allclose(compose(_EYE, a_m), a_m, atol=0)
    np.testing.assert_allclose(compose(a_m, a.inverse()), _EYE, atol=1e-12)
    np.testing.assert_allclose(compose(a.inverse(), a_m), _EYE, atol=1e-12)


@given(poses(), poses())
def test_seen_from_undoes_composition(reference: CameraPose, pose: CameraPose) -> None:
    seen = pose.seen_from(reference)
    np.testing.assert_allclose(compose(reference.world_from_camera, seen), pose.world_from_camera, atol=1e-11)
    np.testing.assert_allclose(pose.seen_from(pose), _EYE, atol=1e-11)


@given(poses(), arrays(np.float64, (4, 3), elements=_numbers))
def test_camera_points_are_those_of_the_inverse(pose: CameraPose, points_m: np.ndarray) -> None:
    camera_from_world = pose.inverse()
    expected = points_m @ camera_from_world[:, :3].T + camera_from_world[:, 3]
    np.testing.assert_allclose(pose.camera_points(points_m), expected, atol=1e-11)


def test_batches_give_what_single_poses_give() -> None:
    rotation = Rotation.random(6, random_state=1).as_matrix().reshape(2, 3, 3, 3)
    batch = CameraPose.of(rotation, np.arange(18.0).reshape(2, 3, 3))
    points_m = np.array([[1.0, 2.0, 3.0], [-4.0, 0.5, 2.0]])
    for i, j in np.ndindex(2, 3):
        one = batch[i, j]
        np.testing.assert_array_equal(batch.inverse()[i, j], one.inverse())
        np.testing.assert_allclose(
            batch.seen_from(batch[:, :1])[i, j], one.seen_from(batch[i, 0]), atol=1e-15
        )
        np.testing.assert_allclose(
            batch.camera_points(points_m)[i, j], one.camera_points(points_m), atol=1e-14
        )


@given(_points, st.floats(-3.1, 3.1), st.floats(-1.5, 1.5))
def test_looking_is_level_proper_and_aims(position_m: np.ndarray, heading: float, pitch: float) -> None:
    forward = np.array([np.cos(pitch) * np.cos(heading), np.cos(pitch) * np.sin(heading), np.sin(pitch)])
    pose = CameraPose.looking(position_m, 7.0 * forward).checked("here")
    np.testing.assert_allclose(pose.forward, forward, atol=1e-12)
    assert pose.rotation[2, 0] == 0.0, "the right axis is level: no roll"
    assert pose.rotation[2, 1] < 0.0, "the camera's y axis points down"
    assert np.linalg.det(pose.rotation) == pytest.approx(1.0)


def test_looking_straight_up_or_down_is_not_defined() -> None:
    vertical = CameraPose.looking(np.zeros((2, 3)), np.array([[0.0, 0, 1], [0.0, 0, -3]]))
    assert np.isnan(vertical.rotation[..., :2]).all() and not vertical.is_proper.any()


_SPOILED = {
    "rotation is mirrored (determinant -1)": lambda pose: pose * np.array([[1.0], [-1.0], [1.0]]),
    "rotation is not orthonormal (error 0.02)": lambda pose: pose * 1.01,
    "rotation is not orthonormal (error 1)": lambda pose: pose * np.array([[1.0], [0.0], [1.0]]),
    "pose is not finite": lambda pose: pose * np.array([1.0, 1.0, 1.0, np.nan]),
}


@pytest.mark.parametrize("what", _SPOILED)
def test_the_first_improper_pose_is_named(what: str) -> None:
    good = CameraPose.of(Rotation.random(6, random_state=5).as_matrix().reshape(2, 3, 3, 3), np.ones(3))
    assert good.is_proper.all() and good.first_fault() is None and good.checked("take 4") is good
    matrices = good.world_from_camera.copy()
    matrices[1, 1:] = _SPOILED[what](matrices[1, 1:])
    spoiled = CameraPose(matrices)
    np.testing.assert_array_equal(spoiled.is_proper, [[True] * 3, [True, False, False]])
    fault = spoiled.first_fault()
    assert fault is not None and (fault.index, fault.what) == ((1, 1), what)
    with pytest.raises(InputError) as error:
        spoiled.checked("take 4")
    assert str(error.value) == f"take 4: {what}; {fault.fix}"


@given(arrays(np.float64, (3, 4), elements=st.floats(-2, 2)), st.integers(0, 2**31), st.floats(0, 1e-3))
def test_proper_is_orthonormal_with_determinant_one(noise: np.ndarray, seed: int, size: float) -> None:
    matrix = np.column_stack([Rotation.random(random_state=seed).as_matrix(), np.zeros(3)]) + size * noise
    rotation = matrix[:, :3]
    # The largest error of the nine equations, by matrix products.
    error = np.abs(rotation.T @ rotation - np.eye(3)).max()
    is_proper = bool(CameraPose(matrix).is_proper)
    if error < 3e-5:
        assert is_proper
    if error > 3e-4:
        assert not is_proper
    assert not CameraPose(matrix * np.array([[1.0], [1.0], [-1.0]])).is_proper


@given(st.integers(0, 2**31), st.floats(0, math.pi), _points.filter(lambda axis: np.linalg.norm(axis) > 0.1))
def test_angle_between_rotations_is_scipys(seed: int, angle_rad: float, axis: np.ndarray) -> None:
    a = Rotation.random(random_state=seed)
    b = a * Rotation.from_rotvec(angle_rad * axis / np.linalg.norm(axis))
    found = rotation_angle_rad(a.as_matrix(), b.as_matrix())
    # Near half a turn the chord hardly changes, which costs half of the digits.
    assert found == pytest.approx((a.inv() * b).magnitude(), abs=1e-12 if angle_rad < 3 else 1e-7)
    assert 0 <= found <= math.pi


@given(st.floats(5, 200), st.integers(16, 4000), st.integers(16, 4000))
def test_the_longer_side_of_an_image_spans_the_sensor(focal_mm: float, width_px: int, height_px: int) -> None:
    lens = Lens(focal_length_mm=focal_mm, f_number=2.8)
    i = lens.intrinsics(width_px, height_px)
    assert i.fx_px == i.fy_px and (i.cx_px, i.cy_px) == (width_px / 2, height_px / 2)
    longer_fov = 2 * math.atan(max(width_px, height_px) / 2 / i.fx_px)
    assert longer_fov == pytest.approx(2 * math.atan(23.76 / 2 / focal_mm))
    edge = np.array([math.tan(math.radians(lens.horizontal_fov_deg(width_px, height_px)) / 2), 0.0, 1.0])
    np.testing.assert_allclose(i.project(edge), [width_px, height_px / 2], rtol=1e-12)


def test_lens_has_the_numbers_of_the_papers_sensor() -> None:
    lens = Lens(focal_length_mm=35.0, f_number=2.8)
    assert lens.intrinsics(1280, 1280).fx_px == pytest.approx(1885.52, abs=5e-3)
    assert lens.intrinsics(832, 480).fx_px == pytest.approx(1225.59, abs=5e-3)
    assert lens.horizontal_fov_deg(1280, 1280) == pytest.approx(37.50, abs=5e-3)
    ahead = lens.intrinsics(832, 480).project(np.array([[0.0, 0.0, 2.0]]))
    np.testing.assert_allclose(ahead, [[416.0, 240.0]])


@given(arrays(np.float64, (5, 3), elements=_numbers))
def test_projection_is_that_of_a_pinhole_matrix(points_m: np.ndarray) -> None:
    i = Intrinsics(fx_px=500.0, fy_px=450.0, cx_px=300.0, cy_px=250.0, width_px=640, height_px=480)
    matrix = np.array([[i.fx_px, 0, i.cx_px], [0, i.fy_px, i.cy_px], [0, 0, 1]])
    found = i.project(points_m)
    for point_m, pixel in zip(points_m, found, strict=True):
        if point_m[2] > 1e-3:
            u, v, w = matrix @ point_m
            np.testing.assert_allclose(pixel, [u / w, v / w], rtol=1e-12, atol=1e-9)
        else:
            assert np.isnan(pixel).all() == (point_m[2] <= 0), "a point behind the camera has no pixel"
    np.testing.assert_allclose(image_fractions(points_m, i.numbers) * [640, 480], found)


def test_image_fractions_broadcast_over_cameras_and_points() -> None:
    numbers = np.stack(
        [Lens(focal_length_mm=f, f_number=2.8).intrinsics(64, 48).numbers for f in (24.0, 50.0)]
    )
    points_m = np.array([[0.1, 0.2, 1.0], [0.3, -0.1, 2.0], [0.0, 0.0, -1.0]])
    found = image_fractions(points_m[None], numbers[:, None])
    assert found.shape == (2, 3, 2)
    for camera, point in np.ndindex(2, 3):
        np.testing.assert_array_equal(found[camera, point], image_fractions(points_m[point], numbers[camera]))
