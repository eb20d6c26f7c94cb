"""A data set in a folder: its files appear completely or not at all. Paths are relative to the data set."""

import errno
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO

import pyarrow as pa

from multitake.atomic import remove_partials, replacing, sync, write_file, writing_to
from multitake.folder_lock import FolderLock, locked_folder
from multitake.input_files import require_file

# Another file system, one without links or with no more of them, or a file of another owner.
_CANNOT_LINK = {errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS}


class FolderStore:
    """A folder of this machine, or one that all machines of a cluster share under one path."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    def read(self, path: str, start: int = 0, stop: int | None = None) -> bytes:
        """The bytes ``start .. stop`` of a file, fewer if it ends before.

        FileNotFoundError, or InputError if it is not a regular file.
        """
        with self._regular(path).open("rb") as file:
            file.seek(start)
            return file.read(-1 if stop is None else max(0, stop - start))

    def mapped(self, path: str) -> pa.Buffer:
        """A file that is read where it is used; errors as ``read``. Files are replaced and never changed."""
        if not self.size(path):
            return pa.py_buffer(b"")
        with pa.memory_map(str(self._regular(path))) as file:
            return file.read_buffer()

    def size(self, path: str) -> int:
        """The size of a file in bytes; errors as ``read``."""
        return self._regular(path).stat().st_size

    def write(self, path: str, content: bytes | str) -> None:
        """Write a file; FileNotFoundError if the folder for it is not in the data set."""
        if "/" in path:
            # Without this, a data set that was removed would appear again, without its lock.
            (self.root / path).parent.stat()
        write_file(self.root / path, content)

    def append(self, path: str, text: str) -> None:
        """Add text at the end of a file, which is made with its folder if it is not there."""
        whole = self.root / path
        whole.parent.mkdir(exist_ok=True)
        size = whole.stat().st_size if whole.exists() else 0
        try:
            with whole.open("a") as file:
                file.write(text)
        except OSError:
            # A part of it would be there twice when it is added again.
            with suppress(OSError):
                os.truncate(whole, size)
            raise

    @contextmanager
    def writing(self, path: str) -> Iterator[IO[bytes]]:
        """A large file to write; it appears when the block ends without error."""
        with replacing(self.root / path) as partial, partial.open("wb") as file:
            yield file

    def link(self, source: "FolderStore", path: str, new_path: str) -> bool:
        """Make a file one with that of another folder; False if their file system cannot.

        Files of data sets are replaced and never changed, so a link is as good as a copy.
        """
        found, new = os.path.realpath(source.root / path), self.root / new_path
        if new.exists() and os.path.samefile(found, new):
            return True
        try:
            # Replacing a file by a link to itself would leave the partial one.
            with replacing(new) as partial:
                os.link(found, partial)
        except OSError as error:
            if error.errno not in _CANNOT_LINK:
                raise
            return False
        return True

    def move(self, path: str, new_path: str) -> None:
        """Move a file within the data set; it replaces another one."""
        new = self.root / new_path
        os.replace(self.root / path, new)
        sync(new.parent)

    def below(self, folder: str) -> "FolderStore":
        """The store of a folder in this one."""
        return FolderStore(self.root / folder)

    def clear(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.root, ignore_errors=True)

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        (self.root / path).unlink(missing_ok=True)

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder."""
        return (self.root / path).exists()

    def is_folder(self, path: str) -> bool:
        """Whether there is a folder."""
        return (self.root / path).is_dir()

    def names(self, folder: str = "") -> list[str]:
        """Sorted names of what is in a folder, hidden files excluded; none if there is no folder."""
        found = self.root / folder
        return sorted(one.name for one in found.glob("[!.]*")) if found.is_dir() else []

    def prepare(self, folders: Sequence[str]) -> None:
        """Make folders, and remove what killed processes left in them: no process may write there."""
        for folder in ("", *folders):
            (self.root / folder).mkdir(exist_ok=True)
            remove_partials(self.root / folder)

    def locked(self, result: str) -> AbstractContextManager[FolderLock]:
        """Keep other writers out, see ``locked_folder``."""
        return locked_folder(self.root, result=result)

    def reporting(self) -> AbstractContextManager[None]:
        """A block whose errors of the disk are one line about this folder, see ``writing_to``."""
        return writing_to(self.root)

    def _regular(self, path: str) -> Path:
        found = self.root / path
        found.stat()
        # Others may be endless, or never answer.
        require_file(found, fix="remove it")
        return found
