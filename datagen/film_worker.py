"""A worker that films takes of a batch with its own engine, and stages them; a Ray actor."""

import errno
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import ray

from multitake.errors import InputError, one_line
from multitake.outages import CAN_PASS
from shards import (
    STORING_LIMIT_S,
    ClipFault,
    FilmedTake,
    Store,
    StoreError,
    stage_take,
    store_at,
    write_sheet,
)

from .batch import Batch, EngineChoice
from .catalog import Catalog, Environment
from .drive import EngineError, EngineSetupError, EngineStartError, RunningEngine, check_environment
from .engine.assets import mount
from .engine.imported.user_asset import UserAsset
from .film import NoValidPathError, film_take
from .freed_memory import keep_freed_memory
from .plan import TakeSpec, plan_take
from .quality.gate import BadTakeError

_ATTEMPTS = 2
# No other take can be written either.
_UNWRITABLE = CAN_PASS | {errno.EROFS, errno.EACCES}


@dataclass(frozen=True, kw_only=True)
class FilmJob:
    """Everything that a worker needs to film any take of a batch.

    ``dataset`` is a folder, an fsspec address or a store; ``assets`` are the user's files.
    """

    batch: Batch
    catalog: Catalog
    dataset: str | Path | Store
    assets: tuple[UserAsset, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TakeOutcome:
    """The result of filming one take; ``reason`` is None if it was staged.

    Attributes:
        number: that of the take in the batch.
        stops_run: no other take can succeed.
        is_final: another attempt would not help.
        seconds_s: how long it took.
        engine_starts: how many engines its worker started for it; 0 if the engine of its last take filmed it.
        paths: how many camera paths were sampled for it.
        rejected_for: the reasons against those that were sampled again, see ``ClipRow``.
        faults: of its clips, if they did not pass the quality gate.
    """

    number: int
    key: str
    attempts: int
    reason: str | None = None
    stops_run: bool = False
    is_final: bool = False
    seconds_s: float = 0.0
    engine_starts: int = 0
    paths: int = 0
    rejected_for: tuple[str, ...] = ()
    faults: tuple[ClipFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class EngineCheck:
    """Machine, version and missing assets of a worker's engine; ``failure`` is set if it cannot be used.

    ``missing_assets`` is None if the engine did not find any asset, and so cannot say which are missing.
    Without ``has_show_flags``, cameras of the look ``cinematic`` have no anti-aliasing over time and no blur.
    ``opened`` are the environments whose levels it opened. ``is_bad_input``: it fails until the user changes
    the batch, the catalog or the project of the engine.
    """

    version: str = ""
    node: str = ""
    missing_assets: tuple[str, ...] | None = ()
    has_show_flags: bool = True
    opened: tuple[str, ...] = ()
    failure: str | None = None
    is_bad_input: bool = False

    @property
    def notes(self) -> tuple[str, ...]:
        """What a user should know, although filming continues."""
        notes = []
        if self.missing_assets is None:
            notes.append("the engine lists no assets; they are checked when they are loaded")
        if not self.has_show_flags:
            notes.append(
                "cameras have no temporal super-resolution (TSR) and no motion blur,"
                " see docs/unreal.md, section 5"
            )
        return tuple(notes)


class FilmWorker:
    """Films takes with its own engine, which is replaced after failures, and when it is old or has grown."""

    def __init__(self, job: FilmJob, worker: int, *, storing_limit_s: float = STORING_LIMIT_S) -> None:
        keep_freed_memory()
        mount(job.assets)
        self._job = job
        self._worker = worker
        self._engine: RunningEngine | None = None
        self._steps = 0
        self._storing_limit_s = storing_limit_s
        self._storing_since_s: float | None = None
        self._engine_starts = 0
        self._takes_of_engine = 0
        self._first_memory_mb = 0.0
        self._sheet: bytes | None = None

    def progress(self) -> tuple[int, int, float]:
        """A value that changes while this worker is not stuck; asked for while it films.

        It counts steps: engines that were asked for, replies, and frames and files that were encoded. Storage
        has its own patience, so that time passes is enough meanwhile, up to a limit.
        """
        engine, since_s = self._engine, self._storing_since_s
        time_s = 0.0 if since_s is None else min(time.monotonic(), since_s + self._storing_limit_s)
        return self._steps, engine.replies if engine else 0, time_s

    def check_engine(self, environments: Sequence[Environment] = ()) -> EngineCheck:
        """Start the engine, and ask for its version and for assets of the catalog that it does not have.

        The levels of ``environments`` are opened, and their lights checked.
        """
        failure, node = "", socket.gethostname()
        for _ in range(_ATTEMPTS):
            try:
                driver = self._running_engine().driver
                missing = driver.missing_assets(self._job.catalog)
                if not missing:
                    for environment in environments:
                        check_environment(driver, environment, self._job.catalog, self._job.batch.passes)
                return EngineCheck(
                    version=driver.engine_version(),
                    node=node,
                    missing_assets=None if missing is None else tuple(missing),
                    has_show_flags=driver.has_show_flags is not False,
                    opened=tuple(one.name for one in environments),
                )
            except EngineStartError as error:
                return EngineCheck(node=node, failure=f"no engine: {one_line(error)}", is_bad_input=True)
            except EngineSetupError as error:
                self.close()
                return EngineCheck(node=node, failure=one_line(error), is_bad_input=True)
            except InputError:
                raise
            except Exception as error:  # whatever else it is, the engine cannot be used
                failure = _reason(error)
                self.close()
        return EngineCheck(node=node, failure=failure)

    def film(self, number: int) -> TakeOutcome:
        """Film and stage one take; after a failure the engine is replaced, and the take is filmed again."""
        started_s, starts_before = time.monotonic(), self._engine_starts
        take = plan_take(self._job.batch, self._job.catalog, number)
        for attempt in range(1, _ATTEMPTS + 1):
            outcome = self._attempt(take, TakeOutcome(number=number, key=take.key, attempts=attempt))
            if outcome.reason is None or outcome.is_final:
                break
        if outcome.faults and self._sheet:
            with self._storing():
                place = write_sheet(self._job.dataset, take.key, self._sheet)
            outcome = replace(outcome, reason=f"{outcome.reason}; see {place}") if place else outcome
        self._replace_old_engine()
        seconds_s = time.monotonic() - started_s
        return replace(outcome, seconds_s=seconds_s, engine_starts=self._engine_starts - starts_before)

    def close(self) -> None:
        """Stop the engine."""
        if self._engine:
            self._engine.close()
        self._engine = None

    def _attempt(self, take: TakeSpec, outcome: TakeOutcome) -> TakeOutcome:
        """Film a take once, and stage it; the outcome with what happened."""
        try:
            filmed = film_take(self._running_engine().driver, self._job.batch, take, self._step)
        except (NoValidPathError, EngineSetupError) as error:
            return replace(outcome, reason=one_line(error), is_final=True)
        except BadTakeError as error:
            self.close()
            self._sheet = error.sheet
            return replace(outcome, reason=one_line(error), faults=error.faults)
        except Exception as error:  # any error fails this take, not the run
            reason = _reason(error)
            if self._engine and (ended := self._engine.how_it_ended()):
                reason = f"{reason}; {one_line(ended)}"
            self.close()
            return replace(outcome, reason=reason)
        return self._staged(filmed, outcome)

    def _staged(self, filmed: FilmedTake, outcome: TakeOutcome) -> TakeOutcome:
        """Stage a take; the outcome with what happened."""
        try:
            with self._storing():
                stage_take(self._job.dataset, filmed)
        except Exception as error:  # as above
            stops_run = _stops_run(error, self._job.dataset)
            return replace(outcome, reason=_reason(error), stops_run=stops_run, is_final=stops_run)
        return replace(
            outcome,
            paths=int(filmed.clips["proposals"].sum()),
            rejected_for=tuple(reason for row in filmed.clips for reason in row.rejected_for),
        )

    def _step(self) -> None:
        self._steps += 1

    @contextmanager
    def _storing(self) -> Iterator[None]:
        self._storing_since_s = time.monotonic()
        try:
            yield
        finally:
            self._storing_since_s = None

    def _running_engine(self) -> RunningEngine:
        self._step()
        if self._engine is None or not self._engine.is_alive():
            self.close()
            self._engine = RunningEngine(
                _with_gpu(self._job.batch.engine),
                worker=self._worker,
                assets=self._job.assets,
                fps=self._job.batch.fps,
            )
            self._engine_starts += 1
            self._takes_of_engine, self._first_memory_mb = 0, 0.0
        return self._engine

    def _replace_old_engine(self) -> None:
        """Stop an engine that has filmed many takes, or that takes much more memory than after its first."""
        if self._engine is None or self._engine.process_id is None:
            return
        choice, memory_mb = self._job.batch.engine, self._engine.memory_mb()
        self._takes_of_engine += 1
        self._first_memory_mb = self._first_memory_mb or memory_mb
        is_old = 0 < choice.recycle_takes <= self._takes_of_engine
        if is_old or memory_mb - self._first_memory_mb > choice.recycle_growth_mb:
            self.close()


def _with_gpu(choice: EngineChoice) -> EngineChoice:
    """The engine on the GPU that Ray gave to this worker, unless the batch names GPUs.

    EngineSetupError if Ray names GPUs by something else than their numbers.
    """
    if not choice.program or choice.gpus or not ray.is_initialized():
        return choice
    names = tuple(map(str, ray.get_gpu_ids()))
    if unknown := [name for name in names if not name.isdecimal()]:
        raise EngineSetupError(
            f"Ray names a GPU {unknown[0]}, Unreal needs its number; write numbers into CUDA_VISIBLE_DEVICES"
            " before Ray starts, or give engine.gpus"
        )
    return replace(choice, gpus=tuple(map(int, names)))


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.filename and error.strerror:
        return one_line(f"{error.filename}: {error.strerror}")
    is_expected = isinstance(error, (EngineError, OSError))
    return one_line(error if is_expected else f"{type(error).__name__}: {error}")


def _stops_run(error: Exception, dataset: str | Path | Store) -> bool:
    """Whether no other take can be staged: the storage cannot be written, or the data set was removed."""
    if isinstance(error, FileNotFoundError):
        return not store_at(dataset).exists("dataset.json")
    return isinstance(error, StoreError) or (isinstance(error, OSError) and error.errno in _UNWRITABLE)
