"""Importing a published data set. The main path is ``import_dataset``.

``batch.toml`` is written first, and says what is done with the source. Takes are staged one by one, and
sealed when the source has ended: only then it is known which takes there are. ``dataset.json`` says that, so
a run that was killed later reads the source no more.
"""

import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path

from multitake.errors import InputError
from multitake.progress import ProgressLine

from ..addresses import check_new_address, is_inside
from ..failures import Failure, failure_lines
from ..folder_store import FolderStore
from ..format import info_bytes, shard_files
from ..joint_index import write_joint_index
from ..sealing import TakeMember, seal_takes
from ..staging import StagedTakeError, stage_take, staged_fragment, staged_path
from ..stores import Store, store_at
from ..take_counts import TakeCounts
from ..tar import tar_members
from .captions import read_captions
from .collecting import Collected, collect
from .describing import described, odd_takes, staged_takes
from .layout import in_order
from .report import ImportReport, damaged_report, import_report
from .scenes import FORMATS, SceneReader
from .settings import CATALOG, ImportOptions, batch_text, check_same_batch
from .sources import Tree, source_of
from .splits import read_splits

ROOT_FILE = "batch.toml"


def import_dataset(
    sources: Sequence[str],
    *,
    out: str | Path | Store,
    options: ImportOptions,
    progress: ProgressLine | None = None,
) -> ImportReport:
    """Import a folder tree or an archive as a data set; the same call resumes.

    Equal sources give equal bytes, also a tree and an archive of it. InputError for an invalid option, a
    source that is refused, or a folder of something else.
    """
    check_new_address(out)
    store, reader = store_at(out), _scene_reader(options)
    source = source_of(sources, spill=options.spill or _spill_beside(store), progress=progress)
    if isinstance(source, Tree) and (is_inside(store, source.root) or is_inside(source.root, store)):
        raise InputError("the result is in its source", where=f"--out {store}", fix="give another folder")
    batch = batch_text(options)
    _check_folder(store, batch)
    with store.locked(ROOT_FILE), closing(source):
        _prepare(store, batch)
        counts, found = TakeCounts(store, is_checked=True).refresh(), Collected()
        if not _is_complete(store, counts):
            stage = partial(stage_take, store, root_file=ROOT_FILE)
            found = collect(source, reader, done=_done(store, counts), stage=stage, progress=progress)
            if found.damage and not options.accepts_incomplete:
                return damaged_report(counts.refresh(), found)
            _describe(store, counts.refresh(), found, options)
            _check_counts(store, counts.refresh())
        damaged = _seal(store, counts.refresh(), options, progress)
        return import_report(counts.refresh(), source, found, reader, damaged)


def _scene_reader(options: ImportOptions) -> SceneReader:
    if options.format not in FORMATS:
        what = f"unknown format {options.format!r}"
        raise InputError(what, where="--from", fix=f"use one of {', '.join(FORMATS)}")
    return SceneReader(
        format=FORMATS[options.format],
        captions=read_captions(options.captions) if options.captions else {},
        splits=read_splits(options.splits),
        reencodes=options.reencodes,
    )


def _spill_beside(store: Store) -> Path:
    if isinstance(store, FolderStore):
        return store.root.with_name(f"{store.root.name}.import")
    digest = hashlib.sha256(str(store).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"multitake-import-{digest}"


def _check_folder(store: Store, batch: str) -> None:
    """InputError unless the folder can take this import, or contains it already."""
    with store.reporting():
        if store.exists(ROOT_FILE):
            check_same_batch(store.read(ROOT_FILE), batch, where=f"{store}/{ROOT_FILE}")
        elif store.names():
            fix = "give a new or empty folder"
            raise InputError("the folder is not empty and not an import", where=str(store), fix=fix)


def _prepare(store: Store, batch: str) -> None:
    """What says that this is an import, and then the folders."""
    with store.reporting():
        if not store.exists(ROOT_FILE):
            store.write(ROOT_FILE, batch)
        store.prepare((*shard_files(0), "staging"))
        if not store.exists("catalog.toml"):
            store.write("catalog.toml", CATALOG)


def _is_complete(store: Store, counts: TakeCounts) -> bool:
    """Whether all takes that ``dataset.json`` says are staged or sealed, or failed."""
    return store.exists("dataset.json") and not counts.left


def _done(store: Store, counts: TakeCounts) -> set[str]:
    """The takes that need not be read again; failures are final when ``dataset.json`` is written."""
    sealed = {take for takes in counts.sealed.values() for take in takes}
    return sealed | counts.staged | (set(counts.failures) if store.exists("dataset.json") else set())


def _describe(store: Store, counts: TakeCounts, found: Collected, options: ImportOptions) -> None:
    """Write ``failures.jsonl`` and ``dataset.json``, unless they are there.

    InputError if no take can be imported.
    """
    if store.exists("dataset.json"):
        return
    takes = staged_takes(store, counts.staged)
    odd = odd_takes(takes)
    incomplete = {key: f"{files} is missing" for key, files in found.incomplete.items()}
    reasons = found.failed | incomplete | odd
    good = {key: take for key, take in takes.items() if key not in odd}
    if not good:
        example = next((f" ({key}: {reason})" for key, reason in reasons.items()), "")
        raise InputError(f"no scene can be imported{example}", where=str(store), fix="check the source")
    _write_failures(store, reasons, in_order({*takes, *reasons}))
    for key in odd:
        store.remove(staged_path(key))
    store.write("dataset.json", info_bytes(described(good, options, failed=len(reasons))))


def _check_counts(store: Store, counts: TakeCounts) -> None:
    """InputError unless there are as many takes as ``dataset.json`` says."""
    expected = TakeCounts(store).info.planned_takes - len(counts.failures)
    if counts.done != expected:
        what = f"{counts.done} takes were found, at first {expected}"
        raise InputError(what, where=str(store), fix="give the source that the import began with")


def _write_failures(store: Store, reasons: Mapping[str, str], ordered: Sequence[str]) -> None:
    failures = [
        Failure(take=key, number=number, attempts=1, reason=reasons[key])
        for number, key in enumerate(ordered)
        if key in reasons
    ]
    if failures:
        store.write("failures.jsonl", failure_lines(failures))
    else:
        store.remove("failures.jsonl")


def _seal(
    store: Store, counts: TakeCounts, options: ImportOptions, progress: ProgressLine | None
) -> str | None:
    """Seal all takes in their order; the name of a staged take that is damaged, and was removed."""
    sealed = {take for takes in counts.sealed.values() for take in takes}
    keys, per_shard = in_order(sealed | counts.staged), options.takes_per_shard
    shards = -(-len(keys) // per_shard)
    for shard in range(shards):
        takes = keys[shard * per_shard : (shard + 1) * per_shard]
        if progress:
            progress.show(f"shard {shard + 1} of {shards}", done=shard, total=shards)
        if shard not in counts.sealed:
            try:
                seal_takes(store, shard, (_members(store, take) for take in takes), root=store)
            except StagedTakeError as error:
                damaged = error.where.rpartition("/")[2].removesuffix(".tar")
                store.remove(staged_path(damaged))
                return damaged
        for take in takes:
            store.remove(staged_path(take))
    write_joint_index(store)
    return None


def _members(store: Store, take: str) -> list[TakeMember]:
    content = staged_fragment(store, take, root_file=ROOT_FILE)
    return [
        TakeMember(name=member.name, content=content[member.offset : member.offset + member.size])
        for member in tar_members(content)
    ]
