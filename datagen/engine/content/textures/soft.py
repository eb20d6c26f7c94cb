"""Textures of cloth, paper, rubber and rugs."""

from collections.abc import Callable

import numpy as np

from .drawing import SIZE_PX, Rng, Texture, clouds, gray, tile_grid, unit_grid


def _rubber(rng: Rng) -> np.ndarray:
    """Black rubber with coloured flecks, in square mats."""
    picture = gray(0.33 + 0.05 * clouds(rng, 0.3) + 0.10 * clouds(rng, 1.0))
    for color, level in (((0.85, 0.85, 0.88), 0.90), ((0.25, 0.55, 0.85), 0.93), ((0.9, 0.8, 0.3), 0.96)):
        flecks = clouds(rng, 0.5) > level - 0.08
        picture = np.where(flecks[..., None], color, picture)
    _, gap = tile_grid(rng, 4, 4, 1.5, 0.0, 0.0)
    return picture * gray(0.6 + 0.4 * gap)


def _leather(rng: Rng) -> np.ndarray:
    creases = np.exp(-np.abs(clouds(rng, 0.75)) * 12)
    return gray(0.92 - 0.22 * creases + 0.10 * clouds(rng, 1.7))


def _tweed(rng: Rng) -> np.ndarray:
    """Upholstery with a coarse, uneven weave."""
    y, x = np.mgrid[0:SIZE_PX, 0:SIZE_PX]
    weave = 0.07 * np.sign(np.sin(x * 2 * np.pi / 8) * np.sin(y * 2 * np.pi / 8))
    return gray(
        0.88 + weave * (0.7 + 0.5 * clouds(rng, 0.4)) + 0.09 * clouds(rng, 0.5) + 0.06 * clouds(rng, 1.6)
    )


def _botanical(rng: Rng) -> np.ndarray:
    """Wallpaper with leaves and berries at random places."""
    picture = gray(0.95 + 0.03 * clouds(rng, 1.4))
    palette = np.array([[0.30, 0.48, 0.36], [0.45, 0.60, 0.42], [0.22, 0.36, 0.36], [0.75, 0.50, 0.36]])
    for _ in range(70):
        row, column = rng.integers(SIZE_PX, size=2)
        length, turn = rng.uniform(0.04, 0.10), rng.uniform(0, np.pi)
        reach = int(length * SIZE_PX)
        dy, dx = np.mgrid[-reach:reach, -reach:reach] / SIZE_PX
        along, across = dx * np.cos(turn) + dy * np.sin(turn), dy * np.cos(turn) - dx * np.sin(turn)
        leaf = (np.abs(along) < length) & (np.abs(across) < 0.30 * length * (1 - (along / length) ** 2))
        color = palette[rng.integers(len(palette))] * rng.uniform(0.85, 1.1)
        shade = np.where(np.abs(across) < 0.0022, 0.5, 1.0)[leaf][:, None]
        rows, columns = np.nonzero(leaf)
        picture[(rows + row) % SIZE_PX, (columns + column) % SIZE_PX] = 1 - shade * (1 - color)
    return picture


def _damask(rng: Rng) -> np.ndarray:
    """Two-tone wallpaper of mirrored swirls with worn places."""
    y, x = unit_grid()
    folded = np.stack([np.abs((x * 2 + 0.5 * ((y * 2).astype(int) % 2)) % 1 - 0.5), (y * 2) % 1])
    field = np.sin(14 * folded[0] + 5 * np.sin(9 * folded[1])) + np.sin(
        13 * folded[1] + 4 * np.sin(8 * folded[0])
    )
    raised = np.clip(field * 3, -1, 1)
    return gray(0.86 + 0.10 * raised + 0.05 * clouds(rng, 1.4) + 0.03 * clouds(rng, 0.3))


def _rug(palette: tuple[tuple[float, float, float], ...], style: int) -> Callable[[Rng], np.ndarray]:
    """A whole rug: a field of motifs, no two of the same colours, inside borders."""

    def draw(rng: Rng) -> np.ndarray:
        y, x = unit_grid()
        colors = np.array(palette)
        if style == 0:
            count = 9
            row, column = (y * count).astype(int), (x * count).astype(int)
            # No two diamonds are alike: a regular field looks the same from all four sides.
            aside, slope = rng.uniform(-0.2, 0.2, (2, count, count)), rng.uniform(0.6, 1.6, (count, count))
            fx = np.abs((x * count) % 1 - 0.5 - aside[0][row, column]) * slope[row, column]
            fy = np.abs((y * count) % 1 - 0.5 - aside[1][row, column]) / slope[row, column]
            size = rng.uniform(0.12, 0.5, (count, count))[row, column]
            ink = rng.integers(1, len(colors), (count, count))[row, column]
            picture = colors[np.where(fx + fy < size, ink, 0)]
            picture = np.where(
                (fx + fy < 0.5 * size)[..., None], colors[(ink % (len(colors) - 1)) + 1], picture
            )
        elif style == 1:
            field = clouds(rng, 1.7)
            picture = colors[np.digitize(field, np.linspace(-0.5, 0.5, len(colors) - 1))]
        else:
            edges = np.sort(rng.random(22))
            picture = colors[rng.integers(0, len(colors), 23)][np.digitize(y, edges)]
            zigzag = ((x * 24 + np.abs((y * 30) % 1 - 0.5) * 2) % 1) < 0.3
            picture = np.where(
                (zigzag & (rng.random(23)[np.digitize(y, edges)] > 0.5))[..., None], colors[0], picture
            )
        border = np.minimum(np.minimum(x, 1 - x), np.minimum(y, 1 - y))
        if style != 1:
            dots = (rng.random((40, 40)) < 0.35)[(y * 40).astype(int), (x * 40).astype(int)]
            edge = np.where(dots[..., None], colors[1], colors[-1])
            picture = np.where((border < 0.09)[..., None], edge, picture)
            picture = np.where((border < 0.02)[..., None], colors[1], picture)
        return picture * gray(0.94 + 0.12 * clouds(rng, 0.2) + 0.07 * clouds(rng, 1.5))

    return draw


SOFT_TEXTURES: dict[str, Texture] = {
    "rubber": _rubber,
    "leather": _leather,
    "tweed": _tweed,
    "botanical": _botanical,
    "damask": _damask,
    "rug_red": _rug(((0.52, 0.17, 0.15), (0.84, 0.76, 0.60), (0.17, 0.20, 0.32), (0.70, 0.48, 0.26)), 0),
    "rug_soft": _rug(((0.86, 0.82, 0.76), (0.62, 0.66, 0.66), (0.80, 0.62, 0.50), (0.40, 0.46, 0.50)), 1),
    "rug_kilim": _rug(((0.90, 0.84, 0.70), (0.72, 0.30, 0.20), (0.20, 0.40, 0.42), (0.88, 0.62, 0.24)), 2),
}
