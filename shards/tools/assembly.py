"""A data set that is put together from takes of others: shards are copied whole, or sealed from members."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from multitake.counts import many
from multitake.errors import InputError

from ..checksums import sha256_of_bytes
from ..format import DatasetInfo, info_bytes, shard_files
from ..joint_index import remove_joint_index
from ..progress import Progress
from ..sealing import TakeMember, index_for, seal_takes, write_seal
from ..shard_members import checked_members, members_by_take
from ..stores import Store
from ..writing import DatasetWriter
from .copying import copy_file
from .salvage import Salvage
from .sources import Source
from .take_names import renamed


@dataclass(frozen=True, kw_only=True)
class ShardPart:
    """Takes of one sealed shard, in its order, that go to the same new shard: new keys by old ones."""

    source: Source
    shard: int
    keys: Mapping[str, str]
    is_whole: bool

    @property
    def is_copy(self) -> bool:
        """Whether the files of the shard can stay as they are."""
        return self.is_whole and all(old == new for old, new in self.keys.items())

    def takes(self) -> Iterator[list[TakeMember]]:
        """The members of each take, checked against the index; InputError if they are damaged."""
        files = self.source.files
        members = members_by_take(files.index(self.shard))
        for old, new in self.keys.items():
            yield renamed(checked_members(files, self.shard, members[old]), new)


NewShard = tuple[ShardPart | Salvage, ...]


@dataclass(kw_only=True)
class Assembled:
    """What was done to write a data set.

    Attributes:
        found: shards that an earlier run of the same command had sealed.
        copied: shards whose files stayed as they are.
        sealed: shards that were sealed again from members.
    """

    address: str
    takes: int
    found: int = 0
    copied: int = 0
    sealed: int = 0

    def lines(self) -> Iterator[str]:
        """What to print about it."""
        shards = many(self.found + self.copied + self.sealed, "shard")
        yield f"{self.address}: {many(self.takes, 'take')} in {shards}"
        parts = {"copied whole": self.copied, "sealed again": self.sealed, "resumed": self.found}
        yield "  shards " + ", ".join(f"{what}: {count}" for what, count in parts.items())


def parts_of(source: Source, keys: Mapping[str, str]) -> Iterator[ShardPart]:
    """The chosen takes of a data set (new keys by old ones) by shards, in the order of the data set."""
    for shard, of_shard in source.sealed.items():
        kept = {key: keys[key] for key in of_shard if key in keys}
        if kept:
            yield ShardPart(source=source, shard=shard, keys=kept, is_whole=len(kept) == len(of_shard))


def new_shards(parts: Iterable[ShardPart], *, most_takes: int) -> Iterator[NewShard]:
    """Whole shards as they are; takes of parts between them join, up to ``most_takes`` in a shard."""
    waiting: list[ShardPart] = []
    for part in parts:
        takes = sum(len(one.keys) for one in waiting)
        if waiting and (part.is_copy or takes + len(part.keys) > most_takes):
            yield tuple(waiting)
            waiting = []
        if part.is_copy:
            yield (part,)
        else:
            waiting.append(part)
    if waiting:
        yield tuple(waiting)


@dataclass(frozen=True, kw_only=True)
class Assembly:
    """A data set to write: its ``dataset.json``, the files of its batch by name, and its shards."""

    out: str
    info: DatasetInfo
    files: Mapping[str, str]
    shards: Sequence[NewShard]
    may_link: bool = True

    @cached_property
    def writer(self) -> DatasetWriter:
        """The writer of the data set."""
        return DatasetWriter(self.out)

    def write(self, progress: Progress) -> Assembled:
        """Write what is not there yet.

        InputError if the address has something else, or if a source is damaged.
        """
        done = Assembled(address=self.out, takes=self.info.planned_takes)
        with self.writer.locked():
            self._check_same_command()
            self.writer.create(self.info, self.files)
            for number, parts in enumerate(self.shards):
                progress.show(
                    f"shard {number + 1} of {len(self.shards)}", done=number, total=len(self.shards)
                )
                self._write_shard(number, parts, done)
            self.writer.finish()
        return done

    def _write_shard(self, number: int, parts: NewShard, done: Assembled) -> None:
        keys = tuple(key for part in parts for key in part.keys.values())
        if self.writer.counts.sealed.get(number) == keys:
            done.found += 1
            return
        if number in self.writer.counts.sealed:
            where = f"{self.out}/{shard_files(number)['index']}"
            raise InputError("sealed with other takes", where=where, fix="give a new folder")
        self.writer.check_lock()
        remove_joint_index(self.writer.store)
        first = parts[0]
        if isinstance(first, ShardPart) and first.is_copy:
            copy_shard(first, self.writer.store, number, may_link=self.may_link)
            done.copied += 1
        else:
            takes = (take for part in parts for take in part.takes())
            seal_takes(self.writer.store, number, takes, root=self.writer.store)
            done.sealed += 1
        self.writer.counts.add_sealed(number, keys)

    def _check_same_command(self) -> None:
        """InputError if the address has a data set that another command made."""
        store = self.writer.store
        with store.reporting():
            if store.exists("dataset.json") and store.read("dataset.json") != info_bytes(self.info):
                fix = "give a new folder, or repeat the command that made it with the same sources"
                raise InputError("there is another data set", where=self.out, fix=fix)


def copy_shard(part: ShardPart, target: Store, number: int, *, may_link: bool) -> None:
    """Copy the files of a shard; its index is written again if it has another number."""
    files, old, new = part.source.files, shard_files(part.shard), shard_files(number)
    known = files.checksums(part.shard)
    for folder in ("shards", "poses", "takes"):
        copy_file(files.store, old[folder], target, new[folder], sha256=known[old[folder]], may_link=may_link)
    is_same = part.shard == number
    index = (
        files.sealed_content(old["index"], part.shard)
        if is_same
        else index_for(files.index(part.shard), number)
    )
    digests = {new[folder]: known[old[folder]] for folder in ("shards", "poses", "takes")}
    write_seal(target, number, digests | {new["index"]: sha256_of_bytes(index)}, index, root=target)
