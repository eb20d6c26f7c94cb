"""Addresses of data sets that users give: a folder, or an fsspec address."""

import os
import posixpath
from pathlib import Path

import fsspec

from multitake.errors import InputError

from .folder_store import FolderStore
from .stores import Store, store_at

_SAME_PROTOCOL = {"s3a": "s3", "gcs": "gs"}


def check_new_address(address: str | Path | Store, *, where: str = "--out") -> None:
    """InputError if a data set cannot be written to an address: no folder, or an unknown protocol."""
    fix = "give a folder, or an address such as s3://BUCKET/FOLDER"
    text = str(address).strip()
    if not text:
        raise InputError("the address is empty", where=where, fix=fix)
    if "://" not in text:
        return
    known = {"local", *fsspec.available_protocols()}
    # Protocols can be nested: simplecache::s3://...
    for protocol in text.partition("://")[0].split("::"):
        if protocol not in known:
            raise InputError(f"unknown protocol {protocol!r}", where=f"{where} {text}", fix=fix)
    if not text.rpartition("://")[2].strip("/"):
        raise InputError("the address names no folder", where=f"{where} {text}", fix=fix)


def is_inside(inner: str | Path | Store, outer: str | Path | Store) -> bool:
    """Whether an address is that of a data set, or of something in it; neither needs to exist."""
    above = _parts(outer)
    return _parts(inner)[: len(above)] == above


def _parts(address: str | Path | Store) -> tuple[str, ...]:
    """The protocol and the names on the way to an address, links followed."""
    store = store_at(address)
    if isinstance(store, FolderStore):
        return "file", *Path(os.path.realpath(store.root)).parts
    protocol, _, path = store.url.partition("://")
    names = posixpath.normpath(f"/{path.lstrip('/')}").split("/")
    return _SAME_PROTOCOL.get(protocol, protocol), *filter(None, names)
