"""Dry land: a desert with mesas and the floor of a canyon."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float

from ..environment import Environment
from ..noise import SmoothNoise
from ..props.fences import rail_fence
from ..props.shrubs import bush
from ..props.trees import bare_tree
from ..shapes.meshes import Paint, Part, Rgb, grid_triangles, textured
from ..shapes.organic import lump
from ..shapes.shapes import mesh_of, tube
from ..unreal_space import Number
from .grounds import DESERT, GRAVEL
from .outdoor_light import light
from .plants import cactus, fallen, grass, rock, stones
from .site import Heights, Site, hills

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
    _desert_plants(site, rng)
    _mesas(site, rng)
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
    _desert_pieces(site, rng)
    return site.level(light("desert"))


def _desert_plants(site: Site, rng: np.random.Generator) -> None:
    """Cacti, boulders, sage, a fence and a skull."""
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


def _mesas(site: Site, rng: np.random.Generator) -> None:
    """Mesas at the horizon."""
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


def _desert_pieces(site: Site, rng: np.random.Generator) -> None:
    """Stones, grass and twigs."""
    site.add(
        "Stones",
        stones(
            rng,
            rng.uniform((-1500, -1200), (1500, 1200), (190, 2)),
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
    _canyon_boulders(site, rng)
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
    _canyon_pebbles(site, rng)
    tufts = rng.uniform((-1700, -800), (1700, 800), (520, 2))
    tufts = tufts[site.is_free(tufts, 20) & (edge(tufts) < -60)]
    site.add("Grass", grass(rng, tufts, 22, (0.76, 0.68, 0.46), blades=5), is_ground=True)
    return site.level(light("desert"))


def _canyon_boulders(site: Site, rng: np.random.Generator) -> None:
    """Boulders, from knee height to that of a man."""
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


def _canyon_pebbles(site: Site, rng: np.random.Generator) -> None:
    """Pebbles on the floor of the canyon."""
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
