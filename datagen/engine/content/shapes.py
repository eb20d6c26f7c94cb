"""Shapes beyond the basic ones: prisms, lumps, tubes along lines, and clouds of small flat pieces."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from jaxtyping import Float, Int

from .meshes import Mesh, Paint, Rgb, merged, panel, repeated
from .noise import SmoothNoise
from .unreal_space import Number, Triple

Points = Float[np.ndarray, "points 3"]


def mesh_of(
    positions: Points,
    triangles: Int[np.ndarray, "triangles 3"],
    paint: Paint,
    *,
    normals: Points | None = None,
    uvs: Float[np.ndarray, "points 2"] | None = None,
    colors: Points | None = None,
) -> Mesh:
    """A mesh from arrays; by default normals are smooth, and the texture is projected along Z."""
    count = len(positions)
    return Mesh(
        positions=positions,
        normals=smooth_normals(positions, triangles) if normals is None else normals,
        uvs=positions[:, :2] / paint.tile_cm if uvs is None else uvs,
        colors=repeated(paint.color, count) if colors is None else colors,
        gloss_glow=repeated((paint.gloss, paint.glow), count),
        triangles=triangles,
    )


def smooth_normals(positions: Points, triangles: Int[np.ndarray, "triangles 3"]) -> Points:
    """Area-weighted normals of vertices."""
    corners = positions[triangles]
    faces = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    sums = np.zeros_like(positions)
    for corner in range(3):
        np.add.at(sums, triangles[:, corner], faces)
    return sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)


_BOX_AXES = ((0, 1, 2), (1, 2, 0), (2, 0, 1))


@cache
def _unit_box() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Corners (-1/2 or 1/2), normals and triangles of six separate faces."""
    corners, normals = [], []
    for across, u, v in _BOX_AXES:
        for side in (-1, 1):
            for i, j in ((-1, -1), (side, -side), (1, 1), (-side, side)):
                corner = np.zeros(3)
                corner[across], corner[u], corner[v] = side, i, j
                corners.append(corner / 2)
                normals.append(np.eye(3)[across] * side)
    first = 4 * np.arange(6)[:, None]
    triangles = np.concatenate([first + np.array([0, 1, 2]), first + np.array([0, 2, 3])])
    return np.array(corners), np.array(normals), triangles


def box(size: Triple, center: Triple, paint: Paint) -> Mesh:
    """A closed axis-aligned box in 12 triangles; several times faster to make than one of panels."""
    corners, normals, triangles = _unit_box()
    lengths = np.array(size, dtype=np.float64)
    from_corner = (corners + 0.5) * lengths / paint.tile_cm
    # Walls have their texture upright, and lids have it along X and Y.
    flat = normals[:, 2] != 0
    beside = np.where(normals[:, 0] != 0, from_corner[:, 1], from_corner[:, 0])
    uvs = np.stack(
        [np.where(flat, from_corner[:, 0], beside), np.where(flat, from_corner[:, 1], from_corner[:, 2])],
        axis=1,
    )
    return mesh_of(corners * lengths + np.array(center), triangles, paint, normals=normals, uvs=uvs)


def quad(corner: Triple, edge_u: Triple, edge_v: Triple, paint: Paint) -> Mesh:
    """A one-sided rectangle of two triangles that faces ``edge_u x edge_v``."""
    start, u, v = (np.array(one, dtype=np.float64) for one in (corner, edge_u, edge_v))
    normal = np.array([u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]])
    along, up = np.sqrt(u @ u) / paint.tile_cm, np.sqrt(v @ v) / paint.tile_cm
    return mesh_of(
        np.stack([start, start + u, start + u + v, start + v]), _QUAD, paint,
        normals=repeated((normal / np.sqrt(normal @ normal)).tolist(), 4),
        uvs=np.array([[0.0, 0.0], [along, 0.0], [along, up], [0.0, up]]),
    )  # fmt: skip


_QUAD = np.array([[0, 1, 2], [0, 2, 3]])


def grid_triangles(rows: int, columns: int) -> Int[np.ndarray, "triangles 3"]:
    """Triangles of ``rows`` x ``columns`` cells; vertices are numbered row by row, columns to the left."""
    first = (np.arange(rows)[:, None] * (columns + 1) + np.arange(columns)).ravel()
    above = first + columns + 1
    halves = ([first, first + 1, above + 1], [first, above + 1, above])
    return np.concatenate([np.stack(half, axis=1) for half in halves])


def prism(
    outline: Sequence[tuple[Number, Number]],
    x_low: Number,
    x_high: Number,
    paint: Paint,
    *,
    cell_cm: Number = 400.0,
) -> Mesh:
    """A closed prism along X over a convex outline of (y, z), counter-clockwise seen from +X."""
    length, sides = x_high - x_low, []
    for (y0, z0), (y1, z1) in zip(outline, [*outline[1:], outline[0]], strict=True):
        sides.append(panel((x_high, y0, z0), (-length, 0, 0), (0, y1 - y0, z1 - z0), paint, cell_cm))
    return merged(*sides, _cap(outline, x_high, 1, paint), _cap(outline, x_low, -1, paint))


def flipped(mesh: Mesh) -> Mesh:
    """The mesh with its other side as its front."""
    return replace(mesh, normals=-mesh.normals, triangles=mesh.triangles[:, ::-1])


def two_sided(mesh: Mesh) -> Mesh:
    """A thin mesh that is seen from both sides."""
    return merged(mesh, flipped(mesh))


def _cap(outline: Sequence[tuple[Number, Number]], x: Number, facing: int, paint: Paint) -> Mesh:
    flat = np.array(outline, dtype=np.float64)
    count = len(flat)
    fan = np.stack([np.zeros(count - 2, dtype=int), np.arange(1, count - 1), np.arange(2, count)], axis=1)
    positions = np.column_stack([np.full(count, x, dtype=np.float64), flat])
    normals = repeated((facing, 0.0, 0.0), count)
    triangles = fan if facing > 0 else fan[:, ::-1]
    return mesh_of(positions, triangles, paint, normals=normals, uvs=flat / paint.tile_cm)


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


def tube(points: Sequence[Triple], radii_cm: Sequence[Number], paint: Paint, segments: int = 6) -> Mesh:
    """A closed tube along a line of points."""
    line = np.array(points, dtype=np.float64)
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    helper = np.where(np.abs(along[:, 2:]) > 0.9, [[1.0, 0.0, 0.0]], [[0.0, 0.0, 1.0]])
    across = np.cross(helper, along)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    up = np.cross(along, across)
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    radii = np.array([1e-3, *radii_cm, 1e-3])[:, None, None]
    line = np.concatenate([line[:1], line, line[-1:]])
    across, up = (np.concatenate([axis[:1], axis, axis[-1:]])[:, None] for axis in (across, up))
    positions = line[:, None] + radii * (np.cos(angle)[:, None] * across + np.sin(angle)[:, None] * up)
    lengths = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    v, u = np.meshgrid(lengths / paint.tile_cm, angle / (2 * np.pi), indexing="ij")
    rows = len(line) - 1
    return mesh_of(
        positions.reshape(-1, 3), grid_triangles(rows, segments), paint,
        uvs=np.stack([u.ravel(), v.ravel()], axis=1),
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
    behind = replace(mesh, positions=mesh.positions - [0, 0, 0.05], triangles=mesh.triangles[:, ::-1])
    return merged(mesh, behind)


def tints(rng: np.random.Generator, count: int, color: Rgb, spread: Number = 0.2) -> Points:
    """Colours around one, in brightness and a little in hue."""
    value = 1 + spread * (rng.random((count, 1)) - 0.5) * 2
    return np.clip(np.array(color) * value * (1 + 0.3 * spread * rng.standard_normal((count, 3))), 0, 1)
