"""Houses (cm): the front is the plane x = 0 facing +X, and they reach back from it."""

from dataclasses import replace

import numpy as np

from ..shapes.meshes import (
    Mesh,
    Paint,
    Part,
    dimmed,
    merged,
    moved,
    panel,
    textured,
    turned,
)
from ..shapes.shapes import box
from ..shapes.weathering import weathered
from ..unreal_space import Number
from .house_fronts import House, balcony, door, shop_front, window
from .house_roofs import roof_of


def house(rng: np.random.Generator, look: House) -> list[Part]:
    """A house with windows on its front, back and sides."""
    height, depth, width = look.eaves_cm, look.depth_cm, look.width_cm
    skin = Paint(color=look.color, gloss=0.05, tile_cm=520)
    plinth = Paint(color=dimmed(look.color, 0.62), gloss=0.06, tile_cm=320)
    walls = moved(cut_box(depth, width, height, skin), -depth / 2, 0, height / 2)
    base = box((depth + 10, width + 10, 55), (-depth / 2, 0, 27), plinth)
    trim = Paint(color=look.trim, gloss=0.12, tile_cm=220)
    bands = [
        box((depth + 14, width + 14, 14), (-depth / 2, 0, k * look.storey_cm + 18), trim)
        for k in range(1, look.storeys)
    ]
    parts = weathered(
        [textured(look.wall, walls), textured("stonework", base)], rng, amount=0.16, scale_cm=300
    )
    parts += [textured("plaster", *bands)] if bands else []
    pieces = _front(rng, look) + ([] if look.attached else _side_windows(rng, look))
    return [*parts, *roof_of(rng, look), textured("smooth", *pieces)]


def cut_box(depth: Number, width: Number, height: Number, paint: Paint, *, cell_cm: Number = 130.0) -> Mesh:
    """Four walls in small cells and a lid, around the origin; the front's cells are ``cell_cm`` wide."""
    x, y, z = depth / 2, width / 2, -height / 2
    walls = [
        panel((x, -y, z), (0, width, 0), (0, 0, height), paint, cell_cm),
        panel((-x, y, z), (0, -width, 0), (0, 0, height), paint, 400),
        panel((x, y, z), (-depth, 0, 0), (0, 0, height), paint, 300),
        panel((-x, -y, z), (depth, 0, 0), (0, 0, height), paint, 300),
        panel((-x, -y, -z), (depth, 0, 0), (0, width, 0), paint, 1e4),
        panel((-x, y, z), (depth, 0, 0), (0, -width, 0), paint, 1e4),
    ]
    return merged(*walls)


def _front(rng: np.random.Generator, look: House) -> list[Mesh]:
    columns = max(1, int(look.width_cm // look.window_gap_cm))
    places = [(k + 0.5) * look.width_cm / columns - look.width_cm / 2 for k in range(columns)]
    kinds = [merged(*window(rng, look)) for _ in range(4)]
    pieces: list[Mesh] = []
    for storey in range(look.storeys):
        sill = storey * look.storey_cm + 105.0
        for column, y in enumerate(places):
            if storey == 0 and look.ground_floor == "door" and column == columns // 2:
                pieces += door(y, look.accent, look.trim)
            elif storey > 0 or look.ground_floor != "shop":
                pieces.append(moved(kinds[int(rng.integers(4))], 0, y, sill))
                if look.balconies and storey > 0 and (column + storey) % 2 == 0:
                    pieces += balcony(0.0, y, sill - 60, look.window_cm[0] + 90)
    if look.ground_floor == "shop":
        pieces += shop_front(rng, look)
    return pieces


def _side_windows(rng: np.random.Generator, look: House) -> list[Mesh]:
    """Windows of the sides and of the back, with less detail."""
    plain = replace(look, shutters=None, flower_boxes=False)
    kinds = [merged(*window(rng, plain)) for _ in range(3)]
    faces = ((look.width_cm / 2, 90.0, look.depth_cm), (-look.width_cm / 2, -90.0, look.depth_cm))
    pieces: list[Mesh] = []
    for storey in range(look.storeys):
        sill = storey * look.storey_cm + 105.0
        places = [(-share * length, y, yaw) for y, yaw, length in faces for share in (0.3, 0.7)]
        places += [(-look.depth_cm, share * look.width_cm, 180.0) for share in (-0.25, 0.25)]
        pieces += [turned(kinds[int(rng.integers(3))], (x, y, sill), (0, yaw, 0)) for x, y, yaw in places]
    return pieces
