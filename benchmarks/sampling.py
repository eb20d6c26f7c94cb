"""Speed and memory of sampling rigs.

``trajectories_per_s``: trajectories of 81 frames, float64, per second of one core, including random numbers.
``over_scipy_loop``: that speed over the speed of a per-frame scipy loop that follows moves already sampled.
``peak_mb_ratio_10x``: peak memory of sampling ten times as many rigs to parquet, over that of fewer rigs.
"""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np

from trajectories.sampling import PRESETS, Shot, clips_of_rigs, sample_rigs

from .figures import PEAK_MB, Figure, interleaved
from .scipy_loop import loop_over_clips

_FRAMES = 81
_RULES = PRESETS["paper"]


def measure(*, quick: bool) -> Iterator[Figure]:
    rigs, looped = 1000, 1 if quick else 5
    subjects_m = np.tile([[0.0, 0.0, 1.1]], (rigs, 1))
    few = sample_rigs(_RULES, subjects_m[:looped], seed=1, frames=_FRAMES)
    clips = clips_of_rigs(few, takes=[f"rig_{rig}" for rig in range(looped)], shot=Shot(frames=_FRAMES))
    cameras = len(_RULES.slots)
    seconds = interleaved(
        {
            "sampler": lambda: sample_rigs(_RULES, subjects_m, seed=1, frames=_FRAMES),
            "loop": lambda: loop_over_clips(clips),
        },
        rounds=5 if quick else 15,
        clock=process_time,
    )
    speed, loop_speed = rigs * cameras / seconds["sampler"], looped * cameras / seconds["loop"]
    yield Figure(benchmark="sampling", figure="trajectories_per_s", value=speed, unit="1/s")
    yield Figure(
        benchmark="sampling",
        figure="over_scipy_loop",
        value=speed / loop_speed,
        unit="times",
        against=f"per-frame scipy loop ({loop_speed:.0f}/s)",
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
    """Peak resident memory of a new process that samples so many rigs to a parquet file."""
    code = (
        "import sys, pathlib; from trajectories.sampling import PRESETS, sample_table;"
        "sample_table(PRESETS['paper'], pathlib.Path(sys.argv[1]), rigs=int(sys.argv[2]), seed=1);"
        f"print({PEAK_MB})"
    )
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-c", code, str(Path(folder) / "clips.parquet"), str(rigs)]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
