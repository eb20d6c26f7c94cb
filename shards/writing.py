"""The writer: takes are committed by one rename, shards are sealed by their index.

Whatever is killed, doing the same again finishes the rest: every file is written beside its place, synced
and renamed, and its bytes depend on the takes alone, so writing it twice writes it alike.
"""

import hashlib
import io
import json
import os
import socket
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from io import BufferedWriter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from multitake.errors import InputError
from trajectories import CameraPose, PoseRow, PoseTable, pose_row, pose_table_bytes

from .format import (
    FORMAT_VERSION,
    INDEX_SCHEMA,
    TAKE_SCHEMA,
    DatasetInfo,
    TakeRow,
    checked_key,
    info_bytes,
    member_name,
    member_parts,
    read_info,
    shard_files,
)
from .tar import tar_end, tar_member, tar_members
from .video import gop_ends

_FOLDERS = ("shards", "index", "poses", "takes", "staging")


@dataclass(frozen=True, kw_only=True)
class FilmedClip:
    """One camera's files of a take, encoded."""

    camera: str
    video_mp4: bytes
    depth_mkv: bytes | None = None
    mask_mkv: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class FilmedTake:
    """A take ready to be committed: ``poses`` has batch (cameras, frames), rows and clips in that order."""

    row: TakeRow
    pose_rows: tuple[PoseRow, ...]
    poses: CameraPose
    clips: tuple[FilmedClip, ...]


def check_folder(root: Path, info: DatasetInfo) -> None:
    """InputError unless ``root`` is free for this data set, or holds it already.

    The engine's version is left out, so that a folder can be refused before any engine is started.
    """
    known = root / "dataset.json"
    try:
        if known.exists():
            found = read_info(known.read_bytes(), str(known))
            engine = replace(info.engine, version=found.engine.version)
            _same_order(found, replace(info, engine=engine), known)
        elif root.exists() and any(not path.name.startswith(".") for path in root.iterdir()):
            fix = "give a new or empty folder"
            raise InputError("the folder holds something that is not a data set", where=str(root), fix=fix)
        else:
            root.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(root, error) from error


def create_dataset(root: Path, info: DatasetInfo, *, orders: Mapping[str, str]) -> None:
    """Make the folders, ``dataset.json`` and the files of the order, or find the same data set there already.

    ``orders`` holds the texts of ``batch.toml`` and ``catalog.toml``, by name.

    InputError for a folder that holds something else, another order, or that cannot be written.
    """
    check_folder(root, info)
    known = root / "dataset.json"
    try:
        if known.exists():
            _same_order(read_info(known.read_bytes(), str(known)), info, known)
        else:
            _write(known, info_bytes(info))
        for folder in _FOLDERS:
            (root / folder).mkdir(exist_ok=True)
        for name, text in orders.items():
            if not (root / name).exists():
                _write(root / name, text.encode())
    except OSError as error:
        raise _unwritable(root, error) from error


def commit_take(root: Path, take: FilmedTake) -> Path:
    """Stage a take as one tar fragment, whole or not at all; returns its path. Same take, same bytes."""
    path = root / "staging" / f"{checked_key(take.row.take)}.tar"
    with _replacing(path) as file:
        for name, content in _members(take):
            file.write(tar_member(name, content))
    return path


def seal_shard(root: Path, shard: int, keys: Sequence[str]) -> None:
    """Join the staged takes ``keys``, in this order, into shard ``shard``; its index is written last.

    Sealing a sealed shard again only clears what a kill left over. InputError if a take is not staged, or if
    the shard is sealed with other takes.
    """
    files = {folder: root / path for folder, path in shard_files(shard).items()}
    if files["index"].exists():
        sealed = _sealed_keys(files["index"])
        if sealed != list(keys):
            fix = "keep the order of takes, or write to a new folder"
            raise InputError(
                f"already sealed with takes {', '.join(sealed)}", where=str(files["index"]), fix=fix
            )
    else:
        fragments = [_staged(root, key) for key in keys]
        if not fragments:
            raise InputError("a shard needs a take", where=str(files["shards"]), fix="seal it with takes")
        records, about, takes = _join(fragments, files["shards"])
        _write(files["poses"], pose_table_bytes(_pose_table(takes)))
        _write(files["takes"], _parquet([take["take"] for take, _ in takes], TAKE_SCHEMA))
        _write(files["index"], _parquet(records, INDEX_SCHEMA.with_metadata(about)))
    for key in keys:
        (root / "staging" / f"{key}.tar").unlink(missing_ok=True)


def clean_staging(root: Path) -> None:
    """Remove what kills left: fragments of sealed takes and half-written files. Call while nobody writes."""
    for folder in (root, *(root / folder for folder in _FOLDERS)):
        for path in folder.glob(".*.partial"):
            path.unlink(missing_ok=True)
    for shard in sealed_shards(root):
        for key in _sealed_keys(root / shard_files(shard)["index"]):
            (root / "staging" / f"{key}.tar").unlink(missing_ok=True)


def done_takes(root: Path) -> set[str]:
    """Keys of the takes that are staged or sealed."""
    staged = {path.stem for path in (root / "staging").glob("[!.]*.tar")}
    sealed = (_sealed_keys(root / shard_files(shard)["index"]) for shard in sealed_shards(root))
    return staged.union(*sealed)


def sealed_shards(root: Path) -> set[int]:
    """Numbers of the shards whose index exists."""
    return {int(path.stem) for path in (root / "index").glob("[0-9]*.parquet") if path.stem.isdigit()}


def _members(take: FilmedTake) -> Iterator[tuple[str, bytes]]:
    """Names and contents of a take's members, in the format's order."""
    key = take.row.take
    cameras = [clip.camera for clip in take.clips]
    batch = take.poses.world_from_camera.shape[:-2]
    if [row.camera for row in take.pose_rows] != cameras or batch != (len(cameras), take.row.frames):
        raise ValueError(
            f"take {key}: clips, pose rows and poses {batch} are not of the same cameras and frames"
        )
    rows = {"take": asdict(take.row), "poses": [asdict(row) for row in take.pose_rows]}
    yield member_name(key, "take"), json.dumps(rows, sort_keys=True).encode()
    poses = io.BytesIO()
    checked = take.poses.checked(f"take {key}").world_from_camera
    np.lib.format.write_array(poses, checked.astype("<f4"), version=(1, 0))
    yield member_name(key, "poses"), poses.getvalue()
    for clip in take.clips:
        files = {"video": clip.video_mp4, "depth": clip.depth_mkv, "mask": clip.mask_mkv}
        yield from (
            (member_name(key, kind, clip.camera), file) for kind, file in files.items() if file is not None
        )


def _join(
    fragments: Sequence[Path], shard: Path
) -> tuple[list[dict[str, Any]], dict[str, str], list[tuple[dict[str, Any], np.ndarray]]]:
    """Write the shard's tar; return its index rows, the index's metadata, and each take's rows and poses."""
    records: list[dict[str, Any]] = []
    takes = []
    digest, size = hashlib.sha256(), 0
    with _replacing(shard) as file:
        for fragment in fragments:
            content = fragment.read_bytes()
            members: dict[str, bytes] = {}
            for member in tar_members(content):
                body = content[member.offset : member.offset + member.size]
                records.append(_index_record(member.name, size + member.offset, body))
                members[records[-1]["kind"]] = body
            poses = np.lib.format.read_array(io.BytesIO(members["poses"]), allow_pickle=False)
            takes.append((json.loads(members["take"]), poses))
            file.write(content)
            digest.update(content)
            size += len(content)
        file.write(tar_end(size))
        digest.update(tar_end(size))
        size += len(tar_end(size))
    about = {
        "multitake.index": str(FORMAT_VERSION),
        "shard": shard.name,
        "shard_size": str(size),
        "shard_sha256": digest.hexdigest(),
    }
    return records, about, takes


def _index_record(member: str, offset: int, body: bytes) -> dict[str, Any]:
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


def _pose_table(takes: Sequence[tuple[dict[str, Any], np.ndarray]]) -> PoseTable:
    rows = tuple(pose_row(record) for take, _ in takes for record in take["poses"])
    poses = np.concatenate([poses for _, poses in takes]).astype(np.float64)
    return PoseTable(rows=rows, poses=CameraPose(poses))


def _parquet(records: list[dict[str, Any]], schema: pa.Schema) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(records, schema=schema), sink, compression="zstd")
    return sink.getvalue()


def _sealed_keys(index: Path) -> list[str]:
    return list(dict.fromkeys(pq.read_table(index, columns=["take"])["take"].to_pylist()))


def _staged(root: Path, key: str) -> Path:
    path = root / "staging" / f"{checked_key(key)}.tar"
    if not path.exists():
        raise InputError(f"take {key} is not staged", where=str(path), fix="film it before sealing its shard")
    return path


def _unwritable(root: Path, error: OSError) -> InputError:
    reason = error.strerror or str(error)
    return InputError(f"cannot be written ({reason})", where=str(root), fix="give another folder")


def _same_order(found: DatasetInfo, wanted: DatasetInfo, where: Path) -> None:
    old, new = asdict(found), asdict(wanted)
    for name in old:
        if old[name] != new[name]:
            before, after = old[name], new[name]
            if isinstance(before, dict):
                part = next(key for key in after if before.get(key) != after[key])
                name, before, after = f"{name}.{part}", before.get(part), after[part]
            what = f"another order's data set: {name} is {before!r}, not {after!r}"
            raise InputError(what, where=str(where), fix="give a new folder, or the batch file that made it")


def _write(path: Path, content: bytes) -> None:
    with _replacing(path) as file:
        file.write(content)


@contextmanager
def _replacing(path: Path) -> Iterator[BufferedWriter]:
    """A file that appears at ``path`` whole and on the disk, or not at all."""
    partial = path.with_name(f".{path.name}.{socket.gethostname()}-{os.getpid()}.partial")
    try:
        with partial.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
