"""Importing published data sets: MultiCamVideo and SynCamVideo, as folders or as their archives."""

from .captions import captions_csv, read_captions
from .report import ImportReport
from .run import import_dataset
from .scenes import FORMATS
from .settings import ImportOptions

__all__ = ["FORMATS", "ImportOptions", "ImportReport", "captions_csv", "import_dataset", "read_captions"]
