"""A run that is killed at each of its renames in turn, by which files appear in a folder; or at a write."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import fsspec
import pytest

from shards import LOCK_FILE

_WRITES = ("pipe_file", "put_file", "cp_file", "rm_file", "rm")


class Killed(BaseException):
    """Simulates a killed process; the product does not catch it."""


def killed_at_each_rename(
    folder: Path, patch: pytest.MonkeyPatch, run: Callable[[Path], None], *, late: bool
) -> Iterator[Path]:
    """For each rename: a folder in which ``run`` was killed just before it, or ``late``, just after."""
    for kill in count():
        root = folder / f"{late}-{kill}"
        if not _is_killed(root, patch, run, kill=kill, late=late):
            return
        yield root


def _is_killed(
    root: Path, patch: pytest.MonkeyPatch, run: Callable[[Path], None], *, kill: int, late: bool
) -> bool:
    """Whether the run came to rename number ``kill``."""
    rename, unlink, seen, dead = os.replace, Path.unlink, count(), []

    def deadly_rename(source: Path, target: Path) -> None:
        is_last = next(seen) == kill
        if late or not is_last:
            rename(source, target)
        if is_last:
            dead.append(True)
            raise Killed

    def deadly_unlink(path: Path, missing_ok: bool = False) -> None:
        if dead:
            raise Killed
        unlink(path, missing_ok=missing_ok)

    with patch.context() as scope:
        scope.setattr(os, "replace", deadly_rename)
        scope.setattr(Path, "unlink", deadly_unlink)
        try:
            run(root)
        except Killed:
            return True
    return False


@contextmanager
def writes_to_memory(patch: pytest.MonkeyPatch, *, most: int | None) -> Iterator[None]:
    """A block that is killed at write number ``most`` to storage in memory; the lock is released."""
    storage, seen = fsspec.get_filesystem_class("memory"), []

    def counted(write: Callable) -> Callable:
        def call(files: object, *places: object, **options: object) -> object:
            if not any(str(place).endswith(LOCK_FILE) for place in places):
                seen.append(places)
                if most is not None and len(seen) > most:
                    raise Killed
            return write(files, *places, **options)

        return call

    with patch.context() as scope:
        for name in _WRITES:
            scope.setattr(storage, name, counted(getattr(storage, name)))
        yield
