"""Martial arts, games and skating by name."""

from dataclasses import replace
from functools import partial

from .acting import loop
from .curves import Wave
from .posture import Foot, Reach, Swing, both, mirrored
from .stances import BEFORE_CHEST, GUARD, LOOSE, STAND, STRIDE, WIDE

_loop = partial(loop, breath=0.6, step_height=0.06)
_FENCE = both(
    STAND,
    height=0.90,
    turn=28,
    twist=8,
    look=0,
    foot_l=Foot(ahead=0.22, yaw=2),
    foot_r=Foot(ahead=-0.2, out=0.02, yaw=58),
    arm_l=replace(GUARD, ahead=0.5),
    arm_r=GUARD,
)
_LEFT_PUNCH = both(
    _FENCE,
    ahead=0.05,
    lean=4,
    turn=36,
    twist=18,
    arm_l=Reach(ahead=0.95, out=0.18, up=0.02, elbow=16, palm=60),
)
_RIGHT_PUNCH = both(
    _FENCE,
    ahead=0.09,
    lean=5,
    turn=8,
    twist=-18,
    foot_r=Foot(ahead=-0.2, out=0.02, yaw=40, pitch=-22),
    arm_r=Reach(ahead=0.95, out=0.10, up=0.04, elbow=20, palm=60),
)
_CHAMBER = both(
    _FENCE,
    ahead=0.10,
    aside=-0.03,
    turn=10,
    lean=-6,
    height=0.95,
    foot_r=Foot(ahead=0.16, up=0.36, out=0.02, yaw=10, pitch=-20),
)
_KICK = both(
    _CHAMBER,
    lean=-20,
    bend=8,
    turn=2,
    foot_r=Foot(ahead=0.74, up=0.46, out=0.0, yaw=10, pitch=18),
    arm_r=Swing(flex=-20, out=24, elbow=40),
)
_HORSE = both(WIDE, height=0.72, foot=Foot(out=0.30, yaw=24, knee=8), arm=Swing(flex=-26, out=14, elbow=112))
_BALL = Reach(ahead=0.50, out=0.28, up=-0.46, palm=-60)
_BOWL_BACK = both(
    STRIDE,
    ahead=0.04,
    lean=20,
    bend=8,
    height=0.86,
    arm_l=Swing(flex=24, out=46, elbow=20),
    arm_r=Swing(flex=-52, out=12, elbow=4),
)
_BOWL_ROLL = both(
    STRIDE,
    ahead=0.12,
    lean=34,
    bend=14,
    height=0.74,
    nod=-4,
    foot_r=Foot(ahead=-0.2, out=0.05, yaw=22, pitch=-44),
    arm_l=Swing(flex=-6, out=56, elbow=20),
    arm_r=Swing(flex=64, out=4, elbow=6),
)
_SKATE_RIGHT = both(
    STAND,
    height=0.82,
    lean=26,
    bend=10,
    aside=0.10,
    tilt=-4,
    turn=-10,
    twist=16,
    nod=-4,
    foot_r=Foot(out=0.04, yaw=10),
    foot_l=Foot(out=0.26, ahead=-0.24, up=0.12, yaw=24, pitch=-24),
    arm_l=Swing(flex=52, out=16, elbow=34),
    arm_r=Swing(flex=-40, out=24, elbow=14),
)
_SKATE_BOTH = both(
    STAND,
    height=0.80,
    lean=26,
    bend=10,
    nod=-4,
    foot=Foot(out=0.04, yaw=10),
    arm=Swing(flex=4, out=24, elbow=24),
)


_PUSH_ASIDE = both(
    _HORSE,
    height=0.80,
    aside=0.12,
    turn=16,
    twist=14,
    look=8,
    arm_r=Reach(ahead=0.85, out=0.44, up=0.0, palm=30),
    arm_l=Reach(ahead=0.5, out=0.16, up=-0.42),
)
SPORTS = {
    "Box": _loop(
        1.8,
        (0.0, _FENCE),
        (0.12, _LEFT_PUNCH),
        (0.26, _FENCE),
        (0.38, _LEFT_PUNCH),
        (0.54, _RIGHT_PUNCH),
        (0.74, _FENCE),
        waves=(Wave("height", 0.015, 4), Wave("aside", 0.02, 2)),
    ),
    "PunchForward": _loop(
        1.6,
        both(_HORSE, twist=-12, arm_r=Reach(ahead=0.95, out=0.16, up=-0.10, palm=80)),
        both(_HORSE, twist=12, arm_l=Reach(ahead=0.95, out=0.16, up=-0.10, palm=80)),
    ),
    "KickForward": _loop(
        2.0, (0.0, _FENCE), (0.16, _FENCE), (0.34, _CHAMBER), (0.48, _KICK), (0.62, _CHAMBER), (0.84, _FENCE)
    ),
    "TaiChi": _loop(
        8.0,
        both(_HORSE, height=0.86, arm=BEFORE_CHEST),
        _PUSH_ASIDE,
        both(_HORSE, height=0.88, arm=Reach(ahead=0.66, out=0.34, up=0.10)),
        mirrored(_PUSH_ASIDE),
    ),
    "Bowl": _loop(
        3.2,
        (0.0, both(STRIDE, arm_r=BEFORE_CHEST, arm_l=LOOSE)),
        (0.34, _BOWL_BACK),
        (0.56, _BOWL_ROLL),
        (0.70, _BOWL_ROLL),
    ),
    "Dribble": _loop(
        0.7,
        both(
            STRIDE,
            height=0.84,
            lean=14,
            bend=8,
            arm_l=Swing(flex=34, out=22, elbow=60),
            arm_r=Reach(ahead=0.46, out=0.46, up=-0.46, palm=70),
        ),
        both(
            STRIDE,
            height=0.83,
            lean=14,
            bend=8,
            arm_l=Swing(flex=34, out=22, elbow=60),
            arm_r=Reach(ahead=0.46, out=0.46, up=-0.70, palm=70),
        ),
    ),
    "Juggle": _loop(
        0.9,
        both(STAND, nod=-10, arm=_BALL),
        waves=(
            Wave("arm_l.up", 0.11),
            Wave("arm_r.up", 0.11, 1, 0.5),
            Wave("arm_l.out", 0.08, 1, 0.25),
            Wave("arm_r.out", 0.08, 1, 0.75),
            Wave("look", 7),
            Wave("nod", -5, 2),
        ),
    ),
    "Skate": _loop(1.8, _SKATE_RIGHT, _SKATE_BOTH, mirrored(_SKATE_RIGHT), _SKATE_BOTH),
}
