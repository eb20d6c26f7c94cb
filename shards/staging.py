"""Staged takes: each is one file that appears by one rename, and ends with a digest of itself.

``staging/KEY.tar`` is the take's part of a shard, followed by the 32 bytes of a sha256. The digest covers
``dataset.json`` and the name of the file too, so a take of another data set or under another name is found.
The ``dataset.json`` of an import is written after its takes: their digests cover ``batch.toml`` instead.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from multitake.errors import InputError
from trajectories import ClipTable

from .format import CLIP_ENDINGS, TAKE_ENDINGS, TakeRow, checked_key, member_name
from .pose_member import pose_member
from .stores import Store, store_at
from .tar import tar_member

_DIGEST_BYTES = hashlib.sha256().digest_size


class StagedTakeError(InputError):
    """A take that is not staged, not as it was staged, or of another data set."""


@dataclass(frozen=True, kw_only=True)
class ClipFiles:
    """The encoded files of one camera, by kind of member: ``video``, and those of its passes."""

    camera: str
    members: Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class FilmedTake:
    """A take that is ready to be staged; ``clips`` and ``files`` have its cameras in one order.

    ``members`` are the encoded files of all cameras together, by kind: ``surfaces``, ``joints``.
    """

    row: TakeRow
    clips: ClipTable
    files: tuple[ClipFiles, ...]
    members: Mapping[str, bytes] = field(default_factory=dict)


def stage_take(dataset: str | Path | Store, take: FilmedTake, *, root_file: str = "dataset.json") -> None:
    """Write a take into the staging folder of a data set: a tar fragment and its digest.

    Equal takes of a data set give equal bytes. Any process may do this. ``root_file`` is the file that its
    digest covers, too. FileNotFoundError if there is no data set; StoreError if its storage does not answer.
    """
    store, path = store_at(dataset), staged_path(take.row.take)
    fragment = b"".join(tar_member(name, content) for name, content in _members(take))
    digest = _digest(store.read(root_file), _name(path), fragment)
    store.write(path, fragment + digest)


def staged_path(take: str) -> str:
    """Where a take is staged in its data set; InputError for an invalid name."""
    return f"staging/{checked_key(take)}.tar"


def staged_fragment(store: Store, take: str, *, root_file: str = "dataset.json") -> bytes:
    """The tar fragment of a take of a data set; StagedTakeError if it is missing, or not as it was staged."""
    path = staged_path(take)
    where = f"{store}/{path}"
    try:
        content = store.read(path)
    except FileNotFoundError as error:
        fix = "film it before sealing its shard"
        raise StagedTakeError(f"take {take} is not staged", where=where, fix=fix) from error
    check_staged(content, _name(path), store.read(root_file), where=where)
    return content[:-_DIGEST_BYTES]


def check_staged(content: bytes, name: str, info: bytes, *, where: str) -> None:
    """StagedTakeError unless a file is as it was staged: with that name, and ``info`` in the root file."""
    if content[-_DIGEST_BYTES:] != _digest(info, name, memoryview(content)[:-_DIGEST_BYTES]):
        fix = "run `multitake generate` again to film it again"
        raise StagedTakeError("the staged take is damaged, or of another data set", where=where, fix=fix)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _digest(info: bytes, name: str, fragment: bytes | memoryview) -> bytes:
    digest = hashlib.sha256(info + f"{name}\n".encode())
    digest.update(fragment)
    return digest.digest()


def _members(take: FilmedTake) -> Iterator[tuple[str, bytes]]:
    """Names and contents of a take's members, in the order of the format."""
    key, poses = take.row.take, take.clips.poses
    cameras = [files.camera for files in take.files]
    if take.clips["camera"].tolist() != cameras or take.clips.frames != take.row.frames:
        raise ValueError(f"take {key}: clips, files and frames do not agree")
    rows = {"take": asdict(take.row), "poses": [row.record() for row in take.clips]}
    of_take = {
        "take": json.dumps(rows, sort_keys=True).encode(),
        "poses": pose_member(poses.checked(f"take {key}")),
        **take.members,
    }
    yield from ((member_name(key, kind), of_take[kind]) for kind in TAKE_ENDINGS if kind in of_take)
    for files in take.files:
        for kind in CLIP_ENDINGS:
            if kind in files.members:
                yield member_name(key, kind, files.camera), files.members[kind]
