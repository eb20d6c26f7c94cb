"""The clips of a take: those of the cameras of its rig, and those of the extra cameras of the batch."""

from dataclasses import asdict, replace
from typing import Any

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError
from trajectories import CameraPose, ClipRow, ClipTable, Rig
from trajectories.sampling import KINDS, Moves, Paths, RigBatch, check_paths, poses_of_moves

from .batch import Batch
from .extra_cameras import ExtraCamera, Move, Start
from .geometry import GeometryCheck
from .plan import TakeSpec, path_checks, take_clips, take_subjects


def all_clips(
    batch: Batch, take: TakeSpec, rigs: RigBatch, geometry: GeometryCheck | None = None
) -> ClipTable:
    """The clips of all cameras of a take, extra cameras last; ``geometry`` as for ``take_rigs``.

    The limits of the batch reject no path of an extra camera, and no sampled path in images of another size
    than the one it was sampled for: what breaks a limit is a flag.
    """
    clips = take_clips(batch, take, rigs)
    if batch.sampled_size_px != (batch.width_px, batch.height_px):
        clips = clips.replaced(flags=_flags(batch, take, rigs, clips.poses, geometry, rigs.focal_lengths_mm))
    if not batch.extra_cameras:
        return clips
    extra = [_clip(batch, take, rigs, camera) for camera in batch.extra_cameras]
    poses = CameraPose(np.stack([one.world_from_camera for _, one in extra]))
    flags = _flags(batch, take, rigs, poses, geometry)
    rows = [replace(row, flags=found) for (row, _), found in zip(extra, flags, strict=True)]
    return ClipTable.concatenated([clips, ClipTable.of_rows(rows, poses)])


def with_all_cameras(rig: Rig, clips: ClipTable) -> Rig:
    """A rig that has the cameras of ``all_clips``."""
    extra = clips.poses[len(rig.cameras) :].world_from_camera
    return replace(
        rig,
        cameras=tuple(clips["camera"].tolist()),
        poses=clips.poses,
        steady_poses=CameraPose(np.concatenate([rig.steady_poses.world_from_camera, extra])),
        shakes=(*rig.shakes, *(None,) * len(extra)),
    )


def _flags(
    batch: Batch,
    take: TakeSpec,
    rigs: RigBatch,
    poses: CameraPose,
    geometry: GeometryCheck | None,
    focal_lengths_mm: Float[np.ndarray, "1 cameras frames"] | None = None,
) -> list[tuple[str, ...]]:
    """The reasons against each path ``(cameras, frames)``."""
    limits = batch.rules.validity
    # A path that another reason rejects is not checked against geometry; these are all checked.
    limits = replace(limits, warn=(*limits.warn, *limits.reject), reject=())
    intrinsics = rigs.rig(0).lens.intrinsics(batch.width_px, batch.height_px)
    paths = Paths(
        poses=CameraPose(poses.world_from_camera[None]),
        subjects=take_subjects(batch, take),
        intrinsics=intrinsics.numbers[None],
        focal_lengths_mm=focal_lengths_mm,
        fps=batch.fps,
    )
    found = check_paths(paths, limits, path_checks(batch, take, geometry))
    return [
        tuple(
            reason
            for reason, is_broken in zip(found.reasons, found.is_broken[:, 0, camera], strict=True)
            if is_broken
        )
        for camera in range(len(poses.world_from_camera))
    ]


def _clip(batch: Batch, take: TakeSpec, rigs: RigBatch, camera: ExtraCamera) -> tuple[ClipRow, CameraPose]:
    """The row of an extra camera, and its poses (frames)."""
    if camera.move:
        poses, moves = _moved(rigs, take, camera.start, camera.move)
        table = ClipTable.of(
            CameraPose(poses.world_from_camera[None]),
            take=take.key,
            camera=camera.name,
            **moves.columns(rigs.rules),
            time_base=rigs.rules.time_base,
            track_target=rigs.rules.track_target,
        )
        row = table.row(0)
    else:
        poses = _followed(rigs, take, camera)
        row = ClipRow(take=take.key, camera=camera.name, frames=batch.frames)
    return replace(row, **_columns_of_rig(batch, take, rigs, poses)), poses


def _columns_of_rig(batch: Batch, take: TakeSpec, rigs: RigBatch, poses: CameraPose) -> dict[str, Any]:
    """The columns of a camera with these poses that follow from its take and the rig of that."""
    rig, subjects = rigs.rig(0), take_subjects(batch, take)
    is_shared = np.array_equal(poses[0].world_from_camera, rig.poses[0, 0].world_from_camera)
    focus_m = np.linalg.norm(poses.position_m - subjects.points_m[0], axis=-1).astype(np.float32)
    return {
        "split": take.split,
        "layout": "shared" if is_shared and rig.layout == "shared" else "independent",
        "radius_limit_m": float(rigs.parameters.radius_limit_m[0]),
        **asdict(rig.lens),
        **asdict(rig.lens.intrinsics(batch.width_px, batch.height_px)),
        "fps": batch.fps,
        "subject_m": tuple(rigs.subjects_m[0].tolist()),
        "subject_path_m": tuple(subjects.points_m[0].ravel().tolist()) if subjects.is_moving else None,
        "subject_height_m": float(subjects.heights_m[0]),
        "ground_m": float(subjects.ground_m[0]),
        "focus_distance_m": tuple(focus_m.tolist()),
    }


def _moved(rigs: RigBatch, take: TakeSpec, start: Start | None, move: Move) -> tuple[CameraPose, Moves]:
    """The poses of a move, and its row of parameters."""
    begin = _start(rigs, take, start)
    axes = begin.rotation if move.frame == "camera" else np.eye(3)
    moves = Moves.unset(np.array([KINDS.index(move.motion)]))
    moves.speed_a[:] = move.speed_a
    moves.is_tracking[:] = move.is_tracking or move.motion in ("arc", "random")
    if move.angle_deg is not None:
        moves.angle_deg[:] = move.angle_deg
    if move.tilt_deg is not None:
        moves.tilt_deg[:] = move.tilt_deg
    if move.direction is not None:
        direction = axes @ np.array(move.direction)
        moves.direction[:] = direction / np.linalg.norm(direction)
        distance_m = np.linalg.norm(begin.position_m - rigs.subjects_m[0])
        moves.distance_m[:] = move.distance_m or float(move.distance_ratio or 0.0) * distance_m
    if move.waypoints_m:
        points_m = np.array(move.waypoints_m) @ axes.T
        moves.waypoints_m[0, : len(points_m)] = points_m
        moves.waypoint_count[:] = len(points_m)
    starts = CameraPose(begin.world_from_camera[None, None])
    poses = poses_of_moves(rigs.rules, starts, moves, rigs.subjects, frames=take.frames)
    return poses[0, 0].checked(f"take {take.key}"), moves


def _followed(rigs: RigBatch, take: TakeSpec, camera: ExtraCamera) -> CameraPose:
    """The poses of a stated path."""
    path = camera.path_of(take.key)
    if path is None:
        fix = "give one, or choose other takes"
        raise InputError(f"camera {camera.name} has no path for this take", where=f"take {take.key}", fix=fix)
    match camera.frame:
        case "world":
            return path.poses
        case "subject":
            return _moved_to(_subject_frame(take), path.poses)
        case "start":
            return _moved_to(
                _start(rigs, take, camera.start), CameraPose(path.poses.seen_from(path.poses[0]))
            )


def _moved_to(world_from_frame: CameraPose, poses: CameraPose) -> CameraPose:
    """Poses in some frame, as poses in the world."""
    rotation = world_from_frame.rotation @ poses.rotation
    position_m = poses.position_m @ world_from_frame.rotation.T + world_from_frame.position_m
    return CameraPose.of(rotation, position_m)


def _start(rigs: RigBatch, take: TakeSpec, start: Start | None) -> CameraPose:
    """The pose of a start; without one, the first pose of the first camera."""
    if start is None or start.camera is not None:
        rig = rigs.rig(0)
        return rig.poses[rig.cameras.index(start.camera) if start and start.camera else 0, 0]
    azimuth = np.radians((start.azimuth_deg or 0.0) + take.paths[0].heading_deg[0])
    elevation = np.radians(start.elevation_deg or 0.0)
    level = np.cos(elevation)
    outward = np.array([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)])
    return CameraPose.looking(rigs.subjects_m[0] + (start.radius_m or 0.0) * outward, -outward)


def _subject_frame(take: TakeSpec) -> CameraPose:
    """The frame of the subject in the first frame: origin at its feet, x ahead, y to its left, z up."""
    heading = np.radians(take.paths[0].heading_deg[0])
    cos, sin = np.cos(heading), np.sin(heading)
    rotation = np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
    return CameraPose.of(rotation, take.paths[0].feet_m[0])
