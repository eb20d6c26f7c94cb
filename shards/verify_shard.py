"""Verify one sealed shard: its tables against its tar, and the contents of its takes."""

import hashlib
import json
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from itertools import groupby

import numpy as np
import pyarrow as pa

from multitake.errors import InputError
from multitake.input_files import parsing
from trajectories import CameraPose, ClipRow, ClipTable, read_clips

from .files import Files
from .format import (
    CLIP_ENDINGS,
    RESTORE,
    DatasetInfo,
    TakeRow,
    member_name,
    shard_files,
    take_row,
)
from .pose_member import read_pose_member
from .takes import Member, member_of
from .tar import padded, tar_members
from .verify_members import TakeParts

REFILM = (
    "delete the shard's files in shards/, poses/, takes/, checksums/ and index/, then run "
    "`multitake generate` again"
)
SAME_IN_ALL_TAKES = ("fps", "frames", "width_px", "height_px")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong in a data set: where (a file, or a file and a take), what, and what to do about it."""

    where: str
    what: str
    fix: str = REFILM

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.fix}"


@dataclass(frozen=True, kw_only=True)
class ShardTables:
    """The tables of a shard, and the size and sha256 that its tar must have."""

    members: tuple[Member, ...]
    size: int
    sha256: str
    takes: Mapping[str, TakeRow]
    clips: ClipTable


@dataclass(frozen=True, kw_only=True)
class StoredTables:
    """The index and the take table of a shard as they are stored, or why one cannot be read."""

    index: pa.Table | InputError
    takes: pa.Table | InputError

    @classmethod
    def read(cls, files: Files, shard: int) -> "StoredTables":
        """Read them once, for all steps."""
        return cls(index=_attempt(files.index, shard), takes=_attempt(files.takes, shard))

    def checked_index(self) -> pa.Table:
        """The index; InputError if it cannot be read."""
        return _checked(self.index)

    def checked_takes(self) -> pa.Table:
        """The take table; InputError if it cannot be read."""
        return _checked(self.takes)


def _attempt(read: Callable[[int], pa.Table], shard: int) -> pa.Table | InputError:
    try:
        return read(shard)
    except InputError as error:
        return error


def _checked(table: pa.Table | InputError) -> pa.Table:
    if isinstance(table, InputError):
        raise table
    return table


def shard_tables(files: Files, shard: int, stored: StoredTables) -> ShardTables:
    """The tables of a shard; InputError for the first one that is damaged or invalid."""
    paths = shard_files(shard)
    index, takes = stored.checked_index(), stored.checked_takes()
    content = files.sealed_content(paths["poses"], shard)
    with parsing("invalid", where=paths["index"], fix=RESTORE):
        members = tuple(map(member_of, index.to_pylist()))
        size = int(index.schema.metadata[b"shard_size"])
    with parsing("invalid", where=paths["takes"], fix=RESTORE):
        rows = {record["take"]: take_row(record) for record in takes.to_pylist()}
    with parsing("invalid", where=paths["poses"], fix=RESTORE):
        clips = read_clips(content, where=paths["poses"])
    sha256 = files.checksums(shard)[paths["shards"]]
    return ShardTables(members=members, size=size, sha256=sha256, takes=rows, clips=clips)


def shard_problems(files: Files, info: DatasetInfo, shard: int, tables: ShardTables) -> Iterator[Problem]:
    """Problems of the tar of a shard, take by take."""
    path = shard_files(shard)["shards"]
    try:
        size = files.store.size(path)
    except OSError as error:
        yield Problem(where=path, what=f"cannot be read ({error})")
        return
    if size != tables.size:
        cut = [member.take for member in tables.members if member.offset + member.size > size]
        lost = f"truncated from take {cut[0]} on" if cut else "all takes are complete"
        yield Problem(where=path, what=f"{size} bytes instead of {tables.size}: {lost}")
        return
    in_tar = {member.take for member in tables.members}
    for take in sorted(tables.takes.keys() ^ in_tar | set(tables.clips["take"].tolist()) ^ in_tar):
        yield Problem(where=f"{path}: take {take}", what="not in all tables of the shard")
    digest, start, is_valid = hashlib.sha256(), 0, True
    for key, members in groupby(tables.members, key=lambda member: member.take):
        of_take = tuple(members)
        stop = of_take[-1].offset + padded(of_take[-1].size)
        body = files.store.read(path, start, stop)
        digest.update(body)
        for what in _take_problems(body, start, of_take, tables, info):
            is_valid = False
            yield Problem(where=f"{path}: take {key}", what=what)
        start = stop
    digest.update(files.store.read(path, start, size))
    if is_valid and digest.hexdigest() != tables.sha256:
        yield Problem(where=path, what="sha256 mismatch outside of the takes")


def _take_problems(
    body: bytes, start: int, members: tuple[Member, ...], tables: ShardTables, info: DatasetInfo
) -> Iterator[str]:
    """Problems of a take; ``body`` is its part of the tar, from byte ``start`` on."""
    try:
        found = [(member.name, start + member.offset, member.size) for member in tar_members(body)]
    except tarfile.HeaderError as error:
        yield f"a tar header is damaged ({error})"
        return
    if found != [(member.member, member.offset, member.size) for member in members]:
        yield "tar headers differ from the index"
        return
    contents = {m: body[m.offset - start : m.offset - start + m.size] for m in members}
    damaged = [member.member for member, content in contents.items() if zlib.crc32(content) != member.crc32]
    if damaged:
        yield f"checksum mismatch: {', '.join(damaged)}"
        return
    try:
        with parsing("invalid content", where="", fix=REFILM):
            yield from _content_problems(contents, tables, info)
    except InputError as error:
        yield error.what


def _content_problems(
    contents: Mapping[Member, bytes], tables: ShardTables, info: DatasetInfo
) -> Iterator[str]:
    """Contradictions within a take whose checksums are right."""
    of_take = {member.kind: content for member, content in contents.items() if not member.camera}
    clips = [member for member in contents if member.kind == "video"]
    rows = json.loads(of_take["take"])
    row = take_row(rows["take"])
    clip_rows = [ClipRow.of_json(record) for record in rows["poses"]]
    if tables.takes.get(row.take) != row:
        yield "the take table differs from take.json"
    if any(getattr(row, name) != getattr(info, name) for name in SAME_IN_ALL_TAKES):
        yield "frames, rate or size differ from dataset.json"
    if [r.camera for r in clip_rows] != [member.camera for member in clips] or len(clips) != info.cameras:
        yield f"{len(clips)} videos and {len(clip_rows)} clip rows for {info.cameras} cameras"
    array = read_pose_member(of_take["poses"])
    poses = CameraPose(array.astype(np.float64)).checked("poses.npy")
    stored = tables.clips.rows(tables.clips["take"] == row.take)
    if _text(stored) != _text(clip_rows) or not np.array_equal(
        stored.poses.world_from_camera, poses.world_from_camera
    ):
        yield "the clip table differs from take.json and poses.npy"
    yield from _pass_problems(contents, row)
    parts = TakeParts(row=row, clips=clip_rows, poses=poses)
    for member, content in contents.items():
        try:
            with parsing("invalid content", where="", fix=REFILM):
                yield from (f"{member.member}: {what}" for what in parts.problems(member, content))
        except InputError as error:
            yield f"{member.member}: {error.what}"


def _pass_problems(members: Iterable[Member], row: TakeRow) -> Iterator[str]:
    """Members that the passes of a take should give and do not, or give and should not."""
    kinds = {"take", "poses", "video", *row.passes, *(("surfaces",) if "surface" in row.passes else ())}
    found = {(member.kind, member.camera) for member in members}
    cameras = {camera for _, camera in found if camera}
    expected = {(kind, camera) for kind in kinds for camera in (cameras if kind in CLIP_ENDINGS else ("",))}
    for kind, camera in sorted(found ^ expected):
        name = member_name(row.take, kind, camera)
        passes = ", ".join(row.passes) or "none"
        yield f"{name} {'is not there' if (kind, camera) in expected else 'is there'}, passes are {passes}"


def _text(rows: Iterable[ClipRow]) -> list[str]:
    """Rows in a form in which unknown numbers are equal."""
    return [json.dumps(asdict(row)) for row in rows]
