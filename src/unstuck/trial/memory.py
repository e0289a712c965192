"""Memory that an ensemble frees is kept for its next step, instead of going back to the system.

A step of an ensemble allocates and frees megabytes. glibc hands such blocks back at once, and every
new one costs a page fault per 4 KiB: on stacks of mini-batch networks more than half of the time.
"""

from __future__ import annotations

import ctypes
import functools
import sys

TRIM_THRESHOLD, MMAP_THRESHOLD = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD in malloc.h
KEPT = 1 << 30  # bytes at the top of the heap that may lie idle: an ensemble's peak is well below
BLOCK = 1 << 29  # bytes from which on a block is mapped by itself: larger than any of an ensemble's


@functools.cache
def keep_freed() -> bool:
    """Tell the allocator to keep what is freed; say whether it is one that listens (glibc's)."""
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # another libc
        return False
    return bool(mallopt(MMAP_THRESHOLD, BLOCK) and mallopt(TRIM_THRESHOLD, KEPT))
