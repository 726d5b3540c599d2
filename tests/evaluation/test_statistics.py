"""Intervals and tests against values from textbooks, and against counting."""

import math
from itertools import product

import numpy as np
import pytest

from groundup.evaluation.statistics import (
    bootstrap_difference,
    bootstrap_ratio,
    sign_test,
    wilson_interval,
)


def test_wilson_interval_is_that_of_the_literature() -> None:
    # Newcombe 1998, Statistics in Medicine 17, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29.
    for (k, n), expected in {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }.items():
        assert wilson_interval(k, n) == pytest.approx(expected, abs=5e-5)
    assert wilson_interval(0, 0) == (0.0, 1.0)
    assert wilson_interval(20, 20)[1] == 1.0


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (3, 3), (5, 0), (7, 2), (1, 8)])
def test_the_sign_test_counts_outcomes_of_coins(wins: int, losses: int) -> None:
    n = wins + losses
    far = abs(wins - losses)
    as_far = sum(abs(n - 2 * sum(coins)) >= far for coins in product((0, 1), repeat=n))
    assert sign_test(wins, losses) == pytest.approx(as_far / 2**n)


def test_the_sign_test_holds_for_large_numbers() -> None:
    assert sign_test(10_000, 10_000) == pytest.approx(1.0, abs=0.01)
    z = 200 / math.sqrt(20_000)
    assert sign_test(9_900, 10_100) == pytest.approx(math.erfc(z / math.sqrt(2)), abs=0.01)
    assert sign_test(0, 2000) < 1e-300


def test_bootstrap_interval_has_the_width_of_the_normal_one() -> None:
    chance = np.random.default_rng(5)
    bits, sizes = chance.normal(100, 20, 400), np.full(400, 100.0)
    low, high = bootstrap_ratio(bits.tolist(), sizes.tolist())
    mean, error = bits.mean() / 100, bits.std() / 100 / math.sqrt(400)
    assert (low, high) == pytest.approx((mean - 1.96 * error, mean + 1.96 * error), rel=0.02)
    assert bootstrap_ratio([3.0], [4.0]) == (0.75, 0.75)


def test_paired_differences_are_found_where_unpaired_ones_drown() -> None:
    chance = np.random.default_rng(6)
    size = chance.integers(100, 10_000, 200).astype(float)
    first = size * chance.normal(1, 0.3, 200)
    second = first + size * chance.normal(0.01, 0.02, 200)
    difference, (low, high), p = bootstrap_difference(first.tolist(), second.tolist(), size.tolist())
    assert difference == pytest.approx((second.sum() - first.sum()) / size.sum())
    assert 0 < low < difference < high
    assert p < 0.01
    assert bootstrap_difference(first.tolist(), first.tolist(), size.tolist())[2] == 1.0
    assert bootstrap_difference([1.0], [2.0], [1.0])[2] == 1.0
