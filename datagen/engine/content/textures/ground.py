"""Procedural tileable textures of outdoor surfaces, 512 or 1024 pixels; pure functions of a generator."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from ..noise import tileable_noise
from ..unreal_space import Number, Triple

_SMALL_PX, _LARGE_PX = 512, 1024


@dataclass(frozen=True)
class _Stones:
    """Which stone each pixel shows, its distance from the stone's edge in pixels, and its place inside."""

    number: np.ndarray
    edge_px: np.ndarray
    inside_y: np.ndarray
    count: int

    def varied(self, rng: np.random.Generator, spread: Number, hue: Number = 0.05) -> np.ndarray:
        """A colour around white for every pixel, the same within a stone."""
        warmth = hue * rng.standard_normal((self.count, 1)) * np.array([1.0, 0.0, -1.0])
        tone = 1 - spread * rng.random((self.count, 1)) + warmth
        return tone.astype(np.float32)[self.number]


def _courses(
    rng: np.random.Generator, size_px: int, rows: int, columns: int, *, uneven: Number, wobble_px: Number = 0
) -> _Stones:
    """Stones in rows; ``uneven`` varies their sizes, and ``wobble_px`` bends their outlines."""
    y, x = np.mgrid[0:size_px, 0:size_px].astype(np.float32)
    if wobble_px:
        x = (x + wobble_px * tileable_noise(rng, 1.0, size_px, low_cut=6)) % size_px
        y = (y + wobble_px * tileable_noise(rng, 1.0, size_px, low_cut=6)) % size_px
    row_edges = _edges(rng, size_px, rows, 0.6 * uneven)
    row, below, above = _place(row_edges, y, size_px)
    number, beside = np.empty(x.shape, dtype=np.int64), np.empty_like(x)
    for index in range(rows):
        here = row == index
        edges = _edges(rng, size_px, columns, uneven)
        column, left, right = _place(edges, x[here], size_px)
        number[here] = index * columns + column
        beside[here] = np.minimum(left, right)
    inside_y = below / np.maximum(below + above, 1e-6)
    return _Stones(number, np.minimum(np.minimum(below, above), beside), inside_y, rows * columns)


def _edges(rng: np.random.Generator, size_px: int, count: int, uneven: Number) -> np.ndarray:
    places = (np.arange(count) + rng.random() + uneven * (rng.random(count) - 0.5)) * size_px / count
    return np.sort(places % size_px)


def _place(edges: np.ndarray, values: np.ndarray, size_px: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The interval of each value on a circle, and its distances from the interval's two ends."""
    upper = np.searchsorted(edges, values, side="right")
    low, high = edges[upper - 1], edges[upper % len(edges)]
    return upper % len(edges), (values - low) % size_px, (high - values) % size_px


def _gray(value: np.ndarray, tint: Triple = (1, 1, 1)) -> np.ndarray:
    return value[..., None] * np.array(tint, dtype=np.float32)


def _between(low: Triple, high: Triple, share: np.ndarray) -> np.ndarray:
    """Colours from ``low`` to ``high``."""
    first, last = np.array(low, dtype=np.float32), np.array(high, dtype=np.float32)
    return first + np.clip(share, 0, 1)[..., None] * (last - first)


def _pieces(
    rng: np.random.Generator, size_px: int, count: int, length_px: tuple[Number, Number]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Rows and columns of the pixels of small ellipses, and their distances from the ellipse's long axis."""
    reach = int(np.ceil(length_px[1]))
    y, x = np.mgrid[-reach : reach + 1, -reach : reach + 1]
    centers, turns = rng.integers(0, size_px, (count, 2)), rng.uniform(0, np.pi, count)
    for (cx, cy), turn, length in zip(centers, turns, rng.uniform(*length_px, count), strict=True):
        along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        row, column = np.nonzero((along / length) ** 2 + (across / (0.5 * length)) ** 2 < 1)
        yield (cy + row) % size_px, (cx + column) % size_px, across[row, column]


def _turf(rng: np.random.Generator) -> np.ndarray:
    size = _LARGE_PX
    clumps, blades = tileable_noise(rng, 0.8, size, low_cut=14), tileable_noise(rng, 0.25, size)
    tufts = np.clip(2.2 * tileable_noise(rng, 0.7, size, low_cut=40), -1, 1)
    dry = tileable_noise(rng, 1.3, size, low_cut=2) + 0.4 * blades
    color = _between((0.88, 0.94, 0.74), (1.0, 0.96, 0.80), dry * 1.4 - 0.1)
    return color * _gray(0.80 + 0.15 * clumps + 0.15 * tufts + 0.20 * blades)


def _sand(rng: np.random.Generator) -> np.ndarray:
    size = _LARGE_PX
    y = np.mgrid[0:size, 0:size][0] / size
    bend, grain = tileable_noise(rng, 1.5, size, low_cut=2), tileable_noise(rng, 0.15, size)
    ripple = np.sin(2 * np.pi * (26 * y + 2.6 * bend)) * np.clip(0.5 + bend, 0, 1)
    dents = np.clip(2.2 * tileable_noise(rng, 1.5, size, low_cut=22) - 0.5, 0, 1)
    lumps = tileable_noise(rng, 0.7, size, low_cut=30)
    value = 0.86 + 0.045 * ripple + 0.07 * bend + 0.08 * grain + 0.10 * lumps - 0.20 * dents
    tones = rng.choice((-0.30, -0.18, 0.14), 1500)
    for (row, column, _), tone in zip(_pieces(rng, size, 1500, (2, 6)), tones, strict=True):
        value[row, column] += tone
    return _gray(value, (1.0, 0.99, 0.96))


def _soil(rng: np.random.Generator) -> np.ndarray:
    size = _SMALL_PX
    lumps, grain = tileable_noise(rng, 0.9, size, low_cut=3), tileable_noise(rng, 0.2, size)
    stones = np.clip(tileable_noise(rng, 1.6, size, low_cut=24) * 6 - 3.6, 0, 1)
    earth = _between((0.80, 0.72, 0.62), (1.0, 0.95, 0.86), 0.5 + lumps) * _gray(0.88 + 0.2 * grain)
    return earth + stones[..., None] * (0.92 + 0.15 * grain[..., None] - earth)


def _litter(rng: np.random.Generator) -> np.ndarray:
    """Fallen leaves over earth: thousands of small ellipses, each of its own tone."""
    size, count = _SMALL_PX, 2600
    earth, grain = tileable_noise(rng, 1.2, size, low_cut=3), tileable_noise(rng, 0.2, size)
    image = _between((0.62, 0.54, 0.44), (0.80, 0.70, 0.56), 0.5 + 0.6 * earth) * _gray(0.9 + 0.18 * grain)
    tints = _between((0.72, 0.60, 0.44), (1.0, 0.93, 0.74), rng.random(count)) * rng.uniform(
        0.7, 1.1, (count, 1)
    )
    for (row, column, across), tint in zip(_pieces(rng, size, count, (4, 9)), tints, strict=True):
        vein = 1 - 0.25 * (np.abs(across) < 0.7)
        image[row, column] = tint * vein[:, None]
    return image


def _snow(rng: np.random.Generator) -> np.ndarray:
    size = _LARGE_PX
    drift, grain = tileable_noise(rng, 1.4, size, low_cut=2), tileable_noise(rng, 0.5, size, low_cut=8)
    crumbs = tileable_noise(rng, 0.7, size, low_cut=30)
    holes = np.clip(2.2 * tileable_noise(rng, 1.5, size, low_cut=18) - 0.7, 0, 1)
    value = 0.94 + 0.05 * grain + 0.09 * crumbs - 0.16 * holes
    tones = rng.choice((-0.24, -0.12, 0.08), 900)
    for (row, column, _), tone in zip(_pieces(rng, size, 900, (2, 7)), tones, strict=True):
        value[row, column] += tone
    return _between((0.84, 0.88, 0.95), (0.97, 0.97, 0.98), 0.5 + 0.6 * drift) * _gray(value)


def _cobbles(rng: np.random.Generator) -> np.ndarray:
    size = _LARGE_PX
    stones = _courses(rng, size, 44, 40, uneven=0.5, wobble_px=4)
    dome = np.clip(stones.edge_px / 7.0, 0, 1) ** 0.6
    grain = tileable_noise(rng, 0.5, size)
    return stones.varied(rng, 0.42, 0.035) * _gray((0.36 + 0.64 * dome) * (1 + 0.13 * grain))


def _flagstones(rng: np.random.Generator) -> np.ndarray:
    size = _LARGE_PX
    stones = _courses(rng, size, 10, 7, uneven=0.7)
    joint = np.clip(stones.edge_px / 4.0, 0, 1)
    stain = tileable_noise(rng, 1.2, size, low_cut=3)
    grain = tileable_noise(rng, 0.5, size)
    face = (1 + 0.10 * stain + 0.10 * grain) * (0.5 + 0.5 * joint)
    return stones.varied(rng, 0.26, 0.025) * _gray(face)


def _gravel(rng: np.random.Generator) -> np.ndarray:
    size = _SMALL_PX
    coarse, fine = tileable_noise(rng, 0.9, size, low_cut=40), tileable_noise(rng, 0.4, size, low_cut=60)
    hue = tileable_noise(rng, 0.9, size, low_cut=30)
    return _between((0.78, 0.76, 0.74), (1.0, 0.96, 0.90), 0.5 + hue) * _gray(
        0.80 + 0.28 * coarse + 0.14 * fine
    )


def _tarmac(rng: np.random.Generator) -> np.ndarray:
    size = _LARGE_PX
    grain, worn = tileable_noise(rng, 0.2, size), tileable_noise(rng, 1.3, size, low_cut=2)
    crack_field = tileable_noise(rng, 1.3, size, low_cut=3)
    crack = np.clip(1 - np.abs(crack_field) / 0.012, 0, 1) * (worn > 0.12)
    stones = rng.random((size, size), dtype=np.float32) > 0.985
    return _gray(0.76 + 0.15 * grain + 0.15 * worn + 0.22 * stones - 0.34 * crack, (1.0, 1.0, 1.02))


def _roof_tiles(rng: np.random.Generator) -> np.ndarray:
    size = _SMALL_PX
    tiles = _courses(rng, size, 16, 18, uneven=0.12)
    shade = (0.50 + 0.50 * np.clip(tiles.inside_y * 3.0, 0, 1)) * (
        0.6 + 0.4 * np.clip(tiles.edge_px / 5, 0, 1)
    )
    moss = np.clip(tileable_noise(rng, 1.4, size, low_cut=2) * 2 - 0.8, 0, 1)
    color = tiles.varied(rng, 0.34, 0.05) * _gray(shade * (1 + 0.10 * tileable_noise(rng, 0.4, size)))
    return color * (1 - 0.35 * _gray(moss, (1.0, 0.7, 1.0)))


def _stonework(rng: np.random.Generator) -> np.ndarray:
    size = _SMALL_PX
    stones = _courses(rng, size, 13, 7, uneven=0.75, wobble_px=3)
    dome = np.clip(stones.edge_px / 5.0, 0, 1)
    rough = tileable_noise(rng, 0.7, size)
    return stones.varied(rng, 0.36, 0.035) * _gray((0.52 + 0.48 * dome) * (1 + 0.18 * rough))


def _stucco(rng: np.random.Generator) -> np.ndarray:
    size = _SMALL_PX
    trowel, grain = tileable_noise(rng, 0.9, size, low_cut=5), tileable_noise(rng, 0.25, size)
    runs = tileable_noise(rng, 1.1, size, low_cut=2, stretch=(1.0, 0.16))
    crack_field = tileable_noise(rng, 1.3, size, low_cut=2)
    crack = np.clip(1 - np.abs(crack_field) / 0.010, 0, 1) * (trowel > 0.15)
    return _gray(0.90 + 0.05 * trowel + 0.07 * grain + 0.07 * runs - 0.22 * crack, (1.0, 0.995, 0.98))


def _rock(rng: np.random.Generator) -> np.ndarray:
    size = _SMALL_PX
    strata = tileable_noise(rng, 1.0, size, low_cut=2, stretch=(1.0, 0.14))
    rough = tileable_noise(rng, 0.9, size, low_cut=4)
    crack = np.clip(1 - np.abs(tileable_noise(rng, 1.2, size, low_cut=3)) / 0.05, 0, 1)
    color = _between((0.82, 0.78, 0.76), (1.0, 0.97, 0.92), 0.5 + 0.8 * strata)
    return color * _gray(0.86 + 0.14 * strata + 0.22 * rough - 0.24 * crack)


def _water(rng: np.random.Generator) -> np.ndarray:
    size = _SMALL_PX
    swell = tileable_noise(rng, 1.2, size, low_cut=4, stretch=(0.5, 1.0))
    ripple = tileable_noise(rng, 0.8, size, low_cut=14, stretch=(0.6, 1.0))
    foam = np.clip(ripple * 2.4 + swell - 1.5, 0, 1)
    return (
        _between((0.60, 0.72, 0.78), (0.92, 0.97, 1.0), 0.45 + 0.5 * swell + 0.45 * ripple)
        + 0.2 * foam[..., None]
    )


def _decking(rng: np.random.Generator) -> np.ndarray:
    size = _LARGE_PX
    boards = _courses(rng, size, 32, 4, uneven=0.25)
    grain = tileable_noise(rng, 0.9, size, low_cut=2, stretch=(0.06, 1.0))
    joint = np.clip(boards.edge_px / 2.5, 0, 1)
    return boards.varied(rng, 0.30, 0.03) * _gray(
        (0.92 + 0.20 * grain) * (0.35 + 0.65 * joint), (1.0, 0.98, 0.95)
    )


def _crop(rng: np.random.Generator) -> np.ndarray:
    """A field in rows along x."""
    size = _SMALL_PX
    y = np.mgrid[0:size, 0:size][0] / size
    bend, leaf = tileable_noise(rng, 1.5, size, low_cut=2), tileable_noise(rng, 0.5, size, low_cut=6)
    row = 0.5 + 0.5 * np.sin(2 * np.pi * (16 * y + 0.15 * bend))
    return _between((0.62, 0.52, 0.40), (0.96, 1.0, 0.80), 0.1 + row + 0.5 * leaf) * _gray(0.90 + 0.18 * leaf)


def _foliage(rng: np.random.Generator) -> np.ndarray:
    size = _SMALL_PX
    leaves, clumps = tileable_noise(rng, 0.8, size, low_cut=26), tileable_noise(rng, 1.0, size, low_cut=6)
    hue = tileable_noise(rng, 0.9, size, low_cut=10)
    value = np.clip(0.78 + 0.42 * leaves + 0.24 * clumps, 0.22, 1.0)
    return _between((0.90, 0.98, 0.82), (1.0, 0.97, 0.80), 0.5 + hue) * _gray(value)


# Windows of the facades whose windows are in the texture: columns and rows of a tile.
WINDOWS = {"facade": (12, 8), "curtain_wall": (16, 16)}


def _facade(rng: np.random.Generator) -> np.ndarray:
    """Storeys of windows; blinds and curtains make each window a different one."""
    size, (columns, rows) = _LARGE_PX, WINDOWS["facade"]
    y, x = np.mgrid[0:size, 0:size] / size
    column, row = (x * columns).astype(int), (y * rows).astype(int)
    in_x, in_y = (x * columns) % 1, (y * rows) % 1

    def of_window(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, (rows, columns))[row, column]

    is_glass = (np.abs(in_x - 0.5) < 0.30) & (np.abs(in_y - 0.52) < 0.30)
    is_bar = (np.abs(in_x - 0.5) < 0.02) | (np.abs(in_y - 0.62) < 0.015)
    glass = _gray(of_window(0.22, 0.60) * (0.75 + 0.5 * in_y), (0.72, 0.90, 1.0))
    cloth = rng.uniform(0.45, 1.0, (rows, columns, 1)) * rng.uniform(0.75, 1.0, (rows, columns, 3))
    is_blind = in_y > of_window(0.30, 1.35)
    is_curtain = np.abs(in_x - of_window(0.15, 0.85)) < of_window(-0.15, 0.20)
    folds = _gray(0.85 + 0.15 * np.sin(2 * np.pi * of_window(5, 12) * (in_y * is_blind + in_x * ~is_blind)))
    glass = np.where((is_blind | is_curtain)[..., None], cloth[row, column] * folds, glass)
    streaks = tileable_noise(rng, 0.5, size, low_cut=6) * np.clip(1.2 - in_y, 0, 1)
    wall = _gray(
        0.86 + 0.06 * tileable_noise(rng, 0.8, size) + 0.07 * streaks - 0.14 * (np.abs(in_y - 0.19) < 0.02)
    )
    return np.where((is_glass & ~is_bar)[..., None], glass, wall)


def _curtain_wall(rng: np.random.Generator) -> np.ndarray:
    """A facade of glass panes between thin frames."""
    size, (columns, rows) = _LARGE_PX, WINDOWS["curtain_wall"]
    panes = _courses(rng, size, columns, rows, uneven=0.0)
    tone = rng.uniform(0.40, 0.85, columns * rows)[panes.number % (columns * rows)]
    cloud = tileable_noise(rng, 1.5, size, low_cut=2)
    glass = _between((0.42, 0.58, 0.70), (0.85, 0.93, 1.0), tone - 0.2 + 0.3 * cloud)
    return np.where((panes.edge_px < 3)[..., None], 0.72, glass)


GROUND_TEXTURES: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "turf": _turf, "sand": _sand, "soil": _soil, "litter": _litter, "snow": _snow, "cobbles": _cobbles,
    "flagstones": _flagstones, "gravel": _gravel, "tarmac": _tarmac, "roof_tiles": _roof_tiles,
    "stonework": _stonework, "stucco": _stucco, "rock": _rock, "water": _water, "decking": _decking,
    "crop": _crop, "foliage": _foliage, "facade": _facade, "curtain_wall": _curtain_wall,
}  # fmt: skip
