"""Acting: a loop through key postures, with waves on top."""

from dataclasses import dataclass
from functools import cached_property
from math import pi, sin
from typing import Any

from ..characters.skeleton import SIDES, BodyPose, Proportions
from .body_solver import BlendedArm, BodySolver
from .curves import Hop, Wave, between_keys, ease, mix, slow_ease
from .posture import Arm, Channels, Posture, Reach, channels

_BREATH_S = 3.6
FEET = ("foot_l", "foot_r")


@dataclass(frozen=True, kw_only=True)
class Acting:
    """A loop through postures at phases (the first at 0); the body rests at each key.

    A foot whose place differs between two keys steps there, ``step_height`` (share of the leg) high. ``hops``
    lift the whole body; its toes point down by ``toe_deg`` then. ``breath`` scales breathing. ``supports``
    are the bones that carry the body.
    """

    duration_s: float
    keys: tuple[tuple[float, Posture], ...]
    waves: tuple[Wave, ...] = ()
    hops: tuple[Hop, ...] = ()
    step_height: float = 0.07
    toe_deg: float = 28.0
    breath: float = 1.0
    speed_m_per_s: float = 0.0
    supports: tuple[str, ...] = FEET

    @cached_property
    def _channels(self) -> list[Channels]:
        return [channels(posture) for _, posture in self.keys]

    @property
    def leaves_ground(self) -> bool:
        """Whether the body is in the air at times."""
        return bool(self.hops)

    def pose(self, time_s: float, body: Proportions) -> BodyPose:
        """Return the pose at a time in the clip."""
        phase = time_s / self.duration_s % 1.0
        values, arms = self.posture_at(phase)
        return BodySolver(body, values).pose(arms)

    def posture_at(self, phase: float) -> tuple[Channels, dict[str, BlendedArm]]:
        """Return the channels of the posture at a phase, and its arms."""
        first, second, share = between_keys([time for time, _ in self.keys], phase)
        start, end, eased = self._channels[first], self._channels[second], ease(share)
        values = {name: mix(value, end.get(name, value), eased) for name, value in start.items()}
        for side in SIDES:
            self._step(values, start, end, f"foot_{side}", share)
        added = self._added(phase)
        postures = self.keys[first][1], self.keys[second][1]
        arms = {}
        for side in SIDES:
            one, other = (getattr(posture, f"arm_{side}") for posture in postures)
            if _is_same_kind(one, other):
                arms[side] = BlendedArm(one, values, one, values, 0.0)
            else:
                arms[side] = BlendedArm(one, _plus(start, added), other, _plus(end, added), eased)
        values.update(_plus(values, added))
        return values, arms

    def _step(self, values: Channels, start: Channels, end: Channels, foot: str, share: float) -> None:
        """Move a foot through the air; while it stands it does not move."""
        places = [f"{foot}.{name}" for name in ("ahead", "out", "yaw")]
        if any(start[place] != end[place] for place in places):
            for place in places:
                values[place] = mix(start[place], end[place], slow_ease(share))
            values[f"{foot}.up"] += self.step_height * sin(pi * share) ** 2

    def _added(self, phase: float) -> Channels:
        """Return what waves and breath add to channels."""
        breaths = max(1, round(self.duration_s / _BREATH_S))
        life = (
            Wave("bend", -0.9 * self.breath, breaths),
            Wave("arm_l.elbow", 1.5 * self.breath, breaths, -0.08),
            Wave("arm_r.elbow", 1.5 * self.breath, breaths, -0.12),
            Wave("aside", 0.006 * self.breath),
            Wave("look", 1.5 * self.breath, 1, 0.3),
            Wave("nod", 0.8 * self.breath, breaths, 0.1),
        )
        added: Channels = {}
        for wave in (*life, *self.waves):
            added[wave.channel] = added.get(wave.channel, 0.0) + wave.at(phase)
        for hop in self.hops:
            up = hop.at(phase)
            for channel in ("height", "foot_l.up", "foot_r.up"):
                added[channel] = added.get(channel, 0.0) + up
            for side in SIDES:
                pitch = f"foot_{side}.pitch"
                added[pitch] = added.get(pitch, 0.0) - self.toe_deg * up / hop.height
        return added


def loop(duration_s: float, *postures: Posture | tuple[float, Posture], **more: Any) -> Acting:
    """Return a loop through postures at equal times, or at the given phases; ``more`` as in ``Acting``."""
    keys = tuple(
        one if isinstance(one, tuple) else (index / len(postures), one) for index, one in enumerate(postures)
    )
    return Acting(duration_s=duration_s, keys=keys, **more)


def _is_same_kind(one: Arm, other: Arm) -> bool:
    anchors = [arm.anchor if isinstance(arm, Reach) else "" for arm in (one, other)]
    return anchors[0] == anchors[1]


def _plus(values: Channels, added: Channels) -> Channels:
    return {name: value + added.get(name, 0.0) for name, value in values.items()}
