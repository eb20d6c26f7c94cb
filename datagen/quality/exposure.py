"""How bright the images of a clip are: all of them, and the darkest and the brightest one."""

from typing import Any

from .counting import share
from .samples import LEVELS, ImageSample


class ExposureMeter:
    """Measures the brightness of the images of one camera, without black ones."""

    def __init__(self) -> None:
        self._pixels = self._black = self._white = self._brightness = 0
        # Of each image: its level, and the shares of pixels at the ends of the range.
        self._levels: dict[int, float] = {}
        self._black_shares: dict[int, float] = {}
        self._white_shares: dict[int, float] = {}

    def add(self, frame: int, image: ImageSample) -> None:
        """Measure an image."""
        self._pixels += image.count
        self._black += image.clipped_black
        self._white += image.clipped_white
        self._brightness += image.brightness
        self._levels[frame] = share(image.brightness, image.count * LEVELS)
        self._black_shares[frame] = share(image.clipped_black, image.count)
        self._white_shares[frame] = share(image.clipped_white, image.count)

    def figures(self) -> dict[str, Any]:
        """The figures of ``ClipQuality``."""
        if not self._levels:
            names = ("clipped_black", "clipped_white", "mean_level", *_OF_FRAMES)
            return dict.fromkeys(names)
        darkest, brightest = min(self._levels.values()), max(self._levels.values())
        return {
            "clipped_black": share(self._black, self._pixels),
            "clipped_white": share(self._white, self._pixels),
            "mean_level": share(self._brightness, self._pixels * LEVELS),
            "darkest_level": darkest,
            "brightest_level": brightest,
            "darkest_share": round(darkest / max(brightest, 1e-6), 6),
            "blackest_image": max(self._black_shares.values()),
            "whitest_image": max(self._white_shares.values()),
            "flash": max((ratio for ratio, _ in self._flashes()), default=None),
        }

    def frames(self) -> dict[str, tuple[int, ...]]:
        """The frame of each figure of a single image."""
        if not self._levels:
            return {}
        darkest = min(self._levels, key=self._levels.__getitem__)
        flash = max(self._flashes(), default=None)
        return {
            "darkest_level": (darkest,),
            "darkest_share": (darkest,),
            "brightest_level": (max(self._levels, key=self._levels.__getitem__),),
            "blackest_image": (max(self._black_shares, key=self._black_shares.__getitem__),),
            "whitest_image": (max(self._white_shares, key=self._white_shares.__getitem__),),
            "flash": (flash[1],) if flash else (),
        }

    def _flashes(self) -> list[tuple[float, int]]:
        """Of each image between two others: how many times brighter, or darker, it is than both."""
        found = []
        for frame in self._levels:
            around = [self._levels[one] for one in (frame - 1, frame + 1) if one in self._levels]
            if len(around) == 2:
                level = max(self._levels[frame], 1e-6)
                found.append((round(max(level / max(*around, 1e-6), min(around) / level), 6), frame))
        return found


_OF_FRAMES = (
    "darkest_level",
    "brightest_level",
    "darkest_share",
    "blackest_image",
    "whitest_image",
    "flash",
)
