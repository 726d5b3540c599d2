"""Text generation: prefill the prompt, then decode token by token with the KV cache.

    generate_text     prompt text -> completion, streaming
    generate_texts    the same prompt several times, decoded together
    stream_tokens     ids -> ids: the loop that both stand on
    next_logits       one forward pass
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Optional

import torch
from torch import Tensor

from groundup.inference.sampling import next_tokens
from groundup.inference.text_stream import TextStream
from groundup.model.cache import KVCache
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError
from groundup.utils.progress import Say, quiet
from groundup.utils.seeding import derive_seed


@dataclass
class GenerationConfig:
    """How a model writes."""

    max_new_tokens: int = 200  # tokens after the prompt
    temperature: float = 0.8  # 0 always takes the likeliest token
    top_k: Optional[int] = None  # only the k likeliest tokens  # noqa: UP045 - read at run time, on Python 3.10 too
    top_p: Optional[float] = None  # only the likeliest tokens that together have this probability  # noqa: UP045
    seed: Optional[int] = None  # without one, every call writes something else  # noqa: UP045
    num_samples: int = 1
    stop: list[str] = field(default_factory=list)  # strings that end the text; they are not part of it
    nonstop: bool = False  # go on when the context is full: the older half is forgotten


def check_generation(settings: GenerationConfig) -> None:
    """Raise UserError for a value that cannot work."""
    if settings.temperature < 0:
        raise UserError(f"temperature is {settings.temperature}; it must be at least 0 (0 is greedy).")
    if settings.top_k is not None and settings.top_k < 0:
        raise UserError(f"top_k is {settings.top_k}; it must be at least 1, or 0 for all tokens.")
    if settings.top_p is not None and not 0 < settings.top_p <= 1:
        raise UserError(f"top_p is {settings.top_p}; it must be above 0 and at most 1.")
    for key in ("max_new_tokens", "num_samples"):
        if getattr(settings, key) < 1:
            raise UserError(f"{key} is {getattr(settings, key)}; it must be at least 1.")


def prompt_ids(tokenizer: Tokenizer, prompt: str) -> list[int]:
    """`<|endoftext|>` and then the prompt, as every document in training began. Markers in the prompt stay text."""
    return tokenizer.encode(prompt, add_special_tokens=True)


def generate_text(
    model: Transformer,
    tokenizer: Tokenizer,
    prompt: str,
    settings: GenerationConfig,
    *,
    sample: int = 0,
    on_text: Callable[[str], None] = lambda text: None,
    say: Say = quiet,
) -> str:
    """Complete `prompt` and return the completion; `on_text` gets each piece as soon as it is certain.

    Sample number `sample` of a seed is the same whatever other samples are drawn. The text ends with
    `<|endoftext|>`, a stop string, max_new_tokens, or the end of the context (said through `say`).
    """
    check_generation(settings)
    stream = TextStream(tokenizer, settings.stop)
    for (token,) in stream_tokens(model, tokenizer, prompt, settings, [sample], say):
        if token == tokenizer.specials.ids["end_of_text"]:
            break
        on_text(stream.push(token))
        if stream.stopped:
            break
    on_text(stream.end())
    return stream.text


def generate_texts(model: Transformer, tokenizer: Tokenizer, prompt: str, settings: GenerationConfig) -> list[str]:
    """num_samples completions of one prompt, decoded side by side: several times as fast as one after the other.

    Each is what `generate_text` gives for its number, up to rounding.
    """
    check_generation(settings)
    end = tokenizer.specials.ids["end_of_text"]
    streams = [TextStream(tokenizer, settings.stop) for _ in range(settings.num_samples)]
    ended = [False] * len(streams)
    for tokens in stream_tokens(model, tokenizer, prompt, settings, range(len(streams)), quiet):
        for row, (token, stream) in enumerate(zip(tokens, streams, strict=True)):
            ended[row] = ended[row] or token == end or stream.stopped
            if not ended[row]:
                stream.push(token)
        if all(ended):
            break
    for stream in streams:
        stream.end()
    return [stream.text for stream in streams]


def stream_tokens(
    model: Transformer,
    tokenizer: Tokenizer,
    prompt: str,
    settings: GenerationConfig,
    samples: Sequence[int],
    say: Say,
) -> Iterator[list[int]]:
    """Yield the next token of every sample, until max_new_tokens or the context ends. Stopping earlier is the caller's."""
    seed = settings.seed if settings.seed is not None else int(torch.seed() >> 1)
    generators = [torch.Generator().manual_seed(derive_seed(seed, "sample", sample)) for sample in samples]
    context = model.config.block_size
    prefix = prompt_ids(tokenizer, prompt)
    if len(prefix) > context:
        say(f"the prompt has {len(prefix)} tokens and the context {context}: only its end is read")
        prefix = prefix[-max(1, context // 2) :]
    rows = [list(prefix) for _ in samples]
    cache = new_cache(model, len(rows))
    fresh = rows
    for _ in range(settings.max_new_tokens):
        if cache.length + len(fresh[0]) > context:
            if not settings.nonstop:
                say(f"the context of {context} tokens is full; --nonstop goes on")
                return
            cache, fresh = new_cache(model, len(rows)), [row[-max(1, context // 2) :] for row in rows]
        logits = next_logits(model, fresh, cache)
        tokens = next_tokens(
            logits, generators, temperature=settings.temperature, top_k=settings.top_k, top_p=settings.top_p
        )
        yield tokens
        fresh = [[token] for token in tokens]
        for row, token in zip(rows, tokens, strict=True):
            row.append(token)


def new_cache(model: Transformer, batch_size: int) -> KVCache:
    """An empty cache for `batch_size` sequences, in the precision that the model computes in."""
    weight = model.embed.weight
    return KVCache(model.config, batch_size, device=weight.device, dtype=model.compute_dtype or weight.dtype)


@torch.inference_mode()
def next_logits(model: Transformer, fresh: Sequence[Sequence[int]], cache: KVCache) -> Tensor:
    """Read the new tokens of every row (all of one length) and return the logits of what follows, (B, V)."""
    was_training = model.training
    model.eval()
    ids = torch.tensor(fresh, device=model.embed.weight.device)
    logits = model(ids, cache=cache)[:, -1]
    model.train(was_training)
    return logits
