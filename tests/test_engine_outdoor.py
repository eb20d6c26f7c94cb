"""Outdoor levels: the ground has no end, and the same level on every build."""

import numpy as np
import pytest

from datagen.engine.content.levels.catalog import environment
from datagen.engine.content.levels.outdoor import OUTDOOR
from datagen.geometry import level_surfaces

# All levels take a minute.
SAMPLE = ("OldTownStreet", "Beach", "RoofTerrace", "Canyon", "PastelStudio")


@pytest.mark.parametrize("level", SAMPLE)
def test_the_ground_goes_to_the_horizon(level: str) -> None:
    surfaces = level_surfaces(f"/Game/Maps/{level}")
    assert surfaces is not None
    turns = np.arange(32) * np.pi / 16
    far_m = np.stack([350 * np.cos(turns), 350 * np.sin(turns), np.full(32, 150.0)], axis=1)
    assert np.isfinite(surfaces.first_hits_m(far_m, far_m - [0, 0, 300])).all()
    parts = [part for prop in environment(level).props.values() for part in prop.parts]
    assert 20_000 < sum(len(part.mesh.triangles) for part in parts) < 110_000


def test_levels_are_the_same_on_every_call() -> None:
    first, again = (OUTDOOR["Canyon"](np.random.default_rng(3)) for _ in range(2))
    for name, prop in first.props.items():
        for part, other in zip(prop.parts, again.props[name].parts, strict=True):
            np.testing.assert_array_equal(part.mesh.positions, other.mesh.positions)
            np.testing.assert_array_equal(part.mesh.colors, other.mesh.colors)
