"""Geometry of levels: what cameras and actors must keep away from."""

from .path_check import GeometryCheck
from .surfaces import LevelSurfaces, level_surfaces

__all__ = ["GeometryCheck", "LevelSurfaces", "level_surfaces"]
