"""The command ``generate``: from a batch file to sealed shards; the same command again resumes."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from multitake.counts import many
from multitake.errors import InputError
from multitake.progress import ProgressLine
from shards import DatasetInfo, DatasetWriter, EngineInfo, Store, check_new_address

from .batch import Batch
from .batch_difference import check_same_files
from .batch_file import batch_sha256, load_batch, resolved_toml
from .catalog import Catalog, catalog_sha256, catalog_toml, check_engine, load_catalog
from .crew import film_crew
from .engine.assets import mounted_assets
from .film_worker import FilmJob, TakeOutcome
from .metrics import RayMetrics
from .placing import check_spots
from .run import Run, RunOptions
from .run_log import RunLog
from .run_totals import RunTotals


@dataclass(frozen=True, kw_only=True)
class GenerateReport:
    """The result of a run: takes filmed in it, takes that failed, and the state of the data set.

    Attributes:
        removed: staged takes that were damaged, or of another data set, and so are not done.
        damaged: staged takes that were damaged when their shard was to be sealed; the next run films them.
        notes: what could not be checked about the engine and its levels.
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
        for key in self.removed:
            yield f"removed: staging/{key}.tar (damaged, or of another data set); this run films it again"
        for key in self.damaged:
            yield f"removed: staging/{key}.tar (damaged); run the same command again to film it"
        if self.paths:
            reasons = ", ".join(f"{reason} {n}" for reason, n in self.rejected_for)
            yield f"{self.paths} camera paths sampled for the filmed takes; rejected: {reasons or 'none'}"
        for outcome in self.failed:
            yield f"failed: {outcome.key} after {many(outcome.attempts, 'attempt')}: {outcome.reason}"
        if self.gave_up:
            yield f"stopped: {self.gave_up}"
        left_out = self.planned - self.done
        if left_out and not self.unsealed_shards:
            yield f"left out: {left_out} takes that failed; failures.jsonl says why"
        if self.unsealed_shards:
            names = ", ".join(f"{shard:05d}" for shard in self.unsealed_shards[:10])
            yield f"incomplete shards: {names}; run the same command again to resume"


def generate(
    batch_file: Path,
    *,
    out: str | Path | Store,
    options: RunOptions,
    progress: ProgressLine,
    look: str | None = None,
) -> GenerateReport:
    """Film the missing takes of a batch into the data set ``out``, and seal every complete shard.

    Args:
        out: a folder, an fsspec address, or a store.
        look: replaces the engine look of the batch file.

    InputError if the batch, the catalog, the folder or the engine cannot be used.
    """
    check_new_address(out)
    batch = load_batch(batch_file, look=look)
    catalog = load_catalog(batch.scene, folder=batch_file.parent)
    return film_batch(batch, catalog, out=out, options=options, progress=progress)


def film_batch(
    batch: Batch, catalog: Catalog, *, out: str | Path | Store, options: RunOptions, progress: ProgressLine
) -> GenerateReport:
    """Film the missing takes of a batch that is read; see ``generate``."""
    check_engine(batch, catalog)
    check_spots(catalog)
    dataset = out if "://" in str(out) else Path(str(out)).absolute()
    job = FilmJob(batch=batch, catalog=catalog, dataset=dataset, assets=mounted_assets(catalog.assets))
    return film_job(job, options, progress)


def film_job(job: FilmJob, options: RunOptions, progress: ProgressLine) -> GenerateReport:
    """Film the missing takes of a job, and seal every complete shard; errors as ``generate``."""
    _check_workers(job.batch, options.workers)
    writer = DatasetWriter(job.dataset)
    _check_same(job, writer)
    if writer.has_batch_files and len(writer.counts.sealed) == job.batch.shards:
        if writer.store.names("staging"):
            # Late takes, see ``DatasetWriter.finish``.
            with writer.locked():
                writer.create(writer.counts.info, batch_files(job))
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
        info = dataset_info(job, engine_version=crew.prepare())
        removed = writer.create(info, batch_files(job))
        run = Run(job, options, writer, log, progress)
        gave_up = run.film(crew)
        if gave_up is None:
            writer.finish()
        report = _report(job, writer, run.totals, gave_up, removed, crew.notes)
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


def batch_files(job: FilmJob) -> dict[str, str]:
    """The batch and its catalog as files: the data set can be made again from them.

    They do not say how the engine was started: a data set of strangers must not start programs.
    """
    is_own_catalog = job.batch.scene.catalog != "embedded"
    engine = replace(job.batch.engine, program="", project="", gpus=(), arguments=(), command=())
    named = "catalog.toml" if is_own_catalog else None
    batch = resolved_toml(replace(job.batch, engine=engine), catalog=named)
    return {"batch.toml": batch, "catalog.toml": catalog_toml(job.catalog)}


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
        done=writer.counts.done,
        planned=job.batch.takes,
        unsealed_shards=tuple(sorted(set(range(job.batch.shards)) - writer.counts.sealed.keys())),
        gave_up=gave_up,
        paths=totals.paths,
        rejected_for=tuple(totals.rejected_for.most_common()),
        removed=removed,
        notes=notes,
    )
