"""What a run has done so far."""

import time
from collections import Counter

from .film_worker import TakeOutcome


class RunTotals:
    """Counts outcomes; only those of takes that failed are kept.

    Attributes:
        filmed: takes that were staged.
        failed: outcomes of those that were not.
        failures_in_a_row: how many takes failed since the last one that was staged.
        paths, rejected_for: sums of those of the outcomes.
    """

    def __init__(self) -> None:
        self._started_s = time.monotonic()
        self.filmed = 0
        self.failed: list[TakeOutcome] = []
        self.failures_in_a_row = 0
        self.paths = 0
        self.rejected_for: Counter[str] = Counter()

    @property
    def seconds_s(self) -> float:
        """How long the run takes so far."""
        return time.monotonic() - self._started_s

    def add(self, outcome: TakeOutcome) -> None:
        """Count an outcome."""
        self.paths += outcome.paths
        self.rejected_for.update(outcome.rejected_for)
        if outcome.reason is None:
            self.filmed += 1
            self.failures_in_a_row = 0
        else:
            self.failed.append(outcome)
            self.failures_in_a_row += 1
