"""Gaits that others are made from: walking, strolling, running, and steps in place."""

from dataclasses import replace

from .gait import Gait
from .posture import Swing, both
from .stances import LOOSE, STAND

BENT_ARM = Swing(flex=4, out=11, elbow=84, wrist_up=6)
RUNNER = both(STAND, lean=7, bend=5, height=0.965, arm=BENT_ARM)
WALK = Gait(duration_s=1.0, speed_m_per_s=0.9, upper=both(STAND, lean=1, arm=Swing(flex=4, elbow=22)))
STROLL = replace(WALK, duration_s=1.36, speed_m_per_s=0.75, arm_deg=15, counter_deg=8, heel_deg=13)
CALM = replace(STROLL, arm_deg=0, elbow_deg=0)
RUN = Gait(
    duration_s=0.72, speed_m_per_s=2.8, upper=RUNNER, stance=0.36, stretch=0.955, lift=0.24, heel_deg=8,
    toe_deg=46, width=0.46, bounce=0.035, bounce_shift=0.06, sway=0.008, yaw_deg=9, roll_deg=4,
    counter_deg=20, arm_deg=42, elbow_deg=12,
)  # fmt: skip
IN_PLACE = Gait(
    duration_s=1.0, speed_m_per_s=0.0, upper=both(STAND, arm=LOOSE), stance=0.56, lift=0.24, heel_deg=0,
    toe_deg=18, width=0.9, arm_deg=26, yaw_deg=2, counter_deg=8,
)  # fmt: skip
