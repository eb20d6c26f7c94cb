"""What a camera's path may do: a threshold for every reason, and what becomes of a path that crosses one."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Literal

from multitake.errors import InputError
from multitake.settings import STRICT

Policy = Literal["off", "warn", "reject"]

REASONS: dict[str, str] = {
    "too_fast": "moves faster than allowed",
    "too_abrupt": "speeds up or slows down harder than allowed",
    "turns_too_fast": "turns faster than allowed",
    "too_jerky": "changes its acceleration faster than allowed",
    "below_ground": "comes too low over the ground",
    "too_close": "comes too close to the aim point",
    "aim_out_of_picture": "loses the aim point from the picture",
    "subject_out_of_picture": "loses too much of the subject from the picture",
    "subject_too_small": "starts with the subject too small in the picture",
    "subject_too_large": "starts with the subject too large in the picture",
}
# Checks that come from elsewhere name their reasons with this prefix, e.g. ``engine:inside_wall``.
PLUGGED = "engine:"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Thresholds of the validity checks, and the policy of each reason.

    A reason in ``reject`` has its camera drawn again, until the path is sound or ``attempts`` draws are
    used up; the last draw then stays. A reason in ``warn``, or one that stayed, is written into the table's
    flags. A reason in neither is off. The codes are those of ``REASONS``.

    Attributes:
        height_m: least height of the camera over the ground.
        distance_m: least distance from the aim point.
        aim_offset: largest offset of the aim point from the picture's centre; 1 is the picture's edge.
        subject_share: least share of the subject's box within the picture.
        subject_scale: height of the subject's box over the picture's, in the first frame.
    """

    __pydantic_config__ = STRICT
    warn: tuple[str, ...] = tuple(REASONS)
    reject: tuple[str, ...] = ()
    attempts: int = 10
    speed_m_per_s: float = 4.0
    acceleration_m_per_s2: float = 10.0
    turn_deg_per_s: float = 60.0
    jerk_m_per_s3: float = 30.0
    height_m: float = 0.1
    distance_m: float = 0.5
    aim_offset: float = 1.0
    subject_share: float = 0.25
    subject_scale: tuple[float, float] = (0.1, 1.5)

    def policy(self, reason: str) -> Policy:
        """What becomes of a path that has this reason against it."""
        if reason in self.reject:
            return "reject"
        return "warn" if reason in self.warn or reason.startswith(PLUGGED) else "off"

    def checked(self, where: str) -> "Limits":
        """Return self, or raise InputError naming the first field that makes no sense."""
        for name in ("warn", "reject"):
            _check_reasons(getattr(self, name), f"{where}.{name}")
        if not 1 <= self.attempts <= 1000:
            what = f"{self.attempts} attempts"
            raise InputError(what, where=f"{where}.attempts", fix="keep it within 1..1000")
        for name in [f.name for f in fields(self) if f.type in (float, "float")]:
            if not 0 <= getattr(self, name) <= math.inf:
                what = f"{getattr(self, name):g} is no threshold"
                raise InputError(what, where=f"{where}.{name}", fix="give a number from 0 on")
        low, high = self.subject_scale
        if not 0 <= low <= high:
            what = f"{low:g}..{high:g} is empty"
            raise InputError(what, where=f"{where}.subject_scale", fix="put the smaller number first")
        return self


def _check_reasons(reasons: Iterable[str], where: str) -> None:
    for reason in reasons:
        if reason not in REASONS and not reason.startswith(PLUGGED):
            raise InputError(f"unknown reason {reason!r}", where=where, fix=f"use {', '.join(REASONS)}")
