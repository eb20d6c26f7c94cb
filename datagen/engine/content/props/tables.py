"""Tables, desks and counters, and what lies on them (cm, origin on the floor, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    circles,
    cylinder,
    ellipsoid,
    facing,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import BoxRow, boxes, disc, legs, picture, round_bar, rounded
from ..unreal_space import Number
from .seating import BLACK, CHROME, wood

Rng = np.random.Generator
PORCELAIN = Paint(color=(0.95, 0.94, 0.91), gloss=0.6)
_VIVID: tuple[Rgb, ...] = (
    (0.82, 0.25, 0.20),
    (0.18, 0.38, 0.60),
    (0.92, 0.72, 0.25),
    (0.25, 0.50, 0.36),
    (0.90, 0.52, 0.28),
    (0.88, 0.86, 0.80),
    (0.30, 0.28, 0.34),
    (0.55, 0.70, 0.74),
)


def vivid(rng: Rng) -> Rgb:
    """One of some strong colours."""
    return _VIVID[int(rng.integers(len(_VIVID)))]


def table(
    length_cm: Number, width_cm: Number, height_cm: Number, color: Rgb, style: str = "legs"
) -> list[Part]:
    """A rectangular table, long along Y: on legs, trestles or a metal frame."""
    top = boxes(wood(color), (width_cm, length_cm, 4, 0, 0, height_cm - 2))
    x, y, under = width_cm - 14, length_cm - 14, height_cm - 4
    if style == "legs":
        apron = boxes(
            wood(color), (3, y - 6, 9, x / 2, 0, under - 4.5), (3, y - 6, 9, -x / 2, 0, under - 4.5)
        )
        return [textured("wood_grain", top, legs(wood(color), 7, x, y, under), apron)]
    if style == "frame":
        rows: list[BoxRow] = [(x, 3, 3, 0, side * y / 2, z) for side in (-1, 1) for z in (1.5, under - 1.5)]
        return [
            textured("wood_grain", top),
            textured("smooth", boxes(BLACK, *rows), legs(BLACK, 4, x, y, under)),
        ]
    bars: list[Mesh] = []
    for side in (-1, 1):
        for lean in (-1, 1):
            bars.append(
                round_bar(
                    (lean * 6, side * (y / 2 - 12), under),
                    (lean * x / 2, side * (y / 2 - 12), 0),
                    2.4,
                    wood(color),
                )
            )
    wide = 12 + 0.45 * (x - 12)
    across: list[BoxRow] = [(wide, 5, 6, 0, side * (y / 2 - 12), under * 0.55) for side in (-1, 1)]
    bars.append(boxes(wood(color), (5, y - 24, 6, 0, 0, under * 0.55), *across))
    return [textured("wood_grain", top, *bars)]


def round_table(
    radius_cm: Number, height_cm: Number, color: Rgb, foot: Paint = BLACK, texture: str = "wood_grain"
) -> list[Part]:
    """A round table on one foot."""
    top = disc(radius_cm, height_cm - 3, height_cm, Paint(color=color, gloss=0.35, tile_cm=130))
    column = [cylinder(3, 2, height_cm - 3, foot, 12), cylinder(radius_cm * 0.62, 0, 2, foot, 24)]
    return [textured(texture, top), textured("smooth", *column)]


def desk(length_cm: Number, color: Rgb, drawers: Rgb) -> list[Part]:
    """A writing desk with a drawer unit; the person sits on its +X side."""
    top = boxes(wood(color), (75, length_cm, 3, 0, 0, 72.5))
    left = length_cm / 2 - 26
    metal = Paint(color=drawers, gloss=0.35)
    unit: list[BoxRow] = [(56, 40, 56, 4, left, 40)]
    fronts: list[BoxRow] = [(2, 37, 16, 33, left, z) for z in (22, 40, 58)]
    handles: list[BoxRow] = [(2, 12, 1.5, 35, left, z + 4) for z in (22, 40, 58)]
    frame = legs(metal, 5, 64, length_cm - 12, 71)
    modesty = boxes(metal, (2, length_cm - 20, 34, -30, 0, 52))
    cases = textured("metal", boxes(metal, *unit, *fronts), frame, modesty)
    return [textured("wood_grain", top), cases, textured("smooth", boxes(CHROME, *handles))]


def counter(
    length_cm: Number, front: tuple[str, Paint], top: tuple[str, Paint], height_cm: Number = 108.0
) -> list[Part]:
    """A bar or shop counter, long along Y, its front towards +X."""
    pieces = round(length_cm / 40)
    step = length_cm / pieces
    rows: list[BoxRow] = [
        (62, step, height_cm - 12, 0, (k + 0.5) * step - length_cm / 2, (height_cm - 12) / 2 + 8)
        for k in range(pieces)
    ]
    slabs: list[BoxRow] = [(76, length_cm + 12, 5, 4, 0, height_cm - 2.5)]
    plinth = boxes(BLACK, (54, length_cm - 6, 8, 0, 0, 4), (3, length_cm, 3, 36, 0, 22))
    return [
        textured(front[0], boxes(front[1], *rows)),
        textured(top[0], boxes(top[1], *slabs)),
        textured("smooth", plinth),
    ]


def crockery(rng: Rng, spread_x: Number, spread_y: Number, height_cm: Number, count: int = 4) -> list[Part]:
    """Cups on saucers, plates, a bottle and a vase, strewn on a table top."""
    things: list[Mesh] = []
    spots = _apart(rng, count, spread_x, spread_y)
    for x, y in spots:
        kind = int(rng.integers(5))
        paint = PORCELAIN if rng.random() < 0.6 else Paint(color=vivid(rng), gloss=0.6)
        if kind <= 1:
            saucer = tapered(circles((0, 4.5), (1.4, 7.5)), PORCELAIN, 12)
            cup = tapered(circles((1.2, 2.8), (3, 4.2), (8, 4.6)), paint, 10)
            coffee = cylinder(4.0, 7.6, 8.2, Paint(color=(0.25, 0.14, 0.08), gloss=0.5), 8)
            things += [moved(mesh, x, y, height_cm) for mesh in (saucer, cup, coffee)]
        elif kind == 2:
            plate = tapered(circles((0, 7), (1.8, 11.5)), paint, 14)
            cake = rounded((9, 6, 5), (0, 0, 4), Paint(color=(0.80, 0.58, 0.34), gloss=0.2), 0.6, 10)
            things += [moved(mesh, x, y, height_cm) for mesh in (plate, cake)]
        elif kind == 3:
            glass = Paint(color=(0.22, 0.40, 0.28) if rng.random() < 0.5 else (0.55, 0.30, 0.14), gloss=0.9)
            things.append(moved(_bottle(glass, rng.uniform(0.8, 1.1)), x, y, height_cm))
        else:
            vase = tapered(
                circles((0, 3), (4, 5), (11, 2.4), (13, 3)), Paint(color=vivid(rng), gloss=0.6), 14
            )
            stems = [
                turned(
                    ellipsoid((0, 0, 20), (2.6, 2.6, 2.2), Paint(color=vivid(rng)), 8, 5),
                    (x, y, height_cm),
                    (0, turn, lean),
                )
                for turn, lean in ((0, 8), (120, -10), (240, 4))
            ]
            stalks = [
                turned(
                    cylinder(0.4, 8, 20, Paint(color=(0.25, 0.45, 0.2)), 5),
                    (x, y, height_cm),
                    (0, turn, lean),
                )
                for turn, lean in ((0, 8), (120, -10), (240, 4))
            ]
            things += [moved(vase, x, y, height_cm), *stems, *stalks]
    return [textured("smooth", *things)] if things else []


def _bottle(paint: Paint, size: Number) -> Mesh:
    shape = ((0, 3.6), (16, 3.7), (20, 1.6), (27, 1.3), (28, 1.5))
    return tapered(circles(*((z * size, r * size) for z, r in shape)), paint, 8)


def bottles(rng: Rng, length_cm: Number, height_cm: Number, x_cm: Number = 0.0) -> list[Mesh]:
    """A row of bottles along Y."""
    row, y = [], -length_cm / 2 + 6
    while y < length_cm / 2 - 5:
        paint = Paint(color=vivid(rng), gloss=0.8)
        row.append(moved(_bottle(paint, rng.uniform(0.75, 1.15)), x_cm + rng.uniform(-3, 3), y, height_cm))
        y += rng.uniform(8.5, 14)
    return row


def computer(rng: Rng, height_cm: Number, wide: bool = False) -> list[Part]:
    """A monitor, a keyboard, a mouse and papers on a desk; the screen faces +X."""
    w, h = (78, 36) if wide else (56, 34)
    case = boxes(
        BLACK,
        (3, w + 3, h + 3, -12, 0, height_cm + 12 + h / 2),
        (18, 22, 1.5, -14, 0, height_cm + 0.7),
        (3, 5, 20, -15, 0, height_cm + 10),
    )
    keys = boxes(
        Paint(color=(0.75, 0.76, 0.78), gloss=0.2),
        (14, 43, 1.8, 14, -2, height_cm + 0.9),
        (10, 6, 2.5, 15, 29, height_cm + 1.2),
    )
    screen = picture(
        (-10.3, -w / 2, height_cm + 12),
        (0, w, 0),
        (0, 0, h),
        int(rng.integers(16)),
        4,
        paint=Paint(gloss=0.5, glow=0.18),
    )
    paper = [
        turned(
            picture((-10, -15, 0), (0, 21, 0), (-29, 0, 0), int(rng.integers(4)) * 4 + 1, 4),
            (0, 0, height_cm + 0.5),
            (0, rng.uniform(-25, 25), 0),
        )
        for _ in range(1)
    ]
    papers = facing([textured("screens", *paper)], 0, 14, 48)
    mug = moved(
        tapered(circles((0, 3.6), (9, 4)), Paint(color=vivid(rng), gloss=0.6), 12), 10, -42, height_cm
    )
    return [textured("smooth", case, keys, mug), textured("screens", screen), *papers]


def laptop(rng: Rng, height_cm: Number) -> list[Part]:
    """An open laptop facing +X."""
    base = boxes(Paint(color=(0.72, 0.73, 0.75), gloss=0.6), (23, 33, 1.6, 0, 0, height_cm + 0.8))
    lid = turned(
        boxes(Paint(color=(0.72, 0.73, 0.75), gloss=0.6), (1.2, 33, 22, 0, 0, 11)),
        (-11.5, 0, height_cm + 1),
        (14, 0, 0),
    )
    face = picture(
        (0.8, -15, 2), (0, 30, 0), (0, 0, 18.5), int(rng.integers(16)), 4, paint=Paint(gloss=0.5, glow=0.18)
    )
    keys = boxes(BLACK, (11, 29, 0.4, -1, 0, height_cm + 1.8))
    return [
        textured("smooth", base, lid, keys),
        textured("screens", turned(face, (-11.5, 0, height_cm + 1), (14, 0, 0))),
    ]


def book_pile(rng: Rng, height_cm: Number, count: int = 4) -> list[Part]:
    """Books lying on each other."""
    piled, z = [], height_cm
    for _ in range(count):
        thick = rng.uniform(1.8, 4.5)
        cover = boxes(
            Paint(color=vivid(rng), gloss=0.25),
            (rng.uniform(15, 22), rng.uniform(21, 30), thick, 0, 0, thick / 2),
        )
        piled.append(turned(cover, (0, 0, z), (0, rng.uniform(-25, 25), 0)))
        z += thick
    return [textured("smooth", *piled)]


def _apart(rng: Rng, count: int, spread_x: Number, spread_y: Number) -> list[tuple[float, float]]:
    """Places at least 15 cm from each other."""
    found: list[tuple[float, float]] = []
    for _ in range(60):
        x, y = float(rng.uniform(-spread_x, spread_x)), float(rng.uniform(-spread_y, spread_y))
        if len(found) < count and all(np.hypot(x - a, y - b) > 25 for a, b in found):
            found.append((x, y))
    return found
