"""Hand-written gradients equal those of the plain twins."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from groundup.model import functions
from groundup.model.config import ModelConfig, resolve
from groundup.model.dropout import draw_kept
from groundup.model.transformer import rotary_tables

GENERATOR = torch.Generator().manual_seed(3)


def draw(*shape: int, dtype: torch.dtype = torch.float64) -> Tensor:
    return torch.randn(shape, generator=GENERATOR, dtype=torch.float64).to(dtype).requires_grad_()


def assert_same(fast: Callable[..., Tensor], plain: Callable[..., Tensor], inputs: list[Tensor], atol: float) -> None:
    """Values and gradients of both, for a gradient that comes transposed in memory as it does in the model."""
    outputs, gradients = [], []
    upstream = None
    for function in (fast, plain):
        out = function(*inputs)
        if upstream is None:
            upstream = torch.randn(out.transpose(1, 2).shape, generator=GENERATOR).to(out.dtype).transpose(1, 2)
        outputs.append(out.detach())
        gradients.append(torch.autograd.grad(out, inputs, upstream))
    torch.testing.assert_close(outputs[0], outputs[1], atol=atol, rtol=atol)
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, atol=atol, rtol=atol)


@pytest.mark.parametrize(("dtype", "atol"), [(torch.float32, 1e-5), (torch.bfloat16, 0.03)])
def test_rms_norm(dtype: torch.dtype, atol: float) -> None:
    inputs = [draw(2, 3, 4, 16, dtype=dtype), draw(16, dtype=dtype)]
    assert_same(
        lambda x, gain: functions.rms_norm(x, gain, 0.1),
        lambda x, gain: functions.rms_norm_plain(x, gain, 0.1),
        inputs,
        atol,
    )


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_rotate(share: float) -> None:
    config = resolve(ModelConfig(block_size=5, n_embd=32, n_head=2, rotary_share=share))
    cos, sin = (table.double() for table in rotary_tables(config))
    half = config.rotary_size // 2
    inputs = [draw(2, 2, 5, 16)]
    assert_same(
        lambda x: functions.rotate(x, cos, sin, half),
        lambda x: functions.rotate_plain(x, cos, sin, half),
        inputs,
        1e-12,
    )


def test_rotation_depends_on_the_distance_only() -> None:
    config = resolve(ModelConfig(block_size=12, n_embd=16, n_head=1))
    cos, sin = (table.double() for table in rotary_tables(config))
    q, k = draw(1, 1, 1, 16), draw(1, 1, 1, 16)
    turned_q, turned_k = (functions.rotate(x.expand(1, 1, 12, 16), cos, sin, 8)[0, 0] for x in (q, k))
    scores = turned_q @ turned_k.T
    torch.testing.assert_close(scores[3, 1], scores[11, 9])
    assert (scores[3, 1] - scores[3, 2]).abs() > 1e-3


@pytest.mark.parametrize("n_kv", [1, 2, 4])
@pytest.mark.parametrize("per_row", [False, True], ids=["one mask", "a mask per row"])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_attend(n_kv: int, per_row: bool, dropout: float) -> None:
    mask = torch.full((5, 5), float("-inf"), dtype=torch.float64).triu(1)
    if per_row:
        mask = mask.expand(3, 1, 5, 5).clone()
        mask[1, 0, 3:, :3] = float("-inf")
    inputs = [draw(3, 4, 5, 8), draw(3, n_kv, 5, 8), draw(3, n_kv, 5, 8)]
    kept = draw_kept(torch.empty(3, 4, 5, 5, dtype=torch.float64), dropout) if dropout else None
    assert_same(
        lambda q, k, v: functions.attend(q, k, v, mask, kept=kept),
        lambda q, k, v: functions.attend_plain(q, k, v, mask, kept),
        inputs,
        1e-12,
    )
