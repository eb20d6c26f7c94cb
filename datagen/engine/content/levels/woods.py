"""Woods: the edge of a forest and a birch wood."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.fences import rail_fence
from ..props.shrubs import bush
from .green import GREENS, meadow, planted
from .grounds import LITTER, MEADOW, SOIL
from .outdoor_light import light
from .plants import fallen, grass, horizon_trees, log_pile, rock, stones
from .site import Site, hills


def forest_edge(rng: np.random.Generator) -> Environment:
    """Where a forest of spruces ends and a meadow begins; felled trunks, a trail, ferns."""
    site = Site(rng, (650, 330))
    for x, y, yaw in ((-700, 620, 80), (900, 520, 100)):
        site.add("Logs", log_pile(rng), x, y, yaw)
    for x, y, r in ((420, 560, 70), (510, 500, 40), (-1150, -480, 85), (1100, -560, 60), (-320, -620, 50)):
        site.add("Rock", rock(rng, r, (0.60, 0.60, 0.56)), x, y)
    forest = np.concatenate(
        [rng.uniform((-2600, 720), (2600, 1500), (46, 2)), rng.uniform((-2600, 1500), (2600, 2500), (26, 2))]
    )
    planted(site, forest, (620, 900), GREENS, conifers=0.72, leaves=330, gap_cm=210)
    planted(site, np.array([(-1700, -300), (1750, -500), (-1500, -1500)]), (560, 760), GREENS, leaves=520)
    for x, y in site.scattered(26, (-1900, 430), (1900, 1000), gap_cm=60):
        site.add("Fern", bush(rng, rng.uniform(30, 60), (0.48, 0.58, 0.34), height=0.6, leaves=70), x, y)
    for x in (-1800, -600, 600, 1800):
        site.add("Fence", rail_fence(rng, 1180), x, -1150, 90)
    rise = hills(rng, flat_cm=3600, height_cm=5200)
    horizon_trees(
        site,
        2600,
        4200,
        80,
        ((0.34, 0.42, 0.32), (0.40, 0.46, 0.34)),
        slim=0.8,
        height_cm=1200,
        angles=(0.15, 3.0),
    )
    horizon_trees(
        site,
        4500,
        9000,
        80,
        ((0.36, 0.44, 0.34), (0.46, 0.54, 0.36)),
        slim=0.6,
        height_cm=1100,
        heights=rise,
        angles=(3.0, 6.4),
    )
    site.terrain(MEADOW, rise)
    site.path(
        "Trail", SOIL, [(-3400, 120), (-1300, -90), (0, 30), (1300, -120), (3400, 260)], 170, 0.6, rough=0.25
    )
    forest_floor = replace(LITTER, color=(0.54, 0.46, 0.36), other=(0.50, 0.50, 0.36))
    site.path(
        "Floor", forest_floor, [(-3000, 1500), (-900, 1420), (900, 1500), (3000, 1450)], 1900, 0.8, rough=0.10
    )
    site.add(
        "Stones",
        stones(
            rng,
            np.concatenate(
                [site.scattered(70, (-1500, -800), (1500, 800)), rng.uniform((-600, -90), (600, 90), (26, 2))]
            ),
            5,
            (0.66, 0.63, 0.58),
        ),
        is_ground=True,
    )
    meadow(site, 1300, 1800, 16, (0.60, 0.63, 0.40), flower_share=7)
    return site.level(light("summer"))


def birch_wood(rng: np.random.Generator) -> Environment:
    """A clearing in a birch wood in autumn, with fallen leaves and mossy stones."""
    site = Site(rng, (520, 360))
    golden = ((0.90, 0.72, 0.28), (0.84, 0.62, 0.24), (0.76, 0.68, 0.34))
    ring = [
        (r * np.cos(a), r * np.sin(a))
        for r, n in ((760, 7), (1120, 10), (1600, 11))
        for a in (np.arange(n) * 2 * np.pi / n + rng.uniform(-0.2, 0.2, n)).tolist()
    ]
    planted(
        site,
        np.array(ring) + rng.uniform(-90, 90, (len(ring), 2)),
        (760, 1000),
        golden,
        leaves=280,
        birch=True,
        gap_cm=150,
    )
    for x, y, r in ((620, 300, 75), (700, 220, 42), (-640, -380, 90), (-560, 470, 50), (300, -620, 55)):
        site.add("Rock", rock(rng, r, (0.56, 0.58, 0.50)), x, y)
    trunk = log_pile(rng, 260)
    site.add("Logs", trunk, -250, 640, 70)
    for x, y in site.scattered(24, (-1500, -1500), (1500, 1500), gap_cm=70):
        site.add(
            "Fern",
            bush(
                rng,
                rng.uniform(28, 52),
                ((0.66, 0.56, 0.30), (0.54, 0.58, 0.34))[int(rng.integers(2))],
                height=0.6,
                leaves=64,
            ),
            x,
            y,
        )
    horizon_trees(site, 1900, 3600, 110, (*golden, (0.60, 0.54, 0.34)), slim=0.25, height_cm=1000)
    rise = hills(rng, flat_cm=3000, height_cm=3600)
    horizon_trees(site, 3800, 8000, 70, golden, slim=0.3, height_cm=1200, heights=rise)
    site.terrain(LITTER, rise)
    spots = np.concatenate(
        [rng.uniform((-1500, -1500), (1500, 1500), (900, 2)), rng.normal(0, 380, (420, 2))]
    )
    site.add(
        "Leaves",
        fallen(
            rng, spots, 6.5, ((0.90, 0.72, 0.28), (0.84, 0.56, 0.22), (0.68, 0.48, 0.28), (0.78, 0.70, 0.38))
        ),
        is_ground=True,
    )
    site.add(
        "Stones",
        stones(rng, rng.uniform((-700, -700), (700, 700), (50, 2)), 3.2, (0.62, 0.60, 0.54)),
        is_ground=True,
    )
    points = site.scattered(480, (-1500, -1500), (1500, 1500))
    site.add("Grass", grass(rng, points, 15, (0.64, 0.60, 0.36), blades=4), is_ground=True)
    return site.level(light("overcast"))
