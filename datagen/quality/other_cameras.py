"""Images of one camera of a take that another camera of it gives."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from jaxtyping import Bool, Float

from .samples import ImageSample
from .views import CameraView

# Views are different for certain if they are apart by so many pixels of the sample.
_LEAST_APART = 2
# Distances of what is seen, in metres, at which one image is made of another.
_DISTANCES_M = (1.5, 3.0, 6.0, 12.0, 50.0)
# The share of an image that must be seen in the one before it.
_LEAST_SEEN = 0.1
# The images are those of a camera whose motion fits them so much better than the motion of the other one.
_FITS_BETTER = 0.97


@dataclass(frozen=True)
class SeenFrame:
    """What a camera shows in a frame, and in the frame before it."""

    view: CameraView
    before: ImageSample
    image: ImageSample


class SharedImages:
    """Finds cameras with the images of another one, which sees something else."""

    def __init__(self, step: int) -> None:
        self._step = step
        self._frames: dict[tuple[int, int], list[int]] = {}
        # By how much images differ from what the motion of each camera of a pair makes of those before.
        self._off: dict[tuple[int, int], Float[np.ndarray, "2"]] = {}

    def add(self, cameras: Sequence[SeenFrame], frame: int) -> None:
        """Compare the cameras in a frame that is not the first."""
        for pair in combinations(range(len(cameras)), 2):
            if self._are_same(cameras[pair[0]], cameras[pair[1]], frame):
                off = np.array([self._levels_off(cameras[place], frame) for place in pair])
                self._off[pair] = self._off.get(pair, np.zeros(2)) + off
                self._frames.setdefault(pair, []).append(frame)

    def frames(self, place: int) -> list[int]:
        """The frames in which a camera has the images of another one.

        Both have, if the motion of neither fits the images better.
        """
        found: set[int] = set()
        for pair, off in self._off.items():
            if place in pair and off[pair.index(place)] >= _FITS_BETTER * off.max():
                found.update(self._frames[pair])
        return sorted(found)

    def _are_same(self, one: SeenFrame, other: SeenFrame, frame: int) -> bool:
        if one.image.fingerprint != other.image.fingerprint or one.image.kind or not one.image.has_detail:
            return False
        return one.view.all_moved_px(frame, frame, other.view) >= _LEAST_APART * self._step

    def _levels_off(self, seen: SeenFrame, frame: int) -> float:
        """By how much the image before, moved as the view did, differs from the image: the best distance."""
        rows, columns = seen.image.levels.shape
        places = np.stack(np.meshgrid(np.arange(columns), np.arange(rows)), axis=-1).reshape(-1, 2) + 0.5
        found = []
        for distance_m in _DISTANCES_M:
            before_px = seen.view.seen_again_px(self._step * places, frame, seen.view, frame - 1, distance_m)
            before = before_px / self._step
            is_inside = _is_inside(before, rows, columns)
            if np.count_nonzero(is_inside) >= _LEAST_SEEN * is_inside.size:
                column, row = before[is_inside].astype(int).T
                levels = seen.image.levels.reshape(-1)[is_inside]
                found.append(float(np.abs(seen.before.levels[row, column] - levels).mean()))
        return min(found, default=seen.image.roughness)


def _is_inside(places: Float[np.ndarray, "places 2"], rows: int, columns: int) -> Bool[np.ndarray, "places"]:
    with np.errstate(invalid="ignore"):
        return np.asarray(((places >= 0) & (places < (columns, rows))).all(axis=-1))
