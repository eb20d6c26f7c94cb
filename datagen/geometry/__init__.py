"""Geometry of levels: what cameras and actors must keep away from."""

from .levels import level_surfaces
from .path_check import GeometryCheck
from .places import is_floor_free, is_path_free
from .queries import BODY_PARTS, body_points_m, hidden_parts
from .surfaces import LevelSurfaces

__all__ = [
    "BODY_PARTS",
    "GeometryCheck",
    "LevelSurfaces",
    "body_points_m",
    "hidden_parts",
    "is_floor_free",
    "is_path_free",
    "level_surfaces",
]
