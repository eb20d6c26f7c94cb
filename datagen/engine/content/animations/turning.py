"""Turning in place: the body turns evenly, and the feet follow in steps."""

from dataclasses import dataclass
from math import cos, pi, radians, sin

from ..characters.skeleton import SIDES, BodyPose, Proportions
from .acting import Acting
from .body_solver import BodySolver
from .curves import slow_ease
from .posture import Posture
from .stances import STAND


@dataclass(frozen=True, kw_only=True)
class Turning:
    """A whole turn to the right (``direction`` 1) or left (-1), with ``steps`` of each foot."""

    duration_s: float
    direction: int = 1
    steps: int = 6
    lift: float = 0.06
    lead_deg: float = 8.0
    arm_deg: float = 7.0
    bounce: float = 0.01
    upper: Posture = STAND
    speed_m_per_s: float = 0.0
    leaves_ground: bool = False

    def pose(self, time_s: float, body: Proportions) -> BodyPose:
        """Return the pose at a time in the clip."""
        phase = time_s / self.duration_s % 1.0
        values, arms = Acting(duration_s=self.duration_s, keys=((0.0, self.upper),)).posture_at(phase)
        leg_cm = float(body.thigh_cm + body.calf_cm + body.ankle_cm)
        heading, beat = 360.0 * self.direction * phase, 2 * pi * self.steps * phase
        values["turn"] += heading
        values["look"] += values["steady"] * heading + self.lead_deg * self.direction
        values["twist"] += 0.5 * self.lead_deg * self.direction
        values["height"] += self.bounce * cos(2 * beat)
        values["tilt"] += 2.0 * sin(beat)
        for side, sign in SIDES.items():
            turned, up = self._foot(phase * self.steps + (0.5 if side == "r" else 0.0))
            # The right foot counts from half a step ahead.
            turned -= 0.5 * 360.0 / self.steps if side == "r" else 0.0
            angle, foot = radians(self.direction * turned), f"foot_{side}"
            out_cm = body.hip_half_cm + values[f"{foot}.out"] * leg_cm
            values[f"{foot}.ahead"] += -sign * sin(angle) * out_cm / leg_cm
            values[f"{foot}.out"] = (cos(angle) * out_cm - body.hip_half_cm) / leg_cm
            values[f"{foot}.yaw"] += sign * self.direction * turned
            values[f"{foot}.up"] += self.lift * up
            values[f"arm_{side}.flex"] += sign * self.arm_deg * sin(beat)
        return BodySolver(body, values).pose(arms)

    def _foot(self, steps: float) -> tuple[float, float]:
        """Return the heading (degrees) and the lift (0 to 1) of a foot after a number of its steps."""
        whole, share = divmod(steps, 1.0)
        swing = min(1.0, max(0.0, (share - 0.5) / 0.42))
        return 360.0 / self.steps * (whole + slow_ease(swing)), sin(pi * swing) ** 2
