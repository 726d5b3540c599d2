"""Text generation: prefill the prompt, then decode token by token with the KV cache.

generate_text     prompt -> text of the completion
complete          prompt -> completion, streaming, with why it ended
complete_texts    the same prompt several times, decoded together
generate_texts    their texts
stream_tokens     ids -> ids: the loop that all of them stand on
next_logits       one forward pass
"""

import contextlib
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from groundup.inference.sampling import next_tokens
from groundup.inference.text_stream import TextStream
from groundup.model.bundle import GENERATION
from groundup.model.cache import KVCache
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.special_tokens import END_OF_TEXT
from groundup.utils.errors import UserError
from groundup.utils.files import read_json
from groundup.utils.progress import Say, quiet
from groundup.utils.seeding import derive_seed

TEXT_BORDER = f"\n{END_OF_TEXT}\n"
"""Stands between texts, as it does in a corpus file."""


@dataclass
class GenerationConfig:
    """How a model writes."""

    max_new_tokens: int = 200  # tokens after the prompt
    temperature: float = 0.8  # 0 always takes the likeliest token
    top_k: int | None = None  # only the k likeliest tokens
    top_p: float | None = None  # only the likeliest tokens that together have this probability
    seed: int | None = None  # without one, every call writes something else
    num_samples: int = 1  # texts after one prompt
    stop: list[str] = field(default_factory=list)  # strings that end the text; they are not part of it
    nonstop: bool = False  # write on past the end of a text and of the context, whose older half is forgotten


@dataclass(frozen=True)
class Completion:
    """What was written, and why it ended."""

    text: str
    n_tokens: int  # generated, the one that ended the text included
    ended_by: str  # "end_of_text" | "stop" | "max_new_tokens" | "context"


def check_generation(settings: GenerationConfig) -> None:
    """Raise UserError for a value that cannot work."""
    if not 0 <= settings.temperature < float("inf"):
        raise UserError(f"temperature is {settings.temperature}; it must be at least 0 (0 is greedy) and finite.")
    if settings.top_k is not None and settings.top_k < 0:
        raise UserError(f"top_k is {settings.top_k}; it must be at least 1, or 0 for all tokens.")
    if settings.top_p is not None and not 0 < settings.top_p <= 1:
        raise UserError(f"top_p is {settings.top_p}; it must be above 0 and at most 1.")
    for key in ("max_new_tokens", "num_samples"):
        if getattr(settings, key) < 1:
            raise UserError(f"{key} is {getattr(settings, key)}; it must be at least 1.")


def load_generation(folder: Path) -> GenerationConfig:
    """What generation_config.json in a model folder recommends; where it or the file says nothing, our defaults.

    Written for transformers: no sampling there is temperature 0 here, top_k 0 and top_p 1 are no filters.
    """
    path = folder / GENERATION
    saved = read_json(path) if path.is_file() else {}
    settings = GenerationConfig()
    try:
        settings.max_new_tokens = int(saved.get("max_new_tokens") or settings.max_new_tokens)
        settings.temperature = float(saved.get("temperature", settings.temperature))
        settings.top_k = int(saved.get("top_k") or 0) or None
        settings.top_p = None if saved.get("top_p") in (None, 1) else float(saved["top_p"])
        if saved.get("do_sample") is False:
            settings.temperature = 0.0
        check_generation(settings)
    except (AttributeError, TypeError, ValueError) as error:
        raise UserError(f"{path} has a setting that cannot be used: {error}. Mend or remove the file.") from error
    return settings


def prompt_ids(tokenizer: Tokenizer, prompt: str) -> list[int]:
    """`<|endoftext|>` and then the prompt, as every document in training began. Markers in the prompt stay text."""
    return tokenizer.encode(prompt, add_special_tokens=True)


def end_ids(tokenizer: Tokenizer) -> set[int]:
    """The tokens that end a text: what the saved generation_config.json tells transformers, too."""
    ids = tokenizer.specials.ids
    return {ids[role] for role in ("end_of_text", "im_end") if role in ids}


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
    """The text that `complete` writes."""
    return complete(model, tokenizer, prompt, settings, sample=sample, on_text=on_text, say=say).text


def complete(
    model: Transformer,
    tokenizer: Tokenizer,
    prompt: str | Sequence[int],
    settings: GenerationConfig,
    *,
    sample: int = 0,
    on_text: Callable[[str], None] = lambda text: None,
    say: Say = quiet,
) -> Completion:
    """Complete `prompt` (text, or ids taken as they are); `on_text` gets each piece as soon as it is certain.

    Sample number `sample` of a seed is the same whatever other samples are drawn. The text ends with
    `<|endoftext|>`, a stop string, max_new_tokens, or the end of the context (said through `say`).
    """
    check_generation(settings)
    writing = Writing(tokenizer, settings)
    for (token,) in stream_tokens(model, tokenizer, prompt, settings, [sample], say):
        on_text(writing.push(token))
        if writing.ended_by:
            break
    on_text(writing.end())
    return writing.completion()


def generate_texts(
    model: Transformer, tokenizer: Tokenizer, prompt: str | Sequence[int], settings: GenerationConfig
) -> list[str]:
    """The texts that `complete_texts` writes."""
    return [completion.text for completion in complete_texts(model, tokenizer, prompt, settings)]


def complete_texts(
    model: Transformer, tokenizer: Tokenizer, prompt: str | Sequence[int], settings: GenerationConfig
) -> list[Completion]:
    """num_samples completions of one prompt, decoded side by side: several times as fast as one after the other.

    Each is what `complete` gives for its number, up to rounding.
    """
    check_generation(settings)
    writings = [Writing(tokenizer, settings) for _ in range(settings.num_samples)]
    for tokens in stream_tokens(model, tokenizer, prompt, settings, range(len(writings)), quiet):
        for token, writing in zip(tokens, writings, strict=True):
            if not writing.ended_by:
                writing.push(token)
        if all(writing.ended_by for writing in writings):
            break
    for writing in writings:
        writing.end()
    return [writing.completion() for writing in writings]


class Writing:
    """One sample on its way: takes tokens, gives text, knows when it is over."""

    def __init__(self, tokenizer: Tokenizer, settings: GenerationConfig) -> None:
        self._stream = TextStream(tokenizer, settings.stop)
        self._ends = end_ids(tokenizer)
        self._settings = settings
        self._n_tokens = 0
        self.ended_by = ""

    def push(self, token: int) -> str:
        """Take a token in; return the text that is now certain."""
        self._n_tokens += 1
        if token not in self._ends:
            shown = self._stream.push(token)
        elif self._settings.nonstop:
            shown = self._stream.push_text(TEXT_BORDER)
        else:
            shown, self.ended_by = "", "end_of_text"
        if self._stream.stopped:
            self.ended_by = "stop"
        return shown

    def end(self) -> str:
        """No token will come any more: what was held back."""
        shown = self._stream.end()
        if not self.ended_by:
            self.ended_by = "max_new_tokens" if self._n_tokens >= self._settings.max_new_tokens else "context"
        return shown

    def completion(self) -> Completion:
        """The whole, after `end`."""
        return Completion(self._stream.text, self._n_tokens, self.ended_by)


def stream_tokens(
    model: Transformer,
    tokenizer: Tokenizer,
    prompt: str | Sequence[int],
    settings: GenerationConfig,
    samples: Sequence[int],
    say: Say,
) -> Iterator[list[int]]:
    """Yield the next token of every sample, until max_new_tokens or the context ends; the caller may stop earlier."""
    seed = secrets.randbits(63) if settings.seed is None else settings.seed
    generators = [torch.Generator().manual_seed(derive_seed(seed, "sample", sample)) for sample in samples]
    context = model.config.block_size
    ids = prompt_ids(tokenizer, prompt) if isinstance(prompt, str) else list(prompt)
    prefix = shortened(ids, context, settings.max_new_tokens, say)
    rows = [list(prefix) for _ in samples]  # what each row has read or written since the cache was new
    cache = new_cache(model, len(rows))
    fresh = rows
    for _ in range(settings.max_new_tokens):
        if cache.length + len(fresh[0]) > context:
            if not settings.nonstop:
                say(f"the context of {context} tokens is full; --nonstop goes on")
                return
            rows = [row[-max(1, context // 2) :] for row in rows]
            cache, fresh = new_cache(model, len(rows)), rows
        # A model's head may have more rows than the tokenizer has tokens: they mean nothing.
        logits = next_logits(model, fresh, cache)[:, : tokenizer.vocab_size]
        if not bool(logits.isfinite().all()):
            raise UserError(
                f"the model's numbers overflow in {str(logits.dtype).removeprefix('torch.')}. "
                "Write with --dtype bfloat16 or float32, whose range is wider; if that fails, its weights are damaged."
            )
        tokens = next_tokens(
            logits, generators, temperature=settings.temperature, top_k=settings.top_k, top_p=settings.top_p
        )
        yield tokens
        fresh = [[token] for token in tokens]
        for row, token in zip(rows, tokens, strict=True):
            row.append(token)


def shortened(ids: list[int], context: int, max_new_tokens: int, say: Say) -> list[int]:
    """The end of a prompt that is longer than the context, with room for what is to be written."""
    if len(ids) <= context:
        return ids
    kept = max(1, context - min(max_new_tokens, context // 2))
    say(f"the prompt has {len(ids)} tokens and the context {context}: only its last {kept} are read")
    return ids[-kept:]


def new_cache(model: Transformer, batch_size: int, *, capacity: int | None = None) -> KVCache:
    """An empty cache for `batch_size` sequences, in the precision that the model computes in; see `KVCache`."""
    weight = model.embed.weight
    dtype = model.compute_dtype or weight.dtype
    return KVCache(model.config, batch_size, capacity=capacity, device=weight.device, dtype=dtype)


@torch.inference_mode()
def next_logits(model: Transformer, fresh: Sequence[Sequence[int]], cache: KVCache) -> Tensor:
    """Read the new tokens of every row (all of one length) and return the logits of what follows, (B, V)."""
    with evaluating(model):
        hidden = model.hidden(torch.tensor(fresh, device=model.embed.weight.device), cache=cache)
        return model.head(hidden[:, -1])


@contextlib.contextmanager
def evaluating(model: Transformer) -> Iterator[None]:
    """Without dropout; afterwards as before."""
    if not model.training:
        yield
        return
    model.eval()
    try:
        yield
    finally:
        model.train()
