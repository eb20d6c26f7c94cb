"""Parks: a lawn with a gazebo, a pond in autumn, a playground."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.boats import rowboat
from ..props.fences import picket_fence
from ..props.monuments import gazebo, statue
from ..props.outdoor import lantern, picnic_table
from ..props.playground import climbing_dome, slide, spring_rider, swing_set
from ..props.shrubs import bush
from ..props.street import bench, litter_bin
from ..props.trees import AUTUMN, GREEN
from ..shapes.meshes import Paint, textured
from ..shapes.shapes import box
from .green import GREENS, meadow, planted
from .grounds import GRAVEL, LAWN, SAND, SOIL, WATER
from .outdoor_light import light
from .plants import fallen, flowers, grass, horizon_trees, reeds, rock
from .site import Ground, Site, hills


def park(rng: np.random.Generator) -> Environment:
    """A park: lawn, a gravel path, flower beds, a pavilion, old trees."""
    site = Site(rng, (620, 380))
    site.add("Gazebo", gazebo(), 700, 1150)
    site.add("Statue", statue((0.56, 0.58, 0.56)), -1350, -500, 30)
    path = [(-3600, 700), (-1800, 520), (-600, 640), (500, 560), (1600, 760), (3600, 300)]
    for x, y, yaw in ((-420, 800, -90), (260, 400 + 330, -90), (1350, 560, -110)):
        site.add("Bench", bench(), x, y + 20, yaw)
    for x, y in ((-900, 760), (100, 760), (1150, 850)):
        site.add("Lantern", lantern(), x, y)
    site.add("Bin", litter_bin(), 420, 750)
    for k in range(9):
        a = 2 * np.pi * k / 9
        site.add(
            "Rose",
            bush(
                rng,
                42,
                (0.46, 0.57, 0.36),
                petals=((0.92, 0.36, 0.42), (0.95, 0.80, 0.40), (0.90, 0.62, 0.80))[k % 3],
            ),
            -760 + 150 * np.cos(a),
            -700 + 110 * np.sin(a),
        )
    around = [(1000 + 300 * k, -800 - 150 * (k % 2)) for k in range(3)] + [
        (-1300, 1100),
        (-300, 1300),
        (1500, 1500),
        (-2000, 100),
        (300, -1150),
        (-300, -1350),
        (1900, 300),
    ]
    planted(site, np.array(around), (640, 860), GREENS, leaves=560)
    rise = hills(rng, flat_cm=4200, height_cm=2400)
    horizon_trees(site, 2500, 4400, 70, GREENS, slim=0.15, height_cm=950)
    horizon_trees(site, 5000, 9000, 60, GREENS, slim=0.2, height_cm=1300, heights=rise)
    site.terrain(LAWN, rise)
    site.path("Path", GRAVEL, path, 190, 0.7, rough=0.12)
    site.path("Path", GRAVEL, [(300, 560), (640, 800), (700, 1150)], 130, 0.9, rough=0.15)
    meadow(site, 1500, 1500, 15, (0.54, 0.61, 0.38))
    clumps = rng.uniform((-1300, -800), (1300, 520), (34, 2)).repeat(16, axis=0)
    clover = clumps + rng.normal(0, 45, clumps.shape)
    # Low enough to walk on.
    site.add("Clover", flowers(rng, clover, 3.6, ((0.97, 0.97, 0.94), (0.97, 0.88, 0.42))), is_ground=True)
    spots = rng.uniform((-900, -600), (900, 600), (260, 2))
    site.add("Leaves", fallen(rng, spots, 6, ((0.60, 0.60, 0.30), (0.74, 0.64, 0.34))), is_ground=True)
    return site.level(light("summer"))


def autumn_pond(rng: np.random.Generator) -> Environment:
    """A park in autumn: a pond with reeds and a boat, red and yellow trees, fallen leaves."""
    site = Site(rng, (620, 300))
    pond = [(-1300, 1100), (600, 1250)]
    _pond_things(site, rng)
    _pond_trees(site)
    rise = hills(rng, flat_cm=4600, height_cm=3000)
    horizon_trees(site, 2700, 4600, 80, (*AUTUMN, (0.42, 0.50, 0.36)), height_cm=900)
    horizon_trees(
        site, 5000, 9500, 60, (*AUTUMN[:3], (0.40, 0.46, 0.36)), slim=0.3, height_cm=1300, heights=rise
    )

    def in_water(points: np.ndarray) -> np.ndarray:
        return np.min(
            [
                np.linalg.norm((points - c) / s, axis=1)
                for c, s in (
                    ((pond[0][0] + 300, 1180), (900, 430)),
                    ((pond[1][0] - 200, 1240), (1200, 520)),
                    ((-300, 1180), (900, 480)),
                )
            ],
            axis=0,
        )

    def basin(points: np.ndarray) -> np.ndarray:
        return rise(points) - 120 * np.clip(1.35 - in_water(points), 0, 1) ** 0.8

    look = Ground(texture="litter", color=(0.66, 0.60, 0.40), other=(0.58, 0.56, 0.36), tile_cm=420)
    site.terrain(look, basin)
    site.rectangle(
        "Pond",
        replace(WATER, color=(0.30, 0.36, 0.34), other=(0.38, 0.42, 0.38)),
        (-2600, 500),
        (2600, 2200),
        -38,
        cell_cm=200,
    )
    banks = rng.uniform((-1900, 600), (1700, 1900), (900, 2))
    banks = banks[np.abs(in_water(banks) - 1.08) < 0.05]
    site.add("Reeds", reeds(rng, banks, 120), is_ground=True)
    site.path(
        "Path",
        replace(SOIL, color=(0.66, 0.58, 0.48)),
        [(-3600, -200), (-1200, 40), (0, -60), (1200, 120), (3600, -260)],
        210,
        0.7,
        rough=0.18,
    )
    _autumn_leaves(site, rng)
    return site.level(light("golden"))


def _pond_things(site: Site, rng: np.random.Generator) -> None:
    """A boat, benches, lanterns and rocks."""
    site.add("Boat", rowboat((0.34, 0.46, 0.42)), -250, 890, 14, z=-52, is_ground=True)
    for x, y, yaw in ((-500, 470, -90), (250, 480, -90), (-900, -300, 20)):
        site.add("Bench", bench(), x, y - 40, yaw + 180 if yaw == -90 else yaw)
    for x in (-720, 500):
        site.add("Lantern", lantern(), x, 430)
    site.add("Picnic", picnic_table(), 950, -500, 25)
    for x, y, r in ((820, 560, 60), (900, 480, 34), (-1100, 420, 70), (650, -640, 55)):
        site.add("Rock", rock(rng, r, (0.62, 0.60, 0.58)), x, y)


def _pond_trees(site: Site) -> None:
    """Trees around the pond."""
    around = [
        (-1000, -700),
        (-300, -850),
        (400, -900),
        (1300, -100),
        (1250, 700),
        (-1500, 200),
        (-1700, -900),
        (1000, -1400),
        (-600, -1500),
        (1900, -700),
        (300, -1700),
    ]
    planted(site, np.array(around), (560, 820), AUTUMN, leaves=600)


def _autumn_leaves(site: Site, rng: np.random.Generator) -> None:
    """Leaves and grass."""
    spots = np.concatenate(
        [rng.uniform((-1700, -1500), (1700, 480), (900, 2)), rng.normal(0, 500, (300, 2)) * [1, 0.5]]
    )
    site.add(
        "Leaves",
        fallen(
            rng, spots, 7.5, ((0.86, 0.54, 0.18), (0.78, 0.34, 0.16), (0.90, 0.74, 0.28), (0.60, 0.42, 0.24))
        ),
        is_ground=True,
    )
    points = site.scattered(320, (-1600, -1400), (1600, 460))
    site.add("Grass", grass(rng, points, 12, (0.60, 0.60, 0.36), blades=4), is_ground=True)


def playground(rng: np.random.Generator) -> Environment:
    """A playground with a slide, swings, a dome of bars and a sand pit on coloured rubber."""
    site = Site(rng, (430, 330))
    site.add("Slide", slide(), -750, 520, -35)
    site.add("Swings", swing_set(), 850, 250, 20)
    site.add("Dome", climbing_dome(), -820, -420)
    for x, y, tint in ((560, -560, (0.90, 0.36, 0.20)), (760, -420, (0.24, 0.56, 0.42))):
        site.add("Rider", spring_rider(tint), x, y, rng.uniform(0, 360))
    site.add("Table", picnic_table(), 250, 820, 70)
    for x, y, yaw in ((-160, 760, -90), (-200, -760, 90), (520, 700, -110)):
        site.add("Bench", bench(), x, y, yaw)
    site.add("Bin", litter_bin(), -330, 780)
    pit = [
        box((30, 420, 34), (s * 210, 0, 15), Paint(color=(0.80, 0.66, 0.48), tile_cm=160)) for s in (-1, 1)
    ] + [box((390, 30, 34), (0, s * 195, 15), Paint(color=(0.80, 0.66, 0.48), tile_cm=160)) for s in (-1, 1)]
    site.add("SandPit", [textured("planks", *pit)], 150, -900, 12)
    for x, yaw in ((-1450, 0), (1450, 0)):
        for y in (-900, 0, 900):
            site.add("Fence", picket_fence(800, (0.86, 0.30, 0.24) if y else (0.96, 0.78, 0.24)), x, y, yaw)
    for y in (-1350, 1350):
        for x in (-950, 0, 950):
            site.add("Fence", picket_fence(860, (0.24, 0.46, 0.70) if x else (0.30, 0.60, 0.40)), x, y, 90)
    around = [(a, b) for a in (-1750, -900, 0, 900, 1750) for b in (-1700, 1700)] + [(-1850, 0), (1850, 100)]
    planted(site, np.array(around) + rng.uniform(-120, 120, (12, 2)), (560, 780), GREENS, leaves=420)
    for x, y in ((-1330, 1230), (1330, -1200), (1320, 1220), (-1320, -1230)):
        site.add("Bush", bush(rng, 75, GREEN, petals=(0.95, 0.94, 0.90)), x, y)
    horizon_trees(site, 2600, 4800, 90, GREENS, slim=0.2, height_cm=1050)
    rise = hills(rng, flat_cm=4200, height_cm=2200)
    site.terrain(LAWN, rise)
    rubber = Ground(
        texture="gravel", color=(0.70, 0.44, 0.38), other=(0.64, 0.40, 0.36), tile_cm=130, patch_cm=300
    )
    site.disc("Rubber", rubber, 0, 0, 700, 0.5, rough=0.10)
    blue = replace(rubber, color=(0.26, 0.46, 0.66), other=(0.30, 0.50, 0.68))
    for x, y, r, color in (
        (-640, 470, 300, blue),
        (800, 240, 330, replace(rubber, color=(0.40, 0.60, 0.36), other=(0.44, 0.62, 0.36))),
        (-760, -420, 290, replace(rubber, color=(0.90, 0.72, 0.32), other=(0.86, 0.66, 0.30))),
        (60, 40, 130, blue),
        (330, -180, 70, replace(rubber, color=(0.92, 0.76, 0.36), other=(0.90, 0.72, 0.34))),
    ):
        site.disc("Rubber", color, x, y, r, 0.9 + 0.0007 * r, rough=0.08)
    site.disc("Sand", SAND, 150, -900, 185, 1.4)
    meadow(site, 900, 1800, 13, (0.54, 0.61, 0.38))
    return site.level(light("clear"))
