"""The tables of a data set for people: pandas data frames, and the poses of all clips as arrays."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from jaxtyping import Float32

from multitake.errors import InputError
from multitake.input_files import parsing

from .files import Files, parquet_file
from .format import RESTORE, shard_files

if TYPE_CHECKING:
    import pandas as pd

_POSES = ("position_m", "rotation")


@dataclass(frozen=True, kw_only=True)
class ShardPoses:
    """The poses of the clips of a shard, world_from_camera; row k is a clip of ``takes[k]``."""

    takes: tuple[str, ...]
    cameras: tuple[str, ...]
    position_m: Float32[np.ndarray, "clips frames 3"]
    rotation: Float32[np.ndarray, "clips frames 3 3"]


def takes_table(files: Files, shards: Sequence[int], columns: Sequence[str] | None) -> "pd.DataFrame":
    """The take table of some shards, or some of its columns; InputError for an unknown one."""
    return _joined(files, "takes", shards, columns, without=())


def clips_table(files: Files, shards: Sequence[int], columns: Sequence[str] | None) -> "pd.DataFrame":
    """The clip table of some shards, without poses, or some of its columns; InputError for an unknown one."""
    return _joined(files, "poses", shards, columns, without=_POSES)


def shard_poses(files: Files, shard: int) -> ShardPoses:
    """The poses of a shard; InputError if its clip table is damaged."""
    with _opened(files, "poses", shard) as file:
        return poses_of_file(file)


def poses_of_file(file: pq.ParquetFile) -> ShardPoses:
    """The poses of a clip table."""
    table = file.read(["take", "camera", *_POSES], use_threads=False).combine_chunks()
    clips = len(table)
    return ShardPoses(
        takes=tuple(table["take"].to_pylist()),
        cameras=tuple(table["camera"].to_pylist()),
        position_m=_numbers(table["position_m"]).reshape(clips, -1, 3),
        rotation=_numbers(table["rotation"]).reshape(clips, -1, 3, 3),
    )


def _joined(
    files: Files, folder: str, shards: Sequence[int], columns: Sequence[str] | None, *, without: Sequence[str]
) -> "pd.DataFrame":
    """One data frame of some columns of the tables of shards; all columns are those but some."""
    import pandas as pd

    tables = []
    for shard in shards:
        with _opened(files, folder, shard) as file:
            names = file.schema_arrow.names
            chosen = [name for name in names if name not in without] if columns is None else list(columns)
            unknown = [name for name in chosen if name not in names]
            if unknown:
                where, fix = f"{files.url}: {folder}/", f"choose from {', '.join(names)}"
                raise InputError(f"unknown column {unknown[0]!r}", where=where, fix=fix)
            tables.append(file.read(chosen, use_threads=False).replace_schema_metadata())
    return pd.DataFrame(pa.concat_tables(tables, promote_options="permissive").to_pandas())


@contextmanager
def _opened(files: Files, folder: str, shard: int) -> Iterator[pq.ParquetFile]:
    """A table of a shard, checked."""
    path = shard_files(shard)[folder]
    content = files.sealed_content(path, shard)
    with (
        parsing("not a readable table", where=files.address(path), fix=RESTORE, but=(InputError,)),
        parquet_file(content) as file,
    ):
        yield file


def _numbers(column: pa.ChunkedArray) -> Float32[np.ndarray, " numbers"]:
    """The float32 numbers of a column of lists, without a copy and without pandas."""
    lists: Iterator[pa.FixedSizeListArray] = iter(column.chunks)
    parts = [np.frombuffer(one.flatten().buffers()[1], dtype=np.float32) for one in lists]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
