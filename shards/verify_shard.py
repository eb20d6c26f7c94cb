"""Verify the takes in the tar of a sealed shard: each is a job of its own, for any process."""

import hashlib
import json
import tarfile
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np

from multitake.errors import InputError
from multitake.input_files import parsing
from multitake.outages import outages
from trajectories import CameraPose, ClipRow, ClipTable, read_clips

from .files import Files
from .format import RESTORE, TakeRow, shard_files, take_row
from .pose_member import read_pose_member
from .problems import REFILM, Problem
from .shard_members import members_by_take
from .takes import Member
from .tar import BLOCK, padded, tar_members
from .verify_members import TakeParts
from .verify_tables import take_problem


@dataclass(frozen=True, kw_only=True)
class TakeJob:
    """A take to verify: its part of a tar, from byte ``start`` on, and what the tables say of it."""

    shard: int
    take: str
    body: bytes
    start: int
    members: tuple[Member, ...]
    row: TakeRow | None
    clips: ClipTable


@dataclass(frozen=True, kw_only=True)
class ShardEnd:
    """All takes of a shard were read; whether its tar has the right sha256."""

    shard: int
    is_right: bool


@dataclass(frozen=True, kw_only=True)
class _Tables:
    members: Mapping[str, tuple[Member, ...]]
    size: int
    sha256: str
    takes: Mapping[str, TakeRow]
    clips: ClipTable


def shard_jobs(
    files: Files, shard: int, takes: Collection[str], *, has_end: bool
) -> Iterator[TakeJob | ShardEnd]:
    """Some takes of a shard, each read when it is its turn; InputError for its tables.

    If these are all takes, the shard can have its end: its tar is then read once, in order.
    """
    tables, path = _tables(files, shard), shard_files(shard)["shards"]
    digest, stop = hashlib.sha256(), 0
    for take in tables.members:
        if take in takes:
            job = _job(files, shard, take, tables)
            yield job
            digest.update(job.body)
            stop = job.start + len(job.body)
    if has_end:
        with outages("cannot be read", where=files.address(path)):
            digest.update(files.store.read(path, stop, tables.size))
        yield ShardEnd(shard=shard, is_right=digest.hexdigest() == tables.sha256)


def job_problems(job: TakeJob | ShardEnd) -> list[Problem]:
    """What is wrong with a take, or with what is around the takes of a shard."""
    if isinstance(job, TakeJob):
        return [take_problem(job.shard, job.take, what) for what in _take_problems(job)]
    where = shard_files(job.shard)["shards"]
    what = "sha256 mismatch outside of the takes"
    return [] if job.is_right else [Problem(where=where, what=what, shard=job.shard)]


def _tables(files: Files, shard: int) -> _Tables:
    """The tables of a shard; InputError for the first one that is damaged or invalid."""
    paths = shard_files(shard)
    index, takes = files.index(shard), files.takes(shard)
    content = files.sealed_content(paths["poses"], shard)
    with parsing("invalid", where=paths["index"], fix=RESTORE):
        members = members_by_take(index)
        size = int(index.schema.metadata[b"shard_size"])
    with parsing("invalid", where=paths["takes"], fix=RESTORE):
        rows = {record["take"]: take_row(record) for record in takes.to_pylist()}
    with parsing("invalid", where=paths["poses"], fix=RESTORE):
        clips = read_clips(content, where=paths["poses"])
    sha256 = files.checksums(shard)[paths["shards"]]
    return _Tables(members=members, size=size, sha256=sha256, takes=rows, clips=clips)


def _job(files: Files, shard: int, take: str, tables: _Tables) -> TakeJob:
    path, members = shard_files(shard)["shards"], tables.members[take]
    start, stop = members[0].offset - BLOCK, members[-1].offset + padded(members[-1].size)
    with outages("cannot be read", where=files.address(path)):
        body = files.store.read(path, start, stop)
    return TakeJob(
        shard=shard,
        take=take,
        body=body,
        start=start,
        members=members,
        row=tables.takes.get(take),
        clips=tables.clips.rows(tables.clips["take"] == take),
    )


def _take_problems(job: TakeJob) -> Iterator[str]:
    """Problems of a take."""
    try:
        found = [(member.name, job.start + member.offset, member.size) for member in tar_members(job.body)]
    except tarfile.HeaderError as error:
        yield f"a tar header is damaged ({error})"
        return
    if found != [(member.member, member.offset, member.size) for member in job.members]:
        yield "tar headers differ from the index"
        return
    starts = {member: member.offset - job.start for member in job.members}
    contents = {member: job.body[start : start + member.size] for member, start in starts.items()}
    damaged = [member.member for member, content in contents.items() if zlib.crc32(content) != member.crc32]
    if damaged:
        yield f"checksum mismatch: {', '.join(damaged)}"
        return
    try:
        with parsing("invalid content", where="", fix=REFILM):
            yield from _content_problems(contents, job)
    except InputError as error:
        yield error.what


def _content_problems(contents: Mapping[Member, bytes], job: TakeJob) -> Iterator[str]:
    """Contradictions within a take whose checksums are right, and with the tables."""
    parts = take_parts(contents)
    if job.row != parts.row:
        yield "the take table differs from take.json"
    if _text(job.clips) != _text(parts.clips) or not np.array_equal(
        job.clips.poses.world_from_camera, parts.poses.world_from_camera
    ):
        yield "the clip table differs from take.json and poses.npy"
    yield from part_problems(contents, parts)


def take_parts(contents: Mapping[Member, bytes]) -> TakeParts:
    """What ``take.json`` and ``poses.npy`` say; any error for invalid ones."""
    of_take = {member.kind: content for member, content in contents.items() if not member.camera}
    rows = json.loads(of_take["take"])
    poses = CameraPose(read_pose_member(of_take["poses"]).astype(np.float64)).checked("poses.npy")
    clips = [ClipRow.of_json(record) for record in rows["poses"]]
    return TakeParts(row=take_row(rows["take"]), clips=clips, poses=poses)


def part_problems(contents: Mapping[Member, bytes], parts: TakeParts) -> Iterator[str]:
    """Problems of the members of a take."""
    for member, content in contents.items():
        try:
            with parsing("invalid content", where="", fix=REFILM):
                yield from (f"{member.member}: {what}" for what in parts.problems(member, content))
        except InputError as error:
            yield f"{member.member}: {error.what}"


def _text(rows: Iterable[ClipRow]) -> list[str]:
    """Rows in a form in which unknown numbers are equal."""
    return [json.dumps(asdict(row)) for row in rows]
