"""Squares: with a fountain, with a monument, a market, and a court with arcades."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.house_fronts import House
from ..props.houses import house
from ..props.market import barrel, crate_stack, parasol_table, stall
from ..props.monuments import fountain, obelisk, statue
from ..props.outdoor import STONE, bicycle, flower_pot, lantern
from ..props.places import column, van
from ..props.shrubs import bush, hedge
from ..props.street import bench, litter_bin
from ..props.trees import broadleaf, poplar
from ..shapes.meshes import Part, moved, textured
from ..shapes.shapes import box
from ..unreal_space import Number
from .grounds import COBBLES, FLAGS
from .outdoor_light import light
from .plants import fallen, puddle
from .site import Ground, Site
from .town import ACCENTS, house_row


def ring_of_houses(site: Site, half_x: Number, half_y: Number, first: int = 0) -> None:
    """Closed rows on all four sides of a square; the corners are closed by the rows along X."""
    house_row(site, (-half_x - 900, half_y), 2 * half_x + 1800, -90.0, first)
    house_row(site, (half_x + 900, -half_y), 2 * half_x + 1800, 90.0, first + 3)
    house_row(site, (-half_x, -half_y), 2 * half_y, 0.0, first + 5)
    house_row(site, (half_x, half_y), 2 * half_y, 180.0, first + 8)


def fountain_square(rng: np.random.Generator) -> Environment:
    """A square of an old town around a fountain, with cafes."""
    site = Site(rng, (600, 420))
    ring_of_houses(site, 1700, 1450)
    site.add("Fountain", fountain(), -150, 800)
    for x, y, tint in ((950, 900, 0), (1200, 620, 0), (-1200, -650, 1), (-1050, -950, 1), (-1350, 250, 2)):
        site.add("Cafe", parasol_table(rng, ACCENTS[tint]), x, y, rng.uniform(0, 360))
    for index, (x, y) in enumerate(((700, -620), (-750, 620), (760, 560), (-700, -600))):
        site.add("Lantern", lantern(), x, y)
        site.add("Bench", bench(), x * 0.62, y * 1.22, -90 if y > 0 else 90)
        site.add(
            "Pot",
            flower_pot(rng, 34, ((0.92, 0.30, 0.36), (0.95, 0.80, 0.35))[index % 2]),
            x * 0.62 + 130,
            y * 1.22,
        )
    for x, y in ((1150, -700), (1150, -1050), (-1200, 900)):
        site.add("Tree", broadleaf(rng, rng.uniform(560, 680)), x, y)
    site.add("Bin", litter_bin(), 300, -780)
    site.add("Bike", bicycle(), 250, -900, 10)
    circle = replace(FLAGS, color=(0.86, 0.78, 0.66), other=(0.76, 0.70, 0.60))
    site.terrain(replace(COBBLES, color=(0.60, 0.57, 0.54), other=(0.52, 0.50, 0.49)))
    site.disc("Circle", circle, -150, 800, 380, 0.5)
    for k in range(4):
        site.path(
            "Band",
            circle,
            [(-150 + 380 * np.cos(a), 800 + 380 * np.sin(a)) for a in (k * np.pi / 2 - 2.36,)]
            + [(1500 * (1 if k in (0, 1) else -1) * (0.9 if k % 3 else 1), (1300 if k in (1, 2) else -1300))],
            60,
            0.5,
        )
    puddle(site, 330, -190, 65)
    puddle(site, -420, 60, 50)
    spots = rng.uniform((-1500, -1300), (1500, 1300), (260, 2))
    site.add(
        "Leaves",
        fallen(rng, spots, 5.5, ((0.74, 0.60, 0.28), (0.60, 0.62, 0.34), (0.92, 0.90, 0.86))),
        is_ground=True,
    )
    return site.level(light("clear", shadow_radius_cm=2900))


def monument_square(rng: np.random.Generator) -> Environment:
    """A wide formal square: an obelisk, a statue, clipped hedges, and long fronts with columns."""
    site = Site(rng, (700, 420))
    _palaces(site, rng)
    _monuments(site, rng)
    _monument_grounds(site)
    spots = rng.uniform((-1500, -1100), (1500, 1100), (150, 2))
    site.add("Leaves", fallen(rng, spots, 6, ((0.64, 0.62, 0.32), (0.80, 0.66, 0.30))), is_ground=True)
    return site.level(light("summer", shadow_radius_cm=2900))


def _palaces(site: Site, rng: np.random.Generator) -> None:
    """Palaces on all sides."""
    look = House(
        width_cm=2600,
        depth_cm=1100,
        storeys=3,
        storey_cm=420,
        wall="stonework",
        color=(0.93, 0.85, 0.72),
        roof="flat",
        window_cm=(120, 230),
        window_gap_cm=330,
        balconies=True,
        ground_floor="door",
        accent=(0.28, 0.22, 0.18),
        attached=True,
        lit=0,
    )
    for x, y, yaw in (
        (-1500, 2000, -90),
        (1500, 2000, -90),
        (-1500, -2000, 90),
        (1500, -2000, 90),
        (-3000, 0, 0),
        (3000, 0, 180),
    ):
        site.add(
            "Palace",
            [*house(rng, replace(look, width_cm=2900 if abs(x) == 1500 else 3900)), *colonnade(2500)],
            x,
            y,
            yaw,
        )


def _monuments(site: Site, rng: np.random.Generator) -> None:
    """An obelisk, a statue, hedges, trees and benches."""
    site.add("Obelisk", obelisk(), -1150, 0)
    site.add("Statue", statue(), 1050, 620, 215)
    for x, y in ((-450, 850), (450, 850), (-450, -850), (450, -850)):
        site.add("Hedge", hedge(rng, 420, 62, 90), x, y, 90)
        site.add("Bed", bush(rng, 62, (0.46, 0.56, 0.36), petals=(0.92, 0.30, 0.34)), x + 300, y)
        site.add("Bed", bush(rng, 55, (0.46, 0.56, 0.36), petals=(0.96, 0.86, 0.40)), x - 290, y)
    for index, x in enumerate((-1700, -900, 0, 900, 1700)):
        for y in (-1300, 1300):
            site.add("Tree", poplar(rng, rng.uniform(650, 760), (0.40, 0.50, 0.34), leaves=260), x, y)
        site.add("Lamp", lantern(460), x + 380, (640, -640)[index % 2])
    for x, side in ((-120, 1), (640, -1), (-700, -1), (150, -1)):
        site.add("Bench", bench(), x, side * 600, -90 * side)
    site.add("Bin", litter_bin(), 300, 620)


def _monument_grounds(site: Site) -> None:
    """Flagstones with bands and roses."""
    tiles = Ground(
        texture="flagstones",
        color=(0.76, 0.72, 0.66),
        other=(0.70, 0.66, 0.60),
        tile_cm=760,
        warp=0.0,
        gloss=0.12,
    )
    dark = replace(tiles, color=(0.52, 0.48, 0.46), other=(0.58, 0.52, 0.48))
    site.terrain(tiles)
    for x in np.arange(-2400, 2500, 400).tolist():
        site.rectangle("Band", dark, (x - 24, -1250), (x + 24, 1250), 0.4)
    for y in np.arange(-1200, 1300, 400).tolist():
        site.rectangle("Band", dark, (-2400, y - 24), (2400, y + 24), 0.7)
    for x in (-800, 0, 800):
        site.disc("Rose", replace(tiles, color=(0.70, 0.50, 0.42), other=(0.64, 0.46, 0.40)), x, 0, 90, 1.0)


def colonnade(length: Number) -> list[Part]:
    """Columns along Y before a front, with a beam on top."""
    pieces = [
        moved(one, 90, y, 0) for y in np.linspace(-length / 2, length / 2, 9) for one in column(430, 30)
    ]
    beam = box((120, length + 140, 50), (80, 0, 455), STONE)
    step = box((170, length + 180, 12), (85, 0, 6), STONE)
    return [textured("stonework", *pieces, beam, step)]


def market(rng: np.random.Generator) -> Environment:
    """A market: two rows of stalls with fruit and goods on a square of slabs."""
    site = Site(rng, (800, 190))
    ring_of_houses(site, 2100, 1350, 2)
    colors = (
        (0.82, 0.22, 0.18),
        (0.18, 0.44, 0.62),
        (0.24, 0.52, 0.34),
        (0.92, 0.66, 0.18),
        (0.60, 0.30, 0.50),
    )
    for index, x in enumerate((-1330, -930, -530, -130, 270, 670, 1070)):
        for side in (-1, 1):
            kind = ("fruit", "goods", "fruit")[(index + (side > 0)) % 3]
            site.add(
                "Stall",
                stall(rng, colors[(index * 2 + (side > 0)) % 5], goods=kind),
                x + 60 * side,
                side * 400,
                -90 * side,
            )
            if (index + side) % 3 == 0:
                site.add("Crates", crate_stack(rng), x + 60 * side + 190, side * 330, rng.uniform(-20, 20))
    for x, y in ((-1500, 30), (1480, -60)):
        site.add("Tree", broadleaf(rng, 640), x, y)
    site.add("Van", van((0.92, 0.90, 0.84)), -700, 900, 8)
    site.add("Van", van((0.32, 0.48, 0.62)), 800, -920, 180)
    for x, y in ((-1050, 760), (200, 800), (520, -780)):
        site.add("Barrel", barrel(), x, y)
        site.add("Crates", crate_stack(rng), x + 90, y + 10, rng.uniform(0, 360))
    for x, y in ((-420, -900), (350, 960)):
        site.add("Lantern", lantern(), x, y)
    site.terrain(replace(FLAGS, color=(0.70, 0.66, 0.60), other=(0.62, 0.58, 0.54)))
    puddle(site, -300, 70, 45)
    puddle(site, 560, -90, 55)
    spots = rng.uniform((-1500, -420), (1500, 420), (320, 2))
    site.add(
        "Scraps",
        fallen(
            rng, spots, 5.0, ((0.50, 0.64, 0.28), (0.93, 0.92, 0.88), (0.86, 0.62, 0.24), (0.70, 0.30, 0.22))
        ),
        is_ground=True,
    )
    return site.level(light("clear"))
