"""From the size of a text and a number of minutes to the shape of a model, each choice with its reason.

In minutes on two cores a small shape learns most: what it lacks in capacity it makes up for by reading several times as
many tokens (LOG.md has the comparison). Between the shapes nothing is interpolated.
"""

from dataclasses import dataclass

from groundup.training.config import Config


@dataclass(frozen=True)
class Shape:
    """Sizes of a model, and why."""

    vocab_size: int
    n_layer: int
    n_head: int
    n_embd: int
    dropout: float
    reason: str


SMALL_TEXT_BYTES = 1_000_000  # below this, a vocabulary of 4,096 sees most of its words once or twice
FEW_MINUTES = 5.0


def choose_shape(text_bytes: int, minutes: float) -> Shape:
    """The shape for a text of so many bytes and so many minutes of training."""
    little = text_bytes < SMALL_TEXT_BYTES
    vocab_size, dropout = (1024, 0.1) if little else (4096, 0.0)
    about_text = "little text: a small vocabulary, and dropout, since it is read many times; " if little else ""
    if minutes < FEW_MINUTES:
        reason = about_text + "few minutes: a small model that reads many tokens learns most"
        return Shape(vocab_size, 4, 2, 128, dropout, reason)
    return Shape(vocab_size, 6, 4, 256, dropout, about_text + "minutes enough for a model with more room")


def apply_shape(config: Config, shape: Shape) -> None:
    """Write the shape's sizes into a configuration."""
    config.tokenizer.vocab_size = shape.vocab_size
    config.model.n_layer, config.model.n_head, config.model.n_embd = shape.n_layer, shape.n_head, shape.n_embd
    config.model.dropout = shape.dropout
