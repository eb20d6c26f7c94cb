"""Random numbers depend on their seed and names, or on seed, stream and row, alone."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import kstest

from multitake.randomness import rng_for, row_uniforms

SEEDS = st.integers(0, 2**64 - 1)
NAMES = st.lists(st.text(max_size=4) | st.integers(0, 20), max_size=3).map(tuple)


@given(first=st.tuples(SEEDS, NAMES), second=st.tuples(SEEDS, NAMES))
def test_generators_are_equal_only_for_equal_seeds_and_names(first, second) -> None:
    one, other = (rng_for(seed, *names).integers(0, 2**63, 4).tolist() for seed, names in (first, second))
    assert one == rng_for(first[0], *first[1]).integers(0, 2**63, 4).tolist()
    assert (one == other) == (first == second)


def test_similar_names_give_different_streams() -> None:
    names = [
        (),
        ("a",),
        ("a", "b"),
        ("b", "a"),
        ("ab",),
        ("take", 1),
        ("take", "1"),
        ("take", 11),
        ("take1",),
    ]
    seeds = (0, 1, 2**63, 2**64 - 1)
    streams = {rng_for(seed, *parts).bytes(16) for seed in seeds for parts in names}
    assert len(streams) == len(seeds) * len(names)


@given(
    seed=SEEDS,
    stream=st.integers(0, 1000),
    columns=st.integers(1, 6).map(lambda n: 4 * n),
    cuts=st.lists(st.integers(0, 30), max_size=5).map(sorted),
)
def test_rows_do_not_depend_on_how_calls_split_them(
    seed: int, stream: int, columns: int, cuts: list[int]
) -> None:
    def rows(first: int, last: int) -> np.ndarray:
        return row_uniforms(seed=seed, stream=stream, first_row=first, rows=last - first, columns=columns)

    key = np.array([seed, stream], dtype=np.uint64)
    # Rows from 0 are numpy's own stream of this key.
    expected = np.random.Generator(np.random.Philox(key=key)).random((30, columns))
    edges = [0, *cuts, 30]
    parts = [rows(first, last) for first, last in pairwise(edges)]
    np.testing.assert_array_equal(np.concatenate(parts), expected)
    np.testing.assert_array_equal(rows(17, 18)[0], expected[17])


def test_seed_stream_and_row_all_matter() -> None:
    def numbers(**changes: int) -> bytes:
        values = {"seed": 1, "stream": 0, "first_row": 0} | changes
        return row_uniforms(rows=1, columns=8, **values).tobytes()

    changes = (
        {},
        {"seed": 2},
        {"seed": 2**64 - 1},
        {"seed": 2**64 - 2},
        {"stream": 1},
        {"first_row": 1},
        {"first_row": 2**50},
        {"seed": 0, "stream": 1},
    )
    assert len({numbers(**change) for change in changes}) == len(changes)


def test_row_numbers_are_uniform_in_every_column() -> None:
    numbers = row_uniforms(seed=3, stream=0, first_row=10**9, rows=20_000, columns=8)
    assert ((numbers >= 0) & (numbers < 1)).all()
    for column in numbers.T:
        assert kstest(column, "uniform").statistic < 0.015
    assert np.abs(np.corrcoef(numbers.T) - np.eye(8)).max() < 0.03


@pytest.mark.parametrize("columns", [1, 6, 13])
def test_columns_must_be_a_multiple_of_four(columns: int) -> None:
    with pytest.raises(ValueError, match=f"columns must be a multiple of 4, not {columns}"):
        row_uniforms(seed=9, stream=0, first_row=0, rows=1, columns=columns)
