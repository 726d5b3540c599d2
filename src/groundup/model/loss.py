"""Next-token loss as (summed nats, counted tokens): the division happens once, by whoever knows the global count."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

from groundup.model.native.kernels import LANES, call, fits

IGNORED = -100
"""Target of a position that does not count: padding, and what the loss mask hides."""

# Logits that are turned to fp32 at a time: on a CPU what fits its second-level cache, elsewhere what keeps memory low.
CHUNK_ELEMENTS = {"cpu": 1 << 18}
CHUNK_ELEMENTS_ELSEWHERE = 1 << 27


def cross_entropy(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return (sum of -log p(target) in nats, fp32; number of targets that are not IGNORED).

    logits (..., V), any float dtype; targets (...), int64. The log-softmax is taken in fp32, a few rows at a time, so
    that the logits are never held in fp32 as a whole.
    """
    nats = _CrossEntropy.apply(logits.flatten(0, -2), targets.flatten(), chunk_rows(logits))
    return nats, (targets != IGNORED).sum()


def cross_entropy_plain(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """The twin of `cross_entropy`."""
    flat = logits.flatten(0, -2).float()
    nats = F.cross_entropy(flat, targets.flatten(), ignore_index=IGNORED, reduction="sum")
    return nats, (targets != IGNORED).sum()


def chunk_rows(logits: Tensor) -> int:
    """Rows of logits (N, V) to be turned to fp32 at a time."""
    return max(1, CHUNK_ELEMENTS.get(logits.device.type, CHUNK_ELEMENTS_ELSEWHERE) // logits.shape[-1])


def _nats_and_gradient(logits: Tensor, targets: Tensor, gradient: Tensor | None, chunk_rows: int) -> Tensor:
    """Summed nats; into `gradient`, which may be `logits` itself, what they change by with each logit."""
    nats = torch.zeros((), dtype=torch.float32, device=logits.device)
    for start in range(0, logits.shape[0], chunk_rows):
        rows = slice(start, start + chunk_rows)
        counted = (targets[rows] != IGNORED).unsqueeze(1)
        index = targets[rows].clamp(min=0).unsqueeze(1)
        p = logits[rows].float().softmax(dim=-1)
        # ln sum exp, from the largest logit: its p is at least 1/V, so that the logarithm is exact to fp32.
        # A log-softmax would need a second exponential for the gradient.
        normaliser = logits[rows].amax(dim=-1, keepdim=True).float() - p.amax(dim=-1, keepdim=True).log()
        nats += (normaliser - logits[rows].gather(1, index).float()).where(counted, 0).sum()
        if gradient is not None:  # softmax minus one-hot, zero in rows that do not count
            p.scatter_add_(1, index, torch.full_like(index, -1, dtype=p.dtype))
            gradient[rows] = p.masked_fill_(~counted, 0)
    return nats


def _nats_and_gradient_in_c(logits: Tensor, targets: Tensor, gradient: Tensor | None) -> Tensor:
    """The twin of `_nats_and_gradient` for the thread that calls it."""
    rows, V = logits.shape
    exponentials = logits.new_empty(V + LANES, dtype=torch.float32)
    places = targets.contiguous()
    return torch.tensor(call("cross_entropy_forward", logits, rows, V, logits, places, gradient, exponentials))


class _CrossEntropy(Function):
    """The gradient is taken while a chunk of the forward pass is in the cache, and scaled in the backward pass."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor, chunk_rows: int) -> Tensor:
        gradient = torch.empty_like(logits) if ctx.needs_input_grad[0] else None
        if fits(logits):
            nats = _nats_and_gradient_in_c(logits, targets, gradient)
        else:
            nats = _nats_and_gradient(logits, targets, gradient, chunk_rows)
        ctx.save_for_backward(gradient)
        return nats

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * grad.to(gradient.dtype), None, None
