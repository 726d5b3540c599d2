"""groundup doctor."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from groundup.training.doctor import Device, Diagnosis


def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
    compile_seconds: Annotated[
        float, typer.Option(help="Longest trial of torch.compile on each device; 0 does not try it.", min=0)
    ] = 90.0,
) -> None:
    """Look at this machine: devices, memory, precision, compiler, speeds, disk, optional parts.

    What it says about speed is measured now, beside whatever else the machine is doing.
    """
    from groundup.cli.display import say
    from groundup.training.doctor import diagnose

    if compile_seconds:
        say("measuring; trying torch.compile may take a minute (--compile-seconds 0 leaves it out)")
    diagnosis = diagnose(Path.cwd(), compile_seconds=compile_seconds)
    if as_json:
        print(json.dumps(diagnosis.to_dict(), indent=2))
    else:
        print("\n".join(lines_of(diagnosis)))


def lines_of(diagnosis: "Diagnosis") -> list[str]:
    """The diagnosis for people."""
    environment, disk = diagnosis.environment, diagnosis.disk
    versions = ", ".join(f"{name} {version}" for name, version in environment["packages"].items())
    speed = disk["write_bytes_per_second"]
    written = "nothing can be written here" if speed is None else f"writes {speed / 1e6:,.0f} MB/s"
    lines = [f"Python {environment['python']} on {environment['system']}", versions, ""]
    for device in diagnosis.devices:
        lines += [*lines_of_device(device), ""]
    lines += [f"disk      {disk['folder']}: {disk['free_bytes'] / 1e9:,.0f} GB free, {written}", "", "optional parts"]
    for part in diagnosis.optional_parts:
        there = f"{part['version']}" if part["version"] else f'not here: pip install "groundup[{part["extra"]}]"'
        lines.append(f"  {part['package']:15} {there}\n  {'':15} adds {part['adds']}")
    return lines


def lines_of_device(device: "Device") -> list[str]:
    """One device for people."""
    total = f"{device.memory_bytes / 2**30:,.1f} GiB" if device.memory_bytes else "unknown"
    products = ", ".join(
        f"{dtype} {'none' if flops is None else f'{flops / 1e9:.3g} GFLOP/s'}"
        for dtype, flops in device.matmul_flops_per_second.items()
    )
    works = {True: "", False: "does not work: ", None: ""}[device.compile_works]
    return [
        f"{device.name:9} {device.description}",
        f"  memory          {total}, {device.free_memory_bytes / 2**30:,.1f} GiB free, "
        f"{device.memory_bytes_per_second / 1e9:,.1f} GB/s",
        f"  matrix product  {products}",
        f"  torch.compile   {works}{device.compile_note}",
        f"  training takes  {device.precision}: {device.precision_reason}",
        f"                  compile {'on' if device.compile else 'off'}: {device.compile_reason}",
    ]
