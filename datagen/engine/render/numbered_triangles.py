"""What surface ids mean: every triangle of the actors, numbered."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float32, Int32, UInt32
from panda3d.core import NodePath

from ..content.characters.skin import INFLUENCES, SkinnedPart
from ..content.shapes.meshes import Part


@dataclass(frozen=True)
class Body:
    """What is drawn of an actor, and the pieces that it follows: bones, or one without a name if rigid."""

    node: NodePath
    parts: Sequence[Part]
    pieces: tuple[str, ...] = ("",)

    @property
    def triangle_count(self) -> int:
        """Number of triangles of all parts."""
        return sum(len(part.mesh.triangles) for part in self.parts)

    def vertex_pieces(self) -> Int32[np.ndarray, "vertices 4"]:
        """The pieces that each vertex follows, as places in ``pieces``."""
        return np.concatenate([np.zeros((0, INFLUENCES), dtype=np.int32), *map(_bones, self.parts)])

    def vertex_weights(self) -> Float32[np.ndarray, "vertices 4"]:
        """The weights of the pieces that each vertex follows."""
        return np.concatenate([np.zeros((0, INFLUENCES), dtype=np.float32), *map(_weights, self.parts)])


@dataclass(frozen=True, kw_only=True)
class NumberedTriangles:
    """The bodies of the actors, in order. Ids count their triangles from 1; id 0 is nothing.

    Attributes:
        object_names: the actors that have bodies.
        piece_names: name of the actor, and of the bone, of each piece.
        first_ids: the id of the first triangle of each body.
    """

    bodies: tuple[Body, ...]
    object_names: tuple[str, ...]
    piece_names: tuple[tuple[str, str], ...]
    first_ids: tuple[int, ...]

    @classmethod
    def of(cls, bodies: dict[str, Body]) -> "NumberedTriangles":
        """Number the triangles of the actors."""
        ends = np.cumsum([1] + [body.triangle_count for body in bodies.values()])
        return cls(
            bodies=tuple(bodies.values()),
            object_names=tuple(bodies),
            piece_names=tuple((name, piece) for name, body in bodies.items() for piece in body.pieces),
            first_ids=tuple(ends[:-1].tolist()),
        )

    @cached_property
    def triangle_objects(self) -> Int32[np.ndarray, "triangles"]:
        """The place of each triangle's actor in ``object_names``."""
        counts = [body.triangle_count for body in self.bodies]
        return np.repeat(np.arange(len(counts), dtype=np.int32), counts)

    @cached_property
    def vertices_cm(self) -> Float32[np.ndarray, "vertices 3"]:
        """All vertices, each in the frame of its actor, in the reference pose."""
        positions = [part.mesh.positions for body in self.bodies for part in body.parts]
        return np.concatenate([np.zeros((0, 3)), *positions]).astype(np.float32)

    @cached_property
    def vertex_pieces(self) -> Int32[np.ndarray, "vertices 4"]:
        """The pieces that each vertex follows."""
        starts = np.cumsum([0] + [len(body.pieces) for body in self.bodies])
        pieces = [body.vertex_pieces() + start for body, start in zip(self.bodies, starts, strict=False)]
        return np.concatenate([np.zeros((0, INFLUENCES)), *pieces]).astype(np.int32)

    @cached_property
    def vertex_weights(self) -> Float32[np.ndarray, "vertices 4"]:
        """The weights of the pieces that each vertex follows; they add up to 1."""
        weights = [body.vertex_weights() for body in self.bodies]
        return np.concatenate([np.zeros((0, INFLUENCES)), *weights]).astype(np.float32)

    @cached_property
    def triangles(self) -> Int32[np.ndarray, "triangles 3"]:
        """The vertices of each triangle; ``cross(p1 - p0, p2 - p0)`` points outward in Unreal's space."""
        meshes = [part.mesh for body in self.bodies for part in body.parts]
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


def _bones(part: Part) -> Int32[np.ndarray, "vertices 4"]:
    if isinstance(part, SkinnedPart):
        return part.bones
    return np.zeros((len(part.mesh.positions), INFLUENCES), dtype=np.int32)


def _weights(part: Part) -> Float32[np.ndarray, "vertices 4"]:
    if isinstance(part, SkinnedPart):
        return part.weights
    return np.eye(1, INFLUENCES, dtype=np.float32).repeat(len(part.mesh.positions), axis=0)
