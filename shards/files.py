"""Reading the files of a data set at a folder or any fsspec address, checked against its checksum files."""

import io
import os
from pathlib import Path
from typing import Any, BinaryIO

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
from fsspec.implementations.local import LocalFileSystem

from multitake.errors import InputError, one_line
from multitake.input_files import MOST_TEXT_BYTES, parsing

from .checksums import read_checksums, sha256_of_bytes
from .format import (
    INDEX_SCHEMA,
    INDEX_VERSION,
    RESTORE,
    TAKE_SCHEMA,
    DatasetInfo,
    read_info,
    shard_files,
    shard_of,
)

_MOST_TABLE_BYTES = 2**28
_MOST_INFO_BYTES = 2**20
_ROWS_AT_ONCE = 65536


class Files:
    """The files below an address; forked processes get their own connections."""

    def __init__(self, url: str | Path) -> None:
        self.url = str(url).rstrip("/")
        self._opened: tuple[int, Any, str] | None = None
        self._checksums: dict[int, dict[str, str]] = {}

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url, "_opened": None, "_checksums": {}}

    def _root(self) -> tuple[Any, str]:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), *fsspec.core.url_to_fs(self.url, use_listings_cache=False))
        return self._opened[1:]

    def address(self, path: str) -> str:
        """The address of ``path``."""
        return f"{self.url}/{path}"

    def read(self, path: str, start: int, stop: int) -> bytes:
        """The bytes ``start .. stop`` of a file, fewer if it ends before; OSError if it cannot be read."""
        files, place = self._place(path)
        return files.cat_file(place, start=start, end=stop)

    def open(self, path: str) -> BinaryIO:
        """A file to read; OSError if it cannot be opened."""
        files, place = self._place(path)
        return files.open(place, "rb")

    def content(self, path: str) -> bytes:
        """All bytes of a file; InputError if it cannot be read, or is too large for a table or a text."""
        most_bytes = _MOST_TABLE_BYTES if path.endswith(".parquet") else MOST_TEXT_BYTES
        with parsing("cannot be read", where=self.address(path), fix=RESTORE):
            content = self.read(path, 0, most_bytes + 1)
        if len(content) > most_bytes:
            what = f"larger than {most_bytes} bytes"
            raise InputError(what, where=self.address(path), fix=RESTORE)
        return content

    def sealed_content(self, path: str, shard: int) -> bytes:
        """All bytes of a file that the checksum file of a sealed shard lists; InputError if they differ."""
        content = self.content(path)
        if sha256_of_bytes(content) != self.checksums(shard)[path]:
            what = f"differs from {shard_files(shard)['checksums']}"
            raise InputError(what, where=self.address(path), fix=RESTORE)
        return content

    def checksums(self, shard: int) -> dict[str, str]:
        """The sha256 of the files of a sealed shard and of the data set, by path."""
        if shard not in self._checksums:
            path = shard_files(shard)["checksums"]
            self._checksums[shard] = read_checksums(self.content(path), shard, self.address(path))
        return self._checksums[shard]

    def size(self, path: str) -> int:
        """The size of a file in bytes."""
        files, place = self._place(path)
        return files.size(place)

    def _place(self, path: str) -> tuple[Any, str]:
        """The file system of a file, and its path there; OSError for what never ends or never answers."""
        files, root = self._root()
        place = f"{root}/{path}"
        if isinstance(files, LocalFileSystem) and files.info(place)["type"] != "file":
            raise OSError("not a regular file")
        return files, place

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder; stores of objects have those that contain files."""
        files, root = self._root()
        return bool(files.isdir(f"{root}/{path}"))

    def names(self, folder: str) -> list[str]:
        """Sorted names of the files in a folder, without hidden ones, which are incomplete."""
        if not self.is_folder(folder):
            return []
        files, root = self._root()
        names = (path.rsplit("/", 1)[-1] for path in files.ls(f"{root}/{folder}", detail=False))
        return sorted(name for name in names if not name.startswith("."))

    def sealed_shards(self) -> tuple[int, ...]:
        """Numbers of the shards that have an index, in order; files with other names are ignored."""
        numbers = (shard_of(name) for name in self.names("index"))
        return tuple(sorted(number for number in numbers if number is not None))

    def checked_shards(self) -> tuple[int, ...]:
        """Numbers of the sealed shards; InputError if there are none, or one is of another data set."""
        shards = self.own_shards()
        if not shards:
            fix = "finish `multitake generate` first"
            raise InputError("no shard is sealed", where=self.url, fix=fix)
        return shards

    def own_shards(self) -> tuple[int, ...]:
        """As ``sealed_shards``; InputError if one was sealed with another ``dataset.json``."""
        shards = self.sealed_shards()
        digest = sha256_of_bytes(self.content("dataset.json")) if shards else ""
        for shard in shards:
            if self.checksums(shard)["dataset.json"] != digest:
                what = f"differs from {shard_files(shard)['checksums']}"
                raise InputError(what, where=self.address("dataset.json"), fix=RESTORE)
        return shards

    def index(self, shard: int) -> pa.Table:
        """The index of a sealed shard; InputError if it is damaged or invalid."""
        path = shard_files(shard)["index"]
        table = _table(self.sealed_content(path, shard), INDEX_SCHEMA, self.address(path))
        is_version = (table.schema.metadata or {}).get(b"multitake.index") == INDEX_VERSION.encode()
        if not is_version or any(table[name].null_count for name in INDEX_SCHEMA.names[:-2]):
            what = f"not an index of version {INDEX_VERSION}"
            raise InputError(what, where=self.address(path), fix=RESTORE)
        return table

    def take_count(self, shard: int) -> int:
        """How many takes a sealed shard has; InputError if its take table is damaged."""
        path = shard_files(shard)["takes"]
        with parsing("not a readable table", where=self.address(path), fix=RESTORE):
            return pq.read_metadata(io.BytesIO(self.sealed_content(path, shard))).num_rows

    def takes(self, shard: int) -> pa.Table:
        """The take table of a sealed shard; InputError if it is damaged or invalid."""
        path = shard_files(shard)["takes"]
        return _table(self.sealed_content(path, shard), TAKE_SCHEMA, self.address(path))

    def info(self) -> DatasetInfo:
        """The content of ``dataset.json``; InputError if there is none, or if its version is another."""
        what, fix = "not a data set", "give the folder or address of a data set"
        with parsing(what, where=self.url, fix=fix):
            try:
                content = self.read("dataset.json", 0, _MOST_INFO_BYTES)
            except FileNotFoundError as error:
                raise InputError(f"{what} (dataset.json is missing)", where=self.url, fix=fix) from error
            except ImportError as error:
                raise InputError("cannot be read", where=self.url, fix=str(error)) from error
            except Exception as error:
                if "://" not in self.url:
                    raise
                where, fix = self.url, "check the address, and the credentials for it"
                raise InputError(f"cannot be read ({one_line(error)})", where=where, fix=fix) from error
        return read_info(content, self.address("dataset.json"))


def _table(content: bytes, schema: pa.Schema, where: str) -> pa.Table:
    """A parquet table with the columns of ``schema``; InputError for another file, or a very large table."""
    source = io.BytesIO(content)
    with parsing("not a readable table", where=where, fix=RESTORE), pq.ParquetFile(source) as file:
        about = file.metadata
        chunks = (about.row_group(n) for n in range(about.num_row_groups))
        stored = sum(chunk.total_byte_size for chunk in chunks)
        # A few stored bytes can be the value of many rows: each part is small even then.
        rows = max(1, min(_ROWS_AT_ONCE, _MOST_TABLE_BYTES // max(stored, 1)))
        wanted = schema.with_metadata(file.schema_arrow.metadata)
        parts, size = [wanted.empty_table()], 0
        for part in file.iter_batches(rows, columns=schema.names):
            parts.append(pa.Table.from_batches([part]).select(schema.names).cast(wanted))
            size += parts[-1].nbytes
            if size > _MOST_TABLE_BYTES:
                raise ValueError(f"larger than {_MOST_TABLE_BYTES} bytes")
        return pa.concat_tables(parts)
