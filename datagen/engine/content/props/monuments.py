"""A fountain, statues and a gazebo (cm)."""

import numpy as np

from ..shapes.meshes import (
    Paint,
    Part,
    Rgb,
    Ring,
    circles,
    cylinder,
    ellipsoid,
    loft,
    moved,
    tapered,
    textured,
)
from ..shapes.shapes import box, tube
from ..unreal_space import Number
from .outdoor import GOLD, STONE


def fountain() -> list[Part]:
    """A round stone fountain with two bowls and jets of water."""
    water = Paint(color=(0.56, 0.72, 0.78), gloss=0.85, tile_cm=220)
    rim = tapered(circles((0, 250), (14, 250), (16, 236), (50, 236), (52, 250), (62, 250)), STONE, 36)
    pool = cylinder(228, 62.2, 62.6, water, 36)
    stem = tapered(circles((60, 52), (72, 44), (80, 26), (150, 22), (158, 40)), STONE, 18)
    bowl = tapered(circles((150, 34), (165, 92), (176, 104), (182, 104)), STONE, 26)
    upper = tapered(circles((176, 18), (236, 14), (244, 40), (256, 50), (260, 50)), STONE, 18)
    knob = tapered(circles((255, 10), (270, 14), (285, 6), (300, 9), (312, 2)), STONE, 12)
    pools = [cylinder(97, 182.2, 182.6, water, 24), cylinder(45, 260.2, 260.5, water, 16)]
    spray = Paint(color=(0.90, 0.96, 1.0), gloss=0.8)
    jets = []
    for k in range(12):
        out = np.array([np.cos(2 * np.pi * k / 12), np.sin(2 * np.pi * k / 12)])
        line = [
            (*(out * r).tolist(), z) for r, z in ((100, 180), (116, 176), (130, 150), (138, 110), (142, 62))
        ]
        jets.append(tube(line, [1.2, 1.8, 2.0, 2.2, 3.0], spray, 5))
    return [
        textured("stonework", rim, stem, bowl, upper, knob),
        textured("water", pool, *pools),
        textured("smooth", *jets),
    ]


def statue(color: Rgb = (0.40, 0.52, 0.46)) -> list[Part]:
    """A draped bronze figure on a stone pedestal with steps."""
    bronze = Paint(color=color, gloss=0.45, tile_cm=120)
    steps = [box((2 * r, 2 * r, 20), (0, 0, 10 + 20 * k), STONE) for k, r in enumerate((260, 215, 170))]
    base = tapered(
        [
            Ring(z, r, r, squareness=1.0)
            for z, r in ((58, 112), (76, 112), (82, 86), (230, 82), (240, 100), (256, 100))
        ],
        STONE,
        4 * 6,
    )
    robe = loft(
        [
            Ring(256, 42, 52),
            Ring(300, 34, 42),
            Ring(360, 27, 34),
            Ring(400, 24, 36),
            Ring(424, 20, 42),
            Ring(438, 9, 14),
            Ring(446, 7, 7),
        ],
        bronze,
        16,
    )
    head = ellipsoid((3, 0, 464), (14, 12, 17), bronze, 14, 9)
    raised = tube([(4, 38, 424), (20, 62, 440), (34, 66, 492)], [10, 8, 6], bronze, 8)
    lowered = tube([(4, -38, 424), (12, -52, 380), (26, -44, 340)], [10, 8, 6], bronze, 8)
    return [
        textured("stonework", *steps, base),
        textured("plaster", robe, head, raised, lowered),
        textured("smooth", box((3, 60, 40), (85.5, 0, 150), GOLD)),
    ]


def obelisk(height_cm: Number = 900.0) -> list[Part]:
    """A stone needle on steps."""
    steps = [box((2 * r, 2 * r, 22), (0, 0, 11 + 22 * k), STONE) for k, r in enumerate((330, 275, 220))]
    shape = [
        Ring(z, r, r, squareness=1.0)
        for z, r in ((64, 150), (180, 140), (184, 90), (height_cm - 70, 56), (height_cm, 2))
    ]
    return [textured("stonework", *steps, tapered(shape, Paint(color=(0.86, 0.80, 0.72), tile_cm=300), 24))]


def gazebo() -> list[Part]:
    """An open wooden pavilion with eight posts."""
    white = Paint(color=(0.93, 0.92, 0.88), gloss=0.15, tile_cm=150)
    angles = np.arange(8) * np.pi / 4
    posts = [moved(cylinder(7, 20, 260, white, 8), 210 * np.cos(a), 210 * np.sin(a), 0) for a in angles]
    floor = cylinder(250, 0, 20, Paint(color=(0.66, 0.52, 0.38), tile_cm=240), 16)
    ring = tapered(circles((258, 232), (276, 232)), white, 16)
    roof = tapered(
        circles((276, 262), (360, 130), (420, 20), (450, 6)),
        Paint(color=(0.36, 0.46, 0.42), gloss=0.15, tile_cm=220),
        8,
    )
    rails = []
    for k in range(7):
        a, b = angles[k], angles[k + 1]
        p, q = np.array([np.cos(a), np.sin(a)]) * 210, np.array([np.cos(b), np.sin(b)]) * 210
        rails += [tube([(*p, z), (*q, z)], [3, 3], white, 5) for z in (50, 95)]
    return [textured("planks", floor), textured("smooth", *posts, ring, *rails), textured("roof_tiles", roof)]
