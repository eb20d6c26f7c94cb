"""A suburban street."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.fences import picket_fence
from ..props.house_fronts import CLAY, House
from ..props.houses import house
from ..props.outdoor import mailbox, modern_lamp
from ..props.places import van
from ..props.shrubs import bush, hedge
from ..props.street import car, litter_bin, sign
from ..props.trees import broadleaf
from ..shapes.meshes import Paint, panel, textured
from ..shapes.shapes import box
from .grounds import FLAGS, LAWN, TARMAC
from .outdoor_light import light
from .plants import fallen, flowers, grass, horizon_trees
from .site import Heights, Site, hills
from .town import ACCENTS, SHUTTERS


def suburb(rng: np.random.Generator) -> Environment:
    """A quiet street with lawns, detached houses, picket fences and parked cars."""
    site = Site(rng, (1100, 250))
    _gardens(site, rng)
    _street_things(site, rng)
    rise = hills(rng, flat_cm=5000, height_cm=2600)
    _plants(site, rise, rng)
    _grounds(site, rise, rng)
    return site.level(light("summer"))


def _gardens(site: Site, rng: np.random.Generator) -> None:
    """Houses with their fences, trees and bushes."""
    colors = (
        (0.94, 0.92, 0.86),
        (0.72, 0.80, 0.84),
        (0.92, 0.84, 0.62),
        (0.82, 0.62, 0.54),
        (0.76, 0.80, 0.66),
    )
    for side in (-1, 1):
        for index, x in enumerate((np.arange(-4200, 4300, 1700) + (300 if side > 0 else -250)).tolist()):
            look = House(
                width_cm=1050,
                depth_cm=880,
                storeys=1 + (index + (side > 0)) % 2,
                wall=("planks", "stucco", "brick")[(index + 2 * (side > 0)) % 3],
                color=colors[(index * 2 + (side > 0)) % 5],
                roof=("gable", "front")[index % 2],
                roof_color=((0.42, 0.40, 0.42), CLAY, (0.38, 0.44, 0.42))[index % 3],
                pitch=0.75,
                accent=ACCENTS[(index + 2) % 5],
                shutters=SHUTTERS[(index + 1) % 5],
                flower_boxes=True,
                window_gap_cm=280,
            )
            site.add("House", house(rng, look), x, side * 1180, -90 * side)
            site.add(
                "Tree",
                broadleaf(
                    rng,
                    rng.uniform(520, 720),
                    ((0.50, 0.60, 0.34), (0.58, 0.63, 0.34), (0.60, 0.42, 0.38))[index % 3],
                ),
                x + 760,
                side * 820,
            )
            for k in (-380, -240, 240, 380):
                site.add(
                    "Bush",
                    bush(
                        rng,
                        rng.uniform(40, 62),
                        (0.44, 0.54, 0.34),
                        leaves=60,
                        petals=((0.92, 0.46, 0.60), (0.95, 0.92, 0.90), None)[int(rng.integers(3))],
                    ),
                    x + k,
                    side * 1120,
                )
            fence = picket_fence(620)
            site.add("Fence", fence, x - 430, side * 585, 90)
            site.add("Fence", picket_fence(420), x + 450, side * 585, 90)
            site.add("Mailbox", mailbox(ACCENTS[index % 5]), x + 190, side * 560, -90 * side)


def _street_things(site: Site, rng: np.random.Generator) -> None:
    """Cars, lamps, a sign and hedges."""
    for x, side, tint in (
        (-1500, 1, (0.16, 0.34, 0.60)),
        (1150, 1, (0.86, 0.86, 0.84)),
        (2500, -1, (0.72, 0.14, 0.14)),
        (-2500, -1, (0.24, 0.26, 0.28)),
    ):
        site.add("Car", car(tint), x, side * 320, 0 if side > 0 else 180)
    site.add("Van", van((0.40, 0.58, 0.50)), -1300, -330, 180)
    for index, x in enumerate((-2000, -600, 700, 2100)):
        site.add("Lamp", modern_lamp(480), x, (500, -500)[index % 2])
    site.add("Sign", sign((0.80, 0.10, 0.12)), 1500, 470, 180)
    site.add("Bin", litter_bin(), -260, 480)
    site.add("Hedge", hedge(rng, 500, 120), -300, 640, 90)
    site.add("Hedge", hedge(rng, 460, 140, color=(0.34, 0.50, 0.24)), 350, -650, 90)


def _plants(site: Site, rise: Heights, rng: np.random.Generator) -> None:
    """Far trees, grass and flowers."""
    horizon_trees(
        site,
        5200,
        9000,
        80,
        ((0.44, 0.52, 0.34), (0.50, 0.56, 0.36), (0.38, 0.46, 0.34)),
        slim=0.2,
        height_cm=1100,
        heights=rise,
    )
    grass_at = (
        site.scattered(520, (-2600, 600), (2600, 1150)),
        site.scattered(520, (-2600, -1150), (2600, -600)),
    )
    site.add("Grass", grass(rng, np.concatenate(grass_at), 11, (0.52, 0.60, 0.34)), is_ground=True)
    site.add(
        "Flowers",
        flowers(
            rng, np.concatenate([one[::9] for one in grass_at]), 16, ((0.96, 0.92, 0.60), (0.96, 0.96, 0.96))
        ),
        is_ground=True,
    )


def _grounds(site: Site, rise: Heights, rng: np.random.Generator) -> None:
    """The road, pavements, lawns and leaves."""
    site.rectangle("Road", TARMAC, (-6000, -420), (6000, 420))
    for side in (-1, 1):
        low, high = sorted((side * 436, side * 575))
        site.rectangle(
            "Pavement",
            replace(FLAGS, color=(0.76, 0.74, 0.71), other=(0.70, 0.69, 0.66), tile_cm=520),
            (-6000, low),
            (6000, high),
            9,
        )
        site.add(
            "Kerb",
            [
                textured(
                    "concrete",
                    box((12000, 17, 16), (0, side * 428, 1.5), Paint(color=(0.82, 0.81, 0.78), tile_cm=240)),
                )
            ],
            is_ground=True,
        )
        for x in (-4200, -2500, -800, 900, 2600):
            low, high = sorted((side * 575, side * 1175))
            site.rectangle(
                "Drive",
                replace(FLAGS, color=(0.70, 0.62, 0.56), tile_cm=420),
                (x + (300 if side > 0 else -250) - 75, low),
                (x + (300 if side > 0 else -250) + 75, high),
                9.2,
            )
    lines = [
        panel((x, -6, 0.8), (220, 0, 0), (0, 12, 0), Paint(color=(0.90, 0.90, 0.86)))
        for x in range(-4400, 4400, 480)
    ]
    site.add("Lines", [textured("plaster", *lines)], is_ground=True)

    def lawn_heights(points: np.ndarray) -> np.ndarray:
        return np.where(np.abs(points[:, 1]) > 560, 8.0, -8.0) + rise(points)

    site.terrain(LAWN, lawn_heights)
    for low, high in ((570, 3400), (-3400, -570)):
        site.rectangle("Lawn", LAWN, (-5200, low), (5200, high), 8.6, cell_cm=150)
    leaves = rng.uniform((-2600, -410), (2600, 410), (180, 2))
    site.add("Leaves", fallen(rng, leaves, 6.0, ((0.56, 0.60, 0.26), (0.78, 0.62, 0.26))), is_ground=True)
