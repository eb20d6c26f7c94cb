"""Ray workers that film a batch: one engine each, one take in flight each, one retry on a new engine.

A take is staged by the worker that filmed it; the caller decides which takes are filmed and seals shards.
"""

import errno
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayActorError

from multitake.errors import InputError
from shards import stage_take

from .batch import Batch
from .catalog import Catalog
from .drive import EngineError, RunningEngine
from .film import film_take
from .plan import plan_take

MAX_ATTEMPTS = 2
_CLOSE_TIMEOUT_S = 3.0
_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, kw_only=True)
class FilmJob:
    """Everything that a worker needs to film any take of a batch."""

    batch: Batch
    catalog: Catalog
    dataset: Path


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
    """Version and missing assets of a worker's engine; ``failure`` is set if it did not start."""

    version: str = ""
    missing_assets: tuple[str, ...] = ()
    failure: str | None = None


class FilmWorker:
    """Films takes with its own engine; a Ray actor."""

    def __init__(self, job: FilmJob, worker: int) -> None:
        self._job = job
        self._worker = worker
        self._engine: RunningEngine | None = None

    def check_engine(self) -> EngineCheck:
        """Start the engine, and ask for its version and for assets of the catalog that it does not have."""
        try:
            driver = self._running_engine().driver
            missing = driver.missing_assets(self._job.catalog)
            return EngineCheck(version=driver.engine_version(), missing_assets=tuple(missing))
        except EngineError as error:
            return EngineCheck(failure=str(error))

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
            except Exception as error:  # any error fails this take, not the run
                is_expected = isinstance(error, (EngineError, OSError))
                reason = str(error) if is_expected else f"{type(error).__name__}: {error}"
                self.close()
                if isinstance(error, OSError) and error.errno in _DISK_IS_FULL:
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
        if self._engine is None or not self._engine.is_alive():
            self.close()
            self._engine = RunningEngine(self._job.batch.engine, worker=self._worker)
        return self._engine


class FilmCrew:
    """The workers of one job; ``close`` stops all engines."""

    def __init__(self, job: FilmJob, workers: int) -> None:
        self._job = job
        remote: Any = ray.remote
        self._actor_class = remote(num_cpus=1)(FilmWorker)
        self._actors = [self._start(worker) for worker in range(workers)]

    def engine_version(self) -> str:
        """Start all engines; InputError if one fails, if assets are missing, or if their versions differ."""
        try:
            checks: list[EngineCheck] = ray.get([actor.check_engine.remote() for actor in self._actors])
        except RayActorError as error:
            what = f"a worker process ended at its start: {_first_line(error)}"
            raise InputError(what, where="Ray", fix="see the logs of Ray") from error
        for check in checks:
            if check.failure:
                is_embedded = self._job.batch.engine.kind == "embedded"
                fix = "see `multitake engine doctor`" if is_embedded else "check [engine] and both plugins"
                raise InputError(f"no engine: {check.failure}", where="engine", fix=fix)
            if check.missing_assets:
                what, fix = (
                    f"missing asset {check.missing_assets[0]}",
                    "correct the catalog, or add the asset",
                )
                raise InputError(what, where="scene.catalog", fix=fix)
        versions = sorted({check.version for check in checks})
        if len(versions) > 1:
            what = f"workers have different engines: {', '.join(versions)}"
            raise InputError(what, where="engine", fix="use one engine version")
        return versions[0]

    def film(self, indices: Iterable[int]) -> Iterator[TakeOutcome]:
        """Film takes in this order, one per worker at a time; outcomes come as takes end."""
        waiting = iter(indices)
        in_flight: dict[Any, tuple[int, int, int]] = {}

        def send(worker: int, index: int, attempt: int) -> None:
            in_flight[self._actors[worker].film.remote(index)] = (worker, index, attempt)

        for worker, index in zip(range(len(self._actors)), waiting, strict=False):
            send(worker, index, 1)
        while in_flight:
            (ready,), _ = ray.wait(list(in_flight), num_returns=1)
            worker, index, attempt = in_flight.pop(ready)
            try:
                outcome = ray.get(ready)
            except RayActorError as error:
                self._actors[worker] = self._start(worker)
                if attempt < MAX_ATTEMPTS:
                    send(worker, index, attempt + 1)
                    continue
                outcome = self._process_ended(index, error)
            yield outcome
            following = next(waiting, None)
            if following is not None:
                send(worker, following, 1)

    def close(self) -> None:
        """Stop all workers; a busy one is killed, and its engine ends when its standard input closes."""
        closing = [actor.close.remote() for actor in self._actors]
        ray.wait(closing, num_returns=len(closing), timeout=_CLOSE_TIMEOUT_S)
        for actor in self._actors:
            ray.kill(actor)

    def _start(self, worker: int) -> Any:
        return self._actor_class.remote(self._job, worker)

    def _process_ended(self, index: int, error: RayActorError) -> TakeOutcome:
        key = plan_take(self._job.batch, self._job.catalog, index).key
        reason = f"the worker process ended: {_first_line(error)}"
        return TakeOutcome(index=index, key=key, attempts=MAX_ATTEMPTS, reason=reason)


@contextmanager
def film_crew(job: FilmJob, workers: int) -> Iterator[FilmCrew]:
    """Workers on the Ray cluster of RAY_ADDRESS, or on a new one on this machine."""
    with _ray(workers):
        crew = FilmCrew(job, workers)
        try:
            yield crew
        finally:
            crew.close()


@contextmanager
def _ray(workers: int) -> Iterator[None]:
    is_ours = not ray.is_initialized()
    if is_ours:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
        os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        local: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False}
        address = os.environ.get("RAY_ADDRESS")
        try:
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **({} if address else local))
        except (ConnectionError, ValueError) as error:
            fix = "start that cluster, or unset RAY_ADDRESS"
            raise InputError(f"no Ray cluster ({error})", where=f"RAY_ADDRESS={address}", fix=fix) from error
    try:
        cores = int(ray.cluster_resources().get("CPU", 0))
        if cores < workers:
            what = f"{workers} workers, but Ray has {cores} cores"
            raise InputError(what, where="--workers", fix=f"give at most {cores}")
        yield
    finally:
        if is_ours:
            ray.shutdown()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0]
