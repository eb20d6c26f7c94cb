"""Offices and a computer room."""

import numpy as np

from ..environment import Environment
from ..props.decor import bin_, board, clock, frame, plant, rug, sheet
from ..props.fittings import beam, column, door, radiator
from ..props.lamps import exit_sign, light_panel, pendant
from ..props.machines import copier
from ..props.seating import ChairStyle, chair, office_chair, sofa, tub_chair
from ..props.shelves import bookcase, cabinet
from ..props.tables import book_pile, computer, crockery, desk, laptop, round_table, table
from ..shapes.meshes import Paint, Rgb
from .indoor_level import Props, at, level, numbered, on
from .indoor_shell import Hall, Opening, Surface, Wall, window_row

Rng = np.random.Generator


def office_open(rng: Rng) -> Environment:
    """An open-plan office: islands of desks, carpet tiles, an acoustic ceiling, windows to the street."""
    hall = _open_hall()
    props = _open_desks(rng) | _open_furniture(hall, rng) | _open_decor(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=[(x, y, 300) for x, y in ((-420, 0), (420, 0), (0, -300), (0, 300))],
        lamp=(0.52, 0.53, 0.52),
        sky=(0.66, 0.68, 0.71),
        ground=(0.56, 0.56, 0.56),
    )


def _open_hall() -> Hall:
    """White walls with windows on two sides."""
    white = Surface("painted", (0.93, 0.93, 0.91), 480)
    return Hall(
        half_x=820,
        half_y=540,
        profile=(320,),
        floor=Surface("carpet_tiles", (0.52, 0.58, 0.66), 400, 0.02),
        ceiling=Surface("acoustic", (0.96, 0.96, 0.95), 360),
        walls={
            "north": Wall(surface=white, openings=window_row(820, 6, 85, 265, (0.55, 0.57, 0.60))),
            "south": Wall(surface=Surface("painted", (0.26, 0.46, 0.56), 480)),
            "west": Wall(surface=white),
            "east": Wall(surface=Surface("wall_panels", (0.74, 0.60, 0.44), 220)),
        },
        skirting=(0.30, 0.31, 0.33),
    )


def _open_desks(rng: Rng) -> Props:
    """Rows of desks with chairs."""
    props: Props = {}
    tints: tuple[Rgb, ...] = ((0.16, 0.17, 0.19), (0.20, 0.40, 0.55), (0.75, 0.42, 0.20), (0.30, 0.45, 0.34))
    desks, chairs = [], []
    for row, (x0, y0, facing_deg) in enumerate(
        ((-560, 300, 90), (300, 300, 90), (-560, -330, -90), (330, -330, -90))
    ):
        for k in range(3):
            x = x0 + 165 * k
            piece = on(
                at(desk(155, (0.84, 0.78, 0.68), (0.88, 0.88, 0.88)), x, y0, facing_deg),
                computer(rng, 74, wide=k == 1),
                -14,
                -18,
            )
            desks.append(on(piece, book_pile(rng, 74, 3), 0, 50) if rng.random() < 0.5 else piece)
            side = 1 if facing_deg > 0 else -1
            chairs.append(
                at(
                    office_chair(tints[(row + k) % 4]),
                    x + rng.uniform(-15, 15),
                    y0 + side * rng.uniform(62, 78),
                    -facing_deg + rng.uniform(-40, 40),
                )
            )
    props |= numbered("Desk", desks) | numbered("Chair", chairs)
    return props


def _open_furniture(hall: Hall, rng: Rng) -> Props:
    """A copier, cabinets, shelves and a sofa."""
    props: Props = {}
    props["Copier"] = hall.at_wall("west", -150, copier(), 40)
    props |= numbered(
        "Cabinet",
        [
            hall.at_wall("west", a, cabinet(100, h, 45, (0.80, 0.80, 0.79), 2, "metal"), 25)
            for a, h in ((100, 125), (205, 195), (310, 125))
        ],
    )
    props |= numbered(
        "Shelf",
        [
            hall.at_wall("south", a, bookcase(rng, 150, 200, (0.90, 0.89, 0.86), f, 36, 5), 20)
            for a, f in ((-620, "binders"), (-460, "books"), (640, "binders"))
        ],
    )
    props["Whiteboard"] = hall.at_wall("south", 20, board(260, 120, 1, (0.70, 0.71, 0.72)), 0.5, 165)
    props["Sofa"] = hall.at_wall("east", -60, sofa(210, (0.80, 0.52, 0.24), ((0.25, 0.40, 0.45),)), 55)
    props["Low"] = on(at(round_table(34, 42, (0.92, 0.92, 0.90)), 640, -60), crockery(rng, 15, 15, 42, 2))
    return props


def _open_decor(hall: Hall, rng: Rng) -> Props:
    """Posters, notices, lamps, plants and doors."""
    props: Props = {}
    props |= numbered(
        "Poster",
        [
            hall.at_wall(s, a, frame(60, 84, (0.12, 0.12, 0.13), c, "posters", 3), 0.5, 175)
            for s, a, c in (
                ("east", -380, 3),
                ("east", 300, 7),
                ("south", 330, 12),
                ("south", -240, 5),
                ("west", -330, 8),
                ("west", -420, 14),
            )
        ],
    )
    props |= numbered(
        "Notice",
        [
            hall.at_wall(
                "south", 420 + 26 * k, sheet(21, 30, 4 * (k % 4) + 1, "screens"), 0.5, 150 + 14 * (k % 3)
            )
            for k in range(6)
        ],
    )
    props |= numbered(
        "Light",
        [at(light_panel(118, 58), x, y, 0, 320) for x in (-600, -200, 200, 600) for y in (-320, 0, 320)],
    )
    props |= numbered(
        "Plant",
        [
            at(plant(rng, h, c, s), x, y)
            for h, c, s, x, y in (
                (150, (0.9, 0.9, 0.88), "broad", -740, 460),
                (180, (0.3, 0.32, 0.34), "tree", 740, 460),
                (120, (0.9, 0.9, 0.88), "swords", 740, -470),
                (115, (0.4, 0.5, 0.5), "swords", 0, 470),
            )
        ],
    )
    props |= numbered(
        "Bin", [at(bin_((0.25, 0.26, 0.28)), x, y) for x, y in ((-660, 400), (480, -420), (-100, -380))]
    )
    props["Door"] = hall.at_wall("west", -430, door((0.72, 0.60, 0.46), has_glass=True), 1)
    props["Exit"] = hall.at_wall("west", -430, exit_sign(), 0, 245)
    props["Clock"] = hall.at_wall("south", 230, clock(18, 9.4), 0, 240)
    return props


def office_studio(rng: Rng) -> Environment:
    """A design studio under a gable roof: a long table, red beams, pin boards, models."""
    hall = _studio_hall()
    red = Paint(color=(0.62, 0.18, 0.14), gloss=0.2, tile_cm=150)
    props = _studio_desks(hall, rng) | _studio_walls(hall, rng) | _studio_fixtures(hall, red, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-160, 265, 250), (150, 265, 250), (450, 150, 230), (-300, -200, 260)),
        lamp=(0.52, 0.46, 0.36),
        sky=(0.66, 0.66, 0.66),
        ground=(0.58, 0.54, 0.48),
    )


def _studio_hall() -> Hall:
    """A gable with large windows."""
    white, ochre = (
        Surface("worn_plaster", (0.96, 0.95, 0.92), 520),
        Surface("painted", (0.86, 0.64, 0.26), 460),
    )
    gable = [
        Opening(at_cm=y, width_cm=260, low_cm=60, high_cm=290, bars=(3, 2), frame=(0.62, 0.18, 0.14))
        for y in (-160, 160)
    ]
    return Hall(
        half_x=600,
        half_y=470,
        profile=(285, 490, 285),
        floor=Surface("oak_floor", (0.86, 0.74, 0.58), 300, 0.2),
        ceiling=Surface("wall_panels", (0.90, 0.85, 0.76), 300),
        walls={
            "west": Wall(surface=white, openings=gable),
            "east": Wall(surface=ochre),
            "south": Wall(surface=white),
            "north": Wall(surface=white),
        },
        skirting=(0.85, 0.80, 0.70),
        outside="garden",
    )


def _studio_desks(hall: Hall, rng: Rng) -> Props:
    """A long table, desks and chairs."""
    props: Props = {}
    long_table = at(table(420, 120, 74, (0.80, 0.66, 0.46), "trestle"), -20, 265, 90)
    for k, y in enumerate((-150, -50, 60, 150)):
        long_table = on(
            long_table,
            laptop(rng, 74) if k % 2 else book_pile(rng, 74, 6),
            26 if k % 2 else -20,
            y,
            0 if k < 2 else 180,
        )
    props["Table"] = on(long_table, crockery(rng, 20, 180, 74, 5))
    tints: tuple[Rgb, ...] = ((0.85, 0.30, 0.20), (0.20, 0.45, 0.50), (0.95, 0.78, 0.25), (0.30, 0.30, 0.32))
    props |= numbered(
        "Chair",
        [
            at(
                chair(ChairStyle(wood=(0.80, 0.66, 0.46), seat=tints[k % 4], back="panel")),
                -190 + 115 * (k % 4),
                265 + (92 if k > 3 else -90),
                (-90 if k > 3 else 90) + rng.uniform(-25, 25),
            )
            for k in range(7)
        ],
    )
    props |= numbered(
        "Desk",
        [
            on(
                hall.at_wall("east", a, desk(160, (0.93, 0.92, 0.90), (0.62, 0.18, 0.14)), 45),
                computer(rng, 74, wide=True),
                -14,
                -10,
            )
            for a in (-250, -70)
        ],
    )
    props |= numbered(
        "Swivel", [at(office_chair(tints[k]), 470, y, rng.uniform(-30, 30)) for k, y in enumerate((240, 70))]
    )
    return props


def _studio_walls(hall: Hall, rng: Rng) -> Props:
    """Shelves, plans and what is pinned to the walls."""
    props: Props = {}
    props["Models"] = hall.at_wall(
        "south", -330, bookcase(rng, 200, 200, (0.93, 0.92, 0.90), "products", 40, 5), 22
    )
    props["Books"] = hall.at_wall(
        "south", 380, bookcase(rng, 240, 235, (0.80, 0.66, 0.46), "books", 34, 6), 19
    )
    props["Plans"] = hall.at_wall("south", -90, cabinet(150, 95, 70, (0.55, 0.58, 0.58), 1, "metal"), 38)
    props["Plans"] = on(props["Plans"], book_pile(rng, 95, 7), 5, 20)
    props |= numbered(
        "Pinned",
        [
            hall.at_wall(
                "south",
                -160 + 46 * k,
                sheet(36 + 8 * (k % 3), 50 + 9 * (k % 2), k * 3, "posters" if k % 2 else "artworks"),
                0.5,
                160 + 22 * (k % 3),
            )
            for k in range(9)
        ],
    )
    props |= numbered(
        "Drawing",
        [
            hall.at_wall("east", 120 + 50 * k, sheet(42, 58, k * 5 + 2, "screens"), 0.5, 150 + 66 * (k % 2))
            for k in range(6)
        ],
    )
    return props


def _studio_fixtures(hall: Hall, red: Paint, rng: Rng) -> Props:
    """Beams, lamps, plants, a door and seats."""
    props: Props = {}
    props |= numbered("Tie", [at(beam(940, 18, 24, "wood_grain", red), x, 0, 0, 300) for x in (-420, 0, 420)])
    props |= numbered(
        "Post", [at(column(490, 16, "wood_grain", red), x, y) for x in (-585, 585) for y in (0,)]
    )
    props |= numbered(
        "Pendant",
        [
            at(pendant(80, c, "bell"), x, 265, 0, 296 + 80)
            for x, c in ((-160, (0.85, 0.30, 0.20)), (0, (0.95, 0.78, 0.25)), (150, (0.20, 0.45, 0.50)))
        ],
    )
    props |= numbered(
        "Plant",
        [
            at(plant(rng, h, c, s), x, y)
            for h, c, s, x, y in (
                (190, (0.75, 0.45, 0.32), "tree", -520, -390),
                (130, (0.9, 0.88, 0.84), "broad", 530, -400),
                (120, (0.3, 0.3, 0.3), "swords", -530, 400),
            )
        ],
    )
    props["Board"] = hall.at_wall("north", 60, board(300, 120, 1, (0.7, 0.7, 0.7)), 0.5, 165)
    props["Door"] = hall.at_wall("north", -430, door((0.62, 0.18, 0.14)), 1)
    props["Rug"] = at(rug("rug_kilim", 330, 220), -330, -180, 0)
    props["Tub_0"] = at(tub_chair((0.20, 0.45, 0.50)), -440, -260, 40)
    props["Radiator"] = hall.at_wall("west", 0, radiator(150))
    return props
