"""What the machine has and what training would make of it: devices, speeds, disk, optional parts."""

import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from groundup.runs.environment import describe_environment, processor_name
from groundup.runs.parts import PARTS
from groundup.training.settle import choose_compile
from groundup.utils.device import (
    choose_precision,
    free_memory_bytes,
    list_accelerators,
    matmul_flops_per_second,
)
from groundup.utils.probe import (
    disk_bytes_per_second,
    free_disk_bytes,
    memory_bytes_per_second,
    total_memory_bytes,
    try_compile,
)

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
SMALL_PRODUCT = 256  # width of a matrix product in float16 on a processor, which may be a hundred times slower


@dataclass(frozen=True)
class Device:
    """One device, measured."""

    name: str
    description: str
    memory_bytes: int  # 0 where nobody tells
    free_memory_bytes: int
    matmul_flops_per_second: dict[str, float | None]  # by dtype; None where it cannot
    memory_bytes_per_second: float
    precision: str  # what training would compute in, and why
    precision_reason: str
    compile_works: bool | None  # None: not tried, or not done in time
    compile_note: str
    compile: bool  # whether training would compile, and why
    compile_reason: str


@dataclass(frozen=True)
class Diagnosis:
    """Everything that `groundup doctor` tells."""

    environment: dict[str, Any]
    threads: int
    devices: list[Device]
    disk: dict[str, Any]
    optional_parts: list[dict[str, str | None]]

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def diagnose(folder: Path, *, compile_seconds: float) -> Diagnosis:
    """Look at the machine and measure it; `folder` is where runs would be written.

    compile_seconds: how long torch.compile may take on each device; 0 does not try it.
    """
    environment = {key: value for key, value in describe_environment().items() if key != "command"}
    parts = [{**asdict(part), "version": part.version()} for part in PARTS]
    disk = {
        "folder": str(folder.resolve()),
        "free_bytes": free_disk_bytes(folder),
        "write_bytes_per_second": disk_bytes_per_second(folder),
    }
    devices = list(look_at_devices(compile_seconds))
    return Diagnosis(environment, torch.get_num_threads(), devices, disk, parts)


def look_at_devices(compile_seconds: float) -> Iterator[Device]:
    """Every device that torch can use here, the processor last: in the order in which "auto" prefers them."""
    for accelerator in list_accelerators():
        yield examine(accelerator.name, accelerator.description, accelerator.memory_bytes, compile_seconds)
    yield examine("cpu", f"{processor_name()}, {os.cpu_count()} cores", total_memory_bytes(), compile_seconds)


def examine(name: str, description: str, memory: int, compile_seconds: float) -> Device:
    """Measure one device."""
    device = torch.device(name)
    precision, precision_reason = choose_precision("auto", device)
    works, note = try_compile(name, seconds=compile_seconds) if compile_seconds else (None, "not tried")
    compiled, compile_reason = choose_compile(device)
    return Device(
        name=name,
        description=description,
        memory_bytes=memory,
        free_memory_bytes=free_memory_bytes(device),
        matmul_flops_per_second={label: matmul_speed(device, dtype) for label, dtype in DTYPES.items()},
        memory_bytes_per_second=memory_bytes_per_second(device),
        precision=str(precision).removeprefix("torch."),
        precision_reason=precision_reason,
        compile_works=works,
        compile_note=note,
        compile=compiled,
        compile_reason=compile_reason,
    )


def matmul_speed(device: torch.device, dtype: torch.dtype) -> float | None:
    """FLOPs a second of a matrix product, None where the device has none in this dtype."""
    small = device.type == "cpu" and dtype == torch.float16
    try:
        return matmul_flops_per_second(device, dtype, size=SMALL_PRODUCT if small else 1024)
    except (RuntimeError, TypeError):  # "not implemented for", or not supported by the driver
        return None
