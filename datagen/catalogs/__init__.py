"""The catalog of the embedded engine, and the commands that list, show and check a catalog."""

from .items import CatalogItems, chosen_items
from .preview import preview_catalog

__all__ = ["CatalogItems", "chosen_items", "preview_catalog"]
