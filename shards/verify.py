"""Verify: read every file of a data set, and report all damage and all contradictions."""

import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from multitake.errors import InputError
from multitake.randomness import rng_for

from .files import Files
from .format import DatasetInfo
from .ordered_work import in_order
from .problems import Problem
from .progress import Progress
from .stores import Store
from .take_counts import READERS
from .verify_root import (
    count_problems,
    extra_problems,
    fixed_otherwise,
    joint_problems,
    root_problems,
    staged_problems,
    wrong_info,
)
from .verify_shard import ShardEnd, TakeJob, job_problems, shard_jobs
from .verify_tables import ShardTables, info_problems, problem_of, read_shard_tables

_NEVER_CHECKED = "hidden files; batch.toml and catalog.toml before a shard is sealed; captions of models"
_NOT_IN_TAKES = "surface ids of other frames than the first and the last; what the images show"
NOT_CHECKED = (
    f"{_NEVER_CHECKED}; staged takes beyond their digest; tars of shards whose tables are damaged; "
    f"{_NOT_IN_TAKES}"
)

# Starting a process takes about as long as verifying so much.
_BYTES_PER_WORKER = 2**24


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How much of the tars is read; all else is always checked, but staged takes only with all of the tars.

    Attributes:
        sample: how many takes of all, chosen by ``seed``; None is all of them, and what is around them.
    """

    sample: int | None = None
    seed: int = 0

    @property
    def not_checked(self) -> str:
        """What is not looked at."""
        if self.sample is None:
            return NOT_CHECKED
        takes = f"the tars but for {self.sample} takes" if self.sample else "the tars but for their sizes"
        about = f"; {_NOT_IN_TAKES}" if self.sample else "; poses"
        return f"{_NEVER_CHECKED}; staged takes; {takes}{about}"


FULL, QUICK = Extent(), Extent(sample=0)


def verify_dataset(
    address: str | Path | Store,
    *,
    extent: Extent = FULL,
    workers: int | None = 1,
    progress: Progress | None = None,
) -> list[Problem]:
    """All problems of a data set, in order of shards; the same for any number of workers.

    ``workers`` are processes; None is one per core, or fewer if there is little to do.

    Compares every file with its checksums, tar headers and tables with the shards, and ``dataset.json`` with
    the takes; checks rotations and counts, decodes every video, checks triangles, joints and surface
    ids, and names files that do not belong to the data set. ``Extent.not_checked`` is what it does not look
    at. InputError if it is not a data set.
    """
    return list(examined(Files(address), extent=extent, workers=workers, progress=progress).problems)


@dataclass(frozen=True, kw_only=True)
class Examination:
    """The problems of a data set, and what the tables of its sealed shards say."""

    shards: Mapping[int, ShardTables]
    problems: tuple[Problem, ...]


def examined(files: Files, *, extent: Extent, workers: int | None, progress: Progress | None) -> Examination:
    """Verify a data set, see ``verify_dataset``."""
    info, numbers = files.info(), files.sealed_shards()
    with ThreadPoolExecutor(READERS) as readers:
        shards = dict(zip(numbers, readers.map(partial(read_shard_tables, files), numbers), strict=True))
    wrong = wrong_info(info, shards.values())
    problems = [*root_problems(files, info, wrong, shards), *extra_problems(files, shards)]
    if extent.sample is None:
        problems += staged_problems(files, info)
    problems += joint_problems(files, numbers)
    problems += _shard_problems(files, replace(info, **wrong), shards, extent, workers, progress)
    problems += count_problems(files, info, shards.values())
    if info.made_from:
        problems = list(map(fixed_otherwise, problems))
    return Examination(shards=shards, problems=tuple(problems))


def _shard_problems(
    files: Files,
    info: DatasetInfo,
    shards: Mapping[int, ShardTables],
    extent: Extent,
    workers: int | None,
    progress: Progress | None,
) -> Iterator[Problem]:
    """The problems of each shard: of its tables, then of its tar."""
    of_tables = {n: [*tables.problems, *info_problems(tables, info)] for n, tables in shards.items()}
    of_tars: dict[int, list[Problem]] = {shard: [] for shard in shards}
    takes = _chosen(shards, extent)
    jobs, total = _jobs(files, shards, takes, extent, of_tars), sum(map(len, takes.values()))
    if workers is None:
        stored = sum(shards[shard].size for shard, keys in takes.items() if keys)
        workers = min(len(os.sched_getaffinity(0)), total, stored // _BYTES_PER_WORKER)
    for done, found in enumerate(in_order(job_problems, jobs, workers=workers)):
        if progress:
            progress.show(f"take {min(done + 1, total)} of {total}", done=done, total=total)
        for problem in found:
            # A damaged take is why the sha256 of its shard is another.
            if problem.takes or not of_tars[problem.shard or 0]:
                of_tars[problem.shard or 0].append(problem)
    for shard in shards:
        yield from dict.fromkeys((*of_tables[shard], *of_tars[shard]))


def _chosen(shards: Mapping[int, ShardTables], extent: Extent) -> dict[int, frozenset[str]]:
    """The takes of each shard that are to be read; not those that its tar ends before."""
    every = [
        (shard, key)
        for shard, tables in shards.items()
        if tables.is_sound
        for key in tables.keys
        if key not in tables.unreadable
    ]
    if extent.sample is not None:
        rng, count = rng_for(extent.seed, "verify"), min(extent.sample, len(every))
        every = [every[place] for place in rng.choice(len(every), count, replace=False)] if count else []
    chosen: dict[int, set[str]] = {shard: set() for shard in shards}
    for shard, key in every:
        chosen[shard].add(key)
    return {shard: frozenset(keys) for shard, keys in chosen.items()}


def _jobs(
    files: Files,
    shards: Mapping[int, ShardTables],
    takes: Mapping[int, frozenset[str]],
    extent: Extent,
    problems: Mapping[int, list[Problem]],
) -> Iterator[TakeJob | ShardEnd]:
    """The takes to be read, shard by shard; errors of tables become ``problems`` of their shard."""
    for shard, tables in shards.items():
        is_all = extent.sample is None and tables.is_sound and tables.is_complete
        if takes[shard] or is_all:
            try:
                yield from shard_jobs(files, shard, takes[shard], has_end=is_all)
            except InputError as error:
                problems[shard].append(replace(problem_of(files, error, shard), takes=tables.keys))
