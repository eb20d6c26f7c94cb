"""The joint index: the indexes of all shards in one file, ``index.arrow``, so that a data set opens fast.

It can be made again at any time, and readers do without it: they ignore one that is missing, damaged, or of
other shards than those that are sealed. ``checksums/index.crc32`` has a checksum for each of its blocks, so a
reader maps the file, and checks what it uses.
"""

import re
import zlib
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow as pa

from multitake.errors import InputError

from .checksums import sha256_of_bytes
from .files import Files
from .folder_store import FolderStore
from .format import INDEX_SCHEMA, INDEX_VERSION, shard_files
from .stores import Store
from .take_index import BLOCK_BYTES, Blocks, DamagedError, TakeIndex

JOINT_INDEX, JOINT_CHECKSUMS = "index.arrow", "checksums/index.crc32"
_LINES = re.compile(rb"(?:[0-9a-f]{8}\n)+")
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
    for path, new in ((JOINT_INDEX, content), (JOINT_CHECKSUMS, _checksums(content))):
        if not store.exists(path) or store.read(path) != new:
            store.write(path, new)


def remove_joint_index(store: Store) -> None:
    """Remove the joint index, before a shard changes."""
    store.remove(JOINT_CHECKSUMS)
    store.remove(JOINT_INDEX)


def read_joint_index(files: Files, shards: Sequence[int]) -> TakeIndex | None:
    """The joint index of these shards; None if there is none that can be used.

    No shards are any: servers of plain HTTP do not say which files there are.
    """
    try:
        crc32 = _read_checksums(files.store.read(JOINT_CHECKSUMS))
        content = files.store.mapped(JOINT_INDEX)
        blocks, table = Blocks(content, crc32), _table_of(content)
        if not table.schema.equals(JOINT_SCHEMA) or not _is_of(table.schema.metadata or {}, files, shards):
            return None
        again = partial(joined_indexes, files, shards or _numbers_of(table.schema.metadata), with_splits=True)
        is_mapped = isinstance(files.store, FolderStore)
        return TakeIndex(table, blocks, again, partial(take_index, files, shards) if is_mapped else None)
    except (FileNotFoundError, InputError, DamagedError):
        return None


def check_none_lost(files: Files, shards: Sequence[int]) -> None:
    """InputError if the joint index has a shard that is not sealed any more: its own index was lost."""
    try:
        metadata = _table_of(files.store.mapped(JOINT_INDEX)).schema.metadata or {}
        named = _numbers_of(metadata)
    except (FileNotFoundError, DamagedError, KeyError, ValueError):
        return
    if not _is_of(metadata, files, named):
        return
    if lost := set(named).difference(shards):
        fix = "restore it, or run `multitake shards repair`"
        raise InputError("is missing", where=files.address(shard_files(min(lost))["index"]), fix=fix)


def take_index(files: Files, shards: Sequence[int]) -> TakeIndex:
    """The rows of some shards, of the joint index if it can be used; InputError if an index is damaged."""
    return read_joint_index(files, shards) or TakeIndex(joined_indexes(files, shards))


def _table_of(content: pa.Buffer) -> pa.Table:
    """The table of an Arrow file, which is not read yet; DamagedError if it is none."""
    try:
        return pa.ipc.open_file(content).read_all()
    except (pa.ArrowException, OSError) as error:
        raise DamagedError from error


def _numbers_of(metadata: Mapping[bytes, bytes]) -> tuple[int, ...]:
    """The shards that the metadata of a joint index names."""
    return tuple(map(int, metadata[b"shards"].decode().split(",")))


def _is_of(found: Mapping[bytes, bytes], files: Files, shards: Sequence[int]) -> bool:
    """Whether metadata are those of the joint index of some shards, or of any."""
    wanted = {**_about(files, shards), **({} if shards else {b"shards": found.get(b"shards", b"")})}
    return found == wanted


def _checksums(content: bytes) -> bytes:
    """A line for each block of the joint index, and one for these lines."""
    blocks = (content[start : start + BLOCK_BYTES] for start in range(0, len(content), BLOCK_BYTES))
    lines = b"".join(b"%08x\n" % zlib.crc32(block) for block in blocks)
    return lines + b"%08x\n" % zlib.crc32(lines)


def _read_checksums(content: bytes) -> list[int]:
    """The crc32 of each block; DamagedError if the file is damaged."""
    lines, last = content[:-9], content[-9:]
    if not _LINES.fullmatch(content) or last != b"%08x\n" % zlib.crc32(lines):
        raise DamagedError
    return [int(line, 16) for line in lines.split()]


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
