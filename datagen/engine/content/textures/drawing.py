"""What textures are made with: noise, grids and tiles."""

from collections.abc import Callable

import numpy as np

Rng = np.random.Generator
Texture = Callable[[Rng], np.ndarray]
SIZE_PX, LARGE_PX = 512, 1024


def clouds(
    rng: Rng, slope: float, stretch: tuple[float, float] = (1.0, 1.0), size_px: int = SIZE_PX
) -> np.ndarray:
    """Tileable noise in [-1, 1]; a larger ``slope`` is smoother, a smaller ``stretch`` (y, x) longer."""
    fy, fx = np.fft.fftfreq(size_px, 1 / size_px), np.fft.rfftfreq(size_px, 1 / size_px)
    radius = np.hypot(fy[:, None] / stretch[0], fx / stretch[1])
    spectrum = np.where(radius < 1, 0.0, 1.0 / np.maximum(radius, 1.0) ** slope)
    waves = rng.standard_normal((2, *spectrum.shape), dtype=np.float32)
    field = np.fft.irfft2((waves[0] + 1j * waves[1]) * spectrum)
    return np.clip(field / (2.5 * field.std()), -1, 1)


def gray(value: np.ndarray, tint: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> np.ndarray:
    """A picture in one tint."""
    return np.asarray(value[..., None] * np.array(tint))


def unit_grid(size_px: int = SIZE_PX) -> tuple[np.ndarray, np.ndarray]:
    """y and x of every pixel's centre, 0 to 1."""
    y, x = (np.mgrid[0:size_px, 0:size_px] + 0.5) / size_px
    return y, x


def warmth(rng: Rng, shape: tuple[int, ...], spread: float) -> np.ndarray:
    """Tints between warm and cool."""
    return np.asarray(1 + spread * rng.standard_normal((*shape, 1)) * np.array([1.0, 0.1, -1.2]))


def tile_grid(rng: Rng, columns: int, rows: int, joint_px: float, spread: float, hue: float = 0.015) -> tuple:
    """Tone (H, W, 3) and joint mask of rectangular tiles."""
    y, x = unit_grid()
    row, column = (y * rows).astype(int), (x * columns).astype(int)
    tone = 1 - spread * rng.random((rows, columns))[row, column]
    color = tone[..., None] * warmth(rng, (rows, columns), hue)[row, column]
    inside_x, inside_y = (x * columns) % 1, (y * rows) % 1
    gap = np.minimum(
        np.minimum(inside_x, 1 - inside_x) * SIZE_PX / columns,
        np.minimum(inside_y, 1 - inside_y) * SIZE_PX / rows,
    )
    return color, np.clip(gap / joint_px, 0, 1)
