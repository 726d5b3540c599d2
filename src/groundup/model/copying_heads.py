"""Two attention heads that can copy from the first step on, built into otherwise random weights.

    ... the red kite ... the red ->  kite
         |   ^           |
         +---+           |      block 0, head 0: each position fetches the token before it
             ^-----------+      block 1, head 0: looks for a position whose token before is the present one, and fetches
                                its token

Together they are what Olsson et al. 2022 ("In-context Learning and Induction Heads") found to form in training. Left to
themselves they take thousands of steps to form, and in runs of minutes they never do. The output head begins as that
share of the embeddings which they fetch, so that what is fetched is said, too. They are no constraint: training changes
them like any other weight. The idea of beginning with the structure that attention ends up with is Trockman & Kolter's
(2023, "Mimetic Initialization"). Measured in LOG.md.

Three kinds of directions of the residual stream take part, all orthogonal to each other:

    read       as many as a head is wide: the share of a token that is fetched
    written    as many: where block 0 puts `read` of the token before
    constant   one, the same in every token: block 0 asks for a distance, not for a token
"""

from collections.abc import Callable

import torch
from torch import Tensor

from groundup.model.config import ResolvedConfig

Change = Callable[[Tensor], Tensor]
"""Makes of the weight that was drawn the one to begin with. For the output head: of the embeddings."""

CONSTANT = 8.0  # of the constant direction, where each component of a token has a deviation of 1
GAIN = 1.5  # of queries and keys: their normalised products are otherwise too flat
BEFORE = 2.0  # how strongly the token before is written down, beside the token itself
FETCHED = 2.0  # and what has been found
SAID = 1.0  # scale of the output head at first, times head_size ** -0.5
FAST = 0.2  # radians a position: pairs of components that tell neighbours apart
SLOW = 0.02  # and those that hardly see a distance


def has_room(config: ResolvedConfig) -> bool:
    """Whether the two heads fit: two blocks, normalised and wholly rotated heads, a residual stream twice as wide."""
    angles = _angles(config)
    return (
        config.n_layer >= 2
        and config.qk_norm
        and config.rotary_size == config.head_size
        and config.n_embd >= 2 * config.head_size
        and bool((angles > FAST).any())
        and bool((angles < SLOW).any())
    )


def copying_heads(config: ResolvedConfig, seed: int) -> dict[str, Change]:
    """By module name, how the drawn weights must change. Which directions are taken is drawn from `seed`."""
    size = config.head_size
    generator = torch.Generator().manual_seed(seed)
    directions, _ = torch.linalg.qr(torch.randn(config.n_embd, config.n_embd, generator=generator))
    read, written, constant = directions[:size], directions[size : 2 * size], directions[-1]
    angles = _angles(config)
    fast, slow = (angles > FAST).float(), (angles < SLOW).float()
    # A query that is turned back by one position agrees most with the key one position earlier.
    query = torch.cat((fast * angles.cos(), -fast * angles.sin()))
    key = torch.cat((fast, torch.zeros_like(fast)))
    compared = torch.randn(size, size, generator=generator) * torch.cat((slow, slow))[:, None]
    return {
        "embed": lambda drawn: drawn + torch.outer(CONSTANT - drawn @ constant, constant),
        "blocks.0.attention.q": _in_head(torch.outer(query, constant)),
        "blocks.0.attention.k": _in_head(torch.outer(key, constant)),
        "blocks.0.attention.v": _in_head(read),
        "blocks.0.attention.out": _from_head(BEFORE * written.T),
        "blocks.1.attention.q": _in_head(compared @ read),
        "blocks.1.attention.k": _in_head(compared @ written),
        "blocks.1.attention.v": _in_head(read),
        "blocks.1.attention.out": _from_head(FETCHED * read.T),
        "head": lambda embeddings: SAID * size**-0.5 * embeddings @ read.T @ read,
        **{
            f"blocks.{block}.attention.{name}_norm": lambda drawn: GAIN * drawn
            for block in (0, 1)
            for name in ("q", "k")
        },
    }


def _angles(config: ResolvedConfig) -> Tensor:
    """By how much each pair of a head's components turns from one position to the next."""
    return config.rotary_base ** (-torch.arange(0, config.head_size, 2, dtype=torch.float32) / config.head_size)


def _in_head(rows: Tensor) -> Change:
    """Replace what makes the first head's query, key or value."""
    return lambda drawn: torch.cat((rows, drawn[len(rows) :]))


def _from_head(columns: Tensor) -> Change:
    """Replace what the first head writes."""
    return lambda drawn: torch.cat((columns, drawn[:, columns.shape[1] :]), dim=1)
