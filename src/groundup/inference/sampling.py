"""From logits to the next token: tiny pure functions, composed downward."""

import torch
from torch import Tensor

NEVER = float("-inf")


def keep_top_k(logits: Tensor, k: int) -> Tensor:
    """Leave the k largest logits of each row (..., V), of equal ones the first; the rest become -inf.

    Exactly k, since in half precision equal logits are common: k = 1 is greedy.
    """
    if k >= logits.shape[-1]:
        return logits
    least = logits.topk(k, dim=-1).values[..., -1:]
    above, ties = logits > least, logits == least
    places = k - above.sum(dim=-1, keepdim=True)  # that are left for the ties
    return logits.masked_fill(~(above | (ties & (ties.cumsum(dim=-1) <= places))), NEVER)


def keep_top_p(logits: Tensor, p: float) -> Tensor:
    """Leave the most probable tokens that together have probability p, at least one (nucleus, Holtzman et al. 2020)."""
    ordered, places = logits.sort(dim=-1, descending=True, stable=True)
    probabilities = ordered.softmax(dim=-1)
    before = probabilities.cumsum(dim=-1) - probabilities  # of each token: what the more probable ones have together
    out = before >= p
    out[..., 0] = False
    return torch.empty_like(logits).scatter_(-1, places, ordered.masked_fill(out, NEVER))


def probabilities(logits: Tensor, *, temperature: float, top_k: int | None, top_p: float | None) -> Tensor:
    """The distribution to draw from, (..., V) in fp32. temperature > 0; the filters see the tempered logits."""
    logits = logits.float()
    # The largest becomes 0 first, so that no temperature is too low for the division.
    logits = (logits - logits.amax(dim=-1, keepdim=True)) / temperature
    if top_k:
        logits = keep_top_k(logits, top_k)
    if top_p is not None and top_p < 1.0:
        logits = keep_top_p(logits, top_p)
    return logits.softmax(dim=-1)


def draw(distribution: Tensor, generator: torch.Generator) -> int:
    """An index of `distribution` (V,), drawn with its probability: one random number, by the inverse of the sum."""
    cumulative = distribution.double().cumsum(dim=0)
    at = torch.rand((), dtype=torch.float64, generator=generator) * cumulative[-1]
    index = int(torch.searchsorted(cumulative, at, right=True))  # the first whose sum is above: never one of chance 0
    return min(index, int(torch.searchsorted(cumulative, cumulative[-1])))  # should the product round up to the sum


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
    return [draw(row, generator) for row, generator in zip(drawn, generators, strict=True)]
