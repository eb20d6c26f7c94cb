"""Every trajectory format in and out; each format's convention is at the top of its file."""

from ..keyframes import Keyframe, Trajectory, read_keyframes
from .convert import FORMATS, convert, format_of, iter_trajectories, read_trajectories, write_trajectories
from .reference import trajectory_from
from .tables import clips_of_trajectories
from .trajectory_set import NamedTrajectory, TrajectorySet

__all__ = [
    "FORMATS",
    "Keyframe",
    "NamedTrajectory",
    "Trajectory",
    "TrajectorySet",
    "clips_of_trajectories",
    "convert",
    "format_of",
    "iter_trajectories",
    "read_keyframes",
    "read_trajectories",
    "trajectory_from",
    "write_trajectories",
]
