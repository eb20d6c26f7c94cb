"""The speed curve of ReCamMaster eq. 10, and three interpretations of its time index."""

from typing import Literal

import numpy as np
from jaxtyping import Float

TimeBase = Literal["closed", "paper", "release"]


def speed_curve(
    time_fraction: Float[np.ndarray, "*#batch"], speed_a: Float[np.ndarray, "*#batch"]
) -> Float[np.ndarray, "*#batch"]:
    """Progress in [0, 1] at a time fraction: ``expm1(-a u) / expm1(-a)``, and ``u`` where a = 0.

    a > 0 starts fast and slows down; a < 0 speeds up. The form in the paper, (1 - e^-au) / (1 - e^-a), loses
    precision near a = 0; this one does not (ReCamMaster eq. 10).
    """
    is_constant = speed_a == 0
    a = np.where(is_constant, 1.0, speed_a)
    return np.where(is_constant, time_fraction, np.expm1(-a * time_fraction) / np.expm1(-a))


def time_fractions(frames: int, time_base: TimeBase) -> Float[np.ndarray, "{frames}"]:
    """Time fraction of each frame.

    ``closed``: i / (f - 1), the last frame is the end of the move. ``paper``: i / f, as printed in eq. 10.
    ``release``: 2 i / (2 f - 1), as found in the published camera files.
    """
    index = np.arange(frames, dtype=np.float64)
    match time_base:
        case "closed":
            return index / max(frames - 1, 1)
        case "paper":
            return index / frames
        case "release":
            return 2 * index / (2 * frames - 1)
