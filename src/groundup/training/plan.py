"""From the size of a text and a number of minutes to the shape of a model, each choice with its reason.

The shapes are those that did best in our own runs on two cores (LOG.md); between them nothing is interpolated.
"""

from dataclasses import dataclass

from groundup.training.config import Config


@dataclass(frozen=True)
class Shape:
    """Sizes for texts up to a number of bytes."""

    text_bytes: float
    vocab_size: int
    n_layer: int
    n_head: int
    n_embd: int
    dropout: float
    reason: str


SHAPES = (
    Shape(600_000, 1024, 4, 4, 192, 0.1, "little text: a small vocabulary, and dropout, since it is read many times"),
    Shape(3_000_000, 2048, 6, 4, 256, 0.1, "some text: dropout, since it is read several times"),
    Shape(float("inf"), 4096, 6, 4, 256, 0.0, "enough text that hardly any is read twice in minutes"),
)


def choose_shape(text_bytes: int) -> Shape:
    """The shape for a text of so many bytes."""
    return next(shape for shape in SHAPES if text_bytes <= shape.text_bytes)


def apply_shape(config: Config, shape: Shape) -> None:
    """Write the shape's sizes into a configuration."""
    config.tokenizer.vocab_size = shape.vocab_size
    config.model.n_layer, config.model.n_head, config.model.n_embd = shape.n_layer, shape.n_head, shape.n_embd
    config.model.dropout = shape.dropout
