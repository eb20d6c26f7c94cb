"""Larger things that make a place: a bus shelter, a van, planters, a snowman (cm, front towards +X)."""

from itertools import pairwise

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    circles,
    cylinder,
    dimmed,
    ellipsoid,
    merged,
    moved,
    tapered,
    textured,
    turned,
)
from ..shapes.organic import lump
from ..shapes.shapes import box, prism, tube
from ..unreal_space import Number
from .outdoor import IRON, LAMP_GLASS, STONE, WOOD
from .shrubs import bush
from .street import GLASS

_SNOW = Paint(color=(0.95, 0.96, 0.99), gloss=0.05, tile_cm=200)


def planter_box(
    rng: np.random.Generator,
    length_cm: Number,
    color: Rgb = (0.50, 0.40, 0.32),
    leaf: Rgb = (0.36, 0.54, 0.26),
    petals: Rgb | None = None,
) -> list[Part]:
    """A long planter along Y, full of plants."""

    trough = box((48, length_cm, 52), (0, 0, 26), Paint(color=color, tile_cm=160))
    plants: list[Part] = []
    for y in np.arange(-length_cm / 2 + 32, length_cm / 2 - 20, 58).tolist():
        for part in bush(rng, rng.uniform(26, 36), leaf, leaves=64, height=1.1, petals=petals):
            plants.append(Part(mesh=moved(part.mesh, 0, y, 46), texture=part.texture))
    return [textured("planks", trough), textured("foliage", *(part.mesh for part in plants))]


def bus_shelter() -> list[Part]:
    """A glass shelter with a bench, open towards +X."""
    frame = [box((6, 6, 240), (x, y, 120), IRON) for x in (-70, 60) for y in (-190, 190)]
    roof = box((160, 400, 10), (-5, 0, 245), Paint(color=(0.30, 0.33, 0.36), gloss=0.4))
    pane = Paint(color=(0.62, 0.74, 0.78), gloss=0.85)
    glass = [box((2, 118, 180), (-70, y, 125), pane) for y in (-125, 0, 125)] + [
        box((110, 2, 180), (-8, s * 190, 125), pane) for s in (-1, 1)
    ]
    rails = [
        box(size, (x, y, z), IRON)
        for z in (34, 216)
        for size, x, y in (((4, 380, 4), -70, 0), ((130, 4, 4), -5, -190), ((130, 4, 4), -5, 190))
    ]
    bench = [
        box((36, 240, 5), (-44, 0, 46), WOOD),
        *(box((30, 5, 44), (-44, y, 22), IRON) for y in (-90, 90)),
    ]
    poster = box((4, 100, 150), (-66, 125, 125), Paint(color=(0.90, 0.42, 0.24)))
    shapes = [
        box((5, 30 + 20 * k, 18), (-65, 125, 80 + 34 * k), Paint(color=c))
        for k, c in enumerate(((0.96, 0.92, 0.80), (0.18, 0.30, 0.46), (0.96, 0.80, 0.30)))
    ]
    return [textured("smooth", *frame, roof, *rails, *glass, *bench, poster, *shapes)]


def van(color: Rgb) -> list[Part]:
    """A delivery van, 5 m long."""
    body = prism(
        [(-98, 34), (98, 34), (98, 150), (90, 225), (-90, 225), (-98, 150)],
        -250,
        120,
        Paint(color=color, gloss=0.6, tile_cm=300),
    )
    nose = turned(
        prism([(-95, 34), (95, 34), (95, 118), (-95, 118)], 0, 128, Paint(color=color, gloss=0.6)),
        (119, 0, 0),
        (0, 0, 0),
    )
    side = [(119, 112), (168, 112), (119, 220)]
    cab = turned(prism([(x, z) for x, z in side], -88, 88, GLASS), (0, 0, 0), (0, -90, 0))
    cab = turned(cab, (0, 0, 0), (0, 180, 0)) if cab.positions[:, 0].max() < 0 else cab
    wheels = [
        turned(
            merged(
                cylinder(34, -12, 12, Paint(color=(0.08, 0.08, 0.09)), 16),
                cylinder(19, -13, 13, Paint(color=(0.72, 0.73, 0.75), gloss=0.7), 10),
            ),
            (x, y, 34),
            (0, 0, 90),
        )
        for x in (-160, 165)
        for y in (-88, 88)
    ]
    lamps = [box((4, 26, 16), (247, s * 70, 78), LAMP_GLASS) for s in (-1, 1)] + [
        box((4, 16, 34), (-251, s * 82, 100), Paint(color=(0.8, 0.12, 0.1), gloss=0.5)) for s in (-1, 1)
    ]
    bumper = [box((14, 190, 20), (x, 0, 42), IRON) for x in (-250, 246)]
    band = [
        box((300, 1.5, 26), (-70, s * 98.5, 110), Paint(color=dimmed(color, 0.55), gloss=0.4))
        for s in (-1, 1)
    ]
    return [textured("smooth", body, nose, cab, *wheels, *lamps, *bumper, *band)]


def snowman(rng: np.random.Generator) -> list[Part]:
    """A snowman with a hat and a scarf."""
    balls = [
        lump(rng, (0, 0, z), (r, r, 0.92 * r), _SNOW, rough=0.04, detail=3, shade=0.2)
        for z, r in ((36, 46), (100, 34), (150, 23))
    ]
    coal, hat = Paint(color=(0.10, 0.10, 0.11)), Paint(color=(0.13, 0.13, 0.15), gloss=0.2)
    eyes = [ellipsoid((20, y, 156), (2.8, 2.8, 2.8), coal, 7, 5) for y in (-8, 8)] + [
        ellipsoid((33, 0, z), (3, 3, 3), coal, 7, 5) for z in (92, 108)
    ]
    nose = tube([(21, 0, 149), (42, 0, 146)], [3.4, 0.8], Paint(color=(0.95, 0.50, 0.12)), 7)
    scarf = [
        cylinder(20, 126, 136, Paint(color=(0.80, 0.16, 0.18)), 14),
        box((5, 12, 40), (24, 10, 112), Paint(color=(0.80, 0.16, 0.18))),
    ]
    arms = [tube([(0, s * 30, 105), (6, s * 72, 132)], [2.4, 1.4], WOOD, 5) for s in (-1, 1)]
    return [
        textured("snow", *balls),
        textured(
            "smooth", *eyes, nose, *scarf, cylinder(26, 168, 171, hat, 16), cylinder(17, 171, 200, hat, 16)
        ),
        textured("bark", *arms),
    ]


def column(height_cm: Number = 420.0, radius_cm: Number = 32.0, paint: Paint = STONE) -> list[Mesh]:
    """A round column with a base and a capital."""
    shape = [
        (0, 1.45),
        (16, 1.45),
        (18, 1.25),
        (30, 1.2),
        (34, 1.0),
        (0.4 * height_cm, 0.98),
        (height_cm - 46, 0.86),
        (height_cm - 40, 1.0),
        (height_cm - 30, 1.0),
        (height_cm - 16, 1.3),
        (height_cm, 1.35),
    ]
    return [tapered(circles(*((z, r * radius_cm) for z, r in shape)), paint, 16)]


def arch_panel(
    width_cm: Number,
    spring_cm: Number,
    top_cm: Number,
    paint: Paint,
    depth_cm: Number = 60.0,
    *,
    steps: int = 12,
) -> Mesh:
    """The wall over a round arch along Y: its opening has the full width, and starts at ``spring_cm``."""
    radius, pieces = width_cm / 2, []
    edges = radius * np.cos(np.linspace(np.pi, 0, steps + 1))
    for a, b in pairwise(edges):
        za, zb = (spring_cm + np.sqrt(max(radius**2 - e**2, 0.0)) for e in (a, b))
        pieces.append(prism([(a, za), (b, zb), (b, top_cm), (a, top_cm)], -depth_cm / 2, depth_cm / 2, paint))
    return merged(*pieces)
