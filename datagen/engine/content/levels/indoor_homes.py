"""Living rooms."""

import numpy as np

from ..environment import Environment
from ..props.decor import frame, plant, rug
from ..props.fittings import beam, curtain, door, radiator, wall_trim
from ..props.lamps import chandelier, floor_lamp, pendant, sconce, table_lamp
from ..props.machines import fireplace, piano, television
from ..props.seating import BRASS, pouffe, sofa, tub_chair
from ..props.shelves import bookcase, cabinet
from ..props.tables import book_pile, crockery, laptop, round_table, table
from ..shapes.meshes import Paint, Rgb
from .indoor_level import Props, at, level, numbered, on
from .indoor_shell import Hall, Opening, Surface, Wall

Rng = np.random.Generator


def living_loft(rng: Rng) -> Environment:
    """A loft: concrete, one brick wall, a gallery of windows, low sofas, a long bookcase."""
    hall = _loft_hall()
    steel = Paint(color=(0.16, 0.16, 0.17), gloss=0.4)
    props: Props = {
        "Sofa_0": hall.at_wall(
            "south", 120, sofa(280, (0.36, 0.40, 0.42), ((0.85, 0.55, 0.22), (0.90, 0.86, 0.78))), 75
        ),
        "Sofa_1": at(sofa(190, (0.68, 0.42, 0.24), ((0.20, 0.32, 0.36),), "leather"), 400, 60, 180),
        "Armchair": at(tub_chair((0.22, 0.40, 0.38)), -190, -240, 20),
        "CoffeeTable": on(
            on(
                at(table(120, 70, 38, (0.34, 0.22, 0.14), "frame"), 110, -225, 90), book_pile(rng, 38), 5, -30
            ),
            crockery(rng, 18, 20, 38, 2),
            0,
            25,
        ),
        "Rug": at(rug("rug_soft", 380, 270), 110, -200, 90),
        "Books": hall.at_wall("west", -60, bookcase(rng, 420, 285, (0.22, 0.16, 0.12), "books", 36, 7), 19),
        "Television": hall.at_wall("east", -230, television(150, 1, (0.26, 0.20, 0.16)), 26),
        "Arc": at(floor_lamp((0.86, 0.84, 0.80), "arc"), -60, -390, 35),
        "Tripod": at(floor_lamp((1.0, 0.9, 0.74), "tripod"), 540, 380),
        "Plant_0": at(plant(rng, 210, (0.28, 0.29, 0.30), "tree"), 540, -390),
        "Plant_1": at(plant(rng, 150, (0.82, 0.80, 0.76), "broad"), -540, 400),
        "Plant_2": at(plant(rng, 110, (0.64, 0.36, 0.26), "swords"), 300, 410),
        "Desk": on(
            on(
                at(table(170, 75, 74, (0.58, 0.40, 0.26), "trestle"), -380, 350, 90),
                laptop(rng, 74),
                0,
                20,
                180,
            ),
            book_pile(rng, 74, 5),
            5,
            -50,
        ),
        "DeskChair": at(tub_chair((0.72, 0.50, 0.30)), -380, 265, 90),
        "Pouffe": at(pouffe(34, 40, (0.75, 0.35, 0.25)), 300, -330),
        "Art_0": hall.at_wall("south", 120, frame(190, 110, (0.10, 0.10, 0.10), 4, "artworks", 0), 0.5, 205),
        "Art_1": hall.at_wall("south", -240, frame(90, 120, (0.85, 0.83, 0.80), 10, "posters", 8), 0.5, 195),
        "Art_2": hall.at_wall("east", 150, frame(120, 120, (0.10, 0.10, 0.10), 7, "artworks", 6), 0.5, 200),
        "Door": hall.at_wall("east", 350, door((0.20, 0.22, 0.24), texture="metal"), 1),
        "Switches": hall.at_wall("east", 260, wall_trim(rng)),
    }
    props |= numbered("Beam", [at(beam(940, 22, 30, "metal", steel), x, 0, 0, 400) for x in (-400, 0, 400)])
    props |= numbered(
        "Pendant", [at(pendant(150, (0.14, 0.14, 0.15), "bell"), x, -200, 0, 370) for x in (0, 400)]
    )
    props |= numbered(
        "Frame",
        [
            hall.at_wall("west", a, frame(w, w, (0.12, 0.10, 0.09), c, "artworks", 5), 0.5, z)
            for a, w, c, z in ((260, 60, 2, 210), (350, 80, 6, 190), (-380, 70, 12, 180))
        ],
    )
    return level(
        hall,
        props,
        rng,
        lamps_cm=((0, -200, 240), (400, -200, 240), (-380, 250, 220)),
        lamp=(0.55, 0.46, 0.34),
        sky=(0.62, 0.63, 0.65),
        ground=(0.52, 0.50, 0.47),
    )


def _loft_hall() -> Hall:
    """Concrete and brick, and a row of large windows."""
    brick, concrete = (
        Surface("old_brick", (0.96, 0.90, 0.86), 600),
        Surface("concrete_cast", (0.86, 0.86, 0.85), 380),
    )
    loft = [
        Opening(at_cm=x, width_cm=240, low_cm=40, high_cm=340, bars=(3, 4), frame=(0.10, 0.10, 0.11))
        for x in (-400, -130, 140, 410)
    ]
    return Hall(
        half_x=620,
        half_y=470,
        profile=(400,),
        floor=Surface("cement", (0.66, 0.65, 0.63), 560, 0.25),
        ceiling=Surface("painted", (0.93, 0.92, 0.90), 460),
        walls={
            "north": Wall(surface=concrete, openings=loft),
            "west": Wall(surface=brick),
            "south": Wall(surface=Surface("painted", (0.30, 0.38, 0.42), 480)),
            "east": Wall(surface=concrete),
        },
        skirting=(0.16, 0.16, 0.17),
    )


def living_manor(rng: Rng) -> Environment:
    """An old drawing room: damask, a fireplace, a piano, red carpets, a chandelier."""
    hall = _manor_hall()
    green, gold = (0.22, 0.36, 0.26), (0.78, 0.60, 0.32)
    props: Props = {
        "Fireplace": hall.at_wall("north", 0, fireplace((0.78, 0.52, 0.44), 390), 0),
        "Sofa": at(sofa(230, green, ((0.75, 0.55, 0.25), (0.60, 0.20, 0.18))), 380, 60, 180),
        "Armchair_0": at(sofa(98, (0.60, 0.24, 0.18), ((0.85, 0.70, 0.40),), "leather"), -230, 330, -40),
        "Armchair_1": at(sofa(98, (0.60, 0.24, 0.18), (), "leather"), 230, 345, -140),
        "Rug_0": at(rug("rug_red", 420, 300), 20, 60, 90),
        "Rug_1": at(rug("rug_kilim", 200, 130), -330, -250, 20),
        "Piano": hall.at_wall("south", -220, piano((0.28, 0.15, 0.09)), 30),
        "Library_0": hall.at_wall(
            "south", 130, bookcase(rng, 190, 265, (0.38, 0.24, 0.15), "books", 36, 7), 19
        ),
        "Library_1": hall.at_wall(
            "south", 330, bookcase(rng, 190, 265, (0.38, 0.24, 0.15), "books", 36, 7), 19
        ),
        "Chest": on(
            on(
                hall.at_wall("east", -300, cabinet(150, 88, 44, (0.44, 0.28, 0.17), 3), 24),
                table_lamp((0.25, 0.38, 0.55), 88),
                0,
                -50,
            ),
            book_pile(rng, 88, 3),
            2,
            30,
        ),
        "Tea": on(
            at(round_table(36, 62, (0.40, 0.25, 0.15), BRASS), 300, -190), crockery(rng, 16, 16, 62, 3)
        ),
        "TeaChair": at(tub_chair(gold), 385, -240, 150),
        "Lamp": at(floor_lamp((1.0, 0.88, 0.66)), 470, 200),
        "Door": hall.at_wall("east", 380, door((0.46, 0.30, 0.19), 110, 235), 1),
        "Plant_0": at(plant(rng, 165, (0.30, 0.42, 0.52), "broad"), -460, 410),
        "Plant_1": at(plant(rng, 130, gold, "swords"), 470, -420),
        "Chandelier": at(chandelier(8, 46, 90), 0, 60, 0, 390),
    }
    props |= _manor_walls(hall, gold)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((0, 60, 250), (0, 380, 60), (430, -280, 130), (440, 200, 150)),
        lamp=(0.85, 0.62, 0.36),
        sky=(0.56, 0.55, 0.54),
        ground=(0.50, 0.43, 0.36),
        exposure=0.84,
    )


def _manor_hall() -> Hall:
    """Damask above panels, and tall windows."""
    damask, panels = (
        Surface("damask", (0.62, 0.24, 0.22), 190),
        Surface("wall_panels", (0.46, 0.30, 0.20), 240),
    )
    tall = [
        Opening(at_cm=y, width_cm=150, low_cm=45, high_cm=320, bars=(2, 4), frame=(0.90, 0.87, 0.80))
        for y in (-270, 0, 270)
    ]
    wall = Wall(surface=damask, dado=panels, dado_cm=100)
    return Hall(
        half_x=530,
        half_y=480,
        profile=(390,),
        floor=Surface("herringbone", (0.62, 0.42, 0.27), 210, 0.3),
        ceiling=Surface("painted", (0.95, 0.92, 0.84), 520),
        walls={
            "west": Wall(surface=damask, openings=tall, dado=panels, dado_cm=43),
            "north": wall,
            "east": wall,
            "south": wall,
        },
        skirting=(0.36, 0.23, 0.15),
        outside="garden",
    )


def _manor_walls(hall: Hall, gold: Rgb) -> Props:
    """Lamps, portraits, curtains and radiators."""
    props: Props = {}
    props |= numbered(
        "Sconce",
        [hall.at_wall("north", a, sconce(gold), 0, 220) for a in (-190, 190)]
        + [hall.at_wall("east", a, sconce(gold), 0, 220) for a in (-170, 130)],
    )
    props |= numbered(
        "Portrait",
        [
            hall.at_wall(side, a, frame(w, h, gold, c, "artworks", 3), 0.5, z)
            for side, a, w, h, c, z in (
                ("east", -20, 110, 140, 3, 215),
                ("east", 230, 60, 75, 9, 200),
                ("north", 330, 100, 80, 1, 210),
                ("north", -340, 80, 100, 15, 205),
                ("south", -220, 130, 100, 7, 215),
                ("south", -380, 55, 70, 8, 200),
                ("east", -300, 75, 75, 14, 190),
            )
        ],
    )
    props |= numbered(
        "Curtain",
        [
            hall.at_wall("west", a + s * 98, curtain(44, 330, (0.48, 0.14, 0.14)), 12, 18)
            for a in (-270, 0, 270)
            for s in (-1, 1)
        ],
    )
    props |= numbered("Radiator", [hall.at_wall("west", a, radiator(90)) for a in (-270, 270)])
    return props
