"""What reads tokens for the engine: one interface, the plain twin on PyTorch's operations, and which to take."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from groundup.inference.generation import evaluating, new_cache
from groundup.inference.native.decoder import NativeDecoder
from groundup.inference.native.library import load_library
from groundup.model.accounting import cache_bytes
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.utils.device import free_memory_bytes
from groundup.utils.progress import Say, quiet

PLAIN_GRAIN = 64
STEP_TOKENS = 256
SHARE_FOR_CACHE = 0.25
PROBE_TOLERANCE = 1e-3


class Stepper(Protocol):
    """Reads any mixture of tokens of several sequences, each in a slot of the cache."""

    n_slots: int
    max_tokens: int
    """Of one step."""
    grain: int
    """Prompts are cut into steps at multiples of this many positions only, and what was read in other pieces is not
    reused: then a token's logits depend on its own sequence alone, to the last bit. 1: they do however it is cut."""

    def step(self, ids: Sequence[int], slots: Sequence[int], places: Sequence[int], wanted: Sequence[int]) -> Tensor:
        """Read tokens (id, slot, position each), those of a slot in order and side by side.

        Returns the logits, fp32 (len(wanted), V), of the tokens whose numbers are `wanted`.
        """

    def copy_prefix(self, source: int, target: int, length: int) -> None:
        """Give slot `target` the first `length` positions of slot `source`."""

    def close(self) -> None:
        """No step afterwards."""


class PlainStepper:
    """The slow twin: each sequence alone through the model, as plain generation does it. For every device."""

    grain = PLAIN_GRAIN

    def __init__(self, model: Transformer, *, n_slots: int, max_tokens: int = STEP_TOKENS) -> None:
        self._model, self.n_slots, self.max_tokens = model, n_slots, max_tokens
        self._caches = [new_cache(model, 1) for _ in range(n_slots)]

    @torch.inference_mode()
    def step(self, ids: Sequence[int], slots: Sequence[int], places: Sequence[int], wanted: Sequence[int]) -> Tensor:
        """See `Stepper`."""
        device = self._model.embed.weight.device
        rows, begin, n = [], 0, len(ids)
        with evaluating(self._model):
            while begin < n:
                end = next((i for i in range(begin, n) if slots[i] != slots[begin]), n)
                cache = self._caches[slots[begin]]
                cache.length = places[begin]
                hidden = self._model.hidden(torch.tensor([ids[begin:end]], device=device), cache=cache)
                rows += [self._model.head(hidden[:, i - begin]) for i in wanted if begin <= i < end]
                begin = end
        return torch.cat(rows).float().cpu() if rows else torch.empty(0, self._model.config.vocab_size)

    def copy_prefix(self, source: int, target: int, length: int) -> None:
        """See `Stepper`."""
        old, new = self._caches[source], self._caches[target]
        new.keys[..., :length, :] = old.keys[..., :length, :]
        new.values[..., :length, :] = old.values[..., :length, :]

    def close(self) -> None:
        """See `Stepper`."""


@dataclass(frozen=True)
class Room:
    """How many sequences side by side, and what their cache takes."""

    n_slots: int
    cache_bytes: int


def room_for(model: Transformer, wanted_slots: int) -> Room:
    """As many slots as wanted, or as fit into a share of the free memory; at least one."""
    device = model.embed.weight.device
    size = torch.float32.itemsize if device.type == "cpu" else model.embed.weight.element_size()
    per_slot = cache_bytes(model.config, element_bytes=size)
    free = free_memory_bytes(device)
    n_slots = max(1, min(wanted_slots, int(free * SHARE_FOR_CACHE) // per_slot)) if free else wanted_slots
    return Room(n_slots, n_slots * per_slot)


def open_stepper(model: Transformer, *, n_slots: int, n_threads: int, say: Say = quiet) -> Stepper:
    """The C code where it runs (a CPU with a compiler), else the plain twin; says which and why."""
    device = model.embed.weight.device
    if device.type == "cpu":
        library = load_library(say)
        if library is not None:
            tiny = NativeDecoder(library, _probe_model(), n_slots=1, max_tokens=8, n_threads=n_threads)
            error = probe(tiny)
            if error <= PROBE_TOLERANCE:
                return NativeDecoder(library, model, n_slots=n_slots, max_tokens=STEP_TOKENS, n_threads=n_threads)
            say(f"the native code computes wrong numbers here (by {error:.1g}): PyTorch does the work")
    return PlainStepper(model, n_slots=n_slots)


def _probe_model() -> Transformer:
    config = ModelConfig("qwen3", vocab_size=40, block_size=8, n_layer=1, n_head=4, n_kv_head=2, n_embd=32)
    model = Transformer(config).eval()
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.3)
    return model


@torch.inference_mode()
def probe(decoder: NativeDecoder) -> float:
    """Largest difference between C and PyTorch on a tiny model: a wrong compiler is found before it matters."""
    ids = [3, 1, 4, 1, 5, 9, 2, 6]
    expected = _probe_model()(torch.tensor([ids]))[0]
    found = decoder.step(ids, [0] * 8, range(8), range(8))
    decoder.close()
    difference = (found - expected).abs().max()
    return float(difference) if bool(difference.isfinite()) else float("inf")
