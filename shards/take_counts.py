"""Which takes of a data set are staged, sealed and failed, asked for while another process may write it."""

import io
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path

import pyarrow.parquet as pq

from multitake.input_files import parsing

from .failures import Failure, read_failures
from .files import Files
from .format import RESTORE, DatasetInfo, shard_files, shard_of
from .stores import store_at

_READ_AT_ONCE = 8


class TakeCounts:
    """The takes of the data set at ``address``, as ``refresh`` found them last; nothing is written or locked.

    Of a sealed shard only the names of its takes are read, and only once; checksums are not compared.
    InputError if there is no data set.
    """

    def __init__(self, address: str | Path) -> None:
        self.address = address
        self.sealed: Mapping[int, tuple[str, ...]] = {}
        self.staged: frozenset[str] = frozenset()
        self.failures: Mapping[str, Failure] = {}
        self._store = store_at(address)
        self._files = Files(address)

    @cached_property
    def info(self) -> DatasetInfo:
        """The content of ``dataset.json``."""
        return self._files.info()

    @property
    def done(self) -> int:
        """How many takes are staged or sealed."""
        return len(self.staged) + sum(map(len, self.sealed.values()))

    @property
    def left(self) -> int:
        """How many takes are neither done nor failed."""
        return max(0, self.info.planned_takes - self.done - len(self.failures))

    def shard_of(self, take: str) -> int | None:
        """The sealed shard that has a take; None if there is none."""
        return next((shard for shard, takes in self.sealed.items() if take in takes), None)

    def refresh(self) -> "TakeCounts":
        """Read what has changed; InputError for a damaged table or list of failures."""
        shard_takes = self.info.takes_per_shard
        # Staged takes first: one that is sealed meanwhile is in both, and counted once.
        names = self._store.names("staging")
        shards = (shard_of(name) for name in self._store.names("index"))
        known = self.sealed
        new = [shard for shard in shards if shard is not None and shard not in known]
        with ThreadPoolExecutor(_READ_AT_ONCE) as readers:
            found = dict(zip(new, readers.map(self._takes_of, new), strict=True))
        self.sealed = dict(sorted({**known, **found}.items()))
        staged = frozenset(name.removesuffix(".tar") for name in names if name.endswith(".tar"))
        self.staged = staged.difference(*self.sealed.values())
        self.failures = self._open_failures(shard_takes)
        return self

    def _takes_of(self, shard: int) -> tuple[str, ...]:
        path = shard_files(shard)["takes"]
        content, where = io.BytesIO(self._store.read(path)), self._files.address(path)
        with parsing("not a readable table", where=where, fix=RESTORE), pq.ParquetFile(content) as table:
            return tuple(map(str, table.read(["take"], use_threads=False)["take"].to_pylist()))

    def _open_failures(self, shard_takes: int) -> dict[str, Failure]:
        """The takes that failed and were not filmed later."""
        path = "failures.jsonl"
        try:
            content = self._store.read(path)
        except FileNotFoundError:
            return {}
        found = read_failures(content, self._files.address(path))
        return {
            take: one
            for take, one in found.items()
            if take not in self.staged and take not in self.sealed.get(one.number // shard_takes, ())
        }
