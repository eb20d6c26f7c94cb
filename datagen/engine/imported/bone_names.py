"""Which joints of a skeleton are bones of the engine's: by their names, and by where they are in the tree.

Names of Mixamo, of Unreal's mannequin, and of other common rigs are known.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..content.characters.skeleton import BONES, SIDES

# Names without their side and signs, the best first.
_LIMBS = {
    "lowerarm": ("lowerarm", "forearm", "loarm", "elbow"),
    "upperarm": ("upperarm", "uparm", "arm", "shldr", "shoulder"),
    "hand": ("hand", "wrist"),
    "thigh": ("thigh", "upleg", "upperleg", "femur", "hip"),
    "calf": ("calf", "shin", "lowerleg", "loleg", "leg", "knee"),
    "foot": ("foot", "ankle"),
    "toe": ("toebase", "ball", "toe", "toes", "toe0", "foot"),
}
# Of these the joint nearest to the root counts: a foot below an ankle is that of the toes.
_ENDS = ("hand", "foot")
_MIDDLE = {"pelvis": ("pelvis", "hips", "hip"), "head": ("head",), "neck_01": ("neck", "neck01", "neck1")}
_PREFIXES = re.compile(
    r"^(?:(?:mixamorig\d*|bip\d*|jbip|def|org|valvebiped|cc_base|character\d+)[ _:.\-]+)+", re.I
)
_GLUED_PREFIX = re.compile(r"^mixamorig\d*(?=[A-Z])")
_COPY = re.compile(r"\.\d{3}$")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SIDE_WORDS = {"l": "l", "left": "l", "r": "r", "right": "r"}
# What follows from the other bones.
_DERIVED = ("spine_01", "spine_02", "neck_01")
# What a user can name.
NAMED = (*BONES[1:], "toe_l", "toe_r")


@dataclass(frozen=True)
class FoundBones:
    """The joint of each bone, and the toes if there are any.

    Attributes:
        missing: bones that have to be named.
        clashes: joints of which each could be the bone.
    """

    joints: dict[str, int]
    missing: tuple[str, ...]
    clashes: dict[str, tuple[int, ...]]


def find_bones(names: Sequence[str], parents: Sequence[int], given: Mapping[str, int]) -> FoundBones:
    """Find the bones among joints, of which ``parents`` has the index of each one's parent (-1: none).

    ``given`` are joints of some bones, which are taken as they are.
    """
    joints = _Joints(names, parents)
    found: dict[str, tuple[int, ...]] = {bone: (joint,) for bone, joint in given.items()}
    for bone, words in _MIDDLE.items():
        for word in words:
            if bone not in found and (same := joints.named(word, "")):
                found[bone] = same
    for limb, words in _LIMBS.items():
        _find_limb(found, limb, words, joints)
    clashes = {bone: same for bone, same in found.items() if len(same) > 1}
    single = {bone: same[0] for bone, same in found.items()}
    _find_rigify_head(single, joints)
    _find_pelvis(single, parents)
    _find_spine(single, parents)
    derived = _DERIVED if {"thigh_l", "thigh_r"} <= set(single) else ("pelvis", *_DERIVED)
    missing = tuple(bone for bone in BONES[1:] if bone not in single and bone not in derived)
    return FoundBones(joints=single, missing=missing, clashes=clashes)


class _Joints:
    """The joints by their names; of those of one name, the ones that are not below another."""

    def __init__(self, names: Sequence[str], parents: Sequence[int]) -> None:
        self.parents = parents
        is_deforming = [name.startswith("DEF-") for name in names]
        self._by_name: dict[tuple[str, str], list[int]] = {}
        for joint, name in enumerate(names):
            # Beside the joints that deform, a generated rig has those that an animator moves.
            if is_deforming[joint] or not any(is_deforming):
                core, side = split_name(name)
                plain = split_name(_COPY.sub("", name)) if side else (core, side)
                self._by_name.setdefault(plain, []).append(joint)

    def named(self, core: str, side: str) -> tuple[int, ...]:
        same = self._by_name.get((core, side), [])
        return tuple(one for one in same if not set(same) & set(_chain(one, self.parents)[1:]))

    def above(self, joint: int) -> list[int]:
        """The ancestors of a joint, the root last."""
        return _chain(joint, self.parents)[1:]


def _find_limb(found: dict[str, tuple[int, ...]], limb: str, words: tuple[str, ...], joints: _Joints) -> None:
    """Both sides have the same word: a joint that is missing on one side is not another one there."""
    sides = [side for side in SIDES if f"{limb}_{side}" not in found]
    options = {word: {side: joints.named(word, side) for side in sides} for word in words}
    known = [word for word, same in options.items() if any(same.values())]
    if limb in _ENDS and len(known) > 1 and _is_above(options[known[1]], options[known[0]], joints):
        known.reverse()
    for side in sides if known else []:
        same = options[known[0]][side]
        if known[0] == "shoulder":
            # A shoulder is a collarbone if there is a joint between it and the lower arm.
            elbows = found.get(f"lowerarm_{side}", ())
            same = tuple(one for one in same if not elbows or one == joints.parents[elbows[0]])
        if same and same != found.get(f"foot_{side}"):
            found[f"{limb}_{side}"] = same


def _is_above(first: dict[str, tuple[int, ...]], second: dict[str, tuple[int, ...]], joints: _Joints) -> bool:
    """Whether a joint of one name is above that of another one, of the same side."""
    return any(set(same) & set(joints.above(one)) for side, same in first.items() for one in second[side])


def split_name(name: str) -> tuple[str, str]:
    """A joint's name in lower case without signs, prefixes and side, and its side (``l``, ``r`` or none)."""
    plain = name.rpartition(":")[2] if ":" in name else name
    plain = _GLUED_PREFIX.sub("", _PREFIXES.sub("", plain.replace("J_Bip", "jbip")))
    words = [word.lower() for word in _WORDS.findall(plain)]
    sides = [_SIDE_WORDS[word] for word in words if word in _SIDE_WORDS]
    if words and words[0] == "c":
        words = words[1:]
    core = "".join(word for word in words if word not in _SIDE_WORDS)
    if not sides and len(core) > 1 and core[0] in "lr" and core[1:] in _ALL_LIMB_WORDS:
        return core[1:], core[0]
    return core, sides[0] if sides else ""


_ALL_LIMB_WORDS = {word for words in _LIMBS.values() for word in words}


def _find_rigify_head(found: dict[str, int], joints: _Joints) -> None:
    """Rigify numbers the joints from the pelvis (``spine``) to the head; the arms hang between."""
    if "pelvis" in found or "head" in found:
        return
    chain = [same[0] for number in range(1, 10) if (same := joints.named(f"spine{number:03}", ""))]
    arms = {
        one
        for side in SIDES
        if f"upperarm_{side}" in found
        for one in joints.above(found[f"upperarm_{side}"])
    }
    if (pelvis := joints.named("spine", "")) and chain and chain[-1] not in arms:
        found["pelvis"], found["head"] = pelvis[0], chain[-1]


def _find_pelvis(found: dict[str, int], parents: Sequence[int]) -> None:
    """Where both thighs hang, if no joint has the name."""
    if "pelvis" not in found and "thigh_l" in found and "thigh_r" in found:
        right = _chain(found["thigh_r"], parents)
        shared = [joint for joint in _chain(found["thigh_l"], parents) if joint in right]
        if shared:
            found["pelvis"] = shared[0]


def _find_spine(found: dict[str, int], parents: Sequence[int]) -> None:
    """The first and the last joint between the pelvis and the arms, and the neck above the last one."""
    if not {"pelvis", "upperarm_l", "upperarm_r", "head"} <= set(found):
        return
    right = _chain(found["upperarm_r"], parents)
    shared = [joint for joint in _chain(found["upperarm_l"], parents) if joint in right]
    pelvis = found["pelvis"]
    spine = shared[: shared.index(pelvis)] if pelvis in shared else []
    chest = spine[0] if spine else pelvis
    found.setdefault("spine_02", chest)
    found.setdefault("spine_01", spine[-1] if spine else pelvis)
    neck = [joint for joint in _chain(found["head"], parents) if chest in _chain(joint, parents)[1:]]
    found.setdefault("neck_01", neck[-1] if neck else found["head"])


def _chain(joint: int, parents: Sequence[int]) -> list[int]:
    """A joint and its ancestors."""
    chain = []
    while joint >= 0:
        chain.append(joint)
        joint = parents[joint]
    return chain
