"""Sealing a shard: staged takes become one tar, its clip table, its take table, and last its index."""

import hashlib
import io
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from multitake.atomic import replacing, write_file
from multitake.errors import InputError
from trajectories import CameraPose, ClipRow, ClipTable, clip_table_bytes

from .format import FORMAT_VERSION, INDEX_SCHEMA, TAKE_SCHEMA, member_parts, shard_files
from .staging import staged_fragment
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


def write_shard(root: Path, shard: int, fragments: Sequence[Path]) -> None:
    """Write the files of a shard from staged takes; InputError if there are none, or for a damaged one."""
    paths = {folder: root / path for folder, path in shard_files(shard).items()}
    if not fragments:
        raise InputError("a shard needs at least one take", where=str(paths["shards"]), fix="film a take")
    joined = _join(fragments, paths["shards"])
    rows = [ClipRow.of_json(record) for take in joined.takes for record in take["poses"]]
    clips = ClipTable.of_rows(rows, CameraPose(np.concatenate(joined.poses).astype(np.float64)))
    metadata = {
        "multitake.index": str(FORMAT_VERSION),
        "shard": paths["shards"].name,
        "shard_size": str(joined.size),
        "shard_sha256": joined.sha256,
    }
    write_file(paths["poses"], clip_table_bytes(clips))
    write_file(paths["takes"], _parquet([take["take"] for take in joined.takes], TAKE_SCHEMA))
    write_file(paths["index"], _parquet(joined.index, INDEX_SCHEMA.with_metadata(metadata)))


def _join(fragments: Sequence[Path], tar: Path) -> _Joined:
    """Write the tar of some fragments."""
    index, takes, poses = [], [], []
    digest, size = hashlib.sha256(), 0
    with replacing(tar) as partial, partial.open("wb") as file:
        for fragment in fragments:
            content = staged_fragment(fragment)
            bodies: dict[str, bytes] = {}
            for member in tar_members(content):
                body = content[member.offset : member.offset + member.size]
                index.append(_index_row(member.name, size + member.offset, body))
                bodies[index[-1]["kind"]] = body
            takes.append(json.loads(bodies["take"]))
            poses.append(np.lib.format.read_array(io.BytesIO(bodies["poses"]), allow_pickle=False))
            file.write(content)
            digest.update(content)
            size += len(content)
        end = tar_end(size)
        file.write(end)
        digest.update(end)
    return _Joined(index=index, takes=takes, poses=poses, size=size + len(end), sha256=digest.hexdigest())


def _index_row(member: str, offset: int, body: bytes) -> dict[str, Any]:
    take, camera, kind = member_parts(member)
    return {
        "take": take,
        "camera": camera,
        "member": member,
        "kind": kind,
        "offset": offset,
        "size": len(body),
        "crc32": zlib.crc32(body),
        "gop_ends": list(gop_ends(body)) if kind == "video" else None,
    }


def _parquet(records: list[dict[str, Any]], schema: pa.Schema) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records, schema=schema), sink, compression="zstd")
    return sink.getvalue()
