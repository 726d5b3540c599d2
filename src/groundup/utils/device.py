"""What this machine has: devices, memory, the precision that pays, the speed of its matrix products."""

import os
import statistics
import sys
import time
from dataclasses import dataclass

import torch

from groundup.utils.errors import UserError

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]


@dataclass(frozen=True)
class Accelerator:
    """One accelerator as a person would name it."""

    name: str  # as --device takes it: cuda:0, mps
    description: str
    memory_bytes: int  # 0 where the driver does not tell


def list_accelerators() -> list[Accelerator]:
    """Every accelerator that torch can use here, in torch's order; empty on a machine with a CPU only."""
    found = []
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            found.append(Accelerator(f"cuda:{index}", properties.name, properties.total_memory))
    if torch.backends.mps.is_available():
        found.append(Accelerator("mps", "Apple GPU", 0))
    return found


def resolve_device(name: str = "auto") -> torch.device:
    """Turn auto | cpu | cuda | cuda:N | mps into a device that is really there.

    Raises UserError naming what the machine has, for an unknown name or an absent device.
    """
    accelerators = [accelerator.name for accelerator in list_accelerators()]
    if name == "auto":
        return torch.device(accelerators[0] if accelerators else "cpu")
    wanted = "cuda:0" if name == "cuda" else name
    if wanted == "cpu" or wanted in accelerators:
        return torch.device(wanted)
    available = ", ".join(["cpu", *accelerators])
    raise UserError(f'device "{name}" is not there: this machine has {available}. Choose one of these, or "auto".')


def synchronize(device: torch.device) -> None:
    """Wait until all work queued on `device` is done, so that a clock read afterwards tells the truth."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def matmul_flops_per_second(
    device: torch.device, dtype: torch.dtype, *, size: int = 1024, seconds: float = 0.1
) -> float:
    """Measure how many floating-point operations a second a square matrix product reaches (best of several)."""
    if device.type == "cuda":
        size = max(size, 8192)
    a = torch.randn(size, size, device=device).to(dtype)
    b = torch.randn(size, size, device=device).to(dtype)
    torch.mm(a, b)
    synchronize(device)
    times: list[float] = []
    end = time.perf_counter() + seconds
    while len(times) < 3 or time.perf_counter() < end:
        start = time.perf_counter()
        torch.mm(a, b)
        synchronize(device)
        times.append(time.perf_counter() - start)
    return 2 * size**3 / min(times)


PRECISIONS = {
    "float32": torch.float32,
    "fp32": torch.float32,
    "bfloat16": torch.bfloat16,
    "bf16": torch.bfloat16,
}


def choose_precision(name: str, device: torch.device) -> tuple[torch.dtype, str]:
    """Return the dtype for matrix products in training, and the reason for it.

    "auto" takes bfloat16 where the device multiplies it clearly faster than float32. float16 is not offered: its range
    needs loss scaling, and on processors it is far slower than either.
    """
    if name != "auto":
        if name not in PRECISIONS:
            raise UserError(f'training.precision "{name}" is unknown. Choose auto, float32 or bfloat16.')
        return PRECISIONS[name], "as configured"
    if device.type == "mps":
        return torch.float32, "the float32 path is the well-tested one on Apple GPUs"
    if device.type == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        return torch.float32, "this GPU has no bfloat16"
    pairs = [
        [matmul_flops_per_second(device, d, seconds=0.03) for d in (torch.float32, torch.bfloat16)] for _ in range(3)
    ]
    ratio = statistics.median(half / full for full, half in pairs)
    if ratio > 1.2:
        return torch.bfloat16, f"its matrix products run {ratio:.1f} times as fast as float32's here"
    return torch.float32, f"bfloat16 is no faster here ({ratio:.1f} times)"


def free_memory_bytes(device: torch.device) -> int:
    """Memory that a program could take now; 0 where nobody tells."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    try:
        with open("/proc/meminfo", encoding="ascii") as f:
            for line in f:
                if line.startswith("MemAvailable:"):
                    return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 0


def peak_memory_bytes(device: torch.device) -> int | None:
    """The most memory that this process has used so far, on `device`; None where the system does not tell."""
    if device.type == "cuda":
        return torch.cuda.max_memory_allocated(device)
    if device.type == "mps":
        return torch.mps.driver_allocated_memory()  # of now: no highest value is kept there
    if resource is None:
        return None
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
