"""The clips of a data set as a source for the audit: sealed shards only, as every reader sees them."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from multitake.errors import InputError
from multitake.settings import parsed_toml
from trajectories import ClipSource, ClipTable, iter_clips
from trajectories.sampling import PRESETS, Rules, rules_of_file

from .files import Files
from .footage import DatasetFootage
from .format import RESTORE, shard_files


def is_dataset(url: str | Path) -> bool:
    """Whether an address is that of a data set: a folder with a ``dataset.json``, or an address like s3://."""
    return "://" in str(url) or (Path(url) / "dataset.json").is_file()


def clip_source(url: str | Path) -> ClipSource:
    """The clips of the data set at a folder or any fsspec address.

    Their rules are those of its ``batch.toml``, or ``paper`` if that file is missing and the clips state
    their moves. InputError if it is not a data set, or if no shard is sealed.
    """
    files = Files(url)
    files.info()
    tables = SealedClips(files=files, shards=files.checked_shards())
    rules, notes = _rules(files, tables)
    name = files.url.rstrip("/").rpartition("/")[2]
    return ClipSource(
        name=name,
        where=files.url,
        tables=tables,
        rules=rules,
        in_environments=True,
        notes=notes,
        footage=DatasetFootage(files=files, shards=tables.shards),
    )


def sealed_clips(url: str | Path) -> ClipTable:
    """All clips of the data set at a folder or any fsspec address; InputError as for ``clip_source``."""
    return ClipTable.concatenated(list(clip_source(url).tables))


@dataclass(frozen=True, kw_only=True)
class SealedClips:
    """The clip tables of sealed shards."""

    files: Files
    shards: tuple[int, ...]

    def __iter__(self) -> Iterator[ClipTable]:
        for shard in self.shards:
            path = shard_files(shard)["poses"]
            content = self.files.sealed_content(path, shard)
            yield from iter_clips(io.BytesIO(content), where=self.files.address(path))


def _rules(files: Files, tables: SealedClips) -> tuple[Rules | None, tuple[str, ...]]:
    if "batch.toml" in files.names(""):
        where = files.address("batch.toml")
        try:
            content = parsed_toml(files.sealed_content("batch.toml", tables.shards[0]).decode(), where=where)
        except UnicodeDecodeError as error:
            raise InputError("not a text file", where=where, fix=RESTORE) from error
        return rules_of_file(content, where=where)[0], ()
    first = next(iter(tables), None)
    if first is None or not first.states_moves:
        return None, ()
    return PRESETS["paper"], ("batch.toml with the rules is missing: checked against the preset paper",)
