"""Laws of feet, for bodies and motions of files: their limbs and joints are as in the file, unchecked."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Float

from ..characters.skeleton import SIDES
from .catalog import Animation
from .motion_check import Broken
from .posed_body import AnimationTime, Body

_FRAME_S, _MOST_TIMES = 1.0 / 24.0, 240
# A sole that is so low in two frames stands, and may move so far in between (cm).
_STANDING_CM, _SLIDE_CM = 1.0, 1.0
_BELOW_CM, _ABOVE_CM, _CM_PER_M = 2.0, 2.0, 100.0


def check_feet(body: Body, animation: Animation, speed_m_per_s: float) -> Iterator[tuple[Broken, float]]:
    """What is wrong with the feet of a body that travels at a speed, and when (s).

    Soles are not below the ground, at some time they are on it, and they stay where they stand.
    """
    count = int(np.clip(animation.duration_s / _FRAME_S, 2, _MOST_TIMES))
    times_s = np.linspace(0.0, animation.duration_s - _FRAME_S, count).clip(min=0.0)
    soles, later = (
        {side: _soles_cm(body, animation, times, speed_m_per_s, side) for side in SIDES}
        for times in (times_s, times_s + min(_FRAME_S, animation.duration_s / 2))
    )
    lowest = np.min([points[..., 2].min(axis=1) for points in soles.values()], axis=0)
    for what, amounts, limit in (
        ("soles are below the ground", -lowest, _BELOW_CM),
        ("soles are never on the ground", np.full(count, lowest.min()), _ABOVE_CM),
    ):
        if amounts.max() > limit:
            place = int(amounts.argmax())
            yield Broken(place, what, float(amounts[place])), float(times_s[place])
    for side, now in soles.items():
        ways = np.linalg.norm((later[side] - now)[..., :2], axis=2).max(axis=1)
        heights = np.maximum(now[..., 2], later[side][..., 2]).max(axis=1)
        ways[heights > _STANDING_CM] = 0.0
        if ways.max() > _SLIDE_CM:
            place = int(ways.argmax())
            what = f"foot_{side} slides while it stands"
            yield Broken(place, what, float(ways[place]), "cm in 1/24 s"), float(times_s[place])


def _soles_cm(
    body: Body, animation: Animation, times_s: Float[np.ndarray, "times"], speed_m_per_s: float, side: str
) -> Float[np.ndarray, "times points 3"]:
    """Points of a sole in the world, in which the actor starts at the origin."""
    points = body.sole_points_cm(side)
    found = []
    for time_s in times_s.tolist():
        at = AnimationTime(animation=animation, time_s=time_s, is_looping=False)
        foot = body.posed(at, ()).actor_from_bones[f"foot_{side}"]
        found.append(points @ foot[:3, :3] + foot[3, :3] + (_CM_PER_M * speed_m_per_s * time_s, 0.0, 0.0))
    return np.array(found)
