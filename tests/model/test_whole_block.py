"""A block as one function equals the block that it stands for, in value and every gradient."""

import copy
from typing import Any, cast

import pytest
import torch
from torch import Tensor

from groundup.model.config import ModelConfig
from groundup.model.dropout import own_chance
from groundup.model.initialisation import initialise
from groundup.model.native.kernels import load_kernels
from groundup.model.transformer import Block, Context, Transformer
from groundup.model.whole_block import WholeBlock, can_be_whole

KERNELS = load_kernels()
pytestmark = [
    pytest.mark.skipif(isinstance(KERNELS, str), reason=f"no kernels: {KERNELS}"),
    pytest.mark.usefixtures("one_thread"),
]

B, T, C = 2, 16, 64


def make_block(**changes: Any) -> tuple[Transformer, Block]:
    """A model and its first block, with weights that are nowhere zero."""
    values: dict[str, Any] = {"vocab_size": 32, "block_size": T, "n_layer": 1, "n_head": 2, "n_embd": C, **changes}
    model = initialise(Transformer(ModelConfig(**values)), seed=1)
    generator = torch.Generator().manual_seed(2)
    with torch.no_grad():
        for parameter in model.blocks[0].parameters():
            parameter.add_(0.1 * torch.randn(parameter.shape, generator=generator))
    return model, cast(Block, model.blocks[0])


def context_for(model: Transformer, x: Tensor, segments: Tensor | None) -> Context:
    return model._context(x, 0, None, segments, None)


def draw_stream(dtype: torch.dtype, seed: int) -> Tensor:
    return torch.randn(B, T, C, generator=torch.Generator().manual_seed(seed)).to(dtype)


def difference(found: Tensor, wanted: Tensor) -> float:
    """As a share of what is wanted."""
    return ((found.float() - wanted).norm() / wanted.norm()).item()


@pytest.mark.parametrize(("dtype", "bound"), [(torch.float32, 1e-5), (torch.bfloat16, 0.02)], ids=["f32", "bf16"])
@pytest.mark.parametrize("documents", [False, True], ids=["one document", "several"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"n_kv_head": 1},
        {"qk_norm": False},
        {"n_embd": C, "head_size": 64, "rotary_share": 0.5},
        {"dropout": 0.3},
    ],
    ids=["default", "grouped", "without norms of heads", "half rotated", "dropout"],
)
def test_equals_the_block(dtype: torch.dtype, bound: float, documents: bool, changes: dict[str, Any]) -> None:
    model, block = make_block(**changes)
    segments = torch.tensor([[0] * 5 + [1] * 11, [0] * 16]) if documents else None
    x = draw_stream(dtype, 3).requires_grad_()
    exact_block, exact_x = copy.deepcopy(block), x.detach().float().requires_grad_()

    whole = WholeBlock(block)
    for parameter in block.parameters():
        if parameter.ndim > 1:
            parameter.data = parameter.data.to(dtype)
    whole.join()
    with own_chance(7):
        y = whole(x, context_for(model, x, segments))
    assert y.grad_fn is not None
    assert y.grad_fn.next_functions[0][0].name() == "_WholeBlockBackward"
    torch.set_num_threads(2)  # with these the block keeps to PyTorch's operations
    with own_chance(7):
        expected = exact_block(exact_x, context_for(model, exact_x, segments))

    assert difference(y, expected) < bound
    upstream = draw_stream(torch.float32, 5).transpose(0, 1).contiguous().transpose(0, 1)  # not in order in memory
    wanted = torch.autograd.grad(expected, [exact_x, *exact_block.parameters()], upstream.to(dtype).float())
    torch.set_num_threads(1)
    found = torch.autograd.grad(y, [x, *whole.parameters()], upstream.to(dtype))
    for one, other in zip(found, wanted, strict=True):
        assert difference(one, other) < bound


def test_the_block_computes_what_does_not_fit() -> None:
    model, block = make_block()
    whole = WholeBlock(block)
    whole.join()
    x = draw_stream(torch.float32, 3)
    short = x[:, : T - 1].contiguous().requires_grad_()  # rows of T - 1 scores are no whole number of vectors
    for taken in (x, short):  # the first needs no gradient
        context = context_for(model, taken, None)
        y = whole(taken, context)
        assert y.grad_fn is not None
        assert y.grad_fn.name() == "AddBackward0"  # the block's last operation
        assert torch.equal(y, block(taken, context))


def test_joined_weights_keep_values_and_follow_changes() -> None:
    _, block = make_block()
    before = [parameter.detach().clone() for parameter in block.parameters()]
    whole = WholeBlock(block)
    whole.join()
    for parameter, value in zip(whole.parameters(), before, strict=True):
        assert torch.equal(parameter, value)
    with torch.no_grad():
        block.attention.k.weight.fill_(3.0)
    assert torch.equal(whole._qkv[C : 2 * C], torch.full((C, C), 3.0))


@pytest.mark.parametrize(
    "changes",
    [{"activation": "relu2"}, {"norm": "layernorm"}, {"attention_bias": True}, {"parallel_residual": True}],
    ids=lambda changes: next(iter(changes)),
)
def test_other_kinds_of_blocks_are_left_alone(changes: dict[str, Any]) -> None:
    assert not can_be_whole(make_block(**changes)[1])
    frozen = make_block()[1]
    frozen.mlp.up.weight.requires_grad_(False)
    assert not can_be_whole(frozen)
    assert can_be_whole(make_block()[1])
