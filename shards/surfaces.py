"""The triangles of a take and how they move: the member ``KEY.surfaces.npz``."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32, Float64, Int, Int32

from .arrays import ArrayLayout, npz_bytes, read_npz
from .triangles import moved

_LAYOUTS: Mapping[str, ArrayLayout] = {
    "vertices_m": ("<f4", ("vertices", 3)),
    "vertex_pieces": ("<i4", ("vertices",)),
    "triangles": ("<i4", ("triangles", 3)),
    "triangle_objects": ("<i4", ("triangles",)),
    "object_names": ("U", ("objects",)),
    "world_from_piece": ("<f8", ("frames", "pieces", 3, 4)),
}


@dataclass(frozen=True, kw_only=True)
class Surfaces:
    """All triangles of a take. A piece is what moves as one: a prop, or a bone of a character.

    Attributes:
        vertices_m: in the axes of their piece.
        triangles: three vertices each; ``cross(p1 - p0, p2 - p0)`` points outward.
        triangle_objects: the object of each triangle, as an index of ``object_names``.
        world_from_piece: transforms of the pieces in each frame.
    """

    vertices_m: Float32[np.ndarray, "vertices 3"]
    vertex_pieces: Int32[np.ndarray, "vertices"]
    triangles: Int32[np.ndarray, "triangles 3"]
    triangle_objects: Int32[np.ndarray, "triangles"]
    object_names: tuple[str, ...]
    world_from_piece: Float64[np.ndarray, "frames pieces 3 4"]

    def world_corners_m(
        self, frame: int, triangles: Int[np.ndarray, "some"]
    ) -> Float[np.ndarray, "some 3 3"]:
        """Corners of some triangles in a frame: (triangle, corner, axis), world."""
        vertices = self.triangles[triangles]
        transforms = self.world_from_piece[frame][self.vertex_pieces[vertices]]
        return moved(transforms, self.vertices_m[vertices].astype(np.float64))


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
    for name in ("vertices_m", "world_from_piece"):
        if not np.isfinite(arrays[name]).all():
            raise ValueError(f"{name} has numbers that are not finite")
    names = tuple(map(str, arrays.pop("object_names").tolist()))
    return Surfaces(object_names=names, **arrays)
