"""Gym equipment (cm, origin on the floor, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    cylinder,
    ellipsoid,
    merged,
    panelled_box,
    textured,
    turned,
)
from ..shapes.shapes import BoxRow, boxes, picture, round_bar, rounded
from ..unreal_space import Number
from .machines import DARK, WHITE
from .seating import BLACK, CHROME, STEEL, cloth, wood

Rng = np.random.Generator


def treadmill(shown_cell: int) -> list[Part]:
    """A treadmill that shows a cell of the screens; one runs towards +X."""
    belt = boxes(Paint(color=(0.10, 0.10, 0.11), tile_cm=90), (150, 48, 4, 0, 0, 17))
    frame = boxes(
        DARK,
        (168, 10, 13, 0, -31, 12),
        (168, 10, 13, 0, 31, 12),
        (30, 72, 18, 76, 0, 13),
        (6, 6, 112, 72, -34, 70),
        (6, 6, 112, 72, 34, 70),
    )
    rails = boxes(STEEL, (56, 4, 4, 46, -34, 98), (56, 4, 4, 46, 34, 98))
    console = turned(boxes(DARK, (6, 66, 34, 0, 0, 0)), (72, 0, 136), (-20, 180, 0))
    shown = turned(
        picture((3.3, -22, -12), (0, 44, 0), (0, 0, 24), shown_cell, 4, paint=Paint(glow=0.3)),
        (72, 0, 136),
        (-20, 180, 0),
    )
    return [textured("rubber", belt), textured("smooth", frame, rails, console), textured("screens", shown)]


def exercise_bike(color: Rgb) -> list[Part]:
    """A spinning bike."""
    paint = Paint(color=color, gloss=0.6)
    bars = [
        round_bar((-45, 0, 6), (50, 0, 6), 3, DARK),
        round_bar((-20, 0, 8), (-25, 0, 88), 3, paint),
        round_bar((40, 0, 8), (34, 0, 104), 3, paint),
        round_bar((-22, 0, 55), (38, 0, 40), 4, paint),
        round_bar((34, -22, 106), (34, 22, 106), 1.6, BLACK),
    ]
    wheel = turned(
        merged(cylinder(25, -3, 3, STEEL, 24), cylinder(21, -4, 4, DARK, 24)), (36, 0, 38), (0, 0, 90)
    )
    crank = [
        turned(cylinder(8, -5, 5, DARK, 14), (-2, 0, 40), (0, 0, 90)),
        panelled_box((12, 8, 2), (8, 11, 28), BLACK),
        panelled_box((12, 8, 2), (-12, -11, 52), BLACK),
    ]
    saddle = ellipsoid((-25, 0, 92), (14, 9, 5), BLACK, 12, 6)
    feet = boxes(DARK, (8, 50, 6, -45, 0, 3), (8, 50, 6, 50, 0, 3))
    return [textured("smooth", *bars, wheel, *crank, saddle, feet)]


def dumbbell_rack(length_cm: Number) -> list[Part]:
    """Three shelves of dumbbells."""
    posts: list[BoxRow] = [(50, 6, 8, 0, y, 4) for y in (-length_cm / 2 + 4, length_cm / 2 - 4)]
    posts += [(6, 6, 100, -12, y, 50) for y in (-length_cm / 2 + 4, length_cm / 2 - 4)]
    weights: list[Mesh] = []
    for row, z in enumerate((30, 58, 86)):
        posts.append((26, length_cm, 3, 2 - 7 * row, 0, z))
        for k, y in enumerate(np.arange(-length_cm / 2 + 18, length_cm / 2 - 10, 22).tolist()):
            r = 9.0 - 1.6 * row + 0.2 * (k % 4)
            for dx in (-11, 11):
                weights.append(
                    turned(
                        cylinder(r, -3.5, 3.5, BLACK if k % 2 else DARK, 8),
                        (2 - 7 * row + dx, y, z + 1.5 + r),
                        (90, 0, 0),
                    )
                )
            weights.append(
                round_bar(
                    (-9 + 2 - 7 * row, y, z + 1.5 + r), (9 + 2 - 7 * row, y, z + 1.5 + r), 1.6, CHROME, 6
                )
            )
    return [textured("smooth", boxes(STEEL, *posts), *weights)]


def weight_bench(color: Rgb) -> list[Part]:
    """A bench with a barbell on its stands; it is long along X."""
    pads = [rounded((110, 28, 10), (-15, 0, 45), cloth(color), 0.8)]
    frame = boxes(
        DARK,
        (100, 6, 6, -10, 0, 36),
        (6, 46, 6, -60, 0, 3),
        (6, 60, 6, 42, 0, 3),
        (6, 6, 36, -60, 0, 18),
        (6, 6, 100, 42, -28, 50),
        (6, 6, 100, 42, 28, 50),
        (6, 6, 36, 30, 0, 18),
    )
    bar = round_bar((36, -105, 103), (36, 105, 103), 1.4, CHROME)
    plates = [
        round_bar(
            (36, s * (80 + 4 * k), 103),
            (36, s * (83 + 4 * k), 103),
            22 - 4 * k,
            Paint(color=((0.75, 0.15, 0.13), (0.15, 0.3, 0.6))[k % 2], gloss=0.4),
            20,
        )
        for s in (-1, 1)
        for k in range(3)
    ]
    return [textured("leather", *pads), textured("smooth", frame, bar, *plates)]


def squat_rack(color: Rgb) -> list[Part]:
    """A cage of steel posts with a loaded bar."""
    paint = Paint(color=color, gloss=0.5)
    posts: list[BoxRow] = [(7, 7, 225, x, y, 112) for x in (-55, 55) for y in (-58, 58)]
    posts += [(110, 6, 6, 0, y, z) for y in (-58, 58) for z in (4, 222)] + [
        (6, 116, 6, x, 0, 222) for x in (-55, 55)
    ]
    bar = round_bar((60, -108, 140), (60, 108, 140), 1.4, CHROME)
    plates = [
        round_bar((60, s * (78 + 5 * k), 140), (60, s * (82 + 5 * k), 140), 22 - 5 * k, BLACK, 20)
        for s in (-1, 1)
        for k in range(3)
    ]
    return [textured("smooth", boxes(paint, *posts), bar, *plates)]


def ball(radius_cm: Number, color: Rgb) -> list[Part]:
    """A gymnastic ball."""
    return [
        textured(
            "leather", ellipsoid((0, 0, radius_cm), (radius_cm,) * 3, Paint(color=color, gloss=0.4), 20, 12)
        )
    ]


def mat(color: Rgb, length_cm: Number = 180.0, thickness_cm: Number = 1.5) -> list[Part]:
    """An exercise mat, long along Y."""
    return [textured("tweed", boxes(cloth(color), (62, length_cm, thickness_cm, 0, 0, thickness_cm / 2)))]


# The seven strokes of a digit: the centre (right, up) and the extent (wide, tall) of each, in its height.
_STROKES = (
    (0.0, 0.5, 0.5, 0.1), (0.25, 0.25, 0.1, 0.5), (0.25, -0.25, 0.1, 0.5), (0.0, -0.5, 0.5, 0.1),
    (-0.25, -0.25, 0.1, 0.5), (-0.25, 0.25, 0.1, 0.5), (0.0, 0.0, 0.5, 0.1),
)  # fmt: skip
_PAINTED_STROKES = (
    "012345", "12", "01346", "01236", "1256", "02356", "023456", "012", "0123456", "012356",
)  # fmt: skip


def turf_lane(length_cm: Number, width_cm: Number, step_cm: Number = 100.0) -> list[Part]:
    """A lane of artificial turf for sleds and sprints, long along X, with numbered lines across."""
    lane = boxes(
        Paint(color=(0.24, 0.50, 0.20), gloss=0.02, tile_cm=170), _flat(0, 0, length_cm, width_cm, 1)
    )
    edges = [_flat(0, side * (width_cm / 2 - 6), length_cm, 5, 2) for side in (-1, 1)]
    lines: list[BoxRow] = []
    for number, x in enumerate(np.arange(step_cm, length_cm, step_cm).tolist()):
        place = x - length_cm / 2
        lines.append(_flat(place, 0, 5, width_cm - 12, 2))
        lines += _digit(number % 10, place - 30, width_cm * 0.27 * (-1) ** number, 34)
    white = boxes(Paint(color=(0.93, 0.93, 0.90), gloss=0.05, tile_cm=120), *edges, *lines)
    return [textured("turf", lane), textured("tweed", white)]


def _digit(number: int, x: float, y: float, height_cm: float) -> list[BoxRow]:
    """A digit on the floor, upright for who looks along +X."""
    strokes = [_STROKES[int(stroke)] for stroke in _PAINTED_STROKES[number]]
    h = height_cm
    return [
        _flat(x + v * h, y + u * h, (tall + 0.08) * h, (wide + 0.08) * h, 2) for u, v, wide, tall in strokes
    ]


def _flat(x: float, y: float, length_cm: float, width_cm: float, layer: int) -> BoxRow:
    """A box that lies on the floor; each layer is higher than the one before it."""
    return length_cm, width_cm, 0.3 * layer, x, y, 0.15 * layer


def punching_bag(drop_cm: Number) -> list[Part]:
    """A punching bag on a chain; its origin is at the ceiling."""
    bag = cylinder(18, -drop_cm - 110, -drop_cm, Paint(color=(0.55, 0.12, 0.10), gloss=0.35, tile_cm=60), 18)
    bands = [cylinder(18.5, -drop_cm - z - 8, -drop_cm - z, BLACK, 18) for z in (4, 60)]
    return [textured("leather", bag), textured("smooth", cylinder(1.5, -drop_cm, 0, STEEL, 6), *bands)]


def wall_bars(width_cm: Number, height_cm: Number) -> list[Part]:
    """Wooden gymnastic bars at a wall."""
    rungs = [
        round_bar((10, -width_cm / 2, z), (10, width_cm / 2, z), 1.8, wood((0.78, 0.56, 0.34)))
        for z in np.arange(20, height_cm - 6, 15).tolist()
    ]
    posts = boxes(
        wood((0.72, 0.50, 0.30)),
        *((12, 5, height_cm, 7, y, height_cm / 2) for y in (-width_cm / 2, 0, width_cm / 2)),
    )
    return [textured("wood_grain", *rungs, posts)]


def basket_hoop() -> list[Part]:
    """A basketball board on arms; its origin is on the wall at the floor."""
    board = boxes(WHITE, (4, 180, 105, 84, 0, 345))
    lines = boxes(
        Paint(color=(0.82, 0.15, 0.12)),
        (0.6, 60, 4, 86.3, 0, 352),
        (0.6, 4, 45, 86.3, -30, 330),
        (0.6, 4, 45, 86.3, 30, 330),
        (0.6, 60, 4, 86.3, 0, 308),
    )
    ring = [
        round_bar(
            (110 + 22 * np.cos(a), 22 * np.sin(a), 305),
            (110 + 22 * np.cos(a + 0.42), 22 * np.sin(a + 0.42), 305),
            1.2,
            Paint(color=(0.9, 0.35, 0.1)),
            6,
        )
        for a in np.arange(0, 6.28, 0.42).tolist()
    ]
    arms = [round_bar((0, y, 350), (84, y * 0.6, 345), 3, STEEL) for y in (-60, 60)]
    net = [
        round_bar(
            (110 + 21 * np.cos(a), 21 * np.sin(a), 304),
            (110 + 12 * np.cos(a + 0.5), 12 * np.sin(a + 0.5), 266),
            0.5,
            WHITE,
            4,
        )
        for a in np.arange(0, 6.28, 0.5).tolist()
    ]
    link = boxes(Paint(color=(0.9, 0.35, 0.1)), (6, 12, 3, 87, 0, 305))
    return [textured("smooth", board, lines, *ring, *arms, *net, link)]
