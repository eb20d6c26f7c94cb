"""The command ``status``: how much of a data set is done, and how its runs go."""

from .dataset_status import DatasetStatus, StatusReader
from .page import StatusPage
from .watch import change_line, show_status, watch_status

__all__ = ["DatasetStatus", "StatusPage", "StatusReader", "change_line", "show_status", "watch_status"]
