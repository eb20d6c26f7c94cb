"""Reading the files of a data set at a folder or any fsspec address, checked against its checksum files."""

import io
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from multitake.errors import InputError, RunError
from multitake.input_files import MOST_TEXT_BYTES, parsing
from multitake.outages import CAN_PASS, outages

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
from .patience import StoreError
from .stores import Store, store_at

_MOST_TABLE_BYTES = 2**28
_MOST_INFO_BYTES = 2**20
_ROWS_AT_ONCE = 65536
# Readers lose nothing when they end: storage is not waited for as long as by a run.
_PATIENCE_S = 30.0


class Files:
    """The texts and tables of the data set in a store, or at an address, checked."""

    def __init__(self, address: str | Path | Store, *, patience_s: float = _PATIENCE_S) -> None:
        if address == "":
            fix = "give the folder or address of a data set"
            raise InputError("the address is empty", where="data set", fix=fix)
        self.store = store_at(address, patience_s=patience_s)
        self._checksums: dict[int, dict[str, str]] = {}

    @property
    def url(self) -> str:
        """The address of the data set."""
        return str(self.store)

    def address(self, path: str) -> str:
        """The address of ``path``."""
        return f"{self.url}/{path}"

    def content(self, path: str) -> bytes:
        """All bytes of a file; InputError if it cannot be read, or is too large for a table or a text.

        StoreError if its storage cannot be used, RunError if that can pass.
        """
        most_bytes = _MOST_TABLE_BYTES if path.endswith(".parquet") else MOST_TEXT_BYTES
        what, where = "cannot be read", self.address(path)
        with (
            parsing(what, where=where, fix=RESTORE, but=(StoreError, RunError)),
            outages(what, where=where),
        ):
            content = self.store.read(path, 0, most_bytes + 1)
        if len(content) > most_bytes:
            what = f"larger than {most_bytes} bytes"
            raise InputError(what, where=self.address(path), fix=RESTORE)
        return content

    def read_ranges(self, path: str, parts: Sequence[tuple[int, int]]) -> list[bytes]:
        """The bytes of some parts ``(start, stop)`` of a file, in their order; fewer if it ends before."""
        return [self.store.read(path, start, stop) for start, stop in parts]

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

    def sealed_shards(self) -> tuple[int, ...]:
        """Numbers of the shards that have an index, in order; files with other names are ignored."""
        numbers = (shard_of(name) for name in self.store.names("index"))
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
        return self._index(shard, self.sealed_content(shard_files(shard)["index"], shard))

    def unsealed_index(self, shard: int) -> pa.Table:
        """As ``index``, of a shard whose checksum file is lost: nothing says that it is as it was."""
        return self._index(shard, self.content(shard_files(shard)["index"]))

    def _index(self, shard: int, content: bytes) -> pa.Table:
        path = shard_files(shard)["index"]
        table = _table(content, INDEX_SCHEMA, self.address(path))
        is_version = (table.schema.metadata or {}).get(b"multitake.index") == INDEX_VERSION.encode()
        if not is_version or any(table[name].null_count for name in INDEX_SCHEMA.names[:-2]):
            what = f"not an index of version {INDEX_VERSION}"
            raise InputError(what, where=self.address(path), fix=RESTORE)
        return table

    def takes(self, shard: int) -> pa.Table:
        """The take table of a sealed shard; InputError if it is damaged or invalid."""
        path = shard_files(shard)["takes"]
        return _table(self.sealed_content(path, shard), TAKE_SCHEMA, self.address(path))

    def columns(self, folder: str, shard: int, schema: pa.Schema) -> pa.Table:
        """Columns of a table (``takes``, ``poses``, ``index``) of a sealed shard; InputError as ``takes``."""
        path = shard_files(shard)[folder]
        return _table(self.sealed_content(path, shard), schema, self.address(path))

    def info(self) -> DatasetInfo:
        """The content of ``dataset.json``; InputError if there is none, or if its version is another.

        RunError if it cannot be read for a reason that can pass.
        """
        what, fix = "not a data set", "give the folder or address of a data set"
        with (
            parsing(what, where=self.url, fix=fix, but=(RunError,)),
            outages("cannot be read", where=self.url),
        ):
            try:
                content = self.store.read("dataset.json", 0, _MOST_INFO_BYTES)
            except FileNotFoundError as error:
                raise InputError(f"{what} (dataset.json is missing)", where=self.url, fix=fix) from error
            except ImportError as error:
                raise InputError("cannot be read", where=self.url, fix=str(error)) from error
            except StoreError as error:
                if error.errno in CAN_PASS:
                    raise
                fix = "check the address, and the credentials for it"
                raise InputError(f"cannot be read ({error.strerror})", where=self.url, fix=fix) from error
        return read_info(content, self.address("dataset.json"))


def parquet_file(content: bytes) -> pq.ParquetFile:
    """A small parquet file to read without threads (``use_threads=False``).

    Those of pyarrow can abort a process that ends soon after they started.
    """
    return pq.ParquetFile(io.BytesIO(content), pre_buffer=False)


def _table(content: bytes, schema: pa.Schema, where: str) -> pa.Table:
    """A parquet table with the columns of ``schema``; InputError for another file, or a very large table."""
    with parsing("not a readable table", where=where, fix=RESTORE), parquet_file(content) as file:
        about = file.metadata
        chunks = (about.row_group(n) for n in range(about.num_row_groups))
        stored = sum(chunk.total_byte_size for chunk in chunks)
        # A few stored bytes can be the value of many rows: each part is small even then.
        rows = max(1, min(_ROWS_AT_ONCE, _MOST_TABLE_BYTES // max(stored, 1)))
        wanted = schema.with_metadata(file.schema_arrow.metadata)
        parts, size = [wanted.empty_table()], 0
        for part in file.iter_batches(rows, columns=schema.names, use_threads=False):
            parts.append(pa.Table.from_batches([part]).select(schema.names).cast(wanted))
            size += parts[-1].nbytes
            if size > _MOST_TABLE_BYTES:
                raise ValueError(f"larger than {_MOST_TABLE_BYTES} bytes")
        return pa.concat_tables(parts)
