"""Jumps, exercises and yoga by name."""

from dataclasses import replace
from functools import partial

from .acting import loop
from .curves import Hop, Wave
from .posture import Foot, Reach, Swing, both, mirrored
from .stances import ON_HIP, STAND, WIDE

_loop = partial(loop, breath=0.6, step_height=0.06)
_CROUCH = both(
    STAND,
    height=0.68,
    lean=24,
    bend=14,
    ahead=-0.04,
    nod=2,
    foot=Foot(out=0.05, yaw=10),
    arm=Swing(flex=-32, out=14, elbow=20),
)
_TAKE_OFF = both(
    STAND, height=0.985, foot=Foot(out=0.05, yaw=10), bend=-4, arm=Swing(flex=132, out=14, elbow=14)
)
_SQUAT = both(
    WIDE,
    height=0.54,
    ahead=-0.16,
    lean=28,
    bend=8,
    nod=2,
    foot=Foot(out=0.12, yaw=18, knee=10),
    arm=Swing(flex=84, out=6, elbow=8),
)
_LUNGE = both(
    STAND,
    ahead=0.44,
    height=0.66,
    foot_l=Foot(ahead=0.86),
    foot_r=Foot(pitch=-48),
    arm=ON_HIP,
)
_TREE = both(
    STAND,
    aside=-0.10,
    tilt=2,
    side=-3,
    foot_r=Foot(ahead=0.03, out=-0.085, up=0.36, yaw=70, pitch=-34, knee=44),
    foot_l=Foot(yaw=4),
    arm=Reach(ahead=0.50, out=0.09, up=-0.26, wrist_in=-42, wrist_up=24),
)
_WARRIOR = both(
    STAND,
    aside=0.16,
    height=0.72,
    turn=0,
    look=68,
    foot_r=Foot(out=0.48, yaw=78, knee=4),
    foot_l=Foot(out=0.36, yaw=12),
    arm=Swing(flex=0, out=88, elbow=4),
)
_PLANK = both(
    STAND,
    lean=76,
    bend=-3,
    ahead=-0.45,
    height=0.42,
    steady=0.25,
    nod=-2,
    foot=Foot(ahead=-1.50, out=-0.02, yaw=0, pitch=-64),
    arm=Reach(anchor="ground", ahead=0.10, out=0.10, elbow=20),
)


EXERCISES = {
    "JumpingJacks": _loop(
        1.1,
        both(STAND, height=0.95),
        both(STAND, height=0.95, foot=Foot(out=0.26, yaw=14), arm=Swing(flex=6, out=164, elbow=14)),
        hops=(Hop(0.06, 0.44, 0.10), Hop(0.56, 0.94, 0.10)),
        step_height=0.0,
    ),
    "Jump": _loop(
        2.2,
        (0.0, STAND),
        (0.12, both(STAND, foot=Foot(out=0.05, yaw=10))),
        (0.28, _CROUCH),
        (0.46, _TAKE_OFF),
        (0.62, replace(_TAKE_OFF, arm_l=Swing(flex=110, out=24), arm_r=Swing(flex=110, out=24))),
        (
            0.74,
            replace(_CROUCH, arm_l=Swing(flex=40, out=30, elbow=30), arm_r=Swing(flex=40, out=30, elbow=30)),
        ),
        (0.9, STAND),
        hops=(Hop(0.41, 0.65, 0.32),),
    ),
    "HopOnOneLeg": _loop(
        0.8,
        both(
            STAND,
            height=0.92,
            aside=0.085,
            tilt=2,
            bend=6,
            foot_l=Foot(ahead=-0.16, up=0.28, pitch=-36),
            arm=Swing(flex=10, out=36, elbow=50),
        ),
        both(
            STAND,
            height=0.985,
            aside=0.085,
            tilt=2,
            foot_l=Foot(ahead=-0.10, up=0.26, pitch=-30),
            arm=Swing(flex=20, out=52, elbow=40),
        ),
        hops=(Hop(0.22, 0.80, 0.10),),
    ),
    "JumpRope": _loop(
        0.56,
        both(STAND, height=0.955, arm=Swing(flex=6, out=24, elbow=70, palm=-40)),
        hops=(Hop(0.2, 0.86, 0.09),),
        waves=(
            Wave("arm_l.out", 4),
            Wave("arm_r.out", 4),
            Wave("arm_l.elbow", 7, 1, 0.25),
            Wave("arm_r.elbow", 7, 1, 0.25),
        ),
    ),
    "Squats": _loop(2.6, both(STAND, foot=Foot(out=0.12, yaw=18, knee=10)), (0.45, _SQUAT), (0.55, _SQUAT)),
    "Lunges": _loop(
        4.4,
        (0.0, both(STAND, arm=ON_HIP)),
        (0.24, _LUNGE),
        (0.28, _LUNGE),
        (0.5, both(STAND, arm=ON_HIP)),
        (0.74, mirrored(_LUNGE)),
        (0.78, mirrored(_LUNGE)),
    ),
    "PushUps": _loop(1.8, _PLANK, both(_PLANK, lean=82, height=0.33), supports=("hand_l", "hand_r")),
    "TouchToes": _loop(
        3.0,
        both(STAND, bend=-8, arm=Swing(flex=164, out=-6, elbow=8)),
        both(STAND, ahead=-0.17, lean=74, bend=40, nod=10, steady=0.0, arm=Swing(flex=98, out=2, elbow=6)),
    ),
    "SideBends": _loop(
        3.2,
        both(
            WIDE,
            side=24,
            tilt=4,
            cock=-10,
            arm_l=Swing(flex=10, out=158, elbow=24),
            arm_r=Swing(flex=8, out=34, elbow=20),
        ),
        both(WIDE, arm=ON_HIP),
        mirrored(
            both(
                WIDE,
                side=24,
                tilt=4,
                cock=-10,
                arm_l=Swing(flex=10, out=158, elbow=24),
                arm_r=Swing(flex=8, out=34, elbow=20),
            )
        ),
        both(WIDE, arm=ON_HIP),
    ),
    "YogaTree": _loop(6.0, _TREE, waves=(Wave("side", 1.5), Wave("aside", 0.006, 2))),
    "YogaWarrior": _loop(6.0, _WARRIOR, waves=(Wave("height", 0.012),)),
}
