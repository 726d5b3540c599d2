"""The C part: compiled once a machine, kept in the user's cache, tried out before it is trusted.

Whatever is missing (a compiler, a folder to write to, x86-64 or ARM) means None here and one line said; the program
then runs on PyTorch's own operations.
"""

import ctypes
import hashlib
import os
import platform
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from importlib.resources import as_file, files
from pathlib import Path

from groundup.utils.progress import Say, quiet

SOURCES = ("decode.c", "kernels.h", "team.h")
FLAGS = ("-O3", "-std=gnu11", "-ffp-contract=fast", "-fPIC", "-shared", "-pthread")
COMPILERS = ("cc", "gcc", "clang")
SECONDS_TO_COMPILE = 120


def compiler() -> str | None:
    """The system's C compiler: $CC, else the first of the usual names that is there."""
    return next((found for name in (os.environ.get("CC"), *COMPILERS) if name and (found := shutil.which(name))), None)


def cache_folder() -> Path:
    """Where compiled code is kept: one's own folder only, since whoever can write there can run code as us."""
    root = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(root) / "groundup"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    state = folder.stat()
    if hasattr(os, "getuid") and (state.st_uid != os.getuid() or state.st_mode & stat.S_IWOTH):
        raise PermissionError(f"{folder} can be written by others")
    return folder


def load_library(say: Say = quiet) -> ctypes.CDLL | None:
    """The compiled library, or None after saying why there is none."""
    if os.environ.get("GROUNDUP_NATIVE") == "0":
        say("native code is switched off (GROUNDUP_NATIVE=0): PyTorch's own operations do the work")
        return None
    try:
        return _open(_compiled())
    except (OSError, subprocess.SubprocessError, RuntimeError) as error:
        reason = " ".join(str(error).split())[:200]
        say(f"no native code ({reason}): PyTorch's own operations do the work, several times slower")
        return None


def _compiled() -> Path:
    """Path of the shared library, compiled now unless this machine has it already."""
    cc = compiler()
    if cc is None:
        raise RuntimeError("there is no C compiler; install gcc or clang")
    digest = hashlib.sha256("\0".join([cc, _processor(), *FLAGS]).encode())
    source = files("groundup.inference.native")
    for name in SOURCES:
        digest.update(source.joinpath(name).read_bytes())
    path = cache_folder() / f"decode-{digest.hexdigest()[:16]}.so"
    if not path.is_file():
        with as_file(source) as folder:
            _compile(cc, Path(folder) / SOURCES[0], path)
    return path


def _compile(cc: str, source: Path, path: Path) -> None:
    """For this very processor if the compiler knows how to; written beside its place and renamed."""
    with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
        target = Path(temporary) / path.name
        for tuning in (["-march=native"], ["-mcpu=native"], []):
            result = _run([cc, *FLAGS, *tuning, str(source), "-o", str(target), "-lm"])
            if result.returncode == 0:
                os.replace(target, path)
                return
    raise RuntimeError(f"{cc} failed: {result.stderr.strip()}")


def _run(command: Sequence[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=SECONDS_TO_COMPILE, check=False)


def _processor() -> str:
    """What the compiled code depends on: one home folder may serve several kinds of machines."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as f:
            lines = {line for line in f if line.startswith(("flags", "model name", "Features", "CPU part"))}
        return platform.machine() + "".join(sorted(lines))
    except OSError:
        return "/".join(platform.uname()[3:])


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
