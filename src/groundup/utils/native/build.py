"""C sources of a package, compiled once a machine for its very processor and kept in the user's cache."""

import hashlib
import os
import platform
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from importlib.resources import as_file, files
from pathlib import Path

FLAGS = ("-O3", "-std=gnu11", "-ffp-contract=fast", "-fPIC", "-shared", "-pthread")
COMPILERS = ("cc", "gcc", "clang")
SECONDS_TO_COMPILE = 120
SHARED = ("groundup.utils.native", "vectors.h")  # the package and the header that all sources may include

# What goes wrong where there is no compiler, no folder to write to, or code that does not run here.
FAILURES = (OSError, subprocess.SubprocessError, RuntimeError)


def switched_off() -> bool:
    """Whether the user wants none of it."""
    return os.environ.get("GROUNDUP_NATIVE") == "0"


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


def compiled(package: str, sources: Sequence[str]) -> Path:
    """Path of the shared library of `sources` in `package`, compiled now unless this machine has it already.

    The first source is compiled; it includes the others. Raises one of FAILURES.
    """
    cc = compiler()
    if cc is None:
        raise RuntimeError("there is no C compiler; install gcc or clang")
    digest = hashlib.sha256("\0".join([cc, _processor(), *FLAGS]).encode())
    own, shared = files(package), files(SHARED[0])
    for text in (*(own.joinpath(name) for name in sources), shared.joinpath(SHARED[1])):
        digest.update(text.read_bytes())
    path = cache_folder() / f"{Path(sources[0]).stem}-{digest.hexdigest()[:16]}.so"
    if not path.is_file():
        with ExitStack() as stack:
            folder, include = (Path(stack.enter_context(as_file(place))) for place in (own, shared))
            _compile(cc, folder / sources[0], include, path)
    return path


def _compile(cc: str, source: Path, include: Path, path: Path) -> None:
    """For this very processor if the compiler knows how to; written beside its place and renamed."""
    with tempfile.TemporaryDirectory(dir=path.parent) as temporary:
        target = Path(temporary) / path.name
        for tuning in (["-march=native"], ["-mcpu=native"], []):
            result = _run([cc, *FLAGS, *tuning, f"-I{include}", str(source), "-o", str(target), "-lm"])
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
