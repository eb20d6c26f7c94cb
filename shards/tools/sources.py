"""A data set that takes are taken from: its description, and which takes each sealed shard has."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from multitake.errors import InputError

from ..addresses import is_inside
from ..checksums import sha256_of_bytes
from ..files import Files
from ..folder_store import FolderStore
from ..format import RESTORE, TAKE_SCHEMA, DatasetInfo
from ..stores import Store
from ..take_counts import READERS

_KEY_COLUMN = pa.schema([TAKE_SCHEMA.field("take")])


@dataclass(frozen=True, kw_only=True)
class Source:
    """A data set with the takes of its sealed shards, in order."""

    files: Files
    info: DatasetInfo
    sealed: Mapping[int, tuple[str, ...]]

    @property
    def shards(self) -> tuple[int, ...]:
        """The numbers of its sealed shards."""
        return tuple(self.sealed)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of all takes."""
        return tuple(key for keys in self.sealed.values() for key in keys)

    @property
    def name(self) -> str:
        """The last part of its address."""
        store = self.files.store
        path = store.root.resolve() if isinstance(store, FolderStore) else Path(store.url)
        return path.name

    @cached_property
    def info_sha256(self) -> str:
        """The hash of its ``dataset.json``."""
        return sha256_of_bytes(self.files.content("dataset.json"))

    def batch_file(self, name: str) -> str:
        """The text of ``batch.toml`` or ``catalog.toml``; InputError if it is damaged."""
        shard = next(iter(self.sealed), None)
        content = self.files.content(name) if shard is None else self.files.sealed_content(name, shard)
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            raise InputError("not a text file", where=self.files.address(name), fix=RESTORE) from error


def open_source(address: str | Path | Store) -> Source:
    """The data set at an address; InputError if it is not one, has no sealed shard, or is damaged."""
    files = Files(address)
    info, shards = files.info(), files.checked_shards()
    with ThreadPoolExecutor(READERS) as readers:
        tables = readers.map(lambda shard: files.columns("takes", shard, _KEY_COLUMN), shards)
        sealed = {
            shard: tuple(table["take"].to_pylist()) for shard, table in zip(shards, tables, strict=True)
        }
    return Source(files=files, info=info, sealed=sealed)


def check_apart(out: str, source: Files, *, where: str = "--out") -> None:
    """InputError if a new data set would be in one that it is made from, or the other way round."""
    if is_inside(out, source.store) or is_inside(source.store, out):
        fix = "give a folder outside of it"
        raise InputError(f"is in the data set {source.url}", where=f"{where} {out}", fix=fix)
