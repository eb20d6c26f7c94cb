"""Text files with one camera each: RealEstate10K, TUM and KITTI; a set is a folder ``TAKE/CAMERA.txt``.

RealEstate10K: a URL, then one line per frame: time in microseconds, fx fy cx cy as fractions of the image's
width and height, two zeros, and the 12 numbers of ``camera_from_world``, row-major; OpenCV camera; the axes
of the world are kept. The image size is unknown: intrinsics are those of a 1 x 1 image. TUM: ``time_s tx ty
tz qx qy qz qw``, world_from_camera, quaternion scalar last, OpenCV camera, world Z up. KITTI: the 12 numbers
of ``world_from_camera``, row-major, no time; the world is the first camera at its start, x right, y down, z
ahead, and is rotated to ours. Written files keep the common origin of the set.

Lengths are metres. Round trip: 1e-9 per number (KITTI: relative), times to a microsecond.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import Float

from multitake.atomic import write_file
from multitake.errors import InputError

from ..lenses import Intrinsics
from ..poses import CameraPose
from .axes import (
    Y_DOWN_FROM_OURS,
    in_world,
    pose_from_camera_from_world,
    quaternion_from_rotation,
    rotation_from_quaternion,
)
from .files import camera_files, camera_targets, number_rows, read_text
from .input_checks import Place, checked_poses, fps_of, unit_quaternions
from .trajectory_set import NamedTrajectory, TrajectorySet, zoom_of

REALESTATE10K_SUFFIXES = (".txt", ".re10k")
TUM_SUFFIXES = (".txt", ".tum")
KITTI_SUFFIXES = (".txt", ".kitti")


def read_realestate10k(path: Path) -> Iterator[NamedTrajectory]:
    """One file, or every file of a folder."""
    for file, at in camera_files(path, REALESTATE10K_SUFFIXES):
        rows = number_rows(read_text(file), 19, at, first_line=1)
        poses = pose_from_camera_from_world(rows[:, 7:].reshape(-1, 3, 4))
        yield _named(at, poses, fps_of(rows[:, 0] / 1e6, at), _unit_intrinsics(rows[:, 1:5]))


def write_realestate10k(path: Path, trajectories: TrajectorySet) -> None:
    """One file, or a folder of them; InputError for a trajectory without fps or intrinsics."""
    for target, trajectory in camera_targets(path, trajectories, REALESTATE10K_SUFFIXES):
        times_us = np.rint(times_s(trajectory, target) * 1e6)
        lenses = [_shares(one) for one in frame_intrinsics_of(trajectory, target)]
        matrices = trajectory.poses.inverse().reshape(-1, 12)
        lines = [
            f"{time:.0f} {lens} 0 0 " + " ".join(f"{number:.9f}" for number in matrix)
            for time, lens, matrix in zip(times_us, lenses, matrices, strict=True)
        ]
        write_file(target, "\n".join([f"multitake:{trajectory.name}", *lines, ""]))


def read_tum(path: Path) -> Iterator[NamedTrajectory]:
    """One file, or every file of a folder."""
    for file, at in camera_files(path, TUM_SUFFIXES):
        rows = number_rows(read_text(file), 8, at)
        rotation = rotation_from_quaternion(unit_quaternions(rows[:, 4:], at))
        yield _named(at, CameraPose.of(rotation, rows[:, 1:4]), fps_of(rows[:, 0], at), (None, None))


def write_tum(path: Path, trajectories: TrajectorySet) -> None:
    """One file, or a folder of them; InputError for a trajectory without fps."""
    for target, trajectory in camera_targets(path, trajectories, TUM_SUFFIXES):
        quaternions = quaternion_from_rotation(trajectory.poses.rotation)
        columns = (times_s(trajectory, target)[:, None], trajectory.poses.position_m, quaternions)
        rows = np.concatenate(columns, axis=1)
        lines = ["# time_s tx ty tz qx qy qz qw", *(_line("%.6f", "%.12f", row) for row in rows), ""]
        write_file(target, "\n".join(lines))


def read_kitti(path: Path) -> Iterator[NamedTrajectory]:
    """One file, or every file of a folder."""
    for file, at in camera_files(path, KITTI_SUFFIXES):
        poses = CameraPose(number_rows(read_text(file), 12, at).reshape(-1, 3, 4))
        yield _named(at, in_world(Y_DOWN_FROM_OURS.T, poses), None, (None, None))


def write_kitti(path: Path, trajectories: TrajectorySet) -> None:
    """One file, or a folder of them."""
    for target, trajectory in camera_targets(path, trajectories, KITTI_SUFFIXES):
        matrices = in_world(Y_DOWN_FROM_OURS, trajectory.poses).world_from_camera.reshape(-1, 12)
        write_file(target, "\n".join([*(_line("%.9e", "%.9e", row) for row in matrices), ""]))


def times_s(trajectory: NamedTrajectory, target: Path) -> Float[np.ndarray, "frames"]:
    """Frame times from 0; InputError if the rate is unknown."""
    if trajectory.fps is None:
        what = f"this format needs a frame rate, and {trajectory.name} has none"
        raise InputError(what, where=str(target), fix="give --fps, or fps in Python")
    return np.arange(trajectory.frames) / trajectory.fps


def intrinsics_of(trajectory: NamedTrajectory, target: Path) -> Intrinsics:
    """The intrinsics of a trajectory; InputError if they are unknown."""
    if trajectory.intrinsics is None:
        what = f"this format needs intrinsics, and {trajectory.name} has none"
        raise InputError(
            what,
            where=str(target),
            fix="choose a source or format that has intrinsics, or give intrinsics to convert() in Python",
        )
    return trajectory.intrinsics


def frame_intrinsics_of(trajectory: NamedTrajectory, target: Path) -> tuple[Intrinsics, ...]:
    """The intrinsics of each frame; InputError if they are unknown."""
    intrinsics_of(trajectory, target)
    return trajectory.frame_intrinsics or ()


def require_one_focal_length(trajectory: NamedTrajectory, target: Path) -> None:
    """InputError if the focal length changes, for formats that have one per camera."""
    if trajectory.focal_ratios is not None:
        what = f"this format has one focal length per camera, and that of {trajectory.name} changes"
        raise InputError(what, where=str(target), fix="choose usd, unreal_keys, nerfstudio or colmap")


def _shares(i: Intrinsics) -> str:
    """Focal lengths and principal point as shares of the image."""
    shares = (i.fx_px / i.width_px, i.fy_px / i.height_px, i.cx_px / i.width_px, i.cy_px / i.height_px)
    return " ".join(f"{share:.9f}" for share in shares)


def _named(
    at: Place,
    poses: CameraPose,
    fps: float | None,
    lens: tuple[Intrinsics | None, Float[np.ndarray, "frames"] | None],
) -> NamedTrajectory:
    take, camera = str(at.take), str(at.camera)
    checked_poses(poses[None], file=at.file, take=take, cameras=(camera,))
    intrinsics, ratios = lens
    return NamedTrajectory(
        take=take, camera=camera, poses=poses, fps=fps, intrinsics=intrinsics, focal_ratios=ratios
    )


def _unit_intrinsics(
    shares: Float[np.ndarray, "frames 4"],
) -> tuple[Intrinsics | None, Float[np.ndarray, "frames"] | None]:
    if np.ptp(shares, axis=0).max() <= 1e-6:
        shares = np.repeat(shares[:1], len(shares), axis=0)
    return zoom_of(
        [
            Intrinsics(fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy, width_px=1, height_px=1)
            for fx, fy, cx, cy in shares.tolist()
        ]
    )


def _line(first: str, others: str, row: Float[np.ndarray, "_"]) -> str:
    return " ".join([first % row[0], *(others % number for number in row[1:])])
