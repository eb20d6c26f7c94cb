"""The memory of the engine process: the program break does not move while the engine serves.

Panda and the C library both have an allocator that moves it with ``sbrk``, which is not safe in two threads:
one could be given memory that the other has just returned. Without it, both map their memory instead.
"""

import ctypes
import mmap
import sys
from contextlib import suppress

_MAP_FIXED_NOREPLACE = 0x100000
_M_MMAP_THRESHOLD = -3
# Larger blocks are mapped one by one, as images of many sizes would leave gaps between each other.
_LARGE_BYTES = 2**18


def fix_program_break() -> None:
    """Keep the program break where it is, on Linux. Call it before other threads start."""
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    library.sbrk.restype, library.sbrk.argtypes = ctypes.c_void_p, [ctypes.c_ssize_t]
    library.mmap.restype = ctypes.c_void_p
    library.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
    # A page of neither, as they give back only what is at the end of the heap and theirs.
    library.sbrk(mmap.PAGESIZE)
    end = -(-library.sbrk(0) // mmap.PAGESIZE) * mmap.PAGESIZE
    # A page that is in the way, as the heap only grows into free addresses.
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_FIXED_NOREPLACE
    library.mmap(end, mmap.PAGESIZE, 0, flags, -1, 0)
    with suppress(AttributeError):
        library.mallopt(_M_MMAP_THRESHOLD, _LARGE_BYTES)
