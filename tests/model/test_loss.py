"""The loss and its fast forms agree, in value and gradient."""

import math

import pytest
import torch
from torch import Tensor

from groundup.model import loss as loss_module
from groundup.model.loss import IGNORED, cross_entropy, cross_entropy_plain


def logits_and_targets(dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(4)
    logits = (5 * torch.randn(3, 7, 50, generator=generator)).to(dtype).requires_grad_()
    targets = torch.randint(0, 50, (3, 7), generator=generator)
    targets[0, :4] = IGNORED
    return logits, targets


@pytest.mark.parametrize(("dtype", "atol"), [(torch.float32, 1e-6), (torch.bfloat16, 4e-3)])
@pytest.mark.parametrize("chunk_elements", [50, 50 * 4, 1 << 20])
def test_chunks_give_value_and_gradient_of_the_plain_loss(
    dtype: torch.dtype, atol: float, chunk_elements: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(loss_module.CHUNK_ELEMENTS, "cpu", chunk_elements)
    logits, targets = logits_and_targets(dtype)
    nats, count = cross_entropy(logits, targets)
    expected, expected_count = cross_entropy_plain(logits, targets)

    assert int(count) == int(expected_count) == 3 * 7 - 4
    torch.testing.assert_close(nats, expected)
    (gradient,) = torch.autograd.grad(nats / count, logits)
    (expected_gradient,) = torch.autograd.grad(expected / count, logits)
    torch.testing.assert_close(gradient, expected_gradient, atol=atol, rtol=0)
    assert not gradient[0, :4].any()


def test_equal_logits_cost_ln_v_and_certainty_costs_nothing() -> None:
    nats, count = cross_entropy(torch.zeros(2, 3, 64), torch.ones(2, 3, dtype=torch.int64))
    assert nats.item() / count.item() == pytest.approx(math.log(64))
    sure = torch.zeros(1, 1, 64)
    sure[..., 5] = 200.0
    assert cross_entropy(sure, torch.tensor([[5]]))[0].item() == 0.0
    assert cross_entropy(sure, torch.tensor([[6]]))[0].item() == pytest.approx(200.0)


def test_nan_stays_nan() -> None:
    """A loss of 0 that was NaN is the worst of all."""
    logits = torch.full((1, 2, 8), float("nan"))
    assert torch.isnan(cross_entropy(logits, torch.tensor([[1, 2]]))[0])
