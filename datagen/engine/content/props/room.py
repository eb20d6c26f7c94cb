"""Furniture, each piece in its own frame (cm, origin on the floor, front towards +X)."""

import numpy as np

from ..shapes.meshes import (
    Paint,
    Part,
    Rgb,
    Ring,
    circles,
    cylinder,
    ellipsoid,
    moved,
    panel,
    panelled_box,
    tapered,
    textured,
    turned,
)
from ..unreal_space import Number

OAK = Paint(color=(0.72, 0.50, 0.30), gloss=0.25, tile_cm=120)
WALNUT = Paint(color=(0.42, 0.27, 0.17), gloss=0.3, tile_cm=120)
BLACK = Paint(color=(0.08, 0.08, 0.09), gloss=0.6)


def sofa(color: Rgb, cushion: Rgb) -> list[Part]:
    """A three-seat sofa."""
    cloth, pillow = Paint(color=color, gloss=0.05, tile_cm=40), Paint(color=cushion, gloss=0.05, tile_cm=30)
    body = [panelled_box((92, 230, 28), (0, 0, 24), cloth), panelled_box((24, 230, 82), (-40, 0, 41), cloth)]
    arms = [panelled_box((92, 24, 60), (0, y, 30), cloth) for y in (-115, 115)]
    seats = [panelled_box((66, 66, 14), (12, y, 45), cloth) for y in (-68, 0, 68)]
    pillow_mesh = ellipsoid((0, 0, 0), (9, 24, 22), pillow, 12, 8)
    pillows = [turned(pillow_mesh, (-20, y, 70), (18, 0, 0)) for y in (-80, 78)]
    feet = [panelled_box((8, 8, 10), (x, y, 5), WALNUT) for x in (-36, 36) for y in (-110, 110)]
    return [textured("fabric", *body, *arms, *seats, *pillows), textured("smooth", *feet)]


def table(length_cm: Number, width_cm: Number, height_cm: Number) -> list[Part]:
    """A table on four legs."""
    top = panelled_box((width_cm, length_cm, 5), (0, 0, height_cm - 2.5), OAK)
    x, y, leg_cm = width_cm / 2 - 6, length_cm / 2 - 6, height_cm - 5
    legs = [panelled_box((7, 7, leg_cm), (dx, dy, leg_cm / 2), OAK) for dx in (-x, x) for dy in (-y, y)]
    return [textured("planks", top, *legs)]


def laid_table() -> list[Part]:
    """A dining table with fruit and cups."""
    fruit = [
        ellipsoid((x, y, 84), (5, 5, 5), Paint(color=color, gloss=0.4), 10, 7)
        for x, y, color in ((-4, 0, (0.9, 0.2, 0.15)), (5, 3, (0.98, 0.6, 0.1)), (2, -6, (0.5, 0.75, 0.2)))
    ]
    bowl = tapered(circles((75, 8), (77, 14), (82, 19)), Paint(color=(0.20, 0.45, 0.60), gloss=0.7), 16)
    cup = cylinder(4.5, 75, 84, Paint(color=(0.95, 0.94, 0.90), gloss=0.6), 12)
    cups = [moved(cup, x, y, 0) for x, y in ((22, 48), (-20, -50))]
    return [*table(180, 90, 75), textured("smooth", *fruit, bowl, *cups)]


def chair(color: Rgb) -> list[Part]:
    """A dining chair."""
    seat = panelled_box((42, 42, 5), (0, 0, 45), Paint(color=color, tile_cm=40))
    back = [panelled_box((4, 42, 10), (-20, 0, z), OAK) for z in (66, 84)]
    legs = [panelled_box((4, 4, 43), (18, y, 21.5), OAK) for y in (-18, 18)]
    posts = [panelled_box((4, 4, 90), (-20, y, 45), OAK) for y in (-19, 19)]
    return [textured("fabric", seat), textured("planks", *back, *legs, *posts)]


def floor_lamp() -> list[Part]:
    """A floor lamp with a lit shade."""
    pole = [cylinder(16, 0, 3, BLACK, 16), cylinder(1.6, 3, 140, BLACK, 8)]
    shade = tapered(circles((132, 27), (168, 18)), Paint(color=(1.0, 0.88, 0.66), glow=0.35), 18)
    return [textured("smooth", *pole, shade)]


def pot_plant(rng: np.random.Generator) -> list[Part]:
    """A big-leaved plant in a pot."""
    pot = tapered(circles((0, 17), (36, 24), (40, 24)), Paint(color=(0.80, 0.42, 0.28), gloss=0.2), 16)
    leaves = []
    for index in range(16):
        green = Paint(color=(0.22, 0.50 + 0.2 * rng.random(), 0.22), gloss=0.3, tile_cm=60)
        leaf = ellipsoid((24, 0, 0), (26, 9, 2), green, 8, 6)
        leaves.append(turned(leaf, (0, 0, 55 + 5 * index), (rng.uniform(20, 65), index * 137.5, 0)))
    stem = cylinder(3, 36, 130, Paint(color=(0.35, 0.30, 0.18)), 8)
    return [textured("smooth", pot, stem), textured("leaves", *leaves)]


def television() -> list[Part]:
    """A low sideboard with a television that shows a landscape."""
    board = [panelled_box((42, 200, 44), (0, 0, 30), OAK), panelled_box((36, 180, 8), (0, 0, 4), BLACK)]
    knobs = [panelled_box((3, 12, 3), (22.5, y, 34), BLACK) for y in (-50, 50)]
    case = [panelled_box((6, 150, 88), (-8, 0, 104), BLACK), panelled_box((24, 60, 4), (-4, 0, 54), BLACK)]
    screen = panel((-2.5, -71, 64), (0, 142, 0), (0, 0, 80), Paint(gloss=0.6, glow=0.12, tile_cm=142))
    return [textured("planks", *board), textured("smooth", *knobs, *case), textured("painting", screen)]


def door() -> list[Part]:
    """A panelled door with its frame, facing +X."""
    white = Paint(color=(0.95, 0.94, 0.90), gloss=0.3)
    wood = Paint(color=(0.86, 0.55, 0.30), gloss=0.3, tile_cm=120)
    posts = [panelled_box((8, 10, 216), (2, y, 108), white) for y in (-51, 51)]
    lintel = panelled_box((8, 112, 10), (2, 0, 215), white)
    handle = panelled_box((8, 14, 3), (9, 36, 104), Paint(color=(0.8, 0.75, 0.5), gloss=0.8))
    leaf = panelled_box((5, 92, 210), (2, 0, 105), wood)
    panels = [panelled_box((8, 32, 80), (6, y, z), wood) for y in (-22, 22) for z in (60, 158)]
    return [textured("smooth", *posts, lintel, handle), textured("planks", leaf, *panels)]


def curtain(color: Rgb) -> list[Part]:
    """One pleated curtain, 60 cm wide and 220 cm high, facing +X."""
    cloth = Paint(color=color, gloss=0.05, tile_cm=40)
    pleat = tapered([Ring(z, 5, 7, squareness=0.2) for z in (0, 220)], cloth, 8)
    return [textured("fabric", *(moved(pleat, 0, -27 + 11 * index, 0) for index in range(6)))]


def pendant() -> list[Part]:
    """A hanging lamp; its origin is at the ceiling."""
    cord = cylinder(0.8, -60, 0, BLACK, 6)
    yellow = Paint(color=(0.95, 0.75, 0.25), gloss=0.4, glow=0.1)
    shade = tapered(circles((-84, 26), (-70, 22), (-60, 6)), yellow, 18)
    bulb = ellipsoid((0, 0, -84), (9, 9, 8), Paint(color=(1, 0.95, 0.85), glow=1.0), 12, 8)
    return [textured("smooth", cord, shade, bulb)]
