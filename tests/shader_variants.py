"""Draws with every shader of the look ``lit``, and fails where an image is flat. A process of its own."""

from dataclasses import replace
from itertools import product

import numpy as np

from datagen.engine.content.assets import environment
from datagen.engine.content.environment import Lamp, Lighting
from datagen.engine.render.buffers import Viewpoint
from datagen.engine.render.looks import look_named
from datagen.engine.render.renderer import Renderer, View
from datagen.engine.world.world import World

VIEWPOINT = Viewpoint(
    location_cm=(-420.0, 0.0, 190.0), rotation_deg=(-8.0, 0.0, 0.0), fov_deg=70.0, width_px=96, height_px=64
)
LAMP = Lamp(location_cm=(0.0, 0.0, 300.0), radiance=(1.0, 1.0, 1.0), reach_cm=200.0)
MASK_BGR = (7, 8, 9)


def main() -> None:
    """Try the light with and without lamps and fog, the labels alone, and shadows."""
    renderer = Renderer(look_named("lit"))
    world = World(renderer.scene)
    world.spawn("CubeActor", "Probe")
    world.paint("Probe", MASK_BGR[::-1])
    world.place("Probe", location=(0.0, 0.0, 120.0))
    lighting = environment(world.level).lighting
    pictures = [
        check(renderer, world, replace(lighting, lamps=lamps, fog_per_m=fog_per_m))
        for lamps, fog_per_m in product(((), (LAMP, LAMP), (LAMP,) * 4), (0.0, 0.01))
    ]
    assert len(set(pictures)) == len(pictures), "lamps and fog must change pictures"


def check(renderer: Renderer, world: World, lighting: Lighting) -> bytes:
    """Draw pictures with and without labels, and labels alone; return the picture."""
    renderer.scene.light(lighting, (-50.0, 30.0, 0.0), 10.0)
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


def drawn(renderer: Renderer, *kinds: str) -> list[np.ndarray]:
    """Copies of the images."""
    return [
        image.copy() for image in renderer.render([View(image=kind, viewpoint=VIEWPOINT) for kind in kinds])
    ]


if __name__ == "__main__":
    main()
