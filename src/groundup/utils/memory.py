"""What the C library does with memory that is freed."""

import ctypes

# glibc's mallopt(3): parameter, value. The largest threshold that it takes is 32 MiB.
_KEEP = ((-3, 1 << 25), (-1, (1 << 31) - 1), (-8, 1))  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_ARENA_MAX


def keep_freed_memory() -> None:
    """Let this process keep what it frees, for the next allocation: a training step asks for the same sizes again.

    By default glibc returns large blocks to the system, which hands them back page by page, each cleared anew: some
    5 % of a step. Where the C library is another one, nothing happens.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):  # no such function; TypeError: Windows opens nothing by that name
        return
    for parameter, value in _KEEP:
        mallopt(parameter, value)
