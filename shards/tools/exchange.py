"""A shard in place of another of the same number, so that a kill at any moment loses nothing.

The new shard is sealed in a hidden folder first. Then the index of the old one is removed, the new files are
moved into place, and the new index comes last. From the moment when the new shard is sealed in its folder,
``finish_exchanges`` can do all that is left.
"""

from contextlib import suppress

from ..checksums import sha256_of_bytes
from ..format import shard_files, shard_of
from ..sealing import seal_takes
from ..stores import Store
from .salvage import Salvage

_FOLDER = ".repair"
_ORDER = ("shards", "poses", "takes", "checksums", "index")


def exchange_shard(store: Store, salvage: Salvage) -> None:
    """Replace a shard by what is left of it."""
    new = store.below(_FOLDER)
    new.prepare((*_ORDER, "replaced"))
    new.write(_replaced(salvage.shard), _index_sha256(store, salvage.shard))
    seal_takes(new, salvage.shard, salvage.takes(), root=store)
    _finish(store, salvage.shard)


def finish_exchanges(store: Store) -> tuple[int, ...]:
    """Finish what a killed repair began, and make lost folders; returns the numbers of the shards."""
    store.prepare(_ORDER)
    new = store.below(_FOLDER)
    numbers = (shard_of(name) for name in new.names("index"))
    begun = tuple(number for number in numbers if number is not None)
    for shard in begun:
        _finish(store, shard)
    new.clear()
    return begun


def remove_shard(store: Store, shard: int) -> None:
    """Remove the files of a shard, its index first; its tar last, so that a repair finds it until the end."""
    for folder in ("index", "checksums", "takes", "poses", "shards"):
        store.remove(shard_files(shard)[folder])


def _finish(store: Store, shard: int) -> None:
    """Move the new files into place, unless the shard was sealed by another run since they were made."""
    new, paths = store.below(_FOLDER), shard_files(shard)
    found = _index_sha256(store, shard)
    if new.exists(_replaced(shard)):
        if found != new.read(_replaced(shard)).decode():
            return
        # First: without it, an index that is found belongs to another run.
        new.remove(_replaced(shard))
        store.remove(paths["index"])
    elif found not in ("", _index_sha256(new, shard)):
        return
    for folder in _ORDER:
        if new.exists(paths[folder]):
            store.move(f"{_FOLDER}/{paths[folder]}", paths[folder])


def _index_sha256(store: Store, shard: int) -> str:
    with suppress(FileNotFoundError):
        return sha256_of_bytes(store.read(shard_files(shard)["index"]))
    return ""


def _replaced(shard: int) -> str:
    return f"replaced/{shard:05d}"
