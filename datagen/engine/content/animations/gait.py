"""Gaits: walking, running, and everything else that puts one foot before the other."""

from dataclasses import dataclass
from functools import cached_property
from math import cos, pi, sin

from ..characters.skeleton import SIDES, BodyPose, Proportions
from ..unreal_space import CM_PER_M
from .acting import Acting
from .body_solver import BodySolver
from .curves import keyed, slow_ease, smaller
from .posture import Channels, Posture
from .stances import STAND

# Of the leg: the longest way of the hips over a standing foot.
_LONGEST_STANCE = 0.92
_SHORTEST_LEG_M = 0.5
# How soon a swinging foot loses the speed of the ground, and how late it takes it on: 2 is slowly.
_LEAVING, _LANDING = 4, 3


@dataclass(frozen=True, kw_only=True)
class Gait:
    """Two steps in ``duration_s``, which move the body ahead by ``speed_m_per_s``; a speed of 0 is in place.

    A foot stands for the share ``stance`` of the time (less on short legs), then swings, ``lift`` (share of
    the leg) high. It lands on the heel (``heel_deg`` up) and leaves from the toes (``toe_deg`` down).
    ``width`` 0 places the feet below each other, 1 below the hips. ``upper`` is the posture of the body, or a
    clip of it; its hips are lifted by ``bounce``, swing aside by ``sway`` (shares of the leg), turn by
    ``yaw_deg`` and tilt by ``roll_deg``; ``counter_deg`` turns the chest against them. Arms swing against the
    legs by ``arm_deg``, elbows by ``elbow_deg``. ``limp`` dips the body on the right foot.
    Legs that stretch more than ``stretch`` would snap straight.
    """

    duration_s: float
    speed_m_per_s: float
    upper: Posture | Acting = STAND
    stance: float = 0.60
    lift: float = 0.07
    heel_deg: float = 16.0
    toe_deg: float = 28.0
    width: float = 0.55
    bounce: float = 0.008
    bounce_shift: float = 0.25
    sway: float = 0.018
    yaw_deg: float = 6.0
    roll_deg: float = 3.0
    counter_deg: float = 11.0
    arm_deg: float = 24.0
    elbow_deg: float = 12.0
    limp: float = 0.0
    stretch: float = 0.987

    @cached_property
    def _acting(self) -> Acting:
        """What the upper body does."""
        if isinstance(self.upper, Posture):
            return Acting(duration_s=self.duration_s, keys=((0.0, self.upper),), breath=0.0)
        return self.upper

    @property
    def leaves_ground(self) -> bool:
        """Whether both feet are in the air at times; those of short legs are at high speeds."""
        cycle_m = abs(self.speed_m_per_s) * self.duration_s
        return self.stance < 0.5 or cycle_m > 2 * _LONGEST_STANCE * _SHORTEST_LEG_M

    def pose(self, time_s: float, body: Proportions) -> BodyPose:
        """Return the pose at a time in the clip; the left foot lands at 0."""
        phase = time_s / self.duration_s % 1.0
        values, arms = self._acting.posture_at(phase)
        values["stretch"] = self.stretch
        self._swing_body(values, 2 * pi * phase)
        for side in SIDES:
            self._step(values, side, (phase + (0.5 if side == "r" else 0.0)) % 1.0, body)
        return BodySolver(body, values).pose(arms)

    def _swing_body(self, values: Channels, cycle: float) -> None:
        """Carry the hips over the standing foot, and swing chest and arms against the legs."""
        forward = cos(cycle) if self.speed_m_per_s >= 0 else -cos(cycle)
        added = {
            "height": self.bounce * cos(2 * (cycle - 2 * pi * self.bounce_shift))
            - self.limp * (1 - sin(cycle)) / 2,
            "aside": -self.sway * sin(cycle),
            "turn": self.yaw_deg * forward,
            "tilt": self.roll_deg * sin(cycle) + 40 * self.limp * sin(cycle),
            "side": -1.2 * self.roll_deg * sin(cycle),
            "twist": -self.counter_deg * forward,
        }
        for side, sign in SIDES.items():
            lagging = -sign * cos(cycle - 0.25) * (1 if self.speed_m_per_s >= 0 else -1)
            added[f"arm_{side}.flex"] = -self.arm_deg * lagging
            added[f"arm_{side}.elbow"] = -self.elbow_deg * lagging
        for name, value in added.items():
            if name in values:
                values[name] += value

    def _step(self, values: Channels, side: str, phase: float, body: Proportions) -> None:
        """Place a foot; ``phase`` counts from its landing."""
        leg_cm = float(body.thigh_cm + body.calf_cm + body.ankle_cm)
        cycle_cm = CM_PER_M * self.speed_m_per_s * self.duration_s
        stance = self.stance
        if cycle_cm:
            stance = smaller(stance, _LONGEST_STANCE * leg_cm / abs(cycle_cm), 0.01)
        swing = (phase - stance) / (1 - stance)
        if phase < stance:
            ahead_cm, up = cycle_cm * (stance / 2 - phase), 0.0
        else:
            ahead_cm = _swing_cm(swing, cycle_cm, stance)
            up = self.lift * 7.45 * swing**1.4 * (1 - swing) ** 1.5
        heel, toe = (self.heel_deg, self.toe_deg) if cycle_cm >= 0 else (-self.toe_deg, -self.heel_deg)
        air = 1 - stance
        roll = (
            (0.0, heel), (0.22 * stance, 0.0), (0.55 * stance, 0.0), (stance + 0.12 * air, -toe),
            (stance + 0.62 * air, 0.2 * heel), (1 - 0.06 * air, heel),
        )  # fmt: skip
        foot = f"foot_{side}"
        values[f"{foot}.ahead"] += ahead_cm / leg_cm
        values[f"{foot}.out"] += (self.width - 1) * body.hip_half_cm / leg_cm
        values[f"{foot}.up"] += up
        values[f"{foot}.pitch"] += keyed(roll, phase)


def _swing_cm(share: float, cycle_cm: float, stance: float) -> float:
    """Return a swinging foot's place: at both ends it moves as a standing foot does."""
    half, speed = cycle_cm * stance / 2, -cycle_cm * (1 - stance)
    start, end = share * (1 - share) ** _LEAVING, -(share**_LANDING) * (1 - share)
    return half * (2 * slow_ease(share) - 1) + speed * (start + end)
