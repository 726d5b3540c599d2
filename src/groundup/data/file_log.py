"""What a reader has to tell about its file besides the text."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Located = Iterator[tuple[str, str]]
"""(text, location); consecutive texts with one location are the pieces of one document."""


def _ignore_row(row: int, reason: str) -> None:
    """Tell nobody about a bad row."""


@dataclass
class FileLog:
    """What a reader has to tell about its file besides the text."""

    bad_row: Callable[[int, str], None] = _ignore_row
    """Takes a line or row, from 1, and why it gives no document."""
    notes: list[str] = field(default_factory=list)
    encoding: str | None = None
    share: float = 0.0
    """Of the file that has been read, as it lies on disk, where the reader can tell; else 0."""

    def at(self, share: float) -> None:
        """So much of the file has been read."""
        self.share = share
