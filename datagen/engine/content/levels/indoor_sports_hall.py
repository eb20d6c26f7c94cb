"""A sports hall."""

import itertools

import numpy as np

from ..environment import Environment
from ..props.decor import board, clock, sheet
from ..props.fittings import door, truss
from ..props.gym_machines import (
    ball,
    basket_hoop,
    wall_bars,
)
from ..props.lamps import exit_sign, high_bay
from ..props.seating import bench
from ..props.shelves import bookcase
from ..shapes.meshes import Mesh, Paint, Part, Rgb, merged, moved, textured, turned
from ..shapes.shapes import BoxRow, boxes
from .indoor_level import Props, Rng, at, level, numbered
from .indoor_shell import Hall, Opening, Surface, Wall


def gym_sports(rng: Rng) -> Environment:
    """A school sports hall: a court with coloured lines, hoops, wall bars, high windows."""
    hall = _sports_hall()
    props = _sports_gear(hall) | _sports_fixtures(hall, rng)
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-500, -250, 560), (500, -250, 560), (-500, 250, 560), (500, 250, 560)),
        lamp=(0.60, 0.58, 0.52),
        lamp_reach_cm=380,
        sky=(0.66, 0.67, 0.70),
        ground=(0.60, 0.54, 0.46),
        exposure=0.78,
    )


def _sports_hall() -> Hall:
    """Walls of boards with high windows."""
    boards, upper = (
        Surface("wall_panels", (0.80, 0.62, 0.40), 320),
        Surface("painted", (0.92, 0.90, 0.84), 600),
    )
    high = [
        Opening(
            at_cm=-900 + 300 * k, width_cm=250, low_cm=400, high_cm=560, bars=(3, 1), frame=(0.25, 0.40, 0.55)
        )
        for k in range(7)
    ]
    return Hall(
        half_x=1200,
        half_y=750,
        profile=(620, 740, 740, 620),
        floor=Surface("oak_floor", (0.88, 0.68, 0.44), 380, 0.35),
        ceiling=Surface("corrugated", (0.88, 0.89, 0.90), 420),
        walls={
            side: Wall(
                surface=upper, openings=high if side in ("north", "south") else (), dado=boards, dado_cm=260
            )
            for side in ("north", "south", "east", "west")
        },
        skirting=(0.50, 0.36, 0.22),
        outside="garden",
    )


def _sports_gear(hall: Hall) -> Props:
    """A court with hoops, bars, benches, mats and balls."""
    props: Props = {"Court": at(_court_lines(), 0, 0)}
    props |= numbered("Hoop", [hall.at_wall(side, 0, basket_hoop()) for side in ("east", "west")])
    props |= numbered(
        "Bars", [hall.at_wall("south", a, wall_bars(200, 250)) for a in (-820, -580, -340, 340, 580, 820)]
    )
    props |= numbered(
        "Bench",
        [hall.at_wall("north", a, bench(360, (0.82, 0.62, 0.38), 32), 40) for a in (-800, -380, 380, 800)],
    )
    blue, red = (0.18, 0.38, 0.62), (0.72, 0.20, 0.16)
    props |= numbered(
        "Vault",
        [
            at(_vault(c), x, y, yaw)
            for x, y, yaw, c in ((-900, 520, 20, (0.62, 0.40, 0.22)), (880, -560, 100, (0.45, 0.28, 0.18)))
        ],
    )
    props |= numbered(
        "Mats",
        [
            at(_thick_mat(c, n), x, y, yaw)
            for x, y, yaw, c, n in (
                (-980, -560, 0, blue, 3),
                (-760, -600, 90, red, 1),
                (960, 560, 0, blue, 2),
            )
        ],
    )
    props |= numbered(
        "Ball",
        [
            at(ball(12, (0.85, 0.42, 0.14)), x, y)
            for x, y in ((-420, 420), (-455, 440), (520, -480), (330, 560))
        ],
    )
    return props


def _sports_fixtures(hall: Hall, rng: Rng) -> Props:
    """Trusses, lamps, a scoreboard, banners and doors."""
    props: Props = {}
    props |= numbered("Truss", [at(truss(1500), x, 0, 0, 600) for x in (-900, -450, 0, 450, 900)])
    props |= numbered(
        "Lamp", [at(high_bay(90), x, y, 0, 740) for x in (-900, -300, 300, 900) for y in (-250, 250)]
    )
    props["Score"] = hall.at_wall("west", 430, board(260, 150, 3, (0.10, 0.10, 0.12), 0.2), 1, 420)
    props["Clock"] = hall.at_wall("west", -430, clock(36, 2.2), 0, 420)
    props |= numbered(
        "Banner",
        [
            hall.at_wall(s, a, sheet(110, 190, c), 0.6, 390)
            for s, a, c in (("east", -500, 3), ("east", -330, 8), ("east", 330, 13), ("east", 500, 6))
        ],
    )
    props |= numbered(
        "Door", [hall.at_wall("north", a, door((0.25, 0.40, 0.55), 160, 225, "metal", True), 1) for a in (0,)]
    )
    props["Exit"] = hall.at_wall("north", 0, exit_sign(), 0, 255)
    props["Rack"] = hall.at_wall(
        "north", 1080, bookcase(rng, 180, 180, (0.25, 0.40, 0.55), "products", 50, 4), 27
    )
    return props


def _court_lines() -> list[Part]:
    """Painted lines, a few millimetres above the floor."""
    white, blue, red = (Paint(color=c) for c in ((0.95, 0.95, 0.92), (0.15, 0.32, 0.60), (0.70, 0.16, 0.14)))
    frame_rows: list[BoxRow] = [(1900, 5, 0.3, 0, s * 560, 0.15) for s in (-1, 1)]
    frame_rows += [(5, 1120, 0.3, s * 950, 0, 0.15) for s in (-1, 1)]
    frame_rows += (
        [(5, 1120, 0.3, 0, 0, 0.15)]
        + [(580, 5, 0.3, s * 660, t * 180, 0.15) for s in (-1, 1) for t in (-1, 1)]
        + [(5, 360, 0.3, s * 370, 0, 0.15) for s in (-1, 1)]
    )
    inner: list[BoxRow] = [(1340, 5, 0.2, 0, s * 305, 0.1) for s in (-1, 1)]
    inner += [(5, 610, 0.2, s * x, 0, 0.1) for s in (-1, 1) for x in (670, 198)]
    circle = [
        _arc(0, 0, 180, red),
        _arc(-950, 0, 420, blue, -0.25, 0.25),
        _arc(950, 0, 420, blue, 0.25, 0.75),
    ]
    return [textured("smooth", boxes(white, *frame_rows), boxes(blue, *inner), *circle)]


def _arc(x: float, y: float, radius: float, paint: Paint, start: float = 0.0, end: float = 1.0) -> Mesh:
    """A painted arc; ``start`` and ``end`` are shares of a turn."""
    turns = np.linspace(start, end, 49) * 2 * np.pi
    pieces = [
        moved(
            turned(
                boxes(paint, (5, radius * (b - a) * 1.02, 0.25, 0, 0, 0.125)),
                (0, 0, 0),
                (0, float(np.degrees((a + b) / 2)), 0),
            ),
            x + radius * np.cos((a + b) / 2),
            y + radius * np.sin((a + b) / 2),
            0,
        )
        for a, b in itertools.pairwise(turns)
    ]
    return merged(*pieces)


def _vault(color: Rgb) -> list[Part]:
    """A vaulting box with a leather top."""
    layers: list[BoxRow] = [(60 - 5 * k, 150 - 8 * k, 24, 0, 0, 13 + 25 * k) for k in range(4)]
    top = boxes(Paint(color=(0.48, 0.26, 0.16), tile_cm=60), (42, 126, 10, 0, 0, 105))
    return [textured("wood_grain", boxes(Paint(color=color, tile_cm=130), *layers)), textured("leather", top)]


def _thick_mat(color: Rgb, count: int) -> list[Part]:
    """Piled gymnastic mats."""
    rows: list[BoxRow] = [(200, 120, 19, 3.0 * (k % 2), 2.0 * k, 9.5 + 20 * k) for k in range(count)]
    return [textured("leather", boxes(Paint(color=color, gloss=0.2, tile_cm=110), *rows))]
