"""The file of `refilm --add-camera`: cameras as users describe them, and as a batch has them."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field

from multitake.errors import InputError
from multitake.settings import FINITE, read_toml, validated
from shards import is_dataset, sealed_clips
from trajectories import BASIC_MOVES, MOTIONS, CameraPose, Translation, camera_name
from trajectories.formats import (
    TrajectorySet,
    read_trajectories,
    trajectories_of_clips,
    trajectory_from,
)

from .batch import Batch
from .extra_cameras import CameraName, ExtraCamera, Move, Start

_SMOOTHED = "smoothed:"
# Rates in files of other programs are rounded.
_RATE_TOLERANCE = 0.01


@dataclass(frozen=True, kw_only=True)
class CameraEntry:
    """A camera with the lens of the rig: a ``move``, or a ``trajectory``.

    Attributes:
        trajectory: a basic move, a keyframe file, or a clip of a file of any readable format, as
            `multitake reshoot --trajectory` has it; files are relative to this one.
        camera: of ``trajectory``, which then has a clip of this camera for every take.
        frame: the axes of the trajectory, see ``ExtraCamera``; needed if it is one file for all takes.
        start: see ``ExtraCamera``.
    """

    __pydantic_config__ = FINITE
    name: CameraName | None = None
    start: Start | None = None
    move: Move | None = None
    trajectory: Annotated[str, Field(min_length=1)] | None = None
    camera: str | None = None
    frame: Literal["world", "subject", "start"] | None = None

    def __post_init__(self) -> None:
        if (self.move is None) == (self.trajectory is None):
            raise ValueError("must have one motion; give move or trajectory")
        is_move = self.move is not None or self.trajectory in BASIC_MOVES
        for key in ("camera", "frame"):
            if is_move and getattr(self, key) is not None:
                raise ValueError(f"a move has no {key}; remove it")
        if not is_move and self.camera is None and self.frame is None:
            raise ValueError('missing frame of the trajectory; give frame = "subject", "start" or "world"')


@dataclass(frozen=True, kw_only=True)
class CameraFile:
    """A file of cameras."""

    __pydantic_config__ = FINITE
    camera: Annotated[tuple[CameraEntry, ...], Field(min_length=1)]


def read_cameras(path: Path, batch: Batch, takes: Sequence[str]) -> tuple[ExtraCamera, ...]:
    """The cameras in a file, for these takes of a batch, to which they will be added.

    A camera without a name gets the next number. InputError names the file and the key, or the take for which
    there is no path.
    """
    entries = validated(CameraFile, read_toml(path), where=str(path)).camera
    cameras = []
    for number, entry in enumerate(entries):
        where = f"{path}: camera.{number}"
        values = {
            "name": entry.name or camera_name(batch.cameras + number),
            "start": entry.start and _given(asdict(entry.start)),
            "move": _move(entry),
            "paths": [] if _move(entry) else _paths(entry, path.parent, batch, takes, where),
            "frame": entry.frame or "world",
        }
        cameras.append(validated(ExtraCamera, _given(values), where=where))
    return tuple(cameras)


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _move(entry: CameraEntry) -> dict[str, Any] | None:
    """The move of an entry, also of one that names a basic move."""
    if entry.move:
        return _given(asdict(entry.move))
    if entry.trajectory not in BASIC_MOVES:
        return None
    motion = BASIC_MOVES[entry.trajectory]
    (name,) = (name for name, kind in MOTIONS.items() if isinstance(motion, kind))
    if not isinstance(motion, Translation):
        return {
            "motion": name,
            **{key: float(value[0]) for key, value in vars(motion).items() if key == "angle_deg"},
        }
    ahead, left, up = motion.direction[0].tolist()
    return {
        "motion": name,
        "direction": [-left, -up, ahead],
        "distance_ratio": float(motion.distance_m[0]),
        "is_tracking": bool(motion.is_tracking[0]),
    }


def _paths(
    entry: CameraEntry, folder: Path, batch: Batch, takes: Sequence[str], where: str
) -> list[dict[str, Any]]:
    """The poses of the trajectory of an entry: one path for all takes, or one for each."""
    place = f"{where}.trajectory"
    smoothed, text = _parted(str(entry.trajectory))
    located = text if "://" in text else str(folder / text)
    if entry.camera is None:
        found = trajectory_from(smoothed + located, frames=batch.frames, read=_read)
        _check_rate(found.fps, batch.fps, place)
        if text.endswith(".toml") and found.focal_length_mm is not None:
            fix = "remove focal_length_mm: an added camera has the lens of the rig"
            raise InputError("the keyframes have focal lengths", where=place, fix=fix)
        return [{"world_from_camera": _numbers(found.poses)}]
    by_take = {one.take: one for one in _read(located) if one.camera == entry.camera}
    for take in takes:
        if take not in by_take:
            fix = "add it, or choose other takes with --takes"
            raise InputError(f"no clip {take}/{entry.camera}", where=f"{place} ({text})", fix=fix)
        if by_take[take].frames < batch.frames:
            what = f"{take}/{entry.camera} has {by_take[take].frames} poses, takes have {batch.frames} frames"
            raise InputError(what, where=f"{place} ({text})", fix="give a longer trajectory")
        _check_rate(by_take[take].fps, batch.fps, place)
    return [
        {"take": take, "world_from_camera": _numbers(by_take[take].poses[: batch.frames])} for take in takes
    ]


def _parted(text: str) -> tuple[str, str]:
    return (_SMOOTHED, text.removeprefix(_SMOOTHED)) if text.startswith(_SMOOTHED) else ("", text)


def _read(source: str) -> TrajectorySet:
    """The trajectories of a data set, or of a file or folder of any readable format."""
    if is_dataset(source):
        return TrajectorySet(trajectories=tuple(trajectories_of_clips(sealed_clips(source))))
    return read_trajectories(source)


def _check_rate(fps: float | None, wanted: float, where: str) -> None:
    if fps is not None and abs(fps - wanted) > _RATE_TOLERANCE * wanted:
        what = f"{fps:g} frames per second, takes have {wanted:g}"
        raise InputError(what, where=where, fix=f"give a trajectory with fps = {wanted:g}")


def _numbers(poses: CameraPose) -> list[float]:
    return list(np.ravel(poses.world_from_camera).tolist())
