"""From what a user names to a trajectory: a basic move, a keyframe file, or a clip of any readable file."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from multitake.errors import InputError

from ..basic_moves import NAMED_TRAJECTORIES, named_trajectory
from ..keyframes import Trajectory, read_keyframes
from ..sampling.rules import PRESETS
from ..smoothing import smoothed
from .convert import read_trajectories

_SMOOTHED = "smoothed:"
# Half a second of the published 15 frames a second: longer than hand shake, shorter than a move.
_SIGMA_FRAMES = 7.5


def trajectory_from(text: str, *, frames: int) -> Trajectory:
    """The first ``frames`` poses of the trajectory that ``text`` names, world_from_camera.

    Args:
        text: one of
            ``arc_left``: a name of ``NAMED_TRAJECTORIES``, or ``release:arc_left``, as that preset does it;
            ``path.toml``: a keyframe file (see ``read_keyframes``);
            ``poses.parquet:TAKE:CAMERA``: a clip of a file or folder of any readable format; a file that
            holds one clip only needs no more than its name;
            ``smoothed:`` before any of these: that trajectory, stabilised.
        frames: how many poses; named moves are spread over them.

    Raises InputError for an unknown name, a bad file, or a trajectory with fewer poses.
    """
    if text.startswith(_SMOOTHED):
        rough = trajectory_from(text.removeprefix(_SMOOTHED), frames=frames)
        return replace(rough, poses=smoothed(rough.poses, sigma_frames=_SIGMA_FRAMES))
    preset, _, name = text.rpartition(":")
    if name in NAMED_TRAJECTORIES and preset in ("", *PRESETS):
        return Trajectory(poses=named_trajectory(name, frames=frames, preset=preset or "paper"))
    found = read_keyframes(Path(text), frames=frames) if text.endswith(".toml") else _filmed(text)
    there = len(found.poses.world_from_camera)
    if there < frames:
        raise InputError(f"{there} poses, {frames} needed", where=text, fix="choose a longer trajectory")
    focal_mm = None if found.focal_length_mm is None else found.focal_length_mm[:frames]
    return replace(found, poses=found.poses[:frames], focal_length_mm=focal_mm)


def _filmed(text: str) -> Trajectory:
    path, clip = _file_and_clip(text)
    clips = {f"{t.take}:{t.camera}": t for t in read_trajectories(path)}
    if clip is None and len(clips) == 1:
        (clip,) = clips
    if clip not in clips:
        what = f"no clip {clip!r}" if clip else f"{len(clips)} clips"
        fix = (
            f"write {path}:TAKE:CAMERA, e.g. {path}:{next(iter(clips))}"
            if clips
            else "give a file with clips"
        )
        raise InputError(what, where=str(path), fix=fix)
    found = clips[clip]
    focal_mm = None if found.lens is None else np.full(found.frames, found.lens.focal_length_mm)
    return Trajectory(poses=found.poses, fps=found.fps, focal_length_mm=focal_mm)


def _file_and_clip(text: str) -> tuple[Path, str | None]:
    if Path(text).exists():
        return Path(text), None
    path, *clip = text.rsplit(":", 2)
    if len(clip) == 2 or Path(path).suffix:
        return Path(path), ":".join(clip) or None
    known = ", ".join(NAMED_TRAJECTORIES)
    fix = f"use one of {known}, a keyframe file (.toml), or FILE:TAKE:CAMERA"
    raise InputError(f"unknown trajectory {text!r}", where="trajectory", fix=fix)
