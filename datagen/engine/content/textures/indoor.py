"""Textures of floors indoors, and all textures of indoor levels by name."""

import numpy as np

from .drawing import SIZE_PX, Rng, Texture, clouds, gray, tile_grid, unit_grid, warmth
from .soft import SOFT_TEXTURES
from .walls import WALL_TEXTURES


def _oak_floor(rng: Rng) -> np.ndarray:
    """Long boards of different length and tone."""
    rows = 16
    y, x = unit_grid()
    row = (y * rows).astype(int)
    ends = np.sort(rng.random((rows, 3)), axis=1)[row]
    board = (x[..., None] > ends).sum(axis=-1) % 3
    tone = (0.72 + 0.28 * rng.random((rows, 3)))[row, board]
    hue = warmth(rng, (rows, 3), 0.035)[row, board]
    offset = rng.integers(0, SIZE_PX, (rows, 3))[row, board]
    grain = clouds(rng, 0.9, (1.0, 0.05))
    columns = (np.arange(SIZE_PX) + offset) % SIZE_PX
    grain = grain[np.arange(SIZE_PX)[:, None], columns]
    end_gap = np.abs(x[..., None] - ends).min(axis=-1) * SIZE_PX
    edge = (y * rows) % 1
    gap = np.clip(np.minimum(np.minimum(edge, 1 - edge) * SIZE_PX / rows, end_gap) / 1.3, 0, 1)
    return gray(tone * (0.94 + 0.15 * grain) * (0.55 + 0.45 * gap), (1.0, 0.98, 0.94)) * hue


def _herringbone(rng: Rng) -> np.ndarray:
    """Blocks of 4 x 1 units in zigzag; the pattern has a period of 8 units."""
    units, length = 32, 4
    y, x = unit_grid()
    i, j = (x * units).astype(int), (y * units).astype(int)
    phase = (i - j) % (2 * length)
    across = phase < length
    block_x = np.where(across, i - phase, i)
    block_y = np.where(across, j, j - (2 * length - 1 - phase))
    table = rng.random((units, units, 2))
    pick = table[block_y % units, block_x % units]
    u = np.where(across, (x * units - block_x) / length, x * units - i)
    v = np.where(across, y * units - j, (y * units - block_y) / length)
    sizes_u = np.where(across, length, 1) * SIZE_PX / units
    sizes_v = np.where(across, 1, length) * SIZE_PX / units
    gap = np.minimum(np.minimum(u, 1 - u) * sizes_u, np.minimum(v, 1 - v) * sizes_v)
    grain = np.where(across, clouds(rng, 0.9, (1.0, 0.08)), clouds(rng, 0.9, (0.08, 1.0)))
    tone = 0.70 + 0.30 * pick[..., 0]
    picture = gray(tone * (0.94 + 0.14 * grain) * (0.6 + 0.4 * np.clip(gap / 1.2, 0, 1)), (1, 0.97, 0.92))
    return picture * (1 + 0.08 * (pick[..., 1:] - 0.5) * np.array([1, 0, -1]))


def _terrazzo(rng: Rng) -> np.ndarray:
    """Angular chips of stone in several colours and sizes."""
    picture = gray(0.90 + 0.03 * clouds(rng, 1.2))
    colors = np.array(
        [[0.45, 0.42, 0.40], [0.80, 0.52, 0.40], [0.55, 0.62, 0.58], [0.98, 0.96, 0.92], [0.7, 0.6, 0.5]]
    )
    for _ in range(1100):
        reach = int(rng.choice([3, 4, 6, 9], p=[0.4, 0.3, 0.2, 0.1]))
        dy, dx = np.mgrid[-reach : reach + 1, -reach : reach + 1]
        # A chip is the part of a square that is left by three cuts.
        turns = rng.uniform(0, 2 * np.pi, 3)
        cuts = rng.uniform(0.35, 0.95, 3) * reach
        is_chip = np.all(
            [dx * np.cos(t) + dy * np.sin(t) < c for t, c in zip(turns, cuts, strict=True)], axis=0
        )
        rows, columns = np.nonzero(is_chip)
        row, column = rng.integers(SIZE_PX, size=2)
        color = colors[rng.integers(len(colors))] * rng.uniform(0.85, 1.1)
        picture[(rows + row) % SIZE_PX, (columns + column) % SIZE_PX] = color
    return picture * gray(0.97 + 0.05 * clouds(rng, 1.5))


def _floor_tiles(rng: Rng) -> np.ndarray:
    color, gap = tile_grid(rng, 8, 8, 2.0, 0.16)
    return color * gray((0.97 + 0.07 * clouds(rng, 1.1)) * (0.62 + 0.38 * gap))


def _checker_tiles(rng: Rng) -> np.ndarray:
    color, gap = tile_grid(rng, 8, 8, 1.6, 0.12)
    y, x = unit_grid()
    dark = ((y * 8).astype(int) + (x * 8).astype(int)) % 2 == 0
    marble = 0.95 + 0.18 * clouds(rng, 1.5)
    return color * np.where(dark[..., None], 0.30, 0.98) * gray(marble * (0.7 + 0.3 * gap))


def _pattern_tiles(rng: Rng) -> np.ndarray:
    """Encaustic cement tiles: five motifs, laid at random."""
    count = 8
    y, x = unit_grid()
    row, column = (y * count).astype(int), (x * count).astype(int)
    motif = rng.integers(0, 5, (count, count))[row, column]
    dx, dy = np.abs((x * count) % 1 - 0.5), np.abs((y * count) % 1 - 0.5)
    radius, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
    shapes = [
        np.abs(radius - 0.33) < 0.07,
        dx + dy < 0.30,
        np.abs(dx - dy) < 0.08,
        radius < 0.16 + 0.2 * np.cos(4 * angle) ** 2,
        np.maximum(dx, dy) > 0.38,
    ]
    corner = np.hypot(0.5 - dx, 0.5 - dy) < 0.22
    inked = np.choose(motif, shapes)
    palette = np.array([[0.92, 0.88, 0.80], [0.22, 0.34, 0.44], [0.72, 0.40, 0.28]])
    picture = palette[np.where(corner, 2, np.where(inked, 1, 0))]
    tone, gap = tile_grid(rng, count, count, 1.4, 0.14)
    return picture * tone * gray((0.96 + 0.10 * clouds(rng, 1.0)) * (0.7 + 0.3 * gap))


def _subway_tiles(rng: Rng) -> np.ndarray:
    rows, columns = 16, 8
    y, x = unit_grid()
    row = (y * rows).astype(int)
    shifted = (x * columns + 0.5 * (row % 2)) % columns
    tone = (1 - 0.12 * rng.random((rows, columns)))[row, shifted.astype(int)]
    gap_x, gap_y = shifted % 1, (y * rows) % 1
    gap = np.minimum(np.minimum(gap_x, 1 - gap_x) * 64, np.minimum(gap_y, 1 - gap_y) * 32)
    shine = 1 + 0.05 * (gap_y - 0.5)
    return gray(tone * shine * (0.97 + 0.04 * clouds(rng, 1.3)) * (0.72 + 0.28 * np.clip(gap / 1.5, 0, 1)))


def _linoleum(rng: Rng) -> np.ndarray:
    marble = clouds(rng, 1.0, (0.35, 1.0))
    specks = (rng.random((SIZE_PX, SIZE_PX)) > 0.97) * 0.12
    scuffs = (clouds(rng, 1.1, (1.0, 0.15)) > 0.72) * 0.10
    return gray(0.88 + 0.10 * marble + 0.06 * clouds(rng, 0.3) - specks - scuffs)


def _carpet_tiles(rng: Rng) -> np.ndarray:
    """Office carpet: squares of quarter-turned loops."""
    color, gap = tile_grid(rng, 8, 8, 1.2, 0.22, 0.03)
    y, x = unit_grid()
    turned = ((y * 8).astype(int) + (x * 8).astype(int)) % 2 == 0
    loops = np.where(turned, clouds(rng, 0.35, (1.0, 0.3)), clouds(rng, 0.35, (0.3, 1.0)))
    flecks = clouds(rng, 0.6)
    return color * gray((0.82 + 0.20 * loops + 0.14 * flecks) * (0.85 + 0.15 * gap))


def _cement(rng: Rng) -> np.ndarray:
    """Polished cement with stains, hairline cracks and saw cuts."""
    base = 0.84 + 0.13 * clouds(rng, 1.7) + 0.05 * clouds(rng, 0.4)
    cracks = np.exp(-np.abs(clouds(rng, 1.5)) * 90) * (clouds(rng, 1.8) > 0.25)
    stains = np.clip(clouds(rng, 2.0) - 0.45, 0, 1) * 0.5
    y, x = unit_grid()
    cut = np.minimum(np.abs(x - 0.5), np.abs(y - 0.5)) * SIZE_PX < 0.8
    return gray((base - 0.3 * cracks - stains) * np.where(cut, 0.7, 1.0), (1.0, 0.99, 0.97))


INDOOR_TEXTURES: dict[str, Texture] = {
    "oak_floor": _oak_floor,
    "herringbone": _herringbone,
    "terrazzo": _terrazzo,
    "floor_tiles": _floor_tiles,
    "checker_tiles": _checker_tiles,
    "pattern_tiles": _pattern_tiles,
    "subway_tiles": _subway_tiles,
    "linoleum": _linoleum,
    "carpet_tiles": _carpet_tiles,
    "cement": _cement,
    **WALL_TEXTURES,
    **SOFT_TEXTURES,
}
