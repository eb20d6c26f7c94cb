"""Ray workers that film a batch: one engine each, one take in flight each, one retry on a new engine.

A take is staged by the worker that filmed it; the caller decides which takes are filmed and seals shards.
"""

import errno
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray

from multitake.errors import InputError, RunError, one_line
from shards import stage_take

from .batch import Batch
from .catalog import Catalog, Environment
from .drive import EngineError, EngineSetupError, EngineStartError, RunningEngine, check_environment
from .engine.assets import mount
from .engine.imported.user_asset import UserAsset
from .film import NoValidPathError, film_take
from .plan import plan_take
from .ray_cluster import ray_cluster
from .worker_pool import MAX_ATTEMPTS, PROGRESS, Lost, WorkerPool

_CLOSE_TIMEOUT_S = 3.0
# The disk is full, or the folder of the data set was removed.
_STOPS_RUN = (errno.ENOSPC, errno.EDQUOT, errno.ENOENT)


@dataclass(frozen=True, kw_only=True)
class FilmJob:
    """Everything that a worker needs to film any take of a batch; ``assets`` are the user's files."""

    batch: Batch
    catalog: Catalog
    dataset: Path
    assets: tuple[UserAsset, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TakeOutcome:
    """The result of filming one take; ``reason`` is None if it was staged.

    Attributes:
        stops_run: no other take can succeed.
        paths: how many camera paths were sampled for it.
        rejected_for: the reasons against those that were sampled again, see ``ClipRow``.
    """

    index: int
    key: str
    attempts: int
    reason: str | None = None
    stops_run: bool = False
    paths: int = 0
    rejected_for: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EngineCheck:
    """Version and missing assets of a worker's engine; ``failure`` is set if it cannot be used.

    ``missing_assets`` is None if the engine did not find any asset, and so cannot say which are missing.
    Without ``has_show_flags``, cameras of the look ``cinematic`` have no anti-aliasing over time and no blur.
    ``is_input``: the batch, its catalog or the project of the engine must be changed.
    """

    version: str = ""
    missing_assets: tuple[str, ...] | None = ()
    has_show_flags: bool = True
    failure: str | None = None
    is_input: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know, although filming continues."""
        notes = []
        if self.missing_assets is None:
            notes.append("the engine lists no assets; they are checked when they are loaded")
        if not self.has_show_flags:
            notes.append("cameras have no TSR and no motion blur, see docs/unreal.md, section 5")
        return tuple(notes)


class FilmWorker:
    """Films takes with its own engine; a Ray worker."""

    def __init__(self, job: FilmJob, worker: int) -> None:
        mount(job.assets)
        self._job = job
        self._worker = worker
        self._engine: RunningEngine | None = None
        self._engine_requests = 0

    def progress(self) -> tuple[int, int]:
        """A value that changes while this worker is not stuck; asked for while it films."""
        return self._engine_requests, self._engine.replies if self._engine else 0

    def check_engine(self, environments: Sequence[Environment] = ()) -> EngineCheck:
        """Start the engine, and ask for its version and for assets of the catalog that it does not have.

        The levels of ``environments`` are opened, and their lights checked.
        """
        failure = ""
        for _ in range(MAX_ATTEMPTS):
            try:
                driver = self._running_engine().driver
                missing = driver.missing_assets(self._job.catalog)
                if not missing:
                    for environment in environments:
                        check_environment(driver, environment, self._job.catalog, self._job.batch.passes)
                return EngineCheck(
                    version=driver.engine_version(),
                    missing_assets=None if missing is None else tuple(missing),
                    has_show_flags=driver.has_show_flags is not False,
                )
            except EngineStartError as error:
                return EngineCheck(failure=f"no engine: {one_line(error)}", is_input=True)
            except EngineSetupError as error:
                self.close()
                return EngineCheck(failure=one_line(error), is_input=True)
            except (EngineError, OSError) as error:
                failure = str(error)
                self.close()
        return EngineCheck(failure=failure)

    def film(self, index: int) -> TakeOutcome:
        """Film and stage one take; after a failure the engine is replaced, and the take is filmed again."""
        take = plan_take(self._job.batch, self._job.catalog, index)
        reason = ""
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                filmed = film_take(self._running_engine().driver, self._job.batch, take)
                stage_take(self._job.dataset, filmed)
                return TakeOutcome(
                    index=index,
                    key=take.key,
                    attempts=attempt,
                    paths=int(filmed.clips["proposals"].sum()),
                    rejected_for=tuple(reason for row in filmed.clips for reason in row.rejected_for),
                )
            except (NoValidPathError, EngineSetupError) as error:
                return TakeOutcome(index=index, key=take.key, attempts=attempt, reason=one_line(error))
            except Exception as error:  # any error fails this take, not the run
                is_expected = isinstance(error, (EngineError, OSError))
                reason = one_line(error if is_expected else f"{type(error).__name__}: {error}")
                if self._engine and (ended := self._engine.how_it_ended()):
                    reason = f"{reason}; {one_line(ended)}"
                self.close()
                if isinstance(error, OSError) and error.errno in _STOPS_RUN:
                    return TakeOutcome(
                        index=index, key=take.key, attempts=attempt, reason=reason, stops_run=True
                    )
        return TakeOutcome(index=index, key=take.key, attempts=MAX_ATTEMPTS, reason=reason)

    def close(self) -> None:
        """Stop the engine."""
        if self._engine:
            self._engine.close()
        self._engine = None

    def _running_engine(self) -> RunningEngine:
        self._engine_requests += 1
        if self._engine is None or not self._engine.is_alive():
            self.close()
            job = self._job
            self._engine = RunningEngine(
                job.batch.engine, worker=self._worker, assets=job.assets, fps=job.batch.fps
            )
        return self._engine


class FilmCrew:
    """The workers of one job; ``close`` stops all engines.

    A worker that is silent for ``silence_limit_s`` is replaced. By default that is longer than its engine may
    take to start and to answer. ``notes`` say what could not be checked.
    """

    def __init__(self, job: FilmJob, workers: int, *, silence_limit_s: float | None = None) -> None:
        self._job = job
        limits = job.batch.engine
        remote: Any = ray.remote
        worker_class = remote(num_cpus=1, concurrency_groups={PROGRESS: 1})(FilmWorker)
        self._workers = workers
        self.notes: dict[str, None] = {}
        self._pool = WorkerPool(
            lambda worker: worker_class.remote(job, worker),
            workers,
            silence_limit_s=silence_limit_s
            or 2 * (max(limits.start_timeout_s, limits.load_timeout_s) + limits.reply_timeout_s),
        )

    def engine_version(self) -> str:
        """Start all engines and return their version.

        InputError if one cannot be started, if an asset is missing, or if versions differ; RunError if one
        ends at its start, twice.
        """
        versions = set()
        environments = self._job.catalog.environments if self._job.batch.engine.kind == "unreal" else ()
        # Each worker opens at least one, as its version says what the engine could be set to there.
        shares = [
            (environments[worker :: self._workers] or environments[:1],) for worker in range(self._workers)
        ]
        for _, check in self._pool.results("check_engine", shares):
            if isinstance(check, Lost):
                fix = "run the same command again"
                raise RunError(check.reason, where="worker", fix=fix)
            self._require(check)
            self.notes |= dict.fromkeys(check.notes)
            versions.add(check.version)
        if len(versions) > 1:
            what = f"workers have different engines: {', '.join(sorted(versions))}"
            raise InputError(what, where="engine", fix="use one engine version")
        (version,) = versions
        return version

    def film(self, indices: Iterable[int]) -> Iterator[TakeOutcome]:
        """Film takes in this order, one per worker at a time; outcomes come as takes end."""
        for (index,), result in self._pool.results("film", ((index,) for index in indices)):
            if isinstance(result, Lost):
                key = plan_take(self._job.batch, self._job.catalog, index).key
                yield TakeOutcome(index=index, key=key, attempts=MAX_ATTEMPTS, reason=result.reason)
            else:
                yield result

    def close(self) -> None:
        """Stop all workers; a busy one is killed, and its engine ends when its standard input closes."""
        self._pool.close("close", timeout_s=_CLOSE_TIMEOUT_S)

    def _require(self, check: EngineCheck) -> None:
        if check.missing_assets:
            what, fix = f"missing asset {check.missing_assets[0]}", "correct the catalog, or add the asset"
            raise InputError(what, where="scene.catalog", fix=fix)
        if check.failure and check.is_input:
            is_embedded = self._job.batch.engine.kind == "embedded"
            fix = "see `multitake engine doctor`" if is_embedded else "see docs/unreal.md"
            raise InputError(check.failure, where="engine", fix=fix)
        if check.failure:
            raise RunError(f"no engine: {check.failure}", where="engine", fix="run the same command again")


@contextmanager
def film_crew(job: FilmJob, workers: int, *, silence_limit_s: float | None = None) -> Iterator[FilmCrew]:
    """Workers on the Ray cluster of RAY_ADDRESS, or on a new one on this machine; see ``FilmCrew``."""
    with ray_cluster(workers):
        crew = FilmCrew(job, workers, silence_limit_s=silence_limit_s)
        try:
            yield crew
        finally:
            crew.close()
