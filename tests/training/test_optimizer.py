import subprocess
import sys

import pytest
import torch

from groundup.model.config import ARCHITECTURES, ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.transformer import Transformer
from groundup.training.optimizer import BETAS_ALONE, build_optimizers, sort_parameters
from groundup.training.settings import TrainingConfig, fill_rates


def tiny(architecture: str) -> Transformer:
    shape = ModelConfig(architecture=architecture, vocab_size=50, block_size=8, n_layer=2, n_head=2, n_embd=16)
    return initialise(Transformer(shape), 1)


def settings(optimizer: str) -> TrainingConfig:
    filled = TrainingConfig(optimizer=optimizer, embedding_learning_rate=0.1)
    fill_rates(filled, 1.0, "wide")
    return filled


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_each_parameter_is_in_one_group(architecture: str, optimizer: str) -> None:
    model = tiny(architecture)
    members = build_optimizers(model, settings(optimizer)).members
    grouped = [id(p) for member in members for group in member.param_groups for p in group["params"]]
    assert sorted(grouped) == sorted(id(p) for p in model.parameters())


def test_muon_gets_the_matrices_of_the_blocks_and_nothing_else() -> None:
    matrices, embeddings, heads, gains = sort_parameters(tiny("qwen3"))
    assert len(matrices) == 2 * 7
    assert [tuple(p.shape) for p in embeddings] == [(50, 16)]
    assert [tuple(p.shape) for p in heads] == [(50, 16)]
    assert all(p.ndim == 1 for p in gains)


@pytest.mark.parametrize("optimizer", ["muon", "adamw"])
def test_state_goes_through_tensors_and_back(optimizer: str) -> None:
    one, other = tiny("qwen3"), tiny("qwen3")
    first, second = build_optimizers(one, settings(optimizer)), build_optimizers(other, settings(optimizer))

    def step(model: Transformer, optimizers: object, seed: int) -> None:
        generator = torch.Generator().manual_seed(seed)
        for parameter in model.parameters():
            parameter.grad = torch.randn(parameter.shape, generator=generator)
        optimizers.step()  # type: ignore[attr-defined]

    step(one, first, 1)
    other.load_state_dict(one.state_dict())
    second.load_state_tensors({name: tensor.clone() for name, tensor in first.state_tensors().items()})
    step(one, first, 2)
    step(other, second, 2)
    for a, b in zip(one.parameters(), other.parameters(), strict=True):
        assert torch.equal(a, b)


def test_rates_are_shares_of_their_peaks() -> None:
    optimizers = build_optimizers(tiny("qwen3"), settings("muon"))
    optimizers.set_rates(0.5, momentum=0.9)
    optimizers.set_rates(0.25, momentum=0.9)
    muon, adam = optimizers.members
    assert {group["lr"] for group in muon.param_groups} == {0.03 * 0.25}
    assert {group["momentum"] for group in muon.param_groups} == {0.9}
    assert adam.param_groups[0]["lr"] == 0.1 * 0.25


def test_rates_that_are_given_stay_even_where_they_are_what_would_be_chosen() -> None:
    given = TrainingConfig(head_learning_rate=0.01, embedding_learning_rate=0.2)
    fill_rates(given, 0.3, "wide")
    assert (given.head_learning_rate, given.embedding_learning_rate) == (0.01, 0.2)
    assert (given.learning_rate, given.gain_learning_rate) == pytest.approx((0.009, 0.003))


def test_adamw_is_that_of_torch() -> None:
    ours, theirs = tiny("gpt2"), tiny("gpt2")
    fast = build_optimizers(ours, TrainingConfig(optimizer="adamw", learning_rate=0.01, weight_decay=0.1))
    matrices, embeddings, heads, gains = sort_parameters(theirs)
    groups = [{"params": matrices, "weight_decay": 0.1}, {"params": [*embeddings, *heads, *gains], "weight_decay": 0.0}]
    slow = torch.optim.AdamW(groups, lr=0.01, betas=BETAS_ALONE, fused=True)
    for seed in range(3):
        generator = torch.Generator().manual_seed(seed)
        for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
            a.grad = torch.randn(a.shape, generator=generator)
            b.grad = a.grad.clone()
        fast.step()
        slow.step()
        assert all(parameter.grad is None for parameter in ours.parameters())
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert torch.equal(a, b)


def test_who_trains_alone_loads_neither_the_compiler_nor_sharded_tensors() -> None:
    """They are a second of every start."""
    program = """
import sys, torch
import groundup.training.pretrain
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer, empty_model
from groundup.training.optimizer import build_optimizers
from groundup.training.settings import TrainingConfig, fill_rates
from groundup.training.step import MicroBatch, measure_step, take_step
shape = ModelConfig(vocab_size=50, block_size=8, n_layer=2, n_head=2, n_embd=16)
empty_model(shape)
model, settings = Transformer(shape), TrainingConfig()
fill_rates(settings, 1.0, "wide")
optimizers, ids = build_optimizers(model, settings), torch.zeros(2, 8, dtype=torch.long)
take_step(model, optimizers, measure_step(model, [MicroBatch(ids, ids)]), max_grad_norm=1.0)
print([name for name in ("torch._dynamo", "torch.distributed.tensor", "sympy") if name in sys.modules])
"""
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout
    assert said == "[]\n"
