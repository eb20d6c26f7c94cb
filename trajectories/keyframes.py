"""Trajectories made by hand: a TOML file of keyframes and the smooth path through them.

The conventions are those of trajectories/README.md: world right-handed, Z up, metres; heading
counter-clockwise from +X seen from above, pitch up, roll clockwise seen from behind, all in degrees;
``rotation`` is world_from_camera, row by row.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
from jaxtyping import Float
from pydantic import Field

from multitake.errors import InputError
from multitake.settings import STRICT, read_toml, validated

from .poses import CameraPose
from .unreal import pose_from_unreal, yaw_deg_in_unreal

# Larger numbers are no measurements, and overflow when they are squared.
_Number = Annotated[float, Field(ge=-1e9, le=1e9, allow_inf_nan=False)]
Point = tuple[_Number, _Number, _Number]
_FocalLength = Annotated[float, Field(ge=0.01, le=1e5)]
_HALF_TURN_DEG = 179.9
_MOST_FRAMES = 100_000
_SHORTEST_STEP_S = 1e-6


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """The path of one camera: ``poses`` ``(frames)``, and rate and focal length if the source has them."""

    poses: CameraPose
    fps: float | None = None
    focal_length_mm: Float[np.ndarray, "frames"] | None = None


@dataclass(frozen=True, kw_only=True)
class Keyframe:
    """One pose of a trajectory made by hand: a position, and exactly one way to give the orientation."""

    __pydantic_config__ = STRICT
    position_m: Point
    time_s: _Number | None = None
    look_at_m: Point | None = None
    heading_deg: _Number | None = None
    pitch_deg: _Number | None = None
    roll_deg: _Number | None = None
    rotation: Annotated[tuple[_Number, ...], Field(min_length=9, max_length=9)] | None = None
    focal_length_mm: _FocalLength | None = None

    def __post_init__(self) -> None:
        angles = (self.heading_deg, self.pitch_deg, self.roll_deg)
        has_angles = any(angle is not None for angle in angles)
        ways = (self.look_at_m is not None) + has_angles + (self.rotation is not None)
        if ways != 1:
            fix = "give one of look_at_m, heading_deg (with pitch_deg, roll_deg), rotation"
            raise ValueError(f"{'several orientations' if ways else 'no orientation'}; {fix}")


@dataclass(frozen=True, kw_only=True)
class KeyframeFile:
    """A trajectory made by hand. All keyframes have times, or they are evenly spaced over ``frames``."""

    __pydantic_config__ = STRICT
    keyframe: Annotated[tuple[Keyframe, ...], Field(min_length=2)]
    fps: Annotated[float, Field(ge=0.1, le=1000, allow_inf_nan=False)] = 15.0
    frames: Annotated[int, Field(ge=2, le=_MOST_FRAMES)] | None = None


def read_keyframes(path: Path, *, frames: int | None = None) -> Trajectory:
    """Read a TOML file of keyframes and return the smooth trajectory through them.

    Positions follow a natural cubic spline, rotations its counterpart on SO(3), which takes the shorter way
    between keyframes; both have continuous acceleration. If all keyframes have ``look_at_m``, that point
    follows a spline instead, and the camera looks at it in every frame. Focal lengths stay within the range
    of their keyframes.

    ``frames`` is the number of frames for a file that has neither times nor ``frames``. InputError names the
    file and the key.
    """
    where = str(path)
    file = validated(KeyframeFile, read_toml(path), where=where)
    keys = file.keyframe
    at_s, times_s = _times(file, where, frames)
    position_m = _spline(at_s, np.array([key.position_m for key in keys]), times_s)
    rotations = [_rotation(key, f"{where}: keyframe.{index}") for index, key in enumerate(keys)]
    if all(key.look_at_m is not None for key in keys):
        target_m = _spline(at_s, np.array([key.look_at_m for key in keys]), times_s)
        poses = _looking_at(position_m, target_m, where)
    else:
        poses = CameraPose.of(_rotation_spline(at_s, np.stack(rotations), times_s, where), position_m)
    return Trajectory(poses=poses, fps=file.fps, focal_length_mm=_focal_lengths(keys, at_s, times_s, where))


def _times(
    file: KeyframeFile, where: str, wanted: int | None
) -> tuple[Float[np.ndarray, "keys"], Float[np.ndarray, "frames"]]:
    """Times of the keyframes and of the frames, in seconds after the first keyframe."""
    given = [key.time_s for key in file.keyframe if key.time_s is not None]
    if not given:
        frames = file.frames or wanted
        if frames is None or frames < 2:
            fix = "give `frames`, at least 2, or the time_s of every keyframe"
            raise InputError("missing", where=f"{where}: frames", fix=fix)
        times_s = np.arange(frames) / file.fps
        return np.linspace(0, times_s[-1], len(file.keyframe)), times_s
    for index, key in enumerate(file.keyframe):
        if key.time_s is None or (index and not key.time_s >= given[index - 1] + _SHORTEST_STEP_S):
            what = (
                "missing" if key.time_s is None else f"{key.time_s:g} is not later than the keyframe before"
            )
            fix = "give every keyframe a later time than the one before, or give none a time"
            raise InputError(what, where=f"{where}: keyframe.{index}.time_s", fix=fix)
    if file.frames is not None:
        fix = "remove it: the times of the keyframes define the length"
        raise InputError("the length is defined twice", where=f"{where}: frames", fix=fix)
    at_s = np.array(given) - given[0]
    if at_s[-1] * file.fps >= _MOST_FRAMES:
        what = f"{at_s[-1]:g} s at {file.fps:g} fps are more than {_MOST_FRAMES} frames"
        fix = "give shorter times, or fewer frames per second"
        raise InputError(what, where=f"{where}: keyframe.{len(given) - 1}.time_s", fix=fix)
    # Tolerance for a last keyframe at exactly k / fps.
    return at_s, np.arange(int(at_s[-1] * file.fps + 1e-6) + 1) / file.fps


def _rotation(key: Keyframe, where: str) -> Float[np.ndarray, "3 3"]:
    if key.look_at_m is not None:
        return _looking_at(
            np.array([key.position_m]), np.array([key.look_at_m]), f"{where}.look_at_m"
        ).rotation[0]
    if key.rotation is None:
        angles_deg = (key.pitch_deg or 0.0, yaw_deg_in_unreal(key.heading_deg or 0.0), key.roll_deg or 0.0)
        return pose_from_unreal(np.zeros(3), np.array(angles_deg)).rotation
    rotation = np.array(key.rotation).reshape(3, 3)
    return CameraPose.of(rotation, np.array(key.position_m)).checked(f"{where}.rotation").rotation


def _looking_at(
    position_m: Float[np.ndarray, "frames 3"], target_m: Float[np.ndarray, "frames 3"], where: str
) -> CameraPose:
    if (np.linalg.norm((target_m - position_m)[:, :2], axis=-1) < 1e-9).any():
        fix = "look at a point that is not straight above, below or inside the camera"
        raise InputError("the camera looks straight up or down", where=where, fix=fix)
    return CameraPose.looking(position_m, target_m - position_m)


def _spline(
    at_s: Float[np.ndarray, "keys"], values: Float[np.ndarray, "keys 3"], times_s: Float[np.ndarray, "frames"]
) -> Float[np.ndarray, "frames 3"]:
    from scipy.interpolate import CubicSpline

    return CubicSpline(at_s, values, bc_type="natural")(times_s)


def _rotation_spline(
    at_s: Float[np.ndarray, "keys"],
    rotations: Float[np.ndarray, "keys 3 3"],
    times_s: Float[np.ndarray, "frames"],
    where: str,
) -> Float[np.ndarray, "frames 3 3"]:
    from scipy.spatial.transform import Rotation, RotationSpline

    keys = Rotation.from_matrix(rotations)
    turns_deg = np.degrees((keys[:-1].inv() * keys[1:]).magnitude())
    for index in np.flatnonzero(turns_deg > _HALF_TURN_DEG):
        fix = "add a keyframe in between that defines the direction"
        raise InputError("rotation by half a turn", where=f"{where}: keyframe.{index + 1}", fix=fix)
    return RotationSpline(at_s, keys)(times_s).as_matrix()


def _focal_lengths(
    keys: tuple[Keyframe, ...],
    at_s: Float[np.ndarray, "keys"],
    times_s: Float[np.ndarray, "frames"],
    where: str,
) -> Float[np.ndarray, "frames"] | None:
    from scipy.interpolate import PchipInterpolator

    focal_mm = [key.focal_length_mm for key in keys]
    if not any(focal_mm):
        return None
    if None in focal_mm:
        place = f"{where}: keyframe.{focal_mm.index(None)}.focal_length_mm"
        raise InputError("missing", where=place, fix="give it to every keyframe, or to none")
    # Interpolated as a logarithm, so that a zoom enlarges the image evenly.
    return np.exp(PchipInterpolator(at_s, np.log(np.array(focal_mm, dtype=np.float64)))(times_s))
