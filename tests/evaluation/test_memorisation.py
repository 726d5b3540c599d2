"""Overlaps found by the automaton are those that trying every run finds."""

import random

import pytest

from groundup.evaluation.memorisation import NGRAM, measure_memorisation


def longest_by_trying(written: list[str], training: list[str]) -> int:
    best = 0
    for text in written:
        words = text.split()
        for start in range(len(words)):
            for end in range(start + best + 1, len(words) + 1):
                run = f" {' '.join(words[start:end])} "
                if any(run in f" {' '.join(other.split())} " for other in training):
                    best = max(best, end - start)
    return best


@pytest.mark.parametrize("seed", range(8))
def test_the_longest_overlap_and_the_share_of_ngrams_are_exact(seed: int) -> None:
    chance = random.Random(seed)

    def text(n: int) -> list[str]:
        return chance.choices("abc", k=n)

    copied = text(30)
    written = [" ".join(text(40)), " ".join([*text(5), *copied[: 10 + 2 * seed], *text(5)]), " ".join(text(7))]
    training = [" ".join(text(50)), "\n".join([*text(20), *copied, *text(20)]), ""]
    found = measure_memorisation(written, training)
    assert found.longest_words == longest_by_trying(written, training)
    assert len(found.longest_text.split()) == found.longest_words
    assert any(f" {found.longest_text} " in f" {' '.join(other.split())} " for other in training)
    runs = [tuple(words[n : n + NGRAM]) for words in map(str.split, written) for n in range(len(words) - NGRAM + 1)]
    known = {tuple(w[n : n + NGRAM]) for w in map(str.split, training) for n in range(len(w) - NGRAM + 1)}
    assert found.ngrams == len(runs)
    assert found.ngrams_in_training == sum(run in known for run in runs)
    assert found.training_words == sum(len(other.split()) for other in training)


def test_an_overlap_spans_no_two_texts() -> None:
    found = measure_memorisation(["a b c d"], ["x a b", "c d y"])
    assert found.longest_words == 2


def test_nothing_in_common() -> None:
    found = measure_memorisation(["a b"], ["c d"])
    assert (found.longest_words, found.longest_text, found.ngram_share) == (0, "", 0.0)
