"""Direct preference optimisation (Rafailov et al. 2023): of two replies, the chosen one becomes likelier.

    loss = -log sigmoid( beta * [ (log p(chosen) - log p0(chosen)) - (log p(rejected) - log p0(rejected)) ] )

p is the model, p0 the frozen model that tuning began with; log p of a reply sums over its tokens, its end included.
A row of the token files holds one pair, 2 T tokens: chosen, rejected, each padded to the context T.
"""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from groundup.data.loader import Batch
from groundup.evaluation.bits_per_byte import Evaluation, Stopped, token_nats
from groundup.model.loss import IGNORED
from groundup.training.step import MicroBatch, Objective
from groundup.utils.errors import UserError


@dataclass(frozen=True)
class PreferenceEvaluation(Evaluation):
    """`loss` is DPO's, per pair; the bits per byte are those of the chosen replies."""

    accuracy: float = 0.0  # share of pairs whose chosen reply has gained on the rejected one since tuning began

    def to_dict(self) -> dict[str, float]:
        """Under the names that metrics use."""
        return {**super().to_dict(), "val_accuracy": self.accuracy}


def preference_loss(policy: Tensor, reference: Tensor, beta: float) -> Tensor:
    """Loss of each pair, (b,), from log-probabilities (b, 2): chosen, rejected."""
    gained = policy - reference
    return -F.logsigmoid(beta * (gained[:, 0] - gained[:, 1]))


def reply_log_probabilities(model: nn.Module, batch: MicroBatch) -> Tensor:
    """log p of both replies of each pair, (b, 2), fp32. Inputs and targets (b, 2 T)."""
    b, width = batch.inputs.shape
    logits = model(batch.inputs.view(2 * b, width // 2))  # each side begins its own row: no segments needed
    nats = token_nats(logits.flatten(0, 1), batch.targets.reshape(-1))
    return -nats.view(b, 2, -1).sum(dim=-1)


def preference_objective(reference: nn.Module, beta: float) -> Objective:
    """DPO beside a frozen model; a step divides by its pairs."""

    def loss(model: nn.Module, batch: MicroBatch) -> Tensor:
        with torch.no_grad():
            before = reply_log_probabilities(reference, batch)
        losses = preference_loss(reply_log_probabilities(model, batch), before, beta)
        return (losses * pairs_that_count(batch)).sum()

    return Objective(loss, count=lambda batch: int(pairs_that_count(batch).sum()))


def pairs_that_count(batch: MicroBatch) -> Tensor:
    """True for each row that holds a pair, (b,): a process without one reads a row of which nothing counts."""
    return (batch.targets != IGNORED).any(dim=1)


@torch.inference_mode()
def evaluate_preferences(
    model: nn.Module,
    reference: nn.Module,
    beta: float,
    batches: Iterable[Batch],
    token_byte_lengths: npt.NDArray[np.int32],
    device: torch.device,
    should_stop: Callable[[], bool],
) -> PreferenceEvaluation:
    """Judge a model on held-out pairs. Raises UserError without any, and Stopped as soon as `should_stop` says so."""
    losses: list[Tensor] = []
    gained: list[Tensor] = []
    chosen_nats, chosen_bytes = 0.0, 0
    was_training = model.training
    model.eval()
    try:
        for batch in batches:
            if should_stop():
                raise Stopped
            pairs = MicroBatch(torch.from_numpy(batch.inputs).to(device), torch.from_numpy(batch.targets).to(device))
            policy, before = reply_log_probabilities(model, pairs), reply_log_probabilities(reference, pairs)
            losses.append(preference_loss(policy, before, beta))
            gained.append((policy - before).diff(dim=1).squeeze(1) < 0)
            chosen = batch.targets[:, : batch.targets.shape[1] // 2]
            chosen_bytes += int(token_byte_lengths[np.maximum(chosen, 0)][chosen >= 0].sum())
            chosen_nats -= float(policy[:, 0].sum(dtype=torch.float64))
    finally:
        model.train(was_training)
    if not losses or not chosen_bytes:
        raise UserError("there are no held-out preferences to evaluate on. Give more data.")
    loss, accuracy = torch.cat(losses), torch.cat(gained).float()
    bits = chosen_nats / math.log(2) / chosen_bytes
    return PreferenceEvaluation(float(loss.double().mean()), bits, len(loss), chosen_bytes, float(accuracy.mean()))
