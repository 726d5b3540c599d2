"""The kernels in C equal their plain twins, in value and gradient."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from groundup.model import functions, fused
from groundup.model.config import ModelConfig, resolve
from groundup.model.dropout import draw_kept
from groundup.model.loss import IGNORED, cross_entropy, cross_entropy_plain
from groundup.model.native.kernels import fits, load_kernels
from groundup.model.transformer import attention_mask, rotary_tables, segments_begin

KERNELS = load_kernels()
pytestmark = [
    pytest.mark.skipif(isinstance(KERNELS, str), reason=f"no kernels: {KERNELS}"),
    pytest.mark.usefixtures("one_thread"),
]

DTYPES = pytest.mark.parametrize(
    ("dtype", "atol"), [(torch.float32, 2e-5), (torch.bfloat16, 0.04)], ids=["f32", "bf16"]
)


def draw(*shape: int, dtype: torch.dtype = torch.float32, seed: int = 3) -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(shape, generator=generator).to(dtype).requires_grad_()


def assert_same(
    fast: Callable[..., Tensor], plain: Callable[..., Tensor], inputs: list[Tensor], atol: float, name: str
) -> None:
    """The plain twin computes in float64; `name` is the fused function that the fast one must go through."""
    exact = [x.detach().double().requires_grad_() for x in inputs]
    out, expected = fast(*inputs), plain(*exact)
    assert out.grad_fn is not None
    assert out.grad_fn.name() == f"{name}Backward"
    upstream = draw(*out.shape, seed=5).detach()
    upstream = upstream.transpose(0, 1).contiguous().transpose(0, 1)  # not in order, as it may come
    torch.testing.assert_close(out.double(), expected, atol=atol, rtol=atol)
    found = torch.autograd.grad(out, inputs, upstream.to(out.dtype))
    wanted = torch.autograd.grad(expected, exact, upstream.to(out.dtype).double())
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(one.double(), other, atol=atol, rtol=atol)


@DTYPES
@pytest.mark.parametrize("size", [16, 208])
def test_rms_norm(dtype: torch.dtype, atol: float, size: int) -> None:
    assert_same(
        lambda x, gain: functions.rms_norm(x, gain, 0.1),
        lambda x, gain: functions.rms_norm_plain(x, gain, 0.1),
        [draw(3, 5, size, dtype=dtype), draw(size)],
        2 * atol,
        "RmsNorm",
    )


@DTYPES
@pytest.mark.parametrize("per_row", [False, True], ids=["one table", "a table per row"])
@pytest.mark.parametrize("share", [1.0, 0.5])
def test_heads(dtype: torch.dtype, atol: float, share: float, per_row: bool) -> None:
    config = resolve(ModelConfig(block_size=7, n_embd=128, n_head=2, rotary_share=share))
    cos, sin = rotary_tables(config)
    if per_row:
        places = torch.tensor([[0, 1, 2, 3, 4, 5, 6], [0, 1, 0, 1, 2, 3, 4]])
        cos, sin = cos[places].unsqueeze(1), sin[places].unsqueeze(1)

    def plain(x: Tensor, gain: Tensor) -> Tensor:
        y = functions.rms_norm_plain(x.unflatten(-1, (2, 64)).transpose(1, 2), gain, 0.1)
        return functions.rotate_plain(y, cos.double(), sin.double(), config.rotary_size // 2)

    assert_same(
        lambda x, gain: functions.split_heads(x, 64, gain, 0.1, (cos, sin), config.rotary_size // 2),
        plain,
        [draw(2, 7, 128, dtype=dtype), draw(64)],
        atol,
        "Heads",
    )


def test_heads_without_norm_and_rotation_are_a_transposed_copy() -> None:
    x = draw(2, 7, 128, dtype=torch.bfloat16)
    y = functions.split_heads(x, 64, None, 0.0, None, 0)
    assert y.is_contiguous()
    assert torch.equal(y, x.unflatten(-1, (2, 64)).transpose(1, 2))
    (grad,) = torch.autograd.grad(y, x, 2 * y.detach())
    assert torch.equal(grad, 2 * x)


@DTYPES
@pytest.mark.parametrize("n_kv", [1, 4])
@pytest.mark.parametrize("size", [16, 48])
@pytest.mark.parametrize("documents", [False, True], ids=["one document", "several"])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_causal_attention(
    dtype: torch.dtype, atol: float, n_kv: int, size: int, documents: bool, dropout: float
) -> None:
    segments, begins = None, None
    if documents:
        lengths = torch.tensor([3, 5, size - 8]), torch.tensor([size - 1, 1])
        segments = torch.stack([torch.arange(len(row)).repeat_interleave(row) for row in lengths])
        begins = segments_begin(segments).to(torch.int32)
    mask = attention_mask(torch.zeros(2, size, 1, dtype=torch.float64), 0, segments)
    kept = draw_kept(torch.empty(2, 4, size, size, dtype=dtype), dropout) if dropout else None
    exact = None if kept is None else kept.double()
    assert_same(
        lambda q, k, v: functions.attend(q, k, v, mask, causal=not documents, begins=begins, kept=kept),
        lambda q, k, v: functions.attend_plain(q, k, v, mask, exact),
        [
            draw(2, 4, size, 32, dtype=dtype),
            draw(2, n_kv, size, 32, dtype=dtype),
            draw(2, n_kv, size, 32, dtype=dtype, seed=4),
        ],
        2 * atol,
        "CausalAttention",
    )


@DTYPES
def test_swiglu(dtype: torch.dtype, atol: float) -> None:
    assert_same(
        functions.swiglu,
        lambda gate, up: F.silu(gate) * up,
        [4 * draw(3, 5, 48, dtype=dtype).detach().requires_grad_(), draw(3, 5, 48, dtype=dtype, seed=4)],
        atol,
        "SwiGlu",
    )


@DTYPES
@pytest.mark.parametrize("vocabulary", [64, 5, 77])
def test_cross_entropy(dtype: torch.dtype, atol: float, vocabulary: int) -> None:
    logits = (5 * draw(3, 7, vocabulary)).to(dtype).detach().requires_grad_()
    targets = torch.randint(0, vocabulary, (3, 7), generator=torch.Generator().manual_seed(4))
    targets[0, :4] = IGNORED
    targets[2, 6] = vocabulary - 1
    assert fits(logits)
    nats, count = cross_entropy(logits, targets)
    expected, _ = cross_entropy_plain(logits, targets)
    torch.testing.assert_close(nats, expected)
    (gradient,) = torch.autograd.grad(nats / count, logits)
    (expected_gradient,) = torch.autograd.grad(expected / count, logits)
    torch.testing.assert_close(gradient, expected_gradient, atol=atol / 10, rtol=0)
    assert not gradient[0, :4].any()


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_what_is_not_finite_is_not_hidden(bad: float) -> None:
    x = torch.ones(2, 32)
    x[1, 3] = bad
    targets = torch.zeros(2, dtype=torch.int64)
    assert not torch.isfinite(cross_entropy(x.clone().requires_grad_(), targets)[0])
    for place in (3, 20):  # within a whole vector, and in the rest
        row = torch.ones(1, 21)
        row[0, place] = bad
        assert not torch.isfinite(cross_entropy(row.requires_grad_(), targets[:1])[0])
    assert not torch.isfinite(functions.rms_norm(x.clone().requires_grad_(), torch.ones(32), 1e-6)[1]).all()
    scores = x.expand(1, 1, 2, 32).repeat(1, 1, 16, 1)
    out = functions.attend(scores.clone().requires_grad_(), scores, torch.ones(1, 1, 32, 32), None, causal=True)
    assert not torch.isfinite(out).all()


def test_bf16_is_rounded_as_pytorch_rounds() -> None:
    """A rotation by nothing writes what it read, from fp32 arithmetic: sums that lie between two bf16 numbers."""
    gate, up = draw(64, 16, dtype=torch.bfloat16), draw(64, 16, dtype=torch.bfloat16, seed=9)
    parts = [gate.detach(), up.detach()]
    total = torch.empty(64 * 16)
    fused.add_up(total, [part.flatten() for part in parts], fresh=True)
    assert torch.equal(total, (parts[0].float() + parts[1].float()).flatten())
    fused.add_up(total, [parts[0].flatten()], fresh=False)
    assert torch.equal(total, (parts[0].float() + parts[1].float() + parts[0].float()).flatten())
    ones = torch.ones(16)
    scaled = functions.rms_norm(gate, ones, 0.5)
    s = (gate.float().square().mean(-1, keepdim=True) + 0.5).rsqrt()
    assert ((scaled != (gate.float() * s).bfloat16()).float().mean()) < 0.01


def test_what_does_not_fit_goes_another_way() -> None:
    assert not fits(torch.zeros(2, 17), 17)
    assert not fits(torch.zeros(16, 32).t(), 32)
    assert not fits(torch.zeros(2, 16, dtype=torch.float64), 16)
    torch.set_num_threads(2)
    assert not fits(torch.zeros(2, 16), 16)
