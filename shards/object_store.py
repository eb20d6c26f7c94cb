"""A data set in storage of objects, at an fsspec address: objects appear completely or not at all.

Paths are relative to the data set.
"""

import errno
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import IO, Any, TypeVar, cast

import fsspec
import pyarrow as pa
from fsspec.asyn import AsyncFileSystem

from multitake.atomic import writing_to
from multitake.errors import InputError, RunError

from .object_lock import LEASE_S, ObjectLock
from .patience import Patience, StoreError

_Result = TypeVar("_Result")

PATIENCE_S = 120.0
# A request ends when nothing comes for some time, and one that writes also after a time for all of its bytes.
_LIMIT_S, _SLOWEST_BYTES_PER_S = 15.0, 1e6
# How much may be read or written by one request; how long storing it may take, outages included.
_MOST_BYTES = 10**9
STORING_LIMIT_S = PATIENCE_S + _LIMIT_S + _MOST_BYTES / _SLOWEST_BYTES_PER_S
_S3_OPTIONS: dict[str, Any] = {
    "connect_timeout": 5,
    "read_timeout": _LIMIT_S,
    "retries": {"total_max_attempts": 2},
}


class ObjectStore:
    """Objects below an fsspec address, such as ``s3://BUCKET/FOLDER``.

    Forked processes open their own connection. What fails for reasons that can pass is tried again, until an
    outage has lasted for ``patience_s``; then it is a StoreError. A lock that was not renewed for ``lease_s``
    is taken.
    """

    def __init__(self, url: str, *, patience_s: float = PATIENCE_S, lease_s: float = LEASE_S) -> None:
        self.url = url.rstrip("/")
        self._patience, self._lease_s = Patience(patience_s), lease_s
        self._connected: tuple[int, Any, str] | None = None

    def __str__(self) -> str:
        return self.url

    def read(self, path: str, start: int = 0, stop: int | None = None) -> bytes:
        """The bytes ``start .. stop`` of an object, fewer if it ends before; FileNotFoundError.

        RunError if the server sends other bytes.
        """
        if stop is not None and stop <= start:
            return b""
        limits = {} if not start and stop is None else {"start": start, "end": stop}
        size = _MOST_BYTES if stop is None else stop - start

        def content(files: Any, place: str) -> bytes:
            return cast(bytes, files.cat_file(place, **limits, **_limits(files, size)))

        try:
            found = self._tried(path, content)
        except StoreError as error:
            # Servers have no ranges that begin at the end.
            if error.errno == errno.EACCES and limits and start >= self.size(path):
                return b""
            raise
        if limits and len(found) > size:
            what = "the server ignores byte ranges: it sends entire files"
            fix = "use a server that has them, or stream with SequentialPairs"
            raise RunError(what, where=f"{self.url}/{path}", fix=fix)
        return found

    def mapped(self, path: str) -> pa.Buffer:
        """All bytes of an object."""
        return pa.py_buffer(self.read(path))

    def size(self, path: str) -> int:
        """The size of an object in bytes; FileNotFoundError."""
        return self._tried(path, lambda files, place: int(files.size(place, **_limits(files))))

    def write(self, path: str, content: bytes | str) -> None:
        """Write an object."""
        raw = content.encode() if isinstance(content, str) else content
        self._tried(path, lambda files, place: files.pipe_file(place, raw, **_limits(files, len(raw))))

    @contextmanager
    def writing(self, path: str) -> Iterator[IO[bytes]]:
        """A large file to write; it is uploaded, in parts, when the block ends without error."""
        with tempfile.NamedTemporaryFile(prefix="multitake-") as file:
            yield file
            size = file.tell()
            file.flush()
            self._tried(path, lambda files, place: files.put_file(file.name, place, **_limits(files, size)))

    def copy(self, source: "ObjectStore", path: str, new_path: str) -> bool:
        """Copy an object of another address within the storage; False if that has another protocol."""
        if source.url.partition("://")[0] != self.url.partition("://")[0]:
            return False
        size = source.size(path)

        def copy(files: Any, place: str) -> None:
            files.cp_file(f"{source._files()[1]}/{path}", place, **_limits(files, size))

        self._tried(new_path, copy)
        return True

    def move(self, path: str, new_path: str) -> None:
        """Move an object within the data set; it replaces another one."""
        self.copy(self, path, new_path)
        self.remove(path)

    def below(self, folder: str) -> "ObjectStore":
        """The store of a folder in this one."""
        return ObjectStore(f"{self.url}/{folder}", patience_s=self._patience.limit_s, lease_s=self._lease_s)

    def clear(self) -> None:
        """Remove all objects of this address."""
        with suppress(FileNotFoundError):
            self._tried("", lambda files, place: files.rm(place, recursive=True, **_limits(files)))

    def remove(self, path: str) -> None:
        """Remove an object, if it is there."""
        with suppress(FileNotFoundError):
            self._tried(path, lambda files, place: files.rm_file(place, **_limits(files)))

    def exists(self, path: str) -> bool:
        """Whether there is an object, or a folder that has objects."""
        # ``exists`` of many file systems is False for every error.
        try:
            self._tried(path, lambda files, place: files.info(place, **_limits(files)))
        except FileNotFoundError:
            return False
        return True

    def is_folder(self, path: str) -> bool:
        """Whether there are objects in a folder."""
        return bool(self._tried(path, lambda files, place: files.isdir(place, **_limits(files))))

    def names(self, folder: str = "") -> list[str]:
        """Sorted names of what is in a folder, hidden objects excluded."""
        try:
            found = self._tried(folder, lambda files, place: files.ls(place, detail=False, **_limits(files)))
        except FileNotFoundError:
            return []
        names = (path.rstrip("/").rsplit("/", 1)[-1] for path in found)
        return sorted(name for name in names if name and not name.startswith("."))

    def prepare(self, folders: Sequence[str]) -> None:
        """Nothing is to be done: objects need no folders, and incomplete ones are not visible."""

    @contextmanager
    def locked(self, result: str) -> Iterator[ObjectLock]:
        """Keep other writers out with an object; InputError if there is one; errors as ``reporting``.

        If there is no object ``result`` when the block ends, none is left.
        """
        with self.reporting():
            lock = ObjectLock(self, lease_s=self._lease_s)
        try:
            yield lock
        finally:
            lock.release()

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """A block whose errors of the storage are one line about this address, see ``writing_to``."""
        try:
            with writing_to(self.url, fix="check the address and the credentials for it"):
                yield
        except ImportError as error:
            raise InputError("cannot be written", where=self.url, fix=str(error)) from error

    def created(self, path: str, content: bytes) -> bool:
        """Write an object unless there is one; whether it was written."""

        def create(files: Any, place: str) -> None:
            files.pipe_file(place, content, mode="create", **_limits(files, len(content)))

        try:
            self._tried(path, create)
        except FileExistsError:
            # It may be this one, if the answer was lost; or it is removed meanwhile.
            with suppress(FileNotFoundError):
                return self.read(path) == content
            return False
        return True

    def replaced(self, path: str, content: bytes, *, known: bytes) -> bool:
        """Write an object if it still has the content ``known``; whether it was written."""

        def replace(files: Any, place: str) -> bool:
            found = files.info(place, **_limits(files))
            if files.cat_file(place, **_limits(files)) != known:
                return False
            tag = {"IfMatch": found["ETag"]} if found.get("ETag") else {}
            try:
                files.pipe_file(place, content, **tag, **_limits(files, len(content)))
            except OSError as error:
                if error.errno == errno.EINVAL:
                    return False
                raise
            return True

        try:
            return bool(self._tried(path, replace))
        except FileNotFoundError:
            return False

    def __reduce__(self) -> tuple[Any, ...]:
        made = partial(ObjectStore, patience_s=self._patience.limit_s, lease_s=self._lease_s)
        return made, (self.url,)

    def _tried(self, path: str, work: Callable[[Any, str], _Result]) -> _Result:
        """The result of some work on an object, which is repeated if its error can pass."""

        def work_there() -> _Result:
            files, root = self._files()
            return work(files, f"{root}/{path}" if path else root)

        return self._patience.tried(work_there, f"{self.url}/{path}" if path else self.url)

    def _files(self) -> tuple[Any, str]:
        """The file system of this process, and the path of the address there."""
        if self._connected is None or self._connected[0] != os.getpid():
            options = _options(self.url)
            # Other processes write, too: what a folder contains is always asked for.
            files, root = fsspec.core.url_to_fs(self.url, use_listings_cache=False, **options)
            if options:
                # Patience tries again.
                files.retries = 1
            self._connected = (os.getpid(), files, root)
        return self._connected[1:]


def _options(url: str) -> dict[str, Any]:
    """How long requests to a server of objects may last, unless the user's settings of fsspec say it."""
    if not url.startswith(("s3://", "s3a://")):
        return {}
    own = fsspec.config.conf.get("s3", {}).get("config_kwargs", {})
    return {"config_kwargs": {**_S3_OPTIONS, **own}}


def _limits(files: Any, size: int = 0) -> dict[str, float]:
    """How long a request may take that reads or writes some bytes; file systems may have no other limit."""
    is_limited = isinstance(files, AsyncFileSystem)
    return {"timeout": _LIMIT_S + size / _SLOWEST_BYTES_PER_S} if is_limited else {}
