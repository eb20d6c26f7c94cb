"""Memory that is used again: slots of equal size, which processes can share without copying."""

import mmap
import os
import tempfile
import weakref
from collections import deque

import numpy as np
from jaxtyping import UInt8


class SlotMemory:
    """Slots of a memory file, each mapped when it is first used.

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
        self._maps: dict[int, mmap.mmap] = {}

    def reserve(self, slots: int) -> None:
        """Map so many slots in advance: the first use of new pages takes longer than decoding into them."""
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(self.file, 0, slots * self._step)
        for number in range(slots):
            self.slot(number)

    def slot(self, number: int) -> UInt8[np.ndarray, " bytes"]:
        """The bytes of a slot; the same memory in all processes that have the file."""
        if number not in self._maps:
            end = (number + 1) * self._step
            if os.fstat(self.file).st_size < end:
                os.ftruncate(self.file, end)
            # All pages at once: faults of single pages would make the first samples slower.
            flags = mmap.MAP_SHARED | getattr(mmap, "MAP_POPULATE", 0)
            self._maps[number] = mmap.mmap(self.file, self._step, flags=flags, offset=number * self._step)
        return np.frombuffer(self._maps[number], dtype=np.uint8, count=self.slot_bytes)


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
