"""The rows of takes in a joint index: equal to the table, whichever block of the file is damaged."""

import zlib

import numpy as np
import pyarrow as pa
import pytest

from shards.take_index import BLOCK_BYTES, Blocks, DamagedError, TakeIndex

TAKES, MEMBERS = 20_000, 6


@pytest.fixture(scope="module")
def table() -> pa.Table:
    """Rows with numbers, words, and lists that can be null."""
    codes = np.repeat(np.arange(TAKES, dtype=np.int32), MEMBERS)
    rows = np.arange(len(codes))
    lists = [None if row % MEMBERS == 0 else [row, row + 1, row % 7] for row in rows.tolist()]
    keys = [f"take_{number:06d}" for number in range(TAKES)]
    return pa.table(
        {
            "take": pa.DictionaryArray.from_arrays(pa.array(codes), pa.array(keys)),
            "offset": pa.array(rows * 1000),
            "gop_ends": pa.array(lists, pa.list_(pa.int64())),
        }
    )


@pytest.fixture(scope="module")
def file(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def checksums(content: bytes) -> list[int]:
    return [zlib.crc32(content[at : at + BLOCK_BYTES]) for at in range(0, len(content), BLOCK_BYTES)]


def opened(content: bytes, file: bytes, table: pa.Table) -> tuple[TakeIndex, list[int]]:
    """The index of a file that should be ``file``; a list that has an entry if it was made again."""
    buffer, made = pa.py_buffer(content), []

    def again() -> pa.Table:
        made.append(1)
        return table.combine_chunks()

    return TakeIndex(pa.ipc.open_file(buffer).read_all(), Blocks(buffer, checksums(file)), again), made


def expected(table: pa.Table, take: int) -> list[dict]:
    return table.slice(take * MEMBERS, MEMBERS).to_pylist()


def test_rows_are_those_of_the_table(table: pa.Table, file: bytes) -> None:
    index, made = opened(file, file, table)
    for take in (0, 1, TAKES // 2, TAKES - 1):
        assert index.rows_of(f"take_{take:06d}") == expected(table, take)
    assert index.rows_of("take_7") == []
    assert index.keys == tuple(f"take_{number:06d}" for number in range(TAKES))
    assert index.of_takes("offset") == list(range(0, TAKES * MEMBERS * 1000, MEMBERS * 1000))
    assert index.is_sound and index.table == table and not made


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_block_is_never_used(table: pa.Table, file: bytes, seed: int) -> None:
    rng = np.random.default_rng(seed)
    content, place = bytearray(file), int(rng.integers(len(file)))
    content[place] ^= int(rng.integers(1, 256))
    try:
        index, made = opened(bytes(content), file, table)
    except (DamagedError, pa.ArrowException, OSError):
        # What is not in a column is needed, and checked, at once.
        return
    assert not index.is_sound
    for take in rng.integers(TAKES, size=20).tolist():
        assert index.rows_of(f"take_{take:06d}") == expected(table, take)
    assert index.table == table and made == [1]


def test_takes_are_found_in_any_order_of_their_words(table: pa.Table) -> None:
    keys = table["take"].combine_chunks()
    backwards = pa.DictionaryArray.from_arrays(
        pa.array((TAKES - 1 - keys.indices.to_numpy()).astype(np.int32)),
        keys.dictionary[::-1].take(pa.array(range(TAKES))),
    )
    index = TakeIndex(table.set_column(0, "take", backwards))
    for take in (0, 77, TAKES - 1):
        assert index.rows_of(f"take_{take:06d}") == expected(table, take)
    assert index.rows_of("") == index.rows_of("take_") == index.rows_of("0000") == []


def test_one_take_needs_few_blocks(table: pa.Table, file: bytes) -> None:
    damaged = bytearray(file)
    # The end of the last column, far from the rows of the first takes.
    damaged[-BLOCK_BYTES] ^= 1
    index, made = opened(bytes(damaged), file, table)
    assert index.rows_of("take_000001") == expected(table, 1) and not made
    assert index.rows_of(f"take_{TAKES - 1:06d}") == expected(table, TAKES - 1)


def test_a_file_of_another_length_is_refused(file: bytes) -> None:
    with pytest.raises(DamagedError):
        Blocks(pa.py_buffer(file[:-BLOCK_BYTES]), checksums(file))
    with pytest.raises(DamagedError):
        Blocks(pa.py_buffer(file + bytes(BLOCK_BYTES)), checksums(file))
