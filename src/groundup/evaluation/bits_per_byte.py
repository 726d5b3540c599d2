"""Loss, perplexity and bits per byte on held-out text.

Bits per byte divides by the text's own bytes and so compares models with different tokenizers; loss per token does not.
Special tokens stand for no text: their nats count in the loss and not in the bits per byte.
"""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn import functional as F

from groundup.data.loader import Batch
from groundup.model.loss import IGNORED, chunk_rows
from groundup.model.transformer import Transformer
from groundup.utils.errors import UserError
from groundup.utils.threads import side_by_side


@dataclass(frozen=True)
class Evaluation:
    """What a model makes of a held-out text."""

    loss: float  # nats per token, every target counted, special tokens too
    bits_per_byte: float  # of the text alone
    tokens: int  # targets
    bytes: int  # UTF-8 bytes of the text that these targets stand for

    @property
    def perplexity(self) -> float:
        """exp(loss); infinity where that does not fit a float."""
        return math.exp(self.loss) if self.loss < 700 else math.inf

    def to_dict(self) -> dict[str, float]:
        """Under the names that metrics use."""
        return {"val_loss": self.loss, "val_ppl": self.perplexity, "val_bpb": self.bits_per_byte}


Sums = Callable[[Sequence[float]], list[float]]
"""Each number summed over the processes that share an evaluation."""


def own_sums(numbers: Sequence[float]) -> list[float]:
    """Of one process."""
    return list(numbers)


class Stopped(Exception):  # noqa: N818 - it is no error
    """The evaluation was asked to stop before its end."""


def evaluate(
    model: nn.Module,
    batches: Iterable[Batch],
    token_byte_lengths: npt.NDArray[np.int32],
    *,
    device: torch.device,
    should_stop: Callable[[], bool] = lambda: False,
    sums: Sums = own_sums,
) -> Evaluation:
    """Score every target of the batches that is not IGNORED: on a CPU a batch on each thread, which changes no result.

    sums: where several processes score a part of the text each, as many batches in each.

    Each window is read by itself: its first tokens are predicted from little. Raises UserError when there is nothing to
    score, and Stopped as soon as `should_stop` says so.
    """
    lengths = torch.from_numpy(token_byte_lengths.astype(np.int64)).to(device)
    # Threads with batches of their own, unless it takes several processes, or a compiled program, to read one.
    apart = device.type == "cpu" and isinstance(model, Transformer) and not dist.is_initialized()
    threads = torch.get_num_threads() if apart else 1
    totals = [0.0, 0.0, 0, 0]

    def read(batch: Batch) -> list[float]:
        return [] if should_stop() else _measure(model, batch, lengths)

    was_training = model.training
    model.eval()
    try:
        for found in side_by_side(read, batches, threads):
            if not found:
                raise Stopped
            totals = [total + more for total, more in zip(totals, found, strict=True)]
    finally:
        model.train(was_training)
    total_nats, text_nats, *counts = sums(totals)
    tokens, text_bytes = (int(count) for count in counts)
    if not tokens or not text_bytes:
        raise UserError("there is no text to evaluate on. Give more validation text.")
    return Evaluation(total_nats / tokens, text_nats / math.log(2) / text_bytes, tokens, text_bytes)


@torch.inference_mode()
def _measure(model: nn.Module, batch: Batch, lengths: Tensor) -> list[float]:
    """[nats, nats of what stands for text, targets, bytes] of a batch. lengths (V,): the bytes of each token."""
    inputs, goal, segments, positions = (
        None if array is None else torch.from_numpy(array).to(lengths.device)
        for array in (batch.inputs, batch.targets.reshape(-1), batch.segments, batch.positions)
    )
    assert goal is not None
    masks = {} if segments is None else {"segments": segments, "positions": positions}
    nats = token_nats(model(inputs, **masks).flatten(0, 1), goal)
    goal_bytes = lengths[goal.clamp(min=0)] * (goal != IGNORED)
    of_text = nats[goal_bytes > 0]
    sums = nats.sum(dtype=torch.float64), of_text.sum(dtype=torch.float64), (goal != IGNORED).sum(), goal_bytes.sum()
    return [number.item() for number in sums]


def token_nats(logits: Tensor, targets: Tensor) -> Tensor:
    """-log p of each target in nats, fp32, 0 where IGNORED. logits (N, V), targets (N,).

    A few rows at a time, so that the logits are never held in fp32 as a whole.
    """
    parts = zip(*(whole.split(chunk_rows(logits)) for whole in (logits, targets)), strict=True)
    return torch.cat(
        [F.cross_entropy(rows.float(), goal, ignore_index=IGNORED, reduction="none") for rows, goal in parts]
    )
