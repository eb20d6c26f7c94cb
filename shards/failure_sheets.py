"""Sheets of images of takes that failed: ``failed/KEY.png``, for people only; nothing depends on them."""

from contextlib import suppress
from pathlib import Path

from .folder_store import FolderStore
from .format import FAILED_FOLDER, checked_key
from .stores import Store, store_at


def write_sheet(dataset: str | Path | Store, take: str, sheet: bytes) -> str | None:
    """Write the sheet (PNG) of a take; returns its path in the data set.

    None if it cannot be written: a run does not depend on it. Its writer removes it, see ``DatasetWriter``.
    """
    store, path = store_at(dataset, patience_s=0.0), sheet_path(take)
    with suppress(OSError):
        if isinstance(store, FolderStore):
            # Not the folders above: a data set that was removed would appear again.
            (store.root / FAILED_FOLDER).mkdir(exist_ok=True)
        store.write(path, sheet)
        return path
    return None


def sheet_path(take: str) -> str:
    """Where the sheet of a take is in its data set; InputError for an invalid name."""
    return f"{FAILED_FOLDER}/{checked_key(take)}.png"
