"""The outdoor levels: spots are free, the ground is flat around them and has no end, and nothing repeats."""

import numpy as np
import pytest

from datagen.batch import SceneChoice
from datagen.catalog import Environment, load_catalog
from datagen.engine.assets import environment
from datagen.engine.content.levels.outdoor import OUTDOOR
from datagen.geometry import level_surfaces
from datagen.geometry.places import is_floor_free

BODY_M = 1.9


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Environment]:
    entries = load_catalog(SceneChoice(), folder=tmp_path_factory.mktemp("batch")).environments
    return {entry.asset.rpartition("/")[2]: entry for entry in entries}


# All levels take a minute.
SAMPLE = ("OldTownStreet", "Arcade", "Beach", "RoofTerrace", "Canyon", "PastelStudio")


@pytest.mark.parametrize("level", SAMPLE)
def test_an_outdoor_level_is_safe_to_film(level: str, catalog: dict[str, Environment]) -> None:
    """Spots and paths of 5 m along their headings are free, and the ground goes to the horizon."""
    entry, surfaces = catalog[level], level_surfaces(f"/Game/Maps/{level}")
    assert surfaces is not None
    spots_m = np.array([spot.position_m for spot in entry.spots])
    around = np.array([(0.4 * np.cos(a), 0.4 * np.sin(a), 0) for a in np.arange(8) * np.pi / 4])
    headings = np.radians([spot.heading_deg for spot in entry.spots])
    ahead = np.stack([np.cos(headings), np.sin(headings), np.zeros(len(headings))], axis=1)
    walked_m = np.linspace(-2.6, 2.6, 12)[:, None]
    for spot_m, along in zip(spots_m, ahead, strict=True):
        feet_m = np.concatenate([spot_m + around, spot_m + walked_m * along])
        free = is_floor_free(surfaces, feet_m, height_m=BODY_M)
        assert free.all(), (level, feet_m[~free])
    above_m = spots_m + np.array([0, 0, 0.2])
    heights_m = surfaces.first_hits_m(above_m, spots_m - [0, 0, 0.3]) - 0.2
    assert (np.abs(heights_m) < 0.03).all(), heights_m
    turns = np.arange(32) * np.pi / 16
    far_m = np.stack([350 * np.cos(turns), 350 * np.sin(turns), np.full(32, 150.0)], axis=1)
    assert np.isfinite(surfaces.first_hits_m(far_m, far_m - [0, 0, 300])).all(), "no ground at the horizon"
    triangles = sum(
        len(part.mesh.triangles) for prop in environment(level).props.values() for part in prop.parts
    )
    assert 20_000 < triangles < 110_000


def test_every_outdoor_level_is_in_the_catalog(catalog: dict[str, Environment]) -> None:
    assert set(OUTDOOR) <= set(catalog)


def test_levels_are_the_same_on_every_call() -> None:
    first, again = (OUTDOOR["Canyon"](np.random.default_rng(3)) for _ in range(2))
    for name, prop in first.props.items():
        for part, other in zip(prop.parts, again.props[name].parts, strict=True):
            np.testing.assert_array_equal(part.mesh.positions, other.mesh.positions)
            np.testing.assert_array_equal(part.mesh.colors, other.mesh.colors)
