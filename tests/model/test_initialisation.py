"""First weights: the loss of a model that knows nothing, the same from one seed, independent of each other."""

import math

import pytest
import torch

from groundup.model.config import ModelConfig
from groundup.model.initialisation import FRESH_SCALE, initialise, shrink_and_perturb
from groundup.model.loss import cross_entropy
from groundup.model.transformer import Transformer

SMALL = {"vocab_size": 512, "block_size": 32, "n_layer": 4, "n_head": 4, "n_embd": 64}
SHAPES = {
    "qwen3": (ModelConfig("qwen3", **SMALL), 0.1),  # its head begins with what the copying heads fetch
    "llama": (ModelConfig("llama", **SMALL), 1e-6),
    "phi": (ModelConfig("phi", **SMALL), 1e-6),
    "gpt2": (ModelConfig("gpt2", **SMALL), 0.03),
    "qwen3 tied": (ModelConfig("qwen3", **SMALL, tied_embeddings=True), 0.03),
    "post-norm": (ModelConfig("gpt2", **SMALL, norm_position="post"), 0.1),
}


@pytest.mark.parametrize("name", SHAPES)
def test_first_loss_is_that_of_guessing(name: str) -> None:
    config, tolerance = SHAPES[name]
    model = initialise(Transformer(config), seed=1)
    generator = torch.Generator().manual_seed(2)
    ids = torch.randint(0, 512, (8, 33), generator=generator)
    nats, count = cross_entropy(model(ids[:, :-1]), ids[:, 1:])
    assert (nats / count).item() == pytest.approx(math.log(512), rel=tolerance)


@pytest.mark.parametrize("name", SHAPES)
def test_every_weight_is_drawn_and_only_the_seed_decides(name: str) -> None:
    config, _ = SHAPES[name]
    one, same, other = (initialise(Transformer(config), seed=seed) for seed in (1, 1, 2))
    for (key, weight), again, different in zip(
        one.named_parameters(), same.parameters(), other.parameters(), strict=True
    ):
        assert torch.equal(weight, again), key
        constant = weight.dim() == 1 or not weight.any()
        assert torch.equal(weight, different) == constant, key


def test_zero_start_makes_every_block_the_identity_but_those_that_copy() -> None:
    model = initialise(Transformer(SHAPES["llama"][0]), seed=1)
    assert not any(block.attention.out.weight.any() or block.mlp.down.weight.any() for block in model.blocks)
    assert not model.head.weight.any()
    assert model.embed.weight.std().item() == pytest.approx(1.0, abs=0.02)
    model = initialise(Transformer(SHAPES["qwen3"][0]), seed=1)
    assert not any(block.mlp.down.weight.any() for block in model.blocks)
    assert not any(block.attention.out.weight.any() for block in model.blocks[2:])


def test_textbook_scales_down_what_adds_to_the_residual_stream() -> None:
    model = initialise(Transformer(SHAPES["gpt2"][0]), seed=1)
    block = model.blocks[0]
    assert block.mlp.up.weight.std().item() == pytest.approx(0.02, rel=0.05)
    assert block.mlp.down.weight.std().item() == pytest.approx(0.02 / math.sqrt(8), rel=0.05)
    assert block.attention.out.weight.std().item() == pytest.approx(0.02 / math.sqrt(8), rel=0.05)


@pytest.mark.parametrize("name", ["qwen3", "gpt2"])
def test_every_parameter_learns(name: str) -> None:
    """After one step away from the start every parameter gets a gradient: nothing is dead or left out."""
    model = initialise(Transformer(SHAPES[name][0]), seed=1)
    ids = torch.randint(0, 512, (4, 17), generator=torch.Generator().manual_seed(2))
    optimizer = torch.optim.AdamW(model.parameters(), lr=2e-3)
    losses = []
    for _ in range(3):
        optimizer.zero_grad()
        nats, count = cross_entropy(model(ids[:, :-1]), ids[:, 1:])
        (nats / count).backward()
        losses.append((nats / count).item())
        optimizer.step()
    assert losses[2] < losses[1] < losses[0]
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None, key
        # A bias on the keys shifts all scores of a query alike, which the softmax does not see.
        assert parameter.grad.any() or key.endswith("attention.k.bias"), key


@pytest.mark.parametrize("name", SHAPES)
def test_shrunken_weights_lie_among_fresh_ones(name: str) -> None:
    config, _ = SHAPES[name]
    trained, mixed = (initialise(Transformer(config), seed=1) for _ in range(2))
    with torch.no_grad():
        for parameter in (*trained.parameters(), *mixed.parameters()):
            parameter.mul_(3.0)
    shrink_and_perturb(mixed, 0.25, seed=2)
    fresh = initialise(Transformer(config), seed=2)
    for got, old, new in zip(mixed.parameters(), trained.parameters(), fresh.parameters(), strict=True):
        wanted = 0.25 * old + FRESH_SCALE * new if got.ndim > 1 else 0.25 * old + 0.75 * new
        torch.testing.assert_close(got, wanted)
