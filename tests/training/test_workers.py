"""Threads that share the rows of a step compute what one does."""

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from groundup.model.config import ModelConfig, resolve
from groundup.model.dropout import own_chance
from groundup.model.initialisation import initialise
from groundup.model.lora import add_adapters
from groundup.model.loss import IGNORED
from groundup.model.transformer import Transformer
from groundup.training.config import load_config
from groundup.training.parallel import Parallel
from groundup.training.pretrain import pretrain
from groundup.training.probe import shallow, step_seconds
from groundup.training.settings import TrainingConfig
from groundup.training.settle import SHARED_CHANCE, choose_workers
from groundup.training.step import (
    NEXT_TOKEN,
    MicroBatch,
    Objective,
    compute_gradients,
    next_token_loss,
    next_token_loss_plain,
    split_rows,
)
from groundup.utils.errors import UserError


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def build(dtype: torch.dtype, **shape: object) -> Transformer:
    model = Transformer(ModelConfig(vocab_size=64, block_size=16, n_layer=2, n_head=2, n_embd=64, **shape))  # type: ignore[arg-type]
    initialise(model, seed=1)
    for parameter in model.parameters():  # nothing at zero, or half of the gradients would be
        parameter.data += 0.02 * torch.randn(parameter.shape, generator=torch.Generator().manual_seed(2))
    model.set_compute(dtype)
    return model


def draw_batch(rows: int, *, segments: bool = False) -> MicroBatch:
    generator = torch.Generator().manual_seed(rows)
    ids = torch.randint(0, 64, (rows, 17), generator=generator)
    targets = ids[:, 1:].clone()
    targets[0, :9] = IGNORED
    parts = (torch.arange(16) >= 7).long().expand(rows, -1) if segments else None
    return MicroBatch(ids[:, :-1], targets, parts)


def gradients(model: nn.Module) -> dict[str, Tensor]:
    return {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}


@pytest.mark.parametrize("learned", [0, 5, 60], ids=["none", "some", "most"])
@pytest.mark.parametrize(("dtype", "rel"), [(torch.float32, 1e-5), (torch.bfloat16, 0.03)], ids=["f32", "bf16"])
def test_logits_of_what_counts_teach_the_same_as_all_of_them(dtype: torch.dtype, rel: float, learned: int) -> None:
    """The head leaves out what tuning does not learn from."""
    model, batch = build(dtype), draw_batch(4, segments=True)
    batch.targets.view(-1)[: 64 - learned] = IGNORED
    found, sizes = {}, []
    model.head.register_forward_hook(lambda module, given, logits: sizes.append(logits.numel()))
    for loss in (next_token_loss, next_token_loss_plain):
        model.zero_grad()
        total = loss(model, batch)
        total.backward()
        found[loss] = {"loss": total.detach(), **gradients(model)}
    fast, plain = found[next_token_loss], found[next_token_loss_plain]
    assert fast.keys() == plain.keys()
    for name, wanted in plain.items():
        assert (fast[name] - wanted).norm() <= rel * wanted.norm(), name
    assert sizes == ([8 * 64] if learned == 5 else [64 * 64]) + [64 * 64]  # 5 of 64 positions, in eighths


@pytest.mark.parametrize("segments", [False, True])
@pytest.mark.parametrize("shape", [{}, {"architecture": "gpt2"}, {"n_kv_head": 1, "tied_embeddings": True}], ids=str)
@pytest.mark.parametrize(("dtype", "rel"), [(torch.float32, 2e-5), (torch.bfloat16, 0.03)], ids=["f32", "bf16"])
def test_gradients_are_those_of_one_thread(
    dtype: torch.dtype, rel: float, shape: dict[str, object], segments: bool
) -> None:
    one, several = build(dtype, **shape), build(dtype, **shape)
    batches = [draw_batch(5, segments=segments), draw_batch(3, segments=segments)]
    expected_loss, expected_count = compute_gradients(one, batches)
    loss, count = compute_gradients(several, batches, parallel=Parallel(several, workers=3))
    assert count == expected_count
    torch.testing.assert_close(loss, expected_loss, rtol=rel, atol=0)
    expected, found = gradients(one), gradients(several)
    assert found.keys() == expected.keys()
    for name, gradient in found.items():
        assert gradient.dtype == torch.float32
        assert float((gradient - expected[name]).norm()) <= rel * float(expected[name].norm()) + 1e-7, name


def test_the_same_bits_every_time_and_after_an_update_the_new_weights() -> None:
    model = build(torch.bfloat16)
    parallel = Parallel(model, workers=2)
    results = []
    for _ in range(3):
        model.zero_grad(set_to_none=True)
        loss, _ = compute_gradients(model, [draw_batch(8)], parallel=parallel)
        results.append((loss, gradients(model)))
    for loss, found in results[1:]:
        assert torch.equal(loss, results[0][0])
        assert all(torch.equal(found[name], results[0][1][name]) for name in found)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.sub_(results[0][1][name], alpha=0.1)
    fresh = copy.deepcopy(model)
    model.zero_grad(set_to_none=True)
    fresh.zero_grad(set_to_none=True)
    loss, _ = compute_gradients(model, [draw_batch(8)], parallel=parallel)
    expected, _ = compute_gradients(fresh, [draw_batch(8)], parallel=Parallel(fresh, workers=2))
    assert torch.equal(loss, expected)
    assert loss < results[0][0]


def test_dropout_follows_the_seed_alone_whichever_thread_comes_first() -> None:
    model = build(torch.float32, dropout=0.2).train()
    parallel, batch = Parallel(model, workers=2), draw_batch(8)
    losses = []
    for seed in (1, 1, 1, 2):
        torch.manual_seed(seed)
        model.zero_grad(set_to_none=True)
        loss, _ = compute_gradients(model, [batch], parallel=parallel)
        losses.append((float(loss), *(float(gradient.sum()) for gradient in gradients(model).values())))
    assert losses[0] == losses[1] == losses[2]
    assert losses[0] != losses[3]
    torch.manual_seed(1)
    seeds = torch.randint(2**62, (2,)).tolist()
    total = 0.0
    for seed, rows in zip(seeds, split_rows(batch, 2), strict=True):
        with own_chance(seed):
            total += float(next_token_loss(model, rows).detach())
    assert losses[0][0] == pytest.approx(total / int((batch.targets != IGNORED).sum()), rel=1e-5)


def test_frozen_weights_get_no_gradient() -> None:
    model = add_adapters(build(torch.bfloat16), rank=2, alpha=4.0, seed=1)
    compute_gradients(model, [draw_batch(4)], parallel=Parallel(model, workers=2))
    assert set(gradients(model)) == {name for name, p in model.named_parameters() if "lora_" in name}


def test_an_error_in_a_thread_is_the_steps_error_and_the_next_step_works() -> None:
    model = build(torch.float32)
    parallel = Parallel(model, workers=2)
    fail = True

    def loss(model: nn.Module, batch: MicroBatch) -> Tensor:
        if fail and batch.inputs.shape[0] == 1:
            raise MemoryError("no room")
        return NEXT_TOKEN.loss(model, batch)

    objective = Objective(loss, NEXT_TOKEN.count)
    with pytest.raises(MemoryError, match="no room"):
        compute_gradients(model, [draw_batch(3)], objective, parallel)
    fail = False
    found, _ = compute_gradients(model, [draw_batch(3)], objective, parallel)
    torch.testing.assert_close(found, compute_gradients(build(torch.float32), [draw_batch(3)])[0])


def test_rows_are_shared_out_evenly() -> None:
    batch = draw_batch(5)
    assert [len(part.inputs) for part in split_rows(batch, 3)] == [1, 2, 2]
    assert [len(part.inputs) for part in split_rows(batch, 9)] == [1] * 5
    assert torch.equal(torch.cat([part.targets for part in split_rows(batch, 3)]), batch.targets)


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_a_run_that_stops_and_goes_on_ends_with_the_same_bytes(
    write_texts: Callable[..., Path], tiny_config: Path, dropout: float
) -> None:
    write_texts()
    words = ["training.threads=2", "training.workers=2", "training.precision=bfloat16", "training.batch_size=4"]
    words.append(f"model.dropout={dropout}")
    for folder, stops in (("one", [6]), ("two", [2, 4, 6])):
        for stop in stops:
            limits = [f"training.max_steps={stop}", "training.schedule=constant", "training.warmup=0"]
            pretrain(load_config(tiny_config, [*words, *limits, f"training.output_dir=checkpoints/{folder}"]))
    one, two = (
        (Path("checkpoints") / folder / "step-00000006/model/model.safetensors").read_bytes()
        for folder in ("one", "two")
    )
    assert one == two


def test_threads_of_their_own_and_attention_that_shares_chance_are_refused(
    write_texts: Callable[..., Path], tiny_config: Path
) -> None:
    write_texts()
    words = ["training.threads=2", "training.workers=2", "training.attention=sdpa", "model.dropout=0.1"]
    with pytest.raises(UserError, match="attention=explicit or"):
        pretrain(load_config(tiny_config, words))


@pytest.mark.long  # two threads beside other work wait for each other for seconds
def test_the_probe_measures_steps_and_says_what_it_chose() -> None:
    shape = resolve(ModelConfig(vocab_size=300, block_size=512, n_layer=2, n_head=2, n_embd=256))
    settings = TrainingConfig(
        batch_size=2, micro_batch_size=2, block_size=512, threads=2, precision="float32", device="cpu", compile=False
    )
    assert step_seconds(resolve(shallow(shape, 1)), settings, workers=2) > 0
    torch.set_num_threads(2)
    count, reason = choose_workers(shape, settings, torch.device("cpu"), 1)
    assert count in (1, 2)
    assert "times as" in reason
    assert torch.get_num_threads() == 2
    for change in ({"threads": 1}, {"compile": True}):
        assert choose_workers(shape, replace(settings, **change), torch.device("cpu"), 1)[0] == 1
    dropping = replace(settings, attention="sdpa")
    assert choose_workers(replace(shape, dropout=0.1), dropping, torch.device("cpu"), 1) == (1, SHARED_CHANCE)
    assert choose_workers(shape, settings, torch.device("cpu"), 2)[0] == 1
