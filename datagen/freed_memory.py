"""Memory that is freed stays with the process that films: images come and go all the time.

glibc gives blocks of this size back to the system at once, and the next image then takes a page fault for
every 4 kB: half of the time that receiving an image takes.
"""

import ctypes
import sys
from contextlib import suppress

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
# Larger blocks are still given back; 32 MiB is the most that glibc takes.
_BLOCK_BYTES, _KEPT_BYTES = 2**25, 2**28


def keep_freed_memory() -> None:
    """Let this process keep what it frees, up to 256 MiB at the end of each heap; on Linux with glibc."""
    if sys.platform == "linux":
        library = ctypes.CDLL(None)
        with suppress(AttributeError):
            library.mallopt(_M_MMAP_THRESHOLD, _BLOCK_BYTES)
            library.mallopt(_M_TRIM_THRESHOLD, _KEPT_BYTES)
