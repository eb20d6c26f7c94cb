"""The verb ``generate``: from a batch file to sealed shards; the same command again resumes."""

import fcntl
import json
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import tomli_w

from multitake.errors import InputError
from shards import (
    DatasetInfo,
    EngineInfo,
    check_folder,
    clean_staging,
    create_dataset,
    done_takes,
    seal_shard,
    sealed_shards,
)

from .batch import load_batch, order_sha256, resolved_toml, sha256_of
from .catalog import load_catalog
from .crew import FilmCrew, Order, TakeOutcome, film_crew
from .plan import plan_take, shard_keys
from .progress import ProgressLine

MAX_FAILURES_IN_A_ROW = 5


@dataclass(frozen=True, kw_only=True)
class GenerateReport:
    """How a run ended: takes filmed now, takes that failed (with reasons), and where the data set stands."""

    dataset: Path
    filmed: int
    failed: tuple[TakeOutcome, ...]
    done: int
    planned: int
    unsealed_shards: tuple[int, ...]
    gave_up: str | None

    def lines(self) -> Iterator[str]:
        """What there is to say about it."""
        yield f"{self.dataset}: {self.done} of {self.planned} takes ({self.filmed} filmed now)"
        for outcome in self.failed:
            yield f"failed: {outcome.key} after {outcome.attempts} attempts: {outcome.reason}"
        if self.gave_up:
            yield f"gave up: {self.gave_up}"
        if self.unsealed_shards:
            names = ", ".join(f"{shard:05d}" for shard in self.unsealed_shards[:10])
            yield f"waiting for takes: shards {names}; the same command goes on"


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
    """Film what is missing of a batch into the data set ``out`` and seal every shard that is complete.

    Args:
        limit: film at most this many takes now.
        look: use this engine look instead of the batch file's.
        accept_failures: seal shards whose other takes all failed their retries, without these.

    Raises:
        InputError: the batch, the catalog, the folder or the engine cannot be used.
    """
    order = _order(batch_file, out, look)
    if workers < 1:
        raise InputError(f"{workers} workers", where="--workers", fix="give at least 1")
    if order.batch.engine.kind == "unreal" and not order.batch.engine.command and workers > 1:
        fix = "use one worker, or give engine.command"
        raise InputError("several workers cannot share one running engine", where="--workers", fix=fix)
    check_folder(out, _info(order, engine_version=""))
    if _is_done(order):
        return _report(order, [], 0, None)
    with _locked(out), film_crew(order, workers) as crew:
        info = _info(order, crew.engine_version())
        create_dataset(out, info, orders=_orders(order))
        clean_staging(out)
        failed, filmed, gave_up = _film_missing(order, crew, progress, limit)
        _write_failures(out, failed)
        _seal(order, {f.key for f in failed} if accept_failures else set())
        return _report(order, failed, filmed, gave_up)


def _report(order: Order, failed: list[TakeOutcome], filmed: int, gave_up: str | None) -> GenerateReport:
    return GenerateReport(
        dataset=order.dataset,
        filmed=filmed,
        failed=tuple(failed),
        done=len(done_takes(order.dataset)),
        planned=order.batch.takes,
        unsealed_shards=tuple(sorted(set(range(_shards(order))) - sealed_shards(order.dataset))),
        gave_up=gave_up,
    )


def _shards(order: Order) -> int:
    return -(-order.batch.takes // order.batch.takes_per_shard)


def _is_done(order: Order) -> bool:
    """Whether every shard is sealed and nothing else is missing, so that no engine is needed."""
    files = ("dataset.json", "batch.toml", "catalog.toml")
    is_whole = all((order.dataset / name).exists() for name in files)
    return is_whole and len(sealed_shards(order.dataset)) == _shards(order)


def _orders(order: Order) -> dict[str, str]:
    """The order and its catalog as files, so that the data set can be made again from itself."""
    is_own = order.batch.scene.catalog != "embedded"
    batch = resolved_toml(order.batch, catalog="catalog.toml" if is_own else None)
    return {"batch.toml": batch, "catalog.toml": tomli_w.dumps(asdict(order.catalog))}


def _order(batch_file: Path, out: Path, look: str | None) -> Order:
    batch = load_batch(batch_file, look=look)
    catalog = load_catalog(batch.scene, beside=batch_file.parent)
    return Order(batch=batch, catalog=catalog, dataset=out.absolute())


def _film_missing(
    order: Order, crew: FilmCrew, progress: ProgressLine, limit: int | None
) -> tuple[list[TakeOutcome], int, str | None]:
    """Film, sealing each shard as it completes; returns failures, the number filmed, and why it gave up."""
    done = done_takes(order.dataset)
    missing = _missing(order, done)[:limit]
    frames = order.batch.frames * len(order.batch.rules.slots)
    progress.start(already_done=len(done), to_film=len(missing), frames_per_take=frames)
    failed: list[TakeOutcome] = []
    filmed = in_a_row = 0
    for outcome in crew.film(missing):
        progress.take_ended(outcome)
        if outcome.reason is None:
            filmed, in_a_row = filmed + 1, 0
            done.add(outcome.key)
            _seal_if_complete(order, outcome.index // order.batch.takes_per_shard, done)
            continue
        failed.append(outcome)
        in_a_row += 1
        if outcome.is_final:
            return failed, filmed, str(outcome.reason)
        if in_a_row >= MAX_FAILURES_IN_A_ROW:
            return failed, filmed, f"{in_a_row} failures in a row, the engine or these scenes are broken"
    return failed, filmed, None


def _missing(order: Order, done: set[str]) -> list[int]:
    sealed = sealed_shards(order.dataset)
    return [
        index
        for index in range(order.batch.takes)
        if index // order.batch.takes_per_shard not in sealed
        and plan_take(order.batch, order.catalog, index).key not in done
    ]


def _seal(order: Order, without: set[str]) -> None:
    """Seal what is complete, counting ``without`` as settled."""
    done = done_takes(order.dataset)
    for shard in range(_shards(order)):
        _seal_if_complete(order, shard, done, without)


def _seal_if_complete(
    order: Order, shard: int, done: set[str], without: Collection[str] = frozenset()
) -> None:
    if shard in sealed_shards(order.dataset):
        return
    keys = [key for key in shard_keys(order.batch, order.catalog, shard) if key not in without]
    if keys and done.issuperset(keys):
        seal_shard(order.dataset, shard, keys)


def _info(order: Order, engine_version: str) -> DatasetInfo:
    batch = order.batch
    cameras = len(batch.rules.slots)
    clips = batch.takes * cameras
    counts = {
        "takes": batch.takes,
        "clips": clips,
        "frames": clips * batch.frames,
        "shards": _shards(order),
    }
    return DatasetInfo(
        engine=EngineInfo(kind=batch.engine.kind, look=batch.engine.look, version=engine_version),
        fps=batch.fps,
        frames=batch.frames,
        width_px=batch.width_px,
        height_px=batch.height_px,
        cameras=cameras,
        takes_per_shard=batch.takes_per_shard,
        planned_takes=batch.takes,
        batch_sha256=order_sha256(batch),
        catalog_sha256=sha256_of(order.catalog),
        multitake_version=version("multitake"),
        counts=counts,
    )


def _write_failures(dataset: Path, failed: list[TakeOutcome]) -> None:
    """``failures.jsonl``: the takes set aside, now or before, and not filmed since; reason and attempts."""
    path, done = dataset / "failures.jsonl", done_takes(dataset)
    before = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    records = [json.loads(line) for line in before] + [
        {"take": f.key, "index": f.index, "attempts": f.attempts, "reason": f.reason} for f in failed
    ]
    latest = {record["take"]: record for record in records if record["take"] not in done}
    lines = [json.dumps(record) for record in sorted(latest.values(), key=lambda record: record["index"])]
    if not lines:
        path.unlink(missing_ok=True)
        return
    partial = dataset / ".failures.jsonl.partial"
    partial.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    partial.replace(path)


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """One run per data set: InputError while another holds it."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        lock = (out / ".lock").open("w")
    except OSError as error:
        reason = error.strerror or str(error)
        raise InputError(
            f"cannot be written ({reason})", where=str(out), fix="give another folder"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            fix = "wait for it, or write to another folder"
            raise InputError("another run writes this data set", where=str(out), fix=fix) from error
        try:
            yield
        finally:
            if not (out / "dataset.json").exists():
                _undo(out)


def _undo(out: Path) -> None:
    """Leave nothing behind of a run that was refused before it began."""
    (out / ".lock").unlink(missing_ok=True)
    with suppress(OSError):
        out.rmdir()
