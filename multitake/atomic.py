"""Files and folders that appear completely or not at all."""

import errno
import os
import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .errors import InputError
from .outages import outages


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Yield a path to write a file or a folder to; it replaces ``path`` when the block ends without error.

    The content is on the disk before it is renamed into place. Folders above ``path`` are created. A process
    that is killed leaves a hidden partial file, which ``remove_partials`` deletes. A folder never replaces a
    file, or a file a folder, and a device is never replaced: that is an OSError. A folder that is replaced is
    renamed away first: a process that is killed between both renames leaves no folder.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise FileExistsError(errno.EEXIST, "neither a file nor a folder", str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{socket.gethostname()}-{os.getpid()}.partial")
    replaced = partial.with_suffix(".old.partial")
    _remove(partial)
    _remove(replaced)
    try:
        yield partial
        for written in (partial, *partial.rglob("*")):
            sync(written)
        if path.is_dir() and partial.is_dir():
            os.replace(path, replaced)
        os.replace(partial, path)
    except BaseException as error:
        # A full disk is reported without a path.
        if isinstance(error, OSError) and error.errno and error.filename is None:
            error.filename = str(path)
        _remove(partial)
        if replaced.is_dir():
            os.replace(replaced, path)
        raise
    _remove(replaced)
    sync(path.parent)


def write_file(path: Path, content: bytes | str) -> None:
    """Write an entire file (text as UTF-8) by ``replacing``."""
    with replacing(path) as partial:
        partial.write_bytes(content.encode() if isinstance(content, str) else content)


def remove_partials(folder: Path) -> None:
    """Delete the partial files of killed processes in a folder. Call it while no process writes there."""
    for partial in folder.glob(".*.partial"):
        _remove(partial)


@contextmanager
def writing_to(place: Path | str, *, fix: str = "give a path that can be written") -> Iterator[None]:
    """Turn an OSError of the block into one line: ``place`` cannot be written.

    RunError if it can pass, as of a full disk, else InputError.
    """
    what = "cannot be written"
    try:
        with outages(what, where=str(place)):
            yield
    except OSError as error:
        raise InputError(f"{what} ({error.strerror or error})", where=str(place), fix=fix) from error


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
