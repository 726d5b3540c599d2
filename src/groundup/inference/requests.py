"""What one asks the engine for, what it tells on the way, and how a request stands between two steps."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from groundup.inference.generation import Completion, GenerationConfig, Writing
from groundup.inference.slots import Slot
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.seeding import derive_seed

CANCELLED, TIMEOUT, FAILED = "cancelled", "timeout", "failed"
"""Ends that a completion of the engine has beside those of `Completion.ended_by`."""


@dataclass(frozen=True)
class TokenChoice:
    """A token and what the model considered at its place."""

    id: int
    logprob: float  # natural logarithm of the model's own probability: before temperature and filters
    considered: tuple[tuple[int, float], ...]  # the likeliest tokens (id, logprob), best first


@dataclass(frozen=True)
class Progress:
    """What a step added to a request."""

    text: str
    tokens: tuple[TokenChoice, ...] = ()  # if asked for
    n_tokens: int = 0  # generated so far
    n_reused: int = 0  # of the prompt, taken over from earlier sequences
    completion: Completion | None = None  # the whole, in the last one
    error: str = ""  # of a request that failed


@dataclass(frozen=True)
class Request:
    """A prompt and how to go on from it."""

    ids: tuple[int, ...]
    settings: GenerationConfig
    sample: int = 0  # number among the samples of one seed
    n_considered: int | None = None  # alternatives to tell at each token; None: no probabilities at all
    timeout_s: float = float("inf")  # from now to the last token


@dataclass(eq=False)
class Ticket:
    """A request in the engine's hands. Only `cancel` is for others."""

    request: Request
    on_progress: Callable[[Progress], None]  # called by the engine's thread
    writing: Writing
    generator: torch.Generator
    deadline: float
    group: object = None  # of several samples of one prompt: the later ones wait until the first has read it
    slot: Slot | None = None
    n_reused: int = 0
    n_tokens: int = 0
    next_id: int | None = None  # generated, not yet read; None: still reading the prompt
    cancelled: bool = False

    def cancel(self) -> None:
        """End it as soon as the step at hand is over. From any thread, at any time, any number of times."""
        self.cancelled = True

    @property
    def reading(self) -> bool:
        """Whether the prompt is not yet read to its end."""
        return self.next_id is None


def new_ticket(
    request: Request, tokenizer: Tokenizer, on_progress: Callable[[Progress], None], group: object
) -> Ticket:
    """A request as it stands before the first step."""
    seed = secrets.randbits(63) if request.settings.seed is None else request.settings.seed
    return Ticket(
        request,
        on_progress,
        Writing(tokenizer, request.settings),
        torch.Generator().manual_seed(derive_seed(seed, "sample", request.sample)),
        time.monotonic() + request.timeout_s,
        group,
    )


def choice(logits: Tensor, token: int, n_considered: int) -> TokenChoice:
    """What the model made of one place: its logits (V,), and the token that was drawn."""
    logprobs = logits.log_softmax(dim=-1)
    best = logprobs.topk(min(n_considered, len(logprobs)))
    considered = tuple(zip(best.indices.tolist(), best.values.tolist(), strict=True))
    return TokenChoice(token, float(logprobs[token]), considered)
