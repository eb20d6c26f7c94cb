"""Pose errors are zero for equal paths, invariant as documented, equal to a plain loop, and always finite."""

import math
import re
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from multitake.errors import InputError
from trajectories import CameraPose
from trajectories.pose_errors import POSE_ERROR_PRESETS, POSE_ERRORS_INFERRED, PoseErrors, Scale, pose_errors
from trajectories.poses import compose

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
def test_equal_paths_have_no_error(seed: int, scale: Scale, origin: str) -> None:
    errors = pose_errors(walk(seed), walk(seed), **{**RAW, "scale": scale, "origin": origin})
    assert figures(errors) == pytest.approx((0, 0, 0), abs=1e-12)


@given(seeds, st.sampled_from(SCALES))
def test_moving_both_in_the_world_changes_nothing(seed: int, scale: Scale) -> None:
    truth, move = walk(seed), walk(seed + 7)[:1].world_from_camera
    settings = {**RAW, "scale": scale, "origin": "first_frame"}
    # Relative to the first frame, one of them may be moved alone.
    moved = CameraPose(compose(move, near(truth, seed).world_from_camera))
    expected = figures(pose_errors(near(truth, seed), truth, **settings))
    assert figures(pose_errors(moved, truth, **settings)) == pytest.approx(expected, abs=1e-9)
    both = pose_errors(moved, CameraPose(compose(move, truth.world_from_camera)), **RAW)
    raw = pose_errors(near(truth, seed), truth, **RAW)
    assert (both.rotation, both.translation) == pytest.approx((raw.rotation, raw.translation), abs=1e-9)


@given(seeds, st.floats(1e-3, 1e3), st.sampled_from(["self_max", "median", "umeyama"]))
def test_scale_of_the_estimate_does_not_matter(seed: int, factor: float, scale: Scale) -> None:
    truth = walk(seed)
    settings = {**RAW, "scale": scale, "origin": "first_frame"}
    expected = figures(pose_errors(near(truth, seed), truth, **settings))
    assert figures(pose_errors(scaled(near(truth, seed), factor), truth, **settings)) == pytest.approx(
        expected
    )


@given(seeds, st.floats(0.1, 10))
def test_scale_of_both_does_not_matter_to_gt_max(seed: int, factor: float) -> None:
    truth, settings = walk(seed), {**RAW, "scale": "gt_max"}
    expected = figures(pose_errors(near(truth, seed), truth, **settings))
    both = pose_errors(scaled(near(truth, seed), factor), scaled(truth, factor), **settings)
    assert figures(both) == pytest.approx(expected)
    wrong = pose_errors(scaled(truth, 2.0), truth, **settings)
    assert wrong.translation > 0.1, "an estimate of another scale has an error"


@given(seeds, st.sampled_from(SCALES), st.booleans())
def test_agrees_with_a_loop_over_frames(seed: int, scale: Scale, squared: bool) -> None:
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
def test_angles_from_tiny_to_half_a_turn(angle: float, seed: int) -> None:
    truth = walk(seed)
    axis = np.array([0.6, -0.48, 0.64])
    turned = CameraPose.of(Rotation.from_rotvec(angle * axis).as_matrix() @ truth.rotation, truth.position_m)
    errors = pose_errors(turned, truth, **{**RAW, "reduction": "mean"})
    # Near half a turn the chord hardly changes, which costs half of the digits.
    assert errors.rotation == pytest.approx(angle, rel=1e-6, abs=1e-15 if angle < 3 else 1e-7)


@pytest.mark.parametrize("origin", ["first_frame", "none"])
@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("estimate_moves", [0.0, 1e-13, 0.2])
@pytest.mark.parametrize("truth_moves", [0.0, 1e-7, 1.0])
def test_static_cameras_give_finite_errors(
    origin: str, scale: Scale, estimate_moves: float, truth_moves: float
) -> None:
    settings = {**RAW, "scale": scale, "origin": origin}
    turn = Rotation.from_rotvec(np.linspace(0, 0.3, FRAMES)[:, None] * [0.0, 0.0, 1.0]).as_matrix()
    path = np.linspace(0, 1, FRAMES)[:, None] * [1.0, 2.0, 2.0]
    pan, estimate = (CameraPose.of(turn, moves * path) for moves in (truth_moves, estimate_moves))
    errors = pose_errors(estimate, pan, **settings)
    assert np.isfinite(figures(errors)).all() and errors.rotation == pytest.approx(0, abs=1e-12)
    assert errors.has_scale == (truth_moves == 1.0 or scale == "none")
    assert errors.translation <= 3 * FRAMES, "noise is not amplified"


def test_a_camera_that_moves_in_its_last_frame_has_a_scale() -> None:
    position = np.zeros((FRAMES, 3))
    position[-1] = [3.0, 0, 0]
    late = CameraPose.of(np.tile(np.eye(3), (FRAMES, 1, 1)), position)
    for scale in SCALES[1:]:
        errors = pose_errors(late, late, **{**RAW, "scale": scale})
        assert errors.has_scale and figures(errors) == pytest.approx((0, 0, 0), abs=1e-12)


def test_known_figures_and_their_settings_are_printed() -> None:
    truth = CameraPose.of(np.tile(np.eye(3), (2, 1, 1)), np.array([[0.0, 0, 0], [2.0, 0, 0]]))
    turn = Rotation.from_rotvec([0, 0, math.radians(3)]).as_matrix()
    estimate = CameraPose.of(np.stack([np.eye(3), turn]), np.array([[0.0, 0, 0], [0, 5.0, 0]]))
    errors = pose_errors(estimate, truth, origin="first_frame", reduction="sum", unit="deg", scale="self_max")
    assert errors.rotation == pytest.approx(3.0)
    assert errors.translation == pytest.approx(math.sqrt(2))
    assert errors.cam_mc == pytest.approx(
        math.hypot(2 * math.sqrt(2) * math.sin(math.radians(1.5)), math.sqrt(2))
    )
    assert str(errors) == (
        f"RotErr 3 deg, TransErr 1.414, CamMC {errors.cam_mc:.4g} "
        "(sum of 2 frames, origin first_frame, scale self_max)"
    )
    squared = pose_errors(estimate, truth, **RAW, squared=True)
    assert squared.translation == pytest.approx(29.0) and "TransErr 29, squared," in str(squared)
    still = pose_errors(estimate, truth[[0, 0]], **POSE_ERROR_PRESETS["cami2v"])
    assert str(still).endswith("scale self_max, undefined: the true camera is static)")
    mean = pose_errors(estimate, truth, **POSE_ERROR_PRESETS["postcam"])
    assert (mean.rotation, mean.reduction, mean.unit) == (pytest.approx(math.radians(1.5)), "mean", "rad")
    assert (mean.frames, mean.squared, mean.scale) == (2, False, "self_max")


@given(seeds, st.sampled_from(SCALES))
def test_a_sum_is_the_mean_times_the_frames(seed: int, scale: Scale) -> None:
    truth = walk(seed)
    settings = {**RAW, "scale": scale}
    total, mean = (
        pose_errors(near(truth, seed), truth, **{**settings, "reduction": reduction})
        for reduction in ("sum", "mean")
    )
    assert figures(total) == pytest.approx([FRAMES * figure for figure in figures(mean)])
    degrees = pose_errors(near(truth, seed), truth, **{**settings, "unit": "deg"})
    assert degrees.rotation == pytest.approx(math.degrees(total.rotation))
    assert (degrees.translation, degrees.cam_mc) == (total.translation, total.cam_mc)


def test_presets_name_the_settings_that_are_inferred() -> None:
    presets = {"recammaster", "postcam", "cami2v", "cameractrl"}
    assert set(POSE_ERROR_PRESETS) == set(POSE_ERRORS_INFERRED) == presets
    for name, settings in POSE_ERROR_PRESETS.items():
        assert set(POSE_ERRORS_INFERRED[name]) <= set(settings)
        pose_errors(walk(1), walk(2), **settings)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (
            lambda good: good[:3],
            "pose errors: the estimate has batch (3,), the truth (7,); give one camera each",
        ),
        (
            lambda good: CameraPose(np.empty((0, 3, 4))),
            "pose errors: the estimate has batch (0,), the truth (7,)",
        ),
        (
            lambda good: CameraPose(good.world_from_camera[None]),
            "the estimate has batch (1, 7), the truth (7,)",
        ),
        (
            lambda good: CameraPose(good.world_from_camera * np.nan),
            "pose errors: estimate: pose is not finite",
        ),
        (
            lambda good: CameraPose.of(-good.rotation, good.position_m),
            "pose errors: estimate: rotation is mirrored",
        ),
    ],
)
def test_trajectories_that_cannot_be_compared_are_named(spoil, message: str) -> None:
    good = walk(1)
    with pytest.raises(InputError, match=re.escape(message)):
        pose_errors(spoil(good), good, **RAW)
    if "estimate: " in message:
        with pytest.raises(InputError, match=re.escape(message.replace("estimate: ", "truth: "))):
            pose_errors(good, spoil(good), **RAW)


def test_two_empty_trajectories_have_no_errors() -> None:
    empty = CameraPose(np.empty((0, 3, 4)))
    with pytest.raises(InputError, match="with the same number of frames"):
        pose_errors(empty, empty, **RAW)
