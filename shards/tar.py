"""Plain ustar members whose bytes depend on name and content alone, and reading the headers of a tar.

The details of Python's tarfile differ between versions, so the header is written here (POSIX.1-1988 ustar).
"""

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

BLOCK = 512
_RECORD = 20 * BLOCK


@dataclass(frozen=True, kw_only=True)
class TarMember:
    """A member and where its content is: ``offset`` and ``size`` in bytes, without the header."""

    name: str
    offset: int
    size: int


def tar_member(name: str, content: bytes) -> bytes:
    """A regular file: header, content and padding; mode 0644, owner 0, time 0, no user names."""
    if len(name.encode()) > 100:
        raise ValueError(f"{name!r} is longer than ustar's 100 bytes")
    octal = (b"0000644\0", b"0000000\0", b"0000000\0", b"%011o\0" % len(content), b"%011o\0" % 0)
    before = name.encode().ljust(100, b"\0") + b"".join(octal)
    after = (b"0" + bytes(100) + b"ustar\0" + b"00").ljust(BLOCK - len(before) - 8, b"\0")
    checksum = sum(before) + sum(after) + 8 * ord(" ")
    return before + b"%06o\0 " % checksum + after + content + bytes(-len(content) % BLOCK)


def tar_end(size: int) -> bytes:
    """The end of an archive with ``size`` bytes of members: two zero blocks, padded to a record."""
    return bytes(2 * BLOCK + -(size + 2 * BLOCK) % _RECORD)


def tar_members(fragment: bytes) -> Iterator[TarMember]:
    """Members of a tar or of a fragment without end blocks; tarfile.HeaderError for a damaged header."""
    position = 0
    while fragment[position : position + BLOCK].strip(b"\0"):
        member = tar_header(fragment[position : position + BLOCK])
        yield TarMember(name=member.name, offset=position + BLOCK, size=member.size)
        position += BLOCK + padded(member.size)


def tar_header(block: bytes) -> tarfile.TarInfo:
    """Parse a header block; tarfile.HeaderError if it is damaged."""
    # surrogateescape keeps a damaged name readable enough for a message.
    return tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")


def padded(size: int) -> int:
    """``size`` rounded up to whole blocks."""
    return size + -size % BLOCK
