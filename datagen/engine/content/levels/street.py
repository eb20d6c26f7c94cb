"""The environment Street: a road along X between two rows of shops, lamps, trees and parked cars."""

from itertools import product

import numpy as np

from ..environment import Environment, Lighting, Prop
from ..props.street import (
    bench,
    building,
    car,
    cone,
    crate,
    hydrant,
    kiosk,
    litter_bin,
    planter,
    sign,
    street_lamp,
)
from ..props.trees import broadleaf
from ..shapes.meshes import Mesh, Paint, Part, panel, textured
from ..unreal_space import Number

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
    shadow_center_cm=(0.0, 0.0, 300.0),
    shadow_radius_cm=2600.0,
)
_WALLS = (
    ("brick", (0.78, 0.42, 0.32)), ("plaster", (0.95, 0.82, 0.58)), ("plaster", (0.62, 0.76, 0.80)),
    ("brick", (0.86, 0.70, 0.52)), ("concrete", (0.80, 0.80, 0.82)), ("plaster", (0.88, 0.60, 0.55)),
)  # fmt: skip
_AWNINGS = (
    (0.80, 0.18, 0.18), (0.15, 0.45, 0.70), (0.18, 0.55, 0.32), (0.90, 0.62, 0.15), (0.50, 0.25, 0.55),
)  # fmt: skip


def street(rng: np.random.Generator) -> Environment:
    """Build the street; ``rng`` varies houses, trees and flowers."""
    return Environment(props=_ground() | _houses(rng) | _furniture(rng), lighting=LIGHTING)


def _ground() -> dict[str, Prop]:
    road, front = ROAD_HALF_CM, FRONT_CM
    asphalt = Paint(color=(0.52, 0.53, 0.56), gloss=0.12, tile_cm=380)
    slabs = Paint(color=(0.80, 0.75, 0.68), gloss=0.1, tile_cm=320)
    kerb = Paint(color=(0.86, 0.85, 0.82), tile_cm=160)
    grass = Paint(color=(0.50, 0.60, 0.34), gloss=0.03, tile_cm=500)
    surface = _strip(-road, 2 * road, 0, asphalt)
    pavements = [_strip(y, front - road - 18, 0, slabs) for y in (-front, road + 18)]
    kerbs = [_strip(y, 18, 0, kerb) for y in (-road - 18, road)]
    lawn = panel((-20000, -20000, -12), (40000, 0, 0), (0, 40000, 0), grass, 2000)
    return {
        "Road": Prop([textured("asphalt", surface), _markings()]),
        "Pavement": Prop([textured("paving", *pavements), textured("concrete", *kerbs)]),
        "Lawn": Prop([textured("grass", lawn)]),
    }


def _strip(y_cm: Number, width_cm: Number, z_cm: Number, paint: Paint) -> Mesh:
    """A strip of ground along the entire street."""
    return panel((-HALF_LENGTH_CM, y_cm, z_cm), (2 * HALF_LENGTH_CM, 0, 0), (0, width_cm, 0), paint)


def _markings() -> Part:
    """Dashes, two crossings and yellow edge lines, one centimetre above the asphalt."""
    white, yellow = Paint(color=(0.93, 0.93, 0.90)), Paint(color=(0.95, 0.76, 0.15))
    dashes = [k * 400.0 - 100 for k in range(-10, 11) if abs(k) not in (3, 4)]
    lines = [panel((x, -7, 1), (200, 0, 0), (0, 14, 0), white) for x in dashes]
    for x, k in product((-1500.0, 1300.0), range(9)):
        lines.append(panel((x, -390 + k * 90.0, 1), (300, 0, 0), (0, 48, 0), white))
    lines += [_strip(y, 12, 1, yellow) for y in (-ROAD_HALF_CM + 16, ROAD_HALF_CM - 28)]
    return textured("plaster", *lines)


def _houses(rng: np.random.Generator) -> dict[str, Prop]:
    """Two closed rows along the street, and one house across each end."""
    props: dict[str, Prop] = {}
    for side in (-1, 1):
        x = -HALF_LENGTH_CM
        while x < HALF_LENGTH_CM - 1:
            count, rest = len(props), HALF_LENGTH_CM - x
            width = float(min(rng.choice([960.0, 1200.0, 1440.0]), rest))
            width = rest if rest - width < 900 else width
            wall, awning = _WALLS[(count * 5 + (side > 0)) % 6], _AWNINGS[count % 5]
            parts = building(rng, width, int(rng.integers(1, 5)), wall, awning)
            props[f"House_{count}"] = Prop(parts, (x + width / 2, side * FRONT_CM, 0.0), -90.0 * side)
            x += width
    for end, yaw_deg in ((-1, 0.0), (1, 180.0)):
        count = len(props)
        parts = building(rng, 2 * FRONT_CM, 3, _WALLS[count % 6], _AWNINGS[count % 5])
        props[f"House_{count}"] = Prop(parts, (end * (HALF_LENGTH_CM + 600), 0.0, 0.0), yaw_deg)
    return props


def _furniture(rng: np.random.Generator) -> dict[str, Prop]:
    props: dict[str, Prop] = {}
    for index, (x, side) in enumerate(product((-3000, -1800, -600, 600, 1800, 3000), (-1, 1))):
        props[f"Lamp_{index}"] = Prop(street_lamp(), (x, side * 475, 0), -90 * side)
    for index, (x, side) in enumerate(product((-2400, -1200, 1200, 2400), (-1, 1))):
        parts = broadleaf(rng, rng.uniform(520, 700), leaves=420)
        props[f"Tree_{index}"] = Prop(parts, (x + 120 * side, side * 560, 0), rng.uniform(0, 360))
    return props | {
        "Bench_0": Prop(bench(), (-420, 920, 0), -90),
        "Bench_1": Prop(bench(), (380, -920, 0), 90),
        "Bench_2": Prop(bench(), (2000, 900, 0), -90),
        "Bin_0": Prop(litter_bin(), (-280, 930, 0), 0),
        "Bin_1": Prop(litter_bin(), (700, -930, 0), 0),
        "Hydrant_0": Prop(hydrant(), (820, 480, 0), 0),
        "Planter_0": Prop(planter(rng), (150, 960, 0), 90),
        "Planter_1": Prop(planter(rng), (-250, -960, 0), 90),
        "Planter_2": Prop(planter(rng), (-1000, 960, 0), 90),
        "Sign_0": Prop(sign((0.80, 0.10, 0.12)), (-1560, -470, 0), 0),
        "Sign_1": Prop(sign((0.10, 0.30, 0.75)), (1640, 470, 0), 180),
        "Kiosk_0": Prop(kiosk(), (-900, -880, 0), 90),
        "Cone_0": Prop(cone(), (640, 330, 0), 0),
        "Cone_1": Prop(cone(), (700, 250, 0), 20),
        "Cone_2": Prop(cone(), (-620, -350, 0), 10),
        "Crate_0": Prop(crate(), (520, 940, 0), 8),
        "Car_0": Prop(car((0.78, 0.10, 0.10)), (-1500, 300, 0), 0),
        "Car_1": Prop(car((0.12, 0.32, 0.62)), (-860, 300, 0), 0),
        "Car_2": Prop(car((0.90, 0.90, 0.88)), (1150, 300, 0), 0),
        "Car_3": Prop(car((0.95, 0.72, 0.10)), (-1150, -300, 0), 180),
        "Car_4": Prop(car((0.15, 0.45, 0.36)), (900, -300, 0), 180),
        "Car_5": Prop(car((0.25, 0.26, 0.30)), (1760, -300, 0), 180),
    }
