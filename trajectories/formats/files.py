"""Reading text, and the layout of folders with one file per camera."""

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError
from multitake.input_files import MOST_TEXT_BYTES, parsing, read_utf8, require_file

from .input_checks import Place, error_at
from .trajectory_set import NamedTrajectory, TrajectorySet


def read_text(path: Path) -> str:
    """The text of a file; InputError if it is empty, not text, too large, or cannot be read."""
    text = read_utf8(path, fix="give a readable file of this format")
    if not text.strip():
        raise InputError("file is empty", where=str(path), fix="export it again")
    return text


def read_json(path: Path) -> Any:
    """The document in a JSON file; InputError as ``read_text``, or if it is not JSON."""
    with parsing("not valid JSON", where=str(path), fix="correct it, or export it again"):
        return json.loads(read_text(path))


def text_lines(path: Path) -> Iterator[str]:
    """The lines of a text file of any size; InputError if one of them is larger than memory should hold."""
    require_file(path, fix="give a readable file of this format")
    with path.open(encoding="utf-8-sig") as file:
        while line := file.readline(MOST_TEXT_BYTES):
            if len(line) == MOST_TEXT_BYTES:
                raise InputError("a line is too long", where=str(path), fix="export it again")
            yield line


def natural_key(name: str) -> str:
    """Sort key that puts ``cam2`` before ``cam10``: every number after its number of digits."""
    return re.sub("0*([0-9]+)", lambda found: f"\0{len(found[1]):03d}{found[1]}", name)


def camera_files(path: Path, suffixes: Collection[str]) -> Iterator[tuple[Path, Place]]:
    """Files with one camera each, and the take and camera that they contain.

    A single file is take STEM, camera ``cam01``; in a folder, ``FOLDER/TAKE/CAMERA.txt`` names both.
    """
    if not path.is_dir():
        yield path, Place(file=path, take=path.stem, camera="cam01")
        return
    files = (f for f in path.rglob("*") if f.suffix in suffixes and not f.is_dir())
    found = [f for f in files if not f.name.startswith(".")]
    if not found:
        what = f"no {' or '.join(sorted(suffixes))} file in this folder"
        raise InputError(what, where=str(path), fix="give a folder of files TAKE/CAMERA")
    for file in sorted(found, key=lambda f: natural_key(f.relative_to(path).as_posix())):
        folder = file.parent.relative_to(path).as_posix()
        yield file, Place(file=file, take=path.name if folder == "." else folder, camera=file.stem)


def camera_targets(
    path: Path, trajectories: TrajectorySet, suffixes: tuple[str, ...]
) -> Iterator[tuple[Path, NamedTrajectory]]:
    """The file for each trajectory: ``path`` if that is a file's name, else ``path/TAKE/CAMERA.suffix``."""
    if path.suffix in suffixes:
        if len(trajectories) != 1:
            what = f"a file of this format has one camera, not {len(trajectories)}"
            raise InputError(what, where=str(path), fix="give a folder")
        yield path, trajectories.trajectories[0]
        return
    for trajectory in trajectories:
        yield inside(path, f"{trajectory.name}{suffixes[0]}"), trajectory


def take_targets(
    path: Path, trajectories: TrajectorySet, file_name: str
) -> Iterator[tuple[Path, TrajectorySet]]:
    """The file for each take of a format that holds one world.

    ``path`` itself if that is a file's name, else ``path/TAKE`` and ``file_name``, which is a suffix
    (``.usda``) or the name of a file in a folder (``/transforms.json``).
    """
    takes = trajectories.by_take()
    if path.suffix == file_name[file_name.rindex(".") :]:
        if len(takes) != 1:
            raise InputError(f"one file has one take, not {len(takes)}", where=str(path), fix="give a folder")
        yield path, trajectories
        return
    for take, cameras in takes.items():
        yield inside(path, f"{take}{file_name}"), TrajectorySet(trajectories=cameras)


def inside(folder: Path, relative: str) -> Path:
    """``folder/relative``; InputError if that is outside of the folder."""
    parts = PurePosixPath(relative)
    if parts.is_absolute() or ".." in parts.parts:
        raise InputError(
            f"{relative!r} is outside of the folder", where=str(folder), fix="rename the take or camera"
        )
    return folder / parts


def number_rows(
    text: str, columns: int, at: Place, *, first_line: int = 0
) -> Float[np.ndarray, "frames {columns}"]:
    """Rows of whitespace-separated numbers; blank lines and ``#`` comments are skipped."""
    rows: list[list[float]] = []
    for number, line in enumerate(text.splitlines()[first_line:], start=first_line + 1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        place = Place(file=at.file, take=at.take, camera=at.camera, frame=f"{len(rows)} (line {number})")
        if len(words) != columns:
            raise error_at(f"{len(words)} values instead of {columns}", at=place, fix="correct that line")
        try:
            rows.append([float(word) for word in words])
        except ValueError as error:
            raise error_at(f"not a number ({error})", at=place, fix="correct that line") from error
    if not rows:
        raise error_at("file has no frames", at=at, fix="export it again")
    return np.array(rows)
