"""Paragraphs: each has the signature that it has alone, and only whole ones of enough words are compared."""

import random

import numpy as np
import pytest

from groundup.data.cleaning.minhash import NearDuplicates, signature
from groundup.data.cleaning.paragraphs import SMALLEST, sign, without
from groundup.data.cleaning.words import Measures, hash_words, normal_words


def paragraph(seed, words):
    chance = random.Random(seed)
    return " ".join(chance.choice(["Über", "lamp", "of", "river", "don't", "12", "snow"]) for _ in range(words)) + "."


@pytest.mark.parametrize("length", [40, 3000])  # the second needs several blocks of sequences
def test_a_paragraph_has_the_signature_that_it_has_alone(length):
    texts = [paragraph(1, length), "Short one.", paragraph(2, SMALLEST + 20), "  " + paragraph(3, length) + " \n"]
    text = "\n\n".join(texts)
    whole, found = sign(Measures(text), paragraphs=True)
    assert (whole == signature(hash_words(normal_words(text)))).all()
    assert [text[start:end] for start, end in found.spans] == [texts[0], texts[2], texts[3].strip()]
    for (start, end), signed in zip(found.spans, found.signatures, strict=True):
        assert (signed == signature(hash_words(normal_words(text[start:end])))).all()
    again, none = sign(Measures(text), paragraphs=False)
    assert (again == whole).all()
    assert not none.spans


def test_a_document_of_one_paragraph_is_compared_as_a_document_only():
    assert not sign(Measures(paragraph(1, 100)), paragraphs=True)[1].spans


def test_paragraphs_are_cut_out_and_the_others_stay_apart():
    text = "One.\n\nTwo.\n\nThree.\n\nFour."
    spans = {word: (text.index(word), text.index(word) + len(word)) for word in ("One.", "Two.", "Three.", "Four.")}
    assert without(text, [spans["Two."]]) == "One.\n\nThree.\n\nFour."
    assert without(text, [spans["One."], spans["Three."]]) == "Two.\n\nFour."
    assert without(text, [spans["Three."], spans["Four."]]) == "One.\n\nTwo."
    assert without(text, list(spans.values())) == ""
    assert without(text, []) == text


def test_texts_of_one_group_are_not_compared():
    signed = np.stack([signature(hash_words(["a", "b", "c", "d", "e", "f"]))] * 4)
    near = NearDuplicates()
    near.add(signed[:2], np.array([0, 0]))
    near.add(signed[2:], np.array([1, 2]))
    assert near.decide().original.tolist() == [-1, -1, 0, 0]
