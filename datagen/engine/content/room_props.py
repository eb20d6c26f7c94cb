"""Furniture, each piece in its own frame (cm, origin on the floor, front towards +X)."""

import numpy as np

from ..unreal_space import Number, world_from_local
from .meshes import (
    Mesh,
    Paint,
    Part,
    Rgb,
    Ring,
    box,
    cylinder,
    ellipsoid,
    merged,
    moved,
    panel,
    tapered,
    transformed,
)
from .street_props import plain

OAK = Paint(color=(0.72, 0.50, 0.30), gloss=0.25, tile_cm=120)
WALNUT = Paint(color=(0.42, 0.27, 0.17), gloss=0.3, tile_cm=120)
BLACK = Paint(color=(0.08, 0.08, 0.09), gloss=0.6)


def sofa(color: Rgb, cushion: Rgb) -> list[Part]:
    """A three-seat sofa."""
    cloth, pillow = Paint(color=color, gloss=0.05, tile_cm=40), Paint(color=cushion, gloss=0.05, tile_cm=30)
    body = [box((92, 230, 28), (0, 0, 24), cloth), box((24, 230, 82), (-40, 0, 41), cloth)]
    arms = [box((92, 24, 60), (0, y, 30), cloth) for y in (-115, 115)]
    seats = [box((66, 66, 14), (12, y, 45), cloth) for y in (-68, 0, 68)]
    pillows = [
        transformed(
            ellipsoid((0, 0, 0), (9, 24, 22), pillow, 12, 8), world_from_local((-20, y, 70), (18, 0, 0))
        )
        for y in (-80, 78)
    ]
    feet = [box((8, 8, 10), (x, y, 5), WALNUT) for x in (-36, 36) for y in (-110, 110)]
    return [Part(mesh=merged(body + arms + seats + pillows), texture="fabric"), plain(*feet)]


def table(length_cm: Number, width_cm: Number, height_cm: Number, wood: Paint = OAK) -> list[Part]:
    """A table on four legs."""
    top = box((width_cm, length_cm, 5), (0, 0, height_cm - 2.5), wood)
    inset_x, inset_y = width_cm / 2 - 6, length_cm / 2 - 6
    legs = [
        box((7, 7, height_cm - 5), (x, y, (height_cm - 5) / 2), wood)
        for x in (-inset_x, inset_x)
        for y in (-inset_y, inset_y)
    ]
    return [Part(mesh=merged([top, *legs]), texture="planks")]


def laid_table() -> list[Part]:
    """A dining table with fruit and cups."""
    fruit = [
        ellipsoid((x, y, 84), (5, 5, 5), Paint(color=c, gloss=0.4), 10, 7)
        for x, y, c in ((-4, 0, (0.9, 0.2, 0.15)), (5, 3, (0.98, 0.6, 0.1)), (2, -6, (0.5, 0.75, 0.2)))
    ]
    bowl = tapered(
        [Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r) for z, r in ((75, 8), (77, 14), (82, 19))],
        Paint(color=(0.20, 0.45, 0.60), gloss=0.7),
        16,
    )
    china = Paint(color=(0.95, 0.94, 0.90), gloss=0.6)
    cups = [moved(cylinder(4.5, 75, 84, china, 12), x, y, 0) for x, y in ((22, 48), (-20, -50))]
    return [*table(180, 90, 75), plain(*fruit, bowl, *cups)]


def chair(color: Rgb) -> list[Part]:
    """A dining chair."""
    seat = box((42, 42, 5), (0, 0, 45), Paint(color=color, tile_cm=40))
    back = [box((4, 42, 10), (-20, 0, z), OAK) for z in (66, 84)]
    legs = [box((4, 4, 43), (18, y, 21.5), OAK) for y in (-18, 18)] + [
        box((4, 4, 90), (-20, y, 45), OAK) for y in (-19, 19)
    ]
    return [Part(mesh=seat, texture="fabric"), Part(mesh=merged(back + legs), texture="planks")]


def bookcase(width_cm: Number) -> list[Part]:
    """A case of four shelves full of books."""
    case = [
        box((34, width_cm, 6), (0, 0, 213), WALNUT),
        box((34, width_cm, 10), (0, 0, 5), WALNUT),
        box((4, width_cm, 210), (-15, 0, 105), WALNUT),
    ]
    case += [box((34, 5, 214), (0, y, 107), WALNUT) for y in (-width_cm / 2, width_cm / 2)]
    inner = width_cm - 5
    books = panel((10, -inner / 2, 10), (0, inner, 0), (0, 0, 200), Paint(tile_cm=200))
    return [Part(mesh=merged(case), texture="planks"), Part(mesh=books, texture="books")]


def floor_lamp() -> list[Part]:
    """A standing lamp with a lit shade."""
    pole = [cylinder(16, 0, 3, BLACK, 16), cylinder(1.6, 3, 140, BLACK, 8)]
    shade = tapered(
        [Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r) for z, r in ((132, 27), (168, 18))],
        Paint(color=(1.0, 0.88, 0.66), glow=0.35),
        18,
    )
    return [plain(*pole, shade)]


def pot_plant(rng: np.random.Generator) -> list[Part]:
    """A big-leaved plant in a pot."""
    pot = tapered(
        [Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r) for z, r in ((0, 17), (36, 24), (40, 24))],
        Paint(color=(0.80, 0.42, 0.28), gloss=0.2),
        16,
    )
    leaves: list[Mesh] = []
    for index in range(16):
        leaf = ellipsoid(
            (24, 0, 0),
            (26, 9, 2),
            Paint(color=(0.22, 0.50 + 0.2 * rng.random(), 0.22), gloss=0.3, tile_cm=60),
            8,
            6,
        )
        turn = world_from_local((0, 0, float(55 + 5 * index)), (float(rng.uniform(20, 65)), index * 137.5, 0))
        leaves.append(transformed(leaf, turn))
    stem = cylinder(3, 36, 130, Paint(color=(0.35, 0.30, 0.18)), 8)
    return [plain(pot, stem), Part(mesh=merged(leaves), texture="leaves")]


def television() -> list[Part]:
    """A low sideboard with a screen that shows a picture."""
    board = [box((42, 200, 44), (0, 0, 30), OAK), box((36, 180, 8), (0, 0, 4), BLACK)]
    knobs = [box((3, 12, 3), (22.5, y, 34), BLACK) for y in (-50, 50)]
    screen = [box((6, 150, 88), (-8, 0, 104), BLACK), box((24, 60, 4), (-4, 0, 54), BLACK)]
    picture = panel(
        (-2.5, -71, 64), (0, 142, 0), (0, 0, 80), Paint(color=(1, 1, 1), gloss=0.6, glow=0.12, tile_cm=142)
    )
    return [
        Part(mesh=merged(board), texture="planks"),
        plain(*knobs, *screen),
        Part(mesh=picture, texture="painting"),
    ]


def painting(width_cm: Number, height_cm: Number, frame: Rgb) -> list[Part]:
    """A framed print to hang at its own origin, facing +X."""
    border = box((4, width_cm + 14, height_cm + 14), (0, 0, 0), Paint(color=frame, gloss=0.4))
    print_ = panel(
        (4.5, -width_cm / 2, -height_cm / 2), (0, width_cm, 0), (0, 0, height_cm), Paint(tile_cm=width_cm)
    )
    return [plain(border), Part(mesh=print_, texture="painting")]


def door() -> list[Part]:
    """A panelled door with its frame, facing +X."""
    white, leaf = (
        Paint(color=(0.95, 0.94, 0.90), gloss=0.3),
        Paint(color=(0.86, 0.55, 0.30), gloss=0.3, tile_cm=120),
    )
    frame = [box((8, 10, 216), (2, y, 108), white) for y in (-51, 51)] + [
        box((8, 112, 10), (2, 0, 215), white)
    ]
    panels = [box((8, 32, h), (6, y, z), leaf) for y in (-22, 22) for z, h in ((60, 80), (158, 80))]
    handle = box((8, 14, 3), (9, 36, 104), Paint(color=(0.8, 0.75, 0.5), gloss=0.8))
    return [
        plain(*frame, handle),
        Part(mesh=merged([box((5, 92, 210), (2, 0, 105), leaf), *panels]), texture="planks"),
    ]


def curtain(color: Rgb) -> list[Part]:
    """One pleated curtain, 60 cm wide and 220 cm high, facing +X."""
    cloth = Paint(color=color, gloss=0.05, tile_cm=40)
    folds = [Ring(z_cm=z, x_radius_cm=5, y_radius_cm=7, squareness=0.2) for z in (0, 220)]
    pleats = [moved(tapered(folds, cloth, 8), 0, -27 + 11 * k, 0) for k in range(6)]
    return [Part(mesh=merged(pleats), texture="fabric")]


def pendant() -> list[Part]:
    """A hanging lamp; its origin is at the ceiling."""
    cord = cylinder(0.8, -60, 0, BLACK, 6)
    shade = tapered(
        [Ring(z_cm=z, x_radius_cm=r, y_radius_cm=r) for z, r in ((-84, 26), (-70, 22), (-60, 6))],
        Paint(color=(0.95, 0.75, 0.25), gloss=0.4, glow=0.1),
        18,
    )
    bulb = ellipsoid((0, 0, -84), (9, 9, 8), Paint(color=(1, 0.95, 0.85), glow=1.0), 12, 8)
    return [plain(cord, shade, bulb)]


def rug(length_cm: Number, width_cm: Number) -> list[Part]:
    """A patterned carpet."""
    field = panel(
        (-length_cm / 2, -width_cm / 2, 0.8),
        (length_cm, 0, 0),
        (0, width_cm, 0),
        Paint(gloss=0.02, tile_cm=width_cm),
        60,
    )
    return [Part(mesh=field, texture="carpet")]
