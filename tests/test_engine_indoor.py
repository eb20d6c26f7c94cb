"""Indoor levels: limits of size, nothing that repeats, and the same level on every build."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from datagen.actor_paths import Actor
from datagen.batch import SceneChoice
from datagen.catalog import load_catalog
from datagen.engine.content.environment import Prop
from datagen.engine.content.levels.baked_light import baked
from datagen.engine.content.levels.catalog import environment
from datagen.engine.content.levels.indoor import INDOOR
from datagen.engine.content.shapes.meshes import Paint, panel, panelled_box, textured
from datagen.engine.content.textures.catalog import TEXTURES, texture_image
from datagen.geometry import is_path_free, level_surfaces

CATALOG = load_catalog(SceneChoice(), folder=Path())
MOST_TRIANGLES = 70_000
# `multitake catalog check` checks all.
SAMPLE = ("Gallery", "Classroom", "CafeBrick", "Stage", "StationHall", "Grocery")


@pytest.mark.parametrize("level", SAMPLE)
def test_levels_are_within_limits(level: str) -> None:
    """Few enough triangles, unit normals, colours that bytes can hold, known textures, and lamps."""
    found = environment(level)
    parts = [part for prop in found.props.values() for part in prop.parts]
    assert sum(len(part.mesh.triangles) for part in parts) < MOST_TRIANGLES
    for part in parts:
        mesh = part.mesh
        assert part.texture.partition(".")[0] in TEXTURES
        assert np.linalg.norm(mesh.normals, axis=1) == pytest.approx(1.0, abs=1e-6)
        assert mesh.colors.min() >= 0 and mesh.colors.max() <= 1
        assert np.isfinite(mesh.uvs).all()
    assert 1 <= len(found.lighting.lamps) <= 4


@pytest.mark.parametrize("level", SAMPLE)
def test_no_two_walls_show_the_same_picture(level: str) -> None:
    """Walls of the same material differ in their texture, or one of them is mirrored."""
    parts = [p for name, prop in environment(level).props.items() if "Wall_" in name for p in prop.parts]
    seen = [
        (part.texture, bool((part.mesh.positions[:, 1] @ part.mesh.uvs[:, 0]) > 0))
        for part in parts
        if part.texture != "smooth"
    ]
    assert len(set(seen)) == len(seen) >= 4


def test_copies_of_furniture_show_other_places_of_their_texture() -> None:
    first, second = (environment("Gallery").props[f"Bench_{index}"].parts[0].mesh for index in (0, 1))
    assert (first.positions == second.positions).all() and (first.uvs != second.uvs).all()


@pytest.mark.parametrize("name", ["street", "station-hall"])
def test_somebody_can_sprint(name: str) -> None:
    """At a spot, 25 m are free, outdoors and indoors."""
    known = next(one for one in CATALOG.environments if one.name == name)
    surfaces = level_surfaces(known.asset)
    sprint = next(one for one in CATALOG.animations if one.name == "sprint")
    runners = [
        Actor(
            character=CATALOG.characters[0],
            animation=sprint,
            position_m=spot.position_m,
            heading_deg=spot.heading_deg,
            phase_s=0.0,
        )
        for spot in known.spots
    ]
    assert surfaces is not None
    assert any(is_path_free(surfaces, one.path(frames=81, fps=15.0)) for one in runners)


def test_a_level_is_the_same_on_every_build() -> None:
    first, second = (INDOOR["Classroom"](np.random.default_rng(3)) for _ in range(2))
    assert list(first.props) == list(second.props)
    for name, prop in first.props.items():
        for one, other in zip(prop.parts, second.props[name].parts, strict=True):
            assert (one.mesh.positions == other.mesh.positions).all()
            assert (one.mesh.colors == other.mesh.colors).all()


def test_baked_light_darkens_corners_and_contacts_alone() -> None:
    """A floor is darker at a wall and under a box; in the open and outside of the space it is unchanged."""
    floor = panel((-400, -400, 0), (800, 0, 0), (0, 800, 0), Paint(), 20)
    wall = panel((-400, 400, 0), (800, 0, 0), (0, 0, 300), Paint(), 20)
    props = {
        "Floor": Prop([textured("smooth", floor)]),
        "Wall": Prop([textured("smooth", replace(wall, triangles=wall.triangles[:, [0, 2, 1]]))]),
        "Box": Prop(
            [textured("smooth", panelled_box((120, 120, 60), (0, 0, 60), Paint()))], (-200.0, -200.0, 0.0)
        ),
        "Far": Prop([textured("smooth", floor)], (5000.0, 0.0, 0.0)),
    }
    lit = baked(props, low_cm=(-400, -400, 0), high_cm=(400, 400, 300))
    light = lit["Floor"].parts[0].mesh.colors[:, 0]
    x, y, _ = floor.positions.T
    is_open = (np.abs(x - 200) < 50) & (np.abs(y + 100) < 50)
    assert light[is_open].min() > 0.97
    assert light[(y > 390) & (np.abs(x) < 100)].max() < 0.93
    assert light[(np.abs(x + 200) < 30) & (np.abs(y + 200) < 30)].max() < 0.8
    assert (lit["Far"].parts[0].mesh.colors == 1).all()


@pytest.mark.parametrize("name", ["oak_floor", "terrazzo", "posters", "book_spines"])
def test_textures_are_detailed(name: str) -> None:
    """Most blocks of a texture differ from all others, so that features can be told apart."""
    image = texture_image(name)[..., :3].astype(float)
    side = len(image) // 16
    blocks = image.reshape(16, side, 16, side, 3).transpose(0, 2, 1, 3, 4).reshape(256, -1)
    blocks = blocks[blocks.std(axis=1) > 4]
    gap = np.sqrt(((blocks[:, None, ::7] - blocks[None, :, ::7]) ** 2).mean(axis=-1))
    np.fill_diagonal(gap, np.inf)
    assert np.quantile(gap.min(axis=1), 0.1) > 5
