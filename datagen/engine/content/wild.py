"""Deserts and winter: dunes with cacti, a canyon, a snowed-in village, a frozen lake."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from .environment import Environment
from .grounds import DESERT, GRAVEL, SNOW, WATER
from .houses import House, church, house
from .meshes import Paint, Part, Rgb, moved, textured
from .noise import SmoothNoise
from .outdoor_light import light
from .outdoor_props import barrel, lantern, rail_fence
from .place_props import snowman
from .plants import cactus, fallen, grass, horizon_trees, log_pile, rock, stones
from .shapes import box, grid_triangles, lump, mesh_of, tube
from .site import Heights, Site, hills
from .street_props import bench
from .trees import bare_tree, bush, conifer
from .unreal_space import Number

_SAGE = (0.58, 0.60, 0.46)


def mesa(rng: np.random.Generator, radius_cm: Number, height_cm: Number, color: Rgb) -> list[Part]:
    """A table mountain with steep layered walls."""
    rows, columns = 12, 40
    angle = np.linspace(0, 2 * np.pi, columns + 1)
    share = np.linspace(0, 1, rows + 1)
    outline = 1 + 0.16 * SmoothNoise.of(rng, 1.0, waves=10)(np.stack([np.cos(angle), np.sin(angle)], axis=1))
    steps = np.interp(
        share, [0, 0.25, 0.3, 0.55, 0.6, 0.92, 0.95, 1], [1.35, 1.1, 1.0, 0.96, 0.88, 0.84, 0.7, 0.001]
    )
    bumps = SmoothNoise.of(rng, 0.35 * radius_cm, axes=3)
    r = radius_cm * steps[:, None] * outline
    z = height_cm * np.minimum(share / 0.95, 1.0)[:, None] * np.ones_like(angle)
    points = np.stack([r * np.cos(angle), r * np.sin(angle), z], axis=-1).reshape(-1, 3)
    points[:, :2] *= 1 + 0.07 * bumps(points)[:, None]
    points[columns :: columns + 1] = points[:: columns + 1]
    bands = 1 + 0.16 * np.sin(points[:, 2] / height_cm * 26 + 2 * bumps(points))
    uvs = np.stack([np.tile(angle, rows + 1) * radius_cm, points[:, 2]], axis=1) / 1500
    mesh = mesh_of(
        points,
        grid_triangles(rows, columns),
        Paint(gloss=0.02),
        uvs=uvs,
        colors=np.clip(np.array(color) * bands[:, None], 0, 1),
    )
    return [textured("rock", mesh)]


def desert(rng: np.random.Generator) -> Environment:
    """Sand and stones with cacti, a dirt track and table mountains at the horizon."""
    site = Site(rng, (700, 330))
    for x, y in (
        (650, 520),
        (-820, 560),
        (-700, -620),
        (1150, -480),
        (1500, 700),
        (-1600, 200),
        (200, 1150),
        (-300, -1250),
        (1900, -1300),
    ):
        site.add("Cactus", cactus(rng, rng.uniform(220, 420)), x, y, rng.uniform(0, 360))
    for x, y, r in (
        (850, 560, 80),
        (960, 470, 50),
        (-1000, -420, 110),
        (-1150, -540, 60),
        (300, -600, 55),
        (1700, 100, 160),
        (-1900, 900, 220),
        (600, 1500, 180),
        (-400, 640, 45),
    ):
        site.add("Rock", rock(rng, r, (0.80, 0.56, 0.42)), x, y, rng.uniform(0, 360))
    for x, y in site.scattered(46, (-2200, -2000), (2200, 2000), gap_cm=60):
        site.add("Sage", bush(rng, rng.uniform(22, 52), _SAGE, leaves=60), x, y)
    site.add("Fence", rail_fence(rng, 900, (0.62, 0.52, 0.42)), -300, 820, 84)
    site.add("Skull", ox_skull(), 420, 420, 40)
    for k, (a, away, r, h) in enumerate(
        (
            (0.3, 17000, 3600, 3600),
            (1.3, 23000, 5200, 4600),
            (2.3, 15000, 2300, 3000),
            (3.3, 21000, 5000, 4200),
            (4.2, 17000, 2600, 3900),
            (5.2, 24000, 6000, 4800),
            (5.9, 14000, 1900, 2500),
        )
    ):
        site.add(
            "Mesa",
            mesa(rng, r, h, ((0.78, 0.48, 0.34), (0.72, 0.42, 0.32), (0.82, 0.54, 0.38))[k % 3]),
            away * np.cos(a),
            away * np.sin(a),
            is_ground=True,
        )
    dunes = hills(rng, flat_cm=1900, height_cm=1900, scale_cm=3600, ridge=0.8)
    site.terrain(DESERT, dunes)
    site.path(
        "Track",
        replace(GRAVEL, color=(0.84, 0.68, 0.52), other=(0.78, 0.62, 0.46), tile_cm=460),
        [(-4000, 300), (-1500, 60), (0, -40), (1500, 90), (4000, -420)],
        280,
        0.6,
        rough=0.16,
    )
    site.add(
        "Stones",
        stones(
            rng,
            np.concatenate([rng.uniform((-1500, -1200), (1500, 1200), (190, 2))]),
            4.5,
            (0.82, 0.62, 0.48),
            detail=0,
        ),
        is_ground=True,
    )
    tufts = site.scattered(360, (-1900, -1700), (1900, 1700))
    site.add("Grass", grass(rng, tufts, 20, (0.80, 0.70, 0.44), blades=5), is_ground=True)
    twigs = rng.uniform((-900, -600), (900, 600), (170, 2))
    site.add(
        "Twigs",
        fallen(rng, twigs, 6, ((0.66, 0.50, 0.36), (0.90, 0.78, 0.60), (0.56, 0.42, 0.32))),
        is_ground=True,
    )
    return site.level(light("desert"))


def ox_skull() -> list[Part]:
    """A bleached skull with horns."""
    rng, bone = np.random.default_rng(7), Paint(color=(0.93, 0.89, 0.80), gloss=0.1, tile_cm=60)
    horns = [
        tube([(-8, s * 9, 20), (-12, s * 30, 26), (-6, s * 42, 44)], [4, 3, 0.8], bone, 7) for s in (-1, 1)
    ]
    head = [
        lump(rng, (0, 0, 14), (15, 12, 12), bone, rough=0.1),
        lump(rng, (22, 0, 8), (18, 7, 7), bone, rough=0.1),
    ]
    eyes = [
        lump(rng, (8, s * 8.6, 16), (4, 3.4, 4), Paint(color=(0.20, 0.16, 0.13)), rough=0.05, detail=1)
        for s in (-1, 1)
    ]
    return [textured("stucco", *horns, *head, *eyes)]


def canyon(rng: np.random.Generator) -> Environment:
    """The floor of a canyon along X: layered red walls, boulders, a brook of stones and juniper."""
    site = Site(rng, (900, 330))
    wall = SmoothNoise.of(rng, 1500.0)
    detail = SmoothNoise.of(rng, 420.0)

    def edge(points: np.ndarray) -> Float[np.ndarray, "points"]:
        along = np.stack([points[:, 0], 3000.0 * np.sign(points[:, 1])], axis=1)
        bend = 900 * np.clip((np.abs(points[:, 0]) - 1700) / 3500, 0, 1) ** 2 * np.sign(points[:, 0])
        return np.abs(points[:, 1] - bend) - 1150 - 260 * wall(along) - 70 * detail(points)

    def heights(points: np.ndarray) -> Float[np.ndarray, "points"]:
        into = edge(points)
        ledges = np.interp(
            into,
            [0, 90, 160, 420, 480, 560, 1100, 1180, 1300],
            [0, 240, 300, 360, 900, 1020, 1150, 1900, 2000],
        )
        return (
            ledges
            + np.where(into > 0, 40 * detail(points), 0)
            + 700 * np.clip((np.abs(points[:, 0]) - 5200) / 4000, 0, 1)
        )

    cliffs = canyon_walls(heights, edge)
    for x, y, r in (
        (620, 560, 110),
        (760, 480, 60),
        (-900, -560, 130),
        (-1050, -420, 70),
        (1300, -600, 150),
        (-400, 640, 70),
        (250, -620, 60),
        (-1600, 500, 120),
    ):
        site.add("Rock", rock(rng, r, (0.76, 0.46, 0.34)), x, y, rng.uniform(0, 360))
    for x, y in site.scattered(20, (-1900, -900), (1900, 900), gap_cm=70):
        if heights(np.array([[x, y]]))[0] < 1:
            site.add(
                "Juniper", bush(rng, rng.uniform(30, 80), (0.48, 0.54, 0.38), height=1.0, leaves=100), x, y
            )
    site.add("DeadTree", bare_tree(rng, 420, color=(0.62, 0.54, 0.46)), -300, -760)
    site.add("DeadTree", bare_tree(rng, 360, color=(0.62, 0.54, 0.46)), 1500, 520)
    site.terrain(replace(DESERT, color=(0.82, 0.58, 0.44), other=(0.76, 0.52, 0.40)), below_cm=80)
    site.surface("Floor", replace(DESERT, color=(0.82, 0.58, 0.44), other=(0.76, 0.52, 0.40)), *cliffs[0])
    site.surface(
        "Cliffs",
        replace(
            DESERT, texture="rock", color=(0.80, 0.48, 0.35), other=(0.72, 0.40, 0.31), tile_cm=700, warp=0.1
        ),
        *cliffs[1],
    )
    bed = replace(GRAVEL, color=(0.80, 0.68, 0.58), other=(0.72, 0.58, 0.48))
    site.path(
        "Bed",
        bed,
        [(-4000, -360), (-1500, 130), (-300, -60), (700, 60), (1900, -160), (4000, 300)],
        260,
        0.6,
        rough=0.3,
    )
    site.add(
        "Stones",
        stones(
            rng,
            np.concatenate(
                [
                    rng.uniform((-1600, -420), (1600, 420), (200, 2)),
                    rng.uniform((-1200, -90), (1200, 90), (60, 2)),
                ]
            ),
            4.5,
            (0.80, 0.58, 0.46),
            detail=0,
        ),
        is_ground=True,
    )
    tufts = rng.uniform((-1700, -800), (1700, 800), (520, 2))
    tufts = tufts[site.is_free(tufts, 20) & (edge(tufts) < -60)]
    site.add("Grass", grass(rng, tufts, 22, (0.76, 0.68, 0.46), blades=5), is_ground=True)
    return site.level(light("desert"))


def canyon_walls(heights: Heights, edge: Heights) -> tuple[tuple, tuple]:
    """Two grids along X that follow the canyon: its floor, and its walls up to the rim."""
    xs = np.concatenate(
        [-np.geomspace(12000, 2600, 12), np.linspace(-2400, 2400, 41), np.geomspace(2600, 12000, 12)]
    )
    offsets = np.array(
        [
            -1000,
            -850,
            -700,
            -560,
            -420,
            -300,
            -200,
            -120,
            -60,
            -10,
            20,
            60,
            90,
            130,
            160,
            240,
            340,
            420,
            450,
            480,
            520,
            560,
            700,
            900,
            1100,
            1140,
            1180,
            1300,
            1800,
            3200,
            8000,
            16000,
        ],
        dtype=np.float64,
    )
    sides = []
    for side in (-1.0, 1.0):
        base = np.stack([xs, np.full(len(xs), side * 1150.0)], axis=1)
        place = base.copy()
        for _ in range(4):
            place[:, 1] -= side * edge(place)
        y = place[:, 1][None] + side * offsets[:, None]
        flat = np.stack([np.broadcast_to(xs, y.shape), y], axis=-1)
        sides.append(flat)
    floor = np.concatenate([sides[0][:10][::-1], sides[1][:10]])
    flat_floor = floor.reshape(-1, 2)
    floor_part = (flat_floor, grid_triangles(19, len(xs) - 1), heights(flat_floor) * (edge(flat_floor) > 0))
    walls, triangles, start = [], [], 0
    for side, flat in zip((-1, 1), sides, strict=True):
        rows = flat[9:]
        grid = grid_triangles(len(rows) - 1, len(xs) - 1)
        triangles.append((grid if side > 0 else grid[:, [0, 2, 1]]) + start)
        walls.append(rows.reshape(-1, 2))
        start += walls[-1].shape[0]
    points = np.concatenate(walls)
    return floor_part, (points, np.concatenate(triangles), heights(points))


def winter_village(rng: np.random.Generator) -> Environment:
    """A village street in snow: wooden houses with snow on their roofs, a lit spruce, snowmen."""
    site = Site(rng, (800, 250))
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
    site.add("Church", church(rng, 2000), -4300, 200)
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
        [*conifer(rng, 560, (0.30, 0.42, 0.32), width=0.24, leaves=620), *baubles(rng, 560)],
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
    tracks(site, 5)
    return site.level(light("winter"))


def baubles(rng: np.random.Generator, height_cm: Number) -> list[Part]:
    """Lights and balls on a spruce."""
    from .meshes import ellipsoid

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


def tracks(site: Site, count: int) -> None:
    """Footprints in snow: small darker ovals in pairs."""
    rng, prints = site.rng, []
    for _ in range(count):
        x, y, turn = rng.uniform(-1100, 1100), rng.uniform(-330, 330), rng.uniform(0, 6.28)
        for step in range(18):
            turn += rng.normal(0, 0.06)
            x, y = x + 34 * np.cos(turn), y + 34 * np.sin(turn)
            side = 9 * (-1) ** step
            a, b = x - side * np.sin(turn), y + side * np.cos(turn)
            one = lump(
                rng,
                (0, 0, 0),
                (14, 6, 0.9),
                Paint(color=(0.66, 0.70, 0.80), tile_cm=100),
                rough=0.1,
                detail=1,
                shade=0,
            )
            spin = np.array([[np.cos(turn), np.sin(turn), 0], [-np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
            prints.append(
                moved(replace(one, positions=one.positions @ spin, normals=one.normals @ spin), a, b, 0.6)
            )
    site.add("Prints", [textured("snow", *prints)], is_ground=True)


def frozen_lake(rng: np.random.Generator) -> Environment:
    """A frozen lake between snowy woods: bare trees, spruces, a jetty, reeds and rocks."""
    site = Site(rng, (800, 420))
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
    reed = rng.uniform((-1200, -1100), (1200, 1100), (900, 2))
    reed = reed[(np.abs(np.linalg.norm(reed, axis=1) - 1120) < 60) & site.is_free(reed, 30)]
    site.add("Reeds", grass(rng, reed, 75, (0.74, 0.66, 0.48), blades=4), is_ground=True)
    tracks(site, 4)
    return site.level(light("winter"))


__all__ = ["canyon", "desert", "frozen_lake", "winter_village"]
