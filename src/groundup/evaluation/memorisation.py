"""How much of what a model writes stands word for word in its training text.

Words are what white space parts, punctuation included; line breaks and spaces are one. All that was written is indexed
once (a suffix automaton over words, Blumer et al. 1985), and the training text runs through it once, so that it may be
larger than memory:

    written    the cat sat on a mat          training    ... a dog sat on a chair ...
                       ^^^^^^^^                                    ^^^^^^^^  3 words: the longest overlap
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

NGRAM = 13
"""Words: the length that GPT-3's authors called an overlap (Brown et al. 2020, appendix C)."""


@dataclass(frozen=True)
class Memorisation:
    """What was found."""

    longest_words: int  # the longest run of words that stands in the training text as well
    longest_text: str  # that run
    ngrams: int  # runs of NGRAM words that were written, each counted as often as it occurs
    ngrams_in_training: int
    training_words: int  # words that were searched

    @property
    def ngram_share(self) -> float:
        """Share of the written runs that stand in the training text; 0 where nothing is long enough."""
        return self.ngrams_in_training / self.ngrams if self.ngrams else 0.0

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {**asdict(self), "ngram_words": NGRAM, "ngram_share": self.ngram_share}


class _Automaton:
    """Every run of words of several texts, as a minimal automaton."""

    def __init__(self) -> None:
        self.length, self.link = [0], [-1]
        self.edges: list[dict[int, int]] = [{}]
        self.end = [-1]  # of each state: where the first occurrence of its runs ends

    def add(self, words: Iterable[int], start: int) -> int:
        """Append the words of a text, which begins at place `start` of all texts; returns the place behind it."""
        last, place = 0, start
        for word in words:
            last = self._extend(last, word, place)
            place += 1
        return place

    def _extend(self, last: int, word: int, place: int) -> int:
        if word in self.edges[last]:  # from an earlier text
            return self._split(last, word)
        new = self._state(self.length[last] + 1, place)
        state = last
        while state != -1 and word not in self.edges[state]:
            self.edges[state][word] = new
            state = self.link[state]
        self.link[new] = 0 if state == -1 else self._split(state, word)
        return new

    def _split(self, state: int, word: int) -> int:
        """The state of exactly the runs that end `state`'s longest run with `word`."""
        target = self.edges[state][word]
        if self.length[target] == self.length[state] + 1:
            return target
        clone = self._state(self.length[state] + 1, self.end[target])
        self.edges[clone] = dict(self.edges[target])
        self.link[clone] = self.link[target]
        self.link[target] = clone
        walker = state
        while walker != -1 and self.edges[walker].get(word) == target:
            self.edges[walker][word] = clone
            walker = self.link[walker]
        return clone

    def _state(self, length: int, end: int) -> int:
        self.length.append(length)
        self.link.append(-1)
        self.edges.append({})
        self.end.append(end)
        return len(self.length) - 1


def measure_memorisation(written: Sequence[str], training: Iterable[str]) -> Memorisation:
    """Search the training texts for runs of words that were written. A run spans no two texts."""
    numbers: dict[str, int] = {}
    texts = [[numbers.setdefault(word, len(numbers)) for word in text.split()] for text in written]
    automaton, place = _Automaton(), 0
    for text in texts:
        place = automaton.add(text, place)
    found: set[tuple[int, ...]] = set()
    best, best_end, searched = 0, -1, 0
    length, link, edges, ends = automaton.length, automaton.link, automaton.edges, automaton.end
    for text_of_training in training:
        words = text_of_training.split()
        searched += len(words)
        state = run = 0
        recent: list[int] = []
        for word in words:
            number = numbers.get(word, -1)
            while state and number not in edges[state]:
                state = link[state]
                run = length[state]
            if number in edges[state]:
                state, run = edges[state][number], run + 1
            else:
                run = 0
            recent.append(number)
            if run > best:
                best, best_end = run, ends[state]
            if run >= NGRAM:
                found.add(tuple(recent[-NGRAM:]))
    ngrams = [tuple(text[n : n + NGRAM]) for text in texts for n in range(len(text) - NGRAM + 1)]
    everything = [word for text in written for word in text.split()]
    longest = " ".join(everything[best_end - best + 1 : best_end + 1])
    return Memorisation(best, longest, len(ngrams), sum(ngram in found for ngram in ngrams), searched)
