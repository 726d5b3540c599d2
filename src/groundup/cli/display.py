"""A training run on the screen: a live panel on a terminal, plain lines anywhere else."""

import sys
import time
from collections.abc import Mapping
from typing import Any

from rich.console import Console, Group
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from groundup.runs.metrics import SUITE_SCORE, SUITE_SECONDS
from groundup.training.observer import Observer, Progress

PLAIN_SECONDS = 10  # between lines in a pipe or a log file


def say(message: str) -> None:
    """One line on stderr: stdout is for what a command makes."""
    print(message, file=sys.stderr, flush=True)


def choose_observer() -> Observer:
    """The live panel where somebody looks at a terminal, plain lines elsewhere."""
    return LivePanel() if sys.stderr.isatty() else PlainLines()


def duration(seconds: float | None) -> str:
    """As 1:02:03 or 2:03; a dash while unknown."""
    if seconds is None:
        return "-"
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def used_memory(row: Mapping[str, Any]) -> str:
    """The most memory that was taken so far, the accelerator's where there is one; empty where nobody tells."""
    size = row.get("memory_bytes")
    return f"   {size / 1e9:.1f} GB" if size else ""


class Smoothed:
    """Exponential moving averages, so that a number can be read while it moves."""

    def __init__(self, keep: float = 0.9) -> None:
        self._keep = keep
        self._values: dict[str, float] = {}

    def update(self, row: Mapping[str, Any], *keys: str) -> dict[str, float]:
        """Take the row's values in and return the averages."""
        for key in keys:
            value = float(row[key])
            self._values[key] = self._keep * self._values.get(key, value) + (1 - self._keep) * value
        return self._values


class PlainLines(Observer):
    """One line every few seconds and at every evaluation."""

    def __init__(self) -> None:
        super().__init__(say)
        self._smoothed = Smoothed()
        self._told = 0.0

    def begin(self, title: str) -> None:
        say(f"training {title}")

    def progress(self, progress: Progress) -> None:
        row = progress.row
        smooth = self._smoothed.update(row, "train_loss", "tokens_per_second")
        evaluated = "val_loss" in row
        if not evaluated and SUITE_SECONDS not in row and time.monotonic() - self._told < PLAIN_SECONDS:
            return
        self._told = time.monotonic()
        line = (
            f"step {progress.step}/{progress.last_step}  loss {smooth['train_loss']:.3f}  "
            f"{smooth['tokens_per_second']:,.0f} tokens/s{used_memory(row)}  left {duration(progress.seconds_left)}"
        )
        if evaluated:
            line += f"  val_loss {row['val_loss']:.4f}  val_ppl {row['val_ppl']:.2f}  val_bpb {row['val_bpb']:.4f}"
        line += "".join(f"  {key} {value:.3f}" for key, value in row.items() if key.startswith(SUITE_SCORE))
        say(line)

    def sample(self, text: str) -> None:
        say(f"  sample: {' '.join(text.split())}")


class LivePanel(Observer):
    """Step, loss, bits per byte, speed, time left and the newest sample, redrawn in place."""

    def __init__(self) -> None:
        self._console = Console(stderr=True)
        super().__init__(lambda message: self._console.print(message, markup=False, highlight=False))
        self._smoothed = Smoothed()
        self._live: Live | None = None
        self._newest: Progress | None = None
        self._evaluation: Mapping[str, Any] = {}
        self._sample = ""

    def begin(self, title: str) -> None:
        self.say(f"training {title}")
        self._live = Live(console=self._console, refresh_per_second=4, transient=False)
        self._live.start()

    def progress(self, progress: Progress) -> None:
        self._newest = progress
        if "val_loss" in progress.row:
            self._evaluation = progress.row
        averages = self._smoothed.update(progress.row, "train_loss", "tokens_per_second", "mfu")
        if self._live is not None:
            self._live.update(self._draw(progress, averages))

    def sample(self, text: str) -> None:
        self._sample = " ".join(text.split())

    def end(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _draw(self, progress: Progress, averages: Mapping[str, float]) -> Group:
        table = Table.grid(padding=(0, 3))
        table.add_row(
            ProgressBar(total=max(1, progress.last_step), completed=progress.step, width=30),
            f"step {progress.step:,}/{progress.last_step:,}",
            f"left {duration(progress.seconds_left)}",
        )
        bits = f"{self._evaluation['val_bpb']:.3f}" if self._evaluation else "-"
        table.add_row(
            f"loss {averages['train_loss']:.3f}   bits per byte {bits}",
            f"{averages['tokens_per_second']:,.0f} tokens/s",
            f"{100 * averages['mfu']:.0f} % of peak{used_memory(progress.row)}",
        )
        return Group(table, Text(self._sample, style="dim", overflow="ellipsis"))
