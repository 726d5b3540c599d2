"""Public benchmarks by name: from a local copy, or from the Hugging Face Hub through `datasets`.

A local copy is data/tasks/NAME.jsonl or .parquet, or a folder data/tasks/NAME that `datasets` saved. Sets and splits
are those that the lm-eval harness asks, so that scores compare.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from groundup.evaluation.task_files import Row, read_rows
from groundup.utils.errors import UserError

LOCAL = Path("data/tasks")
"""Where local copies lie."""
_ENDINGS = (".jsonl", ".parquet", "")


@dataclass(frozen=True)
class TaskSet:
    """A benchmark and where it is published."""

    name: str
    format: str
    """Of its rows, see task_files."""
    hub: str
    """On the Hugging Face Hub."""
    config: str | None
    split: str

    @property
    def described(self) -> str:
        """As people name it."""
        return f"split {self.split} of {self.hub}" + (f" ({self.config})" if self.config else "")


SETS = {
    item.name: item
    for item in (
        TaskSet("arc_easy", "arc", "allenai/ai2_arc", "ARC-Easy", "test"),
        TaskSet("arc_challenge", "arc", "allenai/ai2_arc", "ARC-Challenge", "test"),
        TaskSet("hellaswag", "hellaswag", "Rowan/hellaswag", None, "validation"),
        TaskSet("piqa", "piqa", "baber/piqa", None, "validation"),
        TaskSet("lambada_openai", "lambada", "EleutherAI/lambada_openai", "default", "test"),
        TaskSet("gsm8k", "gsm8k", "openai/gsm8k", "main", "test"),
    )
}


def local_copy(task_set: TaskSet) -> Path | None:
    """The copy under data/tasks, if there is one."""
    return next((path for end in _ENDINGS if (path := LOCAL / f"{task_set.name}{end}").exists()), None)


def open_set(task_set: TaskSet) -> tuple[Iterator[Row], dict[str, Any] | None]:
    """The rows, and what the record says of a set that is no file. Raises UserError saying what to fetch."""
    copy = local_copy(task_set)
    if copy is not None:
        return read_rows(copy), None
    fetch = (
        f"Fetch {task_set.described} where there is a network, as {LOCAL / task_set.name}.parquet (or .jsonl), "
        "and run this again."
    )
    if find_spec("datasets") is None:
        raise UserError(f"{task_set.name} is not here, and getting it needs pip install 'groundup[datasets]'. {fetch}")
    import datasets

    try:
        rows = datasets.load_dataset(task_set.hub, task_set.config, split=task_set.split)
    except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:  # no network, no such set
        raise UserError(f"{task_set.name} cannot be got from the Hub ({type(error).__name__}). {fetch}") from error
    about = {"set": task_set.hub, "config": task_set.config, "split": task_set.split, "items": len(rows)}
    return iter(rows), about | {"fingerprint": rows._fingerprint}
