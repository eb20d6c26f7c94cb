"""What holds on a running engine: a list of checks, each with what to do if it fails."""

from .report import DoctorReport, examine

__all__ = ["DoctorReport", "examine"]
