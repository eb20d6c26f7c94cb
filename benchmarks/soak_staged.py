"""``python -m benchmarks.soak_staged [DAMAGES]``: staged takes are damaged between two runs of a batch.

Each second run must film the damaged takes again, and end with the bytes of an undisturbed run.
"""

import logging
import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import ray

from datagen.generate import GenerateReport, generate
from datagen.run import RunOptions
from multitake.progress import ProgressLine
from multitake.randomness import rng_for

from .damage import damage

BATCH = """
seed = 3
takes = 4
takes_per_shard = 3
frames = 21
width_px = 64
height_px = 48
[rig]
cameras = 2
radius_m = [2.0, 4.0]
[engine]
look = "fast"
"""
_KINDS = ("flip", "byte", "cut", "append", "zeros", "swap", "empty", "header", "copy")


def main(damages: int) -> None:
    # One cluster for all runs: starting one takes longer than filming.
    ray.init(
        address="local", num_cpus=1, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR
    )
    with TemporaryDirectory() as name:
        folder = Path(name)
        batch = folder / "batch.toml"
        batch.write_text(BATCH)
        run(batch, folder / "undisturbed")
        run(batch, folder / "interrupted", limit=2)
        equal = 0
        for number in range(damages):
            what, is_equal = second_run(folder, number)
            equal += is_equal
            print(f"{number:4d} {'equal' if is_equal else 'DIFFERENT'}  {what}", flush=True)
    print(f"equal data sets after damage: {equal} of {damages}")
    sys.exit(equal != damages)


def second_run(folder: Path, number: int) -> tuple[str, bool]:
    """Damage a copy of the interrupted data set and finish it: what was done, and whether bytes are equal."""
    data = folder / "damaged"
    shutil.rmtree(data, ignore_errors=True)
    shutil.copytree(folder / "interrupted", data)
    rng = rng_for(0, "staged", number)
    what = damage_staged(sorted((data / "staging").glob("*.tar")), rng)
    report = run(folder / "batch.toml", data)
    return f"{what}; removed {len(report.removed)}", bool(report.removed) and files_of(data) == files_of(
        folder / "undisturbed"
    )


def damage_staged(staged: list[Path], rng: np.random.Generator) -> str:
    """Damage one staged take, or swap two."""
    kind = _KINDS[rng.integers(len(_KINDS))]
    first, second = (staged[n] for n in rng.permutation(len(staged))[:2])
    if kind == "empty":
        first.write_bytes(b"")
    elif kind == "header":
        first.write_bytes(rng.bytes(512) + first.read_bytes()[512:])
    elif kind == "copy":
        first.write_bytes(second.read_bytes())
    else:
        return damage(staged, rng, (kind,))
    return f"{kind} {first.name}"


def run(batch: Path, out: Path, *, limit: int | None = None) -> GenerateReport:
    """One run of generate."""
    with ProgressLine(sys.stderr) as progress:
        return generate(batch, out=out, options=RunOptions(limit=limit), progress=progress)


def files_of(root: Path) -> dict[str, bytes]:
    """Every file of a data set except the lock and the logs of runs."""
    return {
        os.fspath(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and path.name != ".lock" and path.parent.name != "runs"
    }


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 50)
