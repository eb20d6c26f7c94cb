"""Cameras that film takes beside the cameras of their rigs: values of a batch."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
from pydantic import AfterValidator, Field

from multitake.settings import FINITE
from trajectories import CameraPose

_NAME = re.compile(r"[A-Za-z0-9_-]{1,32}")
_NUMBERS_PER_POSE = 12

_Azimuth = Annotated[float, Field(ge=-360, le=360)]
_Elevation = Annotated[float, Field(ge=-80, le=80)]
_Angle = Annotated[float, Field(ge=-360, le=360)]
_Tilt = Annotated[float, Field(ge=-180, le=180)]
_Metres = Annotated[float, Field(gt=0, le=1e4)]
_Offset = Annotated[float, Field(ge=-1e4, le=1e4)]
_SpeedA = Annotated[float, Field(ge=-20, le=20)]
Vector = tuple[_Offset, _Offset, _Offset]
MotionName = Literal["static", "pan", "tilt", "pan_tilt", "translation", "arc", "random"]

# The keys of each motion; `translation` also needs a length.
_KEYS: dict[str, tuple[str, ...]] = {
    "static": (),
    "pan": ("angle_deg",),
    "tilt": ("angle_deg",),
    "pan_tilt": ("angle_deg", "tilt_deg"),
    "arc": ("angle_deg",),
    "translation": ("direction",),
    "random": ("waypoints_m",),
}
_LENGTHS = ("distance_m", "distance_ratio")


def _valid_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"invalid name {name!r}; use letters, digits, '-' and '_'")
    return name


# Names are parts of file names.
CameraName = Annotated[str, AfterValidator(_valid_name)]


@dataclass(frozen=True, kw_only=True)
class Start:
    """Where a camera starts: at the first pose of ``camera``, or around the subject, aiming at it.

    Attributes:
        camera: the name of a camera of the rig.
        radius_m: distance from the subject point in the first frame.
        elevation_deg: elevation above that point.
        azimuth_deg: direction from that point: 0 is where the subject faces, 90 is to its left.
    """

    __pydantic_config__ = FINITE
    camera: CameraName | None = None
    radius_m: _Metres | None = None
    elevation_deg: _Elevation | None = None
    azimuth_deg: _Azimuth | None = None

    def __post_init__(self) -> None:
        around = (self.radius_m, self.elevation_deg, self.azimuth_deg)
        if (self.camera is not None) == any(value is not None for value in around):
            raise ValueError("must have one start; give camera, or radius_m, elevation_deg and azimuth_deg")
        if self.camera is None and None in around:
            raise ValueError("incomplete start; give radius_m, elevation_deg and azimuth_deg")


@dataclass(frozen=True, kw_only=True)
class Move:
    """A motion of the rules with its parameters, see ``ClipRow``.

    Attributes:
        direction: of a translation, of any length.
        distance_ratio: length of a translation over the start's distance from the subject.
        waypoints_m: waypoints of a random move, as offsets from the start.
        frame: the axes of ``direction`` and ``waypoints_m``: those of the start ``camera`` (x right, y down,
            z forward), or those of the ``world``.
        speed_a: a of ReCamMaster eq. 10; 0 is constant speed.
    """

    __pydantic_config__ = FINITE
    motion: MotionName
    angle_deg: _Angle | None = None
    tilt_deg: _Tilt | None = None
    direction: Vector | None = None
    distance_m: _Metres | None = None
    distance_ratio: Annotated[float, Field(gt=0, le=100)] | None = None
    waypoints_m: Annotated[tuple[Vector, ...], Field(max_length=3)] = ()
    frame: Literal["camera", "world"] = "camera"
    is_tracking: bool = False
    speed_a: _SpeedA = 0.0

    def __post_init__(self) -> None:
        needed = _KEYS[self.motion]
        for key in dict.fromkeys(key for keys in _KEYS.values() for key in keys):
            is_given = getattr(self, key) not in (None, ())
            if is_given != (key in needed):
                what = "does not have" if is_given else "needs"
                raise ValueError(f"{self.motion} {what} {key}; {'remove it' if is_given else 'add it'}")
        lengths = sum(getattr(self, key) is not None for key in _LENGTHS)
        if lengths != (self.motion == "translation"):
            fix = "give one of distance_m and distance_ratio to a translation, and to no other motion"
            raise ValueError(f"{self.motion} with {lengths} lengths; {fix}")
        if self.is_tracking and self.motion != "translation":
            raise ValueError(f"{self.motion} does not have is_tracking; remove it")
        if self.direction is not None and not any(self.direction):
            raise ValueError("direction has no length; give a vector that is not 0")


@dataclass(frozen=True, kw_only=True)
class StatedPath:
    """The poses of a camera in the take ``take``, or in all takes without one.

    ``world_from_camera`` are the 3x4 matrices of all frames, row by row.
    """

    __pydantic_config__ = FINITE
    world_from_camera: tuple[float, ...]
    take: str = ""

    def __post_init__(self) -> None:
        numbers = len(self.world_from_camera)
        if not numbers or numbers % _NUMBERS_PER_POSE:
            raise ValueError(f"{numbers} numbers are not poses; give {_NUMBERS_PER_POSE} for each frame")
        if fault := self.poses.first_fault():
            raise ValueError(f"in frame {fault.index[0]}, {fault.what}; {fault.fix}")

    @property
    def poses(self) -> CameraPose:
        """The poses, batch (frames)."""
        return CameraPose(np.array(self.world_from_camera).reshape(-1, 3, 4))


@dataclass(frozen=True, kw_only=True)
class ExtraCamera:
    """A camera with the lens of the rig: it makes a ``move``, or follows one of ``paths``.

    Attributes:
        start: where a move starts, or where a path of the frame ``start`` does; by default at the first pose
            of the first camera of the rig.
        frame: the axes of ``paths``: those of the ``world``; those of the ``subject`` in the first frame,
            with the origin at its feet, x ahead, y to its left and z up; or ``start``: the path is moved so
            that its first pose is the start.
    """

    __pydantic_config__ = FINITE
    name: CameraName
    start: Start | None = None
    move: Move | None = None
    paths: tuple[StatedPath, ...] = ()
    frame: Literal["world", "subject", "start"] = "world"

    def __post_init__(self) -> None:
        if (self.move is None) == (not self.paths):
            raise ValueError("must have one motion; give move or paths")
        if self.start is not None and self.move is None and self.frame != "start":
            raise ValueError(
                f'a path in the frame {self.frame} has no start; remove start, or frame = "start"'
            )
        takes = [path.take for path in self.paths]
        if len(set(takes)) < len(takes):
            raise ValueError("several paths for one take; give each take one path")

    def path_of(self, take: str) -> StatedPath | None:
        """The path in a take; None if there is none."""
        by_take = {path.take: path for path in self.paths}
        return by_take.get(take, by_take.get(""))
