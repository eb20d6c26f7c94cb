"""Which takes of a data set are staged, sealed and failed."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cached_property
from pathlib import Path

from multitake.input_files import parsing

from .failures import Failure, read_failures
from .files import Files, parquet_file
from .format import RESTORE, DatasetInfo, shard_files
from .stores import Store

# How many files are read at the same time.
READERS = 8


class TakeCounts:
    """The takes of a data set: as ``refresh`` found them last, and as its writer changed them since.

    Of a sealed shard only the names of its takes are read, and only once. Only if ``is_checked`` they are
    compared with its checksums, and these with ``dataset.json``. Nothing is written or locked.

    Attributes:
        sealed: the takes of each sealed shard, in order.
        staged: takes that are staged and not sealed.
        failures: of takes that could not be filmed, and were not filmed later, by take.
    """

    def __init__(self, address: str | Path | Store, *, is_checked: bool = False) -> None:
        self.files = Files(address)
        self.sealed: dict[int, tuple[str, ...]] = {}
        self.staged: set[str] = set()
        self.failures: dict[str, Failure] = {}
        self._is_checked = is_checked
        self._shard_of: dict[str, int] = {}

    @cached_property
    def info(self) -> DatasetInfo:
        """The content of ``dataset.json``; InputError if there is no data set."""
        return self.files.info()

    @property
    def done(self) -> int:
        """How many takes are staged or sealed."""
        return len(self.staged) + len(self._shard_of)

    @property
    def left(self) -> int:
        """How many takes are neither done nor failed."""
        return max(0, self.info.planned_takes - self.done - len(self.failures))

    def is_done(self, take: str) -> bool:
        """Whether a take is staged or sealed."""
        return take in self.staged or take in self._shard_of

    def shard_of(self, take: str) -> int | None:
        """The sealed shard that has a take; None if there is none."""
        return self._shard_of.get(take)

    def refresh(self) -> "TakeCounts":
        """Read what has changed; InputError for a damaged table or list of failures."""
        # Staged takes first: one that is sealed meanwhile is in both, and counted once.
        names = self.files.store.names("staging")
        shards = self.files.own_shards() if self._is_checked else self.files.sealed_shards()
        new = [shard for shard in shards if shard not in self.sealed]
        with ThreadPoolExecutor(READERS) as readers:
            found = dict(zip(new, readers.map(self._takes_of, new), strict=True))
        staged = {name.removesuffix(".tar") for name in names if name.endswith(".tar")}
        self.staged = staged.difference(self._shard_of)
        for shard, takes in found.items():
            self.add_sealed(shard, takes)
        self.sealed = dict(sorted(self.sealed.items()))
        self.failures = {take: one for take, one in self._failures().items() if not self.is_done(take)}
        return self

    def add_sealed(self, shard: int, takes: tuple[str, ...]) -> None:
        """Count the takes of a shard as sealed, and no longer as staged."""
        # Staged ones are removed last: another thread may read which takes are missing meanwhile.
        self.sealed[shard] = takes
        self._shard_of.update(dict.fromkeys(takes, shard))
        self.staged.difference_update(takes)

    def _takes_of(self, shard: int) -> tuple[str, ...]:
        path = shard_files(shard)["takes"]
        content = self.files.sealed_content(path, shard) if self._is_checked else self.files.content(path)
        with parsing("not a readable table", where=self.files.address(path), fix=RESTORE):
            takes = parquet_file(content).read(columns=["take"], use_threads=False)["take"]
            return tuple(map(str, takes.to_pylist()))

    def _failures(self) -> dict[str, Failure]:
        """All takes of ``failures.jsonl``."""
        path = "failures.jsonl"
        with suppress(FileNotFoundError):
            return read_failures(self.files.store.read(path), self.files.address(path))
        return {}
