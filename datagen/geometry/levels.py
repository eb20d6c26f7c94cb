"""The surfaces of the levels of the embedded engine."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

from ..engine.content.assets import environment, find_asset
from ..engine.content.disk_cache import cached
from .surfaces import LevelSurfaces

# A level has some 20 MB.
_KEPT_LEVELS = 8
_SOURCES = sorted(Path(__file__).parent.glob("*.py"))


@lru_cache(maxsize=_KEPT_LEVELS)
def level_surfaces(asset: str) -> LevelSurfaces | None:
    """The surfaces of a level of the embedded engine; None for other levels."""
    level = find_asset(asset, "World")
    return (
        cached(f"surfaces-{level.name}", lambda: _surfaces(level.name), sources=_SOURCES) if level else None
    )


def _surfaces(level: str) -> LevelSurfaces:
    found = environment(level)
    surfaces = LevelSurfaces.of(found.props, found.space_cm)
    return replace(surfaces, aids=surfaces.search_aids())
