"""The joints of a glTF file, and which of them are the engine's bones."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError

from ..content.characters.skeleton import BONES
from ..content.unreal_space import Number
from .axes import unreal_matrices
from .bone_names import NAMED, find_bones
from .gltf_animation import GltfClip
from .gltf_file import GltfFile
from .gltf_nodes import NodeTree
from .motion import Motion
from .rig import Matrix, Rig

# If two bones are one joint, the joint is the later one of these.
_LAST_BONES = ("spine_01", "neck_01", "spine_02")
_MOST_NAMES = 12


@dataclass(frozen=True)
class GltfSkeleton:
    """The nodes of a file as joints; transforms are row-vector, in the file's converted axes (cm).

    Attributes:
        joints: the node of each bone, and of the toes.
    """

    tree: NodeTree
    joints: dict[str, int]
    scale: Number

    @classmethod
    def of(cls, file: GltfFile, *, scale: Number, bones: Mapping[str, str]) -> "GltfSkeleton":
        """The skeleton of a file; ``bones`` are names of joints that are not found by their names."""
        tree = NodeTree.of(file)
        nodes = list(tree.parents)
        deforming = {joint for skin in file.gltf.skins for joint in skin.joints}
        names = [tree.nodes[node].name if node in deforming or not deforming else "" for node in nodes]
        place = {node: index for index, node in enumerate(nodes)}
        parents = [place.get(tree.parents[node], -1) for node in nodes]
        given = given_bones(bones, [tree.nodes[node].name for node in nodes], file.where)
        found = find_bones(names, parents, given)
        check_found(found.missing, names, file.where)
        return cls(tree, {bone: nodes[joint] for bone, joint in found.joints.items()}, scale)

    @cached_property
    def rest(self) -> dict[int, Matrix]:
        """The transforms at rest."""
        return self._converted(self.tree.globals())

    def at(self, clip: GltfClip, time_s: float) -> dict[int, Matrix]:
        """The transforms at a time of a clip."""
        return self._converted(self.tree.globals(clip.moved(self.tree, time_s)))

    def rig(self, where: str, lowest_cm: float | None = None) -> Rig:
        """The rig, on the ground at a height; None is that of the lowest joint."""
        places = {bone: self.rest[joint][3, :3] for bone, joint in self.joints.items()}
        lowest = min(place[2] for place in places.values()) if lowest_cm is None else lowest_cm
        return Rig.of(places, float(lowest), where)

    def motion(self, rig: Rig, clip: GltfClip) -> Motion:
        """The motion of a clip."""
        kept = self.restricted(set(self.joints.values()))
        return Motion(
            rig=rig,
            joints=self.joints,
            rest=self.rest,
            at=lambda time_s: kept.at(clip, time_s),
            duration_s=clip.duration_s,
        )

    def restricted(self, kept: set[int]) -> "GltfSkeleton":
        """The skeleton with fewer nodes, which is faster."""
        return GltfSkeleton(self.tree.restricted(kept), self.joints, self.scale)

    def bone_above(self, node: int) -> str:
        """The bone that a node follows: its own, or that of the next joint above it."""
        bones = sorted(BONES[1:], key=lambda bone: bone not in _LAST_BONES)
        of_joint = {self.joints[bone]: bone for bone in bones}
        return next((of_joint[one] for one in self.tree.ancestors(node) if one in of_joint), "root")

    def _converted(self, matrices: Mapping[int, Float[np.ndarray, "4 4"]]) -> dict[int, Matrix]:
        rows = unreal_matrices(np.array(list(matrices.values())), self.scale)
        return dict(zip(matrices, rows, strict=True))


def given_bones(bones: Mapping[str, str], names: list[str], where: str) -> dict[str, int]:
    """The joints that the user names for bones, as places in ``names``."""
    for bone, name in bones.items():
        if bone not in NAMED:
            raise InputError(f"unknown bone {bone!r}", where=where, fix=f"use one of {', '.join(NAMED)}")
        if name not in names:
            raise InputError(f"it has no joint {name!r} for {bone}", where=where, fix=_joints_are(names))
    return {bone: names.index(name) for bone, name in bones.items()}


def check_found(missing: tuple[str, ...], names: list[str], where: str) -> None:
    """InputError if bones have no joint."""
    if missing:
        what = f"no joint found for {', '.join(missing[:4])}{' ...' if len(missing) > 4 else ''}"
        fix = f'name it, e.g. bones = {{ {missing[0]} = "NAME" }}; {_joints_are(names)}'
        raise InputError(what, where=where, fix=fix)


def _joints_are(names: list[str]) -> str:
    known = [name for name in names if name]
    more = " ..." if len(known) > _MOST_NAMES else ""
    return f"its joints are {', '.join(known[:_MOST_NAMES])}{more}" if known else "it has no joints"
