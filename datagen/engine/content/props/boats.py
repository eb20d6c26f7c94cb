"""Boats, and what they are tied to (cm, bow towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Paint,
    Part,
    Rgb,
    Ring,
    circles,
    cylinder,
    loft,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import box, tube
from ..unreal_space import Number
from .outdoor import IRON, LAMP_GLASS, PALE_WOOD, WOOD
from .street import STEEL, WHITE


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
        Paint(color=(0.74, 0.66, 0.56), tile_cm=660),
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
