"""A skeleton of a file in the terms of the engine's: where its bones are at rest, and what turns them.

The rest pose stands; arms can be at the sides, spread, or anything between. Everything here is in the frame
of the actor: Unreal's axes, cm, facing +X, hip joints above the origin, soles at z = 0.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import atan2, degrees

import numpy as np
from jaxtyping import Float

from multitake.errors import InputError

from ..content.animations.limbs import Rows, Vector, joint_turn, turn_rows, unit
from ..content.characters.skeleton import BONES, PARENTS, SIDES, BodyPose, JointTurn, Proportions

Matrix = Float[np.ndarray, "4 4"]
_AHEAD = np.array([1.0, 0.0, 0.0])
_DOWN = np.array([0.0, 0.0, -1.0])
# The bones whose direction is that to the next one.
_POINTING = {
    f"{bone}_{side}": f"{end}_{side}"
    for side in SIDES
    for bone, end in (("upperarm", "lowerarm"), ("lowerarm", "hand"), ("thigh", "calf"), ("calf", "foot"))
}
_LEAST_CM = 0.5
# Smallest downward component of the direction of a leg at rest.
_STANDING = 0.6
REST_FIX = "export the character in its rest pose (T or A)"


@dataclass(frozen=True, kw_only=True)
class Rig:
    """A skeleton at rest.

    Attributes:
        places_cm: the joint of each bone, and the toes.
        soles_cm: points below each foot, by side.
        actor_from_file: from the file's converted points to the frame of the actor (row-vector).
    """

    places_cm: Mapping[str, Vector]
    soles_cm: Mapping[str, Float[np.ndarray, "points 3"]]
    actor_from_file: Matrix

    @classmethod
    def of(cls, places: Mapping[str, Vector], lowest: float, where: str) -> "Rig":
        """The rig of joints in the file's converted axes, of which the ground is at the height ``lowest``.

        InputError if they are not those of someone who stands.
        """
        middle = (places["thigh_l"] + places["thigh_r"]) / 2
        right = places["thigh_r"] - places["thigh_l"]
        if float(np.hypot(right[0], right[1])) < _LEAST_CM / 10:
            raise InputError("its thighs are at one place", where=where, fix=REST_FIX)
        matrix = np.eye(4)
        matrix[:3, :3] = turn_rows(twist_deg=90 - degrees(atan2(right[1], right[0])))
        matrix[3, :3] = -np.array([middle[0], middle[1], lowest]) @ matrix[:3, :3]
        moved = {bone: moved_point(place, matrix) for bone, place in places.items()}
        rig = cls(places_cm=moved, soles_cm=_plain_soles(moved), actor_from_file=matrix)
        rig.check_stands(where)
        return rig

    def check_stands(self, where: str) -> None:
        """InputError if the rest pose is not that of someone who stands."""
        for bone, end in _POINTING.items():
            way = self.places_cm[end] - self.places_cm[bone]
            if float(np.linalg.norm(way)) < _LEAST_CM / 100:
                raise InputError(f"its {bone} has no length", where=where, fix="correct its skeleton")
            if bone.startswith(("thigh", "calf")) and float(unit(way) @ _DOWN) < _STANDING:
                raise InputError("its rest pose does not stand", where=where, fix=REST_FIX)
        if self.places_cm["head"][2] <= self.places_cm["pelvis"][2]:
            raise InputError("its rest pose does not stand", where=where, fix=REST_FIX)

    @cached_property
    def rest_from_reference(self) -> dict[str, Rows]:
        """How the rest pose turns each bone from the engine's reference: arms hang, feet are straight."""
        rows: dict[str, Rows] = dict.fromkeys(BONES, np.eye(3))
        for bone, end in _POINTING.items():
            rows[bone] = _shortest(unit(self.places_cm[end] - self.places_cm[bone]))
        for side in SIDES:
            rows[f"hand_{side}"] = rows[f"lowerarm_{side}"]
            if f"toe_{side}" in self.places_cm:
                x, y, _ = (self.places_cm[f"toe_{side}"] - self.places_cm[f"foot_{side}"]).tolist()
                rows[f"foot_{side}"] = turn_rows(twist_deg=degrees(atan2(y, x)))
        return rows

    @cached_property
    def leg_cm(self) -> float:
        """Length of the straight leg with the foot."""
        body = self.proportions
        return float(body.thigh_cm + body.calf_cm + body.ankle_cm)

    @cached_property
    def middle_cm(self) -> Vector:
        """The middle of the hip joints."""
        return (self.places_cm["thigh_l"] + self.places_cm["thigh_r"]) / 2

    @cached_property
    def proportions(self) -> Proportions:
        """The lengths that animations need."""
        at, soles = self.places_cm, np.concatenate(list(self.soles_cm.values()))
        hips_cm, neck_cm = self.middle_cm[2], at["neck_01"][2]
        foot_cm = max(float(np.ptp(one[:, 0])) for one in self.soles_cm.values())
        lengths = {
            "thigh_cm": self._length("thigh", "calf"),
            "calf_cm": self._length("calf", "foot"),
            "ankle_cm": (at["foot_l"][2] + at["foot_r"][2]) / 2 - soles[:, 2].min(),
            "foot_cm": foot_cm,
            "hip_half_cm": float(np.linalg.norm(at["thigh_r"] - at["thigh_l"])) / 2,
            "shoulder_half_cm": abs(at["upperarm_r"][1] - at["upperarm_l"][1]) / 2,
            "torso_cm": neck_cm - hips_cm,
            "neck_cm": at["head"][2] - neck_cm,
            "upperarm_cm": self._length("upperarm", "lowerarm"),
            "lowerarm_cm": self._length("lowerarm", "hand"),
        }
        return Proportions(**{name: max(float(one), _LEAST_CM) for name, one in lengths.items()})

    def _length(self, bone: str, end: str) -> float:
        ways = [self.places_cm[f"{end}_{side}"] - self.places_cm[f"{bone}_{side}"] for side in SIDES]
        return float(np.mean(np.linalg.norm(ways, axis=1)))

    def hips_cm(self, moves: Mapping[str, Matrix]) -> Vector:
        """The middle of the hip joints, under the move of the pelvis from rest."""
        return moved_point(self.middle_cm, moves["pelvis"])

    def lowest_sole_cm(self, moves: Mapping[str, Matrix]) -> float:
        """The height of the lowest point of the soles, under the moves of the feet from rest."""
        return min(
            float(moved_point(self.soles_cm[side], moves[f"foot_{side}"])[:, 2].min()) for side in SIDES
        )

    def moves(self, pose: BodyPose) -> dict[str, Matrix]:
        """How each bone moves from rest (row-vector) in a pose; the lowest sole is where the pose says."""
        turned: dict[str, Rows] = {}
        found = {"root": np.eye(4)}
        for bone, parent in PARENTS.items():
            rows = pose.turns.get(bone, JointTurn()).rows()
            turned[bone] = rows if parent is None else rows @ turned[parent]
            if parent is None:
                continue
            move = np.eye(4)
            move[:3, :3] = self.rest_from_reference[bone].T @ turned[bone]
            if bone == "pelvis":
                middle = np.array([pose.sway_ahead_cm, pose.sway_right_cm, self.middle_cm[2]])
                move[3, :3] = middle - self.middle_cm @ move[:3, :3]
            else:
                place = self.places_cm[bone]
                move[3, :3] = moved_point(place, found[parent]) - place @ move[:3, :3]
            found[bone] = move
        lift_cm = float(pose.hop_cm) - self.lowest_sole_cm(found)
        for bone in BONES[1:]:
            found[bone][3, 2] += lift_cm
        return found

    def actor_from_bones(self, moves: Mapping[str, Matrix]) -> dict[str, Matrix]:
        """Each bone's transform in the actor's frame, with the axes of the engine's bones."""
        found = {}
        for bone in BONES:
            matrix = np.eye(4)
            matrix[:3, :3] = self.rest_from_reference[bone] @ moves[bone][:3, :3]
            if bone != "root":
                matrix[3, :3] = moved_point(self.places_cm[bone], moves[bone])
            found[bone] = matrix
        return found


def moved_point(points: Float[np.ndarray, "*n 3"], matrix: Matrix) -> Float[np.ndarray, "*n 3"]:
    """Points under a row-vector transform."""
    return points @ matrix[:3, :3] + matrix[3, :3]


def local_turn(rows: Rows) -> JointTurn:
    """The joint rotation of a matrix, also for a limb that is spread to the side."""
    turn = joint_turn(rows)
    # Flex and twist are about one axis there, so that each must follow from the other.
    front = (turn_rows(turn.flex).T @ rows)[0]
    return replace(turn, twist=degrees(atan2(front[1], front[0])))


def _shortest(direction: Vector) -> Rows:
    """The shortest turn that takes a hanging limb to a direction."""
    x, y, z = direction.tolist()
    if z > 1 - 1e-9:
        return np.diag([1.0, -1.0, -1.0])
    # Rodrigues' formula for the axis across -Z and the direction.
    cross = np.array([[0.0, 0.0, -x], [0.0, 0.0, -y], [x, y, 0.0]])
    return (np.eye(3) + cross + cross @ cross / (1 - z)).T


def _plain_soles(places: Mapping[str, Vector]) -> dict[str, Float[np.ndarray, "points 3"]]:
    """Heel and toes of each foot, on the ground."""
    soles = {}
    for side in SIDES:
        ankle = places[f"foot_{side}"]
        toe = places.get(f"toe_{side}", ankle + 1.5 * ankle[2] * _AHEAD)
        heel = ankle - 0.35 * (toe - ankle)
        soles[side] = np.array([(heel[0], heel[1], 0.0), (toe[0], toe[1], 0.0)])
    return soles
