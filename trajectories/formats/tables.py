"""Our own two formats: the clip table (parquet) and an npz for notebooks. Poses are stored as float32.

npz: ``take``, ``camera``, ``frames``, ``fps`` (one row per trajectory), ``world_from_camera`` (trajectories x
frames x 3 x 4; if frame counts differ, all frames of all trajectories x 3 x 4), ``intrinsics`` (fx fy cx cy
width height, pixels), ``lens`` (focal length mm, f-number, sensor mm); NaN is "unknown". If any camera zooms,
also ``focal_ratios`` (the focal length of every frame of every trajectory over that of its first frame). A
round trip is exact to float32 (6e-8 relative); a second one changes nothing.
"""

import io
import math
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import astuple, fields, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

import numpy as np

from multitake.atomic import write_file
from multitake.errors import InputError
from multitake.input_files import check_unpacked_size, parsing, require_file

from ..clip_table import ClipTable, read_clips, write_clips
from ..lenses import Intrinsics, Lens
from ..poses import CameraPose
from .input_checks import checked_poses
from .trajectory_set import NamedTrajectory, TrajectorySet, stacked_poses

_UNKNOWN_INTRINSICS = (math.nan,) * 6
_UNKNOWN_LENS = (math.nan,) * 3
# The arrays of an npz: kinds of numpy types, and their shape per clip.
_NPZ_KINDS: dict[str, tuple[str, tuple[int, ...] | None]] = {
    "take": ("U", ()),
    "camera": ("U", ()),
    "frames": ("iu", ()),
    "fps": ("fiu", ()),
    "world_from_camera": ("f", None),
    "intrinsics": ("fiu", (6,)),
    "lens": ("fiu", (3,)),
}


def read_clip_table(path: Path) -> Iterator[NamedTrajectory]:
    """Clips of a clip table."""
    yield from trajectories_of_clips(read_clips(path))


def trajectories_of_clips(clips: ClipTable) -> Iterator[NamedTrajectory]:
    """The clips one by one."""
    for row, poses in zip(clips, clips.poses.world_from_camera, strict=True):
        yield NamedTrajectory(
            take=row.take,
            camera=row.camera,
            poses=CameraPose(poses),
            fps=_known(row.fps),
            intrinsics=_intrinsics(astuple(row.intrinsics)),
            lens=_lens((row.focal_length_mm, row.f_number, row.sensor_mm)),
            focal_ratios=np.array(row.focal_path_mm) / row.focal_path_mm[0] if row.focal_path_mm else None,
        )


def write_clip_table(path: Path, trajectories: TrajectorySet) -> None:
    """Write a clip table; InputError unless all trajectories have the same number of frames."""
    write_clips(path, clips_of_trajectories(trajectories.trajectories, where=str(path)))


def write_clips_as(target: Path, clips: ClipTable, trajectories: TrajectorySet) -> None:
    """Write a clip table with the columns of ``clips``, and the rates and intrinsics of ``trajectories``."""
    found = trajectories.trajectories
    write_clips(target, clips.replaced(fps=[t.fps or math.nan for t in found], **_intrinsics_columns(found)))


def clips_of_trajectories(trajectories: Sequence[NamedTrajectory], *, where: str) -> ClipTable:
    """Trajectories as a clip table in which everything else is unknown; InputError if frame counts differ.

    Intrinsics that change are unknown without a lens: the table has focal lengths in millimetres.
    """
    lenses = np.array([astuple(t.lens) if t.lens else _UNKNOWN_LENS for t in trajectories])
    known = [t if t.lens or t.focal_ratios is None else replace(t, intrinsics=None) for t in trajectories]
    return ClipTable.of(
        stacked_poses(trajectories, where=where),
        take=[t.take for t in trajectories],
        camera=[t.camera for t in trajectories],
        fps=[t.fps or math.nan for t in trajectories],
        **{field.name: lenses[:, i] for i, field in enumerate(fields(Lens))},
        focal_path_mm=[
            t.focal_ratios * t.lens.focal_length_mm if t.lens and t.focal_ratios is not None else None
            for t in trajectories
        ],
        **_intrinsics_columns(known),
    )


def _intrinsics_columns(trajectories: Sequence[NamedTrajectory]) -> dict[str, Any]:
    numbers = np.array([t.intrinsics.numbers if t.intrinsics else _UNKNOWN_INTRINSICS for t in trajectories])
    columns = {field.name: numbers[:, i] for i, field in enumerate(fields(Intrinsics))}
    sizes = {name: np.nan_to_num(columns[name]).astype(np.int32) for name in ("width_px", "height_px")}
    return columns | sizes


def read_npz(path: Path) -> Iterator[NamedTrajectory]:
    """Clips of an npz."""
    (take, camera, frames, fps, poses, intrinsics, lens), ratios = _npz_columns(path)
    ends = list(accumulate(frames.tolist()))
    flat = poses.reshape(-1, 3, 4).astype(np.float64)
    if not ends or ends[-1] != len(flat) or frames.min() < 1:
        what = f"frames sum to {ends[-1] if ends else 0}, world_from_camera has {len(flat)} poses"
        raise InputError(what, where=str(path), fix="export it again")
    if ratios is not None and ratios.shape != (len(flat),):
        what = f"focal_ratios has {len(ratios)} numbers, world_from_camera has {len(flat)} poses"
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
            focal_ratios=None if ratios is None or (ratios[start:end] == 1).all() else ratios[start:end],
        )


def _npz_columns(path: Path) -> tuple[list[np.ndarray], np.ndarray | None]:
    """The columns of an npz in their order, and the focal ratios if there are any.

    InputError if a column is missing, huge, or of another kind.
    """
    fix = f"give an npz with {', '.join(_NPZ_KINDS)}"
    require_file(path, fix=fix)
    with parsing("not a readable npz", where=str(path), fix=fix):
        with zipfile.ZipFile(path) as members:
            unpacked = sum(member.file_size for member in members.infolist())
        check_unpacked_size(unpacked, path.stat().st_size, where=str(path))
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            columns = [np.asarray(stored[name]) for name in _NPZ_KINDS]
            ratios = np.asarray(stored["focal_ratios"]) if "focal_ratios" in stored else None
    clips = columns[0].shape[:1]
    for array, (name, (kinds, shape)) in zip(columns, _NPZ_KINDS.items(), strict=True):
        is_whole = array.shape == (*clips, *shape) if shape is not None else array.shape[1:][-2:] == (3, 4)
        if array.dtype.kind not in kinds or not is_whole:
            what = f"{name} has type {array.dtype} and shape {array.shape}"
            raise InputError(what, where=str(path), fix=fix)
    if ratios is not None and (ratios.dtype.kind != "f" or ratios.ndim != 1):
        what = f"focal_ratios has type {ratios.dtype} and shape {ratios.shape}"
        raise InputError(what, where=str(path), fix="export it again")
    return columns, None if ratios is None else ratios.astype(np.float64)


def write_npz(path: Path, trajectories: TrajectorySet) -> None:
    """Write an npz; equal trajectories give equal bytes."""
    frames = np.array([trajectory.frames for trajectory in trajectories])
    poses = np.concatenate([t.poses.world_from_camera for t in trajectories]).astype(np.float32)
    is_even = (frames == frames[0]).all()
    ratios = [np.ones(t.frames) if t.focal_ratios is None else t.focal_ratios for t in trajectories]
    has_zooms = any(t.focal_ratios is not None for t in trajectories)
    sink = io.BytesIO()
    np.savez_compressed(
        sink,
        allow_pickle=False,
        take=np.array([trajectory.take for trajectory in trajectories]),
        camera=np.array([trajectory.camera for trajectory in trajectories]),
        frames=frames,
        fps=np.array([trajectory.fps or math.nan for trajectory in trajectories]),
        world_from_camera=poses.reshape(len(frames), -1, 3, 4) if is_even else poses,
        intrinsics=np.array(
            [astuple(t.intrinsics) if t.intrinsics else _UNKNOWN_INTRINSICS for t in trajectories]
        ),
        lens=np.array([astuple(t.lens) if t.lens else _UNKNOWN_LENS for t in trajectories]),
        **({"focal_ratios": np.concatenate(ratios)} if has_zooms else {}),
    )
    write_file(path, sink.getvalue())


def _known(number: float) -> float | None:
    return None if math.isnan(number) else number


def _lens(values: Sequence[float]) -> Lens | None:
    if any(math.isnan(value) for value in values):
        return None
    return Lens(focal_length_mm=values[0], f_number=values[1], sensor_mm=values[2])


def _intrinsics(values: Sequence[float | int]) -> Intrinsics | None:
    if any(math.isnan(value) for value in values):
        return None
    fx, fy, cx, cy, width, height = values
    return Intrinsics(fx_px=fx, fy_px=fy, cx_px=cx, cy_px=cy, width_px=int(width), height_px=int(height))
