"""Dances by name."""

from functools import partial

from .acting import Acting, loop
from .curves import Wave
from .posture import Foot, Reach, Swing, both, mirrored
from .stances import BEFORE_CHEST, LOOSE, ON_HIP, STAND, WIDE
from .turning import Turning

_loop = partial(loop, breath=0.0, step_height=0.05)
_LOW = both(WIDE, height=0.90, bend=5)
_ROLLING = both(_LOW, arm=Swing(flex=44, out=70, elbow=74))
_STEP = both(STAND, height=0.94, arm=Swing(flex=24, out=14, elbow=80))
_STEP_RIGHT = both(_STEP, aside=0.11, tilt=-3, twist=10, foot_r=Foot(out=0.17, yaw=12))
_SALSA = both(STAND, height=0.945, arm=Swing(flex=20, out=20, elbow=92))
_SALSA_LEFT = both(
    _SALSA, ahead=0.06, aside=-0.04, tilt=7, side=-8, turn=10, twist=-14, foot_l=Foot(ahead=0.19)
)
_SALSA_RIGHT = both(
    _SALSA, ahead=-0.06, aside=0.04, tilt=-7, side=8, turn=-10, twist=14, foot_r=Foot(ahead=-0.19)
)
_HELD = both(
    STAND,
    height=0.955,
    arm_l=Swing(flex=26, out=68, elbow=60),
    arm_r=Reach(ahead=0.56, out=0.34, up=-0.20, elbow=22),
)
_BOX = (
    both(_HELD, aside=-0.02, foot_l=Foot(ahead=0.0), foot_r=Foot(ahead=0.0)),
    both(_HELD, ahead=0.12, height=0.94, turn=-6, foot_l=Foot(ahead=0.22), foot_r=Foot(ahead=0.0)),
    both(
        _HELD, ahead=0.18, aside=0.11, height=0.965, foot_l=Foot(ahead=0.22), foot_r=Foot(ahead=0.22, out=0.2)
    ),
    both(_HELD, ahead=0.22, aside=0.2, foot_l=Foot(ahead=0.22, out=-0.19), foot_r=Foot(ahead=0.22, out=0.2)),
    both(
        _HELD,
        ahead=0.10,
        aside=0.2,
        height=0.94,
        turn=6,
        foot_l=Foot(ahead=0.22, out=-0.19),
        foot_r=Foot(ahead=0.0, out=0.2),
    ),
    both(
        _HELD,
        ahead=0.04,
        aside=0.1,
        height=0.965,
        foot_l=Foot(ahead=0.0, out=0.0),
        foot_r=Foot(ahead=0.0, out=0.2),
    ),
)
_POSE_UP = both(
    WIDE,
    aside=0.07,
    tilt=-8,
    side=10,
    twist=-12,
    look=26,
    nod=-8,
    arm_l=ON_HIP,
    arm_r=Swing(flex=20, out=146, elbow=4),
)
_POSE_DOWN = both(
    _POSE_UP,
    aside=-0.06,
    tilt=6,
    side=-6,
    twist=-26,
    look=-24,
    nod=14,
    arm_r=Reach(ahead=0.74, out=0.02, up=-0.56),
)
_ROBOT = (
    both(
        STAND,
        twist=-24,
        look=-10,
        arm_l=Swing(flex=0, out=84, roll=-82, elbow=88),
        arm_r=Swing(flex=0, out=84, roll=86, elbow=88),
    ),
    both(
        STAND,
        twist=24,
        look=10,
        arm_l=Swing(flex=0, out=84, roll=-82, elbow=88),
        arm_r=Swing(flex=0, out=84, roll=86, elbow=88),
    ),
    both(
        STAND, bend=16, nod=8, arm_l=Swing(flex=14, out=14, elbow=90), arm_r=Swing(flex=14, out=14, elbow=90)
    ),
    both(STAND, look=40, arm_l=Swing(flex=70, out=10, elbow=8), arm_r=Swing(flex=14, out=14, elbow=90)),
)
_KICK = both(
    STAND,
    height=0.93,
    lean=-3,
    arm_l=Swing(flex=40, out=20, elbow=40),
    arm_r=Swing(flex=-22, out=22, elbow=30),
    foot_r=Foot(ahead=0.34, up=0.20, pitch=10),
)


DANCES: dict[str, Acting | Turning] = {
    # Bouncing knees, swinging hips and arms that rise in turn.
    "Dance": _loop(
        2.0,
        _ROLLING,
        waves=(
            Wave("height", 0.035, 4, 0.25),
            Wave("tilt", 8, 2),
            Wave("side", -11, 2),
            Wave("aside", 0.055, 2),
            Wave("turn", 10),
            Wave("twist", 14, 1, 0.05),
            Wave("nod", 5, 4),
            Wave("arm_l.out", 46, 1, 0.5),
            Wave("arm_r.out", 46),
            Wave("arm_l.elbow", 26, 4),
            Wave("arm_r.elbow", 26, 4, 0.5),
            Wave("arm_l.flex", 16, 2),
            Wave("arm_r.flex", 16, 2),
        ),
    ),
    "DanceSideToSide": _loop(
        2.0,
        _STEP,
        _STEP_RIGHT,
        _STEP,
        mirrored(_STEP_RIGHT),
        waves=(
            Wave("height", 0.02, 4, 0.25),
            Wave("arm_l.elbow", 16, 4),
            Wave("arm_r.elbow", 16, 4),
            Wave("nod", 4, 4),
        ),
    ),
    "DanceTwist": _loop(
        1.0,
        both(STAND, height=0.90, bend=6, foot=Foot(out=0.08, yaw=8), arm=Swing(flex=26, out=24, elbow=84)),
        waves=(
            Wave("turn", 24),
            Wave("twist", -40),
            Wave("height", 0.03, 2),
            Wave("arm_l.flex", -18),
            Wave("arm_r.flex", 18),
            Wave("aside", 0.03),
        ),
    ),
    "DanceDisco": _loop(2.0, _POSE_UP, _POSE_DOWN, waves=(Wave("height", 0.02, 4), Wave("tilt", 3, 4))),
    "DanceSalsa": _loop(
        1.8,
        _SALSA,
        _SALSA_LEFT,
        _SALSA,
        _SALSA_RIGHT,
        waves=(Wave("arm_l.flex", 12, 2), Wave("arm_r.flex", -12, 2), Wave("height", 0.008, 4)),
    ),
    "DanceWaltz": _loop(3.2, *_BOX, waves=(Wave("look", -10),), step_height=0.03),
    "DanceRobot": Acting(
        duration_s=4.0,
        breath=0.0,
        keys=tuple((0.25 * n + late, posture) for n, posture in enumerate(_ROBOT) for late in (0.0, 0.13)),
    ),
    "DanceCharleston": _loop(
        1.6,
        both(_SALSA, arm=LOOSE),
        _KICK,
        both(_SALSA, arm=LOOSE),
        mirrored(_KICK),
        waves=(Wave("height", 0.015, 4, 0.25),),
    ),
    "DanceHipHop": _loop(
        2.0,
        both(_LOW, lean=10, twist=16, arm_l=BEFORE_CHEST, arm_r=Swing(flex=-24, out=30, elbow=60)),
        both(_LOW, lean=4, height=0.86, arm=Swing(flex=30, out=52, elbow=96)),
        both(_LOW, lean=10, twist=-16, arm_r=BEFORE_CHEST, arm_l=Swing(flex=-24, out=30, elbow=60)),
        both(_LOW, lean=4, height=0.86, arm=Swing(flex=30, out=52, elbow=96)),
        waves=(Wave("height", 0.03, 4), Wave("nod", 8, 4, 0.1), Wave("aside", 0.04, 1, 0.25)),
    ),
    "HulaHoop": _loop(
        1.0,
        both(STAND, height=0.94, foot=Foot(out=0.08, yaw=12), arm=Swing(flex=30, out=66, elbow=84)),
        waves=(
            Wave("aside", 0.07),
            Wave("ahead", 0.06, 1, 0.25),
            Wave("tilt", 7),
            Wave("side", -9),
            Wave("lean", -6, 1, 0.25),
            Wave("bend", 7, 1, 0.25),
        ),
    ),
    "TurnRight": Turning(duration_s=5.0, steps=6),
    "TurnLeft": Turning(duration_s=5.0, direction=-1, steps=6),
}
