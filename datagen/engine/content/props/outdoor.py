"""Small things of streets and gardens: lanterns, bollards, pots, bicycles (cm, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Paint,
    Part,
    Rgb,
    Ring,
    circles,
    cylinder,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import box, prism, tube
from ..unreal_space import Number
from .shrubs import bush

WOOD = Paint(color=(0.60, 0.42, 0.27), gloss=0.1, tile_cm=140)
PALE_WOOD = Paint(color=(0.78, 0.66, 0.50), gloss=0.08, tile_cm=140)
IRON = Paint(color=(0.16, 0.17, 0.18), gloss=0.4)
STONE = Paint(color=(0.80, 0.76, 0.68), gloss=0.06, tile_cm=260)
GOLD = Paint(color=(0.86, 0.68, 0.30), gloss=0.7)
LAMP_GLASS = Paint(color=(1.0, 0.94, 0.78), gloss=0.6, glow=0.35)


def lantern(height_cm: Number = 380.0) -> list[Part]:
    """A cast-iron lantern."""
    shape = (
        (0, 22),
        (10, 22),
        (14, 14),
        (70, 12),
        (76, 7),
        (height_cm - 60, 5),
        (height_cm - 55, 9),
        (height_cm - 48, 5),
    )
    glass = tapered(
        [Ring(height_cm - 44, 13, 13, squareness=0.8), Ring(height_cm - 4, 20, 20, squareness=0.8)],
        LAMP_GLASS,
        8,
    )
    hat = tapered(
        [Ring(height_cm - 4, 25, 25, squareness=0.8), Ring(height_cm + 14, 9, 9), Ring(height_cm + 26, 2, 2)],
        IRON,
        8,
    )
    return [textured("smooth", tapered(circles(*shape), IRON, 10), glass, hat)]


def modern_lamp(height_cm: Number = 420.0) -> list[Part]:
    """A slim lamp with a disc."""
    gray = Paint(color=(0.62, 0.64, 0.66), gloss=0.5)
    return [
        textured(
            "smooth",
            cylinder(5, 0, height_cm, gray, 10),
            cylinder(34, height_cm, height_cm + 7, gray, 18),
            cylinder(30, height_cm - 2, height_cm - 0.5, LAMP_GLASS, 18),
        )
    ]


def bollard(color: Rgb = (0.25, 0.27, 0.29)) -> list[Part]:
    """A bollard."""
    return [
        textured(
            "smooth",
            tapered(
                circles((0, 10), (78, 8), (80, 10), (90, 9), (95, 3)), Paint(color=color, gloss=0.35), 10
            ),
        )
    ]


def flower_pot(
    rng: np.random.Generator, size_cm: Number = 30.0, petals: Rgb = (0.90, 0.32, 0.40)
) -> list[Part]:
    """A clay pot with a flowering plant."""

    pot = tapered(
        circles((0, 0.62 * size_cm), (0.9 * size_cm, 0.95 * size_cm), (1.0 * size_cm, 1.05 * size_cm)),
        Paint(color=(0.76, 0.42, 0.28), gloss=0.1, tile_cm=60),
        14,
    )
    plant = [
        Part(mesh=moved(part.mesh, 0, 0, 0.72 * size_cm), texture=part.texture)
        for part in bush(rng, 1.25 * size_cm, (0.32, 0.52, 0.22), leaves=90, petals=petals)
    ]
    return [textured("plaster", pot), *plant]


def picnic_table() -> list[Part]:
    """A table with two benches, long along Y."""
    top = [box((13, 190, 4), (x, 0, 74), WOOD) for x in (-28, -14, 0, 14, 28)]
    seats = [box((13, 190, 4), (s * x, 0, 44), WOOD) for s in (-1, 1) for x in (64, 78)]
    legs = [box((150, 7, 7), (0, y, 40), WOOD) for y in (-62, 62)] + [
        box((8, 7, 72), (x, y, 36), WOOD) for x in (-24, 24) for y in (-62, 62)
    ]
    feet = [box((8, 7, 42), (x, y, 21), WOOD) for x in (-68, 68) for y in (-62, 62)]
    return [textured("planks", *top, *seats, *legs, *feet)]


def hay_bale() -> list[Part]:
    """A round hay bale that lies along Y."""
    hay = Paint(color=(0.86, 0.72, 0.40), gloss=0.02, tile_cm=110)
    roll = turned(tapered(circles((-62, 60), (-58, 64), (58, 64), (62, 60)), hay, 20), (0, 0, 62), (0, 0, 90))
    return [textured("litter", roll)]


def bicycle() -> list[Part]:
    """A parked bicycle along X."""
    black, red = Paint(color=(0.10, 0.10, 0.11), gloss=0.3), Paint(color=(0.66, 0.14, 0.14), gloss=0.5)
    wheels = [
        tube(
            [(x + 33 * np.cos(a), 0, 35 + 33 * np.sin(a)) for a in np.linspace(0, 2 * np.pi, 21)],
            [1.9] * 21,
            black,
            6,
        )
        for x in (-52, 52)
    ]
    spokes = [
        tube(
            [(x, 0, 35), (x + 32 * np.cos(a), 0, 35 + 32 * np.sin(a))],
            [0.4, 0.4],
            Paint(color=(0.7, 0.7, 0.72)),
            3,
        )
        for x in (-52, 52)
        for a in np.arange(0, 6.2, 0.7).tolist()
    ]
    lines = (
        ((-52, 35), (-14, 36)),
        ((-14, 36), (-24, 88)),
        ((-52, 35), (-22, 80)),
        ((-14, 36), (36, 80)),
        ((-22, 80), (36, 82)),
        ((52, 35), (34, 96)),
    )
    frame = [tube([(a[0], 0, a[1]), (b[0], 0, b[1])], [1.8, 1.8], red, 6) for a, b in lines]
    bar = tube([(36, -26, 102), (34, 0, 98), (36, 26, 102)], [1.4] * 3, black, 6)
    saddle = box((26, 13, 6), (-24, 0, 91), black)
    stand = tube([(-20, 0, 34), (-26, 16, 1)], [1.2, 1.2], black, 5)
    return [textured("smooth", *wheels, *spokes, *frame, bar, saddle, stand)]


def mailbox(color: Rgb) -> list[Part]:
    """A mailbox on a post."""
    post = box((9, 9, 105), (0, 0, 52), Paint(color=(0.90, 0.89, 0.86), tile_cm=100))
    body = prism(
        [(-11, 105), (11, 105), (11, 120), (7, 129), (-7, 129), (-11, 120)],
        -22,
        24,
        Paint(color=color, gloss=0.4),
    )
    flag = box((3, 2, 14), (6, 12.5, 122), Paint(color=(0.85, 0.18, 0.14)))
    return [textured("planks", post), textured("smooth", body, flag)]
