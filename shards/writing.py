"""The writer of a data set: takes are staged one by one, and complete shards are sealed.

Every file is written to a temporary file in its folder, synced, and renamed. Its bytes depend on the takes
alone. So a run that was killed can be repeated: it finishes the rest and changes nothing that exists.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from functools import cached_property
from pathlib import Path

from multitake.atomic import remove_partials, write_file, writing_to
from multitake.errors import InputError
from multitake.input_files import require_file

from .checksums import sha256_of_bytes
from .failures import Failure, failure_lines, read_failures
from .files import Files
from .format import (
    BATCH_FILES,
    DatasetInfo,
    info_bytes,
    shard_files,
)
from .lock import FolderLock, locked_folder
from .sealing import write_shard
from .staging import FilmedTake, stage_take, staged_fragment, staged_path

_FOLDERS = (*shard_files(0), "staging")


class DatasetWriter:
    """Writes a data set into a folder: first ``create``, then ``stage`` takes and ``seal`` shards.

    It reads once which takes are staged and sealed, and then counts its own changes: write within ``locked``.
    Reading makes nothing in the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock: FolderLock | None = None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other writers out of the folder; InputError if there is one, or if it cannot be written.

        If no data set was created when the block ends, the folder is left as it was found.
        """
        with locked_folder(self.root, result="dataset.json") as lock:
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
        known = self.root / "dataset.json"
        with writing_to(self.root):
            if known.exists():
                found = self.info
                engine = replace(info.engine, version=found.engine.version)
                _check_same(found, replace(info, engine=engine), known)
            elif self.root.exists() and any(not path.name.startswith(".") for path in self.root.iterdir()):
                fix = "give a new or empty folder"
                raise InputError("the folder is not empty and not a data set", where=str(self.root), fix=fix)

    def create(self, info: DatasetInfo, files: Mapping[str, str]) -> tuple[str, ...]:
        """Make the folders, ``dataset.json`` and the ``files`` of the batch (texts by name).

        If the folder contains the same data set, files that are missing or damaged are written again; what
        killed runs left behind and staged takes that are damaged are removed. Returns the names of these
        takes. InputError as for ``check``, or for another version of the engine.
        """
        self._check_lock()
        self.check(info)
        known = self.root / "dataset.json"
        with writing_to(self.root):
            if known.exists():
                _check_same(self.info, info, known)
            if not known.exists() or known.read_bytes() != info_bytes(info):
                write_file(known, info_bytes(info))
            for folder in _FOLDERS:
                (self.root / folder).mkdir(exist_ok=True)
            for name, text in files.items():
                self._write_batch_file(name, text.encode())
            return self._clean()

    def stage(self, take: FilmedTake) -> Path:
        """Stage a take, see ``stage_take``."""
        path = stage_take(self.root, take)
        self.note_staged(take.row.take)
        return path

    def note_staged(self, take: str) -> None:
        """Count a take that another process staged; it is no longer a failure."""
        self._check_lock()
        self.staged.add(take)
        if take in self._recorded_failures:
            self._write_failures(self.failures)

    def note_failed(self, failure: Failure) -> None:
        """Add a take to ``failures.jsonl``, or replace its reason."""
        self._check_lock()
        self._write_failures({**self.failures, failure.take: failure})

    def seal(self, shard: int, takes: Sequence[str]) -> None:
        """Join staged takes, in this order, into a shard; its index is written last.

        Nothing changes if the shard is sealed with these takes already. InputError if a take is not staged
        or damaged, or if the shard is sealed with other takes.
        """
        self._check_lock()
        index = self.root / shard_files(shard)["index"]
        if shard in self.sealed:
            if self.sealed[shard] != tuple(takes):
                fix = "keep the order of takes, or write to a new folder"
                found = ", ".join(self.sealed[shard])
                raise InputError(f"already sealed with takes {found}", where=str(index), fix=fix)
        else:
            write_shard(self.root, shard, [staged_path(self.root, take) for take in takes])
            self.sealed[shard] = tuple(takes)
        for take in takes:
            staged_path(self.root, take).unlink(missing_ok=True)
            self.staged.discard(take)

    @property
    def info(self) -> DatasetInfo:
        """The content of ``dataset.json``; InputError if there is none, or if it is invalid."""
        return Files(self.root).info()

    @cached_property
    def staged(self) -> set[str]:
        """Takes that are staged and not sealed."""
        found = {path.stem for path in (self.root / "staging").glob("[!.]*.tar")}
        return found.difference(*self.sealed.values())

    @cached_property
    def sealed(self) -> dict[int, tuple[str, ...]]:
        """Takes of each sealed shard."""
        files = Files(self.root)
        takes = {shard: files.index(shard)["take"].to_pylist() for shard in files.own_shards()}
        return {shard: tuple(dict.fromkeys(keys)) for shard, keys in takes.items()}

    @property
    def failures(self) -> dict[str, Failure]:
        """Takes that could not be filmed, and were not filmed later, by take."""
        done = self.done
        return {take: failure for take, failure in self._recorded_failures.items() if take not in done}

    @property
    def done(self) -> set[str]:
        """Takes that are staged or sealed."""
        return self.staged.union(*self.sealed.values())

    @property
    def has_batch_files(self) -> bool:
        """Whether ``dataset.json`` and the files of the batch exist."""
        return all((self.root / name).exists() for name in ("dataset.json", *BATCH_FILES))

    @cached_property
    def _recorded_failures(self) -> dict[str, Failure]:
        path = self.root / "failures.jsonl"
        return read_failures(Files(self.root).content(path.name), str(path)) if path.exists() else {}

    def _forget(self) -> None:
        for name in ("staged", "sealed", "_recorded_failures"):
            self.__dict__.pop(name, None)

    def _check_lock(self) -> None:
        if self._lock:
            self._lock.check()

    def _write_batch_file(self, name: str, content: bytes) -> None:
        """Write a file of the batch, unless it is there as sealed shards know it."""
        path, shard = self.root / name, min(self.sealed, default=None)
        if path.exists() and Files(self.root).content(name) == content:
            return
        is_new = shard is None or Files(self.root).checksums(shard)[name] == sha256_of_bytes(content)
        if is_new or not path.exists():
            write_file(path, content)

    def _clean(self) -> tuple[str, ...]:
        """Remove incomplete files, fragments of sealed takes and damaged ones, and failures of done takes.

        Returns the names of the damaged fragments. InputError if something else has the name of one.
        """
        damaged = []
        for folder in (self.root, *(self.root / folder for folder in _FOLDERS)):
            remove_partials(folder)
        for takes in self.sealed.values():
            for take in takes:
                staged_path(self.root, take).unlink(missing_ok=True)
        for path in sorted((self.root / "staging").glob("[!.]*.tar")):
            require_file(path, fix="remove it")
            try:
                staged_fragment(path)
            except InputError:
                path.unlink()
                self.staged.discard(path.stem)
                damaged.append(path.stem)
        if self._recorded_failures != self.failures:
            self._write_failures(self.failures)
        return tuple(damaged)

    def _write_failures(self, failures: dict[str, Failure]) -> None:
        path = self.root / "failures.jsonl"
        if failures:
            write_file(path, failure_lines(failures.values()))
        else:
            path.unlink(missing_ok=True)
        self._recorded_failures = failures


def _check_same(found: DatasetInfo, wanted: DatasetInfo, where: Path) -> None:
    """InputError if two descriptions differ, with the first difference."""
    old, new = asdict(found), asdict(wanted)
    for name in old:
        if old[name] != new[name]:
            before, after = old[name], new[name]
            if isinstance(before, dict):
                part = next(key for key in {**after, **before} if before.get(key) != after.get(key))
                name, before, after = f"{name}.{part}", before.get(part), after.get(part)
            what = f"data set of another batch: {name} is {before!r}, not {after!r}"
            raise InputError(
                what, where=str(where), fix="give a new folder, or the batch file of this data set"
            )
