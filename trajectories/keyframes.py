"""Trajectories made by hand: a TOML file of keyframes, and the smooth path through them.

Conventions are the README's: world right-handed, Z up, metres; heading counter-clockwise from +X seen from
above, pitch up, roll clockwise seen from behind, all in degrees; ``rotation`` is world_from_camera, row by
row.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError
from multitake.settings import STRICT, read_toml, validated

from .poses import CameraPose
from .unreal import pose_from_unreal, yaw_deg_in_unreal

Point = tuple[float, float, float]
_HALF_TURN_DEG = 179.9


@dataclass(frozen=True, kw_only=True)
class Trajectory:
    """One camera's path: ``poses`` ``(frames)``; None where its source does not state rate or lens."""

    poses: CameraPose
    fps: float | None = None
    focal_length_mm: Float[np.ndarray, "frames"] | None = None


@dataclass(frozen=True, kw_only=True)
class Keyframe:
    """One pose of a hand-made trajectory: its position, and one way to say where it looks."""

    __pydantic_config__ = STRICT
    position_m: Point
    time_s: float | None = None
    look_at_m: Point | None = None
    heading_deg: float | None = None
    pitch_deg: float | None = None
    roll_deg: float | None = None
    rotation: tuple[float, ...] | None = None
    focal_length_mm: float | None = None


@dataclass(frozen=True, kw_only=True)
class KeyframeFile:
    """A hand-made trajectory. Its keyframes either all have times, or lie evenly spaced over ``frames``."""

    __pydantic_config__ = STRICT
    keyframe: tuple[Keyframe, ...]
    fps: float = 15.0
    frames: int | None = None


def read_keyframes(path: Path, *, frames: int | None = None) -> Trajectory:
    """The smooth trajectory through the keyframes of a TOML file.

    Positions follow a natural cubic spline and rotations its counterpart on SO(3) (both with continuous
    acceleration), each turn the shorter way round. Where all keyframes have ``look_at_m``, the point looked
    at follows a spline instead and every frame aims at it. Focal lengths never leave their keyframes' range.

    ``frames`` is how many frames to spread a file over that names neither times nor ``frames``. InputError
    names the file and the key at fault.
    """
    file = validated(KeyframeFile, read_toml(path), where=str(path))
    at_s, times_s = _times(file, str(path), frames)
    places = [f"{path}: keyframe.{index}" for index in range(len(file.keyframe))]
    position_m = _spline(at_s, np.array([key.position_m for key in file.keyframe]), times_s)
    if all(key.look_at_m is not None and _ways(key) == ["look_at_m"] for key in file.keyframe):
        for key, place in zip(file.keyframe, places, strict=True):
            _key_rotation(key, place)
        target_m = _spline(at_s, np.array([key.look_at_m for key in file.keyframe]), times_s)
        poses = _aimed(position_m, target_m, str(path))
    else:
        keys = np.stack([_key_rotation(*pair) for pair in zip(file.keyframe, places, strict=True)])
        poses = CameraPose.of(_turned(at_s, keys, times_s, str(path)), position_m)
    return Trajectory(poses=poses, fps=file.fps, focal_length_mm=_focal_lengths(file, at_s, times_s, places))


def _times(
    file: KeyframeFile, where: str, wanted: int | None
) -> tuple[Float[np.ndarray, "keys"], Float[np.ndarray, "frames"]]:
    """When each keyframe and each frame is, seconds from the first keyframe."""
    if len(file.keyframe) < 2:
        what = f"{len(file.keyframe)} keyframes make no path"
        raise InputError(what, where=f"{where}: keyframe", fix="give at least two")
    if not 0 < file.fps < np.inf:
        raise InputError(f"{file.fps:g} is no rate", where=f"{where}: fps", fix="give frames a second")
    given = [key.time_s for key in file.keyframe if key.time_s is not None]
    if not given:
        frames = file.frames or wanted
        if frames is None or frames < 2:
            fix = "give `frames`, at least 2, or every keyframe's time_s"
            raise InputError("no length", where=f"{where}: frames", fix=fix)
        times_s = np.arange(frames) / file.fps
        return np.linspace(0, times_s[-1], len(file.keyframe)), times_s
    for index, key in enumerate(file.keyframe):
        if key.time_s is None or (index and not key.time_s > given[index - 1]):
            what = "missing" if key.time_s is None else f"{key.time_s:g} is not later than the one before"
            fix = "give every keyframe a later time than the one before, or none a time"
            raise InputError(what, where=f"{where}: keyframe.{index}.time_s", fix=fix)
    if file.frames is not None:
        fix = "leave it out: the keyframes' times say how long the trajectory is"
        raise InputError("says the length twice", where=f"{where}: frames", fix=fix)
    at_s = np.array(given) - given[0]
    # A hair of slack, so that a last keyframe at exactly k / fps has its frame.
    return at_s, np.arange(int(at_s[-1] * file.fps + 1e-6) + 1) / file.fps


def _ways(key: Keyframe) -> list[str]:
    """The ways in which a keyframe says where it looks."""
    has_angle = any(angle is not None for angle in (key.heading_deg, key.pitch_deg, key.roll_deg))
    ways = {"look_at_m": key.look_at_m is not None, "heading_deg": has_angle, "rotation": bool(key.rotation)}
    return [way for way, is_used in ways.items() if is_used]


def _key_rotation(key: Keyframe, where: str) -> Float[np.ndarray, "3 3"]:
    ways = _ways(key)
    if len(ways) != 1:
        what = f"looks by {' and '.join(ways)}" if ways else "does not say where it looks"
        fix = "give one of look_at_m, heading_deg (with pitch_deg, roll_deg), rotation"
        raise InputError(what, where=where, fix=fix)
    if key.look_at_m is not None:
        return _aimed(np.array([key.position_m]), np.array([key.look_at_m]), f"{where}.look_at_m").rotation[0]
    if key.rotation is None:
        angles = (key.pitch_deg or 0.0, yaw_deg_in_unreal(key.heading_deg or 0.0), key.roll_deg or 0.0)
        return pose_from_unreal(np.zeros(3), np.array(angles)).rotation
    if len(key.rotation) != 9:
        what = f"{len(key.rotation)} numbers"
        raise InputError(what, where=f"{where}.rotation", fix="give 9: world_from_camera, row by row")
    rotation = np.array(key.rotation).reshape(3, 3)
    return CameraPose.of(rotation, np.array(key.position_m)).checked(f"{where}.rotation").rotation


def _aimed(
    position_m: Float[np.ndarray, "frames 3"], target_m: Float[np.ndarray, "frames 3"], where: str
) -> CameraPose:
    if (np.linalg.norm((target_m - position_m)[:, :2], axis=-1) < 1e-9).any():
        fix = "look at a point that is not straight above, below or inside the camera"
        raise InputError("looks straight up or down", where=where, fix=fix)
    return CameraPose.looking(position_m, target_m - position_m)


def _spline(
    at_s: Float[np.ndarray, "keys"], values: Float[np.ndarray, "keys 3"], times_s: Float[np.ndarray, "frames"]
) -> Float[np.ndarray, "frames 3"]:
    from scipy.interpolate import CubicSpline

    return CubicSpline(at_s, values, bc_type="natural")(times_s)


def _turned(
    at_s: Float[np.ndarray, "keys"],
    rotation: Float[np.ndarray, "keys 3 3"],
    times_s: Float[np.ndarray, "frames"],
    where: str,
) -> Float[np.ndarray, "frames 3 3"]:
    from scipy.spatial.transform import Rotation, RotationSpline

    keys = Rotation.from_matrix(rotation)
    turns_deg = np.degrees((keys[:-1].inv() * keys[1:]).magnitude())
    for index in np.flatnonzero(turns_deg > _HALF_TURN_DEG):
        fix = "put a keyframe in between that says which way round"
        raise InputError("a half turn", where=f"{where}: keyframe.{index + 1}", fix=fix)
    return RotationSpline(at_s, keys)(times_s).as_matrix()


def _focal_lengths(
    file: KeyframeFile,
    at_s: Float[np.ndarray, "keys"],
    times_s: Float[np.ndarray, "frames"],
    places: list[str],
) -> Float[np.ndarray, "frames"] | None:
    from scipy.interpolate import PchipInterpolator

    focal_mm = [key.focal_length_mm for key in file.keyframe]
    if not any(focal_mm):
        return None
    for value, place in zip(focal_mm, places, strict=True):
        if value is None or not 0 < value < np.inf:
            what = "missing" if value is None else f"{value:g} mm is no focal length"
            fix = "give every keyframe one, or none"
            raise InputError(what, where=f"{place}.focal_length_mm", fix=fix)
    # In the logarithm, so that a zoom's picture grows evenly.
    return np.exp(PchipInterpolator(at_s, np.log(np.array(focal_mm, dtype=np.float64)))(times_s))
