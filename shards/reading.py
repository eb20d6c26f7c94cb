"""The plain reader of a data set at any fsspec address; it reads only the byte ranges that are needed."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from multitake.errors import InputError

from .files import Files
from .format import RESTORE, DatasetInfo, TakeRow, member_name, shard_files, take_row
from .joint_index import joined_indexes, read_joint_index, shards_of
from .model_captions import FOLDER, ModelCaptions, read_model_captions
from .tables import ShardPoses, clips_table, shard_poses, takes_table
from .takes import Take, member_of

if TYPE_CHECKING:
    import pandas as pd


class Dataset:
    """The sealed takes of a data set, in order of shards."""

    def __init__(self, files: Files, info: DatasetInfo, shards: tuple[int, ...], index: pa.Table) -> None:
        self.files = files
        self.info = info
        self.shards = shards
        self._index = index
        takes = index["take"].combine_chunks()
        # By buffers: conversions between pyarrow and numpy import pandas, which takes as much memory.
        codes = np.frombuffer(takes.indices.buffers()[1], dtype=np.int32)[: len(takes)]
        self._first_row = np.flatnonzero(np.diff(codes, prepend=-1))
        self.keys: tuple[str, ...] = tuple(self._of_takes("take"))
        self._position = {key: n for n, key in enumerate(self.keys)}

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
        if self._index["split"].null_count == 0:
            return dict(zip(self.keys, self._of_takes("split"), strict=True))
        tables = [self.files.takes(shard) for shard in self.shards]
        names = (table[name].to_pylist() for table in tables for name in ("take", "split"))
        return {key: split for keys in names for key, split in zip(keys, next(names), strict=True)}

    def shard_of(self, key: str) -> int:
        """The shard that has a take."""
        return int(self._index["shard"][self._first_row[self._position[key]]].as_py())

    def _of_takes(self, column: str) -> list[str]:
        """The values of a column in the first row of each take."""
        rows = pa.py_buffer(np.ascontiguousarray(self._first_row, dtype=np.int64))
        places = pa.Array.from_buffers(pa.int64(), len(self._first_row), [None, rows])
        return self._index[column].take(places).to_pylist()

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

    def take(self, key: str) -> Take:
        """The take with that key; InputError if it is unknown."""
        if key not in self._position:
            fix = f"choose from {self.keys[0]} .. {self.keys[-1]}"
            raise InputError(f"unknown take {key!r}", where=self.files.url, fix=fix)
        position = self._position[key]
        first = int(self._first_row[position])
        stop = int(self._first_row[position + 1]) if position + 1 < len(self) else len(self._index)
        records = self._index.slice(first, stop - first).to_pylist()
        names = (member_name(key, record["kind"], record["camera"]) for record in records)
        members = (member_of({**record, "member": name}) for record, name in zip(records, names, strict=True))
        return Take(files=self.files, shard=records[0]["shard"], members=tuple(members))


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
        return Dataset(files, info, shards_of(index), index)
    shards = files.checked_shards()
    return Dataset(files, info, shards, joined_indexes(files, shards))
