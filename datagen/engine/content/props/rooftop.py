"""Things on flat roofs (cm, front towards +X)."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ..shapes.meshes import (
    Paint,
    Part,
    Rgb,
    circles,
    cylinder,
    dimmed,
    ellipsoid,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import box, tube
from ..unreal_space import Number, Triple
from .outdoor import IRON, PALE_WOOD
from .street import STEEL


def air_conditioner() -> list[Part]:
    """A roof unit with a fan."""
    case = Paint(color=(0.80, 0.81, 0.80), gloss=0.2, tile_cm=150)
    fins = [box((1.5, 118, 3), (46, 0, 30 + 8 * k), Paint(color=(0.55, 0.56, 0.56))) for k in range(9)]
    fan = [
        cylinder(36, 124, 128, IRON, 18),
        *(turned(box((64, 9, 1.5), (0, 0, 129), STEEL), (0, 0, 0), (0, 60 * k, 0)) for k in range(3)),
    ]
    feet = [box((12, 12, 14), (x, y, 7), IRON) for x in (-36, 36) for y in (-50, 50)]
    return [textured("smooth", box((90, 130, 112), (0, 0, 68), case), *fins, *fan, *feet)]


def water_tank() -> list[Part]:
    """A wooden tank on a steel frame, as on the roofs of New York."""
    staves = tapered(circles((260, 150), (540, 142)), Paint(color=(0.50, 0.38, 0.28), tile_cm=120), 22)
    roof = tapered(circles((540, 162), (650, 6)), Paint(color=(0.42, 0.36, 0.32), tile_cm=160), 18)
    hoops = [cylinder(152 - 0.02 * z, z, z + 5, IRON, 22) for z in (280, 340, 400, 460, 520)]
    legs = [
        tube([(x, y, 0), (0.8 * x, 0.8 * y, 260)], [8, 8], IRON, 6) for x in (-120, 120) for y in (-120, 120)
    ]
    beams = [box((240, 10, 12), (0, s * 98, 250), IRON) for s in (-1, 1)] + [
        box((10, 240, 12), (s * 98, 0, 250), IRON) for s in (-1, 1)
    ]
    return [textured("planks", staves, roof), textured("smooth", *hoops, *legs, *beams)]


def vent_pipe(height_cm: Number = 130.0) -> list[Part]:
    """A vent with a hood."""
    return [
        textured(
            "smooth",
            cylinder(14, 0, height_cm, STEEL, 12),
            tapered(circles((height_cm, 24), (height_cm + 8, 26), (height_cm + 26, 6)), STEEL, 12),
        )
    ]


def string_lights(points: Sequence[Triple]) -> list[Part]:
    """Bulbs on cords that hang between points."""
    cords, bulbs = [], []
    for a, b in pairwise(points):
        first, last = np.array(a, dtype=np.float64), np.array(b, dtype=np.float64)
        t = np.linspace(0, 1, 11)[:, None]
        line = (
            first
            + t * (last - first)
            - np.array([0, 0, 1.0]) * 4 * t * (1 - t) * 0.07 * np.linalg.norm(last - first)
        )
        cords.append(tube([tuple(p) for p in line], [0.7] * 11, IRON, 4))
        bulbs += [
            ellipsoid(
                (*(p - [0, 0, 6]).tolist(),),
                (4, 4, 5),
                Paint(color=(1.0, 0.88, 0.60), gloss=0.5, glow=0.8),
                7,
                5,
            )
            for p in line[1::2]
        ]
    return [textured("smooth", *cords, *bulbs)]


def garden_sofa(color: Rgb, seats: int = 2) -> list[Part]:
    """A low outdoor sofa."""
    width = 75 * seats
    frame = [
        box((84, width + 16, 12), (0, 0, 20), PALE_WOOD),
        box((8, width + 16, 50), (-40, 0, 42), PALE_WOOD),
        *(box((84, 6, 34), (0, s * (width / 2 + 6), 34), PALE_WOOD) for s in (-1, 1)),
        *(box((8, 8, 16), (x, s * width / 2, 8), PALE_WOOD) for x in (-34, 34) for s in (-1, 1)),
    ]
    soft, back = Paint(color=color, tile_cm=60), Paint(color=dimmed(color, 0.88), tile_cm=60)
    cushions = [box((72, 71, 15), (4, -width / 2 + 37.5 + 75 * k, 33), soft) for k in range(seats)]
    cushions += [
        turned(box((14, 70, 42), (0, 0, 20), back), (-26, -width / 2 + 37.5 + 75 * k, 40), (10, 0, 0))
        for k in range(seats)
    ]
    return [textured("planks", *frame), textured("fabric", *cushions)]
