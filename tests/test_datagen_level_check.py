"""The check of levels: a good room has no finding, each planted fault has its own, and levels are good."""

from pathlib import Path

import numpy as np
import pytest

from datagen.batch import SceneChoice
from datagen.catalog import Environment, Spot, load_catalog
from datagen.engine.content.environment import Prop
from datagen.engine.content.shapes.meshes import Mesh, Paint, cylinder, moved, panel, panelled_box, textured
from datagen.geometry import LevelSurfaces, level_surfaces
from datagen.level_check import LEVEL_FINDINGS, check_level, level_size_m

PAINT = Paint()
HALF_CM, TOP_CM = 500, 300
ENTRY = Environment(
    name="planted",
    asset="/Game/Maps/Planted",
    caption="in a planted room",
    radius_m=3.0,
    spots=(Spot(position_m=(0.0, 0.0, 0.0)),),
)
# The cheapest to check; `multitake catalog check` checks all.
SAMPLE = ("room", "kitchen-restaurant", "old-town-street", "canyon")


def _room() -> dict[str, Mesh]:
    """A room of 10 x 10 x 3 m with a table that has a cup on it and a lamp above it."""
    low, size = -HALF_CM, 2 * HALF_CM
    return {
        "floor": panel((low, low, 0), (size, 0, 0), (0, size, 0), PAINT),
        "ceiling": panel((low, -low, TOP_CM), (size, 0, 0), (0, -size, 0), PAINT),
        "west": panel((low, low, 0), (0, size, 0), (0, 0, TOP_CM), PAINT),
        "east": panel((-low, -low, 0), (0, -size, 0), (0, 0, TOP_CM), PAINT),
        "north": panel((low, -low, 0), (size, 0, 0), (0, 0, TOP_CM), PAINT),
        "south": panel((-low, low, 0), (-size, 0, 0), (0, 0, TOP_CM), PAINT),
        "table": panelled_box((100, 60, 70), (350, 350, 35), PAINT),
        "cup": moved(cylinder(12, 0, 20, PAINT), 350, 350, 70),
        "lamp": moved(cylinder(12, TOP_CM - 60, TOP_CM, PAINT), 350, 350, 0),
    }


def _surfaces(meshes: dict[str, Mesh]) -> LevelSurfaces:
    props = {name: Prop([textured("smooth", mesh)]) for name, mesh in meshes.items()}
    return LevelSurfaces.of(props, ((-HALF_CM, -HALF_CM, 0), (HALF_CM, HALF_CM, TOP_CM)))


def _reasons(meshes: dict[str, Mesh], entry: Environment = ENTRY) -> dict[str, str]:
    return {one.reason: one.where for one in check_level(entry, _surfaces(meshes))}


def test_a_good_room_has_no_finding() -> None:
    assert check_level(ENTRY, _surfaces(_room())) == []
    assert level_size_m(_surfaces(_room())) == (10.0, 10.0, 3.0)


_FAULTS = {
    "spot-blocked": {"post": panelled_box((10, 10, 200), (35, 0, 100), PAINT)},
    "walk-blocked": {"post": panelled_box((30, 30, 200), (300, 0, 100), PAINT)},
    "floating": {"cup": moved(cylinder(12, 0, 20, PAINT), 350, 350, 75)},
    "open-ceiling": {"ceiling": panel((-500, 500, 300), (1000, 0, 0), (0, -600, 0), PAINT)},
    "hole": {"floor": panel((-500, -150, 0), (1000, 0, 0), (0, 650, 0), PAINT)},
    "seen-from-behind": {"screen": panel((-400, 450, 0), (0, -100, 0), (0, 0, 200), PAINT)},
}
_WHERE = {
    "spot-blocked": "spot 0",
    "walk-blocked": "spot 0",
    "floating": "cup",
    "open-ceiling": "ceiling",
    "hole": "ground",
    "seen-from-behind": "screen",
}


@pytest.mark.parametrize("reason", _FAULTS)
def test_a_planted_fault_has_its_finding(reason: str) -> None:
    expected = {reason} | ({"walk-blocked"} if reason == "spot-blocked" else set())
    found = _reasons(_room() | _FAULTS[reason])
    assert set(found) == expected
    assert found[reason] == _WHERE[reason]


def test_a_radius_that_reaches_far_beyond_the_walls_leaves_few_places_for_cameras() -> None:
    found = _reasons(_room(), Environment(**{**ENTRY.__dict__, "radius_m": 30.0}))
    assert set(found) == {"few-cameras"}


def test_a_part_that_goes_through_another_or_hangs_from_it_does_not_float() -> None:
    """The vertices of two long bars that cross are far from each other."""
    bars = {
        "post": panelled_box((8, 8, 200), (-350, 350, 100), PAINT),
        "bar": panelled_box((300, 8, 8), (-350, 350, 150), PAINT),
        "hung": panelled_box((8, 8, 60), (-250, 350, 120), PAINT),
    }
    assert _reasons(_room() | bars) == {}


@pytest.mark.parametrize("name", SAMPLE)
def test_levels_of_the_catalog_have_no_finding(name: str) -> None:
    (entry,) = load_catalog(SceneChoice(environments=(name,)), folder=Path()).environments
    surfaces = level_surfaces(entry.asset)
    assert surfaces
    assert check_level(entry, surfaces) == []
    assert np.array(level_size_m(surfaces)).min() > 1.5


def test_every_kind_of_finding_is_planted() -> None:
    assert set(LEVEL_FINDINGS) == {*_FAULTS, "few-cameras"}
