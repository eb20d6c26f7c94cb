"""Where an actor of a take is in each frame: a pure function of the plan."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .catalog import Animation, Character, Point


@dataclass(frozen=True, kw_only=True)
class Actor:
    """A character in a take: its place at mid-take, its heading, and its animation from ``phase_s`` on."""

    character: Character
    animation: Animation
    position_m: Point
    heading_deg: float
    phase_s: float

    def path(self, *, frames: int, fps: float) -> "ActorPath":
        """Its path; actors whose animation travels go straight ahead."""
        time_s = np.arange(frames) / fps
        heading_rad = np.radians(self.heading_deg)
        ahead_m = (self.animation.speed_m_per_s or 0.0) * (time_s - (frames - 1) / 2 / fps)
        step_m = np.array([np.cos(heading_rad), np.sin(heading_rad), 0.0])
        # Micrometres: short numbers in the tables.
        return ActorPath(
            feet_m=np.round(np.array(self.position_m) + ahead_m[:, None] * step_m, 6),
            heading_deg=np.full(frames, self.heading_deg),
            height_m=np.round(
                self.character.height_m * self.animation.height_shares_at(self.phase_s + time_s), 6
            ),
            aim_share=aim_m / self.character.height_m if (aim_m := self.character.aim_height_m) else None,
        )


@dataclass(frozen=True, kw_only=True)
class ActorPath:
    """An actor in each frame; world, metres.

    Attributes:
        feet_m: the point on the ground below it.
        heading_deg: where it faces, from +X, counter-clockwise.
        height_m: height of the top of its head above its feet.
        aim_share: the share of its height at which cameras aim; None: that of the rules.
    """

    feet_m: Float[np.ndarray, "frames 3"]
    heading_deg: Float[np.ndarray, "frames"]
    height_m: Float[np.ndarray, "frames"]
    aim_share: float | None = None

    @property
    def body_m(self) -> Float[np.ndarray, "frames 2 3"]:
        """Feet and top of the head."""
        return np.stack([self.feet_m, self.point_m(1.0)], axis=1)

    def point_m(self, height_share: float) -> Float[np.ndarray, "frames 3"]:
        """The point at a share of its height: 0 at the feet, 1 at the top of the head."""
        above_m = np.zeros_like(self.feet_m)
        above_m[:, 2] = np.round(height_share * self.height_m, 6)
        return self.feet_m + above_m

    def aim_heights_m(self, aim_fraction: float) -> Float[np.ndarray, "frames"]:
        """The heights above its feet at which cameras aim; ``aim_fraction`` is the share of the rules."""
        return np.round((self.aim_share or aim_fraction) * self.height_m, 6)

    def aim_m(self, aim_fraction: float) -> Float[np.ndarray, "frames 3"]:
        """The points at which cameras aim."""
        return self.point_m(self.aim_share or aim_fraction)

    @property
    def walked_m(self) -> float:
        """Length of the path of its feet."""
        return float(np.linalg.norm(np.diff(self.feet_m, axis=0), axis=1).sum())
