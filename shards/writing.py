"""The writer of a data set: takes are staged one by one, and complete shards are sealed.

Every file is written to a temporary file in its folder, synced, and renamed. Its bytes depend on the takes
alone. So a run that was killed can be repeated: it finishes the rest and changes nothing that exists.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path

from multitake.errors import InputError

from .checksums import sha256_of_bytes
from .failure_sheets import sheet_path
from .failures import Failure, failure_lines
from .files import Files
from .format import (
    BATCH_FILES,
    FAILED_FOLDER,
    DatasetInfo,
    info_bytes,
    shard_files,
)
from .joint_index import remove_joint_index, write_joint_index
from .sealing import write_shard
from .staging import FilmedTake, StagedTakeError, stage_take, staged_fragment, staged_path
from .stores import Lock, Store, store_at
from .take_counts import READERS, TakeCounts

_FOLDERS = (*shard_files(0), "staging")
_FILMED_WITH = {"multitake_version": "multitake", "engine.version": "the engine"}


class DatasetWriter:
    """Writes a data set to a folder, an fsspec address or a store: first ``create``, then ``stage`` takes and
    ``seal`` shards.

    It reads once which takes are staged and which shards are sealed, and then counts its own changes: write
    within ``locked``. Reading makes nothing in the folder. ``store`` is where its files are.
    """

    def __init__(self, address: str | Path | Store) -> None:
        self.store = store_at(address)
        self._files = Files(self.store)
        self._lock: Lock | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other writers out of the folder; InputError if there is one, or if it cannot be written.

        If no data set was created when the block ends, the folder is left as it was found.
        """
        with self.store.locked("dataset.json") as lock:
            self.__dict__.pop("counts", None)
            self._lock = lock
            try:
                yield
            finally:
                self._lock = None

    def check(self, info: DatasetInfo) -> None:
        """InputError unless the folder can take this data set, or contains it already.

        The version of the engine is not compared, so this can be called before an engine is started.
        """
        with self.store.reporting():
            if self.store.exists("dataset.json"):
                found = self._files.info()
                engine = replace(info.engine, version=found.engine.version)
                _check_same(found, replace(info, engine=engine), self._files.address("dataset.json"))
            elif self.store.names():
                fix = "give a new or empty folder"
                raise InputError("the folder is not empty and not a data set", where=str(self.store), fix=fix)

    def create(self, info: DatasetInfo, files: Mapping[str, str]) -> tuple[str, ...]:
        """Make the folders, ``dataset.json`` and the ``files`` of the batch (texts by name).

        If the folder contains the same data set, files that are missing or damaged are written again; what
        killed runs left behind and staged takes that are damaged are removed. Returns the names of these
        takes. InputError as for ``check``, or for another version of the engine.
        """
        self.check_lock()
        self.check(info)
        store = self.store
        with store.reporting():
            is_known = store.exists("dataset.json")
            if is_known:
                _check_same(self._files.info(), info, self._files.address("dataset.json"))
            if not is_known or store.read("dataset.json") != info_bytes(info):
                store.write("dataset.json", info_bytes(info))
            store.prepare(_FOLDERS)
            for name, text in files.items():
                self._write_batch_file(name, text.encode())
            return self._clean()

    def stage(self, take: FilmedTake) -> None:
        """Stage a take, see ``stage_take``."""
        stage_take(self.store, take)
        self.note_staged(take.row.take)

    def note_staged(self, take: str) -> None:
        """Count a take that another process staged; it is no longer a failure."""
        self.check_lock()
        self.counts.staged.add(take)
        if self.counts.failures.pop(take, None):
            self._write_failures()
            self._remove_sheet(take)

    def note_failed(self, failure: Failure) -> None:
        """Add a take to ``failures.jsonl``, or replace its reason."""
        self.check_lock()
        known = self.counts.failures.get(failure.take)
        if known and known.faults and not failure.faults:
            self._remove_sheet(failure.take)
        self.counts.failures[failure.take] = failure
        self._write_failures()

    def seal(self, shard: int, takes: Sequence[str]) -> None:
        """Join staged takes, in this order, into a shard; its index is written last.

        Nothing changes if the shard is sealed with these takes already. StagedTakeError if a take is not
        staged or damaged, InputError if the shard is sealed with other takes.
        """
        self.check_lock()
        sealed = self.counts.sealed.get(shard)
        if sealed is None:
            remove_joint_index(self.store)
            write_shard(self.store, shard, takes)
            self.counts.add_sealed(shard, tuple(takes))
        elif sealed != tuple(takes):
            where = self._files.address(shard_files(shard)["index"])
            fix = "keep the order of takes, or write to a new folder"
            raise InputError(f"already sealed with takes {', '.join(sealed)}", where=where, fix=fix)
        for take in takes:
            self.store.remove(staged_path(take))

    def finish(self) -> None:
        """Write the joint index, and remove staged takes whose shard is sealed.

        A worker that was thought lost can have staged them late.
        """
        self.check_lock()
        if self.counts.sealed:
            write_joint_index(self.store)
        for name in self.store.names("staging"):
            if self.counts.shard_of(name.removesuffix(".tar")) is not None:
                self.store.remove(f"staging/{name}")

    @cached_property
    def counts(self) -> TakeCounts:
        """Which takes are staged, sealed and failed."""
        return TakeCounts(self.store, is_checked=True).refresh()

    @property
    def has_batch_files(self) -> bool:
        """Whether ``dataset.json`` and the files of the batch exist."""
        return all(self.store.exists(name) for name in ("dataset.json", *BATCH_FILES))

    def check_lock(self) -> None:
        """RunError if another run took the lock, or if it was removed."""
        if self._lock:
            self._lock.check()

    def _write_batch_file(self, name: str, content: bytes) -> None:
        """Write a file of the batch, unless it is there as sealed shards know it."""
        is_there, shard = self.store.exists(name), min(self.counts.sealed, default=None)
        if is_there and self._files.content(name) == content:
            return
        is_new = shard is None or self._files.checksums(shard)[name] == sha256_of_bytes(content)
        if is_new or not is_there:
            self.store.write(name, content)

    def _clean(self) -> tuple[str, ...]:
        """Remove fragments of sealed takes and damaged ones, and failures of done takes.

        Returns the names of the damaged fragments. InputError if something else has the name of one.
        """
        self.counts.refresh()
        for name in self.store.names("staging"):
            if name.endswith(".tar") and name.removesuffix(".tar") not in self.counts.staged:
                self.store.remove(f"staging/{name}")
        damaged = self.remove_damaged(sorted(self.counts.staged))
        self._write_failures()
        self._clean_sheets()
        return damaged

    def remove_damaged(self, takes: Iterable[str]) -> tuple[str, ...]:
        """Remove those of some staged takes that are not as they were staged; returns their names."""
        with ThreadPoolExecutor(READERS) as readers:
            checked = list(readers.map(self._if_damaged, takes))
        damaged = tuple(take for take in checked if take)
        for take in damaged:
            self.store.remove(staged_path(take))
            self.counts.staged.discard(take)
        return damaged

    def _if_damaged(self, take: str) -> str | None:
        """The take if it is damaged, or missing."""
        try:
            staged_fragment(self.store, take)
        except StagedTakeError:
            return take
        return None

    def _remove_sheet(self, take: str) -> None:
        with suppress(OSError):
            self.store.remove(sheet_path(take))

    def _clean_sheets(self) -> None:
        """Remove sheets of takes that are no longer failures, or failed without faults of clips."""
        shown = {sheet_path(take) for take, one in self.counts.failures.items() if one.faults}
        with suppress(OSError):
            for name in self.store.names(FAILED_FOLDER):
                if f"{FAILED_FOLDER}/{name}" not in shown and name.endswith(".png"):
                    self.store.remove(f"{FAILED_FOLDER}/{name}")

    def _write_failures(self) -> None:
        if self.counts.failures:
            self.store.write("failures.jsonl", failure_lines(self.counts.failures.values()))
        else:
            self.store.remove("failures.jsonl")


def _check_same(found: DatasetInfo, wanted: DatasetInfo, where: str) -> None:
    """InputError if two descriptions differ, with the first difference."""
    old, new = asdict(found), asdict(wanted)
    for name in old:
        if old[name] != new[name]:
            before, after = old[name], new[name]
            if isinstance(before, dict):
                part = next(key for key in {**after, **before} if before.get(key) != after.get(key))
                name, before, after = f"{name}.{part}", before.get(part), after.get(part)
            if name in _FILMED_WITH:
                what = f"filmed with {_FILMED_WITH[name]} {before}, this is {after}"
                raise InputError(what, where=where, fix="use that version, or give a new folder")
            what = f"data set of another batch: {name} is {before!r}, not {after!r}"
            raise InputError(what, where=where, fix="give a new folder, or the batch file of this data set")
