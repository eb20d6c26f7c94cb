"""Tileable patterns of cloth: each gives the brightness of its colour, row by row, at any size."""

import numpy as np


def _places(size: int) -> tuple[np.ndarray, np.ndarray]:
    y, x = (np.mgrid[0:size, 0:size] + 0.5) / size
    return y, x


def _weave(size: int) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size]
    return 0.05 * np.sin(x * np.pi / 2) * np.sin(y * np.pi / 2)


def _gray(value: np.ndarray, tint: tuple[float, float, float] = (1.0, 1.0, 1.0)) -> np.ndarray:
    return value[..., None] * np.array(tint)


def denim(size: int, noise: np.ndarray) -> np.ndarray:
    y, x = np.mgrid[0:size, 0:size]
    twill = 0.07 * np.sin((x + y) * 2 * np.pi / 8)
    return _gray(0.84 + twill + 0.14 * noise)


def plaid(size: int, noise: np.ndarray) -> np.ndarray:
    y, x = _places(size)
    dark = 0.30 * (((x * 4) % 1 < 0.45) * 1.0) + 0.30 * (((y * 4) % 1 < 0.45) * 1.0)
    line = 0.5 * ((np.abs((x * 4) % 1 - 0.72) < 0.04) | (np.abs((y * 4) % 1 - 0.72) < 0.04))
    return _gray(0.95 - dark + 0.05 * noise) + line[..., None] * np.array([0.3, 0.28, 0.2])


def checks(size: int, noise: np.ndarray) -> np.ndarray:
    y, x = _places(size)
    return _gray(1.0 - 0.22 * ((x * 16) % 1 < 0.5) - 0.22 * ((y * 16) % 1 < 0.5) + 0.04 * noise)


def dots(size: int, noise: np.ndarray) -> np.ndarray:
    y, x = _places(size)
    row = np.floor(y * 8)
    inside = np.hypot((x * 8 + 0.5 * (row % 2)) % 1 - 0.5, (y * 8) % 1 - 0.5) < 0.24
    return np.where(inside[..., None], [1.0, 1.0, 0.97], _gray(0.62 + 0.05 * noise))


def knit(size: int, noise: np.ndarray) -> np.ndarray:
    y, x = _places(size)
    stitch = np.abs(np.sin(np.pi * (y * 24 + np.abs((x * 16) % 1 - 0.5))))
    return _gray(0.66 + 0.30 * stitch + 0.05 * noise)


def ribs(size: int, noise: np.ndarray) -> np.ndarray:
    _, x = _places(size)
    return _gray(0.80 + 0.18 * np.abs(np.sin(np.pi * x * 16)) + 0.04 * noise)


def pinstripes(size: int, noise: np.ndarray) -> np.ndarray:
    _, x = _places(size)
    line = (np.abs((x * 8) % 1 - 0.5) < 0.05) * 0.35
    return _gray(0.85 + 0.04 * noise + _weave(size) + line)


def wide_stripes(size: int, noise: np.ndarray) -> np.ndarray:
    y, _ = _places(size)
    band = ((y * 3) % 1 < 0.5)[..., None]
    return np.where(band, [0.97, 0.96, 0.93], _gray(0.78 + 0.05 * noise))


def flowers(size: int, noise: np.ndarray) -> np.ndarray:
    y, x = _places(size)
    image = _gray(0.80 + 0.06 * noise)
    for number in range(14):
        place = np.array([(number * 0.618) % 1, (number * 0.414 + 0.13) % 1])
        dx, dy = (x - place[0] + 0.5) % 1 - 0.5, (y - place[1] + 0.5) % 1 - 0.5
        radius, angle = np.hypot(dx, dy), np.arctan2(dy, dx)
        petals = radius < 0.055 + 0.025 * np.cos(5 * angle + number)
        image[petals] = [(1.0, 0.95, 0.92), (1.0, 0.72, 0.70), (0.98, 0.9, 0.5)][number % 3]
        image[radius < 0.02] = (0.95, 0.75, 0.2)
    return image


def camouflage(size: int, noise: np.ndarray) -> np.ndarray:
    shifted = np.roll(noise, (size // 3, size // 5), axis=(0, 1))
    image = np.full((size, size, 3), (0.92, 0.92, 0.85))
    image[noise > 0.12] = (0.62, 0.66, 0.50)
    image[shifted > 0.25] = (0.42, 0.38, 0.30)
    return image


def leather(size: int, noise: np.ndarray) -> np.ndarray:
    grain = np.roll(noise, size // 2, axis=0)
    return _gray(0.88 + 0.12 * noise * np.abs(grain) - 0.1 * (np.abs(noise) < 0.04))


PATTERNS = {
    "denim": denim, "plaid": plaid, "checks": checks, "dots": dots, "knit": knit, "ribs": ribs,
    "pinstripes": pinstripes, "wide-stripes": wide_stripes, "flowers": flowers, "camouflage": camouflage,
    "leather": leather,
}  # fmt: skip
