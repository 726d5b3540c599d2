"""What a run has come to, for programs and for people."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from groundup.evaluation.bits_per_byte import Evaluation
from groundup.utils.progress import Say


@dataclass(frozen=True)
class Result:
    """How a run stands when `pretrain` returns."""

    run: Path
    step: int
    train_loss: float | None  # of the last step; None when nothing has been trained
    evaluation: Evaluation  # of the best checkpoint, on all validation text
    best: Path  # the best checkpoint

    def to_dict(self) -> dict[str, Any]:
        """As JSON, under the names that metrics use."""
        return {
            "run": str(self.run),
            "step": self.step,
            "train_loss": self.train_loss,
            **self.evaluation.to_dict(),
            "checkpoint": str(self.best),
        }


def announce(result: Result, say: Say) -> None:
    """Say what a run came to."""
    score = result.evaluation
    train_loss = "" if result.train_loss is None else f"train_loss {result.train_loss:.4f}  "
    say(
        f"step {result.step:,}: {train_loss}val_loss {score.loss:.4f}  val_ppl {score.perplexity:.2f}  "
        f"val_bpb {score.bits_per_byte:.4f}  (on all {score.tokens:,} validation tokens)"
    )
    say(f"best checkpoint: {result.best}")
