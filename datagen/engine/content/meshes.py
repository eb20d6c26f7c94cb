"""Triangle meshes as plain arrays, in Unreal's space (cm), and the few solids everything is built from."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from ..unreal_space import Number, Triple

Point = Triple
Rgb = Triple


@dataclass(frozen=True, kw_only=True)
class Mesh:
    """A triangle mesh; `cross(p1 - p0, p2 - p0)` points outward.

    `colors` tint the texture (display values, 0 to 1); `surface` holds gloss and glow per vertex, 0 to 1.
    """

    positions: Float[np.ndarray, "vertices 3"]
    normals: Float[np.ndarray, "vertices 3"]
    uvs: Float[np.ndarray, "vertices 2"]
    colors: Float[np.ndarray, "vertices 3"]
    surface: Float[np.ndarray, "vertices 2"]
    triangles: Int[np.ndarray, "triangles 3"]


@dataclass(frozen=True, kw_only=True)
class Part:
    """A mesh and the name of the texture it wears."""

    mesh: Mesh
    texture: str


@dataclass(frozen=True, kw_only=True)
class Paint:
    """How a surface looks: tint, gloss, glow, and how many cm one texture tile spans."""

    color: Rgb = (1.0, 1.0, 1.0)
    gloss: Number = 0.1
    glow: Number = 0.0
    tile_cm: Number = 200.0


def _painted(
    positions: np.ndarray, normals: np.ndarray, uvs: np.ndarray, tris: np.ndarray, paint: Paint
) -> Mesh:
    count = len(positions)
    return Mesh(
        positions=positions,
        normals=normals,
        uvs=uvs,
        colors=np.tile(np.array(paint.color, dtype=np.float64), (count, 1)),
        surface=np.tile(np.array([paint.gloss, paint.glow]), (count, 1)),
        triangles=tris,
    )


def merged(meshes: list[Mesh]) -> Mesh:
    """One mesh holding all of `meshes` in order."""
    starts = np.cumsum([0] + [len(mesh.positions) for mesh in meshes])
    return Mesh(
        positions=np.concatenate([mesh.positions for mesh in meshes]),
        normals=np.concatenate([mesh.normals for mesh in meshes]),
        uvs=np.concatenate([mesh.uvs for mesh in meshes]),
        colors=np.concatenate([mesh.colors for mesh in meshes]),
        surface=np.concatenate([mesh.surface for mesh in meshes]),
        triangles=np.concatenate([m.triangles + start for m, start in zip(meshes, starts, strict=False)]),
    )


def merged_parts(parts: list[Part]) -> list[Part]:
    """One part per texture, in the order in which textures first appear."""
    by_texture: dict[str, list[Mesh]] = {}
    for part in parts:
        by_texture.setdefault(part.texture, []).append(part.mesh)
    return [Part(mesh=merged(meshes), texture=texture) for texture, meshes in by_texture.items()]


def transformed(mesh: Mesh, matrix: Float[np.ndarray, "4 4"]) -> Mesh:
    """`mesh` under a row-vector transform that does not mirror."""
    normals = mesh.normals @ np.linalg.inv(matrix[:3, :3]).T
    return replace(
        mesh,
        positions=mesh.positions @ matrix[:3, :3] + matrix[3, :3],
        normals=normals / np.linalg.norm(normals, axis=1, keepdims=True),
    )


def moved(mesh: Mesh, x_cm: Number, y_cm: Number, z_cm: Number) -> Mesh:
    """`mesh` moved by an offset in cm."""
    return replace(mesh, positions=mesh.positions + np.array([x_cm, y_cm, z_cm]))


def panel(corner: Point, edge_u: Point, edge_v: Point, paint: Paint, cell_cm: Number = 400.0) -> Mesh:
    """A one-sided rectangle facing `edge_u x edge_v`, cut into cells of at most `cell_cm`."""
    along_u, along_v = np.array(edge_u, dtype=np.float64), np.array(edge_v, dtype=np.float64)
    length_u, length_v = float(np.linalg.norm(along_u)), float(np.linalg.norm(along_v))
    cells_u, cells_v = max(1, int(np.ceil(length_u / cell_cm))), max(1, int(np.ceil(length_v / cell_cm)))
    grid_v, grid_u = np.meshgrid(
        np.linspace(0, 1, cells_v + 1), np.linspace(0, 1, cells_u + 1), indexing="ij"
    )
    u, v = grid_u.ravel()[:, None], grid_v.ravel()[:, None]
    normal = np.cross(along_u, along_v)
    first = (np.arange(cells_v)[:, None] * (cells_u + 1) + np.arange(cells_u)).ravel()
    above = first + cells_u + 1
    triangles = np.concatenate(
        [np.stack([first, first + 1, above + 1], axis=1), np.stack([first, above + 1, above], axis=1)]
    )
    return _painted(
        np.array(corner, dtype=np.float64) + u * along_u + v * along_v,
        np.tile(normal / np.linalg.norm(normal), (len(u), 1)),
        np.concatenate([u * length_u, v * length_v], axis=1) / paint.tile_cm,
        triangles,
        paint,
    )


def box(size: Point, center: Point, paint: Paint) -> Mesh:
    """A closed axis-aligned box of `size` cm around `center`."""
    (sx, sy, sz), (x0, y0, z0) = (
        size,
        (center[0] - size[0] / 2, center[1] - size[1] / 2, center[2] - size[2] / 2),
    )
    x1, y1 = x0 + sx, y0 + sy
    faces = [
        panel((x0, y0, z0 + sz), (sx, 0, 0), (0, sy, 0), paint),
        panel((x0, y1, z0), (sx, 0, 0), (0, -sy, 0), paint),
        panel((x1, y0, z0), (0, sy, 0), (0, 0, sz), paint),
        panel((x0, y1, z0), (0, -sy, 0), (0, 0, sz), paint),
        panel((x1, y1, z0), (-sx, 0, 0), (0, 0, sz), paint),
        panel((x0, y0, z0), (sx, 0, 0), (0, 0, sz), paint),
    ]
    return merged(faces)


def smooth_normals(
    positions: Float[np.ndarray, "vertices 3"], triangles: Int[np.ndarray, "triangles 3"]
) -> Float[np.ndarray, "vertices 3"]:
    """Area-weighted vertex normals; vertices at the same place share one, so seams do not show."""
    corners = positions[triangles]
    face_normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    _, places = np.unique(np.round(positions, 4), axis=0, return_inverse=True)
    places = places.ravel()
    sums = np.zeros((places.max() + 1, 3))
    for corner in range(3):
        np.add.at(sums, places[triangles[:, corner]], face_normals)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    return (sums / np.maximum(lengths, 1e-12))[places]


@dataclass(frozen=True, kw_only=True)
class Ring:
    """One elliptic cross-section of a loft: height, half-axes along X and Y, and centre offset, in cm."""

    z_cm: Number
    x_radius_cm: Number
    y_radius_cm: Number
    x_cm: Number = 0.0
    y_cm: Number = 0.0
    squareness: Number = 0.0


def loft(rings: list[Ring], paint: Paint, segments: int = 14) -> Mesh:
    """A smooth closed skin through `rings` given from bottom to top; the ends are closed flat."""
    ends = [_collapsed(rings[0]), *rings, _collapsed(rings[-1])]
    angle = np.linspace(0, 2 * np.pi, segments + 1)
    rows, v = [], 0.0
    uvs = []
    for index, ring in enumerate(ends):
        rows.append(_outline(ring, angle))
        v += float(np.linalg.norm(rows[index][0] - rows[index - 1][0])) if index else 0.0
        around = 2 * np.pi * max(r.x_radius_cm for r in rings) / paint.tile_cm
        uvs.append(
            np.stack(
                [angle / (2 * np.pi) * max(1.0, round(around)), np.full_like(angle, v / paint.tile_cm)], 1
            )
        )
    positions = np.concatenate(rows)
    first = (np.arange(len(ends) - 1)[:, None] * (segments + 1) + np.arange(segments)).ravel()
    above = first + segments + 1
    triangles = np.concatenate(
        [np.stack([first, first + 1, above + 1], 1), np.stack([first, above + 1, above], 1)]
    )
    return _painted(positions, smooth_normals(positions, triangles), np.concatenate(uvs), triangles, paint)


def _collapsed(ring: Ring) -> Ring:
    return replace(ring, x_radius_cm=1e-3, y_radius_cm=1e-3)


def _outline(ring: Ring, angle: np.ndarray) -> np.ndarray:
    cos, sin = np.cos(angle), np.sin(angle)
    exponent = 1.0 - 0.6 * ring.squareness
    cos, sin = np.sign(cos) * np.abs(cos) ** exponent, np.sign(sin) * np.abs(sin) ** exponent
    return np.stack(
        [
            ring.x_cm + ring.x_radius_cm * cos,
            ring.y_cm + ring.y_radius_cm * sin,
            np.full_like(angle, ring.z_cm),
        ],
        1,
    )


def cylinder(radius_cm: Number, bottom_cm: Number, top_cm: Number, paint: Paint, segments: int = 12) -> Mesh:
    """An upright cylinder with crisp rims."""
    side = [Ring(z_cm=z, x_radius_cm=radius_cm, y_radius_cm=radius_cm) for z in (bottom_cm, top_cm)]
    return tapered(side, paint, segments)


def tapered(rings: list[Ring], paint: Paint, segments: int = 12) -> Mesh:
    """A loft whose first and last ring keep crisp rims (caps are separate faces)."""
    low, high = rings[0], rings[-1]
    cap = 1e-2
    skin = [replace(low, z_cm=low.z_cm + cap), *rings[1:-1], replace(high, z_cm=high.z_cm - cap)]
    return loft([low, *skin, high], paint, segments)


def ellipsoid(center: Point, radii: Point, paint: Paint, segments: int = 14, stacks: int = 8) -> Mesh:
    """A closed ellipsoid with half-axes `radii`."""
    latitude = np.linspace(-np.pi / 2, np.pi / 2, stacks + 1)[1:-1]
    rings = [
        Ring(z_cm=radii[2] * np.sin(a), x_radius_cm=radii[0] * np.cos(a), y_radius_cm=radii[1] * np.cos(a))
        for a in latitude
    ]
    poles = [replace(_collapsed(rings[0]), z_cm=-radii[2]), replace(_collapsed(rings[-1]), z_cm=radii[2])]
    return moved(loft([poles[0], *rings, poles[1]], paint, segments), *center)


def bounds_cm(meshes: list[Mesh]) -> Float[np.ndarray, "2 3"]:
    """Smallest and largest corner over all `meshes`."""
    points = np.concatenate([mesh.positions for mesh in meshes])
    return np.stack([points.min(axis=0), points.max(axis=0)])


def sky_dome(radius_cm: Number, paint: Paint, segments: int = 32, stacks: int = 24) -> Mesh:
    """A sphere seen from inside; u runs around, v is the height, 0 at the lowest point, 1 at the highest."""
    height, turn = np.meshgrid(np.linspace(-1, 1, stacks + 1), np.linspace(0, 1, segments + 1), indexing="ij")
    across = np.sqrt(1 - height**2)
    outward = np.stack([across * np.cos(2 * np.pi * turn), across * np.sin(2 * np.pi * turn), height], -1)
    first = (np.arange(stacks)[:, None] * (segments + 1) + np.arange(segments)).ravel()
    above = first + segments + 1
    triangles = np.concatenate(
        [np.stack([first, above + 1, first + 1], 1), np.stack([first, above, above + 1], 1)]
    )
    outward = outward.reshape(-1, 3)
    uvs = np.stack([turn.ravel() * 2, 0.5 + 0.5 * height.ravel()], 1)
    return _painted(radius_cm * outward, -outward, uvs, triangles, paint)
