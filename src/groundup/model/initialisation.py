"""First weights, drawn on the CPU from one seeded generator, so that they are the same whatever the device.

Two recipes:
* textbook (GPT-2, Radford et al. 2019), for tied embeddings and learned positions: every matrix with deviation
  0.02, those that write into the residual stream divided by sqrt(2 n_layer).
* zero start (modded-nanogpt, nanochat), for untied rotary models: token embedding with deviation 1, matrices
  with 1/sqrt(fan-in), and zero wherever a sublayer or the head writes. Each block begins as the identity and the
  first loss is exactly ln V.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from groundup.model.config import ResolvedConfig
from groundup.model.transformer import Linear, Norm, Transformer

TEXTBOOK_DEVIATION = 0.02


Put = Callable[[Tensor, Tensor], object]
"""Gives a weight its drawn values."""


@torch.no_grad()
def initialise(model: Transformer, seed: int, put: Put = Tensor.copy_) -> Transformer:
    """Draw all weights of `model` in place and return it. put: for weights of which this process holds a part."""
    generator = torch.Generator().manual_seed(seed)
    draw = _draw_zero_start if starts_at_zero(model.config) else _draw_textbook
    for name, module in model.named_modules():
        if isinstance(module, Norm):
            module.reset()
        elif isinstance(module, Linear | nn.Embedding):
            if not (name == "head" and model.config.tied_embeddings):
                draw(name, module.weight, model.config, generator, put)
            if isinstance(module, Linear) and module.bias is not None:
                module.bias.zero_()
    return model


def starts_at_zero(config: ResolvedConfig) -> bool:
    """Whether the zero-start recipe fits: a tied head cannot be zero, and post-norm has no identity to start from."""
    return config.positions == "rotary" and not config.tied_embeddings and config.norm_position == "pre"


def _writes_to_residual(name: str) -> bool:
    return name.endswith((".attention.out", ".mlp.down"))


def _draw_textbook(name: str, weight: Tensor, config: ResolvedConfig, generator: torch.Generator, put: Put) -> None:
    deviation = TEXTBOOK_DEVIATION / (math.sqrt(2 * config.n_layer) if _writes_to_residual(name) else 1.0)
    put(weight, torch.randn(weight.shape, generator=generator) * deviation)


def _draw_zero_start(name: str, weight: Tensor, config: ResolvedConfig, generator: torch.Generator, put: Put) -> None:
    if name == "head" or _writes_to_residual(name):
        weight.zero_()
    else:
        deviation = 1.0 if name == "embed" else 1.0 / math.sqrt(weight.shape[1])
        put(weight, torch.randn(weight.shape, generator=generator) * deviation)
