"""Smooth random fields: tileable images for textures, and functions of a point for grounds and tints."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .unreal_space import Number


def tileable_noise(
    rng: np.random.Generator,
    slope: Number,
    size_px: int,
    *,
    low_cut: Number = 1.0,
    stretch: tuple[Number, Number] = (1.0, 1.0),
) -> Float[np.ndarray, "size size"]:
    """A tileable image in [-1, 1] with a power-law spectrum; a larger ``slope`` is smoother.

    Features are ``stretch`` times as long along x and y.
    """
    import scipy.fft

    x = np.fft.rfftfreq(size_px, 1 / size_px)[None, :] * stretch[0]
    y = np.fft.fftfreq(size_px, 1 / size_px)[:, None] * stretch[1]
    radius = np.hypot(x, y)
    spectrum = np.where(radius < low_cut, 0.0, np.maximum(radius, 1.0) ** -slope).astype(np.float32)
    white = scipy.fft.rfft2(rng.standard_normal((size_px, size_px), dtype=np.float32))
    field = scipy.fft.irfft2(white * spectrum, s=(size_px, size_px))
    return np.clip(field / (2.5 * field.std()), -1, 1)


@dataclass(frozen=True)
class SmoothNoise:
    """A smooth function of a point, about [-1, 1]: a sum of waves in random directions."""

    waves_per_cm: Float[np.ndarray, "waves axes"]
    phases: Float[np.ndarray, "waves"]

    @classmethod
    def of(cls, rng: np.random.Generator, scale_cm: Number, axes: int = 2, waves: int = 14) -> "SmoothNoise":
        """A function whose features are about ``scale_cm`` wide."""
        directions = rng.standard_normal((waves, axes))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        lengths = scale_cm * 2.0 ** rng.uniform(0.0, 2.2, (waves, 1))
        return cls(directions * (2 * np.pi / lengths), rng.uniform(0, 2 * np.pi, waves))

    def __call__(self, points_cm: Float[np.ndarray, "points axes"]) -> Float[np.ndarray, "points"]:
        """The values at some points."""
        angles = points_cm @ self.waves_per_cm.T + self.phases
        return np.clip(np.cos(angles).sum(axis=1) * (0.9 / np.sqrt(len(self.phases))), -1, 1)


def smooth_step(low: Number, high: Number, values: np.ndarray | float) -> np.ndarray:
    """0 below ``low``, 1 above ``high``, smooth between."""
    share = np.clip((np.asarray(values) - low) / (high - low), 0.0, 1.0)
    return share * share * (3.0 - 2.0 * share)
