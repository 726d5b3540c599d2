"""The gradients of model/functions.py on the kernels in C: one sweep over memory where PyTorch takes four to twelve.

Arithmetic is fp32 throughout, so in bf16 they round once where their twins round at every operation.
"""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from groundup.model.native.kernels import call, fits

Tables = tuple[Tensor, Tensor]
"""cos and sin of `rotary_tables`, fp32, (T, D) or (B, 1, T, D)."""


def rms_norm_forward(x: Tensor, gain: Tensor, eps: float) -> tuple[Tensor, Tensor]:
    """x / rms(x) * gain over the last axis, and 1 / rms(x) of each row, fp32. x (..., C) contiguous, gain (C,) fp32."""
    n = x.shape[-1]
    y, scale = torch.empty_like(x), x.new_empty(x.numel() // n, dtype=torch.float32)
    call("rms_norm_forward", x, len(scale), n, x, gain, eps, y, scale)
    return y, scale


def rms_norm_backward(
    grad: Tensor, x: Tensor, gain: Tensor, scale: Tensor, base: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Gradients of x and gain; to that of x, `base` is added."""
    grad_x, grad_gain = torch.empty_like(x), torch.zeros_like(gain)
    call("rms_norm_backward", x, len(scale), x.shape[-1], grad, x, gain, scale, base, grad_x, grad_gain)
    return grad_x, grad_gain


class RmsNorm(Function):
    """x / rms(x) * gain over the last axis. x (..., C) contiguous, gain (C,) fp32."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gain: Tensor, eps: float) -> Tensor:
        y, scale = rms_norm_forward(x, gain, eps)
        ctx.save_for_backward(x, gain, scale)
        return y

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        return *rms_norm_backward(grad.contiguous(), *ctx.saved_tensors), None


@dataclass(frozen=True)
class HeadKind:
    """What is done to the heads of queries, keys or values besides moving them."""

    size: int
    eps: float = 0.0
    tables: Tables | None = None  # contiguous; None: no rotation
    half: int = 0  # see `rotary_tables`

    def places(self, n_positions: int) -> tuple[Tensor | None, Tensor | None, int, int]:
        """Tables, elements from one row's to the next row's (0: all share one), half."""
        if self.tables is None:
            return None, None, 0, self.half
        cos, sin = self.tables
        return cos, sin, 0 if cos.ndim == 2 else n_positions * self.size, self.half


def heads_forward(x: Tensor, gain: Tensor | None, kind: HeadKind) -> tuple[Tensor, Tensor]:
    """(B, T, H D) -> (B, H, T, D), normalised where there is a gain (D,), rotated where there are tables; 1 / rms.

    x: contiguous, or columns of something that is.
    """
    (B, T, C), D = x.shape, kind.size
    y, scale = x.new_empty(B, C // D, T, D), x.new_empty(B * C // D * T, dtype=torch.float32)
    cos, sin, stride, half = kind.places(T)
    call("heads_forward", x, B, T, C // D, D, x.stride(1), x, gain, kind.eps, cos, sin, stride, half, y, scale)
    return y, scale


def heads_backward(
    grad: Tensor, x: Tensor, gain: Tensor | None, scale: Tensor, kind: HeadKind, grad_x: Tensor
) -> Tensor | None:
    """Writes the gradient of x into `grad_x`, which lies in memory as x does; returns that of the gain."""
    (B, H, T, D), grad = grad.shape, grad.contiguous()
    grad_gain = None if gain is None else torch.zeros_like(gain)
    assert grad_x.stride(1) == x.stride(1), "one distance from row to row for both"
    call("heads_backward", x, B, T, H, D, x.stride(1), grad, x, gain, *kind.places(T), scale, grad_x, grad_gain)
    return grad_gain


class Heads(Function):
    """(B, T, H D) -> (B, H, T, D), each head normalised where there is a gain (D,), rotated where there are tables."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gain: Tensor | None, kind: HeadKind) -> Tensor:
        y, scale = heads_forward(x, gain, kind)
        ctx.save_for_backward(x, gain, scale)
        ctx.kind = kind
        return y

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor | None, None]:
        x, gain, scale = ctx.saved_tensors
        grad_x = torch.empty_like(x)
        return grad_x, heads_backward(grad, x, gain, scale, ctx.kind, grad_x), None


def attention_forward(
    q: Tensor, k: Tensor, v: Tensor, begins: Tensor | None, kept: Tensor | None
) -> tuple[Tensor, Tensor]:
    """(B, H, T, D) mixed values as in `CausalAttention`, and the weights, (B K, H/K T, T); kept as they are."""
    (B, H, T, D), K = q.shape, k.shape[1]
    q, k, v = (x.view(B * K, -1, D) for x in (q, k, v))
    weights = torch.bmm(q, k.mT)
    exponentials = q.new_empty(T, dtype=torch.float32)
    call("causal_softmax_forward", q, B * H * T, T, H * T, begins, D**-0.5, weights, exponentials)
    return torch.bmm(times(weights, kept), v).view(B, H, T, D), weights


def attention_backward(
    grad: Tensor, q: Tensor, k: Tensor, v: Tensor, weights: Tensor, begins: Tensor | None, kept: Tensor | None
) -> tuple[Tensor, Tensor, Tensor]:
    """Gradients of q, k and v, in their shapes. grad (B, H, T, D) contiguous."""
    (B, H, T, D), K = q.shape, k.shape[1]
    grad, q, flat_k, flat_v = (x.view(B * K, -1, D) for x in (grad, q, k, v))
    grad_v = torch.bmm(times(weights, kept).mT, grad)
    grad_scores = times(torch.bmm(grad, flat_v.mT), kept)
    call("causal_softmax_backward", q, B * H * T, T, H * T, begins, D**-0.5, weights, grad_scores)
    grad_q, grad_k = torch.bmm(grad_scores, flat_k), torch.bmm(grad_scores.mT, q)
    return grad_q.view(B, H, T, D), grad_k.view(k.shape), grad_v.view(v.shape)


class CausalAttention(Function):
    """softmax(q kᵀ / sqrt(D)) v, each position seeing itself and those before, as far back as `begins` says.

    q (B, H, T, D); k, v (B, K, T, D); begins: (B, T), int32, the first position that each one sees, or None.
    kept: (B, H, T, T), factors of the weights, or None.
    """

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, begins: Tensor | None, kept: Tensor | None) -> Tensor:
        T = q.shape[2]
        kept = None if kept is None else kept.view(k.shape[0] * k.shape[1], -1, T)
        mixed, weights = attention_forward(q, k, v, begins, kept)
        ctx.save_for_backward(q, k, v, weights, begins, kept)
        return mixed

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        return *attention_backward(grad.contiguous(), *ctx.saved_tensors), None, None


def times(x: Tensor, factors: Tensor | None) -> Tensor:
    """x * factors, or `x` itself without any."""
    return x if factors is None else x * factors


def swiglu_forward(gate: Tensor, up: Tensor) -> Tensor:
    """silu(gate) * up. Both (N, F), contiguous or columns of one matrix."""
    out = torch.empty_like(gate, memory_format=torch.contiguous_format)
    call("swiglu_forward", gate, *gate.shape, gate.stride(0), gate, up, out)
    return out


def swiglu_backward(grad: Tensor, gate: Tensor, up: Tensor, grad_gate: Tensor, grad_up: Tensor) -> None:
    """Writes the gradients of gate and up into tensors that lie in memory as they do. grad: contiguous."""
    call("swiglu_backward", gate, *gate.shape, gate.stride(0), grad, gate, up, grad_gate, grad_up)


class SwiGlu(Function):
    """silu(gate) * up. Both contiguous."""

    @staticmethod
    def forward(ctx: Any, gate: Tensor, up: Tensor) -> Tensor:
        ctx.save_for_backward(gate, up)
        return swiglu_forward(gate.flatten(0, -2), up.flatten(0, -2)).view(gate.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        gate, up = ctx.saved_tensors
        grad_gate, grad_up = torch.empty_like(gate), torch.empty_like(up)
        swiglu_backward(grad.contiguous(), gate.flatten(0, -2), up.flatten(0, -2), grad_gate, grad_up)
        return grad_gate, grad_up


def add_up(total: Tensor, parts: Sequence[Tensor], *, fresh: bool) -> None:
    """Let the fp32 `total` hold (fresh), or grow by, the sum of `parts`, from the first to the last."""
    n = total.numel()
    same = total.dtype == torch.float32 and total.is_contiguous() and len({part.dtype for part in parts}) == 1
    if same and all(fits(part, n) for part in parts):
        addresses = (ctypes.c_void_p * len(parts))(*(part.data_ptr() for part in parts))
        call("gradients_add", parts[0], n, total, int(fresh), len(parts), ctypes.addressof(addresses))
        return
    if fresh:
        total.zero_()
    for part in parts:
        total += part
