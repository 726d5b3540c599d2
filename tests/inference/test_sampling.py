"""From logits to tokens: distributions worked out by hand, and what is drawn from them."""

import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from groundup.inference.sampling import keep_top_k, keep_top_p, next_tokens, pick, pick_each, probabilities

LOGITS = torch.tensor([0.5, 0.125, 0.25, 0.125]).log()  # so that softmax gives these numbers back
logit_rows = st.lists(st.floats(-20, 20, width=16), min_size=1, max_size=30).map(torch.tensor)


def kept(logits: Tensor) -> list[int]:
    return torch.nonzero(logits.isfinite()).flatten().tolist()


def generators(*seeds: int) -> list[torch.Generator]:
    return [torch.Generator().manual_seed(seed) for seed in seeds]


@pytest.mark.parametrize(
    ("k", "expected"), [(1, [0]), (2, [0, 2]), (3, [0, 1, 2]), (4, [0, 1, 2, 3]), (9, [0, 1, 2, 3])]
)
def test_top_k_keeps_the_largest_and_of_equal_ones_the_first(k: int, expected: list[int]) -> None:
    assert kept(keep_top_k(LOGITS, k)) == expected
    assert torch.equal(keep_top_k(LOGITS, k)[expected], LOGITS[expected])


def test_top_k_keeps_exactly_k_of_many_equal_logits() -> None:
    assert kept(keep_top_k(torch.zeros(10), 3)) == [0, 1, 2]


def test_top_k_of_one_is_greedy_among_equal_bf16_logits() -> None:
    logits = torch.tensor([[1.0, 7.0, 7.0, 7.0]], dtype=torch.bfloat16).expand(50, -1)
    assert set(next_tokens(logits, generators(*range(50)), temperature=5.0, top_k=1)) == {1}


@pytest.mark.parametrize(
    ("p", "expected"),
    [
        (1e-9, [0]),
        (0.5, [0]),
        (0.51, [0, 2]),
        (0.75, [0, 2]),
        (0.8, [0, 1, 2]),
        (0.9, [0, 1, 2, 3]),
        (1.0, [0, 1, 2, 3]),
    ],
)
def test_top_p_keeps_the_fewest_that_reach_p(p: float, expected: list[int]) -> None:
    assert kept(keep_top_p(LOGITS, p)) == expected


def test_top_p_of_one_certain_token_and_of_a_flat_row() -> None:
    assert kept(keep_top_p(torch.tensor([0.0, 100.0, 0.0]), 0.999)) == [1]
    assert kept(keep_top_p(torch.zeros(4), 0.5)) == [0, 1]


def test_temperature_by_hand() -> None:
    row = probabilities(LOGITS, temperature=0.5, top_k=None, top_p=None)
    squares = torch.tensor([0.25, 0.015625, 0.0625, 0.015625])
    torch.testing.assert_close(row, squares / squares.sum())


def test_filters_see_the_tempered_logits_and_each_other() -> None:
    """At temperature 1/2 the first token has 0.727 of all, and 0.8 of what top-k leaves."""
    both = probabilities(LOGITS, temperature=0.5, top_k=2, top_p=0.75)
    assert both.tolist() == [1.0, 0.0, 0.0, 0.0]
    alone = probabilities(LOGITS, temperature=0.5, top_k=None, top_p=0.75)
    torch.testing.assert_close(alone, torch.tensor([0.8, 0.0, 0.2, 0.0]))


@pytest.mark.parametrize(
    "off", [{"top_k": None, "top_p": None}, {"top_k": 0, "top_p": 1.0}, {"top_k": 4, "top_p": None}]
)
def test_filters_that_are_off_change_nothing(off: dict) -> None:
    torch.testing.assert_close(probabilities(LOGITS, temperature=1.0, **off), LOGITS.exp())


@pytest.mark.parametrize("temperature", [1e-300, 1e-38, 1e-3])
def test_a_low_temperature_becomes_greedy_and_not_nan(temperature: float) -> None:
    row = probabilities(torch.tensor([5.0, 30.0, -2.0]), temperature=temperature, top_k=None, top_p=0.9)
    assert row.tolist() == [0.0, 1.0, 0.0]


@given(logits=logit_rows, k=st.integers(1, 30), p=st.floats(0.01, 1.0), temperature=st.floats(0.05, 5.0))
def test_what_is_left_is_a_distribution_over_the_likeliest(
    logits: Tensor, k: int, p: float, temperature: float
) -> None:
    row = probabilities(logits, temperature=temperature, top_k=k, top_p=p)
    assert math.isclose(float(row.sum()), 1.0, abs_tol=1e-5)
    n_left = int((row > 0).sum())
    assert 1 <= n_left <= k
    assert row[logits.argmax()] > 0
    # Nothing that is left is less likely than something that is not.
    assert logits[row > 0].min() >= logits.sort(descending=True).values[n_left - 1]


def test_greedy_takes_the_first_of_the_likeliest() -> None:
    logits = torch.tensor([[1.0, 3.0, 3.0], [9.0, 3.0, 3.0]])
    assert next_tokens(logits, generators(1, 2), temperature=0) == [1, 0]


def test_draws_have_their_probabilities() -> None:
    """Of 4000 draws, each count within four deviations of what is expected."""
    drawn = next_tokens(LOGITS.expand(4000, -1), generators(*range(4000)), temperature=1.0)
    counts = torch.bincount(torch.tensor(drawn), minlength=4)
    for count, chance in zip(counts.tolist(), LOGITS.exp().tolist(), strict=True):
        assert abs(count - 4000 * chance) < 4 * math.sqrt(4000 * chance * (1 - chance))


@pytest.mark.parametrize(
    ("share", "index"), [(0.0, 1), (0.249, 1), (0.25, 3), (0.5, 3), (0.999, 3), (math.nextafter(1.0, 0.0), 3)]
)
def test_a_share_picks_the_index_where_it_falls_and_none_without_chance(share: float, index: int) -> None:
    assert pick(torch.tensor([0.0, 0.25, 0.0, 0.75, 0.0]), share) == index


@given(st.lists(st.floats(0, 1, width=32), min_size=1, max_size=50).filter(any), st.floats(0, 1, exclude_max=True))
def test_what_has_no_chance_is_never_picked(chances: list[float], share: float) -> None:
    assert chances[pick(torch.tensor(chances), share)] > 0


def test_a_row_draws_from_its_own_generator_alone() -> None:
    logits = torch.randn(3, 50, generator=torch.Generator().manual_seed(4))
    together = next_tokens(logits, generators(7, 8, 9), temperature=2.0)
    alone = [next_tokens(logits[i : i + 1], generators(7 + i), temperature=2.0)[0] for i in range(3)]
    assert together == alone


def test_the_same_seed_draws_the_same() -> None:
    logits = torch.zeros(1, 1000)
    draws = [next_tokens(logits, generators(seed), temperature=1.0) for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_the_smallest_top_p_leaves_the_likeliest_token() -> None:
    logits = torch.tensor([[0.1, 3.0, 0.2]])
    assert keep_top_p(logits, 1e-320).isfinite().tolist() == [[False, True, False]]


def test_picks_side_by_side_are_those_made_alone() -> None:
    distributions = torch.rand(7, 333, generator=torch.Generator().manual_seed(1)).softmax(dim=-1)
    shares = [0.0, 0.1, 0.25, 0.5, 0.75, 0.999, 1 - 2**-53]
    alone = [pick(row, share) for row, share in zip(distributions, shares, strict=True)]
    assert pick_each(distributions, shares) == alone
    assert alone[0] == 0
    assert alone[-1] == 332
