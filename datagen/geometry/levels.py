"""The surfaces of the levels of the embedded engine."""

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import trajectories

from ..engine.assets import Asset, find_asset, level
from ..engine.content.disk_cache import cached
from ..engine.imported.user_asset import file_sha256
from .surfaces import LevelSurfaces

# A level has some 20 MB.
_KEPT_LEVELS = 8
_FOLDER = Path(__file__).parent
_SOURCES = sorted(
    [
        *_FOLDER.glob("*.py"),
        *_FOLDER.parent.glob("engine/imported/*.py"),
        Path(trajectories.__file__).with_name("unreal.py"),
    ]
)


def level_surfaces(asset: str) -> LevelSurfaces | None:
    """The surfaces of a level of the embedded engine; None for other levels."""
    found = find_asset(asset, "World")
    return surfaces_of(found) if found else None


@lru_cache(maxsize=_KEPT_LEVELS)
def surfaces_of(asset: Asset) -> LevelSurfaces:
    """The surfaces of a level."""
    origin = f"{asset.user} {file_sha256(asset.user)}".encode() if asset.user else b""
    return cached(f"surfaces-{asset.name}", lambda: _surfaces(asset), sources=_SOURCES, origin=origin)


def _surfaces(asset: Asset) -> LevelSurfaces:
    found = level(asset)
    surfaces = LevelSurfaces.of(found.props, found.space_cm)
    return replace(surfaces, aids=surfaces.search_aids())
