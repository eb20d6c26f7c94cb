"""The rows of the indexes of a data set, found by take."""

import zlib
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import pyarrow as pa

BLOCK_BYTES = 2**18
# From .. to, in bytes of a file or addresses in memory.
_Range = tuple[int, int]


class DamagedError(Exception):
    """A block of a file differs from its checksum."""


class Blocks:
    """A file in memory, or mapped, of which blocks are compared with their crc32 when they are first used."""

    def __init__(self, content: pa.Buffer, crc32: Sequence[int]) -> None:
        """DamagedError unless there is one checksum for each block of the file."""
        if len(crc32) != -(-content.size // BLOCK_BYTES):
            raise DamagedError
        self._content, self._crc32 = content, crc32
        self._is_checked = np.zeros(len(crc32), dtype=bool)

    def check(self, ranges: Iterator[_Range]) -> None:
        """Compare the blocks of some addresses before the next range is asked for; DamagedError."""
        for start, stop in ranges:
            if start < stop:
                first, last = ((at - self._content.address) // BLOCK_BYTES for at in (start, stop - 1))
                self._check(range(first, last + 1))

    def check_all_but(self, ranges: Iterator[_Range]) -> None:
        """Compare the blocks that are not entirely in one of these ranges; DamagedError."""
        is_other = np.ones(len(self._crc32), dtype=bool)
        for start, stop in ranges:
            first = -(-(start - self._content.address) // BLOCK_BYTES)
            is_other[first : max(first, (stop - self._content.address) // BLOCK_BYTES)] = False
        self._check(np.flatnonzero(is_other).tolist())

    def _check(self, blocks: Sequence[int]) -> None:
        view = memoryview(self._content)
        for block in blocks:
            if not self._is_checked[block]:
                if zlib.crc32(view[block * BLOCK_BYTES : (block + 1) * BLOCK_BYTES]) != self._crc32[block]:
                    raise DamagedError
                self._is_checked[block] = True


class TakeIndex:
    """The rows of the indexes of all shards, in their order; those of a take are next to each other.

    Args:
        table: the rows, in one chunk.
        blocks: the file that the table is in, if its columns are to be checked when they are used.
        again: makes the table again, if a block turns out to be damaged.
        opened: opens the same index in another process; None pickles the table.
    """

    def __init__(
        self,
        table: pa.Table,
        blocks: Blocks | None = None,
        again: Callable[[], pa.Table] | None = None,
        opened: "Callable[[], TakeIndex] | None" = None,
    ) -> None:
        self._table, self._blocks, self._again, self._opened = table, blocks, again, opened
        if blocks:
            blocks.check_all_but(part for name in table.column_names for part in _parts(_array(table, name)))

    def __reduce__(self) -> tuple[object, ...]:
        return (self._opened, ()) if self._opened else (TakeIndex, (self.table,))

    @property
    def table(self) -> pa.Table:
        """All rows, checked."""
        return self._checked(0, len(self._table), self._table.column_names)

    @property
    def is_sound(self) -> bool:
        """Whether the entire table is as it was written."""
        return self._blocks is None or self._is_sound(
            self._blocks, 0, len(self._table), self._table.column_names
        )

    @cached_property
    def shards(self) -> tuple[int, ...]:
        """The numbers of the shards, in their order."""
        return tuple(dict.fromkeys(self.of_takes("shard")))

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of all takes, in their order."""
        return tuple(self.of_takes("take"))

    def of_takes(self, column: str) -> list[Any]:
        """The values of a column in the first row of each take."""
        table = self._checked(0, len(self._table), ["take", column])
        rows = pa.py_buffer(np.ascontiguousarray(self._first_rows, dtype=np.int64))
        places = pa.Array.from_buffers(pa.int64(), len(self._first_rows), [None, rows])
        return table[column].take(places).to_pylist()

    def keys_of(self, shard: int) -> tuple[str, ...]:
        """The keys of the takes of a shard, in their order."""
        return self._by_shard.get(shard, ())

    @cached_property
    def _by_shard(self) -> dict[int, tuple[str, ...]]:
        found: dict[int, list[str]] = {}
        for key, shard in zip(self.keys, self.of_takes("shard"), strict=True):
            found.setdefault(shard, []).append(key)
        return {shard: tuple(keys) for shard, keys in found.items()}

    def checksums(self, keys: Collection[str]) -> bytes:
        """The crc32 of each row of some takes, in the order of the index; little-endian."""
        table = self._checked(0, len(self._table), ["take", "crc32"])
        wanted = frozenset(keys)
        of_takes = np.isin(np.arange(len(self.keys)), [n for n, key in enumerate(self.keys) if key in wanted])
        rows = np.diff(self._first_rows, append=len(table))
        crc32 = np.frombuffer(_array(table, "crc32").buffers()[1], dtype=np.int64)[: len(table)]
        return crc32[np.repeat(of_takes, rows)].astype("<u4").tobytes()

    def rows_of(self, key: str, columns: Sequence[str] = ()) -> list[dict[str, Any]]:
        """The rows of a take, of all columns or of some; none if it is unknown."""
        table = self._checked(0, len(self._table), ["take"])
        code, codes = self._place_of(key), _codes(table)
        first, stop = (
            np.searchsorted(codes, [code, code + 1]).tolist() if self._ascends else _ends(codes == code)
        )
        if code < 0 or first == stop:
            return []
        names = list(columns) or table.column_names
        return self._checked(first, stop, names).slice(first, stop - first).select(names).to_pylist()

    def _place_of(self, key: str) -> int:
        """The number of a take; -1 if it is unknown. Comparisons of pyarrow import pandas, which is slow."""
        wanted, (text, ends) = key.encode(), self._words
        at = text.find(wanted) if wanted else -1
        while at >= 0:
            place = int(np.searchsorted(ends, at))
            if ends[place] == at and ends[place + 1] == at + len(wanted):
                return place
            at = text.find(wanted, at + 1)
        return -1

    @cached_property
    def _words(self) -> tuple[bytes, np.ndarray]:
        """The keys as one text, and where each begins; the end of the last one."""
        _, ends, text = _array(self._table, "take").dictionary.buffers()
        # Copies: a file that is mapped can be cut later.
        return memoryview(text or b"").tobytes(), np.frombuffer(ends, dtype=np.int32).copy()

    @cached_property
    def _ascends(self) -> bool:
        """Whether the numbers of takes ascend, as they do in files that this package writes."""
        codes = _codes(self._checked(0, len(self._table), ["take"]))
        return bool((codes[1:] >= codes[:-1]).all())

    @cached_property
    def _first_rows(self) -> np.ndarray:
        """The number of the first row of each take."""
        return np.flatnonzero(np.diff(_codes(self._checked(0, len(self._table), ["take"])), prepend=-1))

    def _checked(self, first: int, stop: int, columns: Sequence[str]) -> pa.Table:
        """The table, of which these rows and columns were checked; made again if they are damaged."""
        if self._blocks and self._again and not self._is_sound(self._blocks, first, stop, columns):
            self._table, self._blocks = self._again(), None
        return self._table

    def _is_sound(self, blocks: Blocks, first: int, stop: int, columns: Sequence[str]) -> bool:
        try:
            for name in columns:
                blocks.check(_parts(_array(self._table, name), first, stop))
        except DamagedError:
            return False
        return True


def _array(table: pa.Table, name: str) -> pa.Array:
    return table[name].chunk(0) if table[name].num_chunks else table[name].combine_chunks()


def _codes(table: pa.Table) -> np.ndarray:
    """A number for the take of each row."""
    codes = _array(table, "take").indices
    # By buffers: conversions between pyarrow and numpy import pandas, which takes as much memory.
    return np.frombuffer(codes.buffers()[1], dtype=np.int32)[: len(codes)]


def _ends(chosen: np.ndarray) -> tuple[int, int]:
    """The first chosen place, and the one after the last."""
    places = np.flatnonzero(chosen)
    return (int(places[0]), int(places[-1]) + 1) if len(places) else (0, 0)


def _parts(array: pa.Array, first: int = 0, stop: int | None = None) -> Iterator[_Range]:
    """The addresses of some elements of an array that starts with its buffers; not those of a dictionary."""
    stop = len(array) if stop is None else stop
    if isinstance(array, pa.DictionaryArray):
        yield from _parts(array.indices, first, stop)
        return
    validity, numbers = array.buffers()[:2]
    if validity:
        yield validity.address + first // 8, validity.address + -(-stop // 8)
    if not isinstance(array, pa.ListArray):
        size = array.type.bit_width // 8
        yield numbers.address + first * size, numbers.address + stop * size
    elif len(array):
        yield numbers.address + 4 * first, numbers.address + 4 * (stop + 1)
        # These were checked by now.
        ends = np.frombuffer(numbers, dtype=np.int32)
        yield from _parts(array.values, int(ends[first]), int(ends[stop]))
