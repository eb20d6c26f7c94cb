"""``batch.toml`` and ``catalog.toml`` of takes of several batches: the files of all of them, as texts."""

from collections.abc import Iterable, Mapping
from typing import Any

import tomli_w

from multitake.input_files import parsing
from multitake.settings import parsed_toml

from .format import RESTORE

_MERGED = "merged"
_ABOUT = "# Takes of several batches: the file of each one, as text, with the name of its data set.\n\n"


def merged_text(texts: Iterable[tuple[str, str]], *, where: str) -> str:
    """The file of several batches, given by name of data set and text: that of all if they are equal."""
    entries: dict[str, str] = {}
    for name, text in texts:
        merged = parsed_toml(text, where=where).get(_MERGED)
        for one in merged if isinstance(merged, list) else [{"name": name, "text": text}]:
            entries.setdefault(one["text"], one["name"])
    if len(entries) == 1:
        return next(iter(entries))
    tables = [{"name": name, "text": text} for text, name in entries.items()]
    return _ABOUT + tomli_w.dumps({_MERGED: tables}, multiline_strings=True)


def batch_tables(text: str, *, where: str) -> list[Mapping[str, Any]]:
    """The tables of the file of each batch; of a data set of one batch these are those of the file itself."""
    content = parsed_toml(text, where=where)
    with parsing("not the files of several batches", where=where, fix=RESTORE):
        merged = [str(one["text"]) for one in content.get(_MERGED, ())]
    return [parsed_toml(one, where=f"{where}: {_MERGED}") for one in merged] or [content]
