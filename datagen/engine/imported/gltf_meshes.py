"""Meshes of glTF files: the triangles of their primitives, in the axes and the unit of the file."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int

from .gltf_file import GltfFile
from .gltf_materials import Materials, SurfaceLook
from .gltf_schema import Primitive

MOST_TRIANGLES = 1_000_000
_MODES = ("points", "lines", "line loops", "line strips", "triangles", "triangle strips", "triangle fans")
_TRIANGLES = 4
_NUMBERED = ("JOINTS_", "WEIGHTS_")


@dataclass(frozen=True, kw_only=True)
class RawMesh:
    """Triangles of one look; ``colors`` are linear. ``joints`` and ``weights`` are those of a skinned mesh.

    ``cross(p1 - p0, p2 - p0)`` points outward, as in glTF.
    """

    look: SurfaceLook
    positions: Float[np.ndarray, "vertices 3"]
    normals: Float[np.ndarray, "vertices 3"]
    uvs: Float[np.ndarray, "vertices 2"]
    colors: Float[np.ndarray, "vertices 3"]
    triangles: Int[np.ndarray, "triangles 3"]
    joints: Int[np.ndarray, "vertices influences"] | None = None
    weights: Float[np.ndarray, "vertices influences"] | None = None


def meshes_of(file: GltfFile, index: int, materials: Materials) -> list[RawMesh]:
    """The primitives of a mesh; those without triangles are left out."""
    mesh = file.item(file.gltf.meshes, index, "mesh")
    found = [_mesh(file, primitive, materials, f"mesh {index}") for primitive in mesh.primitives]
    return [one for one in found if len(one.triangles)]


def _mesh(file: GltfFile, primitive: Primitive, materials: Materials, what: str) -> RawMesh:
    if primitive.mode != _TRIANGLES:
        kind = _MODES[primitive.mode] if primitive.mode < len(_MODES) else "unknown shapes"
        raise file.invalid(f"{what} consists of {kind}", "triangulate it, and export the file again")
    if "POSITION" not in primitive.attributes:
        raise file.invalid(f"{what} has no positions")
    look = materials.look(primitive.material)
    positions = file.array(primitive.attributes["POSITION"], ("VEC3",)).astype(np.float64)
    count = len(positions)
    triangles = _triangles(file, primitive, count, what)
    values = {
        name: file.array(index)
        for name, index in primitive.attributes.items()
        if name in ("NORMAL", "COLOR_0", f"TEXCOORD_{look.uv_set}") or name.startswith(_NUMBERED)
    }
    if any(len(one) != count for one in values.values()):
        raise file.invalid(f"{what} has attributes of different lengths")
    uvs = _components(file, values.get(f"TEXCOORD_{look.uv_set}", np.zeros((count, 2))), 2, what)
    colors = _components(file, values.get("COLOR_0", np.ones((count, 3))), 3, what)
    joints, weights = _influences(file, values, what)
    mesh = RawMesh(
        look=look,
        positions=positions,
        normals=_components(file, values.get("NORMAL", np.zeros((count, 3))), 3, what),
        uvs=uvs @ look.uv_matrix[:, :2].T + look.uv_matrix[:, 2],
        colors=np.clip(colors, 0, 1) * look.tint,
        triangles=triangles,
        joints=joints,
        weights=weights,
    )
    return mesh if "NORMAL" in values else with_flat_normals(mesh)


def with_rows(
    mesh: RawMesh, rows: Int[np.ndarray, "rows"], triangles: Int[np.ndarray, "triangles 3"]
) -> RawMesh:
    """A mesh of some vertices, which can be repeated, with other triangles."""
    per_vertex = ("positions", "normals", "uvs", "colors", "joints", "weights")
    values = {name: value[rows] for name in per_vertex if (value := getattr(mesh, name)) is not None}
    return replace(mesh, **values, triangles=triangles)


def with_flat_normals(mesh: RawMesh) -> RawMesh:
    """The mesh with three vertices for each triangle, and the normals of the triangles."""
    corners = mesh.positions[mesh.triangles]
    across = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(across, axis=1, keepdims=True)
    normals = np.where(lengths > 0, across / np.maximum(lengths, 1e-300), (0.0, 1.0, 0.0))
    flat = with_rows(mesh, mesh.triangles.ravel(), np.arange(mesh.triangles.size).reshape(-1, 3))
    return replace(flat, normals=np.repeat(normals, 3, axis=0))


def moved(mesh: RawMesh, matrix: Float[np.ndarray, "4 4"]) -> RawMesh:
    """The mesh under a column-vector transform; one that mirrors reverses the triangles."""
    linear = matrix[:3, :3]
    determinant = float(np.linalg.det(linear))
    # The cofactors: the inverse transpose up to a factor, also if the transform is almost flat.
    cofactors = np.stack([np.cross(linear[(i + 1) % 3], linear[(i + 2) % 3]) for i in range(3)])
    normals = mesh.normals @ cofactors.T * (-1.0 if determinant < 0 else 1.0)
    return replace(
        mesh,
        positions=mesh.positions @ linear.T + matrix[:3, 3],
        normals=unit_rows(normals),
        triangles=mesh.triangles[:, ::-1] if determinant < 0 else mesh.triangles,
    )


def unit_rows(vectors: Float[np.ndarray, "rows 3"]) -> Float[np.ndarray, "rows 3"]:
    """Vectors of length 1; those of length 0 remain."""
    return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-300)


def _triangles(file: GltfFile, primitive: Primitive, count: int, what: str) -> Int[np.ndarray, "triangles 3"]:
    """The triangles that are no lines or points."""
    if primitive.indices is None:
        indices = np.arange(count)
    else:
        indices = file.array(primitive.indices, ("SCALAR",))[:, 0]
    if indices.dtype.kind not in "ui" or len(indices) % 3:
        raise file.invalid(f"{what} has indices that are not triangles")
    if len(indices) > 3 * MOST_TRIANGLES:
        raise file.invalid(f"{what} has more than {MOST_TRIANGLES} triangles", "simplify it")
    if indices.size and not 0 <= indices.min() <= indices.max() < count:
        raise file.invalid(f"{what} has triangles of vertices that are missing")
    a, b, c = (corners := indices.reshape(-1, 3).astype(np.int64)).T
    return corners[(a != b) & (b != c) & (c != a)]


def _components(file: GltfFile, values: np.ndarray, count: int, what: str) -> np.ndarray:
    if values.shape[1] < count:
        raise file.invalid(f"{what} has an attribute of {values.shape[1]} instead of {count} numbers")
    return values[:, :count].astype(np.float64)


def _influences(
    file: GltfFile, values: dict[str, np.ndarray], what: str
) -> tuple[np.ndarray | None, np.ndarray | None]:
    """Joints and weights of all sets."""
    sets = sum(name.startswith("JOINTS_") for name in values)
    if not sets:
        return None, None
    names = [f"{kind}_{place}" for kind in ("JOINTS", "WEIGHTS") for place in range(sets)]
    if any(name not in values or values[name].shape[1] != 4 for name in names):
        raise file.invalid(f"{what} has joints without weights")
    joints, weights = (
        np.concatenate([values[name] for name in half], axis=1) for half in (names[:sets], names[sets:])
    )
    if joints.dtype.kind not in "ui":
        raise file.invalid(f"{what} has joints that are not whole numbers")
    return joints.astype(np.int64), np.maximum(weights.astype(np.float64), 0.0)
