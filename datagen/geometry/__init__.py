"""Geometry of levels: what cameras and actors must keep away from."""

from .path_check import GeometryCheck
from .places import is_path_free
from .surfaces import LevelSurfaces, level_surfaces

__all__ = ["GeometryCheck", "LevelSurfaces", "is_path_free", "level_surfaces"]
