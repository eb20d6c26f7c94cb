"""Slots: what a camera of a rig does, by name: a motion, or a shake with or without a motion.

``handheld`` stands and shakes, ``handheld_arc`` shakes while it moves along an arc.
"""

from typing import Annotated

from pydantic import AfterValidator

from ..motions import MOTIONS
from ..shake import SHAKES

# Motion and shake of each slot.
SLOTS: dict[str, tuple[str, str]] = {motion: (motion, "none") for motion in MOTIONS} | {
    shake if motion == "static" else f"{shake}_{motion}": (motion, shake)
    for shake in SHAKES[1:]
    for motion in ("static", *MOTIONS)
}


def _known(slot: str) -> str:
    if slot not in SLOTS:
        names = ", ".join(name for name in SLOTS if SLOTS[name][1] == "none" or SLOTS[name][0] == "static")
        raise ValueError(f"unknown value {slot!r}; use {names}, or handheld_arc for an arc with that shake")
    return slot


Slot = Annotated[str, AfterValidator(_known)]
