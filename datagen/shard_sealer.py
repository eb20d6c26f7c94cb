"""Seals complete shards in a thread of its own, so that workers do not wait for it."""

import time
from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

from shards import DatasetWriter, StagedTakeError

from .film_worker import FilmJob, TakeOutcome
from .plan import shard_takes
from .run_log import RunLog

# Shards that wait to be sealed: the caller waits for the first of more.
_MOST_WAITING = 2
_MOST_KNOWN = 16


class ShardSealer:
    """Use it as a context manager; at its end all complete shards are sealed, or the first error is raised.

    ``damaged`` are takes that were found damaged: their shards stay open.
    """

    def __init__(self, job: FilmJob, writer: DatasetWriter, log: RunLog) -> None:
        self.damaged: tuple[str, ...] = ()
        self._job, self._writer, self._log = job, writer, log
        self._thread = ThreadPoolExecutor(1)
        self._waiting: list[Future[None]] = []
        self._keys: dict[int, tuple[str, ...]] = {}
        self._begun: set[int] = set()

    def __enter__(self) -> "ShardSealer":
        shards = range(self._job.batch.shards) if self._writer.counts.staged else ()
        for shard in shards:
            if shard not in self._writer.counts.sealed:
                self.seal_if_complete(shard)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._thread.shutdown(wait=True, cancel_futures=kind is not None)
        for one in self._waiting:
            if kind is None:
                one.result()

    def seal_if_complete(self, shard: int, without: Collection[str] = ()) -> None:
        """Seal a shard soon, if all of its takes, but those ``without``, are staged.

        Raises the errors of shards that were to be sealed before.
        """
        while self._waiting and self._waiting[0].done():
            self._waiting.pop(0).result()
        if shard not in self._keys:
            # Few shards are open at a time.
            self._keys = {one: self._keys[one] for one in list(self._keys)[-_MOST_KNOWN:]}
            self._keys[shard] = shard_takes(self._job.batch, self._job.catalog, shard)
        takes = [take for take in self._keys[shard] if take not in without]
        if takes and shard not in self._begun and self._writer.counts.staged.issuperset(takes):
            self._begun.add(shard)
            while len(self._waiting) > _MOST_WAITING:
                self._waiting.pop(0).result()
            self._waiting.append(self._thread.submit(self._seal, shard, takes))

    def seal_without(self, failed: Sequence[TakeOutcome]) -> None:
        """Seal the shards of takes that failed, if their other takes are staged."""
        keys = {outcome.key for outcome in failed}
        for shard in {outcome.number // self._job.batch.takes_per_shard for outcome in failed}:
            self.seal_if_complete(shard, keys)

    def _seal(self, shard: int, takes: list[str]) -> None:
        started_s = time.monotonic()
        try:
            self._writer.seal(shard, takes)
        except StagedTakeError:
            self.damaged += self._writer.remove_damaged(takes)
            return
        seconds_s = round(time.monotonic() - started_s, 3)
        self._log.note("shard_sealed", shard=shard, takes=len(takes), seconds_s=seconds_s)
