"""Subjects that move: where cameras aim, what they keep away from, and what tables say about it."""

from dataclasses import replace

import numpy as np
import pytest
from trajectory_examples import walking_subjects

from multitake.errors import InputError
from trajectories import ClipTable, clip_table_bytes, read_clips
from trajectories.sampling import (
    PRESETS,
    Limits,
    RigBatch,
    Rules,
    Shot,
    Subjects,
    clips_of_rigs,
    sample_checked_rigs,
    sample_rigs,
)

FRAMES, RIGS = 21, 40
_SHOT = Shot(frames=FRAMES, fps=5.0, width_px=640, height_px=360)
_PAPER = PRESETS["paper"]
_REJECT = ("below_ground", "too_close", "subject_out_of_first_image")
_FILMED = replace(_PAPER, validity=Limits(reject=_REJECT, attempts=100))


def _walkers(rigs: int = RIGS) -> Subjects:
    """People who walk; a second person stands near."""
    walkers = walking_subjects(rigs, frames=FRAMES)
    other_m = np.broadcast_to([[1.0, 1.0, 0.0], [1.0, 1.0, 1.75]], walkers.bodies_m.shape)
    return replace(walkers, bodies_m=np.concatenate([walkers.bodies_m, other_m], axis=1))


def _sample(rules: Rules) -> RigBatch:
    return sample_checked_rigs(rules, _walkers(), shot=_SHOT, seed=4)


def test_a_subject_that_stands_still_is_one_with_equal_points() -> None:
    points_m = np.random.default_rng(1).uniform(-3, 3, (RIGS, 3))
    once = Subjects.standing(points_m, aim_fraction=0.65, shot=_SHOT)
    often = replace(
        once,
        points_m=once.points_m.repeat(FRAMES, axis=1),
        bodies_m=once.bodies_m.repeat(FRAMES, axis=2),
    )
    for rules in (_FILMED, replace(_FILMED, track_target="subject")):
        of_once, of_often, of_points = (
            sample_checked_rigs(rules, subjects, shot=_SHOT, seed=4) for subjects in (once, often, points_m)
        )
        for batch in (of_often, of_points):
            np.testing.assert_allclose(
                batch.poses.world_from_camera, of_once.poses.world_from_camera, atol=1e-12
            )
            np.testing.assert_array_equal(batch.verdicts.is_broken, of_once.verdicts.is_broken)
        tables = [
            clips_of_rigs(one, takes=[f"t{n}" for n in range(RIGS)], shot=_SHOT)
            for one in (of_once, of_often)
        ]
        assert tables[0].columns.equals(tables[1].columns)


def test_tracking_cameras_aim_at_the_subject_where_it_is() -> None:
    at_start, moving = (
        sample_rigs(replace(_PAPER, track_target=target), _walkers(), seed=4, frames=FRAMES)
        for target in ("start", "subject")
    )
    np.testing.assert_array_equal(at_start.poses.position_m, moving.poses.position_m)
    np.testing.assert_array_equal(at_start.poses.rotation[:, :, 0], moving.poses.rotation[:, :, 0])
    is_tracking = moving.moves.is_tracking.reshape(RIGS, -1)
    np.testing.assert_array_equal(at_start.poses.rotation[~is_tracking], moving.poses.rotation[~is_tracking])
    points_m = _walkers().points_m
    for batch, targets_m in ((at_start, points_m[:, :1]), (moving, points_m)):
        toward_m = targets_m[:, None] - batch.poses.position_m
        aside_m = np.linalg.norm(np.cross(batch.poses.forward, toward_m), axis=-1)
        assert aside_m[is_tracking].max() < 1e-9
    assert moving.poses.is_proper.all()


def test_cameras_keep_away_from_every_actor_in_every_frame() -> None:
    batch = _sample(_FILMED)
    position_m = batch.poses.position_m
    # An oracle without the geometry of lines: points on the line between feet and head.
    shares = np.linspace(0, 1, 181)[:, None]
    feet_m, head_m = np.moveaxis(_walkers().bodies_m, 3, 0)
    body_m = feet_m[..., None, :] + shares * (head_m - feet_m)[..., None, :]
    distance_m = np.linalg.norm(position_m[:, :, None, :, None] - body_m[:, None], axis=-1).min(axis=(2, 4))
    assert distance_m.min() >= 0.5 and position_m[..., 2].min() >= 0.1
    unchecked = sample_rigs(_PAPER, _walkers(), seed=4, frames=FRAMES).poses.position_m
    distance_m = np.linalg.norm(unchecked[:, :, None, :, None] - body_m[:, None], axis=-1).min(axis=(2, 4))
    flagged = _sample(_PAPER).verdicts
    found = flagged.is_broken[flagged.reasons.index("too_close")]
    np.testing.assert_array_equal(found, (distance_m < 0.5).any(axis=-1))
    assert found.any()


def test_head_and_chest_are_in_the_first_image() -> None:
    batch = _sample(_FILMED)
    bodies_m = _walkers().bodies_m[:, 0, 0]
    for share in (0.72, 1.0):
        points_m = bodies_m[:, 0] + share * (bodies_m[:, 1] - bodies_m[:, 0])
        for index in range(RIGS):
            rig = batch.rig(index)
            optics = rig.lens.intrinsics(640, 360)
            x, y = optics.project(rig.poses[:, 0].camera_points(points_m[index][None])[:, 0]).T
            assert ((x >= 0) & (x <= 640) & (y >= 0) & (y <= 360)).all()
    counts = _sample(_FILMED).acceptance().rejected
    assert {reason for _, reason in counts} == set(_REJECT)


def test_a_start_that_allows_no_path_is_given_up() -> None:
    """A camera that must come down from a start near the ground is rejected at every attempt of its start."""
    rules = replace(
        _PAPER,
        slots=("translation", "static"),
        translation_axes=("-z",),
        translation_ratio=(1.0, 1.0),
        elevation_deg=(0.0, 45.0),
        radius_m=(1.0, 4.0),
        validity=Limits(reject=("below_ground",), attempts=200),
    )
    batch = sample_checked_rigs(rules, np.tile([[0.0, 0.0, 1.2]], (30, 1)), shot=_SHOT, seed=2)
    assert not batch.verdicts.any_of(("below_ground",)).any()
    assert batch.attempts.max() >= 10


def test_the_clip_table_has_the_path_of_the_subject() -> None:
    walkers, standing = _walkers(3), Subjects.standing(np.ones((1, 3)), aim_fraction=0.65, shot=_SHOT)
    tables = [
        clips_of_rigs(
            sample_rigs(_PAPER, subjects, seed=1, frames=FRAMES),
            takes=[f"{name}{n}" for n in range(len(subjects))],
            shot=_SHOT,
        )
        for name, subjects in (("walk", walkers), ("stand", standing))
    ]
    table = read_clips(clip_table_bytes(ClipTable.concatenated(tables)))
    np.testing.assert_array_equal(table.subject_points_m[:30], walkers.points_m.repeat(10, axis=0))
    np.testing.assert_array_equal(table.subject_points_m[30:], np.ones((10, FRAMES, 3)))
    np.testing.assert_array_equal(table["subject_m"], table.subject_points_m[:, 0])
    assert set(table["ground_m"].tolist()) == {0.0}
    np.testing.assert_allclose(table["subject_height_m"], 1.75)
    focus_m = np.linalg.norm(table.poses.position_m - table.subject_points_m, axis=-1)
    np.testing.assert_allclose(table["focus_distance_m"], focus_m, rtol=1e-5)
    assert table.row(0).subject_path_m is not None and table.row(39).subject_path_m is None


@pytest.mark.parametrize("target", ["start", "subject"])
def test_the_rule_is_in_the_table(target: str) -> None:
    batch = sample_rigs(replace(_PAPER, track_target=target), _walkers(2), seed=1, frames=FRAMES)
    table = clips_of_rigs(batch, takes=["a", "b"], shot=_SHOT)
    assert set(table["track_target"].tolist()) == {target}


def test_long_paths_are_read_and_wrong_ones_refused() -> None:
    subjects = _walkers(1)
    long = replace(
        subjects,
        points_m=np.linspace(0, 1, 1200).reshape(1, 400, 3),
        bodies_m=subjects.bodies_m[:, :, :1].repeat(400, axis=2),
    )
    table = clips_of_rigs(sample_rigs(_PAPER, long, seed=1, frames=400), takes=["a"], shot=Shot(frames=400))
    np.testing.assert_array_equal(
        read_clips(clip_table_bytes(table)).subject_points_m, table.subject_points_m
    )
    short = table.replaced(subject_path_m=[(1.0,) * 30] * len(table))
    with pytest.raises(InputError, match="subject_path_m has 30 numbers, not x, y, z of 400 frames"):
        read_clips(clip_table_bytes(short))
