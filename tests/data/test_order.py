"""The order of windows: a permutation for every size, and a pure function of what is recorded."""

import tracemalloc
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from toy_corpus import make_sets

from groundup.data.order import Order, make_windows, permute, permute_many, whole_shares
from groundup.utils.errors import UserError

GOLDEN = [(0, 3557514), (1, 2803145250), (1, 1855149537)]
SIZES = [*range(1, 40), 63, 64, 65, 100, 255, 257, 999, 1000, 1024, 4097]


@pytest.mark.parametrize("n", SIZES)
def test_every_window_stands_exactly_once(n: int) -> None:
    for key in (0, 1, 2**63 - 1):
        assert sorted(permute(index, n, key) for index in range(n)) == list(range(n))


@settings(max_examples=200, deadline=None)
@given(n=st.integers(1, 10**12), key=st.integers(0, 2**63 - 1), data=st.data())
def test_arrays_and_numbers_agree(n: int, key: int, data: st.DataObject) -> None:
    indices = data.draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=20))
    result = permute_many(np.array(indices), n, key)
    assert result.tolist() == [permute(index, n, key) for index in indices]
    assert (result < n).all()
    assert len(set(result.tolist())) == len(set(indices))  # one to one


def test_keys_give_different_orders() -> None:
    orders = {tuple(permute(index, 50, key) for index in range(50)) for key in range(200)}
    assert len(orders) == 200


@pytest.mark.parametrize("n", [2, 3, 4, 5, 7, 12])
def test_no_place_prefers_a_window(n: int) -> None:
    """Chi-square of where each index goes over many keys, against its 1-in-10000 bound (Wilson and Hilferty 1931)."""
    draws = 4000
    for index in range(n):
        seen = Counter(permute(index, n, key) for key in range(draws))
        chi_square = sum((seen[place] - draws / n) ** 2 / (draws / n) for place in range(n))
        degrees = n - 1
        bound = degrees * (1 - 2 / (9 * degrees) + 3.9 * (2 / (9 * degrees)) ** 0.5) ** 3
        assert chi_square < bound


def test_neighbours_do_not_stay_neighbours() -> None:
    n = 100_000
    order = permute_many(np.arange(n), n, 7)
    distances = np.abs(np.diff(order))
    assert (distances == 1).mean() < 1e-3
    assert distances.mean() == pytest.approx(n / 3, rel=0.02)  # the mean distance of two random places
    assert abs(np.corrcoef(np.arange(n), order)[0, 1]) < 0.02


def test_each_epoch_reads_everything_once_in_an_order_of_its_own() -> None:
    order = Order(["a", "b", "c"], [5, 0, 8], window_size=4, seed=3)
    epochs = [[order.at(epoch * 13 + place) for place in range(13)] for epoch in range(4)]
    everything = [("a", n) for n in range(5)] + [("c", n) for n in range(8)]
    for epoch in epochs:
        assert sorted((order.datasets[dataset], window) for dataset, window in epoch) == everything
    assert len({tuple(epoch) for epoch in epochs}) == 4
    assert [Order(order.datasets, [5, 0, 8], 4, seed=4).at(place) for place in range(13)] != epochs[0]


def test_any_position_is_reached_at_once_and_for_ever() -> None:
    """Golden places: a change here would change the order of every run that is resumed."""
    order = Order(["a", "b"], [10**9, 3 * 10**9], window_size=1024, seed=1)
    assert [order.at(place) for place in (0, 1, 10**10)] == GOLDEN
    datasets, windows = order.at_many(np.array([10**10, 0, 1]))
    assert list(zip(datasets.tolist(), windows.tolist(), strict=True)) == [GOLDEN[2], GOLDEN[0], GOLDEN[1]]


def test_a_recorded_order_is_the_same_order(tmp_path: Path) -> None:
    sets = make_sets(tmp_path)
    order = Order.over(sets, seed=5, window_size=8)
    assert order.window_counts == [make_windows(token_set, 8).count for token_set in sets]
    assert Order.from_dict(order.to_dict()) == order


def test_no_windows_at_all_says_so() -> None:
    with pytest.raises(UserError, match="Not enough tokens for training"):
        Order.over([], seed=1, window_size=8)


MIXED = Order(["a", "b", "c"], [50, 700, 3], window_size=4, seed=3, shares=[20, 79, 1])


def test_a_mixture_keeps_its_shares_in_every_block_and_reads_each_dataset_in_epochs_of_its_own() -> None:
    datasets, windows = MIXED.at_many(np.arange(3000))
    for block in range(30):
        assert np.bincount(datasets[100 * block : 100 * block + 100]).tolist() == [20, 79, 1]
    for dataset, count in enumerate(MIXED.window_counts):
        read = windows[datasets == dataset]
        whole = len(read) // count  # epochs; blocks may straddle their borders, but each window stands once in each
        seen = np.bincount(read, minlength=count)
        assert seen.min() >= whole
        assert seen.max() - seen.min() <= 1
    first, second = windows[datasets == 2][:3].tolist(), windows[datasets == 0][:50].tolist()
    assert sorted(first) == [0, 1, 2]
    assert sorted(second) != second


def test_a_mixture_is_reached_anywhere_at_once() -> None:
    places = np.array([0, 99, 100, 12345, 10**12])
    datasets, windows = MIXED.at_many(places)
    assert [MIXED.at(int(place)) for place in places] == list(zip(datasets.tolist(), windows.tolist(), strict=True))
    assert Order.from_dict(MIXED.to_dict()) == MIXED
    assert Order.from_dict({key: value for key, value in MIXED.to_dict().items() if key != "shares"}).shares is None


@given(weights=st.lists(st.floats(0, 1e6), min_size=1, max_size=30).filter(lambda weights: sum(weights) > 1e-3))
def test_whole_shares_add_up_and_leave_nobody_out(weights: list[float]) -> None:
    shares = whole_shares(weights, 3000)
    assert sum(shares) == 3000
    for weight, share in zip(weights, shares, strict=True):
        assert (share > 0) == (weight > 0)
        assert abs(share - 3000 * weight / sum(weights)) <= 1 + len(weights)


def test_ten_billion_windows_take_no_memory_and_no_time() -> None:
    """Any place of an order over 10^10 windows, alone or as a mixture: the same for every division into ranks."""
    counts = [7 * 10**9, 3 * 10**9 - 1, 1]
    for shares in (None, [700, 299, 1]):
        order = Order(["a", "b", "c"], counts, window_size=2048, seed=1, shares=shares)
        for start in (0, 10**10 - 16, 123_456_789_012):  # the first epoch, across its end, the thirteenth
            tracemalloc.start()
            batch = np.arange(start, start + 64)
            datasets, windows = order.at_many(batch)
            assert tracemalloc.get_traced_memory()[1] < 1 << 20
            tracemalloc.stop()
            assert (windows < np.array(counts)[datasets]).all()
            assert (windows >= 0).all()
            for ranks in (1, 2, 4):
                for rank in range(ranks):
                    mine = order.at_many(batch[rank::ranks])
                    assert mine[0].tolist() == datasets[rank::ranks].tolist()
                    assert mine[1].tolist() == windows[rank::ranks].tolist()
