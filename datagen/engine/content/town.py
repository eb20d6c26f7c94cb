"""Old and new streets: an old town street, a canal, an avenue, a suburb."""

from dataclasses import replace

import numpy as np

from .environment import Environment
from .grounds import COBBLES, FLAGS, LAWN, TARMAC
from .houses import CLAY, SLATE, House, church, house, tower_block
from .meshes import Paint, Rgb, panel, textured
from .outdoor_light import light
from .outdoor_props import (
    STONE,
    barrel,
    bicycle,
    bollard,
    flower_pot,
    lantern,
    mailbox,
    modern_lamp,
    parasol_table,
    picket_fence,
    railing,
)
from .place_props import bus_shelter, planter_box, rowboat, van
from .plants import fallen, flowers, grass, horizon_trees, puddle
from .shapes import box
from .site import Ground, Site, hills
from .street_props import bench, car, litter_bin, sign
from .trees import broadleaf, bush, hedge
from .unreal_space import Number

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
    leaves = rng.uniform((-2600, -640), (2600, 640), (220, 2))
    site.add("Leaves", fallen(rng, leaves, 6.0, ((0.72, 0.62, 0.28), (0.58, 0.62, 0.30))), is_ground=True)
    return site.level(light("clear"))


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
                tile_cm=1400,
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


def suburb(rng: np.random.Generator) -> Environment:
    """A quiet street with lawns, detached houses, picket fences and parked cars."""
    site = Site(rng, (1100, 250))
    colors = (
        (0.94, 0.92, 0.86),
        (0.72, 0.80, 0.84),
        (0.92, 0.84, 0.62),
        (0.82, 0.62, 0.54),
        (0.76, 0.80, 0.66),
    )
    for side in (-1, 1):
        for index, x in enumerate((np.arange(-4200, 4300, 1700) + (300 if side > 0 else -250)).tolist()):
            look = House(
                width_cm=1050,
                depth_cm=880,
                storeys=1 + (index + (side > 0)) % 2,
                wall=("planks", "stucco", "brick")[(index + 2 * (side > 0)) % 3],
                color=colors[(index * 2 + (side > 0)) % 5],
                roof=("gable", "front")[index % 2],
                roof_color=((0.42, 0.40, 0.42), CLAY, (0.38, 0.44, 0.42))[index % 3],
                pitch=0.75,
                accent=ACCENTS[(index + 2) % 5],
                shutters=SHUTTERS[(index + 1) % 5],
                flower_boxes=True,
                window_gap_cm=280,
            )
            site.add("House", house(rng, look), x, side * 1180, -90 * side)
            site.add(
                "Tree",
                broadleaf(
                    rng,
                    rng.uniform(520, 720),
                    ((0.50, 0.60, 0.34), (0.58, 0.63, 0.34), (0.60, 0.42, 0.38))[index % 3],
                ),
                x + 760,
                side * 820,
            )
            for k in (-380, -240, 240, 380):
                site.add(
                    "Bush",
                    bush(
                        rng,
                        rng.uniform(40, 62),
                        (0.44, 0.54, 0.34),
                        leaves=60,
                        petals=((0.92, 0.46, 0.60), (0.95, 0.92, 0.90), None)[int(rng.integers(3))],
                    ),
                    x + k,
                    side * 1120,
                )
            fence = picket_fence(620)
            site.add("Fence", fence, x - 430, side * 585, 90)
            site.add("Fence", picket_fence(420), x + 450, side * 585, 90)
            site.add("Mailbox", mailbox(ACCENTS[index % 5]), x + 190, side * 560, -90 * side)
    for x, side, tint in (
        (-1500, 1, (0.16, 0.34, 0.60)),
        (1150, 1, (0.86, 0.86, 0.84)),
        (2500, -1, (0.72, 0.14, 0.14)),
        (-2500, -1, (0.24, 0.26, 0.28)),
    ):
        site.add("Car", car(tint), x, side * 320, 0 if side > 0 else 180)
    site.add("Van", van((0.40, 0.58, 0.50)), -1300, -330, 180)
    for index, x in enumerate((-2000, -600, 700, 2100)):
        site.add("Lamp", modern_lamp(480), x, (500, -500)[index % 2])
    site.add("Sign", sign((0.80, 0.10, 0.12)), 1500, 470, 180)
    site.add("Bin", litter_bin(), -260, 480)
    site.add("Hedge", hedge(rng, 500, 120), -300, 640, 90)
    site.add("Hedge", hedge(rng, 460, 140, color=(0.34, 0.50, 0.24)), 350, -650, 90)
    rise = hills(rng, flat_cm=5000, height_cm=2600)
    horizon_trees(
        site,
        5200,
        9000,
        80,
        ((0.44, 0.52, 0.34), (0.50, 0.56, 0.36), (0.38, 0.46, 0.34)),
        slim=0.2,
        height_cm=1100,
        heights=rise,
    )
    grass_at = (
        site.scattered(520, (-2600, 600), (2600, 1150)),
        site.scattered(520, (-2600, -1150), (2600, -600)),
    )
    site.add("Grass", grass(rng, np.concatenate(grass_at), 11, (0.52, 0.60, 0.34)), is_ground=True)
    site.add(
        "Flowers",
        flowers(
            rng, np.concatenate([one[::9] for one in grass_at]), 16, ((0.96, 0.92, 0.60), (0.96, 0.96, 0.96))
        ),
        is_ground=True,
    )
    site.rectangle("Road", TARMAC, (-6000, -420), (6000, 420))
    for side in (-1, 1):
        low, high = sorted((side * 436, side * 575))
        site.rectangle(
            "Pavement",
            replace(FLAGS, color=(0.76, 0.74, 0.71), other=(0.70, 0.69, 0.66), tile_cm=520),
            (-6000, low),
            (6000, high),
            9,
        )
        site.add(
            "Kerb",
            [
                textured(
                    "concrete",
                    box((12000, 17, 16), (0, side * 428, 1.5), Paint(color=(0.82, 0.81, 0.78), tile_cm=240)),
                )
            ],
            is_ground=True,
        )
        for x in (-4200, -2500, -800, 900, 2600):
            low, high = sorted((side * 575, side * 1175))
            site.rectangle(
                "Drive",
                replace(FLAGS, color=(0.70, 0.62, 0.56), tile_cm=420),
                (x + (300 if side > 0 else -250) - 75, low),
                (x + (300 if side > 0 else -250) + 75, high),
                9.2,
            )
    lines = [
        panel((x, -6, 0.8), (220, 0, 0), (0, 12, 0), Paint(color=(0.90, 0.90, 0.86)))
        for x in range(-4400, 4400, 480)
    ]
    site.add("Lines", [textured("plaster", *lines)], is_ground=True)

    def lawn_heights(points: np.ndarray) -> np.ndarray:
        return np.where(np.abs(points[:, 1]) > 560, 8.0, -8.0) + rise(points)

    site.terrain(LAWN, lawn_heights)
    for low, high in ((570, 3400), (-3400, -570)):
        site.rectangle("Lawn", LAWN, (-5200, low), (5200, high), 8.6, cell_cm=150)
    leaves = rng.uniform((-2600, -410), (2600, 410), (180, 2))
    site.add("Leaves", fallen(rng, leaves, 6.0, ((0.56, 0.60, 0.26), (0.78, 0.62, 0.26))), is_ground=True)
    return site.level(light("summer"))
