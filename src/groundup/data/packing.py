"""How the stream of a token set becomes windows of T inputs and T targets. Pure functions of arrays and numbers.

Every window is a span of the stream; its targets are the same span one token on:

    stream     <|endoftext|> a b c <|endoftext|> d e        T = 4
    window 0   inputs   E a b c      targets  a b c E
    window 1   inputs   E d . .      targets  d e - -       . padding   - not counted

pack      the stream is cut every T tokens: every token but the first is a target exactly once.
split     a row of at most seq_len tokens is one window (several, if it is longer than T). The target of a row's last
          token is the first token of the next row: the text going on, or the `<|endoftext|>` that ends a document. So
          here, too, every token but the first is a target exactly once, and the model learns where texts end.
truncate  the same, but nothing follows a row of seq_len tokens: it was cut there (or might have been).

Windows never span two sets: adding a set changes no window of another one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

IGNORED = -100
"""Target of a position that does not count: the same number as model/loss.py's, which data may not import."""

Ints = npt.NDArray[np.int64]


def row_lengths(length: int, method: str, seq_len: int) -> list[int]:
    """How many tokens each row of a document of `length` tokens has on disk; with pack, one row of any length."""
    if method == "pack":
        return [length]
    if method == "truncate":
        return [min(length, seq_len)]
    full, rest = divmod(length, seq_len)
    return [seq_len] * full + [rest] * (rest > 0)


@dataclass(frozen=True)
class PackedWindows:
    """The windows of a stream that is cut every `window_size` tokens."""

    n_tokens: int
    window_size: int

    @property
    def count(self) -> int:
        """Number of windows; the last one may be short."""
        return -(-max(0, self.n_tokens - 1) // self.window_size)

    def spans(self, indices: Ints) -> tuple[Ints, Ints]:
        """Return (first token, number of targets) of each window."""
        starts = indices * self.window_size
        return starts, np.minimum(self.window_size, self.n_tokens - 1 - starts)


class RowWindows:
    """The windows of rows that begin at `offsets` (rows + 1,); rows longer than `window_size` make several."""

    def __init__(self, offsets: npt.NDArray[np.uint64], window_size: int, *, method: str, seq_len: int) -> None:
        self._offsets, self._window_size = offsets, window_size
        self._cut_length = seq_len if method == "truncate" else None
        self._rows = len(offsets) - 1
        self._first_window: Ints | None = None  # of each row, and the number of all; None: one window a row
        if seq_len > window_size:
            pieces = -(-self._targets(np.arange(self._rows)) // window_size)
            self._first_window = np.concatenate([np.zeros(1, np.int64), np.cumsum(pieces)])
            self.count = int(self._first_window[-1])
        else:
            # Only the last row can have a token and nothing to predict.
            last_is_empty = self._rows > 0 and not self._targets(np.array([self._rows - 1]))[0]
            self.count = self._rows - last_is_empty

    def spans(self, indices: Ints) -> tuple[Ints, Ints]:
        """Return (first token, number of targets) of each window."""
        rows, skipped = indices, np.zeros_like(indices)
        if self._first_window is not None:
            rows = np.searchsorted(self._first_window, indices, side="right") - 1
            skipped = (indices - self._first_window[rows]) * self._window_size
        starts = self._offsets[rows].astype(np.int64) + skipped
        return starts, np.minimum(self._window_size, self._targets(rows) - skipped)

    def _targets(self, rows: Ints) -> Ints:
        """How many tokens of each row have a token to predict."""
        lengths = (self._offsets[rows + 1] - self._offsets[rows]).astype(np.int64)
        nothing_follows = rows == self._rows - 1
        if self._cut_length is not None:
            nothing_follows = nothing_follows | (lengths == self._cut_length)
        return lengths - nothing_follows


Windows = PackedWindows | RowWindows


def cut_windows(
    tokens: npt.NDArray[Any], starts: Sequence[int] | Ints, lengths: Sequence[int] | Ints, window_size: int, pad_id: int
) -> tuple[Ints, Ints]:
    """Copy spans out of a stream: (inputs, targets), each (b, T) int64, padded with pad_id and IGNORED."""
    inputs = np.full((len(starts), window_size), pad_id, np.int64)
    targets = np.full((len(starts), window_size), IGNORED, np.int64)
    for row, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        span = tokens[start : start + length + 1]
        inputs[row, :length] = span[:-1]
        targets[row, :length] = span[1:]
    return inputs, targets


def hide_targets(targets: Ints, mask: npt.NDArray[np.uint8], starts: Ints, lengths: Ints) -> Ints:
    """Targets that the loss mask of the stream (0 or 1 a token) does not count become IGNORED, (b, T)."""
    hidden = targets.copy()
    for row, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        hidden[row, :length][mask[start + 1 : start + length + 1] == 0] = IGNORED
    return hidden


def count_targets(mask: npt.NDArray[np.uint8] | None, starts: Ints, lengths: Ints) -> int:
    """How many targets of these spans count."""
    if mask is None:
        return int(lengths.sum())
    return sum(int(mask[start + 1 : start + length + 1].sum()) for start, length in zip(starts, lengths, strict=True))


def number_segments(inputs: Ints, end_of_text_id: int) -> Ints:
    """Number the documents inside each window, (b, T): a document begins at its `<|endoftext|>`.

    Padding counts to the document before it; nothing that counts can see it.
    """
    numbers: Ints = np.cumsum(inputs == end_of_text_id, axis=1, dtype=np.int64)
    return numbers


def restart_positions(segments: Ints) -> Ints:
    """Positions that begin at 0 with each segment, (b, T)."""
    index = np.broadcast_to(np.arange(segments.shape[1]), segments.shape)
    begins = np.ones_like(segments, dtype=bool)
    begins[:, 1:] = segments[:, 1:] != segments[:, :-1]
    positions: Ints = index - np.maximum.accumulate(np.where(begins, index, 0), axis=1)
    return positions
