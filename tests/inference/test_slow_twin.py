"""Decoding with the cache writes what the plain loop writes that reads the whole text anew for each token."""

from collections.abc import Sequence

import pytest
import torch

from groundup.inference.generation import GenerationConfig, prompt_ids, stream_tokens
from groundup.inference.sampling import next_tokens
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer
from groundup.tokenizer.interface import Tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.progress import quiet
from groundup.utils.seeding import derive_seed

CONTEXT = 16


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return train_tokenizer(["the cat sat on the mat, the dog did not"] * 3, TokenizerConfig(vocab_size=270))


@pytest.fixture(scope="module", params=["qwen3", "gpt2", "llama", "phi"])
def model(request: pytest.FixtureRequest, tokenizer: Tokenizer) -> Transformer:
    config = ModelConfig(request.param, tokenizer.vocab_size, CONTEXT, n_layer=2, n_head=4, n_kv_head=4, n_embd=32)
    built = Transformer(config).eval()
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in built.parameters():
            parameter.copy_(0.4 * torch.randn(parameter.shape, generator=generator))
    return built


@torch.inference_mode()
def write_slowly(model: Transformer, ids: Sequence[int], settings: GenerationConfig, sample: int) -> list[int]:
    """The textbook's loop. When the context is full, with `nonstop`, its newer half is all that is read on."""
    generator = torch.Generator().manual_seed(derive_seed(settings.seed or 0, "sample", sample))
    window, written = list(ids), []
    for _ in range(settings.max_new_tokens):
        if len(window) > CONTEXT:
            if not settings.nonstop:
                break
            window = window[-CONTEXT // 2 :]
        logits = model(torch.tensor([window]))[:, -1]
        (token,) = next_tokens(logits, [generator], temperature=settings.temperature, top_k=settings.top_k)
        window.append(token)
        written.append(token)
    return written


@pytest.mark.parametrize("nonstop", [False, True])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_cached_writing_is_the_plain_loop(
    model: Transformer, tokenizer: Tokenizer, temperature: float, nonstop: bool
) -> None:
    settings = GenerationConfig(max_new_tokens=40, temperature=temperature, top_k=50, seed=7, nonstop=nonstop)
    ids = prompt_ids(tokenizer, "the cat")
    for sample in range(3):
        fast = [tokens[0] for tokens in stream_tokens(model, tokenizer, "the cat", settings, [sample], quiet)]
        assert fast == write_slowly(model, ids, settings, sample)
        assert len(fast) == (40 if nonstop else CONTEXT - len(ids) + 1)


def test_samples_side_by_side_are_those_drawn_alone(model: Transformer, tokenizer: Tokenizer) -> None:
    settings = GenerationConfig(max_new_tokens=10, temperature=1.0, seed=3)
    together = list(stream_tokens(model, tokenizer, "the", settings, [0, 1, 2], quiet))
    alone = [[tokens[0] for tokens in stream_tokens(model, tokenizer, "the", settings, [i], quiet)] for i in range(3)]
    assert [list(column) for column in zip(*together, strict=True)] == alone
    assert len({tuple(tokens) for tokens in alone}) == 3
