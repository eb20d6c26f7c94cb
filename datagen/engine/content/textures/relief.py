"""Relief of surfaces: bumps, gloss and wear that belong to a texture, in one image.

The image covers several tiles of its texture. Its channels are the slopes along u and v (128 is flat), and
factors of gloss and of colour (128 is 1). Bumps repeat with the tiles, wear does not, so that tiles differ.
"""

import zlib
from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Int16, UInt8

from ..disk_cache import cached
from ..noise import tileable_noise

SIZE_PX = 1024
# The side of a tile in the relief for each size of textures: at most half of it, so that neighbours differ.
_TILE_PX = {256: 256, 512: 256, 1024: 512}
FLAT: UInt8[np.ndarray, "1 1 4"] = np.full((1, 1, 4), 128, dtype=np.uint8)
# Slope of bumps for a difference of 1 in brightness between two pixels.
_STEEPNESS = 2.0
_STEEPEST = 0.8
# The level of no wear, and levels for each unit.
_NO_WEAR, _WEAR_STEPS = 160, 60
# The depth of bumps, relative to others, and the amplitude of wear. What is printed or drawn has neither.
_USUAL = (1.0, 0.15)
_PRINTED = (0.0, 0.0)
_OF_TEXTURES = {
    **dict.fromkeys(("posters", "artworks", "screens", "boards", "painting", "facades"), _PRINTED),
    **dict.fromkeys(("soft_disc", "skin"), _PRINTED),
    **dict.fromkeys(("products", "cartons", "book_spines"), (0.3, 0.20)),
    **dict.fromkeys(("stripes", "plaid", "checks", "dots", "pinstripes", "wide-stripes"), (0.0, 0.04)),
    "checker": (0.0, 0.04),
    **dict.fromkeys(("fabric", "denim", "knit", "ribs", "tweed", "leather", "strands"), (0.6, 0.05)),
    **dict.fromkeys(("flowers", "camouflage", "botanical", "damask"), (0.15, 0.12)),
    **dict.fromkeys(("rug_red", "rug_soft", "rug_kilim", "carpet_tiles"), (0.4, 0.30)),
    **dict.fromkeys(("checker_tiles", "pattern_tiles", "terrazzo", "marble"), (0.15, 0.08)),
    **dict.fromkeys(("asphalt", "tarmac", "concrete", "cement", "concrete_cast", "paving"), (0.8, 0.15)),
    **dict.fromkeys(("smooth", "metal", "painted", "linoleum"), (0.4, 0.05)),
    **dict.fromkeys(("facade", "curtain_wall"), (0.5, 0.06)),
    # Floors and walls of large rooms.
    **dict.fromkeys(("old_brick", "oak_floor"), (1.0, 0.25)),
}  # fmt: skip


@dataclass(frozen=True)
class Relief:
    """An image, and how many tiles of the texture it covers along each side."""

    image: UInt8[np.ndarray, "height width 4"]
    tiles: int = 1


def relief_of_texture(name: str, image: UInt8[np.ndarray, "height width channels"]) -> Relief:
    """Return the relief of the texture ``name``; its bumps are the brightness of ``image``.

    Textures of other sizes than those of our own have none.
    """
    depth, wear = _OF_TEXTURES.get(name.partition(".")[0], _USUAL)
    is_known = image.shape[:2] in [(size, size) for size in _TILE_PX]
    if not is_known or name.startswith("sky") or (depth, wear) == _PRINTED:
        return Relief(FLAT)
    tile_px = _TILE_PX[len(image)]
    worn = cached(
        f"relief-{name}",
        lambda: _worn(_slopes(image, tile_px, depth), wear, name),
        origin=np.ascontiguousarray(image[..., 1]).tobytes(),
    )
    return Relief(worn, SIZE_PX // tile_px)


def relief_of_normals(normals: UInt8[np.ndarray, "height width channels"]) -> Relief:
    """Return the relief of a normal map (red along u, green along v), which has no wear."""
    unit = normals[..., :3].astype(np.float32) / 127.5 - 1
    slopes = np.clip(unit[..., :2] / np.maximum(unit[..., 2:], 0.2), -1, 1)
    image = np.full((*normals.shape[:2], 4), 128, dtype=np.uint8)
    image[..., :2] = np.round(128 + 127 * slopes)
    return Relief(image)


def _slopes(image: np.ndarray, size: int, depth: float) -> Int16[np.ndarray, "tile tile 2"]:
    """Slopes of a tile, in steps of 1/127."""
    from scipy.ndimage import gaussian_filter

    some = len(image) // size
    # Green alone is near enough to brightness.
    rows = image[..., 1].reshape(size, some, size * some).sum(axis=1, dtype=np.uint16)
    brightness = rows.reshape(size, size, some).sum(axis=2) / np.float32(255 * some**2)
    height = gaussian_filter(brightness, 0.6, mode="wrap")
    slopes = np.stack([np.roll(height, 1, axis) - np.roll(height, -1, axis) for axis in (1, 0)], axis=-1)
    bound = _STEEPEST * 127
    return np.round(np.clip(127 * 0.5 * _STEEPNESS * depth * slopes, -bound, bound)).astype(np.int16)


def _worn(
    slopes: Int16[np.ndarray, "tile tile 2"], wear: float, name: str
) -> UInt8[np.ndarray, "size size 4"]:
    """Repeat a tile, with wear that differs from texture to texture."""
    shift = zlib.crc32(name.encode())
    levels = np.roll(_wear(), (shift % SIZE_PX, shift // SIZE_PX % SIZE_PX), (0, 1))
    field = (np.arange(256) - _NO_WEAR) / _WEAR_STEPS
    gloss, color = (np.clip(128 + 128 * wear * field * factor, 0, 255) for factor in (-1.5, 1.0))
    relief = np.empty((SIZE_PX, SIZE_PX, 4), dtype=np.uint8)
    tile = (128 + slopes).astype(np.uint8)
    relief.reshape(-1, len(tile), SIZE_PX // len(tile), len(tile), 4)[..., :2] = tile[:, None]
    relief[..., 2] = np.round(gloss).astype(np.uint8)[levels]
    relief[..., 3] = np.round(color).astype(np.uint8)[levels]
    return relief


@cache
def _wear() -> UInt8[np.ndarray, "size size"]:
    """A tileable field: clouds, fine grain, and spots of all sizes; in levels above ``_NO_WEAR``."""
    import scipy.fft

    rng = np.random.default_rng(zlib.crc32(b"wear"))
    field = 0.9 * tileable_noise(rng, 1.3, SIZE_PX, low_cut=3) + 0.5 * tileable_noise(
        rng, 0.5, SIZE_PX, low_cut=40
    )
    frequency = np.hypot(np.fft.fftfreq(SIZE_PX)[:, None], np.fft.rfftfreq(SIZE_PX)[None])
    for radius_px, count in ((2.0, 2600), (4.5, 700), (10.0, 160)):
        spots = np.zeros((SIZE_PX, SIZE_PX), dtype=np.float32)
        rows, columns = rng.integers(0, SIZE_PX, (2, count))
        spots[rows, columns] = rng.choice([-1.6, -1.0, 0.9], count) * 2 * np.pi * radius_px**2
        blur = np.exp(-2 * (np.pi * radius_px * frequency) ** 2).astype(np.float32)
        field += scipy.fft.irfft2(scipy.fft.rfft2(spots) * blur, s=spots.shape)
    return np.clip(_NO_WEAR + _WEAR_STEPS * field, 0, 255).astype(np.uint8)
