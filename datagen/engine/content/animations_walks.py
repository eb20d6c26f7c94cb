"""Gaits by name: walking in many manners, running, and steps with something else to do."""

from dataclasses import replace

from .animation_acting import Acting
from .animation_curves import Wave
from .animation_gait import Gait
from .animation_posture import Foot, Posture, Reach, Swing, both
from .animation_stances import (
    AT_EAR,
    BEFORE_BELLY,
    BEHIND,
    CARRYING,
    GUARD,
    IN_POCKET,
    LOOSE,
    ON_HIP,
    STAND,
)

_BENT_ARM = Swing(flex=4, out=11, elbow=84, wrist_up=6)
_RUNNER = both(STAND, lean=7, bend=5, height=0.965, arm=_BENT_ARM)
_WALK = Gait(duration_s=1.0, speed_m_per_s=0.9, upper=both(STAND, lean=1, arm=Swing(flex=4, elbow=22)))
_STROLL = replace(_WALK, duration_s=1.36, speed_m_per_s=0.75, arm_deg=15, counter_deg=8, heel_deg=13)
_CALM = replace(_STROLL, arm_deg=0, elbow_deg=0)
_RUN = Gait(
    duration_s=0.72, speed_m_per_s=2.8, upper=_RUNNER, stance=0.36, lift=0.24, heel_deg=8, toe_deg=46, width=0.4,
    bounce=0.035, bounce_shift=0.06, sway=0.008, yaw_deg=9, roll_deg=4, counter_deg=20, arm_deg=42, elbow_deg=12,
)  # fmt: skip
_IN_PLACE = Gait(
    duration_s=1.0, speed_m_per_s=0.0, upper=both(STAND, arm=LOOSE), stance=0.56, lift=0.24, heel_deg=0,
    toe_deg=18, width=0.9, foot_ahead=0.0, arm_deg=26, yaw_deg=2, counter_deg=8,
)  # fmt: skip


def _while(gait: Gait, duration_s: float, posture: Posture, *waves: Wave) -> Gait:
    """Return a gait with a loop of the upper body; ``duration_s`` is that of two steps."""
    acting = Acting(duration_s=duration_s, keys=((0.0, posture),), waves=waves, breath=0.0)
    return replace(gait, duration_s=duration_s, upper=acting)


WALKS = {
    "Walk": _WALK,
    "Stroll": _STROLL,
    "WalkBriskly": replace(
        _WALK, duration_s=0.94, speed_m_per_s=1.45, arm_deg=32, counter_deg=14, yaw_deg=9, toe_deg=34,
        upper=both(STAND, lean=3, arm=Swing(flex=6, elbow=30)),
    ),
    "March": replace(
        _WALK, duration_s=1.0, speed_m_per_s=1.1, lift=0.24, heel_deg=6, toe_deg=20, arm_deg=44, elbow_deg=4,
        width=0.8, bounce=0.014, sway=0.01, counter_deg=5, upper=both(STAND, bend=-3, arm=Swing(elbow=8)),
    ),
    "Sneak": replace(
        _WALK, duration_s=1.9, speed_m_per_s=0.5, stance=0.66, lift=0.22, heel_deg=-6, toe_deg=22, width=0.8,
        arm_deg=10, roll_deg=2, bounce=0.02,
        upper=both(STAND, height=0.82, lean=16, bend=20, nod=-4, arm=replace(GUARD, up=-0.25, out=0.34)),
    ),
    "Limp": replace(
        _WALK, duration_s=1.3, speed_m_per_s=0.5, limp=0.045, heel_deg=6, toe_deg=16, arm_deg=12,
        upper=both(STAND, lean=4, bend=6, side=2, arm_r=Swing(flex=10, elbow=40)),
    ),
    "WalkTired": replace(
        _WALK, duration_s=1.5, speed_m_per_s=0.55, lift=0.04, heel_deg=6, toe_deg=20, arm_deg=9, sway=0.03,
        upper=both(STAND, height=0.955, lean=7, bend=20, nod=22, steady=0.35, arm=Swing(flex=12, elbow=8)),
    ),
    "WalkProudly": replace(
        _WALK, duration_s=1.1, speed_m_per_s=1.0, arm_deg=28, yaw_deg=8, roll_deg=4, lift=0.09, toe_deg=34,
        upper=both(STAND, lean=-2, bend=-8, nod=-6, arm=Swing(flex=-2, out=14, elbow=20)),
    ),
    "WalkHappily": replace(
        _WALK, duration_s=0.96, speed_m_per_s=1.1, arm_deg=40, elbow_deg=24, lift=0.14, bounce=0.03, toe_deg=38,
        roll_deg=5, counter_deg=15, upper=both(STAND, bend=-3, nod=-4, height=0.97, arm=LOOSE),
    ),
    "WalkHunched": replace(
        _WALK, duration_s=1.44, speed_m_per_s=0.4, stance=0.68, lift=0.035, heel_deg=4, toe_deg=12, width=0.85,
        arm_deg=6, counter_deg=4,
        upper=both(STAND, height=0.945, lean=14, bend=26, nod=-8, arm_l=BEHIND, arm_r=Swing(flex=24, elbow=46)),
    ),
    "Tiptoe": replace(
        _WALK, duration_s=1.2, speed_m_per_s=0.5, lift=0.10, heel_deg=-24, toe_deg=40, width=0.4, arm_deg=5,
        upper=both(STAND, height=1.10, foot=Foot(pitch=-30), bend=4, arm=Swing(flex=4, out=32, elbow=50)),
    ),
    "Swagger": replace(
        _WALK, duration_s=1.24, speed_m_per_s=0.85, width=1.25, sway=0.05, roll_deg=2, arm_deg=26,
        counter_deg=18, upper=both(STAND, lean=-2, bend=-3, foot=Foot(yaw=18), arm=Swing(out=20, elbow=34)),
    ),
    "Catwalk": replace(
        _WALK, duration_s=1.06, speed_m_per_s=1.15, width=0.45, sway=0.03, roll_deg=7, yaw_deg=13, arm_deg=20,
        counter_deg=18, heel_deg=8, toe_deg=36, upper=both(STAND, bend=-5, arm_l=ON_HIP, arm_r=Swing(elbow=14)),
    ),
    "WalkLikeZombie": replace(
        _WALK, duration_s=1.8, speed_m_per_s=0.35, stance=0.68, lift=0.03, heel_deg=0, toe_deg=12, limp=0.03,
        sway=0.05, arm_deg=4, elbow_deg=4, width=0.9,
        upper=both(
            STAND, lean=6, bend=10, cock=14, nod=4, arm_l=Swing(flex=74, out=4, elbow=12, wrist_in=30),
            arm_r=Swing(flex=64, out=6, elbow=20, wrist_in=40),
        ),
    ),
    "WalkBackwards": replace(
        _WALK, duration_s=1.24, speed_m_per_s=-0.6, heel_deg=8, toe_deg=22, arm_deg=14,
        upper=both(STAND, lean=3, look=24, arm=LOOSE),
    ),
    # Turned to its right, the left foot goes first.
    "WalkSideways": replace(
        _WALK, duration_s=1.0, speed_m_per_s=0.25, lift=0.07, heel_deg=0, toe_deg=6, width=0.0, yaw_deg=0,
        roll_deg=0, counter_deg=0, arm_deg=0, elbow_deg=0, sway=0.0,
        upper=both(
            STAND, height=0.94, turn=90, look=40, arm=Swing(flex=14, out=22, elbow=40),
            foot_l=Foot(ahead=0.22, yaw=-82), foot_r=Foot(ahead=-0.22, yaw=98),
        ),
    ),
    "WalkHandsInPockets": _while(_CALM, 1.36, both(STAND, bend=6, nod=6, arm=IN_POCKET)),
    "WalkAndWave": _while(
        _CALM, 1.3, both(STAND, look=20, arm_r=Swing(flex=6, out=100, roll=88, elbow=66)),
        Wave("arm_r.roll", 24, 2), Wave("arm_r.wrist_in", 16, 2, -0.1), Wave("arm_l.flex", 13, 1, 0.75),
    ),
    "WalkAndPhone": _while(
        _CALM, 1.3, both(STAND, cock=6, nod=5, arm_r=AT_EAR), Wave("arm_l.flex", 13, 1, 0.75), Wave("nod", 3, 1),
    ),
    "WalkAndText": _while(
        _CALM, 1.4, both(STAND, bend=6, nod=30, arm_l=BEFORE_BELLY, arm_r=replace(BEFORE_BELLY, up=-0.38)),
        Wave("arm_r.up", 0.008, 3), Wave("arm_l.up", 0.006, 4),
    ),
    "WalkAndTalk": _while(
        _CALM, 1.3, both(STAND, look=28, arm_r=Reach(ahead=0.5, out=0.46, up=-0.36, palm=-40)),
        Wave("arm_r.up", 0.09, 2), Wave("arm_r.out", 0.07, 1, 0.3), Wave("arm_l.flex", 12, 1, 0.75),
        Wave("nod", 4, 2),
    ),
    "WalkAndLookAround": _while(
        replace(_WALK, arm_deg=14), 1.4, both(STAND, arm=LOOSE), Wave("look", 42), Wave("twist", 6), Wave("nod", -6, 2),
    ),
    "CarryBox": _while(
        _CALM, 1.2, both(STAND, lean=-4, bend=-2, height=0.96, arm=CARRYING), Wave("arm_l.up", 0.015, 2),
        Wave("arm_r.up", 0.015, 2),
    ),
    "PushCart": _while(
        _CALM, 1.2, both(STAND, lean=10, bend=6, nod=-4, arm=Reach(ahead=0.80, out=0.36, up=-0.34, palm=60)),
    ),
    "Stagger": _while(
        replace(_CALM, width=1.1, sway=0.03), 1.7,
        both(STAND, height=0.95, bend=8, nod=10, arm=Swing(flex=14, out=26, elbow=36)),
        Wave("aside", 0.05), Wave("tilt", 6, 1, 0.1), Wave("lean", 6, 1, 0.35), Wave("cock", 10, 1, 0.4),
        Wave("arm_l.out", 14, 1, 0.2), Wave("arm_r.out", 16, 1, 0.7),
    ),
    "Jog": replace(
        _RUN, duration_s=0.76, speed_m_per_s=2.1, stance=0.42, lift=0.16, arm_deg=30, toe_deg=38, bounce=0.028,
        upper=replace(_RUNNER, lean=5),
    ),
    "Run": _RUN,
    "Sprint": replace(
        _RUN, duration_s=0.56, speed_m_per_s=4.6, stance=0.30, lift=0.34, arm_deg=56, toe_deg=54, counter_deg=26,
        upper=replace(_RUNNER, lean=13, bend=7),
    ),
    "MarchInPlace": _IN_PLACE,
    "RunInPlace": replace(
        _IN_PLACE, duration_s=0.62, stance=0.40, lift=0.22, toe_deg=34, bounce=0.025, bounce_shift=0.06,
        arm_deg=36, upper=_RUNNER,
    ),
}  # fmt: skip
