"""First weights, drawn on the CPU from one seeded generator, so that they are the same whatever the device.

Two recipes:
* textbook (GPT-2, Radford et al. 2019), for tied embeddings and learned positions: every matrix with deviation
  0.02, those that write into the residual stream divided by sqrt(2 n_layer).
* zero start (modded-nanogpt, nanochat), for untied rotary models: token embedding with deviation 1, matrices
  with 1/sqrt(fan-in), and zero wherever a sublayer or the head writes. Each block begins as the identity and the
  first loss is exactly ln V; where there is room, model/copying_heads.py builds two heads that copy into this.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from groundup.model.config import ResolvedConfig
from groundup.model.copying_heads import copying_heads, has_room
from groundup.model.transformer import Linear, Norm, Transformer

TEXTBOOK_DEVIATION = 0.02
FRESH_SCALE = 2.0  # of fresh weights among shrunken ones: more right answers than with 1 (LOG.md)


Put = Callable[[Tensor, Tensor], object]
"""Gives a weight its drawn values."""


@torch.no_grad()
def initialise(model: Transformer, seed: int, put: Put = Tensor.copy_) -> Transformer:
    """Draw all weights of `model` in place and return it. put: for weights of which this process holds a part."""
    generator = torch.Generator().manual_seed(seed)
    zero_start = starts_at_zero(model.config)
    draw = _draw_zero_start if zero_start else _draw_textbook
    changes = copying_heads(model.config, seed) if zero_start and has_room(model.config) else {}
    embeddings = torch.empty(0)
    for name, module in model.named_modules():
        if isinstance(module, Norm):
            module.reset()
            if name in changes:
                put(module.gain, changes[name](torch.ones(module.gain.shape)))
        elif isinstance(module, Linear | nn.Embedding):
            if not (name == "head" and model.config.tied_embeddings):
                drawn = draw(name, module.weight.shape, model.config, generator)
                if name in changes:
                    drawn = changes[name](embeddings if name == "head" else drawn)
                if name == "embed":
                    embeddings = drawn
                put(module.weight, drawn)
            if isinstance(module, Linear) and module.bias is not None:
                module.bias.zero_()
    return model


@torch.no_grad()
def shrink_and_perturb(model: Transformer, share: float, seed: int) -> Transformer:
    """Mix fresh weights into those of `model`, in place, and return it: share * matrix + FRESH_SCALE * fresh matrix.

    Ash & Adams 2020 (arXiv:1910.08475). Trained weights learn something of another kind late or never. Shrunken among
    fresh ones they still lend their directions, and learn as readily as new ones; shrunken alone they do not (LOG.md,
    2026-11-25). Gains and biases, which have no scale to lose, become share * trained + (1 - share) * fresh.
    """
    fresh = initialise(Transformer(model.config), seed)
    for trained, drawn in zip(model.parameters(), fresh.parameters(), strict=True):
        if trained.ndim > 1:
            trained.mul_(share).add_(drawn, alpha=FRESH_SCALE)
        else:
            trained.lerp_(drawn, 1.0 - share)
    return model


def starts_at_zero(config: ResolvedConfig) -> bool:
    """Whether the zero-start recipe fits: a tied head cannot be zero, and post-norm has no identity to start from."""
    return config.positions == "rotary" and not config.tied_embeddings and config.norm_position == "pre"


def _writes_to_residual(name: str) -> bool:
    return name.endswith((".attention.out", ".mlp.down"))


def _draw_textbook(name: str, shape: torch.Size, config: ResolvedConfig, generator: torch.Generator) -> Tensor:
    deviation = TEXTBOOK_DEVIATION / (math.sqrt(2 * config.n_layer) if _writes_to_residual(name) else 1.0)
    return torch.randn(shape, generator=generator) * deviation


def _draw_zero_start(name: str, shape: torch.Size, config: ResolvedConfig, generator: torch.Generator) -> Tensor:
    if name == "head" or _writes_to_residual(name):
        return torch.zeros(shape)
    return torch.randn(shape, generator=generator) * (1.0 if name == "embed" else 1.0 / math.sqrt(shape[1]))
