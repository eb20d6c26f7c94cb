"""Countryside: a farm among fields, and rows of lavender below a stone house."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.fences import picket_fence, rail_fence
from ..props.house_fronts import CLAY, House
from ..props.houses import house
from ..props.large_buildings import barn, silo, wall_run
from ..props.market import barrel, crate_stack
from ..props.outdoor import IRON, WOOD, hay_bale
from ..props.shrubs import bush
from ..props.trees import broadleaf, poplar
from ..shapes.meshes import Paint, Part, Rgb, cylinder, dimmed, textured, turned
from ..shapes.organic import flat_pieces, lump, tints
from ..shapes.shapes import box, tube
from ..unreal_space import Number
from .grounds import GRAVEL, MEADOW, SOIL
from .outdoor_light import light
from .plants import crop_rows, fallen, flowers, grass, horizon_trees, stones
from .site import Ground, Site, hills

_FAR = ((0.46, 0.53, 0.36), (0.52, 0.56, 0.38), (0.40, 0.47, 0.34))


def fields(site: Site, boxes: tuple, z: Number = 1.0) -> None:
    """Far fields of several crops, as flat patches."""
    tints = (
        ((0.72, 0.66, 0.36), (0.80, 0.72, 0.40)),
        ((0.50, 0.58, 0.34), (0.56, 0.62, 0.36)),
        ((0.60, 0.50, 0.40), (0.66, 0.56, 0.44)),
    )
    for index, (low, high) in enumerate(boxes):
        color, other = tints[index % 3]
        look = Ground(texture="crop", color=color, other=other, tile_cm=1100, warp=0.02)
        site.rectangle("Field", look, low, high, z, cell_cm=250)


def farm(rng: np.random.Generator) -> Environment:
    """A farmyard with a barn, a silo, a house, hay and fences, between fields."""
    site = Site(rng, (700, 330))
    _farm_houses(site, rng)
    _farm_things(site, rng)
    for x, y in ((1950, 420), (-600, 1750), (1700, -1000), (-2300, -500)):
        site.add("Tree", broadleaf(rng, rng.uniform(640, 840)), x, y)
    for x in (950, 1100, 1500):
        site.add("Bush", bush(rng, 60, petals=(0.92, 0.56, 0.66)), x, 640)
    rise = hills(rng, flat_cm=5500, height_cm=3800)
    horizon_trees(site, 4800, 10000, 110, _FAR, slim=0.2, height_cm=1000, heights=rise)
    site.terrain(MEADOW, rise)
    _farm_grounds(site, rng)
    _farm_plants(site, rng)
    return site.level(light("summer"))


def _farm_houses(site: Site, rng: np.random.Generator) -> None:
    """A barn, a silo and a house."""
    site.add("Barn", barn(rng), -1100, 1050, -75)
    site.add("Silo", silo(), -1950, 1150)
    look = House(
        width_cm=1000,
        depth_cm=850,
        storeys=2,
        wall="planks",
        color=(0.94, 0.92, 0.86),
        roof="gable",
        roof_color=(0.44, 0.42, 0.42),
        pitch=0.8,
        accent=(0.30, 0.42, 0.36),
        shutters=(0.30, 0.42, 0.36),
        flower_boxes=True,
    )
    site.add("House", house(rng, look), 1250, 950, -100)


def _farm_things(site: Site, rng: np.random.Generator) -> None:
    """Bales, fences, barrels, crates and a cart."""
    for x, y, yaw in (
        (520, 760, 30),
        (660, 640, 10),
        (430, 640, 60),
        (-1200, -450, 0),
        (-1900, -1500, 20),
        (-700, -2000, 70),
        (900, -1700, 10),
        (2100, -1400, 50),
    ):
        site.add("Bale", hay_bale(), x, y, yaw)
    for x in (-1500, -500, 500, 1500):
        site.add("Fence", rail_fence(rng, 960), x, -640, 90)
    site.add("Fence", rail_fence(rng, 700), -1980, 100, 8)
    site.add("Fence", picket_fence(700), 1300, 480, 85)
    for x, y in ((-480, 700), (-380, 760), (330, -480)):
        site.add("Barrel", barrel(), x, y)
    site.add("Crates", crate_stack(rng), -250, 720, 15)
    site.add("Cart", cart(), 620, -470, 160)


def _farm_grounds(site: Site, rng: np.random.Generator) -> None:
    """The yard, a track, fields and wheat."""
    site.disc(
        "Yard",
        replace(SOIL, color=(0.66, 0.57, 0.46), other=(0.74, 0.66, 0.54)),
        0,
        120,
        900,
        0.5,
        rough=0.14,
    )
    site.path(
        "Track",
        replace(GRAVEL, color=(0.72, 0.66, 0.56)),
        [(3800, -200), (1500, 60), (300, 160), (-600, 420), (-1150, 900)],
        260,
        0.8,
        rough=0.12,
    )
    fields(
        site,
        (
            ((-4300, -4200), (-200, -760)),
            ((100, -4200), (4300, -760)),
            ((-4600, 1900), (-300, 4300)),
            ((400, 2100), (4300, 4300)),
        ),
    )
    rows = crop_rows(rng, 3400, 8, 95, 44, (0.74, 0.68, 0.38))
    site.add("Wheat", [textured("foliage", rows)], 100, -1250, 0, is_ground=True)


def _farm_plants(site: Site, rng: np.random.Generator) -> None:
    """Grass, flowers, straw and stones."""
    points = site.scattered(700, (-1900, -620), (1900, 1400))
    points = points[np.linalg.norm(points - [0, 120], axis=1) > 620]
    site.add("Grass", grass(rng, points, 18, (0.62, 0.63, 0.40), blades=4), is_ground=True)
    site.add(
        "Flowers",
        flowers(rng, points[::9] + 7, 22, ((0.96, 0.94, 0.66), (0.96, 0.96, 0.96), (0.86, 0.32, 0.26))),
        is_ground=True,
    )
    spots = rng.uniform((-850, -420), (850, 620), (330, 2))
    site.add("Straw", fallen(rng, spots, 9, ((0.90, 0.78, 0.46), (0.82, 0.68, 0.38))), is_ground=True)
    site.add(
        "Stones",
        stones(rng, rng.uniform((-800, -400), (800, 500), (60, 2)), 3, (0.70, 0.66, 0.60)),
        is_ground=True,
    )


def cart() -> list:
    """A wooden cart with hay."""

    bed = [
        box((150, 130, 8), (0, 0, 72), WOOD),
        *(box((150, 5, 44), (0, s * 66, 96), WOOD) for s in (-1, 1)),
        box((5, 130, 44), (-120, 0, 96), WOOD),
    ]
    wheels: list = []
    for x, s in ((-60, -1), (-60, 1), (75, -1), (75, 1)):
        rim = tube(
            [(x + 42 * np.cos(a), s * 78, 42 + 42 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 17)],
            [4] * 17,
            WOOD,
            6,
        )
        spokes = [
            tube([(x, s * 78, 42), (x + 42 * np.cos(a), s * 78, 42 + 42 * np.sin(a))], [2.2, 2.2], WOOD, 4)
            for a in (np.arange(8) * np.pi / 4).tolist()
        ]
        wheels += [rim, *spokes, turned(cylinder(7, -7, 7, IRON, 8), (x, s * 78, 42), (0, 0, 90))]
    shaft = tube([(120, 0, 70), (270, 0, 36), (330, 0, 6)], [5, 4, 4], WOOD, 6)
    hay = lump(
        np.random.default_rng(3),
        (-5, 0, 112),
        (112, 62, 42),
        Paint(color=(0.86, 0.74, 0.44), tile_cm=90),
        rough=0.2,
        detail=3,
    )
    parts: list[Part] = [textured("planks", *bed, *wheels, shaft), textured("litter", hay)]
    return parts


def lavender(rng: np.random.Generator) -> Environment:
    """A gravel track between rows of lavender; a stone house, cypresses and dry walls on low hills."""
    site = Site(rng, (900, 130))
    _lavender_house(site, rng)
    lavender_rows(site)
    for y in (-1250, 1300):
        for x in (-1800, -600, 600):
            site.add("Wall", wall_run(rng, 1180, 75, (0.78, 0.72, 0.62)), x, y, 90)
    site.add("Crates", crate_stack(rng), 1050, 200, 20)
    site.add("Barrel", barrel(), -1050, 210)
    rise = hills(rng, flat_cm=4200, height_cm=7000, scale_cm=7500)
    horizon_trees(
        site,
        4300,
        11000,
        80,
        ((0.50, 0.52, 0.38), (0.44, 0.48, 0.36)),
        slim=0.3,
        height_cm=800,
        heights=rise,
    )
    site.terrain(replace(MEADOW, color=(0.68, 0.64, 0.44), other=(0.76, 0.70, 0.50)), rise)
    _lavender_grounds(site)
    _lavender_plants(site, rng)
    return site.level(light("golden"))


def _lavender_house(site: Site, rng: np.random.Generator) -> None:
    """A stone house, cypresses and olive trees."""
    look = House(
        width_cm=1200,
        depth_cm=850,
        storeys=2,
        wall="stonework",
        color=(0.88, 0.78, 0.62),
        roof="gable",
        roof_color=CLAY,
        pitch=0.5,
        accent=(0.36, 0.46, 0.56),
        shutters=(0.42, 0.52, 0.60),
        window_gap_cm=300,
    )
    site.add("House", house(rng, look), 2500, 900, -150)
    for x, y in ((1700, 520), (1950, 430), (2300, 350), (2900, 250), (-2200, 900), (-2350, 1150)):
        site.add("Cypress", poplar(rng, rng.uniform(680, 880), (0.34, 0.42, 0.30), width=0.075), x, y)
    for x, y in ((-1500, -900), (1300, -1150), (-700, 1500), (600, 1600)):
        site.add(
            "Olive", broadleaf(rng, rng.uniform(380, 460), (0.60, 0.62, 0.50), width=0.40, leaves=560), x, y
        )


def _lavender_grounds(site: Site) -> None:
    """Soil between the rows, and a track."""
    for side in (-1, 1):
        low, high = sorted((side * 190, side * 1180))
        site.rectangle(
            "Soil",
            replace(SOIL, color=(0.74, 0.62, 0.50), other=(0.80, 0.70, 0.58)),
            (-1700, low),
            (1700, high),
            0.4,
        )
        for x in (-1, 1):
            low, high = sorted((x * 1750, x * 4100))
            look_far = Ground(
                texture="crop", color=(0.62, 0.50, 0.74), other=(0.56, 0.44, 0.68), tile_cm=1600, warp=0.02
            )
            edge = sorted((side * 300, side * 1180))
            if x < 0 or side < 0:
                site.rectangle("FarRows", look_far, (low, edge[0]), (high, edge[1]), 0.6, cell_cm=200)
    site.path(
        "Track",
        replace(GRAVEL, color=(0.80, 0.74, 0.64), other=(0.72, 0.66, 0.58)),
        [(-4200, 200), (-1500, 0), (0, 10), (1500, -10), (4200, 300)],
        330,
        0.8,
        rough=0.05,
    )


def _lavender_plants(site: Site, rng: np.random.Generator) -> None:
    """Blossoms, stones and grass."""
    blossom = rng.uniform((-1650, -1100), (1650, 1100), (900, 2))
    row = np.abs(blossom[:, 1]) % 105
    heads = blossom[(np.abs(blossom[:, 1]) > 230) & (row > 10)]
    site.add(
        "Blossom",
        flowers(rng, heads, 46, ((0.62, 0.48, 0.80), (0.52, 0.40, 0.72), (0.72, 0.58, 0.86))),
        is_ground=True,
    )
    site.add(
        "Stones",
        stones(rng, rng.uniform((-1300, -150), (1300, 150), (110, 2)), 2.8, (0.80, 0.75, 0.68)),
        is_ground=True,
    )
    tufts = np.concatenate(
        [rng.uniform((-1600, 130), (1600, 190), (160, 2)), rng.uniform((-1600, -190), (1600, -130), (160, 2))]
    )
    site.add("Grass", grass(rng, tufts, 12, (0.66, 0.62, 0.40), blades=4), is_ground=True)


def lavender_rows(site: Site) -> None:
    """Blocks of four rows of lavender on both sides of a track along X."""
    rng, purple = site.rng, (0.56, 0.44, 0.72)
    for side in (-1, 1):
        for band in range(2):
            for x in (-1250, -420, 420, 1250):
                mesh = crop_rows(rng, 780, 4, 105, 46, dimmed(purple, rng.uniform(0.9, 1.1)))
                site.add("Lavender", [textured("foliage", mesh)], x, side * (400 + 470 * band))
                spikes = lavender_spikes(rng, 760 if band == 0 else 420, purple)
                site.add("Spikes", spikes, x, side * (400 + 470 * band), is_ground=True)


def lavender_spikes(rng: np.random.Generator, count: int, color: Rgb) -> list[Part]:
    """Blossoms that stand out of a block of four rows."""
    angle = rng.uniform(-1.3, 1.3, count)
    out = np.column_stack([0.25 * rng.standard_normal(count), np.sin(angle), np.cos(angle)])
    row = (rng.integers(0, 4, count) - 1.5) * 105
    roots = np.column_stack([rng.uniform(-385, 385, count), row, np.full(count, 21.0)]) + 25 * out
    along = (out + np.array([0.0, 0.0, 0.5])) * rng.uniform(6, 12, (count, 1))
    across = np.cross(along, rng.standard_normal((count, 3)))
    across *= rng.uniform(1.2, 2.2, (count, 1)) / np.linalg.norm(across, axis=1, keepdims=True)
    tint = tints(rng, count, color, 0.35) * rng.uniform(0.9, 1.25, (count, 1))
    normals = out / np.linalg.norm(out, axis=1, keepdims=True)
    return [textured("smooth", flat_pieces(roots, along, across, tint, normals=normals, taper=0.5))]
