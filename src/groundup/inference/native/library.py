"""The C part: compiled once a machine, kept in the user's cache, tried out before it is trusted.

Whatever is missing (a compiler, a folder to write to, x86-64 or ARM) means None here and one line said; the program
then runs on PyTorch's own operations.
"""

import ctypes
from pathlib import Path

from groundup.utils.native.build import FAILURES, compiled, switched_off
from groundup.utils.progress import Say, quiet

SOURCES = ("decode.c", "attention.h", "kernels.h", "team.h")


def load_library(say: Say = quiet) -> ctypes.CDLL | None:
    """The compiled library, or None after saying why there is none."""
    if switched_off():
        say("native code is switched off (GROUNDUP_NATIVE=0): PyTorch's own operations do the work")
        return None
    try:
        return _open(compiled("groundup.inference.native", SOURCES))
    except FAILURES as error:
        reason = " ".join(str(error).split())[:200]
        say(f"no native code ({reason}): PyTorch's own operations do the work, several times slower")
        return None


def _open(path: Path) -> ctypes.CDLL:
    library = ctypes.CDLL(str(path))
    library.decoder_new.restype = ctypes.c_void_p
    library.decoder_new.argtypes = [ctypes.c_void_p, ctypes.c_int]
    library.decoder_free.restype = None
    library.decoder_free.argtypes = [ctypes.c_void_p]
    library.decoder_threads.argtypes = [ctypes.c_void_p]
    pointers = [ctypes.c_void_p] * 3
    library.decoder_step.restype = None
    library.decoder_step.argtypes = [ctypes.c_void_p, ctypes.c_int, *pointers, ctypes.c_int, *[ctypes.c_void_p] * 2]
    return library
