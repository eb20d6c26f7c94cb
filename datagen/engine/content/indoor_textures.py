"""Textures of indoor floors, walls, ceilings and furniture: 512 px, so that few tiles cover a room."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

Rng = np.random.Generator
SIZE_PX = 512


def clouds(rng: Rng, slope: float, stretch: tuple[float, float] = (1.0, 1.0)) -> np.ndarray:
    """Tileable noise in [-1, 1]; a larger ``slope`` is smoother, a smaller ``stretch`` (y, x) longer."""
    fy, fx = np.fft.fftfreq(SIZE_PX, 1 / SIZE_PX), np.fft.rfftfreq(SIZE_PX, 1 / SIZE_PX)
    radius = np.hypot(fy[:, None] / stretch[0], fx / stretch[1])
    spectrum = np.where(radius < 1, 0.0, 1.0 / np.maximum(radius, 1.0) ** slope)
    waves = rng.standard_normal((2, *spectrum.shape), dtype=np.float32)
    field = np.fft.irfft2((waves[0] + 1j * waves[1]) * spectrum)
    return np.clip(field / (2.5 * field.std()), -1, 1)


def gray(value: np.ndarray, tint: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> np.ndarray:
    """A picture in one tint."""
    return np.asarray(value[..., None] * np.array(tint))


def unit_grid() -> tuple[np.ndarray, np.ndarray]:
    """y and x of every pixel's centre, 0 to 1."""
    y, x = (np.mgrid[0:SIZE_PX, 0:SIZE_PX] + 0.5) / SIZE_PX
    return y, x


def _warmth(rng: Rng, shape: tuple[int, ...], spread: float) -> np.ndarray:
    """Tints between warm and cool."""
    return np.asarray(1 + spread * rng.standard_normal((*shape, 1)) * np.array([1.0, 0.1, -1.2]))


def _tiles(rng: Rng, columns: int, rows: int, joint_px: float, spread: float, hue: float = 0.015) -> tuple:
    """Tone (H, W, 3) and joint mask of rectangular tiles."""
    y, x = unit_grid()
    row, column = (y * rows).astype(int), (x * columns).astype(int)
    tone = 1 - spread * rng.random((rows, columns))[row, column]
    color = tone[..., None] * _warmth(rng, (rows, columns), hue)[row, column]
    inside_x, inside_y = (x * columns) % 1, (y * rows) % 1
    gap = np.minimum(
        np.minimum(inside_x, 1 - inside_x) * SIZE_PX / columns,
        np.minimum(inside_y, 1 - inside_y) * SIZE_PX / rows,
    )
    return color, np.clip(gap / joint_px, 0, 1)


def _oak_floor(rng: Rng) -> np.ndarray:
    """Long boards of different length and tone."""
    rows = 16
    y, x = unit_grid()
    row = (y * rows).astype(int)
    ends = np.sort(rng.random((rows, 3)), axis=1)[row]
    board = (x[..., None] > ends).sum(axis=-1) % 3
    tone = (0.72 + 0.28 * rng.random((rows, 3)))[row, board]
    hue = _warmth(rng, (rows, 3), 0.035)[row, board]
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
    color, gap = _tiles(rng, 8, 8, 2.0, 0.16)
    return color * gray((0.97 + 0.07 * clouds(rng, 1.1)) * (0.62 + 0.38 * gap))


def _checker_tiles(rng: Rng) -> np.ndarray:
    color, gap = _tiles(rng, 8, 8, 1.6, 0.12)
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
    tone, gap = _tiles(rng, count, count, 1.4, 0.14)
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
    color, gap = _tiles(rng, 8, 8, 1.2, 0.22, 0.03)
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


def _worn_plaster(rng: Rng) -> np.ndarray:
    """Old plaster: clouds, brush strokes, scratches and patched holes."""
    strokes = clouds(rng, 0.9, (0.35, 1.0)) * 0.05 + clouds(rng, 0.9, (1.0, 0.35)) * 0.05
    patches = np.where(clouds(rng, 1.9) > 0.35, 0.05, 0.0)
    cracks = np.exp(-np.abs(clouds(rng, 1.6)) * 120) * (clouds(rng, 1.8) > 0.3)
    return gray(0.90 + 0.07 * clouds(rng, 1.5) + strokes + 0.03 * clouds(rng, 0.3) + patches - 0.25 * cracks)


def _painted(rng: Rng) -> np.ndarray:
    """A painted wall: roller marks, faint clouds, a few scuffs."""
    roller = clouds(rng, 0.8, (1.0, 0.4)) * 0.025
    scuffs = (clouds(rng, 1.0, (0.5, 1.0)) > 0.80) * 0.05
    return gray(0.95 + 0.035 * clouds(rng, 1.6) + roller + 0.02 * clouds(rng, 0.3) - scuffs)


def _old_brick(rng: Rng) -> np.ndarray:
    """Bricks with burnt ones among them, and patches of old limewash."""
    rows, columns = 36, 12
    y, x = unit_grid()
    row = (y * rows).astype(int)
    shifted = (x * columns + 0.5 * (row % 2) + 0.15 * rng.random(rows)[row]) % columns
    column = shifted.astype(int)
    tone = (0.55 + 0.45 * rng.random((rows, columns)) ** 0.7)[row, column]
    hue = _warmth(rng, (rows, columns), 0.05)[row, column]
    gap_x, gap_y = shifted % 1, (y * rows) % 1
    gap = np.minimum(np.minimum(gap_x, 1 - gap_x) * 42, np.minimum(gap_y, 1 - gap_y) * 14)
    gap = gap + 0.8 * clouds(rng, 0.4)
    bricks = gray(tone * (0.95 + 0.22 * clouds(rng, 0.6)), (1.0, 0.93, 0.88)) * hue
    mortar = gray(0.86 + 0.10 * clouds(rng, 0.5))
    wall = np.where((gap < 1.5)[..., None], mortar, bricks)
    lime = np.clip((clouds(rng, 1.5) + 0.25 * clouds(rng, 0.5) - 0.30) * 4, 0, 0.65)[..., None]
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
    color, gap = _tiles(rng, 6, 6, 2.5, 0.07, 0.005)
    pits = (clouds(rng, 0.15) > 0.78) * 0.16
    return color * gray((0.97 - pits + 0.03 * clouds(rng, 1.5)) * (0.78 + 0.22 * gap))


def _concrete_cast(rng: Rng) -> np.ndarray:
    """Concrete with the marks of its formwork: boards and tie holes."""
    color, gap = _tiles(rng, 2, 4, 1.6, 0.14, 0.01)
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
    color, gap = _tiles(rng, 2, 2, 1.2, 0.05, 0.01)
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


def _rubber(rng: Rng) -> np.ndarray:
    """Black rubber with coloured flecks, in square mats."""
    picture = gray(0.30 + 0.05 * clouds(rng, 0.3))
    for color, level in (((0.85, 0.85, 0.88), 0.90), ((0.25, 0.55, 0.85), 0.93), ((0.9, 0.8, 0.3), 0.96)):
        flecks = clouds(rng, 0.25) > level
        picture = np.where(flecks[..., None], color, picture)
    _, gap = _tiles(rng, 4, 4, 1.5, 0.0, 0.0)
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
            fx, fy = np.abs((x * count) % 1 - 0.5), np.abs((y * count) % 1 - 0.5)
            size = rng.uniform(0.25, 0.5, (count, count))[row, column]
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
            dots = ((x * 40).astype(int) + (y * 40).astype(int)) % 3 == 0
            edge = np.where(dots[..., None], colors[1], colors[-1])
            picture = np.where((border < 0.09)[..., None], edge, picture)
            picture = np.where((border < 0.02)[..., None], colors[1], picture)
        return picture * gray(0.94 + 0.12 * clouds(rng, 0.2) + 0.07 * clouds(rng, 1.5))

    return draw


INDOOR_TEXTURES: dict[str, Callable[[Rng], Float[np.ndarray, "height width 3"]]] = {
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
    "rubber": _rubber,
    "leather": _leather,
    "tweed": _tweed,
    "botanical": _botanical,
    "damask": _damask,
    "rug_red": _rug(((0.52, 0.17, 0.15), (0.84, 0.76, 0.60), (0.17, 0.20, 0.32), (0.70, 0.48, 0.26)), 0),
    "rug_soft": _rug(((0.86, 0.82, 0.76), (0.62, 0.66, 0.66), (0.80, 0.62, 0.50), (0.40, 0.46, 0.50)), 1),
    "rug_kilim": _rug(((0.90, 0.84, 0.70), (0.72, 0.30, 0.20), (0.20, 0.40, 0.42), (0.88, 0.62, 0.24)), 2),
}
