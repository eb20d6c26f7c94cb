"""Reading the files of a data set at a folder or any fsspec address."""

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
    """The files below an address; forked processes get their own connections."""

    def __init__(self, url: str | Path) -> None:
        self.url = str(url).rstrip("/")
        self._opened: tuple[int, Any, str] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url, "_opened": None}

    def _root(self) -> tuple[Any, str]:
        if self._opened is None or self._opened[0] != os.getpid():
            self._opened = (os.getpid(), *fsspec.core.url_to_fs(self.url))
        return self._opened[1:]

    def address(self, path: str) -> str:
        """The address of ``path``."""
        return f"{self.url}/{path}"

    def read(self, path: str, start: int | None = None, stop: int | None = None) -> bytes:
        """The bytes ``start .. stop`` of a file; FileNotFoundError if it does not exist."""
        files, root = self._root()
        return files.cat_file(f"{root}/{path}", start=start, end=stop)

    def content(self, path: str) -> bytes:
        """All bytes of a file; InputError if it cannot be read."""
        try:
            return self.read(path)
        except OSError as error:
            what = f"cannot be read ({error})"
            raise InputError(what, where=self.address(path), fix="restore the original file") from error

    def size(self, path: str) -> int:
        """The size of a file in bytes."""
        files, root = self._root()
        return files.size(f"{root}/{path}")

    def names(self, folder: str) -> list[str]:
        """Sorted names of the files in a folder, without hidden ones, which are incomplete."""
        files, root = self._root()
        if not files.isdir(f"{root}/{folder}"):
            return []
        names = (path.rsplit("/", 1)[-1] for path in files.ls(f"{root}/{folder}", detail=False))
        return sorted(name for name in names if not name.startswith("."))

    def sealed_shards(self) -> tuple[int, ...]:
        """Numbers of the shards that have an index, in order; files with other names are ignored."""
        numbers = (shard_of(name) for name in self.names("index"))
        return tuple(sorted(number for number in numbers if number is not None))

    def checked_shards(self) -> tuple[int, ...]:
        """Numbers of the sealed shards; InputError if there are none."""
        shards = self.sealed_shards()
        if not shards:
            fix = "finish `multitake generate` first"
            raise InputError("no shard is sealed", where=self.url, fix=fix)
        return shards

    def table(self, path: str) -> pa.Table:
        """A parquet table; InputError if it cannot be read."""
        try:
            return pq.read_table(io.BytesIO(self.content(path)))
        except (pa.ArrowInvalid, pa.ArrowTypeError, OSError) as error:
            what = f"not a readable parquet file ({error})"
            raise InputError(what, where=self.address(path), fix="restore the original file") from error

    def info(self) -> DatasetInfo:
        """The content of ``dataset.json``; InputError if there is none, or if its version is another."""
        fix = "give the folder or address of a data set"
        try:
            content = self.read("dataset.json")
        except FileNotFoundError as error:
            raise InputError("not a data set (dataset.json is missing)", where=self.url, fix=fix) from error
        except ImportError as error:
            raise InputError("cannot be read", where=self.url, fix=str(error)) from error
        except (OSError, ValueError) as error:
            what = f"not a data set ({error or type(error).__name__})"
            raise InputError(what, where=self.url, fix=fix) from error
        return read_info(content, self.address("dataset.json"))
