"""Checksums: one file per shard, which ``sha256sum -c`` reads too, and those of groups of pictures."""

import hashlib
import re
import zlib
from collections.abc import Mapping, Sequence
from itertools import pairwise

from multitake.errors import InputError

from .format import BATCH_FILES, RESTORE, shard_files

ROOT_FILES = ("dataset.json", *BATCH_FILES)
_LINE = re.compile(r"([0-9a-f]{64})  (\S+)\n")


def sha256_of_bytes(content: bytes) -> str:
    """The hexadecimal sha256."""
    return hashlib.sha256(content).hexdigest()


def checksummed(shard: int) -> tuple[str, ...]:
    """Paths in the checksum file of a shard, in order: the files of the data set, and those of the shard."""
    return (*ROOT_FILES, *(path for folder, path in shard_files(shard).items() if folder != "checksums"))


def checksum_text(digests: Mapping[str, str]) -> str:
    """The text of a checksum file; digests by path."""
    return "".join(f"{digest}  {path}\n" for path, digest in digests.items())


def read_checksums(content: bytes, shard: int, where: str) -> dict[str, str]:
    """Digests by path; InputError unless it is exactly the checksum file of that shard."""
    text = content.decode("ascii", errors="replace")
    digests = {path: digest for digest, path in _LINE.findall(text)}
    if tuple(digests) != checksummed(shard) or checksum_text(digests) != text:
        what = f"not the checksum file of shard {shard:05d}"
        raise InputError(what, where=where, fix=RESTORE)
    return digests


def gop_checksums(video: bytes, ends: Sequence[int]) -> tuple[int, ...]:
    """The crc32 of each group of pictures in the beginning of a video; the first has the header too."""
    return tuple(zlib.crc32(video[start:end]) for start, end in pairwise((0, *ends)))
