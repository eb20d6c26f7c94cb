"""Verify the files of a data set that belong to no shard, and how many takes its shards have together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from multitake.errors import InputError

from .checksums import ROOT_FILES, sha256_of_bytes
from .failures import read_failures
from .files import Files
from .format import (
    BATCH_FILES,
    CONVENTIONS,
    FAILED_FOLDER,
    IMPORTED,
    RUNS_FOLDER,
    DatasetInfo,
    conventions_of,
    shard_files,
    shard_of,
)
from .joint_index import JOINT_CHECKSUMS, JOINT_INDEX, joined_indexes, read_joint_index
from .model_captions import FOLDER
from .problems import REFILM, Problem
from .staging import check_staged
from .verify_tables import SAME_IN_ALL_TAKES, ShardTables

_REFILM_ALL_BUT_ONE = REFILM.replace("the shard's", "all but one shard's")
_RESTORE_INFO = "restore the original dataset.json"
_FINISH = "run `multitake generate` again to finish the data set"
_REWRITE_BATCH_FILES = "delete it if it is there, and run `multitake generate` with the same batch again"
_MAKE_AGAIN = "make the data set again in a new folder"
_OF_DERIVED = {
    REFILM: f"run `multitake shards repair`, or {_MAKE_AGAIN}",
    _REFILM_ALL_BUT_ONE: f"run `multitake shards repair`, or {_MAKE_AGAIN}",
    _REWRITE_BATCH_FILES: f"restore the original file, or {_MAKE_AGAIN}",
    _FINISH: "run the command that made the data set again",
}


def wrong_info(info: DatasetInfo, shards: Iterable[ShardTables]) -> dict[str, Any]:
    """Values that differ from ``dataset.json`` and are the same in all takes, by name."""
    names = (*SAME_IN_ALL_TAKES, "cameras")
    facts = [one for tables in shards for one in tables.facts.values()]
    shapes = [(*shape, len(one.videos)) for one in facts for shape in one.shapes]
    found = {name: set(values) for name, values in zip(names, zip(*shapes, strict=True), strict=False)}
    agreed = {name: next(iter(values)) for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in agreed.items() if value != getattr(info, name)}


def root_problems(
    files: Files, info: DatasetInfo, wrong: Mapping[str, Any], shards: Iterable[int]
) -> Iterator[Problem]:
    """Problems of the files that belong to no shard."""
    said = [f"{name} is {getattr(info, name)}, in every take {value}" for name, value in wrong.items()]
    planned = {
        "takes": info.planned_takes,
        "clips": info.planned_takes * info.cameras,
        "frames": info.planned_takes * info.cameras * info.frames,
        "shards": _planned_shards(info),
    }
    if not wrong and info.counts != planned:
        said.append(f"counts are {dict(info.counts)}, of these takes {planned}")
    if info.conventions not in (CONVENTIONS, conventions_of(keeps_videos=bool(info.made_from))):
        said.append("conventions are not those of this format version")
    if said:
        yield Problem(where="dataset.json", what="; ".join(said), fix=_RESTORE_INFO)
    names = files.store.names("")
    for name in ROOT_FILES:
        if name not in names:
            yield Problem(where=name, what="is missing", fix=_REWRITE_BATCH_FILES)
        elif name in BATCH_FILES or not said:
            yield from _root_damage(files, name, shards)


def _planned_shards(info: DatasetInfo) -> int:
    """How many shards there should be; those of a data set made from others can have any number of takes."""
    if info.made_from:
        return min(max(info.counts.get("shards", 1), 1), info.planned_takes)
    return -(-info.planned_takes // info.takes_per_shard)


def _root_damage(files: Files, name: str, shards: Iterable[int]) -> Iterator[Problem]:
    """The first shard whose checksums say that a file of the data set is not as it was written."""
    fix = _REWRITE_BATCH_FILES if name in BATCH_FILES else _RESTORE_INFO
    try:
        digest = sha256_of_bytes(files.content(name))
    except InputError as error:
        yield Problem(where=name, what=error.what, fix=fix)
        return
    for shard in shards:
        # A damaged checksum file is a problem of its shard.
        with suppress(InputError):
            if files.checksums(shard)[name] != digest:
                yield Problem(where=name, what=f"differs from {shard_files(shard)['checksums']}", fix=fix)
                return


def extra_problems(files: Files, shards: Iterable[int]) -> Iterator[Problem]:
    """Files that do not belong to the data set, or to no sealed shard."""
    fix = "move it to another folder, or delete it"
    folders, notes = shard_files(0), (RUNS_FOLDER, FAILED_FOLDER)
    for name in files.store.names(""):
        if name not in (*ROOT_FILES, JOINT_INDEX, "failures.jsonl", "staging", FOLDER, *notes, *folders):
            yield Problem(where=name, what="not a file of a data set", fix=fix)
        elif name in ("staging", *folders) and not files.store.is_folder(name):
            yield Problem(where=name, what="not a folder", fix=fix)
    sealed = {JOINT_CHECKSUMS, *(path for shard in shards for path in shard_files(shard).values())}
    for folder in folders:
        for name in files.store.names(folder):
            if folder == "index" and shard_of(name) is None:
                yield Problem(where=f"index/{name}", what="not the index of a shard", fix=fix)
            elif folder != "index" and f"{folder}/{name}" not in sealed:
                fix_it = f"run `multitake generate` again to finish its shard, or {fix}"
                yield Problem(where=f"{folder}/{name}", what="belongs to no sealed shard", fix=fix_it)


def joint_problems(files: Files, shards: Sequence[int]) -> Iterator[Problem]:
    """What is wrong with the joint index, if there is one."""
    if not any(files.store.exists(path) for path in (JOINT_INDEX, JOINT_CHECKSUMS)):
        return
    # A damaged index is a problem of its shard.
    with suppress(InputError):
        joint = read_joint_index(files, shards)
        if not joint or not joint.is_sound or joint.table != joined_indexes(files, shards, with_splits=True):
            what, fix = "differs from the indexes of the shards", f"delete it, and {JOINT_CHECKSUMS}"
            yield Problem(where=JOINT_INDEX, what=what, fix=fix)


def staged_problems(files: Files, info: DatasetInfo) -> Iterator[Problem]:
    """Staged takes that are not as they were staged."""
    covered = files.content("batch.toml" if info.engine.kind == IMPORTED else "dataset.json")
    for name in files.store.names("staging"):
        where = f"staging/{name}"
        try:
            check_staged(files.store.read(where), name, covered, where=where)
        except InputError as error:
            yield Problem(where=where, what=error.what, fix=error.fix)
        except OSError as error:
            yield Problem(where=where, what=f"cannot be read ({error})", fix="remove it")


def count_problems(files: Files, info: DatasetInfo, shards: Iterable[ShardTables]) -> Iterator[Problem]:
    """Takes that are in several shards or in none; an unreadable shard has none."""
    shards_of: defaultdict[str, list[int]] = defaultdict(list)
    for tables in shards:
        for take in tables.keys:
            shards_of[take].append(tables.shard)
    for take, numbers in sorted(shards_of.items()):
        if len(numbers) > 1:
            what = f"take {take} is in shards {', '.join(f'{shard:05d}' for shard in numbers)}"
            yield Problem(where="index", what=what, fix=_REFILM_ALL_BUT_ONE, shard=numbers[-1], takes=(take,))
    failed: set[str] = set()
    if "failures.jsonl" in files.store.names(""):
        try:
            failed = set(read_failures(files.content("failures.jsonl"), "failures.jsonl"))
            if not failed:
                yield Problem(where="failures.jsonl", what="is empty", fix="delete it")
        except InputError as error:
            yield Problem(where="failures.jsonl", what=error.what, fix=error.fix)
    if info.planned_takes != len(shards_of.keys() | failed):
        what = f"{len(shards_of)} of {info.planned_takes} planned takes are sealed, {len(failed)} failed"
        yield Problem(where="dataset.json", what=what, fix=_FINISH)


def fixed_otherwise(problem: Problem) -> Problem:
    """A problem of a data set that was made from others: nothing can be filmed again."""
    return replace(problem, fix=_OF_DERIVED.get(problem.fix, problem.fix))
