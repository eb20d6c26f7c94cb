"""Kitchen and cafe equipment (cm, origin on the floor, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    circles,
    cylinder,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import BoxRow, boxes, disc, round_bar, rounded
from ..unreal_space import Number
from .machines import BRUSHED, DARK, WHITE
from .seating import BLACK, CHROME, STEEL

Rng = np.random.Generator


def espresso_machine(color: Rgb, height_cm: Number) -> list[Part]:
    """A two-group espresso machine on a counter, with cups on top."""
    paint, z = Paint(color=color, gloss=0.7), height_cm
    body = boxes(paint, (44, 74, 16, 0, 0, z + 36), (14, 74, 22, -15, 0, z + 17))
    steel = boxes(CHROME, (42, 70, 4, 2, 0, z + 4), (46, 76, 2, 0, 0, z + 45))
    groups = [moved(cylinder(4, 20, 28, CHROME, 12), 10, y, z) for y in (-18, 18)]
    grips = [round_bar((12, y, z + 21), (30, y, z + 19), 1.5, BLACK) for y in (-18, 18)]
    cups = [
        moved(tapered(circles((0, 3), (6, 4)), WHITE, 10), x, y, z + 46)
        for x in (-10, 0, 10)
        for y in range(-30, 31, 12)
    ]
    grinder = [
        cylinder(8, 0, 26, BLACK, 14),
        tapered(circles((26, 5), (44, 10)), Paint(color=(0.3, 0.2, 0.12), gloss=0.8), 14),
    ]
    ground = [moved(mesh, 0, 58, z) for mesh in grinder]
    return [textured("smooth", body, *groups, *grips, *cups, *ground), textured("metal", steel)]


def pastry_case(length_cm: Number) -> list[Part]:
    """An open display with cakes on three glass shelves."""
    frame = boxes(
        CHROME,
        *((3, 3, 66, x, y, 133) for x in (-24, 24) for y in (-length_cm / 2 + 2, length_cm / 2 - 2)),
        (52, length_cm, 3, 0, 0, 166),
    )
    shelves = boxes(
        Paint(color=(0.75, 0.82, 0.80), gloss=0.8),
        *((50, length_cm - 6, 1.5, 0, 0, z) for z in (110, 128, 147)),
    )
    cakes: list[Mesh] = []
    tints = (
        (0.82, 0.60, 0.34),
        (0.35, 0.20, 0.13),
        (0.92, 0.85, 0.70),
        (0.80, 0.35, 0.38),
        (0.90, 0.72, 0.40),
    )
    for row, z in enumerate((110.8, 128.8, 147.8)):
        for k, y in enumerate(np.arange(-length_cm / 2 + 14, length_cm / 2 - 10, 19).tolist()):
            paint = Paint(color=tints[(k * 2 + row) % 5], gloss=0.25, tile_cm=30)
            cake = (
                cylinder(7, 0, 6, paint, 12)
                if (k + row) % 2
                else rounded((16, 12, 6), (0, 0, 3), paint, 0.5, 10)
            )
            cakes += [moved(cake, x, y, z) for x in (-12, 10)]
    return [textured("smooth", frame, shelves, *cakes)]


def fridge(color: Rgb, width_cm: Number = 70.0, height_cm: Number = 190.0) -> list[Part]:
    """A fridge with a freezer compartment."""
    paint = Paint(color=color, gloss=0.6, tile_cm=110)
    doors = boxes(
        paint,
        (66, width_cm, height_cm - 6, 0, 0, height_cm / 2 + 3),
        (4, width_cm - 2, height_cm * 0.62, 35, 0, height_cm * 0.67),
        (4, width_cm - 2, height_cm * 0.30, 35, 0, height_cm * 0.19),
    )
    grips = boxes(
        CHROME,
        (4, 2, 40, 39, width_cm * 0.38, height_cm * 0.62),
        (4, 2, 24, 39, width_cm * 0.38, height_cm * 0.24),
    )
    return [textured("metal", doors), textured("smooth", grips, boxes(BLACK, (58, width_cm - 4, 6, 0, 0, 3)))]


def kitchen_unit(
    length_cm: Number, color: Rgb, top: tuple[str, Paint], sink: bool = False, hob: bool = False
) -> list[Part]:
    """Base cupboards with a worktop, and a sink or a hob with an oven."""
    count = max(1, round(length_cm / 60))
    step = length_cm / count
    places = [(k + 0.5) * step - length_cm / 2 for k in range(count)]
    paint = Paint(color=color, gloss=0.3, tile_cm=130)
    body: list[BoxRow] = [(56, length_cm, 78, 0, 0, 48)]
    oven_at = count // 2 if hob else -1
    fronts: list[BoxRow] = []
    for k, y in enumerate(places):
        if k != oven_at:
            split = ((k + count) % 3) == 0
            fronts += (
                [(2.4, step - 1, 24, 29, y, z) for z in (22, 48, 74)]
                if split
                else [(2.4, step - 1, 76, 29, y, 48)]
            )
    handles: list[BoxRow] = [(3, 16, 1.5, 31.5, row[4], row[5] + row[2] * 0.4) for row in fronts]
    slab = boxes(top[1], *((64, step, 4, 2, y, 89) for y in places))
    extras: list[Mesh] = [boxes(BLACK, (50, length_cm - 2, 9, 0, 0, 4.5)), boxes(CHROME, *handles)]
    if hob:
        y = places[oven_at]
        extras.append(
            boxes(
                DARK,
                (2.6, step - 2, 60, 29, y, 50),
                (3, step - 2, 11, 29, y, 82),
                (52, step - 4, 0.8, 2, y, 91.4),
            )
        )
        extras += [
            moved(disc(8, 91.8, 92.6, Paint(color=(0.05, 0.05, 0.05), gloss=0.8), 16), x, y + dy, 0)
            for x in (-10, 14)
            for dy in (-13, 13)
        ]
        pot = [
            cylinder(11, 92.6, 106, BRUSHED, 18),
            cylinder(11.6, 106, 107.4, STEEL, 18),
            cylinder(1.4, 107.4, 110, BLACK, 8),
        ]
        extras += [moved(mesh, -10, y - 13, 0) for mesh in pot]
    if sink:
        y = places[0]
        extras.append(boxes(CHROME, (40, 46, 0.8, 3, y, 91.4), (3, 3, 30, -20, y, 104)))
        extras.append(boxes(Paint(color=(0.35, 0.36, 0.38), gloss=0.6), (34, 40, 0.6, 3, y, 91.9)))
        extras.append(round_bar((-20, y, 119), (0, y, 114), 1.3, CHROME))
    return [
        textured("wood_grain", boxes(paint, *body, *fronts)),
        textured(top[0], slab),
        textured("smooth", *extras),
    ]


def wall_cupboards(length_cm: Number, color: Rgb, height_cm: Number = 72.0) -> list[Part]:
    """Wall cupboards; the origin is on the wall at the floor."""
    count = max(1, round(length_cm / 55))
    step = length_cm / count
    paint = Paint(color=color, gloss=0.3, tile_cm=130)
    places = [(k + 0.5) * step - length_cm / 2 for k in range(count)]
    rows: list[BoxRow] = [(33, length_cm, height_cm, 16.5, 0, 150 + height_cm / 2)]
    rows += [(2.2, step - 1, height_cm - 1, 34, y, 150 + height_cm / 2) for y in places]
    handles: list[BoxRow] = [(2.5, 1.5, 12, 36, y + step * 0.38, 162) for y in places]
    return [textured("wood_grain", boxes(paint, *rows)), textured("smooth", boxes(CHROME, *handles))]


def hood(width_cm: Number, top_cm: Number) -> list[Part]:
    """A cooker hood; its origin is on the wall at the floor, its chimney ends at ``top_cm``."""
    flare = tapered(circles((165, width_cm * 0.62), (195, 18)), BRUSHED, 4)
    turned_flare = turned(flare, (30, 0, 0), (0, 45, 0))
    return [
        textured("metal", turned_flare, boxes(BRUSHED, (26, 28, top_cm - 195, 24, 0, (top_cm + 195) / 2)))
    ]


def steel_table(length_cm: Number, shelf: bool = True) -> list[Part]:
    """A steel work table of a restaurant kitchen, with pans on its lower shelf."""
    rows: list[BoxRow] = [(70, length_cm, 4, 0, 0, 88), (64, length_cm - 8, 2, 0, 0, 28)]
    rows += [(4, 4, 86, x, y, 43) for x in (-31, 31) for y in (-length_cm / 2 + 5, length_cm / 2 - 5)]
    things: list[Mesh] = []
    if shelf:
        for k, y in enumerate(np.arange(-length_cm / 2 + 24, length_cm / 2 - 18, 38).tolist()):
            r, h = 10 + 3 * (k % 3), 10 + 8 * ((k * 2) % 3)
            things.append(
                moved(cylinder(r, 29, 29 + h, BRUSHED if k % 2 else DARK, 16), 4 - 10 * (k % 2), y, 0)
            )
    return [
        textured("metal", boxes(BRUSHED, *rows)),
        textured("smooth", *things, boxes(Paint(color=(0.85, 0.68, 0.42)), (30, 44, 3, 4, 0, 91.5))),
    ]


def range_cooker(length_cm: Number) -> list[Part]:
    """A restaurant range with burners, ovens and pots."""
    count = max(1, round(length_cm / 80))
    step = length_cm / count
    steel: list[BoxRow] = [(78, length_cm, 78, 0, 0, 49), (6, length_cm, 40, -38, 0, 108)]
    dark: list[BoxRow] = []
    pots: list[Mesh] = []
    for k in range(count):
        y = (k + 0.5) * step - length_cm / 2
        dark += [(3, step - 12, 36, 39, y, 42), (66, step - 8, 3, 2, y, 89.5)]
        dark += [(4, 5, 5, 41, y + dy, 78) for dy in (-26, -9, 9, 26)]
        for x, dy in ((-14, -18), (16, 18)):
            r = 11 + 3 * ((k + x) % 3)
            pots += [
                moved(cylinder(r, 91, 91 + r * 1.2, BRUSHED, 18), x, y + dy, 0),
                round_bar((x + r, y + dy, 100), (x + r + 22, y + dy, 103), 1.3, BLACK),
            ]
    return [
        textured("metal", boxes(BRUSHED, *steel)),
        textured("smooth", boxes(DARK, *dark), boxes(BLACK, (60, length_cm - 4, 10, 0, 0, 5)), *pots),
    ]
