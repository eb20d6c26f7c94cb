"""Work and music by name, without tools: their motion is shown."""

from .acting import loop
from .curves import Wave
from .posture import Foot, Reach, Swing, both
from .stances import STAND, STRIDE, WIDE

_DOWN = both(STRIDE, lean=18, bend=14, nod=14, steady=0.4)
_LIFTED = both(
    STAND, lean=-3, height=0.965, foot=Foot(out=0.13, yaw=18), arm=Reach(ahead=0.60, out=0.30, up=-0.40)
)
_GRIPPED = both(
    STAND,
    height=0.56,
    ahead=-0.14,
    lean=42,
    bend=18,
    nod=-6,
    foot=Foot(out=0.13, yaw=18, knee=30),
    arm=Reach(ahead=0.80, out=0.12, up=-0.60, wrist_in=-14),
)


WORK = {
    "Sweep": loop(
        1.7,
        both(
            _DOWN,
            twist=18,
            arm_l=Reach(ahead=0.52, out=0.02, up=-0.40),
            arm_r=Reach(ahead=0.54, out=0.30, up=-0.78),
        ),
        both(
            _DOWN,
            twist=-22,
            arm_l=Reach(ahead=0.50, out=0.16, up=-0.38),
            arm_r=Reach(ahead=0.66, out=0.10, up=-0.72),
        ),
        waves=(Wave("aside", 0.03, 1, 0.25),),
    ),
    "Hammer": loop(
        1.0,
        (
            0.0,
            both(
                STRIDE,
                lean=6,
                twist=14,
                nod=10,
                arm_l=Reach(ahead=0.62, out=0.16, up=-0.36),
                arm_r=Swing(flex=80, out=26, roll=14, elbow=104),
            ),
        ),
        (
            0.6,
            both(
                STRIDE,
                lean=12,
                twist=-6,
                bend=8,
                nod=14,
                arm_l=Reach(ahead=0.62, out=0.16, up=-0.36),
                arm_r=Swing(flex=58, out=6, elbow=22),
            ),
        ),
    ),
    "PaintWall": loop(
        2.6,
        both(STAND, nod=-14, arm_r=Reach(ahead=0.78, out=0.30, up=0.36, wrist_in=24)),
        both(STAND, height=0.955, nod=8, lean=3, arm_r=Reach(ahead=0.76, out=0.30, up=-0.30, wrist_in=-20)),
        waves=(Wave("arm_r.out", 0.05), Wave("aside", 0.02), Wave("twist", -4)),
    ),
    "LiftBox": loop(5.0, (0.0, _LIFTED), (0.2, _LIFTED), (0.45, _GRIPPED), (0.58, _GRIPPED), (0.85, _LIFTED)),
    "Type": loop(
        2.4,
        both(STAND, bend=5, nod=20, arm=Reach(ahead=0.58, out=0.20, up=-0.50, palm=60, wrist_in=-20)),
        waves=(
            Wave("arm_l.up", 0.012, 7),
            Wave("arm_r.up", 0.012, 6, 0.3),
            Wave("arm_l.out", 0.03, 2),
            Wave("arm_r.out", 0.03, 3, 0.4),
            Wave("look", 6),
            Wave("arm_r.wrist_up", 7, 9),
            Wave("arm_l.wrist_up", 7, 8),
        ),
    ),
    "PlayGuitar": loop(
        1.2,
        both(
            WIDE,
            nod=12,
            look=-18,
            lean=-2,
            arm_l=Reach(ahead=0.52, out=0.66, up=-0.26, elbow=-10, palm=-50),
            arm_r=Reach(ahead=0.42, out=0.10, up=-0.56, elbow=22),
        ),
        waves=(
            Wave("arm_r.up", 0.055, 2),
            Wave("arm_l.out", 0.06),
            Wave("height", 0.012, 2),
            Wave("nod", 4, 2, 0.2),
            Wave("twist", 4),
        ),
    ),
    "PlayViolin": loop(
        1.8,
        both(
            STAND,
            cock=-14,
            look=-24,
            nod=8,
            arm_l=Reach(ahead=0.62, out=0.52, up=0.02, elbow=-24, palm=-70),
            arm_r=Reach(ahead=0.50, out=0.12, up=-0.04, elbow=26),
        ),
        both(
            STAND,
            cock=-12,
            look=-22,
            nod=6,
            side=4,
            arm_l=Reach(ahead=0.62, out=0.52, up=0.02, elbow=-24, palm=-70),
            arm_r=Reach(ahead=0.60, out=0.66, up=-0.12, elbow=22),
        ),
        waves=(Wave("aside", 0.02), Wave("twist", 4)),
    ),
    "PlayDrums": loop(
        0.8,
        both(
            STAND,
            height=0.90,
            bend=8,
            nod=8,
            foot=Foot(out=0.1, yaw=18, knee=8),
            arm=Reach(ahead=0.58, out=0.30, up=-0.38, palm=50),
        ),
        waves=(
            Wave("arm_l.up", 0.13, 2),
            Wave("arm_r.up", 0.13, 2, 0.5),
            Wave("nod", 5, 2),
            Wave("twist", 6),
            Wave("arm_l.wrist_up", 16, 2, -0.1),
            Wave("arm_r.wrist_up", 16, 2, 0.4),
        ),
    ),
    "PlayPiano": loop(
        2.0,
        both(STAND, lean=4, bend=8, nod=16, arm=Reach(ahead=0.64, out=0.28, up=-0.48, palm=60, wrist_in=-20)),
        waves=(
            Wave("arm_l.up", 0.03, 4),
            Wave("arm_r.up", 0.03, 3, 0.2),
            Wave("arm_l.out", 0.09),
            Wave("arm_r.out", 0.10, 1, 0.3),
            Wave("side", 4),
            Wave("lean", 3, 2),
            Wave("nod", 3, 2),
        ),
    ),
}
