"""Alpha masks as geometry: what is transparent is cut out of triangles, so that every image agrees."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float, Int

from .gltf_meshes import RawMesh, with_rows

# A triangle is divided into 4, so often; then its parts are kept or left out by the alpha at their middle.
_MOST_DIVISIONS, _MOST_PARTS = 5, 300_000
# Texels along a part.
_FINEST_TEXELS = 4.0


def cut_out(mesh: RawMesh) -> RawMesh:
    """The opaque parts of a mesh."""
    opaque = mesh.look.is_opaque
    if opaque is None or opaque.all():
        return mesh
    if not opaque.any():
        return replace(mesh, triangles=mesh.triangles[:0])
    for _ in range(_divisions(mesh, opaque)):
        mesh = _divided(mesh)
    middle = mesh.uvs[mesh.triangles].mean(axis=1)
    height, width = opaque.shape
    column = np.floor((middle[:, 0] % 1.0) * width).astype(int).clip(0, width - 1)
    row = np.floor((middle[:, 1] % 1.0) * height).astype(int).clip(0, height - 1)
    return replace(mesh, triangles=mesh.triangles[opaque[row, column]])


def _divisions(mesh: RawMesh, opaque: np.ndarray) -> int:
    """How often to divide: until parts are small in the texture, or too many."""
    corners = mesh.uvs[mesh.triangles] * opaque.shape[::-1]
    longest = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2).max(axis=1)
    typical = float(np.quantile(longest, 0.9)) if len(longest) else 0.0
    wanted = int(np.ceil(np.log2(max(typical / _FINEST_TEXELS, 1.0))))
    allowed = int(np.log2(max(_MOST_PARTS / max(len(mesh.triangles), 1), 1.0)) / 2)
    return min(wanted, allowed, _MOST_DIVISIONS)


def _divided(mesh: RawMesh) -> RawMesh:
    """Each triangle as four, with new vertices in the middle of its edges."""
    ends = np.sort(np.stack([mesh.triangles, np.roll(mesh.triangles, -1, axis=1)], axis=-1), axis=-1)
    edges, place = np.unique(ends.reshape(-1, 2), axis=0, return_inverse=True)
    count = len(mesh.positions)
    ab, bc, ca = (count + place.reshape(-1, 3)).T
    a, b, c = mesh.triangles.T
    parts = [np.stack(part, axis=1) for part in ((a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca))]
    # Joints and weights of a new vertex are those of one end; the rest is the mean.
    first = with_rows(mesh, np.concatenate([np.arange(count), edges[:, 0]]), np.concatenate(parts))
    return replace(
        first,
        positions=_with_means(mesh.positions, edges),
        normals=_with_means(mesh.normals, edges),
        uvs=_with_means(mesh.uvs, edges),
        colors=_with_means(mesh.colors, edges),
    )


def _with_means(
    values: Float[np.ndarray, "vertices n"], edges: Int[np.ndarray, "edges 2"]
) -> Float[np.ndarray, "all n"]:
    return np.concatenate([values, values[edges].mean(axis=1)])
