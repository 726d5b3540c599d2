"""Documents that repeat themselves: lines, paragraphs, word sequences. Gopher's rules (Rae et al. 2021, table A1).

Shares of characters are shares of the characters in words, so that spacing does not matter. A sequence counts as
repeated when it has been there before in the document, and each word is counted once however many sequences hold it.
"""

from itertools import accumulate

import numpy as np

from groundup.data.cleaning.findings import Finding, drop
from groundup.data.cleaning.words import Measures, hash_ngrams

MAX_LINES, MAX_LINE_CHARACTERS = 0.30, 0.20
MAX_PARAGRAPHS, MAX_PARAGRAPH_CHARACTERS = 0.30, 0.20
MAX_TOP = {2: 0.20, 3: 0.18, 4: 0.16}
MAX_REPEATED = {5: 0.15, 6: 0.14, 7: 0.13, 8: 0.12, 9: 0.11, 10: 0.10}
MIN_CHARACTERS = 0.10
"""Repeated lines or paragraphs count only if they hold this share of the characters: books repeat short headings."""
MIN_ITEMS = 4
"""Fewer lines or paragraphs say nothing about repetition."""


def repetition(m: Measures) -> Finding | None:
    """Too much of the document has been said in it before."""
    for name, items, most, most_characters in (
        ("lines", m.lines, MAX_LINES, MAX_LINE_CHARACTERS),
        ("paragraphs", m.paragraphs, MAX_PARAGRAPHS, MAX_PARAGRAPH_CHARACTERS),
    ):
        if len(items) < MIN_ITEMS or len(set(items)) == len(items):
            continue
        share, characters = _duplicates(items)
        if share > most and characters > MIN_CHARACTERS:
            return drop("repetition", f"repeated {name}", share, most)
        if characters > most_characters:
            return drop("repetition", f"characters in repeated {name}", characters, most_characters)
    return _sequences(m)


def _duplicates(items: list[str]) -> tuple[float, float]:
    """Shares of the items, and of their characters, that have been there before."""
    seen: set[str] = set()
    count = characters = 0
    for item in items:
        if item in seen:
            count += 1
            characters += len(item)
        seen.add(item)
    return count / len(items), characters / sum(map(len, items))


def _sequences(m: Measures) -> Finding | None:
    words = m.normal
    sizes = np.fromiter(map(len, words), np.int64, len(words))
    total = int(sizes.sum())
    starts = np.fromiter(accumulate(map(len, words), initial=0), np.int64, len(words) + 1)
    for n, most in MAX_TOP.items():
        grams = hash_ngrams(m.hashes, n)
        if not len(grams):
            return None
        _, first, counts = np.unique(grams, return_index=True, return_counts=True)
        size = starts[first + n] - starts[first]
        covered = np.where(counts > 1, counts * size, 0).max() / total
        if covered > most:
            return drop("repetition", f"commonest sequence of {n} words", float(covered), most)
    repeated = None
    for n, most in MAX_REPEATED.items():
        # A repeated sequence of n + 1 words holds a repeated one of n: where those are rare, longer ones are rarer.
        if repeated is not None and repeated <= 0.10:
            return None
        grams = hash_ngrams(m.hashes, n)
        if not len(grams):
            return None
        again = np.ones(len(grams), bool)
        again[np.unique(grams, return_index=True)[1]] = False
        mark = np.zeros(len(words) + 1, np.int64)
        places = np.flatnonzero(again)
        np.add.at(mark, places, 1)
        np.add.at(mark, places + n, -1)
        repeated = float(sizes[np.cumsum(mark[:-1]) > 0].sum() / total)
        if repeated > most:
            return drop("repetition", f"characters in repeated sequences of {n} words", repeated, most)
    return None
