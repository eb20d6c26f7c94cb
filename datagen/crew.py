"""Ray workers that film a batch: one engine each, one take in flight each.

A take is staged by the worker that filmed it; the caller decides which takes are filmed and seals shards.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import ray

from multitake.errors import InputError, RunError

from .catalog import Environment
from .film_worker import EngineCheck, FilmJob, FilmWorker, TakeOutcome
from .plan import take_key
from .ray_cluster import WorkerResources, answer_of, ray_cluster
from .worker_call import PROGRESS, Call, Lost
from .worker_pool import WorkerPool

_CLOSE_TIMEOUT_S = 3.0


def _ignored(event: str, **values: Any) -> None:
    """Ignore an event: the default of ``note``."""


class FilmCrew:
    """The workers of one job; ``close`` stops all engines.

    A worker without progress for ``stuck_limit_s`` is replaced. By default that is longer than its engine may
    take to start and to answer. ``has_places`` if Ray has a place for each worker at once. ``note`` receives
    the events of workers, see ``run_log``.
    """

    def __init__(
        self,
        job: FilmJob,
        workers: int,
        *,
        resources: WorkerResources,
        has_places: bool = False,
        stuck_limit_s: float | None = None,
        note: Callable[..., None] = _ignored,
    ) -> None:
        self._job, self._workers, self._note = job, workers, note
        self._version: str | None = None
        self._is_filming = False
        self._said: dict[str, None] = {}
        self._opened: set[str] = set()
        limits = job.batch.engine
        remote: Any = ray.remote
        worker_class = remote(
            num_cpus=resources.cpus, num_gpus=resources.gpus, concurrency_groups={PROGRESS: 1}
        )(FilmWorker)
        shared_job = answer_of(lambda: ray.put(job))
        self._pool = WorkerPool(
            lambda worker: worker_class.remote(shared_job, worker),
            workers,
            first=self._check_call,
            accept=self._accepted,
            note=note,
            resources=resources,
            has_places=has_places,
            stuck_limit_s=stuck_limit_s
            or 2 * (max(limits.start_timeout_s, limits.load_timeout_s) + limits.reply_timeout_s),
        )

    def prepare(self) -> str:
        """Wait until all engines have started, and return their version.

        InputError if one cannot be used, if an asset is missing, or if versions differ; RunError if none
        starts.
        """
        self._pool.prepare()
        self._is_filming = True
        if self._version is None:
            raise RunError("no worker is ready", where="worker", fix="run the same command again")
        return self._version

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be checked about the engine and its levels."""
        unopened = [one.name for one in self._environments if one.name not in self._opened]
        levels = f"levels that no worker opened before filming: {', '.join(unopened)}"
        return (*self._said, *([levels] if unopened else []))

    def film(
        self, next_take: Callable[[int], int | None], must_end: Callable[[], bool] = lambda: False
    ) -> Iterator[tuple[int, TakeOutcome]]:
        """Film takes, one per worker at a time, until ``next_take`` of a worker gives none.

        No other take is begun, and none is repeated, once the run ``must_end``. Yields worker and outcome, as
        takes end. The attempts of an outcome include those whose worker was lost.
        """

        def next_call(worker: int) -> Call | None:
            number = next_take(worker)
            return None if number is None else Call(method="film", arguments=(number,))

        for worker, call, result in self._pool.results(next_call, self._take_begun, must_end):
            (number,) = call.arguments
            if isinstance(result, Lost):
                result = TakeOutcome(number=number, key=self._key(number), attempts=1, reason=result.reason)
            yield worker, replace(result, attempts=result.attempts + call.losses)

    def close(self) -> None:
        """Stop all workers; a busy one is killed, and its engine ends when its standard input closes."""
        self._pool.close("close", timeout_s=_CLOSE_TIMEOUT_S)

    def _check_call(self, worker: int) -> Call:
        """The first call of a worker: its engine opens its share of the environments, once in a run."""
        environments = self._environments
        # Each worker opens at least one, as its version says what the engine could be set to there.
        share = environments[:1] if self._is_filming else environments[worker :: self._workers]
        return Call(method="check_engine", arguments=(share or environments[:1],))

    @property
    def _environments(self) -> tuple[Environment, ...]:
        """Those whose levels are opened before filming."""
        return self._job.catalog.environments if self._job.batch.engine.kind == "unreal" else ()

    def _take_begun(self, worker: int, call: Call) -> None:
        (number,) = call.arguments
        self._note("take_started", worker=worker, take=self._key(number), number=number)

    def _key(self, number: int) -> str:
        return take_key(self._job.batch, self._job.catalog, number)

    def _accepted(self, worker: int, check: EngineCheck) -> str | None:
        """Why a worker cannot be used, if so; InputError if it is one of the first."""
        try:
            self._require(check)
        except (InputError, RunError) as error:
            if not self._is_filming and isinstance(error, InputError):
                raise
            return error.what
        self._version = check.version
        self._said |= dict.fromkeys(check.notes)
        self._opened.update(check.opened)
        self._note("worker_started", worker=worker, node=check.node)
        return None

    def _require(self, check: EngineCheck) -> None:
        if check.missing_assets:
            what, fix = f"missing asset {check.missing_assets[0]}", "correct the catalog, or add the asset"
            raise InputError(what, where="scene.catalog", fix=fix)
        if check.failure and check.is_bad_input:
            is_embedded = self._job.batch.engine.kind == "embedded"
            fix = "see `multitake engine doctor`" if is_embedded else "see docs/unreal.md"
            raise InputError(check.failure, where="engine", fix=fix)
        if check.failure:
            raise RunError(f"no engine: {check.failure}", where="engine", fix="run the same command again")
        if self._version not in (None, check.version):
            versions = ", ".join(sorted([str(self._version), check.version]))
            what = f"workers have different engine versions: {versions}"
            raise InputError(what, where="engine", fix="use one engine version")


@contextmanager
def film_crew(
    job: FilmJob,
    workers: int,
    *,
    resources: WorkerResources | None = None,
    ray_address: str | None = None,
    stuck_limit_s: float | None = None,
    note: Callable[..., None] = _ignored,
) -> Iterator[FilmCrew]:
    """Workers on the Ray cluster at an address, or of RAY_ADDRESS, or on a new one on this machine.

    See ``FilmCrew``.
    """
    resources = resources or WorkerResources()
    with ray_cluster(workers, resources, ray_address) as is_own:
        crew = FilmCrew(
            job, workers, resources=resources, has_places=is_own, stuck_limit_s=stuck_limit_s, note=note
        )
        try:
            yield crew
        finally:
            crew.close()
