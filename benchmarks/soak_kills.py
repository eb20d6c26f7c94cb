"""Signals to the processes of ``multitake generate`` at random times; run by hand:

``python -m benchmarks.soak_kills --minutes 10 --seed 0``

Each round starts a tiny batch, sends one signal to one of its processes, and repeats the command until it is
done. The data set must equal that of an undisturbed run, and nothing may be left behind. The last round, if
file systems can be mounted, fills a disk.
"""

import argparse
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from multitake.randomness import rng_for

BATCH = """
seed = 3
takes = 8
takes_per_shard = 3
frames = 21
width_px = 64
height_px = 48
[rig]
cameras = 3
radius_m = [2.0, 4.0]
[engine]
look = "fast"
start_timeout_s = 20.0
reply_timeout_s = 3.0
"""
TARGETS = {
    "driver": "-m multitake generate",
    "worker": "ray::FilmWorker",
    "engine": "-m datagen.engine",
    "raylet": "raylet/raylet",
    "gcs": "gcs/gcs_server",
}
SIGNALS = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT", "SIGSTOP")
RUN_LIMIT_S = 400.0
MOST_RUNS = 4
# Two agents of Ray outlive a killed driver by up to a minute.
LINGER_S = 90.0


@dataclass(frozen=True, kw_only=True)
class Ended:
    """A run that ended: its exit code, and what it printed."""

    code: int
    output: str
    errors: str
    seconds: float


class Soak:
    """A folder for data sets and for the files of Ray, whose name marks all processes of the soak."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="k-", dir="/tmp"))
        self.ray = self.root / "ray"
        self.ray.mkdir()
        (self.root / "batch.toml").write_text(BATCH)

    def start(self, dataset: Path) -> subprocess.Popen[bytes]:
        """Start the command in a process group of its own."""
        command = [sys.executable, "-m", "multitake", "generate", str(self.root / "batch.toml")]
        return subprocess.Popen(
            [*command, "--out", str(dataset), "--workers", "2"],
            stdout=(self.root / "output").open("wb"),
            stderr=(self.root / "errors").open("wb"),
            start_new_session=True,
            env={**os.environ, "RAY_TMPDIR": str(self.ray)},
        )

    def ended(self, run: subprocess.Popen[bytes], since_s: float) -> Ended:
        """Wait for the end of a run; TimeoutExpired if it hangs."""
        code = run.wait(RUN_LIMIT_S)
        texts = [(self.root / name).read_text(errors="replace") for name in ("output", "errors")]
        return Ended(code=code, output=texts[0], errors=texts[1], seconds=time.monotonic() - since_s)

    def processes(self) -> dict[int, str]:
        """Command lines of the living processes of the soak."""
        found = {}
        for folder in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if f"RAY_TMPDIR={self.ray}".encode() in (folder / "environ").read_bytes().split(b"\0"):
                    arguments = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                    if arguments.strip():
                        found[int(folder.name)] = arguments
        return found

    def round(self, number: int, seed: int, length_s: float, expected: dict[str, bytes]) -> "RoundResult":
        """One disturbed run, and runs until the data set is done."""
        rng = rng_for(seed, "kills", number)
        target, name = str(rng.choice(list(TARGETS))), str(rng.choice(SIGNALS))
        delay_s = float(rng.uniform(0, 0.7 * length_s))
        dataset, faults = self.root / f"round{number:03d}", []
        since_s = time.monotonic()
        run = self.start(dataset)
        time.sleep(delay_s)
        is_sent = self.signal_one(run, target, getattr(signal, name))
        try:
            disturbed = self.ended(run, since_s)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            return RoundResult(target=target, name=name, code=None, seconds=RUN_LIMIT_S, faults=["hangs"])
        faults += list(faults_of(disturbed, target if is_sent else "", name))
        runs = 0
        last = disturbed
        while last.code != 0 and runs < MOST_RUNS:
            last = self.ended(self.start(dataset), time.monotonic())
            runs += 1
        if last.code != 0:
            faults.append(f"not done after {runs} more runs: {last.errors}")
        faults += [f"differs: {path}" for path in different(stored(dataset), expected)]
        faults += [f"left: {path}" for path in dataset.rglob("*.partial")]
        shutil.rmtree(dataset)
        return RoundResult(
            target=target if is_sent else "nothing",
            name=name,
            code=disturbed.code,
            seconds=disturbed.seconds,
            faults=faults,
        )

    def signal_one(self, run: subprocess.Popen[bytes], target: str, number: signal.Signals) -> bool:
        """Send a signal as soon as the target exists; a stopped driver continues after a second."""
        while run.poll() is None:
            for process, arguments in sorted(self.processes().items()):
                if TARGETS[target] in arguments:
                    with suppress(ProcessLookupError):
                        os.kill(process, number)
                        if (target, number) == ("driver", signal.SIGSTOP):
                            time.sleep(1)
                            os.kill(process, signal.SIGCONT)
                    return True
            time.sleep(0.05)
        return False

    def left_behind(self) -> list[str]:
        """Processes and folders of Ray that remain after a run and some time."""
        deadline_s = time.monotonic() + LINGER_S
        while self.processes() and time.monotonic() < deadline_s:
            time.sleep(1)
        return [*self.processes().values(), *map(str, self.ray.iterdir())]

    def full_disk(self, expected: dict[str, bytes]) -> list[str]:
        """Fill a small file system, enlarge it, and resume; the faults."""
        disk = self.root / "disk"
        disk.mkdir()
        small = sum(map(len, expected.values())) * 2 // 3
        mount = ["mount", "-t", "tmpfs", "-o"]
        if subprocess.run([*mount, f"size={small}", "tmpfs", str(disk)], capture_output=True).returncode:
            print("full disk: not tested, file systems cannot be mounted")
            return []
        try:
            full = self.ended(self.start(disk / "dataset"), time.monotonic())
            text = (full.output + full.errors).strip()
            print(f"full disk: exit code {full.code}\n  " + text.replace("\n", "\n  "))
            faults = [] if full.code == 1 and "No space left on device" in text else ["full disk: no message"]
            subprocess.run([*mount, "remount,size=100m", str(disk)], check=True)
            resumed = self.ended(self.start(disk / "dataset"), time.monotonic())
            faults += [] if resumed.code == 0 else [f"full disk: {resumed.errors}"]
            return faults + [f"full disk: {path}" for path in different(stored(disk / "dataset"), expected)]
        finally:
            subprocess.run(["umount", str(disk)], check=False)


@dataclass(frozen=True, kw_only=True)
class RoundResult:
    """What was signalled, how the run ended, and what was wrong."""

    target: str
    name: str
    code: int | None
    seconds: float
    faults: list[str]


def faults_of(ended: Ended, target: str, name: str) -> Iterator[str]:
    """What is wrong with the end of a disturbed run: its exit code, or more than one line."""
    asked = {"SIGTERM": 143, "SIGHUP": 129, "SIGINT": 130, "SIGKILL": -9}.get(name)
    allowed = {asked, -int(getattr(signal, name)), 0} if target == "driver" else {0, 1}
    if ended.code not in allowed:
        yield f"exit code {ended.code}: {ended.errors}"
    if len(ended.errors.splitlines()) > 1 or "Traceback" in ended.output + ended.errors:
        yield f"more than one line: {ended.errors[:400]}"
    if ended.code == 1 and not ended.errors and "failed" not in ended.output:
        yield "failed without a word"


def stored(dataset: Path) -> dict[str, bytes]:
    """Every file of a data set except the lock."""
    files = [path for path in sorted(dataset.rglob("*")) if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(dataset)): path.read_bytes() for path in files}


def different(found: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """Names of files that differ."""
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))


def main() -> int:
    """Run rounds for some minutes; 1 if there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    soak, end_s = Soak(), time.monotonic() + 60 * options.minutes
    straight = soak.ended(soak.start(soak.root / "straight"), time.monotonic())
    expected = stored(soak.root / "straight")
    print(
        f"undisturbed: exit code {straight.code}, {straight.seconds:.1f} s, {len(expected)} files", flush=True
    )
    counts: Counter[str] = Counter()
    faults: list[str] = []
    while time.monotonic() < end_s:
        number = counts.total()
        result = soak.round(number, options.seed, straight.seconds, expected)
        counts[f"{result.name} to {result.target}"] += 1
        print(
            f"round {number}: {result.name} to {result.target}: exit code {result.code}"
            f" after {result.seconds:.1f} s: {'; '.join(result.faults) or 'ok'}",
            flush=True,
        )
        faults += [f"round {number}: {fault}" for fault in result.faults]
    faults += soak.full_disk(expected)
    faults += [f"left behind: {left}" for left in soak.left_behind()]
    print(
        f"{counts.total()} rounds: " + ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    )
    print("\n".join(faults) or "no fault")
    shutil.rmtree(soak.root, ignore_errors=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
