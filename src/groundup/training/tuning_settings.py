"""The section `tuning` of a configuration, with units."""

from dataclasses import dataclass, field
from typing import Any, Final

from groundup.utils.errors import UserError, nearest_hint

METHODS: Final = ("full", "lora")
OBJECTIVES: Final = ("conversations", "preferences")

# What the section `training` means for tuning, where a configuration says nothing else.
TRAINING_DEFAULTS: Final[dict[str, Any]] = {
    "batch_size": 8,
    "schedule": "linear",
    "warmup": 0.03,
    "document_mask": True,  # packed conversations never see each other
    "sample_tokens": 64,
    "eval_tokens": 32768,
}
# Of the optimizer's own rate for pretraining: weights that are good already need smaller steps.
RATE_SHARE: Final = {"conversations": 0.3, "preferences": 0.03}
# AdamW's: adapters start from nothing and move far.
LORA_LEARNING_RATE: Final = {"conversations": 0.002, "preferences": 0.0002}


@dataclass
class TuningConfig:
    """How a pretrained model is tuned on conversations, or on preferences between replies."""

    checkpoint: str | None = None  # what tuning begins from: a checkpoint, run folder or Hugging Face model folder
    data: list[str] = field(default_factory=list)  # files or folders; without any, the built-in dialogues
    builtin_dialogues: int = 20000  # how many of them
    validation: float | str = 0.05  # share of the conversations, or a file of them, that is held out
    objective: str = "conversations"  # conversations | preferences (DPO on prompt, chosen, rejected)
    epochs: float = 2.0  # passes over the conversations
    patience: int = 3  # evaluations on held-out conversations without a better one after which tuning ends; 0: never
    pretraining_share: float = 0.1  # share of the windows that is text from pretraining, against forgetting
    pretraining_tokens: str | None = None  # folder of its token files; the checkpoint's own unless given
    shrink: float = 1.0  # how much of the checkpoint's weights stays among fresh ones; 1: all, and nothing fresh
    method: str = "full"  # full (all weights) | lora (adapters, merged when saved)
    lora_rank: int = 8  # width of the low-rank matrices that are trained beside the frozen ones
    lora_alpha: float = 16.0  # their product counts lora_alpha / lora_rank times
    beta: float = 0.1  # preferences: how firmly the model is held to where it began


def check_tuning(tuning: TuningConfig) -> None:
    """Raise UserError for a value that cannot work, naming the value and its limit."""
    for key, valid in (("method", METHODS), ("objective", OBJECTIVES)):
        if getattr(tuning, key) not in valid:
            raise UserError(
                f'tuning.{key} "{getattr(tuning, key)}" is unknown.{nearest_hint(getattr(tuning, key), valid)}'
            )
    for key in ("epochs", "lora_alpha", "beta", "builtin_dialogues", "lora_rank"):
        if getattr(tuning, key) <= 0:
            raise UserError(f"tuning.{key} is {getattr(tuning, key)}; it must be above 0.")
    if not 0 <= tuning.pretraining_share < 1:
        raise UserError(f"tuning.pretraining_share is {tuning.pretraining_share}; it lies between 0 and 1, below 1.")
    if not 0 < tuning.shrink <= 1:
        raise UserError(f"tuning.shrink is {tuning.shrink}; it must be above 0 and at most 1 (weights as they are).")
    if tuning.shrink < 1 and (tuning.method == "lora" or tuning.objective == "preferences"):
        raise UserError(
            "tuning.shrink below 1 makes weights that have to learn again, all of them: "
            "use it with tuning.method=full and tuning.objective=conversations."
        )
    if tuning.patience < 0:
        raise UserError(f"tuning.patience is {tuning.patience}; it must be at least 0 (0: never end early).")
    if tuning.objective == "preferences" and not tuning.data:
        raise UserError(
            "tuning.objective=preferences needs --data with prompt, chosen and rejected: there are none built in."
        )
