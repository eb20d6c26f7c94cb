"""Staged takes: each is one file that appears by one rename, and ends with a digest of itself.

``staging/KEY.tar`` is the take's part of a shard, followed by the 32 bytes of a sha256. The digest covers
the name of the file too, so a take under the name of another one is found.
"""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from multitake.atomic import write_file
from multitake.errors import InputError
from trajectories import ClipTable

from .format import TakeRow, checked_key, member_name
from .pose_member import pose_member
from .tar import tar_member

_DIGEST_BYTES = hashlib.sha256().digest_size


@dataclass(frozen=True, kw_only=True)
class ClipFiles:
    """The encoded files of one camera."""

    camera: str
    video_mp4: bytes
    depth_mkv: bytes | None = None
    mask_mkv: bytes | None = None


@dataclass(frozen=True, kw_only=True)
class FilmedTake:
    """A take that is ready to be staged; ``clips`` and ``files`` have its cameras in one order."""

    row: TakeRow
    clips: ClipTable
    files: tuple[ClipFiles, ...]


def stage_take(root: Path, take: FilmedTake) -> Path:
    """Write a take into the staging folder of a data set: a tar fragment and its digest; return its path.

    Equal takes give equal bytes. Any process may do this. FileNotFoundError if there is no staging folder.
    """
    path = staged_path(root, take.row.take)
    fragment = b"".join(tar_member(name, content) for name, content in _members(take))
    # Without this, a data set that was removed would appear again, without its lock.
    path.parent.stat()
    write_file(path, fragment + _digest(path.name, fragment))
    return path


def staged_path(root: Path, take: str) -> Path:
    """Where a take is staged; InputError for an invalid name."""
    return root / "staging" / f"{checked_key(take)}.tar"


def staged_fragment(path: Path) -> bytes:
    """The tar fragment of a staged take; InputError if the file is missing, or not as it was staged."""
    try:
        content = path.read_bytes()
    except OSError as error:
        fix = "film it before sealing its shard"
        raise InputError(f"take {path.stem} is not staged", where=str(path), fix=fix) from error
    return checked_fragment(content, path.name, str(path))


def checked_fragment(content: bytes, name: str, where: str) -> bytes:
    """The tar fragment in the content of the staged file ``name``; InputError if it is damaged."""
    fragment, digest = content[:-_DIGEST_BYTES], content[-_DIGEST_BYTES:]
    if digest != _digest(name, fragment):
        fix = "run `multitake generate` again; it films the take again"
        raise InputError("the staged take is damaged", where=where, fix=fix)
    return fragment


def _digest(name: str, fragment: bytes) -> bytes:
    digest = hashlib.sha256(f"{name}\n".encode())
    digest.update(fragment)
    return digest.digest()


def _members(take: FilmedTake) -> Iterator[tuple[str, bytes]]:
    """Names and contents of a take's members, in the order of the format."""
    key, poses = take.row.take, take.clips.poses
    cameras = [files.camera for files in take.files]
    if take.clips["camera"].tolist() != cameras or take.clips.frames != take.row.frames:
        raise ValueError(f"take {key}: clips, files and frames do not agree")
    rows = {"take": asdict(take.row), "poses": [asdict(row) for row in take.clips]}
    yield member_name(key, "take"), json.dumps(rows, sort_keys=True).encode()
    yield member_name(key, "poses"), pose_member(poses.checked(f"take {key}"))
    for files in take.files:
        contents = {"video": files.video_mp4, "depth": files.depth_mkv, "mask": files.mask_mkv}
        for kind, content in contents.items():
            if content is not None:
                yield member_name(key, kind, files.camera), content
