"""The triangles of a take and how they move: the member ``KEY.surfaces.npz``."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64, Int, Int32

from .arrays import ArrayLayout, npz_bytes, read_npz
from .triangles import moved

_LAYOUTS: Mapping[str, ArrayLayout] = {
    "vertices_m": ("<f4", ("vertices", 3)),
    "vertex_pieces": ("<i4", ("vertices", 4)),
    "vertex_weights": ("<f4", ("vertices", 4)),
    "triangles": ("<i4", ("triangles", 3)),
    "triangle_objects": ("<i4", ("triangles",)),
    "object_names": ("U", ("objects",)),
    "world_from_piece": ("<f8", ("frames", "pieces", 3, 4)),
}
_WEIGHT_TOLERANCE = 1e-5


@dataclass(frozen=True, kw_only=True)
class Surfaces:
    """All triangles of a take. A piece is what moves vertices: a prop, or a bone of a character.

    Attributes:
        vertices_m: in the axes of their actor, characters in their reference pose.
        vertex_pieces: the pieces that each vertex follows; those of weight 0 mean nothing.
        vertex_weights: the weights of these pieces; they add up to 1.
        triangles: three vertices each; ``cross(p1 - p0, p2 - p0)`` points outward.
        triangle_objects: the object of each triangle, as an index of ``object_names``.
        world_from_piece: transforms from the axes of the actor to the world, by each piece in each frame.
    """

    vertices_m: Float32[np.ndarray, "vertices 3"]
    vertex_pieces: Int32[np.ndarray, "vertices 4"]
    vertex_weights: Float32[np.ndarray, "vertices 4"]
    triangles: Int32[np.ndarray, "triangles 3"]
    triangle_objects: Int32[np.ndarray, "triangles"]
    object_names: tuple[str, ...]
    world_from_piece: Float64[np.ndarray, "frames pieces 3 4"]

    def world_corners_m(
        self, frame: int, triangles: Int[np.ndarray, "some"]
    ) -> Float[np.ndarray, "some 3 3"]:
        """Corners of some triangles in a frame: (triangle, corner, axis), world."""
        corners = self.triangles[triangles]
        return self.world_vertices_m(frame, corners.ravel()).reshape(*corners.shape, 3)

    def world_vertices_m(self, frame: int, vertices: Int[np.ndarray, "some"]) -> Float[np.ndarray, "some 3"]:
        """Where some vertices are in a frame, world."""
        world_m = np.zeros((len(vertices), 3))
        for slot in range(self.vertex_pieces.shape[1]):
            weights = self.vertex_weights[vertices, slot]
            # Most vertices follow one piece.
            used = np.flatnonzero(weights)
            transforms = self.world_from_piece[frame][self.vertex_pieces[vertices[used], slot]]
            points_m = self.vertices_m[vertices[used]].astype(np.float64)
            world_m[used] += weights[used, None] * moved(transforms, points_m)
        return world_m


def surfaces_member(surfaces: Surfaces) -> bytes:
    """The file of the triangles."""
    names = np.array(surfaces.object_names, dtype=np.str_)
    values = {name: getattr(surfaces, name) for name in _LAYOUTS} | {"object_names": names}
    return npz_bytes(values)


def read_surfaces(content: bytes, frames: int) -> Surfaces:
    """The triangles of a file; ValueError, or an error of the zip, for another file or other frames."""
    arrays = read_npz(content, _LAYOUTS, {"frames": frames})
    pieces, objects = arrays["world_from_piece"].shape[1], len(arrays["object_names"])
    for name, indices, end in (
        ("vertex_pieces", arrays["vertex_pieces"], pieces),
        ("triangles", arrays["triangles"], len(arrays["vertices_m"])),
        ("triangle_objects", arrays["triangle_objects"], objects),
    ):
        if indices.size and not 0 <= indices.min() <= indices.max() < end:
            raise ValueError(f"{name} has numbers outside of 0..{end - 1}")
    if not (np.abs(arrays["vertex_weights"].sum(axis=1) - 1) < _WEIGHT_TOLERANCE).all():
        raise ValueError("vertex_weights has rows that do not add up to 1")
    for name in ("vertices_m", "world_from_piece"):
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name} has numbers that are not finite")
    names = tuple(map(str, arrays.pop("object_names").tolist()))
    return Surfaces(object_names=names, **arrays)
