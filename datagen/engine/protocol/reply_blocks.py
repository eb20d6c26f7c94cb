"""Memory for replies, which is used again: an image in new memory takes a page fault for every 4 kB."""

import sys

import numpy as np
from jaxtyping import UInt8

# Larger blocks, and more, are given back to the system.
_MOST_BYTES, _MOST_BLOCKS = 2**22, 16


def _references() -> int:
    """How many references a block in a list has that nobody else holds: it depends on the interpreter."""
    for block in [np.empty(0, dtype=np.uint8)]:
        return sys.getrefcount(block)
    raise AssertionError


_REFERENCES = _references()


class ReplyBlocks:
    """Blocks that live as long as somebody holds them, or a view of them; some of them are kept."""

    def __init__(self) -> None:
        self._kept: list[UInt8[np.ndarray, "bytes"]] = []

    def take(self, size: int) -> UInt8[np.ndarray, "bytes"]:
        """A block of so many bytes that nobody else holds; its content is undefined."""
        for block in self._kept:
            if len(block) == size and sys.getrefcount(block) == _REFERENCES:
                return block
        block = np.empty(size, dtype=np.uint8)
        if size <= _MOST_BYTES:
            self._kept = [*self._kept[1 - _MOST_BLOCKS :], block]
        return block
