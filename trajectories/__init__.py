"""Where cameras go: poses, motions, speed curves, rigs and the clip table.

Sampling rigs, reading other formats and the audit are the sub-packages ``sampling``, ``formats``, ``audit``.
"""

from .basic_moves import NAMED_TRAJECTORIES, named_trajectory
from .clip_table import (
    CONVENTION,
    TABLE_VERSION,
    PoseRow,
    PoseTable,
    pose_row,
    pose_schema,
    pose_table_bytes,
    read_poses,
    rig_rows,
    write_poses,
)
from .keyframes import Keyframe, Trajectory, read_keyframes
from .lenses import Intrinsics, Lens
from .motions import MOTIONS, Arc, Motion, Pan, PanTilt, RandomMove, Static, Tilt, Translation
from .pose_errors import POSE_ERROR_PRESETS, PoseErrors, PoseErrorSettings, pose_errors
from .poses import CameraPose, compose
from .rigs import CameraMove, Rig, camera_name
from .smoothing import smoothed
from .speed import TimeBase, speed_curve, time_fractions
from .unreal import (
    pose_from_unreal,
    unreal_from_pose,
    unreal_from_world,
    world_from_unreal,
    yaw_deg_in_unreal,
)

__all__ = [
    "CONVENTION",
    "MOTIONS",
    "NAMED_TRAJECTORIES",
    "POSE_ERROR_PRESETS",
    "TABLE_VERSION",
    "Arc",
    "CameraMove",
    "CameraPose",
    "Intrinsics",
    "Keyframe",
    "Lens",
    "Motion",
    "Pan",
    "PanTilt",
    "PoseErrorSettings",
    "PoseErrors",
    "PoseRow",
    "PoseTable",
    "RandomMove",
    "Rig",
    "Static",
    "Tilt",
    "TimeBase",
    "Trajectory",
    "Translation",
    "camera_name",
    "compose",
    "named_trajectory",
    "pose_errors",
    "pose_from_unreal",
    "pose_row",
    "pose_schema",
    "pose_table_bytes",
    "read_keyframes",
    "read_poses",
    "rig_rows",
    "smoothed",
    "speed_curve",
    "time_fractions",
    "unreal_from_pose",
    "unreal_from_world",
    "world_from_unreal",
    "write_poses",
    "yaw_deg_in_unreal",
]
