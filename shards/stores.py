"""Where the files of a data set are written: a folder, or storage of objects at an fsspec address."""

from pathlib import Path

from multitake.folder_lock import FolderLock

from .folder_store import FolderStore
from .object_lock import ObjectLock
from .object_store import PATIENCE_S, ObjectStore

Store = FolderStore | ObjectStore
Lock = FolderLock | ObjectLock


def store_at(address: str | Path | Store, *, patience_s: float = PATIENCE_S) -> Store:
    """The store at a folder, or at an fsspec address; a store is itself."""
    if isinstance(address, Store):
        return address
    text = str(address)
    if "://" not in text:
        return FolderStore(Path(text))
    if text.startswith(("file://", "local://")):
        return FolderStore(Path(text.partition("://")[2]))
    return ObjectStore(text, patience_s=patience_s)
