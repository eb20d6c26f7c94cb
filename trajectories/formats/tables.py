"""Our own two: the pose parquet and an npz for notebooks. Both hold the canonical frame, poses in float32.

npz: ``take``, ``camera``, ``frames``, ``fps`` (a row a trajectory), ``world_from_camera`` (trajectories x
frames x 3 x 4; all frames of all trajectories in one row of frames where their counts differ),
``intrinsics`` (fx fy cx cy width height, pixels), ``lens`` (focal length mm, f-number, sensor mm); NaN is
"not known". Parquet (``table.py``): columns that trajectories from elsewhere do not have are ``unknown`` or
NaN. Round trip: float32, that is 6e-8 of a number; a second trip changes nothing.
"""

import io
import math
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, replace
from pathlib import Path

import numpy as np

from multitake.errors import InputError

from ..clip_table import PoseRow, PoseTable, read_poses, write_poses
from ..lenses import Intrinsics, Lens
from ..poses import CameraPose
from .checks import checked_poses
from .files import write_whole
from .trajectory_set import NamedTrajectory, TrajectorySet, stacked_poses

_UNKNOWN = "unknown"
_NAN = math.nan


def read_pose_table(path: Path) -> Iterator[NamedTrajectory]:
    """Clips of a pose parquet, or of all parts of a data set's table when given its folder."""
    for part in _parts(path):
        yield from _read_part(part)


def _parts(path: Path) -> list[Path]:
    return sorted((path / "poses").glob("*.parquet")) if path.is_dir() else [path]


def _read_part(path: Path) -> Iterator[NamedTrajectory]:
    table = read_poses(path)
    for index, row in enumerate(table.rows):
        lens = (row.focal_length_mm, row.f_number, row.sensor_mm)
        poses = table.poses[index]
        checked_poses(poses[None], file=path, take=row.take, cameras=(row.camera,), may_be_level_sized=True)
        yield NamedTrajectory(
            take=row.take,
            camera=row.camera,
            poses=poses,
            fps=_known(row.fps),
            intrinsics=None if math.isnan(row.fx_px) else row.intrinsics,
            lens=_lens(lens),
        )


def write_pose_table(path: Path, trajectories: TrajectorySet) -> None:
    """Write a pose parquet; InputError unless all trajectories have one number of frames."""
    poses = stacked_poses(trajectories.trajectories, where=str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_poses(path, PoseTable(rows=tuple(_row(trajectory) for trajectory in trajectories), poses=poses))


def copy_pose_table(source: Path, target: Path, trajectories: TrajectorySet) -> None:
    """Write the clips read from ``source`` with all their columns; frame rates are those of the clips."""
    parts = [read_poses(part) for part in _parts(source)]
    rows = [row for table in parts for row in table.rows]
    poses = stacked_poses(trajectories.trajectories, where=str(target))
    filled = (_filled(row, trajectory) for row, trajectory in zip(rows, trajectories, strict=True))
    target.parent.mkdir(parents=True, exist_ok=True)
    write_poses(target, PoseTable(rows=tuple(filled), poses=poses))


def _filled(row: PoseRow, trajectory: NamedTrajectory) -> PoseRow:
    optics = asdict(trajectory.intrinsics) if trajectory.intrinsics else {}
    return replace(row, fps=trajectory.fps or _NAN, **optics)


def read_npz(path: Path) -> Iterator[NamedTrajectory]:
    """Clips of an npz."""
    columns = ("take", "camera", "frames", "fps", "world_from_camera", "intrinsics", "lens")
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            take, camera, frames, fps, poses, intrinsics, lens = (stored[name] for name in columns)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        fix = f"give an npz with {', '.join(columns)}"
        raise InputError(f"not a whole npz of ours ({error})", where=str(path), fix=fix) from error
    ends = np.cumsum(frames).tolist()
    flat = poses.reshape(-1, 3, 4).astype(np.float64)
    if not ends or ends[-1] != len(flat):
        what = f"frames tell of {ends[-1] if ends else 0} poses, world_from_camera holds {len(flat)}"
        raise InputError(what, where=str(path), fix="export it again")
    for index, (start, end) in enumerate(zip([0, *ends], ends, strict=False)):
        clip = CameraPose(flat[start:end])
        names = str(take[index]), str(camera[index])
        checked_poses(clip[None], file=path, take=names[0], cameras=names[1:], may_be_level_sized=True)
        yield NamedTrajectory(
            take=names[0],
            camera=names[1],
            poses=clip,
            fps=_known(float(fps[index])),
            intrinsics=_intrinsics(intrinsics[index].tolist()),
            lens=_lens(lens[index].tolist()),
        )


def write_npz(path: Path, trajectories: TrajectorySet) -> None:
    """Write an npz; equal trajectories give equal bytes."""
    frames = np.array([trajectory.frames for trajectory in trajectories])
    poses = np.concatenate([t.poses.world_from_camera for t in trajectories]).astype(np.float32)
    is_even = (frames == frames[0]).all()
    sink = io.BytesIO()
    np.savez_compressed(
        sink,
        allow_pickle=False,
        take=np.array([trajectory.take for trajectory in trajectories]),
        camera=np.array([trajectory.camera for trajectory in trajectories]),
        frames=frames,
        fps=np.array([trajectory.fps or _NAN for trajectory in trajectories]),
        world_from_camera=poses.reshape(len(frames), -1, 3, 4) if is_even else poses,
        intrinsics=np.array([astuple(t.intrinsics) if t.intrinsics else (_NAN,) * 6 for t in trajectories]),
        lens=np.array([astuple(t.lens) if t.lens else (_NAN,) * 3 for t in trajectories]),
    )
    write_whole(path, sink.getvalue())


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number


def _lens(values: Sequence[float]) -> Lens | None:
    if any(math.isnan(value) for value in values):
        return None
    return Lens(focal_length_mm=values[0], f_number=values[1], sensor_mm=values[2])


def _intrinsics(values: Sequence[float]) -> Intrinsics | None:
    if any(math.isnan(value) for value in values):
        return None
    fx, fy, cx, cy, width, height = values
    return Intrinsics(fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy, width_px=int(width), height_px=int(height))


def _row(trajectory: NamedTrajectory) -> PoseRow:
    i = trajectory.intrinsics
    lens = trajectory.lens or Lens(focal_length_mm=_NAN, f_number=_NAN, sensor_mm=_NAN)
    return PoseRow(
        take=trajectory.take,
        camera=trajectory.camera,
        split=_UNKNOWN,
        motion=_UNKNOWN,
        angle_deg=None,
        tilt_deg=None,
        direction=None,
        distance_m=None,
        waypoints_m=None,
        is_tracking=False,
        speed_class=_UNKNOWN,
        speed_a=_NAN,
        time_base=_UNKNOWN,
        layout=_UNKNOWN,
        focal_length_mm=lens.focal_length_mm,
        sensor_mm=lens.sensor_mm,
        f_number=lens.f_number,
        fx_px=i.fx_px if i else _NAN,
        fy_px=i.fy_px if i else _NAN,
        cx_px=i.cx_px if i else _NAN,
        cy_px=i.cy_px if i else _NAN,
        width_px=i.width_px if i else 0,
        height_px=i.height_px if i else 0,
        fps=trajectory.fps or _NAN,
        frames=trajectory.frames,
        subject_m=(_NAN, _NAN, _NAN),
        focus_distance_m=(_NAN,) * trajectory.frames,
        attempt=0,
        flags=(),
    )
