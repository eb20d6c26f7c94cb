"""How the speed of a camera changes during a clip."""

from typing import Literal

import numpy as np
from jaxtyping import Float

from .move_channels import Channel

Pace = Literal["none", "constant", "accelerating", "decelerating", "eased", "variable", "unknown"]

_PARTS = 6
# Of the fastest step: by how much single steps may go the other way.
_UNEVEN = 0.05


def pace_of(progress: Channel) -> Pace:
    """The pace of something that only grows, such as the length of a path: see ``CameraMove.pace``."""
    if len(progress) <= 2 * _PARTS or not progress[-1]:
        return "unknown"
    places = np.linspace(0, len(progress) - 1, 2 * _PARTS + 1)
    halves = np.diff(np.interp(places, np.arange(len(progress)), progress))
    speeds, steps = halves.reshape(_PARTS, 2).sum(axis=1), np.diff(progress)
    peak, peak_step = int(speeds.argmax()), int(steps.argmax())
    # Parts alone would miss stops and turns that are shorter than they.
    if steps.max() <= 1.15 * steps.min():
        return "constant"
    if _rises(speeds) and _rises(steps) and speeds[-1] >= 1.5 * speeds[0]:
        return "accelerating"
    if _falls(speeds) and _falls(steps) and speeds[0] >= 1.5 * speeds[-1]:
        return "decelerating"
    is_peak = 2 <= peak <= 3 and all(
        _rises(some[: top + 1]) and _falls(some[top:]) for some, top in ((speeds, peak), (steps, peak_step))
    )
    ends = max(speeds[0], speeds[-1])
    if is_peak and speeds[peak] >= 1.5 * ends and speeds[2:4].min() > 1.1 * ends:
        return "eased"
    return "variable" if not is_peak and halves.max() >= 2 * halves.min() else "unknown"


def _rises(speeds: Float[np.ndarray, "parts"]) -> bool:
    return bool((speeds >= np.maximum.accumulate(speeds) - _UNEVEN * speeds.max()).all())


def _falls(speeds: Float[np.ndarray, "parts"]) -> bool:
    return _rises(speeds[::-1])
