"""Verify: read every file of a data set, and report all damage and all contradictions."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from multitake.errors import InputError

from .checksums import ROOT_FILES, sha256_of_bytes
from .failures import read_failures
from .files import Files
from .format import BATCH_FILES, CONVENTIONS, FAILED_FOLDER, RUNS_FOLDER, DatasetInfo, shard_files, shard_of
from .joint_index import JOINT_CHECKSUM, JOINT_INDEX, joined_indexes, read_joint_index
from .model_captions import FOLDER
from .staging import check_staged
from .verify_shard import REFILM, SAME_IN_ALL_TAKES, Problem, StoredTables, shard_problems, shard_tables

NOT_CHECKED = (
    "hidden files; batch.toml and catalog.toml before a shard is sealed; staged takes beyond their digest; "
    "tars of shards whose tables are damaged; captions of models; surface ids of other frames than the first "
    "and the last; what the images show"
)
_REFILM_ALL_BUT_ONE = REFILM.replace("the shard's", "all but one shard's")
_RESTORE_INFO = "restore the original dataset.json"
_REWRITE_BATCH_FILES = "delete it if it is there, and run `multitake generate` with the same batch again"


def verify_dataset(url: str | Path) -> list[Problem]:
    """All problems of a data set, in order of shards.

    Compares every file with its checksums, tar headers and tables with the shards, and ``dataset.json`` with
    the takes; checks rotations and counts, decodes every video, checks triangles, joints and surface
    ids, and names files that do not belong to the data set. ``NOT_CHECKED`` is what it does not look at.
    InputError if it is not a data set.
    """
    files = Files(url)
    info = files.info()
    stored = {shard: StoredTables.read(files, shard) for shard in files.sealed_shards()}
    wrong = _wrong_info(info, stored.values())
    problems = [
        *_root_problems(files, info, wrong, stored),
        *_extra_problems(files, stored),
        *_staged_problems(files),
    ]
    info = replace(info, **wrong)
    for shard, tables in stored.items():
        try:
            problems += shard_problems(files, info, shard, shard_tables(files, shard, tables))
        except InputError as error:
            problems += _damaged_files(files, shard) or [_problem(files, error)]
    return [*problems, *_joint_problems(files, stored), *_count_problems(files, info, stored)]


def _joint_problems(files: Files, shards: Iterable[int]) -> Iterator[Problem]:
    """What is wrong with the joint index, if there is one."""
    if JOINT_INDEX not in files.store.names(""):
        return
    sealed = tuple(shards)
    with suppress(InputError):
        if read_joint_index(files, sealed) != joined_indexes(files, sealed, with_splits=True):
            fix = "delete it, or run `multitake shards repair` to write it again"
            yield Problem(where=JOINT_INDEX, what="differs from the indexes of the shards", fix=fix)


def _wrong_info(info: DatasetInfo, stored: Iterable[StoredTables]) -> dict[str, Any]:
    """Values of the takes that differ from ``dataset.json`` and are the same in all takes, by name."""
    found: dict[str, set[Any]] = {name: set() for name in (*SAME_IN_ALL_TAKES, "cameras")}
    for tables in stored:
        try:
            takes, index = tables.checked_takes(), tables.checked_index()
        except InputError:
            continue
        for name in SAME_IN_ALL_TAKES:
            found[name] |= set(takes[name].to_pylist())
        videos = index.filter(pc.equal(index["kind"], "video"))
        found["cameras"] |= set(Counter(videos["take"].to_pylist()).values())
    agreed = {name: next(iter(values)) for name, values in found.items() if len(values) == 1}
    return {name: value for name, value in agreed.items() if value != getattr(info, name)}


def _root_problems(
    files: Files, info: DatasetInfo, wrong: Mapping[str, Any], shards: Iterable[int]
) -> Iterator[Problem]:
    """Problems of the files that belong to no shard."""
    said = [f"{name} is {getattr(info, name)}, in every take {value}" for name, value in wrong.items()]
    planned = {
        "takes": info.planned_takes,
        "clips": info.planned_takes * info.cameras,
        "frames": info.planned_takes * info.cameras * info.frames,
        "shards": -(-info.planned_takes // info.takes_per_shard),
    }
    if not wrong and info.counts != planned:
        said.append(f"counts are {dict(info.counts)}, of these takes {planned}")
    if info.conventions != CONVENTIONS:
        said.append("conventions are not those of this format version")
    if said:
        yield Problem(where="dataset.json", what="; ".join(said), fix=_RESTORE_INFO)
    names = files.store.names("")
    for name in ROOT_FILES:
        if name not in names:
            yield Problem(where=name, what="is missing", fix=_REWRITE_BATCH_FILES)
        elif name in BATCH_FILES or not said:
            yield from _root_damage(files, name, shards)


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


def _extra_problems(files: Files, shards: Iterable[int]) -> Iterator[Problem]:
    """Files that do not belong to the data set, or to no sealed shard."""
    fix = "move it to another folder, or delete it"
    folders, notes = shard_files(0), (RUNS_FOLDER, FAILED_FOLDER)
    for name in files.store.names(""):
        if name not in (*ROOT_FILES, JOINT_INDEX, "failures.jsonl", "staging", FOLDER, *notes, *folders):
            yield Problem(where=name, what="not a file of a data set", fix=fix)
        elif name in ("staging", *folders) and not files.store.is_folder(name):
            yield Problem(where=name, what="not a folder", fix=fix)
    sealed = {path for shard in shards for path in shard_files(shard).values()}
    for folder in folders:
        for name in files.store.names(folder):
            if folder == "index" and shard_of(name) is None:
                yield Problem(where=f"index/{name}", what="not the index of a shard", fix=fix)
            elif folder != "index" and f"{folder}/{name}" not in {*sealed, JOINT_CHECKSUM}:
                fix_it = f"run `multitake generate` again to finish its shard, or {fix}"
                yield Problem(where=f"{folder}/{name}", what="belongs to no sealed shard", fix=fix_it)


def _staged_problems(files: Files) -> Iterator[Problem]:
    info = files.content("dataset.json")
    for name in files.store.names("staging"):
        where = f"staging/{name}"
        try:
            check_staged(files.store.read(where), name, info, where=where)
        except InputError as error:
            yield Problem(where=where, what=error.what, fix=error.fix)
        except OSError as error:
            yield Problem(where=where, what=f"cannot be read ({error})", fix="remove it")


def _damaged_files(files: Files, shard: int) -> list[Problem]:
    """The tables of a shard that are missing or differ from its checksums; or its checksum file."""
    found = {}
    for folder in ("poses", "takes", "index"):
        try:
            files.sealed_content(shard_files(shard)[folder], shard)
        except InputError as error:
            found[error.where] = _problem(files, error)
    return list(found.values())


def _problem(files: Files, error: InputError) -> Problem:
    return Problem(where=error.where.removeprefix(f"{files.url}/"), what=error.what)


def _count_problems(files: Files, info: DatasetInfo, stored: Mapping[int, StoredTables]) -> Iterator[Problem]:
    """Takes that are in several shards or in none; an unreadable index has none."""
    shards_of: defaultdict[str, list[int]] = defaultdict(list)
    for shard, tables in stored.items():
        with suppress(InputError):
            for take in dict.fromkeys(tables.checked_index()["take"].to_pylist()):
                shards_of[take].append(shard)
    for take, shards in sorted(shards_of.items()):
        if len(shards) > 1:
            named = ", ".join(f"{shard:05d}" for shard in shards)
            yield Problem(where="index", what=f"take {take} is in shards {named}", fix=_REFILM_ALL_BUT_ONE)
    failed: set[str] = set()
    if "failures.jsonl" in files.store.names(""):
        try:
            failed = set(read_failures(files.content("failures.jsonl"), "failures.jsonl"))
            if not failed:
                yield Problem(where="failures.jsonl", what="is empty", fix="delete it")
        except InputError as error:
            yield Problem(where="failures.jsonl", what=error.what, fix=error.fix)
    missing = info.planned_takes - len(shards_of.keys() | failed)
    if missing:
        what = f"{len(shards_of)} of {info.planned_takes} planned takes are sealed, {len(failed)} failed"
        yield Problem(
            where="dataset.json", what=what, fix="run `multitake generate` again to finish the data set"
        )
