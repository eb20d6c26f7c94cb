"""The humanoid skeleton: bones, proportions, and forward kinematics.

In the reference pose the figure stands at the origin facing +X with hanging arms, and every bone's axes are
the actor's. Bone names follow Unreal's mannequin. Matrices are row-vector (`parent = local @ matrix`), cm.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..unreal_space import Number, Triple

ROOT = "root"
SIDES = {"l": -1.0, "r": 1.0}
# Name -> parent, parents first.
PARENTS: dict[str, str | None] = {
    "root": None, "pelvis": "root", "spine_01": "pelvis", "spine_02": "spine_01", "neck_01": "spine_02",
    "head": "neck_01",
    "upperarm_l": "spine_02", "lowerarm_l": "upperarm_l", "hand_l": "lowerarm_l",
    "upperarm_r": "spine_02", "lowerarm_r": "upperarm_r", "hand_r": "lowerarm_r",
    "thigh_l": "pelvis", "calf_l": "thigh_l", "foot_l": "calf_l",
    "thigh_r": "pelvis", "calf_r": "thigh_r", "foot_r": "calf_r",
}  # fmt: skip
BONES = tuple(PARENTS)


@dataclass(frozen=True, kw_only=True)
class JointTurn:
    """A joint's rotation in degrees, said for a hanging limb: `flex` swings it forward (+X), then `spread`
    swings it to the figure's right (+Y), then `twist` turns it to the right about the vertical."""

    flex: Number = 0.0
    spread: Number = 0.0
    twist: Number = 0.0

    def rows(self) -> Float[np.ndarray, "3 3"]:
        """The turn as a row-vector rotation."""
        f, s, t = np.radians([self.flex, self.spread, self.twist])
        flex = np.array([[np.cos(f), 0, np.sin(f)], [0, 1, 0], [-np.sin(f), 0, np.cos(f)]])
        spread = np.array([[1, 0, 0], [0, np.cos(s), np.sin(s)], [0, -np.sin(s), np.cos(s)]])
        twist = np.array([[np.cos(t), np.sin(t), 0], [-np.sin(t), np.cos(t), 0], [0, 0, 1]])
        return flex @ spread @ twist


@dataclass(frozen=True, kw_only=True)
class BodyPose:
    """Joint turns by bone, and how far the pelvis leaves its usual place over the ground (cm)."""

    turns: Mapping[str, JointTurn]
    sway_right_cm: Number = 0.0
    hop_cm: Number = 0.0


@dataclass(frozen=True, kw_only=True)
class Proportions:
    """Segment lengths and half-widths of a figure, cm."""

    thigh_cm: Number
    calf_cm: Number
    ankle_cm: Number
    foot_cm: Number
    hip_half_cm: Number
    shoulder_half_cm: Number
    torso_cm: Number
    neck_cm: Number
    upperarm_cm: Number
    lowerarm_cm: Number

    def offsets_cm(self) -> dict[str, Triple]:
        """Each bone's origin in its parent's frame in the reference pose."""
        offsets = {
            "root": (0.0, 0.0, 0.0),
            "pelvis": (0.0, 0.0, self.thigh_cm + self.calf_cm + self.ankle_cm),
            "spine_01": (0.0, 0.0, 0.22 * self.torso_cm),
            "spine_02": (0.0, 0.0, 0.30 * self.torso_cm),
            "neck_01": (0.0, 0.0, 0.48 * self.torso_cm),
            "head": (1.5, 0.0, self.neck_cm),
        }
        for side, sign in SIDES.items():
            offsets[f"upperarm_{side}"] = (0.0, sign * self.shoulder_half_cm, 0.40 * self.torso_cm)
            offsets[f"lowerarm_{side}"] = (0.0, 0.0, -self.upperarm_cm)
            offsets[f"hand_{side}"] = (0.0, 0.0, -self.lowerarm_cm)
            offsets[f"thigh_{side}"] = (0.0, sign * self.hip_half_cm, 0.0)
            offsets[f"calf_{side}"] = (0.0, 0.0, -self.thigh_cm)
            offsets[f"foot_{side}"] = (0.0, 0.0, -self.calf_cm)
        return offsets

    def sole_points_cm(self) -> Float[np.ndarray, "points 3"]:
        """Corners of a shoe sole in the foot bone's frame: heel and toe, inner and outer."""
        heel, toe, half = -0.26 * self.foot_cm, 0.74 * self.foot_cm, 3.5
        return np.array([(x, y, -self.ankle_cm) for x in (heel, toe) for y in (-half, half)])


def actor_from_bones(proportions: Proportions, pose: BodyPose) -> dict[str, Float[np.ndarray, "4 4"]]:
    """Forward kinematics: each bone's row-vector transform in the actor's frame.

    The pelvis height follows from the feet: the lowest sole point touches the ground (z = 0), plus the hop.
    """
    matrices: dict[str, np.ndarray] = {}
    for bone, parent in PARENTS.items():
        local = np.eye(4)
        local[:3, :3] = pose.turns.get(bone, JointTurn()).rows()
        local[3, :3] = proportions.offsets_cm()[bone]
        matrices[bone] = local if parent is None else local @ matrices[parent]
    soles = proportions.sole_points_cm()
    lowest = min(
        float((soles @ m[:3, :3] + m[3, :3])[:, 2].min()) for m in (matrices["foot_l"], matrices["foot_r"])
    )
    shift = np.array([0.0, pose.sway_right_cm, pose.hop_cm - lowest])
    for bone, matrix in matrices.items():
        if bone != ROOT:
            matrix[3, :3] += shift
    return matrices


def children_of(bone: str) -> set[str]:
    """`bone` and everything that hangs from it."""
    family = {bone}
    for name, parent in PARENTS.items():
        if parent in family:
            family.add(name)
    return family
