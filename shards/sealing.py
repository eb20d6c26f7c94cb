"""Sealing a shard: staged takes become one tar, its tables, its checksums, and last its index."""

import hashlib
import io
import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from multitake.errors import InputError
from trajectories import CameraPose, ClipRow, ClipTable, clip_table_bytes

from .checksums import ROOT_FILES, checksum_text, checksummed, gop_checksums, sha256_of_bytes
from .format import INDEX_SCHEMA, INDEX_VERSION, TAKE_SCHEMA, member_parts, shard_files
from .pose_member import read_pose_member
from .staging import staged_fragment
from .stores import Store
from .tar import BLOCK, tar_end, tar_member, tar_members
from .video import gop_ends


@dataclass(frozen=True, kw_only=True)
class TakeMember:
    """A member of a take that is to be sealed; ``gop_ends`` of a video are read from it if they are None."""

    name: str
    content: bytes
    gop_ends: tuple[int, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class _Joined:
    """What the tables of a shard are made of: index rows, take.json and poses of each take, size and hash."""

    index: list[dict[str, Any]]
    takes: list[dict[str, Any]]
    poses: list[np.ndarray]
    size: int
    sha256: str


def write_shard(store: Store, shard: int, takes: Sequence[str]) -> None:
    """Write the files of a shard from staged takes; InputError if there are none, or for a damaged one."""
    if not takes:
        where = f"{store}/{shard_files(shard)['shards']}"
        raise InputError("a shard needs at least one take", where=where, fix="film a take")
    seal_takes(store, shard, (_staged_members(store, take) for take in takes), root=store)


def seal_takes(store: Store, shard: int, takes: Iterable[Sequence[TakeMember]], *, root: Store) -> None:
    """Write the files of a shard from the members of its takes, one take in memory at a time.

    ``root`` has the files of the data set, which the checksums cover. Equal takes give equal bytes.
    """
    paths = shard_files(shard)
    joined = _join(store, takes, paths["shards"])
    rows = [ClipRow.of_json(record) for take in joined.takes for record in take["poses"]]
    clips = ClipTable.of_rows(rows, CameraPose(np.concatenate(joined.poses).astype(np.float64)))
    about = {
        "multitake.index": INDEX_VERSION,
        "shard": paths["shards"].rpartition("/")[2],
        "shard_size": str(joined.size),
    }
    tables = {
        "poses": clip_table_bytes(clips),
        "takes": _parquet([take["take"] for take in joined.takes], TAKE_SCHEMA),
        "index": _parquet(joined.index, INDEX_SCHEMA.with_metadata(about)),
    }
    for folder in ("poses", "takes"):
        store.write(paths[folder], tables[folder])
    digests = {paths[folder]: sha256_of_bytes(content) for folder, content in tables.items()}
    write_seal(store, shard, digests | {paths["shards"]: joined.sha256}, tables["index"], root=root)


def write_seal(store: Store, shard: int, digests: Mapping[str, str], index: bytes, *, root: Store) -> None:
    """Write the checksums of a shard, whose other files are there with these digests, and its index."""
    paths = shard_files(shard)
    all_digests = {**{name: sha256_of_bytes(root.read(name)) for name in ROOT_FILES}, **digests}
    store.write(paths["checksums"], checksum_text({path: all_digests[path] for path in checksummed(shard)}))
    store.write(paths["index"], index)


def index_for(table: pa.Table, shard: int) -> bytes:
    """The index of a shard as it is if the shard has another number."""
    about = table.schema.metadata | {b"shard": shard_files(shard)["shards"].rpartition("/")[2]}
    return _parquet(table.to_pylist(), INDEX_SCHEMA.with_metadata(about))


def _staged_members(store: Store, take: str) -> list[TakeMember]:
    content = staged_fragment(store, take)
    return [
        TakeMember(name=member.name, content=content[member.offset : member.offset + member.size])
        for member in tar_members(content)
    ]


def _join(store: Store, takes: Iterable[Sequence[TakeMember]], tar: str) -> _Joined:
    """Write the tar of some takes."""
    index, rows, poses = [], [], []
    digest, size = hashlib.sha256(), 0
    with store.writing(tar) as file:

        def add(part: bytes) -> int:
            file.write(part)
            digest.update(part)
            return len(part)

        for members in takes:
            bodies: dict[str, bytes] = {}
            for member in members:
                index.append(_index_row(member, size + BLOCK))
                bodies[index[-1]["kind"]] = member.content
                size += add(tar_member(member.name, member.content))
            rows.append(json.loads(bodies["take"]))
            poses.append(read_pose_member(bodies["poses"]))
        size += add(tar_end(size))
    return _Joined(index=index, takes=rows, poses=poses, size=size, sha256=digest.hexdigest())


def _index_row(member: TakeMember, offset: int) -> dict[str, Any]:
    (take, camera, kind), ends = member_parts(member.name), member.gop_ends
    if kind == "video" and ends is None:
        ends = tuple(gop_ends(member.content))
    return {
        "take": take,
        "camera": camera,
        "member": member.name,
        "kind": kind,
        "offset": offset,
        "size": len(member.content),
        "crc32": zlib.crc32(member.content),
        "gop_ends": ends,
        "gop_crc32": None if ends is None else gop_checksums(member.content, ends),
    }


def _parquet(records: list[dict[str, Any]], schema: pa.Schema) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records, schema=schema), sink, compression="zstd")
    return sink.getvalue()
