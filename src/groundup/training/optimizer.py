"""Which parameter is updated by what: matrices by Muon, everything else by AdamW; or all of it by AdamW."""

from collections.abc import Iterator, Mapping
from typing import Any

from torch import Tensor, nn

from groundup.training.grouped import AdamW, GroupedOptimizer
from groundup.training.muon import Muon
from groundup.training.settings import DEFAULT_LEARNING_RATE, TrainingConfig
from groundup.training.sharding import shard_like

BETAS = (0.8, 0.95)  # with Muon: short memories, since a small model moves far in few steps (modded-nanogpt)
BETAS_ALONE = (0.9, 0.95)
EPSILON = 1e-10


class Optimizers:
    """The optimizers of a run as one: rates, step, and state as named tensors."""

    def __init__(self, members: list[GroupedOptimizer]) -> None:
        self.members = members
        for group in self._groups():
            group["peak_lr"] = group["lr"]

    def _groups(self) -> Iterator[dict[str, Any]]:
        for member in self.members:
            yield from member.param_groups

    def set_rates(self, share: float, momentum: float) -> None:
        """Set every learning rate to `share` of its peak, and Muon's momentum."""
        for group in self._groups():
            group["lr"] = group["peak_lr"] * share
            if "momentum" in group:
                group["momentum"] = momentum

    def step(self) -> None:
        """Update all parameters from their gradients, then drop the gradients."""
        for member in self.members:
            member.step()
        self.drop_gradients()

    def drop_gradients(self) -> None:
        """Free the gradients without using them."""
        for member in self.members:
            member.drop_gradients()

    def state_tensors(self) -> dict[str, Tensor]:
        """All state, named "<member>.<parameter>.<key>", sharded as parameters are; complete after the first step."""
        return {
            f"{number}.{index}.{key}": tensor.contiguous()
            for number, member in enumerate(self.members)
            for index, parameter in enumerate(member.parameters)
            for key, tensor in member.state.get(parameter, {}).items()
        }

    def parameter(self, name: str) -> Tensor:
        """The parameter (the first of several of one shape) that a state tensor is about."""
        number, index, _ = name.split(".")
        return self.members[int(number)].parameters[int(index)]

    def load_state_tensors(self, tensors: Mapping[str, Tensor]) -> None:
        """The inverse of state_tensors. The learning rates stay those of the present configuration."""
        for name, tensor in tensors.items():
            number, _, key = name.split(".")
            parameter = self.parameter(name)
            self.members[int(number)].load_state(parameter, key, shard_like(tensor, parameter))


def build_optimizers(model: nn.Module, settings: TrainingConfig) -> Optimizers:
    """Give each trainable parameter of `model` to exactly one optimizer group."""
    matrices, embeddings, heads, gains = sort_parameters(model)
    rate = peak_learning_rate(settings)
    decay = settings.weight_decay
    if settings.optimizer == "adamw":
        groups: list[dict[str, Any]] = [
            {"params": matrices, "lr": rate, "weight_decay": decay},
            {"params": [*embeddings, *heads, *gains], "lr": rate, "weight_decay": 0.0},
        ]
        return Optimizers([AdamW(groups, betas=BETAS_ALONE, eps=1e-8)])
    groups = [
        {"params": embeddings, "lr": float(settings.embedding_learning_rate)},
        {"params": heads, "lr": float(settings.head_learning_rate)},
        {"params": gains, "lr": float(settings.gain_learning_rate)},
    ]
    members: list[GroupedOptimizer] = []
    if matrices:
        members.append(Muon(matrices, lr=rate, weight_decay=decay))
    if embeddings or heads or gains:
        members.append(AdamW(groups, betas=BETAS, eps=EPSILON))
    return Optimizers(members)


def peak_learning_rate(settings: TrainingConfig) -> float:
    """The learning rate that metrics report: the matrices' under Muon, everybody's under AdamW."""
    if isinstance(settings.learning_rate, str):
        return DEFAULT_LEARNING_RATE[settings.optimizer]
    return settings.learning_rate


def sort_parameters(model: nn.Module) -> tuple[list[Tensor], list[Tensor], list[Tensor], list[Tensor]]:
    """Return (matrices of the blocks, embedding tables, output head, norms and biases): each parameter in one list.

    Parameters that are not trained (requires_grad is False) are in none.
    """
    tables = {id(module.weight) for module in model.modules() if isinstance(module, nn.Embedding)}
    matrices: list[Tensor] = []
    embeddings: list[Tensor] = []
    heads: list[Tensor] = []
    gains: list[Tensor] = []
    for name, parameter in model.named_parameters():  # a tied head is the embedding, and is named once
        if not parameter.requires_grad:
            continue
        if id(parameter) in tables:
            embeddings.append(parameter)
        elif parameter.ndim < 2:
            gains.append(parameter)
        elif name.startswith("head."):
            heads.append(parameter)
        else:
            matrices.append(parameter)
    return matrices, embeddings, heads, gains
