"""What tells one kind of training from another. Everything else (loop, checkpoints, ledger, resume) is shared."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import torch
from safetensors.torch import load_file
from torch import Tensor

from groundup.data.loader import Batch
from groundup.evaluation.bits_per_byte import Evaluation, Sums, evaluate, own_sums
from groundup.inference.generation import GenerationConfig, generate_text
from groundup.model.bundle import load_bundle
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.training.checkpoint import OWN_WEIGHTS
from groundup.training.config import Config
from groundup.training.step import NEXT_TOKEN, Objective
from groundup.utils.seeding import derive_seed


class Recipe(Protocol):
    """One kind of training: where its weights come from, what it minimises, how it is judged."""

    objective: Objective
    patience: int | None  # evaluations without a better one after which a phase ends early; None: never

    def window_size(self, config: Config) -> int:
        """Tokens in a window of its token files."""

    def begin(self, config: Config) -> Transformer:
        """The model before the first step."""

    def resume(self, config: Config, checkpoint: Path) -> Transformer:
        """The model as it was when `checkpoint` was written."""

    def own_weights(self, model: Transformer) -> dict[str, Tensor]:
        """What `resume` needs beside the shipped model; empty where that is all."""

    def shipped(self, model: Transformer) -> Transformer:
        """The model that a checkpoint gives to its users."""

    def evaluate(
        self,
        model: Transformer,
        batches: Iterable[Batch],
        token_byte_lengths: npt.NDArray[np.int32],
        device: torch.device,
        should_stop: Callable[[], bool],
        sums: Sums = own_sums,
    ) -> Evaluation:
        """Judge the model on held-out windows; `sums` as for `evaluation.bits_per_byte.evaluate`."""

    def sample(self, model: Transformer, tokenizer: Tokenizer, settings: GenerationConfig) -> str:
        """Something that the model writes, for people who watch: the same chance at every evaluation."""


class Pretraining:
    """From nothing, on text, by the next token."""

    objective = NEXT_TOKEN
    patience: int | None = None

    def window_size(self, config: Config) -> int:
        return config.training.block_size

    def begin(self, config: Config) -> Transformer:
        return initialise(Transformer(config.model), derive_seed(config.training.seed, "weights"))

    def resume(self, config: Config, checkpoint: Path) -> Transformer:
        return rebuild(config, checkpoint)

    def own_weights(self, model: Transformer) -> dict[str, Tensor]:
        return {}

    def shipped(self, model: Transformer) -> Transformer:
        return model

    def evaluate(
        self,
        model: Transformer,
        batches: Iterable[Batch],
        token_byte_lengths: npt.NDArray[np.int32],
        device: torch.device,
        should_stop: Callable[[], bool],
        sums: Sums = own_sums,
    ) -> Evaluation:
        return evaluate(model, batches, token_byte_lengths, device=device, should_stop=should_stop, sums=sums)

    def sample(self, model: Transformer, tokenizer: Tokenizer, settings: GenerationConfig) -> str:
        """What it makes of an empty page."""
        return generate_text(model, tokenizer, "", settings)


def rebuild(config: Config, checkpoint: Path) -> Transformer:
    """The model of a checkpoint, with the configuration's own dropout.

    Built from the configuration and not from the shipped folder, which has no place for what only training uses.
    """
    shipped, _ = load_bundle(checkpoint / "model")
    model = Transformer(config.model)
    model.load_state_dict(shipped.state_dict())
    return model


def load_own_weights(checkpoint: Path) -> dict[str, Tensor]:
    """What `own_weights` gave when the checkpoint was written."""
    return load_file(checkpoint / "training" / OWN_WEIGHTS)
