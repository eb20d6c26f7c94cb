"""Doors, columns, beams, ducts and curtains (cm, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    Ring,
    circles,
    moved,
    tapered,
    textured,
)
from ..shapes.shapes import BoxRow, boxes, round_bar
from ..unreal_space import Number
from .seating import STEEL, cloth, wood

Rng = np.random.Generator
WARM, NEUTRAL = (1.0, 0.88, 0.68), (1.0, 0.98, 0.94)


def curtain(width_cm: Number, height_cm: Number, color: Rgb, texture: str = "tweed") -> list[Part]:
    """A pleated curtain facing +X; its origin is at its lower edge."""
    paint, count = cloth(color, 90), max(3, round(width_cm / 11))
    step = width_cm / count
    pleats: list[Mesh] = []
    for k in range(count):
        # Pleats of unequal depth, so that no two look the same.
        deep = 4.0 + 2.2 * np.sin(2.4 * k) + 0.8 * np.sin(5.1 * k)
        shape = [Ring(z, deep, step * 0.62, squareness=0.2) for z in (0, height_cm)]
        pleats.append(moved(tapered(shape, paint, 6), 0, (k + 0.5) * step - width_cm / 2, 0))
    return [textured(texture, *pleats)]


def radiator(length_cm: Number) -> list[Part]:
    """A ribbed radiator at the wall, 8 cm in front of it."""
    ribs: list[BoxRow] = [
        (7, 4, 52, 9, y, 38) for y in np.arange(-length_cm / 2, length_cm / 2, 6.5).tolist()
    ]
    feet: list[BoxRow] = [(5, 3, 14, 9, y, 7) for y in (-length_cm * 0.4, length_cm * 0.4)]
    return [textured("smooth", boxes(Paint(color=(0.93, 0.92, 0.89), gloss=0.4), *ribs, *feet))]


def duct(length_cm: Number, radius_cm: Number = 18.0) -> list[Part]:
    """A round air duct along Y, hanging from the ceiling."""
    pipe = round_bar(
        (0, -length_cm / 2, -radius_cm - 14),
        (0, length_cm / 2, -radius_cm - 14),
        radius_cm,
        Paint(color=(0.78, 0.79, 0.80), gloss=0.6, tile_cm=160),
        16,
    )
    joints = [
        round_bar((0, y - 2, -radius_cm - 14), (0, y + 2, -radius_cm - 14), radius_cm + 1.5, STEEL, 16)
        for y in np.arange(-length_cm / 2 + 60, length_cm / 2, 140).tolist()
    ]
    hangers: list[BoxRow] = [
        (1.5, 1.5, 16, 0, y, -8) for y in np.arange(-length_cm / 2 + 60, length_cm / 2, 280).tolist()
    ]
    return [textured("metal", pipe), textured("smooth", *joints, boxes(STEEL, *hangers))]


def column(
    height_cm: Number, width_cm: Number, texture: str, paint: Paint, is_round: bool = False
) -> list[Part]:
    """A pillar with a base and a capital."""
    pieces = max(2, round(height_cm / 60))
    step = height_cm / pieces
    if is_round:
        rings = [(k * step, width_cm / 2) for k in range(pieces + 1)]
        shaft: Mesh = tapered(circles(*rings), paint, 20)
    else:
        shaft = boxes(paint, *((width_cm, width_cm, step, 0, 0, (k + 0.5) * step) for k in range(pieces)))
    w = width_cm
    ends = boxes(paint, (w * 1.25, w * 1.25, 14, 0, 0, 7), (w * 1.25, w * 1.25, 14, 0, 0, height_cm - 7))
    return [textured(texture, shaft, ends)]


def beam(length_cm: Number, width_cm: Number, depth_cm: Number, texture: str, paint: Paint) -> list[Part]:
    """A ceiling beam along Y; its origin is at the ceiling."""
    pieces = max(1, round(length_cm / 90))
    step = length_cm / pieces
    rows: list[BoxRow] = [
        (width_cm, step, depth_cm, 0, (k + 0.5) * step - length_cm / 2, -depth_cm / 2) for k in range(pieces)
    ]
    return [textured(texture, boxes(paint, *rows))]


def door(
    color: Rgb,
    width_cm: Number = 95.0,
    height_cm: Number = 212.0,
    texture: str = "wood_grain",
    has_glass: bool = False,
) -> list[Part]:
    """A door leaf in its frame, facing +X."""
    white, paint, w, h = Paint(color=(0.93, 0.92, 0.89), gloss=0.3), wood(color), width_cm, height_cm
    posts = boxes(
        white,
        (9, 9, h + 6, 3, -w / 2 - 4.5, h / 2 + 3),
        (9, 9, h + 6, 3, w / 2 + 4.5, h / 2 + 3),
        (9, w, 8, 3, 0, h + 2),
    )
    rows: list[BoxRow] = [(5, w, h - 2, 2, 0, h / 2 - 1)]
    if not has_glass:
        rows += [
            (3, w * 0.34, h * 0.34, 5, side * w * 0.23, z) for side in (-1, 1) for z in (h * 0.27, h * 0.72)
        ]
    glass = (
        boxes(Paint(color=(0.35, 0.45, 0.50), gloss=0.9), (1, w * 0.55, h * 0.5, 5, 0, h * 0.66))
        if has_glass
        else None
    )
    handle = boxes(STEEL, (3, 4, 14, 6, w * 0.4, 104), (4, 12, 2, 8, w * 0.36, 106))
    return [
        textured("smooth", posts, handle, *([glass] if glass else [])),
        textured(texture, boxes(paint, *rows)),
    ]


def wall_trim(rng: Rng) -> list[Part]:
    """A switch, a socket and a vent, as walls have them."""
    white = Paint(color=(0.95, 0.95, 0.93), gloss=0.4)
    rows: list[BoxRow] = [
        (1.2, 8, 8, 0.6, 0, 110),
        (0.8, 4, 6, 1.4, 0, 110),
        (1.2, 15, 8, 0.6, float(rng.uniform(30, 60)), 30),
    ]
    vents: list[BoxRow] = [(1.5, 28, 1.4, 1, -60, 250 + 3 * k) for k in range(5)]
    return [textured("smooth", boxes(white, *rows), boxes(Paint(color=(0.7, 0.7, 0.7)), *vents))]


def truss(length_cm: float) -> list[Part]:
    """A steel truss along Y; its origin is at its top."""
    paint = Paint(color=(0.25, 0.40, 0.55), gloss=0.4)
    chords: list[BoxRow] = [(8, length_cm, 8, 0, 0, z) for z in (-4, -70)]
    count = int(length_cm / 110)
    step = length_cm / count
    bars = [
        round_bar(
            (0, -length_cm / 2 + step * k, -68 if k % 2 else -6),
            (0, -length_cm / 2 + step * (k + 1), -6 if k % 2 else -68),
            2.4,
            paint,
            6,
        )
        for k in range(count)
    ]
    return [textured("smooth", boxes(paint, *chords), *bars)]
