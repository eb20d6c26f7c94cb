"""The doctor: faults of sets that others made."""

from .doctor import examine
from .faults import FAULTS, Fault
from .report import DoctorReport, joined

__all__ = ["FAULTS", "DoctorReport", "Fault", "examine", "joined"]
