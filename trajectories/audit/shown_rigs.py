"""The rigs that the page shows: those with errors, notable ones, and others spread evenly over the source."""

import numpy as np

from ..clip_table import ClipTable
from ..poses import CameraPose

_MOST = 600


class ShownRigs:
    """Some of the rigs so far, of any number of rigs."""

    def __init__(self) -> None:
        self.with_errors: list[ClipTable] = []
        self.errors = 0
        self.notable: dict[str, ClipTable] = {}
        self.others: list[ClipTable] = []
        self.stride = 1
        self.seen = 0

    def add(self, clips: ClipTable, wrong: set[str], notable: set[str]) -> None:
        """Keep some of these rigs.

        ``wrong`` are takes and ``take/camera`` with errors; ``notable`` are the notable takes so far, which
        replace those of earlier calls.
        """
        takes = clips["take"][clips.take_starts].tolist()
        self.notable = {take: kept for take, kept in self.notable.items() if take in notable}
        for rig in [rig for rig, take in enumerate(takes) if take in notable]:
            self.notable[takes[rig]] = _rigs(clips, np.array([rig]))
        is_wrong = np.array([take in wrong for take in takes])
        names = map(clips.name, range(len(clips))) if wrong else ()
        is_wrong[[clips.take_number[clip] for clip, name in enumerate(names) if name in wrong]] = True
        errors, others = np.flatnonzero(is_wrong)[: _MOST // 2 - self.errors], np.flatnonzero(~is_wrong)
        self.errors += len(errors)
        self.with_errors.append(_rigs(clips, errors))
        self.others.append(_rigs(clips, others[-self.seen % self.stride :: self.stride]))
        self.seen += len(others)
        while -(-self.seen // self.stride) > _MOST:
            self._thin_out()

    def _thin_out(self) -> None:
        """Keep every second one of the other rigs."""
        first = np.cumsum([0] + [len(clips.take_starts) for clips in self.others])
        self.others = [
            _rigs(clips, np.arange(place % 2, len(clips.take_starts), 2))
            for clips, place in zip(self.others, first, strict=False)
        ]
        self.stride *= 2

    def table(self) -> ClipTable:
        """The rigs that were kept; only those with the largest number of frames."""
        kept = [part for part in (*self.with_errors, *self.notable.values(), *self.others) if len(part)]
        frames = max((clips.frames for clips in kept), default=1)
        # A rig can be notable and one of the others.
        shown: set[str] = set()
        parts = []
        for clips in (clips for clips in kept if clips.frames == frames):
            parts.append(clips.rows(np.array([take not in shown for take in clips["take"].tolist()])))
            shown.update(clips["take"].tolist())
        return ClipTable.concatenated(parts) if parts else ClipTable.of(CameraPose(np.zeros((0, 1, 3, 4))))


def _rigs(clips: ClipTable, rigs: np.ndarray) -> ClipTable:
    """Some rigs, without a reference to the arrays of all clips."""
    return clips.rows(np.flatnonzero(np.isin(clips.take_number, rigs)))
