"""Loss and bits per byte: the sums by hand, and the same whatever number of threads reads."""

import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from groundup.data.loader import Batch
from groundup.evaluation.bits_per_byte import Stopped, evaluate, token_nats
from groundup.model.config import ModelConfig
from groundup.model.initialisation import initialise
from groundup.model.loss import CHUNK_ELEMENTS, IGNORED
from groundup.model.transformer import Transformer

LENGTHS = np.array([0, *range(1, 64)], np.int32)  # token 0 stands for no text


@pytest.fixture(autouse=True)
def threads_as_before() -> Iterator[None]:
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


@pytest.fixture
def model() -> Transformer:
    shape = ModelConfig(vocab_size=64, block_size=32, n_layer=2, n_head=2, n_embd=64)
    return initialise(Transformer(shape), 1)


def draw_batches(number: int) -> list[Batch]:
    generator = np.random.default_rng(5)
    ids = generator.integers(0, 64, (number, 3, 33))
    batches, nowhere = [], np.zeros(0, np.int64)
    for batch in ids:
        goal = batch[:, 1:].copy()
        goal[0, :7] = IGNORED
        batches.append(Batch(batch[:, :-1], goal, None, None, nowhere, nowhere, goal.size, nowhere, nowhere, 0))
    return batches


def test_it_is_the_sum_over_every_target_that_counts(model: Transformer) -> None:
    batches = draw_batches(4)
    found = evaluate(model, batches, LENGTHS, device=torch.device("cpu"))
    nats, text_nats, n_bytes, tokens = 0.0, 0.0, 0, 0
    for batch in batches:
        log_p = model(torch.from_numpy(batch.inputs)).detach().double().log_softmax(-1)
        for row, place in zip(*np.nonzero(batch.targets != IGNORED), strict=True):
            goal = int(batch.targets[row, place])
            nats -= float(log_p[row, place, goal])
            text_nats -= float(log_p[row, place, goal]) * (goal != 0)
            n_bytes, tokens = n_bytes + int(LENGTHS[goal]), tokens + 1
    assert (found.tokens, found.bytes) == (tokens, n_bytes)
    assert found.loss == pytest.approx(nats / tokens, rel=1e-5)
    assert found.bits_per_byte == pytest.approx(text_nats / math.log(2) / n_bytes, rel=1e-5)


def test_threads_change_nothing(model: Transformer) -> None:
    model.set_compute(torch.bfloat16)
    found = []
    for threads in (1, 2, 3):
        torch.set_num_threads(threads)
        found.append(evaluate(model, draw_batches(7), LENGTHS, device=torch.device("cpu")))
        assert torch.get_num_threads() == threads
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("threads", [1, 2])
def test_it_stops_when_asked(model: Transformer, threads: int) -> None:
    torch.set_num_threads(threads)
    answers = iter([False, False, *[True] * 9])
    with pytest.raises(Stopped):
        evaluate(model, draw_batches(8), LENGTHS, device=torch.device("cpu"), should_stop=lambda: next(answers))
    assert model.training


def test_nats_a_few_rows_at_a_time_are_those_of_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CHUNK_ELEMENTS, "cpu", 3 * 64)
    logits, goal = torch.randn(10, 64).bfloat16(), torch.randint(0, 64, (10,))
    goal[4] = IGNORED
    wanted = F.cross_entropy(logits.float(), goal, ignore_index=IGNORED, reduction="none")
    assert torch.equal(token_nats(logits, goal), wanted)
