"""The tables of a data set of many takes, without its videos: those of one shard under other names."""

import io
import os
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from shards import DatasetWriter, store_at
from shards.checksums import ROOT_FILES, checksum_text, checksummed, sha256_of_bytes
from shards.files import Files
from shards.format import shard_files
from shards.joint_index import write_joint_index

from .stream_set import BATCH_FILES, dataset_info, filmed_take, take_key

_TAKES_PER_SHARD = 25
_SIZE_PX, _FRAMES = (32, 32), 81


def write_tables_of(root: Path, *, takes: int) -> Path:
    """Write a data set whose indexes and tables are right, and whose tars are those of the first shard."""
    shards = takes // _TAKES_PER_SHARD
    writer = DatasetWriter(root)
    keys = [take_key(index) for index in range(_TAKES_PER_SHARD)]
    with writer.locked():
        info = dataset_info(takes, shards, _SIZE_PX, _FRAMES)
        writer.create(replace(info, takes_per_shard=_TAKES_PER_SHARD), BATCH_FILES)
        for index in range(_TAKES_PER_SHARD):
            writer.stage(filmed_take(index, _SIZE_PX, _FRAMES))
        writer.seal(0, keys)
    for shard in range(1, shards):
        _write_shard(root, shard)
    write_joint_index(store_at(root))
    return root


def _write_shard(root: Path, shard: int) -> None:
    first, paths = shard_files(0), shard_files(shard)
    digests = {name: sha256_of_bytes((root / name).read_bytes()) for name in ROOT_FILES}
    for folder in ("shards", "poses"):
        os.link(root / first[folder], root / paths[folder])
        digests[paths[folder]] = Files(root).checksums(0)[first[folder]]
    for folder in ("takes", "index"):
        table = pq.read_table(root / first[folder])
        for name in {"take", "member"}.intersection(table.schema.names):
            place = table.schema.get_field_index(name)
            names = [_renamed(one, shard * _TAKES_PER_SHARD) for one in table[name].to_pylist()]
            table = table.set_column(place, table.schema.field(name), pa.array(names))
        sink = io.BytesIO()
        pq.write_table(table, sink, compression="zstd")
        (root / paths[folder]).write_bytes(sink.getvalue())
        digests[paths[folder]] = sha256_of_bytes(sink.getvalue())
    text = checksum_text({path: digests[path] for path in checksummed(shard)})
    (root / paths["checksums"]).write_text(text)


def _renamed(name: str, by: int) -> str:
    """The name of a take, or of its member, with another number."""
    key = take_key(0)
    return take_key(int(name[len(key) - 6 : len(key)]) + by) + name[len(key) :]
