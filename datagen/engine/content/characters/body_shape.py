"""The shape of a body in its reference pose: fields of torso, limbs and head, and what follows which bone.

The reference pose spreads arms and legs, so that limbs are apart from each other and from the torso. Fields
of limbs and of the head are in the frames of their first bones; those of the left are mirrored.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from ..noise import smooth_step
from ..shapes.implicit import Field, Points, ball, capsule, cut, half_space, mirrored, outside, placed, union
from ..unreal_space import Number
from .skeleton import BONES, SIDES, BodyPose, JointTurn, Proportions, actor_from_bones

REFERENCE = BodyPose(
    turns={
        f"{bone}_{side}": JointTurn(spread=sign * spread)
        for side, sign in SIDES.items()
        for bone, spread in (("upperarm", 38), ("thigh", 9), ("foot", -9))
    }
)
# The regions of a body, each around a line of bones.
REGIONS = ("torso", "arm_l", "arm_r", "leg_l", "leg_r")
_CHAINS = {
    "torso": ("pelvis", "spine_01", "spine_02", "neck_01", "head"),
    **{f"arm_{side}": tuple(f"{bone}_{side}" for bone in ("upperarm", "lowerarm", "hand")) for side in SIDES},
    **{f"leg_{side}": tuple(f"{bone}_{side}" for bone in ("thigh", "calf", "foot")) for side in SIDES},
}
# Half the length (cm) over which the skin passes from one bone of a chain to the next.
_TRANSITIONS_CM = {"torso": (6.0, 7.0, 3.5, 3.0), "arm": (4.0, 2.5), "leg": (6.0, 3.0)}
# Over which the skin passes from the torso to arms and legs, and from one limb to another.
_LIMB_BLENDS_CM, _OTHER_BLEND_CM = (4.6, 4.6, 2.0, 2.0), 1.0


@dataclass(frozen=True, kw_only=True)
class Build:
    """The shape of a body: its skeleton, and how much there is around it (1 or 0: usual)."""

    proportions: Proportions
    belly: Number = 0.0
    bust: Number = 0.0
    hips: Number = 1.0
    head: Number = 1.0
    jaw: Number = 1.0
    nose: Number = 1.0
    eyes: Number = 1.0
    age: Number = 0.3

    @property
    def girth(self) -> Number:
        """How much there is around the skeleton."""
        return self.proportions.girth


class BodyShape:
    """Fields of a body (see the module), and how its skin follows its bones."""

    def __init__(self, build: Build) -> None:
        self.build = build
        self.actor_from_bones = actor_from_bones(build.proportions, REFERENCE)
        self.pelvis_cm = float(self.actor_from_bones["pelvis"][3, 2])
        self.neck_cm = float(self.actor_from_bones["neck_01"][3, 2])
        self.arm_cm = build.proportions.upperarm_cm + build.proportions.lowerarm_cm
        self.leg_cm = build.proportions.thigh_cm + build.proportions.calf_cm

    def in_actor(self, bone: str, field: Field) -> Field:
        """A field in the frame of a bone of the right side or the middle, in that of the actor."""
        if bone.endswith("_l"):
            return mirrored(self.in_actor(f"{bone[:-2]}_r", field))
        return placed(field, self.actor_from_bones[bone])

    def torso_z_cm(self, share: Number) -> float:
        """The height of a place between hip joints (0) and neck (1)."""
        return self.pelvis_cm + float(share) * self.build.proportions.torso_cm

    @cached_property
    def torso(self) -> Field:
        """Pelvis to neck, without limbs; in the frame of the actor."""
        build, z, body = self.build, self.torso_z_cm, self.build.proportions
        g, hip, shoulder = build.girth, body.hip_half_cm * build.hips, body.shoulder_half_cm
        shapes = [
            capsule((-0.5, -0.62 * hip, z(0.06)), (-0.5, 0.62 * hip, z(0.06)), 9.4 * g, 9.4 * g),
            capsule((-4.2 * g, -0.58 * hip, z(-0.05)), (-4.2 * g, 0.58 * hip, z(-0.05)), 7.2 * g, 7.2 * g),
            capsule((0, 0, z(0.22)), (0.2, 0, z(0.42)), 8.9 * g, 9.2 * g, (1.0, 1.36, 1.0)),
            capsule(
                (0.2, 0, z(0.5)), (-0.6, 0, z(0.76)), 10.0 * g, 9.2 * g, (1.0, 0.066 * shoulder + 0.16, 1.0)
            ),
            *(
                capsule((-1, 0, z(0.89)), (-1, sign * 0.92 * shoulder, z(0.84)), 5.2 * g, 3.8 * g)
                for sign in (-1, 1)
            ),
            *(
                capsule((-1.8, sign * 0.62 * shoulder, z(0.875)), (-1.6, 0, z(1.01)), 3.0 * g, 3.9 * g)
                for sign in (-1, 1)
            ),
            self._neck,
        ]
        if build.belly:
            shapes.append(ball((3.5, 0, z(0.27)), (8.0 + 5.0 * build.belly) * g, (1.0, 1.25, 1.1)))
        for sign in (-1, 1):
            if build.bust:
                place = (4.6 * g, sign * 0.36 * shoulder, z(0.66))
                shapes.append(ball(place, (4.4 + 2.0 * build.bust) * g))
        return union(4.0, *shapes)

    @cached_property
    def _neck(self) -> Field:
        head = self.actor_from_bones["head"][3, :3]
        thick = 4.4 * self.build.girth**0.5 * self.build.head**0.5 * (0.88 if self.build.bust else 1.0)
        return capsule((-1.2, 0, self.neck_cm - 4), (head[0] - 0.6, 0, head[2] + 2), 1.12 * thick, thick)

    @cached_property
    def arm(self) -> Field:
        """A right arm to the wrist, in the frame of ``upperarm_r``."""
        body, g = self.build.proportions, self.build.girth * (0.92 if self.build.bust else 1.0)
        upper, lower = body.upperarm_cm, body.lowerarm_cm
        elbow, wrist = -upper, -upper - lower
        return union(
            1.5,
            ball((0, -0.6, -4.0), 4.0 * g),
            capsule((0, -0.3, -4), (0, 0, elbow), 3.9 * g, 3.3 * g),
            ball((0.5, 0, -0.5 * upper), 3.9 * g),
            capsule((0, 0, elbow), (0, 0.0, elbow - 0.32 * lower), 3.5 * g, 3.9 * g),
            capsule(
                (0, 0.0, elbow - 0.32 * lower), (0.2, 0, wrist - 1), 4.0 * g, 2.5 * g**0.6, (1.1, 0.92, 1)
            ),
        )

    @cached_property
    def hand_scale(self) -> float:
        """Length of the hand, where 1 is that of an arm of 58 cm."""
        body = self.build.proportions
        return float(0.5 + 0.5 * (body.upperarm_cm + body.lowerarm_cm) / 58.0)

    @cached_property
    def hand(self) -> Field:
        """A right hand, in the frame of ``upperarm_r``: it hangs with the thumb forward."""
        body, s = self.build.proportions, self.hand_scale
        wrist_z = -body.upperarm_cm - body.lowerarm_cm

        def at(x: Number, y: Number, z: Number) -> tuple[float, float, float]:
            return (x * s, y * s, wrist_z + z * s)

        palm = union(
            1.5,
            capsule(at(0.2, 0, 0.5), at(0.3, 0, -2.5), 2.2 * s, 2.4 * s, (1.1, 0.8, 1)),
            capsule(at(-1.4, -0.2, -4.0), at(-2.1, -0.4, -8.3), 1.7 * s, 1.5 * s, (1, 0.85, 1)),
            capsule(at(1.6, -0.2, -4.0), at(2.4, -0.4, -8.6), 1.8 * s, 1.6 * s, (1, 0.85, 1)),
        )
        fingers = [palm]
        for x, length in ((3.1, 7.0), (1.15, 7.8), (-0.8, 7.3), (-2.7, 5.9)):
            knuckle, middle = at(x, -0.4, -8.4), at(1.06 * x, -1.1, -8.4 - 0.52 * length)
            tip = at(1.05 * x, -2.4, -8.4 - 0.97 * length)
            fingers += [
                capsule(knuckle, middle, 0.95 * s, 0.86 * s),
                capsule(middle, tip, 0.86 * s, 0.70 * s),
            ]
        thumb = [
            capsule(at(1.2, -0.8, -2.2), at(4.0, -1.9, -5.6), 1.5 * s, 1.15 * s),
            capsule(at(4.0, -1.9, -5.6), at(4.9, -2.7, -9.0), 1.05 * s, 0.8 * s),
        ]
        return union(0.55, *fingers, *thumb)

    @cached_property
    def leg(self) -> Field:
        """A right leg to the ankle, in the frame of ``thigh_r``."""
        body, g = self.build.proportions, self.build.girth
        knee, ankle = -body.thigh_cm, -body.thigh_cm - body.calf_cm
        calf = body.calf_cm
        return union(
            4.0,
            capsule((-0.6, -0.6, -3), (0.4, 0, 0.9 * knee), 8.4 * g * self.build.hips**0.5, 5.4 * g),
            capsule((0.4, 0, 0.9 * knee), (0.2, 0, knee - 3), 5.2 * g, 4.8 * g),
            capsule((-0.8, 0, knee - 0.12 * calf), (-1.3, 0, knee - 0.36 * calf), 4.9 * g, 5.1 * g),
            capsule((-1.0, 0, knee - 0.36 * calf), (-0.5, 0, ankle + 1), 4.8 * g, 3.1 * g**0.7),
        )

    def limb(self, region: str) -> Field:
        """The field of a region in the frame of the actor."""
        if region == "torso":
            return self.torso
        bone = _CHAINS[region][0]
        return self.in_actor(bone, self.arm if region.startswith("arm") else self.leg)

    @cached_property
    def head(self) -> Field:
        """The head, in the frame of ``head``; the face looks along +X."""
        build, s = self.build, self.build.head
        young, jaw, nose = max(0.0, 1 - build.age / 0.2), build.jaw, build.nose
        shapes = [
            ball((-0.9, 0, 13.2), 8.6, (1.07, 0.87, 0.98)),
            capsule((2.8, 0, 12.5), (3.9, 0, 4.0), 6.2, 4.3 + 0.4 * young, (1, 1.0, 1)),
            ball((6.3, 0, 0.9 + 0.6 * young), 2.0 * jaw),
        ]
        for sign in (-1, 1):
            shapes += [
                capsule((0.6, sign * 5.0 * jaw**0.5, 4.8), (5.0, sign * 1.7 * jaw, 0.9), 1.9, 2.0),
                ball((5.6, sign * (3.9 + 0.4 * young), 7.2), 2.5),
            ]
        skull = union(2.6, *shapes, capsule((7.6, -2.6, 12.4), (7.6, 2.6, 12.4), 1.5, 1.5))
        sockets = [ball((10.4, sign * 3.2, 10.4), 2.1 * build.eyes**0.5, (1, 1.15, 0.85)) for sign in (-1, 1)]
        carved = cut(1.6, skull, *map(outside, sockets))
        features = [
            capsule((8.2, 0, 11.4), (9.9 + 0.7 * nose, 0, 7.7), 0.7, 0.92 * nose),
            ball((9.75 + 0.6 * nose, 0, 7.3), 1.05 * nose),
            *(ball((8.9 + 0.3 * nose, sign * 1.15 * nose, 6.85), 0.72 * nose) for sign in (-1, 1)),
            capsule((8.0, -1.7, 4.2), (8.75, 0, 4.55), 0.36, 0.5),
            capsule((8.0, 1.7, 4.2), (8.75, 0, 4.55), 0.36, 0.5),
            capsule((8.0, -1.5, 3.7), (8.6, 0, 3.45), 0.36, 0.6),
            capsule((8.0, 1.5, 3.7), (8.6, 0, 3.45), 0.36, 0.6),
        ]
        face = union(0.9, carved, *features)
        ears = []
        for sign in (-1, 1):
            ear = capsule((-0.3, sign * 7.5, 11.0), (0.5, sign * 7.1, 7.6), 2.1, 1.2, (1, 0.42, 1))
            ears.append(cut(0.5, ear, outside(ball((0.6, sign * 8.7, 10.3), 1.1))))
        whole = union(0.8, face, *ears)
        return lambda points: s * whole(points / s)

    @cached_property
    def skin_field(self) -> Field:
        """The body without clothes, hands and feet, in the frame of the actor; the head is plain."""
        head = self.in_actor("head", ball((0, 0, 11.0), 8.6 * self.build.head, (1, 0.9, 1.2)))
        return union(2.5, *(self.limb(region) for region in REGIONS), head)

    def region_shares(self, points: Points) -> Float[np.ndarray, "points 5"]:
        """How much points belong to each of ``REGIONS``; rows add up to 1."""
        torso, limbs = self.torso(points), [self._reach(region)(points) for region in REGIONS[1:]]
        shares = []
        for place, (limb, blend) in enumerate(zip(limbs, _LIMB_BLENDS_CM, strict=True)):
            others = np.min(limbs[:place] + limbs[place + 1 :], axis=0)
            shares.append(_share(limb, torso, blend) * _share(limb, others, _OTHER_BLEND_CM))
        of_limbs = np.stack(shares, axis=1)
        of_limbs /= np.maximum(of_limbs.sum(axis=1, keepdims=True), 1.0)
        return np.concatenate([1.0 - of_limbs.sum(axis=1, keepdims=True), of_limbs], axis=1)

    def _reach(self, region: str) -> Field:
        """A limb with its hand or foot, in the frame of the actor."""
        body = self.build.proportions
        if region.startswith("arm"):
            wrist = -body.upperarm_cm - body.lowerarm_cm
            return self.in_actor(
                _CHAINS[region][0], union(1.0, self.arm, capsule((0, 0, wrist), (0, 0, wrist - 18), 4, 4))
            )
        ankle = -body.thigh_cm - body.calf_cm
        return self.in_actor(
            _CHAINS[region][0], union(1.0, self.leg, capsule((0, 0, ankle), (9, 0, ankle - 5), 5, 5))
        )

    def weights(self, points: Points) -> Float[np.ndarray, "points bones"]:
        """How much points follow each bone; rows add up to 1."""
        weights = np.zeros((len(points), len(BONES)))
        for region, share in zip(REGIONS, self.region_shares(points).T, strict=True):
            for bone, of_chain in zip(_CHAINS[region], self.chain_shares(region, points).T, strict=True):
                weights[:, BONES.index(bone)] += share * of_chain
        return weights

    def along(self, region: str, points: Points) -> Points:
        """Points in the frame of the first bone of a region, whose Z axis is along it."""
        if region == "torso":
            return points
        matrix = self.actor_from_bones[_CHAINS[region][0]]
        return np.asarray((points - matrix[3, :3]) @ matrix[:3, :3].T)

    def place_in_chain(self, bone: str) -> int:
        """The place of a bone in the chain of its region."""
        return next(chain.index(bone) for chain in _CHAINS.values() if bone in chain)

    def chain_shares(self, region: str, points: Points) -> Float[np.ndarray, "points bones"]:
        """How much points belong to each bone of a chain: it passes smoothly at each joint."""
        chain, body = _CHAINS[region], self.build.proportions
        if region == "torso":
            # The chin is before the neck, and belongs to the head.
            z = points[:, 2] + 0.7 * np.clip(points[:, 0] - 3.0, 0, 6) * (points[:, 2] > self.neck_cm)
            places = [z - self.actor_from_bones[bone][3, 2] for bone in chain[1:]]
        else:
            is_arm = region.startswith("arm")
            first = body.upperarm_cm if is_arm else body.thigh_cm
            second = first + (body.lowerarm_cm if is_arm else body.calf_cm)
            down = -self.along(region, points)[:, 2]
            places = [down - first, down - second]
        shares, rest = [], np.ones(len(points))
        for place, half_cm in zip(places, _TRANSITIONS_CM[region.partition("_")[0]], strict=True):
            passed = smooth_step(-half_cm, half_cm, place)
            shares.append(rest * (1 - passed))
            rest = rest * passed
        return np.stack([*shares, rest], axis=1)


def _share(apart_cm: np.ndarray, other_cm: np.ndarray, blend_cm: Number) -> Float[np.ndarray, "points"]:
    """Nearly 1 where the first shape is nearer than the other one, nearly 0 where the other one is."""
    nearer = (apart_cm - other_cm) / blend_cm
    return np.asarray(1.0 / (1.0 + np.exp(np.clip(nearer + 0.15 * nearer**3, -40, 40))))


def below(z_cm: Number) -> Field:
    """The half space below a height."""
    return half_space((0, 0, 1), z_cm)


def above(z_cm: Number) -> Field:
    """The half space above a height."""
    return half_space((0, 0, -1), -z_cm)
