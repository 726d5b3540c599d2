"""Next-token loss as (summed nats, counted tokens): the division happens once, by whoever knows the global count."""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

from groundup.model.native.kernels import call, fits

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
    nats = _CrossEntropy.apply(logits.flatten(0, -2), targets.flatten(), _chunk_rows(logits))
    return nats, (targets != IGNORED).sum()


def cross_entropy_plain(logits: Tensor, targets: Tensor) -> tuple[Tensor, Tensor]:
    """The twin of `cross_entropy`."""
    flat = logits.flatten(0, -2).float()
    nats = F.cross_entropy(flat, targets.flatten(), ignore_index=IGNORED, reduction="sum")
    return nats, (targets != IGNORED).sum()


def linear_cross_entropy(
    hidden: Tensor, weight: Tensor, bias: Tensor | None, targets: Tensor, *, chunk_rows: int = 512
) -> tuple[Tensor, Tensor]:
    """`cross_entropy` of the logits `hidden @ weight.T + bias`, of which only `chunk_rows` rows exist at a time.

    For large vocabularies, where the logits are what fills the memory. hidden (..., C); weight (V, C), bias (V,) in
    their own dtype, cast to that of `hidden`; targets (...).
    """
    nats = _LinearCrossEntropy.apply(hidden.flatten(0, -2), weight, bias, targets.flatten(), chunk_rows)
    return nats, (targets != IGNORED).sum()


def _chunk_rows(logits: Tensor) -> int:
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
    exponentials = logits.new_empty(V, dtype=torch.float32)
    places = targets.contiguous()
    return torch.tensor(call("cross_entropy_forward", logits, rows, V, logits, places, gradient, exponentials))


class _CrossEntropy(Function):
    """The gradient is taken while a chunk of the forward pass is in the cache, and scaled in the backward pass."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor, chunk_rows: int) -> Tensor:
        gradient = torch.empty_like(logits) if ctx.needs_input_grad[0] else None
        if fits(logits, logits.shape[-1]):
            nats = _nats_and_gradient_in_c(logits, targets, gradient)
        else:
            nats = _nats_and_gradient(logits, targets, gradient, chunk_rows)
        ctx.save_for_backward(gradient)
        return nats

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * grad.to(gradient.dtype), None, None


class _LinearCrossEntropy(Function):
    """Logits of a chunk, their gradient in their place, and from it the gradients of what made them."""

    @staticmethod
    def forward(ctx: Any, *arguments: Any) -> Tensor:
        hidden, weight, bias, targets, chunk_rows = arguments
        matrix = weight.to(hidden.dtype)
        vector = None if bias is None else bias.to(hidden.dtype)
        wanted = any(ctx.needs_input_grad)
        grad_hidden = torch.empty_like(hidden) if wanted else None
        grad_weight = torch.zeros_like(weight) if wanted else None
        grad_bias = torch.zeros_like(bias) if wanted and bias is not None else None
        nats = torch.zeros((), dtype=torch.float32, device=hidden.device)
        for start in range(0, hidden.shape[0], chunk_rows):
            rows = slice(start, start + chunk_rows)
            logits = F.linear(hidden[rows], matrix, vector)
            nats += _nats_and_gradient(logits, targets[rows], logits if wanted else None, _chunk_rows(logits))
            if grad_hidden is not None and grad_weight is not None:
                grad_hidden[rows] = logits @ matrix
                grad_weight += logits.t() @ hidden[rows]
            if grad_bias is not None:
                grad_bias += logits.sum(0, dtype=grad_bias.dtype)
        ctx.save_for_backward(grad_hidden, grad_weight, grad_bias)
        return nats

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        hidden, weight, bias = ctx.saved_tensors
        return (
            hidden * grad.to(hidden.dtype),
            weight * grad.to(weight.dtype),
            None if bias is None else bias * grad.to(bias.dtype),
            None,
            None,
        )
