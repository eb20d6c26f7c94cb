"""Every trajectory format in and out; each format's convention stands at the top of its file."""

from .convert import FORMATS, convert, format_of, iter_trajectories, read_trajectories, write_trajectories
from .reference import trajectory_from
from .trajectory_set import NamedTrajectory, TrajectorySet, stacked_poses

__all__ = [
    "FORMATS",
    "NamedTrajectory",
    "TrajectorySet",
    "convert",
    "format_of",
    "iter_trajectories",
    "read_trajectories",
    "stacked_poses",
    "trajectory_from",
    "write_trajectories",
]
