"""The lock of a folder: one writer at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from .atomic import writing_to
from .errors import InputError, RunError
from .input_files import require_file

LOCK_FILE = ".lock"


@dataclass(frozen=True)
class FolderLock:
    """A lock that this process holds on ``root``."""

    root: Path
    file: IO[str]

    @property
    def is_held(self) -> bool:
        """Whether the folder still has the file that is locked; no other process can lock it then."""
        try:
            return os.path.samestat(os.fstat(self.file.fileno()), (self.root / LOCK_FILE).stat())
        except OSError:
            return False

    def check(self) -> None:
        """RunError if the folder or its lock was removed."""
        if not self.is_held:
            fix = "run the same command again"
            raise RunError("the folder or its lock was removed during the run", where=str(self.root), fix=fix)


@contextmanager
def locked_folder(root: Path, *, result: str) -> Iterator[FolderLock]:
    """Make a folder and lock it; InputError if another process locked it; errors as ``writing_to``.

    If the file ``result`` is not in the folder when the block ends, the folder is left as it was found.
    """
    with writing_to(root):
        is_new = not root.exists()
        root.mkdir(parents=True, exist_ok=True)
        path = root / LOCK_FILE
        if path.exists():
            require_file(path, fix="remove it")
        file = path.open("w")
    with file:
        with writing_to(root):
            _lock(file, root)
        lock = FolderLock(root, file)
        try:
            yield lock
        finally:
            if lock.is_held and not (root / result).exists():
                path.unlink()
                if is_new:
                    with suppress(OSError):
                        root.rmdir()


def _lock(file: IO[str], root: Path) -> None:
    """Lock the file of a folder; InputError if another process locked it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        fix = "wait until it ends, or give another folder"
        raise InputError("another run writes this folder", where=str(root), fix=fix) from error
