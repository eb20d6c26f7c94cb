"""The levels by name."""

import zlib
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from ..compact import compact
from ..disk_cache import cached
from ..environment import Environment
from .indoor import INDOOR
from .outdoor import OUTDOOR
from .room import room
from .street import street

LEVELS: dict[str, Callable[[np.random.Generator], Environment]] = {
    "Street": street,
    "Room": room,
    **INDOOR,
    **OUTDOOR,
}
# A level has some 10 MB.
_KEPT_LEVELS = 8


@lru_cache(maxsize=_KEPT_LEVELS)
def environment(name: str) -> Environment:
    """Return the environment of a level; its arrays are read-only."""
    rng = np.random.default_rng([zlib.crc32(b"environment"), zlib.crc32(name.encode())])
    return cached(f"level-{name}", lambda: compact(LEVELS[name](rng)))
