"""Memory that is used again: slots of equal size, which processes can share without copying."""

import mmap
import os
import tempfile
import weakref
from collections import deque

import numpy as np
from jaxtyping import UInt8


class SlotMemory:
    """Slots of a memory file, mapped when they are first used, as many again as there are.

    The file has no name, so nothing is left when its processes end, and no limit but the memory: that of
    ``/dev/shm`` does not count.
    """

    def __init__(self, slot_bytes: int, *, file: int | None = None) -> None:
        self.slot_bytes = slot_bytes
        self.file = _memory_file() if file is None else file
        if file is None:
            # What is mapped stays.
            weakref.finalize(self, os.close, self.file)
        self._step = -(-slot_bytes // mmap.ALLOCATIONGRANULARITY) * mmap.ALLOCATIONGRANULARITY
        # For each slot, its map and its place there. Each map holds a file descriptor: few are made.
        self._places: list[tuple[mmap.mmap, int]] = []

    def reserve(self, slots: int) -> None:
        """Make so many slots in advance: the first use of new pages takes longer than decoding into them."""
        if slots <= len(self._places):
            return
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self.file, 0, slots * self._step)
        self._map(slots - len(self._places), getattr(mmap, "MAP_POPULATE", 0))

    def slot(self, number: int) -> UInt8[np.ndarray, " bytes"]:
        """The bytes of a slot; the same memory in all processes that have the file."""
        while number >= len(self._places):
            self._map(max(1, len(self._places)), 0)
        content, place = self._places[number]
        return np.frombuffer(content, dtype=np.uint8, count=self.slot_bytes, offset=place)

    def _map(self, slots: int, flags: int) -> None:
        """Map further slots; their pages are made when they are used, or at once."""
        start, size = len(self._places) * self._step, slots * self._step
        if os.fstat(self.file).st_size < start + size:
            os.ftruncate(self.file, start + size)
        content = mmap.mmap(self.file, size, flags=mmap.MAP_SHARED | flags, offset=start)
        self._places += [(content, number * self._step) for number in range(slots)]


class SlotPool:
    """Slots that are free again as soon as nothing refers to what was lent; there are as many as needed."""

    def __init__(self, slot_bytes: int) -> None:
        self.memory = SlotMemory(slot_bytes)
        self.count = 0
        self._free: deque[int] = deque()

    def reserve(self, slots: int) -> None:
        """Make so many slots in advance."""
        self.memory.reserve(slots)
        self._free.extendleft(range(self.count, slots))
        self.count = max(self.count, slots)

    def take(self) -> int:
        """The number of a free slot, or of a new one."""
        # The last one that was freed is in the caches of the processor.
        if self._free:
            return self._free.pop()
        self.count += 1
        return self.count - 1

    def lend(self, number: int) -> UInt8[np.ndarray, " bytes"]:
        """The bytes of a slot that was taken; it is free when this array is gone, with all tensors of it."""
        content = self.memory.slot(number)
        weakref.finalize(content, self._free.append, number).atexit = False
        return content


def _memory_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("multitake-pairs")
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
