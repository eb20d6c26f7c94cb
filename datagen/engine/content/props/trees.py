"""Trees of several kinds (cm, origin at the foot): leaves are small flat pieces around darker lumps."""

import numpy as np

from ..shapes.meshes import Mesh, Paint, Part, Rgb, circles, dimmed, tapered, textured
from ..shapes.organic import flat_pieces, lump, tints
from ..shapes.shapes import tube
from ..unreal_space import Number

GREEN, DARK_GREEN, OLIVE = (0.50, 0.60, 0.34), (0.36, 0.46, 0.32), (0.58, 0.60, 0.46)


AUTUMN = ((0.82, 0.58, 0.32), (0.74, 0.42, 0.28), (0.86, 0.74, 0.40), (0.62, 0.60, 0.36))


BARK = Paint(color=(0.42, 0.33, 0.26), gloss=0.04, tile_cm=90)


_BIRCH = Paint(color=(0.86, 0.85, 0.80), gloss=0.06, tile_cm=70)


_PALM = Paint(color=(0.58, 0.48, 0.36), gloss=0.04, tile_cm=50)


def broadleaf(
    rng: np.random.Generator,
    height_cm: Number,
    color: Rgb = GREEN,
    *,
    width: Number = 0.30,
    leaves: int = 650,
    birch: bool = False,
) -> list[Part]:
    """A tree with a round, irregular crown of radius ``width`` times its height."""
    bark, fork = (_BIRCH if birch else BARK), 0.34 * height_cm
    lean = rng.uniform(-0.03, 0.03, 2) * height_cm
    thick = height_cm * (0.014 if birch else 0.024)
    top = (float(lean[0]), float(lean[1]), 0.78 * height_cm)
    trunk = tube(
        [(0, 0, -8), (0, 0, 0.05 * height_cm), (0.5 * lean[0], 0.5 * lean[1], fork), top],
        [1.7 * thick, 1.1 * thick, 0.85 * thick, 0.2 * thick], bark, 9,
    )  # fmt: skip
    centers, radii, limbs = [], [], []
    for index in range(7):
        angle, share = index * 2.4 + rng.uniform(-0.3, 0.3), np.sqrt(index / 6)
        out = 0.62 * width * height_cm * share
        up = height_cm * (0.80 - 0.26 * share + rng.uniform(-0.06, 0.06))
        center = np.array([out * np.cos(angle) + lean[0], out * np.sin(angle) + lean[1], up])
        radius = width * height_cm * rng.uniform(0.44, 0.60)
        centers.append(center)
        radii.append([radius, radius, 0.78 * radius])
        if index:
            start = np.array([0.6 * lean[0], 0.6 * lean[1], fork * rng.uniform(0.9, 1.2)])
            limbs.append(
                tube(
                    [tuple(start), tuple(0.5 * (start + center) + [0, 0, -0.02 * height_cm]), tuple(center)],
                    [0.5 * thick, 0.36 * thick, 0.12 * thick],
                    bark,
                    5,
                )
            )
    detail = 2 if leaves > 400 else 1
    crown = leafy(rng, np.array(centers), np.array(radii), color, leaves, 0.034 * height_cm, detail=detail)
    return [textured("bark", trunk, *limbs), textured("foliage", *crown)]


def leafy(
    rng: np.random.Generator,
    centers: np.ndarray,
    radii: np.ndarray,
    color: Rgb,
    leaves: int,
    leaf_cm: Number,
    core: Number = 0.9,
    detail: int = 2,
) -> list[Mesh]:
    """Dark lumps with leaves on them; leaves inside of another lump are left out."""
    paint = Paint(color=dimmed(color, 0.86), gloss=0.03, tile_cm=190)
    cores = [
        lump(rng, tuple(c), tuple(core * r), paint, rough=0.16, detail=detail, shade=0.5)
        for c, r in zip(centers, radii, strict=True)
    ]
    which = rng.integers(len(centers), size=leaves)
    out = rng.standard_normal((leaves, 3))
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    points = centers[which] + radii[which] * out * rng.uniform(0.86, 1.08, (leaves, 1))
    inside = (np.linalg.norm((points[:, None] - centers) / radii, axis=2) < 0.85).any(axis=1)
    points, out, which = points[~inside], out[~inside], which[~inside]
    count = len(points)
    along = rng.standard_normal((count, 3)) + 0.4 * out
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    across = np.cross(along, out + 0.3 * rng.standard_normal((count, 3)))
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-6)
    size = leaf_cm * rng.uniform(0.6, 1.25, (count, 1))
    middle, span = centers[:, 2].mean(), max(np.ptp(points[:, 2]), 1.0)
    light = 0.94 + 0.42 * (points[:, 2:] - middle) / span + 0.12 * out[:, 2:]
    normals = out + np.array([0, 0, 0.35])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    pieces = flat_pieces(
        points, along * size, across * size * 0.55, tints(rng, count, color) * light, normals=normals
    )
    return [*cores, pieces]


def conifer(
    rng: np.random.Generator,
    height_cm: Number,
    color: Rgb = DARK_GREEN,
    *,
    width: Number = 0.19,
    leaves: int = 520,
    snow: bool = False,
) -> list[Part]:
    """A spruce: branches that droop around a dark cone; with snow on them if asked."""
    foot, radius = 0.10 * height_cm, width * height_cm
    trunk = tube([(0, 0, -8), (0, 0, 0.9 * height_cm)], [0.020 * height_cm, 0.004 * height_cm], BARK, 8)
    core = Paint(color=dimmed(color, 0.72), gloss=0.03, tile_cm=190)
    inner = tapered(
        circles((foot * 1.1, 0.52 * radius), (0.5 * height_cm, 0.34 * radius), (0.98 * height_cm, 1)),
        core,
        11,
    )
    layers = rng.integers(0, 13, leaves)
    share = np.clip((layers + rng.uniform(0, 0.35, leaves)) / 13, 0, 0.985)
    angle = rng.uniform(0, 2 * np.pi, leaves)
    reach = radius * (1 - share) ** 0.85 * rng.uniform(0.80, 1.06, leaves) + 4
    out = np.stack([np.cos(angle), np.sin(angle), np.zeros(leaves)], axis=1)
    length = np.maximum(0.34 * reach, 9)[:, None]
    along = out * length + np.array([0, 0, -1.0]) * length * rng.uniform(0.28, 0.55, (leaves, 1))
    across = np.cross(out, [0, 0, 1.0]) * length * 0.55 + [0, 0, 1.0] * length * rng.uniform(
        -0.2, 0.2, (leaves, 1)
    )
    points = (
        out * (reach[:, None] - 0.5 * length)
        + np.outer(foot + share * (height_cm - foot), [0, 0, 1.0])
        + [0, 0, 0.10 * foot]
    )
    normals = out + np.array([0, 0, 0.8])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    color_of = tints(rng, leaves, color) * (0.78 + 0.5 * share[:, None])
    if snow:
        is_white = rng.random(leaves) < 0.55
        color_of[is_white] = tints(rng, leaves, (0.93, 0.95, 0.99), 0.05)[is_white]
    return [
        textured("bark", trunk),
        textured("foliage", inner, flat_pieces(points, along, across, color_of, normals=normals)),
    ]


def poplar(
    rng: np.random.Generator,
    height_cm: Number,
    color: Rgb = DARK_GREEN,
    *,
    width: Number = 0.10,
    leaves: int = 380,
) -> list[Part]:
    """A slim tree: a poplar or a cypress."""
    trunk = tube([(0, 0, -8), (0, 0, 0.6 * height_cm)], [0.018 * height_cm, 0.008 * height_cm], BARK, 8)
    heights = np.linspace(0.20, 0.90, 6)
    bulge = np.sin(np.pi * np.clip(heights * 0.92 + 0.02, 0, 1)) ** 0.6
    centers = np.column_stack([rng.uniform(-1, 1, (6, 2)) * 0.012 * height_cm, heights * height_cm])
    radii = np.column_stack(
        [width * height_cm * bulge, width * height_cm * bulge, np.full(6, 0.12 * height_cm)]
    )
    return [
        textured("bark", trunk),
        textured("foliage", *leafy(rng, centers, radii, color, leaves, 0.034 * height_cm)),
    ]


def bare_tree(
    rng: np.random.Generator, height_cm: Number, *, snow: bool = False, color: Rgb = (0.40, 0.34, 0.30)
) -> list[Part]:
    """A tree without leaves: branches that fork three times."""
    paint = Paint(color=color, gloss=0.04, tile_cm=90)
    limbs: list[Mesh] = []
    white: list[Mesh] = []

    def grow(start: np.ndarray, direction: np.ndarray, length: float, thick: float, depth: int) -> None:
        middle = start + 0.55 * length * direction + rng.normal(0, 0.05 * length, 3)
        end = start + length * (direction + np.array([0, 0, 0.12]))
        limbs.append(
            tube(
                [tuple(start), tuple(middle), tuple(end)],
                [thick, 0.75 * thick, 0.45 * thick],
                paint,
                7 if depth == 3 else 4,
            )
        )
        if snow and depth < 3 and abs(direction[2]) < 0.75:
            lift = np.array([0, 0, 0.8 * thick + 1.0])
            white.append(
                tube(
                    [tuple(start + lift), tuple(middle + lift), tuple(end + lift)],
                    [0.8 * thick, 0.7 * thick, 0.4 * thick],
                    Paint(color=(0.95, 0.96, 1.0)),
                    4,
                )
            )
        if depth == 0:
            return
        for fork in range(3 if depth > 1 else 4):
            angle = 2.1 * fork + rng.uniform(0, 1.2)
            side = np.array([np.cos(angle), np.sin(angle), 0.0])
            turned = 0.62 * direction + side * rng.uniform(0.5, 0.8) + [0, 0, 0.22]
            where = (middle, 0.5 * (middle + end), end)[min(fork, 2)]
            grow(
                where,
                turned / np.linalg.norm(turned),
                0.58 * length * rng.uniform(0.85, 1.1),
                0.46 * thick,
                depth - 1,
            )

    grow(np.array([0.0, 0.0, -8.0]), np.array([0.0, 0.0, 1.0]), 0.46 * height_cm, 0.024 * height_cm, 3)
    return [textured("bark", *limbs), *([textured("snow", *white)] if white else [])]


def palm(rng: np.random.Generator, height_cm: Number) -> list[Part]:
    """A palm with a bent trunk and hanging fronds."""
    bend = rng.uniform(-0.12, 0.12, 2) * height_cm
    line = [(bend[0] * t * t, bend[1] * t * t, height_cm * t - 6) for t in np.linspace(0, 1, 7)]
    trunk = tube(line, (np.linspace(0.034, 0.018, 7) * height_cm).tolist(), _PALM, 9)
    top, fronds = np.array(line[-1]), 15
    points, along, across, normals = [], [], [], []
    for index in range(fronds):
        angle, rise = 2.4 * index, rng.uniform(0.1, 0.9)
        out = np.array([np.cos(angle), np.sin(angle), 0.0])
        side, length = np.array([-out[1], out[0], 0.0]), 0.40 * height_cm * rng.uniform(0.85, 1.1)
        for step in range(5):
            t = (step + 0.5) / 5
            slope = np.array([0, 0, rise - 2.1 * t])
            place = top + length * (out * t + np.array([0, 0, rise * t - 1.05 * t * t]) * 0.8)
            for sign in (-1, 1):
                points.append(place + sign * side * 0.055 * length * (1.2 - t) + [0, 0, -0.02 * length])
                along.append((out + 0.8 * slope + sign * 0.35 * side) * length * 0.12)
                across.append((side + np.array([0, 0, -0.45 * sign])) * 0.060 * length * (1.25 - t))
                normals.append(np.array([0, 0, 1.0]) + 0.3 * out + 0.2 * sign * side)
    count = len(points)
    unit = np.array(normals) / np.linalg.norm(normals, axis=1, keepdims=True)
    leaves = flat_pieces(
        np.array(points),
        np.array(along),
        np.array(across),
        tints(rng, count, (0.40, 0.56, 0.24)),
        normals=unit,
        gloss=0.2,
    )
    nuts = [
        lump(
            rng,
            tuple(top + np.array([9 * np.cos(a), 9 * np.sin(a), -10])),
            (8, 8, 9),
            Paint(color=(0.42, 0.30, 0.18)),
            detail=1,
        )
        for a in (0.3, 2.2, 4.4)
    ]
    return [textured("bark", trunk, *nuts), textured("leaves", leaves)]
