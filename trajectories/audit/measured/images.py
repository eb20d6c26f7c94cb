"""Where the subject is in the pictures, counted over all clips."""

from collections import Counter

import numpy as np

from ..clips import Clips
from ..report import ImageStatistics
from .measures import Measures, aim_track

_CELLS = 24
_EVERY = 4


class PictureCounts:
    """Counts over the clips seen so far."""

    def __init__(self) -> None:
        self.cells = np.zeros((_CELLS, _CELLS), dtype=np.int64)
        self.poses = 0
        self.clips: Counter[str] = Counter()
        self.inside: Counter[str] = Counter()
        self.always: Counter[str] = Counter()

    def add(self, clips: Clips, measures: Measures) -> None:
        """Count clips with known subject and optics."""
        known = np.isfinite(clips.subject_m).all(axis=1) & np.isfinite(clips.fx_px) & (clips.width_px > 0)
        if not known.any():
            return
        seen, share = clips[known], measures.in_frame_share[known]
        away_m = seen.poses.position_m - seen.subject_m[:, None]
        few = seen.poses[:, ::_EVERY]
        x, y = aim_track(seen, few, away_m[:, ::_EVERY])
        inside = (np.abs(x - 0.5) < 0.5) & (np.abs(y - 0.5) < 0.5)
        place = (y[inside] * _CELLS).astype(int) * _CELLS + (x[inside] * _CELLS).astype(int)
        self.cells += np.bincount(place, minlength=_CELLS**2).reshape(_CELLS, _CELLS)
        self.poses += inside.size
        for motion in np.unique(seen.motion).tolist():
            of_motion = share[seen.motion == motion]
            self.clips[motion] += len(of_motion)
            self.inside[motion] += float(of_motion.sum())  # type: ignore[assignment]
            self.always[motion] += int((of_motion == 1).sum())

    def statistics(self) -> ImageStatistics | None:
        """The report's values; None where nothing could be counted."""
        if not self.poses:
            return None
        return ImageStatistics(
            poses=self.poses,
            aim_counts=tuple(tuple(row) for row in self.cells.tolist()),
            outside=self.poses - int(self.cells.sum()),
            in_frame_share={name: self.inside[name] / n for name, n in self.clips.items()},
            always_in_frame_share={name: self.always[name] / n for name, n in self.clips.items()},
        )
