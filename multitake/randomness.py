"""Random numbers by name and by counter: they depend on a seed and an index alone."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from jaxtyping import Float

_DOUBLES_PER_PHILOX_COUNTER = 4
_Item = TypeVar("_Item")


def rng_for(seed: int, *names: str | int) -> np.random.Generator:
    """A generator that depends on ``seed`` and ``names`` alone, e.g. ``rng_for(7, "take", 12, "light")``."""
    digest = hashlib.blake2b(repr((seed, *names)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest, dtype=np.uint64)))


def in_turn(seed: int, name: str, items: Sequence[_Item], index: int) -> _Item:
    """Item ``index`` of an endless sequence in which every round has each item once, in another order."""
    round_, place = divmod(index, len(items))
    return items[int(rng_for(seed, name, round_).permutation(len(items))[place])]


def row_uniforms(
    *, seed: int, stream: int, first_row: int, rows: int, columns: int
) -> Float[np.ndarray, "{rows} {columns}"]:
    """Uniform numbers in [0, 1) of rows ``first_row ..``, the same however rows are split into calls.

    Each (seed, stream) is one Philox stream, and row r starts at its counter ``r * columns / 4``. So another
    number of columns (a multiple of 4) changes every row.
    """
    if columns % _DOUBLES_PER_PHILOX_COUNTER:
        raise ValueError(f"columns must be a multiple of {_DOUBLES_PER_PHILOX_COUNTER}, not {columns}")
    counter = [first_row * columns // _DOUBLES_PER_PHILOX_COUNTER, 0, 0, 0]
    # Typed arrays: in a list, a number above 2**63 would become a float64 and lose its last bits.
    key = np.array([seed, stream], dtype=np.uint64)
    bits = np.random.Philox(key=key, counter=np.array(counter, dtype=np.uint64))
    return np.random.Generator(bits).random((rows, columns))
