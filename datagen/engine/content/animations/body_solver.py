"""From a posture to the turns of all joints, for a body of any proportions."""

from dataclasses import dataclass, replace
from functools import cache
from math import cos, pi, radians, sin, sqrt

import numpy as np

from ..characters.skeleton import PARENTS, SIDES, BodyPose, JointTurn, Proportions
from .curves import ease, larger, mix, smaller
from .limbs import Rows, Vector, crossed, joint_turn, swung, turn_rows, turned_between, two_bones
from .posture import Arm, Channels, Reach, Swing

_SOLE_DEG = 3.0
_ELBOW_PASSES = 3
# What the body sits on is below the hip joints (clothes, and at a girth of 1), and around the knees.
_SEAT_CM, _KNEE_CM = (2.0, 7.6), (1.9, 4.6)
# How much farther from a chest of twice the girth hands are.
_FRONT_CM = 22.0
_KNEE_PASSES = 3
# How far an ankle flexes on the ground, and in the air (so high above it: share of the leg).
_LOOSE_FOOT_DEG = -32.0
_ANKLE_DEG, _IN_AIR = (75.0, 24.0), 0.18
# From the wrist of a hand on the ground to the ground.
_PALM_CM = 6.2
_USUAL_ARM_CM = 54.0
# Where elbows point: mostly down, outward, and a little back.
_ELBOW = (-0.42, 0.48, -0.77)


@dataclass(frozen=True)
class BlendedArm:
    """The arms before and after a moment with their channels, and the share of the way between them."""

    first: Arm
    first_channels: Channels
    second: Arm
    second_channels: Channels
    share: float


@dataclass(frozen=True)
class _Measures:
    """Lengths that postures refer to, cm, and the joints' places in their parents."""

    leg_cm: float
    arm_cm: float
    offsets_cm: dict[str, Vector]
    soles_cm: np.ndarray


@cache
def _measures(body: Proportions) -> _Measures:
    return _Measures(
        leg_cm=float(body.thigh_cm + body.calf_cm + body.ankle_cm),
        arm_cm=float(body.upperarm_cm + body.lowerarm_cm),
        offsets_cm={bone: np.array(offset, dtype=float) for bone, offset in body.offsets_cm().items()},
        soles_cm=body.sole_points_cm(),
    )


class BodySolver:
    """Solves one pose: hips and feet are placed, legs follow; spine and head turn; arms follow them."""

    def __init__(self, body: Proportions, values: Channels) -> None:
        self._body, self._values, self._measures = body, values, _measures(body)
        self._turns: dict[str, JointTurn] = {}
        self._rows: dict[str, Rows] = {"root": np.eye(3)}
        self._at: dict[str, Vector] = {"root": np.zeros(3)}

    def pose(self, arms: dict[str, BlendedArm]) -> BodyPose:
        """Return the pose."""
        lowest_cm = self._place_hips_and_legs()
        self._turn_spine()
        for side in SIDES:
            self._swing_arm(side, arms[side])
        ahead, right, _ = self._at["pelvis"].tolist()
        return BodyPose(turns=self._turns, sway_right_cm=right, sway_ahead_cm=ahead, hop_cm=lowest_cm)

    def _place_hips_and_legs(self) -> float:
        """Place hips, legs and feet; return the height of the lowest point of the soles."""
        c, leg = self._values, self._measures.leg_cm
        hips = turn_rows(-c["lean"], -c["tilt"], c["turn"])
        at = np.array([c["ahead"] * leg, c["aside"] * leg, c["height"] * leg])
        feet = {side: self._foot(side) for side in SIDES}
        sockets = {side: self._measures.offsets_cm[f"thigh_{side}"] @ hips for side in SIDES}
        reach = c["stretch"] * float(self._body.thigh_cm + self._body.calf_cm)
        softness_cm = 0.3 + 80 * (1 - c["stretch"])
        for side, (ankle, _) in feet.items():
            gap = (at + sockets[side] - ankle)[:2]
            rise = sqrt(larger(reach**2 - float(gap @ gap), 0.05 * reach**2, 0.02 * reach**2))
            at[2] = smaller(at[2], ankle[2] + rise - sockets[side][2], softness_cm)
        seat_cm = _SEAT_CM[0] + _SEAT_CM[1] * self._body.girth + 0.05 * self._body.torso_cm
        at[2] = larger(at[2], seat_cm, 0.5)
        self._place("pelvis", hips, at)
        low_cm = max(self._leg(side, ankle, rows) for side, (ankle, rows) in feet.items())
        if low_cm > 1e-3:
            # On its knees, a body is as high as its thighs are long.
            self._place("pelvis", hips, at + np.array([0.0, 0.0, low_cm]))
            for side, (ankle, rows) in feet.items():
                self._leg(side, ankle, rows)
        soles = [self._measures.soles_cm @ self._rows[f"foot_{s}"] + self._at[f"foot_{s}"] for s in SIDES]
        return float(min(points[:, 2].min() for points in soles))

    def _foot(self, side: str) -> tuple[Vector, Rows]:
        """Return the ankle and the axes of a foot."""
        c, sign, body, leg = self._values, SIDES[side], self._body, self._measures.leg_cm
        place, pitch = f"foot_{side}.", c[f"foot_{side}.pitch"]
        yaw_deg = sign * c[place + "yaw"]
        flat, rows = turn_rows(twist_deg=yaw_deg), turn_rows(pitch, 0.0, yaw_deg)
        # Below the ankle at pitch 0; changes smoothly from the toes to the heel.
        on_heel = pitch / sqrt(pitch**2 + _SOLE_DEG**2)
        pivot = np.array([(0.24 - 0.5 * on_heel) * body.foot_cm, 0.0, -body.ankle_cm])
        out = sign * (body.hip_half_cm + c[place + "out"] * leg)
        ankle = np.array([c[place + "ahead"] * leg, out, body.ankle_cm + c[place + "up"] * leg])
        return ankle + pivot @ flat - pivot @ rows, rows

    def _leg(self, side: str, ankle: Vector, foot: Rows) -> float:
        """Turn the joints of a leg to an ankle; return how much of the knee is in the ground."""
        c, sign, body, hips = self._values, SIDES[side], self._body, self._rows["pelvis"]
        socket = self._at["pelvis"] + self._measures.offsets_cm[f"thigh_{side}"] @ hips
        way = ankle - socket
        along = (way / sqrt(float(way @ way))) @ hips.T
        yaw_deg = sign * c[f"foot_{side}.yaw"] - c["turn"]
        knee = radians(0.6 * yaw_deg + sign * c[f"foot_{side}.knee"])
        front = swung(along)
        right = crossed(-along, front)
        lengths = (body.thigh_cm, body.calf_cm)
        for _ in range(_KNEE_PASSES):
            toward = (cos(knee) * front + sin(knee) * right) @ hips
            thigh, bend_deg = two_bones(socket, ankle, lengths, toward, is_leg=True)
            # A knee to the side that would be in the ground turns up.
            low_cm = larger(
                _KNEE_CM[0] + _KNEE_CM[1] * body.girth - float(socket[2] - body.thigh_cm * thigh[2, 2]),
                0.0,
                0.3,
            )
            knee -= 1.2 * low_cm / body.thigh_cm * sin(knee)
        self._place(f"thigh_{side}", thigh, socket)
        self._turn(f"calf_{side}", JointTurn(flex=bend_deg))
        turn, loose = foot @ self._rows[f"calf_{side}"].T, c[f"foot_{side}.loose"]
        if loose:
            turn = turned_between(turn, turn_rows(_LOOSE_FOOT_DEG), loose)
        self._turn(f"foot_{side}", self._ankle_turn(side, joint_turn(turn)))
        return low_cm

    def _ankle_turn(self, side: str, turn: JointTurn) -> JointTurn:
        """Limit the flex of the ankle of a foot in the air."""
        in_air = ease(min(1.0, max(0.0, self._values[f"foot_{side}.up"] / _IN_AIR)))
        limit_deg = mix(*_ANKLE_DEG, in_air)
        return replace(turn, flex=smaller(turn.flex, limit_deg, mix(0.5, 16.0, in_air)))

    def _turn_spine(self) -> None:
        c = self._values
        bend, side, twist = -c["bend"], -c["side"], c["twist"]
        self._turn("spine_01", JointTurn(flex=0.5 * bend, spread=0.5 * side, twist=0.45 * twist))
        self._turn("spine_02", JointTurn(flex=0.5 * bend, spread=0.5 * side, twist=0.55 * twist))
        back = c["steady"]
        nod = -c["nod"] + back * (c["lean"] - bend)
        cock = -c["cock"] + back * (c["tilt"] - side)
        look = c["look"] - back * (c["turn"] + twist)
        self._turn("neck_01", JointTurn(flex=0.4 * nod, spread=0.4 * cock, twist=0.4 * look))
        self._turn("head", JointTurn(flex=0.6 * nod, spread=0.6 * cock, twist=0.6 * look))

    def _swing_arm(self, side: str, arm: BlendedArm) -> None:
        """Turn the joints of an arm: those of two arms, if two different kinds are blended."""
        upper, elbow_deg, hand = self._arm(side, arm.first, arm.first_channels)
        if arm.share > 0:
            upper_2, elbow_2_deg, hand_2 = self._arm(side, arm.second, arm.second_channels)
            upper = turned_between(upper, upper_2, arm.share)
            elbow_deg += arm.share * (elbow_2_deg - elbow_deg)
            hand = turned_between(hand, hand_2, arm.share)
        _, chest = self._shoulder(side)
        self._turns[f"upperarm_{side}"] = joint_turn(upper @ chest.T)
        self._turns[f"lowerarm_{side}"] = JointTurn(flex=elbow_deg)
        self._turns[f"hand_{side}"] = joint_turn(hand)

    def _arm(self, side: str, arm: Arm, c: Channels) -> tuple[Rows, float, Rows]:
        """Return the axes of the upper arm, the bend of the elbow, and the turn of the hand."""
        sign, place = SIDES[side], f"arm_{side}."
        hand = turn_rows(c[place + "wrist_up"], -sign * c[place + "wrist_in"], -sign * c[place + "palm"])
        shoulder, chest = self._shoulder(side)
        if isinstance(arm, Swing):
            turn = turn_rows(c[place + "flex"], sign * self._clear_deg(c, place))
            rolled = turn_rows(twist_deg=sign * c[place + "roll"]) @ turn @ chest
            return rolled, larger(c[place + "elbow"], 3.0, 3.0), hand
        wrist = self._anchored(side, arm, c)
        upper, elbow_deg = self._bent(side, shoulder, wrist, c[place + "elbow"])
        if arm.anchor == "ground":
            lower = turn_rows(elbow_deg) @ upper
            heading = turn_rows(twist_deg=-sign * c[place + "palm"])
            return upper, elbow_deg, _palm_down(sign) @ heading @ lower.T
        return upper, elbow_deg, hand

    def _bent(self, side: str, shoulder: Vector, wrist: Vector, elbow_deg: float) -> tuple[Rows, float]:
        """Bend an arm to a wrist; an elbow that would be in the trunk turns out and up."""
        sign, body, chest = SIDES[side], self._body, self._shoulder(side)[1]
        way = wrist - shoulder
        along = way / sqrt(float(way @ way))
        hint = np.array([_ELBOW[0], sign * _ELBOW[1], _ELBOW[2]]) @ chest
        lifted = radians(elbow_deg)
        lengths = (body.upperarm_cm, body.lowerarm_cm)
        bulk_cm = 9.0 * (larger(body.girth, 1.0, 0.05) - 1.0)
        half_cm = np.array([0.62 * body.shoulder_half_cm + 4.5, 1.04 * body.shoulder_half_cm + 5.5]) + bulk_cm
        for _ in range(_ELBOW_PASSES):
            toward = cos(lifted) * hint + sign * sin(lifted) * crossed(along, hint)
            upper, bend_deg = two_bones(shoulder, wrist, lengths, toward, is_leg=False)
            elbow = (shoulder - body.upperarm_cm * upper[2] - self._middle()) @ chest.T
            x, y = (elbow[:2] / half_cm).tolist()
            lifted += 1.1 * larger(1 - sqrt(x * x + y * y), 0.0, 0.15)
        return upper, bend_deg

    def _middle(self) -> Vector:
        """Return the point between the shoulders."""
        return (self._shoulder("l")[0] + self._shoulder("r")[0]) / 2

    def _clear_deg(self, c: Channels, place: str) -> float:
        """Return how far out an arm swings: a hanging one passes beside the hips."""
        body, out = self._body, c[place + "out"]
        beside_cm = body.hip_half_cm + 0.16 * self._measures.leg_cm - body.shoulder_half_cm
        hips_deg = 57.3 * beside_cm / self._measures.arm_cm
        hanging = 0.5 + 0.5 * cos(pi * min(1.0, abs(c[place + "flex"]) / 75.0))
        return out + hanging * (larger(out, hips_deg, 3.0) - out)

    def _anchored(self, side: str, arm: Reach, c: Channels) -> Vector:
        """Return the place of a wrist."""
        sign, place, measures = SIDES[side], f"arm_{side}.", self._measures
        ahead, out, up = (c[place + name] for name in ("ahead", "out", "up"))
        offset = np.array([ahead, sign * out, up])
        if arm.anchor == "chest":
            front = np.array([_FRONT_CM * (larger(self._body.girth, 1.0, 0.02) - 1.0), 0.0, 0.0])
            return self._middle() + (measures.arm_cm * offset + front) @ self._shoulder(side)[1]
        if arm.anchor == "ground":
            beside = (
                0.0,
                sign * self._body.shoulder_half_cm,
                _PALM_CM * (0.5 + 0.5 * measures.arm_cm / _USUAL_ARM_CM),
            )
            return measures.leg_cm * offset + beside
        bone = {"head": "head", "hip": f"thigh_{side}", "knee": f"calf_{side}"}[arm.anchor]
        rows = self._rows[{"head": "head", "hip": "pelvis", "knee": f"thigh_{side}"}[arm.anchor]]
        if arm.anchor != "head":
            offset = offset * (measures.arm_cm / _USUAL_ARM_CM)
        return self._at[bone] + offset @ rows

    def _shoulder(self, side: str) -> tuple[Vector, Rows]:
        """Return the place of a shoulder and the axes of its parent."""
        bone = f"upperarm_{side}"
        rows = self._placed(PARENTS[bone])
        return self._at[str(PARENTS[bone])] + self._measures.offsets_cm[bone] @ rows, rows

    def _turn(self, bone: str, turn: JointTurn) -> None:
        """Turn a joint."""
        parent = self._placed(PARENTS[bone])
        self._turns[bone] = turn
        self._rows[bone] = turn_rows(turn.flex, turn.spread, turn.twist) @ parent
        self._at[bone] = self._at[str(PARENTS[bone])] + self._measures.offsets_cm[bone] @ parent

    def _placed(self, bone: str | None) -> Rows:
        """Return the axes of a bone; one that no posture turns is straight."""
        name = str(bone)
        if name not in self._rows:
            self._turn(name, JointTurn())
        return self._rows[name]

    def _place(self, bone: str, rows: Rows, at: Vector) -> None:
        """Place the first bone of a chain."""
        self._turns[bone] = joint_turn(rows @ self._rows[str(PARENTS[bone])].T)
        self._rows[bone], self._at[bone] = rows, at


def _palm_down(sign: float) -> Rows:
    """Return the axes of a hand with its fingers forward and its palm down."""
    return np.array([[0.0, -sign, 0.0], [0.0, 0.0, sign], [-1.0, 0.0, 0.0]])
