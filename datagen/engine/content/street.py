"""The environment Street: a road along X between two rows of shops, lamps, trees and parked cars."""

import numpy as np

from ..unreal_space import Number
from .environment import Environment, Prop
from .lighting import Lighting
from .meshes import Mesh, Paint, Part, box, merged, panel
from .street_props import (
    bench,
    building,
    car,
    cone,
    hydrant,
    kiosk,
    litter_bin,
    planter,
    sign,
    street_lamp,
    tree,
)

HALF_LENGTH_CM = 4200.0
ROAD_HALF_CM = 420.0
FRONT_CM = 1050.0

LIGHTING = Lighting(
    sun_rotation_deg=(-44.0, 38.0, 0.0),
    sun_radiance=(4.2, 3.8, 3.2),
    sky_radiance=(0.62, 0.72, 0.95),
    ground_radiance=(0.36, 0.33, 0.30),
    fog_per_m=0.0012,
    exposure=0.60,
    lamps=None,
    shadow_center_cm=(0.0, 0.0, 300.0),
    shadow_radius_cm=2600.0,
)
_WALLS = (
    ("brick", (0.78, 0.42, 0.32)), ("plaster", (0.95, 0.82, 0.58)), ("plaster", (0.62, 0.76, 0.80)),
    ("brick", (0.86, 0.70, 0.52)), ("concrete", (0.80, 0.80, 0.82)), ("plaster", (0.88, 0.60, 0.55)),
)  # fmt: skip
_AWNINGS = (
    (0.80, 0.18, 0.18),
    (0.15, 0.45, 0.70),
    (0.18, 0.55, 0.32),
    (0.90, 0.62, 0.15),
    (0.50, 0.25, 0.55),
)
_CARS = {"Car_0": (-1500, 300, 0), "Car_1": (-860, 300, 0), "Car_2": (1150, 300, 0),
         "Car_3": (-1150, -300, 180), "Car_4": (900, -300, 180), "Car_5": (1760, -300, 180)}  # fmt: skip
_CAR_COLORS = (
    (0.78, 0.10, 0.10),
    (0.12, 0.32, 0.62),
    (0.90, 0.90, 0.88),
    (0.95, 0.72, 0.10),
    (0.15, 0.45, 0.36),
    (0.25, 0.26, 0.30),
)


def street(rng: np.random.Generator) -> Environment:
    """Build the street; `rng` varies houses, trees and flowers."""
    props = _ground() | _houses(rng) | _furniture(rng)
    for (name, (x, y, yaw)), color in zip(_CARS.items(), _CAR_COLORS, strict=True):
        props[name] = Prop(parts=car(color), location_cm=(x, y, 0), yaw_deg=yaw)
    return Environment(props=props, lighting=LIGHTING)


def _ground() -> dict[str, Prop]:
    length, road, front = HALF_LENGTH_CM, ROAD_HALF_CM, FRONT_CM
    asphalt = Paint(color=(0.52, 0.53, 0.56), gloss=0.12, tile_cm=380)
    slabs = Paint(color=(0.80, 0.75, 0.68), gloss=0.1, tile_cm=320)
    kerb = Paint(color=(0.86, 0.85, 0.82), tile_cm=160)
    lawn = Paint(color=(0.50, 0.60, 0.34), gloss=0.03, tile_cm=500)
    pavements = [
        panel((-length, y, 0), (2 * length, 0, 0), (0, front - road - 18, 0), slabs)
        for y in (-front, road + 18)
    ]
    kerbs = [panel((-length, y, 0), (2 * length, 0, 0), (0, 18, 0), kerb) for y in (-road - 18, road)]
    surface = panel((-length, -road, 0), (2 * length, 0, 0), (0, 2 * road, 0), asphalt)
    meadow = panel((-20000, -20000, -12), (40000, 0, 0), (0, 40000, 0), lawn, 2000)
    return {
        "Road": Prop(parts=[Part(mesh=surface, texture="asphalt"), _markings()]),
        "Pavement": Prop(
            parts=[
                Part(mesh=merged(pavements), texture="paving"),
                Part(mesh=merged(kerbs), texture="concrete"),
            ]
        ),
        "Lawn": Prop(parts=[Part(mesh=meadow, texture="grass")]),
    }


def _markings() -> Part:
    """Dashes, two crossings, a cycle box: paint a centimetre above the asphalt."""
    white, yellow = Paint(color=(0.93, 0.93, 0.90)), Paint(color=(0.95, 0.76, 0.15))
    lines: list[Mesh] = []
    for k in range(-10, 11):
        if abs(k) not in (3, 4):
            lines.append(panel((k * 400.0 - 100, -7, 1), (200, 0, 0), (0, 14, 0), white))
    for x in (-1500.0, 1300.0):
        lines += [panel((x, -390 + k * 90.0, 1), (300, 0, 0), (0, 48, 0), white) for k in range(9)]
    for y in (-ROAD_HALF_CM + 16, ROAD_HALF_CM - 28):
        lines.append(panel((-HALF_LENGTH_CM, y, 1), (2 * HALF_LENGTH_CM, 0, 0), (0, 12, 0), yellow))
    return Part(mesh=merged(lines), texture="plaster")


def _houses(rng: np.random.Generator) -> dict[str, Prop]:
    """Two closed rows along the street and a house across either end."""
    props: dict[str, Prop] = {}
    count = 0
    for side in (-1, 1):
        x = -HALF_LENGTH_CM
        while x < HALF_LENGTH_CM - 1:
            width = float(min(rng.choice([960.0, 1200.0, 1440.0]), HALF_LENGTH_CM - x))
            width = HALF_LENGTH_CM - x if HALF_LENGTH_CM - x - width < 900 else width
            parts = building(
                rng, width, int(rng.integers(1, 5)), _WALLS[(count * 5 + (side > 0)) % 6], _AWNINGS[count % 5]
            )
            place = (x + width / 2, side * FRONT_CM, 0.0)
            props[f"House_{count}"] = Prop(parts=parts, location_cm=place, yaw_deg=-90.0 * side)
            x, count = x + width, count + 1
    for end in (-1, 1):
        parts = building(rng, 2 * FRONT_CM, 3, _WALLS[count % 6], _AWNINGS[count % 5])
        place = (end * (HALF_LENGTH_CM + 600), 0.0, 0.0)
        props[f"House_{count}"] = Prop(parts=parts, location_cm=place, yaw_deg=0.0 if end < 0 else 180.0)
        count += 1
    return props


def _furniture(rng: np.random.Generator) -> dict[str, Prop]:
    props: dict[str, Prop] = {}
    for index, (x, side) in enumerate(
        (x, side) for x in (-3000, -1800, -600, 600, 1800, 3000) for side in (-1, 1)
    ):
        props[f"Lamp_{index}"] = Prop(parts=street_lamp(), location_cm=(x, side * 475, 0), yaw_deg=-90 * side)
    for index, (x, side) in enumerate((x, side) for x in (-2400, -1200, 1200, 2400) for side in (-1, 1)):
        height = float(rng.uniform(520, 700))
        props[f"Tree_{index}"] = Prop(
            parts=tree(rng, height),
            location_cm=(x + 120 * side, side * 560, 0),
            yaw_deg=float(rng.uniform(0, 360)),
        )
    places: dict[str, tuple[list[Part], Number, Number, Number]] = {
        "Bench_0": (bench(), -420, 920, -90), "Bench_1": (bench(), 380, -920, 90),
        "Bench_2": (bench(), 2000, 900, -90),
        "Bin_0": (litter_bin(), -280, 930, 0), "Bin_1": (litter_bin(), 700, -930, 0),
        "Hydrant_0": (hydrant(), 820, 480, 0), "Planter_0": (planter(rng), 150, 960, 90),
        "Planter_1": (planter(rng), -250, -960, 90), "Planter_2": (planter(rng), -1000, 960, 90),
        "Sign_0": (sign((0.80, 0.10, 0.12)), -1560, -470, 0),
        "Sign_1": (sign((0.10, 0.30, 0.75)), 1640, 470, 180),
        "Kiosk_0": (kiosk(), -900, -880, 90), "Cone_0": (cone(), 640, 330, 0),
        "Cone_1": (cone(), 700, 250, 20),
        "Cone_2": (cone(), -620, -350, 10),
    }  # fmt: skip
    for name, (parts, ahead, right, yaw) in places.items():
        props[name] = Prop(parts=parts, location_cm=(ahead, right, 0), yaw_deg=yaw)
    stall = [
        Part(
            mesh=box((80, 120, 78), (0, 0, 39), Paint(color=(0.62, 0.42, 0.25), tile_cm=100)),
            texture="planks",
        )
    ]
    props["Crate_0"] = Prop(parts=stall, location_cm=(520, 940, 0), yaw_deg=8)
    return props
