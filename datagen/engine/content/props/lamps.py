"""Lamps; those that hang have their origin at the ceiling (cm, front towards +X)."""

import itertools

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
from ..shapes.shapes import boxes, disc, round_bar
from ..unreal_space import Number
from .seating import BLACK, BRASS, STEEL, wood

Rng = np.random.Generator
WARM, NEUTRAL = (1.0, 0.88, 0.68), (1.0, 0.98, 0.94)


def pendant(drop_cm: Number, shade: Rgb, shape: str = "bell") -> list[Part]:
    """A hanging lamp: a bell, a globe, a drum or a bare bulb."""
    cord = cylinder(0.7, -drop_cm, 0, BLACK, 6)
    paint, lit = Paint(color=shade, gloss=0.45, glow=0.06), Paint(color=WARM, glow=1.0)
    rose = cylinder(5, -2.5, 0, BLACK, 14)
    if shape == "globe":
        body = [
            ellipsoid((0, 0, -drop_cm - 15), (17, 17, 17), Paint(color=(1.0, 0.93, 0.80), glow=0.45), 18, 10)
        ]
    elif shape == "drum":
        body = [cylinder(30, -drop_cm - 30, -drop_cm, Paint(color=shade, glow=0.3), 24)]
        body.append(disc(28, -drop_cm - 30.6, -drop_cm - 30.1, lit, 24))
    elif shape == "bulb":
        body = [
            ellipsoid((0, 0, -drop_cm - 11), (5.5, 5.5, 8), lit, 12, 8),
            cylinder(2.2, -drop_cm - 5, -drop_cm, BRASS, 10),
        ]
    else:
        rings = circles((-drop_cm - 24, 24), (-drop_cm - 16, 21), (-drop_cm - 6, 9), (-drop_cm, 4))
        body = [tapered(rings, paint, 20), ellipsoid((0, 0, -drop_cm - 24), (9, 9, 5), lit, 12, 6)]
    return [textured("smooth", cord, rose, *body)]


def light_panel(
    length_cm: Number, width_cm: Number, color: Rgb = NEUTRAL, drop_cm: Number = 0.0
) -> list[Part]:
    """A flat luminaire at the ceiling, or hanging below it."""
    case = boxes(Paint(color=(0.92, 0.92, 0.92)), (width_cm + 6, length_cm + 6, 4, 0, 0, -drop_cm - 2))
    face = boxes(Paint(color=color, glow=0.9), (width_cm, length_cm, 1, 0, 0, -drop_cm - 4.4))
    wires = [cylinder(0.3, -drop_cm, 0, STEEL, 5)] if drop_cm else []
    hung = [moved(wire, 0, y, 0) for wire in wires for y in (-length_cm * 0.4, length_cm * 0.4)]
    return [textured("smooth", case, face, *hung)]


def track(length_cm: Number, count: int) -> list[Part]:
    """A ceiling track along Y with spotlights that point to +X."""
    rail = boxes(BLACK, (4, length_cm, 4, 0, 0, -2))
    heads: list[Mesh] = []
    for k in range(count):
        y = (k + 0.5) * length_cm / count - length_cm / 2
        head = [cylinder(6, -9, 9, BLACK, 12), disc(5, -9.6, -9.1, Paint(color=WARM, glow=1.0), 12)]
        heads += [turned(mesh, (4, y, -18), (40, 0, 0)) for mesh in head]
        heads.append(moved(cylinder(1, -18, -3, BLACK, 6), 0, y, 0))
    return [textured("smooth", rail, *heads)]


def high_bay(drop_cm: Number) -> list[Part]:
    """An industrial hanging lamp."""
    shade = tapered(
        circles((-drop_cm - 32, 30), (-drop_cm - 14, 24), (-drop_cm, 9)),
        Paint(color=(0.75, 0.77, 0.78), gloss=0.7),
        18,
    )
    face = disc(27, -drop_cm - 32.8, -drop_cm - 32.2, Paint(color=NEUTRAL, glow=1.0), 18)
    return [textured("smooth", cylinder(1, -drop_cm, 0, STEEL, 6), shade, face)]


def floor_lamp(shade: Rgb, style: str = "cone") -> list[Part]:
    """A floor lamp: a cone on a pole, a tripod, or an arc."""
    glow = Paint(color=shade, glow=0.35)
    if style == "tripod":
        legs = [
            round_bar((26 * np.cos(a), 26 * np.sin(a), 0), (0, 0, 112), 1.6, wood((0.55, 0.36, 0.22)))
            for a in (0.0, 2.1, 4.2)
        ]
        return [textured("wood_grain", *legs), textured("smooth", cylinder(24, 112, 150, glow, 20))]
    if style == "arc":
        bend = [(0, 0), (-6, 90), (8, 150), (40, 190), (80, 200), (110, 186)]
        pole = [round_bar((a, 0, b), (c, 0, d), 1.4, STEEL) for (a, b), (c, d) in itertools.pairwise(bend)]
        head = tapered(circles((160, 20), (176, 15), (186, 4)), Paint(color=shade, gloss=0.5, glow=0.1), 18)
        return [textured("smooth", cylinder(18, 0, 5, BLACK, 18), *pole, moved(head, 110, 0, 0))]
    pole = [cylinder(15, 0, 2.5, BLACK, 18), cylinder(1.4, 2.5, 140, BLACK, 8)]
    return [textured("smooth", *pole, tapered(circles((128, 24), (164, 14)), glow, 20))]


def desk_lamp(color: Rgb, height_cm: Number) -> list[Part]:
    """A jointed desk lamp on a table top."""
    paint = Paint(color=color, gloss=0.5)
    arm = [
        round_bar((0, 0, height_cm + 2), (-12, 0, height_cm + 28), 0.9, paint),
        round_bar((-12, 0, height_cm + 28), (12, 0, height_cm + 44), 0.9, paint),
    ]
    head = turned(tapered(circles((-10, 9), (0, 5)), paint, 14), (14, 0, height_cm + 44), (25, 0, 0))
    bulb = turned(
        disc(7.5, -10.5, -10.1, Paint(color=WARM, glow=1.0), 14), (14, 0, height_cm + 44), (25, 0, 0)
    )
    return [textured("smooth", moved(cylinder(8, 0, 2, paint, 16), 0, 0, height_cm), *arm, head, bulb)]


def table_lamp(foot: Rgb, height_cm: Number) -> list[Part]:
    """A lamp with a ceramic foot and a fabric shade."""
    base = tapered(circles((0, 6), (8, 9), (18, 4), (24, 1.5)), Paint(color=foot, gloss=0.6), 16)
    shade = tapered(circles((24, 15), (44, 10)), Paint(color=(1.0, 0.9, 0.72), glow=0.4), 18)
    return [textured("smooth", moved(base, 0, 0, height_cm), moved(shade, 0, 0, height_cm))]


def sconce(color: Rgb) -> list[Part]:
    """A wall lamp."""
    shade = tapered(circles((-10, 6), (10, 9)), Paint(color=(1.0, 0.9, 0.7), glow=0.5), 14)
    return [
        textured(
            "smooth",
            boxes(Paint(color=color, gloss=0.6), (4, 8, 16, 2, 0, 0), (10, 2, 2, 6, 0, -8)),
            moved(shade, 12, 0, 0),
        )
    ]


def chandelier(arms: int, radius_cm: Number, drop_cm: Number) -> list[Part]:
    """A ring of candle lamps on a chain."""
    pieces: list[Mesh] = [
        cylinder(1.2, -drop_cm, 0, BRASS, 6),
        ellipsoid((0, 0, -drop_cm - 6), (9, 9, 12), BRASS, 12, 8),
    ]
    for k in range(arms):
        a = 2 * np.pi * k / arms
        x, y = float(radius_cm * np.cos(a)), float(radius_cm * np.sin(a))
        pieces.append(round_bar((0, 0, -drop_cm - 12), (x, y, -drop_cm - 4), 1.1, BRASS, 6))
        pieces.append(moved(tapered(circles((0, 2), (3, 5)), BRASS, 10), x, y, -drop_cm - 6))
        pieces.append(moved(cylinder(1.6, -3, 8, Paint(color=(0.96, 0.94, 0.88)), 8), x, y, -drop_cm))
        pieces.append(ellipsoid((x, y, -drop_cm + 12), (2, 2, 4.5), Paint(color=WARM, glow=1.0), 8, 6))
    return [textured("smooth", *pieces)]


def exit_sign() -> list[Part]:
    """A lit green sign at the wall."""
    green = Paint(color=(0.10, 0.62, 0.30), glow=0.35)
    marks = boxes(
        Paint(color=(0.95, 1.0, 0.95), glow=0.4),
        (0.6, 8, 10, 5.4, -10, 0),
        (0.6, 14, 3, 5.4, 6, 0),
        (0.6, 4, 7, 5.4, 12, 0),
    )
    return [textured("smooth", boxes(green, (5, 40, 18, 2.5, 0, 0)), marks)]
