"""Signals to the processes of ``multitake generate`` at random times; run by hand:

``python -m benchmarks.soak_kills --kills 200 --seed 0``

Each round starts a tiny batch, sends signals to its processes until it ends, one every few seconds, and
repeats the command until it is done. Now and then a staged take is damaged between two runs. The data set
must equal that of an undisturbed run, and nothing may be left behind. The last round, if file systems can be
mounted, fills a disk.
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

import numpy as np

from multitake.randomness import rng_for

BATCH = """
seed = 3
takes = 12
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
MOST_RUNS, MOST_KILLS = 12, 10
# Seconds between two signals of a round.
PAUSE_S = (1.0, 8.0)
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

    def round(self, number: int, seed: int, expected: dict[str, bytes]) -> "RoundResult":
        """Disturbed runs, and runs until the data set is done."""
        rng = rng_for(seed, "kills", number)
        dataset, faults, sent, damaged = self.root / f"round{number:03d}", [], [], 0
        for _ in range(MOST_RUNS):
            run, since_s = self.start(dataset), time.monotonic()
            of_run: list[tuple[str, str]] = []
            while run.poll() is None and len(sent) < MOST_KILLS:
                with suppress(subprocess.TimeoutExpired):
                    run.wait(float(rng.uniform(*PAUSE_S)))
                target, name = str(rng.choice(list(TARGETS))), str(rng.choice(SIGNALS))
                if run.poll() is None and self.signal_one(run, target, getattr(signal, name)):
                    of_run.append((target, name))
                    sent.append(f"{name} to {target}")
            try:
                ended = self.ended(run, since_s)
            except subprocess.TimeoutExpired:
                os.killpg(run.pid, signal.SIGKILL)
                return RoundResult(sent=sent, faults=[*faults, f"hangs after {of_run}"])
            faults += list(faults_of(ended, of_run))
            if ended.code == 0:
                break
            damaged += damage_one(dataset, rng)
        else:
            faults.append(f"not done after {MOST_RUNS} runs: {ended.errors}")
        faults += [f"differs: {path}" for path in different(stored(dataset), expected)]
        faults += [f"left: {path}" for path in dataset.rglob("*.partial")]
        shutil.rmtree(dataset)
        return RoundResult(sent=sent, faults=faults, damaged=damaged)

    def signal_one(self, run: subprocess.Popen[bytes], target: str, number: signal.Signals) -> bool:
        """Send a signal as soon as the target exists; a stopped driver continues after a second."""
        ends_s = time.monotonic() + RUN_LIMIT_S
        while run.poll() is None and time.monotonic() < ends_s:
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
    """What was signalled, how many staged takes were damaged, and what was wrong."""

    sent: list[str]
    faults: list[str]
    damaged: int = 0


def faults_of(ended: Ended, sent: list[tuple[str, str]]) -> Iterator[str]:
    """What is wrong with the end of a disturbed run: its exit code, or more than one line."""
    allowed = {0, 1}
    for target, name in sent:
        if target == "driver":
            allowed |= {128 + getattr(signal, name), -int(getattr(signal, name))}
    if ended.code not in allowed:
        yield f"exit code {ended.code} after {sent}: {ended.errors}"
    if len(ended.errors.splitlines()) > 1 or "Traceback" in ended.output + ended.errors:
        yield f"more than one line after {sent}: {ended.errors[:400]}"
    if ended.code == 1 and not ended.errors and "failed" not in ended.output:
        yield f"failed without a word after {sent}"


def damage_one(dataset: Path, rng: np.random.Generator) -> int:
    """Change a bit of a staged take, in one of three cases; how many were changed."""
    staged = sorted(dataset.glob("staging/[!.]*.tar"))
    if not staged or rng.random() > 1 / 3:
        return 0
    content = bytearray(staged[0].read_bytes())
    content[int(rng.integers(len(content)))] ^= 1
    staged[0].write_bytes(content)
    return 1


def stored(dataset: Path) -> dict[str, bytes]:
    """Every file of a data set except the lock and the logs of runs."""
    files = [
        path
        for path in sorted(dataset.rglob("*"))
        if path.is_file() and path.name != ".lock" and path.parent.name != "runs"
    ]
    return {str(path.relative_to(dataset)): path.read_bytes() for path in files}


def different(found: dict[str, bytes], expected: dict[str, bytes]) -> list[str]:
    """Names of files that differ."""
    return sorted(name for name in found.keys() | expected.keys() if found.get(name) != expected.get(name))


def main() -> int:
    """Run rounds until so many signals were sent; 1 if there was a fault."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--minutes", type=float, default=600.0, help="end after so many at the latest")
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
    number = damaged = 0
    while counts.total() < options.kills and time.monotonic() < end_s:
        result = soak.round(number, options.seed, expected)
        counts.update(result.sent)
        damaged += result.damaged
        print(f"round {number}: {', '.join(result.sent)}: {'; '.join(result.faults) or 'ok'}", flush=True)
        faults += [f"round {number}: {fault}" for fault in result.faults]
        number += 1
    faults += soak.full_disk(expected)
    faults += [f"left behind: {left}" for left in soak.left_behind()]
    print(
        f"{counts.total()} signals in {number} rounds, {damaged} staged takes damaged: "
        + ", ".join(f"{count} {what}" for what, count in sorted(counts.items()))
    )
    print("\n".join(faults) or "no fault")
    shutil.rmtree(soak.root, ignore_errors=True)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
