"""Training a tokenizer from a stream of texts, in bounded memory."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import tokenizers
from tokenizers import models, pre_tokenizers, trainers

from groundup.tokenizer import sentencepiece_training, unigram
from groundup.tokenizer.byte_level import LLAMA_CPP_NAME, byte_level_backend
from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.special_tokens import SpecialTokens, all_special_tokens, roles_among
from groundup.tokenizer.text_sample import TOTAL_BYTES, TextSample
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.progress import Say, quiet

TRAINED_KINDS: Final = ("bpe", "unigram", "sentencepiece")
LOADED_KINDS: Final = ("tiktoken", "huggingface")
KINDS: Final = TRAINED_KINDS + LOADED_KINDS


@dataclass
class TokenizerConfig:
    """The `tokenizer` section of a configuration."""

    kind: str = "bpe"
    """How text is cut: bpe, unigram or sentencepiece (trained); tiktoken or huggingface (loaded from `path`)."""
    path: str | None = None
    """Folder that the tokenizer is kept in, or file that it is loaded from; None: chosen by the command."""
    vocab_size: int = 4096
    """Number of tokens, special tokens included."""
    min_frequency: int = 2
    """bpe: a pair of tokens is merged only if it occurs this often."""
    special_tokens: list[str] = field(default_factory=list)
    """Further special tokens, beside the four that are always there."""


def train_tokenizer(
    texts: Iterable[str], config: TokenizerConfig, say: Say = quiet, *, text_bytes: int | None = None
) -> HuggingFaceTokenizer:
    """Train on `texts`, which are read once. The same texts and settings give the same tokenizer.

    `text_bytes`, if the caller knows about how much text comes, spreads the sample of a rich stream evenly over it.
    Raises UserError for impossible settings and for no text.
    """
    special = _check_settings(config)
    total_budget = unigram.TOTAL_BYTES if config.kind == "unigram" else TOTAL_BYTES
    sample = TextSample(texts, text_bytes, total_budget=total_budget)
    if config.kind == "sentencepiece":
        tokenizer = sentencepiece_training.train(sample, config.vocab_size, special)
    else:
        if config.kind == "bpe":
            backend = _train_bpe(sample, config, special)
        else:
            backend = unigram.train_unigram(sample, config.vocab_size, special)
        roles = SpecialTokens().roles() | roles_among(special)
        llama_cpp_name = LLAMA_CPP_NAME if config.kind == "bpe" else None
        tokenizer = HuggingFaceTokenizer(backend, roles, llama_cpp_name=llama_cpp_name)
    if sample.bytes_taken == 0:
        raise UserError("There is no text to train a tokenizer on. Give files with text in them.")
    if sample.is_partial:
        say(f"Tokenizer trained on {sample.bytes_taken / 1e6:,.0f} MB of the text, so that memory suffices.")
    if tokenizer.vocab_size < config.vocab_size:
        reason = (
            f"no more pairs of tokens occur {config.min_frequency} times" if config.kind == "bpe" else "it is short"
        )
        say(
            f"Vocabulary shrunk from {config.vocab_size} to {tokenizer.vocab_size}, the most that this text supports: "
            f"{reason}."
        )
    return tokenizer


def _train_bpe(sample: TextSample, config: TokenizerConfig, special: list[str]) -> tokenizers.Tokenizer:
    backend = byte_level_backend(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=config.vocab_size,
        min_frequency=config.min_frequency,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    backend.train_from_iterator(sample, trainer=trainer)
    return backend


def _check_settings(config: TokenizerConfig) -> list[str]:
    """All special tokens. Raises UserError for settings that no text could be trained with."""
    if config.kind in LOADED_KINDS:
        raise UserError(f"A tokenizer of the kind {config.kind} is not trained. Set tokenizer.path to its files.")
    if config.kind not in KINDS:
        raise UserError(f'Unknown tokenizer kind "{config.kind}".{nearest_hint(config.kind, KINDS)}')
    special = all_special_tokens(config.special_tokens)
    least = 256 + len(special)
    if config.vocab_size < least:
        raise UserError(
            f"A vocabulary of {config.vocab_size} is too small: 256 bytes and {len(special)} special tokens need "
            f"at least {least}. Raise vocab_size."
        )
    if config.min_frequency < 1:
        raise UserError(f"min_frequency is {config.min_frequency}; it must be at least 1.")
    splitter = byte_level_backend(models.BPE()).pre_tokenizer
    for token in special:
        # The trainer gives equal strings one id, so a word of the text could become the special token.
        if len(splitter.pre_tokenize_str(token)) == 1:
            raise UserError(f'The special token {token!r} reads like a word of text. Choose a name such as "<|name|>".')
    return special
