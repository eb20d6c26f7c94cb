"""The doctor: planted faults are named and placed, sound takes are not accused."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from multitake.randomness import rng_for
from trajectories import CameraPose, ClipSource, ClipTable, Intrinsics, Recording, VideoFile
from trajectories.audit import DoctorReport, examine
from trajectories.audit.doctor.changes import exchanged, shifted
from trajectories.audit.doctor.compared_images import Matches, matches_of
from trajectories.audit.doctor.explain import Diagnosis, diagnosed
from trajectories.audit.doctor.file_checks import (
    equal_files,
    frozen_faults,
    intrinsics_faults,
    orphans,
    rate_faults,
    recording_faults,
)
from trajectories.audit.doctor.lookalikes import Lookalikes
from trajectories.audit.doctor.tracks import ImageGroups, Tracks, residuals_px
from trajectories.sampling import PRESETS, Rules, Shot, clips_of_rigs, sample_rigs

FRAMES, SIZE_PX = 41, (384, 224)
LENS = Intrinsics(fx_px=400.0, fy_px=400.0, cx_px=192.0, cy_px=112.0, width_px=384, height_px=224)
INSTANTS = (2, 9, 16, 24, 31, 38)
MATCHES = 32


# ---------------------------------------------------------------- matches of known points
def rig(seed: int, cameras: int = 6) -> Tracks:
    """Cameras that start near each other, look ahead, and move and turn at changing speeds."""
    rng = rng_for(seed, "rig")
    time = np.linspace(0, 1, FRAMES)
    tracks = []
    for _ in range(cameras):
        start, move = rng.normal(0, 0.4, 3), rng.normal(0, 1.0, 3)
        progress = time ** rng.uniform(1.2, 2.5)
        turn = rng.uniform(-0.3, 0.3, 2)
        position_m = start + [0, -6.0, 1.5] + progress[:, None] * move
        yaw, pitch = turn[0] * progress, turn[1] * progress
        forward = np.stack([np.sin(yaw), np.cos(yaw), np.sin(pitch)], axis=-1)
        tracks.append(CameraPose.looking(position_m, forward).world_from_camera)
    poses = np.stack(tracks)
    return Tracks(poses, np.broadcast_to(LENS.numbers[:4], (*poses.shape[:2], 4)).copy())


def recording_of(images: np.ndarray, frames: int = FRAMES) -> Recording:
    """The recording of a clip with some images."""
    height, width = images.shape[1:]
    return Recording(
        frames=frames,
        fps=15.0,
        width_px=width,
        height_px=height,
        shown=tuple(range(len(images))),
        images=images,
        changes=np.full((frames - 1, 2), 3.0, dtype=np.float32),
    )


def known_matches(tracks: Tracks, seed: int, noise_px: float = 0.3) -> Matches:
    """Matches of random points that the cameras see, projected by the pinhole model, with noise."""
    rng = rng_for(seed, "points")
    points_m = rng.uniform([-5, -1, -2], [5, 8, 5], (1500, 3))
    images = [(camera, frame) for camera in range(len(tracks.intrinsics)) for frame in INSTANTS]
    seen = {}
    for camera, frame in images:
        pose = CameraPose(tracks.world_from_camera[camera, frame])
        pixels = LENS.project(pose.camera_points(points_m)) + rng.normal(0, noise_px, (len(points_m), 2))
        seen[camera, frame] = np.where(
            ((pixels > 0) & (pixels < SIZE_PX)).all(axis=1)[:, None], pixels, np.nan
        )
    groups: dict[int, list] = {2: [], 3: []}
    for _ in range(220):
        views = 2 + int(rng.random() < 0.4)
        first, *others = (images[one] for one in rng.choice(len(images), views, replace=False))
        # As in sets: of one camera, or of one instant.
        if rng.random() < 0.8:
            others = [(first[0], one[1]) if rng.random() < 0.5 else (one[0], first[1]) for one in others]
        chosen = (first, *others)
        both = np.flatnonzero(np.isfinite(np.concatenate([seen[one] for one in chosen], axis=1)).all(axis=1))
        if len(set(chosen)) == views and len(both) >= MATCHES:
            kept = rng.choice(both, MATCHES, replace=False)
            groups[views].append((chosen, np.stack([seen[one][kept] for one in chosen])))
    pairs, triples = (
        ImageGroups(np.array([one for one, _ in groups[n]]), np.array([one for _, one in groups[n]]))
        for n in (2, 3)
    )
    return Matches(pairs, triples, compared=220)


def changed(tracks: Tracks, cameras: list[int], poses: Callable[[np.ndarray], np.ndarray]) -> Tracks:
    """The tracks with other poses of some cameras."""
    all_poses = tracks.world_from_camera.copy()
    all_poses[cameras] = poses(all_poses[cameras])
    return Tracks(all_poses, tracks.intrinsics)


def with_focal_lengths(tracks: Tracks, cameras: list[int], ratio: float) -> Tracks:
    intrinsics = tracks.intrinsics.copy()
    intrinsics[cameras, :, :2] *= ratio
    return Tracks(tracks.world_from_camera, intrinsics)


def mirrored(poses: np.ndarray) -> np.ndarray:
    mirror = np.diag([1.0, -1.0, 1.0])
    rotation = mirror @ poses[..., :3] @ np.diag([-1.0, 1.0, 1.0])
    return CameraPose.of(rotation, poses[..., 3] @ mirror).world_from_camera


def drifting(poses: np.ndarray) -> np.ndarray:
    growth = 1 + 0.25 * np.linspace(0, 1, FRAMES)[:, None]
    start = poses[:, :1, :, 3]
    return CameraPose.of(poses[..., :3], start + (poses[..., 3] - start) * growth).world_from_camera


def cut(poses: np.ndarray, frames: int = 1) -> np.ndarray:
    """The poses of a clip of which frames from 20 are missing in the video: later poses are as many late."""
    return np.concatenate([poses[:, :20], shifted(poses, -frames)[:, 20:]], axis=1)


FAULTY: dict[str, Callable[[Tracks, list[int]], Tracks]] = {
    "inverted_poses": lambda t, c: changed(t, c, lambda p: CameraPose(p).inverse()),
    "mirrored_world": lambda t, c: changed(t, c, mirrored),
    "focal_length_off": lambda t, c: with_focal_lengths(t, c, 1.05),
    "frames_shifted": lambda t, c: changed(t, c, lambda p: shifted(p, 1)),
    "missing_frames": lambda t, c: changed(t, c, cut),
    "scale_drifts": lambda t, c: changed(t, c, drifting),
}


def diagnosis(tracks: Tracks, stated: Tracks, seed: int) -> Diagnosis:
    """What the doctor says about stated tracks, from matches of the true ones."""
    return diagnosed(known_matches(tracks, seed), stated, SIZE_PX)


def test_matches_without_noise_fit_the_cameras_that_saw_them() -> None:
    tracks = rig(1)
    matches = known_matches(tracks, 1, noise_px=0.0)
    assert len(matches.pairs) > 50 and len(matches.triples) > 20
    assert residuals_px(matches.pairs, tracks).max() < 1e-6
    assert residuals_px(matches.triples, tracks).max() < 1e-6


def test_residuals_are_distances_in_pixels() -> None:
    poses = np.stack([CameraPose.looking(np.zeros(3), np.array([0.0, 1.0, 0.0])).world_from_camera] * 2)[
        :, None
    ]
    tracks = Tracks(poses, np.broadcast_to(LENS.numbers[:4], (2, 1, 4)))
    points_px = np.array([[[[200.0, 100.0]], [[203.0, 104.0]]]])
    pair = ImageGroups(np.array([[[0, 0], [1, 0]]]), points_px)
    # Cameras in one place: the point must be where it was.
    assert residuals_px(pair, tracks) == pytest.approx(5.0, rel=1e-3)
    aside = poses.copy()
    aside[1, 0, 0, 3] -= 1.0
    # A camera one metre to the left sees it on the same line, at any place to the right.
    assert residuals_px(pair, Tracks(aside, tracks.intrinsics)) == pytest.approx(4.0, rel=1e-3)


@pytest.mark.parametrize("seed", range(6))
def test_sound_tracks_are_not_accused(seed: int) -> None:
    tracks = rig(seed)
    assert diagnosis(tracks, tracks, seed).found == ()


@pytest.mark.parametrize("kind", FAULTY)
@pytest.mark.parametrize("cameras", [[2], [0, 1, 2, 3, 4, 5]], ids=["one camera", "all cameras"])
def test_a_fault_is_named_with_its_cameras(kind: str, cameras: list[int]) -> None:
    tracks = rig(11)
    found = diagnosis(tracks, FAULTY[kind](tracks, cameras), 11).found
    assert {one.fault for one in found} == {kind}
    assert sorted(camera for one in found for camera in one.cameras) == cameras
    assert all(one.before_px > 2 * one.after_px for one in found)


def test_exchanged_cameras_are_named() -> None:
    tracks = rig(12)
    (found,) = diagnosis(tracks, exchanged(tracks, 1, 4), 12).found
    assert (found.fault, found.cameras) == ("cameras_exchanged", (1, 4))


def test_a_camera_in_centimetres_is_named() -> None:
    tracks = rig(13)
    (found,) = diagnosis(tracks, changed(tracks, [3], lambda p: p * [1, 1, 1, 100]), 13).found
    assert (found.fault, found.cameras) == ("wrong_unit", (3,))


@pytest.mark.parametrize("frames", [1, 2, 3, 4])
def test_gaps_of_several_frames_are_named(frames: int) -> None:
    tracks = rig(16)
    stated = changed(tracks, [4], lambda poses: cut(poses, frames))
    found = diagnosis(tracks, stated, 16).found
    # In one step, or in two.
    assert {(one.fault, one.cameras, one.frames) for one in found} == {("missing_frames", (4,), (24, 40))}


def test_two_faults_of_two_cameras_are_told_apart() -> None:
    tracks = rig(14)
    stated = FAULTY["inverted_poses"](FAULTY["focal_length_off"](tracks, [5]), [0])
    found = {(one.fault, one.cameras) for one in diagnosis(tracks, stated, 14).found}
    assert found == {("inverted_poses", (0,)), ("focal_length_off", (5,))}


def test_what_images_cannot_tell_is_not_excluded() -> None:
    poses = np.repeat(rig(15).world_from_camera[:, :1], FRAMES, axis=1)
    tracks = Tracks(poses, rig(15).intrinsics)
    found = diagnosis(tracks, tracks, 15)
    # Of cameras that stand still: nothing happens between two frames.
    assert found.found == ()
    assert not found.excluded["frames_shifted"].any()
    assert found.excluded["mirrored_world"].all()


def test_without_matches_nothing_is_found_and_nothing_excluded() -> None:
    nothing = ImageGroups(np.zeros((0, 2, 2), dtype=np.int64), np.zeros((0, 2, MATCHES, 2)))
    triples = ImageGroups(np.zeros((0, 3, 2), dtype=np.int64), np.zeros((0, 3, MATCHES, 2)))
    result = diagnosed(Matches(nothing, triples, compared=9), rig(1), SIZE_PX)
    assert result.found == ()
    assert not any(excluded.any() for excluded in result.excluded.values())


def test_images_without_texture_match_nowhere() -> None:
    pytest.importorskip("cv2")
    grey = recording_of(np.full((6, 64, 96), 128, dtype=np.uint8))
    matches = matches_of("grey", [grey, grey], seed=0)
    assert matches.compared > 10 and len(matches.pairs) == len(matches.triples) == 0


# ---------------------------------------------------------------- poses alone
def sampled(rules: Rules, rigs: int = 24, frames: int = FRAMES) -> ClipTable:
    """Rigs in tables that state nothing but poses."""
    subjects_m = rng_for(3, "subjects").uniform([-9, -9, 1.0], [9, 9, 1.2], (rigs, 3))
    batch = sample_rigs(rules, subjects_m, seed=3, frames=frames)
    takes = [f"take_{number:03d}" for number in range(rigs)]
    clips = clips_of_rigs(batch, takes=takes, shot=Shot(frames=frames))
    return ClipTable.of(clips.poses, **{name: clips[name] for name in ("take", "camera", "fps")})


def said(clips: ClipTable) -> DoctorReport:
    """What the doctor says about clips without videos."""
    return examine(ClipSource(name="x", where="x", tables=[clips], is_imported=True), with_images=True)


def with_poses(clips: ClipTable, poses: np.ndarray) -> ClipTable:
    return (
        replace(clips, poses=CameraPose(poses))
        if poses.shape[1] == clips.frames
        else ClipTable.of(CameraPose(poses), **{name: clips[name] for name in ("take", "camera", "fps")})
    )


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("layout", ["shared", "independent"])
def test_sampled_rigs_have_no_fault(preset: str, layout: str) -> None:
    report = said(sampled(replace(PRESETS[preset], layout=layout)))
    assert report.faults == ()
    assert report.images == "not filmed"
    assert report.undecided["focal_length_off"] == report.clips


def test_a_set_of_inverses_is_named_once() -> None:
    clips = sampled(PRESETS["paper"])
    (fault,) = said(with_poses(clips, clips.poses.inverse())).faults
    assert (fault.kind, fault.where, fault.evidence) == ("inverted_poses", "all takes", "poses")


def test_a_set_in_centimetres_is_named_once() -> None:
    clips = sampled(PRESETS["paper"])
    (fault,) = said(with_poses(clips, clips.poses.world_from_camera * [1, 1, 1, 100])).faults
    assert (fault.kind, fault.where) == ("wrong_unit", "all takes")
    assert "centimetres" in fault.figure


def test_one_inverted_clip_and_one_in_centimetres_are_placed() -> None:
    clips = sampled(PRESETS["paper"])
    poses = clips.poses.world_from_camera.copy()
    poses[13] = CameraPose(poses[13]).inverse()
    poses[47] *= [1, 1, 1, 100]
    found = {(fault.kind, fault.where) for fault in said(with_poses(clips, poses)).faults}
    assert found == {("inverted_poses", clips.name(13)), ("wrong_unit", clips.name(47))}


@pytest.mark.parametrize("rigs", [2, 4])
@pytest.mark.parametrize("radius_m", [(0.5, 0.6), (2.0, 8.0)])
def test_one_take_of_a_few_in_centimetres_is_placed(rigs: int, radius_m: tuple[float, float]) -> None:
    clips = sampled(replace(PRESETS["paper"], radius_m=radius_m), rigs=rigs)
    poses = clips.poses.world_from_camera.copy()
    poses[10:20] *= [1, 1, 1, 100]
    (fault,) = said(with_poses(clips, poses)).faults
    assert (fault.kind, fault.where) == ("wrong_unit", "take_001")


def test_one_take_divided_by_a_hundred_is_placed() -> None:
    clips = sampled(PRESETS["paper"], rigs=6)
    poses = clips.poses.world_from_camera.copy()
    poses[10:20] *= [1, 1, 1, 0.01]
    (fault,) = said(with_poses(clips, poses)).faults
    assert (fault.kind, fault.where) == ("wrong_unit", "take_001") and "divided by 100" in fault.figure


@pytest.mark.parametrize("frames", [1, 3])
def test_missing_poses_are_placed(frames: int) -> None:
    clips = sampled(PRESETS["paper"], frames=FRAMES + frames)
    poses = np.delete(clips.poses.world_from_camera, slice(20, 20 + frames), axis=1)
    faults = said(with_poses(clips, poses)).faults
    # Each rig has a camera that stands still.
    assert len(faults) > 0.5 * len(clips)
    assert {(fault.kind, fault.frames) for fault in faults} == {("missing_frames", (19, 20))}


def test_a_camera_that_starts_a_frame_late_is_placed() -> None:
    clips = sampled(replace(PRESETS["paper"], constant_share=1.0))
    poses = clips.poses.world_from_camera.copy()
    poses[33] = shifted(poses[None, 33], 1)[0]
    assert [(fault.kind, fault.where) for fault in said(with_poses(clips, poses)).faults] == [
        ("frames_shifted", clips.name(33))
    ]


def test_mirrored_rotations_are_placed() -> None:
    clips = sampled(PRESETS["paper"], rigs=4)
    poses = clips.poses.world_from_camera.copy()
    poses[5, 7:, :, 0] *= -1
    (fault,) = said(with_poses(clips, poses)).faults
    assert (fault.kind, fault.where) == ("mirrored_world", f"{clips.name(5)} frames 7..40")


# ---------------------------------------------------------------- tables and files
def stated(**columns: object) -> ClipTable:
    """Two takes of three cameras, with intrinsics."""
    clips = sampled(replace(PRESETS["paper"], slots=("pan", "arc", "static")), rigs=2)
    values = {
        name: getattr(LENS, name) for name in ("fx_px", "fy_px", "cx_px", "cy_px", "width_px", "height_px")
    }
    return clips.replaced(**values | columns)


def test_intrinsics_of_another_size_are_told_from_their_centre() -> None:
    assert list(intrinsics_faults(stated())) == []
    # Calibrated centres are somewhat off.
    assert list(intrinsics_faults(stated(cx_px=196.0, cy_px=107.0))) == []
    for columns in ({"cx_px": 640.0, "cy_px": 373.0}, {"cx_px": 384 * 0.525, "cy_px": 224 * 0.525}):
        assert [fault.kind for fault in intrinsics_faults(stated(**columns))] == [
            "intrinsics_of_another_size"
        ] * 6


def test_a_camera_with_another_rate_than_its_take_is_placed() -> None:
    clips = stated(fps=[15.0, 15.0, 30.0, 30.0, 30.0, 30.0])
    assert [fault.where for fault in rate_faults(clips)] == [clips.name(2)]


def test_videos_that_differ_from_their_rows_are_named() -> None:
    clips = stated()
    recording = recording_of(np.zeros((1, 224, 384), dtype=np.uint8))
    assert list(recording_faults(clips, 0, recording)) == []
    for change, kind in (
        ({"frames": FRAMES - 3}, "missing_frames"),
        ({"fps": 30.0}, "wrong_frame_rate"),
        ({"width_px": 640, "height_px": 360}, "intrinsics_of_another_size"),
    ):
        (fault,) = recording_faults(clips, 0, replace(recording, **change))
        assert (fault.kind, fault.place) == (kind, clips.name(0))


def test_an_image_that_repeats_the_one_before_is_placed() -> None:
    clips, recording = stated(), recording_of(np.zeros((1, 224, 384), dtype=np.uint8))
    assert list(frozen_faults(clips, 0, recording)) == []
    changes = recording.changes.copy()
    changes[17] = 0.1
    (fault,) = frozen_faults(clips, 0, replace(recording, changes=changes))
    assert (fault.kind, fault.frames) == ("missing_frames", (18, 18))
    # Where nothing moves, images are equal.
    assert list(frozen_faults(clips, 0, replace(recording, changes=changes / 10))) == []
    # Most of the image rests for a moment, a part of it moves on.
    changes[17] = 0.0, 1.5
    assert list(frozen_faults(clips, 0, replace(recording, changes=changes))) == []


@pytest.mark.parametrize("still", [range(38, 40), range(39, 40), range(3), range(20, 25)])
def test_images_that_stop_while_the_poses_move_on_are_placed(still: range) -> None:
    clips, recording = stated(), recording_of(np.zeros((1, 224, 384), dtype=np.uint8))
    changes = recording.changes.copy()
    changes[still] = 0.1
    moving = CameraPose.of(
        clips.poses.rotation, clips.poses.position_m + np.linspace(0, 2, FRAMES)[:, None] * [1.0, 0, 0]
    )
    (fault,) = frozen_faults(replace(clips, poses=moving), 0, replace(recording, changes=changes))
    first = still[-1] if still[0] == 0 else still[0]
    assert (fault.kind, fault.frames) == ("missing_frames", (first + 1, first + 1))
    assert "the poses move on" in fault.figure
    # A camera that rests at the same time shows equal images.
    resting = moving.world_from_camera.copy()
    for step in still if still[0] else reversed(still):
        ours, other = (step + 1, step) if still[0] else (step, step + 1)
        resting[:, ours] = resting[:, other]
    resting = CameraPose(resting)
    assert list(frozen_faults(replace(clips, poses=resting), 0, replace(recording, changes=changes))) == []


def test_rows_without_videos_and_videos_without_rows_are_placed() -> None:
    videos = [VideoFile(take="a", camera=name, digest=name) for name in ("cam01", "cam03")]
    found = [(fault.where, fault.figure) for fault in orphans([("a", "cam01"), ("a", "cam02")], videos)]
    assert found == [("a/cam02", "there is no video"), ("a/cam03", "there is no row")]
    again = [*videos, VideoFile(take="b", camera="cam01", digest="cam03")]
    assert [(fault.where, fault.figure) for fault in equal_files(again)] == [
        ("b/cam01", "its video is that of a/cam03")
    ]


def test_clips_that_show_the_same_are_found_although_they_were_encoded_again() -> None:
    rng = rng_for(0, "lookalikes")
    looks = Lookalikes()
    clips = rng.integers(20, 235, (5, 6, 4, 6), dtype=np.uint8).repeat(8, axis=2).repeat(8, axis=3)
    again = np.clip(clips[1] + rng.normal(1.0, 2.0, clips[1].shape), 0, 255).astype(np.uint8)
    # Two cameras that start together are not one clip.
    clips[3, :3] = clips[2, :3]
    for name, images in zip("abcdef", [*clips, again], strict=True):
        looks.add("take", name, recording_of(images))
    assert [(fault.where, fault.figure) for fault in looks.faults()] == [
        ("take/b+f", "its images are those of take/b")
    ]
