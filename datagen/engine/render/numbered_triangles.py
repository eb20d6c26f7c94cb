"""What surface ids mean: every triangle of the actors, numbered."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float32, Int32, UInt32
from panda3d.core import NodePath

from ..content.meshes import Part


@dataclass(frozen=True)
class Piece:
    """What moves rigidly: the body of an actor (no ``bone``), or the skin of a bone."""

    node: NodePath
    parts: list[Part]
    bone: str = ""

    @property
    def triangle_count(self) -> int:
        """Number of triangles of all parts."""
        return sum(len(part.mesh.triangles) for part in self.parts)


@dataclass(frozen=True, kw_only=True)
class NumberedTriangles:
    """The pieces of the actors, in order. Ids count their triangles from 1; id 0 is nothing.

    Attributes:
        piece_names: name of the actor, and of the bone, of each piece.
        first_ids: the id of the first triangle of each piece.
    """

    pieces: tuple[Piece, ...]
    piece_names: tuple[tuple[str, str], ...]
    first_ids: tuple[int, ...]

    @classmethod
    def of(cls, pieces_of_actors: dict[str, list[Piece]]) -> "NumberedTriangles":
        """Number the triangles of the actors."""
        named = [(name, piece) for name, pieces in pieces_of_actors.items() for piece in pieces]
        ends = np.cumsum([1] + [piece.triangle_count for _, piece in named])
        return cls(
            pieces=tuple(piece for _, piece in named),
            piece_names=tuple((name, piece.bone) for name, piece in named),
            first_ids=tuple(ends[:-1].tolist()),
        )

    @cached_property
    def object_names(self) -> tuple[str, ...]:
        """The actors that have pieces."""
        return tuple(dict.fromkeys(name for name, _ in self.piece_names))

    @cached_property
    def triangle_pieces(self) -> Int32[np.ndarray, "triangles"]:
        """The piece of each triangle."""
        counts = [piece.triangle_count for piece in self.pieces]
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)

    @cached_property
    def triangle_objects(self) -> Int32[np.ndarray, "triangles"]:
        """The place of each triangle's actor in ``object_names``."""
        place = {name: index for index, name in enumerate(self.object_names)}
        return np.array([place[name] for name, _ in self.piece_names], dtype=np.int32)[self.triangle_pieces]

    @cached_property
    def vertices_cm(self) -> Float32[np.ndarray, "vertices 3"]:
        """All vertices, each in the frame of its piece."""
        positions = [part.mesh.positions for piece in self.pieces for part in piece.parts]
        return np.concatenate([np.zeros((0, 3)), *positions]).astype(np.float32)

    @cached_property
    def vertex_pieces(self) -> Int32[np.ndarray, "vertices"]:
        """The piece of each vertex."""
        counts = [sum(len(part.mesh.positions) for part in piece.parts) for piece in self.pieces]
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)

    @cached_property
    def triangles(self) -> Int32[np.ndarray, "triangles 3"]:
        """The vertices of each triangle; ``cross(p1 - p0, p2 - p0)`` points outward in Unreal's space."""
        meshes = [part.mesh for piece in self.pieces for part in piece.parts]
        starts = np.cumsum([0] + [len(mesh.positions) for mesh in meshes])
        shifted = [mesh.triangles + start for mesh, start in zip(meshes, starts, strict=False)]
        return np.concatenate([np.zeros((0, 3)), *shifted]).astype(np.int32)

    def mask_table(self, colors: dict[str, tuple[int, int, int]]) -> UInt32[np.ndarray, "ids"]:
        """Return the BGRA pixel of each id; what has no colour is black."""
        rgb = np.array([colors.get(name, (0, 0, 0)) for name in self.object_names], dtype=np.uint32)
        red, green, blue = rgb.reshape(-1, 3).T
        pixels = 0xFF000000 | red << 16 | green << 8 | blue
        nothing = np.full(1, 0xFF000000, dtype=np.uint32)
        return np.concatenate([nothing, pixels.astype(np.uint32)[self.triangle_objects]])
