"""A run: the takes that are missing are filmed, shards are sealed, and the log is told."""

import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from multitake.errors import RunError, one_line
from multitake.interruption import StopRequest, postponed
from multitake.progress import ProgressLine
from shards import DatasetWriter, Failure

from .batch import Batch
from .catalog import Catalog
from .crew import FilmCrew
from .film_worker import FilmJob, TakeOutcome
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
        most_failures: stop after this many failed takes in a row.
        accept_failures: seal shards without the takes that failed in this run.
    """

    workers: int = 1
    resources: WorkerResources = field(default_factory=WorkerResources)
    ray_address: str | None = None
    limit: int | None = None
    most_failures: int = 5
    accept_failures: bool = False


class Run:
    """Films the missing takes of a job, seals shards, and tells log and progress line about it."""

    def __init__(
        self, job: FilmJob, options: RunOptions, writer: DatasetWriter, log: RunLog, progress: ProgressLine
    ) -> None:
        self.totals = RunTotals()
        self._job, self._options, self._writer = job, options, writer
        self._log, self._progress = log, progress
        self._sealer = ShardSealer(job, writer, log)
        self._is_interrupted = False
        self._missing = open_takes(job.batch, writer)
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
        gave_up = None
        with postponed() as stop:
            self._note_start()
            try:
                with self._sealer:
                    gave_up = self._film(crew, stop)
                    if self._options.accept_failures:
                        self._sealer.seal_without(self.totals.failed)
            except BaseException as error:
                # Ray has ended: by the same signal, if there was one.
                if not isinstance(error, RunError) or stop.number is None:
                    gave_up = one_line(error)
                    raise
            finally:
                self._note_signal(stop)
                failed = len(self.totals.failed)
                self._log.note("run_ended", filmed=self.totals.filmed, failed=failed, reason=gave_up)
                self._log.write()
        return gave_up

    def _film(self, crew: FilmCrew, stop: StopRequest) -> str | None:
        queue = TakeQueue(
            islice(missing_takes(self._job.batch, self._job.catalog, self._writer), self._missing),
            lambda number: environment_name(self._job.batch, self._job.catalog, number),
            workers=self._options.workers,
            takes_per_shard=self._job.batch.takes_per_shard,
        )

        def must_end() -> bool:
            self._note_signal(stop)
            return stop.number is not None

        self._show(stop)
        for worker, outcome in crew.film(queue.next_for, must_end):
            if outcome.stops_run:
                # Not a fault of this take.
                return f"{outcome.reason}; make sure that it can be written, then run the same command again"
            self._note(worker, outcome)
            self._show(stop)
            if self.totals.failures_in_a_row >= self._options.most_failures:
                return f"{self.totals.failures_in_a_row} failures in a row; check the engine and these scenes"
        return None

    def _note(self, worker: int, outcome: TakeOutcome) -> None:
        """Record a staged or failed take, and seal its shard if it is complete."""
        self.totals.add(outcome)
        number, attempts = outcome.number, outcome.attempts
        about = {"worker": worker, "take": outcome.key, "number": number, "attempts": attempts}
        about |= {"engine_starts": outcome.engine_starts}
        if outcome.reason is None:
            self._writer.note_staged(outcome.key)
            self._sealer.seal_if_complete(outcome.number // self._job.batch.takes_per_shard)
            frames = self._job.batch.cameras * self._job.batch.frames
            seconds_s = round(outcome.seconds_s, 3)
            self._log.note("take_done", **about, seconds_s=seconds_s, camera_frames=frames)
        else:
            self._writer.note_failed(
                Failure(
                    take=outcome.key,
                    number=outcome.number,
                    attempts=outcome.attempts,
                    reason=outcome.reason,
                    faults=outcome.faults,
                )
            )
            faults = sorted({fault.reason for fault in outcome.faults})
            self._log.note("take_failed", **about, reason=outcome.reason, faults=faults)

    def _note_signal(self, stop: StopRequest) -> None:
        """Say in the log, once, that no other take begins."""
        if stop.number is not None and not self._is_interrupted:
            self._is_interrupted = True
            self._log.note("interrupted", signal=signal.Signals(stop.number).name)

    def _note_start(self) -> None:
        self._log.begin(
            host=socket.gethostname(),
            process_id=os.getpid(),
            workers=self._options.workers,
            takes=self._missing,
            done=self._writer.counts.done,
            planned=self._job.batch.takes,
            engine_version=self._writer.counts.info.engine.version,
        )

    def _show(self, stop: StopRequest) -> None:
        totals = self.totals
        ended = totals.filmed + len(totals.failed)
        frames = totals.filmed * self._job.batch.cameras * self._job.batch.frames
        text = (
            f"takes: {self._writer.counts.done} done, {len(totals.failed)} failed,"
            f" {self._missing - ended} left"
            f" | {frames / max(totals.seconds_s, 1e-6):.0f} camera-frames/s"
        )
        if stop.number is not None:
            how = "interrupted: waiting for the takes that are being filmed; a second signal ends the run now"
            text = f"{how} | {text}"
        self._progress.show(text, done=ended, total=self._missing)


def open_takes(batch: Batch, writer: DatasetWriter) -> int:
    """How many takes are neither staged nor part of a sealed shard."""
    size, sealed = batch.takes_per_shard, writer.counts.sealed
    planned = (min(size, batch.takes - shard * size) for shard in range(batch.shards) if shard not in sealed)
    return sum(planned) - len(writer.counts.staged)


def missing_takes(batch: Batch, catalog: Catalog, writer: DatasetWriter) -> Iterator[int]:
    """Numbers of the takes that are neither staged nor part of a sealed shard."""
    staged = frozenset(writer.counts.staged)
    for shard in range(batch.shards):
        if shard not in writer.counts.sealed:
            first = shard * batch.takes_per_shard
            for number in range(first, min(first + batch.takes_per_shard, batch.takes)):
                if take_key(batch, catalog, number) not in staged:
                    yield number
