"""Which joints of a skeleton are bones of the engine's: by their names, and by where they are in the tree.

Names of Mixamo, of Unreal's mannequin, and of other common rigs are known.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ..content.characters.skeleton import BONES, SIDES

# Names without their side and signs, the best first.
_LIMBS = {
    "upperarm": ("upperarm", "uparm", "arm", "shldr", "shoulder"),
    "lowerarm": ("lowerarm", "forearm", "loarm", "elbow"),
    "hand": ("hand", "wrist"),
    "thigh": ("thigh", "upleg", "upperleg", "femur", "hip"),
    "calf": ("calf", "shin", "lowerleg", "loleg", "leg", "knee"),
    "foot": ("foot", "ankle"),
}
_TOES = ("toebase", "ball", "toe", "toes")
_MIDDLE = {"pelvis": ("pelvis", "hips", "hip"), "head": ("head",), "neck_01": ("neck", "neck01", "neck1")}
_PREFIXES = re.compile(
    r"^(?:(?:mixamorig\d*|bip\d*|jbip|def|org|valvebiped|cc_base|character\d+)[ _:.\-]+)+", re.I
)
_GLUED_PREFIX = re.compile(r"^mixamorig\d*(?=[A-Z])")
_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_SIDE_WORDS = {"l": "l", "left": "l", "r": "r", "right": "r"}
OPTIONAL = ("spine_01", "spine_02", "neck_01")
# What a user can name.
NAMED = (*BONES[1:], "toe_l", "toe_r")


@dataclass(frozen=True)
class FoundBones:
    """The joint of each bone, and the toes if there are any; ``missing`` ones were not found."""

    joints: dict[str, int]
    missing: tuple[str, ...]


def find_bones(names: Sequence[str], parents: Sequence[int], given: Mapping[str, int]) -> FoundBones:
    """Find the bones among joints, of which ``parents`` has the index of each one's parent (-1: none).

    ``given`` are joints of some bones, which are taken as they are.
    """
    found = dict(given)
    sided = [split_name(name) for name in names]
    for bone, words in _MIDDLE.items():
        _take(found, bone, sided, words, "")
    for side in SIDES:
        for limb, words in (*_LIMBS.items(), ("toe", _TOES)):
            _take(found, f"{limb}_{side}", sided, words, side)
    _find_pelvis(found, parents)
    _find_spine(found, parents)
    missing = tuple(bone for bone in BONES[1:] if bone not in found)
    return FoundBones(joints=found, missing=missing)


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


def _take(
    found: dict[str, int], bone: str, sided: list[tuple[str, str]], words: tuple[str, ...], side: str
) -> None:
    for word in words:
        if bone not in found and (word, side) in sided:
            found[bone] = sided.index((word, side))


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
