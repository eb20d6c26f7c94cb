"""Procedural tileable textures, each a pure function of its name."""

import zlib
from collections.abc import Callable
from functools import partial

import numpy as np
from jaxtyping import UInt8

from ..disk_cache import cached
from .cloth import PATTERNS
from .ground import GROUND_TEXTURES
from .indoor import INDOOR_TEXTURES
from .pictures import PICTURE_TEXTURES
from .skies import SKIES

SIZE_PX = 256
_SHAPE = (SIZE_PX, SIZE_PX)


def _noise(rng: np.random.Generator, slope: float, size: int = SIZE_PX, low_cut: float = 1.0) -> np.ndarray:
    """Tileable noise with a power-law spectrum, in [-1, 1]; a larger ``slope`` is smoother."""
    frequency = np.fft.fftfreq(size, 1 / size)
    radius = np.hypot(frequency[:, None], frequency[None, :])
    spectrum = np.where(radius < low_cut, 0.0, 1.0 / np.maximum(radius, 1.0) ** slope)
    field = _filtered(rng.standard_normal((size, size)), spectrum)
    return np.clip(field / (2.5 * field.std()), -1, 1)


def _filtered(field: np.ndarray, spectrum: np.ndarray) -> np.ndarray:
    return np.fft.ifft2(np.fft.fft2(field) * spectrum).real


def _streaks() -> np.ndarray:
    """A spectrum that stretches noise along x."""
    frequency = np.fft.fftfreq(SIZE_PX, 1 / SIZE_PX)
    return np.exp(-((frequency[None, :] / 4) ** 2)) * np.exp(-((frequency[:, None] / 60) ** 2))


def _tinted(value: np.ndarray, tint: tuple[float, float, float] = (1, 1, 1)) -> np.ndarray:
    return value[..., None] * np.array(tint)


def _pixel_centers() -> np.ndarray:
    """y and x of every pixel's centre, 0 to 1."""
    return (np.mgrid[0:SIZE_PX, 0:SIZE_PX] + 0.5) / SIZE_PX


def _cells(columns: int, rows: int, stagger: float) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Column and row index of each pixel's cell, and the position inside the cell in [0, 1)."""
    y, x = np.mgrid[0:SIZE_PX, 0:SIZE_PX] / SIZE_PX
    row = np.floor(y * rows).astype(int)
    shifted = (x * columns + stagger * (row % 2)) % columns
    return np.floor(shifted).astype(int), row, shifted % 1, (y * rows) % 1


def _joint(inside_x: np.ndarray, inside_y: np.ndarray, width_x: float, width_y: float) -> np.ndarray:
    """0 at the border of a cell, rising to 1 within the width of the joint."""
    gap_x = np.minimum(inside_x, 1 - inside_x) / width_x
    gap_y = np.minimum(inside_y, 1 - inside_y) / width_y
    return np.clip(np.minimum(gap_x, gap_y), 0, 1)


def _blocks(
    rng: np.random.Generator, columns: int, rows: int, stagger: float, spread: float, joint: float
) -> np.ndarray:
    """Blocks with joints between them; ``spread`` is how much their brightness varies."""
    column, row, inside_x, inside_y = _cells(columns, rows, stagger)
    tone = (1 - spread * rng.random((rows, columns)))[row, column % columns]
    hue = 1 + 0.10 * rng.standard_normal((rows, columns, 3))[row, column % columns]
    face = tone * (1 + 0.08 * _noise(rng, 0.4) + 0.08 * _noise(rng, 1.4))
    gap = _joint(inside_x, inside_y, joint * columns / rows, joint)
    return _tinted(face * (0.45 + 0.55 * gap)) * hue


def _asphalt(rng: np.random.Generator) -> np.ndarray:
    grain = 0.62 + 0.20 * _noise(rng, 0.3) + 0.22 * _noise(rng, 1.6)
    stones = (rng.random(_SHAPE) > 0.985) * 0.30
    return _tinted(grain + stones, (0.98, 1.0, 1.04))


def _paving(rng: np.random.Generator) -> np.ndarray:
    return 0.92 * _blocks(rng, 4, 4, 0.5, 0.45, 0.05)


def _brick(rng: np.random.Generator) -> np.ndarray:
    _, _, inside_x, inside_y = _cells(8, 16, 0.5)
    bricks = _blocks(rng, 8, 16, 0.5, 0.42, 0.12)
    gap = _joint(inside_x, inside_y, 0.055, 0.11)[..., None]
    return np.where(gap < 0.85, 0.88 + 0.06 * _noise(rng, 0.6)[..., None], bricks)


def _plaster(rng: np.random.Generator) -> np.ndarray:
    return _tinted(0.86 + 0.10 * _noise(rng, 1.5) + 0.09 * _noise(rng, 0.4))


def _concrete(rng: np.random.Generator) -> np.ndarray:
    slabs = _blocks(rng, 2, 2, 0.0, 0.15, 0.02).mean(axis=-1)
    pits = (_noise(rng, 0.9) > 0.72) * 0.22
    return _tinted(slabs * (0.96 + 0.12 * _noise(rng, 1.8)) - pits)


def _planks(rng: np.random.Generator) -> np.ndarray:
    column, row, inside_x, inside_y = _cells(2, 8, 0.5)
    tone = (1 - 0.40 * rng.random((8, 2)))[row, column % 2]
    fibre = _filtered(_noise(rng, 0.2), _streaks())
    grain = fibre / (3 * fibre.std())
    gap = _joint(inside_x, inside_y, 0.006, 0.05)
    return _tinted(tone * (0.95 + 0.16 * grain) * (0.4 + 0.6 * gap), (1.0, 0.98, 0.94))


def _fabric(rng: np.random.Generator) -> np.ndarray:
    y, x = np.mgrid[0:SIZE_PX, 0:SIZE_PX]
    weave = 0.06 * (np.sin(x * 2 * np.pi / 8) * np.sin(y * 2 * np.pi / 8))
    return _tinted(0.90 + weave + 0.08 * _noise(rng, 1.2))


def _stripes(rng: np.random.Generator) -> np.ndarray:
    y = np.mgrid[0:SIZE_PX, 0:SIZE_PX][0] / SIZE_PX
    return _tinted(np.where((y * 8) % 1 < 0.42, 0.50, 1.0) * (0.96 + 0.06 * _noise(rng, 0.8)))


def _grass(rng: np.random.Generator) -> np.ndarray:
    patches, blades = _noise(rng, 1.6), _noise(rng, 0.3)
    red = 0.75 + 0.25 * patches + 0.2 * blades
    green = 0.85 + 0.1 * patches + 0.22 * blades
    return np.stack([red, green, 0.6 + 0.2 * blades], -1)


def _leaves(rng: np.random.Generator) -> np.ndarray:
    tufts = _noise(rng, 0.9, low_cut=8)
    return _tinted(0.74 + 0.34 * tufts + 0.12 * _noise(rng, 0.2), (1.0, 1.02, 0.9))


def _bark(rng: np.random.Generator) -> np.ndarray:
    ridges = _filtered(_noise(rng, 0.3), _streaks().T)
    return _tinted(0.75 + 0.22 * ridges / (2 * ridges.std()))


def _checker(rng: np.random.Generator) -> np.ndarray:
    column, row, _, _ = _cells(4, 4, 0.0)
    return np.where(((column + row) % 2 == 0)[..., None], [1.0, 0.97, 0.90], [0.45, 0.50, 0.62])


def _smooth(rng: np.random.Generator) -> np.ndarray:
    return _tinted(0.95 + 0.04 * _noise(rng, 1.4))


def _painting(rng: np.random.Generator) -> np.ndarray:
    """A landscape: three layered ridges under a coloured sky."""
    y, x = _pixel_centers()
    image = np.stack([0.95 - 0.1 * y, 0.55 + 0.35 * (1 - y), 0.35 + 0.6 * (1 - y)], -1)
    image = np.where(((x - 0.7) ** 2 + (y - 0.75) ** 2 < 0.01)[..., None], [1.0, 0.93, 0.6], image)
    for base, color in ((0.55, (0.45, 0.40, 0.65)), (0.38, (0.22, 0.42, 0.50)), (0.22, (0.12, 0.30, 0.22))):
        phase = rng.uniform(0, 6.28, 4)
        ridge = base + sum(0.06 / k * np.sin(2 * np.pi * k * x + phase[k - 1]) for k in range(1, 5))
        image = np.where((y < ridge)[..., None], color, image)
    return image


def _soft_disc(rng: np.random.Generator) -> np.ndarray:
    """A black disc, most opaque in the middle."""
    y, x = _pixel_centers() * 2 - 1
    alpha = 0.6 * np.clip(1 - np.hypot(x, y), 0, 1) ** 1.3
    return np.concatenate([np.zeros((*_SHAPE, 3)), alpha[..., None]], -1)


def _sky(rng: np.random.Generator) -> np.ndarray:
    """Sky once around, by height: first row straight down, middle row horizon, last row zenith."""
    size = 2 * SIZE_PX
    height = np.linspace(-1, 1, size)[:, None] * np.ones(2 * size)
    up = np.clip(height, 0, 1)[..., None]
    sky = (1 - up**0.5) * np.array([0.80, 0.87, 0.94]) + up**0.5 * np.array([0.22, 0.45, 0.80])
    cover = (_noise(rng, 1.7, 2 * size, low_cut=4) + 0.25 * _noise(rng, 0.8, 2 * size, low_cut=2))[:size]
    cloud = np.clip(cover * 2.2 - 0.25, 0, 1) * np.clip(height * 6, 0, 1) * np.clip((1 - height) * 2, 0, 1)
    sky = sky + cloud[..., None] * (np.array([0.97, 0.97, 0.98]) - sky) * 0.85
    return np.where(height[..., None] < 0, [0.62, 0.66, 0.66], sky)


def _skin(rng: np.random.Generator) -> np.ndarray:
    mottled, pores = _noise(rng, 1.3), _noise(rng, 0.3)
    tone = 0.955 + 0.02 * mottled + 0.025 * pores
    return np.stack([tone + 0.01 * mottled, tone - 0.012 * mottled, tone - 0.016 * mottled], -1)


def _patterned(pattern: Callable[[int, np.ndarray], np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """A pattern of cloth, with a noise for wear."""
    return pattern(SIZE_PX, _noise(rng, 1.0))


def _strands(rng: np.random.Generator) -> np.ndarray:
    """Hair: fine vertical lines."""
    lines = _filtered(_noise(rng, 0.1), np.exp(-((np.fft.fftfreq(SIZE_PX, 1 / SIZE_PX)[:, None] / 5) ** 2)))
    return _tinted(0.78 + 0.20 * lines / (1.6 * lines.std()))


TEXTURES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "asphalt": _asphalt, "paving": _paving, "brick": _brick, "plaster": _plaster, "concrete": _concrete,
    "planks": _planks, "fabric": _fabric,
    "stripes": _stripes, "grass": _grass, "leaves": _leaves, "bark": _bark, "checker": _checker,
    "smooth": _smooth, "painting": _painting, "soft_disc": _soft_disc, "sky": _sky,
    **INDOOR_TEXTURES, **PICTURE_TEXTURES,
    "skin": _skin, "strands": _strands,
    **{name: partial(_patterned, pattern) for name, pattern in PATTERNS.items()},
    **GROUND_TEXTURES, **SKIES,
}  # fmt: skip
# Those of the user's files.
_ADDED: dict[str, UInt8[np.ndarray, "height width channels"]] = {}


def add_texture(name: str, image: UInt8[np.ndarray, "height width channels"]) -> None:
    """Add a texture; equal names must mean equal images."""
    _ADDED[name] = image


def texture_image(name: str) -> UInt8[np.ndarray, "height width channels"]:
    """Return the named texture, RGB or RGBA, with row 0 at v = 0 (the bottom); it is read-only.

    What follows a dot tells variants apart: ``brick.2`` is another wall of the same bricks.
    """
    if name in _ADDED:
        return _ADDED[name]
    rng = np.random.default_rng([zlib.crc32(b"texture"), zlib.crc32(name.encode())])
    return cached(
        f"texture-{name}",
        lambda: np.round(np.clip(TEXTURES[name.partition(".")[0]](rng), 0, 1) * 255).astype(np.uint8),
    )
