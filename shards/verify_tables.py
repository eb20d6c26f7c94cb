"""Verify the tables of a sealed shard against its checksums and each other; its tar is not opened."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from multitake.errors import InputError
from multitake.input_files import parsing
from multitake.outages import outages
from trajectories import clip_schema

from .files import Files
from .format import CLIP_ENDINGS, INDEX_SCHEMA, RESTORE, TAKE_SCHEMA, DatasetInfo, member_name, shard_files
from .problems import Problem, damaged_takes
from .tar import BLOCK, padded, tar_end

SAME_IN_ALL_TAKES = ("fps", "frames", "width_px", "height_px")
_TAKES = pa.schema([TAKE_SCHEMA.field(name) for name in ("take", *SAME_IN_ALL_TAKES, "passes")])
_CLIPS = pa.schema([clip_schema(1).field(name) for name in ("take", "camera", *SAME_IN_ALL_TAKES)])
_TABLES = {"takes": _TAKES, "poses": _CLIPS, "index": INDEX_SCHEMA}


@dataclass(frozen=True, kw_only=True)
class TakeFacts:
    """What the tables say of a take.

    Attributes:
        shapes: the different (fps, frames, width, height) of its rows.
        videos: the cameras of its videos.
        clips: the cameras of its rows in the clip table.
    """

    shapes: frozenset[tuple[Any, ...]]
    videos: tuple[str, ...]
    clips: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class ShardTables:
    """What the tables of a shard say.

    Attributes:
        keys: the takes of the index, in order; of any readable table if it is damaged.
        unreadable: those of them that are not in the tar where the index says.
        problems: those for which ``dataset.json`` does not matter.
        is_sound: whether all tables can be read.
        size: the bytes that its tar should have.
        is_complete: whether the tar can be read from its beginning to its end as the index says.
    """

    shard: int
    keys: tuple[str, ...]
    unreadable: tuple[str, ...] = ()
    facts: Mapping[str, TakeFacts] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    is_sound: bool = True
    size: int = 0
    is_complete: bool = True


def read_shard_tables(files: Files, shard: int) -> ShardTables:
    """Read and compare the tables of a shard, and the size of its tar."""
    tables: dict[str, pa.Table] = {}
    damaged: dict[str, Problem] = {}
    for folder in ("poses", "takes", "index"):
        try:
            tables[folder] = _table(files, folder, shard)
        except InputError as error:
            # A damaged checksum file is one problem.
            damaged[error.where] = problem_of(files, error, shard)
    if damaged:
        known = (table["take"].to_pylist() for table in tables.values())
        keys = tuple(dict.fromkeys(key for of_table in known for key in of_table))
        problems = tuple(
            Problem(where=one.where, what=one.what, shard=shard, takes=keys) for one in damaged.values()
        )
        return ShardTables(shard=shard, keys=keys, problems=problems, is_sound=False)
    keys = tuple(dict.fromkeys(tables["index"]["take"].to_pylist()))
    cut, size_problems = _size_problems(files, tables["index"], shard)
    misplaced = [take_problem(shard, *found) for found in _misplaced(tables["index"])]
    problems = (*size_problems, *misplaced, *_table_problems(tables, shard))
    return ShardTables(
        shard=shard,
        keys=keys,
        unreadable=(*cut, *damaged_takes(misplaced)),
        facts=_facts(tables),
        problems=problems,
        size=_shard_size(tables["index"]),
        is_complete=not size_problems and not misplaced,
    )


def info_problems(tables: ShardTables, info: DatasetInfo) -> Iterator[Problem]:
    """Takes of a shard that are not as ``dataset.json`` says."""
    expected = {tuple(getattr(info, name) for name in SAME_IN_ALL_TAKES)}
    for key, facts in tables.facts.items():
        if facts.shapes != expected:
            yield take_problem(tables.shard, key, "frames, rate or size differ from dataset.json")
        if facts.videos != facts.clips or len(facts.videos) != info.cameras:
            what = f"{len(facts.videos)} videos and {len(facts.clips)} clip rows for {info.cameras} cameras"
            yield take_problem(tables.shard, key, what)


def take_problem(shard: int, take: str, what: str) -> Problem:
    """A problem of one take."""
    where = f"{shard_files(shard)['shards']}: take {take}"
    return Problem(where=where, what=what, shard=shard, takes=(take,))


def problem_of(files: Files, error: InputError, shard: int | None = None) -> Problem:
    """An error of reading as a problem."""
    return Problem(where=error.where.removeprefix(f"{files.url}/"), what=error.what, shard=shard)


def _table(files: Files, folder: str, shard: int) -> pa.Table:
    if folder != "index":
        return files.columns(folder, shard, _TABLES[folder])
    table = files.index(shard)
    with parsing("invalid", where=files.address(shard_files(shard)[folder]), fix=RESTORE):
        _shard_size(table)
    return table


def _shard_size(index: pa.Table) -> int:
    return int(index.schema.metadata[b"shard_size"])


def _size_problems(files: Files, index: pa.Table, shard: int) -> tuple[tuple[str, ...], list[Problem]]:
    """The takes that the tar ends before, and what is wrong with its size."""
    path, wanted = shard_files(shard)["shards"], _shard_size(index)
    keys, offsets, sizes = (index[name].to_pylist() for name in ("take", "offset", "size"))
    try:
        with outages("cannot be read", where=files.address(path)):
            size = files.store.size(path)
    except (OSError, InputError) as error:
        what = error.what if isinstance(error, InputError) else f"cannot be read ({error})"
        lost = tuple(dict.fromkeys(keys))
        return lost, [Problem(where=path, what=what, shard=shard, takes=lost)]
    cut = tuple(
        dict.fromkeys(key for key, start, n in zip(keys, offsets, sizes, strict=True) if start + n > size)
    )
    if size == wanted:
        return cut, []
    left = f"truncated from take {cut[0]} on" if cut else "all takes are complete"
    what = f"{size} bytes instead of {wanted}: {left}"
    return cut, [Problem(where=path, what=what, shard=shard, takes=cut)]


def _misplaced(index: pa.Table) -> Iterator[tuple[str, str]]:
    """Takes with a member that is not where the one before it ends, and what is wrong."""
    position, take = 0, ""
    columns = (index[name].to_pylist() for name in ("take", "member", "offset", "size"))
    for take, member, offset, size in zip(*columns, strict=True):
        if offset != position + BLOCK or size < 0:
            yield take, f"{member} is not where the member before it ends, in the index"
        position = offset + padded(size)
    if position + len(tar_end(position)) != _shard_size(index):
        yield take, "the size of the shard is not that of its members, in the index"


def _table_problems(tables: Mapping[str, pa.Table], shard: int) -> Iterator[Problem]:
    """Contradictions between the tables."""
    keys = {folder: set(table["take"].to_pylist()) for folder, table in tables.items()}
    every = set.intersection(*keys.values())
    for take in sorted(set.union(*keys.values()) - every):
        yield take_problem(shard, take, "not in all tables of the shard")
    members: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    columns = (tables["index"][name].to_pylist() for name in ("take", "camera", "kind"))
    for take, camera, kind in zip(*columns, strict=True):
        members[take].add((kind, camera))
    for row in tables["takes"].to_pylist():
        if row["take"] in every:
            for what in pass_problems(row["take"], members[row["take"]], row["passes"] or ()):
                yield take_problem(shard, row["take"], what)


def pass_problems(take: str, found: set[tuple[str, str]], passes: Sequence[str]) -> Iterator[str]:
    """Members that the passes of a take should give and do not, or give and should not."""
    kinds = {"take", "poses", "video", *passes, *(("surfaces",) if "surface" in passes else ())}
    cameras = {camera for _, camera in found if camera}
    expected = {(kind, camera) for kind in kinds for camera in (cameras if kind in CLIP_ENDINGS else ("",))}
    for kind, camera in sorted(found ^ expected):
        with suppress(KeyError):
            verb = "is not there" if (kind, camera) in expected else "is there"
            yield f"{member_name(take, kind, camera)} {verb}, passes are {', '.join(passes) or 'none'}"


def _facts(tables: Mapping[str, pa.Table]) -> dict[str, TakeFacts]:
    """What is to be compared with ``dataset.json``, of the takes in all tables."""
    shapes: defaultdict[str, set[tuple[Any, ...]]] = defaultdict(set)
    for folder in ("takes", "poses"):
        columns = (tables[folder][name].to_pylist() for name in ("take", *SAME_IN_ALL_TAKES))
        for take, *shape in zip(*columns, strict=True):
            shapes[take].add(tuple(shape))
    videos, clips = defaultdict(list), defaultdict(list)
    index = (tables["index"][name].to_pylist() for name in ("take", "camera", "kind"))
    for take, camera, kind in zip(*index, strict=True):
        if kind == "video":
            videos[take].append(camera)
    for take, camera in zip(*(tables["poses"][name].to_pylist() for name in ("take", "camera")), strict=True):
        clips[take].append(camera)
    return {
        take: TakeFacts(shapes=frozenset(shapes[take]), videos=tuple(videos[take]), clips=tuple(clips[take]))
        for take in tables["takes"]["take"].to_pylist()
        if take in videos and take in clips
    }
