"""Animations as pure functions from seconds to a body pose; all of them loop smoothly."""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, exp, pi, sin

from .skeleton import SIDES, BodyPose, JointTurn

REST = BodyPose(
    turns={
        "upperarm_l": JointTurn(flex=2, spread=-7),
        "upperarm_r": JointTurn(flex=2, spread=7),
        "lowerarm_l": JointTurn(flex=10),
        "lowerarm_r": JointTurn(flex=10),
        "thigh_l": JointTurn(spread=-2),
        "thigh_r": JointTurn(spread=2),
    }
)


@dataclass(frozen=True, kw_only=True)
class Animation:
    """A clip: its length, and its pose at a time in seconds."""

    duration_s: float
    pose: Callable[[float], BodyPose]

    def at(self, time_s: float, looping: bool) -> BodyPose:
        """Return the pose at ``time_s``, wrapped into the clip if looping, else limited to its ends."""
        inside = time_s % self.duration_s if looping else min(max(time_s, 0.0), self.duration_s)
        return self.pose(inside)


def _bump(phase: float, sharpness: float) -> float:
    """A smooth periodic bump: 1 at phase 0, near 0 half a period away."""
    return exp(sharpness * (cos(phase) - 1))


def _walk(time_s: float) -> BodyPose:
    """One step cycle per second: legs in antiphase, arms against the legs, knee bent through the swing."""
    cycle = 2 * pi * time_s
    turns = {
        "pelvis": JointTurn(twist=5 * sin(cycle), spread=1.5 * cos(cycle)),
        "spine_01": JointTurn(flex=-2, twist=-4 * sin(cycle)),
        "spine_02": JointTurn(flex=-2, twist=-6 * sin(cycle)),
        "neck_01": JointTurn(flex=2, twist=4 * sin(cycle)),
    }
    for side, sign in SIDES.items():
        phase = cycle + (pi if side == "r" else 0.0)
        thigh = 3 + 25 * sin(phase)
        knee = -(4 + 54 * _bump(phase + 0.45, 2.2))
        push_off = -16 * _bump(phase + 1.35, 4.0)
        toe_up = 10 * _bump(phase - 1.2, 4.0)
        turns[f"thigh_{side}"] = JointTurn(flex=thigh, spread=sign * 1.0)
        turns[f"calf_{side}"] = JointTurn(flex=knee)
        turns[f"foot_{side}"] = JointTurn(flex=-0.8 * (thigh + knee) + push_off + toe_up)
        turns[f"upperarm_{side}"] = JointTurn(flex=-24 * sin(phase), spread=sign * 8)
        turns[f"lowerarm_{side}"] = JointTurn(flex=26 - 14 * sin(phase))
    return BodyPose(turns=turns, sway_right_cm=-2.0 * sin(cycle + pi / 2))


def _wave(time_s: float) -> BodyPose:
    """Right hand raised and waving, weight shifting, head tilted."""
    beat, slow = 4 * pi * time_s, pi * time_s
    turns = {
        **REST.turns,
        "spine_01": JointTurn(spread=-2 - 1.5 * sin(slow)),
        "spine_02": JointTurn(spread=-3, twist=-6 - 3 * sin(slow)),
        "neck_01": JointTurn(spread=4 * sin(slow)),
        "head": JointTurn(spread=5 * sin(slow), twist=6 * cos(slow)),
        "upperarm_r": JointTurn(flex=18, spread=112 + 6 * sin(beat)),
        "lowerarm_r": JointTurn(flex=8, spread=52 + 30 * sin(beat)),
        "hand_r": JointTurn(spread=18 * sin(beat - 0.6)),
        "upperarm_l": JointTurn(flex=4 + 5 * sin(slow), spread=-9),
        "lowerarm_l": JointTurn(flex=18 + 6 * sin(slow)),
        "thigh_r": JointTurn(flex=4 + 3 * sin(slow), spread=5),
        "calf_r": JointTurn(flex=-9 - 6 * sin(slow)),
        "foot_r": JointTurn(flex=5 + 3 * sin(slow)),
    }
    return BodyPose(turns=turns, sway_right_cm=1.5 * sin(slow))


def _dance(time_s: float) -> BodyPose:
    """A two-second dance at 120 beats per minute: bouncing knees, swinging hips, arms rolling overhead."""
    beat, bar, roll = 4 * pi * time_s, 2 * pi * time_s, pi * time_s
    bend = 16 + 14 * cos(beat)
    turns = {
        "pelvis": JointTurn(spread=9 * sin(bar), twist=16 * sin(roll)),
        "spine_01": JointTurn(spread=-7 * sin(bar), flex=-3),
        "spine_02": JointTurn(spread=-6 * sin(bar), twist=18 * sin(roll), flex=-4),
        "neck_01": JointTurn(spread=4 * sin(bar)),
        "head": JointTurn(spread=7 * sin(bar), flex=6 * cos(beat)),
    }
    for side, sign in SIDES.items():
        shift = pi if side == "r" else 0.0
        kick = 26 * _bump(bar + shift, 3.0)
        thigh, knee = bend + kick, -2 * bend - 1.5 * kick
        turns[f"thigh_{side}"] = JointTurn(flex=thigh, spread=sign * 8 - 8 * sin(bar))
        turns[f"calf_{side}"] = JointTurn(flex=knee)
        turns[f"foot_{side}"] = JointTurn(flex=-(thigh + knee))
        high = 0.5 + 0.5 * sin(roll + shift)
        turns[f"upperarm_{side}"] = JointTurn(flex=30 + 25 * sin(bar), spread=sign * (35 + 105 * high))
        turns[f"lowerarm_{side}"] = JointTurn(flex=60 + 35 * sin(beat + sign), spread=sign * 20 * high)
        turns[f"hand_{side}"] = JointTurn(flex=15 * sin(beat))
    return BodyPose(turns=turns, sway_right_cm=7 * sin(bar), hop_cm=2.0 * (1 - cos(beat)))


ANIMATIONS: dict[str, Animation] = {
    "Walk": Animation(duration_s=1.0, pose=_walk),
    "Wave": Animation(duration_s=2.0, pose=_wave),
    "Dance": Animation(duration_s=2.0, pose=_dance),
}
