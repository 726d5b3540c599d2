"""Batches: the same whatever prefetches them, whoever shares them, wherever they were stopped."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy_corpus import make_sets, make_texts, tokenize, write_corpus

from groundup.data.loader import Batch, Batches, validation_windows
from groundup.data.order import Order
from groundup.data.packing import IGNORED
from groundup.data.token_files import TokenSet, find_token_sets
from groundup.utils.errors import UserError

WINDOW, SIZE = 8, 6


@pytest.fixture
def sets(tmp_path: Path) -> list[TokenSet]:
    """Two datasets, packed, of different sizes."""
    make_sets(tmp_path, 30, seed=0)
    return make_sets(tmp_path, 12, seed=1)


def take(sets: list[TokenSet], count: int, **settings: Any) -> list[Batch]:
    order = Order.over(sets, seed=1, window_size=WINDOW)
    with Batches(sets, order, batch_size=SIZE, **settings) as batches:
        return [next(batches) for _ in range(count)]


def steps_of_three_epochs(sets: list[TokenSet]) -> int:
    return 3 * Order.over(sets, seed=1, window_size=WINDOW).windows // SIZE


def as_lists(batch: Batch) -> list[Any]:
    arrays = (batch.inputs, batch.targets, batch.segments, batch.positions, batch.dataset_indices, batch.window_indices)
    return [None if array is None else array.tolist() for array in arrays] + [batch.counted, batch.consumed]


def test_the_plan_is_what_is_read(sets: list[TokenSet]) -> None:
    """Every row is the window that the order names, over three epochs, and shows the tokens that stand there."""
    order = Order.over(sets, seed=1, window_size=WINDOW)
    position = 0
    for batch in take(sets, steps_of_three_epochs(sets)):
        for row in range(SIZE):
            dataset, window = order.at(position)
            assert (batch.dataset_indices[row], batch.window_indices[row]) == (dataset, window)
            by_fingerprint = {token_set.fingerprint: token_set for token_set in sets}
            stream = by_fingerprint[order.datasets[dataset]].tokens.astype(np.int64)
            expected = stream[window * WINDOW : (window + 1) * WINDOW + 1]
            length = len(expected) - 1
            assert batch.inputs[row, :length].tolist() == expected[:-1].tolist()
            assert batch.targets[row, :length].tolist() == expected[1:].tolist()
            assert (batch.inputs[row, length:] == 1).all()
            assert (batch.targets[row, length:] == IGNORED).all()
            position += 1
        assert batch.consumed == position
        assert batch.counted == (batch.targets != IGNORED).sum()


@pytest.mark.parametrize("method", ["pack", "split", "truncate"])
def test_an_epoch_counts_every_target_once(tmp_path: Path, method: str) -> None:
    sets = make_sets(tmp_path, method=method, seq_len=10)
    order = Order.over(sets, seed=1, window_size=WINDOW)
    with Batches(sets, order, batch_size=1) as batches:
        counted = sum(next(batches).counted for _ in range(order.windows))
    (token_set,) = sets
    cut = int((np.diff(token_set.offsets) == 10).sum()) if method == "truncate" else 0
    last_is_cut = cut and int(np.diff(token_set.offsets)[-1]) == 10
    assert counted == token_set.meta.tokens - 1 - cut + bool(last_is_cut)


@pytest.mark.parametrize("prefetch", [0, 1, 5])
def test_prefetching_changes_nothing(sets: list[TokenSet], prefetch: int) -> None:
    count = steps_of_three_epochs(sets)
    reference = [as_lists(batch) for batch in take(sets, count, segments=True)]
    assert [as_lists(batch) for batch in take(sets, count, segments=True, prefetch=prefetch)] == reference


@pytest.mark.parametrize("world_size", [1, 2, 4, 7])
def test_ranks_share_each_batch(sets: list[TokenSet], world_size: int) -> None:
    """Together they read the batch of one; four ranks share six rows raggedly, and of seven one has nothing to count.

    It still gets a row, since all go through the model at the same time.
    """
    whole = take(sets, 10)
    shares = [take(sets, 10, rank=rank, world_size=world_size) for rank in range(world_size)]
    for step, batch in enumerate(whole):
        for rank in range(world_size):
            share = shares[rank][step]
            if rank < SIZE:
                assert share.inputs.tolist() == batch.inputs[rank::world_size].tolist()
                assert share.targets.tolist() == batch.targets[rank::world_size].tolist()
            else:
                assert share.inputs.shape == (1, WINDOW)
                assert (share.targets == IGNORED).all()
            assert share.window_indices.tolist() == batch.window_indices[rank::world_size].tolist()
            assert (share.counted, share.consumed) == (batch.counted, batch.consumed)
            assert share.windows_of.tolist() == [int((batch.dataset_indices == i).sum()) for i in range(len(sets))]
            counts = (batch.targets != IGNORED).sum(axis=1)
            assert share.counted_of.tolist() == [
                int(counts[batch.dataset_indices == i].sum()) for i in range(len(sets))
            ]
            assert share.inputs.shape[1] == WINDOW


def test_it_goes_on_from_any_batch(sets: list[TokenSet]) -> None:
    whole = [as_lists(batch) for batch in take(sets, 12)]
    order = Order.over(sets, seed=1, window_size=WINDOW)
    for stop in (0, 1, 7):
        with Batches(sets, order, batch_size=SIZE) as batches:
            first = [as_lists(next(batches)) for _ in range(stop)]
            state = batches.state
        assert state == stop * SIZE  # what was prefetched and not handed out is not consumed
        rest = [as_lists(batch) for batch in take(sets, 12 - stop, consumed=state)]
        assert first + rest == whole


def test_the_sets_may_come_in_any_sequence(sets: list[TokenSet]) -> None:
    order = Order.over(sets, seed=1, window_size=WINDOW)
    with Batches(sets[::-1], order, batch_size=SIZE) as batches:
        assert as_lists(next(batches)) == as_lists(take(sets, 1)[0])


def test_a_missing_or_changed_set_is_refused(sets: list[TokenSet]) -> None:
    order = Order.over(sets, seed=1, window_size=WINDOW)
    with pytest.raises(UserError, match=f"{sets[1].fingerprint[:12]}.* is gone"):
        Batches(sets[:1], order, batch_size=SIZE)
    other = Order(order.datasets, [order.window_counts[0] + 1, order.window_counts[1]], WINDOW, seed=1)
    with pytest.raises(UserError, match="windows where this run began"):
        Batches(sets, other, batch_size=SIZE)


def test_what_goes_wrong_in_the_thread_is_raised_here(tmp_path: Path) -> None:
    sets = make_sets(tmp_path, formats=["jsonl"])
    order = Order.over(sets, seed=1, window_size=WINDOW)
    sets[0].path("jsonl").write_text("no token file\n")
    with Batches(sets, order, batch_size=SIZE) as batches, pytest.raises(UserError, match="damaged"):
        next(batches)


def test_closing_ends_the_thread_and_the_iterator(sets: list[TokenSet]) -> None:
    before = threading.active_count()
    order = Order.over(sets, seed=1, window_size=WINDOW)
    batches = Batches(sets, order, batch_size=SIZE, prefetch=1)
    next(batches)
    assert threading.active_count() == before + 1
    batches.close()
    assert threading.active_count() == before
    assert next(batches, None) is None


def test_validation_reads_everything_once_in_order(tmp_path: Path) -> None:
    make_sets(tmp_path, 30, seed=0)
    make_sets(tmp_path, 30, seed=1)
    sets = find_token_sets(tmp_path, split="val")
    batches = list(validation_windows(sets, WINDOW, batch_size=4, segments=True))
    assert all(len(batch.inputs) == 4 for batch in batches[:-1])
    targets = np.concatenate([batch.targets.reshape(-1) for batch in batches])
    expected = [id for token_set in sets for id in token_set.tokens[1:].tolist()]
    assert targets[targets != IGNORED].tolist() == expected
    assert all(batch.segments is not None for batch in batches)


def test_a_part_of_the_validation_is_spread_over_all_of_it(tmp_path: Path) -> None:
    make_sets(tmp_path, 100)
    sets = find_token_sets(tmp_path, split="val")
    whole = np.concatenate([batch.inputs for batch in validation_windows(sets, WINDOW, batch_size=4)])
    part = np.concatenate([batch.inputs for batch in validation_windows(sets, WINDOW, batch_size=4, max_windows=5)])
    assert part.tolist() == whole[np.arange(5) * len(whole) // 5].tolist()
    assert list(validation_windows([], WINDOW, batch_size=4)) == []


def test_a_text_shorter_than_a_window_is_one_padded_window(tmp_path: Path) -> None:
    corpus = write_corpus(tmp_path / "c.jsonl", make_texts(30))
    tokenize(corpus, tmp_path)
    (token_set,) = find_token_sets(tmp_path, split="val")
    (batch,) = validation_windows([token_set], 4096, batch_size=4)
    assert batch.counted == token_set.meta.tokens - 1
    assert batch.inputs.shape == (1, 4096)
