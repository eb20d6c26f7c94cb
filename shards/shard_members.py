"""The members of the takes of a sealed shard, as its index lists them."""

import zlib
from collections.abc import Sequence
from itertools import groupby

import pyarrow as pa

from multitake.errors import InputError, RunError
from multitake.input_files import parsing
from multitake.outages import outages

from .files import Files
from .format import shard_files
from .sealing import TakeMember
from .takes import Member, member_of

REPAIR = "run `multitake shards repair` on that data set first"


def members_by_take(index: pa.Table) -> dict[str, tuple[Member, ...]]:
    """The rows of an index by take, in the order of the tar."""
    rows = map(member_of, index.to_pylist())
    return {take: tuple(members) for take, members in groupby(rows, key=lambda member: member.take)}


def checked_members(files: Files, shard: int, rows: Sequence[Member]) -> list[TakeMember]:
    """The members of a take, in one read; InputError if they are not as they were sealed."""
    path = shard_files(shard)["shards"]
    what, where, start = "cannot be read", files.address(path), rows[0].offset
    with parsing(what, where=where, fix=REPAIR, but=(RunError,)), outages(what, where=where):
        body = files.store.read(path, start, rows[-1].offset + rows[-1].size)
    members = []
    for row in rows:
        content = body[row.offset - start : row.offset - start + row.size]
        if zlib.crc32(content) != row.crc32:
            raise InputError("checksum mismatch", where=f"{where}: {row.member}", fix=REPAIR)
        members.append(TakeMember(name=row.member, content=content, gop_ends=row.gop_ends or None))
    return members
