"""Film a batch with Ray: one engine per worker, bounded work in flight, one retry on a fresh engine.

A take is committed by the worker that filmed it; this side only decides what is next and seals shards.
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
from shards import commit_take

from .batch import Batch
from .catalog import Catalog
from .drive.engine_process import RunningEngine
from .drive.errors import EngineError
from .film import film_take
from .plan import plan_take

MAX_ATTEMPTS = 2
_GRACE_S = 3.0
_DISK_IS_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, kw_only=True)
class Order:
    """Everything a worker needs to film any take of a batch."""

    batch: Batch
    catalog: Catalog
    dataset: Path


@dataclass(frozen=True, kw_only=True)
class TakeOutcome:
    """How filming one take ended: ``reason`` is None when it was committed; ``is_final`` stops the run."""

    index: int
    key: str
    attempts: int
    reason: str | None = None
    is_final: bool = False


@dataclass(frozen=True, kw_only=True)
class EngineCheck:
    """What a worker's engine said at the start; ``complaint`` is why there is no engine, else None."""

    version: str = ""
    missing_assets: tuple[str, ...] = ()
    complaint: str | None = None


class FilmWorker:
    """Films takes on an engine of its own; runs as a Ray actor."""

    def __init__(self, order: Order, worker: int) -> None:
        self._order = order
        self._worker = worker
        self._engine: RunningEngine | None = None

    def check_engine(self) -> EngineCheck:
        """Start the engine and ask what it is and which assets of the catalog it lacks."""
        try:
            stage = self._running().stage
            version, missing = stage.engine_version(), stage.missing_assets(self._order.catalog)
        except EngineError as error:
            return EngineCheck(complaint=str(error))
        return EngineCheck(version=version, missing_assets=tuple(missing))

    def film(self, index: int) -> TakeOutcome:
        """Film and commit one take; an engine that fails is replaced, and the take tried once more."""
        take = plan_take(self._order.batch, self._order.catalog, index)
        reason, attempts = None, 0
        while attempts < MAX_ATTEMPTS:
            attempts += 1
            try:
                filmed = film_take(self._running().stage, self._order.batch, take)
                commit_take(self._order.dataset, filmed)
                reason = None
                break
            except Exception as error:  # whatever it is, it costs this take and not the run
                is_expected = isinstance(error, (EngineError, OSError))
                reason = str(error) if is_expected else f"{type(error).__name__}: {error}"
                self.close()
                if isinstance(error, OSError) and error.errno in _DISK_IS_FULL:
                    return TakeOutcome(
                        index=index, key=take.key, attempts=attempts, reason=reason, is_final=True
                    )
        return TakeOutcome(index=index, key=take.key, attempts=attempts, reason=reason)

    def close(self) -> None:
        """Stop the engine."""
        if self._engine:
            self._engine.close()
        self._engine = None

    def _running(self) -> RunningEngine:
        if self._engine is None or not self._engine.is_alive():
            self.close()
            self._engine = RunningEngine(self._order.batch.engine, worker=self._worker)
        return self._engine


class FilmCrew:
    """Ray actors that film one order. Use as a context; leaving it stops every engine."""

    def __init__(self, order: Order, workers: int) -> None:
        self._order = order
        remote: Any = ray.remote
        self._actor_class = remote(num_cpus=1)(FilmWorker)
        self._actors = [self._hire(worker) for worker in range(workers)]

    def _hire(self, worker: int) -> Any:
        return self._actor_class.remote(self._order, worker)

    def engine_version(self) -> str:
        """Start all engines; InputError if one does not start, lacks assets or differs from the others."""
        try:
            checks: list[EngineCheck] = ray.get([actor.check_engine.remote() for actor in self._actors])
        except RayActorError as error:
            what = f"a worker was lost at its start: {str(error).splitlines()[0]}"
            raise InputError(what, where="Ray", fix="see Ray's own logs") from error
        for check in checks:
            if check.complaint:
                is_embedded = self._order.batch.engine.kind == "embedded"
                fix = "see `multitake engine doctor`" if is_embedded else "check [engine] and both plugins"
                raise InputError(f"no engine: {check.complaint}", where="engine", fix=fix)
            if check.missing_assets:
                fix = "correct the catalog or load the assets"
                raise InputError(
                    f"the engine lacks {check.missing_assets[0]}", where="scene.catalog", fix=fix
                )
        versions = sorted({check.version for check in checks})
        if len(versions) > 1:
            what = f"workers answer with different engines: {', '.join(versions)}"
            raise InputError(what, where="engine", fix="use one engine version")
        return versions[0]

    def film(self, indices: Iterable[int]) -> Iterator[TakeOutcome]:
        """Film takes in this order, one in flight per worker; outcomes come as they end."""
        waiting = iter(indices)
        in_flight: dict[Any, tuple[int, int, int]] = {}

        def hand_out(worker: int, index: int, lost: int) -> None:
            in_flight[self._actors[worker].film.remote(index)] = (worker, index, lost)

        for worker, index in zip(range(len(self._actors)), waiting, strict=False):
            hand_out(worker, index, 0)
        while in_flight:
            (ready,), _ = ray.wait(list(in_flight), num_returns=1)
            worker, index, lost = in_flight.pop(ready)
            try:
                outcome = ray.get(ready)
            except RayActorError as error:
                self._actors[worker] = self._hire(worker)
                if lost + 1 < MAX_ATTEMPTS:
                    hand_out(worker, index, lost + 1)
                    continue
                outcome = self._lost(index, error)
            yield outcome
            following = next(waiting, None)
            if following is not None:
                hand_out(worker, following, 0)

    def close(self) -> None:
        """Stop all; a worker that is busy is killed, and its engine ends when its input closes."""
        ray.wait([a.close.remote() for a in self._actors], num_returns=len(self._actors), timeout=_GRACE_S)
        for actor in self._actors:
            ray.kill(actor)

    def _lost(self, index: int, error: RayActorError) -> TakeOutcome:
        key = plan_take(self._order.batch, self._order.catalog, index).key
        reason = f"the worker process was lost: {str(error).splitlines()[0]}"
        return TakeOutcome(index=index, key=key, attempts=MAX_ATTEMPTS, reason=reason)


@contextmanager
def film_crew(order: Order, workers: int) -> Iterator[FilmCrew]:
    """A crew on the Ray cluster of RAY_ADDRESS, or on one started for it on this machine."""
    with _ray(workers):
        crew = FilmCrew(order, workers)
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
        here: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False}
        address = os.environ.get("RAY_ADDRESS")
        try:
            ray.init(log_to_driver=False, logging_level=logging.ERROR, **({} if address else here))
        except (ConnectionError, ValueError) as error:
            fix = "start that cluster, or unset RAY_ADDRESS"
            raise InputError(f"no Ray cluster ({error})", where=f"RAY_ADDRESS={address}", fix=fix) from error
    try:
        cores = int(ray.cluster_resources().get("CPU", 0))
        if cores < workers:
            fix = f"give at most {cores}"
            raise InputError(f"{workers} workers on {cores} cores of Ray", where="--workers", fix=fix)
        yield
    finally:
        if is_ours:
            ray.shutdown()
