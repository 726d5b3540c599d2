"""The heads that are built into the first weights: what they attend to, and where they do not fit."""

import dataclasses

import pytest
import torch
from torch import Tensor

from groundup.model.config import ModelConfig, resolve
from groundup.model.copying_heads import copying_heads, has_room
from groundup.model.initialisation import initialise
from groundup.model.transformer import Attention, Context, Transformer

ROOMY = ModelConfig("qwen3", vocab_size=400, block_size=96, n_layer=3, n_head=4, n_kv_head=2, n_embd=128)
HALF = 40  # tokens that are said twice


def weights_of(model: Transformer, ids: Tensor) -> list[Tensor]:
    """The attention weights of each block's first head, (B, T, T)."""
    found: list[Tensor] = []

    def look(attention: Attention, arguments: tuple[Tensor, Context]) -> None:
        x, context = arguments
        q = attention._heads(attention.q(x), attention.q_norm, context.tables)[:, 0]
        k = attention._heads(attention.k(x), attention.k_norm, context.tables)[:, 0]
        hidden = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool).triu(1)
        scores = (q @ k.mT) * attention.config.head_size**-0.5
        found.append(scores.masked_fill(hidden, -torch.inf).softmax(-1))

    for block in model.blocks:
        block.attention.register_forward_pre_hook(look)
    with torch.inference_mode():
        model(ids)
    return found


@pytest.mark.parametrize("heads", [2, 4])
def test_one_head_sees_the_token_before_and_one_finds_what_followed_last_time(heads: int) -> None:
    model = initialise(Transformer(dataclasses.replace(ROOMY, n_head=heads)), seed=3)
    once = torch.randint(0, 400, (4, HALF), generator=torch.Generator().manual_seed(1))
    first, second, third = weights_of(model, torch.cat((once, once), dim=1))
    everywhere, again = torch.arange(1, 2 * HALF), torch.arange(HALF, 2 * HALF)
    assert first[:, everywhere, everywhere - 1].mean() > 0.7
    assert second[:, again, again - HALF + 1].mean() > 0.7
    assert third[:, again, again - HALF + 1].mean() < 0.1  # nothing is built into the other blocks


def test_they_are_left_out_where_they_do_not_fit() -> None:
    assert has_room(resolve(ROOMY))
    for change in (
        {"n_layer": 1},
        {"architecture": "llama"},  # its heads are not normalised
        {"n_head": 1, "n_kv_head": 1},  # as wide as the stream: no room to write beside what is read
        {"rotary_share": 0.5},
        {"rotary_base": 2.0},  # every pair turns fast
    ):
        assert not has_room(resolve(dataclasses.replace(ROOMY, **change))), change
    tied = dataclasses.replace(ROOMY, tied_embeddings=True)
    assert not initialise(Transformer(tied), seed=1).blocks[0].attention.out.weight.abs().max() > 0.2


def test_other_weights_stay_as_they_were_drawn() -> None:
    shape = resolve(ROOMY)
    model = initialise(Transformer(ROOMY), seed=3)
    changed = copying_heads(shape, 3)
    names = {name.removesuffix(".weight").removesuffix(".gain") for name, _ in model.named_parameters()}
    assert set(changed) <= names
    q = model.blocks[0].attention.q.weight
    assert q[shape.head_size :].std().item() == pytest.approx(shape.n_embd**-0.5, rel=0.05)
    assert not model.blocks[0].attention.out.weight[:, shape.head_size :].any()
    assert not model.blocks[2].attention.out.weight.any()
