"""The readable BPE learns the same merges and gives the same ids as the fast one."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.readable_bpe import ReadableBPE, split_words
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer


def assert_equal_training(texts: list[str], vocab_size: int, min_frequency: int) -> None:
    config = TokenizerConfig(vocab_size=vocab_size, min_frequency=min_frequency, special_tokens=["<s>"])
    fast = train_tokenizer(texts, config)
    slow = ReadableBPE.train(texts, vocab_size, min_frequency, ["<s>"])
    assert len(slow.vocabulary) == fast.vocab_size
    assert slow.vocabulary == [fast.token_bytes(id) for id in range(fast.vocab_size)]
    merges = json.loads(fast.to_json())["model"]["merges"]
    assert [(slow.vocabulary[a], slow.vocabulary[b]) for a, b in slow.merges] == [
        tuple(fast.token_bytes(fast.token_to_id(part) or -1) for part in pair) for pair in merges
    ]
    for text in texts:
        assert slow.encode(text) == fast.encode(text)


def test_real_text_in_many_scripts(texts: list[str]) -> None:
    assert_equal_training(texts, 900, 2)


@pytest.mark.parametrize("seed", range(40))
def test_random_text_from_few_letters(seed: int) -> None:
    # Few letters give ties, overlapping pairs ("aaa") and strings that two different merges make.
    chance = random.Random(seed)
    letters = "ab " if seed % 2 else "aabcd  é"
    texts = ["".join(chance.choices(letters, k=chance.randint(1, 300))) for _ in range(chance.randint(1, 6))]
    assert_equal_training(texts, chance.choice([270, 300, 400]), chance.choice([1, 2, 3]))


@given(st.lists(st.text(st.sampled_from("ab \n'sé語1."), max_size=40), min_size=1, max_size=5).filter(any))
@settings(max_examples=200, deadline=None)
def test_any_small_text(texts: list[str]) -> None:
    assert_equal_training(texts, 300, 1)


# Characters that this Python does not know yet may be letters to the other: left out.
@given(st.text(st.characters(exclude_categories=["Cs", "Cn"])))
@settings(max_examples=500, deadline=None)
def test_ids_of_any_text(tokenizer: HuggingFaceTokenizer, readable: ReadableBPE, text: str) -> None:
    assert readable.encode(text) == tokenizer.encode(text)
    assert readable.decode(readable.encode(text)) == text


@pytest.fixture(scope="module")
def readable(texts: list[str]) -> ReadableBPE:
    return ReadableBPE.train(texts, 600, 2, ["<s>", "</s>", "<unk>", "<mask>"])


def test_words() -> None:
    assert split_words("It's  12 o'clock!\n\n  (yes)\t\n x ") == [
        "It", "'s", " ", " ", "1", "2", " o", "'c" "lock", "!\n\n", " ", " (", "yes", ")", "\t\n", " x", " ",
    ]  # fmt: skip
