"""The joints of a glTF file, and which of them are the engine's bones."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError

from ..content.characters.skeleton import BONES
from ..content.unreal_space import Number
from .axes import unreal_matrices
from .bone_names import NAMED, FoundBones, find_bones
from .gltf_animation import GltfClip
from .gltf_file import GltfFile
from .gltf_nodes import NodeTree
from .motion import Motion
from .rig import Matrix, Rig

# If two bones are one joint, the joint is the later one of these.
_LAST_BONES = ("spine_01", "neck_01", "spine_02")
_MOST_NAMES = 12
_RENAME = "give each joint of the file another name"


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
        # A mesh can have the name of a joint; a joint that moves no skin can be named.
        others = [tree.nodes[node].name for node in nodes]
        known = [own or ("" if other in names else other) for own, other in zip(names, others, strict=True)]
        found = find_bones(names, parents, given_bones(bones, known, file.where))
        check_found(found, names, file.where)
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


def given_bones(bones: Mapping[str, str], names: Sequence[str], where: str) -> dict[str, int]:
    """The joints that the user names for bones, as places in ``names``."""
    for bone, name in bones.items():
        if bone not in NAMED:
            raise InputError(f"unknown bone {bone!r}", where=where, fix=f"use one of {', '.join(NAMED)}")
        if name not in names:
            raise InputError(f"it has no joint {name!r} for {bone}", where=where, fix=_joints_are(names))
        if names.count(name) > 1:
            what = f"it has {names.count(name)} joints {name!r} for {bone}"
            raise InputError(what, where=where, fix=_RENAME)
    return {bone: names.index(name) for bone, name in bones.items()}


def check_found(found: FoundBones, names: Sequence[str], where: str) -> None:
    """InputError if bones have no joint, or several."""
    for bone, joints in found.clashes.items():
        same = [names[joint] for joint in joints]
        fix = f'name one: bones = {{ {bone} = "{same[0]}" }}' if len(set(same)) == len(same) else _RENAME
        count = "two" if len(same) == 2 else str(len(same))
        raise InputError(f"{count} joints could be {bone} ({', '.join(same[:4])})", where=where, fix=fix)
    if missing := found.missing:
        what = f"no joint found for {', '.join(missing[:4])}{' ...' if len(missing) > 4 else ''}"
        fix = f'name it, e.g. bones = {{ {missing[0]} = "NAME" }}; {_joints_are(names)}'
        raise InputError(what, where=where, fix=fix)


def _joints_are(names: Sequence[str]) -> str:
    known = [name for name in names if name]
    more = " ..." if len(known) > _MOST_NAMES else ""
    return f"its joints are {', '.join(known[:_MOST_NAMES])}{more}" if known else "it has no joints"
