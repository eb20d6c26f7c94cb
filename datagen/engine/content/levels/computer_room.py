"""A computer room."""

from ..environment import Environment
from ..props.decor import board, clock, frame, plant
from ..props.fittings import door, duct
from ..props.lamps import exit_sign, light_panel
from ..props.seating import office_chair
from ..props.shelves import bookcase, cabinet
from ..props.tables import computer, desk, table
from .indoor_level import Props, Rng, at, level, numbered, on
from .indoor_shell import Hall, Surface, Wall


def lecture_lab(rng: Rng) -> Environment:
    """A computer room without windows: dark walls, rows of monitors, a projection, cold tubes."""
    hall = _hall()
    props: Props = {
        "Projection": hall.at_wall("west", 0, board(330, 190, 1, (0.10, 0.10, 0.11), 0.35), 0.5, 195),
        "Lectern": on(
            at(desk(120, (0.30, 0.31, 0.34), (0.20, 0.21, 0.23)), -470, 270, 180), computer(rng, 74), -10, 0
        ),
        "Door": hall.at_wall("east", 300, door((0.85, 0.45, 0.18), texture="metal"), 1),
        "Exit": hall.at_wall("east", 300, exit_sign(), 0, 245),
        "Rack": hall.at_wall("east", -300, cabinet(80, 205, 70, (0.12, 0.12, 0.13), 1, "metal"), 38),
        "Shelf": hall.at_wall(
            "east", -130, bookcase(rng, 200, 205, (0.24, 0.25, 0.28), "binders", 36, 5), 20
        ),
        "Plant": at(plant(rng, 150, (0.85, 0.45, 0.18), "swords"), -560, -330),
        "Clock": hall.at_wall("east", 120, clock(20, 4.3), 0, 235),
    }
    props |= _desks(rng)
    props |= _decor(hall)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-400, 0, 300), (0, -120, 300), (0, 120, 300), (400, 0, 300)),
        lamp=(0.58, 0.63, 0.72),
        sun=(0.0, 0.0, 0.0),
        sky=(0.66, 0.69, 0.76),
        ground=(0.56, 0.57, 0.61),
        exposure=0.96,
    )


def _hall() -> Hall:
    """Dark walls without windows."""
    dark, side_wall = (
        Surface("painted", (0.40, 0.44, 0.60), 460),
        Surface("concrete_cast", (0.80, 0.80, 0.82), 400),
    )
    return Hall(
        half_x=640,
        half_y=400,
        profile=(330,),
        floor=Surface("rubber", (0.95, 0.95, 1.0), 260, 0.1),
        ceiling=Surface("acoustic", (0.62, 0.63, 0.66), 380),
        walls={
            "west": Wall(surface=dark),
            "east": Wall(surface=dark),
            "south": Wall(surface=side_wall),
            "north": Wall(surface=side_wall),
        },
        skirting=(0.15, 0.15, 0.17),
    )


def _desks(rng: Rng) -> Props:
    """Two rows of desks with computers."""
    props: Props = {}
    desks, chairs = [], []
    for side in (-1, 1):
        for k in range(4):
            x = -230 + 200 * k
            y = side * 330.0
            piece = on(
                at(table(185, 75, 74, (0.78, 0.79, 0.80), "frame"), x, y, -90 * side),
                computer(rng, 74),
                -10,
                -40,
            )
            desks.append(on(piece, computer(rng, 74), -10, 46))
            chairs += [
                at(
                    office_chair(((0.85, 0.45, 0.18), (0.20, 0.22, 0.28))[(k + j) % 2]),
                    x + dx + rng.uniform(-12, 12),
                    side * rng.uniform(235, 252),
                    90 * side + rng.uniform(-45, 45),
                )
                for j, dx in enumerate((-44, 44))
            ]
    props |= numbered("Desk", desks) | numbered("Chair", chairs)
    return props


def _decor(hall: Hall) -> Props:
    """Lamps, a duct and posters."""
    props: Props = {}
    props |= numbered(
        "Tube",
        [
            at(light_panel(260, 16, (0.90, 0.96, 1.0), 12), x, y, 90, 330)
            for x in (-400, 0, 400)
            for y in (-190, 190)
        ],
    )
    props |= numbered("Duct", [at(duct(1240, 16), 0, 370, 90, 330)])
    props |= numbered(
        "Poster",
        [
            hall.at_wall(s, a, frame(70, 98, (0.85, 0.45, 0.18), c, "posters", 0), 0.5, 195)
            for s, a, c in (
                ("north", -480, 1),
                ("north", -180, 9),
                ("north", 150, 4),
                ("north", 470, 12),
                ("south", -420, 7),
                ("south", -60, 15),
                ("south", 250, 10),
                ("south", 500, 2),
            )
        ],
    )
    return props
