"""A trajectory from a text: the name of a basic move, a keyframe file, or a clip of any readable file."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from multitake.errors import InputError

from ..basic_moves import BASIC_MOVES, basic_move
from ..keyframes import Trajectory, read_keyframes
from ..sampling.rules import PRESETS
from ..smoothing import smoothed
from .convert import read_trajectories
from .trajectory_set import TrajectorySet

_SMOOTHED = "smoothed:"
# Half a second at 15 frames per second: longer than hand shake, shorter than a move.
_SIGMA_FRAMES = 7.5


def trajectory_from(
    text: str, *, frames: int, read: Callable[[str], TrajectorySet] = read_trajectories
) -> Trajectory:
    """The first ``frames`` poses of the trajectory that ``text`` names, world_from_camera.

    Args:
        text: one of ``arc_left``: a name of ``BASIC_MOVES``, or ``release:arc_left``, with the arc and the
            time base of that preset; ``path.toml``: a keyframe file (see ``read_keyframes``);
            ``clips.parquet:TAKE:CAMERA``: a clip of a file or folder of any readable format; the name of the
            file is enough if it has one clip only; ``smoothed:`` before any of these: that trajectory,
            stabilised.
        frames: how many poses; basic moves are spread over them.
        read: reads the file or address of a clip.

    Files are local; an address, such as ``s3://BUCKET/DATASET:TAKE:CAMERA``, is that of a data set, if
    ``read`` reads these. Raises InputError for an unknown name, an invalid file, or a trajectory with fewer
    poses.
    """
    if text.startswith(_SMOOTHED):
        rough = trajectory_from(text.removeprefix(_SMOOTHED), frames=frames, read=read)
        return replace(rough, poses=smoothed(rough.poses, sigma_frames=_SIGMA_FRAMES))
    preset, _, name = text.rpartition(":")
    if name in BASIC_MOVES and preset in ("", *PRESETS):
        rules = PRESETS[preset or "paper"]
        poses = basic_move(name, frames=frames, arc_path=rules.arc_path, time_base=rules.time_base)
        return Trajectory(poses=poses)
    is_file_of_keyframes = text.endswith(".toml") and "://" not in text
    found = read_keyframes(Path(text), frames=frames) if is_file_of_keyframes else _clip(text, read)
    count = len(found.poses.world_from_camera)
    if count < frames:
        what = f"trajectory has {count} poses, {frames} are needed"
        raise InputError(what, where=text, fix="use a longer trajectory")
    focal_mm = None if found.focal_length_mm is None else found.focal_length_mm[:frames]
    return replace(found, poses=found.poses[:frames], focal_length_mm=focal_mm)


def _clip(text: str, read: Callable[[str], TrajectorySet]) -> Trajectory:
    path, name = _file_and_clip(text)
    clips = {f"{t.take}:{t.camera}": t for t in read(path)}
    if name is None and len(clips) == 1:
        (name,) = clips
    if name not in clips:
        what = f"unknown clip {name!r}" if name else f"the file has {len(clips)} clips"
        example = next(iter(clips), "TAKE:CAMERA")
        raise InputError(what, where=path, fix=f"give {path}:TAKE:CAMERA, e.g. {path}:{example}")
    found = clips[name]
    ratios = np.ones(found.frames) if found.focal_ratios is None else found.focal_ratios
    focal_mm = None if found.lens is None else found.lens.focal_length_mm * ratios
    return Trajectory(poses=found.poses, fps=found.fps, focal_length_mm=focal_mm)


def _file_and_clip(text: str) -> tuple[str, str | None]:
    if os.path.exists(text):
        return text, None
    protocol, is_address, rest = text.rpartition("://")
    path, *clip = rest.rsplit(":", 2)
    if is_address:
        if len(clip) == 2:
            return f"{protocol}://{path}", ":".join(clip)
        fix = "give a local file, or ADDRESS:TAKE:CAMERA of a data set"
        raise InputError("neither a local file nor a clip of a data set", where=text, fix=fix)
    if len(clip) == 2 or Path(path).suffix:
        return path, ":".join(clip) or None
    fix = f"use one of {', '.join(BASIC_MOVES)}, a keyframe file (.toml), or CLIPS.parquet:TAKE:CAMERA"
    raise InputError(f"unknown trajectory {text!r}", where="trajectory", fix=fix)
