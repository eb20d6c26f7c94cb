"""Every trajectory format in and out; each format's convention is at the top of its file."""

from ..keyframes import Keyframe, Trajectory, read_keyframes
from .by_name import trajectory_from
from .convert import (
    FORMATS,
    convert,
    convert_clips,
    format_of,
    iter_trajectories,
    read_trajectories,
    write_trajectories,
    written,
)
from .files import natural_key
from .tables import clips_of_trajectories, trajectories_of_clips
from .trajectory_set import NamedTrajectory, TrajectorySet

__all__ = [
    "FORMATS",
    "Keyframe",
    "NamedTrajectory",
    "Trajectory",
    "TrajectorySet",
    "clips_of_trajectories",
    "convert",
    "convert_clips",
    "format_of",
    "iter_trajectories",
    "natural_key",
    "read_keyframes",
    "read_trajectories",
    "trajectories_of_clips",
    "trajectory_from",
    "write_trajectories",
    "written",
]
