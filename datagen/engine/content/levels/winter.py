"""Winter: a village in snow and a frozen lake."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.fences import rail_fence
from ..props.house_fronts import House
from ..props.houses import house
from ..props.large_buildings import church
from ..props.market import barrel
from ..props.outdoor import lantern
from ..props.places import snowman
from ..props.street import bench
from ..props.trees import bare_tree, conifer
from ..shapes.meshes import Paint, Part, ellipsoid, moved, textured
from ..shapes.organic import lump
from ..shapes.shapes import box, tube
from ..unreal_space import Number
from .grounds import SNOW, WATER
from .outdoor_light import light
from .plants import fallen, grass, horizon_trees, log_pile, rock, tracks
from .site import Site, hills


def winter_village(rng: np.random.Generator) -> Environment:
    """A village street in snow: wooden houses with snow on their roofs, a lit spruce, snowmen."""
    site = Site(rng, (800, 250))
    _village_houses(site, rng)
    site.add("Church", church(rng, 2000), -4300, 200)
    _village_things(site, rng)
    rise = hills(rng, flat_cm=3400, height_cm=9000, scale_cm=6500)
    horizon_trees(
        site,
        2300,
        8000,
        80,
        ((0.48, 0.55, 0.52), (0.40, 0.48, 0.46), (0.74, 0.78, 0.82)),
        slim=0.95,
        height_cm=1000,
        heights=rise,
    )
    site.terrain(SNOW, rise)
    road = replace(SNOW, color=(0.78, 0.78, 0.80), other=(0.70, 0.68, 0.68), tile_cm=420, warp=0.4)
    site.path(
        "Road", road, [(-4000, 60), (-1500, -40), (0, 20), (1500, -30), (4000, 90)], 420, 0.5, rough=0.12
    )
    site.add("Prints", tracks(rng, 9, (0.66, 0.70, 0.80), "snow"), is_ground=True)
    grit = rng.uniform((-1700, -190), (1700, 190), (900, 2))
    tones = ((0.34, 0.31, 0.28), (0.52, 0.48, 0.44), (0.42, 0.30, 0.20))
    site.add("Grit", fallen(rng, grit, 3.5, tones), is_ground=True)
    return site.level(light("winter"))


def _village_houses(site: Site, rng: np.random.Generator) -> None:
    """Two rows of houses."""
    colors = ((0.56, 0.38, 0.26), (0.72, 0.30, 0.24), (0.88, 0.82, 0.70), (0.44, 0.34, 0.28))
    for side in (-1, 1):
        for index, x in enumerate((np.arange(-3200, 3300, 1280) + (200 if side > 0 else -160)).tolist()):
            look = House(
                width_cm=900,
                depth_cm=850,
                storeys=1 + (index + (side > 0)) % 2,
                wall="planks",
                color=colors[(index + 2 * (side > 0)) % 4],
                roof=("front", "gable")[index % 2],
                roof_color=(0.94, 0.95, 0.98),
                pitch=0.95,
                snow=True,
                accent=(0.30, 0.40, 0.34),
                shutters=((0.30, 0.42, 0.36), (0.62, 0.22, 0.20))[index % 2],
                window_gap_cm=260,
                lit=0.7,
            )
            site.add("House", house(rng, look), x, side * 900, -90 * side)


def _village_things(site: Site, rng: np.random.Generator) -> None:
    """Trees, snowmen, lanterns, a bench and fences."""
    for x, y, h in (
        (700, 560, 430),
        (-1150, 620, 560),
        (-600, -640, 460),
        (1350, -600, 620),
        (-2300, -560, 600),
        (2300, 560, 640),
    ):
        site.add("Spruce", conifer(rng, h, (0.36, 0.45, 0.36), snow=True), x, y)
    site.add(
        "LitSpruce",
        [*conifer(rng, 560, (0.30, 0.42, 0.32), width=0.24, leaves=620), *baubles(560)],
        120,
        620,
    )
    site.add("Snowman", snowman(rng), -330, 480, -70)
    site.add("Snowman", snowman(rng), 480, -500, 80)
    for x, y in ((-800, 430), (930, 420), (-150, -470), (1900, -430), (-1900, 420)):
        site.add("Lantern", lantern(), x, y)
    site.add("Bench", bench(), -560, 560, -90)
    site.add("Logs", log_pile(rng, 200), 900, -620, 80)
    site.add("Barrel", barrel(), -250, -560)
    for x, y in ((-1500, -450), (1600, 460)):
        site.add("Fence", rail_fence(rng, 620), x, y, 90)
    for x, y in site.scattered(16, (-2200, -650), (2200, 650), gap_cm=60):
        site.add(
            "Drift",
            [
                textured(
                    "snow",
                    lump(
                        rng,
                        (0, 0, 4),
                        (rng.uniform(60, 120), rng.uniform(50, 90), rng.uniform(22, 40)),
                        Paint(color=(0.93, 0.95, 0.99), tile_cm=400),
                        rough=0.2,
                    ),
                )
            ],
            x,
            y,
        )


def baubles(height_cm: Number) -> list[Part]:
    """Lights and balls on a spruce."""

    pieces = []
    for index in range(46):
        share = 0.12 + 0.83 * index / 46
        reach = 0.235 * height_cm * (1 - share) ** 0.85 + 4
        angle = 2.4 * index
        color = ((0.90, 0.18, 0.16), (0.98, 0.80, 0.30), (1.0, 0.93, 0.72))[index % 3]
        center = (
            reach * np.cos(angle),
            reach * np.sin(angle),
            0.10 * height_cm + share * 0.9 * height_cm - 14,
        )
        pieces.append(
            ellipsoid(center, (6, 6, 6), Paint(color=color, gloss=0.6, glow=0.5 if index % 3 else 0.1), 7, 5)
        )
    star = ellipsoid(
        (0, 0, height_cm + 6), (11, 5, 13), Paint(color=(1.0, 0.85, 0.36), gloss=0.7, glow=0.4), 6, 4
    )
    return [textured("smooth", *pieces, star)]


def frozen_lake(rng: np.random.Generator) -> Environment:
    """A frozen lake between snowy woods: bare trees, spruces, a jetty, reeds and rocks."""
    site = Site(rng, (800, 420))
    _shore(site, rng)
    _jetty(site)
    site.add("Snowman", snowman(rng), -620, 560, -50)
    site.add("Bench", bench(), 880, -560, 120)
    site.add("Logs", log_pile(rng, 200), -1150, 250, 20)
    rise = hills(rng, flat_cm=2800, height_cm=11000, scale_cm=6000)
    horizon_trees(
        site,
        2700,
        9500,
        80,
        ((0.46, 0.53, 0.52), (0.40, 0.48, 0.47), (0.76, 0.80, 0.84)),
        slim=0.9,
        height_cm=950,
        heights=rise,
    )
    site.terrain(SNOW, rise)
    _ice(site, rng)
    _reeds(site, rng)
    site.add("Prints", tracks(rng, 6, (0.66, 0.70, 0.80), "snow"), is_ground=True)
    return site.level(light("winter"))


def _shore(site: Site, rng: np.random.Generator) -> None:
    """Trees and rocks around the lake."""
    ring = [
        (r * np.cos(a), r * np.sin(a))
        for r, n in ((1500, 15), (2000, 17))
        for a in (np.arange(n) * 2 * np.pi / n + rng.uniform(-0.14, 0.14, n)).tolist()
    ]
    for index, (x, y) in enumerate(ring):
        parts = (
            conifer(rng, rng.uniform(560, 900), (0.36, 0.45, 0.38), snow=True, leaves=240)
            if index % 3
            else bare_tree(rng, rng.uniform(520, 680), snow=True)
        )
        site.add("Spruce" if index % 3 else "BareTree", parts, 1.25 * x, y, rng.uniform(0, 360))
    for x, y, r in (
        (900, 520, 90),
        (1010, 440, 50),
        (-1000, -520, 110),
        (-880, 640, 70),
        (300, -760, 60),
        (-300, 820, 80),
    ):
        site.add(
            "Rock",
            [
                *rock(rng, r, (0.52, 0.52, 0.54)),
                textured(
                    "snow",
                    lump(
                        rng,
                        (0, 0, 0.72 * r),
                        (0.78 * r, 0.62 * r, 0.26 * r),
                        Paint(color=(0.94, 0.95, 0.99), tile_cm=300),
                        rough=0.15,
                    ),
                ),
            ],
            x,
            y,
        )


def _jetty(site: Site) -> None:
    """A jetty."""
    deck = [
        box((520, 160, 10), (0, 0, 34), Paint(color=(0.50, 0.42, 0.35), tile_cm=220)),
        box((500, 146, 5), (0, 0, 41), Paint(color=(0.94, 0.95, 0.99), tile_cm=300)),
    ]
    piles = [
        moved(
            tube([(0, 0, -10), (0, 0, 76)], [9, 9], Paint(color=(0.42, 0.34, 0.28), tile_cm=80), 8), x, y, 0
        )
        for x in (-240, 0, 240)
        for y in (-84, 84)
    ]
    site.add(
        "Jetty",
        [textured("planks", deck[0]), textured("snow", deck[1]), textured("bark", *piles)],
        300,
        800,
        75,
    )


def _ice(site: Site, rng: np.random.Generator) -> None:
    """The ice with snow and cracks."""
    ice = replace(WATER, color=(0.66, 0.76, 0.82), other=(0.76, 0.82, 0.86), gloss=0.5, tile_cm=900, warp=0.3)
    site.disc("Ice", ice, 0, 0, 1050, 0.4, rough=0.12)
    for k in range(13):
        a, r = 2.4 * k, 170 + 62 * k
        site.disc(
            "Drift",
            replace(SNOW, tile_cm=500),
            r * np.cos(a),
            r * np.sin(a) * 0.8,
            rng.uniform(60, 150),
            0.7 + 0.03 * k,
            rough=0.22,
        )
    cracks = [
        tube(
            [
                (x, y, 0.2),
                (x + rng.uniform(-90, 90), y + rng.uniform(-90, 90), 0.2),
                (x + rng.uniform(-220, 220), y + rng.uniform(-220, 220), 0.2),
            ],
            [1.1, 0.9, 0.4],
            Paint(color=(0.88, 0.93, 0.96)),
            4,
        )
        for x, y in rng.uniform((-750, -600), (750, 600), (34, 2))
    ]
    site.add("Cracks", [textured("smooth", *cracks)], is_ground=True)


def _reeds(site: Site, rng: np.random.Generator) -> None:
    """Reeds at the edge."""
    reed = rng.uniform((-1200, -1100), (1200, 1100), (900, 2))
    reed = reed[(np.abs(np.linalg.norm(reed, axis=1) - 1120) < 60) & site.is_free(reed, 30)]
    site.add("Reeds", grass(rng, reed, 75, (0.74, 0.66, 0.48), blades=4), is_ground=True)
