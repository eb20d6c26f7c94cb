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
from .failures import Failure, failure_lines, read_failures
from .files import Files
from .format import (
    BATCH_FILES,
    DatasetInfo,
    info_bytes,
    shard_files,
)
from .sealing import write_shard
from .set_aside import FAILED_FOLDER, picture_path
from .staging import FilmedTake, checked_fragment, stage_take, staged_path
from .stores import Lock, store_at

_FOLDERS = (*shard_files(0), "staging")
_READ_AT_ONCE = 8


class DatasetWriter:
    """Writes a data set to ``root``, a folder or an fsspec address: first ``create``, then ``stage`` takes
    and ``seal`` shards.

    It reads once which takes are staged and which shards are sealed, and then counts its own changes: write
    within ``locked``. Reading makes nothing in the folder. ``store`` is where its files are.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = root
        self.store = store_at(root)
        self._lock: Lock | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other writers out of the folder; InputError if there is one, or if it cannot be written.

        If no data set was created when the block ends, the folder is left as it was found.
        """
        with self.store.locked("dataset.json") as lock:
            self._forget()
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
                found = self.info
                engine = replace(info.engine, version=found.engine.version)
                _check_same(found, replace(info, engine=engine), self._address("dataset.json"))
            elif self.store.names():
                fix = "give a new or empty folder"
                raise InputError("the folder is not empty and not a data set", where=str(self.root), fix=fix)

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
                _check_same(self.info, info, self._address("dataset.json"))
            if not is_known or store.read("dataset.json") != info_bytes(info):
                store.write("dataset.json", info_bytes(info))
            store.prepare(_FOLDERS)
            for name, text in files.items():
                self._write_batch_file(name, text.encode())
            return self._clean()

    def stage(self, take: FilmedTake) -> None:
        """Stage a take, see ``stage_take``."""
        stage_take(self.root, take)
        self.note_staged(take.row.take)

    def note_staged(self, take: str) -> None:
        """Count a take that another process staged; it is no longer a failure."""
        self.check_lock()
        self.staged.add(take)
        if take in self._recorded_failures:
            self._write_failures(self.failures)
            self._remove_picture(take)

    def note_failed(self, failure: Failure) -> None:
        """Add a take to ``failures.jsonl``, or replace its reason."""
        self.check_lock()
        known = self._recorded_failures.get(failure.take)
        if known and known.faults and not failure.faults:
            self._remove_picture(failure.take)
        self._write_failures({**self.failures, failure.take: failure})

    def seal(self, shard: int, takes: Sequence[str]) -> None:
        """Join staged takes, in this order, into a shard; its index is written last.

        Nothing changes if the shard is sealed with these takes already. InputError if a take is not staged
        or damaged, or if the shard is sealed with other takes.
        """
        self.check_lock()
        if shard in self.sealed_counts:
            sealed = self.sealed_takes(shard)
            if sealed != tuple(takes):
                where = self._address(shard_files(shard)["index"])
                fix = "keep the order of takes, or write to a new folder"
                raise InputError(f"already sealed with takes {', '.join(sealed)}", where=where, fix=fix)
        else:
            write_shard(self.store, shard, takes)
            self.sealed_counts[shard] = len(takes)
        for take in takes:
            self.store.remove(staged_path(take))
            self.staged.discard(take)

    @property
    def info(self) -> DatasetInfo:
        """The content of ``dataset.json``; InputError if there is none, or if it is invalid."""
        return Files(self.root).info()

    @cached_property
    def staged(self) -> set[str]:
        """Takes that are staged and not sealed."""
        names = self.store.names("staging")
        found = {name.removesuffix(".tar") for name in names if name.endswith(".tar")}
        # Those of sealed shards are left by a run that was killed while it removed them.
        return found.difference(*map(self.sealed_takes, self.sealed_counts)) if found else found

    @cached_property
    def sealed_counts(self) -> dict[int, int]:
        """The sealed shards, in order, and how many takes each has."""
        files = Files(self.root)
        shards = files.own_shards()
        with ThreadPoolExecutor(_READ_AT_ONCE) as readers:
            return dict(zip(shards, readers.map(files.take_count, shards), strict=True))

    def sealed_takes(self, shard: int) -> tuple[str, ...]:
        """The takes of a sealed shard, in order."""
        return tuple(dict.fromkeys(Files(self.root).index(shard)["take"].to_pylist()))

    @property
    def sealed(self) -> dict[int, tuple[str, ...]]:
        """The takes of all sealed shards; this reads all indexes."""
        return {shard: self.sealed_takes(shard) for shard in self.sealed_counts}

    @property
    def done(self) -> set[str]:
        """Takes that are staged or sealed; this reads all indexes. ``done_takes`` is their number."""
        return self.staged.union(*self.sealed.values())

    @property
    def failures(self) -> dict[str, Failure]:
        """Takes that could not be filmed, and were not filmed later, by take."""
        return {take: one for take, one in self._recorded_failures.items() if not self._is_done(one)}

    @property
    def done_takes(self) -> int:
        """How many takes are staged or sealed."""
        return len(self.staged) + sum(self.sealed_counts.values())

    @property
    def has_batch_files(self) -> bool:
        """Whether ``dataset.json`` and the files of the batch exist."""
        return all(self.store.exists(name) for name in ("dataset.json", *BATCH_FILES))

    @cached_property
    def _recorded_failures(self) -> dict[str, Failure]:
        name = "failures.jsonl"
        if not self.store.exists(name):
            return {}
        return read_failures(Files(self.root).content(name), self._address(name))

    def _is_done(self, failure: Failure) -> bool:
        """Whether a take that failed was filmed later."""
        shard = failure.number // self.info.takes_per_shard
        is_sealed = shard in self.sealed_counts and failure.take in self.sealed_takes(shard)
        return is_sealed or failure.take in self.staged

    def _address(self, path: str) -> str:
        return f"{self.store}/{path}"

    def _forget(self) -> None:
        for name in ("staged", "sealed_counts", "_recorded_failures"):
            self.__dict__.pop(name, None)

    def check_lock(self) -> None:
        """InputError if another run took the lock, or if it was removed."""
        if self._lock:
            self._lock.check()

    def _write_batch_file(self, name: str, content: bytes) -> None:
        """Write a file of the batch, unless it is there as sealed shards know it."""
        is_there, shard = self.store.exists(name), min(self.sealed_counts, default=None)
        if is_there and Files(self.root).content(name) == content:
            return
        is_new = shard is None or Files(self.root).checksums(shard)[name] == sha256_of_bytes(content)
        if is_new or not is_there:
            self.store.write(name, content)

    def _clean(self) -> tuple[str, ...]:
        """Remove fragments of sealed takes and damaged ones, and failures of done takes.

        Returns the names of the damaged fragments. InputError if something else has the name of one.
        """
        self.__dict__.pop("staged", None)
        for name in self.store.names("staging"):
            if name.endswith(".tar") and name.removesuffix(".tar") not in self.staged:
                self.store.remove(f"staging/{name}")
        damaged = self.remove_damaged(sorted(self.staged))
        if self._recorded_failures != self.failures:
            self._write_failures(self.failures)
        self._clean_pictures()
        return damaged

    def remove_damaged(self, takes: Iterable[str]) -> tuple[str, ...]:
        """Remove those of some staged takes that are not as they were staged; returns their names."""
        with ThreadPoolExecutor(_READ_AT_ONCE) as readers:
            checked = list(readers.map(self._if_damaged, takes))
        damaged = tuple(take for take in checked if take)
        for take in damaged:
            self.store.remove(staged_path(take))
            self.staged.discard(take)
        return damaged

    def _if_damaged(self, take: str) -> str | None:
        """The take if it is damaged."""
        content = self.store.read(staged_path(take))
        try:
            checked_fragment(self.store, take, content)
        except InputError:
            return take
        return None

    def _remove_picture(self, take: str) -> None:
        with suppress(OSError):
            self.store.remove(picture_path(take))

    def _clean_pictures(self) -> None:
        """Remove pictures of takes that are no longer failures, or failed without faults of clips."""
        shown = {picture_path(take) for take, one in self._recorded_failures.items() if one.faults}
        with suppress(OSError):
            for name in self.store.names(FAILED_FOLDER):
                if f"{FAILED_FOLDER}/{name}" not in shown and name.endswith(".png"):
                    self.store.remove(f"{FAILED_FOLDER}/{name}")

    def _write_failures(self, failures: dict[str, Failure]) -> None:
        if failures:
            self.store.write("failures.jsonl", failure_lines(failures.values()))
        else:
            self.store.remove("failures.jsonl")
        self._recorded_failures = failures


def _check_same(found: DatasetInfo, wanted: DatasetInfo, where: str) -> None:
    """InputError if two descriptions differ, with the first difference."""
    old, new = asdict(found), asdict(wanted)
    for name in old:
        if old[name] != new[name]:
            before, after = old[name], new[name]
            if isinstance(before, dict):
                part = next(key for key in {**after, **before} if before.get(key) != after.get(key))
                name, before, after = f"{name}.{part}", before.get(part), after.get(part)
            what = f"data set of another batch: {name} is {before!r}, not {after!r}"
            raise InputError(what, where=where, fix="give a new folder, or the batch file of this data set")
