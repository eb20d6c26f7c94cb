"""Stances and places of arms that many animations start from."""

from .posture import Foot, Posture, Reach, Swing, both

STAND = Posture()
# A wide stance, and one with the left foot ahead.
WIDE = both(STAND, height=0.968, foot=Foot(out=0.16, yaw=16, knee=6))
STRIDE = both(
    STAND, height=0.93, foot_l=Foot(ahead=0.20, out=0.05, yaw=4), foot_r=Foot(ahead=-0.20, out=0.05, yaw=26)
)
# The weight on the right leg, the left knee loose; and its mirror image is on the left leg.
ON_RIGHT_LEG = both(
    STAND, aside=0.055, tilt=-3.5, side=3.5, height=0.975, foot_l=Foot(ahead=0.05, out=0.05, yaw=20, knee=6)
)
LOOSE = Swing(flex=6, elbow=24)
ON_HIP = Reach(anchor="hip", ahead=2, out=16, up=14, elbow=10, wrist_in=4)
IN_POCKET = Reach(anchor="hip", ahead=5, out=15, up=0, elbow=10)
BEHIND = Reach(anchor="hip", ahead=-18, out=4, up=12, elbow=10)
AT_EAR = Reach(anchor="head", ahead=11, out=14, up=-6, elbow=-10, wrist_in=-16)
AT_CHIN = Reach(anchor="head", ahead=15, out=4, up=-15, elbow=-14, wrist_up=14)
AT_MOUTH = Reach(anchor="head", ahead=22, out=5, up=-9, elbow=6, wrist_up=10)
BEFORE_BELLY = Reach(ahead=0.48, out=0.16, up=-0.45, wrist_in=-26)
BEFORE_CHEST = Reach(ahead=0.56, out=0.16, up=-0.22, wrist_in=-30)
FOLDED_OVER = Reach(ahead=0.50, out=-0.14, up=-0.28, elbow=10)
FOLDED_UNDER = Reach(ahead=0.40, out=-0.08, up=-0.53, elbow=10)
OVERHEAD = Swing(flex=12, out=160, elbow=18)
GUARD = Reach(ahead=0.42, out=0.20, up=-0.02, elbow=-6)
CARRYING = Reach(ahead=0.62, out=0.30, up=-0.45, elbow=0, palm=-30)
FOLDED = both(STAND, arm_l=FOLDED_UNDER, arm_r=FOLDED_OVER)
