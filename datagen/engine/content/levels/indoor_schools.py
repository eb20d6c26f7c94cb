"""A classroom and a library."""

import numpy as np

from ..environment import Environment
from ..props.decor import bin_, board, clock, frame, plant, rug, sheet
from ..props.fittings import beam, column, door, radiator, wall_trim
from ..props.lamps import desk_lamp, light_panel, pendant
from ..props.seating import BRASS, ChairStyle, chair, office_chair
from ..props.shelves import bookcase, cabinet, lockers
from ..props.tables import book_pile, computer, desk, laptop, table
from ..shapes.meshes import Paint, Rgb
from .indoor_level import Props, at, level, numbered, on
from .indoor_shell import Hall, Opening, Surface, Wall, window_row

Rng = np.random.Generator


def classroom(rng: Rng) -> Environment:
    """A school room: rows of desks pushed to the sides, a green board, a linoleum floor."""
    hall = _class_hall()
    props = _class_equipment(hall, rng) | _class_desks(rng) | _class_walls(hall)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-260, 0, 290), (60, 200, 290), (60, -200, 290), (360, 0, 290)),
        lamp=(0.42, 0.42, 0.40),
        sky=(0.68, 0.69, 0.70),
        ground=(0.58, 0.56, 0.50),
    )


def _class_hall() -> Hall:
    """Walls with a green dado, and windows."""
    wall, dado = Surface("painted", (0.95, 0.90, 0.74), 460), Surface("painted", (0.50, 0.66, 0.62), 380, 0.2)
    return Hall(
        half_x=520,
        half_y=440,
        profile=(345,),
        floor=Surface("linoleum", (0.56, 0.62, 0.56), 420, 0.2),
        ceiling=Surface("acoustic", (0.96, 0.96, 0.94), 380),
        walls={
            "north": Wall(
                surface=wall,
                openings=window_row(520, 4, 95, 290, (0.92, 0.92, 0.90)),
                dado=dado,
                dado_cm=93,
            ),
            "south": Wall(surface=wall, dado=dado, dado_cm=120),
            "west": Wall(surface=wall, dado=dado, dado_cm=120),
            "east": Wall(surface=wall, dado=dado, dado_cm=120),
        },
        skirting=(0.40, 0.44, 0.42),
    )


def _class_equipment(hall: Hall, rng: Rng) -> Props:
    """The board, the teacher's desk and shelves."""
    props: Props = {
        "Board": hall.at_wall("west", 0, board(380, 130, 0, (0.62, 0.46, 0.30)), 0.5, 165),
        "TeacherDesk": on(
            on(
                at(desk(150, (0.66, 0.46, 0.28), (0.45, 0.47, 0.48)), -360, -250, 180), laptop(rng, 74), -5, 0
            ),
            book_pile(rng, 74, 5),
            0,
            45,
        ),
        "TeacherChair": at(office_chair((0.25, 0.28, 0.34)), -435, -250, 15),
        "Clock": hall.at_wall("west", 260, clock(20, 10.6), 0, 270),
        "Door": hall.at_wall("south", 420, door((0.80, 0.55, 0.30), has_glass=True), 1),
        "Cabinet": hall.at_wall("east", -320, cabinet(160, 200, 50, (0.78, 0.62, 0.42), 3), 27),
        "Shelf_0": hall.at_wall(
            "east", -110, bookcase(rng, 200, 120, (0.80, 0.64, 0.44), "books", 36, 3), 20
        ),
        "Shelf_1": hall.at_wall(
            "east", 110, bookcase(rng, 200, 120, (0.80, 0.64, 0.44), "products", 36, 3), 20
        ),
        "Lockers": hall.at_wall(
            "east", 330, lockers(4, ((0.85, 0.60, 0.20), (0.30, 0.55, 0.62), (0.75, 0.30, 0.25))), 26
        ),
        "Bin": at(bin_((0.30, 0.45, 0.62)), -480, 380),
        "Plant": at(plant(rng, 120, (0.75, 0.42, 0.30), "broad"), -460, -390),
        "Map": hall.at_wall("south", 90, frame(180, 130, (0.55, 0.40, 0.26), 1, "artworks", 0), 0.5, 195),
        "Switches": hall.at_wall("south", 330, wall_trim(rng)),
    }
    return props


def _class_desks(rng: Rng) -> Props:
    """Rows of desks with chairs."""
    props: Props = {}
    tints: tuple[Rgb, ...] = ((0.80, 0.34, 0.22), (0.22, 0.42, 0.62), (0.86, 0.68, 0.24), (0.32, 0.54, 0.40))
    desks, chairs = [], []
    for row, x in enumerate((-130, 60, 250)):
        for column_, y in enumerate((-330, -205, 230, 345)):
            piece = at(
                table(115, 55, 72, (0.80, 0.64, 0.42), "frame"), x + rng.uniform(-6, 6), y, rng.uniform(-4, 4)
            )
            stack = book_pile(rng, 72, int(rng.integers(1, 4))) if rng.random() < 0.7 else laptop(rng, 72)
            desks.append(on(piece, stack, 2, rng.uniform(-32, 32), 0))
            style = ChairStyle(
                wood=(0.30, 0.32, 0.34),
                seat=tints[(row + column_) % 4],
                back="panel",
                is_metal=True,
                is_padded=False,
                height_cm=80,
            )
            chairs.append(
                at(
                    chair(style),
                    x + 62 + rng.uniform(-6, 12),
                    y + rng.uniform(-12, 12),
                    180 + rng.uniform(-20, 20),
                )
            )
    props |= numbered("Desk", desks) | numbered("Chair", chairs)
    return props


def _class_walls(hall: Hall) -> Props:
    """Lamps, posters, drawings and radiators."""
    props: Props = {}
    props |= numbered(
        "Light",
        [at(light_panel(150, 28, drop_cm=40), x, y, 0, 345) for x in (-260, 60, 360) for y in (-210, 210)],
    )
    props |= numbered(
        "Poster",
        [
            hall.at_wall(s, a, sheet(w, w * 1.38, c), 0.5, z)
            for s, a, w, c, z in (
                ("south", -140, 58, 2, 190),
                ("south", -215, 50, 5, 180),
                ("south", -300, 64, 13, 195),
                ("south", -390, 50, 8, 185),
                ("east", -110, 60, 0, 185),
                ("east", -30, 50, 11, 190),
                ("east", 60, 58, 6, 180),
                ("east", 140, 62, 15, 190),
                ("west", -270, 54, 9, 180),
                ("south", 245, 56, 3, 180),
            )
        ],
    )
    props |= numbered(
        "Drawing",
        [
            hall.at_wall(
                "south", -420 + 34 * k, sheet(27, 21, k * 7 + 1, "artworks"), 0.5, 270 + 12 * (k % 2)
            )
            for k in range(20)
        ],
    )
    props |= numbered("Radiator", [hall.at_wall("north", a, radiator(150)) for a in (-390, -130, 130, 390)])
    return props


def library(rng: Rng) -> Environment:
    """A reading room: tall bookcases around, columns, green lamps on long tables, a coffered ceiling."""
    hall = _library_hall()
    oak: Rgb = (0.50, 0.33, 0.21)
    cases = [
        hall.at_wall(side, a, bookcase(rng, 230, 270, oak, "books", 38, 7), 20)
        for side in ("north", "south")
        for a in (-620, -370, -120, 130, 380, 630)
    ]
    cases += [hall.at_wall("east", a, bookcase(rng, 230, 270, oak, "books", 38, 7), 20) for a in (-350, 350)]
    props: Props = numbered("Bookcase", cases)
    props |= numbered(
        "Low",
        [
            at(bookcase(rng, 260, 125, oak, "books", 36, 3), x, y, yaw)
            for x, y, yaw in ((-520, 0, 0), (-560, 0, 180))
        ],
    )
    props |= _library_tables(oak, rng)
    props |= _library_fixtures(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-170, 330, 150), (240, 330, 150), (-170, -330, 150), (240, -330, 150)),
        lamp=(0.75, 0.60, 0.38),
        sky=(0.58, 0.58, 0.58),
        ground=(0.52, 0.47, 0.40),
        exposure=0.86,
    )


def _library_hall() -> Hall:
    """Panelled walls with tall windows."""
    wall = Surface("painted", (0.84, 0.80, 0.68), 520)
    panels = Surface("wall_panels", (0.44, 0.30, 0.20), 240)
    tall = [
        Opening(at_cm=x, width_cm=140, low_cm=310, high_cm=480, bars=(2, 2), frame=(0.86, 0.82, 0.72))
        for x in (-560, -280, 0, 280, 560)
    ]
    return Hall(
        half_x=780,
        half_y=560,
        profile=(520,),
        floor=Surface("checker_tiles", (0.88, 0.84, 0.78), 480, 0.3),
        ceiling=Surface("wood_grain", (0.62, 0.46, 0.32), 300),
        walls={
            "north": Wall(surface=wall, openings=tall, dado=panels, dado_cm=285),
            "south": Wall(surface=wall, openings=tall, dado=panels, dado_cm=285),
            "west": Wall(surface=wall, dado=panels, dado_cm=285),
            "east": Wall(surface=wall, dado=panels, dado_cm=285),
        },
        skirting=(0.30, 0.20, 0.13),
    )


def _library_tables(oak: Rgb, rng: Rng) -> Props:
    """Tables with chairs."""
    props: Props = {}
    tables, chairs = [], []
    for x, y in ((-170, 330), (240, 330), (-170, -330), (240, -330)):
        piece = at(table(260, 105, 76, (0.46, 0.29, 0.18)), x, y, 90)
        for dy in (-70, 70):
            piece = on(piece, desk_lamp((0.12, 0.36, 0.26), 76), 0, dy, 90)
        tables.append(on(on(piece, book_pile(rng, 76, 4), 20, 10), book_pile(rng, 76, 2), -25, -35))
        style = ChairStyle(wood=oak, seat=(0.40, 0.16, 0.13), back="spindles", height_cm=92)
        chairs += [
            at(
                chair(style),
                x + dx + rng.uniform(-8, 8),
                y + s * rng.uniform(72, 88),
                -90 * s + rng.uniform(-15, 15),
            )
            for dx in (-65, 65)
            for s in (-1, 1)
        ]
    props |= numbered("Table", tables) | numbered("Chair", chairs)
    return props


def _library_fixtures(hall: Hall, rng: Rng) -> Props:
    """Columns, beams, lamps, a desk, busts and plants."""
    props: Props = {}
    stone = Paint(color=(0.88, 0.84, 0.76), gloss=0.25, tile_cm=230)
    props |= numbered(
        "Column", [at(column(520, 46, "marble", stone, True), x, y) for x in (-400, 480) for y in (-440, 440)]
    )
    props |= numbered(
        "Beam",
        [
            at(beam(1120, 30, 36, "wood_grain", Paint(color=(0.42, 0.28, 0.18), tile_cm=160)), x, 0, 0, 520)
            for x in (-600, -300, 0, 300, 600)
        ],
    )
    props |= numbered(
        "Globe",
        [at(pendant(130, BRASS.color, "globe"), x, y, 0, 520) for x in (-350, 80, 480) for y in (-230, 230)],
    )
    props["Desk"] = on(
        on(
            hall.at_wall("east", 0, desk(180, (0.42, 0.26, 0.16), (0.36, 0.23, 0.15)), 130),
            computer(rng, 74),
            -8,
            20,
        ),
        book_pile(rng, 74, 6),
        0,
        -50,
    )
    props["DeskChair"] = hall.at_wall("east", 10, office_chair((0.30, 0.16, 0.12)), 62)
    props |= numbered(
        "Bust",
        [
            hall.at_wall("west", a, frame(110, 140, (0.66, 0.50, 0.26), c, "artworks", 0), 0.5, 190)
            for a, c in ((-380, 3), (-190, 9), (190, 15), (380, 1))
        ],
    )
    props["Door"] = hall.at_wall("west", 0, door((0.40, 0.26, 0.17), 130, 240), 1)
    props["Clock"] = hall.at_wall("west", 0, clock(34, 3.8), 0, 370)
    props |= numbered(
        "Plant",
        [
            at(plant(rng, h, c, s), x, y)
            for h, c, s, x, y in (
                (180, (0.30, 0.40, 0.36), "broad", -720, -480),
                (160, (0.70, 0.52, 0.30), "tree", -720, 480),
            )
        ],
    )
    props["Rug"] = at(rug("rug_red", 520, 220), 40, 0, 90)
    return props
