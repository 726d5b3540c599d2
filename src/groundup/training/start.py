"""A run that begins with the weights of a finished model (`training.init_from`) instead of drawing its own.

Shape and tokenizer are the model's. A tokenizer that has more tokens than the model's makes its embeddings grow; any
other one is refused, since the model would read words that it was not taught.
"""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from groundup.export.importing import Origin, describe_origin, tell_tokens
from groundup.model.bundle import find_bundle, load_bundle, read_config
from groundup.model.config import ModelConfig, ResolvedConfig
from groundup.model.growth import grow_vocabulary
from groundup.model.transformer import Transformer
from groundup.runs.folder import RunFolder
from groundup.runs.origin import ORIGIN
from groundup.tokenizer.huggingface import HuggingFaceTokenizer, extends
from groundup.training.config import Config
from groundup.utils.errors import UserError
from groundup.utils.files import write_json
from groundup.utils.progress import Say

OWN_KEYS = ("dropout", "vocab_size", "block_size")
"""What a run decides for itself: dropout; the others follow tokenizer and context."""


@dataclass(frozen=True)
class Start:
    """The model that a run begins with, in its vocabulary."""

    model: Transformer
    origin: Origin

    @property
    def embedding_deviation(self) -> float:
        """Standard deviation of the token embedding."""
        return float(self.model.embed.weight.detach().std())

    def begin(self, config: Config, run: RunFolder) -> Transformer:
        """The model before the first step, with the configuration's own dropout; its origin is recorded in the run."""
        model = Transformer(config.model)
        model.load_state_dict(self.model.state_dict())
        write_json(run.path / ORIGIN, dataclasses.asdict(self.origin))
        return model


def adopt_shape(config: Config) -> None:
    """Set `config.model` to the shape of the folder that training.init_from names, if it names one.

    Raises UserError for a shape in the configuration that is another one, and for a context that the model's learned
    positions do not have.
    """
    if config.training.init_from is None:
        return
    folder = find_bundle(Path(config.training.init_from))
    _, shape = read_config(folder)
    for key, default in dataclasses.asdict(ModelConfig()).items():
        asked, there = getattr(config.model, key), getattr(shape, key)
        if key not in OWN_KEYS and asked not in (default, there):
            raise UserError(
                f"model.{key} is {asked}, but the model in {folder} has {there}. Its shape cannot be changed: leave "
                "out the section model, or training.init_from."
            )
    config.model = ModelConfig(**dataclasses.asdict(shape) | {"dropout": config.model.dropout})
    config.model.block_size = context(shape, config.training.block_size, folder)


def context(shape: ResolvedConfig, block_size: int, folder: Path) -> int:
    """The model's own context, or the longer one that it is trained with."""
    if shape.positions == "learned" and block_size > shape.block_size:
        raise UserError(
            f"training.block_size is {block_size}, but the model in {folder} has learned {shape.block_size} positions. "
            f"Set training.block_size to {shape.block_size} or less."
        )
    return max(shape.block_size, block_size)


def load_start(config: Config, tokenizer: HuggingFaceTokenizer, say: Say) -> Start:
    """The model of training.init_from, with rows for every token of `tokenizer`.

    Raises UserError for a tokenizer that is neither the model's nor one with more special tokens.
    """
    folder = find_bundle(Path(str(config.training.init_from)))
    model, theirs = load_bundle(folder)
    if not extends(tokenizer, theirs):
        raise UserError(
            f"the tokenizer {config.tokenizer.path} is not that of the model in {folder}, nor that with more special "
            "tokens. Leave out tokenizer.path, and name tokens to add in tokenizer.special_tokens."
        )
    if tokenizer.vocab_size > theirs.vocab_size:
        model = grow_vocabulary(model, theirs.vocab_size, tokenizer.vocab_size)
    origin = describe_origin(folder, tokenizer, theirs.vocab_size - theirs.n_new_tokens)
    say(f"beginning with the weights of {folder}")
    say(tell_tokens(origin, model.config.vocab_size))
    return Start(model, origin)
