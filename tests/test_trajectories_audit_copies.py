"""Copied rigs: what a descriptor ignores, which changed copies are found, and that sampled sets have none."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from audit_examples import PAPER, sampled_clips
from hypothesis import given
from hypothesis import strategies as st

from multitake.errors import InputError
from multitake.randomness import rng_for
from trajectories import CameraPose, ClipTable
from trajectories.audit import AuditReport, RigCopy
from trajectories.audit.accumulator import Accumulator
from trajectories.audit.from_trajectories import with_recovered_moves
from trajectories.audit.measured.copies import rig_copies
from trajectories.audit.measured.fingerprints import Fingerprints
from trajectories.audit.measured.rig_shapes import RigShapes
from trajectories.audit.policies import FAIL_ON, checked_policies
from trajectories.sampling import PRESETS, sample_rigs
from trajectories.sampling.moves import Moves
from trajectories.speed import speed_curve, time_fractions

Change = Callable[[ClipTable], ClipTable]


# ---------------------------------------------------------------- changes that keep the moves of cameras
def mapped(clips: ClipTable, matrix: np.ndarray, offset_m: np.ndarray | float = 0.0) -> ClipTable:
    """The clips after a linear map of the world; a camera's right axis is turned around in a mirror."""
    poses, size = clips.poses.world_from_camera, np.cbrt(np.abs(np.linalg.det(matrix)))
    rotation = matrix / size @ poses[..., :3]
    if np.linalg.det(matrix) < 0:
        rotation = rotation * [-1.0, 1.0, 1.0]
    moved = replace(clips, poses=CameraPose.of(rotation, poses[..., 3] @ matrix.T + offset_m))
    return moved.replaced(subject_m=clips["subject_m"] @ matrix.T + offset_m)


def rotated(turn_rad: float) -> Change:
    cos, sin = np.cos(turn_rad), np.sin(turn_rad)
    return lambda clips: mapped(clips, np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]]))


def recentred(x_m: float, y_m: float) -> Change:
    return lambda clips: mapped(clips, np.eye(3), np.array([x_m, y_m, 0.0]))


def scaled(size: float) -> Change:
    return lambda clips: mapped(clips, size * np.eye(3))


def mirrored(clips: ClipTable) -> ClipTable:
    return mapped(clips, np.diag([1.0, -1.0, 1.0]))


def time_reversed(clips: ClipTable) -> ClipTable:
    return replace(clips, poses=clips.poses[:, ::-1])


def noisy(clips: ClipTable) -> ClipTable:
    """Positions with errors of 0.2 % of the start distance."""
    poses = clips.poses.world_from_camera.copy()
    start_m = np.linalg.norm(poses[:, 0, :, 3] - clips["subject_m"], axis=1)
    errors = rng_for(0, "noise").normal(size=poses[..., 3].shape)
    poses[..., 3] += 0.002 * start_m[:, None, None] * errors
    return replace(clips, poses=CameraPose(poses))


def _with_errors(clips: ClipTable, frames: int) -> ClipTable:
    """Positions with errors of 1 % of the start distance: one for each frame, or one for the entire clip."""
    poses = clips.poses.world_from_camera.copy()
    start_m = np.linalg.norm(poses[:, 0, :, 3] - clips["subject_m"], axis=1)
    errors = rng_for(0, "errors").normal(size=(len(clips), frames, 3)) / np.sqrt(3)
    poses[..., 3] += 0.01 * start_m[:, None, None] * errors
    return replace(clips, poses=CameraPose(poses))


def with_noise(clips: ClipTable) -> ClipTable:
    return _with_errors(clips, clips.frames)


def with_offsets(clips: ClipTable) -> ClipTable:
    return _with_errors(clips, 1)


def from_another_start(clips: ClipTable) -> ClipTable:
    """The same moves by their columns, from the starts of other rigs; paths are as long in metres."""
    rigs, cameras = len(clips) // 10, 10
    other = sample_rigs(PAPER, clips["subject_m"][::cameras], seed=77, frames=1)
    start = CameraPose(other.poses.world_from_camera.reshape(rigs * cameras, 3, 4))
    moves, progress = Moves.of_clips(clips), np.zeros((len(clips), clips.frames))
    progress[:] = speed_curve(time_fractions(clips.frames, "closed")[None], clips["speed_a"][:, None])
    poses = clips.poses.world_from_camera.copy()
    for rows, motion in moves.groups(PAPER):
        poses[rows] = motion.poses(start[rows], clips["subject_m"][rows], progress[rows]).world_from_camera
    return replace(clips, poses=CameraPose(poses))


def without_columns(clips: ClipTable) -> ClipTable:
    """The clips as a file without columns about moves and subjects."""
    names = ("take", "camera", "split", "fps")
    return ClipTable.of(clips.poses, **{name: clips[name] for name in names})


@cache
def set_of(preset: str) -> ClipTable:
    return sampled_clips(120, rules=PRESETS[preset])


def copies_in(clips: ClipTable, change: Change, split: str, rigs: int = 12) -> ClipTable:
    """The set, and its last rigs changed, with other names."""
    some = clips.rows(slice(len(clips) - 10 * rigs, len(clips)))
    changed = change(some).replaced(take=np.char.add("copy_", some["take"]), split=split)
    return ClipTable.concatenated([clips, changed])


def found_in(clips: ClipTable) -> tuple[RigCopy, ...]:
    return rig_copies(Fingerprints.of(clips))


def report_of(clips: ClipTable, fail_on: tuple[str, ...] = ()) -> AuditReport:
    accumulator = Accumulator(name="clips", rules=PAPER, depth="comparison", fail_on=fail_on)
    accumulator.add(clips)
    return accumulator.report()


# ---------------------------------------------------------------- laws
@given(
    turn_rad=st.floats(-3.1, 3.1),
    x_m=st.floats(-50, 50),
    size=st.floats(0.7, 3.0),
    seed=st.integers(0, 1000),
)
def test_a_descriptor_ignores_place_direction_size_and_order(
    turn_rad: float, x_m: float, size: float, seed: int
):
    clips = set_of("paper").rows(slice(100, 200))
    order = np.random.default_rng(seed).permutation(10) + 10 * np.arange(10)[:, None]
    changed = scaled(size)(recentred(x_m, -x_m)(rotated(turn_rad)(clips.rows(order.ravel()))))
    expected, found = (RigShapes.of(Fingerprints.of(c)).descriptors() for c in (clips, changed))
    np.testing.assert_allclose(found, expected, atol=2e-4)


@given(turn_rad=st.floats(-3.1, 3.1), frames=st.sampled_from([9, 16, 20, 21]))
def test_mirrors_and_time_reversal_of_shapes_are_those_of_clips(turn_rad: float, frames: int):
    clips = sampled_clips(10, frames=frames)
    shapes = RigShapes.of(Fingerprints.of(clips))
    for change, of_shapes in ((mirrored, shapes.mirrored()), (time_reversed, shapes.time_reversed())):
        changed = RigShapes.of(Fingerprints.of(rotated(turn_rad)(change(clips))))
        np.testing.assert_allclose(changed.descriptors(), of_shapes.descriptors(), atol=2e-4)


def test_neither_a_mirror_nor_time_reversal_keeps_a_descriptor():
    shapes = RigShapes.of(Fingerprints.of(set_of("paper")))
    for changed in (shapes.mirrored(), shapes.time_reversed()):
        apart = np.linalg.norm(changed.descriptors() - shapes.descriptors(), axis=1)
        assert np.quantile(apart, 0.05) > 0.06


# ---------------------------------------------------------------- planted copies
KINDS: dict[str, tuple[Change, ...]] = {
    "exact": (),
    "noisy": (noisy,),
    "rotated, re-centred": (rotated(2.0),),
    "mirrored, re-centred": (mirrored,),
    "re-centred": (recentred(3.0, -2.0),),
    "time-reversed": (time_reversed,),
    "noisy, mirrored, re-centred": (mirrored, noisy, recentred(1.0, 7.0)),
    "noisy, time-reversed, rotated, re-centred": (rotated(-1.0), time_reversed, noisy),
    "same moves": (from_another_start,),
}


def _plain(take: str) -> str:
    return take.removeprefix("copy_")


def all_of(changes: tuple[Change, ...]) -> Change:
    def change(clips: ClipTable) -> ClipTable:
        for one in changes:
            clips = one(clips)
        return clips

    return change


@pytest.mark.parametrize("split", ["train", "val"])
@pytest.mark.parametrize("kind", KINDS)
def test_copies_are_found_and_named_by_kind(kind: str, split: str):
    found = found_in(copies_in(set_of("paper"), all_of(KINDS[kind]), split))
    assert len(found) == 12
    assert all({copy.rig, copy.of} == {f"copy_{name}", name} for copy in found for name in [_plain(copy.of)])
    assert {copy.kind for copy in found} == {kind}
    assert {copy.is_leak for copy in found} == {split == "val"}


@pytest.mark.parametrize("kind", ["noisy", "rotated, re-centred", "mirrored, re-centred", "time-reversed"])
def test_changed_copies_of_rigs_with_few_moves_are_found(kind: str):
    found = found_in(copies_in(set_of("toy"), all_of(KINDS[kind]), "val"))
    assert len(found) >= 10


@pytest.mark.parametrize("layout", ["shared", "independent"])
@pytest.mark.parametrize("errors", [with_noise, with_offsets])
@pytest.mark.parametrize(
    "changes", [(), (rotated(2.0), recentred(3.0, -2.0)), (mirrored, scaled(0.6), time_reversed)]
)
def test_copies_with_errors_of_one_percent_are_found_by_poses_alone(
    changes: tuple[Change, ...], errors: Change, layout: str
):
    """Noise makes every camera of the copy a random move, also cameras at rest."""
    clips = sampled_clips(60, rules=replace(PAPER, layout=layout))
    planted = without_columns(copies_in(clips, all_of((*changes, errors)), "val", rigs=30))
    found = found_in(with_recovered_moves(planted, None))
    assert {copy.rig for copy in found} == {f"copy_street_{rig:06d}" for rig in range(30, 60)}
    assert all(copy.of == _plain(copy.rig) and "noisy" in copy.changes for copy in found)
    assert all(("re-centred" in copy.changes) == bool(changes) for copy in found)


@pytest.mark.parametrize("errors", [with_noise, with_offsets])
def test_copies_with_errors_of_rigs_with_few_moves_are_found(errors: Change):
    planted = without_columns(copies_in(set_of("toy"), errors, "val", rigs=30))
    found = found_in(with_recovered_moves(planted, None))
    assert len(found) >= 28
    assert all("noisy" in copy.changes for copy in found)


def test_noisy_copies_of_rigs_that_only_rotate_are_found():
    clips = sampled_clips(100, rules=replace(PAPER, slots=("pan", "tilt", "pan_tilt", "pan")))
    some = clips.rows(slice(0, 30 * len(clips) // 100))
    copies = with_noise(rotated(1.0)(some)).replaced(take=np.char.add("copy_", some["take"]), split="val")
    found = found_in(ClipTable.concatenated([clips, copies]))
    assert [copy.of for copy in found] == [_plain(copy.rig) for copy in found]
    assert len(found) == 30


@pytest.mark.parametrize("changes", [(noisy,), (rotated(2.0),), (mirrored,), (time_reversed,)])
def test_copies_are_found_by_poses_alone(changes: tuple[Change, ...]):
    clips = without_columns(copies_in(set_of("paper"), all_of(changes), "val"))
    accumulator = Accumulator(name="clips", rules=None, depth="comparison")
    accumulator.add(clips)
    report = accumulator.report()
    assert report.redundancy is not None
    assert len(report.redundancy.copies) == 12
    assert report.errors == {"split_leak": 12}
    assert not report.is_ok


def test_cameras_in_another_order_are_the_same_rig():
    def renamed(clips: ClipTable) -> ClipTable:
        order = np.random.default_rng(0).permutation(10) + 10 * np.arange(len(clips) // 10)[:, None]
        return rotated(1.0)(clips.rows(order.ravel())).replaced(camera=clips["camera"])

    assert {copy.kind for copy in found_in(copies_in(set_of("paper"), renamed, "val"))} == {
        "rotated, re-centred"
    }


@pytest.mark.parametrize("layout", ["shared", "independent", "mixed"])
@pytest.mark.parametrize("preset", ["paper", "release", "toy"])
def test_sampled_rigs_are_no_copies(preset: str, layout: str):
    rules = replace(PRESETS[preset], layout=layout)
    assert found_in(sampled_clips(400, rules=rules, frames=9, seed=5)) == ()


def test_noisy_rigs_with_few_moves_are_no_copies():
    clips = sampled_clips(1000, rules=PRESETS["toy"], frames=9, seed=17)
    for one in (clips, with_noise(clips)):
        assert found_in(one) == ()
        assert found_in(with_recovered_moves(without_columns(one), None)) == ()


def test_moves_that_all_rigs_have_are_no_copies():
    """Rules that allow one amount and one speed give equal moves."""
    one = {"pan_deg": (20.0, 20.0), "tilt_deg": (10.0, 10.0), "arc_deg": (30.0, 30.0)}
    few = replace(PAPER, slots=("pan", "tilt", "arc"), constant_share=1.0, **one)
    found = found_in(sampled_clips(300, rules=few, frames=9))
    assert found == ()


# ---------------------------------------------------------------- what is said, and what fails
def test_leaks_of_any_kind_fail_and_are_named():
    report = report_of(copies_in(set_of("paper"), mirrored, "val"))
    # The columns still describe the moves before the change.
    assert report.errors.keys() - {"pose_disagrees"} == {"split_leak"}
    assert report.errors["split_leak"] == 12
    line = next(line for line in report.lines() if line.startswith("copies between splits"))
    first = "copy_street_000108 (val) is a copy of street_000108 (train): mirrored, re-centred"
    assert line.startswith(
        f"copies between splits: 12 rigs (mirrored, re-centred: 12); for example {first}; "
    )


def test_changed_copies_within_a_split_are_named_and_fail_on_request():
    clips = copies_in(set_of("paper"), mirrored, "train")
    report = report_of(clips)
    assert report.errors.keys() == {"pose_disagrees"}
    assert not report.failed_policies
    assert any(line.startswith("copies within a split: 12 rigs (mirrored") for line in report.lines())
    asked = replace(report, fail_on=("leaks", "copies"))
    assert asked.failed_policies == {"copies": 12}
    assert asked.verdict == "fail"
    assert "failed on copies: 12 rigs that are copies of others" in asked.lines()


def test_every_class_of_findings_can_fail():
    few = report_of(copies_in(sampled_clips(3), recentred(1.0, 1.0), "val", rigs=1), tuple(FAIL_ON))
    assert {"leaks", "copies", "near-duplicates", "too-few"} <= set(few.failed_policies)
    assert few.failed_policies["leaks"] == few.redundancy.leaked_clips == 9
    assert (
        report_of(sampled_clips(3, split="val"), ("leaks", "copies", "near-duplicates")).failed_policies == {}
    )


def test_an_unknown_class_of_findings_is_refused():
    with pytest.raises(InputError, match="unknown class of findings 'leak'; give one or more of leaks"):
        checked_policies(["leaks", "leak"])
