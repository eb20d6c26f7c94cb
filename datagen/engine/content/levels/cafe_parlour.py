"""A corner cafe."""

from ..environment import Environment
from ..props.decor import board, frame, plant, rug
from ..props.fittings import curtain, door, wall_trim
from ..props.kitchen_machines import (
    espresso_machine,
    pastry_case,
)
from ..props.lamps import pendant
from ..props.seating import BRASS, ChairStyle, booth, chair
from ..props.shelves import wall_shelf
from ..props.tables import counter, crockery, round_table
from ..shapes.meshes import Paint, Rgb
from .indoor_level import Props, Rng, around, at, level, numbered, on
from .indoor_shell import Hall, Opening, Surface, Wall


def cafe_parlour(rng: Rng) -> Environment:
    """A bright corner cafe: pattern tiles, a marble counter, green walls, velvet seats, plants."""
    hall = _parlour_hall()
    marble = Paint(color=(0.96, 0.95, 0.94), gloss=0.6, tile_cm=210)
    bar = at(
        counter(
            420,
            ("subway_tiles", Paint(color=(0.30, 0.52, 0.46), gloss=0.5, tile_cm=120)),
            ("marble", marble),
            104,
        ),
        -60,
        -400,
        90,
    )
    bar = on(on(bar, espresso_machine((0.92, 0.88, 0.78), 104), 0, 120, 180), pastry_case(110), 0, -110)
    velvet = ((0.16, 0.40, 0.38), (0.80, 0.50, 0.40), (0.86, 0.66, 0.28))
    props: Props = {"Bar": bar}
    props |= numbered(
        "Shelf",
        [
            hall.at_wall("south", a, wall_shelf(rng, 180, (0.72, 0.56, 0.38), "bottles"), 0, z)
            for a, z in ((-180, 190), (60, 190), (-180, 238), (60, 238))
        ],
    )
    props |= _parlour_tables(velvet, rng)
    props |= _parlour_decor(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-60, -380, 250), (-110, 390, 240), (350, 20, 250), (-380, 150, 240)),
        lamp=(0.75, 0.62, 0.44),
        sky=(0.66, 0.67, 0.68),
        ground=(0.56, 0.53, 0.48),
        exposure=0.70,
    )


def _parlour_hall() -> Hall:
    """Green walls with white tiles, arched windows."""
    green, cream = Surface("painted", (0.46, 0.62, 0.52), 460), Surface("painted", (0.95, 0.91, 0.82), 460)
    tiles = Surface("subway_tiles", (0.96, 0.97, 0.95), 170, 0.5)
    arched = [
        Opening(at_cm=x, width_cm=170, low_cm=70, high_cm=300, bars=(2, 3), frame=(0.90, 0.86, 0.76))
        for x in (-400, -150, 100)
    ]
    return Hall(
        half_x=560,
        half_y=560,
        profile=(360,),
        floor=Surface("pattern_tiles", (0.96, 0.94, 0.90), 240, 0.35),
        ceiling=Surface("painted", (0.96, 0.94, 0.89), 500),
        walls={
            "north": Wall(surface=cream, openings=arched, dado=green, dado_cm=66),
            "west": Wall(
                surface=cream,
                openings=[
                    Opening(
                        at_cm=150, width_cm=300, low_cm=30, high_cm=300, bars=(3, 2), frame=(0.90, 0.86, 0.76)
                    )
                ],
                dado=green,
                dado_cm=28,
            ),
            "south": Wall(surface=green, dado=tiles, dado_cm=160),
            "east": Wall(surface=Surface("botanical", (0.98, 0.96, 0.90), 260)),
        },
        skirting=(0.88, 0.84, 0.74),
    )


def _parlour_tables(velvet: tuple[Rgb, ...], rng: Rng) -> Props:
    """Tables with armchairs."""
    props: Props = {}
    tables, seats = [], []
    for index, (x, y) in enumerate(
        ((-380, 380), (-110, 410), (200, 380), (-400, 60), (360, -120), (380, 160))
    ):
        tables.append(
            on(
                at(round_table(34, 74, (0.97, 0.96, 0.95), BRASS, "marble"), x, y),
                crockery(rng, 17, 17, 74, 3),
            )
        )
        angles = [(-60 + 40 * (index % 3)), (150 + 30 * (index % 2))]
        style = ChairStyle(wood=(0.70, 0.50, 0.30), seat=velvet[index % 3], back="spindles", height_cm=86)
        seats += around(x, y, 56, angles, chair(style), rng)
    props |= numbered("Table", tables) | numbered("Chair", seats)
    return props


def _parlour_decor(hall: Hall, rng: Rng) -> Props:
    """A booth, lamps, plants, pictures and curtains."""
    props: Props = {}
    props["Booth"] = hall.at_wall("east", -60, booth(520, (0.16, 0.40, 0.38), (0.72, 0.56, 0.38)), 34)
    props |= numbered(
        "Globe",
        [
            at(pendant(drop, BRASS.color, "globe"), x, y, 0, 360)
            for x, y, drop in (
                (-160, -400, 80),
                (50, -400, 95),
                (-110, 400, 100),
                (360, 20, 90),
                (-390, 220, 110),
            )
        ],
    )
    props |= numbered(
        "Plant",
        [
            at(plant(rng, h, c, s), x, y)
            for h, c, s, x, y in (
                (190, (0.92, 0.88, 0.80), "tree", 480, 480),
                (140, (0.75, 0.45, 0.32), "broad", -490, -150),
                (110, (0.30, 0.45, 0.42), "swords", -490, 480),
                (130, (0.90, 0.86, 0.78), "broad", 300, -480),
            )
        ],
    )
    props |= numbered(
        "Art",
        [
            hall.at_wall("east", a, frame(w, h, BRASS.color, c, "artworks", 5), 0.5, z)
            for a, w, h, c, z in (
                (-250, 70, 90, 3, 200),
                (-130, 50, 50, 0, 215),
                (-125, 46, 60, 9, 150),
                (0, 90, 70, 5, 205),
                (120, 50, 70, 13, 200),
                (250, 64, 64, 11, 195),
            )
        ],
    )
    props["Menu"] = hall.at_wall("south", -440, board(110, 150, 2, (0.72, 0.56, 0.38)), 0.5, 245)
    props["Door"] = hall.at_wall("south", 380, door((0.62, 0.44, 0.28), has_glass=True), 1)
    props |= numbered(
        "Curtain",
        [hall.at_wall("north", a, curtain(34, 290, (0.86, 0.80, 0.68)), 10, 25) for a in (-505, -275, 205)],
    )
    props["Switches"] = hall.at_wall("west", -260, wall_trim(rng))
    props["Rug"] = at(rug("rug_kilim", 260, 170), 340, 20, 0)
    return props
