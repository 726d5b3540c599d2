"""From logits to the next token: tiny pure functions, composed downward."""

import torch
from torch import Tensor

NEVER = float("-inf")
LEAST_TEMPERATURE = 1e-6  # as good as greedy; below it the division could overflow


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
    beyond = before >= p
    beyond[..., 0] = False  # also where p is so small that fp32 takes it for 0
    return torch.empty_like(logits).scatter_(-1, places, ordered.masked_fill(beyond, NEVER))


def probabilities(logits: Tensor, *, temperature: float, top_k: int | None, top_p: float | None) -> Tensor:
    """The distribution to draw from, (..., V) in fp32. temperature > 0; the filters see the tempered logits."""
    logits = logits.float() / max(temperature, LEAST_TEMPERATURE)
    if top_k:
        logits = keep_top_k(logits, top_k)
    if top_p is not None and top_p < 1.0:
        logits = keep_top_p(logits, top_p)
    return logits.softmax(dim=-1)


def pick(distribution: Tensor, share: float) -> int:
    """The index at which the cumulative sum of `distribution` (V,) passes `share` of the whole, 0 <= share < 1.

    With shares drawn evenly, every index comes with its probability: one random number a token.
    """
    return pick_each(distribution[None], [share])[0]


def pick_each(distributions: Tensor, shares: list[float]) -> list[int]:
    """`pick` for each row of (B, V); a row's pick does not depend on the others."""
    cumulative = distributions.double().cumsum(dim=-1)
    whole = cumulative[:, -1:].contiguous()
    # The first sum that is larger, never one that stays the same: what has no chance is not picked.
    places = torch.tensor(shares, dtype=torch.float64)[:, None] * whole
    indices = torch.searchsorted(cumulative, places, right=True)
    last = torch.searchsorted(cumulative, whole)  # the product may round up to the whole
    return torch.minimum(indices, last)[:, 0].tolist()


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
    assert len(generators) == len(drawn)
    shares = [float(torch.rand((), dtype=torch.float64, generator=generator)) for generator in generators]
    return pick_each(drawn, shares)
