"""Where cameras go: rules, motions, speed curves, rigs, the pose table and the audit of any of them."""

from .auditing.checks import CHECKS
from .auditing.features import Feature
from .auditing.forensics import RecoveredMoves, recover_moves
from .auditing.page import write_audit_page
from .auditing.report import (
    AuditReport,
    Comparison,
    FeatureGap,
    Finding,
    ImageStatistics,
    LawTest,
    PairStatistics,
    Recovered,
    RecoveredMove,
    Redundancy,
    SourceFacts,
)
from .auditing.running import audit_poses
from .auditing.source import audit
from .errors import InputError
from .formats import (
    NamedTrajectory,
    TrajectorySet,
    convert,
    iter_trajectories,
    read_trajectories,
    write_trajectories,
)
from .keyframes import Keyframe, Trajectory, read_keyframes
from .lenses import Intrinsics, Lens
from .limits import REASONS, Limits
from .motions import MOTIONS, Arc, Motion, Pan, PanTilt, RandomMove, Static, Tilt, Translation
from .moves import Moves
from .named import NAMED_TRAJECTORIES, named_trajectory
from .pose_errors import POSE_ERROR_PRESETS, PoseErrors, PoseErrorSettings, pose_errors
from .pose_sampling import sample_poses
from .poses import CameraPose, compose
from .randomness import rig_uniforms, rng_for
from .redrawing import Acceptance, SampledRigs, sample_checked_rigs
from .rigs import CameraMove, Rig, camera_name
from .rules import INFERRED, PRESETS, Rules, rules_from, rules_named, rules_table
from .rules_file import load_rules
from .sampling import RigBatch, sample_rigs
from .settings import STRICT, read_toml, validated
from .smoothing import smoothed
from .speed import TimeBase, speed_curve, time_fractions
from .table import (
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
from .trajectory_source import trajectory_from
from .unreal import (
    pose_from_unreal,
    unreal_from_pose,
    unreal_from_world,
    world_from_unreal,
    yaw_deg_in_unreal,
)
from .validity import PATH_CHECKS, Measured, PathCheck, Paths, Shot, Verdicts, judge

__all__ = [
    "CHECKS",
    "CONVENTION",
    "INFERRED",
    "MOTIONS",
    "NAMED_TRAJECTORIES",
    "PATH_CHECKS",
    "POSE_ERROR_PRESETS",
    "PRESETS",
    "REASONS",
    "STRICT",
    "TABLE_VERSION",
    "Acceptance",
    "Arc",
    "AuditReport",
    "CameraMove",
    "CameraPose",
    "Comparison",
    "Feature",
    "FeatureGap",
    "Finding",
    "ImageStatistics",
    "InputError",
    "Intrinsics",
    "Keyframe",
    "LawTest",
    "Lens",
    "Limits",
    "Measured",
    "Motion",
    "Moves",
    "NamedTrajectory",
    "PairStatistics",
    "Pan",
    "PanTilt",
    "PathCheck",
    "Paths",
    "PoseErrorSettings",
    "PoseErrors",
    "PoseRow",
    "PoseTable",
    "RandomMove",
    "Recovered",
    "RecoveredMove",
    "RecoveredMoves",
    "Redundancy",
    "Rig",
    "RigBatch",
    "Rules",
    "SampledRigs",
    "Shot",
    "SourceFacts",
    "Static",
    "Tilt",
    "TimeBase",
    "Trajectory",
    "TrajectorySet",
    "Translation",
    "Verdicts",
    "audit",
    "audit_poses",
    "camera_name",
    "compose",
    "convert",
    "iter_trajectories",
    "judge",
    "load_rules",
    "named_trajectory",
    "pose_errors",
    "pose_from_unreal",
    "pose_row",
    "pose_schema",
    "pose_table_bytes",
    "read_keyframes",
    "read_poses",
    "read_toml",
    "read_trajectories",
    "recover_moves",
    "rig_rows",
    "rig_uniforms",
    "rng_for",
    "rules_from",
    "rules_named",
    "rules_table",
    "sample_checked_rigs",
    "sample_poses",
    "sample_rigs",
    "smoothed",
    "speed_curve",
    "time_fractions",
    "trajectory_from",
    "unreal_from_pose",
    "unreal_from_world",
    "validated",
    "world_from_unreal",
    "write_audit_page",
    "write_poses",
    "write_trajectories",
    "yaw_deg_in_unreal",
]
