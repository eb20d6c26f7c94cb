"""The writer of a data set: takes are staged one by one, and complete shards are sealed.

Every file is written to a temporary file in its folder, synced, and renamed. Its bytes depend on the takes
alone. So a run that was killed can be repeated: it finishes the rest and changes nothing that exists.
"""

import fcntl
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from multitake.atomic import remove_partials, replacing, write_file, writing_to
from multitake.errors import InputError
from trajectories import ClipTable

from .format import (
    BATCH_FILES,
    DatasetInfo,
    Failure,
    TakeRow,
    checked_key,
    failure_lines,
    info_bytes,
    member_name,
    read_failures,
    read_info,
    shard_files,
    shard_of,
)
from .sealing import write_shard
from .tar import tar_member

_FOLDERS = ("shards", "index", "poses", "takes", "staging")


@dataclass(frozen=True, kw_only=True)
class ClipFiles:
    """The encoded files of one camera."""

    camera: str
    video_mp4: bytes
    depth_mkv: bytes | None = None
    mask_mkv: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class FilmedTake:
    """A take that is ready to be staged; ``clips`` and ``files`` have its cameras in one order."""

    row: TakeRow
    clips: ClipTable
    files: tuple[ClipFiles, ...]


def stage_take(root: Path, take: FilmedTake) -> Path:
    """Write a take into the staging folder of a data set, as one tar fragment; return its path.

    Equal takes give equal bytes. Any process may do this.
    """
    path = root / "staging" / f"{checked_key(take.row.take)}.tar"
    with replacing(path) as partial, partial.open("wb") as file:
        for name, content in _members(take):
            file.write(tar_member(name, content))
    return path


class DatasetWriter:
    """Writes a data set into a folder: first ``create``, then ``stage`` takes and ``seal`` shards.

    It reads once which takes are staged and sealed, and then counts its own changes: write within ``locked``.
    Reading makes nothing in the folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other writers out of the folder; InputError if there is one, or if it cannot be written.

        If no data set was created when the block ends, nothing remains in the folder.
        """
        with writing_to(self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            lock = (self.root / ".lock").open("w")
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                fix = "wait until it ends, or give another folder"
                raise InputError("another run writes this data set", where=str(self.root), fix=fix) from error
            self._forget()
            try:
                yield
            finally:
                if not (self.root / "dataset.json").exists():
                    (self.root / ".lock").unlink(missing_ok=True)
                    with suppress(OSError):
                        self.root.rmdir()

    def check(self, info: DatasetInfo) -> None:
        """InputError unless the folder can take this data set, or contains it already.

        The version of the engine is not compared, so this can be called before an engine is started.
        """
        known = self.root / "dataset.json"
        with writing_to(self.root):
            if known.exists():
                found = read_info(known.read_bytes(), str(known))
                engine = replace(info.engine, version=found.engine.version)
                _check_same(found, replace(info, engine=engine), known)
            elif self.root.exists() and any(not path.name.startswith(".") for path in self.root.iterdir()):
                fix = "give a new or empty folder"
                raise InputError("the folder is not empty and not a data set", where=str(self.root), fix=fix)

    def create(self, info: DatasetInfo, files: Mapping[str, str]) -> None:
        """Make the folders, ``dataset.json`` and the ``files`` of the batch (texts by name).

        If the folder contains the same data set, files that are missing are added, and what killed runs left
        behind is removed. InputError as for ``check``, or for another version of the engine.
        """
        self.check(info)
        known = self.root / "dataset.json"
        with writing_to(self.root):
            if known.exists():
                _check_same(read_info(known.read_bytes(), str(known)), info, known)
            else:
                write_file(known, info_bytes(info))
            for folder in _FOLDERS:
                (self.root / folder).mkdir(exist_ok=True)
            for name, text in files.items():
                if not (self.root / name).exists():
                    write_file(self.root / name, text)
            self._clean()

    def stage(self, take: FilmedTake) -> Path:
        """Stage a take, see ``stage_take``."""
        path = stage_take(self.root, take)
        self.note_staged(take.row.take)
        return path

    def note_staged(self, take: str) -> None:
        """Count a take that another process staged; it is no longer a failure."""
        self.staged.add(take)
        if take in self._recorded_failures:
            self._write_failures(self.failures)

    def note_failed(self, failure: Failure) -> None:
        """Add a take to ``failures.jsonl``, or replace its reason."""
        self._write_failures({**self.failures, failure.take: failure})

    def seal(self, shard: int, takes: Sequence[str]) -> None:
        """Join staged takes, in this order, into a shard; its index is written last.

        Nothing changes if the shard is sealed with these takes already. InputError if a take is not staged,
        or if the shard is sealed with other takes.
        """
        index = self.root / shard_files(shard)["index"]
        if shard in self.sealed:
            if self.sealed[shard] != tuple(takes):
                fix = "keep the order of takes, or write to a new folder"
                found = ", ".join(self.sealed[shard])
                raise InputError(f"already sealed with takes {found}", where=str(index), fix=fix)
        else:
            write_shard(self.root, shard, [self._staged(take) for take in takes])
            self.sealed[shard] = tuple(takes)
        for take in takes:
            self._fragment(take).unlink(missing_ok=True)
            self.staged.discard(take)

    @cached_property
    def staged(self) -> set[str]:
        """Takes that are staged and not sealed."""
        found = {path.stem for path in (self.root / "staging").glob("[!.]*.tar")}
        return found.difference(*self.sealed.values())

    @cached_property
    def sealed(self) -> dict[int, tuple[str, ...]]:
        """Takes of each sealed shard."""
        numbers = {path: shard_of(path.name) for path in (self.root / "index").glob("*")}
        return {number: _sealed_takes(path) for path, number in numbers.items() if number is not None}

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
        return read_failures(path.read_text("utf-8"), str(path)) if path.exists() else {}

    def _forget(self) -> None:
        for name in ("staged", "sealed", "_recorded_failures"):
            self.__dict__.pop(name, None)

    def _clean(self) -> None:
        """Remove incomplete files, fragments of sealed takes, and failures of takes that are done."""
        for folder in (self.root, *(self.root / folder for folder in _FOLDERS)):
            remove_partials(folder)
        for takes in self.sealed.values():
            for take in takes:
                self._fragment(take).unlink(missing_ok=True)
        if self._recorded_failures != self.failures:
            self._write_failures(self.failures)

    def _fragment(self, take: str) -> Path:
        return self.root / "staging" / f"{checked_key(take)}.tar"

    def _staged(self, take: str) -> Path:
        path = self._fragment(take)
        if not path.exists():
            raise InputError(
                f"take {take} is not staged", where=str(path), fix="film it before sealing its shard"
            )
        return path

    def _write_failures(self, failures: dict[str, Failure]) -> None:
        path = self.root / "failures.jsonl"
        if failures:
            write_file(path, failure_lines(failures.values()))
        else:
            path.unlink(missing_ok=True)
        self._recorded_failures = failures


def _members(take: FilmedTake) -> Iterator[tuple[str, bytes]]:
    """Names and contents of a take's members, in the order of the format."""
    key, poses = take.row.take, take.clips.poses
    cameras = [files.camera for files in take.files]
    if take.clips["camera"].tolist() != cameras or take.clips.frames != take.row.frames:
        raise ValueError(f"take {key}: clips, files and frames do not agree")
    rows = {"take": asdict(take.row), "poses": [asdict(row) for row in take.clips]}
    yield member_name(key, "take"), json.dumps(rows, sort_keys=True).encode()
    array = io.BytesIO()
    matrices = poses.checked(f"take {key}").world_from_camera
    np.lib.format.write_array(array, matrices.astype("<f4"), version=(1, 0))
    yield member_name(key, "poses"), array.getvalue()
    for files in take.files:
        contents = {"video": files.video_mp4, "depth": files.depth_mkv, "mask": files.mask_mkv}
        for kind, content in contents.items():
            if content is not None:
                yield member_name(key, kind, files.camera), content


def _sealed_takes(index: Path) -> tuple[str, ...]:
    try:
        takes = pq.read_table(index, columns=["take"])["take"].to_pylist()
    except (pa.ArrowException, OSError) as error:
        fix = "see `multitake verify`"
        raise InputError(f"not a readable index ({error})", where=str(index), fix=fix) from error
    return tuple(dict.fromkeys(takes))


def _check_same(found: DatasetInfo, wanted: DatasetInfo, where: Path) -> None:
    """InputError if two descriptions differ, with the first difference."""
    old, new = asdict(found), asdict(wanted)
    for name in old:
        if old[name] != new[name]:
            before, after = old[name], new[name]
            if isinstance(before, dict):
                part = next(key for key in after if before.get(key) != after[key])
                name, before, after = f"{name}.{part}", before.get(part), after[part]
            what = f"data set of another batch: {name} is {before!r}, not {after!r}"
            raise InputError(
                what, where=str(where), fix="give a new folder, or the batch file of this data set"
            )
