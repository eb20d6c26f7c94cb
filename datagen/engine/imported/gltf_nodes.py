"""The nodes of a glTF file: their tree, and their transforms (column-vector, in the axes of the file)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from .gltf_file import GltfFile
from .gltf_schema import Node
from .quaternions import rotation_matrices

MOST_NODES = 20_000
# The shortest of three axes, as a share of the longest: less is the rounding of a flat transform.
_FLAT = 1e-7


@dataclass(frozen=True)
class Trs:
    """Translation, rotation (quaternion x y z w) and scale of a node."""

    translation: Float[np.ndarray, "3"]
    rotation: Float[np.ndarray, "4"]
    scale: Float[np.ndarray, "3"]

    def matrix(self) -> Float[np.ndarray, "4 4"]:
        """The transform."""
        matrix = np.eye(4)
        matrix[:3, :3] = rotation_matrices(self.rotation) * self.scale
        matrix[:3, 3] = self.translation
        return matrix


def is_flat(matrix: Float[np.ndarray, "4 4"]) -> bool:
    """Whether a transform leaves a direction without length."""
    lengths = np.linalg.svd(matrix[:3, :3], compute_uv=False)
    return float(lengths[2]) <= _FLAT * float(lengths[0])


@dataclass(frozen=True)
class NodeTree:
    """The nodes of a scene. ``parents`` has all of them, parents first; roots have the parent -1."""

    nodes: tuple[Node, ...]
    parents: dict[int, int]

    @classmethod
    def of(cls, file: GltfFile) -> "NodeTree":
        """The nodes of the scene that the file shows; all nodes, if it has no scene."""
        nodes, scenes = file.gltf.nodes, file.gltf.scenes
        if len(nodes) > MOST_NODES:
            raise file.invalid(f"{len(nodes)} nodes are more than {MOST_NODES}", "join objects")
        children = {child for node in nodes for child in node.children}
        roots = [index for index in range(len(nodes)) if index not in children]
        if scenes:
            roots = list(file.item(scenes, file.gltf.scene, "scene").nodes)
        parents: dict[int, int] = {}
        waiting = [(root, -1) for root in reversed(roots)]
        while waiting:
            index, parent = waiting.pop()
            file.item(nodes, index, "node")
            if index in parents:
                raise file.invalid(f"node {index} has two parents, or is its own ancestor")
            parents[index] = parent
            waiting += [(child, index) for child in reversed(nodes[index].children)]
        return cls(nodes, parents)

    def locals(self, moved: Mapping[int, Trs] | None = None) -> dict[int, Float[np.ndarray, "4 4"]]:
        """The transform of each node in its parent; ``moved`` nodes are elsewhere."""
        moved = moved or {}
        return {
            index: moved[index].matrix() if index in moved else self._rest_locals[index]
            for index in self.parents
        }

    def globals(self, moved: Mapping[int, Trs] | None = None) -> dict[int, Float[np.ndarray, "4 4"]]:
        """The transform of each node in the scene."""
        found: dict[int, np.ndarray] = {}
        for index, local in self.locals(moved).items():
            parent = self.parents[index]
            found[index] = local if parent < 0 else found[parent] @ local
        return found

    def check_extent(self, file: GltfFile, index: int) -> None:
        """InputError if a node, or one above it, has a transform that makes meshes flat."""
        for one in self.ancestors(index):
            if is_flat(self._rest_locals[one]):
                name = self.nodes[one].name or f"node {one}"
                what = f"the transform of {name[:80]!r} is singular, such as a scale of 0"
                raise file.invalid(what, "correct it, or remove the object")

    def rest(self, index: int) -> Trs:
        """Translation, rotation and scale of a node that has no matrix."""
        node = self.nodes[index]
        return Trs(np.array(node.translation), np.array(node.rotation), np.array(node.scale))

    def restricted(self, kept: set[int]) -> "NodeTree":
        """The tree of some nodes and their ancestors."""
        wanted: set[int] = set()
        for index in kept:
            while index >= 0 and index not in wanted:
                wanted.add(index)
                index = self.parents[index]
        return NodeTree(self.nodes, {i: parent for i, parent in self.parents.items() if i in wanted})

    def ancestors(self, index: int) -> list[int]:
        """A node and its ancestors, the root last."""
        found = []
        while index >= 0:
            found.append(index)
            index = self.parents[index]
        return found

    @cached_property
    def _rest_locals(self) -> dict[int, np.ndarray]:
        return {
            index: self.rest(index).matrix()
            if (matrix := self.nodes[index].matrix) is None
            else np.array(matrix, dtype=np.float64).reshape(4, 4).T
            for index in self.parents
        }
