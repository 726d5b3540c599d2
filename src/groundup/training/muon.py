"""Muon: momentum whose matrices are made orthogonal before they become the update.

Source: Keller Jordan, "Muon: An optimizer for hidden layers in neural networks" (2024). Departures from it:
matrices of one shape are orthogonalised together, as one batch; Newton-Schulz takes three steps instead of five by
default, since at a few million parameters the rest of their price buys nothing measurable (see LOG.md).
"""

from collections.abc import Iterable

import torch
from torch import Tensor

from groundup.training.grouped import GroupedOptimizer
from groundup.training.sharding import cut_again, is_sharded, shared_out

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # a quintic that lifts small singular values fastest


def orthogonalize(matrices: Tensor, steps: int) -> Tensor:
    """Turn each matrix U S V^T of a batch (N, rows, columns) into about U V^T, by Newton-Schulz steps in bfloat16."""
    a, b, c = COEFFICIENTS
    x = matrices.bfloat16()
    tall = x.size(-2) > x.size(-1)
    if tall:
        x = x.mT
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        gram = x @ x.mT
        polynomial = torch.baddbmm(gram, gram, gram, beta=b, alpha=c)
        x = torch.baddbmm(x, polynomial, x, beta=a)
    return x.mT if tall else x


def orthogonalize_shared(matrices: Tensor, steps: int) -> Tensor:
    """`orthogonalize`, also where every matrix is cut over several processes: each then does some of the matrices."""
    if not is_sharded(matrices):
        return orthogonalize(matrices, steps)
    shares = shared_out(matrices)
    own = shares.to_local()
    made = orthogonalize(own, steps).to(own.dtype) if len(own) else own
    return cut_again(made.contiguous(), shares, matrices)


class Muon(GroupedOptimizer):
    """Muon over two-dimensional parameters; each group holds matrices of one shape and one stacked momentum.

    The update of a matrix is scaled by sqrt(max(1, rows / columns)), so that one learning rate serves all shapes.
    `weight_decay` is decoupled and multiplied by the learning rate.
    """

    def __init__(
        self,
        parameters: Iterable[Tensor],
        *,
        lr: float,
        weight_decay: float = 0.0,
        momentum: float = 0.95,
        steps: int = 3,
    ) -> None:
        by_shape: dict[tuple[int, ...], list[Tensor]] = {}
        for parameter in parameters:
            assert parameter.ndim == 2, "Muon takes matrices; give vectors and tables to AdamW"
            by_shape.setdefault(tuple(parameter.shape), []).append(parameter)
        groups = [{"params": members} for members in by_shape.values()]
        super().__init__(groups, {"lr": lr, "weight_decay": weight_decay, "momentum": momentum, "steps": steps})

    @torch.no_grad()
    def step(self) -> None:
        """Update every matrix from its gradient, with Nesterov momentum."""
        for group in self.param_groups:
            parameters = group["params"]
            gradients = torch.stack([parameter.grad for parameter in parameters])
            state = self.state.setdefault(parameters[0], {})
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(gradients)
            momentum = state["momentum"].lerp_(gradients, 1 - group["momentum"])
            update = orthogonalize_shared(gradients.lerp_(momentum, group["momentum"]), group["steps"])
            rows, columns = parameters[0].shape
            scale = group["lr"] * max(1.0, rows / columns) ** 0.5
            if group["weight_decay"]:
                torch._foreach_mul_(parameters, 1 - group["lr"] * group["weight_decay"])
            torch._foreach_add_(parameters, list(update.to(gradients.dtype).unbind()), alpha=-scale)
