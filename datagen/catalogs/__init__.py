"""The catalog of the embedded engine, and the commands that list, show, check and propose a catalog."""

from .check import check_catalog
from .items import CatalogItems, chosen_items
from .preview import preview_catalog
from .scan import scan_catalog

__all__ = ["CatalogItems", "check_catalog", "chosen_items", "preview_catalog", "scan_catalog"]
