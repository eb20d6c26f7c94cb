"""The sound takes of a damaged shard, found in its tar.

What is trusted, in this order: an index that its checksum file knows; a tar that it knows, whose headers are
then read; an index that nothing knows, for takes that have its checksums; and takes that can be decoded.
"""

import hashlib
import tarfile
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import groupby

import pyarrow as pa

from multitake.errors import InputError
from multitake.input_files import parsing

from ..checksums import gop_checksums
from ..files import Files
from ..format import DatasetInfo, member_parts, shard_files
from ..sealing import TakeMember
from ..shard_members import checked_members, members_by_take
from ..takes import Member
from ..tar import BLOCK, padded, tar_header
from ..verify_shard import part_problems, take_parts
from ..verify_tables import SAME_IN_ALL_TAKES, pass_problems
from ..video import gop_ends

_PART_BYTES = 2**20
# The index rows of a take, and its members if they were read to find it.
_Candidate = tuple[tuple[Member, ...], list[TakeMember] | None]


@dataclass(frozen=True, kw_only=True)
class Salvage:
    """What is left of a shard.

    Attributes:
        kept: the index rows of its sound takes, in the order of the tar.
        dropped: why each other take is not kept.
        is_proven: whether checksums say that the kept takes are as they were sealed.
    """

    files: Files
    shard: int
    kept: Mapping[str, tuple[Member, ...]]
    dropped: Mapping[str, str]
    is_proven: bool = True

    @property
    def keys(self) -> dict[str, str]:
        """The keys of the kept takes, which stay as they are."""
        return {key: key for key in self.kept}

    def takes(self) -> Iterator[list[TakeMember]]:
        """The members of each kept take."""
        return (checked_members(self.files, self.shard, rows) for rows in self.kept.values())


def salvage(
    files: Files, shard: int, info: DatasetInfo, *, known: Sequence[str], elsewhere: Collection[str]
) -> Salvage:
    """Find the sound takes of a shard; ``known`` are its takes as far as tables say.

    Takes that are sealed ``elsewhere`` are left out.
    """
    candidates, is_proven = _candidates(files, shard)
    kept: dict[str, tuple[Member, ...]] = {}
    dropped = {key: "not found in the tar" for key in known if key not in elsewhere}
    for rows, members in candidates:
        key = rows[0].take
        dropped.pop(key, None)
        if key in elsewhere:
            continue
        reason = next(_reasons(files, shard, rows, members, info), None)
        if reason is None:
            kept[key] = rows
        else:
            dropped[key] = reason
    return Salvage(files=files, shard=shard, kept=kept, dropped=dropped, is_proven=is_proven)


def _candidates(files: Files, shard: int) -> tuple[Iterator[_Candidate], bool]:
    """The takes that the shard may have, and whether their checksums are known."""
    with suppress(InputError):
        return _listed(files.index(shard)), True
    if not files.store.exists(shard_files(shard)["shards"]):
        return iter(()), True
    if _is_as_sealed(files, shard):
        return _scanned(files, shard), True
    with suppress(InputError), parsing("invalid", where="index", fix=""):
        return _listed(files.unsealed_index(shard)), True
    return _scanned(files, shard), False


def _listed(index: pa.Table) -> Iterator[_Candidate]:
    return iter([(rows, None) for rows in members_by_take(index).values()])


def _reasons(
    files: Files, shard: int, rows: Sequence[Member], members: list[TakeMember] | None, info: DatasetInfo
) -> Iterator[str]:
    """Why a take is not sound, if it is not; its members are read if they were not."""
    try:
        found = members or checked_members(files, shard, rows)
        contents = {row: member.content for row, member in zip(rows, found, strict=True)}
        with parsing("invalid content", where="", fix=""):
            kinds = {(row.kind, row.camera) for row in rows}
            if not {("take", ""), ("poses", "")} <= kinds:
                raise InputError("its take.json or poses.npy is lost", where="", fix="")
            parts = take_parts(contents)
            yield from pass_problems(parts.row.take, kinds, parts.row.passes)
            shape = [getattr(parts.row, name) for name in SAME_IN_ALL_TAKES]
            cameras = [row.camera for row in rows if row.kind == "video"]
            if shape != [getattr(info, name) for name in SAME_IN_ALL_TAKES]:
                yield "frames, rate or size differ from dataset.json"
            if cameras != [clip.camera for clip in parts.clips] or len(cameras) != info.cameras:
                yield f"{len(cameras)} videos for {info.cameras} cameras"
            if any(row.take != parts.row.take for row in rows):
                yield "take.json is of another take"
            yield from part_problems(contents, parts)
    except InputError as error:
        yield error.what


def _is_as_sealed(files: Files, shard: int) -> bool:
    """Whether the tar has the sha256 of a checksum file that can be read."""
    path = shard_files(shard)["shards"]
    try:
        wanted = files.checksums(shard)[path]
    except InputError:
        return False
    digest, size = hashlib.sha256(), files.store.size(path)
    for start in range(0, size, _PART_BYTES):
        digest.update(files.store.read(path, start, min(size, start + _PART_BYTES)))
    return digest.hexdigest() == wanted


def _scanned(files: Files, shard: int) -> Iterator[_Candidate]:
    """The takes of a tar by its headers, each read once; one with a damaged header is not complete."""
    path, known = shard_files(shard)["shards"], set()
    for take, found in groupby(_headers(files, shard), key=lambda member: member.take):
        if take in known:
            continue
        known.add(take)
        members = list(found)
        start = members[0].offset
        body = files.store.read(path, start, members[-1].offset + members[-1].size)
        contents = [body[one.offset - start : one.offset - start + one.size] for one in members]
        rows = tuple(map(_with_checksums, members, contents))
        yield (
            rows,
            [
                TakeMember(name=one.member, content=content)
                for one, content in zip(rows, contents, strict=True)
            ],
        )


def _headers(files: Files, shard: int) -> Iterator[Member]:
    """All members whose header is sound; what is between them is skipped."""
    path, position = shard_files(shard)["shards"], 0
    size, part, part_at, part_bytes = files.store.size(path), b"", 0, BLOCK
    while position + BLOCK <= size:
        if not part_at <= position <= part_at + len(part) - BLOCK:
            part_at, part = position, files.store.read(path, position, min(size, position + part_bytes))
        block = part[position - part_at : position - part_at + BLOCK]
        position += BLOCK
        # After a damaged header, each block may be one.
        part_bytes = _PART_BYTES
        with suppress(tarfile.HeaderError, ValueError):
            header = tar_header(block)
            take, camera, kind = member_parts(header.name)
            if position + header.size <= size:
                yield Member(
                    take=take,
                    camera=camera,
                    member=header.name,
                    kind=kind,
                    offset=position,
                    size=header.size,
                    crc32=0,
                    gop_ends=(),
                    gop_crc32=(),
                )
                position += padded(header.size)
                part_bytes = BLOCK


def _with_checksums(member: Member, content: bytes) -> Member:
    """A member with the checksums of what is there, and with the groups of pictures of a video."""
    ends: tuple[int, ...] = ()
    if member.kind == "video":
        with suppress(InputError):
            ends = tuple(gop_ends(content))
    return replace(member, crc32=zlib.crc32(content), gop_ends=ends, gop_crc32=gop_checksums(content, ends))
