"""What a batch of many takes costs beyond filming them.

``driver_ms_per_take``: time of the driver process for each take, with workers that film nothing; shards are
sealed. ``driver_mb_100k_over_100``: its peak memory with 100,000 planned takes, against 100; 100 are made of
both. ``plan_13600_s``: time until a run knows which takes are to be filmed, and in which environment.
``plan_takes_ms``: time to place the actors of one take, which its worker does. ``resume_13600_s``: time of a
run of a finished data set of 13,600 takes. ``start_s``: time of ``generate`` until a take begins, with
two workers. ``cores_busy``: share of the time of both cores that its processes use while two workers film.
``cpu_over_bare``: CPU time of a camera-frame, of worker and engine, against drawing and encoding alone.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from datagen.batch import Batch, EngineChoice, SceneChoice
from datagen.catalog import load_catalog
from datagen.drive import RunningEngine
from datagen.film import film_take
from datagen.film_worker import FilmJob, TakeOutcome
from datagen.generate import batch_files, dataset_info
from datagen.plan import environment_name, plan_take, plan_takes, take_key
from datagen.run import Run, RunOptions
from datagen.run_log import RunLog
from multitake.progress import ProgressLine
from shards import DatasetWriter, FilmedTake, stage_take, store_at

from .bare_filming import cpu_of_filming
from .figures import PEAK_MB, Figure, seconds_of

_TAKES = 13_600
_SEALED = 50
_FILMED = """
seed = 2
takes = {takes}
frames = {frames}
width_px = 672
height_px = 384
[engine]
look = "fast"
"""


def measure(*, quick: bool) -> Iterator[Figure]:
    takes = 200 if quick else 1000
    yield _figure("driver_ms_per_take", driver_s(takes, takes) / takes * 1e3, "ms")
    few, many = (_peak_mb(planned) for planned in (100, 100_000))
    yield _figure("driver_mb_100k_over_100", many, "MB", "100 planned takes", few)
    batch = _batch(_TAKES)
    catalog = load_catalog(batch.scene, folder=Path())
    planning = seconds_of(
        lambda: [(take_key(batch, catalog, n), environment_name(batch, catalog, n)) for n in range(_TAKES)]
    )
    yield _figure("plan_13600_s", planning, "s")
    placed = 50 if quick else 300
    placing_s = seconds_of(lambda: list(islice(plan_takes(batch, catalog), placed)))
    yield _figure("plan_takes_ms", placing_s / placed * 1e3, "ms")
    yield _figure("resume_13600_s", _resume_s(2000 if quick else _TAKES), "s")
    yield _cpu_over_bare(takes=2 if quick else 6, frames=21 if quick else 41)
    yield from _filming(takes=8, frames=21 if quick else 41)


def _figure(
    name: str, value: float, unit: str, against: str = "", against_value: float | None = None
) -> Figure:
    return Figure(
        benchmark="scale", figure=name, value=value, unit=unit, against=against, against_value=against_value
    )


def _batch(takes: int) -> Batch:
    return Batch(
        seed=1,
        takes=takes,
        takes_per_shard=_SEALED,
        frames=2,
        width_px=32,
        height_px=32,
        scene=SceneChoice(),
        engine=EngineChoice(look="fast"),
    )


class NullCrew:
    """Workers that stage one filmed take under the names of all; ``busy_s`` is the time of that."""

    notes: tuple[str, ...] = ()

    def __init__(self, job: FilmJob, filmed: FilmedTake) -> None:
        self._job, self._filmed = job, filmed
        self.busy_s = 0.0

    def film(
        self, next_take: Callable[[int], int | None], must_end: Callable[[], bool]
    ) -> Iterator[tuple[int, TakeOutcome]]:
        while (index := next_take(0)) is not None:
            key = take_key(self._job.batch, self._job.catalog, index)
            row = replace(self._filmed.row, take=key, take_index=index)
            clips = self._filmed.clips.replaced(take=key)
            self.busy_s += seconds_of(
                lambda row=row, clips=clips: stage_take(
                    self._job.dataset, replace(self._filmed, row=row, clips=clips)
                )
            )
            yield 0, TakeOutcome(number=index, key=key, attempts=1)


def _filmed_once(job: FilmJob) -> FilmedTake:
    engine = RunningEngine(job.batch.engine, worker=0)
    try:
        return film_take(engine.driver, job.batch, plan_take(job.batch, job.catalog, 0))
    finally:
        engine.close()


def driver_s(planned: int, takes: int) -> float:
    """Time of the driver for some takes of a batch, all else excluded."""
    with TemporaryDirectory() as folder:
        batch = _batch(planned)
        catalog = load_catalog(batch.scene, folder=Path())
        job = FilmJob(batch=batch, catalog=catalog, dataset=Path(folder) / "dataset")
        crew = NullCrew(job, _filmed_once(job))
        writer = DatasetWriter(job.dataset)
        with writer.locked(), ProgressLine(sys.stderr) as progress:
            writer.create(dataset_info(job, engine_version="null"), batch_files(job))
            run = Run(job, RunOptions(limit=takes), writer, RunLog(store_at(job.dataset)), progress)
            seconds_s = seconds_of(lambda: run.film(crew))  # type: ignore[arg-type]
        return seconds_s - crew.busy_s


def _peak_mb(planned: int) -> float:
    """Peak memory of a driver with so many planned takes, of which 100 are made."""
    code = f"from benchmarks.scale import driver_s\ndriver_s({planned}, 100)\nprint({PEAK_MB})"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return float(ended.stdout.splitlines()[-1])


def _resume_s(takes: int) -> float:
    """Time of ``generate`` for a data set that is finished."""
    with TemporaryDirectory() as folder:
        batch_file = Path(folder) / "batch.toml"
        batch_file.write_text(
            f"seed = 1\ntakes = {takes}\ntakes_per_shard = {_SEALED}\nframes = 2\nwidth_px = 32\n"
            'height_px = 32\n[engine]\nlook = "fast"\n'
        )
        batch = _batch(takes)
        catalog = load_catalog(batch.scene, folder=Path())
        job = FilmJob(batch=batch, catalog=catalog, dataset=Path(folder) / "dataset")
        crew, writer = NullCrew(job, _filmed_once(job)), DatasetWriter(job.dataset)
        with writer.locked(), ProgressLine(sys.stderr) as progress:
            writer.create(dataset_info(job, engine_version="null"), batch_files(job))
            Run(job, RunOptions(), writer, RunLog(store_at(job.dataset)), progress).film(crew)  # type: ignore[arg-type]
        run = [sys.executable, "-m", "multitake", "generate", str(batch_file), "--out", str(job.dataset)]
        return seconds_of(lambda: subprocess.run(run, check=True, capture_output=True))


def _cpu_over_bare(takes: int, frames: int) -> Figure:
    engine = EngineChoice(look="fast")
    batch = Batch(seed=2, takes=takes, frames=frames, width_px=672, height_px=384, engine=engine)
    cpu = cpu_of_filming(batch, load_catalog(batch.scene, folder=Path()), takes)
    per_frame_ms = 1e3 / (takes * frames * batch.cameras)
    bare_ms = (cpu.drawing_s + cpu.encoding_s) * per_frame_ms
    against = (
        f"bare: drawing {cpu.drawing_s * per_frame_ms:.2f}, encoding {cpu.encoding_s * per_frame_ms:.2f}"
    )
    return _figure("cpu_over_bare", cpu.filming_s * per_frame_ms, "ms", against, bare_ms)


def _filming(takes: int, frames: int) -> Iterator[Figure]:
    """A run with two workers."""
    with TemporaryDirectory() as folder:
        batch_file, dataset = Path(folder) / "batch.toml", Path(folder) / "dataset"
        batch_file.write_text(_FILMED.format(takes=takes, frames=frames))
        command = [sys.executable, "-m", "multitake", "generate", str(batch_file), "--out", str(dataset)]
        began_s = time.time()
        marker = f"RAY_TMPDIR={folder}"
        run = subprocess.Popen(
            [*command, "--workers", "2"],
            stdout=subprocess.DEVNULL,
            env={**os.environ, "RAY_TMPDIR": folder},
        )
        samples: list[tuple[float, float]] = []
        while run.poll() is None:
            samples.append((time.time(), _cpu_s(marker)))
            time.sleep(0.2)
        (log,) = dataset.glob("runs/*.jsonl")
        events = [json.loads(line) for line in log.read_text().splitlines()]
    started = [one["time_s"] for one in events if one["event"] == "take_started"]
    yield _figure("start_s", started[0] - began_s, "s")
    # From the first take until a worker has no further one.
    times_s, cpu_s = zip(*samples, strict=True)
    ends_s = sorted(one["time_s"] for one in events if one["event"] == "take_done")[-2]
    used_s = float(np.interp(ends_s, times_s, cpu_s) - np.interp(started[0], times_s, cpu_s))
    yield _figure("cores_busy", used_s / (ends_s - started[0]) / 2, "of the time of both cores")
    camera_frames = sum(one["camera_frames"] for one in events if one["event"] == "take_done")
    yield _figure("camera_frames_per_s", camera_frames / (max(started[0], ends_s) - started[0]), "1/s")


def _cpu_s(marker: str) -> float:
    """CPU time so far of all living processes with a word in their environment, and of their children."""
    ticks = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if marker.encode() in (folder / "environ").read_bytes():
                ticks += sum(map(int, (folder / "stat").read_text().rpartition(") ")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")
