"""The audit: what a set of trajectories contains, and whether it follows the rules."""

from .accumulator import audit_clips
from .audit import audit
from .checks import CHECKS
from .doctor import FAULTS, DoctorReport, Fault, examine
from .findings import Finding
from .fit.fit_test import FitTest
from .from_trajectories import file_source
from .measured.comparison import Comparison, FeatureGap
from .measured.copies import RigCopy
from .measured.features import Feature
from .measured.images import ImageStatistics
from .measured.pairs import PairStatistics
from .measured.redundancy import Redundancy
from .page import motion_colour, rig_script, write_audit_page
from .policies import FAIL_ON
from .proposals import Proposals
from .recovered.moves import RecoveredMoves, recover_moves
from .recovered.summary import Recovered, RecoveredMove
from .report import AuditReport
from .set_counts import SourceFacts

__all__ = [
    "CHECKS",
    "FAIL_ON",
    "FAULTS",
    "AuditReport",
    "Comparison",
    "DoctorReport",
    "Fault",
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
    "examine",
    "file_source",
    "motion_colour",
    "recover_moves",
    "rig_script",
    "write_audit_page",
]
