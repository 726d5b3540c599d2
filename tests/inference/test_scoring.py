"""Scores in batches, with shared beginnings, are those of one text after the other."""

import random

import pytest
import torch

from groundup.inference.scoring import NothingToScoreError, Request, Score, fitting, score, text_requests
from groundup.model.config import ModelConfig
from groundup.model.transformer import Transformer

V, T = 50, 24


@pytest.fixture(scope="module", params=["qwen3", "gpt2", "phi"])
def model(request: pytest.FixtureRequest) -> Transformer:
    config = ModelConfig(request.param, vocab_size=V, block_size=T, n_layer=2, n_head=2, n_embd=32)
    model = Transformer(config)
    chance = torch.Generator().manual_seed(1)
    for parameter in model.parameters():  # far from uniform, so that a mistake shows
        parameter.data.normal_(0, 0.4, generator=chance)
    return model.eval()


def score_plainly(model: Transformer, request: Request) -> Score:
    """The twin: the whole text, one forward pass, log-softmax."""
    ids = torch.tensor([[*request.context, *request.continuation]])
    with torch.inference_mode():
        logits = model(ids[:, :-1])[0, len(request.context) - 1 :]
    targets = ids[0, len(request.context) :]
    nats = -logits.double().log_softmax(-1).gather(1, targets[:, None]).sum()
    return Score(float(nats), len(targets), bool((logits.argmax(-1) == targets).all()))


def random_groups(seed: int, n: int) -> list[list[Request]]:
    chance = random.Random(seed)
    groups = []
    for _ in range(n):
        context = [0, *(chance.randrange(V) for _ in range(chance.randrange(8)))]
        begin = [chance.randrange(V) for _ in range(chance.randrange(4))]
        continuations = [
            [*begin, *(chance.randrange(V) for _ in range(chance.randint(1, 8)))] for _ in range(chance.randint(1, 4))
        ]
        groups.append([Request(context, continuation) for continuation in continuations])
    return groups


@pytest.mark.parametrize(("batch_tokens", "workers"), [(1, 1), (64, 1), (64, 2), (4096, 1)])
def test_batches_with_shared_beginnings_score_like_single_texts(
    model: Transformer, batch_tokens: int, workers: int
) -> None:
    groups = random_groups(1, 40)
    found = score(model, groups, batch_tokens=batch_tokens, workers=workers)
    for group, scores in zip(groups, found, strict=True):
        for request, one in zip(group, scores, strict=True):
            expected = score_plainly(model, request)
            assert one.nats == pytest.approx(expected.nats, abs=1e-4)
            assert (one.tokens, one.greedy) == (expected.tokens, expected.greedy)


def test_what_greedy_decoding_writes_is_greedy(model: Transformer) -> None:
    ids = [0, 7]
    with torch.inference_mode():
        for _ in range(4):
            ids.append(int(model(torch.tensor([ids]))[0, -1].argmax()))
    right, wrong = Request(ids[:2], ids[2:]), Request(ids[:2], [*ids[2:-1], (ids[-1] + 1) % V])
    ((good, bad),) = score(model, [[right, wrong]])
    assert good.greedy
    assert not bad.greedy
    assert good.nats < bad.nats


def test_the_same_call_gives_the_same_numbers_with_any_number_of_workers(model: Transformer) -> None:
    groups, threads = random_groups(2, 60), torch.get_num_threads()
    first = score(model, groups, batch_tokens=128)
    assert score(model, groups, batch_tokens=128) == first
    assert score(model, groups, batch_tokens=128, workers=3) == first
    torch.set_num_threads(2)
    try:
        assert score(model, groups, batch_tokens=128, workers=3) == first
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(threads)


def test_equal_requests_and_a_choice_that_begins_another_are_scored(model: Transformer) -> None:
    short, long = Request([0, 3], [5]), Request([0, 3], [5, 6])
    ((a, b, c),) = score(model, [[short, long, short]])
    assert a == c
    assert b.nats == pytest.approx(score_plainly(model, long).nats, abs=1e-4)
    assert score(model, [[]]) == [[]]


@pytest.mark.parametrize("length", [1, 2, 5, 24, 25, 60])
@pytest.mark.parametrize(("window", "stride"), [(24, 24), (24, 8), (10, 10), (10, 1)])
def test_windows_score_every_token_once_and_fit(length: int, window: int, stride: int) -> None:
    ids = list(range(length))
    requests = list(text_requests(ids, window, stride))
    assert [token for request in requests for token in request.continuation] == ids[1:]
    for number, request in enumerate(requests):
        inputs = [*request.context, *request.continuation][:-1]
        assert len(inputs) <= window
        assert number == 0 or len(request.continuation) <= stride
        first = request.continuation[0]
        assert list(request.context) == ids[first - len(request.context) : first], "the tokens that stand before it"
    if stride < window:
        assert all(len(request.context) >= window - stride for request in requests[1:])


def test_a_context_that_is_too_long_loses_its_beginning() -> None:
    cut = fitting(Request(list(range(30)), [7, 8]), 16)
    assert len(cut.context) + len(cut.continuation) == 17
    assert list(cut.context) == list(range(15, 30))


@pytest.mark.parametrize("request_", [Request([], [1]), Request([0], []), Request([0], [1] * 30)])
def test_what_cannot_be_scored_is_said(request_: Request) -> None:
    with pytest.raises(NothingToScoreError, match="an item of the evaluation"):
        fitting(request_, 16)
