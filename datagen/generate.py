"""The command ``generate``: from a batch file to sealed shards; the same command again resumes."""

import time
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from multitake.errors import InputError
from multitake.progress import ProgressLine
from shards import DatasetInfo, DatasetWriter, EngineInfo, Failure

from .batch import Batch, batch_sha256, load_batch, resolved_toml
from .catalog import catalog_sha256, catalog_toml, check_engine, load_catalog
from .crew import FilmCrew, FilmJob, TakeOutcome, film_crew
from .engine.assets import mounted_assets
from .placing import check_spots
from .plan import plan_take, shard_takes

MAX_FAILURES_IN_A_ROW = 5


@dataclass(frozen=True, kw_only=True)
class GenerateReport:
    """The result of a run: takes filmed in it, takes that failed, and the state of the data set.

    Attributes:
        removed: staged takes that were damaged, or of another data set.
        notes: what could not be checked about the engine.
        paths: camera paths that were sampled for the takes of this run.
        rejected_for: how often each reason was found against those that were sampled again.
    """

    dataset: Path
    filmed: int
    failed: tuple[TakeOutcome, ...]
    done: int
    planned: int
    unsealed_shards: tuple[int, ...]
    gave_up: str | None
    paths: int
    rejected_for: tuple[tuple[str, int], ...]
    removed: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """The report as text."""
        yield f"{self.dataset}: {self.done} of {self.planned} takes done ({self.filmed} filmed in this run)"
        for note in self.notes:
            yield f"note: {note}"
        for key in self.removed:
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
    out: Path,
    workers: int,
    progress: ProgressLine,
    limit: int | None = None,
    look: str | None = None,
    accept_failures: bool = False,
) -> GenerateReport:
    """Film the missing takes of a batch into the data set ``out``, and seal every complete shard.

    Args:
        limit: film at most this many takes now.
        look: replaces the engine look of the batch file.
        accept_failures: seal shards without the takes that failed in this run.

    InputError if the batch, the catalog, the folder or the engine cannot be used.
    """
    batch = load_batch(batch_file, look=look)
    catalog = load_catalog(batch.scene, folder=batch_file.parent)
    check_engine(batch, catalog)
    check_spots(catalog)
    files = mounted_assets(catalog.assets)
    job = FilmJob(batch=batch, catalog=catalog, dataset=out.absolute(), assets=files)
    _check_workers(batch, workers)
    writer = DatasetWriter(job.dataset)
    writer.check(dataset_info(job, engine_version=""))
    if writer.has_batch_files and len(writer.sealed) == batch.shards:
        return _report(job, writer, [], None)
    with writer.locked(), film_crew(job, workers) as crew:
        info = dataset_info(job, engine_version=crew.engine_version())
        removed = writer.create(info, batch_files(job))
        outcomes, gave_up = _film_missing(job, crew, writer, progress, limit)
        without = {o.key for o in outcomes if o.reason is not None} if accept_failures else set()
        for shard in range(batch.shards):
            _seal_if_complete(job, writer, shard, without)
        return _report(job, writer, outcomes, gave_up, removed, tuple(crew.notes))


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


def batch_files(job: FilmJob) -> dict[str, str]:
    """The batch and its catalog as files: the data set can be made again from them.

    They do not say how the engine was started: a data set of strangers must not start programs.
    """
    is_own_catalog = job.batch.scene.catalog != "embedded"
    engine = replace(job.batch.engine, program="", project="", gpus=(), arguments=(), command=())
    named = "catalog.toml" if is_own_catalog else None
    batch = resolved_toml(replace(job.batch, engine=engine), catalog=named)
    return {"batch.toml": batch, "catalog.toml": catalog_toml(job.catalog)}


def _film_missing(
    job: FilmJob, crew: FilmCrew, writer: DatasetWriter, progress: ProgressLine, limit: int | None
) -> tuple[list[TakeOutcome], str | None]:
    """Film, and seal each shard when it is complete; returns all outcomes, and why the run stopped early."""
    missing = _missing(job, writer)[:limit]
    outcomes: list[TakeOutcome] = []
    started_s, failures_in_a_row = time.monotonic(), 0
    progress.show("takes: filming", done=0, total=len(missing))
    for outcome in crew.film(missing):
        outcomes.append(outcome)
        _note(job, writer, outcome)
        _show(job, writer, progress, outcomes, len(missing), time.monotonic() - started_s)
        failures_in_a_row = 0 if outcome.reason is None else failures_in_a_row + 1
        if outcome.stops_run:
            return outcomes, outcome.reason
        if failures_in_a_row == MAX_FAILURES_IN_A_ROW:
            return outcomes, f"{failures_in_a_row} failures in a row; check the engine and these scenes"
    return outcomes, None


def _missing(job: FilmJob, writer: DatasetWriter) -> list[int]:
    """Takes that are neither staged nor part of a sealed shard."""
    batch, done = job.batch, writer.done
    return [
        index
        for index in range(batch.takes)
        if index // batch.takes_per_shard not in writer.sealed
        and plan_take(batch, job.catalog, index).key not in done
    ]


def _note(job: FilmJob, writer: DatasetWriter, outcome: TakeOutcome) -> None:
    """Record a staged or failed take, and seal its shard if it is complete."""
    if outcome.reason is None:
        writer.note_staged(outcome.key)
        _seal_if_complete(job, writer, outcome.index // job.batch.takes_per_shard)
    else:
        writer.note_failed(
            Failure(take=outcome.key, index=outcome.index, attempts=outcome.attempts, reason=outcome.reason)
        )


def _seal_if_complete(
    job: FilmJob, writer: DatasetWriter, shard: int, without: Collection[str] = frozenset()
) -> None:
    if shard in writer.sealed:
        return
    takes = [take for take in shard_takes(job.batch, job.catalog, shard) if take not in without]
    if takes and writer.staged.issuperset(takes):
        writer.seal(shard, takes)


def _show(
    job: FilmJob,
    writer: DatasetWriter,
    progress: ProgressLine,
    outcomes: list[TakeOutcome],
    missing: int,
    seconds_s: float,
) -> None:
    failed = sum(outcome.reason is not None for outcome in outcomes)
    frames = (len(outcomes) - failed) * job.batch.cameras * job.batch.frames
    text = (
        f"takes: {len(writer.done)} done, {failed} failed, {missing - len(outcomes)} left"
        f" | {frames / max(seconds_s, 1e-6):.0f} camera-frames/s"
    )
    progress.show(text, done=len(outcomes), total=missing)


def _report(
    job: FilmJob,
    writer: DatasetWriter,
    outcomes: list[TakeOutcome],
    gave_up: str | None,
    removed: tuple[str, ...] = (),
    notes: tuple[str, ...] = (),
) -> GenerateReport:
    failed = tuple(outcome for outcome in outcomes if outcome.reason is not None)
    return GenerateReport(
        dataset=job.dataset,
        filmed=len(outcomes) - len(failed),
        failed=failed,
        done=len(writer.done),
        planned=job.batch.takes,
        unsealed_shards=tuple(sorted(set(range(job.batch.shards)) - writer.sealed.keys())),
        gave_up=gave_up,
        paths=sum(outcome.paths for outcome in outcomes),
        rejected_for=tuple(Counter(reason for one in outcomes for reason in one.rejected_for).most_common()),
        removed=removed,
        notes=notes,
    )
