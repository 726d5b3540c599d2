"""The numbers of a run at Weights & Biases, where `logging.wandb` asks for it. metrics.jsonl stays what counts."""

from pathlib import Path
from typing import Any

from groundup.runs.metrics import Row
from groundup.utils.errors import UserError
from groundup.utils.files import fingerprint


class WandbLog:
    """Sends rows; where WANDB_MODE=offline, keeps them in the run folder for `wandb sync`."""

    def __init__(self, run: Path, settings: dict[str, Any]) -> None:
        """settings: what the run is described with. Raises UserError when wandb is missing or refuses."""
        try:
            import wandb
        except ImportError as error:
            raise UserError(
                "logging.wandb is on, but wandb is not installed: pip install 'groundup[wandb]', or set it to false."
            ) from error
        try:
            self._run: Any = wandb.init(
                project="groundup",
                name=run.name,
                id=fingerprint(str(run.resolve()))[:16],  # a run that goes on is the same one there, too
                resume="allow",
                dir=str(run),
                config=settings,
                settings=wandb.Settings(silent=True, disable_git=True, save_code=False),
            )
        except wandb.errors.Error as error:
            raise UserError(
                f"Weights & Biases refuses ({error}). Log in with `wandb login`, set WANDB_MODE=offline, or "
                "logging.wandb=false."
            ) from error

    def draw(self, row: Row) -> None:
        """Add one point to every curve."""
        self._run.log({key: value for key, value in row.items() if value is not None}, step=row["step"])

    def close(self) -> None:
        """Send what is still held back."""
        self._run.finish()
