"""One optimizer step: gradients summed over micro-batches, divided once by the global number of counted tokens."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from groundup.model.loss import IGNORED, cross_entropy
from groundup.training.optimizer import Optimizers
from groundup.training.parallel import Parallel
from groundup.training.sharding import global_norm
from groundup.utils.errors import UserError


@dataclass(frozen=True)
class MicroBatch:
    """What goes through the model at once."""

    inputs: Tensor  # (b, T) int64
    targets: Tensor  # (b, T) int64, IGNORED where nothing is to be predicted
    segments: Tensor | None = None  # (b, T) number of the document inside its window, for document masks
    positions: Tensor | None = None  # (b, T) positions that begin anew with each document


@dataclass(frozen=True)
class Objective:
    """What a step minimises: the summed loss of its micro-batches, divided once by what they count."""

    loss: Callable[[nn.Module, MicroBatch], Tensor]  # summed over the micro-batch
    count: Callable[[MicroBatch], int]


def next_token_loss(model: nn.Module, batch: MicroBatch) -> Tensor:
    """Summed nats of the targets that count. Where most do not, as in tuning, the head computes little for those."""
    targets = batch.targets.flatten()
    counted = (targets != IGNORED).nonzero().squeeze(1)
    # In eighths of the batch: memory, and what a compiler has made, can be used again when the size is the same.
    eighth = max(1, len(targets) // 8)
    size = -(-len(counted) // eighth) * eighth
    if not 0 < size <= len(targets) // 2:
        return next_token_loss_plain(model, batch)
    others = (targets == IGNORED).nonzero().squeeze(1)
    wanted = torch.cat((counted, others[: size - len(counted)]))
    logits = model(batch.inputs, positions=batch.positions, segments=batch.segments, wanted=wanted)
    return cross_entropy(logits, targets[wanted])[0]


def next_token_loss_plain(model: nn.Module, batch: MicroBatch) -> Tensor:
    """The twin of `next_token_loss`: all logits are computed."""
    logits = model(batch.inputs, positions=batch.positions, segments=batch.segments)
    return cross_entropy(logits, batch.targets)[0]


def counted_targets(batch: MicroBatch) -> int:
    """Targets that are not IGNORED."""
    return int((batch.targets != IGNORED).sum())


NEXT_TOKEN = Objective(next_token_loss, counted_targets)


@dataclass(frozen=True)
class StepResult:
    """What one step tells about itself."""

    loss: float  # per counted item (token, for NEXT_TOKEN in nats), mean over the whole batch, before the update
    tokens: int  # counted targets
    gradient_norm: float


def compute_gradients(
    model: nn.Module,
    micro_batches: Sequence[MicroBatch],
    objective: Objective = NEXT_TOKEN,
    parallel: Parallel | None = None,
) -> tuple[Tensor, int]:
    """Leave in `.grad` the gradient of the mean loss over all micro-batches; return (mean loss, counted tokens).

    parallel: the processes that share the batch, `model` being theirs; both numbers and the mean are then over all of
    them. DDP and FSDP2 divide gradients by the number of processes; the loss is divided by so much less.
    """
    tokens, counted = (sum(count(batch) for batch in micro_batches) for count in (counted_targets, objective.count))
    if parallel is not None:
        tokens, counted = (int(number) for number in parallel.team.sums((tokens, counted)))
    if tokens == 0:
        raise UserError("a batch holds no token to learn from: every target is masked. Check the token files.")
    size = 1 if parallel is None else parallel.team.size
    total = torch.zeros((), device=micro_batches[0].inputs.device)
    if parallel is not None and parallel.workers is not None:
        parallel.workers.refresh()
        for batch in micro_batches:
            parts = split_rows(batch, parallel.workers.count)
            total += parallel.workers.accumulate([partial(_loss_of, objective, part) for part in parts], counted)
        return total / counted, tokens

    def add(batch: MicroBatch) -> None:
        loss = objective.loss(model, batch)
        (loss / (counted / size)).backward()
        total.add_(loss.detach())

    *earlier, last = micro_batches
    with contextlib.nullcontext() if parallel is None else parallel.agreeing_on_memory():
        for batch in earlier:
            with contextlib.nullcontext() if parallel is None else parallel.accumulating(last=False):
                add(batch)
    add(last)
    return (total if parallel is None else parallel.total(total)) / counted, tokens


def rehearse(model: nn.Module, batch: MicroBatch, objective: Objective, parallel: Parallel) -> None:
    """Find out whether a micro-batch fits into every process's memory, before any waits for another one in a step.

    Leaves no gradients. Raises TeamOutOfMemoryError on all processes where it does not fit on one.
    """
    with parallel.agreeing_on_memory(), parallel.accumulating(last=False):
        objective.loss(model, batch).backward()
    drop_gradients(model)
    parallel.rehearsed = True


def split_rows(batch: MicroBatch, parts: int) -> list[MicroBatch]:
    """Cut a micro-batch into at most so many of about equally many rows."""
    bounds = [len(batch.inputs) * part // parts for part in range(parts + 1)]
    return [
        MicroBatch(
            batch.inputs[start:end],
            batch.targets[start:end],
            None if batch.segments is None else batch.segments[start:end],
            None if batch.positions is None else batch.positions[start:end],
        )
        for start, end in pairwise(bounds)
        if end > start
    ]


def _loss_of(objective: Objective, batch: MicroBatch, model: nn.Module) -> Tensor:
    return objective.loss(model, batch)


def measure_step(
    model: nn.Module,
    micro_batches: Sequence[MicroBatch],
    objective: Objective = NEXT_TOKEN,
    parallel: Parallel | None = None,
) -> StepResult:
    """Leave the gradients of a step in `.grad`; nothing is updated. Raises NonFiniteError, and then leaves none."""
    loss, counted = compute_gradients(model, micro_batches, objective, parallel)
    norm = global_norm(gradients_of(model))
    result = StepResult(float(loss), counted, float(norm))
    if not (torch.isfinite(loss) and torch.isfinite(norm)):
        drop_gradients(model)
        raise NonFiniteError(f"the loss is {result.loss} and the gradient norm {result.gradient_norm}")
    return result


def take_step(model: nn.Module, optimizers: Optimizers, result: StepResult, *, max_grad_norm: float) -> None:
    """Update the weights from the gradients that `measure_step` has left, scaled down to max_grad_norm (0: never)."""
    if max_grad_norm and result.gradient_norm > max_grad_norm:
        torch._foreach_mul_(gradients_of(model), max_grad_norm / result.gradient_norm)
    optimizers.step()


def gradients_of(model: nn.Module) -> list[Tensor]:
    """All gradients that there are."""
    return [parameter.grad for parameter in model.parameters() if parameter.grad is not None]


def drop_gradients(model: nn.Module) -> None:
    """Free the gradients without using them."""
    model.zero_grad(set_to_none=True)


class NonFiniteError(ArithmeticError):
    """Loss or gradient is NaN or infinite; nothing was updated."""
