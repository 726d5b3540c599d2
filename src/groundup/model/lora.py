"""Low-rank adapters (Hu et al. 2021): a frozen matrix W learns as W + scale * B A, with A (r, in) and B (out, r).

B starts at zero, so that a model with fresh adapters is the model. Merged, the adapters are gone and W holds them.
"""

import math
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from groundup.model.transformer import Linear, Transformer
from groundup.utils.errors import UserError

TARGETS: Final = ("q", "k", "v", "out", "up", "gate", "down")
"""The matrices of a block, by attribute: adapting all of them learns most for the parameters spent (QLoRA, 2023)."""


class LoraLinear(Linear):
    """A frozen `Linear` with an adapter beside it: lora_a (r, in) and lora_b (out, r)."""

    def __init__(self, base: Linear, rank: int, alpha: float, generator: torch.Generator) -> None:
        n_out, n_in = base.weight.shape
        super().__init__(n_in, n_out, bias=base.bias is not None)
        self.weight, self.bias = base.weight, base.bias
        self.scale = alpha / rank
        bound = 1 / math.sqrt(n_in)
        self.lora_a = nn.Parameter(torch.empty(rank, n_in).uniform_(-bound, bound, generator=generator))
        self.lora_b = nn.Parameter(torch.zeros(n_out, rank))

    def forward(self, x: Tensor) -> Tensor:
        adapted = F.linear(F.linear(x, self.lora_a.to(x.dtype)), self.lora_b.to(x.dtype))
        return super().forward(x) + self.scale * adapted

    def merged_weight(self) -> Tensor:
        """W + scale * B A, in the dtype of W."""
        return self.weight + self.scale * (self.lora_b @ self.lora_a)


def add_adapters(model: Transformer, *, rank: int, alpha: float, seed: int) -> Transformer:
    """Freeze `model` and give every matrix of its blocks an adapter, in place. Raises UserError for a rank below 1."""
    if rank < 1:
        raise UserError(f"tuning.lora_rank is {rank}; it must be at least 1.")
    generator = torch.Generator().manual_seed(seed)
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    for module in list(model.blocks.modules()):
        for name, child in list(module.named_children()):
            if name in TARGETS and isinstance(child, Linear):
                setattr(module, name, LoraLinear(child, rank, alpha, generator))
    return model


@torch.no_grad()
def merge_adapters(model: Transformer) -> Transformer:
    """A plain model that computes the same; `model` keeps its adapters."""
    merged = Transformer(model.config)
    tensors = {name: tensor for name, tensor in model.state_dict().items() if ".lora_" not in name}
    for name, module in model.named_modules():
        if isinstance(module, LoraLinear):
            tensors[f"{name}.weight"] = module.merged_weight()
    merged.load_state_dict(tensors)
    merged.set_compute(model.compute_dtype, attention="sdpa" if model.use_sdpa else "explicit")
    return merged.to(model.embed.weight.device).train(model.training)
