"""The audit: what a set of trajectories contains, and whether it follows the rules."""

from .accumulator import audit_clips
from .audit import audit
from .checks import CHECKS
from .from_trajectories import file_source
from .measured.features import Feature
from .page import write_audit_page
from .policies import FAIL_ON
from .recovered.moves import RecoveredMoves, recover_moves
from .report import (
    AuditReport,
    Comparison,
    FeatureGap,
    Finding,
    FitTest,
    ImageStatistics,
    PairStatistics,
    Proposals,
    Recovered,
    RecoveredMove,
    Redundancy,
    RigCopy,
    SourceFacts,
)

__all__ = [
    "CHECKS",
    "FAIL_ON",
    "AuditReport",
    "Comparison",
    "Feature",
    "FeatureGap",
    "Finding",
    "FitTest",
    "ImageStatistics",
    "PairStatistics",
    "Proposals",
    "Recovered",
    "RecoveredMove",
    "RecoveredMoves",
    "Redundancy",
    "RigCopy",
    "SourceFacts",
    "audit",
    "audit_clips",
    "file_source",
    "recover_moves",
    "write_audit_page",
]
