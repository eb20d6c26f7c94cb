"""Skies: images once around, by height; first row straight down, middle row horizon, last row zenith."""

from collections.abc import Callable
from functools import partial

import numpy as np

from ..noise import tileable_noise
from ..shapes.meshes import Rgb
from ..unreal_space import Number

_SIZE_PX = 512


def _sky(rng: np.random.Generator, *, zenith: Rgb, horizon: Rgb, cloud: Rgb, cover: Number) -> np.ndarray:
    """A gradient with clouds; ``cover`` is about their share, from 0 to 1."""
    size = _SIZE_PX
    height = np.linspace(-1, 1, size)[:, None] * np.ones(2 * size)
    up = np.clip(height, 0, 1)[..., None] ** 0.55
    sky = (1 - up) * np.array(horizon) + up * np.array(zenith)
    large = tileable_noise(rng, 1.7, 2 * size, low_cut=4)[:size]
    puffs = large + 0.25 * tileable_noise(rng, 0.8, 2 * size, low_cut=12)[:size]
    share = np.clip(2.2 * puffs + 2.2 * cover - 1.1, 0, 1) * np.clip(height * 6, 0, 1)
    share *= np.clip((1 - height) * 2, 0, 1) if cover < 0.8 else 1
    sky = sky + 0.85 * share[..., None] * (np.array(cloud) * (1 + 0.06 * puffs[..., None]) - sky)
    return np.where(height[..., None] < 0, np.array(horizon), sky)


SKIES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "sky_summer": partial(
        _sky, zenith=(0.18, 0.42, 0.80), horizon=(0.82, 0.88, 0.93), cloud=(0.98, 0.98, 0.98), cover=0.45
    ),
    "sky_clear": partial(
        _sky, zenith=(0.14, 0.38, 0.78), horizon=(0.86, 0.90, 0.93), cloud=(0.97, 0.97, 0.98), cover=0.22
    ),
    "sky_overcast": partial(
        _sky, zenith=(0.68, 0.73, 0.79), horizon=(0.86, 0.88, 0.89), cloud=(0.80, 0.82, 0.85), cover=0.85
    ),
    "sky_golden": partial(
        _sky, zenith=(0.30, 0.50, 0.78), horizon=(0.97, 0.88, 0.76), cloud=(1.0, 0.94, 0.87), cover=0.36
    ),
    "sky_desert": partial(
        _sky, zenith=(0.22, 0.48, 0.78), horizon=(0.95, 0.89, 0.80), cloud=(0.98, 0.96, 0.93), cover=0.16
    ),
    "sky_winter": partial(
        _sky, zenith=(0.46, 0.62, 0.82), horizon=(0.90, 0.91, 0.93), cloud=(0.95, 0.95, 0.97), cover=0.6
    ),
    "sky_pastel": partial(
        _sky, zenith=(0.66, 0.78, 0.95), horizon=(1.0, 0.90, 0.88), cloud=(1.0, 0.97, 0.96), cover=0.4
    ),
}
