"""Where the files of a data set are written: a folder, or storage of objects at an fsspec address.

Both make a file appear completely or not at all. Paths are relative to the data set.
"""

import errno
import json
import socket
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import cached_property
from pathlib import Path
from typing import IO, Any, TypeVar

import fsspec

from multitake.atomic import remove_partials, replacing, write_file, writing_to
from multitake.errors import InputError, one_line
from multitake.input_files import require_file

from .lock import FolderLock, locked_folder

_Result = TypeVar("_Result")
# A lock whose owner has not renewed it for this long is that of a killed run.
LEASE_S = 30.0
_LOCK = ".lock"
_FIRST_WAIT_S, _LONGEST_WAIT_S = 0.5, 15.0


class StoreError(OSError):
    """Storage that cannot be used, or that has not answered for a long time: no other file can be written."""

    def __init__(self, what: str, address: str) -> None:
        super().__init__(errno.EIO, what, address)


class FolderStore:
    """A folder of this machine, or one that all machines of a cluster share under one path."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def __str__(self) -> str:
        return str(self.root)

    def read(self, path: str) -> bytes:
        """All bytes of a file; FileNotFoundError, or InputError if it is not a regular file."""
        found = self.root / path
        found.stat()
        require_file(found, fix="remove it")
        return found.read_bytes()

    def write(self, path: str, content: bytes | str) -> None:
        """Write a file; FileNotFoundError if the folder for it is not in the data set."""
        if "/" in path:
            # Without this, a data set that was removed would appear again, without its lock.
            (self.root / path).parent.stat()
        write_file(self.root / path, content)

    def append(self, path: str, text: str) -> None:
        """Add text at the end of a file, which is made with its folder if it is not there."""
        (self.root / path).parent.mkdir(exist_ok=True)
        with (self.root / path).open("a") as file:
            file.write(text)

    @contextmanager
    def writing(self, path: str) -> Iterator[IO[bytes]]:
        """A large file to write; it appears when the block ends without error."""
        with replacing(self.root / path) as partial, partial.open("wb") as file:
            yield file

    def remove(self, path: str) -> None:
        """Remove a file, if it is there."""
        (self.root / path).unlink(missing_ok=True)

    def exists(self, path: str) -> bool:
        """Whether there is a file or a folder."""
        return (self.root / path).exists()

    def names(self, folder: str = "") -> list[str]:
        """Sorted names of what is in a folder, hidden files excluded; none if there is no folder."""
        found = self.root / folder
        return sorted(one.name for one in found.glob("[!.]*")) if found.is_dir() else []

    def prepare(self, folders: Sequence[str]) -> None:
        """Make folders, and remove what killed processes left in them: no process may write there."""
        for folder in ("", *folders):
            (self.root / folder).mkdir(exist_ok=True)
            remove_partials(self.root / folder)

    def stop_waiting(self) -> None:
        """Nothing is to be done: a folder answers at once."""

    def locked(self, result: str) -> AbstractContextManager[FolderLock]:
        """Keep other writers out, see ``locked_folder``."""
        return locked_folder(self.root, result=result)

    def reporting(self) -> AbstractContextManager[None]:
        """A block whose errors of the disk are InputErrors about this folder."""
        return writing_to(self.root)


class ObjectStore:
    """Objects below an fsspec address, such as ``s3://BUCKET/FOLDER``.

    What fails for reasons that can pass is tried again, for up to ``patience_s``; then it is a StoreError.
    """

    def __init__(self, url: str, *, patience_s: float = 120.0) -> None:
        self.url = url.rstrip("/")
        self._patience_s = patience_s

    def __str__(self) -> str:
        return self.url

    def read(self, path: str) -> bytes:
        """All bytes of an object; FileNotFoundError."""
        return self._tried(path, lambda files, place: files.cat_file(place))

    def write(self, path: str, content: bytes | str) -> None:
        """Write an object."""
        raw = content.encode() if isinstance(content, str) else content
        self._tried(path, lambda files, place: files.pipe_file(place, raw))

    def append(self, path: str, text: str) -> None:
        """Add text at the end of an object, which is written again as a whole."""
        try:
            before = self.read(path)
        except FileNotFoundError:
            before = b""
        self.write(path, before + text.encode())

    @contextmanager
    def writing(self, path: str) -> Iterator[IO[bytes]]:
        """A large file to write; it is uploaded, in parts, when the block ends without error."""
        with tempfile.NamedTemporaryFile(prefix="multitake-") as file:
            yield file
            file.flush()
            self._tried(path, lambda files, place: files.put_file(file.name, place))

    def remove(self, path: str) -> None:
        """Remove an object, if it is there."""
        with suppress(FileNotFoundError):
            self._tried(path, lambda files, place: files.rm_file(place))

    def exists(self, path: str) -> bool:
        """Whether there is an object, or a folder that has objects."""
        return bool(self._tried(path, lambda files, place: files.exists(place)))

    def names(self, folder: str = "") -> list[str]:
        """Sorted names of what is in a folder, hidden objects excluded."""
        try:
            found = self._tried(folder, lambda files, place: files.ls(place, detail=False))
        except FileNotFoundError:
            return []
        names = (path.rstrip("/").rsplit("/", 1)[-1] for path in found)
        return sorted(name for name in names if name and not name.startswith("."))

    def prepare(self, folders: Sequence[str]) -> None:
        """Nothing is to be done: objects need no folders, and incomplete ones are not visible."""

    def stop_waiting(self) -> None:
        """Try nothing again from now on."""
        self._patience_s = 0.0

    @contextmanager
    def locked(self, result: str) -> Iterator["ObjectLock"]:
        """Keep other writers out with an object; InputError if there is one, or if nothing can be written.

        The lock of a run that was killed is taken after ``LEASE_S``. If there is no object ``result`` when
        the block ends, none is left.
        """
        with self.reporting():
            lock = ObjectLock(self)
        try:
            yield lock
        finally:
            lock.release()

    @contextmanager
    def reporting(self) -> Iterator[None]:
        """A block whose errors of the storage are InputErrors about this address."""
        try:
            yield
        except (OSError, ImportError) as error:
            what = f"cannot be written ({_reason(error)})"
            fix = "check the address and the credentials for it"
            raise InputError(what, where=self.url, fix=fix) from error

    def created(self, path: str, content: bytes) -> bool:
        """Write an object unless there is one; whether it was written."""
        try:
            self._tried(path, lambda files, place: files.pipe_file(place, content, mode="create"))
        except FileExistsError:
            return self.read(path) == content
        return True

    def replaced(self, path: str, content: bytes, *, known: bytes) -> bool:
        """Write an object if it still has the content ``known``; whether it was written."""

        def replace(files: Any, place: str) -> bool:
            found = files.info(place)
            if files.cat_file(place) != known:
                return False
            tag = found.get("ETag")
            try:
                files.pipe_file(place, content, **({"IfMatch": tag} if tag else {}))
            except OSError as error:
                if error.errno == errno.EINVAL:
                    return False
                raise
            return True

        try:
            return bool(self._tried(path, replace))
        except FileNotFoundError:
            return False

    @cached_property
    def _files(self) -> tuple[Any, str]:
        # Other processes write, too: what a folder contains is always asked for.
        return fsspec.core.url_to_fs(self.url, use_listings_cache=False)

    def __getstate__(self) -> dict[str, Any]:
        return {"url": self.url, "_patience_s": self._patience_s}

    def _tried(self, path: str, work: Callable[[Any, str], _Result]) -> _Result:
        """The result of some work on an object, which is repeated if its error can pass."""
        address = f"{self.url}/{path}" if path else self.url
        ends_s, wait_s = time.monotonic() + self._patience_s, _FIRST_WAIT_S
        while True:
            try:
                files, root = self._files
                return work(files, f"{root}/{path}" if path else root)
            except Exception as error:
                if isinstance(error, (FileNotFoundError, FileExistsError, ImportError)):
                    raise
                if not _can_pass(error) or time.monotonic() + wait_s > ends_s:
                    raise StoreError(_reason(error), address) from error
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _LONGEST_WAIT_S)


class ObjectLock:
    """A lock that is an object: its owner changes it every few seconds."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self._owner = f"{socket.gethostname()} {uuid.uuid4()}"
        self._turn = 0
        self.is_held = True
        self._take()
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """InputError if another run took the lock, or if it was removed."""
        if not self.is_held:
            fix = "run the same command again"
            raise InputError("the lock of the data set was taken or removed", where=str(self._store), fix=fix)

    def release(self) -> None:
        """Remove the lock."""
        self._has_ended.set()
        self._thread.join(LEASE_S)
        with suppress(OSError):
            if self._is_own():
                self._store.remove(_LOCK)
        self.is_held = False

    def _content(self) -> bytes:
        return json.dumps({"owner": self._owner, "turn": self._turn}).encode()

    def _take(self) -> None:
        """Create the lock, or take one that does not change; InputError if it changes."""
        while not self._store.created(_LOCK, self._content()):
            known = self._known()
            ends_s = time.monotonic() + LEASE_S
            while (found := self._known()) == known and time.monotonic() < ends_s:
                time.sleep(1.0)
            if found and found != known:
                fix = "wait until it ends, or give another address"
                raise InputError("another run writes this data set", where=str(self._store), fix=fix)
            if known and found and self._store.replaced(_LOCK, self._content(), known=known):
                return

    def _known(self) -> bytes:
        """The lock as it is; empty if there is none."""
        try:
            return self._store.read(_LOCK)
        except FileNotFoundError:
            return b""

    def _renew(self) -> None:
        while not self._has_ended.wait(LEASE_S / 4):
            try:
                known = self._known()
                self._turn += 1
                self.is_held = self._owner.encode() in known and self._store.replaced(
                    _LOCK, self._content(), known=known
                )
            except OSError:
                # Storage that does not answer lets no other run take the lock either.
                continue
            except Exception:
                self.is_held = False
            if not self.is_held:
                return

    def _is_own(self) -> bool:
        return self._owner.encode() in self._known()


Store = FolderStore | ObjectStore
Lock = FolderLock | ObjectLock


def store_at(address: str | Path) -> Store:
    """The store at a folder, or at an fsspec address."""
    text = str(address)
    if "://" not in text:
        return FolderStore(Path(text))
    if text.startswith(("file://", "local://")):
        return FolderStore(Path(text.partition("://")[2]))
    return ObjectStore(text)


def _can_pass(error: Exception) -> bool:
    """Whether an error can pass by itself: one of the network or of a server that is busy."""
    if "Credentials" in type(error).__name__ or isinstance(error, (PermissionError, ValueError, TypeError)):
        return False
    is_invalid = isinstance(error, OSError) and error.errno == errno.EINVAL
    return not is_invalid and not isinstance(error, (AttributeError, NotImplementedError))


def _reason(error: BaseException) -> str:
    return one_line(getattr(error, "strerror", None) or str(error) or type(error).__name__)
