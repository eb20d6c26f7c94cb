"""What a training run has come to, from its metrics."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from multitake.counts import many

from .run_folder import RunFolder


@dataclass(frozen=True, kw_only=True)
class TrainReport:
    """The result of ``train``.

    Attributes:
        out: the run's folder.
        steps: steps of the run, over all calls of ``train``.
        resumed_from: the step from which this call resumed; 0 for a new run.
        first_loss, last_loss: mean loss of the first and of the last third of the steps; NaN if the metrics
            were deleted.
        first_fixed_loss, last_fixed_loss: ``fixed_loss`` before the first step and after the last.
        skipped: steps that changed nothing, as their gradients were not finite.
        seconds: duration of this call.
    """

    out: Path
    steps: int
    resumed_from: int
    first_loss: float
    last_loss: float
    first_fixed_loss: float
    last_fixed_loss: float
    skipped: int
    seconds: float

    def lines(self) -> list[str]:
        """Return the report as text."""
        start = f"from step {self.resumed_from} " if self.resumed_from else ""
        done = f"trained {start}to step {self.steps} in {self.seconds:.1f} s"
        if self.resumed_from == self.steps:
            done = f"nothing left to do: the run is at step {self.steps}"
        return [
            done,
            f"loss {self.first_loss:.3f} -> {self.last_loss:.3f} (mean of the first and last third of steps)",
            f"fixed loss {self.first_fixed_loss:.3f} -> {self.last_fixed_loss:.3f}"
            " (the same samples and noise before and after)",
            *([f"{many(self.skipped, 'step')} skipped: gradients were not finite"] if self.skipped else []),
            f"{self.out}",
        ]


def report_of(run: RunFolder, *, resumed_from: int, seconds: float) -> TrainReport:
    """The report of a run that this call resumed from a step."""
    lines = run.metrics()
    losses = [line["loss"] for line in lines if "loss" in line and not line.get("skipped")]
    fixed = [line["loss_fixed"] for line in lines if "loss_fixed" in line]
    third = max(len(losses) // 3, 1)
    return TrainReport(
        out=run.path,
        steps=max(resumed_from, run.config.steps),
        resumed_from=resumed_from,
        first_loss=_mean(losses[:third]),
        last_loss=_mean(losses[-third:]),
        first_fixed_loss=_mean(fixed[:1]),
        last_fixed_loss=_mean(fixed[-1:]),
        skipped=sum(bool(line.get("skipped")) for line in lines),
        seconds=seconds,
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else math.nan
