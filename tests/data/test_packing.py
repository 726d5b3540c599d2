"""Windows cut from streams: nothing lost, nothing twice, and where texts end is learned."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundup.data.packing import (
    IGNORED,
    PackedWindows,
    RowWindows,
    Windows,
    cut_windows,
    number_segments,
    restart_positions,
    row_lengths,
)
from groundup.model.loss import IGNORED as IGNORED_BY_THE_LOSS

E, PAD = 0, 1  # <|endoftext|> and <|pad|>
LENGTHS = st.lists(st.integers(1, 23), min_size=1, max_size=12)  # of documents, `<|endoftext|>` included


def stream_of(lengths: list[int], method: str, seq_len: int) -> tuple[np.ndarray, np.ndarray]:
    """(tokens, row offsets) on disk. Every token but `<|endoftext|>` has a number of its own, also those cut off."""
    tokens: list[int] = []
    offsets = [0]
    number = 10
    for length in lengths:
        document = [E, *range(number, number + length - 1)]
        number += length - 1
        for row in row_lengths(length, method, seq_len):
            tokens += document[:row]
            document = document[row:]
            offsets.append(len(tokens))
    return np.array(tokens, "<u2"), np.array(offsets, "<u8")


def read_all(tokens: np.ndarray, windows: Windows, window_size: int) -> tuple[np.ndarray, np.ndarray]:
    starts, lengths = windows.spans(np.arange(windows.count))
    assert (lengths > 0).all()  # a window without a target would train nothing
    return cut_windows(tokens, starts, lengths, window_size, PAD)


def pairs(inputs: np.ndarray, targets: np.ndarray) -> Counter[tuple[int, int]]:
    counted = targets != IGNORED
    return Counter(zip(inputs[counted].tolist(), targets[counted].tolist(), strict=True))


def test_what_is_ignored_is_what_the_loss_ignores() -> None:
    assert IGNORED == IGNORED_BY_THE_LOSS


def test_windows_as_drawn_in_the_docstring() -> None:
    tokens = np.array([E, 11, 12, 13, E, 14, 15])
    inputs, targets = read_all(tokens, PackedWindows(7, 4), 4)
    assert inputs.tolist() == [[E, 11, 12, 13], [E, 14, PAD, PAD]]
    assert targets.tolist() == [[11, 12, 13, E], [14, 15, IGNORED, IGNORED]]


@given(lengths=LENGTHS, window_size=st.integers(1, 30))
def test_pack_makes_every_token_but_the_first_a_target_once(lengths: list[int], window_size: int) -> None:
    tokens, _ = stream_of(lengths, "pack", 1)
    inputs, targets = read_all(tokens, PackedWindows(len(tokens), window_size), window_size)
    assert pairs(inputs, targets) == Counter(zip(tokens[:-1].tolist(), tokens[1:].tolist(), strict=True))
    assert ((targets != IGNORED).all(axis=1)[:-1]).all()  # only the last window may be short


@given(lengths=LENGTHS, window_size=st.integers(1, 30), seq_len=st.integers(2, 12))
def test_split_does_so_too(lengths: list[int], window_size: int, seq_len: int) -> None:
    tokens, offsets = stream_of(lengths, "split", seq_len)
    assert len(tokens) == sum(lengths)
    windows = RowWindows(offsets, window_size, method="split", seq_len=seq_len)
    inputs, targets = read_all(tokens, windows, window_size)
    assert pairs(inputs, targets) == Counter(zip(tokens[:-1].tolist(), tokens[1:].tolist(), strict=True))
    assert (inputs[targets != IGNORED].reshape(-1) != PAD).all()
    assert ((inputs == E).sum(axis=1) <= 1).all()  # never two documents in one window


@given(lengths=LENGTHS, window_size=st.integers(1, 30), seq_len=st.integers(2, 12))
def test_truncate_predicts_nothing_across_its_cuts(lengths: list[int], window_size: int, seq_len: int) -> None:
    tokens, offsets = stream_of(lengths, "truncate", seq_len)
    windows = RowWindows(offsets, window_size, method="truncate", seq_len=seq_len)
    expected: Counter[tuple[int, int]] = Counter()
    for row in range(len(lengths)):
        start, end = int(offsets[row]), int(offsets[row + 1])
        whole = end - start < seq_len and row < len(lengths) - 1  # then the end of the text is learned
        expected += Counter((int(tokens[i]), int(tokens[i + 1])) for i in range(start, end if whole else end - 1))
    assert pairs(*read_all(tokens, windows, window_size)) == expected


@pytest.mark.parametrize("method", ["split", "truncate"])
def test_a_row_that_fits_is_one_window(method: str) -> None:
    tokens, offsets = stream_of([5, 3, 6], method, 6)
    inputs, targets = read_all(tokens, RowWindows(offsets, 6, method=method, seq_len=6), 6)
    assert inputs.tolist() == [
        [E, 10, 11, 12, 13, PAD],
        [E, 14, 15, PAD, PAD, PAD],
        [E, 16, 17, 18, 19, PAD],
    ]
    assert targets.tolist() == [
        [10, 11, 12, 13, E, IGNORED],
        [14, 15, E, IGNORED, IGNORED, IGNORED],
        [16, 17, 18, 19, 20, IGNORED],
    ]


def test_a_stream_with_nothing_to_predict_has_no_window() -> None:
    assert [PackedWindows(n, 4).count for n in (0, 1, 2, 5, 6)] == [0, 0, 1, 1, 2]
    assert RowWindows(np.array([0, 1], "<u8"), 4, method="split", seq_len=4).count == 0


def test_row_lengths() -> None:
    assert row_lengths(7, "pack", 3) == [7]
    assert row_lengths(7, "split", 3) == [3, 3, 1]
    assert row_lengths(6, "split", 3) == [3, 3]
    assert row_lengths(7, "truncate", 3) == [3]
    assert row_lengths(2, "truncate", 3) == [2]


def test_segments_and_positions_begin_anew_with_each_document() -> None:
    inputs = np.array([[14, 15, E, 16, E, 17], [E, 18, 19, 20, PAD, PAD]])
    segments = number_segments(inputs, E)
    assert segments.tolist() == [[0, 0, 1, 1, 2, 2], [1, 1, 1, 1, 1, 1]]
    assert restart_positions(segments).tolist() == [[0, 1, 0, 1, 0, 1], [0, 1, 2, 3, 4, 5]]
