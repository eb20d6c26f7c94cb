"""Shapes of plants and stones: lumps, and clouds of small flat pieces."""

from dataclasses import replace
from functools import cache

import numpy as np

from ..noise import SmoothNoise
from ..unreal_space import Number, Triple
from .meshes import Mesh, Paint, Rgb, merged
from .shapes import Points, mesh_of


@cache
def _ball(detail: int) -> tuple[np.ndarray, np.ndarray]:
    """Unit vectors and triangles of an octahedron, each of its faces cut ``detail`` times."""
    points = np.array([[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64)
    faces = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])
    for _ in range(detail):
        corners = points[faces]
        middles = 0.5 * (corners + np.roll(corners, -1, axis=1))
        a, b, c = np.moveaxis(corners, 1, 0)
        ab, bc, ca = np.moveaxis(middles, 1, 0)
        parts = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        soup = np.concatenate([np.stack(part, axis=1) for part in parts]).reshape(-1, 3)
        soup /= np.linalg.norm(soup, axis=1, keepdims=True)
        _, first, number = np.unique(np.round(soup, 9), axis=0, return_index=True, return_inverse=True)
        points, faces = soup[first], number.reshape(-1, 3)
    return points, faces


def lump(
    rng: np.random.Generator,
    center: Triple,
    radii: Triple,
    paint: Paint,
    *,
    rough: Number = 0.25,
    detail: int = 2,
    shade: Number = 0.25,
) -> Mesh:
    """A closed irregular ball; its colour varies, and its lower side is darker by ``shade``."""
    unit, triangles = _ball(detail)
    bumps = SmoothNoise.of(rng, 1.2, axes=3, waves=10)(unit)
    positions = unit * np.array(radii) * (1 + rough * bumps)[:, None] + np.array(center)
    tint = (1 + 0.15 * bumps) * (1 - shade * np.clip(0.5 - 0.7 * unit[:, 2], 0, 1))
    around = np.stack([np.arctan2(unit[:, 1], unit[:, 0]) * radii[0], unit[:, 2] * radii[2]], axis=1)
    return mesh_of(
        positions, triangles, paint, uvs=(around + rng.uniform(0, 500, 2)) / paint.tile_cm,
        colors=np.clip(np.array(paint.color) * tint[:, None], 0, 1),
    )  # fmt: skip


def flat_pieces(
    centers: Points,
    along: Points,
    across: Points,
    colors: Points,
    *,
    normals: Points,
    gloss: Number = 0.05,
    tile_cm: Number = 60.0,
    taper: Number = 0.0,
) -> Mesh:
    """Small pieces seen from both sides, from ``-along`` to ``+along``; ``taper`` 0 gives triangles."""
    ends = (
        [centers + along]
        if taper == 0
        else [centers + along + taper * across, centers + along - taper * across]
    )
    corners = np.stack([centers - along - across, centers - along + across, *ends], axis=1)
    count, size = len(centers), corners.shape[1]
    first = size * np.arange(count)[:, None]
    triangles = np.concatenate([first + np.array([0, k, k + 1]) for k in range(1, size - 1)])
    spread = np.array([[0.0, 0.0], [0.4, 0.0], [0.4, 0.7], [0.0, 0.7]])[:size]
    uvs = (spread[None] + centers[:, None, :2] / tile_cm + centers[:, None, 2:] / tile_cm).reshape(-1, 2)
    mesh = mesh_of(
        corners.reshape(-1, 3), triangles, Paint(gloss=gloss), normals=normals.repeat(size, axis=0), uvs=uvs,
        colors=np.clip(colors, 0, 1).repeat(size, axis=0),
    )  # fmt: skip
    # Apart from each other, the two sides do not count as a closed volume, which would be slow to ask about.
    # Each is in front of the other's back.
    facing = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    facing /= np.maximum(np.linalg.norm(facing, axis=1, keepdims=True), 1e-12)
    shifted = mesh.positions - 0.05 * facing.repeat(size, axis=0)
    behind = replace(mesh, positions=shifted, triangles=mesh.triangles[:, ::-1])
    return merged(mesh, behind)


def tints(rng: np.random.Generator, count: int, color: Rgb, spread: Number = 0.2) -> Points:
    """Colours around one, in brightness and a little in hue."""
    value = 1 + spread * (rng.random((count, 1)) - 0.5) * 2
    return np.clip(np.array(color) * value * (1 + 0.3 * spread * rng.standard_normal((count, 3))), 0, 1)
