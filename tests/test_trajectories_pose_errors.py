"""Pose errors: zero for equals, invariant where promised, equal to an independent computation, never NaN."""

import math
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from multitake.errors import InputError
from trajectories import CameraPose, compose
from trajectories.pose_errors import POSE_ERROR_PRESETS, POSE_ERRORS_INFERRED, PoseErrors, Scale, pose_errors

SCALES = get_args(Scale)
RAW = {"origin": "none", "reduction": "sum", "unit": "rad", "scale": "none"}
FRAMES = 7
seeds = st.integers(0, 2**31)


def walk(seed: int, *, reach_m: float = 3.0) -> CameraPose:
    rotation = Rotation.random(FRAMES, random_state=seed).as_matrix()
    position = np.random.Generator(np.random.Philox(seed)).uniform(-reach_m, reach_m, (FRAMES, 3))
    return CameraPose.of(rotation, position)


def near(pose: CameraPose, seed: int, *, rad: float = 0.05, shift_m: float = 0.1) -> CameraPose:
    rng = np.random.Generator(np.random.Philox(seed + 1))
    turn = Rotation.from_rotvec(rng.normal(0, rad, (FRAMES, 3))).as_matrix()
    return CameraPose.of(turn @ pose.rotation, pose.position_m + rng.normal(0, shift_m, (FRAMES, 3)))


def scaled(pose: CameraPose, factor: float) -> CameraPose:
    return CameraPose.of(pose.rotation, factor * pose.position_m)


def figures(errors: PoseErrors) -> tuple[float, float, float]:
    return errors.rotation, errors.translation, errors.cam_mc


@given(seeds, st.sampled_from(SCALES), st.sampled_from(["first_frame", "none"]))
def test_zero_for_equals(seed: int, scale: Scale, origin: str):
    errors = pose_errors(walk(seed), walk(seed), **{**RAW, "scale": scale, "origin": origin})
    assert figures(errors) == pytest.approx((0, 0, 0), abs=1e-12)


@given(seeds, st.sampled_from(SCALES))
def test_a_common_move_of_both_changes_nothing(seed: int, scale: Scale):
    truth, move = walk(seed), walk(seed + 7)[:1].world_from_camera
    settings = {**RAW, "scale": scale, "origin": "first_frame"}
    # Relative to the first frame, each may even be moved on its own.
    moved = CameraPose(compose(move, near(truth, seed).world_from_camera))
    expected = figures(pose_errors(near(truth, seed), truth, **settings))
    assert figures(pose_errors(moved, truth, **settings)) == pytest.approx(expected, abs=1e-9)
    both = pose_errors(moved, CameraPose(compose(move, truth.world_from_camera)), **RAW)
    raw = pose_errors(near(truth, seed), truth, **RAW)
    assert (both.rotation, both.translation) == pytest.approx((raw.rotation, raw.translation), abs=1e-9)


@given(seeds, st.floats(1e-3, 1e3), st.sampled_from(["self_max", "median", "umeyama"]))
def test_scale_of_the_estimate_does_not_matter(seed: int, factor: float, scale: Scale):
    truth = walk(seed)
    settings = {**RAW, "scale": scale, "origin": "first_frame"}
    expected = figures(pose_errors(near(truth, seed), truth, **settings))
    assert figures(pose_errors(scaled(near(truth, seed), factor), truth, **settings)) == pytest.approx(
        expected
    )


@given(seeds, st.floats(0.1, 10))
def test_scale_of_both_does_not_matter_to_gt_max(seed: int, factor: float):
    truth, settings = walk(seed), {**RAW, "scale": "gt_max"}
    expected = figures(pose_errors(near(truth, seed), truth, **settings))
    both = pose_errors(scaled(near(truth, seed), factor), scaled(truth, factor), **settings)
    assert figures(both) == pytest.approx(expected)
    wrong = pose_errors(scaled(truth, 2.0), truth, **settings)
    assert wrong.translation > 0.1, "gt_max does see a wrong scale"


@given(seeds, st.sampled_from(SCALES), st.booleans())
def test_agrees_with_a_loop_over_frames(seed: int, scale: Scale, squared: bool):
    truth = walk(seed)
    estimate = scaled(near(truth, seed, rad=0.8, shift_m=0.5), 1.7)
    found = pose_errors(
        estimate, truth, origin="first_frame", reduction="mean", unit="deg", scale=scale, squared=squared
    )
    assert figures(found) == pytest.approx(_loop(estimate, truth, scale, squared), rel=1e-9)


def _loop(estimate: CameraPose, truth: CameraPose, scale: Scale, squared: bool) -> tuple[float, float, float]:
    """Means in degrees, by 4 x 4 matrices, scipy's angles and its alignment of vectors."""
    square = np.tile(np.eye(4), (2, FRAMES, 1, 1))
    square[0, :, :3], square[1, :, :3] = estimate.world_from_camera, truth.world_from_camera
    relative = np.array([[np.linalg.inv(poses[0]) @ pose for pose in poses] for poses in square])
    t = relative[:, :, :3, 3]
    length = np.array([[math.dist(point, (0, 0, 0)) for point in points] for points in t])
    a, b = (points - points.mean(axis=0) for points in t)
    aligned = Rotation.align_vectors(b, a)[0].apply(a)
    of_estimate, of_truth = {
        "none": (1, 1),
        "self_max": (1 / length[0].max(), 1 / length[1].max()),
        "gt_max": (1 / length[1].max(), 1 / length[1].max()),
        "median": (np.median(length[1]) / np.median(length[0]), 1),
        "umeyama": ((aligned * b).sum() / (a * a).sum(), 1),
    }[scale]
    angles, shifts, mc = [], [], []
    for m, n in zip(*relative, strict=True):
        angles.append(
            math.degrees(
                (Rotation.from_matrix(m[:3, :3]).inv() * Rotation.from_matrix(n[:3, :3])).magnitude()
            )
        )
        shift = of_estimate * m[:3, 3] - of_truth * n[:3, 3]
        shifts.append(float(shift @ shift) if squared else math.sqrt(shift @ shift))
        mc.append(np.linalg.norm(np.column_stack([m[:3, :3] - n[:3, :3], shift])))
    return float(np.mean(angles)), float(np.mean(shifts)), float(np.mean(mc))


@given(st.floats(1e-12, math.pi), seeds)
def test_angles_from_tiny_to_half_a_turn(angle: float, seed: int):
    truth = walk(seed)
    axis = np.array([0.6, -0.48, 0.64])
    turned = CameraPose.of(Rotation.from_rotvec(angle * axis).as_matrix() @ truth.rotation, truth.position_m)
    errors = pose_errors(turned, truth, **{**RAW, "reduction": "mean"})
    # Near half a turn the chord is flat, which costs half the digits.
    assert errors.rotation == pytest.approx(angle, rel=1e-6, abs=1e-15 if angle < 3 else 1e-7)


@pytest.mark.parametrize("origin", ["first_frame", "none"])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("estimate_moves", [0.0, 1e-13, 0.2])
@pytest.mark.parametrize("truth_moves", [0.0, 1e-7, 1.0])
def test_still_cameras_give_finite_errors(origin, scale: Scale, estimate_moves: float, truth_moves: float):
    settings = {**RAW, "scale": scale, "origin": origin}
    turn = Rotation.from_rotvec(np.linspace(0, 0.3, FRAMES)[:, None] * [0.0, 0.0, 1.0]).as_matrix()
    path = np.linspace(0, 1, FRAMES)[:, None] * [1.0, 2.0, 2.0]
    pan, estimate = (CameraPose.of(turn, moves * path) for moves in (truth_moves, estimate_moves))
    errors = pose_errors(estimate, pan, **settings)
    assert np.isfinite(figures(errors)).all() and errors.rotation == pytest.approx(0, abs=1e-12)
    assert errors.has_scale == (truth_moves == 1.0 or scale == "none")
    assert errors.translation <= 3 * FRAMES, "noise is not blown up"


def test_a_late_mover_has_a_scale_too():
    position = np.zeros((FRAMES, 3))
    position[-1] = [3.0, 0, 0]
    late = CameraPose.of(np.tile(np.eye(3), (FRAMES, 1, 1)), position)
    for scale in SCALES[1:]:
        errors = pose_errors(late, late, **{**RAW, "scale": scale})
        assert errors.has_scale and figures(errors) == pytest.approx((0, 0, 0), abs=1e-12)


def test_known_figures_and_settings_are_told():
    truth = CameraPose.of(np.tile(np.eye(3), (2, 1, 1)), np.array([[0.0, 0, 0], [2.0, 0, 0]]))
    turn = Rotation.from_rotvec([0, 0, math.radians(3)]).as_matrix()
    estimate = CameraPose.of(np.stack([np.eye(3), turn]), np.array([[0.0, 0, 0], [0, 5.0, 0]]))
    errors = pose_errors(estimate, truth, origin="first_frame", reduction="sum", unit="deg", scale="self_max")
    assert errors.rotation == pytest.approx(3.0)
    assert errors.translation == pytest.approx(math.sqrt(2))
    text = str(errors)
    for word in ("RotErr 3 deg", "TransErr 1.414", "sum of 2 frames", "origin first_frame", "scale self_max"):
        assert word in text
    mean = pose_errors(estimate, truth, **POSE_ERROR_PRESETS["postcam"])
    assert (mean.rotation, mean.reduction, mean.unit) == (pytest.approx(math.radians(1.5)), "mean", "rad")
    assert (mean.frames, mean.squared, mean.scale) == (2, False, "self_max")


def test_presets_say_what_is_inferred():
    assert (
        set(POSE_ERROR_PRESETS)
        == set(POSE_ERRORS_INFERRED)
        == {"recammaster", "postcam", "cami2v", "cameractrl"}
    )
    for name, settings in POSE_ERROR_PRESETS.items():
        assert set(POSE_ERRORS_INFERRED[name]) <= set(settings)


def test_bad_trajectories_are_refused():
    good = walk(1)
    for estimate, says in (
        (good[:3], "equal frames"),
        (CameraPose(np.empty((0, 3, 4))), "equal frames"),
        (CameraPose(good.world_from_camera * np.nan), "estimate: .*NaN"),
        (CameraPose.of(-good.rotation, good.position_m), "mirrored"),
    ):
        with pytest.raises(InputError, match=says):
            pose_errors(estimate, good, **RAW)
