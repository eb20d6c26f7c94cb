"""Clips that show the same although their files differ, such as a video that was encoded again."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float32

from ...videos import Recording
from .faults import Fault, duplicate

# A clip is compared by the mean brightness of so many cells of the first, the middle and the last image.
_CELLS = (12, 8)
# Equal clips differ by encoding, and perhaps in brightness, and hardly beside that; levels of 255.
_BRIGHTNESS, _MOST_LEVELS, _MEAN_LEVELS = 12.0, 2.0, 0.5
# Images without contrast say nothing.
_LEAST_CONTRAST = 4.0


@dataclass
class Lookalikes:
    """The looks of all clips so far."""

    names: list[tuple[str, str]] = field(default_factory=list)
    looks: list[Float32[np.ndarray, "numbers"]] = field(default_factory=list)

    def add(self, take: str, camera: str, recording: Recording) -> None:
        """Note what a clip shows."""
        if len(recording.images) >= 2:
            self.names.append((take, camera))
            self.looks.append(_look(recording.images))

    def faults(self) -> Iterator[Fault]:
        """Clips that look like a clip before them."""
        for first, second in _equal_pairs(self.looks):
            yield duplicate(self.names[first], self.names[second], "images", "its images are those of")


def _look(images: np.ndarray) -> Float32[np.ndarray, "numbers"]:
    """Mean levels of the cells of three images."""
    chosen = images[[0, len(images) // 2, -1]].astype(np.float32)
    columns, rows = _CELLS
    height, width = chosen.shape[1:]
    across = np.add.reduceat(chosen, np.linspace(0, width, columns, endpoint=False).astype(int), axis=2)
    cells = np.add.reduceat(across, np.linspace(0, height, rows, endpoint=False).astype(int), axis=1)
    return (cells * (columns * rows / (width * height))).ravel()


def _equal_pairs(looks: Sequence[np.ndarray]) -> Iterator[tuple[int, int]]:
    """Numbers of a clip and of the first one that looks the same."""
    if not looks:
        return
    table = np.stack(looks)
    means = table.mean(axis=1)
    order = np.argsort(means, kind="stable")
    has_contrast = table.std(axis=1) > _LEAST_CONTRAST
    ends = np.searchsorted(means[order], means[order] + _BRIGHTNESS, side="right")
    found: dict[int, int] = {}
    for place, end in enumerate(ends.tolist()):
        clip, near = int(order[place]), order[place + 1 : end]
        change = table[near] - table[clip]
        difference = np.abs(change - change.mean(axis=1, keepdims=True))
        is_equal = (difference.max(axis=1) < _MOST_LEVELS) & (difference.mean(axis=1) < _MEAN_LEVELS)
        for other in near[is_equal & has_contrast[near] & has_contrast[clip]].tolist():
            first, second = min(clip, other), max(clip, other)
            found[second] = min(first, found.get(second, first))
    yield from ((first, second) for second, first in sorted(found.items()))
