"""What an optimizer is here: groups of parameters with settings of their own, and named state; and AdamW as one.

torch.optim.Optimizer would do, but the first one that is made loads torch's compiler: a second at every start.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.optim.adamw import adamw


class GroupedOptimizer(ABC):
    """`param_groups`: dictionaries of "params" and their settings. `state`: by parameter, by name."""

    def __init__(self, groups: list[dict[str, Any]], defaults: Mapping[str, Any]) -> None:
        """defaults: settings of the groups that have none of their own."""
        self.param_groups = [{**defaults, **group} for group in groups]
        self.parameters: list[Tensor] = [parameter for group in self.param_groups for parameter in group["params"]]
        self.state: dict[Tensor, dict[str, Tensor]] = {}

    @abstractmethod
    def step(self) -> None:
        """Update every parameter from its gradient."""

    def load_state(self, parameter: Tensor, key: str, value: Tensor) -> None:
        """Take over a piece of state, of a parameter of this optimizer."""
        self.state.setdefault(parameter, {})[key] = value.to(parameter.device)

    def drop_gradients(self) -> None:
        """Free the gradients without using them."""
        for parameter in self.parameters:
            parameter.grad = None


class AdamW(GroupedOptimizer):
    """Loshchilov & Hutter 2019, through torch's own kernels: one for all parameters of a group where there is one."""

    def __init__(self, groups: list[dict[str, Any]], *, betas: tuple[float, float], eps: float) -> None:
        super().__init__(groups, {"weight_decay": 0.0})
        self.betas, self.eps = betas, eps
        self.fused = self.parameters[0].device.type in ("cpu", "cuda")

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter that has a gradient."""
        for group in self.param_groups:
            gradients = {parameter: parameter.grad for parameter in group["params"] if parameter.grad is not None}
            states = [self._state_of(parameter) for parameter in gradients]
            adamw(
                list(gradients),
                list(gradients.values()),
                [state["exp_avg"] for state in states],
                [state["exp_avg_sq"] for state in states],
                [],
                [state["step"] for state in states],
                fused=self.fused,
                amsgrad=False,
                beta1=self.betas[0],
                beta2=self.betas[1],
                lr=group["lr"],
                weight_decay=group["weight_decay"],
                eps=self.eps,
                maximize=False,
            )

    def load_state(self, parameter: Tensor, key: str, value: Tensor) -> None:
        """Take over a piece of state. Without a fused kernel, steps are counted on the CPU."""
        super().load_state(parameter, key, value)
        if key == "step" and not self.fused:
            self.state[parameter][key] = value.cpu()

    def _state_of(self, parameter: Tensor) -> dict[str, Tensor]:
        if parameter not in self.state:
            self.state[parameter] = {
                "step": torch.zeros((), device=parameter.device if self.fused else "cpu"),
                "exp_avg": torch.zeros_like(parameter),
                "exp_avg_sq": torch.zeros_like(parameter),
            }
        return self.state[parameter]
