"""Fences and railings (cm, along Y)."""

import numpy as np

from ..shapes.meshes import (
    Paint,
    Part,
    Rgb,
    cylinder,
    moved,
    textured,
)
from ..shapes.shapes import box, prism, tube
from ..unreal_space import Number
from .outdoor import IRON


def picket_fence(
    length_cm: Number, color: Rgb = (0.95, 0.95, 0.93), *, height_cm: Number = 95.0
) -> list[Part]:
    """A fence of pales along Y."""
    paint = Paint(color=color, gloss=0.12, tile_cm=120)
    pales = []
    for y in np.arange(-length_cm / 2 + 8, length_cm / 2, 17).tolist():
        pales.append(
            prism(
                [
                    (y - 4.5, 6),
                    (y + 4.5, 6),
                    (y + 4.5, height_cm - 8),
                    (y, height_cm),
                    (y - 4.5, height_cm - 8),
                ],
                2,
                4,
                paint,
            )
        )
    rails = [box((3, length_cm, 7), (0, 0, z), paint) for z in (26, height_cm - 26)]
    posts = [
        box((8, 8, height_cm), (-3, y, height_cm / 2), paint)
        for y in np.arange(-length_cm / 2 + 4, length_cm / 2 + 1, 200).tolist()
    ]
    return [textured("planks", *pales, *rails, *posts)]


def rail_fence(rng: np.random.Generator, length_cm: Number, color: Rgb = (0.56, 0.44, 0.33)) -> list[Part]:
    """A fence of rough rails along Y."""
    paint, meshes = Paint(color=color, tile_cm=80), []
    count = max(2, round(length_cm / 220) + 1)
    for y in np.linspace(-length_cm / 2, length_cm / 2, count):
        meshes.append(tube([(0, y, -10), (rng.uniform(-3, 3), y, 128)], [8, 6.5], paint, 6))
    step = length_cm / (count - 1)
    for y in np.arange(-length_cm / 2, length_cm / 2 - 1, step).tolist():
        for z in (42, 78, 112):
            meshes.append(
                tube(
                    [(6, y - 12, z + rng.uniform(-5, 5)), (6, y + step + 12, z + rng.uniform(-5, 5))],
                    [4.6, 4.0],
                    paint,
                    5,
                )
            )
    return [textured("bark", *meshes)]


def railing(length_cm: Number, paint: Paint = IRON, *, height_cm: Number = 105.0) -> list[Part]:
    """A railing of thin bars along Y."""
    bars = [
        box((2.2, 2.2, height_cm - 8), (0, y, height_cm / 2), paint)
        for y in np.linspace(-length_cm / 2, length_cm / 2, max(3, int(length_cm / 16)))
    ]
    rails = [box((5, length_cm + 5, 5), (0, 0, z), paint) for z in (8, height_cm)]
    posts = [
        box((6, 6, height_cm), (0, y, height_cm / 2), paint)
        for y in np.linspace(-length_cm / 2, length_cm / 2, max(2, int(length_cm / 250) + 1))
    ]
    return [textured("smooth", *bars, *rails, *posts)]


def mesh_fence(length_cm: Number, height_cm: Number = 320.0, screen_cm: Number = 170.0) -> list[Part]:
    """A fence along Y as around sports courts: wires above a screen of cloth."""
    green = Paint(color=(0.20, 0.34, 0.27), gloss=0.3)
    posts = [cylinder(4, 0, height_cm, green, 8) for _ in range(max(2, int(length_cm / 300) + 1))]
    posts = [
        moved(one, 0, y, 0)
        for one, y in zip(posts, np.linspace(-length_cm / 2, length_cm / 2, len(posts)), strict=True)
    ]
    rails = [box((4, length_cm, 4), (0, 0, z), green) for z in (6, height_cm / 2, height_cm - 2)]
    # Thick enough for images of distant cameras.
    wires = [
        box((2.2, 2.2, height_cm - screen_cm), (0, y, (height_cm + screen_cm) / 2), green)
        for y in np.arange(-length_cm / 2 + 20, length_cm / 2, 40).tolist()
    ]
    wires += [box((2.2, length_cm, 2.2), (0, 0, z), green) for z in np.arange(screen_cm + 30, height_cm, 44)]
    cloth = Paint(color=(0.24, 0.42, 0.33), gloss=0.03, tile_cm=340)
    screen = box((1.6, length_cm - 10, screen_cm - 8), (0, 0, screen_cm / 2 + 4), cloth)
    return [textured("smooth", *posts, *rails, *wires), textured("stucco", screen)]
