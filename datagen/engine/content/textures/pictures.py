"""Atlases: many different pictures in one texture, such as posters, screens, book spines and products."""

import itertools
from collections.abc import Callable

import numpy as np
from jaxtyping import Float

Rng = np.random.Generator
_SIZE_PX = 1024
_VIVID = np.array(
    [
        [0.82, 0.22, 0.18],
        [0.16, 0.36, 0.62],
        [0.93, 0.72, 0.20],
        [0.18, 0.48, 0.34],
        [0.90, 0.47, 0.22],
        [0.45, 0.24, 0.48],
        [0.20, 0.62, 0.66],
        [0.92, 0.90, 0.84],
        [0.13, 0.14, 0.18],
        [0.88, 0.55, 0.62],
    ]
)


def _writing(
    image: np.ndarray, rng: Rng, x: int, top: int, width: int, lines: int, size: int, color: object
) -> None:
    """Draw lines of random letters, from the top downward (rows count from the bottom)."""
    for line in range(lines):
        bottom = top - (line + 1) * int(1.7 * size)
        if bottom < 0:
            return
        at, end = x, x + int(width * (1.0 if line % 4 != 3 else rng.uniform(0.3, 0.8)))
        while at < end - size:
            for _ in range(int(rng.integers(2, 9))):
                if at >= end - size:
                    break
                glyph = rng.random((5, 3)) < 0.62
                scale = max(1, size // 5)
                block = glyph.repeat(scale, axis=0).repeat(scale, axis=1)
                part = image[bottom : bottom + block.shape[0], at : at + block.shape[1]]
                part[block[: part.shape[0], : part.shape[1]]] = color
                at += 4 * scale
            at += 3 * max(1, size // 5)


def _cells(columns: int, draw: Callable[[np.ndarray, Rng, int], None]) -> Callable[[Rng], np.ndarray]:
    """An atlas of ``columns`` x ``columns`` pictures."""

    def atlas(rng: Rng) -> np.ndarray:
        image = np.ones((_SIZE_PX, _SIZE_PX, 3))
        side = _SIZE_PX // columns
        for cell in range(columns * columns):
            row, column = divmod(cell, columns)
            draw(image[row * side : (row + 1) * side, column * side : (column + 1) * side], rng, cell)
        return image

    return atlas


def _mesh(image: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """y and x of every pixel's centre, 0 to 1."""
    y, x = (np.mgrid[0 : image.shape[0], 0 : image.shape[1]] + 0.5) / image.shape[0]
    return y, x


def _waves(rng: Rng, y: np.ndarray, x: np.ndarray, count: int = 6) -> np.ndarray:
    """A smooth random field in about [-1, 1]."""
    fx, fy, phase = rng.uniform(-14, 14, count), rng.uniform(-14, 14, count), rng.uniform(0, 6.28, count)
    across, upward = x[:1].T * fx + phase, y[:, :1] * fy
    # As sin(across + upward); einsum, because matrix products differ between machines in their last bits.
    field = np.einsum("yk,xk->yx", np.sin(upward), np.cos(across))
    field += np.einsum("yk,xk->yx", np.cos(upward), np.sin(across))
    return np.asarray(field / count**0.5 / 1.2)


def _poster(image: np.ndarray, rng: Rng, cell: int) -> None:
    """A printed poster: a background, a large shape, a title and small print."""
    y, x = _mesh(image)
    ground, ink, accent = _VIVID[rng.permutation(len(_VIVID))[:3]]
    image[:] = ground
    style, cx, cy = cell % 5, rng.uniform(0.3, 0.7), rng.uniform(0.45, 0.7)
    if style == 0:
        rings = (np.hypot(x - cx, y - cy) * rng.uniform(8, 16)).astype(int) % 2 == 0
        image[rings & (np.hypot(x - cx, y - cy) < 0.34)] = ink
    elif style == 1:
        field = _waves(rng, y, x)
        image[(y > 0.3) & (field > 0.1)] = ink
        image[(y > 0.3) & (field > 0.6)] = accent
    elif style == 2:
        for _ in range(9):
            a, b, w, h = rng.uniform(0.05, 0.8), rng.uniform(0.3, 0.85), *rng.uniform(0.06, 0.3, 2)
            image[(x > a) & (x < a + w) & (y > b) & (y < b + h)] = _VIVID[rng.integers(len(_VIVID))]
    elif style == 3:
        rays = ((np.arctan2(y - cy, x - cx) * 9 / np.pi).astype(int) % 2 == 0) & (y > 0.3)
        image[rays] = ink
        image[np.hypot(x - cx, y - cy) < 0.18] = accent
    else:
        for base in (0.75, 0.6, 0.45):
            ridge = base + 0.08 * np.sin(x * rng.uniform(4, 14) + rng.uniform(0, 6))
            image[(y < ridge) & (y > 0.28)] = _VIVID[rng.integers(len(_VIVID))]
    side = len(image)
    _writing(image, rng, side // 12, int(0.27 * side), int(0.84 * side), 1, 25, accent)
    _writing(image, rng, side // 12, int(0.16 * side), int(0.8 * side), 3, 6, ink)


def _portrait(image: np.ndarray, rng: Rng, y: np.ndarray, x: np.ndarray) -> None:
    """A person in front of a dark ground."""
    image[:] *= 0.6
    head = ((x - 0.5) / 0.16) ** 2 + ((y - 0.6) / 0.21) ** 2 < 1
    image[((x - 0.5) / 0.36) ** 2 + ((y - 0.08) / 0.34) ** 2 < 1] = _VIVID[rng.integers(len(_VIVID))] * 0.8
    image[((x - 0.5) / 0.20) ** 2 + ((y - 0.67) / 0.22) ** 2 < 1] = [0.20, 0.13, 0.09]
    image[head] = np.array([0.85, 0.66, 0.52]) * rng.uniform(0.5, 1.05)
    for dx in (-0.06, 0.06):
        image[np.hypot((x - 0.5 - dx) / 1.5, y - 0.62) < 0.016] = [0.1, 0.1, 0.1]
    image[np.hypot((x - 0.5) / 2.6, y - 0.50) < 0.014] = [0.6, 0.25, 0.22]


def _landscape(image: np.ndarray, rng: Rng, y: np.ndarray, x: np.ndarray) -> None:
    """Ridges under an evening sky."""
    image[:] = np.stack([0.95 - 0.3 * y, 0.70 - 0.1 * y, 0.55 + 0.35 * y], axis=-1)
    for level in range(5):
        ridge = 0.62 - 0.11 * level + 0.05 * _waves(rng, 0 * y, x, 8)
        image[y < ridge] = np.array([0.45, 0.48, 0.55]) * (0.9 - 0.13 * level) + 0.1 * rng.random(3)


def _artwork(image: np.ndarray, rng: Rng, cell: int) -> None:
    """A painting: an abstract, a landscape, a still life, a portrait or a colour field."""
    y, x = _mesh(image)
    style = cell % 6
    base = _VIVID[rng.integers(len(_VIVID))] * rng.uniform(0.5, 0.9)
    image[:] = base + 0.15 * _waves(rng, y, x)[..., None]
    if style == 0:
        for _ in range(10):
            field = _waves(rng, y, x, 4)
            image[np.abs(field - rng.uniform(-1, 1)) < 0.07] = _VIVID[rng.integers(len(_VIVID))]
    elif style == 1:
        _landscape(image, rng, y, x)
    elif style == 2:
        image[y < 0.35] = [0.40, 0.26, 0.18]
        for _ in range(7):
            cx, r = rng.uniform(0.15, 0.85), rng.uniform(0.06, 0.15)
            ball = np.hypot(x - cx, y - 0.3 - r * 0.7) < r
            shade = np.clip(1.1 - 2.2 * np.hypot(x - cx + r / 3, y - 0.3 - r), 0.4, 1.1)[..., None]
            image[ball] = (_VIVID[rng.integers(7)] * shade)[ball]
    elif style == 3:
        _portrait(image, rng, y, x)
    elif style == 4:
        edges = np.sort(rng.uniform(0.08, 0.92, 5))
        for low, high in itertools.pairwise(edges):
            rough = 0.015 * _waves(rng, y, x, 10)
            inside = (y > low + 0.02 + rough) & (y < high + rough) & (x > 0.1 + rough) & (x < 0.9 + rough)
            image[inside] = _VIVID[rng.integers(len(_VIVID))]
    else:
        for _ in range(40):
            cx, cy, r = rng.random(), rng.random(), rng.uniform(0.01, 0.08)
            image[(x - cx) ** 2 + (y - cy) ** 2 < r * r] = _VIVID[rng.integers(len(_VIVID))]
    image *= (0.94 + 0.1 * rng.random(image.shape[:2]))[..., None]


def _screen(image: np.ndarray, rng: Rng, cell: int) -> None:
    """What computers show: code, text, charts, tables, pictures."""
    side = len(image)
    style = cell % 4
    dark = style == 0
    image[:] = [0.10, 0.12, 0.15] if dark else [0.95, 0.96, 0.97]
    image[-side // 16 :] = _VIVID[rng.integers(len(_VIVID))] * 0.7
    if style in (0, 1):
        for line in range(19):
            color = _VIVID[rng.integers(8)] if dark else np.array([0.25, 0.26, 0.30])
            indent = int(rng.integers(1, 5)) * side // 20
            width = int((side - indent) * rng.uniform(0.3, 0.9))
            _writing(image, rng, indent, side - (line + 2) * side // 21, width, 1, 5, color)
    elif style == 2:
        for bar in range(9):
            height = int(side * rng.uniform(0.1, 0.6))
            left = int(side * (0.08 + 0.1 * bar))
            image[side // 10 : side // 10 + height, left : left + side // 14] = _VIVID[bar % 7]
        _writing(image, rng, side // 12, int(0.9 * side), int(0.7 * side), 2, 10, [0.2, 0.2, 0.25])
    else:
        image[:: side // 16] = [0.75, 0.78, 0.8]
        image[:, :: side // 6] = [0.75, 0.78, 0.8]
        for row in range(14):
            _writing(image, rng, 4, side - (row + 1) * side // 16, side - 8, 1, 5, [0.3, 0.32, 0.36])


def _product(image: np.ndarray, rng: Rng, cell: int) -> None:
    """The front of a package."""
    side = len(image)
    y, x = _mesh(image)
    ground, ink, accent = _VIVID[rng.permutation(len(_VIVID))[:3]]
    image[:] = ground
    cx, cy = rng.uniform(0.3, 0.7), rng.uniform(0.25, 0.5)
    image[np.hypot(x - cx, (y - cy) * rng.uniform(0.7, 1.5)) < rng.uniform(0.14, 0.26)] = accent
    image[(y > 0.62) & (y < 0.9)] = ink
    image[np.abs(y - 0.1 - 0.25 * (x - 0.5) * rng.uniform(-1, 1)) < 0.04] = accent
    _writing(image, rng, side // 12, int(0.88 * side), int(0.86 * side), 1, 20, ground)
    _writing(image, rng, side // 12, int(0.2 * side), int(0.6 * side), 2, 5, ink)


def _carton(image: np.ndarray, rng: Rng, cell: int) -> None:
    """A side of a cardboard box: tape, a label with a bar code, marks."""
    side = len(image)
    image[:] = np.array([0.76, 0.60, 0.42]) * rng.uniform(0.82, 1.1)
    image *= (0.97 + 0.05 * rng.random((side, 1)))[..., None]
    tape = side // 2
    image[:, tape - side // 24 : tape + side // 24] = np.array([0.82, 0.70, 0.52]) * rng.uniform(0.85, 1.1)
    x, y, w, h = (
        int(side * rng.uniform(0.06, 0.5)),
        int(side * rng.uniform(0.1, 0.5)),
        side * 2 // 5,
        side // 3,
    )
    image[y : y + h, x : x + w] = [0.96, 0.96, 0.94]
    bars = rng.random(w - 8) > 0.5
    image[y + 3 : y + h // 3, x + 4 : x + w - 4][:, bars] = 0.1
    _writing(image, rng, x + 4, y + h - 2, w - 6, 4, side // 25, [0.15, 0.15, 0.18])
    if rng.random() < 0.6:
        _writing(
            image,
            rng,
            int(0.1 * side),
            int(0.97 * side),
            int(0.8 * side),
            1,
            side // 12,
            _VIVID[rng.integers(4)],
        )


def _board(image: np.ndarray, rng: Rng, cell: int) -> None:
    """A writing board: chalk on green or black, markers on white, or a timetable."""
    side = len(image)
    y, x = _mesh(image)
    white = cell % 4 == 1
    ground = ((0.13, 0.25, 0.20), (0.95, 0.96, 0.96), (0.12, 0.12, 0.13), (0.10, 0.14, 0.26))[cell % 4]
    image[:] = ground
    if not white:
        image += 0.06 * np.clip(_waves(rng, y, x), 0, 1)[..., None]
    inks = (
        np.array([[0.15, 0.2, 0.5], [0.75, 0.15, 0.15], [0.1, 0.4, 0.2]])
        if white
        else np.array([[0.92, 0.92, 0.88], [0.95, 0.85, 0.5], [0.9, 0.65, 0.6]])
    )
    if cell % 4 == 3:
        for row in range(12):
            top = side - (row + 1) * side // 13
            _writing(image, rng, side // 30, top, side // 6, 1, 15, [0.98, 0.82, 0.3])
            _writing(image, rng, side // 4, top, int(side * 0.5), 1, 15, [0.95, 0.95, 0.95])
            _writing(image, rng, int(side * 0.84), top, side // 7, 1, 15, [0.98, 0.82, 0.3])
        return
    _writing(image, rng, side // 20, int(0.95 * side), int(0.6 * side), 1, 30, inks[1])
    _writing(image, rng, side // 20, int(0.80 * side), int(0.45 * side), 7, 15, inks[0])
    for number in range(4):
        cx, cy, r = rng.uniform(0.62, 0.9), rng.uniform(0.2, 0.85), rng.uniform(0.05, 0.12)
        ring = np.abs(np.hypot(x - cx, y - cy) - r) < 0.006
        box_edge = np.abs(np.maximum(np.abs(x - cx), np.abs(y - cy)) - r) < 0.006
        image[ring if number % 2 else box_edge] = inks[number % 3]
    curve = 0.15 + 0.08 * np.sin(14 * x) * np.exp(-x)
    image[(np.abs(y - curve) < 0.006) & (x < 0.9)] = inks[2]


def _facade(image: np.ndarray, rng: Rng, cell: int) -> None:
    """The front of a house across the street."""
    side, count = len(image), 4
    wall = ((0.74, 0.52, 0.42), (0.88, 0.80, 0.64), (0.66, 0.70, 0.72), (0.82, 0.72, 0.66))[cell % 4]
    y, x = _mesh(image)
    stains = 0.07 * _waves(rng, y, x, 12)[..., None]
    image[:] = np.array(wall) * (0.94 + stains + 0.08 * rng.random((side, side, 1)))
    for row in range(count):
        for column in range(count):
            left, low = int((column + 0.28) * side / count), int((row + 0.22) * side / count)
            w, h = int(0.44 * side / count), int(0.6 * side / count)
            image[low - 5 : low + h + 5, left - 5 : left + w + 5] = [0.92, 0.91, 0.88]
            _draw_window(image[low : low + h, left : left + w], rng)


def _draw_window(image: np.ndarray, rng: Rng) -> None:
    """Glass with a blind or curtains, each of another color and another length."""
    h, w = image.shape[:2]
    image[:] = np.array([0.30, 0.38, 0.46]) * rng.uniform(0.6, 1.5)
    cloth = np.array([0.9, 0.86, 0.78]) * rng.uniform(0.5, 1.0) * rng.uniform(0.8, 1.1, 3)
    image[int(h * rng.uniform(0.2, 1.0)) :, : int(w * rng.uniform(0.1, 1.0))] = cloth
    image[int(h * rng.uniform(0.1, 1.0)) :, int(w * rng.uniform(0.5, 1.0)) :] = 0.8 * cloth
    image[:, w // 2 - 1 : w // 2 + 2] = [0.92, 0.91, 0.88]


def _book_spines(rng: Rng) -> np.ndarray:
    """Sixteen rows of book spines; each row is as high as a shelf is filled."""
    image = np.full((_SIZE_PX, _SIZE_PX, 3), 0.10)
    side = _SIZE_PX // 16
    for row in range(16):
        x = 0
        while x < _SIZE_PX:
            width, height = int(rng.integers(5, 17)), int(side * rng.uniform(0.72, 1.0))
            spine = image[row * side : row * side + height, x : x + width - 1]
            color = _VIVID[rng.integers(len(_VIVID))] * rng.uniform(0.45, 1.05)
            spine[:] = color
            ink = np.clip(1.2 - color, 0.1, 0.95)
            bands = sorted(rng.integers(4, height - 4, 2))
            spine[bands[0] : bands[0] + 2] = ink
            spine[bands[1] : bands[1] + 3] = 0.6 * color + 0.4
            if width > 9:
                spine[12 : height - 14 : 3, 3 : width - 4] = ink
            x += width
    return image * (0.96 + 0.06 * rng.random((_SIZE_PX, 1, 1)))


PICTURE_TEXTURES: dict[str, Callable[[Rng], Float[np.ndarray, "height width 3"]]] = {
    "posters": _cells(4, _poster),
    "artworks": _cells(4, _artwork),
    "screens": _cells(4, _screen),
    "products": _cells(8, _product),
    "cartons": _cells(8, _carton),
    "boards": _cells(2, _board),
    "facades": _cells(2, _facade),
    "book_spines": _book_spines,
}
