"""Sports grounds and a railway station."""

from dataclasses import replace

import numpy as np

from ..environment import Environment
from ..props.decor import sheet
from ..props.fences import mesh_fence
from ..props.large_buildings import tower_block, wall_run
from ..props.outdoor import LAMP_GLASS, modern_lamp
from ..props.places import planter_box
from ..props.sport import basketball_hoop, bleachers, goal
from ..props.street import STEEL, bench, litter_bin
from ..props.trees import broadleaf
from ..shapes.meshes import Mesh, Paint, Part, circles, grid_triangles, tapered, textured
from ..shapes.shapes import box, mesh_of, quad
from ..unreal_space import Number
from .green import GREENS
from .grounds import LAWN, TARMAC
from .outdoor_light import light
from .plants import fallen, grass, horizon_trees
from .site import Ground, Site, hills

WHITE_LINE = Paint(color=(0.95, 0.95, 0.93), gloss=0.1, tile_cm=300)


def line(x0: Number, y0: Number, x1: Number, y1: Number, z: Number = 1.0, width: Number = 6.0) -> Mesh:
    """A painted line along X or Y."""
    half = width / 2
    low, high = (min(x0, x1) - half, min(y0, y1) - half), (max(x0, x1) + half, max(y0, y1) + half)
    return quad((low[0], low[1], z), (high[0] - low[0], 0, 0), (0, high[1] - low[1], 0), WHITE_LINE)


def arc(
    x: Number,
    y: Number,
    radius: Number,
    first_deg: Number,
    last_deg: Number,
    z: Number = 1.0,
    width: Number = 6.0,
) -> Mesh:
    """A painted arc."""
    angle = np.radians(np.linspace(first_deg, last_deg, 33))
    rows = [
        np.stack([x + r * np.cos(angle), y + r * np.sin(angle), np.full(33, z)], axis=1)
        for r in (radius - width / 2, radius + width / 2)
    ]
    return mesh_of(np.concatenate(rows), grid_triangles(1, 32)[:, [0, 2, 1]], WHITE_LINE)


def basketball_court(rng: np.random.Generator) -> Environment:
    """A fenced court with two hoops between houses, with benches and a painted wall."""
    site = Site(rng, (820, 430))
    _court_things(site, rng)
    for x, y in (
        (-1900, 300),
        (-1950, -700),
        (1900, -300),
        (1950, 600),
        (-900, 1350),
        (300, 1400),
        (1200, 1350),
    ):
        site.add(
            "Tree", broadleaf(rng, rng.uniform(640, 800), GREENS[int(rng.integers(3))], leaves=480), x, y
        )
    tints = ((0.86, 0.76, 0.64), (0.80, 0.60, 0.50), (0.76, 0.78, 0.80), (0.90, 0.86, 0.78))
    for index in range(14):
        a = 2 * np.pi * index / 14
        site.add(
            "Block",
            tower_block(rng, (1100, 1500, rng.uniform(1200, 2600)), tints[index % 4]),
            3700 * np.cos(a),
            3000 * np.sin(a),
            np.degrees(a),
        )
    site.terrain(replace(TARMAC, color=(0.60, 0.60, 0.61), other=(0.54, 0.54, 0.56)))
    _court_grounds(site)
    spots = rng.uniform((-1500, -900), (1500, 900), (200, 2))
    site.add(
        "Leaves",
        fallen(rng, spots, 6, ((0.64, 0.62, 0.32), (0.84, 0.66, 0.28), (0.92, 0.92, 0.90))),
        is_ground=True,
    )
    return site.level(light("clear"))


def _court_things(site: Site, rng: np.random.Generator) -> None:
    """Hoops, a fence, a mural, benches and lamps."""
    for side in (-1, 1):
        site.add("Hoop", basketball_hoop(), side * 1290, 0, 180 if side > 0 else 0)
        site.add("Fence", mesh_fence(1900), side * 1580, 0)
    site.add("Fence", mesh_fence(3150), 0, 950, 90)
    for number, x in enumerate((-1250, -820, -210, 330, 860, 1270)):
        site.add("Banner", sheet(330, 110, 2 * number + 1), x, 945, -90, z=100)
    for number, y in enumerate((-620, -180, 260, 700)):
        for side in (-1, 1):
            site.add(
                "Banner", sheet(300, 105, number + 4 * (side > 0)), side * 1575, y, 90 + side * 90, z=105
            )
    site.add("Mural", mural(rng, 3100), 0, -1000, 90)
    for x in (-700, 0, 700):
        site.add("Bench", bench(), x, 880, -90)
    site.add("Bleachers", bleachers(900, 3, (0.86, 0.46, 0.22)), -650, -760, 90)
    site.add("Bin", litter_bin(), 480, 870)
    site.add("Planter", planter_box(rng, 200, (0.56, 0.56, 0.57)), 700, -850, 90)
    site.add("Lamp", modern_lamp(560), 1450, 860)
    site.add("Lamp", modern_lamp(560), -1450, 860)


def _court_grounds(site: Site) -> None:
    """The court with its lines."""
    court = Ground(texture="tarmac", color=(0.30, 0.48, 0.58), other=(0.34, 0.51, 0.60), tile_cm=700)
    site.rectangle("Court", court, (-1400, -750), (1400, 750), 0.4, cell_cm=70)
    key = replace(court, color=(0.78, 0.44, 0.30), other=(0.74, 0.42, 0.30))
    for side in (-1, 1):
        low, high = sorted((side * 820, side * 1400))
        site.rectangle("Key", key, (low, -245), (high, 245), 0.7, cell_cm=70)
    site.disc("Center", key, 0, 0, 180, 0.7)
    lines = [line(-1400, y, 1400, y) for y in (-750, 750)] + [line(x, -750, x, 750) for x in (-1400, 0, 1400)]
    lines += [arc(0, 0, 180, 0, 360)]
    for side in (-1, 1):
        lines += [
            line(side * 820, -245, side * 820, 245),
            *(line(side * 820, y, side * 1400, y) for y in (-245, 245)),
        ]
        lines += [
            arc(side * 820, 0, 180, 90 if side > 0 else -90, 270 if side > 0 else 90),
            arc(side * 1240, 0, 675, 98 if side > 0 else -82, 262 if side > 0 else 82),
        ]
    site.add("Lines", [textured("plaster", *lines)], is_ground=True)


def mural(rng: np.random.Generator, length: Number) -> list[Part]:
    """A concrete wall along Y that is painted with big coloured shapes towards +X."""
    wall = wall_run(rng, length, 300, (0.78, 0.77, 0.75), "stucco", 30)
    shapes: list[Mesh] = []
    palette = (
        (0.90, 0.34, 0.30),
        (0.96, 0.74, 0.24),
        (0.22, 0.50, 0.66),
        (0.34, 0.66, 0.52),
        (0.62, 0.38, 0.62),
        (0.95, 0.92, 0.86),
        (0.16, 0.18, 0.24),
    )
    for index in range(46):
        y, z = rng.uniform(-length / 2 + 120, length / 2 - 120), rng.uniform(70, 235)
        size = rng.uniform(25, 95)
        angle = np.linspace(0, 2 * np.pi, int(rng.choice([4, 5, 7, 17])) + 1)[:-1] + rng.uniform(0, 1)
        outline = np.stack(
            [
                np.full(len(angle), 15.4 + 0.05 * index),
                y + size * np.cos(angle),
                np.clip(z + size * rng.uniform(0.5, 1) * np.sin(angle), 6, 294),
            ],
            axis=1,
        )
        fan = np.stack(
            [np.zeros(len(angle) - 2, dtype=int), np.arange(1, len(angle) - 1), np.arange(2, len(angle))],
            axis=1,
        )
        normals = np.tile([1.0, 0.0, 0.0], (len(angle), 1))
        shapes.append(
            mesh_of(
                outline,
                fan,
                Paint(color=palette[index % 7], tile_cm=300),
                normals=normals,
                uvs=outline[:, 1:] / 300,
            )
        )
    return [*wall, textured("stucco", *shapes)]


def football_pitch(rng: np.random.Generator) -> Environment:
    """The half of a football pitch with a goal, a stand, a running track and trees."""
    site = Site(rng, (1000, 520))
    _pitch_things(site)
    for k in range(26):
        a = 2 * np.pi * k / 26
        site.add(
            "Tree",
            broadleaf(rng, rng.uniform(700, 900), GREENS[k % 3], leaves=240),
            3400 * np.cos(a) - 600,
            2900 * np.sin(a),
        )
    rise = hills(rng, flat_cm=6000, height_cm=3200)
    horizon_trees(site, 3700, 6500, 70, GREENS, slim=0.25, height_cm=1100)
    site.terrain(replace(LAWN, color=(0.50, 0.58, 0.38)), rise)
    _pitch_grounds(site)
    short = rng.uniform((-1500, -1000), (1480, 1000), (1400, 2))
    site.add("Grass", grass(rng, short, 4.5, (0.54, 0.62, 0.40), blades=3), is_ground=True)
    return site.level(light("summer", shadow_radius_cm=2900))


def _pitch_things(site: Site) -> None:
    """Goals, stands, benches, boards and lights."""
    site.add("Goal", goal(), 1500, 0, 180)
    site.add("Goal", goal(), -4600, 0, 0)
    site.add("Stand", bleachers(2600, 6), -300, -1850, 90)
    site.add("Stand", bleachers(1500, 4, (0.80, 0.26, 0.22)), -600, 1850, -90)
    for x, y in ((650, 1250), (-300, -1200), (900, -1250)):
        site.add("Bench", bench(), x, y + 60 * np.sign(y), -90 * np.sign(y))
    boards = [
        box((5, 360, 85), (0, 0, 42), Paint(color=c, gloss=0.2))
        for c in (
            (0.90, 0.30, 0.24),
            (0.20, 0.42, 0.66),
            (0.95, 0.80, 0.28),
            (0.24, 0.54, 0.40),
            (0.94, 0.93, 0.90),
        )
    ]
    for k, y in enumerate((np.arange(-1150, 1200, 380)).tolist()):
        stripes = [
            box(
                (5.6, 40 + 30 * (j % 2), 22),
                (0, -120 + 60 * j, 46),
                Paint(color=(0.96, 0.95, 0.92) if k % 5 != 4 else (0.2, 0.2, 0.24)),
            )
            for j in range(5)
        ]
        site.add("Board", [textured("smooth", boards[k % 5], *stripes)], 1950, y)
    for x in (-1800, 1700):
        for y in (-1500, 1500):
            site.add("Floodlight", floodlight(), x, y, -90 if y > 0 else 90)


def _pitch_grounds(site: Site) -> None:
    """The track, stripes of lawn and lines."""
    track = Ground(texture="gravel", color=(0.74, 0.36, 0.28), other=(0.68, 0.34, 0.28), tile_cm=150)
    for side in (-1, 1):
        low, high = sorted((side * 1150, side * 1720))
        site.rectangle("Track", track, (-4200, low), (2800, high), 0.5, cell_cm=80)
    site.rectangle("Track", track, (1740, -1720), (2350, 1720), 0.8, cell_cm=80)
    for k, x in enumerate((np.arange(-4000, 1600, 330)).tolist()):
        mown = Ground(
            texture="turf",
            color=(0.48, 0.58, 0.36) if k % 2 else (0.56, 0.64, 0.42),
            other=(0.52, 0.61, 0.39) if k % 2 else (0.60, 0.66, 0.44),
            tile_cm=640,
        )
        site.rectangle("Mown", mown, (x, -1080), (x + 330, 1080), 0.3, cell_cm=66)
    lines = [line(-4000, y, 1500, y, 0.9, 10) for y in (-1040, 1040)] + [
        line(1500, -1040, 1500, 1040, 0.9, 10),
        line(1000, -500, 1000, 500, 0.9, 10),
        line(-1400, -1040, -1400, 1040, 0.9, 10),
    ]
    lines += (
        [line(1000, y, 1500, y, 0.9, 10) for y in (-500, 500)]
        + [line(1320, y, 1500, y, 0.9, 10) for y in (-420, 420)]
        + [
            line(1320, -420, 1320, 420, 0.9, 10),
            arc(1160, 0, 260, 128, 232, 0.9, 10),
            arc(-1400, 0, 500, 0, 360, 0.9, 10),
        ]
    )
    lines += [
        line(-4200, side * (1150 + 114 * k), 2300, side * (1150 + 114 * k), 1.0, 5)
        for side in (-1, 1)
        for k in range(6)
    ]
    site.add("Lines", [textured("plaster", *lines)], is_ground=True)


def floodlight() -> list[Part]:
    """A tall mast with lights towards +X."""

    mast = tapered(circles((0, 18), (1300, 9)), STEEL, 9)
    rack = [
        box((20, 260, 130), (0, 0, 1330), STEEL),
        *(box((6, 48, 48), (12, y, z), LAMP_GLASS) for y in (-90, -30, 30, 90) for z in (1298, 1360)),
    ]
    return [textured("smooth", mast, *rack)]
