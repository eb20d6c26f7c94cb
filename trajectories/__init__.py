"""Where cameras go: poses, motions, speed curves, rigs and the clip table.

Sub-packages: ``sampling`` (rigs from rules), ``formats`` (reading and writing), ``audit``.
"""

from .basic_moves import BASIC_MOVES, basic_move
from .camera_moves import camera_move
from .clip_source import ClipSource
from .clip_table import (
    CONVENTION,
    ClipRow,
    ClipTable,
    clip_schema,
    clip_table_bytes,
    iter_clips,
    read_clips,
    write_clips,
)
from .footage import Footage, JoinedFootage, Scene, Scenes
from .lenses import Intrinsics, Lens, horizontal_fov_deg
from .motions import (
    MOTIONS,
    Arc,
    DollyZoom,
    Motion,
    Pan,
    PanTilt,
    RandomMove,
    Roll,
    Static,
    Tilt,
    Translation,
    Zoom,
)
from .move_labels import PRIMITIVES, CameraMove, MoveLabel
from .pose_errors import POSE_ERROR_PRESETS, PoseErrors, PoseErrorSettings, pose_errors
from .poses import CameraPose
from .rigs import Rig, camera_name
from .shake import SHAKES, Handheld, HeadMounted, Shake, ShakeBand, ShakeSample
from .smoothing import smoothed
from .speed import speed_curve
from .unreal import (
    normal_levels_from_unreal,
    pose_from_unreal,
    transforms_from_unreal,
    triangles_from_unreal,
    unreal_from_pose,
    unreal_from_world,
    world_from_unreal,
    yaw_deg_in_unreal,
)
from .videos import Recording, VideoFile, Videos

__all__ = [
    "BASIC_MOVES",
    "CONVENTION",
    "MOTIONS",
    "POSE_ERROR_PRESETS",
    "PRIMITIVES",
    "SHAKES",
    "Arc",
    "CameraMove",
    "CameraPose",
    "ClipRow",
    "ClipSource",
    "ClipTable",
    "DollyZoom",
    "Footage",
    "Handheld",
    "HeadMounted",
    "Intrinsics",
    "JoinedFootage",
    "Lens",
    "Motion",
    "MoveLabel",
    "Pan",
    "PanTilt",
    "PoseErrorSettings",
    "PoseErrors",
    "RandomMove",
    "Recording",
    "Rig",
    "Roll",
    "Scene",
    "Scenes",
    "Shake",
    "ShakeBand",
    "ShakeSample",
    "Static",
    "Tilt",
    "Translation",
    "VideoFile",
    "Videos",
    "Zoom",
    "basic_move",
    "camera_move",
    "camera_name",
    "clip_schema",
    "clip_table_bytes",
    "horizontal_fov_deg",
    "iter_clips",
    "normal_levels_from_unreal",
    "pose_errors",
    "pose_from_unreal",
    "read_clips",
    "smoothed",
    "speed_curve",
    "transforms_from_unreal",
    "triangles_from_unreal",
    "unreal_from_pose",
    "unreal_from_world",
    "world_from_unreal",
    "write_clips",
    "yaw_deg_in_unreal",
]
