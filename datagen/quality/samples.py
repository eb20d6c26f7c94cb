"""Evenly spaced pixels of an image, and what they say about it; exact, so the same on every machine."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Int32, Shaped, UInt8, UInt32

from .counting import share
from .edges import Steps, has_detail, steps_of

_MOST_PX = 96
# Channels at the ends of the range, and those of black images.
_CLIPPED_BLACK, _CLIPPED_WHITE, _BLACK = 1, 254, 8
_NEARLY_ALL = 0.995
_DETAIL_LEVELS = 8
# Noise: neighbours differ by this share of the range, and by this share of what pixels far apart do.
_NOISE_LEVEL, _NOISE_SHARE = 0.18, 0.9
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
        red, green, blue = self._channels
        return int(np.count_nonzero(np.minimum(np.minimum(red, green), blue) >= _CLIPPED_WHITE))

    @property
    def has_detail(self) -> bool:
        """Whether it must change when the camera moves."""
        return has_detail(steps_of(self._brightest.astype(np.int16)), _DETAIL_LEVELS)

    @cached_property
    def levels(self) -> Int32[np.ndarray, "rows columns"]:
        """Their brightness: 0 for a black one, ``LEVELS`` for a white one."""
        red, green, blue = (channel.astype(np.int32) for channel in self._channels)
        return np.asarray(_RED * red + _GREEN * green + _BLUE * blue)

    @cached_property
    def brightness(self) -> int:
        """The sum of their brightness."""
        return int(self.levels.sum(dtype=np.int64))

    @cached_property
    def steps(self) -> Steps:
        """How much the brightness of neighbours differs."""
        return steps_of(self.levels)

    @cached_property
    def roughness(self) -> float:
        """The mean difference of neighbours, along columns or along rows: the smaller one."""
        return min(float(step.sum()) / step.size for step in self.steps)

    @property
    def is_noise(self) -> bool:
        """Whether neighbours differ as much as pixels that are far apart."""
        if self.roughness < _NOISE_LEVEL * LEVELS:
            return False
        half = len(self.levels) // 2
        far = self.levels[half:] - self.levels[: len(self.levels) - half]
        return self.roughness > _NOISE_SHARE * float(np.abs(far).mean())

    def levels_from(self, other: "ImageSample") -> Int32[np.ndarray, "rows columns"]:
        """The difference of their brightness from those of another image."""
        return np.asarray(np.abs(self.levels - other.levels))

    @property
    def kind(self) -> str:
        """One of ``PLAIN``, or else an empty text."""
        if np.count_nonzero(self._brightest <= _BLACK) >= _NEARLY_ALL * self.count:
            return "black"
        if self.clipped_white >= _NEARLY_ALL * self.count:
            return "white"
        is_even = self._brightest.min() == self._brightest.max()
        return "uniform" if is_even and (self.pixels == self.pixels[0, 0]).all() else ""

    @cached_property
    def fingerprint(self) -> bytes:
        """Equal for equal pixels."""
        return fingerprint(self.pixels)

    def change(self, other: "ImageSample") -> float:
        """The mean difference from another image, as a share of the range."""
        difference = np.maximum(self.pixels, other.pixels) - np.minimum(self.pixels, other.pixels)
        return share(int(difference.sum(dtype=np.int64)), 255 * difference.size)

    @cached_property
    def _channels(self) -> UInt8[np.ndarray, "3 rows columns"]:
        return np.ascontiguousarray(np.moveaxis(self.pixels, -1, 0))

    @cached_property
    def _brightest(self) -> UInt8[np.ndarray, "rows columns"]:
        red, green, blue = self._channels
        return np.maximum(np.maximum(red, green), blue)
