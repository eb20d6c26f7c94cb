"""What differs between a batch and that of an existing data set: the first key, and both values."""

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from multitake.errors import InputError
from multitake.settings import parsed_toml
from shards import Store

from .batch import CONNECTION_KEYS

_MOST_SHOWN = 60


def check_same_files(store: Store, files: Mapping[str, str], *, what: str, fix: str) -> None:
    """InputError if a file of the batch (texts by name) says something else than that of the data set.

    How an engine is started and reached does not count, and files that the data set does not have.
    """
    for name, text in files.items():
        with store.reporting():
            content = store.read(name) if store.exists(name) else None
        if content is None:
            continue
        where = f"{store}/{name}"
        found = parsed_toml(content.decode(errors="replace"), where=where)
        wanted = parsed_toml(text, where=name)
        for table in (found, wanted):
            engine = table.get("engine")
            if isinstance(engine, dict):
                for key in CONNECTION_KEYS:
                    engine.pop(key, None)
        if difference := _difference(found, wanted):
            raise InputError(f"data set of another {what}: {difference}", where=where, fix=fix)


def _difference(found: Any, wanted: Any, key: str = "") -> str:
    """The first key whose values differ; empty if all are equal."""
    if found == wanted:
        return ""
    if isinstance(found, dict) and isinstance(wanted, dict):
        names = dict.fromkeys((*wanted, *found))
        parts = (_difference(found.get(n), wanted.get(n), f"{key}.{n}" if key else n) for n in names)
        return next(filter(None, parts))
    if _has_tables(found) and _has_tables(wanted):
        pairs = enumerate(zip_longest(found, wanted))
        return next(filter(None, (_difference(one, other, f"{key}[{n}]") for n, (one, other) in pairs)))
    return f"{key} is {_shown(found)}, not {_shown(wanted)}"


def _has_tables(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict) for one in value)


def _shown(value: Any) -> str:
    text = "missing" if value is None else repr(value)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}..."
