"""The rigs that the page shows: those with errors, notable ones, and others spread evenly over the source."""

import numpy as np

from ..clip_table import ClipTable
from ..poses import CameraPose

_MOST = 600


class ShownRigs:
    """Some of the rigs so far, of any number of rigs."""

    def __init__(self) -> None:
        self.with_errors: list[ClipTable] = []
        self.notable: dict[str, ClipTable] = {}
        self.others: list[ClipTable] = []
        self.stride = 1
        self.seen = 0

    def add(self, clips: ClipTable, wrong: set[str], notable: set[str]) -> None:
        """Keep some of these rigs.

        ``wrong`` are takes and ``take/camera`` with errors; ``notable`` are the notable takes so far, which
        replace those of earlier calls.
        """
        self.notable = {take: kept for take, kept in self.notable.items() if take in notable}
        takes = clips["take"][clips.take_starts].tolist()
        sizes = zip(clips.take_starts.tolist(), clips.take_sizes.tolist(), strict=True)
        for take, (first, size) in zip(takes, sizes, strict=True):
            if take in notable:
                self.notable[take] = _copied(clips, first, size)
            names = {take, *map(clips.name, range(first, first + size))} if wrong else set()
            is_wrong = not wrong.isdisjoint(names)
            if is_wrong and len(self.with_errors) < _MOST // 2:
                self.with_errors.append(_copied(clips, first, size))
            elif not is_wrong:
                if self.seen % self.stride == 0:
                    self.others.append(_copied(clips, first, size))
                self.seen += 1
            if len(self.others) > _MOST:
                self.others, self.stride = self.others[::2], self.stride * 2

    def table(self) -> ClipTable:
        """The rigs that were kept; only those with the largest number of frames."""
        kept = [*self.with_errors, *self.notable.values(), *self.others]
        by_take = {str(clips["take"][0]): clips for clips in kept}
        frames = max((clips.frames for clips in kept), default=1)
        same = [clips for clips in by_take.values() if clips.frames == frames]
        return ClipTable.concatenated(same) if same else ClipTable.of(CameraPose(np.zeros((0, 1, 3, 4))))


def _copied(clips: ClipTable, first: int, size: int) -> ClipTable:
    """Some clips without a reference to the arrays of all."""
    return clips.rows(np.arange(first, first + size))
