import pytest
import torch

from groundup.training.muon import Muon, orthogonalize


def matrices(*shapes: tuple[int, int], seed: int = 0) -> list[torch.nn.Parameter]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.nn.Parameter(torch.randn(shape, generator=generator)) for shape in shapes]


@pytest.mark.parametrize("shape", [(8, 32), (32, 8), (16, 16)])
def test_singular_values_come_close_to_one(shape: tuple[int, int]) -> None:
    x = torch.randn(3, *shape, generator=torch.Generator().manual_seed(0))
    values = torch.linalg.svdvals(orthogonalize(x, 5).float())
    assert values.min() > 0.5
    assert values.max() < 1.3


def test_a_batch_is_orthogonalised_as_each_matrix_alone() -> None:
    x = torch.randn(4, 24, 16, generator=torch.Generator().manual_seed(1))
    together = orthogonalize(x, 3).float()
    alone = torch.stack([orthogonalize(matrix[None], 3)[0].float() for matrix in x])
    torch.testing.assert_close(together, alone, atol=0.02, rtol=0.02)


def test_updates_equal_the_reference_optimizer() -> None:
    """torch.optim.Muon is the slow twin: one matrix at a time, five steps of Newton-Schulz."""
    shapes = [(16, 16), (48, 16), (16, 48), (16, 16)]
    ours, theirs = matrices(*shapes), matrices(*shapes)
    fast = Muon(ours, lr=0.02, weight_decay=0.1, momentum=0.9, steps=5)
    slow = torch.optim.Muon(theirs, lr=0.02, weight_decay=0.1, momentum=0.9, ns_steps=5, adjust_lr_fn="original")
    for step in range(4):
        for a, b, gradient in zip(ours, theirs, matrices(*shapes, seed=10 + step), strict=True):
            a.grad, b.grad = gradient.detach().clone(), gradient.detach().clone()
        fast.step()
        slow.step()
    for a, b, start in zip(ours, theirs, matrices(*shapes), strict=True):
        moved = (b - start).norm()
        assert (a - b).norm() < 0.02 * moved  # both iterate in bfloat16, in another order


def test_vectors_are_refused() -> None:
    with pytest.raises(AssertionError, match="matrices"):
        Muon([torch.nn.Parameter(torch.zeros(3))], lr=0.1)
