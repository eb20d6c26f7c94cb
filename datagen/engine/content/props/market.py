"""A cafe's and a market's furniture (cm, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    circles,
    cylinder,
    dimmed,
    merged,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.organic import lump
from ..shapes.shapes import box, mesh_of, prism, two_sided
from ..unreal_space import Number
from .outdoor import IRON, PALE_WOOD, WOOD
from .street import WHITE


def parasol_table(rng: np.random.Generator, color: Rgb) -> list[Part]:
    """A cafe table with a parasol and three chairs."""
    top = [cylinder(40, 72, 75, WHITE, 18), cylinder(2.5, 0, 257, IRON, 8), cylinder(24, 0, 4, IRON, 14)]
    cloth, count = [], 12
    for k in range(count):
        paint = Paint(color=color if k % 2 == 0 else (0.95, 0.93, 0.88), gloss=0.04)
        a, b = (2 * np.pi * (k + s) / count for s in (0, 1))
        piece = wedge(
            (0, 0, 258),
            (135 * np.cos(a), 135 * np.sin(a), 214),
            (135 * np.cos(b), 135 * np.sin(b), 214),
            paint,
        )
        cloth.append(two_sided(piece))
    seats = []
    for turn in (40, 165, 280):
        away = 78 + rng.uniform(0, 12)
        where = (away * np.cos(np.radians(turn)), away * np.sin(np.radians(turn)), 0)
        seats.append(turned(_bistro_chair(color), where, (0, turn + 180 + rng.uniform(-15, 15), 0)))
    cups = [cylinder(4, 75, 83, Paint(color=(0.95, 0.95, 0.92), gloss=0.5), 9)]
    return [textured("smooth", *top, *seats, *(moved(c, 20, 8, 0) for c in cups)), textured("fabric", *cloth)]


def wedge(
    a: tuple[Number, Number, Number],
    b: tuple[Number, Number, Number],
    c: tuple[Number, Number, Number],
    paint: Paint,
) -> Mesh:
    return mesh_of(np.array([a, b, c], dtype=np.float64), np.array([[0, 1, 2]]), paint)


def _bistro_chair(color: Rgb) -> Mesh:
    legs = [cylinder(1.2, 0, 45, IRON, 5) for _ in range(4)]
    legs = [
        moved(leg, x, y, 0)
        for leg, (x, y) in zip(legs, ((16, 15), (16, -15), (-16, 15), (-16, -15)), strict=True)
    ]
    back = [box((2, 34, 14), (-17, 0, z), Paint(color=dimmed(color, 0.9), gloss=0.2)) for z in (62, 80)]
    posts = [box((2, 2, 44), (-17, y, 66), IRON) for y in (-16, 16)]
    return merged(*legs, cylinder(20, 45, 48, Paint(color=color, gloss=0.2), 12), *back, *posts)


def stall(rng: np.random.Generator, color: Rgb, *, goods: str = "fruit") -> list[Part]:
    """A market stall: a counter with crates of goods under a striped roof."""
    posts = [box((6, 6, 240), (x, y, 120), PALE_WOOD) for x in (-75, 75) for y in (-140, 140)]
    table = [box((110, 280, 5), (10, 0, 78), WOOD), box((5, 270, 72), (62, 0, 38), WOOD)]
    # The step that the back row of crates stands on.
    table.append(box((50, 270, 5), (-20, 0, 83), WOOD))
    cloth, count = [], 9
    for k in range(count):
        paint = Paint(color=color if k % 2 == 0 else (0.95, 0.93, 0.88), gloss=0.04)
        y = -155 + k * 310 / count
        outline = [(112, 226), (114, 229), (-98, 283), (-100, 280)]
        one = prism([(-a, b) for a, b in outline][::-1], 0, 310 / count, paint)
        cloth.append(moved(turned(one, (0, 0, 0), (0, 90, 0)), 0, y, 0))
        cloth.append(box((2, 310 / count, 20), (113, y + 155 / count, 218), paint))
    crates, heap = [], []
    fruits = (
        (0.86, 0.16, 0.14),
        (0.96, 0.58, 0.12),
        (0.94, 0.82, 0.24),
        (0.42, 0.62, 0.20),
        (0.46, 0.20, 0.40),
        (0.80, 0.42, 0.24),
    )
    for row, x in enumerate((-22, 36)):
        for y in np.linspace(-112, 112, 5):
            z = 84 + 9 * (1 - row)
            crates.append(box((50, 46, 16), (x, y, z), PALE_WOOD))
            fruit = Paint(color=fruits[int(rng.integers(len(fruits)))], gloss=0.35)
            if goods == "fruit":
                heap += [
                    lump(
                        rng,
                        (x + a, y + b, z + 10 + 3 * rng.random()),
                        (7.6, 7.6, 7.0),
                        fruit,
                        rough=0.05,
                        detail=1,
                    )
                    for a in (-16, 0, 16)
                    for b in (-14, 1, 15)
                ]
            else:
                heap += [
                    box(
                        (rng.uniform(12, 18), 9, rng.uniform(8, 26)),
                        (x + a, y + rng.uniform(-12, 12), z + 14),
                        Paint(color=tuple(rng.uniform(0.25, 0.95, 3).tolist()), gloss=0.3),
                    )
                    for a in (-14, 2, 16)
                ]
    sign = box((3, 90, 26), (118, 0, 196), Paint(color=(0.96, 0.92, 0.80)))
    return [
        textured("planks", *posts, *table, *crates),
        textured("fabric", *cloth),
        textured("smooth", *heap, sign),
    ]


def crate_stack(rng: np.random.Generator) -> list[Part]:
    """Empty crates and baskets."""
    boxes = []
    for k in range(int(rng.integers(3, 6))):
        one = box(
            (46, 58, 28),
            (0, 0, 14 + 29 * (k // 2)),
            Paint(color=dimmed((0.80, 0.66, 0.46), rng.uniform(0.75, 1.1)), tile_cm=60),
        )
        boxes.append(turned(one, (0, 62 * (k % 2), 0), (0, rng.uniform(-8, 8), 0)))
    return [textured("planks", *boxes)]


def barrel() -> list[Part]:
    """A wooden barrel with iron hoops."""
    side = circles((0, 27), (20, 33), (45, 36), (70, 33), (90, 27))
    hoops = [cylinder(r, z, z + 5, IRON, 16) for z, r in ((8, 31.5), (28, 35.4), (60, 35.2), (80, 31))]
    return [
        textured("planks", tapered(side, Paint(color=(0.55, 0.36, 0.22), tile_cm=70), 16)),
        textured("smooth", *hoops),
    ]
