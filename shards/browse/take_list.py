"""The list of takes: searched in the take table by words and by an SQL condition."""

from collections.abc import Sequence
from functools import cached_property, lru_cache
from typing import Any

from ..conditions import takes_where
from ..reading import Dataset

_COLUMNS = (
    *("take", "split", "environment", "characters", "animations", "light", "look"),
    *("caption", "captions"),
)
MOST_LISTED = 200
_SHARDS = 64


class TakeList:
    """The takes of a data set for the search. The first search for words reads the whole take table."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        self._rows_of = lru_cache(_SHARDS)(self._read_rows)

    def found(self, *, words: str, where: str, offset: int, most: int) -> dict[str, Any]:
        """The takes with all ``words`` in their columns that fulfil the condition ``where``, if there is one.

        InputError for an invalid condition.
        """
        keys: Sequence[str] = self._dataset.keys
        if where:
            keys = takes_where(self._dataset, where, option="SQL", may_be_empty=True)
        wanted = words.lower().split()
        if wanted:
            keys = [key for key in keys if all(word in self._texts[key] for word in wanted)]
        listed = [self._about(key) for key in keys[offset : offset + min(most, MOST_LISTED)]]
        return {"total": len(keys), "all": len(self._dataset), "offset": offset, "takes": listed}

    def _about(self, key: str) -> dict[str, str]:
        row = self._rows_of(self._dataset.shard_of(key))[key]
        return {"take": key, "environment": row["environment"], "characters": _text(row["characters"])}

    def _read_rows(self, shard: int) -> dict[str, dict[str, Any]]:
        """The rows of the take table of a shard, by take."""
        return {row["take"]: row for row in self._dataset.files.takes(shard).to_pylist()}

    @cached_property
    def _texts(self) -> dict[str, str]:
        """All words of each take, in small letters: reads the whole take table."""
        table = self._dataset.takes_table(_COLUMNS)
        rows = table.itertuples(index=False)
        return {row[0]: " ".join(map(_text, row)).lower() for row in rows}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ", ".join(map(str, value)) if value is not None else ""
