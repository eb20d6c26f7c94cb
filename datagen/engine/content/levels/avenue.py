"""A wide avenue between towers."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.large_buildings import tower_block
from ..props.outdoor import STONE, modern_lamp
from ..props.places import bus_shelter, planter_box, van
from ..props.street import bench, car, litter_bin
from ..props.trees import broadleaf
from ..shapes.meshes import Paint, Rgb, panel, textured
from ..shapes.shapes import box
from ..unreal_space import Number
from .grounds import FLAGS, TARMAC
from .outdoor_light import light
from .plants import fallen
from .site import Site


def avenue(rng: np.random.Generator) -> Environment:
    """A wide modern avenue: glass and concrete blocks, plane trees, a bus stop, a plaza of slabs."""
    site = Site(rng, (1000, 300))
    tints = (
        (0.86, 0.90, 0.94),
        (0.90, 0.86, 0.80),
        (0.70, 0.78, 0.84),
        (0.94, 0.92, 0.88),
        (0.62, 0.68, 0.72),
    )
    blocks(site, tints)
    for x, yaw in ((-5600, 0), (5800, 180)):
        site.add("Block", tower_block(rng, (1200, 2600, 4200), tints[2], texture="curtain_wall"), x, 0, yaw)
    for index, x in enumerate((-3000, -2100, -1200, 1150, 2050, 2950)):
        for side in (-1, 1):
            site.add(
                "Tree", broadleaf(rng, rng.uniform(620, 760), (0.50, 0.60, 0.36)), x + 200 * side, side * 470
            )
            site.add(
                "Grate",
                [
                    textured(
                        "checker",
                        box((130, 130, 0.8), (0, 0, 0.6), Paint(color=(0.34, 0.34, 0.35), tile_cm=70)),
                    )
                ],
                x + 200 * side,
                side * 470,
                is_ground=True,
            )
        site.add("Lamp", modern_lamp(520), x + 450, (390, -390)[index % 2])
    _avenue_things(site, rng)
    _avenue_grounds(site)
    leaves = rng.uniform((-2600, -640), (2600, 640), (220, 2))
    site.add("Leaves", fallen(rng, leaves, 6.0, ((0.72, 0.62, 0.28), (0.58, 0.62, 0.30))), is_ground=True)
    return site.level(light("clear"))


def _avenue_things(site: Site, rng: np.random.Generator) -> None:
    """A shelter, benches, planters, cars and a van."""
    site.add("Shelter", bus_shelter(), -480, 560, -90)
    site.add("Bench", bench(), 420, 480, -90)
    site.add("Bench", bench(), 560, -470, 90)
    for x, side in ((-380, -1), (-100, -1), (800, 1), (1000, -1)):
        site.add(
            "Planter", planter_box(rng, 220, (0.56, 0.56, 0.57), leaf=(0.40, 0.56, 0.30)), x, side * 480, 90
        )
    site.add("Bin", litter_bin(), 280, 470)
    for x, y, tint in (
        (-2200, 820, (0.85, 0.85, 0.86)),
        (-1500, 820, (0.14, 0.16, 0.20)),
        (1300, 820, (0.68, 0.12, 0.12)),
        (2100, 820, (0.20, 0.34, 0.52)),
    ):
        site.add("Car", car(tint), x, y, 0, z=-10)
    site.add("Van", van((0.93, 0.92, 0.88)), 450, 1080, 180, z=-10)
    for x, tint in ((-1100, (0.92, 0.74, 0.16)), (1600, (0.42, 0.44, 0.46))):
        site.add("Car", car(tint), x, -900, 180, z=-10)


def _avenue_grounds(site: Site) -> None:
    """The plaza with its bands, and the roads."""
    slabs = replace(FLAGS, color=(0.78, 0.77, 0.75), other=(0.70, 0.69, 0.68), tile_cm=620)
    site.rectangle("Plaza", slabs, (-5400, -680), (5400, 680), 0)
    bands = replace(slabs, color=(0.56, 0.54, 0.53), other=(0.62, 0.58, 0.55))
    for x in np.arange(-4200, 4300, 700).tolist():
        site.rectangle("Band", bands, (x, -660), (x + 70, 660), 0.5, cell_cm=60)
    for side in (-1, 1):
        site.rectangle(
            "Road", TARMAC, (-5400, min(side * 690, side * 1260)), (5400, max(side * 690, side * 1260)), -10
        )
        lines = [
            panel((x, side * 975 - 6, -9), (240, 0, 0), (0, 12, 0), Paint(color=(0.92, 0.92, 0.90)))
            for x in range(-4000, 4000, 520)
        ]
        site.add("Lines", [textured("plaster", *lines)], is_ground=True)
        site.add(
            "Kerb",
            [
                textured(
                    "concrete",
                    box(
                        (10800, 20, 20), (0, side * 685, -10.5), Paint(color=(0.80, 0.79, 0.77), tile_cm=300)
                    ),
                )
            ],
            is_ground=True,
        )
    site.terrain(replace(slabs, color=(0.66, 0.65, 0.64)), below_cm=14)


def blocks(site: Site, tints: tuple[Rgb, ...]) -> None:
    """Two rows of towers along X, each with a lobby."""
    rng = site.rng
    for side in (-1, 1):
        x = -4600.0
        for index in range(6):
            width, deep = rng.uniform(1250, 1700), rng.uniform(1200, 1600)
            texture = ("curtain_wall", "facade", "curtain_wall")[(index + (side > 0)) % 3]
            parts = tower_block(
                rng,
                (deep, width, rng.uniform(1500, 3000)),
                tints[(index * 2 + (side > 0)) % 5],
                texture=texture,
                tile_cm=2800,
            )
            site.add(
                "Block",
                [*parts, *lobby(rng, deep / 2, width)],
                x + width / 2,
                side * (1500 + deep / 2),
                -90 * side,
                z=-14,
            )
            x += width + 60


def lobby(rng: np.random.Generator, front: Number, width: Number) -> list:
    """The ground floor of a block: pillars, glass, a canopy and a sign."""
    pillars = [
        box((30, 46, 420), (front + 18, y, 210), STONE)
        for y in np.linspace(-width / 2 + 40, width / 2 - 40, 6)
    ]
    glass = [
        panel(
            (front + 6, y - 105, 20),
            (0, 210, 0),
            (0, 0, 380),
            Paint(color=tuple((np.array([0.30, 0.42, 0.48]) * rng.uniform(0.7, 1.3)).tolist()), gloss=0.85),
        )
        for y in np.arange(-width / 2 + 160, width / 2 - 100, 225).tolist()
    ]
    bars = [
        box((6, 10, 400), (front + 8, y, 200), Paint(color=(0.20, 0.21, 0.22), gloss=0.4))
        for y in np.arange(-width / 2 + 48, width / 2 - 20, 112).tolist()
    ]
    color: Rgb = tuple(rng.uniform(0.2, 0.85, 3).tolist())
    canopy = [
        box((150, width * 0.5, 16), (front + 75, 0, 392), Paint(color=(0.28, 0.29, 0.31), gloss=0.4)),
        box((8, width * 0.3, 60), (front + 40, 0, 450), Paint(color=color, gloss=0.4)),
    ]
    return [textured("concrete", *pillars), textured("smooth", *glass, *bars, *canopy)]
