"""Roofs above a city: a terrace with plants and sofas, and a roof with machines."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.beach import lounger
from ..props.fences import railing
from ..props.large_buildings import tower_block, wall_run
from ..props.market import parasol_table
from ..props.outdoor import PALE_WOOD
from ..props.places import planter_box
from ..props.rooftop import air_conditioner, garden_sofa, string_lights, vent_pipe, water_tank
from ..props.shrubs import bush
from ..props.street import GLASS, STEEL
from ..props.trees import palm
from ..shapes.meshes import Paint, Part, Rgb, circles, cylinder, moved, tapered, textured
from ..shapes.shapes import box, prism, quad, tube
from ..shapes.weathering import weathered
from ..unreal_space import Number
from .grounds import DECK, GRAVEL, PLAIN
from .outdoor_light import light
from .plants import fallen, puddle, stones
from .site import Ground, Site

CITY = (
    (0.86, 0.82, 0.76),
    (0.72, 0.76, 0.80),
    (0.80, 0.66, 0.58),
    (0.90, 0.88, 0.84),
    (0.62, 0.68, 0.74),
    (0.76, 0.72, 0.64),
)


def skyline(
    site: Site, nearest_cm: Number, roof_cm: Number, count: int, tints: tuple[Rgb, ...] = CITY
) -> None:
    """Towers all around; their feet are ``roof_cm`` below, and some rise above."""
    rng = site.rng
    for index in range(count):
        angle = 2 * np.pi * (index + rng.uniform(-0.3, 0.3)) / (count / 3)
        away = nearest_cm * (1 + 0.55 * (index % 3)) + rng.uniform(0, 900)
        tall = roof_cm + rng.uniform(-500, 1500) + 900 * (index % 3)
        size = (rng.uniform(900, 1700), rng.uniform(900, 1700), float(tall))
        texture = ("facade", "curtain_wall", "facade")[index % 3]
        parts = tower_block(rng, size, tints[index % len(tints)], texture=texture)
        site.add(
            "Tower",
            parts,
            away * np.cos(angle),
            away * np.sin(angle),
            np.degrees(angle) + rng.uniform(-12, 12),
            z=-roof_cm,
            is_ground=True,
        )


def stair_hut(rng: np.random.Generator, color: Rgb, width: Number = 420.0) -> list[Part]:
    """The house of the stairs to a roof, with a door that faces +X."""
    walls = box((320, width, 270), (-160, 0, 135), Paint(color=color, tile_cm=520))
    rim = box((345, width + 25, 18), (-160, 0, 274), Paint(color=(0.82, 0.81, 0.78), tile_cm=300))
    door = [
        box((8, 110, 215), (2, -40, 107), Paint(color=(0.32, 0.40, 0.44), gloss=0.3)),
        quad((7, -70, 130), (0, 60, 0), (0, 0, 60), GLASS),
        box((8, 4, 14), (8, 4, 104), STEEL),
    ]
    lamp = box((14, 26, 12), (6, -40, 238), Paint(color=(1.0, 0.94, 0.80), glow=0.4))
    return [
        *weathered([textured("stucco", walls)], rng),
        textured("concrete", rim),
        textured("smooth", *door, lamp),
    ]


def pergola() -> list[Part]:
    """A frame of wooden beams, 5 x 4 m."""
    posts = [box((14, 14, 250), (x, y, 125), PALE_WOOD) for x in (-190, 190) for y in (-240, 240)]
    beams = [box((10, 540, 16), (x, 0, 256), PALE_WOOD) for x in (-190, 190)] + [
        box((430, 6, 14), (0, y, 270), PALE_WOOD) for y in np.linspace(-250, 250, 11)
    ]
    return [textured("planks", *posts, *beams)]


def roof_terrace(rng: np.random.Generator) -> Environment:
    """A terrace of wood with sofas, plants, a pergola and bulbs on cords, over a city in the evening."""
    site = Site(rng, (430, 300))
    for side in (-1, 1):
        site.add("Railing", railing(1780), 0, side * 860, 90)
        site.add("Railing", railing(1700), side * 900, 0, 0)
        for x in (-720, -480, 520, 760):
            site.add(
                "Planter",
                planter_box(
                    rng, 210, (0.42, 0.40, 0.38), (0.48, 0.58, 0.36), (None, (0.92, 0.62, 0.70))[side > 0]
                ),
                x,
                side * 800,
                90,
            )
    site.add("Hut", stair_hut(rng, (0.90, 0.82, 0.72)), -560, -480, 0)
    site.add("Pergola", pergola(), 620, 480, 0)
    site.add("Sofa", garden_sofa((0.86, 0.84, 0.78), 3), 620, 640, -90)
    site.add("Sofa", garden_sofa((0.46, 0.58, 0.62), 2), 790, 440, 180)
    site.add("Table", low_table(), 600, 470)
    site.add("Sofa", garden_sofa((0.86, 0.60, 0.40), 2), -760, 260, -20)
    site.add("Cafe", parasol_table(rng, (0.24, 0.44, 0.46)), 620, -520)
    site.add("Lounger", lounger((0.90, 0.88, 0.80)), -320, 620, -80)
    site.add("Lounger", lounger((0.90, 0.88, 0.80)), -480, 640, -85)
    for x, y in ((-820, 700), (830, -740), (-820, -130)):
        site.add("Palm", [*pot_of(46)], x, y)
        site.add("PalmTop", palm(rng, 300), x, y, rng.uniform(0, 360), z=30, is_ground=True)
    for x, y in ((300, 740), (-100, 760), (330, -730)):
        site.add("Bush", [*pot_of(34)], x, y)
        site.add("BushTop", bush(rng, 46, petals=(0.94, 0.86, 0.50)), x, y, z=34, is_ground=True)
    masts = [
        (-860, 560, 300),
        (-260, 700, 320),
        (420, 470, 290),
        (860, -560, 300),
        (120, -720, 310),
        (-560, -470, 290),
    ]
    site.add("Bulbs", string_lights(masts), is_ground=True)
    for x, y, z in (masts[0], masts[1], masts[3], masts[4]):
        site.add("Mast", [textured("smooth", tube([(0, 0, 0), (0, 0, z)], [3, 3], STEEL, 6))], x, y)
    edge = [
        box((1850, 60, 90), (0, s * 900, -48), Paint(color=(0.82, 0.78, 0.72), tile_cm=300)) for s in (-1, 1)
    ] + [
        box((60, 1860, 90), (s * 940, 0, -48), Paint(color=(0.82, 0.78, 0.72), tile_cm=300)) for s in (-1, 1)
    ]
    site.add("Edge", [textured("stucco", *edge)], is_ground=True)
    site.add(
        "Building",
        tower_block(rng, (1880, 1900, 2390), (0.86, 0.78, 0.68), has_hut=False),
        z=-2480,
        is_ground=True,
    )
    site.rectangle("Deck", DECK, (-920, -880), (920, 880), cell_cm=60)
    rug = Ground(texture="fabric", color=(0.72, 0.36, 0.30), other=(0.80, 0.46, 0.34), tile_cm=60, warp=0.0)
    site.rectangle("Rug", rug, (470, 370), (760, 570), 0.8)
    skyline(site, 3400, 2400, 42)
    site.terrain(replace(PLAIN, color=(0.62, 0.62, 0.64)), below_cm=2400)
    spots = rng.uniform((-860, -820), (860, 820), (260, 2))
    site.add("Leaves", fallen(rng, spots, 5, ((0.66, 0.62, 0.34), (0.86, 0.66, 0.60))), is_ground=True)
    return site.level(light("golden", shadow_radius_cm=2000))


def pot_of(radius_cm: Number) -> list[Part]:
    """A round pot filled with earth."""

    pot = tapered(
        circles((0, 0.7 * radius_cm), (radius_cm, radius_cm)),
        Paint(color=(0.34, 0.36, 0.38), gloss=0.15, tile_cm=80),
        16,
    )
    return [
        textured("plaster", pot),
        textured(
            "soil",
            cylinder(
                0.9 * radius_cm, radius_cm, radius_cm + 0.5, Paint(color=(0.42, 0.34, 0.26), tile_cm=60), 16
            ),
        ),
    ]


def low_table() -> list[Part]:
    """A low table with glasses."""

    legs = [box((6, 6, 34), (x, y, 17), PALE_WOOD) for x in (-44, 44) for y in (-28, 28)]
    cups = [
        moved(cylinder(4, 39, 50, Paint(color=c, gloss=0.6), 10), x, y, 0)
        for x, y, c in ((-20, 10, (0.95, 0.6, 0.3)), (15, -12, (0.9, 0.9, 0.92)), (28, 14, (0.9, 0.3, 0.3)))
    ]
    return [textured("planks", box((110, 72, 5), (0, 0, 36.5), PALE_WOOD), *legs), textured("smooth", *cups)]


def roof_plant(rng: np.random.Generator) -> Environment:
    """A gravelled roof with a water tank, machines, pipes and brick walls, over brick towers."""
    site = Site(rng, (520, 300))
    _plant_things(site, rng)
    _pipes(site)
    site.add("Skylight", skylight(), 250, 650, 90)
    site.add("Skylight", skylight(), -450, -800, 90)
    site.add(
        "Antenna",
        [
            textured(
                "smooth",
                tube([(0, 0, 0), (0, 0, 420)], [3, 2], STEEL, 6),
                *(box((2, 120 - 12 * k, 2), (0, 0, 300 + 22 * k), STEEL) for k in range(5)),
            )
        ],
        1080,
        -850,
    )
    site.add(
        "Building",
        tower_block(rng, (2600, 2200, 2700), (0.78, 0.52, 0.44), has_hut=False),
        z=-2795,
        is_ground=True,
    )
    _plant_roof(site)
    skyline(
        site,
        3700,
        2700,
        42,
        ((0.74, 0.48, 0.40), (0.82, 0.74, 0.64), (0.66, 0.58, 0.54), (0.80, 0.56, 0.44), (0.72, 0.72, 0.74)),
    )
    site.terrain(replace(PLAIN, color=(0.55, 0.55, 0.56)), below_cm=2700)
    site.add(
        "Stones",
        stones(rng, rng.uniform((-1000, -240), (1000, 240), (70, 2)), 2.4, (0.70, 0.68, 0.64)),
        is_ground=True,
    )
    return site.level(light("overcast", shadow_radius_cm=2000))


def _plant_things(site: Site, rng: np.random.Generator) -> None:
    """A parapet, a tank, a hut, units and vents."""
    brick = (0.74, 0.46, 0.38)
    for side in (-1, 1):
        site.add("Parapet", wall_run(rng, 2500, 95, brick, "brick"), 0, side * 1050, 90)
        site.add("Parapet", wall_run(rng, 2060, 95, brick, "brick"), side * 1250, 0, 0)
    site.add("Tank", water_tank(), 780, 680)
    site.add("Hut", stair_hut(rng, (0.78, 0.48, 0.40), 380), -760, 700, -60)
    for x, y, yaw in ((-900, -620, 0), (-720, -780, 10), (650, -700, 90), (820, -640, 80)):
        site.add("Unit", air_conditioner(), x, y, yaw)
    for x, y in ((-250, 620), (-120, 690), (300, -620), (1000, 200), (-1050, 150), (420, 830)):
        site.add("Vent", vent_pipe(rng.uniform(80, 160)), x, y)


def _pipes(site: Site) -> None:
    """Pipes on feet."""
    pipes = [
        tube(
            [(-1150, -450, 24), (-1150, 480, 24), (-700, 480, 24)],
            [9, 9, 9],
            Paint(color=(0.66, 0.67, 0.68), gloss=0.4),
            8,
        ),
        tube(
            [(300, 900, 30), (-400, 900, 30), (-400, 980, 30), (-400, 1020, 80)],
            [12] * 4,
            Paint(color=(0.58, 0.60, 0.60), gloss=0.4),
            8,
        ),
    ]
    feet = [box((30, 12, 16), (-1150, y, 8), Paint(color=(0.5, 0.5, 0.5))) for y in (-350, 0, 350)] + [
        box((12, 30, 20), (x, 900, 9), Paint(color=(0.5, 0.5, 0.5))) for x in (-200, 150)
    ]
    site.add("Pipes", [textured("smooth", *pipes, *feet)])


def _plant_roof(site: Site) -> None:
    """The roof, its walkways and puddles."""
    tar = Ground(texture="tarmac", color=(0.56, 0.55, 0.55), other=(0.48, 0.47, 0.48), tile_cm=800)
    site.rectangle(
        "Roof",
        replace(GRAVEL, color=(0.70, 0.67, 0.63), other=(0.60, 0.58, 0.56), tile_cm=330),
        (-1240, -1040),
        (1240, 1040),
        cell_cm=60,
    )
    site.rectangle("Walkway", replace(tar), (-1180, -190), (1180, 190), 0.5, cell_cm=60)
    for x in np.arange(-1150, 1200, 170).tolist():
        site.rectangle(
            "Seam",
            replace(tar, color=(0.40, 0.39, 0.40), other=(0.36, 0.36, 0.36)),
            (x, -190),
            (x + 9, 190),
            0.8,
            cell_cm=60,
        )
    for x, y, r in ((-240, 80, 80), (420, -110, 60), (-700, -330, 70)):
        puddle(site, x, y, r)


def skylight() -> list[Part]:
    """A raised glass roof along X."""

    base = box((260, 150, 40), (0, 0, 20), Paint(color=(0.60, 0.60, 0.60), tile_cm=200))
    glass = prism([(-72, 40), (72, 40), (0, 92)], -126, 126, Paint(color=(0.46, 0.60, 0.66), gloss=0.85))
    bars = [
        prism([(-75, 40), (75, 40), (0, 95)], x - 3, x + 3, Paint(color=(0.32, 0.34, 0.35), gloss=0.3))
        for x in np.linspace(-120, 120, 5)
    ]
    return [textured("concrete", base), textured("smooth", glass, *bars)]
