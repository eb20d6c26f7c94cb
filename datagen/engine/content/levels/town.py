"""Old streets: a shopping street and a canal."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.boats import rowboat
from ..props.fences import railing
from ..props.house_fronts import CLAY, SLATE, House
from ..props.houses import house
from ..props.large_buildings import church
from ..props.market import barrel, parasol_table
from ..props.outdoor import bicycle, bollard, flower_pot, lantern
from ..props.places import planter_box
from ..props.street import bench, litter_bin
from ..props.trees import broadleaf
from ..shapes.meshes import Paint, textured
from ..shapes.shapes import box
from ..unreal_space import Number
from .grounds import COBBLES, FLAGS, LAWN
from .outdoor_light import light
from .plants import fallen, puddle
from .site import Ground, Site

OLD_COLORS = (
    (0.92, 0.80, 0.58),
    (0.86, 0.60, 0.48),
    (0.93, 0.90, 0.80),
    (0.72, 0.78, 0.74),
    (0.88, 0.70, 0.52),
    (0.80, 0.52, 0.42),
    (0.94, 0.86, 0.66),
)


SHUTTERS = ((0.26, 0.42, 0.36), (0.30, 0.40, 0.56), (0.46, 0.26, 0.20), (0.52, 0.56, 0.46), None)
ACCENTS = ((0.50, 0.18, 0.17), (0.16, 0.32, 0.42), (0.20, 0.38, 0.26), (0.62, 0.40, 0.14), (0.40, 0.22, 0.36))


def old_house(rng: np.random.Generator, index: int, width: Number) -> House:
    """A house of an old town; neighbours differ."""
    return House(
        width_cm=width,
        depth_cm=900,
        storeys=int(rng.integers(2, 5)),
        storey_cm=float(rng.uniform(275, 320)),
        wall=("stucco", "stucco", "brick", "stonework")[index * 7 % 4],
        color=OLD_COLORS[index * 3 % 7],
        roof=("gable", "front", "gable")[index % 3],
        roof_color=(CLAY, (0.70, 0.40, 0.30), SLATE)[index % 3],
        pitch=float(rng.uniform(0.6, 1.0)),
        ground_floor=("door", "shop", "door", "shop")[index % 4],
        accent=ACCENTS[index % 5],
        shutters=SHUTTERS[index * 2 % 5],
        flower_boxes=index % 3 != 2,
        window_gap_cm=float(rng.uniform(210, 260)),
        attached=True,
    )


def house_row(
    site: Site,
    start: tuple[Number, Number],
    length: Number,
    yaw_deg: Number,
    first: int = 0,
    *,
    widths: tuple[Number, Number] = (560.0, 860.0),
) -> None:
    """A closed row of old houses from ``start``, along their own Y axis."""
    rng, along = site.rng, np.array([-np.sin(np.radians(yaw_deg)), np.cos(np.radians(yaw_deg))])
    count = max(1, round(length / (0.5 * sum(widths))))
    shares = rng.uniform(*widths, count)
    shares *= length / shares.sum()
    place = 0.0
    for index, width in enumerate(shares.tolist()):
        x, y = np.array(start) + along * (place + width / 2)
        site.add("House", house(rng, old_house(rng, first + index, width)), x, y, yaw_deg)
        place += width


def old_town_street(rng: np.random.Generator) -> Environment:
    """A cobbled street along X between old houses; a church at one end, a gate at the other."""
    site, front = Site(rng, (1100, 270)), 560.0
    house_row(site, (-3400, front), 6800, -90.0, 0)
    house_row(site, (3400, -front), 6800, 90.0, 3)
    house_row(site, (-3400, -front), 2 * front, 0.0, 2)
    house_row(site, (3400, front), 2 * front, 180.0, 4)
    site.add("Church", church(rng), 4800, 300)
    for index, x in enumerate((-2400, -1500, -620, 560, 1400, 2300)):
        site.add("Lantern", lantern(), x, (430, -430)[index % 2], 0)
    for x, y, tint in ((-330, 440, 0), (900, -450, 1), (-1000, -440, 2)):
        site.add("Cafe", parasol_table(rng, ACCENTS[tint]), x, y - 20 * np.sign(y), rng.uniform(0, 360))
    for index, (x, side) in enumerate(
        ((-820, 1), (-120, -1), (240, 1), (620, 1), (420, -1), (-520, -1), (1240, 1), (-1450, 1), (1700, -1))
    ):
        if index % 3 == 0:
            site.add("Barrel", barrel(), x, side * 490)
        site.add(
            "Pot",
            flower_pot(
                rng,
                rng.uniform(24, 36),
                ((0.92, 0.30, 0.36), (0.96, 0.80, 0.30), (0.80, 0.50, 0.85))[index % 3],
            ),
            x + 70,
            side * 496,
        )
    site.add("Bench", bench(), 60, 470, -90)
    site.add("Bin", litter_bin(), 200, 480)
    site.add("Bike", bicycle(), -560, 470, 8)
    for x in (-2700, -2550, 2600, 2750):
        site.add("Bollard", bollard(), x, 0)
    gutters(site, 3400, 330)
    site.terrain(COBBLES)
    for x, y, r in ((-210, 120, 70), (480, -160, 52), (-820, -60, 85), (1250, 90, 60)):
        puddle(site, x, y, r)
    spots = rng.uniform((-2600, -480), (2600, 480), (260, 2))
    site.add(
        "Leaves",
        fallen(rng, spots, 5.0, ((0.80, 0.56, 0.22), (0.66, 0.40, 0.18), (0.60, 0.60, 0.30))),
        is_ground=True,
    )
    return site.level(light("summer"))


def gutters(site: Site, half_length: Number, y: Number) -> None:
    """Two rows of pale slabs along a street, flush with it, and iron covers."""
    pale = replace(FLAGS, color=(0.74, 0.71, 0.66), tile_cm=420)
    for side in (-1, 1):
        site.rectangle("Gutter", pale, (-half_length, side * y - 22), (half_length, side * y + 22), 0.5)
    iron = Paint(color=(0.30, 0.29, 0.28), gloss=0.4, tile_cm=60)
    covers = [
        box((62, 62, 0.6), (x, yy, 0.5), iron)
        for x, yy in ((-400, 90), (150, -110), (700, 130), (-1300, -40))
    ]
    site.add("Covers", [textured("checker", *covers)], is_ground=True)


def canal(rng: np.random.Generator) -> Environment:
    """A quay along X: houses and trees on one side, a canal with boats and houses across on the other."""
    site = Site(rng, (1000, 230))
    house_row(site, (-3600, 800), 7200, -90.0, 1)
    house_row(site, (3600, -1950), 7200, 90.0, 4)
    for x, yaw, first in ((-3600, 0.0, 2), (3600, 180.0, 5)):
        site.add("House", house(rng, replace(old_house(rng, first, 1500), storeys=3)), x * 1.03, 50, yaw)
        site.add("Bridge", stone_bridge(1300), x * 0.8, -1180, 90)
    for x in (-2500, -1560, -700, 520, 1460, 2400):
        site.add("Tree", broadleaf(rng, rng.uniform(560, 700), (0.52, 0.61, 0.34)), x, -330)
        site.add("Lantern", lantern(), x + 420, -400)
    for x, tint in (
        (-1500, (0.50, 0.20, 0.16)),
        (-300, (0.20, 0.34, 0.46)),
        (880, (0.24, 0.40, 0.28)),
        (2000, (0.82, 0.70, 0.30)),
    ):
        site.add(
            "Boat",
            rowboat(tint, length_cm=rng.uniform(380, 560)),
            x,
            -680 - rng.uniform(0, 120),
            rng.uniform(-6, 6),
            z=-166,
            is_ground=True,
        )
    site.add("Railing", railing(1500), -1800, -490, 90)
    site.add("Railing", railing(1500), 1900, -490, 90)
    for x in (-950, -650, -350, -50, 250, 550, 850):
        site.add("Bollard", bollard((0.46, 0.20, 0.16)), x, -490)
    site.add("Bench", bench(), -100, -340, 90)
    site.add("Bench", bench(), 980, -350, 90)
    site.add("Bike", bicycle(), 330, -440, 4)
    site.add("Bike", bicycle(), 300, 730, -3)
    site.add("Cafe", parasol_table(rng, ACCENTS[1]), -640, 560)
    site.add("Cafe", parasol_table(rng, ACCENTS[1]), -380, 590, 50)
    for x in (-1150, 700, 1180):
        site.add("Planter", planter_box(rng, 150, petals=(0.90, 0.40, 0.50)), x, 760, 90)
    quay = box((8400, 60, 190), (0, -515, -95), Paint(color=(0.66, 0.62, 0.56), tile_cm=420))
    far = box((8400, 400, 190), (0, -1790, -95), Paint(color=(0.60, 0.57, 0.52), tile_cm=420))
    site.add("Quay", [textured("stonework", quay, far)], is_ground=True)
    site.rectangle(
        "Street",
        replace(COBBLES, color=(0.62, 0.56, 0.52), other=(0.70, 0.60, 0.54)),
        (-4200, -540),
        (4200, 1500),
    )
    water = Ground(
        texture="water", color=(0.34, 0.46, 0.44), other=(0.28, 0.40, 0.42), gloss=0.85, tile_cm=900
    )
    site.rectangle("Canal", water, (-4200, -1650), (4200, -480), -150, cell_cm=200)
    site.terrain(LAWN, below_cm=200)
    leaves = rng.uniform((-2600, -470), (2600, 740), (300, 2))
    site.add("Leaves", fallen(rng, leaves, 5.0, ((0.62, 0.66, 0.30), (0.80, 0.66, 0.26))), is_ground=True)
    return site.level(light("golden"))


def stone_bridge(length: Number) -> list:
    """A low stone bridge along X over a canal."""
    paint = Paint(color=(0.72, 0.68, 0.62), tile_cm=420)
    half = length / 2
    deck = box((length, 420, 40), (0, 0, -18), paint)
    walls = [box((length, 30, 90), (0, s * 210, 40), paint) for s in (-1, 1)]
    piers = [box((120, 400, 190), (s * half * 0.45, 0, -120), paint) for s in (-1, 1)]
    return [textured("stonework", deck, *walls, *piers)]
