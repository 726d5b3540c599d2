"""What a training run tells while it goes. The command line draws it; a library caller may ignore it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from groundup.utils.progress import Say, quiet


@dataclass(frozen=True)
class Progress:
    """Where the run stands after a step."""

    step: int
    last_step: int
    seconds_left: float | None  # None while it cannot be told
    row: Mapping[str, Any]  # the row of metrics.jsonl


class Observer:
    """Listens to a run; this one passes messages on and ignores the rest."""

    def __init__(self, say: Say = quiet) -> None:
        self.say = say

    def begin(self, title: str) -> None:
        """The loop begins."""

    def progress(self, progress: Progress) -> None:
        """A step was taken."""

    def sample(self, text: str) -> None:
        """The model wrote something."""

    def end(self) -> None:
        """The loop has ended, in whatever way."""
