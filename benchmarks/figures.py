"""Figures of benchmarks: how they are measured and printed."""

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter

# Code for a child process: its own peak. getrusage would include the memory of its parent before the fork.
PEAK_MB = "int(next(l for l in open('/proc/self/status') if l.startswith('VmHWM')).split()[1]) / 1024"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A measured value, and the reference that was measured in the same run."""

    benchmark: str
    figure: str
    value: float
    unit: str
    against: str = ""
    against_value: float | None = None

    @property
    def ratio(self) -> float | None:
        """Value over the reference."""
        return self.value / self.against_value if self.against_value else None


def print_figures(figures: Iterable[Figure]) -> None:
    """Print one JSON line per figure, then a small table."""
    shown = list(figures)
    for figure in shown:
        print(json.dumps({**asdict(figure), "ratio": figure.ratio}))
    for figure in shown:
        name = f"{figure.benchmark}.{figure.figure}"
        against = f"  against {figure.against} {figure.against_value:.4g}" if figure.against_value else ""
        print(f"{name:44} {figure.value:10.4g} {figure.unit}{against}")


def seconds_of(call: Callable[[], object], clock: Callable[[], float] = perf_counter) -> float:
    """Duration of a call by a clock."""
    start_s = clock()
    call()
    return clock() - start_s


def interleaved(
    calls: dict[str, Callable[[], object]], rounds: int, clock: Callable[[], float] = perf_counter
) -> dict[str, float]:
    """Median seconds of each call; calls alternate, so noise of the machine affects all of them."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            taken[name].append(seconds_of(call, clock))
    return {name: median(seconds) for name, seconds in taken.items()}
