"""The joint index: the indexes of all shards in one file, ``index.arrow``, so that a data set opens fast.

It can be made again at any time, and readers do without it: they ignore one that is missing, damaged, or of
other shards than those that are sealed. ``checksums/index.sha256`` has its digest.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa

from multitake.errors import InputError

from .checksums import checksum_text, sha256_of_bytes
from .files import Files
from .format import INDEX_SCHEMA, INDEX_VERSION
from .stores import Store

JOINT_INDEX, JOINT_CHECKSUM = "index.arrow", "checksums/index.sha256"
_WORD = pa.dictionary(pa.int32(), pa.string())
_COLUMNS = {
    "shard": pa.int32(),
    **dict.fromkeys(("take", "split", "camera", "kind"), _WORD),
    **{name: INDEX_SCHEMA.field(name).type for name in ("offset", "size", "crc32", "gop_ends", "gop_crc32")},
}
JOINT_SCHEMA = pa.schema(list(_COLUMNS.items()))


def joined_indexes(files: Files, shards: Sequence[int], *, with_splits: bool = False) -> pa.Table:
    """The rows of the indexes of some shards, in their order; without splits, these are null.

    InputError if an index is damaged.
    """
    parts = (_rows(files, shard, with_splits) for shard in shards)
    return pa.concat_tables([JOINT_SCHEMA.empty_table(), *parts]).unify_dictionaries().combine_chunks()


def write_joint_index(store: Store) -> None:
    """Write the joint index of the shards that are sealed; InputError if one is damaged."""
    files = Files(store)
    shards = files.own_shards()
    table = joined_indexes(files, shards, with_splits=True)
    sink = pa.BufferOutputStream()
    schema = JOINT_SCHEMA.with_metadata(_about(files, shards))
    # Not compressed, and not parquet: it is used as it is in memory.
    with pa.ipc.new_file(sink, schema) as file:
        file.write_table(table.cast(schema))
    content = sink.getvalue().to_pybytes()
    digest = checksum_text({JOINT_INDEX: sha256_of_bytes(content)}).encode()
    for path, new in ((JOINT_INDEX, content), (JOINT_CHECKSUM, digest)):
        if not store.exists(path) or store.read(path) != new:
            store.write(path, new)


def remove_joint_index(store: Store) -> None:
    """Remove the joint index, before a shard changes."""
    store.remove(JOINT_CHECKSUM)
    store.remove(JOINT_INDEX)


def read_joint_index(files: Files, shards: Sequence[int]) -> pa.Table | None:
    """The joint index of these shards; None if there is none that can be used.

    No shards are any: servers of plain HTTP do not say which files there are.
    """
    try:
        digest = files.store.read(JOINT_CHECKSUM)
        content = files.store.read(JOINT_INDEX)
    except (FileNotFoundError, InputError):
        return None
    if digest != checksum_text({JOINT_INDEX: sha256_of_bytes(content)}).encode():
        return None
    table = pa.ipc.open_file(pa.py_buffer(content)).read_all()
    found = table.schema.metadata
    wanted = {**_about(files, shards), **({} if shards else {b"shards": found[b"shards"]})}
    return table if found == wanted else None


def shards_of(index: pa.Table) -> tuple[int, ...]:
    """The shards of a joint index."""
    return tuple(map(int, index.schema.metadata[b"shards"].decode().split(",")))


def _about(files: Files, shards: Sequence[int]) -> Mapping[bytes, bytes]:
    """The metadata of the joint index of some shards."""
    return {
        b"multitake.joint_index": INDEX_VERSION.encode(),
        b"dataset": sha256_of_bytes(files.content("dataset.json")).encode(),
        b"shards": ",".join(map(str, shards)).encode(),
    }


def _rows(files: Files, shard: int, with_splits: bool) -> pa.Table:
    """The rows of one shard, in the columns of the joint index."""
    index, splits = files.index(shard), {}
    if with_splits:
        takes = files.takes(shard)
        splits = dict(zip(takes["take"].to_pylist(), takes["split"].to_pylist(), strict=True))
    columns = {
        "shard": np.full(len(index), shard, dtype=np.int32),
        "split": pa.array([splits.get(key) for key in index["take"].to_pylist()], pa.string()),
        **{name: index[name] for name in _COLUMNS if name in index.schema.names},
    }
    return pa.table({name: columns[name] for name in _COLUMNS}).cast(JOINT_SCHEMA)
