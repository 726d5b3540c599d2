"""The unigram tokenizer keeps all text, has the size asked for, and comes out the same every time."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.special_tokens import RESERVED
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.tokenizer.unigram import Lattices, _digamma

CONFIG = TokenizerConfig(kind="unigram", vocab_size=330, special_tokens=["<s>"])


@pytest.fixture(scope="module")
def unigram(texts: list[str]) -> HuggingFaceTokenizer:
    return train_tokenizer(texts, CONFIG)


def test_size_ids_and_repeatability(unigram: HuggingFaceTokenizer, texts: list[str]) -> None:
    assert unigram.vocab_size == 330
    assert [unigram.token_to_id(token) for token in [*RESERVED, "<s>"]] == [0, 1, 2, 3, 4]
    assert {train_tokenizer(texts, CONFIG).fingerprint for _ in range(3)} == {unigram.fingerprint}
    assert unigram.llama_cpp_name is None


def test_it_learns_words(unigram: HuggingFaceTokenizer) -> None:
    assert [unigram.token_bytes(id) for id in unigram.encode("Yes Yes")] == [b"Yes", b" ", b"Yes"]


def test_too_large_a_vocabulary_shrinks_with_one_line() -> None:
    said: list[str] = []
    made = train_tokenizer(["the cat and the cat"] * 3, TokenizerConfig(kind="unigram", vocab_size=5000), said.append)
    assert 260 <= made.vocab_size < 300
    assert len(said) == 1
    assert str(made.vocab_size) in said[0]


@given(st.lists(st.one_of(st.text(max_size=12), st.sampled_from([*RESERVED, "<s>"]))).map("".join))
@settings(max_examples=200, deadline=None)
def test_any_text_comes_back_without_special_tokens(unigram: HuggingFaceTokenizer, text: str) -> None:
    ids = unigram.encode(text)
    assert not set(ids) & {0, 1, 2, 3, 4}
    assert unigram.decode(ids) == text
    assert unigram.token_byte_lengths[ids].sum() == len(text.encode())


def test_digamma_is_the_derivative_of_log_gamma() -> None:
    x = np.array([0.1, 0.5, 1.0, 3.7, 6.0, 1000.0])
    slopes = [(math.lgamma(value + 1e-5) - math.lgamma(value - 1e-5)) / 2e-5 for value in x]
    assert np.allclose(_digamma(x), slopes, rtol=1e-6)


def test_lattices_weigh_all_segmentations() -> None:
    ids = {b"a": 0, b"b": 1, b"ab": 2}
    lattices = Lattices([b"ab", b"b"], ids)
    log_probability = np.log(np.array([0.2, 0.3, 0.5, 1e-300]))
    log_probability[-1] = -np.inf
    # "ab" is ab with weight 0.5, a + b with 0.2 * 0.3; it occurs 4 times, "b" occurs twice.
    apart = 0.06 / 0.56
    expected = lattices.expected_counts(log_probability, np.array([4.0, 2.0]))
    assert np.allclose(expected, [4 * apart, 4 * apart + 2, 4 * (1 - apart), 0])
    best = lattices.best_without_whole(log_probability)
    assert np.isclose(best[0], np.log(0.06))
    assert best[1] == -np.inf
