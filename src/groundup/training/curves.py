"""TensorBoard curves beside metrics.jsonl."""

from pathlib import Path

from torch.utils.tensorboard import SummaryWriter

from groundup.runs.metrics import Row

BOOKKEEPING = ("step", "tokens", "elapsed_seconds")


class Curves:
    """Draws the numbers of metrics rows; idle when `folder` is None."""

    def __init__(self, folder: Path | None, *, next_step: int) -> None:
        """Points from `next_step` on, left by a killed process, are dropped: they will be drawn again."""
        self._writer = None if folder is None else SummaryWriter(str(folder), purge_step=next_step)

    def draw(self, row: Row) -> None:
        """Add one point to every curve of the row."""
        if self._writer is None:
            return
        for key, value in row.items():
            if key not in BOOKKEEPING and value is not None:
                self._writer.add_scalar(key, value, row["step"])

    def close(self) -> None:
        """Write what is still held back."""
        if self._writer is not None:
            self._writer.close()
