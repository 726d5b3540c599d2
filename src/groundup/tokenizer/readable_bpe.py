"""Byte-pair encoding in plain Python: the slow twin of what `tokenizers` does, to be read in one sitting.

1. Text is cut into words (`split_words`), and a word is a sequence of bytes. No token ever spans two words.
2. Training looks for the pair of neighbouring tokens that occurs most often, makes it one token, and starts over,
   until the vocabulary is full. Of equally frequent pairs, the one with the smaller ids is merged first.
3. Encoding repeats those merges in the order in which they were learnt.

The bookkeeping of `learn_merges` follows the trainer of `tokenizers` (tokenizers/src/models/bpe/trainer.rs) in its
oddities too: where one string can be made by two different merges, a pair may stand in the queue twice.
"""

import heapq
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import pairwise

from groundup.tokenizer.special_tokens import all_special_tokens
from groundup.tokenizer.token_bytes import byte_to_character

Pair = tuple[int, int]


@cache
def _word_pattern() -> re.Pattern[str]:
    """The split pattern of `training`, for the standard library's `re`, which knows no Unicode classes.

    Letters and numbers are those of this Python's Unicode version, so rare scripts that are newer may be cut otherwise.
    """

    def character_class(initial: str) -> str:
        members = [c for c in range(sys.maxunicode + 1) if unicodedata.category(chr(c)).startswith(initial)]
        starts = [c for c, before in zip(members, [-2, *members], strict=False) if c != before + 1]
        ends = [c for c, after in zip(members, [*members[1:], -2], strict=True) if c != after - 1]
        return "".join(f"{re.escape(chr(a))}-{re.escape(chr(b))}" for a, b in zip(starts, ends, strict=True))

    letters, numbers = character_class("L"), character_class("N")
    space = "\t\n\x0b\x0c\r\x85" + character_class("Z")
    return re.compile(
        r"'(?:[sS]|[tT]|[rR][eE]|[vV][eE]|[mM]|[lL][lL]|[dD])"  # English contractions
        rf"|[^\r\n{letters}{numbers}]?[{letters}]+"  # a word with the space or sign before it
        rf"|[{numbers}]"  # digits one by one
        rf"| ?[^{space}{letters}{numbers}]+[\r\n]*"  # signs with the line ends after them
        rf"|[{space}]*[\r\n]+"  # line ends with the white space before them
        rf"|[{space}]+(?![^{space}])"  # white space, but for the last one before a word
        rf"|[{space}]+"
    )


def split_words(text: str) -> list[str]:
    """Cut `text` into the words that tokens stay within; joined, they are the text."""
    return _word_pattern().findall(text)


def merge_pair(ids: list[int], pair: Pair, new_id: int) -> list[tuple[Pair, int]]:
    """Replace `pair` in `ids`, in place, from left to right. Returns the pairs that came (+1) and went (-1)."""
    changes: list[tuple[Pair, int]] = []
    i = 0
    while i < len(ids) - 1:
        if (ids[i], ids[i + 1]) == pair:
            ids[i : i + 2] = [new_id]
            if i > 0:
                changes += [((ids[i - 1], pair[0]), -1), ((ids[i - 1], new_id), +1)]
            if i + 1 < len(ids):
                changes += [((pair[1], ids[i + 1]), -1), ((new_id, ids[i + 1]), +1)]
        i += 1
    return changes


def learn_merges(
    words: Sequence[list[int]], counts: Sequence[int], vocabulary: list[bytes], vocab_size: int, min_frequency: int
) -> dict[Pair, int]:
    """Merge until `vocabulary` (bytes of each id, extended in place) has `vocab_size` entries or no pair is left.

    `words` (also changed in place) are the distinct words as ids, `counts` how often each occurs.
    Returns what each pair becomes, in the order of learning.
    """
    pair_counts: Counter[Pair] = Counter()
    where: defaultdict[Pair, set[int]] = defaultdict(set)
    for n, ids in enumerate(words):
        for pair in pairwise(ids):
            pair_counts[pair] += counts[n]
            where[pair].add(n)
    id_of = {token: id for id, token in enumerate(vocabulary) if token}
    merges: dict[Pair, int] = {}
    queue: list[tuple[int, Pair, list[int]]] = []
    while True:
        for pair, at in where.items():  # pairs that are new in some words
            if pair_counts[pair] > 0:
                heapq.heappush(queue, (-pair_counts[pair], pair, sorted(at)))
        where.clear()
        if not queue or len(vocabulary) >= vocab_size:
            return merges
        negative_count, pair, at_words = heapq.heappop(queue)
        if -negative_count != pair_counts[pair]:  # other merges took some of them away since
            heapq.heappush(queue, (-pair_counts[pair], pair, at_words))
            continue
        if pair_counts[pair] < max(1, min_frequency):
            return merges
        token = vocabulary[pair[0]] + vocabulary[pair[1]]
        if token not in id_of:
            id_of[token] = len(vocabulary)
            vocabulary.append(token)
        merges.pop(pair, None)  # learnt again, it goes to the end
        merges[pair] = id_of[token]
        for n in at_words:
            for changed, sign in merge_pair(words[n], pair, id_of[token]):
                pair_counts[changed] += sign * counts[n]
                if sign > 0:
                    where[changed].add(n)


class ReadableBPE:
    """A trained tokenizer: `vocabulary[id]` is the bytes of a token (b"" for special ones), `merges` in order."""

    def __init__(self, vocabulary: list[bytes], merges: Mapping[Pair, int]):
        self.vocabulary = vocabulary
        self.merges = dict(merges)
        self._rank = {pair: rank for rank, pair in enumerate(merges)}
        self._byte_id = {token[0]: id for id, token in enumerate(vocabulary) if len(token) == 1}

    @classmethod
    def train(
        cls, texts: Iterable[str], vocab_size: int, min_frequency: int = 2, special_tokens: Sequence[str] = ()
    ) -> "ReadableBPE":
        """Learn a vocabulary of `vocab_size`: special tokens, then 256 bytes in the alphabet's order, then merges."""
        alphabet = byte_to_character()
        vocabulary = [b""] * len(all_special_tokens(special_tokens))
        first_byte_id = len(vocabulary)
        vocabulary += [bytes([byte]) for byte in sorted(range(256), key=alphabet.__getitem__)]
        byte_id = {token[0]: id for id, token in enumerate(vocabulary[first_byte_id:], start=first_byte_id)}
        word_counts = Counter(word for text in texts for word in split_words(text))
        words = [[byte_id[byte] for byte in word.encode()] for word in word_counts]
        merges = learn_merges(words, list(word_counts.values()), vocabulary, vocab_size, min_frequency)
        return cls(vocabulary, merges)

    def encode(self, text: str) -> list[int]:
        """Ids of `text`. It knows no special tokens: markers are text."""
        return [id for word in split_words(text) for id in self._encode_word(word.encode())]

    def _encode_word(self, word: bytes) -> list[int]:
        ids = [self._byte_id[byte] for byte in word]
        while len(ids) > 1:
            pairs = list(pairwise(ids))
            rank, i = min((self._rank.get(pair, len(self._rank)), i) for i, pair in enumerate(pairs))
            if rank == len(self._rank):
                break
            ids[i : i + 2] = [self.merges[pairs[i]]]
        return ids

    def decode(self, ids: Iterable[int]) -> str:
        """Text of `ids`; bytes that form no character become U+FFFD."""
        return b"".join(self.vocabulary[id] for id in ids).decode("utf-8", "replace")
