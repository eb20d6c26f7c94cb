"""Things on a beach (cm, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Paint,
    Part,
    Rgb,
    cylinder,
    dimmed,
    ellipsoid,
    merged,
    textured,
    turned,
)
from ..shapes.shapes import box, prism, tube, two_sided
from .market import wedge
from .outdoor import PALE_WOOD, WOOD
from .street import STEEL, WHITE


def beach_hut(color: Rgb) -> list[Part]:
    """A striped changing hut."""
    boards, count, width = [], 9, 200.0
    for k in range(count):
        paint = Paint(color=color if k % 2 == 0 else (0.96, 0.95, 0.91), gloss=0.12, tile_cm=120)
        y = -width / 2 + (k + 0.5) * width / count
        boards.append(box((210, width / count, 205), (-105, y, 122), paint))
    gable = prism(
        [(-width / 2, 224), (width / 2, 224), (0, 300)], -210, 0, Paint(color=(0.96, 0.95, 0.91), tile_cm=120)
    )
    roof = [
        prism(o, -225, 22, Paint(color=dimmed(color, 0.7), tile_cm=150))
        for o in (
            [(-128, 203), (0, 300), (0, 309), (-128, 212)],
            [(0, 300), (128, 203), (128, 212), (0, 309)],
        )
    ]
    door = [
        box((5, 84, 178), (2, 0, 112), Paint(color=dimmed(color, 0.8), tile_cm=90)),
        box((4, 5, 12), (6, 30, 110), STEEL),
    ]
    stilts = [box((14, 14, 30), (x, y, 8), WOOD) for x in (-15, -195) for y in (-85, 85)]
    return [
        textured("planks", *boards, gable, *roof, *door, *stilts, box((70, 110, 8), (36, 0, 4), PALE_WOOD))
    ]


def beach_parasol(color: Rgb, towel: Rgb) -> list[Part]:
    """A leaning parasol over a towel."""
    wedges = []
    for k in range(10):
        a, b = (2 * np.pi * (k + s) / 10 for s in (0, 1))
        paint = Paint(color=color if k % 2 == 0 else (0.97, 0.95, 0.90), gloss=0.04)
        wedges.append(
            two_sided(
                wedge(
                    (0, 0, 218),
                    (118 * np.cos(a), 118 * np.sin(a), 172),
                    (118 * np.cos(b), 118 * np.sin(b), 172),
                    paint,
                )
            )
        )
    pole = cylinder(2.4, -20, 216, WHITE, 8)
    shade = turned(merged(*wedges, pole), (0, 0, 0), (7, 30, 6))
    cloth = [
        box((180, 11, 2), (70, -44 + 11 * k, 1.2), Paint(color=towel if k % 3 else (0.96, 0.94, 0.90)))
        for k in range(9)
    ]
    ball = ellipsoid((-90, 80, 19), (19, 19, 19), Paint(color=(0.95, 0.45, 0.20), gloss=0.4), 14, 9)
    return [textured("fabric", shade, *cloth), textured("smooth", ball)]


def lounger(color: Rgb) -> list[Part]:
    """A deck chair."""
    frame = [box((180, 4, 5), (0, y, 30), PALE_WOOD) for y in (-30, 30)] + [
        box((4, 60, 30), (x, 0, 15), PALE_WOOD) for x in (-70, 60)
    ]
    seat = box((112, 54, 6), (30, 0, 35), Paint(color=color, tile_cm=60))
    back = turned(box((80, 54, 6), (-40, 0, 0), Paint(color=color, tile_cm=60)), (-26, 0, 36), (-38, 0, 0))
    return [textured("planks", *frame), textured("fabric", seat, back)]


def lifeguard_chair() -> list[Part]:
    """A high white seat."""
    legs = [
        tube([(x, y, 0), (0.6 * x, 0.7 * y, 190)], [6, 5], WHITE, 6) for x in (-60, 60) for y in (-60, 60)
    ]
    seat = [
        box((80, 90, 8), (0, 0, 192), WHITE),
        box((6, 90, 70), (-38, 0, 230), Paint(color=(0.88, 0.22, 0.18))),
        box((90, 110, 5), (0, 0, 320), Paint(color=(0.88, 0.22, 0.18))),
    ]
    posts = [box((4, 4, 130), (x, y, 255), WHITE) for x in (-38, 38) for y in (-43, 43)]
    rungs = [box((4, 114 - 7 * k, 4), (55 - 5 * k, 0, 35 + 38 * k), WHITE) for k in range(4)]
    return [textured("smooth", *legs, *seat, *posts, *rungs)]
