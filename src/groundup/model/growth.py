"""A model for a vocabulary that has grown: tokens that it never saw begin as the mean of those that it knows.

The mean, since random rows may have large logits, which takes probability from every token that the model knows
(Hewitt 2021, "Initializing New Word Embeddings for Pretrained Language Models").
"""

from dataclasses import asdict

import torch
from torch import Tensor

from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer


@torch.no_grad()
def grow_vocabulary(model: Transformer, n_known: int, vocab_size: int) -> Transformer:
    """A model that computes the same for ids below `n_known`, with rows for all ids below `vocab_size`.

    The ids from `n_known` on are new: their rows of embedding, head and head bias become the mean of the rows before
    them, also where the model had spare rows for them. Never fewer rows than before.
    """
    config = ModelConfig(**asdict(model.config) | {"vocab_size": max(vocab_size, model.config.vocab_size)})
    grown = Transformer(config)
    weights = model.state_dict()
    for name in ("embed.weight", "head.weight", "head.bias"):
        if name in weights:
            weights[name] = _grown(weights[name], n_known, vocab_size, config.vocab_size)
    grown.load_state_dict(weights)
    grown.to(device=model.embed.weight.device, dtype=model.embed.weight.dtype)
    grown.set_compute(model.compute_dtype, attention="sdpa" if model.use_sdpa else "explicit")
    return grown.train(model.training)


def _grown(rows: Tensor, n_known: int, vocab_size: int, n_rows: int) -> Tensor:
    """rows (V, ...) -> (n_rows, ...), the new ones set to the mean of the known ones, which is taken in float32."""
    mean = rows[:n_known].float().mean(dim=0).to(rows.dtype)
    grown = mean.expand(n_rows, *rows.shape[1:]).clone()
    grown[: len(rows)] = rows
    grown[n_known:vocab_size] = mean
    return grown
