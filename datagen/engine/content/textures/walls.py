"""Textures of walls, ceilings and hard materials indoors."""

import numpy as np

from .drawing import LARGE_PX, SIZE_PX, Rng, Texture, clouds, gray, tile_grid, unit_grid, warmth


def _worn_plaster(rng: Rng) -> np.ndarray:
    """Old plaster: clouds, brush strokes, scratches and patched holes."""
    strokes = clouds(rng, 0.9, (0.35, 1.0)) * 0.05 + clouds(rng, 0.9, (1.0, 0.35)) * 0.05
    patches = np.where(clouds(rng, 1.9) > 0.35, 0.05, 0.0)
    cracks = np.exp(-np.abs(clouds(rng, 1.6)) * 120) * (clouds(rng, 1.8) > 0.3)
    return gray(0.90 + 0.07 * clouds(rng, 1.5) + strokes + 0.03 * clouds(rng, 0.3) + patches - 0.25 * cracks)


def _painted(rng: Rng) -> np.ndarray:
    """A painted wall: roller marks, faint clouds, scuffs and hairline cracks."""
    roller = clouds(rng, 0.8, (1.0, 0.4)) * 0.03
    scuffs = (clouds(rng, 1.0, (0.5, 1.0)) > 0.72) * 0.06
    cracks = np.exp(-np.abs(clouds(rng, 1.4)) * 150) * (clouds(rng, 1.6) > 0.2)
    return gray(0.95 + 0.035 * clouds(rng, 1.6) + roller + 0.03 * clouds(rng, 0.4) - scuffs - 0.10 * cracks)


def _old_brick(rng: Rng) -> np.ndarray:
    """Bricks with burnt ones among them, and patches of old limewash; large, as its repeats would be seen."""
    rows, columns = 72, 24
    y, x = unit_grid(LARGE_PX)
    row = (y * rows).astype(int)
    shifted = (x * columns + 0.5 * (row % 2) + 0.15 * rng.random(rows)[row]) % columns
    column = shifted.astype(int)
    tone = (0.55 + 0.45 * rng.random((rows, columns)) ** 0.7)[row, column]
    hue = warmth(rng, (rows, columns), 0.05)[row, column]
    grain, fine, broad = (clouds(rng, slope, size_px=LARGE_PX) for slope in (0.6, 0.5, 1.5))
    gap_x, gap_y = shifted % 1, (y * rows) % 1
    gap = np.minimum(np.minimum(gap_x, 1 - gap_x) * 42, np.minimum(gap_y, 1 - gap_y) * 14) + 0.8 * fine
    bricks = gray(tone * (0.95 + 0.22 * grain), (1.0, 0.93, 0.88)) * hue
    wall = np.where((gap < 1.5)[..., None], gray(0.86 + 0.10 * fine), bricks)
    lime = np.clip((broad + 0.25 * grain - 0.30) * 4, 0, 0.65)[..., None]
    return wall * (1 - lime) + lime * np.array([1.0, 0.98, 0.94])


def _wall_panels(rng: Rng) -> np.ndarray:
    """Upright wooden slats."""
    columns = 24
    _, x = unit_grid()
    column = (x * columns).astype(int)
    tone = (0.70 + 0.30 * rng.random(columns))[column]
    edge = (x * columns) % 1
    relief = np.clip(np.minimum(edge, 1 - edge) * 9, 0, 1)
    return gray(
        tone * (0.93 + 0.17 * clouds(rng, 0.9, (0.05, 1.0))) * (0.35 + 0.65 * relief), (1, 0.97, 0.92)
    )


def _acoustic(rng: Rng) -> np.ndarray:
    """Ceiling tiles with pin holes in a white grid."""
    color, gap = tile_grid(rng, 6, 6, 2.5, 0.07, 0.005)
    pits = (clouds(rng, 0.15) > 0.78) * 0.16
    return color * gray((0.97 - pits + 0.03 * clouds(rng, 1.5)) * (0.78 + 0.22 * gap))


def _concrete_cast(rng: Rng) -> np.ndarray:
    """Concrete with the marks of its formwork: boards and tie holes."""
    color, gap = tile_grid(rng, 2, 4, 1.6, 0.14, 0.01)
    y, x = unit_grid()
    hole = np.hypot((x * 4) % 1 - 0.5, (y * 4) % 1 - 0.5) * SIZE_PX / 4 < 4
    boards = clouds(rng, 0.8, (1.0, 0.06))
    pits = (clouds(rng, 0.5) > 0.8) * 0.15
    face = 0.92 + 0.10 * clouds(rng, 1.6) + 0.05 * boards - pits
    return color * gray(face * (0.6 + 0.4 * gap) * np.where(hole, 0.45, 1.0))


def _wood_grain(rng: Rng) -> np.ndarray:
    """Furniture wood: stretched rings and pores along x."""
    warp = 3.0 * clouds(rng, 1.8, (1.0, 0.12))
    y, _ = unit_grid()
    rings = 0.5 + 0.5 * np.sin(2 * np.pi * (7 * y + warp))
    pores = clouds(rng, 0.4, (1.0, 0.03))
    return gray(0.84 + 0.10 * rings + 0.09 * pores + 0.06 * clouds(rng, 1.6), (1.0, 0.97, 0.92))


def _marble(rng: Rng) -> np.ndarray:
    veins = np.exp(-np.abs(clouds(rng, 1.5) + 0.12 * clouds(rng, 0.7)) * 26)
    fine = np.exp(-np.abs(clouds(rng, 1.3)) * 60)
    color, gap = tile_grid(rng, 2, 2, 1.2, 0.05, 0.01)
    return color * gray((0.98 - 0.36 * veins - 0.14 * fine) * (0.75 + 0.25 * gap), (1.0, 0.99, 0.97))


def _corrugated(rng: Rng) -> np.ndarray:
    _, x = unit_grid()
    wave = 0.82 + 0.16 * np.sin(2 * np.pi * 20 * x)
    rust = np.clip(clouds(rng, 1.2, (0.3, 1.0)) - 0.35, 0, 1)[..., None]
    sheet = gray(wave * (0.96 + 0.06 * clouds(rng, 1.2, (0.15, 1.0))))
    return sheet * (1 - 0.8 * rust * np.array([0.15, 0.5, 0.75]))


def _metal(rng: Rng) -> np.ndarray:
    brushed = clouds(rng, 0.5, (1.0, 0.02))
    smears = clouds(rng, 1.7)
    return gray(0.88 + 0.08 * brushed + 0.08 * smears)


WALL_TEXTURES: dict[str, Texture] = {
    "worn_plaster": _worn_plaster,
    "painted": _painted,
    "old_brick": _old_brick,
    "wall_panels": _wall_panels,
    "acoustic": _acoustic,
    "concrete_cast": _concrete_cast,
    "wood_grain": _wood_grain,
    "marble": _marble,
    "corrugated": _corrugated,
    "metal": _metal,
}
