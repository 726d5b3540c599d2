"""environment.json: the machine and the versions that a run was made with."""

import os
import platform
import sys
from importlib import metadata
from typing import Any

PACKAGES = ("groundup", "torch", "tokenizers", "safetensors", "numpy", "omegaconf")


def processor_name() -> str:
    """The processor's name as its maker gives it, where the system tells."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as f:
            for line in f:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def describe_environment() -> dict[str, Any]:
    """What somebody needs to know to run the same again: versions, processor, cores, system, command."""
    return {
        "command": sys.argv,
        "python": platform.python_version(),
        "system": platform.platform(),
        "processor": processor_name(),
        "cores": os.cpu_count(),
        "packages": {name: metadata.version(name) for name in PACKAGES},
    }
