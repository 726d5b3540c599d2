"""Near-duplicates: MinHash signatures, found through bands of them, decided in the order of the texts.

The Jaccard similarity of two texts is the share of word sequences (SHINGLE words) that they have in common. The
smallest value of a random hash over a text's sequences agrees for two texts with exactly that probability, so
HASHES of them estimate it (Broder 1997). Signatures are cut into BANDS bands of ROWS; texts that agree in a whole
band are compared: at Jaccard 0.8 that happens with probability 1 - (1 - 0.8**6)**20 = 0.998, at 0.5 with 0.27.

A text (a document, or a paragraph of one) is left out when it resembles one that is kept *before* it, so what is added
later never changes what became of an earlier one. Signatures and bands wait on disk, 400 bytes a text; in memory are
the keys of one band while it is sorted, some 40 bytes a text, and 32 bytes for each pair that agrees in a band.
"""

import contextlib
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from groundup.data.cleaning.words import hash_ngrams
from groundup.data.time_left import CountLeft
from groundup.utils.progress import Say, quiet

SHINGLE = 5
BANDS, ROWS = 20, 6
HASHES = BANDS * ROWS
THRESHOLD = 0.72
"""Estimated Jaccard: the estimate has a standard deviation of 0.037 at 0.8, so 98 of 100 pairs at 0.8 itself pass."""
_BLOCK = 2048
_draw = np.random.Generator(np.random.PCG64(20261124))
_FACTORS = (_draw.integers(0, 1 << 63, HASHES, np.uint64) << np.uint64(1)) | np.uint64(1)
_TERMS = _draw.integers(0, 1 << 63, HASHES, np.uint64)


def signature(hashes: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """The MinHash signature of a text, given the hashes of its words, at least one: (HASHES,) uint16."""
    return signatures_of_parts(hashes, np.empty((0, 2), np.int64))[0]


def signatures_of_parts(
    hashes: NDArray[np.uint64], parts: NDArray[np.int64]
) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """The signature of a document and those of some parts of it, each sequence of words hashed once.

    `parts` (n, 2): the first word of each part and the one behind its last; in order, apart from each other, each of
    SHINGLE words or more. Returns (HASHES,) and (n, HASHES): sixteen bits of each smallest value (not the upper
    ones, which are zero in a long text): two values that differ agree in them once in 65,536 times.
    """
    shingles = hash_ngrams(hashes, min(SHINGLE, len(hashes)))
    # Segments: even ones lie between parts (sequences across a border belong to no part), odd ones are the parts.
    borders = np.empty(2 * len(parts), np.int64)
    borders[0::2] = parts[:, 0]
    borders[1::2] = parts[:, 1] - SHINGLE + 1
    segment = np.searchsorted(borders, np.arange(len(shingles)), side="right")
    lowest = np.full((2 * len(parts) + 1, HASHES), np.iinfo(np.uint64).max, np.uint64)
    for start in range(0, len(shingles), _BLOCK):
        values = shingles[start : start + _BLOCK, None] * _FACTORS  # multiply-shift hashing: upper bits well mixed
        values += _TERMS
        here = segment[start : start + _BLOCK]
        begins = np.flatnonzero(np.diff(here, prepend=-1))
        smallest = np.minimum.reduceat(values, begins, axis=0)
        lowest[here[begins]] = np.minimum(lowest[here[begins]], smallest)
    return _sixteen_bits(lowest.min(axis=0)), _sixteen_bits(lowest[1::2])


def _sixteen_bits(values: NDArray[np.uint64]) -> NDArray[np.uint16]:
    return (values >> np.uint64(16)).astype(np.uint16)


@dataclass(frozen=True)
class Decision:
    """What near-duplicates there are among texts 0 ... n - 1."""

    original: NDArray[np.int64]
    """(n,) The kept text that each one resembles; -1 for those that are kept."""
    similarity: NDArray[np.float32]
    """(n,) Estimated Jaccard similarity with it."""


class NearDuplicates:
    """Takes signatures one after the other, then decides which texts resemble an earlier one.

    `scratch`: the folder for its temporary files, which have no name and go with the process; None: the system's.
    `what`: what the texts are called in lines on progress, which `say` takes.
    """

    def __init__(
        self, threshold: float = THRESHOLD, scratch: Path | None = None, *, what: str = "texts", say: Say = quiet
    ) -> None:
        self.threshold = threshold
        self._what = what
        self._say = say
        self._count = 0
        self._signatures = _scratch_file(scratch)
        self._bands = [_scratch_file(scratch) for _ in range(BANDS)]
        self._groups: list[NDArray[np.int64]] = []

    def add(self, signatures: NDArray[np.uint16], groups: NDArray[np.int64] | None = None) -> None:
        """Take the next texts: (any number, HASHES). Those of one group (a document) are not compared."""
        self._count += len(signatures)
        self._signatures.write(np.ascontiguousarray(signatures, np.uint16).tobytes())
        keys = band_keys(signatures)
        for band, file in enumerate(self._bands):
            file.write(keys[:, band].tobytes())
        if groups is not None:
            self._groups.append(groups)

    def decide(self) -> Decision:
        """Compare all texts that agree in a band with the kept ones before them; the signatures are then gone."""
        with contextlib.ExitStack() as stack:
            for file in (self._signatures, *self._bands):
                stack.enter_context(file)
            return self._decide()

    def _decide(self) -> Decision:
        original = np.full(self._count, -1, np.int64)
        similarity = np.zeros(self._count, np.float32)
        later, earlier = self._candidates()
        if not len(later):
            return Decision(original, similarity)
        self._signatures.flush()
        short = np.memmap(self._signatures, np.uint16, "r", shape=(self._count, HASHES))
        group = np.concatenate(self._groups) if self._groups else None
        borders = np.flatnonzero(np.diff(later, prepend=-1))
        progress = CountLeft(f"Comparing {self._what}, 3 of 3", len(later), "pairs that agree in a band", self._say)
        for begin, end in zip(borders, np.append(borders[1:], len(later)), strict=True):
            progress.tell(int(begin))
            text, others = later[begin], earlier[begin:end]
            kept = np.unique(np.where(original[others] < 0, others, original[others]))
            if group is not None:
                kept = kept[group[kept] != group[text]]
                if not len(kept):
                    continue
            agree = (short[kept] == short[text]).mean(axis=1)
            best = int(agree.argmax())
            if agree[best] >= self.threshold:
                original[text], similarity[text] = kept[best], agree[best]
        return Decision(original, similarity)

    def _candidates(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Pairs (later, earlier) to compare, sorted: each with the first of its band and with the one before it."""
        found = np.empty((0, 2), np.int64)
        progress = CountLeft(f"Comparing {self._what}, 2 of 3", len(self._bands), "bands sorted", self._say)
        for number, file in enumerate(self._bands):
            progress.tell(number)
            file.seek(0)
            pairs = _agreeing(np.fromfile(file, np.uint64))
            if len(pairs):
                found = np.unique(np.concatenate([found, pairs]), axis=0)
        return found[:, 0], found[:, 1]


def _scratch_file(folder: Path | None) -> IO[bytes]:
    return tempfile.TemporaryFile(dir=folder)


def band_keys(signatures: NDArray[np.uint16]) -> NDArray[np.uint64]:
    """One number for each band of each signature: (texts, BANDS)."""
    rows = signatures.astype(np.uint64).reshape(len(signatures), BANDS, ROWS)
    keys = np.zeros((len(signatures), BANDS), np.uint64)
    for row in range(ROWS):
        keys = (keys ^ rows[:, :, row]) * np.uint64(0x9E3779B97F4A7C15)
        keys ^= keys >> np.uint64(31)
    return keys


def _agreeing(keys: NDArray[np.uint64]) -> NDArray[np.int64]:
    """(pairs, 2): every text whose key has been there, with the first that had it and with the last before it."""
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]]) + 1
    if not len(same):
        return np.empty((0, 2), np.int64)
    starts = np.flatnonzero(np.r_[True, keys[order[1:]] != keys[order[:-1]]])
    first = order[starts[np.searchsorted(starts, same, side="right") - 1]]
    return np.concatenate([np.stack([order[same], first], 1), np.stack([order[same], order[same - 1]], 1)])
