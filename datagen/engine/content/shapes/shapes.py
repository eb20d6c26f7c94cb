"""Shapes beyond the basic ones: boxes, prisms, bars, tubes, discs, cushions and pictures from an atlas."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
from jaxtyping import Float, Int

from ..unreal_space import Number, Triple
from .meshes import (
    Mesh,
    Paint,
    Ring,
    circles,
    grid_triangles,
    loft,
    merged,
    moved,
    panel,
    repeated,
    tapered,
    transformed,
)

Points = Float[np.ndarray, "points 3"]
# Length, width and height of a box, and its centre, in cm.
BoxRow = tuple[Number, Number, Number, Number, Number, Number]
_BOX_AXES = ((0, 1, 2), (1, 2, 0), (2, 0, 1))
_QUAD = np.array([[0, 1, 2], [0, 2, 3]])


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


def boxes(paint: Paint, *rows: BoxRow) -> Mesh:
    """Closed axis-aligned boxes, each of (length, width, height, x, y, z), as one mesh.

    The texture of each box starts elsewhere, so that no two show the same part of it.
    """
    corners, normals, (u_axis, v_axis), triangles = _panelled_box()
    table = np.array(rows, dtype=np.float64)
    size, center = table[:, None, :3], table[:, None, 3:]
    positions = center + size * corners
    start = np.mod(center.sum(axis=2, keepdims=True) * np.array([0.37, 0.61]), paint.tile_cm)
    uvs = (np.stack([_along(positions, u_axis), _along(positions, v_axis)], axis=-1) + start) / paint.tile_cm
    count, corner_count = len(table), len(corners)
    return Mesh(
        positions=positions.reshape(-1, 3),
        normals=np.concatenate([normals] * count),
        uvs=uvs.reshape(-1, 2),
        colors=repeated(paint.color, count * corner_count),
        gloss_glow=repeated((paint.gloss, paint.glow), count * corner_count),
        triangles=(np.arange(count)[:, None, None] * corner_count + triangles).reshape(-1, 3),
    )


def legs(paint: Paint, thickness_cm: Number, length_cm: Number, width_cm: Number, height_cm: Number) -> Mesh:
    """Four square legs at the corners of a rectangle."""
    x, y, t = length_cm / 2, width_cm / 2, thickness_cm
    rows = [(t, t, height_cm, sx * x, sy * y, height_cm / 2) for sx in (-1, 1) for sy in (-1, 1)]
    return boxes(paint, *rows)


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


def picture(
    corner: Triple,
    edge_u: Triple,
    edge_v: Triple,
    cell: int,
    columns: int,
    *,
    paint: Paint | None = None,
    rows: int | None = None,
) -> Mesh:
    """A panel that shows a cell of an atlas of ``columns`` x ``rows`` cells, counted from the lowest row."""
    mesh = panel(corner, edge_u, edge_v, paint or Paint(), 1e6)
    rows = rows or columns
    row, column = divmod(cell % (columns * rows), columns)
    # Space is left-handed: seen from its front, ``edge_u`` runs to the left.
    unit = np.array([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0], [0.0, 1.0]])
    inset = 0.004 + 0.992 * unit
    return replace(mesh, uvs=(inset + np.array([column, row])) / np.array([columns, rows]))


def round_bar(start: Triple, end: Triple, radius_cm: Number, paint: Paint, segments: int = 8) -> Mesh:
    """A round bar between two points."""
    axis = np.array(end, dtype=np.float64) - np.array(start, dtype=np.float64)
    length = float(np.linalg.norm(axis))
    up = axis / length
    side = np.cross(up, [0.0, 1.0, 0.0] if abs(up[1]) < 0.9 else [1.0, 0.0, 0.0])
    side /= np.linalg.norm(side)
    matrix = np.eye(4)
    matrix[:3, :3] = np.stack([side, np.cross(up, side), up])
    matrix[3, :3] = start
    return transformed(tapered(circles((0, radius_cm), (length, radius_cm)), paint, segments), matrix)


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


def disc(radius_cm: Number, bottom_cm: Number, top_cm: Number, paint: Paint, segments: int = 24) -> Mesh:
    """A low cylinder whose texture lies flat on its top."""
    mesh = tapered(circles((bottom_cm, radius_cm), (top_cm, radius_cm)), paint, segments)
    flat = np.abs(mesh.normals[:, 2:]) > 0.7
    return replace(mesh, uvs=np.where(flat, mesh.positions[:, :2] / paint.tile_cm, mesh.uvs))


def rounded(size: Triple, center: Triple, paint: Paint, squareness: Number = 0.8, segments: int = 12) -> Mesh:
    """An upholstered block: a box with soft corners and edges."""
    x, y, z = (length / 2 for length in size)
    soft = min(x, y, z) * 0.5
    shape = (
        (-z, soft * 0.6),
        (-z + soft * 0.4, soft * 0.12),
        (-z + soft, 0.0),
        (z - soft, 0.0),
        (z - soft * 0.4, soft * 0.12),
        (z, soft * 0.6),
    )
    rings = [Ring(height, x - inset, y - inset, squareness=squareness) for height, inset in shape]
    mesh = loft(rings, paint, segments)
    flat = np.abs(mesh.normals[:, 2:]) > 0.7
    return moved(replace(mesh, uvs=np.where(flat, mesh.positions[:, :2] / paint.tile_cm, mesh.uvs)), *center)


def copies(mesh: Mesh, *offsets_cm: Triple) -> Mesh:
    """The same mesh at several places."""
    return merged(*(moved(mesh, *offset) for offset in offsets_cm))


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


@cache
def _panelled_box() -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray], Int[np.ndarray, "12 3"]]:
    """Corners (24, 3), normals, texture axes (u, v) and triangles of a box of size 1; for reading only."""
    paint, half = Paint(tile_cm=1.0), 0.5
    faces = [
        panel((-half, -half, half), (1, 0, 0), (0, 1, 0), paint),
        panel((-half, half, -half), (1, 0, 0), (0, -1, 0), paint),
        panel((half, -half, -half), (0, 1, 0), (0, 0, 1), paint),
        panel((-half, half, -half), (0, -1, 0), (0, 0, 1), paint),
        panel((half, half, -half), (-1, 0, 0), (0, 0, 1), paint),
        panel((-half, -half, -half), (1, 0, 0), (0, 0, 1), paint),
    ]
    mesh = merged(*faces)
    edge_u = np.repeat([[1, 0, 0], [1, 0, 0], [0, 1, 0], [0, -1, 0], [-1, 0, 0], [1, 0, 0]], 4, axis=0)
    edge_v = np.repeat([[0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1]], 4, axis=0)
    return mesh.positions, mesh.normals, (edge_u, edge_v), mesh.triangles


def _along(positions: np.ndarray, axis: np.ndarray) -> Float[np.ndarray, "boxes corners"]:
    return np.asarray((positions * axis).sum(axis=-1))
