"""Time and memory of the audit of 13,600 rigs (136,000 trajectories of 81 frames) on one core.

``seconds_13600_rigs``: from a parquet file to page and JSON; ``peak_mb``: resident memory of that process.
``--quick`` audits a tenth of the rigs and multiplies the seconds by ten.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from trajectories.sampling import PRESETS, sample_table

from .figures import PEAK_MB, Figure

_RIGS = 13_600
_AUDIT = f"""
import json, sys, time
from pathlib import Path
from trajectories.audit import audit, file_source
began = time.perf_counter()
report = audit([file_source(Path(sys.argv[1]))], page=Path(sys.argv[2]))
seconds = time.perf_counter() - began
peak_mb = {PEAK_MB}
print(json.dumps([seconds, peak_mb, report.counts["takes"], report.is_ok]))
"""
_ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "ARROW_NUM_THREADS": "1"}


def measure(*, quick: bool) -> Iterator[Figure]:
    share = 10 if quick else 1
    with TemporaryDirectory() as folder:
        clips, page = Path(folder) / "clips.parquet", Path(folder) / "audit.html"
        sample_table(PRESETS["paper"], clips, rigs=_RIGS // share, seed=7)
        command = [sys.executable, "-c", _AUDIT, str(clips), str(page)]
        printed = subprocess.run(
            command, env=os.environ | _ONE_CORE, capture_output=True, text=True, check=True
        ).stdout
    seconds, peak_mb, rigs, is_ok = json.loads(printed)
    assert is_ok
    assert rigs == _RIGS // share
    yield Figure(
        benchmark="audit",
        figure="seconds_13600_rigs",
        value=seconds * share,
        unit="s",
        against="bar",
        against_value=30.0,
    )
    yield Figure(
        benchmark="audit", figure="peak_mb", value=peak_mb, unit="MB", against="bar", against_value=700.0
    )
