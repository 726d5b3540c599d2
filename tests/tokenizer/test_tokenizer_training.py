"""Training is repeatable, keeps to the size asked for, and says what it had to change."""

import sys

import pytest

from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer
from groundup.utils.errors import UserError


def test_same_texts_give_the_same_tokenizer(texts: list[str], tokenizer: HuggingFaceTokenizer) -> None:
    config = TokenizerConfig(vocab_size=600, special_tokens=["<s>", "</s>", "<unk>", "<mask>"])
    assert train_tokenizer(iter(texts), config).fingerprint == tokenizer.fingerprint
    assert train_tokenizer(texts[:-1], config).fingerprint != tokenizer.fingerprint


def test_size_is_exact_where_the_text_supports_it(tokenizer: HuggingFaceTokenizer) -> None:
    assert tokenizer.vocab_size == 600


def test_too_large_a_vocabulary_shrinks_with_one_line() -> None:
    said: list[str] = []
    made = train_tokenizer(["the cat and the cat"] * 3, TokenizerConfig(vocab_size=8000), said.append)
    assert 260 < made.vocab_size < 300
    assert len(said) == 1
    assert "8000" in said[0]
    assert str(made.vocab_size) in said[0]


def test_min_frequency_is_respected() -> None:
    text = ["abcd " * 4 + "xy "]
    frequent = train_tokenizer(text, TokenizerConfig(vocab_size=400, min_frequency=4))
    once = train_tokenizer(text, TokenizerConfig(vocab_size=400, min_frequency=1))
    assert frequent.token_to_id("xy") is None
    assert once.token_to_id("Ġxy") is not None


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (TokenizerConfig(vocab_size=259), "at least 260"),
        (TokenizerConfig(vocab_size=260, special_tokens=["<s>"]), "at least 261"),
        (TokenizerConfig(kind="bpee"), '"bpe"'),
        (TokenizerConfig(min_frequency=0), "at least 1"),
        (TokenizerConfig(special_tokens=["USER"]), "reads like a word"),
        (TokenizerConfig(special_tokens=["<é>"]), "ASCII"),
        (TokenizerConfig(special_tokens=[""]), "ASCII"),
    ],
)
def test_impossible_settings_are_refused(config: TokenizerConfig, words: str) -> None:
    with pytest.raises(UserError, match=words):
        train_tokenizer(["some text"], config)


@pytest.mark.parametrize("texts", [[], [""], ["", ""]])
def test_no_text_is_refused(texts: list[str]) -> None:
    with pytest.raises(UserError, match="no text"):
        train_tokenizer(texts, TokenizerConfig())


def test_least_vocabulary_holds_all_bytes() -> None:
    made = train_tokenizer(["text text"], TokenizerConfig(vocab_size=260))
    assert made.vocab_size == 260
    assert made.decode(made.encode("naïve 🦊")) == "naïve 🦊"


def test_sentencepiece_missing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sentencepiece", None)
    with pytest.raises(UserError, match="pip install sentencepiece"):
        train_tokenizer(["some text"], TokenizerConfig(kind="sentencepiece"))


@pytest.mark.parametrize("kind", ["tiktoken", "huggingface"])
def test_kinds_that_are_only_loaded_are_not_trained(kind: str) -> None:
    with pytest.raises(UserError, match="is not trained"):
        train_tokenizer(["some text"], TokenizerConfig(kind=kind))
