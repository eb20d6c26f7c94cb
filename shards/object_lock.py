"""The lock of storage of objects: one writer at a time."""

import json
import os
import socket
import threading
import time
import uuid
from contextlib import suppress
from typing import Protocol, runtime_checkable

from multitake.errors import InputError, RunError
from multitake.folder_lock import LOCK_FILE

# A lock that was not changed for so long is that of a killed run.
LEASE_S = 30.0


@runtime_checkable
class Objects(Protocol):
    """Storage that can compare an object before it is written, such as ``ObjectStore``."""

    def read(self, path: str) -> bytes:
        """An object; FileNotFoundError."""

    def created(self, path: str, content: bytes) -> bool:
        """Write an object unless there is one; whether it was written."""

    def replaced(self, path: str, content: bytes, *, known: bytes) -> bool:
        """Write an object if it still has the content ``known``; whether it was written."""

    def remove(self, path: str) -> None:
        """Remove an object, if it is there."""


class ObjectLock:
    """A lock that is an object: its owner changes it every few seconds.

    One that was not changed for ``lease_s`` is that of a killed run, and is taken.
    """

    def __init__(self, store: Objects, *, lease_s: float) -> None:
        self._store, self._lease_s = store, lease_s
        self._id = str(uuid.uuid4())
        self._turn = 0
        self.is_held = True
        self._take()
        self._has_ended = threading.Event()
        self._thread = threading.Thread(target=self._renew, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """RunError if another run took the lock, or if it was removed."""
        if not self.is_held:
            fix = "run the same command again"
            raise RunError("the lock of the data set was taken or removed", where=str(self._store), fix=fix)

    def release(self) -> None:
        """Remove the lock."""
        self._has_ended.set()
        self._thread.join(self._lease_s)
        with suppress(OSError):
            if self._is_own(self._found()):
                self._store.remove(LOCK_FILE)
        self.is_held = False

    def _take(self) -> None:
        """Create the lock, or take one that does not change; InputError if it changes."""
        while not self._store.created(LOCK_FILE, self._content()):
            known = found = self._found()
            ends_s = time.monotonic() + self._lease_s
            while found and found == known and time.monotonic() < ends_s:
                time.sleep(min(1.0, self._lease_s / 4))
                asked_s = time.monotonic()
                found = self._found()
                if time.monotonic() > asked_s + self._lease_s / 4:
                    # Storage did not answer, so no run could renew it.
                    ends_s = time.monotonic() + self._lease_s
            if found and found != known:
                fix = "wait until it ends, or give another address"
                raise InputError("another run writes this data set", where=str(self._store), fix=fix)
            if found and self._store.replaced(LOCK_FILE, self._content(), known=known):
                return

    def _renew(self) -> None:
        while self.is_held and not self._has_ended.wait(self._lease_s / 4):
            try:
                known = self._found()
                self._turn += 1
                is_written = self._is_own(known) and self._store.replaced(
                    LOCK_FILE, self._content(), known=known
                )
                # It may be written although the answer was lost.
                self.is_held = is_written or self._is_own(self._found())
            except OSError:
                # No other run can take the lock either, unless this machine alone is cut off: it finds out
                # when storage answers.
                continue
            except Exception:
                self.is_held = False

    def _content(self) -> bytes:
        owner = {"host": socket.gethostname(), "process_id": os.getpid(), "id": self._id}
        return json.dumps({**owner, "turn": self._turn}).encode()

    def _found(self) -> bytes:
        """The lock as it is; empty if there is none."""
        try:
            return self._store.read(LOCK_FILE)
        except FileNotFoundError:
            return b""

    def _is_own(self, content: bytes) -> bool:
        return self._id.encode() in content
