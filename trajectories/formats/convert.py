"""Read, write and convert trajectories; each format's convention is at the top of its file.

Everything that is read has one convention: world right-handed, Z up, metres; OpenCV camera;
``world_from_camera``.
"""

import math
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from multitake.errors import InputError
from multitake.input_files import is_same_file

from ..clip_table import ClipTable, read_clips
from ..lenses import Intrinsics
from . import multicamvideo, nerfstudio
from .colmap import model_folders, read_colmap, write_colmap_binary, write_colmap_text
from .files import read_json, read_text
from .gltf import write_gltf
from .input_checks import checked_trajectories
from .multicamvideo import read_multicamvideo, write_multicamvideo
from .nerfstudio import read_nerfstudio, write_nerfstudio
from .rerun_log import write_rerun
from .tables import (
    read_clip_table,
    read_npz,
    trajectories_of_clips,
    write_clip_table,
    write_clips_as,
    write_npz,
)
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
    "clip_table": (read_clip_table, write_clip_table),
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
    ".parquet": "clip_table",
    ".npz": "npz",
    ".gltf": "gltf",
    ".usda": "usd",
    ".csv": "unreal_keys",
    ".rrd": "rerun",
}
# A file or model of these formats is one world, so it has one take; several takes become a folder of them.
_ONE_WORLD = ("multicamvideo", "colmap", "colmap_binary", "nerfstudio", "usd", "rerun")
_READABLE = ", ".join(name for name, (reader, _) in FORMATS.items() if reader)
_HOW_TO_NAME = f"convert it with `multitake trajectories convert --from FORMAT`, one of {_READABLE}"
# Text formats differ in the number of values per line; the first line of RealEstate10K is a URL.
_BY_COLUMNS = {1: "realestate10k", 8: "tum", 12: "kitti", 19: "realestate10k"}


def read_trajectories(path: Path | str, *, format: str | None = None) -> TrajectorySet:
    """Read a file or folder of any readable format; InputError names file, take, camera and frame.

    ``format`` is a key of ``FORMATS``; without it, name and content decide (``format_of``).
    """
    return _unique(iter_trajectories(path, format=format), where=str(path))


def iter_trajectories(path: Path | str, *, format: str | None = None) -> Iterator[NamedTrajectory]:
    """Read trajectories one by one, the cameras of a take together; folders may be larger than memory."""
    source = Path(path)
    if not os.path.exists(source):
        raise InputError("does not exist", where=str(source), fix="give an existing file or folder")
    name = format or format_of(source)
    reader, _ = _pair(name, source)
    if reader is None:
        raise InputError(f"{name} cannot be read", where=str(source), fix=f"give one of {_READABLE}")
    yield from checked_trajectories(reader(source), source)


def write_trajectories(path: Path | str, trajectories: TrajectorySet, *, format: str | None = None) -> None:
    """Write trajectories to a file or folder.

    ``format`` is a key of ``FORMATS``; it is needed if the name of the file does not define it. InputError if
    the format needs something that the trajectories do not have, such as a frame rate.
    """
    target = Path(path)
    if not len(trajectories):
        raise InputError("no trajectory to write", where=str(target), fix="give at least one")
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
    """Read ``source``, write ``target``, and return what was converted.

    ``fps`` and ``intrinsics`` are used where the source has none. A clip table that becomes a clip table
    keeps all its columns. InputError if the target is the source, or if ``fps`` is not positive.
    """
    path = Path(source)
    if is_same_file(path, target):
        raise InputError("would overwrite its source", where=str(target), fix="give another file to write")
    if path.is_file() and (source_format or format_of(path)) == "clip_table":
        clips = read_clips(path)
        return convert_clips(
            clips, target, where=str(path), target_format=target_format, fps=fps, intrinsics=intrinsics
        )
    found = _completed(read_trajectories(path, format=source_format), fps, intrinsics)
    write_trajectories(target, found, format=target_format)
    return found


def convert_clips(
    clips: ClipTable,
    target: Path | str,
    *,
    where: str,
    target_format: str | None = None,
    fps: float | None = None,
    intrinsics: Intrinsics | None = None,
) -> TrajectorySet:
    """As ``convert``, from clips in memory; ``where`` names their source in messages."""
    found = _completed(_unique(trajectories_of_clips(clips), where=where), fps, intrinsics)
    if (target_format or _format_of_name(Path(target))) == "clip_table":
        write_clips_as(Path(target), clips, found)
    else:
        write_trajectories(target, found, format=target_format)
    return found


def written(found: TrajectorySet, target: Path | str, *, target_format: str | None = None) -> str:
    """One line about what ``convert`` has written."""
    takes = len(found.by_take())
    is_divided = takes > 1 and (target_format or _format_of_name(Path(target))) in _ONE_WORLD
    one_each = f" ({takes} takes, each in its own file or folder)" if is_divided else ""
    return f"{len(found)} trajectories: {target}{one_each}"


def format_of(path: Path) -> str:
    """The format of an existing file or folder, from its name and its content; InputError if unknown."""
    if path.is_dir():
        return _format_of_folder(path)
    if path.suffix == ".json":
        return _format_of_json(path)
    if path.suffix == ".txt":
        return _format_of_text(path)
    if path.suffix not in _BY_SUFFIX:
        raise InputError("unknown format", where=str(path), fix=_HOW_TO_NAME)
    return _BY_SUFFIX[path.suffix]


def _unique(trajectories: Iterable[NamedTrajectory], *, where: str) -> TrajectorySet:
    """The trajectories as a set; InputError if two have one name."""
    found = tuple(trajectories)
    names: set[tuple[str, str]] = set()
    for trajectory in found:
        if (trajectory.take, trajectory.camera) in names:
            place = f"{where}: take {trajectory.take}, camera {trajectory.camera}"
            raise InputError("duplicate clip", where=place, fix="remove one of them")
        names.add((trajectory.take, trajectory.camera))
    return TrajectorySet(trajectories=found)


def _completed(found: TrajectorySet, fps: float | None, intrinsics: Intrinsics | None) -> TrajectorySet:
    """The trajectories with a frame rate and intrinsics where they have none."""
    if fps is not None and not (math.isfinite(fps) and fps > 0):
        raise InputError(f"must be positive, got {fps:g}", where="fps", fix="give frames per second")
    return TrajectorySet(
        trajectories=tuple(replace(t, fps=t.fps or fps, intrinsics=t.intrinsics or intrinsics) for t in found)
    )


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
    fix = f"give the format, one of {', '.join(FORMATS)}"
    raise InputError("the name does not define a format", where=str(path), fix=fix)


def _format_of_folder(path: Path) -> str:
    if model_folders(path):
        return "colmap"
    for name, file_name in (("multicamvideo", multicamvideo.FILE_NAME), ("nerfstudio", nerfstudio.FILE_NAME)):
        if next(path.rglob(file_name), None):
            return name
    for file in sorted(path.rglob("*")):
        if file.suffix == ".txt" or _BY_SUFFIX.get(file.suffix) in _BY_COLUMNS.values():
            return format_of(file)
    raise InputError("no known trajectory file in this folder", where=str(path), fix=_HOW_TO_NAME)


def _format_of_json(path: Path) -> str:
    document = read_json(path)
    known = document if isinstance(document, dict) else {}
    if "frame0" in known:
        return "multicamvideo"
    return "nerfstudio" if "frames" in known else _format_of_name(path)


def _format_of_text(path: Path) -> str:
    lines = (line.split() for line in read_text(path).splitlines())
    first = next((words for words in lines if words and not words[0].startswith("#")), [])
    if len(first) not in _BY_COLUMNS:
        what = f"no text format has {len(first)} values per line"
        raise InputError(what, where=str(path), fix=_HOW_TO_NAME)
    return _BY_COLUMNS[len(first)]
