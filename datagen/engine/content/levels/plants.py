"""Small things on the ground, many in one mesh: grass, flowers, stones, leaves, reeds; and cacti, rocks."""

import numpy as np
from jaxtyping import Float

from ..props.far_trees import far_tree
from ..shapes.meshes import Mesh, Paint, Part, Rgb, circles, loft, merged, moved, textured, turned
from ..shapes.organic import flat_pieces, lump, tints
from ..shapes.shapes import mesh_of, tube
from ..unreal_space import Number
from .site import Ground, Heights, Site

Flat = Float[np.ndarray, "points 2"]
_UP = np.array([0.0, 0.0, 1.0])
# A place and four around it: the mesh of far ground is coarse, and no tree is to stand above it.
ABOUT = np.array([(0.0, 0.0), (1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)])


def grass(
    rng: np.random.Generator, points: Flat, height_cm: Number, color: Rgb, *, blades: int = 5
) -> list[Part]:
    """Tufts of grass."""
    roots = points.repeat(blades, axis=0)
    count = len(roots)
    roots = roots + rng.normal(0, 0.22 * height_cm, (count, 2))
    lean = rng.normal(0, 0.32, (count, 2))
    length = height_cm * rng.uniform(0.5, 1.15, (count, 1))
    along = 0.5 * length * np.column_stack([lean, np.ones(count)])
    turn = rng.uniform(0, 2 * np.pi, count)
    across = np.column_stack([np.cos(turn), np.sin(turn), np.zeros(count)]) * (0.045 * height_cm + 0.5)
    centers = np.column_stack([roots, np.full(count, -1.0)]) + along
    normals = np.tile(_UP, (count, 1))
    return [
        textured(
            "smooth", flat_pieces(centers, along, across, tints(rng, count, color, 0.3), normals=normals)
        )
    ]


def flowers(rng: np.random.Generator, points: Flat, height_cm: Number, colors: tuple[Rgb, ...]) -> list[Part]:
    """Flowers on stems."""
    count = len(points)
    tops = np.column_stack([points, height_cm * rng.uniform(0.7, 1.2, count)])
    stems = flat_pieces(
        np.column_stack([points, 0.5 * tops[:, 2]]),
        np.outer(0.5 * tops[:, 2] + 1, _UP),
        np.tile([0.5, 0, 0], (count, 1)),
        tints(rng, count, (0.36, 0.52, 0.22)),
        normals=np.tile(_UP, (count, 1)),
    )
    tint = np.array(colors)[rng.integers(len(colors), size=count)] * rng.uniform(0.85, 1.05, (count, 1))
    heads = []
    for turn in (0.0, 1.05, 2.1):
        along = np.tile([np.cos(turn), np.sin(turn), 0.25], (count, 1)) * 3.2
        across = np.tile([-np.sin(turn), np.cos(turn), 0.25], (count, 1)) * 1.8
        heads.append(flat_pieces(tops, along, across, tint, normals=np.tile(_UP, (count, 1)), taper=1.0))
    return [textured("smooth", stems, *heads)]


def fallen(
    rng: np.random.Generator, points: Flat, size_cm: Number, colors: tuple[Rgb, ...], texture: str = "smooth"
) -> list[Part]:
    """Leaves, petals or paper that lie on the ground."""
    count = len(points)
    turn, size = rng.uniform(0, 2 * np.pi, count), size_cm * rng.uniform(0.5, 1.2, (count, 1))
    lift = rng.uniform(0.05, 0.22, count)
    along = np.column_stack([np.cos(turn), np.sin(turn), lift]) * size
    across = np.column_stack([-np.sin(turn), np.cos(turn), 0 * lift]) * size * 0.6
    tint = np.array(colors)[rng.integers(len(colors), size=count)] * rng.uniform(0.8, 1.1, (count, 1))
    centers = np.column_stack([points, 0.5 + along[:, 2]])
    return [
        textured(
            texture, flat_pieces(centers, along, across, tint, normals=np.tile(_UP, (count, 1)), taper=0.4)
        )
    ]


def tracks(rng: np.random.Generator, count: int, color: Rgb, texture: str) -> list[Part]:
    """Footprints of people who crossed the middle: small darker ovals in pairs."""
    prints = []
    for _ in range(count):
        x, y, turn = rng.uniform(-1100, 1100), rng.uniform(-330, 330), rng.uniform(0, 2 * np.pi)
        for step in range(18):
            turn += rng.normal(0, 0.06)
            x, y = x + 34 * np.cos(turn), y + 34 * np.sin(turn)
            side = 9 * (-1) ** step
            sole = lump(
                rng, (0, 0, 0), (14, 6, 0.9), Paint(color=color, tile_cm=100), rough=0.1, detail=1, shade=0
            )
            place = (x - side * np.sin(turn), y + side * np.cos(turn), 0.6)
            prints.append(turned(sole, place, (0, np.degrees(turn), 0)))
    return [textured(texture, *prints)]


def stones(
    rng: np.random.Generator,
    points: Flat,
    size_cm: Number,
    color: Rgb,
    texture: str = "rock",
    *,
    detail: int = 1,
) -> list[Part]:
    """Loose stones of many sizes."""
    meshes = []
    for (x, y), tint in zip(points, tints(rng, len(points), color, 0.25), strict=True):
        size = size_cm * rng.uniform(0.4, 1.0) ** 1.5 + 0.5
        radii = (size * rng.uniform(0.7, 1.2), size * rng.uniform(0.7, 1.2), size * rng.uniform(0.35, 0.7))
        meshes.append(
            lump(
                rng,
                (x, y, 0.15 * radii[2]),
                radii,
                Paint(color=tuple(tint), tile_cm=90),
                rough=0.18,
                detail=detail,
            )
        )
    return [textured(texture, *meshes)] if meshes else []


def rock(
    rng: np.random.Generator,
    radius_cm: Number,
    color: Rgb,
    *,
    height: Number = 0.7,
    detail: int = 3,
    texture: str = "rock",
) -> list[Part]:
    """A boulder that is partly in the ground."""
    radii = (radius_cm, radius_cm * rng.uniform(0.7, 1.1), radius_cm * height)
    return [
        textured(
            texture,
            lump(
                rng,
                (0, 0, 0.35 * radii[2]),
                radii,
                Paint(color=color, tile_cm=180),
                rough=0.26,
                detail=detail,
                shade=0.4,
            ),
        )
    ]


def reeds(rng: np.random.Generator, points: Flat, height_cm: Number = 130.0) -> list[Part]:
    """Reeds at a water's edge."""
    heads = [
        loft(
            circles((-50.0, 0.4), (0.8 * height_cm, 0.4), (0.82 * height_cm, 2.0), (0.94 * height_cm, 2.0)),
            Paint(color=(0.36, 0.24, 0.14)),
            5,
        )
    ]
    brown = [moved(heads[0], x, y, rng.uniform(-20, 10)) for x, y in points[::3]]
    return [
        *grass(rng, points, height_cm, (0.46, 0.54, 0.26), blades=4),
        *([textured("smooth", *brown)] if brown else []),
    ]


def cactus(rng: np.random.Generator, height_cm: Number) -> list[Part]:
    """A column cactus with arms."""
    paint = Paint(color=(0.40, 0.52, 0.32), gloss=0.08, tile_cm=36)
    thick = 0.085 * height_cm
    limbs = [
        tube(
            [(0, 0, -6), (0, 0, 0.5 * height_cm), (2, 1, height_cm)],
            [thick, 1.05 * thick, 0.7 * thick],
            paint,
            11,
        )
    ]
    for turn in rng.permutation([0.3, 2.4, 4.4])[: int(rng.integers(1, 4))]:
        start, out = rng.uniform(0.32, 0.5) * height_cm, np.array([np.cos(turn), np.sin(turn)])
        line = [
            (0, 0, start),
            (*(out * 1.9 * thick), start + 0.02 * height_cm),
            (*(out * 2.5 * thick), start + 0.12 * height_cm),
            (*(out * 2.5 * thick), start + rng.uniform(0.25, 0.38) * height_cm),
        ]
        limbs.append(tube(line, [0.6 * thick, 0.62 * thick, 0.64 * thick, 0.5 * thick], paint, 9))
    return [textured("stripes", *limbs)]


def log_pile(rng: np.random.Generator, length_cm: Number = 220.0) -> list[Part]:
    """Felled trunks along Y."""
    bark, cut = Paint(color=(0.42, 0.32, 0.24), tile_cm=80), Paint(color=(0.86, 0.70, 0.48), tile_cm=40)
    logs, ends = [], []
    for row, count in enumerate((5, 4, 3)):
        for place in range(count):
            radius = rng.uniform(13, 17)
            x, z = (place - (count - 1) / 2) * 33, 16 + row * 27
            half = length_cm / 2 + rng.uniform(-12, 12)
            logs.append(tube([(x, -half, z), (x, half, z)], [radius, radius], bark, 9))
            ends.append(
                tube([(x, -half - 0.6, z), (x, half + 0.6, z)], [radius * 0.88, radius * 0.88], cut, 9)
            )
    return [textured("bark", *logs), textured("planks", *ends)]


def horizon_trees(
    site: Site,
    nearest_cm: Number,
    farthest_cm: Number,
    count: int,
    colors: tuple[Rgb, ...],
    *,
    slim: Number = 0.0,
    height_cm: Number = 900.0,
    heights: Heights | None = None,
    angles: tuple[Number, Number] = (0.0, 6.2832),
) -> None:
    """A band of far trees; ``slim`` is the share of conifers. ``heights`` is the ground's height."""
    rng, sectors = site.rng, 12
    groups: list[list[Mesh]] = [[] for _ in range(sectors)]
    for _ in range(count):
        angle, away = rng.uniform(*angles), rng.uniform(nearest_cm, farthest_cm)
        point = np.array([[away * np.cos(angle), away * np.sin(angle)]])
        ground = float(heights(point + 0.09 * away * ABOUT).min()) if heights else 0.0
        tall, color = height_cm * rng.uniform(0.7, 1.25), colors[rng.integers(len(colors))]
        mesh = far_tree(rng, tall, tuple(tints(rng, 1, color, 0.15)[0]), is_slim=bool(rng.random() < slim))
        mesh = turned(
            mesh, (float(point[0, 0]), float(point[0, 1]), ground - 20), (0, rng.uniform(0, 360), 0)
        )
        # By direction, so that no group surrounds the place of action.
        groups[int(angle / (2 * np.pi) * sectors) % sectors].append(mesh)
    for group in filter(None, groups):
        site.add("FarTrees", [textured("foliage", *group)], is_ground=True)


def puddle(site: Site, x: Number, y: Number, radius_cm: Number) -> None:
    """A puddle on flat ground."""
    look = Ground(texture="water", color=(0.34, 0.38, 0.42), other=(0.44, 0.48, 0.52), gloss=0.8, tile_cm=500)
    site.disc("Puddle", look, x, y, radius_cm, 0.4, rough=0.18)


def crop_rows(
    rng: np.random.Generator, length_cm: Number, rows: int, gap_cm: Number, height_cm: Number, color: Rgb
) -> Mesh:
    """Low rows of plants along X, as long lumps in one closed mesh each."""
    steps = max(4, int(length_cm / 110))
    x = np.linspace(-length_cm / 2, length_cm / 2, steps)
    meshes = []
    for row in range(rows):
        y = (row - (rows - 1) / 2) * gap_cm
        size = height_cm * rng.uniform(0.85, 1.15, steps)
        size[[0, -1]] *= 0.35
        line = [
            (float(a), float(y + rng.normal(0, 3)), float(0.45 * s)) for a, s in zip(x, size, strict=True)
        ]
        one = tube(line, [float(0.6 * s) for s in size], Paint(color=color, tile_cm=90, gloss=0.03), 6)
        tint = tints(rng, len(one.positions), color, 0.22) * (
            0.75 + 0.35 * np.clip(one.positions[:, 2:] / height_cm, 0, 1)
        )
        meshes.append(
            mesh_of(
                one.positions,
                one.triangles,
                Paint(),
                normals=one.normals,
                uvs=one.uvs,
                colors=np.clip(tint, 0, 1),
            )
        )
    return merged(*meshes)
