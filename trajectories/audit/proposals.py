"""How many paths were sampled for each motion, how many were accepted, and why the others were not."""

from collections import Counter, defaultdict
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from ..clip_table import ClipTable


@dataclass(frozen=True, kw_only=True)
class Proposals:
    """The sampled paths of one motion.

    Attributes:
        proposed: all sampled paths.
        accepted: paths that were kept and break no limit whose policy is ``reject``.
        rejected_for: how often each reason was found against the other paths; a path can have several.
    """

    proposed: int
    accepted: int
    rejected_for: dict[str, int]


class ProposalCounts:
    """Counts over all clips so far, by motion."""

    def __init__(self) -> None:
        self.proposed: Counter[str] = Counter()
        self.accepted: Counter[str] = Counter()
        self.rejected_for: dict[str, Counter[str]] = defaultdict(Counter)

    def add(self, clips: ClipTable, reject: Collection[str]) -> None:
        """Count clips with known proposals; a path with a flag in ``reject`` was kept, but not accepted."""
        clips = clips.rows(clips["proposals"] > 0)
        flagged, flag = clips.words("flags")
        is_accepted = np.ones(len(clips), dtype=bool)
        is_accepted[flagged[np.isin(flag, np.array(list(reject), dtype=np.str_))]] = False
        rejected, reason = clips.words("rejected_for")
        for motion in np.unique(clips["motion"]).tolist():
            rows = clips["motion"] == motion
            self.proposed[motion] += int(clips["proposals"][rows].sum())
            self.accepted[motion] += int(is_accepted[rows].sum())
            self.rejected_for[motion].update(reason[rows[rejected]].tolist())

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
