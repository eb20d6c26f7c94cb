"""Camera rigs sampled from declared rules."""

from .limits import REASONS, Limits
from .moves import Moves
from .parameters import DRAWS_PER_CAMERA
from .rejection import Acceptance, SampledRigs, sample_checked_rigs
from .rigs import RigBatch, sample_rigs
from .rules import INFERRED, PRESETS, Rules, rules_from, rules_named, rules_table
from .rules_file import load_rules
from .to_table import sample_poses
from .validity import PATH_CHECKS, Measured, PathCheck, Paths, Shot, Verdicts, judge

__all__ = [
    "DRAWS_PER_CAMERA",
    "INFERRED",
    "PATH_CHECKS",
    "PRESETS",
    "REASONS",
    "Acceptance",
    "Limits",
    "Measured",
    "Moves",
    "PathCheck",
    "Paths",
    "RigBatch",
    "Rules",
    "SampledRigs",
    "Shot",
    "Verdicts",
    "judge",
    "load_rules",
    "rules_from",
    "rules_named",
    "rules_table",
    "sample_checked_rigs",
    "sample_poses",
    "sample_rigs",
]
