"""A run that is killed at each of its renames in turn; a rename is how files appear in a folder."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest


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
