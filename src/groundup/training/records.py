"""What a run writes down while it goes: rows of metrics, samples, windows, curves."""

from typing import Any

from groundup.runs.folder import RunFolder
from groundup.runs.metrics import Row, RowWriter
from groundup.training.curves import Curves
from groundup.training.settings import LoggingConfig
from groundup.training.wandb_log import WandbLog


class NoRecords:
    """Writes nothing: for the processes of a run that another one speaks for."""

    def write(self, row: Row) -> None:
        """The numbers of a step."""

    def write_sample(self, row: Row) -> None:
        """What the model wrote."""

    def write_windows(self, row: Row) -> None:
        """Which windows a step read."""


class Records(NoRecords):
    """The open files of a run's numbers and texts, as a context."""

    def __init__(self, run: RunFolder, logging: LoggingConfig, *, next_step: int, settings: dict[str, Any]) -> None:
        """settings: all of the run's, flat, for those who show it elsewhere."""
        self._wandb = WandbLog(run.path, settings) if logging.wandb else None
        self._metrics, self._samples = RowWriter(run.metrics), RowWriter(run.samples)
        self._windows = RowWriter(run.windows) if logging.windows else None
        self._curves = Curves(run.tensorboard if logging.tensorboard else None, next_step=next_step)

    def write(self, row: Row) -> None:
        self._metrics.write(row)
        self._curves.draw(row)
        if self._wandb is not None:
            self._wandb.draw(row)

    def write_sample(self, row: Row) -> None:
        self._samples.write(row)

    def write_windows(self, row: Row) -> None:
        if self._windows is not None:
            self._windows.write(row)

    def __enter__(self) -> "Records":
        return self

    def __exit__(self, *error: object) -> None:
        """Write what is still held back."""
        for writer in (self._metrics, self._samples, self._windows, self._curves, self._wandb):
            if writer is not None:
                writer.close()
