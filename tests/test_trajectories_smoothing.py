"""Smoothing removes shake, keeps ends and even movement, and does not depend on the world's axes."""

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trajectories import CameraPose, basic_move, smoothed
from trajectories.poses import compose, rotation_angle_rad

_seeds = st.integers(0, 2**32)
_sigmas = st.floats(1.0, 12.0)


def _shaky(seed: int, frames: int = 60) -> CameraPose:
    rng = np.random.default_rng(seed)
    even = basic_move("arc_left", frames=frames)
    shake = Rotation.from_rotvec(0.02 * rng.standard_normal((frames, 3))).as_matrix()
    return CameraPose.of(even.rotation @ shake, even.position_m + 0.02 * rng.standard_normal((frames, 3)))


def _roughness(poses: CameraPose) -> np.ndarray:
    """Mean change of the speed, in metres and in degrees per frame."""
    turns_deg = np.degrees(rotation_angle_rad(poses.rotation[:-1], poses.rotation[1:]))
    return np.array(
        [np.abs(np.diff(poses.position_m, n=2, axis=0)).mean(), np.abs(np.diff(turns_deg)).mean()]
    )


@settings(max_examples=15, deadline=None)
@given(_seeds, _sigmas)
def test_ends_stay_and_shake_is_removed(seed: int, sigma: float) -> None:
    shaky = _shaky(seed)
    smooth = smoothed(shaky, sigma_frames=sigma).checked("smooth")
    for end in (0, -1):
        np.testing.assert_allclose(smooth.world_from_camera[end], shaky.world_from_camera[end], atol=1e-9)
    assert (_roughness(smooth) < 0.6 * _roughness(shaky)).all()


@settings(max_examples=15, deadline=None)
@given(_seeds, _sigmas)
def test_smoothing_commutes_with_moving_the_world_and_with_reversing_time(seed: int, sigma: float) -> None:
    shaky = _shaky(seed)
    smooth = smoothed(shaky, sigma_frames=sigma)
    world = CameraPose.of(Rotation.from_rotvec([0.3, -2.0, 1.0]).as_matrix(), np.array([1.0, -5.0, 2.0]))
    moved = CameraPose(compose(world.world_from_camera[None], shaky.world_from_camera))
    np.testing.assert_allclose(
        smoothed(moved, sigma_frames=sigma).world_from_camera,
        compose(world.world_from_camera[None], smooth.world_from_camera),
        atol=1e-9,
    )
    np.testing.assert_allclose(
        smoothed(shaky[::-1], sigma_frames=sigma).world_from_camera,
        smooth.world_from_camera[::-1],
        atol=1e-9,
    )


@settings(max_examples=10, deadline=None)
@given(_seeds, _sigmas, st.integers(2, 40))
def test_positions_are_gaussian_means_of_a_loop(seed: int, sigma: float, frames: int) -> None:
    shaky = _shaky(seed, frames)
    points_m, last = shaky.position_m, frames - 1
    reach = min(math.ceil(4 * sigma), last)

    def point(k: int) -> np.ndarray:
        """The path, reflected at its ends."""
        if k < 0:
            return 2 * points_m[0] - points_m[-k]
        return points_m[k] if k <= last else 2 * points_m[last] - points_m[2 * last - k]

    weights = {d: math.exp(-0.5 * (d / sigma) ** 2) for d in range(-reach, reach + 1)}
    expected = [
        sum(weight * point(k + d) for d, weight in weights.items()) / sum(weights.values())
        for k in range(frames)
    ]
    np.testing.assert_allclose(smoothed(shaky, sigma_frames=sigma).position_m, expected, atol=1e-12)


def test_even_movement_does_not_change() -> None:
    pan, zoom = basic_move("pan_left", frames=41), basic_move("zoom_in", frames=41)
    both = CameraPose.of(pan.rotation, zoom.position_m)
    np.testing.assert_allclose(
        smoothed(both, sigma_frames=5.0).world_from_camera, both.world_from_camera, atol=1e-9
    )
    assert smoothed(both, sigma_frames=0.0) is both
    assert smoothed(both[:1], sigma_frames=5.0).world_from_camera.shape == (1, 3, 4)
