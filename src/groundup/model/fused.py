"""The gradients of model/functions.py on the kernels in C: one sweep over memory where PyTorch takes four to twelve.

Arithmetic is fp32 throughout, so in bf16 they round once where their twins round at every operation.
"""

import ctypes
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function

from groundup.model.native.kernels import call, fits

Tables = tuple[Tensor, Tensor]
"""cos and sin of `rotary_tables`, fp32, (T, D) or (B, 1, T, D)."""


class RmsNorm(Function):
    """x / rms(x) * gain over the last axis. x (..., C) contiguous, gain (C,) fp32."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, gain: Tensor, eps: float) -> Tensor:
        n = x.shape[-1]
        y, scale = torch.empty_like(x), x.new_empty(x.numel() // n, dtype=torch.float32)
        call("rms_norm_forward", x, len(scale), n, x, gain, eps, y, scale)
        ctx.save_for_backward(x, gain, scale)
        return y

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        x, gain, scale = ctx.saved_tensors
        grad_x, grad_gain = torch.empty_like(x), torch.zeros_like(gain)
        call("rms_norm_backward", x, len(scale), x.shape[-1], grad.contiguous(), x, gain, scale, grad_x, grad_gain)
        return grad_x, grad_gain, None


class Heads(Function):
    """(B, T, H D) -> (B, H, T, D), each head normalised where there is a gain (D,), rotated where there are tables."""

    @staticmethod
    def forward(
        ctx: Any, x: Tensor, head_size: int, gain: Tensor | None, eps: float, tables: Tables | None, half: int
    ) -> Tensor:
        B, T, C = x.shape
        H = C // head_size
        y, scale = x.new_empty(B, H, T, head_size), x.new_empty(B * H * T, dtype=torch.float32)
        cos, sin = (None, None) if tables is None else (tables[0].contiguous(), tables[1].contiguous())
        stride = 0 if cos is None or cos.ndim == 2 else T * head_size
        call("heads_forward", x, B, T, H, head_size, x, gain, eps, cos, sin, stride, half, y, scale)
        ctx.save_for_backward(x, gain, scale, cos, sin)
        ctx.half, ctx.stride = half, stride
        return y

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        x, gain, scale, cos, sin = ctx.saved_tensors
        (B, H, T, D), grad = grad.shape, grad.contiguous()
        grad_x, grad_gain = torch.empty_like(x), None if gain is None else torch.zeros_like(gain)
        places = (cos, sin, ctx.stride, ctx.half)
        call("heads_backward", x, B, T, H, D, grad, x, gain, *places, scale, grad_x, grad_gain)
        return grad_x, None, grad_gain, None, None, None


class CausalAttention(Function):
    """softmax(q kᵀ / sqrt(D)) v, each position seeing itself and those before, as far back as `begins` says.

    q (B, H, T, D); k, v (B, K, T, D); begins: (B, T), int32, the first position that each one sees, or None.
    kept: (B, H, T, T), factors of the weights, or None.
    """

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, begins: Tensor | None, kept: Tensor | None) -> Tensor:
        B, H, T, D = q.shape
        grouped = q.view(B, k.shape[1], -1, D)
        weights = grouped @ k.transpose(-1, -2)
        call("causal_softmax_forward", q, B * H * T, T, H * T, begins, D**-0.5, weights)
        kept = None if kept is None else kept.view(weights.shape)
        ctx.save_for_backward(grouped, k, v, weights, begins, kept)
        return (times(weights, kept) @ v).view(q.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        q, k, v, weights, begins, kept = ctx.saved_tensors
        (B, H, T, D), grad = grad.shape, grad.reshape(q.shape)
        grad_v = times(weights, kept).transpose(-1, -2) @ grad
        grad_scores = times(grad @ v.transpose(-1, -2), kept)
        call("causal_softmax_backward", q, B * H * T, T, H * T, begins, D**-0.5, weights, grad_scores)
        return (grad_scores @ k).view(B, H, T, D), grad_scores.transpose(-1, -2) @ q, grad_v, None, None


def times(x: Tensor, factors: Tensor | None) -> Tensor:
    """x * factors, or `x` itself without any."""
    return x if factors is None else x * factors


class SwiGlu(Function):
    """silu(gate) * up."""

    @staticmethod
    def forward(ctx: Any, gate: Tensor, up: Tensor) -> Tensor:
        out = torch.empty_like(gate)
        call("swiglu_forward", gate, gate.numel(), gate, up, out)
        ctx.save_for_backward(gate, up)
        return out

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor]:
        gate, up = ctx.saved_tensors
        grad_gate, grad_up = torch.empty_like(gate), torch.empty_like(up)
        call("swiglu_backward", gate, gate.numel(), grad.contiguous(), gate, up, grad_gate, grad_up)
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
