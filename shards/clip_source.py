"""The clips of a data set as a source for the audit: sealed shards only, as every reader sees them."""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from multitake.errors import InputError
from trajectories import ClipSource, ClipTable, iter_clips
from trajectories.sampling import PRESETS, Rules, rules_of_file

from .failures import read_failures
from .files import Files
from .footage import DatasetFootage
from .format import IMPORT_TABLE, IMPORTED, RESTORE, DatasetInfo, shard_files
from .merged_batches import batch_tables
from .videos import DatasetVideos


def is_dataset(url: str | Path) -> bool:
    """Whether an address is that of a data set: a folder with a ``dataset.json``, or an address like s3://."""
    return "://" in str(url) or (str(url) != "" and (Path(url) / "dataset.json").is_file())


def clip_source(url: str | Path) -> ClipSource:
    """The clips of the data set at a folder or any fsspec address.

    Their rules are those of its ``batch.toml``, or ``paper`` if that file is missing and the clips state
    their moves. Its extra cameras follow no rules, so they are left out. InputError if it is not a data set,
    or if no shard is sealed.
    """
    files = Files(url)
    info = files.info()
    tables = SealedClips(files=files, shards=files.checked_shards())
    rules, extra, notes = _rules(files, tables)
    name = files.url.rstrip("/").rpartition("/")[2]
    return ClipSource(
        name=name,
        where=files.url,
        tables=replace(tables, without=extra),
        rules=rules,
        in_environments=True,
        notes=notes,
        footage=DatasetFootage(files=files, shards=tables.shards),
        videos=DatasetVideos(files=files, shards=tables.shards, without=extra),
        lost=_lost(files) if is_imported(info) else (),
        is_imported=is_imported(info),
    )


def _lost(files: Files) -> tuple[tuple[str, str], ...]:
    """The takes that were not imported, and why."""
    path = "failures.jsonl"
    if not files.store.exists(path):
        return ()
    failures = read_failures(files.content(path), files.address(path))
    return tuple((take, failure.reason) for take, failure in failures.items())


def is_imported(info: DatasetInfo) -> bool:
    """Whether takes of a data set were imported; tools that put data sets together join the kinds."""
    return IMPORTED in info.engine.kind.split(", ")


def sealed_clips(url: str | Path) -> ClipTable:
    """All clips of the data set at a folder or any fsspec address; InputError as for ``clip_source``."""
    files = Files(url)
    files.info()
    return ClipTable.concatenated(list(SealedClips(files=files, shards=files.checked_shards())))


@dataclass(frozen=True, kw_only=True)
class SealedClips:
    """The clip tables of sealed shards, ``without`` some cameras."""

    files: Files
    shards: tuple[int, ...]
    without: tuple[str, ...] = ()

    def __iter__(self) -> Iterator[ClipTable]:
        for shard in self.shards:
            path = shard_files(shard)["poses"]
            content = self.files.sealed_content(path, shard)
            for clips in iter_clips(io.BytesIO(content), where=self.files.address(path)):
                yield clips.rows(~np.isin(clips["camera"], self.without)) if self.without else clips


def _rules(files: Files, tables: SealedClips) -> tuple[Rules | None, tuple[str, ...], tuple[str, ...]]:
    """The rules, the names of the extra cameras, and notes."""
    if "batch.toml" in files.store.names(""):
        where = files.address("batch.toml")
        try:
            text = files.sealed_content("batch.toml", tables.shards[0]).decode()
        except UnicodeDecodeError as error:
            raise InputError("not a text file", where=where, fix=RESTORE) from error
        batches = batch_tables(text, where=where)
        if any(IMPORT_TABLE in batch for batch in batches):
            return None, (), ()
        extra = tuple(dict.fromkeys(name for batch in batches for name in _extra_cameras(batch)))
        notes = (f"extra cameras follow no rules, not audited: {', '.join(extra)}",) if extra else ()
        rules = [rules_of_file(dict(batch), where=where)[0] for batch in batches]
        if any(one != rules[0] for one in rules):
            return (
                None,
                extra,
                (*notes, "takes of batches with different rules: checked against none of them"),
            )
        return rules[0], extra, notes
    first = next(iter(tables), None)
    if first is None or not first.states_moves:
        return None, (), ()
    return PRESETS["paper"], (), ("batch.toml with the rules is missing: checked against the preset paper",)


def _extra_cameras(content: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of the extra cameras of a batch file."""
    cameras = content.get("extra_cameras")
    named = [one.get("name") for one in cameras if isinstance(one, dict)] if isinstance(cameras, list) else []
    return tuple(name for name in named if isinstance(name, str))
