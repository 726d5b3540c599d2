"""What must hold for every shape of model: causality, both attention paths, packing, the cache."""

import pytest
import torch
from torch import Tensor

from groundup.model.cache import KVCache
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer, positions_in_segments

SMALL = {"vocab_size": 61, "block_size": 24, "n_layer": 2, "n_head": 4, "n_embd": 32}
SHAPES = {
    "qwen3": ModelConfig("qwen3", **SMALL),
    "qwen3 grouped": ModelConfig("qwen3", **SMALL, n_kv_head=2, head_size=16),
    "llama": ModelConfig("llama", **SMALL, n_kv_head=1),
    "gpt2": ModelConfig("gpt2", **SMALL),
    "phi": ModelConfig("phi", **SMALL),
    "post-norm, sinusoidal": ModelConfig("gpt2", **SMALL, norm_position="post", positions="sinusoidal"),
    "relu2, layernorm": ModelConfig("qwen3", **SMALL, activation="relu2", norm="layernorm"),
}


@pytest.fixture(params=SHAPES)
def model(request: pytest.FixtureRequest) -> Transformer:
    """Every shape, with weights, gains and biases that all matter."""
    built = Transformer(SHAPES[request.param]).eval()
    generator = torch.Generator().manual_seed(5)
    with torch.no_grad():
        for parameter in built.parameters():
            around = 1.0 if parameter.dim() == 1 else 0.0
            parameter.copy_(around + 0.2 * torch.randn(parameter.shape, generator=generator))
    return built


def ids(*shape: int) -> Tensor:
    return torch.randint(0, 61, shape, generator=torch.Generator().manual_seed(6))


@torch.inference_mode()
def test_a_position_does_not_depend_on_later_ones(model: Transformer) -> None:
    tokens = ids(2, 12)
    changed = tokens.clone()
    changed[:, 8:] = (changed[:, 8:] + 1) % 61
    one, other = model(tokens), model(changed)
    torch.testing.assert_close(one[:, :8], other[:, :8])
    assert (one[:, 8] - other[:, 8]).abs().max() > 1e-3


def test_both_attention_paths_agree_in_value_and_gradient(model: Transformer) -> None:
    tokens, segments = ids(2, 12), torch.tensor([[0] * 5 + [1] * 7, [0] * 12])
    results = []
    for path in ("explicit", "sdpa"):
        model.set_compute(attention=path)
        for masks in (None, segments):
            model.zero_grad()
            logits = model(tokens, segments=masks)
            logits.square().mean().backward()
            results.append((logits.detach(), [parameter.grad.clone() for parameter in model.parameters()]))
    for one, other in ((results[0], results[2]), (results[1], results[3])):
        torch.testing.assert_close(one[0], other[0], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(one[1], other[1], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("path", ["explicit", "sdpa"])
@torch.inference_mode()
def test_packed_documents_are_as_if_separate(model: Transformer, path: str) -> None:
    model.set_compute(attention=path)
    first, second, third = ids(1, 5), ids(1, 4), ids(1, 3)
    packed = model(torch.cat((first, second, third), 1), segments=torch.tensor([[0] * 5 + [1] * 4 + [2] * 3]))
    separate = torch.cat((model(first), model(second), model(third)), 1)
    torch.testing.assert_close(packed, separate, atol=1e-5, rtol=1e-5)
    assert (packed - model(torch.cat((first, second, third), 1))).abs().max() > 1e-3


def test_positions_begin_anew_with_each_segment() -> None:
    segments = torch.tensor([[3, 3, 7, 7, 7, 3], [0, 0, 0, 0, 0, 0]])
    assert positions_in_segments(segments).tolist() == [[0, 1, 0, 1, 2, 0], [0, 1, 2, 3, 4, 5]]


@pytest.mark.parametrize("path", ["explicit", "sdpa"])
@pytest.mark.parametrize("pieces", [[10, 1, 1, 1], [1] * 6, [4, 5, 3], [24]], ids=str)
@torch.inference_mode()
def test_cached_equals_full_forward(model: Transformer, pieces: list[int], path: str) -> None:
    """Prefill and single tokens, and several new tokens at once."""
    model.set_compute(attention=path)
    tokens = ids(2, sum(pieces))
    cache = KVCache(model.config, batch_size=2)
    parts = [model(part, cache=cache) for part in tokens.split(pieces, dim=1)]
    assert cache.length == sum(pieces)
    torch.testing.assert_close(torch.cat(parts, 1), model(tokens), atol=1e-5, rtol=1e-5)


@torch.inference_mode()
def test_bf16_is_near_fp32_and_keeps_the_master_weights(model: Transformer) -> None:
    tokens = ids(2, 12)
    exact = model(tokens)
    model.set_compute(torch.bfloat16)
    rough = model(tokens)
    assert rough.dtype == torch.bfloat16
    assert {parameter.dtype for parameter in model.parameters()} == {torch.float32}
    assert (rough.float() - exact).norm() / exact.norm() < 0.05


def test_more_tokens_than_the_context_are_refused(model: Transformer) -> None:
    with pytest.raises(AssertionError, match="25 tokens exceed the context of 24"):
        model(ids(1, 25))


def test_dropout_acts_in_training_only() -> None:
    model = Transformer(ModelConfig("gpt2", **SMALL, dropout=0.5))
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.3)
    tokens = ids(1, 6)
    assert not torch.equal(model(tokens), model(tokens))
    model.eval()
    assert torch.equal(model(tokens), model(tokens))


def test_compiles_without_leaving_the_graph() -> None:
    """No Python decision in the hot path depends on data, so that torch.compile sees one graph."""
    model = Transformer(SHAPES["qwen3"])
    explanation = torch._dynamo.explain(model)(ids(1, 8))
    assert explanation.graph_break_count == 0
