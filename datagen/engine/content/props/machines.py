"""Office, stage, warehouse and living room equipment (cm, origin on the floor, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    circles,
    cylinder,
    ellipsoid,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import BoxRow, boxes, disc, picture, round_bar, rounded
from ..unreal_space import Number
from .seating import BLACK, BRASS, STEEL, cloth, wood

Rng = np.random.Generator
WHITE = Paint(color=(0.94, 0.94, 0.93), gloss=0.5)
BRUSHED = Paint(color=(0.80, 0.81, 0.82), gloss=0.65, tile_cm=110)
DARK = Paint(color=(0.16, 0.17, 0.19), gloss=0.5)


def copier() -> list[Part]:
    """An office copier."""
    body = boxes(
        Paint(color=(0.86, 0.86, 0.85), gloss=0.3),
        (62, 66, 62, 0, 0, 34),
        (58, 62, 26, -2, 0, 92),
        (64, 66, 10, 0, 0, 110),
    )
    trays = boxes(
        DARK,
        (2, 58, 13, 31, 0, 16),
        (2, 58, 13, 31, 0, 32),
        (2, 58, 13, 31, 0, 48),
        (58, 60, 12, 0, 0, 71),
        (16, 26, 3, 30, 14, 115),
    )
    paper = boxes(WHITE, (24, 30, 2, 10, -6, 78))
    return [textured("smooth", body, trays, paper)]


def vending_machine(color: Rgb) -> list[Part]:
    """A vending machine with products behind glass."""
    body = boxes(Paint(color=color, gloss=0.5), (78, 100, 185, 0, 0, 94))
    glow = boxes(Paint(color=(0.92, 0.94, 0.96), glow=0.25), (1, 66, 120, 39.6, -12, 118))
    goods = [
        picture(
            (40.4, -42 + 13 * c, 62 + 23 * r),
            (0, 11, 0),
            (0, 0, 18),
            7 * r + 3 * c,
            8,
            paint=Paint(glow=0.15),
        )
        for r in range(5)
        for c in range(5)
    ]
    keys = boxes(DARK, (2, 16, 40, 39.8, 36, 110), (3, 60, 18, 39.5, -8, 34))
    return [textured("smooth", body, glow, keys), textured("products", *goods)]


def forklift(color: Rgb) -> list[Part]:
    """A small forklift truck."""
    paint = Paint(color=color, gloss=0.6)
    body = [rounded((150, 96, 62), (-20, 0, 58), paint, 0.9), rounded((50, 92, 50), (-76, 0, 78), DARK, 0.9)]
    mast = boxes(
        DARK, *((8, 8, 210, 66, y, 108) for y in (-30, 30)), (6, 60, 8, 66, 0, 205), (6, 66, 40, 74, 0, 40)
    )
    forks = boxes(STEEL, *((100, 11, 4, 124, y, 12) for y in (-22, 22)))
    cage = boxes(
        BLACK, *((5, 5, 116, x, y, 146) for x in (-60, 28) for y in (-42, 42)), (96, 92, 5, -16, 0, 206)
    )
    wheels = [
        turned(cylinder(r, -9, 9, BLACK, 18), (x, y, r), (0, 0, 90))
        for x, r in ((44, 26), (-62, 22))
        for y in (-42, 42)
    ]
    seat = rounded((44, 46, 14), (-20, 0, 96), cloth((0.12, 0.12, 0.13)))
    wheel = turned(cylinder(15, 0, 3, BLACK, 16), (20, 0, 118), (-50, 0, 0))
    post = round_bar((34, 0, 86), (20, 0, 118), 2, BLACK)
    return [textured("smooth", *body, mast, forks, cage, *wheels, seat, wheel, post)]


def spot_batten(length_cm: Number, drop_cm: Number, colors: tuple[Rgb, ...]) -> list[Part]:
    """A pipe along Y with theatre lanterns; its origin is at the ceiling."""
    pipe = round_bar((0, -length_cm / 2, -drop_cm), (0, length_cm / 2, -drop_cm), 2.5, BLACK, 8)
    cables = [
        moved(cylinder(0.5, -drop_cm, 0, BLACK, 5), 0, y, 0)
        for y in np.linspace(-length_cm * 0.45, length_cm * 0.45, 4).tolist()
    ]
    heads: list[Mesh] = []
    for k, y in enumerate(np.arange(-length_cm / 2 + 30, length_cm / 2, 75).tolist()):
        lens = Paint(color=colors[k % len(colors)], glow=0.9)
        body = [tapered(circles((-24, 13), (0, 11), (10, 6)), BLACK, 14), disc(11, -24.8, -24.2, lens, 14)]
        heads += [turned(mesh, (0, y, -drop_cm - 20), (20 + 5 * (k % 3), 0, 0)) for mesh in body]
        heads.append(boxes(BLACK, (2, 3, 18, 0, y, -drop_cm - 9)))
    return [textured("smooth", pipe, *cables, *heads)]


def piano(color: Rgb = (0.08, 0.07, 0.07)) -> list[Part]:
    """An upright piano with its stool."""
    paint = Paint(color=color, gloss=0.7)
    body = boxes(
        paint,
        (34, 150, 118, -10, 0, 61),
        (26, 150, 16, 18, 0, 68),
        (5, 8, 60, 28, -70, 30),
        (5, 8, 60, 28, 70, 30),
        (40, 154, 4, -9, 0, 122),
    )
    keys = boxes(WHITE, *((14, 2.2, 2, 22, y, 77) for y in np.arange(-61, 62, 2.4).tolist()))
    blacks = boxes(
        BLACK,
        *(
            (9, 1.2, 2.4, 19, y, 78)
            for k, y in enumerate(np.arange(-60, 60, 2.4).tolist())
            if k % 7 not in (2, 6)
        ),
    )
    music = boxes(WHITE, (1.5, 44, 26, 10, 0, 95))
    seat = [
        rounded((36, 60, 8), (75, 0, 48), cloth((0.3, 0.1, 0.1)), 0.8),
        boxes(paint, *((4, 4, 44, x, y, 22) for x in (61, 89) for y in (-25, 25))),
    ]
    pedals = boxes(BRASS, *((10, 4, 1.5, 14, y, 5) for y in (-8, 0, 8)))
    return [textured("smooth", body, keys, blacks, music, *seat, pedals)]


def fireplace(brick: Rgb, height_cm: Number) -> list[Part]:
    """A brick chimney breast with a hearth, logs and a mantel; it stands 45 cm out of the wall."""
    paint = Paint(color=brick, tile_cm=460)
    rows: list[BoxRow] = [(45, 52, 100, 22, side * 66, 50) for side in (-1, 1)]
    rows += [
        (45, 184, (height_cm - 100) / 2, 22, 0, 100 + (height_cm - 100) * (k + 0.5) / 2) for k in range(2)
    ]
    inner = boxes(Paint(color=(0.10, 0.09, 0.08)), (4, 82, 100, 4, 0, 50))
    mantel = boxes(wood((0.36, 0.23, 0.15)), (18, 200, 9, 52, 0, 122))
    hearth = boxes(Paint(color=(0.35, 0.34, 0.33), tile_cm=120), (90, 190, 3, 44, 0, 1.5))
    logs = [
        round_bar((22 + dx, -26, 9 + dz), (22 + dx, 26, 9 + dz), 6, wood((0.42, 0.28, 0.18), 0.05))
        for dx, dz in ((-6, 0), (7, 0), (0, 10))
    ]
    embers = ellipsoid((24, 0, 5), (14, 22, 6), Paint(color=(1.0, 0.42, 0.12), glow=0.8), 10, 6)
    return [
        textured("old_brick", boxes(paint, *rows)),
        textured("concrete_cast", hearth),
        textured("wood_grain", mantel, *logs),
        textured("smooth", inner, embers),
    ]


def television(width_cm: Number, cell: int, board: Rgb) -> list[Part]:
    """A television on a low board."""
    w, h = width_cm, width_cm * 0.56
    case = boxes(BLACK, (5, w + 3, h + 3, -4, 0, 62 + h / 2), (22, 50, 2, -2, 0, 49), (4, 10, 14, -6, 0, 55))
    screen = picture((-1.2, -w / 2, 62), (0, w, 0), (0, 0, h), cell, 4, paint=Paint(gloss=0.6, glow=0.15))
    unit = boxes(
        wood(board),
        (42, w + 50, 34, 0, 0, 30),
        (1.5, (w + 50) / 2 - 4, 30, 21.5, -(w + 50) / 4, 30),
        (1.5, (w + 50) / 2 - 4, 30, 21.5, (w + 50) / 4, 30),
    )
    feet = boxes(BLACK, *((4, 4, 13, x, y, 6.5) for x in (-17, 17) for y in (-w / 2 - 15, w / 2 + 15)))
    return [textured("smooth", case, feet), textured("wood_grain", unit), textured("artworks", screen)]
