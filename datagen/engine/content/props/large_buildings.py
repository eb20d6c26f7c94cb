"""Tall and large buildings: towers, a church, a barn, walls (cm)."""

from dataclasses import replace

import numpy as np

from ..shapes.meshes import (
    Paint,
    Part,
    Rgb,
    Ring,
    circles,
    cylinder,
    dimmed,
    moved,
    panel,
    tapered,
    textured,
    turned,
)
from ..shapes.shapes import box
from ..shapes.weathering import weathered
from ..unreal_space import Number
from .house_fronts import House
from .house_roofs import roof_of
from .houses import cut_box
from .street import STEEL


def tower_block(
    rng: np.random.Generator,
    size: tuple[Number, Number, Number],
    color: Rgb,
    *,
    texture: str = "facade",
    tile_cm: Number = 3000.0,
    has_hut: bool = True,
) -> list[Part]:
    """A tall building in few triangles; windows are in its texture. Its middle is the origin."""
    depth, width, height = size
    paint = Paint(color=color, gloss=0.35 if texture == "curtain_wall" else 0.1, tile_cm=tile_cm)
    walls = cut_box(depth, width, height, replace(paint, tile_cm=tile_cm), cell_cm=300)
    walls = moved(walls, 0, 0, height / 2)
    rim = box((depth + 20, width + 20, 50), (0, 0, height + 10), Paint(color=dimmed(color, 0.9), tile_cm=300))
    huts = []
    if has_hut:
        size = (rng.uniform(200, 500), rng.uniform(200, 500), 200)
        place = (rng.uniform(-0.2, 0.2) * depth, rng.uniform(-0.2, 0.2) * width, height + 120)
        huts = [box(size, place, Paint(color=(0.62, 0.63, 0.65), tile_cm=300))]
    return [
        *weathered([textured(texture, walls)], rng, amount=0.14, scale_cm=1500, foot=0.2),
        textured("concrete", rim, *huts),
    ]


def church(rng: np.random.Generator, height_cm: Number = 2600.0) -> list[Part]:
    """A church tower with a spire and a clock; its middle is the origin."""
    stone, roof = (
        Paint(color=(0.84, 0.77, 0.66), tile_cm=420),
        Paint(color=(0.42, 0.50, 0.48), gloss=0.2, tile_cm=300),
    )
    body = moved(cut_box(560, 560, height_cm * 0.62, stone), 0, 0, height_cm * 0.31)
    belt = [
        box((600, 600, 30), (0, 0, height_cm * f), Paint(color=(0.90, 0.86, 0.78)))
        for f in (0.30, 0.50, 0.62)
    ]
    spire = tapered(
        [
            Ring(height_cm * 0.62, 300, 300, squareness=0.9),
            Ring(height_cm * 0.70, 190, 190, squareness=0.7),
            Ring(height_cm, 4, 4),
        ],
        roof,
        8,
    )
    clock = [
        turned(
            cylinder(110, -3, 3, Paint(color=(0.96, 0.95, 0.90)), 20), (0, 0, height_cm * 0.56), (90, yaw, 0)
        )
        for yaw in (0,)
    ]
    faces = [moved(clock[0], 282, 0, 0), moved(clock[0], -282, 0, 0)]
    slits = [
        box((4, 60, 190), (s * 281, y, height_cm * 0.40), Paint(color=(0.16, 0.16, 0.18)))
        for s in (-1, 1)
        for y in (-90, 90)
    ]
    cross = [box((6, 6, 120), (0, 0, height_cm + 50), STEEL), box((6, 60, 6), (0, 0, height_cm + 70), STEEL)]
    return [
        *weathered([textured("stonework", body)], rng, amount=0.14, scale_cm=500),
        textured("plaster", *belt),
        textured("smooth", spire, *faces, *slits, *cross),
    ]


def barn(rng: np.random.Generator) -> list[Part]:
    """A red barn with white trims and a big door."""
    look = House(
        width_cm=1300,
        depth_cm=1000,
        storeys=1,
        storey_cm=430,
        wall="planks",
        color=(0.66, 0.20, 0.16),
        roof="front",
        roof_color=(0.52, 0.50, 0.50),
        pitch=1.0,
        lit=0,
    )
    skin = Paint(color=look.color, gloss=0.05, tile_cm=240)
    walls = moved(
        cut_box(look.depth_cm, look.width_cm, look.eaves_cm, skin), -look.depth_cm / 2, 0, look.eaves_cm / 2
    )
    leaf, white = Paint(color=(0.58, 0.17, 0.14), tile_cm=200), Paint(color=(0.93, 0.91, 0.86))
    doors = [box((8, 190, 340), (5, side * 98, 172), leaf) for side in (-1, 1)]
    beams = [box((4, 420, 18), (10, 0, z), white) for z in (8, 350)]
    beams += [box((4, 16, 340), (10, y, 180), white) for y in (-200, -4, 200)]
    for side in (-1, 1):
        beams.append(turned(box((4, 385, 13), (0, 0, 0), white), (10.5, side * 98, 178), (0, 0, 60 * side)))
    beams += [
        box((6, 130, 130), (6, 0, 620), white),
        box((4, 104, 104), (9, 0, 620), Paint(color=(0.20, 0.15, 0.13))),
    ]
    return [
        *weathered([textured("planks", walls, *doors)], rng, amount=0.2, scale_cm=200),
        *roof_of(rng, look),
        textured("smooth", *beams),
    ]


def silo(height_cm: Number = 1100.0) -> list[Part]:
    """A steel silo."""
    steel = Paint(color=(0.72, 0.74, 0.76), gloss=0.5, tile_cm=200)
    dome = tapered(
        circles((height_cm, 215), (height_cm + 60, 190), (height_cm + 130, 90), (height_cm + 150, 10)),
        steel,
        20,
    )
    hoops = [
        cylinder(216, z, z + 8, Paint(color=(0.55, 0.57, 0.58), gloss=0.5), 20)
        for z in range(100, int(height_cm), 130)
    ]
    return [textured("concrete", cylinder(212, 0, height_cm, steel, 20)), textured("smooth", dome, *hoops)]


def wall_run(
    rng: np.random.Generator,
    length_cm: Number,
    height_cm: Number,
    color: Rgb,
    texture: str = "stonework",
    thick_cm: Number = 40.0,
) -> list[Part]:
    """A wall along Y with a coping."""
    core = panel(
        (thick_cm / 2, -length_cm / 2, 0),
        (0, length_cm, 0),
        (0, 0, height_cm),
        Paint(color=color, tile_cm=420),
        100,
    )
    back = panel(
        (-thick_cm / 2, length_cm / 2, 0),
        (0, -length_cm, 0),
        (0, 0, height_cm),
        Paint(color=color, tile_cm=420),
        100,
    )
    ends = [
        panel(
            (s * thick_cm / 2, s * length_cm / 2, 0),
            (-s * thick_cm, 0, 0),
            (0, 0, height_cm),
            Paint(color=color, tile_cm=420),
        )
        for s in (1, -1)
    ]
    coping = box(
        (thick_cm + 14, length_cm + 10, 12),
        (0, 0, height_cm + 4),
        Paint(color=dimmed(color, 0.9), tile_cm=300),
    )
    return [
        *weathered([textured(texture, core, back, *ends)], rng, amount=0.18),
        textured("concrete", coping),
    ]
