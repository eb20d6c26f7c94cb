"""Limits of camera paths: a threshold for every reason against a path, and what happens to such a path."""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from multitake.settings import STRICT, Ordered, Share

Policy = Literal["off", "warn", "reject"]

REASONS: dict[str, str] = {
    "too_fast": "moves faster than allowed",
    "too_abrupt": "accelerates or brakes harder than allowed",
    "turns_too_fast": "rotates faster than allowed",
    "too_jerky": "changes its acceleration faster than allowed",
    "below_ground": "comes too close to the ground",
    "too_close": "comes too close to an actor",
    "aim_out_of_image": "loses the subject point from the image",
    "subject_out_of_image": "loses too much of the subject from the image",
    "subject_out_of_first_image": "starts with the head or chest of the subject outside of the image",
    "subject_too_small": "starts with the subject too small in the image",
    "subject_too_large": "starts with the subject too large in the image",
    "focal_length_out_of_bounds": "zooms beyond the allowed focal lengths",
    "engine:inside_geometry": "is inside an object, or behind a wall",
    "engine:near_geometry": "comes too close to a surface",
    "engine:crosses_geometry": "goes through a surface",
    "engine:subject_blocked": "starts with the subject hidden, or loses it for too long",
}
# Prefix of the reasons of checks that need the geometry of a level.
ENGINE_PREFIX = "engine:"


def _known(reason: str) -> str:
    if reason not in REASONS:
        raise ValueError(f"unknown reason {reason!r}; use {', '.join(REASONS)}")
    return reason


Reasons = tuple[Annotated[str, AfterValidator(_known)], ...]
Threshold = Annotated[float, Field(ge=0)]
FocalLength = Annotated[float, Field(ge=0.1, le=1e4)]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Thresholds of the checks of camera paths, and the policy of each reason.

    A camera with a reason in ``reject`` is sampled again until its path is valid or ``attempts`` paths were
    sampled; then the last one is kept. A reason in ``warn``, or one against a path that was kept, is written
    to the flags of the clip table. A reason in neither is off. The reasons are those of ``REASONS``; those
    that start with ``engine:`` are checked where the geometry of the level is known.

    Attributes:
        height_m: smallest height of the camera above the ground of the scene, and above any surface below it.
        distance_m: smallest distance from the line between feet and head of every actor.
        aim_offset: largest offset of the subject point from the image centre; 1 is the edge of the image.
        head_offset: largest offset of the top of the head and of the chest in the first image, as
            ``aim_offset``.
        subject_share: smallest share of the subject's box inside the image.
        subject_scale: height of the subject's box over that of the image, in the first frame.
        focal_length_mm: focal lengths of cameras that zoom, in every frame.
        clearance_m: smallest distance from any surface. Engines draw nothing in front of the near plane,
            0.1 m ahead of the camera; the corners of that plane are farther away.
        blocked_share: largest share of frames in which geometry hides both head and chest of the subject.
    """

    __pydantic_config__ = STRICT
    warn: Reasons = tuple(REASONS)
    reject: Reasons = ()
    attempts: Annotated[int, Field(ge=1, le=1000)] = 10
    speed_m_per_s: Threshold = 4.0
    acceleration_m_per_s2: Threshold = 10.0
    turn_deg_per_s: Threshold = 60.0
    jerk_m_per_s3: Threshold = 30.0
    height_m: Threshold = 0.1
    distance_m: Threshold = 0.5
    aim_offset: Threshold = 1.0
    head_offset: Threshold = 1.0
    subject_share: Share = 0.25
    subject_scale: Annotated[tuple[Threshold, Threshold], Ordered] = (0.1, 1.5)
    focal_length_mm: Annotated[tuple[FocalLength, FocalLength], Ordered] = (6.0, 200.0)
    clearance_m: Annotated[float, Field(ge=0, le=10)] = 0.15
    blocked_share: Share = 0.25

    def policy(self, reason: str) -> Policy:
        """What happens to a path with this reason against it."""
        if reason in self.reject:
            return "reject"
        return "warn" if reason in self.warn else "off"
