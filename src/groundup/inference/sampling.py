"""From logits to the next token: tiny pure functions, composed downward."""

import torch
from torch import Tensor


def keep_top_k(logits: Tensor, k: int) -> Tensor:
    """Leave the k largest logits of each row (..., V); the rest become -inf."""
    if k >= logits.shape[-1]:
        return logits
    least = logits.topk(k, dim=-1).values[..., -1:]
    return logits.masked_fill(logits < least, float("-inf"))


def keep_top_p(logits: Tensor, p: float) -> Tensor:
    """Leave the most probable tokens that together have probability p, at least one (nucleus, Holtzman et al. 2020)."""
    ordered, places = logits.sort(dim=-1, descending=True, stable=True)
    probabilities = ordered.softmax(dim=-1)
    before = probabilities.cumsum(dim=-1) - probabilities  # of each token: what the more probable ones have together
    ordered = ordered.masked_fill(before >= p, float("-inf"))
    return torch.empty_like(logits).scatter_(-1, places, ordered)


def probabilities(logits: Tensor, *, temperature: float, top_k: int | None, top_p: float | None) -> Tensor:
    """The distribution to draw from, (..., V) in fp32. temperature > 0; the filters see the tempered logits."""
    logits = logits.float() / temperature
    if top_k:
        logits = keep_top_k(logits, top_k)
    if top_p is not None and top_p < 1.0:
        logits = keep_top_p(logits, top_p)
    return logits.softmax(dim=-1)


def next_tokens(
    logits: Tensor,
    generators: list[torch.Generator],
    *,
    temperature: float,
    top_k: int | None = None,
    top_p: float | None = None,
) -> list[int]:
    """One token for each row of logits (B, V); row i draws from generators[i] alone. Temperature 0 takes the likeliest.

    Drawn on the CPU, so that a seed means the same on every device.
    """
    logits = logits.cpu()
    if temperature == 0:
        return [int(token) for token in logits.argmax(dim=-1)]
    drawn = probabilities(logits, temperature=temperature, top_k=top_k, top_p=top_p)
    rows = zip(drawn, generators, strict=True)
    return [int(torch.multinomial(row, 1, generator=generator)) for row, generator in rows]
