"""The animations by name: pure functions from seconds to a body pose, for every body; all of them loop."""

from collections.abc import Callable
from dataclasses import dataclass

from ..characters.skeleton import BodyPose, JointTurn, Proportions
from .acting import FEET, Acting
from .dances import DANCES
from .errands import ERRANDS
from .exercises import EXERCISES
from .gait import Gait
from .gestures import GESTURES
from .low import LOW
from .sports import SPORTS
from .turning import Turning
from .walks import WALKS
from .work import WORK

REST = BodyPose(
    turns={
        "upperarm_l": JointTurn(flex=2, spread=-7),
        "upperarm_r": JointTurn(flex=2, spread=7),
        "lowerarm_l": JointTurn(flex=10),
        "lowerarm_r": JointTurn(flex=10),
        "thigh_l": JointTurn(spread=-2),
        "thigh_r": JointTurn(spread=2),
    }
)


@dataclass(frozen=True, kw_only=True)
class Animation:
    """A clip: its length, speed, pose at a time in seconds, and whether the body is in the air at times.

    ``supports`` are the bones that carry the body otherwise.
    """

    duration_s: float
    speed_m_per_s: float
    pose: Callable[[float, Proportions], BodyPose]
    leaves_ground: bool = False
    supports: tuple[str, ...] = FEET

    def at(self, time_s: float, is_looping: bool, proportions: Proportions) -> BodyPose:
        """Return the pose at a time, wrapped into the clip if it loops, else limited to its ends."""
        return self.pose(self.time_inside_s(time_s, is_looping), proportions)

    def time_inside_s(self, time_s: float, is_looping: bool) -> float:
        """Return the time wrapped into the clip if it loops, else limited to its ends."""
        return time_s % self.duration_s if is_looping else min(max(time_s, 0.0), self.duration_s)


def _animation(family: Gait | Acting | Turning) -> Animation:
    return Animation(
        duration_s=family.duration_s,
        speed_m_per_s=family.speed_m_per_s,
        pose=family.pose,
        leaves_ground=family.leaves_ground,
        supports=family.supports if isinstance(family, Acting) else FEET,
    )


_FAMILIES: dict[str, Gait | Acting | Turning] = {
    **WALKS,
    **ERRANDS,
    **GESTURES,
    **DANCES,
    **EXERCISES,
    **SPORTS,
    **WORK,
    **LOW,
}
ANIMATIONS = {name: _animation(family) for name, family in _FAMILIES.items()}
