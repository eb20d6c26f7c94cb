"""Camera rigs sampled from declared rules."""

from .limits import ENGINE_PREFIX, REASONS, Limits
from .moves import KINDS, Moves
from .rejection import sample_checked_rigs
from .rigs import Acceptance, RigBatch, poses_of_moves, sample_rigs
from .rules import INFERRED, PRESETS, Rules, rules_from, rules_table
from .rules_file import load_rules, rules_of_file
from .shot import Frames, FramesPerSecond, Shot, SidePx
from .slots import SLOTS
from .subjects import Subjects
from .to_table import clips_of_rigs, sample_table
from .validity import PATH_CHECKS, Measured, PathCheck, Paths, check_paths

__all__ = [
    "ENGINE_PREFIX",
    "INFERRED",
    "KINDS",
    "PATH_CHECKS",
    "PRESETS",
    "REASONS",
    "SLOTS",
    "Acceptance",
    "Frames",
    "FramesPerSecond",
    "Limits",
    "Measured",
    "Moves",
    "PathCheck",
    "Paths",
    "RigBatch",
    "Rules",
    "Shot",
    "SidePx",
    "Subjects",
    "check_paths",
    "clips_of_rigs",
    "load_rules",
    "poses_of_moves",
    "rules_from",
    "rules_of_file",
    "rules_table",
    "sample_checked_rigs",
    "sample_rigs",
    "sample_table",
]
