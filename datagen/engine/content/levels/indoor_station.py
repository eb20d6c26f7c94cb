"""The hall of a railway station."""

from collections.abc import Sequence

import numpy as np

from ..environment import Environment
from ..props.decor import bin_, board, clock, frame, plant
from ..props.fittings import column
from ..props.lamps import pendant
from ..props.machines import vending_machine
from ..props.seating import BLACK, STEEL, bench
from ..props.tables import book_pile, vivid
from ..shapes.meshes import Paint, Part, Rgb, cylinder, facing, moved, textured
from ..shapes.shapes import BoxRow, boxes, picture, round_bar
from ..unreal_space import Number
from .indoor_level import Props, at, level, numbered
from .indoor_shell import Hall, Opening, Surface, Wall

Rng = np.random.Generator


def station(rng: Rng) -> Environment:
    """A station hall: a vault with skylights, timetables, kiosks, benches, stone floor."""
    hall = _hall()
    props = _structure(hall) | _counters(hall, rng) | _walls_and_floor(hall, rng) | _hung()
    return level(
        hall,
        props,
        rng,
        lamps_cm=((-525, -330, 400), (-525, 330, 400), (525, -330, 400), (525, 330, 400)),
        lamp=(0.50, 0.46, 0.38),
        lamp_reach_cm=400,
        sky=(0.66, 0.68, 0.72),
        ground=(0.58, 0.55, 0.50),
        exposure=0.78,
    )


def _hall() -> Hall:
    """A vault on walls of stone, with large windows."""
    stone, tiles = (
        Surface("concrete_cast", (0.90, 0.86, 0.78), 460),
        Surface("subway_tiles", (0.88, 0.84, 0.72), 230, 0.4),
    )
    arch = [520 + 300 * np.sin(np.pi * t) for t in np.linspace(0, 1, 15)]
    big = [
        Opening(at_cm=y, width_cm=230, low_cm=40, high_cm=480, bars=(3, 6), frame=(0.22, 0.32, 0.30))
        for y in (-420, -140, 140, 420)
    ]
    side = Wall(surface=stone, dado=tiles, dado_cm=240)
    return Hall(
        half_x=1300,
        half_y=720,
        profile=tuple(arch),
        floor=Surface("terrazzo", (0.80, 0.76, 0.70), 460, 0.35),
        ceiling=Surface("worn_plaster", (0.90, 0.88, 0.82), 520),
        walls={
            "west": Wall(surface=stone, openings=big),
            "east": Wall(surface=stone, openings=big),
            "north": side,
            "south": side,
        },
        skirting=(0.40, 0.38, 0.34),
    )


def _structure(hall: Hall) -> Props:
    """Ribs, skylights and columns."""
    props: Props = {}
    green = Paint(color=(0.22, 0.34, 0.32), gloss=0.4, tile_cm=120)
    props |= numbered(
        "Rib",
        [at(_rib(hall.half_y, hall.profile, green), x, 0) for x in (-1050, -700, -350, 0, 350, 700, 1050)],
    )
    sky = Paint(color=(0.96, 0.98, 1.0), glow=0.85)
    lights = boxes(sky, *((300, 60, 4, x, 0, 815) for x in (-875, -525, -175, 175, 525, 875)))
    props["Skylights"] = at([textured("smooth", lights)], 0, 0)
    props |= numbered(
        "Column",
        [
            at(column(520, 52, "marble", Paint(color=(0.86, 0.80, 0.70), gloss=0.3, tile_cm=260), True), x, y)
            for x in (-700, 0, 700)
            for y in (-620, 620)
        ],
    )
    return props


def _counters(hall: Hall, rng: Rng) -> Props:
    """Benches, timetables, ticket windows, machines and kiosks."""
    props: Props = {}
    props |= numbered(
        "Bench",
        [
            at(bench(240, (0.48, 0.32, 0.20), 46, True), x, y, yaw)
            for x, y, yaw in (
                (-480, 330, 90),
                (-480, 262, -90),
                (480, 330, 90),
                (480, 262, -90),
                (-760, -300, 0),
                (300, -470, 90),
            )
        ],
    )
    props |= numbered(
        "Departures",
        [
            hall.at_wall(s, a, board(330, 190, cell, (0.08, 0.09, 0.12), 0.3, rows), 1, 350)
            for s, a, cell, rows in (("north", -170, 5, 4), ("north", 250, 7, 4), ("south", 0, 3, 2))
        ],
    )
    props |= numbered(
        "Booth",
        [
            hall.at_wall("south", a, _ticket_window(rng, c), 0)
            for a, c in ((-420, (0.22, 0.34, 0.32)), (-230, (0.22, 0.34, 0.32)), (420, (0.46, 0.20, 0.16)))
        ],
    )
    props |= numbered(
        "Vending",
        [
            hall.at_wall("north", a, vending_machine(c), 42)
            for a, c in ((-560, (0.75, 0.20, 0.16)), (-450, (0.20, 0.36, 0.60)), (820, (0.20, 0.50, 0.36)))
        ],
    )
    props |= numbered(
        "Kiosk",
        [
            at(_kiosk(rng, c), x, y, yaw)
            for x, y, yaw, c in ((-960, 380, -40, (0.62, 0.20, 0.16)), (940, -360, 140, (0.20, 0.36, 0.48)))
        ],
    )
    return props


def _walls_and_floor(hall: Hall, rng: Rng) -> Props:
    """Posters, bins, luggage and plants."""
    props: Props = {}
    props |= numbered(
        "Poster",
        [
            hall.at_wall(s, a, frame(110, 150, (0.20, 0.24, 0.24), c, "posters"), 0.5, 160)
            for s, a, c in (
                ("north", 480, 2),
                ("north", 620, 9),
                ("north", -1000, 13),
                ("north", 1120, 5),
                ("south", -1050, 8),
                ("south", -900, 0),
                ("south", 180, 11),
                ("south", 880, 14),
                ("south", 1040, 6),
                ("north", -860, 3),
            )
        ],
    )
    props |= numbered(
        "Bin",
        [
            at(bin_((0.22, 0.34, 0.32), 80), x, y)
            for x, y in (
                (
                    -330,
                    296,
                ),
                (330, 296),
                (-760, -140),
                (460, -480),
            )
        ],
    )
    props |= numbered(
        "Luggage",
        [
            at(_luggage(rng), x, y, float(rng.uniform(0, 360)))
            for x, y in ((-400, 400), (-560, 210), (540, 400), (240, -400), (-690, -390), (400, 210))
        ],
    )
    props |= numbered(
        "Tub",
        [
            at(plant(rng, 190, (0.50, 0.48, 0.44), s), x, y)
            for s, x, y in (
                ("tree", -1180, -600),
                ("tree", 1180, 600),
                ("broad", 1180, -600),
                ("broad", -1180, 600),
            )
        ],
    )
    return props


def _hung() -> Props:
    """A clock and lanterns."""
    props: Props = {}
    props["Clock"] = at(_station_clock(), 0, 0, 0, 810)
    props |= numbered(
        "Lantern",
        [at(pendant(375, (0.9, 0.85, 0.7), "globe"), x, y, 0, 745) for x in (-525, 525) for y in (-330, 330)],
    )
    return props


def _rib(half_y: Number, arch: Sequence[Number], paint: Paint) -> list[Part]:
    """A steel arch under a vault."""
    ys = np.linspace(-half_y, half_y, len(arch))
    bars = [
        round_bar((0, float(a), za - 16), (0, float(b), zb - 16), 11, paint, 8)
        for a, za, b, zb in zip(ys[:-1], arch[:-1], ys[1:], arch[1:], strict=True)
    ]
    return [textured("metal", *bars)]


def _ticket_window(rng: Rng, color: Rgb) -> list[Part]:
    """A ticket counter in the wall with a lit window."""
    paint = Paint(color=color, gloss=0.3, tile_cm=130)
    rows: list[BoxRow] = [
        (30, 150, 105, 15, 0, 52),
        (40, 160, 5, 20, 0, 107),
        (20, 12, 130, 10, -69, 174),
        (20, 12, 130, 10, 69, 174),
        (26, 156, 24, 12, 0, 250),
    ]
    glass = boxes(Paint(color=(0.90, 0.86, 0.70), glow=0.3), (2, 126, 128, 1, 0, 174))
    bars: list[BoxRow] = [(3, 2.5, 128, 4, y, 174) for y in (-40, -13, 13, 40)]
    face = picture((25.4, -56, 241), (0, 112, 0), (0, 0, 18), 4 * int(rng.integers(4)) + 1, 4)
    return [
        textured("wood_grain", boxes(paint, *rows)),
        textured("smooth", glass, boxes(STEEL, *bars)),
        textured("screens", face),
    ]


def _kiosk(rng: Rng, color: Rgb) -> list[Part]:
    """A newspaper stand with a roof."""
    paint = Paint(color=color, gloss=0.3, tile_cm=140)
    rows: list[BoxRow] = [
        (150, 210, 90, 0, 0, 45),
        (10, 210, 150, -70, 0, 165),
        (150, 10, 150, 0, -100, 165),
        (150, 10, 150, 0, 100, 165),
        (190, 240, 16, 8, 0, 246),
        (170, 216, 5, 6, 0, 92),
    ]
    papers = [
        picture((76, -98 + 33 * k, 12 + 38 * j), (0, 28, 0), (0, 0, 35), int(rng.integers(16)), 4)
        for k in range(6)
        for j in range(2)
    ]
    back = [
        picture((-64.6, -92 + 31 * k, 112 + 44 * j), (0, 28, 0), (0, 0, 38), int(rng.integers(16)), 4)
        for k in range(6)
        for j in range(2)
    ]
    sign = picture((104, -60, 239), (0, 120, 0), (0, 0, 14), 3, 8)
    piles = book_pile(rng, 94.5, 5)
    return [
        textured("wood_grain", boxes(paint, *rows)),
        textured("posters", *papers, *back),
        textured("products", sign),
        *piles,
    ]


def _luggage(rng: Rng) -> list[Part]:
    """A suitcase with a handle and wheels."""
    h = float(rng.uniform(48, 68))
    shell_ = boxes(Paint(color=vivid(rng), gloss=0.4, tile_cm=70), (24, 42, h, 0, 0, h / 2 + 6))
    ribs = boxes(
        Paint(color=(0.2, 0.2, 0.22), gloss=0.3),
        *((25, 2, h - 6, 0, y, h / 2 + 6) for y in (-12, 0, 12)),
        *((5, 4, 6, x, y, 3) for x in (-8, 8) for y in (-16, 16)),
    )
    grip = boxes(STEEL, (2, 2, 34, -9, -9, h + 22), (2, 2, 34, -9, 9, h + 22), (3, 22, 3, -9, 0, h + 39))
    return [textured("leather", shell_), textured("smooth", ribs, grip)]


def _station_clock() -> list[Part]:
    """A four-sided clock on a long rod; its origin is at the ceiling."""
    rod = cylinder(3, -330, 0, BLACK, 8)
    case = boxes(Paint(color=(0.16, 0.24, 0.23), gloss=0.5), (76, 76, 84, 0, 0, -370))
    dials = [
        part
        for k in range(4)
        for part in facing(
            [Part(mesh=moved(p.mesh, 38.5, 0, -370), texture=p.texture) for p in clock(30, 10.15)], 90 * k
        )
    ]
    return [textured("smooth", rod, case), *dials]
