"""Measurements of the machine beside those that training takes itself (utils/device.py): memory, disk, compiler."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from groundup.utils.device import synchronize

COPIED_BYTES = 256 << 20  # more than any cache holds
WRITTEN_BYTES = 64 << 20


def memory_bytes_per_second(device: torch.device, *, repeats: int = 5) -> float:
    """Bytes read and written a second by copying a large tensor on `device` (best of several)."""
    source = torch.zeros(COPIED_BYTES, dtype=torch.uint8, device=device)
    target = torch.empty_like(source)
    target.copy_(source)
    times = []
    for _ in range(repeats):
        synchronize(device)
        start = time.perf_counter()
        target.copy_(source)
        synchronize(device)
        times.append(time.perf_counter() - start)
    return 2 * COPIED_BYTES / min(times)


def disk_bytes_per_second(folder: Path) -> float | None:
    """Bytes a second that reach the disk of `folder`, fsync included; None where nothing can be written."""
    block = os.urandom(1 << 20)
    try:
        with tempfile.TemporaryFile(dir=folder) as f:
            start = time.perf_counter()
            for _ in range(WRITTEN_BYTES >> 20):
                f.write(block)
            f.flush()
            os.fsync(f.fileno())
            return WRITTEN_BYTES / (time.perf_counter() - start)
    except OSError:
        return None


def free_disk_bytes(folder: Path) -> int:
    """Room left on the disk of `folder`."""
    return shutil.disk_usage(folder).free


def total_memory_bytes() -> int:
    """The machine's memory; 0 where nobody tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return 0


def try_compile(device: str, *, seconds: float) -> tuple[bool | None, str]:
    """Whether torch.compile gives a right result on `device`, and what happened; None: not known after `seconds`."""
    command = [sys.executable, "-m", "groundup.utils.compile_probe", device]
    start = time.perf_counter()
    try:
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=seconds, check=False)
    except subprocess.TimeoutExpired:
        return None, f"not done after {seconds:.0f} s"
    if done.returncode != 0:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        reasons = [line for line in lines if "Error" in line.split(":")[0]]
        return False, " ".join((reasons or lines or ["no reason given"])[-1].split())[:200]
    return True, f"works; a first small function takes {time.perf_counter() - start:.0f} s"
