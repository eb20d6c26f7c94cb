"""Triangle meshes as arrays in Unreal's space (cm), and the basic shapes that everything is built from."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from jaxtyping import Float, Int

from ..unreal_space import Number, Triple, world_from_local

Rgb = Triple


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """A triangle mesh; ``cross(p1 - p0, p2 - p0)`` points outward.

    ``colors`` tint the texture (display values, 0 to 1). ``gloss_glow``: gloss and glow of vertices (0 to 1);
    alpha of the texture scales the glow.
    """

    positions: Float[np.ndarray, "vertices 3"]
    normals: Float[np.ndarray, "vertices 3"]
    uvs: Float[np.ndarray, "vertices 2"]
    colors: Float[np.ndarray, "vertices 3"]
    gloss_glow: Float[np.ndarray, "vertices 2"]
    triangles: Int[np.ndarray, "triangles 3"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A mesh and the name of its texture.

    ``normal_map`` names a texture with normals (red along u, green along v, blue outward); without it, bumps
    are the brightness of the texture.
    """

    mesh: Mesh
    texture: str
    normal_map: str = ""


@dataclass(frozen=True, kw_only=True)
class Paint:
    """How a surface looks: tint, gloss, glow, and the size of one texture tile in cm."""

    color: Rgb = (1.0, 1.0, 1.0)
    gloss: Number = 0.1
    glow: Number = 0.0
    tile_cm: Number = 200.0


@dataclass(frozen=True)
class Ring:
    """One cross-section of a loft, in cm: height, half-axes along X and Y, and offset along X.

    ``squareness`` 0 gives an ellipse; larger values, up to 1, give squarer corners.
    """

    z_cm: Number
    x_radius_cm: Number
    y_radius_cm: Number
    x_cm: Number = 0.0
    squareness: Number = 0.0


def textured(texture: str, *meshes: Mesh) -> Part:
    """Merge meshes into one part."""
    return Part(mesh=merged(*meshes), texture=texture)


def repeated(row: Sequence[Number], count: int) -> Float[np.ndarray, "count columns"]:
    """The same row ``count`` times; ten times faster than ``np.tile``."""
    rows = np.empty((count, len(row)))
    rows[:] = row
    return rows


def dimmed(color: Rgb, factor: Number) -> Rgb:
    """Multiply a colour by a factor."""
    return (color[0] * factor, color[1] * factor, color[2] * factor)


def merged(*meshes: Mesh) -> Mesh:
    """Merge meshes into one, in order."""
    if len(meshes) == 1:
        return meshes[0]
    starts = np.cumsum([0] + [len(mesh.positions) for mesh in meshes[:-1]])
    return Mesh(
        positions=np.concatenate([mesh.positions for mesh in meshes]),
        normals=np.concatenate([mesh.normals for mesh in meshes]),
        uvs=np.concatenate([mesh.uvs for mesh in meshes]),
        colors=np.concatenate([mesh.colors for mesh in meshes]),
        gloss_glow=np.concatenate([mesh.gloss_glow for mesh in meshes]),
        triangles=np.concatenate([m.triangles + start for m, start in zip(meshes, starts, strict=True)]),
    )


def transformed(mesh: Mesh, matrix: Float[np.ndarray, "4 4"]) -> Mesh:
    """Apply a row-vector transform that does not mirror."""
    normals = mesh.normals @ np.linalg.inv(matrix[:3, :3]).T
    return replace(
        mesh,
        positions=mesh.positions @ matrix[:3, :3] + matrix[3, :3],
        normals=normals / np.linalg.norm(normals, axis=1, keepdims=True),
    )


def turned(mesh: Mesh, location_cm: Triple, rotation_deg: Triple) -> Mesh:
    """Rotate a mesh by (pitch, yaw, roll), then move it."""
    return transformed(mesh, world_from_local(location_cm, rotation_deg))


def moved(mesh: Mesh, *offset_cm: Number) -> Mesh:
    """Move a mesh by an offset along X, Y and Z."""
    return replace(mesh, positions=mesh.positions + np.array(offset_cm))


def bounds_cm(meshes: list[Mesh]) -> Float[np.ndarray, "2 3"]:
    """Return the smallest and largest corner of all meshes."""
    points = np.concatenate([mesh.positions for mesh in meshes])
    return np.stack([points.min(axis=0), points.max(axis=0)])


def panel(corner: Triple, edge_u: Triple, edge_v: Triple, paint: Paint, cell_cm: Number = 400.0) -> Mesh:
    """A one-sided rectangle that faces ``edge_u x edge_v``, cut into cells of at most ``cell_cm``."""
    along_u, along_v = np.array(edge_u, dtype=np.float64), np.array(edge_v, dtype=np.float64)
    # Plain numbers: a level has thousands of panels, and functions of arrays take longer to call.
    length_u, length_v = math.hypot(*edge_u), math.hypot(*edge_v)
    cells_u, cells_v = (max(1, math.ceil(length / cell_cm)) for length in (length_u, length_v))
    u, v, triangles = _grid(cells_v, cells_u)
    (ux, uy, uz), (vx, vy, vz) = edge_u, edge_v
    normal = (uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx)
    area = math.hypot(*normal)
    return _painted(
        paint,
        positions=np.array(corner) + u * along_u + v * along_v,
        normals=repeated([one / area for one in normal], len(u)),
        uvs=np.concatenate([u * length_u, v * length_v], axis=1) / paint.tile_cm,
        triangles=triangles,
    )


def panelled_box(size: Triple, center: Triple, paint: Paint) -> Mesh:
    """A closed axis-aligned box of ``size`` cm around ``center``."""
    sx, sy, sz = size
    x0, y0, z0 = (middle - length / 2 for middle, length in zip(center, size, strict=True))
    x1, y1 = x0 + sx, y0 + sy
    faces = [
        panel((x0, y0, z0 + sz), (sx, 0, 0), (0, sy, 0), paint),
        panel((x0, y1, z0), (sx, 0, 0), (0, -sy, 0), paint),
        panel((x1, y0, z0), (0, sy, 0), (0, 0, sz), paint),
        panel((x0, y1, z0), (0, -sy, 0), (0, 0, sz), paint),
        panel((x1, y1, z0), (-sx, 0, 0), (0, 0, sz), paint),
        panel((x0, y0, z0), (sx, 0, 0), (0, 0, sz), paint),
    ]
    return merged(*faces)


def circles(*shape: tuple[Number, Number]) -> list[Ring]:
    """Circular cross-sections of (height, radius), in cm."""
    return [Ring(height, radius, radius) for height, radius in shape]


def loft(rings: list[Ring], paint: Paint, segments: int = 14) -> Mesh:
    """A smooth closed surface through ``rings`` from bottom to top, with flat ends."""
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    outlines = _outlines(_closed(rings), angle)
    tiles = max(1.0, round(2 * np.pi * max(ring.x_radius_cm for ring in rings) / paint.tile_cm))
    steps = np.linalg.norm(np.diff(outlines[:, 0], axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(steps)])
    v, u = np.meshgrid(along / paint.tile_cm, angle / (2 * np.pi) * tiles, indexing="ij")
    positions = outlines.reshape(-1, 3)
    triangles = grid_triangles(len(outlines) - 1, segments)
    return _painted(
        paint,
        positions=positions,
        normals=_smooth_normals(positions, triangles),
        uvs=np.stack([u.ravel(), v.ravel()], axis=1),
        triangles=triangles,
    )


def tapered(rings: list[Ring], paint: Paint, segments: int = 12) -> Mesh:
    """A loft with crisp rims at its first and last ring: the two end faces are separate."""
    low, high = rings[0], rings[-1]
    side = [replace(low, z_cm=low.z_cm + 1e-2), *rings[1:-1], replace(high, z_cm=high.z_cm - 1e-2)]
    return loft([low, *side, high], paint, segments)


def cylinder(radius_cm: Number, bottom_cm: Number, top_cm: Number, paint: Paint, segments: int = 12) -> Mesh:
    """An upright cylinder with crisp rims."""
    return tapered(circles((bottom_cm, radius_cm), (top_cm, radius_cm)), paint, segments)


def ellipsoid(center: Triple, radii: Triple, paint: Paint, segments: int = 14, stacks: int = 8) -> Mesh:
    """A closed ellipsoid with half-axes ``radii``."""
    x, y, z = radii
    latitudes = np.linspace(-np.pi / 2, np.pi / 2, stacks + 1)[1:-1]
    rings = _closed([Ring(z * np.sin(a), x * np.cos(a), y * np.cos(a)) for a in latitudes])
    rings[0], rings[-1] = replace(rings[0], z_cm=-z), replace(rings[-1], z_cm=z)
    return moved(loft(rings, paint, segments), *center)


def sky_dome(radius_cm: Number) -> Mesh:
    """A sphere seen from inside; u runs around once, v is the height, 0 at the bottom, 1 at the top.

    No two directions look alike: feature matching would mix them up.
    """
    segments, stacks = 32, 24
    height, turn = np.meshgrid(np.linspace(-1, 1, stacks + 1), np.linspace(0, 1, segments + 1), indexing="ij")
    across, angle = np.sqrt(1 - height**2), 2 * np.pi * turn
    outward = np.stack([across * np.cos(angle), across * np.sin(angle), height], axis=-1).reshape(-1, 3)
    return _painted(
        Paint(),
        positions=radius_cm * outward,
        normals=-outward,
        uvs=np.stack([turn.ravel(), 0.5 + 0.5 * height.ravel()], axis=1),
        triangles=grid_triangles(stacks, segments)[:, [0, 2, 1]],
    )


def _painted(
    paint: Paint, *, positions: np.ndarray, normals: np.ndarray, uvs: np.ndarray, triangles: np.ndarray
) -> Mesh:
    return Mesh(
        positions=positions,
        normals=normals,
        uvs=uvs,
        colors=repeated(paint.color, len(positions)),
        gloss_glow=repeated((paint.gloss, paint.glow), len(positions)),
        triangles=triangles,
    )


@cache
def _grid(rows: int, columns: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places along u and along v, 0 to 1, of the vertices of a grid, and its triangles; for reading only."""
    v, u = np.meshgrid(np.linspace(0, 1, rows + 1), np.linspace(0, 1, columns + 1), indexing="ij")
    return u.reshape(-1, 1), v.reshape(-1, 1), grid_triangles(rows, columns)


def grid_triangles(rows: int, columns: int) -> Int[np.ndarray, "triangles 3"]:
    """Triangles of ``rows`` x ``columns`` cells; vertices are numbered row by row, columns to the left."""
    first = (np.arange(rows)[:, None] * (columns + 1) + np.arange(columns)).ravel()
    above = first + columns + 1
    halves = ([first, first + 1, above + 1], [first, above + 1, above])
    return np.concatenate([np.stack(half, axis=1) for half in halves])


def _smooth_normals(
    positions: Float[np.ndarray, "vertices 3"], triangles: Int[np.ndarray, "triangles 3"]
) -> Float[np.ndarray, "vertices 3"]:
    """Area-weighted vertex normals; vertices at the same point share one, so that seams are invisible."""
    corners = positions[triangles]
    face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    points = _places(np.round(positions, 4))
    corner = points[triangles.T].ravel()
    sums = np.stack(
        [np.bincount(corner, np.tile(part, 3), points.max() + 1) for part in face_normals.T], axis=1
    )
    return (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12))[points]


def _places(positions: Float[np.ndarray, "vertices 3"]) -> Int[np.ndarray, "vertices"]:
    """A number for each vertex; equal positions have equal numbers."""
    order = np.lexsort(positions.T)
    ordered = positions[order]
    numbers = np.empty(len(positions), dtype=np.int64)
    numbers[order] = np.cumsum(np.r_[False, (ordered[1:] != ordered[:-1]).any(axis=1)])
    return numbers


def _closed(rings: list[Ring]) -> list[Ring]:
    """Add a ring of almost no radius at both ends, which closes the surface."""
    low, high = (replace(ring, x_radius_cm=1e-3, y_radius_cm=1e-3) for ring in (rings[0], rings[-1]))
    return [low, *rings, high]


def _outlines(rings: list[Ring], angle: Float[np.ndarray, "places"]) -> Float[np.ndarray, "rings places 3"]:
    rows = np.array([(r.x_cm, r.z_cm, r.x_radius_cm, r.y_radius_cm, r.squareness) for r in rings])
    x, z, x_radius, y_radius, squareness = rows.T[..., None]
    exponent = 1.0 - 0.6 * squareness
    cos, sin = (np.sign(one) * np.abs(one) ** exponent for one in (np.cos(angle), np.sin(angle)))
    return np.stack([x + x_radius * cos, y_radius * sin, np.broadcast_to(z, cos.shape)], axis=2)


def facing(parts: list[Part], yaw_deg: Number, x: Number = 0, y: Number = 0, z: Number = 0) -> list[Part]:
    """Turn and move parts, to make them pieces of a larger prop."""
    return [replace(part, mesh=turned(part.mesh, (x, y, z), (0, yaw_deg, 0))) for part in parts]
