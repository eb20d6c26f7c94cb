"""A published archive: one tar, maybe compressed, in one file or in parts that were cut anywhere."""

import gzip
import io
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pyarrow as pa

from multitake.errors import InputError
from multitake.input_files import require_file

from .tar_stream import DamagedArchiveError, Stream

_PART = re.compile(r"(?P<stem>.*\.part)(?P<place>[a-z]{2,3})")
_GZIP, _ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_TAR, _TAR_AT = b"ustar", 257
_BUFFER_BYTES = 2**20


def is_archive(path: Path) -> bool:
    """Whether a file has the name of an archive, or of a part of one."""
    return bool(_PART.fullmatch(path.name)) or path.name.endswith((".tar", ".tar.gz", ".tgz", ".tar.zst"))


def ordered_parts(files: Sequence[Path]) -> tuple[Path, ...]:
    """The parts of one archive in their order; InputError if they are of several, or if one is missing."""
    for file in files:
        require_file(file, fix="give the parts of an archive")
    if len(files) == 1 and not _PART.fullmatch(files[0].name):
        return tuple(files)
    places: dict[int, Path] = {}
    for file in files:
        found = _PART.fullmatch(file.name)
        if not found or found["stem"] != (_PART.fullmatch(files[0].name) or found)["stem"]:
            fix = "give NAME.partaa, NAME.partab, ... of one archive"
            raise InputError("not a part of the same archive", where=str(file), fix=fix)
        if places.setdefault(_number(found["place"]), file) != file:
            raise InputError("the same part twice", where=str(file), fix="give each part once")
    missing = next((number for number in range(len(places)) if number not in places), None)
    if missing is not None:
        stem = places[min(places)].name[: -len(_suffix(missing))]
        what = f"{stem}{_suffix(missing)} is missing"
        raise InputError(what, where=str(files[0].parent), fix="download it, then give all parts")
    return tuple(places[number] for number in range(len(places)))


@contextmanager
def opened_archive(parts: Sequence[Path]) -> Iterator[Stream]:
    """The bytes of the tar; DamagedArchiveError while they are read, where the archive is damaged.

    InputError if it is compressed in an unknown way.
    """
    with ExitStack() as files:
        joined = io.BufferedReader(_Joined(parts), _BUFFER_BYTES)
        start = joined.peek(_BUFFER_BYTES)[: _TAR_AT + len(_TAR)]
        if start.startswith(_GZIP):
            yield _Checked(files.enter_context(gzip.GzipFile(fileobj=joined)))
        elif start.startswith(_ZSTD):
            source = files.enter_context(pa.PythonFile(joined, mode="r"))
            yield _Checked(files.enter_context(pa.CompressedInputStream(source, "zstd")))
        elif start[_TAR_AT:] == _TAR:
            yield _Checked(joined)
        else:
            fix = "give the parts of a tar, or of a tar.gz or tar.zst"
            raise InputError("not a tar, compressed or not", where=str(parts[0]), fix=fix)


class _Joined(io.RawIOBase):
    """The bytes of several files, one after the other."""

    def __init__(self, parts: Sequence[Path]) -> None:
        self._left = list(parts)
        self._file: io.FileIO | None = None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while True:
            if self._file is None:
                if not self._left:
                    return 0
                self._file = io.FileIO(self._left.pop(0))
            if count := self._file.readinto(buffer):
                return count
            self._file.close()
            self._file = None

    def close(self) -> None:
        if self._file:
            self._file.close()
        super().close()


class _Checked:
    """A stream whose errors of decompression are DamagedArchiveError."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, size: int, /) -> bytes:
        try:
            return self._stream.read(size)
        except EOFError as error:
            raise DamagedArchiveError("it is truncated") from error
        except (OSError, zlib.error) as error:
            if isinstance(error, OSError) and error.errno and not isinstance(error, gzip.BadGzipFile):
                raise
            raise DamagedArchiveError(f"it cannot be decompressed ({error})") from error


def _number(letters: str) -> int:
    """0 for ``aa``, 1 for ``ab``, ..., as `split` counts."""
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("a")
    return number


def _suffix(number: int) -> str:
    return chr(ord("a") + number // 26) + chr(ord("a") + number % 26)
