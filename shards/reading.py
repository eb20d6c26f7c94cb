"""The plain reader of a data set at any fsspec address; it reads only the byte ranges that are needed."""

import hashlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import fields
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from multitake.errors import InputError

from .files import Files
from .format import RESTORE, DatasetInfo, TakeRow, member_name, shard_files, take_row
from .joint_index import check_none_lost, joined_indexes, read_joint_index
from .model_captions import FOLDER, ModelCaptions, read_model_captions
from .tables import ShardPoses, clips_table, shard_poses, takes_table
from .take_index import TakeIndex
from .takes import Member, Take, member_of

if TYPE_CHECKING:
    import pandas as pd

# Of the index; the key of a take is known, and the names of its members follow from it.
_MEMBER_COLUMNS = ("shard", *(one.name for one in fields(Member) if one.name not in ("take", "member")))


class Dataset:
    """The sealed takes of a data set, in order of shards."""

    def __init__(self, files: Files, info: DatasetInfo, shards: tuple[int, ...], index: TakeIndex) -> None:
        self.files = files
        self.info = info
        self.shards = shards
        self._index = index

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all takes, in their order."""
        return self._index.keys

    def __len__(self) -> int:
        return len(self.keys)

    def __iter__(self) -> Iterator[Take]:
        return (self.take(key) for key in self.keys)

    @cached_property
    def takes(self) -> tuple[TakeRow, ...]:
        """The take table, in the order of ``keys``."""
        tables = (self.files.takes(shard).to_pylist() for shard in self.shards)
        return tuple(take_row(record) for table in tables for record in table)

    @cached_property
    def splits(self) -> Mapping[str, str]:
        """The split of each take."""
        splits = self._index.of_takes("split")
        if None not in splits:
            return dict(zip(self.keys, splits, strict=True))
        tables = [self.files.takes(shard) for shard in self.shards]
        names = (table[name].to_pylist() for table in tables for name in ("take", "split"))
        return {key: split for keys in names for key, split in zip(keys, next(names), strict=True)}

    def shard_of(self, key: str) -> int:
        """The shard that has a take; InputError if it is unknown."""
        return int(self._rows_of(key, ["shard"])[0]["shard"])

    def keys_of_shard(self, shard: int) -> tuple[str, ...]:
        """The keys of the takes that a shard has, in their order."""
        return self._index.keys_of(shard)

    def takes_table(self, columns: Sequence[str] | None = None) -> "pd.DataFrame":
        """The take table as a pandas data frame, or some of its columns; InputError for an unknown one."""
        return takes_table(self.files, self.shards, columns)

    def clips_table(self, columns: Sequence[str] | None = None) -> "pd.DataFrame":
        """The clip table as a pandas data frame, or some of its columns; InputError for an unknown one.

        All columns are those without poses; ask for ``position_m`` and ``rotation`` by name.
        """
        return clips_table(self.files, self.shards, columns)

    def iter_poses(self) -> Iterator[ShardPoses]:
        """The poses of all clips, shard by shard, in the order of the clip table."""
        return (shard_poses(self.files, shard) for shard in self.shards)

    def model_captions(self, name: str) -> ModelCaptions:
        """The captions that `multitake caption` wrote beside the data set under that name.

        InputError if there are none.
        """
        return read_model_captions(self.files.address(f"{FOLDER}/{name}"))

    def content_sha256(self, keys: Collection[str]) -> str:
        """The sha256 of the checksums of all members of some takes, in the order of the data set."""
        return hashlib.sha256(self._index.checksums(keys)).hexdigest()

    def take(self, key: str) -> Take:
        """The take with that key; InputError if it is unknown."""
        records = self._rows_of(key, _MEMBER_COLUMNS)
        names = (member_name(key, record["kind"], record["camera"]) for record in records)
        members = (
            member_of({**record, "take": key, "member": name})
            for record, name in zip(records, names, strict=True)
        )
        return Take(files=self.files, shard=records[0]["shard"], members=tuple(members))

    def _rows_of(self, key: str, columns: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The rows of a take in the index; InputError if it is unknown."""
        records = self._index.rows_of(key, columns)
        if not records:
            fix = f"choose from {self.keys[0]} .. {self.keys[-1]}"
            raise InputError(f"unknown take {key!r}", where=self.files.url, fix=fix)
        return records


def open_dataset(url: str | Path) -> Dataset:
    """Open the data set at a folder or any fsspec address (``s3://``, ``memory://`` ...).

    InputError if it is not a data set, if its format version is another, if no shard is sealed, or if
    ``dataset.json`` or an index is damaged.
    """
    return dataset_of(Files(url))


def take_of_shard(files: Files, shard: int, key: str) -> Take:
    """A take of a sealed shard, of which only the index is read; InputError if it is missing or damaged."""
    index = files.index(shard)
    records = index.filter(pc.equal(index["take"], key)).to_pylist()
    if not records:
        raise InputError(
            f"unknown take {key!r}", where=files.address(shard_files(shard)["index"]), fix=RESTORE
        )
    return Take(files=files, shard=shard, members=tuple(map(member_of, records)))


def dataset_of(files: Files) -> Dataset:
    """The data set of these files; InputError as for ``open_dataset``."""
    info = files.info()
    shards = files.sealed_shards()
    index = read_joint_index(files, shards)
    if index is not None:
        return Dataset(files, info, shards or index.shards, index)
    check_none_lost(files, shards)
    shards = files.checked_shards()
    return Dataset(files, info, shards, TakeIndex(joined_indexes(files, shards)))
