"""A damaged data set without what is damaged: `shards repair`."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from multitake.errors import InputError

from ..addresses import check_new_address
from ..checksums import ROOT_FILES, sha256_of_bytes
from ..failures import Failure, failure_lines, read_failures
from ..files import Files
from ..format import shard_files
from ..joint_index import JOINT_INDEX, remove_joint_index, write_joint_index
from ..problems import Problem
from ..progress import Progress
from ..stores import Store, store_at
from ..verify import FULL, QUICK, examined, verify_dataset
from .assembly import Assembly, NewShard, ShardPart
from .descriptions import batch_files_of, derived_info
from .exchange import exchange_shard, finish_exchanges, remove_shard
from .salvage import Salvage, salvage
from .sources import Source, check_apart

_MISPRINTS = 2
# A repair that is killed has removed the joint index, and the next one writes it again.
_HAD_JOINT_INDEX = ".had-joint-index"
_NUMBER = re.compile(r"[0-9]{1,18}\Z")


@dataclass(frozen=True, kw_only=True)
class Repaired:
    """What was done to a data set.

    Attributes:
        dropped: why takes were removed, by key.
        shards: those that were sealed again, or removed as they have no sound take.
        unproven: those of them whose takes could be decoded, but have no checksums any more.
        left: problems that remain.
    """

    address: str
    dropped: dict[str, str] = field(default_factory=dict)
    shards: tuple[int, ...] = ()
    unproven: tuple[int, ...] = ()
    left: tuple[Problem, ...] = ()

    def lines(self) -> Iterator[str]:
        """What to print about it."""
        for take, reason in self.dropped.items():
            yield f"dropped {take}: {reason}"
        for shard in self.unproven:
            yield f"shard {shard:05d}: no checksums of its takes are left; kept what can be decoded"
        for problem in self.left:
            yield f"left: {problem}"
        shards = ", ".join(f"{shard:05d}" for shard in self.shards) or "none"
        yield f"{self.address}: shards sealed again: {shards}; takes dropped: {len(self.dropped)}"


def repair_dataset(
    dataset: str | Path | Store,
    out: str | None = None,
    *,
    workers: int | None = 1,
    progress: Progress,
    may_link: bool = True,
) -> Repaired:
    """Drop damaged takes, seal their shards again, and make lost tables and indexes again from the tars.

    In place; or as a new data set at ``out``, and the damaged one stays as it is. A sound shard is not
    touched. In place, dropped takes are noted in ``failures.jsonl``. The same command finishes a killed
    one. InputError if ``dataset.json`` or a file of the batch is damaged, and if no sound take is left.
    """
    if out is None:
        store = store_at(dataset)
        Files(store).info()
        with store.locked("dataset.json"), store.reporting():
            finish_exchanges(store)
            damage = _examined(Files(store), workers, progress)
            return _repaired_in_place(store, damage)
    check_new_address(out)
    check_apart(out, files := Files(dataset))
    damage = _examined(files, workers, progress)
    return _repaired_copy(out, damage, progress, may_link=may_link)


@dataclass(frozen=True, kw_only=True)
class _Damage:
    """A data set, with the keys of its sound shards and what is left of the others."""

    source: Source
    salvages: tuple[Salvage, ...]

    @property
    def dropped(self) -> dict[str, str]:
        return {take: reason for one in self.salvages for take, reason in one.dropped.items()}

    @property
    def unproven(self) -> tuple[int, ...]:
        return tuple(one.shard for one in self.salvages if one.kept and not one.is_proven)


def _examined(files: Files, workers: int | None, progress: Progress) -> _Damage:
    """Verify a data set, and find what is left of its damaged shards; InputError if nothing is."""
    info = files.info()
    found = examined(files, extent=FULL, workers=workers, progress=progress)
    tables = found.shards
    _check_root_files(files, tables)
    damaged = {problem.shard for problem in found.problems if problem.shard is not None}
    damaged |= {shard for shard in tables if _is_misprinted(files, shard)}
    lost = {number for number in map(_tar_number, files.store.names("shards")) if number is not None}
    sealed = {shard: one.keys for shard, one in tables.items() if shard not in damaged}
    elsewhere = {key for keys in sealed.values() for key in keys}
    salvages = []
    for shard in sorted(damaged | (lost - tables.keys())):
        known = tables[shard].keys if shard in tables else ()
        salvages.append(salvage(files, shard, info, known=known, elsewhere=elsewhere))
        elsewhere |= salvages[-1].kept.keys()
    if not elsewhere:
        raise InputError("no sound take is left", where=files.url, fix="make the data set again")
    return _Damage(source=Source(files=files, info=info, sealed=sealed), salvages=tuple(salvages))


def _repaired_in_place(store: Store, damage: _Damage) -> Repaired:
    _note_dropped(store, damage)
    has_joint_index = store.exists(JOINT_INDEX) or store.exists(_HAD_JOINT_INDEX)
    if damage.salvages:
        if has_joint_index:
            store.write(_HAD_JOINT_INDEX, b"")
        remove_joint_index(store)
    for one in damage.salvages:
        if one.kept:
            exchange_shard(store, one)
        else:
            remove_shard(store, one.shard)
    finish_exchanges(store)
    if has_joint_index:
        write_joint_index(store)
    store.remove(_HAD_JOINT_INDEX)
    return Repaired(
        address=str(store),
        dropped=damage.dropped,
        shards=tuple(one.shard for one in damage.salvages),
        unproven=damage.unproven,
        left=tuple(verify_dataset(store, extent=QUICK)),
    )


def _repaired_copy(out: str, damage: _Damage, progress: Progress, *, may_link: bool) -> Repaired:
    """Write what is left as a new data set."""
    source = damage.source
    whole: Iterable[ShardPart | Salvage] = (
        ShardPart(source=source, shard=shard, keys={key: key for key in keys}, is_whole=True)
        for shard, keys in source.sealed.items()
    )
    left = (one for one in damage.salvages if one.kept)
    parts = sorted((*whole, *left), key=lambda part: part.shard)
    shards: tuple[NewShard, ...] = tuple((part,) for part in parts)
    takes = sum(len(part.keys) for part in parts)
    info = derived_info([source], command="shards repair", takes=takes, shards=len(shards))
    files = batch_files_of([source])
    assembly = Assembly(out=out, info=info, files=files, shards=shards, may_link=may_link)
    assembly.write(progress)
    return Repaired(
        address=out,
        dropped=damage.dropped,
        shards=tuple(number for number, part in enumerate(parts) if isinstance(part, Salvage)),
        unproven=damage.unproven,
        left=tuple(verify_dataset(out, extent=QUICK)),
    )


def _note_dropped(store: Store, damage: _Damage) -> None:
    """Add the dropped takes to ``failures.jsonl``, before they are removed."""
    if not damage.dropped:
        return
    failures: dict[str, Failure] = {}
    with suppress(FileNotFoundError):
        failures = read_failures(store.read("failures.jsonl"), f"{store}/failures.jsonl")
    for take, reason in damage.dropped.items():
        number = int(found[0]) if (found := _NUMBER.search(take)) else 0
        failures[take] = Failure(take=take, number=number, attempts=1, reason=f"damaged: {reason}")
    store.write("failures.jsonl", failure_lines(failures.values()))


def _check_root_files(files: Files, shards: Iterable[int]) -> None:
    """InputError unless the files of the data set are those that a shard was sealed with."""
    known = []
    for shard in shards:
        with suppress(InputError):
            known.append(files.checksums(shard))
    for name in ROOT_FILES:
        digest = sha256_of_bytes(files.content(name))
        if known and all(digests[name] != digest for digests in known):
            fix = "restore the original file; no shard has it"
            raise InputError("is damaged", where=files.address(name), fix=fix)


def _is_misprinted(files: Files, shard: int) -> bool:
    """Whether a checksum file is that of this data set but for a character or two of its digests.

    With more differences it is that of another data set.
    """
    try:
        digests = files.checksums(shard)
    except InputError:
        return False
    pairs = ((digests[name], sha256_of_bytes(files.content(name))) for name in ROOT_FILES)
    differences = sum(one != other for pair in pairs for one, other in zip(*pair, strict=True))
    return 0 < differences <= _MISPRINTS


def _tar_number(name: str) -> int | None:
    """The number of a shard by the name of its tar; None for another name."""
    found = re.fullmatch(r"([0-9]{5,})\.tar", name)
    return int(found[1]) if found and shard_files(int(found[1]))["shards"] == f"shards/{name}" else None
