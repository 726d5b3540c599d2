"""A vocabulary that grows: what was known computes as before, what is new begins as the mean."""

import pytest
import torch

from groundup.model.config import ModelConfig
from groundup.model.growth import grow_vocabulary
from groundup.model.transformer import Transformer

SHAPES = {
    "tied": ModelConfig("gpt2", vocab_size=20, block_size=8, n_layer=1, n_head=2, n_embd=16),
    "untied": ModelConfig("qwen3", vocab_size=20, block_size=8, n_layer=1, n_head=2, n_embd=16),
    "head bias": ModelConfig("phi", vocab_size=20, block_size=8, n_layer=1, n_head=2, n_embd=16),
}


@pytest.fixture(params=SHAPES)
def model(request: pytest.FixtureRequest) -> Transformer:
    model = Transformer(SHAPES[request.param]).eval()
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator))
    return model


def test_known_ids_compute_as_before_and_new_ones_are_the_mean(model: Transformer) -> None:
    grown = grow_vocabulary(model, 20, 23)
    ids = torch.tensor([[3, 19, 0, 7]])
    with torch.no_grad():
        before, after = model(ids), grown(ids)
    assert after.shape == (1, 4, 23)
    assert torch.equal(after[..., :20], before)
    # A head whose row is the mean gives the mean of the logits, bias included.
    torch.testing.assert_close(after[..., 20:], before.mean(dim=-1, keepdim=True).expand(1, 4, 3), atol=1e-4, rtol=0)
    torch.testing.assert_close(grown.embed.weight[20:], model.embed.weight.mean(dim=0).expand(3, -1))
    assert (grown.head.weight is grown.embed.weight) == model.config.tied_embeddings
    assert not grown.training


def test_spare_rows_are_used_before_new_ones_are_made(model: Transformer) -> None:
    grown = grow_vocabulary(model, 15, 18)
    assert grown.config.vocab_size == 20
    assert torch.equal(grown.embed.weight[:15], model.embed.weight[:15])
    torch.testing.assert_close(grown.embed.weight[15:18], model.embed.weight[:15].mean(dim=0).expand(3, -1))
    assert torch.equal(grown.embed.weight[18:], model.embed.weight[18:]), "rows of no token are left alone"


def test_precision_is_kept(model: Transformer) -> None:
    model.to(torch.bfloat16)
    assert {parameter.dtype for parameter in grow_vocabulary(model, 20, 21).parameters()} == {torch.bfloat16}
