"""A station's platform."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.large_buildings import tower_block, wall_run
from ..props.outdoor import lantern
from ..props.places import planter_box
from ..props.railway import canopy, rails, station_clock, station_sign, train_car
from ..props.shrubs import bush
from ..props.street import bench, litter_bin
from ..props.trees import broadleaf
from ..shapes.meshes import Paint, Part, textured
from ..shapes.shapes import box
from .grounds import GRAVEL, PALE_FLAGS
from .outdoor_light import light
from .plants import fallen
from .site import Ground, Site
from .sport import GREENS


def station_platform(rng: np.random.Generator) -> Environment:
    """A platform along Y under an iron roof: a train on one side, tracks and houses on the other."""
    site = Site(rng, (240, 900))
    _platform_things(site, rng)
    _surroundings(site, rng)
    _platform_grounds(site)
    spots = rng.uniform((-380, -1500), (560, 1500), (130, 2))
    site.add("Leaves", fallen(rng, spots, 5, ((0.70, 0.60, 0.30), (0.92, 0.92, 0.88))), is_ground=True)
    return site.level(light("overcast"))


def _platform_things(site: Site, rng: np.random.Generator) -> None:
    """A canopy, trains, benches, signs and lanterns."""
    site.add("Canopy", canopy(3600, 560), 330, 0)
    for k, tint in enumerate(((0.66, 0.18, 0.16), (0.66, 0.18, 0.16), (0.20, 0.34, 0.44))):
        site.add("Car", train_car(tint), -560, (k - 1) * 1960.0 + 240, z=0)
    for index, y in enumerate((-1100, -350, 430, 1150)):
        site.add("Bench", bench(), 350, y, 180)
        site.add(
            "Planter",
            planter_box(
                rng, 130, (0.30, 0.36, 0.34), petals=((0.92, 0.40, 0.44), (0.95, 0.84, 0.46))[index % 2]
            ),
            380,
            y + 210,
        )
    site.add("Sign", station_sign(), 410, 40, 180)
    site.add("Sign", station_sign(), 410, -1500, 180)
    site.add("Clock", station_clock(), 300, 780, 90)
    site.add("Bin", litter_bin(), 400, -560)
    for y in (-1900, 1900):
        site.add("Lantern", lantern(420), 250, y)
    site.add("Suitcases", luggage(), 360, -790)


def _surroundings(site: Site, rng: np.random.Generator) -> None:
    """Rails, a wall, houses and trees."""
    for x in (-710, 900, 1400):
        site.add("Rails", rails(9000), x, 0, z=-112, is_ground=True)
    site.add("Wall", wall_run(rng, 7000, 420, (0.72, 0.50, 0.42), "brick", 60), 2100, 0, 180)
    tints = ((0.80, 0.62, 0.52), (0.86, 0.80, 0.70), (0.66, 0.52, 0.46), (0.76, 0.74, 0.72))
    for k in range(9):
        site.add(
            "Block",
            tower_block(rng, (1100, 1150, rng.uniform(1300, 2300)), tints[k % 4]),
            3100,
            -4800 + 1200 * k,
            180,
            z=-112,
        )
        site.add(
            "Block",
            tower_block(rng, (1100, 1150, rng.uniform(1000, 1900)), tints[(k + 1) % 4]),
            -2700,
            -4800 + 1200 * k,
            0,
            z=-112,
        )
    for y, yaw in ((-6300, 90), (6300, -90)):
        site.add("Block", tower_block(rng, (1400, 7400, 1500), tints[1]), 0, y, yaw, z=-112)
    for k in range(7):
        site.add(
            "Tree",
            broadleaf(rng, rng.uniform(600, 760), GREENS[k % 3], leaves=240),
            -1750,
            -2700 + 900 * k,
            z=-110,
        )
        site.add("Bush", bush(rng, rng.uniform(50, 90)), 1800, -2300 + 760 * k, z=-112)


def _platform_grounds(site: Site) -> None:
    """The platform with its edges and stripes."""
    edge = box((60, 7200, 112), (-375, 0, -56), Paint(color=(0.72, 0.70, 0.67), tile_cm=300))
    back = box((60, 7200, 112), (560, 0, -56), Paint(color=(0.72, 0.70, 0.67), tile_cm=300))
    site.add("Edges", [textured("concrete", edge, back)], is_ground=True)
    slabs = replace(PALE_FLAGS, color=(0.70, 0.68, 0.65), tile_cm=520, warp=0.05)
    site.rectangle("Platform", slabs, (-405, -3600), (590, 3600), cell_cm=60)
    stripe = Ground(texture="gravel", color=(0.94, 0.82, 0.38), other=(0.88, 0.76, 0.34), tile_cm=90)
    site.rectangle("Stripe", stripe, (-330, -3600), (-290, 3600), 0.5, cell_cm=60)
    site.rectangle("Stripe", stripe, (505, -3600), (535, 3600), 0.5, cell_cm=60)
    site.terrain(replace(GRAVEL, color=(0.60, 0.56, 0.52), other=(0.52, 0.49, 0.47)), below_cm=112)


def luggage() -> list[Part]:
    """Three suitcases."""
    cases = []
    for x, y, w, h, c in (
        (0, 0, 46, 66, (0.52, 0.30, 0.20)),
        (6, 52, 40, 50, (0.20, 0.36, 0.44)),
        (-30, 18, 50, 40, (0.66, 0.58, 0.42)),
    ):
        cases += [
            box((24, w, h), (x, y, h / 2 + 3), Paint(color=c, gloss=0.3, tile_cm=60)),
            box((4, 14, 4), (x, y, h + 6), Paint(color=(0.15, 0.14, 0.13))),
        ]
        cases += [
            box((25, 3, h + 1), (x, y + s * w * 0.28, h / 2 + 3), Paint(color=(0.30, 0.18, 0.12)))
            for s in (-1, 1)
        ]
        cases += [box((20, w * 0.8, 3), (x, y, 1.5), Paint(color=(0.12, 0.12, 0.12)))]
    return [textured("fabric", *cases)]
