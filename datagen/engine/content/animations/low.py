"""Postures near the ground by name: sitting on it, kneeling, crouching, picking up."""

from .acting import loop
from .curves import Wave
from .posture import Foot, Reach, both
from .stances import BEFORE_CHEST, LOOSE, STAND

_ON_KNEE = Reach(anchor="knee", ahead=12, out=3, up=3)
# Sitting with the knees up, and with crossed legs.
_SIT = both(
    STAND,
    ahead=-0.10,
    height=0.125,
    lean=-16,
    bend=22,
    nod=-2,
    foot=Foot(ahead=0.52, out=0.03, yaw=8),
    arm=_ON_KNEE,
)
_CROSS_LEGGED = both(
    STAND,
    ahead=-0.10,
    height=0.12,
    lean=-6,
    bend=12,
    foot_l=Foot(ahead=0.22, out=-0.06, up=0.025, yaw=0, loose=1, knee=66),
    foot_r=Foot(ahead=0.46, out=-0.06, up=0.025, yaw=0, loose=1, knee=64),
    arm=Reach(anchor="knee", ahead=12, up=3, elbow=-10),
)
_KNEEL = both(STAND, height=0.47, bend=3, foot=Foot(ahead=-0.44, out=0.02, yaw=2, pitch=-64), arm=LOOSE)
_HALF_KNEEL = both(
    STAND,
    height=0.47,
    foot_r=Foot(ahead=-0.44, out=0.02, yaw=2, pitch=-64),
    foot_l=Foot(ahead=0.44, out=0.02, yaw=4),
    arm=LOOSE,
)
_CROUCH = both(
    STAND,
    height=0.34,
    ahead=-0.12,
    lean=30,
    bend=20,
    nod=-4,
    foot=Foot(out=0.08, yaw=18, knee=16),
    arm=_ON_KNEE,
)
# What carries a body that sits, and one that kneels.
_SEAT, _KNEES = ("pelvis", "thigh_l", "thigh_r"), ("calf_l", "calf_r", "thigh_l", "thigh_r")

LOW = {
    "SitOnGround": loop(
        5.0, _SIT, supports=_SEAT, waves=(Wave("look", 18), Wave("bend", 3, 1, 0.3), Wave("nod", 4, 2))
    ),
    "Meditate": loop(6.0, both(_CROSS_LEGGED, nod=6), supports=_SEAT, waves=(Wave("bend", 1.5, 2),)),
    "SitCrossLeggedAndRead": loop(
        6.0,
        both(_CROSS_LEGGED, nod=26, bend=20, arm=Reach(ahead=0.54, out=0.22, up=-0.38)),
        supports=_SEAT,
        waves=(Wave("look", 6, 3), Wave("nod", 3)),
    ),
    "Kneel": loop(5.0, _KNEEL, supports=_KNEES, waves=(Wave("look", 12), Wave("bend", 2))),
    "KneelAndPray": loop(
        5.0,
        both(_KNEEL, nod=24, bend=8, arm=Reach(ahead=0.50, out=0.09, up=-0.26, wrist_in=-42, wrist_up=24)),
        supports=_KNEES,
        waves=(Wave("bend", 2),),
    ),
    "Propose": loop(
        4.0,
        both(_HALF_KNEEL, nod=-10, arm_l=BEFORE_CHEST, arm_r=Reach(ahead=0.80, out=0.24, up=-0.14)),
        both(_HALF_KNEEL, nod=-14, lean=4, arm_l=BEFORE_CHEST, arm_r=Reach(ahead=0.86, out=0.22, up=-0.08)),
    ),
    "Crouch": loop(4.0, _CROUCH, waves=(Wave("look", 20), Wave("height", 0.008, 2))),
}
