"""What the system tells about processes and processors. Needs no torch."""

import os


def is_alive(process: int) -> bool:
    """Whether a process of this number runs on this machine; True where the system does not say."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:  # somebody else's
        return True
    return True


def available_cores() -> int:
    """Processor cores that this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        return os.cpu_count() or 1
