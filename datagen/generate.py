"""The command ``generate``: from a batch file to sealed shards; the same command again resumes."""

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from itertools import islice
from pathlib import Path

from multitake.errors import InputError, RunError, one_line
from multitake.interruption import StopRequest, postponed
from multitake.progress import ProgressLine
from shards import DatasetInfo, DatasetWriter, EngineInfo, Failure

from .batch import Batch, batch_sha256, load_batch, resolved_toml
from .batch_difference import check_same_files
from .catalog import Catalog, catalog_sha256, catalog_toml, check_engine, load_catalog
from .crew import FilmCrew, film_crew
from .engine.assets import mounted_assets
from .film_worker import FilmJob, TakeOutcome
from .metrics import RayMetrics
from .placing import check_spots
from .plan import environment_name, take_key
from .ray_cluster import WorkerResources
from .run_log import RunLog
from .run_totals import RunTotals
from .shard_sealer import ShardSealer
from .take_queue import TakeQueue


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How a run uses machines, and when it ends; takes do not depend on it.

    Attributes:
        workers: engines that film at the same time.
        resources: what each of them holds of a machine.
        ray_address: the Ray cluster to use; None for that of RAY_ADDRESS, or a new one on this machine.
        limit: film at most this many takes.
        most_failures: end after so many takes in a row have failed.
        accept_failures: seal shards without the takes that failed in this run.
    """

    workers: int = 1
    resources: WorkerResources = field(default_factory=WorkerResources)
    ray_address: str | None = None
    limit: int | None = None
    most_failures: int = 5
    accept_failures: bool = False


@dataclass(frozen=True, kw_only=True)
class GenerateReport:
    """The result of a run: takes filmed in it, takes that failed, and the state of the data set.

    Attributes:
        removed: staged takes that were damaged, or of another data set, and so are not done.
        damaged: staged takes that were damaged when their shard was to be sealed; the next run films them.
        notes: what could not be checked about the engine.
        paths: camera paths that were sampled for the takes of this run.
        rejected_for: how often each reason was found against those that were sampled again.
    """

    dataset: str
    filmed: int
    failed: tuple[TakeOutcome, ...]
    done: int
    planned: int
    unsealed_shards: tuple[int, ...]
    gave_up: str | None
    paths: int
    rejected_for: tuple[tuple[str, int], ...]
    removed: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def is_ok(self) -> bool:
        """Whether no take failed, and the run did not stop early, nor find a damaged take at its end."""
        return not self.failed and self.gave_up is None and not self.damaged

    def lines(self) -> Iterator[str]:
        """The report as text."""
        yield f"{self.dataset}: {self.done} of {self.planned} takes done ({self.filmed} filmed in this run)"
        for note in self.notes:
            yield f"note: {note}"
        for key in (*self.removed, *self.damaged):
            yield f"removed: staging/{key}.tar (damaged, or of another data set); filmed again by a run"
        if self.paths:
            reasons = ", ".join(f"{reason} {n}" for reason, n in self.rejected_for)
            yield f"{self.paths} camera paths sampled for the filmed takes; rejected: {reasons or 'none'}"
        for outcome in self.failed:
            yield f"failed: {outcome.key} after {outcome.attempts} attempts: {outcome.reason}"
        if self.gave_up:
            yield f"stopped: {self.gave_up}"
        if self.unsealed_shards:
            names = ", ".join(f"{shard:05d}" for shard in self.unsealed_shards[:10])
            yield f"incomplete shards: {names}; run the same command again to resume"


def generate(
    batch_file: Path,
    *,
    out: str | Path,
    options: RunOptions,
    progress: ProgressLine,
    look: str | None = None,
) -> GenerateReport:
    """Film the missing takes of a batch into the data set ``out``, and seal every complete shard.

    Args:
        out: a folder, or an fsspec address.
        look: replaces the engine look of the batch file.

    InputError if the batch, the catalog, the folder or the engine cannot be used.
    """
    batch = load_batch(batch_file, look=look)
    catalog = load_catalog(batch.scene, folder=batch_file.parent)
    return film_batch(batch, catalog, out=out, options=options, progress=progress)


def film_batch(
    batch: Batch, catalog: Catalog, *, out: str | Path, options: RunOptions, progress: ProgressLine
) -> GenerateReport:
    """Film the missing takes of a batch that is read; see ``generate``."""
    check_engine(batch, catalog)
    check_spots(catalog)
    dataset = out if "://" in str(out) else Path(out).absolute()
    job = FilmJob(batch=batch, catalog=catalog, dataset=dataset, assets=mounted_assets(catalog.assets))
    return film_job(job, options, progress)


def film_job(job: FilmJob, options: RunOptions, progress: ProgressLine) -> GenerateReport:
    """Film the missing takes of a job, and seal every complete shard; errors as ``generate``."""
    _check_workers(job.batch, options.workers)
    writer = DatasetWriter(job.dataset)
    _check_same(job, writer)
    if writer.has_batch_files and len(writer.sealed_counts) == job.batch.shards:
        return _report(job, writer, RunTotals(), None)
    log = RunLog(writer.store, also=RayMetrics().note)
    with (
        writer.locked(),
        film_crew(
            job,
            options.workers,
            resources=options.resources,
            ray_address=options.ray_address,
            note=log.note,
        ) as crew,
    ):
        info = dataset_info(job, engine_version=crew.engine_version())
        removed = writer.create(info, batch_files(job))
        run = Run(job, options, writer, log, progress)
        gave_up = run.film(crew)
        report = _report(job, writer, run.totals, gave_up, removed, tuple(crew.notes))
        return replace(report, damaged=run.damaged)


def _check_same(job: FilmJob, writer: DatasetWriter) -> None:
    """InputError if the data set is that of another batch, with what differs."""
    try:
        writer.check(dataset_info(job, engine_version=""))
    except InputError:
        fix = "give a new folder, or the batch file of this data set"
        check_same_files(writer.store, batch_files(job), what="batch", fix=fix)
        raise


def dataset_info(job: FilmJob, *, engine_version: str) -> DatasetInfo:
    """The content of ``dataset.json``."""
    batch = job.batch
    clips = batch.takes * batch.cameras
    counts = {
        "takes": batch.takes,
        "clips": clips,
        "frames": clips * batch.frames,
        "shards": batch.shards,
    }
    return DatasetInfo(
        engine=EngineInfo(kind=batch.engine.kind, look=batch.engine.look, version=engine_version),
        fps=batch.fps,
        frames=batch.frames,
        width_px=batch.width_px,
        height_px=batch.height_px,
        cameras=batch.cameras,
        takes_per_shard=batch.takes_per_shard,
        planned_takes=batch.takes,
        batch_sha256=batch_sha256(batch),
        catalog_sha256=catalog_sha256(job.catalog),
        multitake_version=version("multitake"),
        counts=counts,
    )


def _check_workers(batch: Batch, workers: int) -> None:
    if workers < 1:
        raise InputError(f"must be at least 1, got {workers}", where="--workers", fix="give 1 or more")
    engine = batch.engine
    if workers > 1 and not engine.is_started:
        fix = "use one worker, or give engine.program"
        raise InputError("several workers cannot share one running engine", where="--workers", fix=fix)
    for port in ("{unrealcv_port}", "{remote_control_port}"):
        if workers > 1 and engine.command and not any(port in part for part in engine.command):
            what = f"the engines of several workers would have one port, as the command has no {port}"
            raise InputError(
                what, where="engine.command", fix="add it, use one worker, or give engine.program"
            )


def missing_takes(batch: Batch, catalog: Catalog, writer: DatasetWriter) -> Iterator[int]:
    """Numbers of the takes that are neither staged nor part of a sealed shard."""
    staged = frozenset(writer.staged)
    for shard in range(batch.shards):
        if shard not in writer.sealed_counts:
            first = shard * batch.takes_per_shard
            for number in range(first, min(first + batch.takes_per_shard, batch.takes)):
                if take_key(batch, catalog, number) not in staged:
                    yield number


def batch_files(job: FilmJob) -> dict[str, str]:
    """The batch and its catalog as files: the data set can be made again from them.

    They do not say how the engine was started: a data set of strangers must not start programs.
    """
    is_own_catalog = job.batch.scene.catalog != "embedded"
    engine = replace(job.batch.engine, program="", project="", gpus=(), arguments=(), command=())
    named = "catalog.toml" if is_own_catalog else None
    batch = resolved_toml(replace(job.batch, engine=engine), catalog=named)
    return {"batch.toml": batch, "catalog.toml": catalog_toml(job.catalog)}


class Run:
    """Films the missing takes of a job, seals shards, and tells log and progress line about it."""

    def __init__(
        self, job: FilmJob, options: RunOptions, writer: DatasetWriter, log: RunLog, progress: ProgressLine
    ) -> None:
        self.totals = RunTotals()
        self._job, self._options, self._writer = job, options, writer
        self._log, self._progress = log, progress
        self._sealer = ShardSealer(job, writer, log)
        self._missing = job.batch.takes - writer.done_takes
        if options.limit is not None:
            self._missing = min(self._missing, options.limit)

    @property
    def damaged(self) -> tuple[str, ...]:
        """Takes that were found damaged when their shard was to be sealed."""
        return self._sealer.damaged

    def film(self, crew: FilmCrew) -> str | None:
        """Film, and seal each shard when it is complete; returns why the run stopped early.

        A signal lets takes that are being filmed end; then it is raised as Interrupted.
        """
        self._note_start(crew)
        gave_up = None
        with postponed() as stop:
            try:
                with self._sealer:
                    gave_up = self._film(crew, stop)
                    if self._options.accept_failures:
                        self._sealer.seal_without(self.totals.failed)
            except BaseException as error:
                gave_up = one_line(error)
                # Ray has ended: by the same signal, if there was one.
                if not isinstance(error, RunError) or stop.number is None:
                    raise
            finally:
                if stop.number is not None:
                    self._log.note("interrupted", signal=signal.Signals(stop.number).name)
                failed = len(self.totals.failed)
                self._log.note("run_ended", filmed=self.totals.filmed, failed=failed, reason=gave_up)
                self._log.write()
        return gave_up

    def _film(self, crew: FilmCrew, stop: StopRequest) -> str | None:
        queue = TakeQueue(
            islice(missing_takes(self._job.batch, self._job.catalog, self._writer), self._missing),
            lambda index: environment_name(self._job.batch, self._job.catalog, index),
            workers=self._options.workers,
            takes_per_shard=self._job.batch.takes_per_shard,
        )

        def must_end() -> bool:
            return stop.number is not None

        self._show(stop)
        for worker, outcome in crew.film(queue.next_for, must_end):
            if outcome.stops_run:
                # Not a fault of this take; what is still to be written may fail in the same way.
                self._writer.store.stop_waiting()
                return f"{outcome.reason}; make it usable, and run the same command again"
            self._note(worker, outcome)
            self._show(stop)
            if self.totals.failures_in_a_row >= self._options.most_failures:
                return f"{self.totals.failures_in_a_row} failures in a row; check the engine and these scenes"
        return None

    def _note(self, worker: int, outcome: TakeOutcome) -> None:
        """Record a staged or failed take, and seal its shard if it is complete."""
        self.totals.add(outcome)
        about = {"worker": worker, "take": outcome.key, "index": outcome.index, "attempts": outcome.attempts}
        if outcome.reason is None:
            self._writer.note_staged(outcome.key)
            self._sealer.seal_if_complete(outcome.index // self._job.batch.takes_per_shard)
            frames = self._job.batch.cameras * self._job.batch.frames
            seconds_s, starts = round(outcome.seconds_s, 3), outcome.engine_starts
            self._log.note(
                "take_done", **about, seconds_s=seconds_s, camera_frames=frames, engine_starts=starts
            )
        else:
            self._writer.note_failed(
                Failure(
                    take=outcome.key,
                    index=outcome.index,
                    attempts=outcome.attempts,
                    reason=outcome.reason,
                    faults=outcome.faults,
                )
            )
            self._log.note("take_failed", **about, reason=outcome.reason)

    def _note_start(self, crew: FilmCrew) -> None:
        self._log.begin(
            host=socket.gethostname(),
            process_id=os.getpid(),
            workers=self._options.workers,
            takes=self._missing,
            done=self._writer.done_takes,
            planned=self._job.batch.takes,
            engine_version=crew.engine_version(),
        )

    def _show(self, stop: StopRequest) -> None:
        totals = self.totals
        ended = totals.filmed + len(totals.failed)
        frames = totals.filmed * self._job.batch.cameras * self._job.batch.frames
        text = (
            f"takes: {self._writer.done_takes} done, {len(totals.failed)} failed,"
            f" {self._missing - ended} left"
            f" | {frames / max(totals.seconds_s, 1e-6):.0f} camera-frames/s"
        )
        if stop.number is not None:
            text = (
                f"interrupted; takes that are being filmed end first, a second signal ends at once | {text}"
            )
        self._progress.show(text, done=ended, total=self._missing)


def _report(
    job: FilmJob,
    writer: DatasetWriter,
    totals: RunTotals,
    gave_up: str | None,
    removed: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> GenerateReport:
    return GenerateReport(
        dataset=str(job.dataset),
        filmed=totals.filmed,
        failed=tuple(totals.failed),
        done=writer.done_takes,
        planned=job.batch.takes,
        unsealed_shards=tuple(sorted(set(range(job.batch.shards)) - writer.sealed_counts.keys())),
        gave_up=gave_up,
        paths=totals.paths,
        rejected_for=tuple(totals.rejected_for.most_common()),
        removed=removed,
        notes=notes,
    )
