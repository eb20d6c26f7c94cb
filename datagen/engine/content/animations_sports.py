"""Exercises, games and jumps by name."""

from dataclasses import replace

from .animation_acting import Acting
from .animation_curves import Hop, Wave
from .animation_posture import Foot, Posture, Reach, Swing, both, mirrored
from .animation_stances import BEFORE_CHEST, GUARD, LOOSE, ON_HIP, STAND, STRIDE, WIDE

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
_LUNGE = both(
    STAND,
    ahead=0.14,
    height=0.66,
    foot_l=Foot(ahead=0.52, yaw=4),
    foot_r=Foot(ahead=-0.38, yaw=4, pitch=-48),
    arm=ON_HIP,
)
_SIDE_LUNGE = both(
    STAND,
    aside=0.34,
    height=0.66,
    lean=22,
    ahead=-0.08,
    bend=8,
    foot_r=Foot(out=0.46, yaw=20, knee=6),
    foot_l=Foot(out=0.12, yaw=6),
    arm=Reach(ahead=0.56, out=0.10, up=-0.26, elbow=4),
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
    arm=Reach(anchor="ground", ahead=0.10, out=0.10, up=0.045, elbow=20),
)
_BALL = Reach(ahead=0.50, out=0.28, up=-0.46, palm=-60)
_GOLF = both(WIDE, height=0.90, lean=22, ahead=-0.06, bend=14, nod=16, steady=0.3)
_ADDRESS = both(
    _GOLF, arm_l=Reach(ahead=0.62, out=-0.03, up=-0.66), arm_r=Reach(ahead=0.64, out=0.06, up=-0.74)
)
_BACKSWING = both(
    _GOLF,
    turn=26,
    twist=46,
    aside=0.03,
    look=-22,
    arm_l=Reach(ahead=0.52, out=-0.44, up=0.24, elbow=10),
    arm_r=Reach(ahead=0.44, out=0.42, up=0.30, elbow=10),
)
_FOLLOW = both(
    WIDE,
    height=0.965,
    turn=-42,
    twist=-40,
    aside=-0.08,
    look=-8,
    foot_r=Foot(out=0.16, yaw=-10, pitch=-34),
    arm_l=Reach(ahead=0.40, out=0.48, up=0.36, elbow=10),
    arm_r=Reach(ahead=0.50, out=-0.42, up=0.34, elbow=10),
)
_SERVE_UP = both(
    STRIDE,
    turn=40,
    twist=16,
    bend=-14,
    nod=-26,
    look=6,
    arm_l=Swing(flex=148, out=16, elbow=6),
    arm_r=Swing(flex=10, out=92, roll=78, elbow=84),
)
_SERVE_HIT = both(
    STRIDE,
    ahead=0.12,
    turn=4,
    twist=-12,
    lean=6,
    nod=-12,
    foot_r=Foot(ahead=-0.2, out=0.05, yaw=10, pitch=-34),
    arm_l=Swing(flex=40, out=10, elbow=70),
    arm_r=Swing(flex=160, out=14, elbow=8),
)
_SERVE_END = both(
    STRIDE,
    ahead=0.14,
    turn=-16,
    twist=-26,
    lean=18,
    bend=12,
    foot_r=Foot(ahead=-0.2, out=0.05, yaw=10, pitch=-34),
    arm_l=Swing(flex=16, out=16, elbow=70),
    arm_r=Reach(ahead=0.62, out=-0.40, up=-0.60),
)
_THROW_BACK = both(
    STRIDE,
    ahead=-0.08,
    turn=34,
    twist=26,
    bend=-8,
    arm_l=Swing(flex=74, out=20, elbow=18),
    arm_r=Swing(flex=-14, out=92, roll=76, elbow=92),
)
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
    aside=0.16,
    tilt=-4,
    turn=-10,
    twist=16,
    nod=-4,
    foot_r=Foot(out=0.12, yaw=10),
    foot_l=Foot(out=0.26, ahead=-0.24, up=0.12, yaw=24, pitch=-24),
    arm_l=Swing(flex=52, out=16, elbow=34),
    arm_r=Swing(flex=-40, out=24, elbow=14),
)


def _loop(
    duration_s: float,
    *postures: Posture | tuple[float, Posture],
    waves: tuple[Wave, ...] = (),
    hops: tuple[Hop, ...] = (),
    step_height: float = 0.06,
) -> Acting:
    """Return a loop through postures at equal times, or at the given phases."""
    keys = tuple(
        one if isinstance(one, tuple) else (index / len(postures), one) for index, one in enumerate(postures)
    )
    return Acting(
        duration_s=duration_s, keys=keys, waves=waves, hops=hops, step_height=step_height, breath=0.6
    )


SPORTS = {
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
    "PushUps": _loop(1.8, _PLANK, both(_PLANK, lean=82, height=0.33)),
    "TouchToes": _loop(
        3.0,
        both(STAND, bend=-8, arm=Swing(flex=164, out=8, elbow=8)),
        both(STAND, ahead=-0.14, lean=64, bend=34, nod=10, steady=0.0, arm=Swing(flex=96, out=2, elbow=6)),
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
        both(
            _HORSE,
            height=0.80,
            aside=0.12,
            turn=16,
            twist=14,
            look=8,
            arm_r=Reach(ahead=0.85, out=0.44, up=0.0, palm=30),
            arm_l=Reach(ahead=0.5, out=0.16, up=-0.42),
        ),
        both(_HORSE, height=0.88, arm=Reach(ahead=0.66, out=0.34, up=0.10)),
        mirrored(
            both(
                _HORSE,
                height=0.80,
                aside=0.12,
                turn=16,
                twist=14,
                look=8,
                arm_r=Reach(ahead=0.85, out=0.44, up=0.0, palm=30),
                arm_l=Reach(ahead=0.5, out=0.16, up=-0.42),
            )
        ),
    ),
    "YogaTree": _loop(6.0, _TREE, waves=(Wave("side", 1.5), Wave("aside", 0.006, 2))),
    "YogaWarrior": _loop(6.0, _WARRIOR, waves=(Wave("height", 0.012),)),
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
    "Skate": _loop(1.8, _SKATE_RIGHT, mirrored(_SKATE_RIGHT)),
}
