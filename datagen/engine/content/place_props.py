"""Larger things that make a place: boats, a train, sports gear, furniture (cm, front towards +X)."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from .meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    Ring,
    circles,
    cylinder,
    dimmed,
    ellipsoid,
    loft,
    merged,
    moved,
    tapered,
    textured,
    turned,
)
from .outdoor_props import IRON, LAMP_GLASS, PALE_WOOD, STONE, WOOD
from .shapes import box, lump, prism, quad, tube, two_sided
from .street_props import GLASS, STEEL, WHITE
from .unreal_space import Number, Triple

_SNOW = Paint(color=(0.95, 0.96, 0.99), gloss=0.05, tile_cm=200)


def rowboat(color: Rgb, *, length_cm: Number = 380.0) -> list[Part]:
    """A wooden boat along X; its keel is at the origin."""
    half, paint = length_cm / 2, Paint(color=color, gloss=0.25, tile_cm=160)
    sections = [
        (-half, 22, 34),
        (-0.7 * half, 58, 14),
        (0, 74, 4),
        (0.6 * half, 52, 10),
        (0.95 * half, 8, 34),
    ]
    rings = [
        Ring(x, (62 - low) / 2, wide, x_cm=-(62 + low) / 2, squareness=0.35) for x, wide, low in sections
    ]
    hull = turned(loft(rings, paint, 16), (0, 0, 0), (-90, 0, 0))
    deck_rings = [Ring(x * 0.93, 1.5, wide * 0.86, x_cm=-62.5) for x, wide, _ in sections]
    inside = turned(loft(deck_rings, Paint(color=(0.34, 0.25, 0.17), tile_cm=90), 16), (0, 0, 0), (-90, 0, 0))
    seats = [box((26, 110 - abs(x) * 0.3, 4), (x, 0, 66), PALE_WOOD) for x in (-90, 20, 100)]
    gunwale = [
        tube(
            [(x, s * w * 0.96, 63 + (8 if abs(x) > 0.8 * half else 0)) for x, w, _ in sections],
            [3.4] * 5,
            WHITE,
            6,
        )
        for s in (-1, 1)
    ]
    oars = [tube([(-120, s * 32, 70), (110, s * 46, 74)], [2.2, 2.2], WOOD, 6) for s in (-1, 1)]
    return [textured("planks", hull, inside, *seats, *oars), textured("smooth", *gunwale)]


def sailboat(color: Rgb) -> list[Part]:
    """A yacht along X with a furled sail; its water line is at the origin."""
    paint, half = Paint(color=color, gloss=0.5, tile_cm=300), 360.0
    sections = [
        (-half, 80, -20),
        (-0.5 * half, 125, -40),
        (0.1 * half, 130, -40),
        (0.7 * half, 70, -30),
        (half, 6, 20),
    ]
    rings = [Ring(x, (95 - low) / 2, wide, x_cm=-(95 + low) / 2, squareness=0.4) for x, wide, low in sections]
    hull = turned(loft(rings, paint, 18), (0, 0, 0), (-90, 0, 0))
    cabin = turned(
        loft(
            [
                Ring(x, 30, w, x_cm=-112, squareness=0.6)
                for x, w in ((-150, 70), (-90, 78), (60, 66), (130, 36))
            ],
            WHITE,
            14,
        ),
        (0, 0, 0),
        (-90, 0, 0),
    )
    mast = cylinder(6, 90, 1050, Paint(color=(0.86, 0.86, 0.84), gloss=0.4), 8)
    boom = tube([(60, 0, 220), (-290, 0, 230)], [15, 12], Paint(color=(0.90, 0.90, 0.86)), 9)
    stays = [tube([(0, 0, 1040), (x, 0, 96)], [1.0, 1.0], STEEL, 4) for x in (-345, 350)]
    stripe = [
        tube([(x, s * w * 0.99, 62) for x, w, _ in sections], [3] * 5, Paint(color=(0.15, 0.25, 0.45)), 5)
        for s in (-1, 1)
    ]
    return [
        textured(
            "smooth",
            hull,
            cabin,
            moved(mast, 60, 0, 0),
            boom,
            *(moved(stay, 60, 0, 0) for stay in stays[:1]),
            stays[1],
            *stripe,
        )
    ]


def pier(
    length_cm: Number, width_cm: Number = 420.0, *, deck_cm: Number = 0.0, depth_cm: Number = 200.0
) -> list[Part]:
    """A wooden pier along X from the origin: planks, piles and a railing on both sides."""
    deck = box(
        (length_cm, width_cm, 16),
        (length_cm / 2, 0, deck_cm - 8),
        Paint(color=(0.74, 0.66, 0.56), tile_cm=330),
    )
    piles, rails = [], []
    for x in np.arange(60, length_cm, 300).tolist():
        for s in (-1, 1):
            piles.append(
                moved(
                    cylinder(
                        15, deck_cm - depth_cm, deck_cm + 118, Paint(color=(0.46, 0.38, 0.31), tile_cm=80), 9
                    ),
                    x,
                    s * (width_cm / 2 - 6),
                    0,
                )
            )
    for s in (-1, 1):
        rails += [
            box((length_cm - 40, 9, 6), (length_cm / 2 + 20, s * (width_cm / 2 - 6), deck_cm + z), PALE_WOOD)
            for z in (55, 108)
        ]
    return [textured("decking", deck), textured("bark", *piles), textured("planks", *rails)]


def beach_hut(color: Rgb) -> list[Part]:
    """A striped changing hut."""
    boards, count, width = [], 9, 200.0
    for k in range(count):
        paint = Paint(color=color if k % 2 == 0 else (0.96, 0.95, 0.91), gloss=0.12, tile_cm=120)
        y = -width / 2 + (k + 0.5) * width / count
        boards.append(box((210, width / count, 205), (-105, y, 122), paint))
    gable = prism(
        [(-width / 2, 224), (width / 2, 224), (0, 300)], -210, 0, Paint(color=(0.96, 0.95, 0.91), tile_cm=120)
    )
    roof = [
        prism(o, -225, 22, Paint(color=dimmed(color, 0.7), tile_cm=150))
        for o in (
            [(-128, 203), (0, 300), (0, 309), (-128, 212)],
            [(0, 300), (128, 203), (128, 212), (0, 309)],
        )
    ]
    door = [
        box((5, 84, 178), (2, 0, 112), Paint(color=dimmed(color, 0.8), tile_cm=90)),
        box((4, 5, 12), (6, 30, 110), STEEL),
    ]
    stilts = [box((14, 14, 30), (x, y, 8), WOOD) for x in (-15, -195) for y in (-85, 85)]
    return [
        textured("planks", *boards, gable, *roof, *door, *stilts, box((70, 110, 8), (36, 0, 4), PALE_WOOD))
    ]


def beach_parasol(color: Rgb, towel: Rgb) -> list[Part]:
    """A leaning parasol over a towel."""
    from .outdoor_props import _wedge

    wedges = []
    for k in range(10):
        a, b = (2 * np.pi * (k + s) / 10 for s in (0, 1))
        paint = Paint(color=color if k % 2 == 0 else (0.97, 0.95, 0.90), gloss=0.04)
        wedges.append(
            two_sided(
                _wedge(
                    (0, 0, 218),
                    (118 * np.cos(a), 118 * np.sin(a), 172),
                    (118 * np.cos(b), 118 * np.sin(b), 172),
                    paint,
                )
            )
        )
    pole = cylinder(2.4, -20, 216, WHITE, 8)
    shade = turned(merged(*wedges, pole), (0, 0, 0), (7, 30, 6))
    cloth = [
        box((180, 11, 2), (70, -44 + 11 * k, 1.2), Paint(color=towel if k % 3 else (0.96, 0.94, 0.90)))
        for k in range(9)
    ]
    ball = ellipsoid((-90, 80, 19), (19, 19, 19), Paint(color=(0.95, 0.45, 0.20), gloss=0.4), 14, 9)
    return [textured("fabric", shade, *cloth), textured("smooth", ball)]


def lounger(color: Rgb) -> list[Part]:
    """A deck chair."""
    frame = [box((180, 4, 5), (0, y, 30), PALE_WOOD) for y in (-30, 30)] + [
        box((4, 60, 30), (x, 0, 15), PALE_WOOD) for x in (-70, 60)
    ]
    seat = box((112, 54, 6), (30, 0, 35), Paint(color=color, tile_cm=60))
    back = turned(box((80, 54, 6), (-40, 0, 0), Paint(color=color, tile_cm=60)), (-26, 0, 36), (-38, 0, 0))
    return [textured("planks", *frame), textured("fabric", seat, back)]


def lifeguard_chair() -> list[Part]:
    """A high white seat."""
    legs = [
        tube([(x, y, 0), (0.6 * x, 0.7 * y, 190)], [6, 5], WHITE, 6) for x in (-60, 60) for y in (-60, 60)
    ]
    seat = [
        box((80, 90, 8), (0, 0, 192), WHITE),
        box((6, 90, 70), (-38, 0, 230), Paint(color=(0.88, 0.22, 0.18))),
        box((90, 110, 5), (0, 0, 320), Paint(color=(0.88, 0.22, 0.18))),
    ]
    posts = [box((4, 4, 130), (x, y, 255), WHITE) for x in (-38, 38) for y in (-43, 43)]
    rungs = [box((4, 114 - 7 * k, 4), (55 - 5 * k, 0, 35 + 38 * k), WHITE) for k in range(4)]
    return [textured("smooth", *legs, *seat, *posts, *rungs)]


def lighthouse(height_cm: Number = 1500.0) -> list[Part]:
    """A red and white lighthouse."""
    bands, count = [], 6
    for k in range(count):
        low, high = k / count, (k + 1) / count
        paint = Paint(color=(0.84, 0.20, 0.17) if k % 2 else (0.95, 0.94, 0.90), gloss=0.2, tile_cm=260)
        bands.append(
            tapered(
                circles((low * height_cm, 230 - 90 * low), (high * height_cm, 230 - 90 * high)), paint, 20
            )
        )
    top = [
        cylinder(180, height_cm, height_cm + 20, IRON, 20),
        cylinder(95, height_cm + 20, height_cm + 190, LAMP_GLASS, 14),
        tapered(
            circles((height_cm + 190, 125), (height_cm + 280, 10)),
            Paint(color=(0.70, 0.16, 0.14), gloss=0.4),
            16,
        ),
    ]
    return [textured("stucco", *bands), textured("smooth", *top)]


def train_car(color: Rgb, *, length_cm: Number = 1900.0) -> list[Part]:
    """A passenger car along Y beside its origin; its near side faces +X, its floor is at z = 0."""
    outline = [
        (-140, -60),
        (140, -60),
        (144, 60),
        (142, 190),
        (120, 250),
        (60, 275),
        (-60, 275),
        (-120, 250),
        (-142, 190),
        (-144, 60),
    ]
    shell = turned(
        prism(outline, -length_cm / 2, length_cm / 2, Paint(color=color, gloss=0.45, tile_cm=500)),
        (-150, 0, 0),
        (0, 90, 0),
    )
    stripe = [
        box((1.4, length_cm - 40, 34), (-5.2, 0, 34), Paint(color=(0.94, 0.92, 0.88), gloss=0.4)),
        box((1.4, length_cm - 40, 10), (-5.0, 0, 2), Paint(color=(0.92, 0.74, 0.20), gloss=0.4)),
    ]
    pieces: list[Mesh] = []
    for k, y in enumerate(np.linspace(-length_cm / 2 + 150, length_cm / 2 - 150, 9)):
        if k % 4 == 2:
            pieces += [
                box((3, 66, 212), (-5, y + s * 34, 96), Paint(color=dimmed(color, 0.75), gloss=0.4))
                for s in (-1, 1)
            ]
            pieces += [quad((-2.6, y + s * 34 - 22, 88), (0, 44, 0), (0, 0, 96), GLASS) for s in (-1, 1)]
        else:
            pieces.append(box((2, 148, 88), (-4.8, y, 138), IRON))
            pieces.append(
                quad((-2.6, y - 68, 99), (0, 136, 0), (0, 0, 78), Paint(color=(0.22, 0.31, 0.40), gloss=0.85))
            )
    under = box((220, length_cm - 160, 40), (-150, 0, -78), IRON)
    wheels = [
        turned(cylinder(42, -8, 8, STEEL, 14), (x, y, -88), (0, 90, 90))
        for x in (-75, -225)
        for y in (-length_cm / 2 + 220, -length_cm / 2 + 420, length_cm / 2 - 420, length_cm / 2 - 220)
    ]
    return [textured("smooth", shell, *stripe, *pieces, under, *wheels)]


def rails(length_cm: Number) -> list[Part]:
    """A railway track along Y; sleepers are at the origin's height."""
    sleepers = [
        box((250, 24, 14), (0, y, 4), Paint(color=(0.50, 0.46, 0.42), tile_cm=120))
        for y in np.arange(-length_cm / 2, length_cm / 2, 66).tolist()
    ]
    lines = [
        box((8, length_cm, 16), (x, 0, 19), Paint(color=(0.52, 0.47, 0.44), gloss=0.6)) for x in (-72, 72)
    ]
    return [textured("planks", *sleepers), textured("smooth", *lines)]


def canopy(
    length_cm: Number, width_cm: Number = 460.0, *, height_cm: Number = 380.0, color: Rgb = (0.30, 0.40, 0.38)
) -> list[Part]:
    """A platform roof along Y on a row of iron columns."""
    paint = Paint(color=color, gloss=0.3)
    columns, braces = [], []
    for y in np.linspace(-length_cm / 2 + 150, length_cm / 2 - 150, max(2, int(length_cm / 600))):
        columns.append(
            moved(
                tapered(
                    circles((0, 18), (30, 18), (40, 11), (height_cm - 40, 9), (height_cm, 16)), paint, 10
                ),
                0,
                y,
                0,
            )
        )
        braces += [
            tube([(0, y, height_cm - 90), (s * 0.34 * width_cm, y, height_cm + 6)], [5, 5], paint, 6)
            for s in (-1, 1)
        ]
    half = width_cm / 2
    outlines = (
        [(-half, height_cm + 45), (0, height_cm), (0, height_cm + 9), (-half, height_cm + 54)],
        [(0, height_cm), (half, height_cm + 45), (half, height_cm + 54), (0, height_cm + 9)],
    )
    roof = [
        turned(
            prism(
                [(-a, b) for a, b in one][::-1],
                -length_cm / 2,
                length_cm / 2,
                Paint(color=(0.86, 0.86, 0.82), tile_cm=300),
                cell_cm=150,
            ),
            (0, 0, 0),
            (0, 90, 0),
        )
        for one in outlines
    ]
    edge = [box((5, length_cm, 30), (s * half, 0, height_cm + 42), paint) for s in (-1, 1)]
    beam = box((14, length_cm, 20), (0, 0, height_cm - 8), paint)
    return [textured("smooth", *columns, *braces, *edge, beam), textured("planks", *roof)]


def station_sign(color: Rgb = (0.12, 0.26, 0.52)) -> list[Part]:
    """A name board on two posts."""
    board = [
        box((5, 240, 60), (0, 0, 205), Paint(color=color, gloss=0.3)),
        box((5.6, 226, 46), (0, 0, 205), Paint(color=(0.95, 0.95, 0.92))),
    ]
    letters = [box((6.2, 14 + 4 * (k % 3), 22), (0, -84 + 24 * k, 205), Paint(color=color)) for k in range(8)]
    return [textured("smooth", *board, *letters, *(cylinder(4, 0, 235, STEEL, 8) for _ in (0,)))]


def station_clock() -> list[Part]:
    """A round clock on a post."""
    face = turned(
        cylinder(38, -7, 7, Paint(color=(0.96, 0.95, 0.90), gloss=0.3), 24), (0, 0, 330), (90, 0, 0)
    )
    rim = turned(cylinder(41, -5, 5, IRON, 24), (0, 0, 330), (90, 0, 0))
    hands = [box((1.5, 3, 28), (8, 0, 342), IRON), box((1.5, 20, 3), (8, 8, 330), IRON)]
    return [textured("smooth", face, rim, *hands, cylinder(6, 0, 292, IRON, 10))]


def basketball_hoop() -> list[Part]:
    """A hoop on a post; the board faces +X above x = 0."""
    post = tube(
        [(-110, 0, 0), (-110, 0, 230), (-60, 0, 300), (-4, 0, 315)],
        [9, 8, 7, 6],
        Paint(color=(0.18, 0.20, 0.24), gloss=0.4),
        9,
    )
    board = [
        box((4, 180, 106), (0, 0, 345), WHITE),
        box((4.6, 60, 3), (0, 0, 362), Paint(color=(0.8, 0.15, 0.1))),
        box((4.6, 60, 3), (0, 0, 318), Paint(color=(0.8, 0.15, 0.1))),
    ]
    board += [box((4.6, 3, 46), (0, s * 29, 340), Paint(color=(0.8, 0.15, 0.1))) for s in (-1, 1)]
    rim = tube(
        [(28 + 23 * np.cos(a), 23 * np.sin(a), 305) for a in np.linspace(0, 2 * np.pi, 17)],
        [1.6] * 17,
        Paint(color=(0.92, 0.36, 0.10), gloss=0.4),
        6,
    )
    net = [
        tube(
            [
                (28 + 22 * np.cos(a), 22 * np.sin(a), 304),
                (28 + 13 * np.cos(a + 0.5), 13 * np.sin(a + 0.5), 262),
            ],
            [0.7, 0.7],
            WHITE,
            4,
        )
        for a in np.linspace(0, 2 * np.pi, 11)
    ]
    return [textured("smooth", post, *board, rim, *net)]


def goal() -> list[Part]:
    """A football goal that opens towards +X, with a net."""
    frame = [tube([(0, -366, 0), (0, -366, 244), (0, 366, 244), (0, 366, 0)], [6] * 4, WHITE, 8)]
    frame += [
        tube([(0, s * 366, 240), (-60, s * 366, 236), (-180, s * 366, 2)], [3] * 3, WHITE, 6) for s in (-1, 1)
    ]
    cords = []
    for y in np.linspace(-360, 360, 25):
        cords.append(tube([(0, y, 240), (-60, y, 236), (-178, y, 2)], [0.6] * 3, WHITE, 3))
    for t in np.linspace(0.1, 1, 9):
        x, z = -60 - 118 * t, 236 - 234 * t
        cords.append(box((0.9, 730, 0.9), (x, 0, z), WHITE))
    return [textured("smooth", *frame, *cords)]


def bleachers(length_cm: Number, rows: int = 5, color: Rgb = (0.20, 0.36, 0.62)) -> list[Part]:
    """Rows of seats along Y that rise away from +X."""
    steps, seats = [], []
    for k in range(rows):
        steps.append(
            box(
                (80, length_cm, 40 * (k + 1)),
                (-40 - 80 * k, 0, 20 * (k + 1)),
                Paint(color=(0.72, 0.71, 0.69), tile_cm=300),
            )
        )
        for y in np.arange(-length_cm / 2 + 35, length_cm / 2 - 20, 55).tolist():
            tint = color if (k + int(y // 55)) % 7 else (0.92, 0.92, 0.90)
            seats.append(box((42, 46, 6), (-38 - 80 * k, y, 40 * (k + 1) + 34), Paint(color=tint, gloss=0.3)))
            seats.append(box((6, 46, 36), (-58 - 80 * k, y, 40 * (k + 1) + 48), Paint(color=tint, gloss=0.3)))
            seats.append(box((30, 5, 31), (-40 - 80 * k, y, 40 * (k + 1) + 15.5), STEEL))
    return [textured("concrete", *steps), textured("smooth", *seats)]


def air_conditioner() -> list[Part]:
    """A roof unit with a fan."""
    case = Paint(color=(0.80, 0.81, 0.80), gloss=0.2, tile_cm=150)
    fins = [box((1.5, 118, 3), (46, 0, 30 + 8 * k), Paint(color=(0.55, 0.56, 0.56))) for k in range(9)]
    fan = [
        cylinder(36, 124, 128, IRON, 18),
        *(turned(box((64, 9, 1.5), (0, 0, 129), STEEL), (0, 0, 0), (0, 60 * k, 0)) for k in range(3)),
    ]
    feet = [box((12, 12, 14), (x, y, 7), IRON) for x in (-36, 36) for y in (-50, 50)]
    return [textured("smooth", box((90, 130, 112), (0, 0, 68), case), *fins, *fan, *feet)]


def water_tank() -> list[Part]:
    """A wooden tank on a steel frame, as on the roofs of New York."""
    staves = tapered(circles((260, 150), (540, 142)), Paint(color=(0.50, 0.38, 0.28), tile_cm=120), 22)
    roof = tapered(circles((540, 162), (650, 6)), Paint(color=(0.42, 0.36, 0.32), tile_cm=160), 18)
    hoops = [cylinder(152 - 0.02 * z, z, z + 5, IRON, 22) for z in (280, 340, 400, 460, 520)]
    legs = [
        tube([(x, y, 0), (0.8 * x, 0.8 * y, 260)], [8, 8], IRON, 6) for x in (-120, 120) for y in (-120, 120)
    ]
    beams = [box((240, 10, 12), (0, s * 98, 250), IRON) for s in (-1, 1)] + [
        box((10, 240, 12), (s * 98, 0, 250), IRON) for s in (-1, 1)
    ]
    return [textured("planks", staves, roof), textured("smooth", *hoops, *legs, *beams)]


def vent_pipe(height_cm: Number = 130.0) -> list[Part]:
    """A vent with a hood."""
    return [
        textured(
            "smooth",
            cylinder(14, 0, height_cm, STEEL, 12),
            tapered(circles((height_cm, 24), (height_cm + 8, 26), (height_cm + 26, 6)), STEEL, 12),
        )
    ]


def string_lights(points: Sequence[Triple]) -> list[Part]:
    """Bulbs on cords that hang between points."""
    cords, bulbs = [], []
    for a, b in pairwise(points):
        first, last = np.array(a, dtype=np.float64), np.array(b, dtype=np.float64)
        t = np.linspace(0, 1, 11)[:, None]
        line = (
            first
            + t * (last - first)
            - np.array([0, 0, 1.0]) * 4 * t * (1 - t) * 0.07 * np.linalg.norm(last - first)
        )
        cords.append(tube([tuple(p) for p in line], [0.7] * 11, IRON, 4))
        bulbs += [
            ellipsoid(
                (*(p - [0, 0, 6]).tolist(),),
                (4, 4, 5),
                Paint(color=(1.0, 0.88, 0.60), gloss=0.5, glow=0.8),
                7,
                5,
            )
            for p in line[1::2]
        ]
    return [textured("smooth", *cords, *bulbs)]


def garden_sofa(color: Rgb, seats: int = 2) -> list[Part]:
    """A low outdoor sofa."""
    width = 75 * seats
    frame = [
        box((84, width + 16, 12), (0, 0, 20), PALE_WOOD),
        box((8, width + 16, 50), (-40, 0, 42), PALE_WOOD),
        *(box((84, 6, 34), (0, s * (width / 2 + 6), 34), PALE_WOOD) for s in (-1, 1)),
        *(box((8, 8, 16), (x, s * width / 2, 8), PALE_WOOD) for x in (-34, 34) for s in (-1, 1)),
    ]
    soft, back = Paint(color=color, tile_cm=60), Paint(color=dimmed(color, 0.88), tile_cm=60)
    cushions = [box((72, 71, 15), (4, -width / 2 + 37.5 + 75 * k, 33), soft) for k in range(seats)]
    cushions += [
        turned(box((14, 70, 42), (0, 0, 20), back), (-26, -width / 2 + 37.5 + 75 * k, 40), (10, 0, 0))
        for k in range(seats)
    ]
    return [textured("planks", *frame), textured("fabric", *cushions)]


def planter_box(
    rng: np.random.Generator,
    length_cm: Number,
    color: Rgb = (0.50, 0.40, 0.32),
    leaf: Rgb = (0.36, 0.54, 0.26),
    petals: Rgb | None = None,
) -> list[Part]:
    """A long planter along Y, full of plants."""
    from .trees import bush

    trough = box((48, length_cm, 52), (0, 0, 26), Paint(color=color, tile_cm=160))
    plants: list[Part] = []
    for y in np.arange(-length_cm / 2 + 32, length_cm / 2 - 20, 58).tolist():
        for part in bush(rng, rng.uniform(26, 36), leaf, leaves=64, height=1.1, petals=petals):
            plants.append(Part(mesh=moved(part.mesh, 0, y, 46), texture=part.texture))
    return [textured("planks", trough), textured("foliage", *(part.mesh for part in plants))]


def bus_shelter() -> list[Part]:
    """A glass shelter with a bench, open towards +X."""
    frame = [box((6, 6, 240), (x, y, 120), IRON) for x in (-70, 60) for y in (-190, 190)]
    roof = box((160, 400, 10), (-5, 0, 245), Paint(color=(0.30, 0.33, 0.36), gloss=0.4))
    pane = Paint(color=(0.62, 0.74, 0.78), gloss=0.85)
    glass = [box((2, 118, 180), (-70, y, 125), pane) for y in (-125, 0, 125)] + [
        box((110, 2, 180), (-8, s * 190, 125), pane) for s in (-1, 1)
    ]
    rails = [
        box(size, (x, y, z), IRON)
        for z in (34, 216)
        for size, x, y in (((4, 380, 4), -70, 0), ((130, 4, 4), -5, -190), ((130, 4, 4), -5, 190))
    ]
    bench = [
        box((36, 240, 5), (-44, 0, 46), WOOD),
        *(box((30, 5, 44), (-44, y, 22), IRON) for y in (-90, 90)),
    ]
    poster = box((4, 100, 150), (-66, 125, 125), Paint(color=(0.90, 0.42, 0.24)))
    shapes = [
        box((5, 30 + 20 * k, 18), (-65, 125, 80 + 34 * k), Paint(color=c))
        for k, c in enumerate(((0.96, 0.92, 0.80), (0.18, 0.30, 0.46), (0.96, 0.80, 0.30)))
    ]
    return [textured("smooth", *frame, roof, *rails, *glass, *bench, poster, *shapes)]


def van(color: Rgb) -> list[Part]:
    """A delivery van, 5 m long."""
    body = prism(
        [(-98, 34), (98, 34), (98, 150), (90, 225), (-90, 225), (-98, 150)],
        -250,
        120,
        Paint(color=color, gloss=0.6, tile_cm=300),
    )
    nose = turned(
        prism([(-95, 34), (95, 34), (95, 118), (-95, 118)], 0, 128, Paint(color=color, gloss=0.6)),
        (119, 0, 0),
        (0, 0, 0),
    )
    side = [(119, 112), (168, 112), (119, 220)]
    cab = turned(prism([(x, z) for x, z in side], -88, 88, GLASS), (0, 0, 0), (0, -90, 0))
    cab = turned(cab, (0, 0, 0), (0, 180, 0)) if cab.positions[:, 0].max() < 0 else cab
    wheels = [
        turned(
            merged(
                cylinder(34, -12, 12, Paint(color=(0.08, 0.08, 0.09)), 16),
                cylinder(19, -13, 13, Paint(color=(0.72, 0.73, 0.75), gloss=0.7), 10),
            ),
            (x, y, 34),
            (0, 0, 90),
        )
        for x in (-160, 165)
        for y in (-88, 88)
    ]
    lamps = [box((4, 26, 16), (247, s * 70, 78), LAMP_GLASS) for s in (-1, 1)] + [
        box((4, 16, 34), (-251, s * 82, 100), Paint(color=(0.8, 0.12, 0.1), gloss=0.5)) for s in (-1, 1)
    ]
    bumper = [box((14, 190, 20), (x, 0, 42), IRON) for x in (-250, 246)]
    band = [
        box((300, 1.5, 26), (-70, s * 98.5, 110), Paint(color=dimmed(color, 0.55), gloss=0.4))
        for s in (-1, 1)
    ]
    return [textured("smooth", body, nose, cab, *wheels, *lamps, *bumper, *band)]


def snowman(rng: np.random.Generator) -> list[Part]:
    """A snowman with a hat and a scarf."""
    balls = [
        lump(rng, (0, 0, z), (r, r, 0.92 * r), _SNOW, rough=0.04, detail=3, shade=0.2)
        for z, r in ((36, 46), (100, 34), (150, 23))
    ]
    coal, hat = Paint(color=(0.10, 0.10, 0.11)), Paint(color=(0.13, 0.13, 0.15), gloss=0.2)
    eyes = [ellipsoid((20, y, 156), (2.8, 2.8, 2.8), coal, 7, 5) for y in (-8, 8)] + [
        ellipsoid((33, 0, z), (3, 3, 3), coal, 7, 5) for z in (92, 108)
    ]
    nose = tube([(21, 0, 149), (42, 0, 146)], [3.4, 0.8], Paint(color=(0.95, 0.50, 0.12)), 7)
    scarf = [
        cylinder(20, 126, 136, Paint(color=(0.80, 0.16, 0.18)), 14),
        box((5, 12, 40), (24, 10, 112), Paint(color=(0.80, 0.16, 0.18))),
    ]
    arms = [tube([(0, s * 30, 105), (6, s * 72, 132)], [2.4, 1.4], WOOD, 5) for s in (-1, 1)]
    return [
        textured("snow", *balls),
        textured(
            "smooth", *eyes, nose, *scarf, cylinder(26, 168, 171, hat, 16), cylinder(17, 171, 200, hat, 16)
        ),
        textured("bark", *arms),
    ]


def column(height_cm: Number = 420.0, radius_cm: Number = 32.0, paint: Paint = STONE) -> list[Mesh]:
    """A round column with a base and a capital."""
    shape = [
        (0, 1.45),
        (16, 1.45),
        (18, 1.25),
        (30, 1.2),
        (34, 1.0),
        (0.4 * height_cm, 0.98),
        (height_cm - 46, 0.86),
        (height_cm - 40, 1.0),
        (height_cm - 30, 1.0),
        (height_cm - 16, 1.3),
        (height_cm, 1.35),
    ]
    return [tapered(circles(*((z, r * radius_cm) for z, r in shape)), paint, 16)]


def arch_panel(
    width_cm: Number,
    spring_cm: Number,
    top_cm: Number,
    paint: Paint,
    depth_cm: Number = 60.0,
    *,
    steps: int = 12,
) -> Mesh:
    """The wall over a round arch along Y: its opening has the full width, and starts at ``spring_cm``."""
    radius, pieces = width_cm / 2, []
    edges = radius * np.cos(np.linspace(np.pi, 0, steps + 1))
    for a, b in pairwise(edges):
        za, zb = (spring_cm + np.sqrt(max(radius**2 - e**2, 0.0)) for e in (a, b))
        pieces.append(prism([(a, za), (b, zb), (b, top_cm), (a, top_cm)], -depth_cm / 2, depth_cm / 2, paint))
    return merged(*pieces)
