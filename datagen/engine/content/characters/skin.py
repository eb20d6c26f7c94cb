"""Skinned meshes: vertices in one reference pose that follow up to four bones each."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Float32, Int32

from ..shapes.meshes import Mesh, Part

INFLUENCES = 4
# Weights are multiples of this, so that their sums are exactly 1.
_WEIGHT_STEP = 2.0**-10
# Hanging cloth that would be in the ground lies between these heights (cm).
_LYING_CM = (0.3, 0.7)


@dataclass(frozen=True, kw_only=True)
class SkinnedPart(Part):
    """A part in the reference pose (actor's frame, cm), and the bones that its vertices follow.

    ``bones`` are places in a list of bones, the heaviest first; the weights of a vertex add up to 1. What
    ``hangs`` lies on the ground instead of in it.
    """

    bones: Int32[np.ndarray, "vertices 4"]
    weights: Float32[np.ndarray, "vertices 4"]
    hangs: bool = False


@dataclass(frozen=True, kw_only=True)
class Skin:
    """All parts of a character, and the inverse transforms of its bones in the reference pose.

    A vertex v is at ``sum_i w_i (v @ bone_from_reference[b_i] @ actor_from_bone[b_i])``.
    """

    parts: list[SkinnedPart]
    bone_from_reference: Float[np.ndarray, "bones 4 4"]

    def posed(self, actor_from_reference: Float[np.ndarray, "bones 4 4"]) -> list[Mesh]:
        """Return the meshes in a pose: ``bone_from_reference @ actor_from_bone`` of each bone."""
        return [_posed(part, actor_from_reference) for part in self.parts]


def above_ground(heights_cm: Float[np.ndarray, "vertices"]) -> Float[np.ndarray, "vertices"]:
    """Heights of hanging cloth on the ground at 0: without a kink, those below it become about 0."""
    low, high = _LYING_CM
    beyond = np.minimum(heights_cm - high, 0.0) / (high - low)
    return np.where(heights_cm < high, low + (high - low) * np.exp(beyond), heights_cm)


def strongest(
    weights: Float[np.ndarray, "vertices bones"],
) -> tuple[Int32[np.ndarray, "vertices 4"], Float32[np.ndarray, "vertices 4"]]:
    """Return the four heaviest bones of each vertex, and their weights, which add up to 1."""
    bones = np.argsort(-weights, axis=1, kind="stable")[:, :INFLUENCES]
    kept = np.take_along_axis(weights, bones, axis=1)
    kept = np.round(kept / kept.sum(axis=1, keepdims=True) / _WEIGHT_STEP) * _WEIGHT_STEP
    kept[:, 0] += 1.0 - kept.sum(axis=1)
    return np.where(kept > 0, bones, bones[:, :1]).astype(np.int32), kept.astype(np.float32)


def _posed(part: SkinnedPart, matrices: Float[np.ndarray, "bones 4 4"]) -> Mesh:
    blended = np.einsum("vk,vkij->vij", part.weights.astype(np.float64), matrices[part.bones])
    normals = np.einsum("vi,vij->vj", part.mesh.normals, blended[:, :3, :3])
    positions = np.einsum("vi,vij->vj", part.mesh.positions, blended[:, :3, :3]) + blended[:, 3, :3]
    if part.hangs:
        positions[:, 2] = above_ground(positions[:, 2])
    return replace(
        part.mesh,
        positions=positions,
        normals=normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12),
    )
