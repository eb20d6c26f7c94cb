"""A warehouse."""

import numpy as np

from ..environment import Environment
from ..props.decor import board, sheet
from ..props.fittings import column, door, truss
from ..props.lamps import exit_sign, high_bay
from ..props.machines import forklift
from ..props.seating import BLACK, STEEL
from ..props.shelves import carton_pile, lockers, pallet_rack
from ..props.tables import computer, desk
from ..shapes.meshes import Paint, Part, cylinder, textured
from ..shapes.shapes import BoxRow, boxes, round_bar
from .indoor_level import Props, at, level, numbered, on
from .indoor_shell import Hall, Opening, Surface, Wall

Rng = np.random.Generator


def warehouse(rng: Rng) -> Environment:
    """A warehouse: pallet racks on both sides of a wide aisle, steel roof, forklift, cartons."""
    hall = _hall()
    props = _goods(rng) | _fixtures() | _walls(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-700, 0, 560), (-230, 0, 560), (230, 0, 560), (700, 0, 560)),
        lamp=(0.72, 0.70, 0.64),
        lamp_reach_cm=420,
        sky=(0.58, 0.60, 0.63),
        ground=(0.50, 0.49, 0.47),
        exposure=0.84,
    )


def _hall() -> Hall:
    """Steel walls on concrete, and a gate."""
    steel = Surface("corrugated", (0.74, 0.78, 0.80), 380)
    return Hall(
        half_x=1150,
        half_y=780,
        profile=(640, 800, 640),
        floor=Surface("cement", (0.68, 0.68, 0.66), 700, 0.2),
        ceiling=Surface("corrugated", (0.80, 0.81, 0.80), 400),
        walls={
            "north": Wall(surface=steel, dado=Surface("concrete_cast", (0.80, 0.80, 0.78), 420), dado_cm=210),
            "south": Wall(surface=steel, dado=Surface("concrete_cast", (0.80, 0.80, 0.78), 420), dado_cm=210),
            "west": Wall(
                surface=steel,
                openings=[
                    Opening(
                        at_cm=-300,
                        width_cm=360,
                        low_cm=0.6,
                        high_cm=400,
                        bars=(1, 1),
                        frame=(0.90, 0.72, 0.12),
                    )
                ],
                dado=Surface("concrete_cast", (0.80, 0.80, 0.78), 420),
                dado_cm=210,
            ),
            "east": Wall(surface=steel, dado=Surface("concrete_cast", (0.80, 0.80, 0.78), 420), dado_cm=210),
        },
        skirting=None,
    )


def _goods(rng: Rng) -> Props:
    """Racks, piles and a forklift."""
    props: Props = {}
    props |= numbered(
        "Rack",
        [at(pallet_rack(rng, n, 3), x, y, 90) for x, y, n in ((-330, 620, 4), (620, 620, 3), (120, -640, 5))],
    )
    props["Rack_3"] = at(pallet_rack(rng, 2, 3, (0.18, 0.50, 0.32)), 980, -220, 0)
    props["Forklift"] = at(forklift((0.92, 0.68, 0.10)), -700, -470, 35)
    props |= numbered(
        "Pile",
        [
            at(carton_pile(rng, n), x, y, yaw)
            for x, y, yaw, n in (
                (-480, 300, 12, 7),
                (430, -360, 40, 8),
                (640, 330, -20, 6),
                (-930, 420, 5, 10),
                (-300, -470, 80, 4),
                (860, 420, 0, 9),
            )
        ],
    )
    return props


def _fixtures() -> Props:
    """Lines on the floor, trusses, lamps and bollards."""
    props: Props = {}
    yellow = Paint(color=(0.92, 0.76, 0.12))
    lines: list[BoxRow] = [(1900, 10, 0.3, 0, y, 0.15) for y in (-420, 420)]
    lines += [(10, 840, 0.25, x, 0, 0.12) for x in (-950, 830)]
    lines += [(16, 90, 0.3, -1040 + 45 * k, -300, 0.15) for k in range(4)]
    props["Lines"] = at([textured("smooth", boxes(yellow, *lines))], 0, 0)
    props |= numbered("Truss", [at(truss(1560), x, 0, 0, 640) for x in (-800, -270, 270, 800)])
    props |= numbered("Lamp", [at(high_bay(100), x, 0, 0, 800) for x in (-800, -270, 270, 800)])
    props |= numbered(
        "Bollard",
        [
            at(
                [
                    textured(
                        "smooth",
                        cylinder(9, 0, 100, yellow, 14),
                        *(cylinder(9.3, z, z + 14, BLACK, 14) for z in (30, 62)),
                    )
                ],
                x,
                y,
            )
            for x, y in ((-1080, -90), (-1080, -510), (-560, 450), (820, 450))
        ],
    )
    return props


def _walls(hall: Hall, rng: Rng) -> Props:
    """An office corner, lockers, columns, signs and doors."""
    props: Props = {}
    props["Office"] = on(
        hall.at_wall("west", 430, desk(170, (0.72, 0.62, 0.46), (0.40, 0.44, 0.46)), 60),
        computer(rng, 74),
        -10,
        0,
    )
    props["Plan"] = hall.at_wall("west", 430, board(240, 120, 1, (0.6, 0.6, 0.6)), 0.5, 170)
    props["Lockers"] = hall.at_wall("west", 660, lockers(5, ((0.30, 0.42, 0.55), (0.45, 0.48, 0.50))), 26)
    props |= numbered(
        "Column",
        [
            at(
                column(
                    640,
                    30,
                    "smooth",
                    Paint(color=(0.86, 0.70, 0.16) if k % 2 else (0.30, 0.36, 0.42), gloss=0.3),
                ),
                x,
                y,
            )
            for k, (x, y) in enumerate((x, y) for x in (-800, -270, 270, 800) for y in (-755, 755))
        ],
    )
    props |= numbered(
        "Sign",
        [
            hall.at_wall(s, a, sheet(80, 80, c), 0.6, 330)
            for s, a, c in (
                ("east", 300, 3),
                ("east", 480, 9),
                ("north", -700, 6),
                ("south", 760, 12),
                ("west", 120, 14),
            )
        ],
    )
    props["Door"] = hall.at_wall("east", 500, door((0.80, 0.30, 0.14), 110, 220, "metal"), 1)
    props["Exit"] = hall.at_wall("east", 500, exit_sign(), 0, 250)
    props["Ladder"] = at(_ladder(), 330, 470, 0)
    return props


def _ladder() -> list[Part]:
    """A rolling ladder of steel."""
    paint = Paint(color=(0.80, 0.28, 0.16), gloss=0.4)
    rails = [round_bar((-40, y, 6), (40, y, 230), 2.2, paint) for y in (-28, 28)] + [
        round_bar((60, y, 6), (40, y, 230), 2.2, paint) for y in (-28, 28)
    ]
    steps: list[BoxRow] = [(20, 54, 3, -36 + 9.4 * k, 0, 22 + 26 * k) for k in range(8)]
    wheels: list[BoxRow] = [(10, 5, 10, x, y, 5) for x in (-40, 60) for y in (-28, 28)]
    return [textured("smooth", *rails, boxes(STEEL, *steps), boxes(BLACK, *wheels))]
