"""Training a unigram tokenizer (Kudo 2018, "Subword Regularization", arXiv 1804.10959) over bytes.

A piece has a probability, a word's segmentation the product of its pieces'. Training begins with far too many pieces
and, by expectation maximisation, finds the probabilities that explain the words best; then it drops the pieces that are
missed least, and repeats. Departures from sentencepiece, which the trainer of `tokenizers` shares:
* Pieces are byte strings. Every byte is one, so that any text can be written and comes back exactly.
* Candidates are ranked by how often they occur in the text. (The trainer of `tokenizers` counts every distinct word
  once; a vocabulary of 4096 for the same stories then took 16 % more tokens.)
* How often a piece is used, which decides what it would be missed for, is its expectation, not its count in the best
  segmentations.

llama.cpp has no unigram model over bytes: such a tokenizer serves here and in transformers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

import numpy as np
import numpy.typing as npt
import tokenizers
from tokenizers import models

from groundup.tokenizer.byte_level import byte_level_backend
from groundup.tokenizer.readable_bpe import split_words
from groundup.tokenizer.token_bytes import byte_to_character

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

TOTAL_BYTES: Final = 100_000_000
"""Budget for text: distinct words, not their number, decide what is learnt."""

_LONGEST_PIECE: Final = 16  # bytes
_LONGEST_WORD: Final = 32  # bytes; longer ones are cut
_MOST_WORDS: Final = 200_000
_CANDIDATES_PER_PIECE: Final = 10
_ROUNDS_OF_EM: Final = 2
_KEPT_AT_ONCE: Final = 0.75
# Different processors disagree on the last digits of a logarithm; the tokenizer must not.
_SCORE_DIGITS: Final = 6


class Lattices:
    """All ways to write each of many words in pieces, words of equal length side by side."""

    def __init__(self, words: Sequence[bytes], piece_ids: Mapping[bytes, int]):
        """`piece_ids` number the pieces from 0; spans that are no piece get the number after the last."""
        by_length: dict[int, list[int]] = defaultdict(list)
        for n, word in enumerate(words):
            by_length[len(word)].append(n)
        absent = len(piece_ids)
        # For each length: which words, and for each span (start, end) the piece that it is in each of them.
        self.groups: list[tuple[Ints, dict[tuple[int, int], Ints]]] = []
        for length, members in sorted(by_length.items()):
            spans = {}
            for start in range(length):
                for end in range(start + 1, min(length, start + _LONGEST_PIECE) + 1):
                    ids = np.array([piece_ids.get(words[n][start:end], absent) for n in members])
                    if (ids != absent).any():
                        spans[start, end] = ids
            self.groups.append((np.array(members), spans))

    def expected_counts(self, log_probability: Floats, counts: Floats) -> Floats:
        """How often each piece occurs, averaged over all segmentations of the words; (pieces,).

        `log_probability` has -inf as its last entry, for spans that are no piece; `counts` are those of the words.
        """
        expected = np.zeros(len(log_probability))
        for members, spans in self.groups:
            length = max(end for _, end in spans)
            forward = np.full((length + 1, len(members)), -np.inf)
            backward = forward.copy()
            forward[0] = backward[length] = 0
            for (start, end), ids in sorted(spans.items(), key=lambda item: item[0][1]):
                forward[end] = np.logaddexp(forward[end], forward[start] + log_probability[ids])
            for (start, end), ids in sorted(spans.items(), key=lambda item: -item[0][0]):
                backward[start] = np.logaddexp(backward[start], backward[end] + log_probability[ids])
            for (start, end), ids in spans.items():
                share = np.exp(forward[start] + log_probability[ids] + backward[end] - forward[length])
                expected += np.bincount(ids, weights=share * counts[members], minlength=len(expected))
        return expected

    def best_without_whole(self, log_probability: Floats) -> Floats:
        """Log probability of the best segmentation of each word into at least two pieces; (words,)."""
        best = np.full(sum(len(members) for members, _ in self.groups), -np.inf)
        for members, spans in self.groups:
            length = max(end for _, end in spans)
            forward = np.full((length + 1, len(members)), -np.inf)
            forward[0] = 0
            for (start, end), ids in sorted(spans.items(), key=lambda item: item[0][1]):
                if (start, end) != (0, length):
                    forward[end] = np.maximum(forward[end], forward[start] + log_probability[ids])
            best[members] = forward[length]
        return best


def train_unigram(texts: Iterable[str], vocab_size: int, special: Sequence[str]) -> tokenizers.Tokenizer:
    """Train on `texts`. The vocabulary has `vocab_size` entries, or fewer where the text is too short."""
    words = _count_words(texts)
    pieces = learn_pieces(words, vocab_size - len(special))
    alphabet = byte_to_character()
    spelt = [("".join(alphabet[byte] for byte in piece), score) for piece, score in pieces.items()]
    ordered = sorted(spelt, key=lambda entry: (-entry[1], entry[0]))
    return byte_level_backend(models.Unigram([(token, 0.0) for token in special] + ordered))


def learn_pieces(words: Mapping[bytes, int], size: int) -> dict[bytes, float]:
    """The `size` pieces, all 256 bytes among them, that explain `words` (with their counts) best: log probabilities."""
    counts = np.array([*words.values()], dtype=np.float64)
    pieces = _candidates(words, size)
    weights = np.array([*pieces.values()], dtype=np.float64)
    names = list(pieces)
    while True:
        lattices = Lattices(list(words), {name: id for id, name in enumerate(names)})
        for _ in range(_ROUNDS_OF_EM):
            weights = lattices.expected_counts(_log_probability(weights), counts)[:-1]
        if len(names) <= size:
            break
        kept = _least_missed_dropped(names, weights, max(size, int(_KEPT_AT_ONCE * len(names))))
        names, weights = [names[n] for n in kept], weights[kept]
    scores = _log_probability(weights)[:-1]
    return {name: round(float(score), _SCORE_DIGITS) for name, score in zip(names, scores, strict=True)}


def _count_words(texts: Iterable[str]) -> dict[bytes, int]:
    """The most frequent words as bytes, cut to a length that lattices can bear."""
    counted: Counter[bytes] = Counter()
    for text in texts:
        for word in split_words(text):
            encoded = word.encode("utf-8", "replace")
            for start in range(0, len(encoded), _LONGEST_WORD):
                counted[encoded[start : start + _LONGEST_WORD]] += 1
    order = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return dict(order[:_MOST_WORDS])


def _candidates(words: Mapping[bytes, int], size: int) -> dict[bytes, int]:
    """All bytes, and the strings inside words that cover most of the text, with how often they occur."""
    found: Counter[bytes] = Counter()
    for word, count in words.items():
        for start in range(len(word)):
            for end in range(start + 1, min(len(word), start + _LONGEST_PIECE) + 1):
                found[word[start:end]] += count
    longer = ((piece, count) for piece, count in found.items() if len(piece) > 1 and count > 1)
    ranked = sorted(longer, key=lambda item: (-item[1] * len(item[0]), item[0]))
    every_byte = {bytes([byte]): found[bytes([byte])] for byte in range(256)}
    return every_byte | dict(islice(ranked, _CANDIDATES_PER_PIECE * size))


def _log_probability(weights: Floats) -> Floats:
    """Log probabilities of pieces that occur `weights` times, and -inf at the end for what is no piece.

    The digamma function in place of the logarithm makes rare pieces rarer still (variational Bayes, as in
    sentencepiece). Nothing falls below a small floor: every byte must remain possible.
    """
    floored = np.maximum(weights, 0.1)
    return np.append(_digamma(floored) - _digamma(np.array([floored.sum()])), -np.inf)


def _digamma(x: Floats) -> Floats:
    """The derivative of log gamma: recurrence up to 6, then the asymptotic series (Abramowitz and Stegun 6.3.18)."""
    result = np.zeros_like(x)
    x = x.copy()
    for _ in range(6):
        small = x < 6
        result[small] -= 1 / x[small]
        x[small] += 1
    return result + np.log(x) - 1 / (2 * x) - 1 / (12 * x**2) + 1 / (120 * x**4) - 1 / (252 * x**6)


def _least_missed_dropped(names: Sequence[bytes], weights: Floats, size: int) -> list[int]:
    """Which `size` pieces to keep: those whose loss would make the words most improbable, and every byte."""
    scores = _log_probability(weights)
    others = Lattices(names, {name: id for id, name in enumerate(names)}).best_without_whole(scores)
    longer = np.array([len(name) > 1 for name in names])
    missed = weights * np.subtract(scores[:-1], others, out=np.zeros(len(names)), where=longer)
    order = sorted(range(len(names)), key=lambda n: (longer[n], -missed[n], names[n]))
    return sorted(order[:size])
