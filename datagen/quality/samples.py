"""Evenly spaced pixels of an image, and what they say about it; exact, so the same on every machine."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Real, Shaped, UInt8, UInt32

from .counting import share

_MOST_PX = 96
# Channels at the ends of the range, and those of black images.
_CLIPPED_BLACK, _CLIPPED_WHITE, _BLACK = 1, 254, 8
_NEARLY_ALL = 0.995
_DETAIL_SHARE, _DETAIL_LEVELS = 0.01, 8.0
# Weights of red, green and blue in the brightness (BT.709); they add up to 256.
_RED, _GREEN, _BLUE = 54, 183, 19
# The brightness of a white pixel.
LEVELS = 256 * 255
# Kinds of images that show nothing.
PLAIN = ("black", "white", "uniform")


def sample_step(width_px: int, height_px: int) -> int:
    """Every so many pixels, in both directions, one is measured."""
    return max(1, -(-max(width_px, height_px) // _MOST_PX))


def sampled(image: Shaped[np.ndarray, "height width *channels"], step: int) -> np.ndarray:
    """Every ``step``-th pixel in both directions, as a copy."""
    return np.ascontiguousarray(image[step // 2 :: step, step // 2 :: step])


def fingerprint(values: np.ndarray) -> bytes:
    """Equal for equal values."""
    return hashlib.blake2b(values.tobytes(), digest_size=8).digest()


def has_detail(values: Real[np.ndarray, "rows columns"], least: float) -> bool:
    """Whether neighbours differ by ``least`` in more than 1 % of the places, both along rows and columns.

    Otherwise a camera may move and see the same: a clear sky, or flat ground.
    """
    steps = (np.diff(values.astype(np.float64), axis=axis) for axis in (0, 1))
    return all(np.count_nonzero(np.abs(step) >= least) > _DETAIL_SHARE * step.size for step in steps)


def packed(colours: UInt8[np.ndarray, "*shape 3"]) -> UInt32[np.ndarray, "*shape"]:
    """Each colour as one number."""
    red, green, blue = np.moveaxis(colours, -1, 0)
    return red.astype(np.uint32) << 16 | green.astype(np.uint32) << 8 | blue


@dataclass(frozen=True)
class ImageSample:
    """Pixels of an RGB image."""

    pixels: UInt8[np.ndarray, "rows columns 3"]

    @property
    def count(self) -> int:
        """How many they are."""
        return self.pixels.shape[0] * self.pixels.shape[1]

    @cached_property
    def clipped_black(self) -> int:
        """How many have all channels at the lower end of the range."""
        return int(np.count_nonzero(self._brightest <= _CLIPPED_BLACK))

    @cached_property
    def clipped_white(self) -> int:
        """How many have all channels at the upper end of the range."""
        return int(np.count_nonzero(np.minimum.reduce(self._channels) >= _CLIPPED_WHITE))

    @property
    def has_detail(self) -> bool:
        """Whether it must change when the camera moves."""
        return has_detail(self._brightest, _DETAIL_LEVELS)

    @property
    def brightness(self) -> int:
        """The sum of their brightness: 0 for a black one, ``LEVELS`` for a white one."""
        red, green, blue = (int(channel.sum(dtype=np.int64)) for channel in self._channels)
        return _RED * red + _GREEN * green + _BLUE * blue

    @property
    def kind(self) -> str:
        """One of ``PLAIN``, or else an empty text."""
        if np.count_nonzero(self._brightest <= _BLACK) >= _NEARLY_ALL * self.count:
            return "black"
        if self.clipped_white >= _NEARLY_ALL * self.count:
            return "white"
        return "uniform" if (self.pixels == self.pixels[0, 0]).all() else ""

    @cached_property
    def fingerprint(self) -> bytes:
        """Equal for equal pixels."""
        return fingerprint(self.pixels)

    def change(self, other: "ImageSample") -> float:
        """The mean difference from another image, as a share of the range."""
        difference = np.maximum(self.pixels, other.pixels) - np.minimum(self.pixels, other.pixels)
        return share(int(difference.sum(dtype=np.int64)), 255 * difference.size)

    @cached_property
    def _channels(self) -> tuple[np.ndarray, ...]:
        return self.pixels[..., 0], self.pixels[..., 1], self.pixels[..., 2]

    @cached_property
    def _brightest(self) -> UInt8[np.ndarray, "rows columns"]:
        return np.maximum.reduce(self._channels)
