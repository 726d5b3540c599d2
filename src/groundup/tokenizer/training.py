"""Training a byte-level BPE tokenizer from a stream of texts, in bounded memory.

Departures from GPT-2's tokenizer:
* The split pattern is Qwen2's, in the spelling that llama.cpp has for it under the name "qwen2": digits one by one,
  newlines apart from words, contractions in either case.
* No normaliser (Qwen2 has NFC): ids decode to exactly the text that went in. Corpus cleaning makes text NFC already,
  and llama.cpp normalises nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import tokenizers
from tokenizers import Regex, decoders, models, pre_tokenizers, trainers

from groundup.tokenizer.huggingface import HuggingFaceTokenizer
from groundup.tokenizer.sampling import TextSample
from groundup.tokenizer.special_tokens import SpecialTokens, all_special_tokens, roles_among
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.progress import Say, quiet

LLAMA_CPP_NAME: Final = "qwen2"
SPLIT_PATTERN: Final = "|".join(
    [
        r"(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])",
        r"[^\r\n\p{L}\p{N}]?\p{L}+",
        r"\p{N}",
        r" ?[^\s\p{L}\p{N}]+[\r\n]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
KINDS: Final = ("bpe",)


@dataclass
class TokenizerConfig:
    """The `tokenizer` section of a configuration."""

    kind: str = "bpe"
    """How text is cut: bpe."""
    path: str | None = None
    """Folder that the tokenizer is kept in; None: chosen by the command."""
    vocab_size: int = 4096
    """Number of tokens, special tokens included."""
    min_frequency: int = 2
    """A pair of tokens is merged only if it occurs this often."""
    special_tokens: list[str] = field(default_factory=list)
    """Further special tokens, beside the four that are always there."""


def train_tokenizer(
    texts: Iterable[str], config: TokenizerConfig, say: Say = quiet, *, text_bytes: int | None = None
) -> HuggingFaceTokenizer:
    """Train on `texts`, which are read once. The same texts and settings give the same tokenizer.

    `text_bytes`, if the caller knows about how much text comes, spreads the sample of a rich stream evenly over it.
    Raises UserError for impossible settings and for no text.
    """
    if config.kind not in KINDS:
        raise UserError(f'Unknown tokenizer kind "{config.kind}".{nearest_hint(config.kind, KINDS)}')
    special = all_special_tokens(config.special_tokens)
    backend = _empty_byte_level()
    _check_settings(config, special, backend)
    trainer = trainers.BpeTrainer(
        vocab_size=config.vocab_size,
        min_frequency=config.min_frequency,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    sample = TextSample(texts, text_bytes)
    backend.train_from_iterator(sample, trainer=trainer)
    if sample.bytes_taken == 0:
        raise UserError("There is no text to train a tokenizer on. Give files with text in them.")
    if sample.is_partial:
        say(f"Tokenizer trained on {sample.bytes_taken / 1e6:,.0f} MB of the text, so that memory suffices.")
    made = backend.get_vocab_size(with_added_tokens=True)
    if made < config.vocab_size:
        say(
            f"Vocabulary shrunk from {config.vocab_size} to {made}: this text has no more pairs of tokens that occur "
            f"{config.min_frequency} times. More text or a smaller min_frequency gives more."
        )
    return HuggingFaceTokenizer(backend, SpecialTokens().roles() | roles_among(special), llama_cpp_name=LLAMA_CPP_NAME)


def _empty_byte_level() -> tokenizers.Tokenizer:
    backend = tokenizers.Tokenizer(models.BPE())
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(SPLIT_PATTERN), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    return backend


def _check_settings(config: TokenizerConfig, special: list[str], backend: tokenizers.Tokenizer) -> None:
    """Raise UserError for a vocabulary that cannot hold all bytes, or a special token that merges could spell."""
    least = 256 + len(special)
    if config.vocab_size < least:
        raise UserError(
            f"A vocabulary of {config.vocab_size} is too small: 256 bytes and {len(special)} special tokens need "
            f"at least {least}. Raise vocab_size."
        )
    if config.min_frequency < 1:
        raise UserError(f"min_frequency is {config.min_frequency}; it must be at least 1.")
    for token in special:
        # The trainer gives equal strings one id, so a word of the text could become the special token.
        if len(backend.pre_tokenizer.pre_tokenize_str(token)) == 1:
            raise UserError(f'The special token {token!r} reads like a word of text. Choose a name such as "<|name|>".')
