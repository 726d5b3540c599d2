"""The order in which windows are read: a pure function of the datasets, a seed and a position.

Each epoch is a permutation of all windows, computed index by index: nothing is stored, any position is reached at once.
The permutation is a generalised Feistel network with cycle walking (Black and Rogaway 2002, "Ciphers with arbitrary
finite domains"): an index becomes two digits (left of base a, right of base b, a * b just above n); rounds add to each
a hash of the other, modulo its base, which can be undone and so is one to one; results of n and above go through again.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from groundup.data.packing import Ints, PackedWindows, RowWindows, Windows
from groundup.data.token_files import TokenSet
from groundup.utils.errors import UserError
from groundup.utils.seeding import derive_seed

ROUNDS = 4  # each mixes both digits once
LEAST_BLOCK = 1000  # windows over which a mixture keeps its shares exactly
_MASK = (1 << 64) - 1


def permute(index: int, n: int, key: int) -> int:
    """Return where the permutation of 0 .. n-1 that `key` draws sends `index`. O(1) memory."""
    if not 0 <= index < n:
        raise IndexError(f"index {index} is not in a permutation of {n}")
    a, b = _bases(n)
    keys = _round_keys(key)
    while True:
        right, left = divmod(index, a)
        for round_number in range(ROUNDS):
            left = (left + _hash(right, keys[2 * round_number])) % a
            right = (right + _hash(left, keys[2 * round_number + 1])) % b
        index = right * a + left
        if index < n:
            return index


def permute_many(indices: Ints, n: int, key: int) -> Ints:
    """`permute` of every element of an array."""
    a, b = (np.uint64(base) for base in _bases(n))
    keys = [np.uint64(k) for k in _round_keys(key)]
    result = indices.astype(np.uint64)
    outside = np.arange(len(result))
    while len(outside):
        right, left = np.divmod(result[outside], a)
        for round_number in range(ROUNDS):
            left = (left + _hash_many(right, keys[2 * round_number])) % a
            right = (right + _hash_many(left, keys[2 * round_number + 1])) % b
        result[outside] = right * a + left
        outside = outside[result[outside] >= n]
    return result.astype(np.int64)


def _bases(n: int) -> tuple[int, int]:
    a = math.isqrt(n - 1) + 1
    return a, -(-n // a)


@lru_cache(maxsize=64)
def _round_keys(key: int) -> list[int]:
    return [_hash(number, key & _MASK) for number in range(1, 2 * ROUNDS + 1)]


def _hash(value: int, key: int) -> int:
    """SplitMix64 (Steele, Lea and Flood 2014) of value and key, cut to 63 bits so that a base can be added."""
    x = (value * 0x9E3779B97F4A7C15 + key) & _MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & _MASK
    return (x ^ (x >> 31)) >> 1


def _hash_many(values: npt.NDArray[np.uint64], key: np.uint64) -> npt.NDArray[np.uint64]:
    """`_hash` of an array: its arithmetic wraps around at 64 bits by itself."""
    x = values * np.uint64(0x9E3779B97F4A7C15) + key
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return (x ^ (x >> np.uint64(31))) >> np.uint64(1)


def make_windows(token_set: TokenSet, window_size: int) -> Windows:
    """The windows of one set."""
    meta = token_set.meta
    if meta.method == "pack":
        return PackedWindows(meta.tokens, window_size)
    return RowWindows(token_set.offsets, window_size, method=meta.method, seq_len=meta.seq_len)


def whole_shares(weights: Sequence[float], total: int) -> list[int]:
    """Whole numbers in the proportion of `weights` whose sum is `total`; at least 1 for every weight above 0."""
    shares = [max(1, math.floor(total * weight / sum(weights))) if weight > 0 else 0 for weight in weights]
    lacking = [total * weight / sum(weights) - share for weight, share in zip(weights, shares, strict=True)]
    while sum(shares) != total:
        step = 1 if sum(shares) < total else -1
        movable = [i for i, share in enumerate(shares) if share > (1 if step < 0 else 0)]
        index = max(movable, key=lambda i: step * lacking[i])
        shares[index] += step
        lacking[index] -= step
    return shares


@dataclass(frozen=True)
class Order:
    """Which windows a phase reads, in which order. Position p lies in epoch p // windows; each epoch has its own order.

    With shares, the order is a mixture: every block of sum(shares) windows holds shares[i] of dataset i, shuffled; each
    dataset is read in epochs of its own, however long they take. Any position is still reached at once.

    Everything that decides the order is in here, so a phase that has recorded it reads the same for ever.
    """

    datasets: list[str]  # content fingerprints
    window_counts: list[int]  # windows of each dataset
    window_size: int  # tokens: inputs of a window
    seed: int
    shares: list[int] | None = None  # windows of each dataset in a block; None: all windows once in an epoch

    @staticmethod
    def over(
        sets: Sequence[TokenSet], *, seed: int, window_size: int, weights: Sequence[float] | None = None
    ) -> "Order":
        """The order over all windows of `sets`; weights: the share of each in the tokens, in any unit.

        Raises UserError when they have no windows.
        """
        counts = [make_windows(token_set, window_size).count for token_set in sets]
        if not sum(counts):
            raise UserError(
                f"Not enough tokens for training: {len(sets)} token file(s) make no window of {window_size} tokens. "
                "Add text and run `groundup tokenize`."
            )
        shares = None
        if weights is not None:
            # Windows of rows are not full: one of a dataset of short rows is worth fewer tokens.
            tokens = [(token_set.meta.tokens - 1) / max(1, n) for token_set, n in zip(sets, counts, strict=True)]
            by_window = [w / t if n else 0.0 for w, t, n in zip(weights, tokens, counts, strict=True)]
            shares = whole_shares(by_window, max(LEAST_BLOCK, 100 * len(sets)))
        return Order([token_set.fingerprint for token_set in sets], counts, window_size, seed, shares)

    @property
    def windows(self) -> int:
        """Windows in one epoch."""
        return sum(self.window_counts)

    def accounts(self) -> Iterator[tuple[str, int, float | None]]:
        """(fingerprint, windows, share of all windows read, None without shares) of each dataset."""
        for index, (name, windows) in enumerate(zip(self.datasets, self.window_counts, strict=True)):
            yield name, windows, None if self.shares is None else self.shares[index] / sum(self.shares)

    def at(self, position: int) -> tuple[int, int]:
        """Return (dataset, window of it) that stands at a position, both counted from 0."""
        datasets, windows = self.at_many(np.array([position], dtype=np.int64))
        return int(datasets[0]), int(windows[0])

    def at_many(self, positions: Ints) -> tuple[Ints, Ints]:
        """`at` for an array of positions."""
        if self.shares is not None:
            return self._mixed(positions, np.array(self.shares, dtype=np.int64))
        epochs, places = np.divmod(positions, self.windows)
        order = np.empty_like(places)
        for epoch in np.unique(epochs):
            mine = epochs == epoch
            order[mine] = permute_many(places[mine], self.windows, derive_seed(self.seed, "epoch", int(epoch)))
        first_windows = np.cumsum([0, *self.window_counts], dtype=np.int64)
        datasets = np.searchsorted(first_windows, order, side="right") - 1
        return datasets, order - first_windows[datasets]

    def _mixed(self, positions: Ints, shares: Ints) -> tuple[Ints, Ints]:
        """`at_many` of a mixture."""
        ends = np.cumsum(shares)
        block_size = int(ends[-1])
        blocks, places = np.divmod(positions, block_size)
        for block in np.unique(blocks):
            mine = blocks == block
            places[mine] = permute_many(places[mine], block_size, derive_seed(self.seed, "block", int(block)))
        datasets = np.searchsorted(ends, places, side="right")
        # How many windows of its own dataset come before it, block after block.
        numbers = blocks * shares[datasets] + places - (ends - shares)[datasets]
        windows = np.empty_like(numbers)
        for dataset in np.unique(datasets).tolist():
            count = self.window_counts[dataset]
            for epoch in np.unique(numbers[datasets == dataset] // count).tolist():
                mine = (datasets == dataset) & (numbers // count == epoch)
                key = derive_seed(self.seed, "dataset", dataset, "epoch", epoch)
                windows[mine] = permute_many(numbers[mine] % count, count, key)
        return datasets, windows

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "datasets": self.datasets,
            "window_counts": self.window_counts,
            "window_size": self.window_size,
            "seed": self.seed,
            "shares": self.shares,
        }

    @staticmethod
    def from_dict(value: dict[str, Any]) -> "Order":
        """The inverse of to_dict."""
        return Order(**value)
