"""Randomness by name and by counter: a draw depends on its seed and index alone."""

import hashlib

import numpy as np
from jaxtyping import Float

_DOUBLES_PER_PHILOX_COUNTER = 4


def rng_for(seed: int, *names: str | int) -> np.random.Generator:
    """A generator that depends on ``seed`` and ``names`` only, e.g. ``rng_for(7, "take", 12, "light")``."""
    digest = hashlib.blake2b(repr((seed, *names)).encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=np.frombuffer(digest, dtype=np.uint64)))


def rig_uniforms(
    *, seed: int, attempt: int, first_rig: int, rigs: int, draws: int
) -> Float[np.ndarray, "rigs draws"]:
    """Uniform [0, 1) draws of rigs ``first_rig ..``, the same however rigs are sliced into calls.

    One Philox stream per (seed, attempt); rig r owns the counters from ``r * draws / 4`` on, so ``draws``
    (a multiple of 4) is part of the law: change it and every rig changes.
    """
    if draws % _DOUBLES_PER_PHILOX_COUNTER:
        raise ValueError(f"draws must be a multiple of {_DOUBLES_PER_PHILOX_COUNTER}, not {draws}")
    counter = [first_rig * draws // _DOUBLES_PER_PHILOX_COUNTER, 0, 0, 0]
    # Typed arrays: a list that holds a number past 2**63 would pass through float64 and lose its last bits.
    key = np.array([seed, attempt], dtype=np.uint64)
    bits = np.random.Philox(key=key, counter=np.array(counter, dtype=np.uint64))
    return np.random.Generator(bits).random((rigs, draws))
