"""The surfaces of the levels of the embedded engine."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ..engine.content.assets import Asset, find_asset, level
from ..engine.content.disk_cache import cached
from .surfaces import LevelSurfaces

# A level has some 20 MB.
_KEPT_LEVELS = 8
_SOURCES = [Path(__file__).with_name(name) for name in ("surfaces.py", "box_tree.py")]


def level_surfaces(asset: str) -> LevelSurfaces | None:
    """The surfaces of a level of the embedded engine; None for other levels."""
    found = find_asset(asset, "World")
    return surfaces_of(found) if found else None


@lru_cache(maxsize=_KEPT_LEVELS)
def surfaces_of(asset: Asset) -> LevelSurfaces:
    """The surfaces of a level."""
    found = level(asset)
    surfaces = LevelSurfaces.of(found.props, found.space_cm)
    triangles = surfaces.corners_m.tobytes()
    aids = cached(f"surfaces-{asset.name}", surfaces.search_aids, sources=_SOURCES, data=triangles)
    return replace(surfaces, aids=aids)
