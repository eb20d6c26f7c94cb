"""How fast rigs are drawn, and in how much memory.

``trajectories_per_s``: trajectories of 81 frames, float64, draws included, a second of one core's time.
``over_scipy_loop``: that pace over the pace of a per-frame scipy loop that only follows moves already drawn.
``peak_mb_ratio_10x``: peak memory of sampling ten times as many rigs to parquet, over that of the fewer.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np

from trajectories.sampling import PRESETS, sample_rigs

from .figures import PEAK_MB, Figure, interleaved
from .scipy_loop import loop_over_rig

_FRAMES = 81
_RULES = PRESETS["paper"]


def measure(*, quick: bool) -> Iterator[Figure]:
    rigs, looped = 1000, 1 if quick else 5
    pivots_m = np.tile([[0.0, 0.0, 1.1]], (rigs, 1))
    few = list(sample_rigs(_RULES, pivots_m[:looped], seed=1, frames=_FRAMES))
    cameras = len(_RULES.slots)
    seconds = interleaved(
        {
            "sampler": lambda: sample_rigs(_RULES, pivots_m, seed=1, frames=_FRAMES),
            "loop": lambda: [loop_over_rig(rig) for rig in few],
        },
        rounds=5 if quick else 15,
        clock=process_time,
    )
    pace, loop_pace = rigs * cameras / seconds["sampler"], looped * cameras / seconds["loop"]
    yield Figure(benchmark="sampling", figure="trajectories_per_s", value=pace, unit="1/s")
    yield Figure(
        benchmark="sampling",
        figure="over_scipy_loop",
        value=pace / loop_pace,
        unit="times",
        against=f"per-frame scipy loop ({loop_pace:.0f}/s)",
        against_value=1.0,
    )
    fewer = 200 if quick else 1000
    peak_mb, peak_10x_mb = (sampling_peak_mb(count) for count in (fewer, 10 * fewer))
    yield Figure(
        benchmark="sampling",
        figure="peak_mb_ratio_10x",
        value=peak_10x_mb / peak_mb,
        unit="times",
        against=f"{fewer} rigs ({peak_mb:.0f} MB)",
        against_value=1.0,
    )


def sampling_peak_mb(rigs: int) -> float:
    """Peak resident memory of a fresh process that samples so many rigs to a parquet."""
    code = (
        "import sys, pathlib, trajectories as tj;"
        "tj.sample_poses(tj.PRESETS['paper'], pathlib.Path(sys.argv[1]), rigs=int(sys.argv[2]), seed=1);"
        f"print({PEAK_MB})"
    )
    with TemporaryDirectory() as folder:
        order = [sys.executable, "-c", code, str(Path(folder) / "poses.parquet"), str(rigs)]
        return float(subprocess.run(order, check=True, capture_output=True, text=True).stdout)
