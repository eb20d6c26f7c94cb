"""Animations from files: glTF clips and BVH recordings."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from multitake.errors import InputError

from ..content.animations.catalog import Animation
from ..content.unreal_space import Number
from .axes import unreal_matrices
from .bone_names import find_bones
from .bvh import BvhFile, read_bvh, up_axes
from .gltf_animation import GltfClip, clip_of
from .gltf_file import GltfFile
from .gltf_skeleton import GltfSkeleton, check_found, given_bones
from .motion import Motion
from .rig import REST_FIX, Rig

_SHARES = 8
# With other legs, the unit of a glTF file is not known, and its speed becomes that of usual legs.
_LEGS_CM = (10.0, 250.0)


@dataclass(frozen=True, kw_only=True)
class FileAnimation(Animation):
    """A motion of a file, for any body. ``clip`` moves the character of the same glTF file exactly.

    Attributes:
        height_shares: heights of the head as shares of that at rest, at equal times.
    """

    sha256: str
    clip: GltfClip | None
    height_shares: tuple[float, ...]


def gltf_animation(
    file: GltfFile, clip: str | None, bones: Mapping[str, str], scale: Number = 1.0
) -> FileAnimation:
    """The animation of a clip of a file, whose unit is ``scale`` metres; its speed is that in the file."""
    found, skeleton = clip_of(file, clip), GltfSkeleton.of(file, scale=scale, bones=bones)
    motion = skeleton.motion(skeleton.rig(file.where), found)
    low_cm, high_cm = _LEGS_CM
    if low_cm <= motion.rig.leg_cm <= high_cm:
        motion = replace(motion, actor_leg_cm=motion.rig.leg_cm)
    return _animation(motion, file.sha256, found)


def bvh_animation(path: Path, where: str, sha256: str, bones: Mapping[str, str]) -> FileAnimation:
    """The animation of a BVH file."""
    return _animation(bvh_motion(read_bvh(path, where), where, bones), sha256, None)


def bvh_motion(file: BvhFile, where: str, bones: Mapping[str, str]) -> Motion:
    """The motion of a BVH file; its unit does not matter."""
    ends = [" end" if joint.name.endswith(" end") else "" for joint in file.joints]
    names = [joint.name for joint in file.joints]
    found = find_bones(names, file.parents, given_bones(bones, names, where))
    check_found(found, names, where)
    joints = dict(found.joints)
    for side in "lr":
        # Without a toe joint, the end of the foot.
        tips = [tip for tip, end in enumerate(ends) if end and file.parents[tip] == joints[f"foot_{side}"]]
        if tips:
            joints.setdefault(f"toe_{side}", tips[0])
    rest = file.rest()
    feet = rest[[joints["foot_l"], joints["foot_r"]], :3, 3].mean(axis=0)
    axes = up_axes(rest[joints["head"], :3, 3] - feet)
    if axes is None:
        raise InputError("its rest pose does not stand along Y or Z", where=where, fix=REST_FIX)
    rows = unreal_matrices(rest, 1.0, axes)
    places = {bone: rows[joint][3, :3] for bone, joint in joints.items()}
    rig = Rig.of(places, float(rows[:, 3, 2].min()), where)
    return Motion(
        rig=rig,
        joints=joints,
        rest=dict(enumerate(rows)),
        at=lambda time_s: dict(enumerate(unreal_matrices(file.globals(time_s), 1.0, axes))),
        duration_s=file.duration_s,
    )


def _animation(motion: Motion, sha256: str, clip: GltfClip | None) -> FileAnimation:
    return FileAnimation(
        duration_s=motion.duration_s,
        speed_m_per_s=round(motion.course.speed_m_per_s, 6),
        pose=motion.pose,
        sha256=sha256,
        clip=clip,
        height_shares=motion.height_shares(_SHARES),
    )
