"""Gestures of a standing body by name: idling, greeting, talking, and what hands do at the head."""

from dataclasses import replace

from .acting import Acting, loop
from .curves import Wave
from .posture import Posture, Reach, Swing, both, mirrored
from .stances import (
    AT_CHIN,
    AT_EAR,
    AT_MOUTH,
    BEFORE_BELLY,
    BEFORE_CHEST,
    FOLDED,
    FOLDED_UNDER,
    LOOSE,
    ON_HIP,
    ON_RIGHT_LEG,
    OVERHEAD,
    STAND,
    WIDE,
)

_ON_LEFT_LEG = mirrored(ON_RIGHT_LEG)
_WAVING = Swing(flex=4, out=104, roll=86, elbow=62)
_ASKING = Reach(ahead=0.50, out=0.44, up=-0.42, elbow=0, palm=-55)
_OPEN = Reach(ahead=0.56, out=0.72, up=-0.28, elbow=4, palm=-60)
_POINTING = Swing(flex=86, out=16, elbow=6)
_TEXTING = both(
    STAND,
    bend=8,
    nod=28,
    arm_l=Reach(ahead=0.52, out=0.15, up=-0.40, wrist_in=-22),
    arm_r=Reach(ahead=0.52, out=0.15, up=-0.36, wrist_in=-22),
)
_READING = both(STAND, bend=4, nod=20, arm=Reach(ahead=0.56, out=0.26, up=-0.36, palm=-20))


def _held(duration_s: float, rest: Posture, deed: Posture) -> Acting:
    """Return a loop that goes from rest to a deed, holds it, and goes back."""
    return loop(duration_s, (0.0, rest), (0.08, rest), (0.36, deed), (0.66, deed), (0.92, rest))


GESTURES = {
    "Idle": loop(4.0, STAND, waves=(Wave("aside", 0.012), Wave("tilt", -1.2), Wave("side", 1.4))),
    "IdleShiftingWeight": loop(
        6.0,
        (0.0, ON_RIGHT_LEG),
        (0.32, ON_RIGHT_LEG),
        (0.41, STAND),
        (0.5, _ON_LEFT_LEG),
        (0.82, _ON_LEFT_LEG),
        (0.91, STAND),
    ),
    "IdleHandsOnHips": loop(4.5, both(WIDE, arm=ON_HIP), waves=(Wave("aside", 0.015), Wave("look", 12))),
    "IdleArmsFolded": loop(
        4.5, both(ON_RIGHT_LEG, arm_l=FOLDED.arm_l, arm_r=FOLDED.arm_r), waves=(Wave("look", 10),)
    ),
    "LookAround": loop(
        5.0,
        both(STAND, look=55, twist=16, arm=LOOSE),
        both(STAND, nod=-8),
        both(STAND, look=-55, twist=-16, arm=LOOSE),
        both(STAND, nod=4),
    ),
    "Wave": loop(
        2.0,
        both(STAND, aside=0.02, tilt=-1.5, side=4, cock=-3, arm_r=_WAVING, arm_l=LOOSE),
        waves=(
            Wave("arm_r.roll", 24, 2),
            Wave("arm_r.wrist_in", 16, 2, -0.12),
            Wave("arm_r.out", 4, 2, 0.1),
            Wave("side", 1.5),
            Wave("twist", 3),
        ),
    ),
    "WaveBothHands": loop(
        1.6,
        both(WIDE, nod=-4, arm=Swing(flex=6, out=140, roll=30, elbow=26)),
        waves=(
            Wave("arm_l.out", 18, 2),
            Wave("arm_r.out", 18, 2),
            Wave("height", 0.01, 2),
            Wave("aside", 0.02),
        ),
    ),
    "PointAhead": _held(3.6, STAND, both(STAND, twist=-8, lean=2, arm_r=_POINTING)),
    "GiveDirections": loop(
        4.8,
        (0.0, STAND),
        (0.2, both(STAND, look=40, twist=16, arm_r=Swing(flex=14, out=82, elbow=10))),
        (0.4, both(STAND, look=36, twist=14, arm_r=Swing(flex=14, out=88, elbow=6))),
        (0.6, both(STAND, twist=-6, arm_r=_POINTING)),
        (0.76, both(STAND, twist=-4, nod=5, arm_r=replace(_POINTING, flex=74))),
    ),
    "Talk": loop(
        4.2,
        both(ON_RIGHT_LEG, arm_r=_ASKING),
        both(
            ON_RIGHT_LEG,
            look=8,
            nod=4,
            arm_r=replace(_ASKING, out=0.62, up=-0.36),
            arm_l=replace(_ASKING, up=-0.48),
        ),
        both(STAND, look=-6, arm_l=_ASKING, arm_r=replace(_ASKING, up=-0.5)),
        both(STAND, nod=5, arm_l=replace(_ASKING, out=0.3), arm_r=replace(_ASKING, out=0.26)),
        waves=(Wave("nod", 3, 3), Wave("arm_r.up", 0.03, 5)),
    ),
    "TalkExcitedly": loop(
        2.4,
        both(WIDE, lean=3, arm=_OPEN),
        both(WIDE, nod=8, arm=BEFORE_CHEST),
        both(WIDE, look=12, twist=10, arm_r=replace(_OPEN, up=0.05), arm_l=_ASKING),
        both(WIDE, look=-12, twist=-10, arm_l=replace(_OPEN, up=0.05), arm_r=_ASKING),
        waves=(Wave("nod", 5, 4), Wave("aside", 0.02)),
    ),
    "Explain": loop(
        4.0,
        both(STAND, lean=2, arm=_ASKING),
        both(STAND, nod=6, arm_l=_ASKING, arm_r=replace(BEFORE_CHEST, up=-0.3)),
        both(STAND, twist=12, look=6, arm_l=BEFORE_BELLY, arm_r=_OPEN),
        both(STAND, nod=4, arm_l=BEFORE_BELLY, arm_r=replace(BEFORE_CHEST, ahead=0.7)),
    ),
    "Shrug": _held(
        2.8, STAND, both(STAND, cock=10, bend=-2, arm=Swing(flex=14, out=24, roll=48, elbow=88, palm=-80))
    ),
    "Think": loop(
        5.0,
        both(ON_RIGHT_LEG, nod=8, arm_r=AT_CHIN, arm_l=FOLDED_UNDER),
        both(ON_RIGHT_LEG, nod=-7, look=16, cock=6, arm_r=AT_CHIN, arm_l=FOLDED_UNDER),
    ),
    "Phone": loop(
        5.0,
        both(ON_RIGHT_LEG, cock=7, arm_r=AT_EAR),
        both(ON_RIGHT_LEG, cock=5, look=-22, nod=6, arm_r=AT_EAR, arm_l=_ASKING),
        both(ON_RIGHT_LEG, cock=7, look=14, arm_r=AT_EAR, arm_l=replace(_ASKING, out=0.6)),
        waves=(Wave("nod", 3, 4),),
    ),
    "Text": loop(
        3.0, _TEXTING, waves=(Wave("arm_r.up", 0.008, 6), Wave("arm_l.up", 0.008, 5, 0.2), Wave("nod", 2))
    ),
    "Read": loop(6.0, _READING, waves=(Wave("look", 7, 3), Wave("nod", 3), Wave("aside", 0.015))),
    "Drink": loop(
        4.0,
        (0.0, both(STAND, arm_r=Reach(ahead=0.5, out=0.36, up=-0.36))),
        (0.3, both(STAND, nod=-4, arm_r=AT_MOUTH)),
        (0.42, both(STAND, nod=-16, bend=-4, arm_r=replace(AT_MOUTH, up=-6))),
        (0.62, both(STAND, nod=-16, bend=-4, arm_r=replace(AT_MOUTH, up=-6))),
    ),
    "Bow": _held(
        3.4,
        STAND,
        both(STAND, lean=34, ahead=-0.10, bend=22, nod=4, steady=0.1, arm=Swing(flex=38, out=6, elbow=8)),
    ),
    "Salute": _held(
        3.0,
        both(STAND, bend=-3),
        both(STAND, bend=-4, arm_r=Reach(anchor="head", ahead=12, out=16, up=9, elbow=34, palm=30)),
    ),
    "Clap": loop(
        0.8,
        both(STAND, arm=Reach(ahead=0.58, out=0.09, up=-0.27, wrist_in=-36)),
        both(STAND, height=0.975, arm=Reach(ahead=0.55, out=0.32, up=-0.25, wrist_in=-10)),
        waves=(Wave("nod", 2),),
    ),
    "Cheer": loop(
        1.2,
        both(WIDE, nod=-12, bend=-8, arm=replace(OVERHEAD, out=142)),
        both(WIDE, height=0.90, bend=2, arm=Swing(flex=22, out=118, roll=40, elbow=72)),
        waves=(Wave("look", 8), Wave("aside", 0.02)),
    ),
    "YawnAndStretch": _held(
        5.0,
        both(STAND, bend=6),
        both(
            STAND,
            bend=-14,
            nod=-16,
            side=5,
            arm_l=Swing(flex=14, out=150, elbow=40),
            arm_r=Swing(flex=14, out=164, elbow=12),
        ),
    ),
    "Conduct": loop(
        2.0,
        both(WIDE, nod=4, arm=Reach(ahead=0.66, out=0.24, up=-0.30)),
        both(
            WIDE,
            twist=6,
            arm_l=Reach(ahead=0.6, out=0.66, up=-0.06),
            arm_r=Reach(ahead=0.6, out=0.74, up=-0.10),
        ),
        both(WIDE, nod=-5, arm=Reach(ahead=0.6, out=0.34, up=0.18)),
        both(
            WIDE, twist=-6, arm_l=Reach(ahead=0.6, out=0.6, up=0.0), arm_r=Reach(ahead=0.6, out=0.5, up=-0.02)
        ),
    ),
}
