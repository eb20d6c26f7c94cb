"""Copies of files between data sets, by the cheapest way that their stores have."""

import hashlib

from multitake.errors import InputError
from multitake.outages import outages

from ..folder_store import FolderStore
from ..object_store import ObjectStore
from ..shard_members import REPAIR
from ..stores import Store

_PART_BYTES = 2**26


def copy_file(
    source: Store, path: str, target: Store, new_path: str, *, sha256: str, may_link: bool = True
) -> bool:
    """Copy a file; returns whether this machine read its bytes, and so compared them with ``sha256``.

    A hard link within a file system, and a copy within storage of objects, read none. InputError if the bytes
    are others, or if the file is missing.
    """
    try:
        if isinstance(source, FolderStore) and isinstance(target, FolderStore):
            is_done = may_link and target.link(source, path, new_path)
        elif isinstance(source, ObjectStore) and isinstance(target, ObjectStore):
            is_done = target.copy(source, path, new_path)
        else:
            is_done = False
        if not is_done:
            _send(source, path, target, new_path, sha256)
    except FileNotFoundError as error:
        raise InputError("is missing", where=f"{source}/{path}", fix=REPAIR) from error
    return not is_done


def _send(source: Store, path: str, target: Store, new_path: str, sha256: str) -> None:
    """Copy a file through this machine, some of it in memory at a time."""
    where = f"{source}/{path}"
    with outages("cannot be read", where=where):
        size, digest = source.size(path), hashlib.sha256()
        with target.writing(new_path) as file:
            for start in range(0, size, _PART_BYTES):
                part = source.read(path, start, min(size, start + _PART_BYTES))
                digest.update(part)
                file.write(part)
            if digest.hexdigest() != sha256:
                raise InputError("differs from its checksum", where=where, fix=REPAIR)
