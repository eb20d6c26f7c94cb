"""Every trajectory format in and out; each format's convention stands at the top of its file.

Whatever is read is in one frame: world right-handed, Z up, metres; OpenCV camera; ``world_from_camera``.
"""

import json
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from multitake.errors import InputError

from ..lenses import Intrinsics
from .colmap import read_colmap, write_colmap_binary, write_colmap_text
from .files import read_text
from .gltf import write_gltf
from .multicamvideo import FILE_NAME, read_multicamvideo, write_multicamvideo
from .nerfstudio import read_nerfstudio, write_nerfstudio
from .rerun_log import write_rerun
from .tables import copy_pose_table, read_npz, read_pose_table, write_npz, write_pose_table
from .text_files import read_kitti, read_realestate10k, read_tum, write_kitti, write_realestate10k, write_tum
from .trajectory_set import NamedTrajectory, TrajectorySet
from .unreal_keys import write_unreal_keys
from .usd import write_usd

Reader = Callable[[Path], Iterator[NamedTrajectory]]
Writer = Callable[[Path, TrajectorySet], None]

FORMATS: dict[str, tuple[Reader | None, Writer]] = {
    "multicamvideo": (read_multicamvideo, write_multicamvideo),
    "realestate10k": (read_realestate10k, write_realestate10k),
    "tum": (read_tum, write_tum),
    "kitti": (read_kitti, write_kitti),
    "colmap": (read_colmap, write_colmap_text),
    "colmap_binary": (read_colmap, write_colmap_binary),
    "nerfstudio": (read_nerfstudio, write_nerfstudio),
    "pose_table": (read_pose_table, write_pose_table),
    "npz": (read_npz, write_npz),
    "gltf": (None, write_gltf),
    "usd": (None, write_usd),
    "unreal_keys": (None, write_unreal_keys),
    "rerun": (None, write_rerun),
}
_BY_SUFFIX = {
    ".re10k": "realestate10k",
    ".tum": "tum",
    ".kitti": "kitti",
    ".parquet": "pose_table",
    ".npz": "npz",
    ".gltf": "gltf",
    ".usda": "usd",
    ".csv": "unreal_keys",
    ".rrd": "rerun",
}
_READABLE = ", ".join(name for name, (reader, _) in FORMATS.items() if reader)
_UNTOLD = f"`multitake trajectories convert --from FORMAT` makes it a pose table; one of {_READABLE}"
# A line of each text format has its own number of values; RealEstate10K's first line is an address.
_BY_COLUMNS = {1: "realestate10k", 8: "tum", 12: "kitti", 19: "realestate10k"}


def read_trajectories(path: Path | str, *, format: str | None = None) -> TrajectorySet:
    """Read a file or folder of any readable format; InputError names file, take, camera and frame.

    ``format`` is a key of ``FORMATS``; without it, name and content decide (``format_of``).
    """
    found = tuple(iter_trajectories(path, format=format))
    names: set[tuple[str, str]] = set()
    for trajectory in found:
        if (trajectory.take, trajectory.camera) in names:
            where = f"{path}: take {trajectory.take}, camera {trajectory.camera}"
            raise InputError("is there twice", where=where, fix="remove one of them")
        names.add((trajectory.take, trajectory.camera))
    return TrajectorySet(trajectories=found)


def iter_trajectories(path: Path | str, *, format: str | None = None) -> Iterator[NamedTrajectory]:
    """Read one by one, takes together: for trees that are larger than memory."""
    source = Path(path)
    if not source.exists():
        raise InputError("does not exist", where=str(source), fix="give a file or folder that does")
    name = format or format_of(source)
    reader, _ = _pair(name, source)
    if reader is None:
        raise InputError(f"{name} can only be written", where=str(source), fix=f"read one of {_READABLE}")
    yield from reader(source)


def write_trajectories(path: Path | str, trajectories: TrajectorySet, *, format: str | None = None) -> None:
    """Write to a file or folder; ``format`` is a key of ``FORMATS``, needed where the name does not tell.

    InputError where the format needs what the trajectories do not have, such as a frame rate.
    """
    target = Path(path)
    if not len(trajectories):
        raise InputError("there is no trajectory to write", where=str(target), fix="give at least one")
    _pair(format or _format_of_name(target), target)[1](target, trajectories)


def convert(
    source: Path | str,
    target: Path | str,
    *,
    source_format: str | None = None,
    target_format: str | None = None,
    fps: float | None = None,
    intrinsics: Intrinsics | None = None,
) -> TrajectorySet:
    """Read ``source`` and write ``target``; returns what was converted.

    ``fps`` and ``intrinsics`` stand in where the source states none. A pose table written as a pose table
    keeps all its columns. InputError where the target is the source, or ``fps`` is no frame rate.
    """
    if fps is not None and not (math.isfinite(fps) and fps > 0):
        raise InputError(f"{fps:g} is no frame rate", where="fps", fix="give frames a second, above 0")
    if Path(source).resolve() == Path(target).resolve():
        fix = "name another file to write"
        raise InputError("would overwrite what is converted", where=str(target), fix=fix)
    read = read_trajectories(source, format=source_format)
    filled = tuple(
        replace(t, fps=t.fps or fps, intrinsics=t.intrinsics or intrinsics) for t in read.trajectories
    )
    trajectories = TrajectorySet(trajectories=filled)
    names = (source_format or format_of(Path(source)), target_format or _format_of_name(Path(target)))
    if names == ("pose_table", "pose_table"):
        copy_pose_table(Path(source), Path(target), trajectories)
    else:
        write_trajectories(target, trajectories, format=target_format)
    return trajectories


def format_of(path: Path) -> str:
    """The format of an existing file or folder, by its name, then by its content; InputError if unknown."""
    if path.is_dir():
        return _format_of_folder(path)
    if path.suffix == ".json":
        return _format_of_json(path)
    if path.suffix == ".txt":
        return _format_of_text(path)
    if path.suffix not in _BY_SUFFIX:
        raise InputError("the name does not tell the format", where=str(path), fix=_UNTOLD)
    return _BY_SUFFIX[path.suffix]


def _pair(name: str, path: Path) -> tuple[Reader | None, Writer]:
    if name not in FORMATS:
        fix = f"use one of {', '.join(FORMATS)}"
        raise InputError(f"unknown format {name!r}", where=str(path), fix=fix)
    return FORMATS[name]


def _format_of_name(path: Path) -> str:
    if path.suffix == ".json":
        return "nerfstudio" if path.name.startswith("transforms") else "multicamvideo"
    if path.suffix in _BY_SUFFIX:
        return _BY_SUFFIX[path.suffix]
    fix = f"state it, one of {', '.join(FORMATS)}"
    raise InputError("the name does not tell the format", where=str(path), fix=fix)


def _format_of_folder(path: Path) -> str:
    if any((path / f"images.{suffix}").is_file() for suffix in ("bin", "txt")):
        return "colmap"
    if next((path / "poses").glob("*.parquet"), None):
        return "pose_table"
    if next(path.rglob(FILE_NAME), None):
        return "multicamvideo"
    for file in sorted(path.rglob("*")):
        if file.suffix == ".txt" or _BY_SUFFIX.get(file.suffix) in _BY_COLUMNS.values():
            return format_of(file)
    raise InputError("folder holds no known trajectory file", where=str(path), fix=_UNTOLD)


def _format_of_json(path: Path) -> str:
    try:
        document = json.loads(read_text(path))
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        # The format's own reader says where the file breaks.
        return _format_of_name(path)
    known = document if isinstance(document, dict) else {}
    if "frame0" in known:
        return "multicamvideo"
    return "nerfstudio" if "frames" in known else _format_of_name(path)


def _format_of_text(path: Path) -> str:
    lines = (line.split() for line in read_text(path).splitlines())
    first = next((words for words in lines if words and not words[0].startswith("#")), [])
    if len(first) not in _BY_COLUMNS:
        what = f"{len(first)} values a line fit no text format"
        raise InputError(what, where=str(path), fix=_UNTOLD)
    return _BY_COLUMNS[len(first)]
