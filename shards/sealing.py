"""Sealing a shard: staged takes become one tar, its tables, its checksums, and last its index."""

import hashlib
import io
import json
import zlib
from collections.abc import Mapping, Sequence
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
from .tar import tar_end, tar_members
from .video import gop_ends


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
    paths = shard_files(shard)
    if not takes:
        where = f"{store}/{paths['shards']}"
        raise InputError("a shard needs at least one take", where=where, fix="film a take")
    joined = _join(store, takes, paths["shards"])
    rows = [ClipRow.of_json(record) for take in joined.takes for record in take["poses"]]
    clips = ClipTable.of_rows(rows, CameraPose(np.concatenate(joined.poses).astype(np.float64)))
    tables = {
        "poses": clip_table_bytes(clips),
        "takes": _parquet([take["take"] for take in joined.takes], TAKE_SCHEMA),
        "index": _index_bytes(joined, paths["shards"].rpartition("/")[2]),
    }
    for folder in ("poses", "takes"):
        store.write(paths[folder], tables[folder])
    store.write(paths["checksums"], _checksums(store, shard, joined, tables))
    store.write(paths["index"], tables["index"])


def _index_bytes(joined: _Joined, tar: str) -> bytes:
    about = {"multitake.index": INDEX_VERSION, "shard": tar, "shard_size": str(joined.size)}
    return _parquet(joined.index, INDEX_SCHEMA.with_metadata(about))


def _checksums(store: Store, shard: int, joined: _Joined, tables: Mapping[str, bytes]) -> str:
    """The text of the checksum file."""
    paths = shard_files(shard)
    digests = {name: sha256_of_bytes(store.read(name)) for name in ROOT_FILES}
    digests |= {paths[folder]: sha256_of_bytes(content) for folder, content in tables.items()}
    digests[paths["shards"]] = joined.sha256
    return checksum_text({path: digests[path] for path in checksummed(shard)})


def _join(store: Store, names: Sequence[str], tar: str) -> _Joined:
    """Write the tar of some staged takes."""
    index, takes, poses = [], [], []
    digest, size = hashlib.sha256(), 0
    with store.writing(tar) as file:
        for name in names:
            content = staged_fragment(store, name)
            bodies: dict[str, bytes] = {}
            for member in tar_members(content):
                body = content[member.offset : member.offset + member.size]
                index.append(_index_row(member.name, size + member.offset, body))
                bodies[index[-1]["kind"]] = body
            takes.append(json.loads(bodies["take"]))
            poses.append(read_pose_member(bodies["poses"]))
            file.write(content)
            digest.update(content)
            size += len(content)
        end = tar_end(size)
        file.write(end)
        digest.update(end)
    return _Joined(index=index, takes=takes, poses=poses, size=size + len(end), sha256=digest.hexdigest())


def _index_row(member: str, offset: int, body: bytes) -> dict[str, Any]:
    take, camera, kind = member_parts(member)
    ends = gop_ends(body) if kind == "video" else None
    return {
        "take": take,
        "camera": camera,
        "member": member,
        "kind": kind,
        "offset": offset,
        "size": len(body),
        "crc32": zlib.crc32(body),
        "gop_ends": ends,
        "gop_crc32": None if ends is None else list(gop_checksums(body, ends)),
    }


def _parquet(records: list[dict[str, Any]], schema: pa.Schema) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records, schema=schema), sink, compression="zstd")
    return sink.getvalue()
