"""Draws with every shader of the look ``lit``, and under every light. A process of its own.

It fails where an image is flat, too dark or too bright.
"""

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np

from datagen.batch import SceneChoice
from datagen.catalog import Light, load_catalog
from datagen.engine.content.daylight import FOG_PER_M, Daylight
from datagen.engine.content.environment import Environment, Lamp
from datagen.engine.content.levels.catalog import environment
from datagen.engine.content.shapes.meshes import Paint, Part
from datagen.engine.content.shapes.shapes import box
from datagen.engine.content.textures.catalog import add_texture
from datagen.engine.render.buffers import Viewpoint
from datagen.engine.render.looks import look_named
from datagen.engine.render.renderer import Renderer, View
from datagen.engine.world.world import World

VIEWPOINT = Viewpoint(
    location_cm=(-420.0, 0.0, 190.0), rotation_deg=(-8.0, 0.0, 0.0), fov_deg=70.0, width_px=96, height_px=64
)
LAMP = Lamp(location_cm=(0.0, 0.0, 300.0), radiance=(1.0, 1.0, 1.0), reach_cm=200.0)
MASK_BGR = (7, 8, 9)
# Everywhere, none, and outside of a room that is behind the camera.
FOGS = ((None, 0.01), (None, 0.0), (((-900.0, -300.0, 0.0), (-300.0, 300.0, 300.0)), 0.02))
# What medians of display values are between, and how many pixels may be as good as black.
DARKEST, BRIGHTEST, BLACK_SHARE = 35, 215, 0.03


def main() -> None:
    """Try the light with and without lamps and fog, the labels alone, and shadows."""
    renderer = Renderer(look_named("lit"))
    world = World(renderer.scene)
    world.spawn("CubeActor", "Probe")
    world.paint("Probe", MASK_BGR[::-1])
    world.place("Probe", location=(0.0, 0.0, 120.0))
    level = environment(world.level)
    pictures = []
    for lamps, (space_cm, fog_per_m) in product(((), (LAMP, LAMP), (LAMP,) * 4), FOGS):
        lit = replace(level, lighting=replace(level.lighting, lamps=lamps), space_cm=space_cm)
        pictures.append(check(renderer, world, lit, fog_per_m))
    assert len(set(pictures)) == len(pictures), "lamps and fog must change pictures"
    check_glow(renderer)
    for name in ("Street", "Room"):
        check_lights(renderer, world, name)


def check(renderer: Renderer, world: World, level: Environment, fog_per_m: float) -> bytes:
    """Draw pictures with and without labels, and labels alone; return the picture."""
    fog_density = fog_per_m / FOG_PER_M
    renderer.scene.light(level, Daylight(sun_rotation_deg=(-50.0, 30.0, 0.0), fog_density=fog_density))
    world.show("Probe", True)
    kinds = ("lit", "mask", "depth", "normal", "surface")
    alone = drawn(renderer, *kinds[:1])[0]
    together = drawn(renderer, *kinds)
    for image in together:
        assert image.std() > 5, "an image is flat"
    assert (alone == together[0]).all()
    for image, label in zip(together[1:], drawn(renderer, *kinds[1:]), strict=True):
        assert (image == label).all()
    is_probe = (together[1][..., :3] == MASK_BGR).all(axis=-1)
    world.show("Probe", False)
    brighter = drawn(renderer, "lit")[0][..., :3].astype(int) - alone[..., :3]
    shadowed = ((brighter.min(axis=-1) > 8) & ~is_probe).sum()
    assert 5 < shadowed < 0.5 * is_probe.size, "the cube must have a shadow"
    return alone.tobytes()


def check_glow(renderer: Renderer) -> None:
    """The alpha of a texture scales the glow; without an alpha channel all of it is there."""
    means = {}
    for name, alpha, glow in (
        ("plain", (), 0.0),
        ("dark", (0,), 0.5),
        ("lit", (255,), 0.5),
        ("all", (), 0.5),
    ):
        add_texture(f"glow/{name}", np.full((4, 4, 3 + len(alpha)), (90, 90, 90, *alpha), dtype=np.uint8))
        panel = box((2, 300, 300), (0, 0, 120), Paint(glow=glow))
        renderer.scene.add("Panel", name, [Part(mesh=panel, texture=f"glow/{name}")], is_movable=False)
        renderer.scene.move("Panel", np.eye(4))
        renderer.scene.show("Panel", True)
        means[name] = drawn(renderer, "lit")[0][20:40, 40:60, :3].mean()
        renderer.scene.remove("Panel")
    assert means["plain"] == means["dark"] < means["lit"] - 20, means
    assert means["lit"] == means["all"], means


def check_lights(renderer: Renderer, world: World, name: str) -> None:
    """Under every light of the catalog, a level is neither dark nor bright."""
    world.request_level(name)
    world.begin_tick()
    day = world.daylight
    for light in load_catalog(SceneChoice(), folder=Path()).lights:
        world.light(daylight(light, day))
        picture = drawn(renderer, "lit")[0][..., :3]
        bright = picture @ np.array([0.114, 0.587, 0.299])
        where = f"{name}, {light.name}: median {np.median(bright):.0f}, black {(bright < 12).mean():.1%}"
        assert DARKEST < np.median(bright) < BRIGHTEST and (bright < 12).mean() < BLACK_SHARE, where


def daylight(light: Light, day: Daylight) -> Daylight:
    """What the driver makes of the daylight of a level."""
    return Daylight(
        sun_rotation_deg=(light.pitch_deg, light.yaw_deg, 0.0),
        sun_intensity=light.intensity,
        sky_intensity=day.sky_intensity if light.sky_intensity is None else light.sky_intensity,
        fog_density=day.fog_density if light.fog_density is None else light.fog_density,
    )


def drawn(renderer: Renderer, *kinds: str) -> list[np.ndarray]:
    """Copies of the images."""
    return [
        image.copy() for image in renderer.render([View(image=kind, viewpoint=VIEWPOINT) for kind in kinds])
    ]


if __name__ == "__main__":
    main()
