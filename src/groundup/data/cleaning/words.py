"""A text taken apart once for all steps that count: words, lines, and words as numbers.

Numbers, because rules on repeated word sequences, near-duplicates and planted test sentences compare millions of
sequences: 32-bit hashes of words, combined over n places by one polynomial in NumPy.
"""

import re
import zlib
from collections.abc import Callable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

# Scripts written without spaces between words: each character counts as a word there.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")
_ASCII_WORD = re.compile(r"[a-z0-9_]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)  # 2**64 over the golden ratio: odd, with its bits well spread
_CACHED_WORDS = 1 << 17


def normal_words(text: str) -> list[str]:
    """The words in lower case without punctuation: what two texts share when only their dress differs."""
    lower = text.lower()
    return _ASCII_WORD.findall(lower) if lower.isascii() else _WORD.findall(lower)


class _WordHashes(dict[str, int]):
    """Remembers the hashes of the words that come often."""

    def __missing__(self, word: str) -> int:
        value = zlib.crc32(word.encode("utf-8", "replace"))
        if len(self) >= _CACHED_WORDS:
            self.clear()
        self[word] = value
        return value


_hashes = _WordHashes()


def hash_words(words: list[str]) -> NDArray[np.uint64]:
    """Hash each word, the same on every machine: (number of words,) uint64 below 2**32."""
    return np.fromiter(map(_hashes.__getitem__, words), np.uint64, len(words))


def hash_ngrams(hashes: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """Hash every run of `n` words: (words - n + 1,) uint64, empty when there are fewer words."""
    count = len(hashes) - n + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    total = hashes[:count].copy()
    for offset in range(1, n):
        total *= _MULTIPLIER
        total += hashes[offset : offset + count]
    total ^= total >> np.uint64(29)
    total *= _MULTIPLIER
    total ^= total >> np.uint64(32)
    return total


class Measures:
    """A document as filters see it; what several of them need is computed once."""

    def __init__(self, text: str) -> None:
        self.text = text

    @cached_property
    def words(self) -> list[str]:
        """Parted by white space, punctuation and all."""
        return self.text.split()

    @cached_property
    def lines(self) -> list[str]:
        """Lines with something in them, without white space at their ends."""
        return [line for line in map(str.strip, self.text.split("\n")) if line]

    @cached_property
    def paragraphs(self) -> list[str]:
        """Parted by blank lines."""
        return [self.text[start:end] for start, end, _ in self.parts]

    @cached_property
    def hashes(self) -> NDArray[np.uint64]:
        """Of the normal words."""
        return hash_words(self.normal)

    @cached_property
    def parts(self) -> list[tuple[int, int, list[str]]]:
        """Parts parted by blank lines: where each begins and ends without white space, in characters, and its words."""
        found, start = [], 0
        for part in self.text.split("\n\n"):
            bare = part.strip()
            if bare:
                begin = start + part.index(bare[0])
                found.append((begin, begin + len(bare), normal_words(bare)))
            start += len(part) + 2
        return found

    @cached_property
    def normal(self) -> list[str]:
        """Normal words."""
        return [word for _, _, words in self.parts for word in words]

    @cached_property
    def letters(self) -> int:
        """Characters that are not white space."""
        return sum(map(len, self.words))

    @cached_property
    def spaced(self) -> bool:
        """Whether the text's script parts words by spaces: rules on words mean nothing elsewhere."""
        if self.text.isascii():
            return True
        return len(_IS_UNSPACED.findall(self.text)) < 0.2 * max(1, self.letters)

    def share(self, count: Callable[[str], bool], items: list[str]) -> float:
        """Share of `items` for which `count` holds; 0 of none."""
        return sum(map(count, items)) / len(items) if items else 0.0
