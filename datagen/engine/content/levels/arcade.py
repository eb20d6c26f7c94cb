"""A courtyard with arcades around it."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.house_fronts import CLAY
from ..props.houses import house
from ..props.outdoor import IRON, STONE, flower_pot
from ..props.places import arch_panel, column
from ..props.shrubs import bush, hedge
from ..props.street import bench
from ..props.trees import broadleaf, poplar
from ..shapes.meshes import Paint, Part, circles, cylinder, dimmed, moved, tapered, textured, turned
from ..shapes.shapes import box, quad, tube
from ..shapes.weathering import weathered
from ..unreal_space import Number
from .grounds import FLAGS, LAWN
from .outdoor_light import light
from .plants import fallen, grass
from .site import Site
from .town import old_house


def arcade(rng: np.random.Generator) -> Environment:
    """A court with round arches on all four sides, a lawn with a path and a well."""
    site, half, walk = Site(rng, (650, 330)), 1150.0, 380.0
    for yaw in (0, 90, 180, 270):
        site.add(
            "Arcade", weathered(arcade_side(half, walk), rng, amount=0.12), *_turned(-half - 150, 0, yaw), yaw
        )
        look = replace(
            old_house(rng, 0, 2 * half + 2 * walk + 300),
            wall="stucco",
            color=(0.90, 0.76, 0.58),
            roof="gable",
            roof_color=CLAY,
            storeys=2,
            storey_cm=430,
            shutters=None,
            window_cm=(90, 150),
            ground_floor="door",
            flower_boxes=False,
            depth_cm=700,
        )
        site.add("Wing", house(rng, look), *_turned(-half - 150 - walk, 0, yaw), yaw)
    site.add("Well", well(), 0, 640)
    for x, y in ((-700, 620), (700, 620), (-700, -620), (700, -620)):
        site.add(
            "Tree",
            poplar(rng, rng.uniform(480, 560), (0.38, 0.48, 0.34), leaves=260)
            if y > 0
            else broadleaf(rng, 430, (0.54, 0.60, 0.40), leaves=380),
            x,
            y,
        )
    for x in (-420, 420):
        for y, side in ((520, 1), (-520, -1)):
            site.add("Hedge", hedge(rng, 300, 48, 44, (0.46, 0.56, 0.34)), x, y, 90)
            site.add(
                "Roses",
                bush(rng, 46, (0.46, 0.56, 0.36), petals=((0.94, 0.60, 0.66), (0.94, 0.90, 0.84))[side > 0]),
                x + 30,
                y + side * 110,
            )
    for x, y in ((-1000, 300), (1000, -260), (330, 1000), (-260, -1000)):
        site.add("Pot", flower_pot(rng, 40, (0.94, 0.56, 0.26)), x, y)
    site.add("Bench", bench(), 250, -560, 90)
    site.add("Bench", bench(), -250, -560, 90)
    site.terrain(replace(FLAGS, color=(0.78, 0.68, 0.58), other=(0.70, 0.60, 0.52), tile_cm=560))
    for low, high in (
        ((-930, 430), (-130, 930)),
        ((130, 430), (930, 930)),
        ((-930, -930), (-130, -430)),
        ((130, -930), (930, -430)),
    ):
        site.rectangle("Lawn", LAWN, low, high, 0.6)
        tufts = rng.uniform(low, high, (120, 2))
        site.add("Grass", grass(rng, tufts, 8, (0.54, 0.61, 0.38)), is_ground=True)
    spots = rng.uniform((-1100, -420), (1100, 420), (120, 2))
    site.add("Petals", fallen(rng, spots, 4.5, ((0.94, 0.66, 0.70), (0.70, 0.64, 0.34))), is_ground=True)
    return site.level(light("golden"))


def _turned(x: Number, y: Number, yaw_deg: Number) -> tuple[float, float]:
    angle = np.radians(yaw_deg)
    return float(x * np.cos(angle) - y * np.sin(angle)), float(x * np.sin(angle) + y * np.cos(angle))


def arcade_side(half: Number, walk: Number) -> list[Part]:
    """One side of a court: columns and arches at x = 0, a vaulted roof behind them, a low wall."""
    bays, paint = 8, Paint(color=(0.92, 0.82, 0.66), tile_cm=420)
    pitch = (2 * half + 300) / bays
    columns, arches = [], []
    for k in range(bays + 1):
        y = -half - 150 + k * pitch
        columns += [
            moved(one, 0, y, 0) for one in column(300, 20, Paint(color=(0.88, 0.84, 0.78), tile_cm=200))
        ]
    for k in range(bays):
        y = -half - 150 + (k + 0.5) * pitch
        arches.append(moved(arch_panel(pitch - 30, 300, 470, paint, 44), 0, y, 0))
        arches.append(box((44, 30, 170), (0, y + pitch / 2, 385), paint))
    roof = turned(
        box((walk + 90, 2 * half + 2 * walk, 14), (0, 0, 0), Paint(color=(0.80, 0.44, 0.32), tile_cm=330)),
        (-walk / 2 + 20, 0, 520),
        (-14, 0, 0),
    )
    cornice = box((60, 2 * half + 330, 16), (2, 0, 476), Paint(color=dimmed(paint.color, 0.9), tile_cm=300))
    ceiling = quad(
        (20, -half - walk, 472),
        (-walk - 20, 0, 0),
        (0, 2 * half + 2 * walk, 0),
        Paint(color=(0.90, 0.84, 0.74), tile_cm=400),
    )
    return [
        textured("stonework", *columns),
        textured("stucco", *arches, cornice, ceiling),
        textured("roof_tiles", roof),
    ]


def well() -> list[Part]:
    """A round stone well with an iron arch."""

    rim = tapered(circles((0, 95), (10, 95), (14, 86), (70, 86), (74, 94), (88, 94)), STONE, 20)
    water = cylinder(74, 88.2, 88.5, Paint(color=(0.10, 0.14, 0.16), gloss=0.8), 20)
    arch = tube(
        [(0, 88 * np.cos(a), 88 + 150 * np.sin(a)) for a in np.linspace(0, np.pi, 15)], [4] * 15, IRON, 7
    )
    bucket = tapered(circles((190, 12), (218, 16)), Paint(color=(0.50, 0.38, 0.26)), 12)
    rope = cylinder(1, 216, 238, IRON, 5)
    return [textured("stonework", rim), textured("smooth", water, arch, rope), textured("planks", bucket)]
