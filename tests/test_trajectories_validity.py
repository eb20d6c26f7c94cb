"""Checks of camera paths: what each one measures, which bounds it has, and that other checks can be added."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation

from trajectories import CameraPose, Intrinsics, Lens
from trajectories.sampling import (
    ENGINE_PREFIX,
    PATH_CHECKS,
    PRESETS,
    REASONS,
    Limits,
    Measured,
    Paths,
    Shot,
    Subjects,
    check_paths,
    sample_checked_rigs,
    sample_rigs,
)
from trajectories.sampling.validity import focal_lengths

_PAPER = PRESETS["paper"]
# Focal length and width are equal: an image is as wide as it is far.
_SQUARE = Intrinsics(fx_px=1000.0, fy_px=1000.0, cx_px=500.0, cy_px=500.0, width_px=1000, height_px=1000)


# The other reasons need the geometry of a level.
_OF_POSES = {reason for reason in REASONS if not reason.startswith(ENGINE_PREFIX)}


def _path(
    position_m: np.ndarray, rotation: np.ndarray, *, intrinsics: Intrinsics = _SQUARE, fps: float = 15.0
) -> Paths:
    """The path of one camera; the subject is 2 m high, and its chest is 4 m along +X, 1 m high."""
    return Paths(
        poses=CameraPose.of(rotation, position_m)[None, None],
        subjects=_standing(np.array([[4.0, 0.0, 1.0]]), height_m=2.0),
        intrinsics=intrinsics.numbers[None],
        fps=fps,
        focal_lengths_mm=np.full((1, 1, len(position_m)), 35.0),
    )


def _standing(points_m: np.ndarray, *, aim_fraction: float = 0.5, height_m: float = 1.75) -> Subjects:
    return Subjects.standing(points_m, aim_fraction=aim_fraction, shot=Shot(subject_height_m=height_m))


_AHEAD = CameraPose.looking(np.zeros(3), np.array([1.0, 0.0, 0.0])).rotation


def _measured(paths: Paths) -> dict[str, Measured]:
    return {m.reason: m for check in PATH_CHECKS for m in check(paths, Limits())}


def test_kinematics_are_derivatives_in_si_units() -> None:
    time_s = np.arange(200) / 20.0
    position_m = np.stack([0.5 * time_s**3, 0 * time_s, 1 + 0 * time_s], axis=-1)
    found = _measured(_path(position_m, np.repeat(_AHEAD[None], 200, axis=0), fps=20.0))
    middle = time_s[1:] - 1 / 40
    np.testing.assert_allclose(found["too_fast"].values[0, 0, 1:], 1.5 * middle**2, atol=2e-3)
    np.testing.assert_allclose(found["too_abrupt"].values[0, 0, 2:], 3 * time_s[1:-1], atol=1e-6)
    np.testing.assert_allclose(found["too_jerky"].values[0, 0, 3:], 3.0, atol=1e-6)
    assert not found["turns_too_fast"].values.any()


@pytest.mark.parametrize("frames", [1, 2, 3, 4])
def test_frames_without_enough_frames_before_them_have_zero(frames: int) -> None:
    position_m = np.arange(frames)[:, None] ** 3 * np.array([[1.0, 0.0, 0.0]])
    found = _measured(_path(position_m, np.repeat(_AHEAD[None], frames, axis=0), fps=1.0))
    for reason, values in (
        ("too_fast", [0, 1, 7, 19]),
        ("too_abrupt", [0, 0, 6, 12]),
        ("too_jerky", [0, 0, 0, 6]),
        ("turns_too_fast", [0, 0, 0, 0]),
    ):
        np.testing.assert_allclose(found[reason].values[0, 0], values[:frames])


def test_speed_of_rotation_is_the_angle_between_frames() -> None:
    rules = replace(_PAPER, slots=("pan", "static"), constant_share=1.0)
    batch = sample_rigs(rules, np.zeros((5, 3)), seed=1, frames=31)
    paths = Paths(
        poses=batch.poses,
        subjects=batch.subjects,
        intrinsics=np.repeat(_SQUARE.numbers[None], 5, axis=0),
        fps=10.0,
    )
    turning = _measured(paths)["turns_too_fast"].values
    speed_deg = np.abs(batch.moves[0 :: len(batch.rules.slots)].angle_deg) / 3.0
    np.testing.assert_allclose(turning[:, 0, 1:], np.repeat(speed_deg[:, None], 30, axis=1), rtol=1e-9)
    assert (turning[:, 1] < 1e-6).all()


def test_offsets_and_shares_of_the_image() -> None:
    position_m = np.array([[0, 0, 1.0], [0, 1.0, 1.0], [0, -2.0, 1.0], [0, -3.0, 1.0], [5.0, 0, 1.0]])
    found = _measured(_path(position_m, np.repeat(_AHEAD[None], 5, axis=0)))
    offset = found["aim_out_of_image"]
    np.testing.assert_allclose(offset.values[0, 0], [0, 0.5, 1.0, 1.5, np.nan])
    assert offset.is_broken[0, 0].tolist() == [False, False, False, True, True], (
        "behind the camera is outside"
    )
    share = found["subject_out_of_image"].values[0, 0]
    np.testing.assert_allclose(share, [1, 1, 0.5, 0, 0], atol=1e-12)
    # Two metres at a distance of four: half of the image.
    np.testing.assert_allclose(found["subject_too_small"].values[0, 0], [0.5])
    np.testing.assert_array_equal(found["subject_too_large"].values, found["subject_too_small"].values)
    np.testing.assert_allclose(found["below_ground"].values, 1.0)
    np.testing.assert_allclose(found["too_close"].values[0, 0, [0, 4]], [4.0, 1.0])


@given(
    seed=st.integers(0, 2**31),
    focal_px=st.floats(200, 3000),
    centre=st.tuples(st.floats(100, 500), st.floats(100, 400)),
)
def test_the_subject_in_the_image_agrees_with_a_loop_over_points(
    seed: int, focal_px: float, centre: tuple[float, float]
) -> None:
    rng = np.random.default_rng(seed)
    intrinsics = Intrinsics(
        fx_px=focal_px, fy_px=0.9 * focal_px, cx_px=centre[0], cy_px=centre[1], width_px=600, height_px=500
    )
    position_m = np.array([rng.uniform([-4, -3, -1], [2, 3, 3])])
    toward = CameraPose.looking(position_m, np.array([[4.0, 0.0, 1.0]]) - position_m)
    shake = Rotation.from_rotvec(rng.normal(0, 0.2, 3)).as_matrix()
    pose = CameraPose.of(toward.rotation @ shake, position_m)
    found = _measured(_path(position_m, pose.rotation, intrinsics=intrinsics))

    chest, feet, head = pose[0].camera_points(np.array([[4.0, 0, 1], [4.0, 0, 0], [4.0, 0, 2]]))
    x, y = intrinsics.project(chest) / [600, 500]
    assert found["aim_out_of_image"].values.item() == pytest.approx(max(abs(2 * x - 1), abs(2 * y - 1)))
    # The body is half a metre wide at its feet and at its head.
    sides = [intrinsics.project(end + np.array([dx, 0, 0])) for end in (feet, head) for dx in (-0.25, 0.25)]
    low, high = np.min(sides, axis=0), np.max(sides, axis=0)
    visible = np.clip(np.minimum(high, [600, 500]) - np.maximum(low, 0), 0, None).prod()
    share = found["subject_out_of_image"].values.item()
    assert share == pytest.approx(visible / (high - low).prod(), abs=1e-9)
    assert found["subject_too_small"].values.item() == pytest.approx((high - low)[1] / 500)


def test_every_reason_has_a_check_and_every_check_a_reason() -> None:
    assert set(_measured(_path(np.zeros((1, 3)), _AHEAD[None]))) == _OF_POSES


@given(st.lists(st.floats(), min_size=1, max_size=5), st.floats(-10, 10), st.floats(0, 10))
def test_bounds_are_valid_and_nan_is_not(values: list[float], lowest: float, width: float) -> None:
    measured = Measured(
        reason="too_fast", values=np.array([[[*values, lowest]]]), lowest=lowest, highest=lowest + width
    )
    expected = [not lowest <= value <= lowest + width for value in values]
    assert measured.is_broken[0, 0].tolist() == [*expected, False]


def _sampled_paths(rigs: int) -> Paths:
    rules = replace(_PAPER, slots=("translation", "random", "pan"))
    batch = sample_rigs(rules, np.tile([[0.0, 0.0, 1.1]], (rigs, 1)), seed=3, frames=21)
    lens = Lens(focal_length_mm=35.0, f_number=2.8)
    return Paths(
        poses=batch.poses,
        subjects=batch.subjects,
        intrinsics=np.repeat(lens.intrinsics(1280, 720).numbers[None], rigs, axis=0),
        fps=3.75,
        focal_lengths_mm=np.full((rigs, 3, 21), 35.0),
    )


def test_focal_lengths_have_bounds_and_change_the_image() -> None:
    path = _path(np.zeros((3, 3)), np.repeat(_AHEAD[None], 3, axis=0))
    zoomed = replace(path, focal_lengths_mm=np.array([[[20.0, 40.0, 60.0]]]))
    assert [m.reason for m in focal_lengths(zoomed, Limits()) if m.is_broken.any()] == []
    (measured,) = focal_lengths(zoomed, Limits(focal_length_mm=(30.0, 50.0)))
    assert measured.is_broken[0, 0].tolist() == [True, False, True]
    assert list(focal_lengths(replace(path, focal_lengths_mm=None), Limits())) == []
    share, before = (_measured(one)["subject_out_of_image"].values[0, 0] for one in (zoomed, path))
    assert share[0] == before[0] and share[2] < share[1] < share[0]


def test_verdicts_do_not_depend_on_the_batch() -> None:
    paths = _sampled_paths(70)
    complete = check_paths(paths, Limits(), PATH_CHECKS)
    parts = [check_paths(paths[i : i + 1], Limits(), PATH_CHECKS) for i in range(70)]
    assert all(part.reasons == complete.reasons for part in parts) and set(complete.reasons) == _OF_POSES
    for name in ("is_broken", "at_start"):
        joined = np.concatenate([getattr(part, name) for part in parts], axis=1)
        np.testing.assert_array_equal(getattr(complete, name), joined)
    measured = _measured(paths)
    for reason, broken, at_start in zip(complete.reasons, complete.is_broken, complete.at_start, strict=True):
        np.testing.assert_array_equal(broken, measured[reason].is_broken.any(axis=-1))
        first = measured[reason].is_broken[..., 0] & measured[reason].is_of_start
        np.testing.assert_array_equal(at_start, first)
    assert complete.is_broken.any() and complete.at_start.any()
    is_broken = dict(zip(complete.reasons, complete.is_broken, strict=True))
    np.testing.assert_array_equal(
        complete.any_of(("too_close", "below_ground")), is_broken["too_close"] | is_broken["below_ground"]
    )


def test_reasons_whose_policy_is_off_are_not_checked() -> None:
    paths = _sampled_paths(3)
    some = check_paths(paths, Limits(warn=("too_close",), reject=("too_fast",)), PATH_CHECKS)
    assert set(some.reasons) == {"too_close", "too_fast"}
    none = check_paths(paths, Limits(warn=()), PATH_CHECKS)
    assert none.reasons == () and none.is_broken.shape == (0, 3, 3) and not none.any_of(("too_fast",)).any()


def test_looser_limits_break_no_more_paths() -> None:
    paths = _sampled_paths(40)
    counts = []
    for factor in (0.25, 0.5, 1.0, 2.0, 4.0):
        limits = Limits(
            speed_m_per_s=2 * factor,
            acceleration_m_per_s2=factor,
            turn_deg_per_s=20 * factor,
            distance_m=1 / factor,
        )
        counts.append(check_paths(paths, limits, PATH_CHECKS).is_broken)
    for tight, loose in pairwise(counts):
        assert (tight | ~loose).all()
    assert counts[0].sum() > counts[-1].sum()


def _wall(paths: Paths, limits: Limits) -> Iterator[Measured]:
    east_m = paths.poses.position_m[..., 0]
    yield Measured(reason="engine:inside_geometry", values=east_m, lowest=0.0, is_of_start=True)


def test_an_engine_can_add_checks() -> None:
    path = _path(np.zeros((1, 3)), _AHEAD[None])
    assert check_paths(path, Limits(), (_wall,)).reasons == ("engine:inside_geometry",)
    rules = replace(_PAPER, validity=Limits(reject=("engine:inside_geometry",), attempts=40))
    subjects_m = np.tile([[0.0, 0.0, 1.1]], (20, 1))
    shot = Shot(frames=21, fps=3.75)
    batch = sample_checked_rigs(rules, subjects_m, shot=shot, seed=3, checks=(*PATH_CHECKS, _wall))
    assert (batch.poses.position_m[..., 0] >= 0).all()
    assert batch.rejections[batch.verdicts.reasons.index("engine:inside_geometry")].any()


def _hill(paths: Paths, limits: Limits) -> Iterator[Measured]:
    """The ground rises by one metre each metre to the east."""
    above_m = paths.poses.position_m[..., 2] - paths.poses.position_m[..., 0]
    yield Measured(reason="below_ground", values=above_m, lowest=limits.height_m, is_of_start=True)


def test_two_checks_can_have_one_reason() -> None:
    paths = _sampled_paths(40)
    low, below_hill, both = (
        check_paths(paths, Limits(warn=("below_ground",)), checks)
        for checks in (PATH_CHECKS, (_hill,), (*PATH_CHECKS, _hill))
    )
    assert both.reasons == ("below_ground",)
    for name in ("is_broken", "at_start"):
        expected = getattr(low, name) | getattr(below_hill, name)
        np.testing.assert_array_equal(getattr(both, name), expected)
    assert low.is_broken.sum() < both.is_broken.sum()
