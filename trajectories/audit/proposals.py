"""How many paths were sampled for each motion, how many were accepted, and why the others were not."""

from collections import Counter, defaultdict
from collections.abc import Collection

import numpy as np

from ..clip_table import ClipTable
from .report import Proposals


class ProposalCounts:
    """Counts over all clips so far, by motion."""

    def __init__(self) -> None:
        self.proposed: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.rejected_for: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, clips: ClipTable, reject: Collection[str]) -> None:
        """Count clips with known proposals; a path with a flag in ``reject`` was kept, but not accepted."""
        is_known = clips["proposals"] > 0
        clips = clips if is_known.all() else clips.rows(is_known)
        is_accepted = np.array([set(flags).isdisjoint(reject) for flags in clips["flags"].tolist()])
        for motion in np.unique(clips["motion"]).tolist():
            rows = clips["motion"] == motion
            self.proposed[motion] += int(clips["proposals"][rows].sum())
            self.accepted[motion] += int(is_accepted[rows].sum())
            for reasons in clips["rejected_for"][rows]:
                if reasons:
                    self.rejected_for[motion].update(reasons)

    def by_motion(self) -> dict[str, Proposals]:
        """The values of the report."""
        return {
            motion: Proposals(
                proposed=self.proposed[motion],
                accepted=self.accepted[motion],
                rejected_for=dict(sorted(self.rejected_for[motion].items())),
            )
            for motion in sorted(self.proposed)
        }
