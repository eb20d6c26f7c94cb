"""Camera shake: a stationary Gaussian process with a stated power spectrum, for each axis of a camera.

A camera has six axes: its position along the level axes of its first pose (right, up, ahead; metres), and its
rotation about its own axes (right: pitch up, down: yaw right, forward: roll clockwise from behind; degrees).
The axes are independent. The one-sided power spectrum of an axis is a sum over bands,

    S(f) = sum of rms^2 g(f),    g(f) = c / (1 + ((f - centre) / width)^2)^2    from 0.1 to 15 Hz,

with c such that the integral of g is 1. A shake is a sum of sinusoids: the frequencies of a band are one in
each of ``_COMPONENTS`` intervals of equal power, and the two amplitudes of each (of cosine and sine) are
normally distributed, so the process is Gaussian and its expected spectrum is S. It is a function of time:
every frame rate and every sub-frame samples the same shake. Frequencies from ``limit_hz``, or half of the
frame rate, are left out.

The shake of the first frame is zero: within ``ramp_s`` it grows as sin^2. So cameras that share a first pose
still do, and starts are those of the rules.

Magnitudes are our own interpretation, not measurements. Handheld: sway of arms and body, mostly below 1 Hz,
and the physiological tremor of 8 to 12 Hz, which 15 frames per second cannot show; raise ``limit_hz`` with
the frame rate to add it. Head mounted: a walk of 1.9 steps per second moves the head up and down with each
step, and aside with each stride (two steps); the head pitches against its bob, so the view is steadier than
the body (Hirasaki et al. 1999); slower gaze is added. The axes are not locked in phase, unlike those of a
gait.
"""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from jaxtyping import Float
from pydantic import Field

from multitake.randomness import rng_for
from multitake.settings import STRICT

from .poses import CameraPose

SHAKES = ("none", "handheld", "head_mounted")
SHAKE_SEEDS = 10**9
SLOWEST_HZ, FASTEST_HZ = 0.1, 15.0
_AXES, _COMPONENTS, _TABLE = 6, 12, 4097
_Metres = Annotated[float, Field(ge=0, le=1)]
_Degrees = Annotated[float, Field(ge=0, le=20)]


@dataclass(frozen=True, kw_only=True)
class ShakeBand:
    """A part of the spectrum: a peak at ``centre_hz``, or a low pass with ``centre_hz`` 0.

    At ``width_hz`` from the centre the density is a quarter of its peak.

    Attributes:
        rms_m: along right, up and ahead.
        rms_deg: of pitch, yaw and roll.
    """

    __pydantic_config__ = STRICT
    centre_hz: Annotated[float, Field(ge=0, le=FASTEST_HZ)]
    width_hz: Annotated[float, Field(ge=0.01, le=FASTEST_HZ)]
    rms_m: tuple[_Metres, _Metres, _Metres] = (0.0, 0.0, 0.0)
    rms_deg: tuple[_Degrees, _Degrees, _Degrees] = (0.0, 0.0, 0.0)

    def density_per_hz(self, frequency_hz: Float[np.ndarray, "*some"]) -> Float[np.ndarray, "*some"]:
        """The normalised spectrum g(f)."""
        low, high = _power((np.array([SLOWEST_HZ, FASTEST_HZ]) - self.centre_hz) / self.width_hz)
        x = (frequency_hz - self.centre_hz) / self.width_hz
        is_inside = (frequency_hz >= SLOWEST_HZ) & (frequency_hz <= FASTEST_HZ)
        return np.where(is_inside, (1 + x**2) ** -2 / self.width_hz / (high - low), 0.0)

    def frequencies_hz(self, share: Float[np.ndarray, "*some"]) -> Float[np.ndarray, "*some"]:
        """The frequencies below which the band has these shares of its power."""
        first, last = np.arctan((np.array([SLOWEST_HZ, FASTEST_HZ]) - self.centre_hz) / self.width_hz)
        angles = np.linspace(first, last, _TABLE)
        power = _power(np.tan(angles))
        angle = np.interp(power[0] + share * (power[-1] - power[0]), power, angles)
        return self.centre_hz + self.width_hz * np.tan(angle)


@dataclass(frozen=True, kw_only=True)
class Shake:
    """The spectrum of a kind of shake.

    Attributes:
        limit_hz: frequencies from here are left out: half the frame rate or less, so nothing is aliased.
        ramp_s: how long the shake grows from zero at the start of a clip.
    """

    __pydantic_config__ = STRICT
    bands: Annotated[tuple[ShakeBand, ...], Field(min_length=1, max_length=8)]
    limit_hz: Annotated[float, Field(ge=SLOWEST_HZ, le=FASTEST_HZ)] = 7.0
    ramp_s: Annotated[float, Field(ge=0.05, le=10)] = 0.5


@dataclass(frozen=True, kw_only=True)
class Handheld(Shake):
    """A camera in two hands of someone who stands: sway and tremor."""

    bands: Annotated[tuple[ShakeBand, ...], Field(min_length=1, max_length=8)] = (
        ShakeBand(centre_hz=0.0, width_hz=0.8, rms_m=(0.006, 0.004, 0.006), rms_deg=(0.35, 0.35, 0.25)),
        ShakeBand(centre_hz=10.0, width_hz=1.0, rms_m=(0.0002, 0.0002, 0.0002), rms_deg=(0.02, 0.02, 0.02)),
    )


@dataclass(frozen=True, kw_only=True)
class HeadMounted(Shake):
    """A camera on the head of someone who walks: steps, strides and gaze."""

    bands: Annotated[tuple[ShakeBand, ...], Field(min_length=1, max_length=8)] = (
        ShakeBand(centre_hz=1.9, width_hz=0.08, rms_m=(0.0, 0.015, 0.006), rms_deg=(0.6, 0.0, 0.0)),
        ShakeBand(centre_hz=0.95, width_hz=0.04, rms_m=(0.012, 0.0, 0.0), rms_deg=(0.0, 0.5, 0.5)),
        ShakeBand(centre_hz=0.0, width_hz=0.5, rms_m=(0.008, 0.004, 0.008), rms_deg=(0.8, 1.0, 0.3)),
    )


@dataclass(frozen=True, kw_only=True)
class ShakeSample:
    """The shake of one camera; amplitudes in metres and radians."""

    frequency_hz: Float[np.ndarray, "axes components"]
    cosine: Float[np.ndarray, "axes components"]
    sine: Float[np.ndarray, "axes components"]
    ramp_s: float

    @classmethod
    def of(cls, shake: Shake, seed: int, *, fps: float) -> "ShakeSample":
        """The shake of a seed; it depends on ``fps`` only in what is left out."""
        rng = rng_for(seed, "shake")
        frequency_hz, cosine, sine = [], [], []
        for band in shake.bands:
            inside, first, second = (
                rng.random((_AXES, _COMPONENTS)),
                *rng.standard_normal((2, _AXES, _COMPONENTS)),
            )
            rms = np.array([*band.rms_m, *np.radians(band.rms_deg)]) / np.sqrt(_COMPONENTS)
            found_hz = band.frequencies_hz((np.arange(_COMPONENTS) + inside) / _COMPONENTS)
            rms = np.where(found_hz < min(shake.limit_hz, fps / 2), rms[:, None], 0.0)
            frequency_hz.append(found_hz)
            cosine.append(rms * first)
            sine.append(rms * second)
        joined = (np.concatenate(part, axis=1) for part in (frequency_hz, cosine, sine))
        return cls(**dict(zip(("frequency_hz", "cosine", "sine"), joined, strict=True)), ramp_s=shake.ramp_s)

    def offsets(self, time_s: Float[np.ndarray, "times"]) -> Float[np.ndarray, "times axes"]:
        """The shake at times from the first frame: metres (right, up, ahead), radians (pitch, yaw, roll)."""
        phase = 2 * np.pi * self.frequency_hz[..., None] * time_s
        found = self.cosine[..., None] * np.cos(phase) + self.sine[..., None] * np.sin(phase)
        grown = np.sin(np.pi / 2 * np.clip(time_s / self.ramp_s, 0.0, 1.0)) ** 2
        return (grown * found.sum(axis=1)).T

    def added_to(
        self, steady: CameraPose, start: CameraPose, time_s: Float[np.ndarray, "times"]
    ) -> CameraPose:
        """Steady poses (batch ``(times,)``) with this shake; ``start`` is the pose of the first frame."""
        offsets = self.offsets(time_s)
        return CameraPose.of(
            steady.rotation @ _rotations(offsets[:, 3:]), steady.position_m + offsets[:, :3] @ _level(start).T
        )

    def removed_from(self, shaken: CameraPose, time_s: Float[np.ndarray, "times"]) -> CameraPose:
        """The steady poses of shaken ones (batch ``(times,)``); the first is that of the first frame."""
        offsets = self.offsets(time_s)
        return CameraPose.of(
            shaken.rotation @ np.swapaxes(_rotations(offsets[:, 3:]), -1, -2),
            shaken.position_m - offsets[:, :3] @ _level(shaken[0]).T,
        )


def _power(x: Float[np.ndarray, "*some"]) -> Float[np.ndarray, "*some"]:
    """The integral of 1 / (1 + x^2)^2."""
    return (x / (1 + x**2) + np.arctan(x)) / 2


def _level(start: CameraPose) -> Float[np.ndarray, "3 3"]:
    """Right, up and ahead over the ground, as columns."""
    right, up = start.rotation[:, 0], np.array([0.0, 0.0, 1.0])
    return np.stack([right, up, np.cross(up, right)], axis=-1)


def _rotations(vectors_rad: Float[np.ndarray, "times 3"]) -> Float[np.ndarray, "times 3 3"]:
    """Rotations about vectors, by their lengths (Rodrigues); exactly none for zero."""
    angle = np.linalg.norm(vectors_rad, axis=-1)[:, None, None] / np.pi
    x, y, z = vectors_rad.T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(-1, 3, 3)
    return np.eye(3) + np.sinc(angle) * cross + np.sinc(angle / 2) ** 2 / 2 * (cross @ cross)
