"""Log-probabilities of given texts: what every evaluation that reads, rather than writes, stands on.

    score(groups)       requests that share a beginning, read together -> a Score each
    text_requests       a long text -> requests, one a window

Requests of one group share their beginning (a minimal pair, the choices of a question): it is read once, its keys and
values are kept, and each request goes on from there. Requests are sorted by length, so that batches hold little
padding; what a batch holds depends on the requests alone, so that the same call gives the same numbers.

    group      E the cat |sleeps .      shared: E the cat, read once
               E the cat |sleep .
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from groundup.inference.generation import evaluating, new_cache
from groundup.model.cache import KVCache
from groundup.model.transformer import Transformer
from groundup.utils.errors import UserError
from groundup.utils.threads import side_by_side

Ids = Sequence[int]

BATCH_TOKENS = 1024
"""Tokens of one forward pass on a processor: few enough that the activations of a small model stay in its cache (on two
cores 1.5 times as fast as 4,096; LOG.md)."""
ACCELERATOR_BATCH_TOKENS = 16_384
"""The same on an accelerator, which wants much to do at a time."""
LOGITS = 1 << 20
"""Logits that exist at a time."""
# Shared beginnings are cut to one of these lengths, so that few different lengths make full batches.
_SHARED_LENGTHS = (*range(1, 9), 10, 12, 14, 16, 20, 24, 28, 32, *range(40, 128, 8), *range(128, 1 << 16, 32))


def default_batch_tokens(device: torch.device) -> int:
    """Tokens of one forward pass, unless somebody says otherwise."""
    return BATCH_TOKENS if device.type == "cpu" else ACCELERATOR_BATCH_TOKENS


@dataclass(frozen=True)
class Request:
    """Score `continuation`, given `context`. Neither may be empty; a text's context is at least `<|endoftext|>`."""

    context: Ids
    continuation: Ids


@dataclass(frozen=True)
class Score:
    """What a model makes of one continuation."""

    nats: float  # -log p, summed over its tokens
    tokens: int
    greedy: bool  # each of its tokens is the likeliest one: greedy decoding would write it

    def __add__(self, other: "Score") -> "Score":
        return Score(self.nats + other.nats, self.tokens + other.tokens, self.greedy and other.greedy)


class NothingToScoreError(UserError):
    """A request with an empty context or continuation, or one that is longer than the model can read."""


def fitting(request: Request, block_size: int) -> Request:
    """`request` with its context cut from the left to what the model can read. Raises NothingToScoreError."""
    if not request.context or not request.continuation:
        raise NothingToScoreError("an item of the evaluation is empty. Remove it, or check the file's format.")
    room = block_size + 1 - len(request.continuation)
    if room < 1:
        raise NothingToScoreError(
            f"an item of the evaluation has {len(request.continuation)} tokens to score and the model's context is "
            f"{block_size}. Take a model with a longer context."
        )
    return request if len(request.context) <= room else Request(request.context[-room:], request.continuation)


def text_requests(ids: Ids, window: int, stride: int) -> Iterator[Request]:
    """Cut a text, `<|endoftext|>` first, into requests that score every token behind the first exactly once.

    Each window of at most `window` inputs scores up to `stride` tokens and reads the others as context:

        window 4, stride 2      E a b c|d e       E: context
                                    b c d e|f g   with stride = window, each window is read by itself

    The first window scores all that it holds.
    """
    assert 1 <= stride <= window
    done = 1  # tokens that are scored, or were the first
    while done < len(ids):
        end = min(len(ids), done + (window if done == 1 else stride))
        yield Request(ids[max(0, done - 1 - (window - stride)) : done], ids[done:end])
        done = end


def score(
    model: Transformer,
    groups: Sequence[Sequence[Request]],
    *,
    batch_tokens: int = BATCH_TOKENS,
    workers: int = 1,
    done: Callable[[int], None] = lambda n_requests: None,
) -> list[list[Score]]:
    """One Score for each request of each group. Whatever of a group is the same for all of it is read once.

    batch_tokens: tokens that go through the model at a time. workers: batches read side by side, each by one thread:
    any number from 2 on gives the same; one reads on all threads of torch, which may round otherwise. `done` hears of
    every batch how many requests it held.
    Raises NothingToScoreError for a request that is empty or too long; contexts are cut to fit (see `fitting`).
    """
    block_size = model.config.block_size
    prepared = [_Group.of([fitting(request, block_size) for request in group]) for group in groups]
    results: list[list[Score]] = [[] for _ in prepared]
    order = sorted(range(len(prepared)), key=lambda n: (prepared[n].shared, prepared[n].longest), reverse=True)
    batches = list(_batches(order, prepared, batch_tokens))

    def read(batch: list[int]) -> list[Score]:
        return _score_batch(model, [prepared[n] for n in batch])

    with evaluating(model):
        for batch, scored in zip(batches, side_by_side(read, batches, workers), strict=True):
            scores = iter(scored)
            for n in batch:
                results[n] = [next(scores) for _ in prepared[n].requests]
            done(len(scored))
    return results


@dataclass(frozen=True)
class _Group:
    requests: Sequence[Request]
    inputs: list[list[int]]  # of each request: all its tokens but the last
    shared: int  # leading inputs that all have in common and that are read once; 0: nothing is shared
    longest: int  # inputs of the longest request

    @staticmethod
    def of(requests: Sequence[Request]) -> "_Group":
        inputs = [[*request.context, *request.continuation[:-1]] for request in requests]
        shared = 0
        if len(inputs) > 1:
            least = min(len(ids) for ids in inputs)
            same = _common_length([ids[:least] for ids in inputs])
            # One input at least is left to each request: its logits come from there.
            same = min(same, least - 1)
            shared = max((length for length in _SHARED_LENGTHS if length <= same), default=0)
        return _Group(requests, inputs, shared, max(map(len, inputs), default=0))

    @property
    def cost(self) -> int:
        """Tokens that go through the model, padding left aside."""
        return self.shared + len(self.inputs) * (self.longest - self.shared)


def _common_length(rows: Sequence[Ids]) -> int:
    """Leading items that all rows, of one length, have in common."""
    for place, column in enumerate(zip(*rows, strict=True)):
        if any(item != column[0] for item in column):
            return place
    return len(rows[0]) if rows else 0


def _batches(order: list[int], groups: list[_Group], batch_tokens: int) -> Iterator[list[int]]:
    """Cut the sorted groups where the shared length changes and where a batch is full."""
    batch: list[int] = []
    cost = 0
    for n in order:
        if not groups[n].requests:
            continue
        if batch and (groups[n].shared != groups[batch[0]].shared or cost + groups[n].cost > batch_tokens):
            yield batch
            batch, cost = [], 0
        batch.append(n)
        cost += groups[n].cost
    if batch:
        yield batch


@torch.inference_mode()
def _score_batch(model: Transformer, groups: list[_Group]) -> list[Score]:
    """All requests of the groups, which share the same number of leading inputs, in their order."""
    device, shared = model.embed.weight.device, groups[0].shared
    hidden, cache = _read_shared(model, groups, shared) if shared else (None, None)
    requests = [request for group in groups for request in group.requests]
    owners = [n for n, group in enumerate(groups) for _ in group.requests]
    rest = [ids[shared:] for group in groups for ids in group.inputs]
    T = max(map(len, rest))
    padded = torch.tensor([ids + [0] * (T - len(ids)) for ids in rest], device=device)
    if cache is not None:
        cache = _spread(model, cache, owners, T)
    tail = model.hidden(padded, cache=cache)  # (B, T, C); what stands right of a row changes nothing in it
    places: list[Tensor] = []
    targets: list[int] = []
    for row, (request, owner) in enumerate(zip(requests, owners, strict=True)):
        first = len(request.context) - 1  # the input that predicts the first token of the continuation
        last = first + len(request.continuation)
        if hidden is not None and first < shared:
            places.append(hidden[owner, first : min(last, shared)])
        places.append(tail[row, max(0, first - shared) : last - shared])
        targets += request.continuation
    nats, greedy = _token_scores(model, torch.cat(places), torch.tensor(targets, device=device))
    ends = torch.tensor([len(request.continuation) for request in requests]).cumsum(0).tolist()
    return [
        Score(math.fsum(nats[start:end]), end - start, all(greedy[start:end]))
        for start, end in zip([0, *ends[:-1]], ends, strict=True)
    ]


def _read_shared(model: Transformer, groups: list[_Group], shared: int) -> tuple[Tensor, KVCache]:
    """What the model makes of each group's beginning: hidden states (G, shared, C), keys and values."""
    cache = new_cache(model, len(groups), capacity=shared)
    ids = torch.tensor([group.inputs[0][:shared] for group in groups], device=model.embed.weight.device)
    return model.hidden(ids, cache=cache), cache


def _spread(model: Transformer, cache: KVCache, owners: list[int], n_more: int) -> KVCache:
    """A cache with a row for each request, holding its group's beginning, and room for `n_more` tokens."""
    rows = torch.tensor(owners, device=cache.keys.device)
    wide = new_cache(model, len(owners), capacity=cache.length + n_more)
    wide.keys[:, :, :, : cache.length] = cache.keys[:, rows]
    wide.values[:, :, :, : cache.length] = cache.values[:, rows]
    wide.length = cache.length
    return wide


def _token_scores(model: Transformer, hidden: Tensor, targets: Tensor) -> tuple[list[float], list[bool]]:
    """-log p of each target in nats, and whether it is the likeliest token. hidden (N, C), targets (N,)."""
    nats, greedy = [], []
    rows = max(1, LOGITS // model.config.vocab_size)
    for start in range(0, len(hidden), rows):
        logits = model.head(hidden[start : start + rows]).float()
        wanted = targets[start : start + rows]
        chosen = logits.gather(1, wanted[:, None])
        nats.append((logits.logsumexp(dim=1, keepdim=True) - chosen).flatten())
        greedy.append(logits.argmax(dim=1) == wanted)
    values = torch.cat(nats)
    if not bool(values.isfinite().all()):
        raise UserError(
            "the model's numbers are not finite. Take --dtype float32; if that fails, its weights are damaged."
        )
    return values.tolist(), torch.cat(greedy).tolist()
