"""The files of a data set that is streamed: what is read is counted, and kept in a local cache."""

import errno
import fcntl
import hashlib
import os
import threading
import time
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from pathlib import Path

from multitake.errors import InputError

from ..files import Files
from ..stores import Store
from .field_types import check_types
from .s3_ranges import Part, S3Ranges

STREAM_PATIENCE_S = 600.0
_CHECK_BYTES = 4
# After so many errors of one of two clients, one after the other, only the other one is used.
_MOST_FAILURES = 20
# What remains after old ranges are removed.
_REMAINING = 0.9
# Parts of files that are older are those of processes that have ended.
_PARTIAL_S = 3600.0
_DIGITS = 20


@dataclass(frozen=True, kw_only=True)
class Cache:
    """A folder of this machine that keeps what was read from storage; many processes can share it.

    ``most_bytes`` is its size limit: what was not used for longest is removed. If its disk is full, the
    stream goes on without keeping more.
    """

    folder: Path
    most_bytes: int

    def __post_init__(self) -> None:
        check_types(self, folder="a Path", most_bytes="a whole number")
        if self.most_bytes < 1:
            what = f"the size limit must be positive, got {self.most_bytes}"
            raise InputError(what, where="cache", fix="give a number of bytes, such as 10**11")


@dataclass(frozen=True, kw_only=True)
class ReadCounts:
    """What was read from storage, and how long requests took, all of them added up."""

    requests: int = 0
    read_bytes: int = 0
    cached_bytes: int = 0
    request_s: float = 0.0

    def __add__(self, other: "ReadCounts") -> "ReadCounts":
        return ReadCounts(**{f.name: getattr(self, f.name) + getattr(other, f.name) for f in fields(self)})


class StreamFiles(Files):
    """Files whose byte ranges are counted, and kept in a cache if there is one."""

    def __init__(
        self,
        address: str | Path | Store,
        *,
        cache: Cache | None = None,
        patience_s: float = STREAM_PATIENCE_S,
    ) -> None:
        super().__init__(address, patience_s=patience_s)
        self.counts = ReadCounts()
        self._cache = _RangeCache(cache) if cache else None
        self._s3 = S3Ranges(self.url) if S3Ranges.usable(self.url) else None
        self._failures = 0
        self._lock, self._fresh = threading.Lock(), threading.local()

    def read_ranges(self, path: str, parts: Sequence[Part]) -> list[bytes]:
        """As ``Files``; what the cache has is not read."""
        names = [f"{self.url}\n{path}\n{start}\n{stop}" for start, stop in parts]
        is_fresh = getattr(self._fresh, "is_on", False)
        found = [None if self._cache is None or is_fresh else self._cache.read(name) for name in names]
        self._count(cached_bytes=sum(len(one) for one in found if one is not None))
        missing = [place for place, one in enumerate(found) if one is None]
        for place, content in zip(missing, self._read(path, [parts[n] for n in missing]), strict=True):
            found[place] = content
            if self._cache and len(content) == parts[place][1] - parts[place][0]:
                self._cache.keep(names[place], content)
        return [one for one in found if one is not None]

    def _read(self, path: str, parts: Sequence[Part]) -> list[bytes]:
        """Parts of a file, from its storage."""
        if not parts:
            return []
        began_s = time.perf_counter()
        contents = self._read_s3(path, parts)
        if contents is None:
            contents = super().read_ranges(path, parts)
        request_s = time.perf_counter() - began_s
        self._count(requests=len(parts), read_bytes=sum(map(len, contents)), request_s=request_s)
        return contents

    def _read_s3(self, path: str, parts: Sequence[Part]) -> list[bytes] | None:
        """Parts of a file by the fast client; None if it cannot be used, or failed.

        The other client has messages for all errors, waits for outages, and knows more credentials.
        """
        # Another thread may give it up meanwhile.
        s3 = self._s3
        if s3 is None:
            return None
        contents = s3.read(path, parts)
        self._failures = 0 if contents is not None else self._failures + 1
        if self._failures > _MOST_FAILURES:
            self._s3 = None
        return contents

    @contextmanager
    def fresh(self) -> Iterator[None]:
        """A block in which this thread reads from storage, whatever the cache has."""
        self._fresh.is_on = True
        try:
            yield
        finally:
            self._fresh.is_on = False

    def _count(
        self, *, requests: int = 0, read_bytes: int = 0, cached_bytes: int = 0, request_s: float = 0.0
    ) -> None:
        more = ReadCounts(
            requests=requests, read_bytes=read_bytes, cached_bytes=cached_bytes, request_s=request_s
        )
        with self._lock:
            self.counts = self.counts + more

    def __getstate__(self) -> dict[str, object]:
        return {name: value for name, value in self.__dict__.items() if name not in ("_lock", "_fresh")}

    def __setstate__(self, state: dict[str, object]) -> None:
        self.__dict__ |= state
        self._lock, self._fresh = threading.Lock(), threading.local()


class _RangeCache:
    """Byte ranges as files, each with its crc32 at the end; the time of a file is that of its last use.

    The file ``size`` has the sum of their sizes. Who adds to it locks it, so all processes keep one limit.
    """

    def __init__(self, cache: Cache) -> None:
        self._folder, self._most_bytes = cache.folder, cache.most_bytes
        self._is_full = False

    def read(self, name: str) -> bytes | None:
        """A range that was kept; None if there is none, or if it is damaged."""
        path = self._path(name)
        try:
            content = path.read_bytes()
        except OSError:
            return None
        body = content[:-_CHECK_BYTES]
        if _check(body) != content[-_CHECK_BYTES:]:
            with suppress(OSError):
                path.unlink()
            return None
        with suppress(OSError):
            os.utime(path)
        return body

    def keep(self, name: str, content: bytes) -> None:
        """Keep a range; nothing happens if that is not possible."""
        if self._is_full:
            return
        path = self._path(name)
        # Not ``replacing``: what is lost by a crash is read again.
        partial = path.with_name(f".{path.name}.{os.getpid()}-{threading.get_ident()}.partial")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(content + _check(content))
            os.replace(partial, path)
        except OSError as error:
            with suppress(OSError):
                partial.unlink()
            self._is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            return
        try:
            self._add(len(content) + _CHECK_BYTES)
        except OSError:
            # What is not counted cannot be kept within the limit.
            self._is_full = True

    def _add(self, added: int) -> None:
        """Add to the size that all processes share, and remove old ranges if it is above the limit."""
        file = os.open(self._folder / "size", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            noted = os.pread(file, _DIGITS, 0)
            size = int(noted) + added if noted.isdigit() else None
            if size is None or size > self._most_bytes:
                size = self._remove_oldest()
            # Always as long: it is not truncated, which would be slow.
            os.pwrite(file, b"%0*d" % (_DIGITS, size), 0)
        finally:
            os.close(file)

    def _remove_oldest(self) -> int:
        """Sum up all sizes, and remove what was not used for longest if they are above the limit.

        Returns the size of what is left.
        """
        found = []
        for path in self._folder.glob("??/*"):
            with suppress(OSError):
                about = path.stat()
                if path.name.startswith(".") and time.time() - about.st_mtime < _PARTIAL_S:
                    continue
                found.append((about.st_mtime, about.st_size, path))
        size = sum(one[1] for one in found)
        if size <= self._most_bytes:
            return size
        for _, bytes_, path in sorted(found):
            with suppress(OSError):
                path.unlink()
            size -= bytes_
            if size <= _REMAINING * self._most_bytes:
                break
        return size

    def _path(self, name: str) -> Path:
        digest = hashlib.blake2b(name.encode(), digest_size=16).hexdigest()
        return self._folder / digest[:2] / digest[2:]


def _check(content: bytes) -> bytes:
    return zlib.crc32(content).to_bytes(_CHECK_BYTES, "little")
