"""Members of a tar that is read once, from an archive that nobody has to trust.

Headers are plain ustar, or have a long name of GNU or pax. Whatever could write outside of a folder, or take
memory without bound, is refused: other kinds of members than files and folders, absolute names and ``..``,
sizes above a limit, sparse files, and names that contradict each other.
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from multitake.errors import InputError

from ..tar import BLOCK, padded, tar_header

MOST_MEMBER_BYTES = 2**30
_MOST_NAME_BYTES = 2**16
_READ_BYTES = 2**20
_SHORT_NAME = 100
_HOSTILE = "get the archive from its publisher again"
# Keys of pax headers that say nothing about where a member is, how large it is, or how it is read.
_PAX_ABOUT = (
    "path",
    "mtime",
    "atime",
    "ctime",
    "uid",
    "gid",
    "uname",
    "gname",
    "comment",
    "SCHILY.",
    "LIBARCHIVE.",
)
_LONG_NAME, _PAX, _PAX_OF_ALL = b"L", b"x", b"g"


class DamagedArchiveError(Exception):
    """An archive that is truncated or damaged here; the message says how."""


@runtime_checkable
class Stream(Protocol):
    """Bytes that are read once."""

    def read(self, size: int, /) -> bytes:
        """At most ``size`` bytes; none at the end."""
        ...


@dataclass(frozen=True, kw_only=True)
class StreamedMember:
    """A regular file of the archive. Its ``chunks`` can be read once, before the next member."""

    name: str
    size: int
    chunks: Iterator[bytes]


def tar_stream(stream: Stream, *, where: str) -> Iterator[StreamedMember]:
    """The regular files of an archive, in its order.

    InputError for a hostile member; DamagedArchiveError where the archive is truncated or damaged.
    """
    long_name: bytes | None = None
    while (block := _exactly(stream, BLOCK)).strip(b"\0"):
        header = _header(block)
        if header.type in (_LONG_NAME, _PAX, _PAX_OF_ALL):
            long_name = _long_name(stream, header, where) or long_name
            continue
        name = _checked_name(header, block, long_name, where)
        long_name = None
        if header.isdir():
            _skip(_chunks(stream, header.size))
            continue
        chunks = _chunks(stream, header.size)
        yield StreamedMember(name=name, size=header.size, chunks=chunks)
        _skip(chunks)
    # The checksum of a compressed archive is compared where it ends.
    while stream.read(_READ_BYTES):
        pass


def _header(block: bytes) -> tarfile.TarInfo:
    try:
        return tar_header(block)
    except tarfile.HeaderError as error:
        raise DamagedArchiveError(f"a tar header is damaged ({error})") from error


def _checked_name(header: tarfile.TarInfo, block: bytes, long_name: bytes | None, where: str) -> str:
    """The name of a member; InputError unless it is a file or folder that can be read safely."""
    short = block[:_SHORT_NAME].partition(b"\0")[0]
    name = header.name if long_name is None else long_name.decode(errors="surrogateescape")
    if long_name is not None and not long_name.startswith(short[: _SHORT_NAME - 1]):
        raise _hostile("the long name of a member contradicts its header", name, where)
    if not (header.isreg() or header.isdir()) or header.type == tarfile.GNUTYPE_SPARSE:
        kind = "a link" if header.issym() or header.islnk() else "not a plain file"
        raise _hostile(f"a member is {kind}", name, where)
    if not name.isprintable() or "\\" in name or name.startswith("/") or ".." in name.split("/"):
        raise _hostile("a member has an unsafe name", name, where)
    if not 0 <= header.size <= (0 if header.isdir() else MOST_MEMBER_BYTES):
        raise _hostile(f"a member claims to have {header.size} bytes", name, where)
    return "/".join(part for part in name.split("/") if part not in ("", "."))


def _long_name(stream: Stream, header: tarfile.TarInfo, where: str) -> bytes | None:
    """The name in a header that stands before that of its member; None if there is none in it."""
    if not 0 <= header.size <= _MOST_NAME_BYTES:
        raise _hostile(f"the name of a member claims to have {header.size} bytes", header.name, where)
    content = b"".join(_chunks(stream, header.size))
    if header.type == _LONG_NAME:
        return content.partition(b"\0")[0]
    records = _pax_records(content, where)
    unsafe = [key for key in records if not key.startswith(_PAX_ABOUT) or key.startswith("GNU.sparse")]
    if unsafe or (header.type == _PAX_OF_ALL and "path" in records):
        raise _hostile(f"a pax header changes {(unsafe or ['path'])[0]}", header.name, where)
    return records.get("path")


def _pax_records(content: bytes, where: str) -> dict[str, bytes]:
    """The records ``LENGTH KEY=VALUE`` of a pax header."""
    records: dict[str, bytes] = {}
    while content:
        digits, _, _ = content[:20].partition(b" ")
        length = int(digits) if digits.isdigit() else 0
        record, content = content[:length], content[length:]
        key, equals, value = record[len(digits) + 1 : -1].partition(b"=")
        if not length or len(record) < length or not equals or record[-1:] != b"\n":
            raise _hostile("a pax header is invalid", "", where)
        records[key.decode(errors="replace")] = value
    return records


def _chunks(stream: Stream, size: int) -> Iterator[bytes]:
    """The content of a member, and nothing of its padding, which is read, too."""
    left = size
    while left:
        chunk = _exactly(stream, min(left, _READ_BYTES))
        left -= len(chunk)
        yield chunk
    _exactly(stream, padded(size) - size)


def _skip(chunks: Iterator[bytes]) -> None:
    for _ in chunks:
        pass


def _exactly(stream: Stream, size: int) -> bytes:
    """So many bytes; DamagedArchiveError if the archive ends before."""
    parts, left = [], size
    while left:
        part = stream.read(left)
        if not part:
            raise DamagedArchiveError("it is truncated")
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _hostile(what: str, name: str, where: str) -> InputError:
    return InputError(f"{what}: {name[:200]!r}", where=where, fix=_HOSTILE)
