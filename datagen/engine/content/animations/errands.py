"""Runs, and walks with something else to do, by name."""

from dataclasses import replace

from .acting import Acting
from .curves import Wave
from .gait import Gait
from .gaits import CALM, IN_PLACE, RUN, RUNNER, WALK
from .posture import Posture, Reach, Swing, both
from .stances import AT_EAR, BEFORE_BELLY, CARRYING, IN_POCKET, LOOSE, STAND


def _while(gait: Gait, duration_s: float, posture: Posture, *waves: Wave) -> Gait:
    """Return a gait with a loop of the upper body; ``duration_s`` is that of two steps."""
    acting = Acting(duration_s=duration_s, keys=((0.0, posture),), waves=waves, breath=0.0)
    return replace(gait, duration_s=duration_s, upper=acting)


ERRANDS = {
    "WalkHandsInPockets": _while(CALM, 1.36, both(STAND, bend=6, nod=6, arm=IN_POCKET)),
    "WalkAndWave": _while(
        CALM,
        1.3,
        both(STAND, look=20, arm_r=Swing(flex=6, out=100, roll=88, elbow=66)),
        Wave("arm_r.roll", 24, 2),
        Wave("arm_r.wrist_in", 16, 2, -0.1),
        Wave("arm_l.flex", 13, 1, 0.75),
    ),
    "WalkAndPhone": _while(
        CALM,
        1.3,
        both(STAND, cock=6, nod=5, arm_r=AT_EAR),
        Wave("arm_l.flex", 13, 1, 0.75),
        Wave("nod", 3, 1),
    ),
    "WalkAndText": _while(
        CALM,
        1.4,
        both(STAND, bend=6, nod=30, arm_l=BEFORE_BELLY, arm_r=replace(BEFORE_BELLY, up=-0.38)),
        Wave("arm_r.up", 0.008, 3),
        Wave("arm_l.up", 0.006, 4),
    ),
    "WalkAndTalk": _while(
        CALM,
        1.3,
        both(STAND, look=28, arm_r=Reach(ahead=0.5, out=0.46, up=-0.36, palm=-40)),
        Wave("arm_r.up", 0.09, 2),
        Wave("arm_r.out", 0.07, 1, 0.3),
        Wave("arm_l.flex", 12, 1, 0.75),
        Wave("nod", 4, 2),
    ),
    "WalkAndLookAround": _while(
        replace(WALK, arm_deg=14),
        1.4,
        both(STAND, arm=LOOSE),
        Wave("look", 42),
        Wave("twist", 6),
        Wave("nod", -6, 2),
    ),
    "CarryBox": _while(
        CALM,
        1.2,
        both(STAND, lean=-4, bend=-2, height=0.96, arm=CARRYING),
        Wave("arm_l.up", 0.015, 2),
        Wave("arm_r.up", 0.015, 2),
    ),
    "PushCart": _while(
        CALM,
        1.2,
        both(STAND, lean=10, bend=6, nod=-4, arm=Reach(ahead=0.80, out=0.36, up=-0.34, palm=60)),
    ),
    "Stagger": _while(
        replace(CALM, width=1.1, sway=0.03),
        1.7,
        both(STAND, height=0.95, bend=8, nod=10, arm=Swing(flex=14, out=26, elbow=36)),
        Wave("aside", 0.05),
        Wave("tilt", 6, 1, 0.1),
        Wave("lean", 6, 1, 0.35),
        Wave("cock", 10, 1, 0.4),
        Wave("arm_l.out", 14, 1, 0.2),
        Wave("arm_r.out", 16, 1, 0.7),
    ),
    "Jog": replace(
        RUN,
        duration_s=0.76,
        speed_m_per_s=2.1,
        stance=0.42,
        lift=0.16,
        arm_deg=30,
        toe_deg=38,
        bounce=0.028,
        upper=replace(RUNNER, lean=5),
    ),
    "Run": RUN,
    "Sprint": replace(
        RUN,
        duration_s=0.56,
        speed_m_per_s=4.6,
        stance=0.30,
        lift=0.34,
        stretch=0.93,
        arm_deg=56,
        toe_deg=54,
        counter_deg=26,
        upper=replace(RUNNER, lean=13, bend=7),
    ),
    "RunInPlace": replace(
        IN_PLACE,
        duration_s=0.62,
        stance=0.40,
        lift=0.22,
        toe_deg=34,
        bounce=0.025,
        bounce_shift=0.06,
        arm_deg=36,
        upper=RUNNER,
    ),
}
