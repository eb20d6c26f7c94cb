"""Exporting data sets in the layouts of others."""

from .run import FORMATS, ExportOptions, ExportReport, export_dataset

__all__ = ["FORMATS", "ExportOptions", "ExportReport", "export_dataset"]
