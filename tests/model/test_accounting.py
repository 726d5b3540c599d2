"""Formulas agree with models that were built, with operations that were counted and memory that was held."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from groundup.model.accounting import (
    activation_bytes,
    cache_bytes,
    count_parameters,
    flops_per_token,
    gpt2_parameters,
    is_gpt2_shaped,
    optimal_tokens,
    state_bytes,
)
from groundup.model.cache import KVCache
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.loss import cross_entropy
from groundup.model.transformer import Transformer, empty_model
from groundup.training.optimizer import build_optimizers
from groundup.training.settings import TrainingConfig, fill_rates

SMALL = {"vocab_size": 64, "block_size": 32, "n_layer": 2, "n_head": 4, "n_embd": 64}
SHAPES = {
    "qwen3": ModelConfig("qwen3", **SMALL),
    "qwen3 grouped, tied": ModelConfig("qwen3", **SMALL, n_kv_head=2, head_size=24, tied_embeddings=True),
    "llama biased": ModelConfig("llama", **SMALL, n_kv_head=1, bias=True),
    "gpt2": ModelConfig("gpt2", **SMALL),
    "gpt2 untied": ModelConfig("gpt2", **SMALL, tied_embeddings=False),
    "phi": ModelConfig("phi", **SMALL),
    "relu2, post-norm, sinusoidal": ModelConfig(
        "gpt2", **SMALL, activation="relu2", norm_position="post", positions="sinusoidal"
    ),
}
GPT2_SMALL = ModelConfig("gpt2", vocab_size=50_257, block_size=1024, n_layer=12, n_head=12, n_embd=768)


@pytest.mark.parametrize("name", SHAPES)
def test_parameters_are_those_of_the_built_model(name: str) -> None:
    model = empty_model(SHAPES[name])
    counted = count_parameters(SHAPES[name])
    assert counted.total == sum(parameter.numel() for parameter in model.parameters())
    parts = {"attention": 0, "mlp": 0, "norm": 0}
    for key, parameter in model.named_parameters():
        part = next((part for part in ("norm", "attention.", "mlp.") if part in key), None)
        if part is not None:
            parts[part.strip(".")] += parameter.numel()
    assert (counted.attention, counted.feed_forward, counted.norms) == (parts["attention"], parts["mlp"], parts["norm"])


def test_gpt2_has_the_published_number_of_parameters() -> None:
    published = 124_439_808
    assert sum(parameter.numel() for parameter in empty_model(GPT2_SMALL).parameters()) == published
    assert count_parameters(GPT2_SMALL).total == published
    assert gpt2_parameters(n_layer=12, n_embd=768, vocab_size=50_257, block_size=1024) == published
    assert optimal_tokens(GPT2_SMALL) == 20 * published


def test_gpt2s_formula_is_offered_for_gpt2s_shape_only() -> None:
    assert [name for name, config in SHAPES.items() if is_gpt2_shaped(config)] == ["gpt2"]


@pytest.mark.parametrize("name", SHAPES)
def test_flops_are_those_that_are_counted(name: str) -> None:
    """The counter sees whole score matrices; the formula takes the half of them that a causal model needs."""
    config = SHAPES[name]
    model = initialise(Transformer(config), seed=1)
    ids = torch.zeros(3, 32, dtype=torch.int64)
    with FlopCounterMode(display=False) as counter:
        model(ids).sum().backward()
    q = model.config.n_head * model.config.head_size
    whole = counter.get_total_flops() / ids.numel()
    formula = flops_per_token(config) + 6 * config.n_layer * q * config.block_size
    # RMSNorm's gradient is written with a product of matrices, which the counter sees.
    assert formula == (whole if model.config.norm == "layernorm" else pytest.approx(whole, rel=0.003))


@pytest.mark.parametrize("path", ["explicit", "sdpa"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("name", SHAPES)
def test_memory_for_activations_is_what_backward_keeps(name: str, dtype: torch.dtype, path: str) -> None:
    """With PyTorch's own operations: the kernels for one thread keep less."""
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        check_activation_bytes(name, dtype, path)
    finally:
        torch.set_num_threads(threads)


def check_activation_bytes(name: str, dtype: torch.dtype, path: str) -> None:
    model = initialise(Transformer(SHAPES[name]), seed=1)
    model.set_compute(dtype, attention=path)
    weights = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    held: dict[int, int] = {}
    alive = []

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in weights:
            held[storage.data_ptr()] = storage.nbytes()
            alive.append(tensor)  # so that no other tensor is put in its place
        return tensor

    ids = torch.zeros(8, 32, dtype=torch.int64)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        logits = model(ids)
        nats, _ = cross_entropy(logits, ids)
    measured = sum(held.values()) + logits.untyped_storage().nbytes()
    formula = activation_bytes(SHAPES[name], 8, element_bytes=dtype.itemsize, explicit=path == "explicit")
    assert formula == pytest.approx(measured, rel=0.03)
    nats.backward()


@pytest.mark.parametrize("name", SHAPES)
def test_memory_of_the_cache(name: str) -> None:
    cache = KVCache(SHAPES[name], batch_size=3, dtype=torch.bfloat16)
    assert cache_bytes(SHAPES[name], 3, element_bytes=2) == cache.keys.nbytes + cache.values.nbytes


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
@pytest.mark.parametrize("name", SHAPES)
def test_memory_of_the_state_is_what_training_holds(name: str, optimizer: str) -> None:
    config = SHAPES[name]
    model = initialise(Transformer(config), seed=1)
    settings = TrainingConfig(optimizer=optimizer)
    fill_rates(settings, 1.0, "wide")
    optimizers = build_optimizers(model, settings)
    model(torch.zeros(1, 4, dtype=torch.int64)).sum().backward()
    gradients = [parameter.grad for parameter in model.parameters()]
    optimizers.step()
    moments = [tensor for tensor in optimizers.state_tensors().values() if tensor.dim() > 0]
    tensors = [*model.parameters(), *gradients, *moments]
    assert state_bytes(config, optimizer=optimizer) == sum(tensor.nbytes for tensor in tensors if tensor is not None)
