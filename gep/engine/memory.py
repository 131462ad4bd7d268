"""How the C library of Linux gives memory to a pass.

The arrays of a square, of some megabytes each, are taken and let go thousands of times. By itself glibc gives such
memory back to the system at once and asks for it anew, and the system clears every page: a tenth of the time of a pass.
Elsewhere nothing is done.
"""

from __future__ import annotations

import ctypes
from contextlib import suppress

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""The names of settings in malloc.h."""

AT_HAND, LARGEST = 128 * 2**20, 32 * 2**20
"""Bytes that stay with the process while nothing needs them, and of arrays for which that is so."""


def keep() -> None:
    """From now on, keep what is let go for what comes next; threads take it from one place. This is of the whole
    process: for one that does nothing else, a command or a worker, not for one in which somebody else works too.
    """
    with suppress(OSError, AttributeError, TypeError):  # another C library
        library = ctypes.CDLL(None)
        for setting, value in ((_MMAP_THRESHOLD, LARGEST), (_TRIM_THRESHOLD, AT_HAND), (_ARENA_MAX, 1)):
            library.mallopt(setting, value)


def give_back() -> None:
    """Give back to the system what nothing needs."""
    with suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)
