"""MinHash: the estimate is the similarity, what is found is what a slow comparison finds, and earlier ones stay."""

import random

import numpy as np

from groundup.data.cleaning.minhash import NearDuplicates, signature
from groundup.data.cleaning.words import hash_ngrams, hash_words


def shingles(words):
    return set(hash_ngrams(hash_words(words), 5).tolist())


def jaccard(one, other):
    return len(shingles(one) & shingles(other)) / len(shingles(one) | shingles(other))


def sign(words):
    return signature(hash_words(words))


def variants(chance, similarity, count):
    """Pairs of texts whose similarity is about the wanted one."""
    for _ in range(count):
        words = [str(chance.randrange(10**6)) for _ in range(400)]
        changed = list(words)
        # Each change of a word breaks five shingles of 396; with s changed, Jaccard is (396 - 5s) / (396 + 5s).
        for place in chance.sample(range(2, 398), round(396 * (1 - similarity) / (5 * (1 + similarity)))):
            changed[place] = str(chance.randrange(10**6))
        yield words, changed


def test_the_share_of_equal_values_estimates_jaccard():
    chance = random.Random(1)
    for similarity in (0.3, 0.6, 0.8, 0.95):
        errors = [np.mean(sign(a) == sign(b)) - jaccard(a, b) for a, b in variants(chance, similarity, 30)]
        assert abs(np.mean(errors)) < 0.03


def test_pairs_at_four_fifths_are_found_and_distant_ones_are_not():
    chance = random.Random(2)
    close = list(variants(chance, 0.82, 100))
    far = list(variants(chance, 0.5, 100))
    near = NearDuplicates()
    for pair in close + far:
        near.add(np.stack([sign(words) for words in pair]))
    original = near.decide().original
    assert (original[1:200:2] >= 0).mean() >= 0.95
    assert all(original[n] in (-1, n - 1) for n in range(1, 400, 2))
    assert (original[::2] == -1).all()
    assert (original[201::2] >= 0).mean() <= 0.02


def test_what_comes_later_changes_nothing_before_it():
    chance = random.Random(3)
    words = [str(chance.randrange(10**6)) for _ in range(300)]
    documents = [words]
    for _ in range(40):  # each differs a little from the one before: a chain that leads far away
        changed = list(documents[-1])
        for place in chance.sample(range(300), 4):
            changed[place] = str(chance.randrange(10**6))
        documents.append(changed)
    signatures = np.stack([sign(d) for d in documents])
    decisions = []
    for end in (15, 30, 41):
        near = NearDuplicates()
        near.add(signatures[:end])
        decision = near.decide()
        decisions.append(decision.original.tolist())
        for document, original in enumerate(decision.original):
            if original >= 0:
                assert decision.original[original] == -1  # what it resembles is kept
                assert np.mean(signatures[document] == signatures[original]) >= near.threshold - 0.01
    assert decisions[2][:15] == decisions[0]
    assert decisions[2][:30] == decisions[1]
    assert decisions[2].count(-1) > 3


def test_equal_documents_and_none():
    near = NearDuplicates()
    assert near.decide().original.tolist() == []
    near = NearDuplicates()
    near.add(np.stack([sign(["a", "b"])] * 5))
    assert near.decide().original.tolist() == [-1, 0, 0, 0, 0]
