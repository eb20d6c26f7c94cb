"""Periodic curves of the phase of a clip (0 to 1): eases, keys, waves and hops; their speed is continuous."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from math import pi, sin, sqrt

from ..unreal_space import Number


@dataclass(frozen=True)
class Wave:
    """A sine that is added to a channel of a posture: ``amplitude * sin(2 pi (cycles * phase + shift))``."""

    channel: str
    amplitude: Number
    cycles: int = 1
    shift: Number = 0.0

    def at(self, phase: float) -> float:
        """Return the wave's value."""
        return self.amplitude * sin(2 * pi * (self.cycles * phase + self.shift))


@dataclass(frozen=True)
class Hop:
    """A time in the air, from phase ``start`` to ``end``; ``height`` in shares of the leg."""

    start: float
    end: float
    height: float

    def at(self, phase: float) -> float:
        """Return the height above the ground."""
        share = (phase - self.start) / (self.end - self.start)
        return self.height * (4 * share * (1 - share)) ** 1.5 if 0 < share < 1 else 0.0


def ease(share: float) -> float:
    """From 0 to 1, slow at both ends."""
    return share * share * (3 - 2 * share)


def slow_ease(share: float) -> float:
    """From 0 to 1, slower at both ends than ``ease``."""
    return share**3 * (10 + share * (6 * share - 15))


def mix(first: float, second: float, share: float) -> float:
    """Return a value between two: the first at share 0, the second at share 1."""
    return first + (second - first) * share


def smaller(first: float, second: float, softness: float) -> float:
    """Return the smaller of two numbers, or a little less where they are alike: without a kink."""
    return 0.5 * (first + second - sqrt((first - second) ** 2 + softness**2))


def larger(first: float, second: float, softness: float) -> float:
    """Return the larger of two numbers, or a little more where they are alike: without a kink."""
    return -smaller(-first, -second, softness)


def between_keys(times: Sequence[float], phase: float) -> tuple[int, int, float]:
    """Return the keys before and after ``phase``, and the share of the way between them (0 to 1).

    ``times`` increase from 0; the last key is followed by the first.
    """
    first = bisect_right(times, phase) - 1
    start, end = times[first], times[first + 1] if first + 1 < len(times) else 1.0
    return first, (first + 1) % len(times), (phase - start) / (end - start)


def keyed(keys: Sequence[tuple[float, float]], phase: float) -> float:
    """Return a curve through (phase, value) keys that is level at each of them."""
    first, second, share = between_keys([time for time, _ in keys], phase)
    return mix(keys[first][1], keys[second][1], ease(share))
