"""Shapes that furniture is made of: many boxes at once, tubes, discs, and pictures from an atlas."""

from dataclasses import replace
from functools import cache

import numpy as np
from jaxtyping import Float, Int

from .meshes import (
    Mesh,
    Paint,
    Ring,
    circles,
    loft,
    merged,
    moved,
    panel,
    repeated,
    tapered,
    transformed,
)
from .unreal_space import Number, Triple

# Length, width and height of a box, and its centre, in cm.
BoxRow = tuple[Number, Number, Number, Number, Number, Number]


def boxes(paint: Paint, *rows: BoxRow) -> Mesh:
    """Closed axis-aligned boxes, each of (length, width, height, x, y, z), as one mesh.

    The texture of each box starts elsewhere, so that no two show the same part of it.
    """
    corners, normals, (u_axis, v_axis), triangles = _unit_box()
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


def tube(start: Triple, end: Triple, radius_cm: Number, paint: Paint, segments: int = 8) -> Mesh:
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


def recolored(mesh: Mesh, factors: Float[np.ndarray, "vertices 3"]) -> Mesh:
    """Multiply the colours of a mesh."""
    return replace(mesh, colors=np.clip(mesh.colors * factors, 0, 1))


def shifted_uvs(mesh: Mesh, u: Number, v: Number) -> Mesh:
    """Move the texture of a mesh."""
    return replace(mesh, uvs=mesh.uvs + np.array([u, v]))


def copies(mesh: Mesh, *offsets_cm: Triple) -> Mesh:
    """The same mesh at several places."""
    return merged(*(moved(mesh, *offset) for offset in offsets_cm))


def _along(positions: np.ndarray, axis: np.ndarray) -> Float[np.ndarray, "boxes corners"]:
    return np.asarray((positions * axis).sum(axis=-1))


@cache
def _unit_box() -> tuple[np.ndarray, np.ndarray, tuple[np.ndarray, np.ndarray], Int[np.ndarray, "12 3"]]:
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
