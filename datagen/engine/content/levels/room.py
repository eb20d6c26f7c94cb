"""The environment Room: a living room of 11 x 9 m with one-sided walls: a camera outside sees into it."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..environment import Environment, Lamp, Lighting, Prop
from ..props.decor import frame, rug
from ..props.room import (
    chair,
    curtain,
    door,
    floor_lamp,
    laid_table,
    pendant,
    pot_plant,
    sofa,
    table,
    television,
)
from ..props.shelves import bookcase
from ..props.trees import broadleaf
from ..shapes.meshes import Mesh, Paint, Part, merged, panel, panelled_box, textured
from ..unreal_space import Number

HALF_X_CM, HALF_Y_CM, HEIGHT_CM = 550.0, 450.0, 310.0
SILL_CM, LINTEL_CM, WINDOW_WIDTH_CM, REVEAL_CM = 80.0, 250.0, 190.0, 24.0
_WINDOWS_X = (-330.0, 0.0, 330.0)

LIGHTING = Lighting(
    sun_rotation_deg=(-36.0, -68.0, 0.0),
    sun_radiance=(5.0, 4.5, 3.7),
    sky_radiance=(0.62, 0.62, 0.64),
    ground_radiance=(0.60, 0.53, 0.46),
    exposure=0.62,
    lamps=(
        Lamp(location_cm=(-210, 0, 225), radiance=(0.95, 0.80, 0.58), reach_cm=230),
        Lamp(location_cm=(230, -60, 225), radiance=(0.95, 0.80, 0.58), reach_cm=230),
    ),
    shadow_center_cm=(0.0, 150.0, 100.0),
    shadow_radius_cm=900.0,
)


def room(rng: np.random.Generator) -> Environment:
    """Build the room; ``rng`` varies the plants and the trees outside."""
    return Environment(
        props=_shell() | _furniture(rng) | _garden(rng),
        lighting=LIGHTING,
        space_cm=((-HALF_X_CM, -HALF_Y_CM, 0.0), (HALF_X_CM, HALF_Y_CM, HEIGHT_CM)),
    )


def _shell() -> dict[str, Prop]:
    hx, hy, top = HALF_X_CM, HALF_Y_CM, HEIGHT_CM
    wood = Paint(color=(0.74, 0.52, 0.34), gloss=0.35, tile_cm=240)
    white = Paint(color=(0.95, 0.93, 0.90), tile_cm=300)
    brick = Paint(color=(0.80, 0.52, 0.42), tile_cm=200)
    paper = Paint(color=(0.98, 0.90, 0.72), tile_cm=300)
    blue = Paint(color=(0.45, 0.66, 0.66), tile_cm=260)
    floor = panel((-hx, -hy, 0), (2 * hx, 0, 0), (0, 2 * hy, 0), wood, 50)
    ceiling = panel((-hx, hy, top), (2 * hx, 0, 0), (0, -2 * hy, 0), white, 60)
    west = panel((-hx, -hy, 0), (0, 2 * hy, 0), (0, 0, top), brick, 60)
    east = panel((hx, hy, 0), (0, -2 * hy, 0), (0, 0, top), paper, 60)
    south = panel((hx, -hy, 0), (-2 * hx, 0, 0), (0, 0, top), blue, 60)
    parts = {
        "Floor": [_darkened("planks", floor)],
        "Ceiling": [_darkened("plaster", ceiling)],
        "WallWest": [_darkened("brick", west), _skirting(-hx + 2, 0, 4, 2 * hy)],
        "WallEast": [_darkened("botanical", east), _skirting(hx - 2, 0, 4, 2 * hy)],
        "WallSouth": [_darkened("plaster", south), _skirting(0, -hy + 2, 2 * hx, 4)],
        "WallNorth": [
            _darkened("plaster", _window_wall()),
            _window_frames(),
            _skirting(0, hy - 2, 2 * hx, 4),
        ],
    }
    return {name: Prop(pieces) for name, pieces in parts.items()}


def _darkened(texture: str, mesh: Mesh) -> Part:
    """A part that is darker towards the edges where walls, floor and ceiling meet."""
    x, y, z = mesh.positions.T
    light = np.ones(len(mesh.positions))
    for gap in (HALF_X_CM - np.abs(x), HALF_Y_CM - np.abs(y), z, HEIGHT_CM - z):
        light *= np.where(gap > 1.0, 1 - 0.42 * np.exp(-gap / 90.0), 1.0)
    return textured(texture, replace(mesh, colors=mesh.colors * light[:, None]))


def _skirting(x: Number, y: Number, size_x: Number, size_y: Number) -> Part:
    white = Paint(color=(0.94, 0.92, 0.88), gloss=0.3)
    return textured("smooth", panelled_box((size_x, size_y, 12), (x, y, 6), white))


def _window_wall() -> Mesh:
    """The wall y = +half with its three openings, as strips between, under and over them."""
    paint = Paint(color=(0.90, 0.80, 0.62), tile_cm=260)
    sides = [x + side * WINDOW_WIDTH_CM / 2 for x in _WINDOWS_X for side in (-1, 1)]
    strips = []
    for index, (left, right) in enumerate(pairwise([-HALF_X_CM, *sides, HALF_X_CM])):
        is_window = index % 2 == 1
        spans = [(0.0, SILL_CM), (LINTEL_CM, HEIGHT_CM)] if is_window else [(0.0, HEIGHT_CM)]
        for low, high in spans:
            strips.append(panel((left, HALF_Y_CM, low), (right - left, 0, 0), (0, 0, high - low), paint, 60))
    return merged(*strips)


def _window_frames() -> Part:
    """Reveals (facing into the opening), sills and bars of the windows."""
    white = Paint(color=(0.95, 0.95, 0.93), gloss=0.3)
    y, low, high, width, depth = HALF_Y_CM, SILL_CM, LINTEL_CM, WINDOW_WIDTH_CM, REVEAL_CM
    height = high - low
    pieces = []
    for x in _WINDOWS_X:
        left, right = x - width / 2, x + width / 2
        pieces += [
            panel((left, y, low), (width, 0, 0), (0, depth, 0), white),
            panel((left, y + depth, high), (width, 0, 0), (0, -depth, 0), white),
            panel((left, y, low), (0, depth, 0), (0, 0, height), white),
            panel((right, y + depth, low), (0, -depth, 0), (0, 0, height), white),
            panelled_box((width + 30, 26, 5), (x, y - 8, low - 2.5), white),
        ]
        for bar_x in (x - (width / 2 - 3), x, x + (width / 2 - 3)):
            pieces.append(panelled_box((6, 5, height), (bar_x, y + 14, low + height / 2), white))
        for z in (low + 3, low + 0.62 * height, high - 3):
            pieces.append(panelled_box((width, 5, 6), (x, y + 14, z), white))
    return textured("smooth", *pieces)


def _furniture(rng: np.random.Generator) -> dict[str, Prop]:
    hx, hy, walnut = HALF_X_CM, HALF_Y_CM, (0.42, 0.27, 0.17)
    props = {
        "Rug_0": Prop(rug("rug_red", 360, 360), (0, 0, 0), 0),
        "Sofa_0": Prop(sofa((0.20, 0.34, 0.52), (0.95, 0.62, 0.20)), (-40, -hy + 65, 0), 90),
        "Sofa_1": Prop(sofa((0.62, 0.24, 0.24), (0.90, 0.85, 0.70)), (-hx + 70, 120, 0), 0),
        "CoffeeTable_0": Prop(table(110, 60, 42), (-60, -hy + 185, 0), 90),
        "Television_0": Prop(television(), (hx - 30, -190, 0), 180),
        "Bookcase_0": Prop(bookcase(rng, 200, 214, walnut), (-390, -hy + 22, 0), 90),
        "Bookcase_1": Prop(bookcase(rng, 200, 214, walnut), (330, -hy + 22, 0), 90),
        "Table_0": Prop(laid_table(), (330, 240, 0), 90),
        "Chair_0": Prop(chair((0.85, 0.30, 0.25)), (260, 165, 0), 80),
        "Chair_1": Prop(chair((0.20, 0.50, 0.45)), (390, 160, 0), 100),
        "Chair_2": Prop(chair((0.90, 0.70, 0.25)), (270, 315, 0), -95),
        "Chair_3": Prop(chair((0.30, 0.40, 0.65)), (400, 318, 0), -80),
        "FloorLamp_0": Prop(floor_lamp(), (-500, -300, 0), 0),
        "Plant_0": Prop(pot_plant(rng), (-490, 380, 0), 0),
        "Plant_1": Prop(pot_plant(rng), (500, -390, 0), 40),
        "Door_0": Prop(door(), (hx - 3, 60, 0), 180),
        "Painting_0": Prop(frame(120, 120, (0.15, 0.12, 0.10), 1), (-hx + 4, -120, 165), 0),
        "Painting_1": Prop(frame(90, 90, (0.85, 0.70, 0.30), 4), (-170, -hy + 4, 175), 90),
        "Painting_2": Prop(frame(90, 90, (0.92, 0.92, 0.92), 8), (90, -hy + 4, 175), 90),
        "Pendant_0": Prop(pendant(), (-210, 0, HEIGHT_CM), 0),
        "Pendant_1": Prop(pendant(), (230, -60, HEIGHT_CM), 0),
    }
    aside = WINDOW_WIDTH_CM / 2 + 28
    for index, x in enumerate(x + side * aside for x in _WINDOWS_X for side in (-1, 1)):
        props[f"Curtain_{index}"] = Prop(curtain((0.75, 0.30, 0.28)), (x, hy - 14, 60), -90)
    return props


def _garden(rng: np.random.Generator) -> dict[str, Prop]:
    """What the windows show: a lawn, a hedge and trees."""
    grass = Paint(color=(0.42, 0.48, 0.30), gloss=0.03, tile_cm=900)
    lawn = panel((-20000, -20000, -40), (40000, 0, 0), (0, 40000, 0), grass, 2000)
    hedge = panelled_box(
        (4000, 120, 170), (0, 2100, 45), Paint(color=(0.34, 0.46, 0.27), gloss=0.03, tile_cm=260)
    )
    props = {"Lawn": Prop([textured("turf", lawn)]), "Hedge": Prop([textured("foliage", hedge)])}
    for index, x in enumerate((-1300, -520, 260, 980)):
        parts = broadleaf(rng, rng.uniform(520, 680), leaves=260)
        props[f"Tree_{index}"] = Prop(parts, (x, 1650.0 + 160 * (index % 2), -40.0))
    return props
