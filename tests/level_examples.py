"""The levels of the embedded engine, for tests of their geometry."""

import numpy as np

from datagen.geometry import LevelSurfaces, level_surfaces
from trajectories.sampling import ENGINE_PREFIX, REASONS

LEVELS = {"street": "/Game/Maps/Street", "room": "/Game/Maps/Room"}
# Where cameras and actors are, in each level.
_SPACES = {"street": ([-9.0, -10.0, 0.02], [9.0, 10.0, 3.5]), "room": ([-5.4, -4.4, 0.02], [5.4, 4.4, 3.0])}
# What geometry can have against a camera path.
GEOMETRY = {"below_ground", *(reason for reason in REASONS if reason.startswith(ENGINE_PREFIX))}


def surfaces_of(level: str) -> LevelSurfaces:
    """The meshes of a level."""
    found = level_surfaces(LEVELS[level])
    assert found
    return found


def level_points_m(level: str, count: int, *, seed: int = 0) -> np.ndarray:
    """Random points in the space of a level."""
    return np.random.default_rng(seed).uniform(*_SPACES[level], (count, 3))
