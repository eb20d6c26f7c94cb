"""Wooden toys (cm)."""

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    Ring,
    circles,
    cylinder,
    dimmed,
    ellipsoid,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.organic import lump
from ..shapes.shapes import box, prism, quad, tube
from ..shapes.weathering import weathered
from ..unreal_space import Number

TOY = (
    (0.95, 0.44, 0.38),
    (0.98, 0.78, 0.36),
    (0.40, 0.70, 0.78),
    (0.60, 0.78, 0.48),
    (0.80, 0.60, 0.84),
    (0.98, 0.66, 0.50),
)


def toy_house(rng: np.random.Generator, color: Rgb, roof: Rgb, width: Number, storeys: int) -> list[Part]:
    """A block with a steep roof and big windows; its front faces +X."""
    height, depth = 230.0 * storeys, 0.85 * width
    wall = Paint(color=color, gloss=0.12, tile_cm=400)
    pieces = [
        box((10, 96, 170), (4, 0, 85), Paint(color=dimmed(roof, 0.8), gloss=0.3)),
        ellipsoid((11, 30, 84), (5, 5, 5), Paint(color=(0.98, 0.86, 0.40), gloss=0.5), 8, 6),
    ]
    for storey in range(storeys):
        for y in (-0.3 * width, 0.3 * width) if storey == 0 else (-0.28 * width, 0.0, 0.28 * width):
            z = 130 + 230 * storey
            pieces += _window(rng, y, z)
    half = width / 2 + 26
    gable = prism(
        [(-half, 0), (half, 0), (0, 0.62 * width)],
        -depth - 22,
        22,
        Paint(color=roof, gloss=0.15, tile_cm=260),
    )
    chimney = box(
        (46, 46, 130),
        (-0.5 * depth, 0.26 * width, height + 0.36 * width),
        Paint(color=(0.98, 0.92, 0.84), tile_cm=300),
    )
    body = box((depth, width, height), (-depth / 2, 0, height / 2), wall)
    return [
        *weathered([textured("planks", body)], rng, amount=0.06),
        textured("fabric", moved(gable, 0, 0, height)),
        textured("smooth", *pieces, chimney),
    ]


def _window(rng: np.random.Generator, y: Number, z: Number) -> list[Mesh]:
    """A window of the front: bars, curtains and a box of flowers of its own."""
    trim = Paint(color=dimmed((0.99, 0.96, 0.90), rng.uniform(0.82, 1.0)), gloss=0.2)
    tone = rng.uniform(0.65, 1.15)
    glass = Paint(color=(0.46 * tone, 0.66 * tone, 0.80 * tone), gloss=0.7)
    curtain = Paint(color=TOY[int(rng.integers(len(TOY)))], gloss=0.05)
    bar_y, bar_z = rng.uniform(-16, 16), rng.uniform(-20, 20)
    pieces = [
        box((8, 92, 104), (3, y, z), trim),
        quad((7.5, y - 37, z - 43), (0, 74, 0), (0, 0, 86), glass),
        box((4, 7, 86), (8, y + bar_y, z), trim),
        box((4, 74, 7), (8, y, z + bar_z), trim),
    ]
    for side in (-1, 1):
        width = rng.uniform(6, 22)
        pieces.append(box((1, width, 86), (8.2, y + side * (37 - width / 2), z), curtain))
    if rng.random() < 0.6:
        pieces.append(box((22, 84, 16), (16, y, z - 56), Paint(color=(0.72, 0.50, 0.34), gloss=0.1)))
        for place in np.linspace(-34, 34, 6):
            petals = Paint(color=TOY[int(rng.integers(len(TOY)))], gloss=0.1)
            center = (16, y + place + rng.uniform(-4, 4), z - 44 + rng.uniform(-3, 5))
            pieces.append(ellipsoid(center, (7, 7, 7), petals, 7, 5))
    return pieces


def toy_tree(rng: np.random.Generator, kind: int, height_cm: Number, color: Rgb) -> list[Part]:
    """A ball, a stack of cones or a block on a stick."""
    stick = cylinder(0.035 * height_cm, 0, 0.5 * height_cm, Paint(color=(0.72, 0.50, 0.34), tile_cm=100), 10)
    paint = Paint(color=color, gloss=0.08, tile_cm=140)
    tops: list[Mesh]
    if kind == 0:
        tops = [
            lump(
                rng,
                (0, 0, 0.68 * height_cm),
                (0.26 * height_cm, 0.26 * height_cm, 0.30 * height_cm),
                paint,
                rough=0.03,
                detail=2,
                shade=0.3,
            )
        ]
    elif kind == 1:
        tops = [
            tapered(
                circles(
                    ((0.26 + 0.22 * k) * height_cm, (0.26 - 0.06 * k) * height_cm),
                    ((0.62 + 0.19 * k) * height_cm, 2),
                ),
                paint,
                14,
            )
            for k in range(3)
        ]
    else:
        tops = [
            turned(box((0.3 * height_cm,) * 3, (0, 0, 0), paint), (0, 0, 0.55 * height_cm), (0, 20, 0)),
            turned(box((0.2 * height_cm,) * 3, (0, 0, 0), paint), (0, 0, 0.8 * height_cm), (0, 55, 0)),
        ]
    return [textured("planks", stick), textured("fabric", *tops)]


def toy_car(color: Rgb) -> list[Part]:
    """A round toy car along X."""
    body = turned(
        tapered([Ring(z, 42, 70, squareness=0.7) for z in (-150, 150)], Paint(color=color, gloss=0.5), 20),
        (0, 0, 72),
        (-90, 0, 0),
    )
    cabin = turned(
        tapered(
            [
                Ring(-75, 26, 55, squareness=0.6),
                Ring(-40, 40, 60, squareness=0.6),
                Ring(40, 40, 60, squareness=0.6),
                Ring(80, 24, 55, squareness=0.6),
            ],
            Paint(color=(0.50, 0.70, 0.82), gloss=0.7),
            18,
        ),
        (-12, 0, 122),
        (-90, 0, 0),
    )
    wheels = [
        turned(cylinder(36, -14, 14, Paint(color=(0.24, 0.24, 0.27)), 18), (x, y, 36), (0, 0, 90))
        for x in (-92, 92)
        for y in (-66, 66)
    ]
    hubs = [
        turned(
            cylinder(17, -15.5, 15.5, Paint(color=(0.98, 0.94, 0.86), gloss=0.3), 14), (x, y, 36), (0, 0, 90)
        )
        for x in (-92, 92)
        for y in (-66, 66)
    ]
    lamps = [
        ellipsoid((150, y, 78), (7, 14, 14), Paint(color=(1.0, 0.95, 0.74), glow=0.2), 10, 6)
        for y in (-40, 40)
    ]
    return [textured("smooth", body, cabin, *wheels, *hubs, *lamps)]


def rainbow() -> list[Part]:
    """A rainbow of painted wood across a street, in the plane x = 0."""
    bands = []
    for k, color in enumerate(
        (
            (0.94, 0.40, 0.38),
            (0.98, 0.66, 0.36),
            (0.99, 0.86, 0.44),
            (0.56, 0.78, 0.50),
            (0.42, 0.66, 0.84),
            (0.66, 0.52, 0.80),
        )
    ):
        radius = 760 - 52 * k
        arch = [(0, radius * np.cos(a), radius * np.sin(a)) for a in np.linspace(0, np.pi, 25)]
        bands.append(tube(arch, [27] * 25, Paint(color=color, gloss=0.15, tile_cm=120), 8))
    return [textured("fabric", *bands)]


def clouds(rng: np.random.Generator) -> list[Part]:
    """Clouds of wool that hang in the sky."""
    puffs = []
    for _ in range(9):
        a, away, up = rng.uniform(0, 6.28), rng.uniform(6000, 11000), rng.uniform(3600, 6000)
        for _ in range(4):
            center = (
                away * np.cos(a) + rng.uniform(-700, 700),
                away * np.sin(a) + rng.uniform(-700, 700),
                up + rng.uniform(-150, 150),
            )
            puffs.append(
                lump(
                    rng,
                    center,
                    (rng.uniform(500, 800), rng.uniform(500, 800), rng.uniform(260, 400)),
                    Paint(color=(1.0, 0.99, 0.98), glow=0.1, tile_cm=900),
                    rough=0.1,
                    detail=2,
                    shade=0.15,
                )
            )
    return [textured("plaster", *puffs)]
