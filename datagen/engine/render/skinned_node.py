"""A character's geometry, posed on the CPU: once for each pose, however many cameras draw it."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int
from panda3d.core import GeomNode

from ..content.characters.skin import INFLUENCES, SkinnedPart, above_ground
from ..content.unreal_space import CM_PER_M
from .panda_space import panda_directions, panda_matrices, panda_points


class SkinnedNode:
    """Geometry whose first vertex array (position, normal) follows bones.

    ``sources`` say which vertex of its part each row of a geometry is.
    """

    def __init__(
        self, node: GeomNode, parts: Sequence[SkinnedPart], sources: Sequence[Int[np.ndarray, "_"]]
    ) -> None:
        self.node = node
        starts = np.cumsum([0] + [len(part.mesh.positions) for part in parts])
        self._sources = [source + start for source, start in zip(sources, starts, strict=False)]
        points = panda_points(np.concatenate([part.mesh.positions for part in parts]))
        normals = panda_directions(np.concatenate([part.mesh.normals for part in parts]))
        # Axis, then vertex, so that each sum runs over contiguous numbers.
        self._points, self._normals = (np.ascontiguousarray(a.T, dtype=np.float32) for a in (points, normals))
        bones = np.concatenate([part.bones for part in parts])
        weights = np.concatenate([part.weights for part in parts])
        self._hanging = np.flatnonzero(
            np.concatenate([np.full(len(part.mesh.positions), part.hangs) for part in parts])
        )
        self._influences = [
            (used, bones[used, slot], weights[used, slot])
            for slot in range(INFLUENCES)
            if len(used := np.flatnonzero(weights[:, slot] > 0))
        ]

    def pose(self, actor_from_reference: Float[np.ndarray, "bones 4 4"]) -> None:
        """Move the vertices by the transforms of the bones (row-vector, Unreal's space, cm)."""
        of_bones = panda_matrices(actor_from_reference)[:, :, :3].reshape(-1, 12).astype(np.float32).T
        blended = np.zeros((12, self._points.shape[1]), dtype=np.float32)
        for used, bones, weights in self._influences:
            moves = np.take(of_bones, bones, axis=1) * weights
            if len(used) == blended.shape[1]:
                blended += moves
            else:
                blended[:, used] += moves
        rows = np.empty((self._points.shape[1], 6), dtype=np.float32)
        rows[:, :3] = (_turned(self._points, blended) + blended[9:]).T
        rows[self._hanging, 2] = above_ground(CM_PER_M * rows[self._hanging, 2]) / CM_PER_M
        normals = _turned(self._normals, blended)
        rows[:, 3:] = (normals / np.sqrt(np.maximum((normals * normals).sum(axis=0), 1e-12))).T
        for index, source in enumerate(self._sources):
            vertices = self.node.modify_geom(index).modify_vertex_data()
            vertices.modify_array_handle(0).copy_data_from(np.take(rows, source, axis=0))


def _turned(
    points: Float[np.ndarray, "3 vertices"], matrices: Float[np.ndarray, "12 vertices"]
) -> Float[np.ndarray, "3 vertices"]:
    return points[0] * matrices[:3] + points[1] * matrices[3:6] + points[2] * matrices[6:9]
