"""Verify: read every file of a data set, and report all contradictions between them."""

import hashlib
import io
import json
import tarfile
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from multitake.errors import InputError
from trajectories import CameraPose, ClipRow, ClipTable, read_clips

from .files import Files
from .format import (
    BATCH_FILES,
    FORMAT_VERSION,
    DatasetInfo,
    TakeRow,
    read_failures,
    shard_files,
    shard_of,
    take_row,
)
from .reading import Member, member_of
from .tar import padded, tar_members
from .video import gop_ends, video_shape

_REFILM = (
    "delete the shard's files in shards/, poses/, takes/ and index/, then run `multitake generate` again"
)
_REFILM_ALL_BUT_ONE = _REFILM.replace("the shard's", "all but one shard's")
_REWRITE_BATCH_FILES = (
    "run `multitake generate` with the same batch and --limit 0 into a new folder, and copy the file"
)
_SAME_IN_ALL_TAKES = ("fps", "frames", "width_px", "height_px")


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Something wrong in a data set: where (a file, or a file and a take), what, and what to do about it."""

    where: str
    what: str
    fix: str = _REFILM

    def __str__(self) -> str:
        return f"{self.where}: {self.what}; {self.fix}"


@dataclass(frozen=True, kw_only=True)
class _Tables:
    """The tables of a shard; ``about`` is the metadata of its index."""

    members: tuple[Member, ...]
    about: Mapping[str, str]
    takes: Mapping[str, TakeRow]
    clips: ClipTable


def verify_dataset(url: str | Path) -> list[Problem]:
    """All problems of a data set, in order of shards.

    Checks checksums, tar headers, tables against shards, rotations and counts, and decodes every video. It
    does not compare ``batch.toml`` and ``catalog.toml`` with their hashes.
    InputError if it is not a data set.
    """
    files = Files(url)
    info = files.info()
    problems = list(_file_problems(files))
    wrong = _wrong_info(files, info)
    if wrong:
        pairs = (f"{name} is {getattr(info, name)}, in every take {value}" for name, value in wrong.items())
        fix = "restore the original dataset.json"
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


def _wrong_info(files: Files, info: DatasetInfo) -> dict[str, Any]:
    """Values of the takes that differ from ``dataset.json`` and are the same in all takes, by name."""
    found: dict[str, set[Any]] = {name: set() for name in (*_SAME_IN_ALL_TAKES, "cameras")}
    for paths in map(shard_files, files.sealed_shards()):
        try:
            takes, index = files.table(paths["takes"]), files.table(paths["index"])
            for name in _SAME_IN_ALL_TAKES:
                found[name] |= set(takes[name].to_pylist())
            videos = index.filter(pc.equal(index["kind"], "video"))
            found["cameras"] |= set(Counter(videos["take"].to_pylist()).values())
        except (InputError, KeyError, pa.ArrowException):
            continue
    agreed = {name: next(iter(values)) for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in agreed.items() if value != getattr(info, name)}


def _file_problems(files: Files) -> Iterator[Problem]:
    names = files.names("")
    for name in BATCH_FILES:
        if name not in names:
            yield Problem(where=name, what="is missing", fix=_REWRITE_BATCH_FILES)
    for name in files.names("index"):
        if shard_of(name) is None:
            yield Problem(
                where=f"index/{name}", what="not the index of a shard", fix="move it to another folder"
            )


def _tables(files: Files, shard: int) -> _Tables:
    paths = shard_files(shard)
    index, takes = files.table(paths["index"]), files.table(paths["takes"])
    about = {key.decode(): value.decode() for key, value in (index.schema.metadata or {}).items()}
    if about.get("multitake.index") != str(FORMAT_VERSION):
        raise InputError(f"not an index of version {FORMAT_VERSION}", where=paths["index"], fix=_REFILM)
    try:
        clips = read_clips(files.content(paths["poses"]))
    except InputError as error:
        raise InputError(error.what, where=paths["poses"], fix=_REFILM) from error
    return _Tables(
        members=tuple(member_of(record) for record in index.to_pylist()),
        about=about,
        takes={record["take"]: take_row(record) for record in takes.to_pylist()},
        clips=clips,
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
        lost = f"truncated from take {cut[0]} on" if cut else "all takes are complete"
        yield Problem(where=path, what=f"{size} bytes instead of {wanted}: {lost}")
        return
    digest, start, is_valid = hashlib.sha256(), 0, True
    for key, members in groupby(tables.members, key=lambda member: member.take):
        of_take = tuple(members)
        stop = of_take[-1].offset + padded(of_take[-1].size)
        body = files.read(path, start, stop)
        digest.update(body)
        for what in _take_problems(body, start, of_take, tables, info):
            is_valid = False
            yield Problem(where=f"{path}: take {key}", what=what)
        start = stop
    digest.update(files.read(path, start, size))
    if is_valid and digest.hexdigest() != tables.about["shard_sha256"]:
        yield Problem(where=path, what="sha256 mismatch outside of the takes")


def _take_problems(
    body: bytes, start: int, members: tuple[Member, ...], tables: _Tables, info: DatasetInfo
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
        yield from _content_problems(contents, tables, info)
    except (InputError, KeyError, TypeError, ValueError) as error:
        yield f"invalid content ({error})"


def _content_problems(contents: Mapping[Member, bytes], tables: _Tables, info: DatasetInfo) -> Iterator[str]:
    """Contradictions within a take whose checksums are right."""
    of_take = {member.kind: content for member, content in contents.items() if not member.camera}
    clips = [member for member in contents if member.kind == "video"]
    rows = json.loads(of_take["take"])
    row = take_row(rows["take"])
    clip_rows = [ClipRow.of_json(record) for record in rows["poses"]]
    if tables.takes.get(row.take) != row:
        yield "the take table differs from take.json"
    if any(getattr(row, name) != getattr(info, name) for name in _SAME_IN_ALL_TAKES):
        yield "frames, rate or size differ from dataset.json"
    if [r.camera for r in clip_rows] != [member.camera for member in clips] or len(clips) != info.cameras:
        yield f"{len(clips)} videos and {len(clip_rows)} clip rows for {info.cameras} cameras"
    array = np.lib.format.read_array(io.BytesIO(of_take["poses"]), allow_pickle=False)
    poses = CameraPose(array.astype(np.float64)).checked("poses.npy")
    stored = tables.clips.rows(tables.clips["take"] == row.take)
    if _text(stored) != _text(clip_rows) or not np.array_equal(
        stored.poses.world_from_camera, poses.world_from_camera
    ):
        yield "the clip table differs from take.json and poses.npy"
    for member, content in contents.items():
        if member.camera:
            yield from _clip_problems(member, content, row)


def _text(rows: Iterable[ClipRow]) -> list[str]:
    """Rows in a form in which unknown numbers are equal."""
    return [json.dumps(asdict(row)) for row in rows]


def _clip_problems(member: Member, content: bytes, row: TakeRow) -> Iterator[str]:
    try:
        shape = video_shape(content)
    except InputError as error:
        yield f"{member.member}: {error.what}"
        return
    if shape != (row.frames, row.height_px, row.width_px):
        yield f"{member.member}: frames, height and width are {shape}"
    elif member.kind == "video" and gop_ends(content) != member.gop_ends:
        yield f"{member.member}: ends of its groups of pictures differ from the index"


def _count_problems(files: Files, info: DatasetInfo, shards_of: Mapping[str, list[int]]) -> Iterator[Problem]:
    for take, shards in sorted(shards_of.items()):
        if len(shards) > 1:
            named = ", ".join(f"{shard:05d}" for shard in shards)
            yield Problem(where="index", what=f"take {take} is in shards {named}", fix=_REFILM_ALL_BUT_ONE)
    failed: set[str] = set()
    if "failures.jsonl" in files.names(""):
        try:
            text = files.read("failures.jsonl").decode(errors="replace")
            failed = set(read_failures(text, "failures.jsonl"))
        except InputError as error:
            yield Problem(where=error.where, what=error.what, fix=error.fix)
    missing = info.planned_takes - len(shards_of.keys() | failed)
    if missing:
        what = f"{len(shards_of)} of {info.planned_takes} planned takes are sealed, {len(failed)} failed"
        yield Problem(
            where="dataset.json", what=what, fix="run `multitake generate` again to finish the data set"
        )


def _problem(error: Any, where: str) -> Problem:
    if isinstance(error, InputError):
        return Problem(where=error.where, what=error.what)
    return Problem(where=where, what=f"invalid tables ({error})")
