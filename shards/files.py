"""Reading below an address: a folder or anything fsspec opens."""

import io
import os
from pathlib import Path
from typing import Any

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq

from multitake.errors import InputError

from .format import DatasetInfo, read_info, shard_of


class Files:
    """Files below an address; safe in forked processes, which get their own connections."""

    def __init__(self, url: str | Path) -> None:
        self.url = str(url).rstrip("/")
        self._opened: tuple[int, Any, str] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url, "_opened": None}

    def _root(self) -> tuple[Any, str]:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), *fsspec.core.url_to_fs(self.url))
        return self._opened[1:]

    def place(self, path: str) -> str:
        """The address of ``path``, for messages."""
        return f"{self.url}/{path}"

    def read(self, path: str, start: int | None = None, stop: int | None = None) -> bytes:
        """The bytes ``start .. stop`` of a file; FileNotFoundError if there is none."""
        files, root = self._root()
        return files.cat_file(f"{root}/{path}", start=start, end=stop)

    def whole(self, path: str) -> bytes:
        """A file's bytes; InputError if it cannot be read."""
        try:
            return self.read(path)
        except OSError as error:
            what = f"cannot be read ({error})"
            raise InputError(what, where=self.place(path), fix="restore the file as written") from error

    def size(self, path: str) -> int:
        """The file's length in bytes."""
        files, root = self._root()
        return files.size(f"{root}/{path}")

    def names(self, folder: str) -> list[str]:
        """Names of the files in a folder, sorted; half-written ones (leading dot) are left out."""
        files, root = self._root()
        if not files.isdir(f"{root}/{folder}"):
            return []
        names = (path.rsplit("/", 1)[-1] for path in files.ls(f"{root}/{folder}", detail=False))
        return sorted(name for name in names if not name.startswith("."))

    def sealed_shards(self) -> tuple[int, ...]:
        """Numbers of the shards that have an index, rising; other files beside them are left out."""
        numbers = (shard_of(name) for name in self.names("index"))
        return tuple(sorted(number for number in numbers if number is not None))

    def table(self, path: str) -> pa.Table:
        """A small table, whole; InputError for a file that is missing or not one."""
        try:
            return pq.read_table(io.BytesIO(self.whole(path)))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
            what = f"not a readable parquet file ({error})"
            raise InputError(what, where=self.place(path), fix="restore the file as written") from error

    def info(self) -> DatasetInfo:
        """The data set's description; InputError where there is none or its version is another."""
        try:
            content = self.read("dataset.json")
        except (OSError, ImportError, ValueError) as error:
            what = f"no data set here ({error or type(error).__name__})"
            fix = "give a folder or address that holds dataset.json"
            raise InputError(what, where=self.url, fix=fix) from error
        return read_info(content, self.place("dataset.json"))
