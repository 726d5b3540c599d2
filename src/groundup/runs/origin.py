"""origin.json: the weights that a model began with, where they were not drawn at random.

Tuning writes {"checkpoint": model folder, "sha256": of its weights}. `groundup import` and runs with
training.init_from write {"source": model folder, "weights": {file: SHA-256}, "vocab_size", "tokens_added", ...}.
"""

from pathlib import Path
from typing import Any

from groundup.utils.files import read_object

ORIGIN = "origin.json"


def read_origin(folder: Path) -> dict[str, Any]:
    """What a run folder or an imported model records of its beginning; empty where it began at random."""
    return read_object(folder / ORIGIN)


def is_tuned(run: Path) -> bool:
    """Whether a run folder is one of tuning."""
    return "checkpoint" in read_origin(run)
