"""Operations whose gradients are written out, because PyTorch's own are slow on CPUs. Each has its plain twin here.

PyTorch 2.13 has no fused RMSNorm for CPUs: its eager gradient makes a dozen passes over the activations, ours six. The
plain twins are what accelerators and `torch.compile` get, which fuse them; tests hold the pairs equal. On a thread of
its own (see training/workers) each goes through a kernel in C instead, where there is a compiler: model/fused.py.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd import Function
from torch.nn import functional as F

from groundup.model import fused
from groundup.model.native.kernels import LARGEST_HEAD, fits


def written_out(x: Tensor) -> bool:
    """Whether there is a gradient to take of `x` for which the hand-written form is the faster one."""
    return x.requires_grad and x.device.type == "cpu" and not torch.compiler.is_compiling()


def rms_norm(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    """x / rms(x) * gain over the last axis, in the dtype of x; the mean of squares is taken in fp32."""
    if not written_out(x):
        return rms_norm_plain(x, gain.to(x.dtype), eps)
    if gain.dtype == torch.float32 and fits(x, x.shape[-1]):
        return fused.RmsNorm.apply(x, gain, eps)
    return _RmsNorm.apply(x, gain.to(x.dtype), eps)


def rms_norm_plain(x: Tensor, gain: Tensor, eps: float) -> Tensor:
    """The twin of `rms_norm`."""
    return F.rms_norm(x, gain.shape, gain, eps)


class _RmsNorm(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, gain: Tensor, eps: float) -> Tensor:
        norm = torch.linalg.vector_norm(x, dim=-1, keepdim=True, dtype=torch.float32)
        scale = norm.square_().div_(x.shape[-1]).add_(eps).rsqrt_().to(x.dtype)
        unit = x * scale
        ctx.save_for_backward(unit, scale, gain)
        return unit * gain

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, None]:
        unit, scale, gain = ctx.saved_tensors
        product = grad * unit
        along = product @ (gain / -unit.shape[-1])[:, None]  # (..., 1): the part that only changes the length of x
        grad_x = torch.addcmul(grad * gain, unit, along).mul_(scale)
        return grad_x, product.flatten(0, -2).sum(0), None


def split_heads(
    x: Tensor, head_size: int, gain: Tensor | None, eps: float, tables: fused.Tables | None, half: int
) -> Tensor:
    """(B, T, H D) -> (B, H, T, D), in order in memory; each head normalised if there is a gain, rotated if tables.

    tables: cos and sin, fp32, as for `rotate`.
    """
    whole = fits(x, head_size, half) and head_size <= LARGEST_HEAD and (gain is None or gain.dtype == torch.float32)
    if written_out(x) and whole:
        return fused.Heads.apply(x, gain, fused.HeadKind(head_size, eps, in_order(tables), half))
    y = x.unflatten(-1, (-1, head_size)).transpose(1, 2).contiguous()
    y = y if gain is None else rms_norm(y, gain, eps)
    return y if tables is None else rotate(y, tables[0].to(x.dtype), tables[1].to(x.dtype), half)


def in_order(tables: fused.Tables | None) -> fused.Tables | None:
    """Tables as the kernels read them."""
    return None if tables is None else (tables[0].contiguous(), tables[1].contiguous())


def swiglu(gate: Tensor, up: Tensor) -> Tensor:
    """silu(gate) * up."""
    if written_out(gate) and fits(gate, gate.shape[-1]) and up.is_contiguous():
        return fused.SwiGlu.apply(gate, up)
    return F.silu(gate) * up


def rotate(x: Tensor, cos: Tensor, sin: Tensor, half: int) -> Tensor:
    """Rotate component i of each head with component i + half, as Hugging Face pairs them; see `rotary_tables`.

    x (B, H, T, D); cos, sin (T, D) or (B, 1, T, D), which say nothing to components beyond 2 * half.
    """
    return _Rotate.apply(x, cos, sin, half) if written_out(x) else rotate_plain(x, cos, sin, half)


def rotate_plain(x: Tensor, cos: Tensor, sin: Tensor, half: int) -> Tensor:
    """The twin of `rotate`."""
    swapped = torch.cat((x[..., half : 2 * half], x[..., :half], x[..., 2 * half :]), dim=-1)
    return torch.addcmul(x * cos, swapped, sin)


class _Rotate(Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, cos: Tensor, sin: Tensor, half: int) -> Tensor:
        ctx.save_for_backward(cos, sin)
        ctx.half = half
        return rotate_plain(x, cos, sin, half)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, None, None, None]:
        cos, sin = ctx.saved_tensors
        # The inverse of a rotation: by the negative angle.
        return rotate_plain(grad, cos, -sin, ctx.half), None, None, None


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None,
    *,
    causal: bool = False,
    begins: Tensor | None = None,
    kept: Tensor | None = None,
) -> Tensor:
    """softmax(q kᵀ / sqrt(D) + mask) v. q (B, H, T, D), k and v (B, K, S, D), H a multiple of K -> (B, H, T, D).

    mask: added to the scores, (T, S) or (B, 1, T, S). causal: the mask is the plain causal one. begins: it is the
    causal one, but each position sees back to there only, (B, T), int32. kept: factors of the attention weights,
    (B, H, T, S), for dropout.
    """
    known = causal or begins is not None
    if known and written_out(q) and fits(q, q.shape[2]) and k.is_contiguous() and v.is_contiguous():
        return fused.CausalAttention.apply(q, k, v, begins, kept)
    return _Attend.apply(q, k, v, mask, kept) if written_out(q) else attend_plain(q, k, v, mask, kept)


def attend_plain(q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, kept: Tensor | None = None) -> Tensor:
    """The twin of `attend`."""
    scores = (_by_group(q * q.shape[-1] ** -0.5, k) @ k.transpose(-1, -2)).view(*q.shape[:3], k.shape[2])
    weights = (scores if mask is None else scores + mask).softmax(dim=-1)
    if kept is not None:
        weights = weights * kept
    return (_by_group(weights, k) @ v).view(q.shape)


def _by_group(x: Tensor, k: Tensor) -> Tensor:
    """Stack the query heads that share a key head, so that keys need no copies: (B, H, T, n) -> (B, K, H/K T, n)."""
    return x.reshape(x.shape[0], k.shape[1], -1, x.shape[-1])


class _Attend(Function):
    """The eager gradient of k comes out transposed in memory, which slows whatever reads it next; here it does not."""

    @staticmethod
    def forward(ctx: Any, q: Tensor, k: Tensor, v: Tensor, mask: Tensor | None, kept: Tensor | None) -> Tensor:
        scaled = _by_group(q * q.shape[-1] ** -0.5, k)
        scores = (scaled @ k.transpose(-1, -2)).view(*q.shape[:3], k.shape[2])
        weights = _by_group((scores if mask is None else scores.add_(mask)).softmax(dim=-1), k)
        kept = None if kept is None else kept.view(weights.shape)
        ctx.save_for_backward(scaled, k, v, weights, kept)
        return (fused.times(weights, kept) @ v).view(q.shape)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        scaled, k, v, weights, kept = ctx.saved_tensors
        shape, grad = grad.shape, _by_group(grad, k)
        grad_v = fused.times(weights, kept).transpose(-1, -2) @ grad
        grad_weights = fused.times(grad @ v.transpose(-1, -2), kept)
        grad_scores = torch.ops.aten._softmax_backward_data(grad_weights, weights, -1, weights.dtype)
        grad_q = (grad_scores @ k).mul_(shape[-1] ** -0.5)
        return grad_q.view(shape), grad_scores.transpose(-1, -2) @ scaled, grad_v, None, None
