"""The audit: what a set of trajectories is, held against the rules it should follow."""

from .accumulator import audit_poses
from .audit import audit
from .checks import CHECKS
from .measured.features import Feature
from .page import write_audit_page
from .recovered.moves import RecoveredMoves, recover_moves
from .report import (
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

__all__ = [
    "CHECKS",
    "AuditReport",
    "Comparison",
    "Feature",
    "FeatureGap",
    "Finding",
    "ImageStatistics",
    "LawTest",
    "PairStatistics",
    "Recovered",
    "RecoveredMove",
    "RecoveredMoves",
    "Redundancy",
    "SourceFacts",
    "audit",
    "audit_poses",
    "recover_moves",
    "write_audit_page",
]
