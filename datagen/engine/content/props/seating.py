"""Seats, each in its own frame (cm, origin on the floor, front towards +X)."""

from dataclasses import dataclass

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    circles,
    cylinder,
    ellipsoid,
    panelled_box,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import BoxRow, boxes, disc, legs, round_bar, rounded
from ..unreal_space import Number

STEEL = Paint(color=(0.62, 0.63, 0.65), gloss=0.7)
BLACK = Paint(color=(0.07, 0.07, 0.08), gloss=0.4)
BRASS = Paint(color=(0.80, 0.62, 0.32), gloss=0.7)
CHROME = Paint(color=(0.80, 0.81, 0.83), gloss=0.9)


def wood(color: Rgb, gloss: Number = 0.25) -> Paint:
    """A wooden surface."""
    return Paint(color=color, gloss=gloss, tile_cm=130)


def cloth(color: Rgb, tile_cm: Number = 70.0) -> Paint:
    """An upholstered surface."""
    return Paint(color=color, gloss=0.05, tile_cm=tile_cm)


@dataclass(frozen=True, kw_only=True)
class ChairStyle:
    """A chair: ``back`` is slats, spindles or panel; ``is_padded`` gives it a seat of fabric."""

    wood: Rgb
    seat: Rgb
    back: str = "slats"
    is_padded: bool = True
    is_metal: bool = False
    height_cm: Number = 84.0


def chair(style: ChairStyle) -> list[Part]:
    """A dining or cafe chair."""
    frame = Paint(color=style.wood, gloss=0.5, tile_cm=130) if style.is_metal else wood(style.wood)
    top, texture = style.height_cm, "metal" if style.is_metal else "wood_grain"
    thick = 2.4 if style.is_metal else 3.6
    frames = [legs(frame, thick, 36, 37, 44)]
    frames.append(boxes(frame, (thick, thick, top, -19, -19, top / 2), (thick, thick, top, -19, 19, top / 2)))
    frames.append(boxes(frame, (38, 2, 4, 0, -18, 40), (38, 2, 4, 0, 18, 40), (2, 36, 3, 14, 0, 22)))
    frames.append(_back(style, frame))
    if style.is_padded:
        return [
            textured(texture, *frames),
            textured("tweed", rounded((42, 43, 7), (1, 0, 46), cloth(style.seat))),
        ]
    return [
        textured(
            texture, *frames, boxes(Paint(color=style.seat, gloss=0.3, tile_cm=130), (42, 43, 3, 1, 0, 45))
        )
    ]


def _back(style: ChairStyle, frame: Paint) -> Mesh:
    top = style.height_cm
    if style.back == "slats":
        return boxes(frame, *((2, 36, 7, -20, 0, z) for z in (top - 6, top - 19, top - 32)))
    if style.back == "spindles":
        rows: list[BoxRow] = [(1.6, 1.6, top - 50, -19.5, y, (top + 46) / 2) for y in (-12, -6, 0, 6, 12)]
        return boxes(frame, *rows, (2.6, 40, 6, -20, 0, top - 3))
    return boxes(frame, (2.5, 37, top - 58, -20, 0, top - (top - 58) / 2 - 2))


def stool(height_cm: Number, seat: Rgb, metal: Rgb = (0.15, 0.15, 0.16)) -> list[Part]:
    """A bar stool with a ring for the feet."""
    paint = Paint(color=metal, gloss=0.5)
    spread = 12 + 0.12 * height_cm
    bars = [
        round_bar((9 * x, 9 * y, height_cm - 4), (spread * x, spread * y, 0), 1.4, paint, 6)
        for x in (-0.7, 0.7)
        for y in (-0.7, 0.7)
    ]
    ring = cylinder(spread * 0.92, 24, 26, paint, 16)
    top = disc(18, height_cm - 4, height_cm, wood(seat), 20)
    return [textured("smooth", *bars, ring), textured("wood_grain", top)]


def office_chair(color: Rgb) -> list[Part]:
    """A swivel chair on castors."""
    base: list[Mesh] = [cylinder(2.5, 8, 42, STEEL, 10)]
    for arm in range(5):
        base.append(turned(panelled_box((30, 4, 4), (15, 0, 8), BLACK), (0, 0, 0), (0, 72 * arm, 0)))
        base.append(
            turned(ellipsoid((29, 0, 3.2), (3.2, 2.2, 3.2), BLACK, 8, 6), (0, 0, 0), (0, 72 * arm, 0))
        )
    base += [panelled_box((24, 5, 3), (4, y, 68), BLACK) for y in (-27, 27)]
    base += [panelled_box((4, 3, 24), (0, y, 56), BLACK) for y in (-27, 27)]
    base.append(round_bar((-14, 0, 44), (-27, 0, 62), 2.0, BLACK, 8))
    seat = rounded((48, 50, 10), (0, 0, 47), cloth(color))
    back = turned(rounded((9, 46, 56), (0, 0, 0), cloth(color), 0.6), (-27, 0, 84), (-8, 0, 0))
    return [textured("smooth", *base), textured("tweed", seat, back)]


def sofa(length_cm: Number, color: Rgb, pillows: tuple[Rgb, ...] = (), texture: str = "tweed") -> list[Part]:
    """A sofa or, below 110 cm, an armchair."""
    paint, half = cloth(color, 90), length_cm / 2
    count = max(1, round((length_cm - 44) / 68))
    width = (length_cm - 44) / count
    body = [boxes(paint, (84, length_cm - 30, 22, 0, 0, 23))]
    body.append(rounded((26, length_cm - 8, 74), (-34, 0, 45), paint))
    body += [rounded((88, 22, 46), (0, side * (half - 11), 37), paint) for side in (-1, 1)]
    for index in range(count):
        y = (index + 0.5) * width - half + 22
        body.append(rounded((66, width - 1.5, 17), (10, y, 43), paint))
        body.append(turned(rounded((18, width - 3, 38), (0, 0, 0), paint), (-20, y, 66), (-10, 0, 0)))
    parts = [textured(texture, *body)]
    soft = [
        turned(
            rounded((14, 42, 40), (0, 0, 0), cloth(tint, 50), 0.4),
            (-5, side * (half - 40), 68),
            (-24, 14 * side, 0),
        )
        for side, tint in zip((-1, 1, 0), pillows, strict=False)
    ]
    if soft:
        parts.append(textured("fabric", *soft))
    feet = legs(wood((0.30, 0.19, 0.12)), 5, 70, length_cm - 24, 12)
    return [*parts, textured("wood_grain", feet)]


def tub_chair(color: Rgb, foot: Paint = BRASS) -> list[Part]:
    """A round armchair."""
    paint = cloth(color, 80)
    seat = tapered(circles((16, 30), (20, 34), (38, 35), (43, 30)), paint, 20)
    back: list[Mesh] = []
    for step in range(7):
        block = rounded((11, 22, 40), (-32, 0, 52), paint, 0.5, 10)
        back.append(turned(block, (0, 0, 0), (0, -75 + 25 * step, 0)))
    feet = cylinder(22, 0, 3, foot, 20), cylinder(3, 3, 17, foot, 10)
    return [textured("tweed", seat, *back), textured("smooth", *feet)]


def bench(length_cm: Number, color: Rgb, depth_cm: Number = 40.0, has_back: bool = False) -> list[Part]:
    """A wooden bench on metal feet."""
    slats: list[BoxRow] = [
        (depth_cm / 4 - 1.5, length_cm, 4, (k - 1.5) * depth_cm / 4, 0, 44) for k in range(4)
    ]
    if has_back:
        slats += [(3, length_cm, 9, -depth_cm / 2 - 3, 0, z) for z in (62, 76)]
    feet: list[BoxRow] = []
    for y in (-length_cm / 2 + 22, length_cm / 2 - 22):
        feet += [
            (depth_cm, 5, 4, 0, y, 40),
            (5, 5, 40, -depth_cm / 2 + 4, y, 20),
            (5, 5, 40, depth_cm / 2 - 4, y, 20),
        ]
        feet += [(3, 5, 44, -depth_cm / 2 - 4.5, y, 60)] if has_back else []
    return [textured("wood_grain", boxes(wood(color), *slats)), textured("smooth", boxes(BLACK, *feet))]


def booth(length_cm: Number, color: Rgb, panel_color: Rgb) -> list[Part]:
    """An upholstered bench with a high back, to stand against a wall."""
    paint = cloth(color, 80)
    count = max(1, round(length_cm / 60))
    step = length_cm / count
    places = [(index + 0.5) * step - length_cm / 2 for index in range(count)]
    soft = [rounded((48, step - 1, 14), (4, y, 42), paint) for y in places]
    soft += [rounded((12, step - 1, 46), (-20, y, 73), paint, 0.6) for y in places]
    case = boxes(wood(panel_color), (46, length_cm, 35, 3, 0, 17.5), (8, length_cm + 6, 104, -28, 0, 52))
    return [textured("leather", *soft), textured("wood_grain", case)]


def theatre_seats(count: int, color: Rgb) -> list[Part]:
    """A row of folding seats."""
    paint = cloth(color, 60)
    places = [(index + 0.5 - count / 2) * 56.0 for index in range(count)]
    soft = [turned(rounded((12, 48, 62), (0, 0, 0), paint, 0.6, 8), (-20, y, 66), (-9, 0, 0)) for y in places]
    soft += [
        turned(rounded((42, 46, 11), (0, 0, 0), paint, 0.6, 8), (-8, y, 58), (-62, 0, 0)) for y in places
    ]
    arms: list[BoxRow] = []
    for index in range(count + 1):
        y = (index - count / 2) * 56.0
        arms += [(34, 4, 5, -4, y, 62), (10, 4, 60, -14, y, 30)]
    return [textured("fabric", *soft), textured("wood_grain", boxes(wood((0.32, 0.20, 0.13)), *arms))]


def pouffe(radius_cm: Number, height_cm: Number, color: Rgb) -> list[Part]:
    """A round cushion to sit on."""
    r, h = radius_cm, height_cm
    shape = circles((0, r * 0.85), (h * 0.15, r), (h * 0.85, r), (h, r * 0.82))
    return [textured("fabric", tapered(shape, cloth(color, 60), 18))]
