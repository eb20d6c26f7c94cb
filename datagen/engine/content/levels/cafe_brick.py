"""A cafe with brick walls."""

import numpy as np

from ..environment import Environment
from ..props.decor import board, clock, frame, plant, sheet
from ..props.fittings import door, duct, wall_trim
from ..props.kitchen_machines import (
    espresso_machine,
    pastry_case,
)
from ..props.lamps import pendant
from ..props.seating import BRASS, ChairStyle, booth, chair, stool
from ..props.shelves import wall_shelf
from ..props.tables import counter, crockery, round_table, table
from ..shapes.meshes import Paint
from .indoor_level import Props, around, at, level, numbered, on
from .indoor_shell import Hall, Opening, Surface, Wall

Rng = np.random.Generator


def cafe_brick(rng: Rng) -> Environment:
    """A long cafe with brick walls, a wooden bar, ducts under the ceiling and large shop windows."""
    hall = _brick_hall()
    wood_top = ("wood_grain", Paint(color=(0.46, 0.29, 0.18), gloss=0.45, tile_cm=150))
    panels = ("wall_panels", Paint(color=(0.30, 0.42, 0.40), gloss=0.25, tile_cm=170))
    bar = on(
        at(counter(520, panels, wood_top), 520, -40, 180),
        espresso_machine((0.72, 0.16, 0.13), 108),
        0,
        -130,
        180,
    )
    bar = on(on(bar, pastry_case(130), 0, 130), crockery(rng, 12, 60, 108, 5), 4, 0)
    style = ChairStyle(wood=(0.42, 0.27, 0.17), seat=(0.36, 0.20, 0.14), back="spindles")
    steel = ChairStyle(
        wood=(0.20, 0.30, 0.30), seat=(0.55, 0.38, 0.24), back="panel", is_metal=True, is_padded=False
    )
    props: Props = {"Bar": bar}
    props |= numbered(
        "Stool",
        [at(stool(76, (0.48, 0.31, 0.20)), 440 + rng.uniform(-8, 8), y, 180) for y in (-250, -165, 175)],
    )
    props |= numbered(
        "BackShelf",
        [
            hall.at_wall("east", y, wall_shelf(rng, 210, (0.40, 0.26, 0.17), fill), 0, z)
            for y, z, fill in (
                (-130, 150, "bottles"),
                (-130, 205, "bottles"),
                (130, 150, "bottles"),
                (130, 205, "books"),
            )
        ],
    )
    props["Menu"] = hall.at_wall("east", 0, board(190, 105, 2, (0.30, 0.20, 0.13)), 1, 300)
    props |= _brick_tables(steel, style, rng)
    props |= _brick_fixtures(hall, rng)
    props |= _brick_walls(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((480, -40, 250), (-160, 300, 230), (-480, -260, 240), (-480, 260, 240)),
        lamp=(0.85, 0.66, 0.42),
        sky=(0.52, 0.53, 0.56),
        ground=(0.44, 0.39, 0.34),
        exposure=0.80,
    )


def _brick_hall() -> Hall:
    """Walls of brick and plaster, shop windows."""
    brick = Surface("old_brick", (0.86, 0.55, 0.44), 580)
    plaster, green = (
        Surface("worn_plaster", (0.80, 0.77, 0.70), 420),
        Surface("worn_plaster.1", (0.50, 0.60, 0.53), 640),
    )
    shop = [
        Opening(at_cm=y, width_cm=230, low_cm=45, high_cm=290, bars=(2, 3), frame=(0.12, 0.13, 0.14))
        for y in (-330, 0, 330)
    ]
    return Hall(
        half_x=720,
        half_y=520,
        profile=(375,),
        floor=Surface("oak_floor", (0.66, 0.47, 0.32), 330, 0.3),
        ceiling=Surface("concrete_cast", (0.62, 0.61, 0.60), 420),
        walls={
            "west": Wall(surface=plaster, openings=shop),
            "east": Wall(surface=brick),
            "south": Wall(surface=green, dado=brick, dado_cm=92),
            "north": Wall(surface=plaster, dado=Surface("wall_panels", (0.34, 0.24, 0.18), 190), dado_cm=125),
        },
        skirting=(0.22, 0.18, 0.15),
    )


def _brick_tables(steel: ChairStyle, style: ChairStyle, rng: Rng) -> Props:
    """Tables with chairs."""
    props: Props = {}
    tables, seats = [], []
    for index, (x, y) in enumerate(((-540, -390), (-560, -60), (-530, 330), (-160, 400), (180, 410))):
        angles = (rng.uniform(-20, 20), rng.uniform(160, 200)) if index < 3 else (-90, 0, 180)
        tables.append(on(at(round_table(38, 74, (0.52, 0.34, 0.22)), x, y), crockery(rng, 20, 20, 74, 3)))
        seats += around(x, y, 58, angles, chair(style if index % 2 else steel), rng)
    long_table = at(table(240, 80, 76, (0.50, 0.33, 0.21), "frame"), -60, -390, 90)
    tables.append(on(long_table, crockery(rng, 25, 100, 76, 7)))
    seats += [
        at(
            chair(steel if k % 2 else style),
            -150 + 90 * k,
            -322 + rng.uniform(-5, 12),
            -90 + rng.uniform(-15, 15),
        )
        for k in range(3)
    ]
    seats += [
        at(chair(style), -110 + 95 * k, -462 + rng.uniform(-8, 5), 90 + rng.uniform(-15, 15))
        for k in range(2)
    ]
    props |= numbered("Table", tables) | numbered("Chair", seats)
    return props


def _brick_fixtures(hall: Hall, rng: Rng) -> Props:
    """A booth, lamps, a duct and plants."""
    props: Props = {}
    props["Booth"] = hall.at_wall("north", 0, booth(560, (0.45, 0.24, 0.15), (0.30, 0.21, 0.15)), 34)
    props |= numbered(
        "Pendant", [at(pendant(110, (0.16, 0.30, 0.28), "bell"), 500, y, 0, 375) for y in (-230, -40, 150)]
    )
    props |= numbered(
        "Bulb",
        [
            at(pendant(drop, BRASS.color, "bulb"), x, y, 0, 375)
            for x, y, drop in (
                (-160, 380, 130),
                (180, 400, 145),
                (-540, -380, 120),
                (-540, 330, 135),
                (-60, -390, 125),
            )
        ],
    )
    props["Duct"] = at(duct(1400, 22), 150, -180, 90, 375)
    props |= numbered(
        "Plant",
        [
            at(plant(rng, h, c, s), x, y)
            for h, c, s, x, y in (
                (150, (0.65, 0.36, 0.24), "broad", -650, 460),
                (120, (0.25, 0.27, 0.28), "swords", -650, -465),
                (170, (0.80, 0.76, 0.70), "tree", 380, -455),
            )
        ],
    )
    return props


def _brick_walls(hall: Hall, rng: Rng) -> Props:
    """Posters, notices, the door and a clock."""
    props: Props = {}
    props |= numbered(
        "Poster",
        [
            hall.at_wall("south", a, frame(w, h, (0.10, 0.09, 0.08), c, "posters", 4), 0.5, z)
            for a, w, h, c, z in (
                (-420, 60, 85, 1, 185),
                (-300, 50, 70, 6, 175),
                (-190, 60, 60, 11, 190),
                (60, 100, 70, 14, 190),
                (250, 55, 78, 9, 180),
                (-60, 45, 64, 3, 178),
            )
        ],
    )
    props |= numbered(
        "Notice",
        [
            hall.at_wall("north", a, sheet(w, w * 1.4, c), 0.5, z)
            for a, w, c, z in (
                (-520, 42, 4, 180),
                (-465, 30, 7, 195),
                (-468, 34, 12, 150),
                (480, 50, 10, 185),
                (545, 38, 2, 170),
            )
        ],
    )
    props["Door"] = hall.at_wall("south", 560, door((0.30, 0.20, 0.14), has_glass=True), 1)
    props["Clock"] = hall.at_wall("north", 380, clock(22), 0, 255)
    props["Switches"] = hall.at_wall("south", 450, wall_trim(rng))
    return props
