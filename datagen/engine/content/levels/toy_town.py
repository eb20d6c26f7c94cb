"""A town of wooden toys."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.toys import TOY, clouds, rainbow, toy_car, toy_house, toy_tree
from ..shapes.meshes import (
    Paint,
    textured,
    turned,
)
from ..shapes.shapes import box, quad
from .outdoor_light import light
from .plants import ABOUT, fallen, flowers
from .site import Ground, Site, hills

_WOODEN = Ground(texture="planks", color=(0.90, 0.76, 0.58), other=(0.84, 0.70, 0.52), tile_cm=520, warp=0.0)


def toy_town(rng: np.random.Generator) -> Environment:
    """A town of painted blocks on round green hills, with toy cars and stick trees."""
    site = Site(rng, (850, 300))
    _toys(site, rng)
    site.add("Arch", rainbow(), -2500, 0, 0)
    site.add("Clouds", clouds(rng), is_ground=True)
    _hills(site, rng)
    _road(site)
    _scattered(site, rng)
    return site.level(light("pastel"))


def _toys(site: Site, rng: np.random.Generator) -> None:
    """Houses, trees, cars and blocks."""
    for side in (-1, 1):
        x = -2700.0
        index = 0
        while x < 2700:
            width = rng.uniform(430, 620)
            parts = toy_house(
                rng,
                TOY[(index + 3 * (side > 0)) % 6],
                TOY[(index * 2 + 4 + (side > 0)) % 6],
                width,
                int(rng.integers(1, 4)),
            )
            site.add("House", parts, x + width / 2, side * 800, -90 * side + rng.uniform(-5, 5))
            x, index = x + width + rng.uniform(90, 260), index + 1
    for index, (x, y) in enumerate(
        (
            (-1050, 520),
            (-500, -560),
            (250, 560),
            (900, -540),
            (1400, 520),
            (-1500, -520),
            (1900, -560),
            (-2000, 540),
            (600, 590),
            (-150, -600),
        )
    ):
        green = ((0.52, 0.76, 0.46), (0.34, 0.66, 0.52), (0.86, 0.80, 0.40), (0.95, 0.62, 0.46))[index % 4]
        site.add("Tree", toy_tree(rng, index % 3, rng.uniform(300, 430), green), x, y, rng.uniform(0, 90))
    for x, y, yaw, tint in (
        (-1500, 190, 0, 0),
        (1350, -180, 180, 2),
        (-1350, -190, 170, 1),
        (1450, 200, 8, 4),
    ):
        site.add("Car", toy_car(TOY[tint]), x, y, yaw)
    for index, (x, y) in enumerate(((-650, 430), (620, 440), (-250, -470), (420, -440), (1100, 450))):
        site.add(
            "Block",
            [
                textured(
                    "planks",
                    *(
                        turned(
                            box((44, 44, 44), (0, 0, 0), Paint(color=TOY[(index + k) % 6], tile_cm=60)),
                            (k * 34 - 10, 6 * k, 22 + 44 * (k == 2)),
                            (0, 17 * k, 0),
                        )
                        for k in range(3)
                    ),
                )
            ],
            x,
            y,
            40 * index,
        )


def _hills(site: Site, rng: np.random.Generator) -> None:
    """Hills with trees, and the felt that covers them."""
    rise = hills(rng, flat_cm=2600, height_cm=5200, scale_cm=4200, ridge=0.7)
    for k in range(60):
        a, away = rng.uniform(0, 6.28), rng.uniform(2500, 7000)
        point = np.array([[away * np.cos(a), away * np.sin(a)]])
        site.add(
            "HillTree",
            toy_tree(
                rng,
                k % 2,
                rng.uniform(600, 1100),
                ((0.52, 0.76, 0.46), (0.34, 0.66, 0.52), (0.86, 0.80, 0.40))[k % 3],
            ),
            *point[0],
            z=float(rise(point + 0.09 * away * ABOUT).min()) - 20,
            is_ground=True,
        )
    felt = Ground(
        texture="turf", color=(0.62, 0.80, 0.50), other=(0.54, 0.74, 0.48), tile_cm=520, patch_cm=260
    )
    site.terrain(felt, rise)


def _road(site: Site) -> None:
    """A road with its border and dashes."""
    road = Ground(
        texture="turf",
        color=(0.70, 0.71, 0.84),
        other=(0.62, 0.63, 0.78),
        tile_cm=460,
        patch_cm=240,
        warp=0.3,
    )
    site.rectangle("Road", road, (-5000, -330), (5000, 330), 0.5, cell_cm=60)
    for side in (-1, 1):
        low, high = sorted((side * 330, side * 390))
        site.rectangle(
            "Border",
            replace(_WOODEN, color=(0.98, 0.90, 0.74), other=(0.94, 0.84, 0.68)),
            (-5000, low),
            (5000, high),
            0.9,
        )
    dashes = [
        quad((x, -9, 1.0), (150, 0, 0), (0, 18, 0), Paint(color=(1.0, 0.96, 0.86), tile_cm=100))
        for x in range(-4000, 4000, 300)
    ]
    site.add("Dashes", [textured("fabric", *dashes)], is_ground=True)


def _scattered(site: Site, rng: np.random.Generator) -> None:
    """Flowers and confetti."""
    petals = site.scattered(300, (-2200, -700), (2200, 700))
    site.add("Flowers", flowers(rng, petals[np.abs(petals[:, 1]) > 400], 17, TOY), is_ground=True)
    confetti = rng.uniform((-1700, -400), (1700, 400), (700, 2))
    site.add("Confetti", fallen(rng, confetti, 8, TOY), is_ground=True)
