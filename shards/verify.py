"""Verify: read everything, compare everything with everything, name what differs."""

import hashlib
import io
import json
import tarfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from multitake.errors import InputError
from trajectories import CameraPose, PoseTable, pose_row, read_poses

from .files import Files
from .format import FORMAT_VERSION, ORDER_FILES, DatasetInfo, TakeRow, shard_files, shard_of, take_row
from .reading import Member, member_of
from .tar import padded, tar_members
from .video import gop_ends, video_shape

_REFILM = "delete the shard's files in shards/, poses/, takes/ and index/, then generate again"
_REMAKE_ALL_BUT_ONE = _REFILM.replace("the shard's", "all but one shard's")
_REWRITE_ORDER = "copy it from a new folder, where generate with its batch and --limit 0 writes the same"
_FILMED_ALIKE = ("fps", "frames", "width_px", "height_px")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """A finding: where (a file, or a file and a take), what is wrong, and what to do about it."""

    where: str
    what: str
    fix: str = _REFILM

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.fix}"


@dataclass(frozen=True, kw_only=True)
class _Tables:
    """A shard's parquet files, read."""

    members: tuple[Member, ...]
    about: Mapping[str, str]
    takes: Mapping[str, TakeRow]
    poses: PoseTable


def verify_dataset(url: str | Path) -> list[Problem]:
    """Every problem of a data set, in order of shards; none means that every byte is as it was written.

    Checks checksums, tar headers, the tables against the shards, rotations, counts, and decodes every video.
    InputError where there is no data set at all.
    """
    files = Files(url)
    info = files.info()
    problems = list(_file_problems(files))
    wrong = _wrongly_described(files, info)
    if wrong:
        pairs = (f"{name} is {getattr(info, name)}, every take's {value}" for name, value in wrong.items())
        fix = "restore dataset.json as written"
        problems.append(Problem(where="dataset.json", what="; ".join(pairs), fix=fix))
        info = replace(info, **wrong)
    shards_of: defaultdict[str, list[int]] = defaultdict(list)
    for shard in files.sealed_shards():
        try:
            tables = _tables(files, shard)
        except (InputError, KeyError, TypeError, ValueError) as error:
            problems.append(_problem(error, f"shard {shard:05d}"))
            continue
        for take in sorted({member.take for member in tables.members}):
            shards_of[take].append(shard)
        problems += _shard_problems(files, info, shard, tables)
    return problems + list(_count_problems(files, info, shards_of))


def _wrongly_described(files: Files, info: DatasetInfo) -> dict[str, Any]:
    """What ``dataset.json`` says unlike all takes, which agree with each other: name to the takes' value."""
    found: dict[str, set[Any]] = {name: set() for name in (*_FILMED_ALIKE, "cameras")}
    for paths in map(shard_files, files.sealed_shards()):
        try:
            takes, index = files.table(paths["takes"]), files.table(paths["index"])
            for name in _FILMED_ALIKE:
                found[name] |= set(takes[name].to_pylist())
            videos = index.filter(pc.equal(index["kind"], "video"))
            found["cameras"] |= set(Counter(videos["take"].to_pylist()).values())
        except (InputError, KeyError, pa.ArrowException):
            continue
    agreed = {name: next(iter(values)) for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in agreed.items() if value != getattr(info, name)}


def _file_problems(files: Files) -> Iterator[Problem]:
    there = files.names("")
    for name in ORDER_FILES:
        if name not in there:
            yield Problem(where=name, what="is missing", fix=_REWRITE_ORDER)
    for name in files.names("index"):
        if shard_of(name) is None:
            yield Problem(where=f"index/{name}", what="is no shard's index", fix="move it elsewhere")


def _tables(files: Files, shard: int) -> _Tables:
    paths = shard_files(shard)
    index, takes = files.table(paths["index"]), files.table(paths["takes"])
    about = {key.decode(): value.decode() for key, value in (index.schema.metadata or {}).items()}
    if about.get("multitake.index") != str(FORMAT_VERSION):
        raise InputError(f"not an index of version {FORMAT_VERSION}", where=paths["index"], fix=_REFILM)
    try:
        poses = read_poses(files.whole(paths["poses"]))
    except InputError as error:
        raise InputError(error.what, where=paths["poses"], fix=_REFILM) from error
    return _Tables(
        members=tuple(member_of(record) for record in index.to_pylist()),
        about=about,
        takes={record["take"]: take_row(record) for record in takes.to_pylist()},
        poses=poses,
    )


def _shard_problems(files: Files, info: DatasetInfo, shard: int, tables: _Tables) -> Iterator[Problem]:
    path = shard_files(shard)["shards"]
    wanted = int(tables.about["shard_size"])
    try:
        size = files.size(path)
    except OSError as error:
        yield Problem(where=path, what=f"cannot be read ({error})")
        return
    if size != wanted:
        cut = [member.take for member in tables.members if member.offset + member.size > size]
        lost = f"take {cut[0]} and all after it are cut" if cut else "no take is cut"
        yield Problem(where=path, what=f"has {size} bytes, not {wanted}: {lost}")
        return
    digest, start, is_sound = hashlib.sha256(), 0, True
    for key, members in groupby(tables.members, key=lambda member: member.take):
        of_take = tuple(members)
        stop = of_take[-1].offset + padded(of_take[-1].size)
        body = files.read(path, start, stop)
        digest.update(body)
        for what in _take_problems(body, start, of_take, tables, info):
            is_sound = False
            yield Problem(where=f"{path}: take {key}", what=what)
        start = stop
    digest.update(files.read(path, start, size))
    if is_sound and digest.hexdigest() != tables.about["shard_sha256"]:
        yield Problem(where=path, what="its sha256 differs, though every take is sound")


def _take_problems(
    body: bytes, start: int, members: tuple[Member, ...], tables: _Tables, info: DatasetInfo
) -> Iterator[str]:
    """Findings on a take whose part of the tar, from byte ``start`` on, is ``body``."""
    try:
        found = [(member.name, start + member.offset, member.size) for member in tar_members(body)]
    except tarfile.HeaderError as error:
        yield f"a tar header is damaged ({error})"
        return
    if found != [(member.member, member.offset, member.size) for member in members]:
        yield "its tar headers are not those of the index"
        return
    contents = {m: body[m.offset - start : m.offset - start + m.size] for m in members}
    damaged = [member.member for member, content in contents.items() if zlib.crc32(content) != member.crc32]
    if damaged:
        yield f"checksums differ: {', '.join(damaged)}"
        return
    try:
        yield from _content_problems(contents, tables, info)
    except (InputError, KeyError, TypeError, ValueError) as error:
        yield f"cannot be understood ({error})"


def _content_problems(contents: Mapping[Member, bytes], tables: _Tables, info: DatasetInfo) -> Iterator[str]:
    """Findings on a take whose bytes are as written: does what they say agree?"""
    of_take = {member.kind: content for member, content in contents.items() if not member.camera}
    clips = [member for member in contents if member.kind == "video"]
    rows = json.loads(of_take["take"])
    row = take_row(rows["take"])
    pose_rows = tuple(pose_row(record) for record in rows["poses"])
    if tables.takes.get(row.take) != row:
        yield "its row of the take table differs from its take.json"
    if any(getattr(row, name) != getattr(info, name) for name in _FILMED_ALIKE):
        yield "frames, rate or size are not those of dataset.json"
    if [r.camera for r in pose_rows] != [member.camera for member in clips] or len(clips) != info.cameras:
        yield f"it has {len(clips)} videos and {len(pose_rows)} pose rows for {info.cameras} cameras"
    array = np.lib.format.read_array(io.BytesIO(of_take["poses"]), allow_pickle=False)
    poses = CameraPose(array.astype(np.float64)).checked("poses.npy")
    places = [n for n, other in enumerate(tables.poses.rows) if other.take == row.take]
    if tuple(tables.poses.rows[n] for n in places) != pose_rows or not np.array_equal(
        tables.poses.poses.world_from_camera[places], poses.world_from_camera
    ):
        yield "the pose table differs from its take.json and poses.npy"
    for member, content in contents.items():
        if member.camera:
            yield from _clip_problems(member, content, row)


def _clip_problems(member: Member, content: bytes, row: TakeRow) -> Iterator[str]:
    try:
        shape = video_shape(content)
    except InputError as error:
        yield f"{member.member}: {error.what}"
        return
    if shape != (row.frames, row.height_px, row.width_px):
        yield f"{member.member}: (frames, height, width) are {shape}"
    elif member.kind == "video" and gop_ends(content) != member.gop_ends:
        yield f"{member.member}: its groups of pictures do not end where the index says"


def _count_problems(files: Files, info: DatasetInfo, shards_of: Mapping[str, list[int]]) -> Iterator[Problem]:
    for take, shards in sorted(shards_of.items()):
        if len(shards) > 1:
            named = ", ".join(f"{shard:05d}" for shard in shards)
            yield Problem(where="index", what=f"take {take} is in shards {named}", fix=_REMAKE_ALL_BUT_ONE)
    failed = set()
    if "failures.jsonl" in files.names(""):
        try:
            failed = {json.loads(line)["take"] for line in files.read("failures.jsonl").splitlines()}
        except (ValueError, KeyError, TypeError) as error:
            yield Problem(where="failures.jsonl", what=f"not lines of JSON ({error})", fix="generate again")
    missing = info.planned_takes - len(shards_of.keys() | failed)
    if missing:
        what = f"{len(shards_of)} of {info.planned_takes} ordered takes are sealed, {len(failed)} set aside"
        yield Problem(where="dataset.json", what=what, fix="run generate again to finish it")


def _problem(error: Any, where: str) -> Problem:
    if isinstance(error, InputError):
        return Problem(where=error.where, what=error.what)
    return Problem(where=where, what=f"its tables cannot be understood ({error})")
