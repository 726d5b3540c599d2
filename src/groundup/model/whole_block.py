"""A whole block of the usual kind as one autograd function, for threads with rows of their own (training/workers).

Python runs one thread at a time, and PyTorch enters Python some sixty times for the forward and backward pass of a
block: with small matrices, threads spend more time waiting for that than computing. Here a block's gradient is written
out, over the kernels in C and the fewest matrix products: queries, keys and values come from one, gate and up from one.
The slow twin is the `Block` that it stands for, which also computes whatever does not fit.

    n1 = norm(x)                              n2 = norm(x2)
    q, k, v = heads(n1 Wqkv')                 gate, up = n2 Wgu'
    x2 = x + merged(attention(q, k, v)) Wo'   y = x2 + silu(gate) up Wd'
"""

from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.autograd import Function

from groundup.model import fused
from groundup.model.dropout import draw_kept
from groundup.model.functions import in_order, written_out
from groundup.model.fused import HeadKind, times
from groundup.model.native.kernels import LARGEST_HEAD, fits
from groundup.model.transformer import Block, Context, Linear, Norm


def can_be_whole(block: nn.Module) -> bool:
    """Whether `block` is of the usual kind: RMSNorm, then attention; RMSNorm, then SwiGLU; no biases, all trained."""
    if type(block) is not Block or block.mlp.activation != "swiglu":
        return False
    attention, mlp = block.attention, block.mlp
    layers = (attention.q, attention.k, attention.v, attention.out, mlp.gate, mlp.up, mlp.down)
    norms = (block.attention_norm, block.mlp_norm)
    return (
        all(type(layer) is Linear and layer.bias is None for layer in layers)
        and all(type(norm) is Norm and norm.bias is None for norm in norms)
        and all(parameter.requires_grad for parameter in block.parameters())
        and attention.config.head_size <= LARGEST_HEAD
    )


class WholeBlock(nn.Module):
    """Stands for a block; its parameters are the block's, in the same order."""

    def __init__(self, block: Block) -> None:
        super().__init__()
        self.block = block

    def join(self) -> None:
        """Let the weights that one product can serve lie behind each other in memory. They keep their values."""
        attention, mlp = self.block.attention, self.block.mlp
        self._qkv = _joined(attention.q, attention.k, attention.v)
        self._gate_up = _joined(cast(Linear, mlp.gate), mlp.up)

    def forward(self, x: Tensor, context: Context) -> Tensor:
        if not self._fits(x, context):
            return cast(Tensor, self.block(x, context))
        attention, mlp = self.block.attention, self.block.mlp
        config, (B, T, C) = attention.config, x.shape
        D, H, K = config.head_size, config.n_head, config.n_kv_head
        kind = HeadKind(D, config.norm_eps, in_order(context.tables), config.rotary_size // 2)
        share, kept = config.dropout if self.training else 0.0, Kept()
        if share:  # drawn in the order in which the block draws
            weights = draw_kept(x.new_empty(B * K, H // K * T, T), share)
            kept = Kept(weights, *(draw_kept(x, share).view(B * T, C) for _ in range(2)))
        gains = (norm.gain if isinstance(norm, Norm) else None for norm in (attention.q_norm, attention.k_norm))
        gate = cast(Linear, mlp.gate)
        y = _WholeBlock.apply(
            x.view(B * T, C), Shape(B, T, (H * D, K * D, K * D), kind, config.norm_eps), context.begins, kept,
            self._qkv, self._gate_up,
            self.block.attention_norm.gain, attention.q.weight, attention.k.weight, attention.v.weight, *gains,
            attention.out.weight, self.block.mlp_norm.gain, gate.weight, mlp.up.weight, mlp.down.weight,
        )  # fmt: skip
        return cast(Tensor, y).view(B, T, C)

    def _fits(self, x: Tensor, context: Context) -> bool:
        config = self.block.attention.config
        half = config.rotary_size // 2 if context.tables is not None else 0
        return (
            written_out(x)
            and fits(x, x.shape[1], x.shape[2], config.head_size, half, config.n_ff)
            and (context.causal or context.begins is not None)
            and context.cache is None
            and not self.block.attention.use_sdpa
            and self._qkv.dtype == x.dtype
            and all(parameter.dtype == torch.float32 for parameter in self.block.parameters() if parameter.ndim == 1)
        )


def _joined(*layers: Linear) -> Tensor:
    """Their weights as one, of which each layer's is a view from now on."""
    whole = torch.cat([layer.weight.detach() for layer in layers])
    for layer, part in zip(layers, whole.split([len(layer.weight) for layer in layers]), strict=True):
        layer.weight.data = part
    return whole


@dataclass(frozen=True)
class Shape:
    """What the arithmetic of a block needs to know besides tensors."""

    B: int
    T: int
    widths: tuple[int, int, int]  # of queries, keys, values: columns of their joint product
    kind: HeadKind  # of queries and keys
    eps: float

    @property
    def moved(self) -> HeadKind:
        """Of values and gradients: heads that are only moved."""
        return HeadKind(self.kind.size)

    def heads(self, rows: Tensor) -> Tensor:
        """(B T, n) -> (B, T, n)."""
        return rows.unflatten(0, (self.B, self.T))


@dataclass(frozen=True)
class Kept:
    """Dropout's factors, or None: of the attention weights, and of what the two sublayers write, (B T, C)."""

    weights: Tensor | None = None
    mixed: Tensor | None = None
    hidden: Tensor | None = None


class _WholeBlock(Function):
    """x (B T, C) -> (B T, C). Weights come joined, to compute with, and one by one, to give gradients to."""

    @staticmethod
    def forward(
        ctx: Any,
        x: Tensor,
        shape: Shape,
        begins: Tensor | None,
        kept: Kept,
        qkv_weight: Tensor,
        gate_up_weight: Tensor,
        *weights: Tensor | None,
    ) -> Tensor:
        norm1, _, _, _, q_gain, k_gain, out_weight, norm2, _, _, down_weight = cast(tuple[Any, ...], weights)
        n1, scale1 = fused.rms_norm_forward(x, norm1, shape.eps)
        qkv = shape.heads(n1 @ qkv_weight.t())
        parts = qkv.split(shape.widths, dim=-1)
        q, q_scale = fused.heads_forward(parts[0], q_gain, shape.kind)
        k, k_scale = fused.heads_forward(parts[1], k_gain, shape.kind)
        v, _ = fused.heads_forward(parts[2], None, shape.moved)
        mixed, attended = fused.attention_forward(q, k, v, begins, kept.weights)
        merged = mixed.transpose(1, 2).reshape(len(x), -1)
        x2 = _add_product(x, merged, out_weight, kept.mixed)
        n2, scale2 = fused.rms_norm_forward(x2, norm2, shape.eps)
        gate, up = (gate_up := n2 @ gate_up_weight.t()).chunk(2, dim=-1)
        hidden = fused.swiglu_forward(gate, up)
        ctx.save_for_backward(
            x, scale1, n1, qkv, q, q_scale, k, k_scale, v, attended, merged, x2, scale2, n2, gate_up, hidden,
            norm1, q_gain, k_gain, norm2, qkv_weight, out_weight, gate_up_weight, down_weight, begins,
            kept.weights, kept.mixed, kept.hidden,
        )  # fmt: skip
        ctx.shape = shape
        return _add_product(x2, hidden, down_weight, kept.hidden)

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        (
            x, scale1, n1, qkv, q, q_scale, k, k_scale, v, attended, merged, x2, scale2, n2, gate_up, hidden,
            norm1, q_gain, k_gain, norm2, qkv_weight, out_weight, gate_up_weight, down_weight, begins,
            kept_weights, kept_mixed, kept_hidden,
        ) = ctx.saved_tensors  # fmt: skip
        shape: Shape = ctx.shape
        grad = grad.contiguous()

        written = times(grad, kept_hidden)
        grad_down = written.t() @ hidden
        grad_gate_up = torch.empty_like(gate_up)
        fused.swiglu_backward(written @ down_weight, *gate_up.chunk(2, dim=-1), *grad_gate_up.chunk(2, dim=-1))
        grad_n2 = grad_gate_up @ gate_up_weight
        by_gate, by_up = (grad_gate_up.t() @ n2).chunk(2)
        grad_x2, grad_norm2 = fused.rms_norm_backward(grad_n2, x2, norm2, scale2, base=grad)

        written = times(grad_x2, kept_mixed)
        grad_out = written.t() @ merged
        grad_mixed, _ = fused.heads_forward(shape.heads(written @ out_weight), None, shape.moved)
        grad_q, grad_k, grad_v = fused.attention_backward(grad_mixed, q, k, v, attended, begins, kept_weights)
        grad_qkv = torch.empty_like(qkv)
        parts, grads = (joint.split(shape.widths, dim=-1) for joint in (qkv, grad_qkv))
        grad_q_gain = fused.heads_backward(grad_q, parts[0], q_gain, q_scale, shape.kind, grads[0])
        grad_k_gain = fused.heads_backward(grad_k, parts[1], k_gain, k_scale, shape.kind, grads[1])
        fused.heads_backward(grad_v, parts[2], None, k_scale, shape.moved, grads[2])
        grad_qkv = grad_qkv.view(len(x), -1)
        by_q, by_k, by_v = (grad_qkv.t() @ n1).split(shape.widths)
        grad_x, grad_norm1 = fused.rms_norm_backward(grad_qkv @ qkv_weight, x, norm1, scale1, base=grad_x2)
        return (
            grad_x, None, None, None, None, None,
            grad_norm1, by_q, by_k, by_v, grad_q_gain, grad_k_gain, grad_out, grad_norm2, by_gate, by_up, grad_down,
        )  # fmt: skip


def _add_product(x: Tensor, y: Tensor, weight: Tensor, kept: Tensor | None) -> Tensor:
    """x + y Wᵀ, the product's components times `kept`."""
    return torch.addmm(x, y, weight.t()) if kept is None else torch.addcmul(x, y @ weight.t(), kept)
