"""A railway: a train, its tracks, and a platform's roof and signs (cm)."""

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    circles,
    cylinder,
    dimmed,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import box, prism, quad, tube
from ..unreal_space import Number
from .outdoor import IRON
from .street import GLASS, STEEL


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
