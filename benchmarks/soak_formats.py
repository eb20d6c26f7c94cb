"""Damaged and hostile files of every readable format, through the readers and the audit.

``python -m benchmarks.soak_formats [--mutations 300] [--seed 0]``: every file must end in a result or in one
line of InputError, with nothing on stderr, and with less than 2 GB of memory. Prints what does not, and how
often each happened. Takes some minutes on two cores.
"""

import argparse
import os
import resource
import signal
import sys
import traceback
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from types import FrameType

from multitake.errors import InputError
from multitake.randomness import rng_for
from trajectories.audit import audit, file_source
from trajectories.formats import read_trajectories, trajectory_from

from .hostile_files import FILE_NAMES, NAMED, mutated, valid_file

_MOST_MB = 2000
_MOST_ADDRESSES = 2**33
_MOST_SECONDS = 120


class _TookTooLong(BaseException):
    """Not an Exception, so that no parser catches it."""


def outcome(path: Path, folder: Path) -> str:
    """What becomes of a file: ``read``, ``refused``, or a text that begins with ``FAILED``."""
    results = []
    try:
        with _stderr_in(folder / "stderr"):
            for act in (_read, _audited) if path.suffix != ".toml" else (_keyframes,):
                try:
                    act(path, folder)
                    results.append("read")
                except InputError as error:
                    if not str(error).isprintable() or len(str(error)) > 10_000:
                        return f"FAILED: {str(error)[:300]!r} is not one line"
                    results.append("refused")
    except (Exception, _TookTooLong):
        return f"FAILED: {traceback.format_exc()[-1500:]}"
    if written := (folder / "stderr").read_text():
        return f"FAILED: on stderr: {written[:500]}"
    return "read" if results[-1] == "read" else "refused"


def _read(path: Path, folder: Path) -> None:
    read_trajectories(path)


def _audited(path: Path, folder: Path) -> None:
    audit([file_source(path)], page=folder / "audit.html")


def _keyframes(path: Path, folder: Path) -> None:
    trajectory_from(str(path), frames=9)


@contextmanager
def _stderr_in(path: Path) -> Iterator[None]:
    """Everything that is written to stderr, by any library, goes to a file."""
    sys.stderr.flush()
    kept = os.dup(2)
    with path.open("wb") as file:
        os.dup2(file.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)


def case(job: tuple[str, int, int]) -> tuple[str, str, float, float]:
    """Name, outcome, seconds and peak memory (MB) of a named file, or of a mutation of a format."""
    kind, number, seed = job
    name = kind if kind in NAMED else f"{kind} {number}"
    with TemporaryDirectory(prefix="soak-") as temporary:
        folder = Path(temporary)
        path = NAMED[kind](folder) if kind in NAMED else valid_file(folder, kind)
        if kind not in NAMED:
            mutated(path, rng_for(seed, "mutation", kind, number))
        Path("/proc/self/clear_refs").write_text("5")
        started = perf_counter()
        signal.alarm(_MOST_SECONDS)
        result = outcome(path, folder)
        signal.alarm(0)
    status = Path("/proc/self/status").read_text().splitlines()
    peak_mb = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    if peak_mb > _MOST_MB:
        result = f"FAILED: {peak_mb:.0f} MB"
    return name, result, perf_counter() - started, peak_mb


def _limit_process() -> None:
    def stop(number: int, frame: FrameType | None) -> None:
        raise _TookTooLong

    signal.signal(signal.SIGALRM, stop)
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_ADDRESSES, _MOST_ADDRESSES))


def main() -> None:
    parser = argparse.ArgumentParser(prog="soak_formats", description=__doc__)
    parser.add_argument("--mutations", type=int, default=300, help="mutations of each format")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default="", help="cases whose name contains this")
    chosen = parser.parse_args()
    jobs = [(name, 0) for name in NAMED] + [(n, k) for n in FILE_NAMES for k in range(chosen.mutations)]
    jobs = [(name, k, chosen.seed) for name, k in jobs if chosen.only in f"{name} {k}"]
    counts: Counter[tuple[str, str]] = Counter()
    slowest_s = most_mb = 0.0
    # A process that is ended by a library breaks the pool, and so the run.
    with ProcessPoolExecutor(2, initializer=_limit_process) as pool:
        for name, result, seconds, peak_mb in pool.map(case, jobs):
            counts[name.split()[0], result.partition(":")[0]] += 1
            slowest_s, most_mb = max(slowest_s, seconds), max(most_mb, peak_mb)
            if result.startswith("FAILED"):
                print(f"{name}: {result}", flush=True)
    for (group, result), count in sorted(counts.items()):
        print(f"{group:16} {result:8} {count}")
    failed = sum(count for (_, result), count in counts.items() if result == "FAILED")
    print(f"{sum(counts.values())} files, {failed} failed; slowest {slowest_s:.1f} s; most {most_mb:.0f} MB")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
