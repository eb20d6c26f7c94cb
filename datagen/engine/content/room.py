"""The environment Room: a living room of 11 x 9 m with one-sided walls, so that a camera outside looks in."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from ..unreal_space import Number
from .environment import Environment, Prop
from .lighting import Lamp, Lighting
from .meshes import Mesh, Paint, Part, Point, box, merged, panel
from .room_props import (
    bookcase,
    chair,
    curtain,
    door,
    floor_lamp,
    laid_table,
    painting,
    pendant,
    pot_plant,
    rug,
    sofa,
    table,
    television,
)
from .street_props import plain, tree

HALF_X_CM, HALF_Y_CM, HEIGHT_CM = 550.0, 450.0, 310.0
SILL_CM, WINDOW_WIDTH_CM, WINDOW_HEIGHT_CM, REVEAL_CM = 80.0, 190.0, 170.0, 24.0
_WINDOWS_X = (-330.0, 0.0, 330.0)

LIGHTING = Lighting(
    sun_rotation_deg=(-36.0, -68.0, 0.0),
    sun_radiance=(5.0, 4.5, 3.7),
    sky_radiance=(0.62, 0.62, 0.64),
    ground_radiance=(0.60, 0.53, 0.46),
    fog_per_m=0.0,
    exposure=0.62,
    lamps=(
        Lamp(location_cm=(-210, 0, 225), radiance=(0.95, 0.80, 0.58), reach_cm=230),
        Lamp(location_cm=(230, -60, 225), radiance=(0.95, 0.80, 0.58), reach_cm=230),
    ),
    shadow_center_cm=(0.0, 150.0, 100.0),
    shadow_radius_cm=900.0,
)


def room(rng: np.random.Generator) -> Environment:
    """Build the room; `rng` varies the plants and the trees outside."""
    return Environment(props=_shell() | _furniture(rng) | _garden(rng), lighting=LIGHTING)


def _shaded(mesh: Mesh, reach_cm: Number = 90.0, depth: Number = 0.42) -> Mesh:
    """`mesh` darkened towards the edges where walls, floor and ceiling meet."""
    x, y, z = mesh.positions.T
    light = np.ones(len(mesh.positions))
    for gap in (HALF_X_CM - np.abs(x), HALF_Y_CM - np.abs(y), z, HEIGHT_CM - z):
        light *= np.where(gap > 1.0, 1 - depth * np.exp(-gap / reach_cm), 1.0)
    return replace(mesh, colors=mesh.colors * light[:, None])


def _shell() -> dict[str, Prop]:
    hx, hy, top = HALF_X_CM, HALF_Y_CM, HEIGHT_CM
    floor = panel(
        (-hx, -hy, 0),
        (2 * hx, 0, 0),
        (0, 2 * hy, 0),
        Paint(color=(0.74, 0.52, 0.34), gloss=0.35, tile_cm=240),
        50,
    )
    ceiling = panel(
        (-hx, hy, top), (2 * hx, 0, 0), (0, -2 * hy, 0), Paint(color=(0.95, 0.93, 0.90), tile_cm=300), 60
    )
    west = panel((-hx, -hy, 0), (0, 2 * hy, 0), (0, 0, top), Paint(color=(0.80, 0.52, 0.42), tile_cm=200), 60)
    east = panel((hx, hy, 0), (0, -2 * hy, 0), (0, 0, top), Paint(color=(0.98, 0.90, 0.72), tile_cm=150), 60)
    south = panel(
        (hx, -hy, 0), (-2 * hx, 0, 0), (0, 0, top), Paint(color=(0.45, 0.66, 0.66), tile_cm=260), 60
    )
    west_foot, east_foot = (_skirting((x, 0), (4, 2 * hy)) for x in (-hx + 2, hx - 2))
    south_foot, north_foot = (_skirting((0, y), (2 * hx, 4)) for y in (-hy + 2, hy - 2))
    windows = Part(mesh=_shaded(_window_wall()), texture="plaster")
    return {
        "Floor": Prop(parts=[Part(mesh=_shaded(floor), texture="planks")]),
        "Ceiling": Prop(parts=[Part(mesh=_shaded(ceiling), texture="plaster")]),
        "WallWest": Prop(parts=[Part(mesh=_shaded(west), texture="brick"), west_foot]),
        "WallEast": Prop(parts=[Part(mesh=_shaded(east), texture="wallpaper"), east_foot]),
        "WallSouth": Prop(parts=[Part(mesh=_shaded(south), texture="plaster"), south_foot]),
        "WallNorth": Prop(parts=[windows, _frames(), north_foot]),
    }  # fmt: skip


def _skirting(center: tuple[Number, Number], size: tuple[Number, Number]) -> Part:
    return plain(
        box((size[0], size[1], 12), (center[0], center[1], 6), Paint(color=(0.94, 0.92, 0.88), gloss=0.3))
    )


def _window_wall() -> Mesh:
    """The wall y = +half with its three openings, as strips between, under and over them."""
    paint = Paint(color=(0.90, 0.80, 0.62), tile_cm=260)
    lintel = SILL_CM + WINDOW_HEIGHT_CM
    edges = [-HALF_X_CM]
    for x in _WINDOWS_X:
        edges += [x - WINDOW_WIDTH_CM / 2, x + WINDOW_WIDTH_CM / 2]
    edges.append(HALF_X_CM)
    strips = []
    for index, (left, right) in enumerate(pairwise(edges)):
        spans = ((0.0, SILL_CM), (lintel, HEIGHT_CM)) if index % 2 else ((0.0, HEIGHT_CM),)
        for low, high in spans:
            strips.append(panel((left, HALF_Y_CM, low), (right - left, 0, 0), (0, 0, high - low), paint, 60))
    return merged(strips)


def _frames() -> Part:
    """Reveals (facing into the opening), sills and bars of the windows."""
    white = Paint(color=(0.95, 0.95, 0.93), gloss=0.3)
    width, height, depth = WINDOW_WIDTH_CM, WINDOW_HEIGHT_CM, REVEAL_CM
    pieces: list[Mesh] = []
    for x in _WINDOWS_X:
        left, right, y, low, high = x - width / 2, x + width / 2, HALF_Y_CM, SILL_CM, SILL_CM + height
        pieces += [
            panel((left, y, low), (width, 0, 0), (0, depth, 0), white),
            panel((left, y + depth, high), (width, 0, 0), (0, -depth, 0), white),
            panel((left, y, low), (0, depth, 0), (0, 0, height), white),
            panel((right, y + depth, low), (0, -depth, 0), (0, 0, height), white),
            box((width + 30, 26, 5), (x, y - 8, low - 2.5), white),
        ]
        pieces += [
            box((6, 5, height), (x + side * (width / 2 - 3), y + 14, low + height / 2), white)
            for side in (-1, 0, 1)
        ]
        pieces += [
            box((width, 5, 6), (x, y + 14, z), white) for z in (low + 3, low + 0.62 * height, high - 3)
        ]
    return plain(*pieces)


def _furniture(rng: np.random.Generator) -> dict[str, Prop]:
    hx, hy = HALF_X_CM, HALF_Y_CM
    tealight = table(110, 60, 42)
    places: dict[str, tuple[list[Part], Point, float]] = {
        "Rug_0": (rug(360, 360), (0, 0, 0), 0),
        "Sofa_0": (sofa((0.20, 0.34, 0.52), (0.95, 0.62, 0.20)), (-40, -hy + 65, 0), 90),
        "Sofa_1": (sofa((0.62, 0.24, 0.24), (0.90, 0.85, 0.70)), (-hx + 70, 120, 0), 0),
        "CoffeeTable_0": (tealight, (-60, -hy + 185, 0), 90),
        "Television_0": (television(), (hx - 30, -190, 0), 180),
        "Bookcase_0": (bookcase(200), (-390, -hy + 22, 0), 90),
        "Bookcase_1": (bookcase(200), (330, -hy + 22, 0), 90),
        "Table_0": (laid_table(), (330, 240, 0), 90),
        "Chair_0": (chair((0.85, 0.30, 0.25)), (260, 165, 0), 80),
        "Chair_1": (chair((0.20, 0.50, 0.45)), (390, 160, 0), 100),
        "Chair_2": (chair((0.90, 0.70, 0.25)), (270, 315, 0), -95),
        "Chair_3": (chair((0.30, 0.40, 0.65)), (400, 318, 0), -80),
        "FloorLamp_0": (floor_lamp(), (-500, -300, 0), 0), "Plant_0": (pot_plant(rng), (-490, 380, 0), 0),
        "Plant_1": (pot_plant(rng), (500, -390, 0), 40), "Door_0": (door(), (hx - 3, 60, 0), 180),
        "Painting_0": (painting(120, 120, (0.15, 0.12, 0.10)), (-hx + 4, -120, 165), 0),
        "Painting_1": (painting(90, 90, (0.85, 0.70, 0.30)), (-170, -hy + 4, 175), 90),
        "Painting_2": (painting(90, 90, (0.92, 0.92, 0.92)), (90, -hy + 4, 175), 90),
        "Pendant_0": (pendant(), (-210, 0, HEIGHT_CM), 0), "Pendant_1": (pendant(), (230, -60, HEIGHT_CM), 0),
    }  # fmt: skip
    for index, x in enumerate(_WINDOWS_X):
        for side in (-1, 1):
            name = f"Curtain_{2 * index + (side > 0)}"
            places[name] = (
                curtain((0.75, 0.30, 0.28)),
                (x + side * (WINDOW_WIDTH_CM / 2 + 28), hy - 14, 60),
                -90,
            )
    return {name: Prop(parts=parts, location_cm=at, yaw_deg=yaw) for name, (parts, at, yaw) in places.items()}


def _garden(rng: np.random.Generator) -> dict[str, Prop]:
    """What the windows show: a lawn, a hedge and trees."""
    lawn = Paint(color=(0.50, 0.62, 0.34), gloss=0.03, tile_cm=500)
    hedge = Paint(color=(0.52, 0.78, 0.36), gloss=0.03, tile_cm=200)
    props = {
        "Lawn": Prop(
            parts=[
                Part(
                    mesh=panel((-20000, -20000, -40), (40000, 0, 0), (0, 40000, 0), lawn, 2000),
                    texture="grass",
                )
            ]
        ),
        "Hedge": Prop(parts=[Part(mesh=box((4000, 120, 170), (0, 2100, 45), hedge), texture="leaves")]),
    }
    for index, x in enumerate((-1300, -520, 260, 980)):
        parts = tree(rng, float(rng.uniform(520, 680)))
        props[f"Tree_{index}"] = Prop(parts=parts, location_cm=(x, 1650.0 + 160 * (index % 2), -40.0))
    return props
