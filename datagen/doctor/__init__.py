"""What holds on a running engine: a list of checks, each with what to do if it fails."""

from .report import DoctorReport, doctor_report, examine

__all__ = ["DoctorReport", "doctor_report", "examine"]
