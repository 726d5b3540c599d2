"""Next-token loss as (summed nats, counted tokens): the division happens once, by whoever knows the global count."""

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

IGNORED = -100
"""Target of a position that does not count: padding, and what the loss mask hides."""


def cross_entropy(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return (sum of -log p(target) in nats, fp32; number of targets that are not IGNORED).

    logits (..., V), any float dtype; targets (...), int64. The log-softmax is taken in fp32.
    """
    flat = logits.flatten(0, -2).float()
    nats = F.cross_entropy(flat, targets.flatten(), ignore_index=IGNORED, reduction="sum")
    return nats, (targets != IGNORED).sum()
