"""The humanoid skeleton: bones, proportions, and forward kinematics.

In the reference pose the character is at the origin and faces +X, its arms hang down, and every bone has the
axes of the actor. Bone names follow Unreal's mannequin. Matrices are row-vector (``parent = local @
matrix``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..unreal_space import Number, Triple

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
    """A joint's rotation in degrees, described for a hanging limb, in the order of the fields.

    ``flex`` swings the limb forward (+X), ``spread`` swings it to the character's right (+Y), and ``twist``
    turns it to the right about the vertical.
    """

    flex: Number = 0.0
    spread: Number = 0.0
    twist: Number = 0.0

    def rows(self) -> Float[np.ndarray, "3 3"]:
        """Return the rotation as a row-vector matrix."""
        f, s, t = np.radians([self.flex, self.spread, self.twist])
        flex = np.array([[np.cos(f), 0, np.sin(f)], [0, 1, 0], [-np.sin(f), 0, np.cos(f)]])
        spread = np.array([[1, 0, 0], [0, np.cos(s), np.sin(s)], [0, -np.sin(s), np.cos(s)]])
        twist = np.array([[np.cos(t), np.sin(t), 0], [-np.sin(t), np.cos(t), 0], [0, 0, 1]])
        return flex @ spread @ twist


@dataclass(frozen=True, kw_only=True)
class BodyPose:
    """Joint rotations by bone, and the offset of the pelvis from its usual place above the ground (cm)."""

    turns: Mapping[str, JointTurn]
    sway_ahead_cm: Number = 0.0
    sway_right_cm: Number = 0.0
    hop_cm: Number = 0.0


@dataclass(frozen=True, kw_only=True)
class Proportions:
    """Segment lengths and half-widths of a character, cm, and how much there is around them (1: usual)."""

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
    girth: Number = 1.0

    def offsets_cm(self) -> dict[str, Triple]:
        """Return each bone's origin in its parent's frame, in the reference pose."""
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
        """Return the corners of a shoe sole in the foot bone's frame: heel and toe, inner and outer."""
        heel, toe, half = -0.26 * self.foot_cm, 0.74 * self.foot_cm, 3.5
        return np.array([(x, y, -self.ankle_cm) for x in (heel, toe) for y in (-half, half)])


def actor_from_bones(proportions: Proportions, pose: BodyPose) -> dict[str, Float[np.ndarray, "4 4"]]:
    """Return each bone's row-vector transform in the actor's frame (forward kinematics).

    The pelvis height follows from the feet: the lowest sole point touches the ground (z = 0), plus the hop.
    """
    offsets, soles = proportions.offsets_cm(), proportions.sole_points_cm()
    matrices: dict[str, np.ndarray] = {}
    for bone, parent in PARENTS.items():
        local = np.eye(4)
        local[:3, :3], local[3, :3] = pose.turns.get(bone, JointTurn()).rows(), offsets[bone]
        matrices[bone] = local if parent is None else local @ matrices[parent]
    feet = (matrices["foot_l"], matrices["foot_r"])
    lowest = min(float((soles @ foot[:3, :3] + foot[3, :3])[:, 2].min()) for foot in feet)
    for bone in BONES[1:]:
        matrices[bone][3, :3] += (pose.sway_ahead_cm, pose.sway_right_cm, pose.hop_cm - lowest)
    return matrices


def subtree(bone: str) -> set[str]:
    """Return ``bone`` and all its descendants."""
    bones = {bone}
    for name, parent in PARENTS.items():
        if parent in bones:
            bones.add(name)
    return bones
