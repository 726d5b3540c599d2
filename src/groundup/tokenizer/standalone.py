"""The tokenizer of the Python interface: opened or trained in one line. Needs no torch."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from groundup.tokenizer import interface
from groundup.tokenizer.loading import load_tokenizer, save_tokenizer
from groundup.tokenizer.training import TokenizerConfig, train_tokenizer


class Tokenizer:
    """Text to ids and back."""

    def __init__(self, source: str | Path | interface.Tokenizer) -> None:
        """Open a tokenizer folder or file (also of a model), of any supported kind. Raises UserError without one."""
        self.inner = load_tokenizer(Path(source)) if isinstance(source, str | Path) else source

    @classmethod
    def train(
        cls, texts: Iterable[str], *, vocab_size: int = 4096, min_frequency: int = 2, kind: str = "bpe"
    ) -> "Tokenizer":
        """Train one on texts, which are read once. kind: bpe, unigram or sentencepiece.

        vocab_size counts special tokens, too; a short text supports fewer. Raises UserError for no text.
        """
        config = TokenizerConfig(kind=kind, vocab_size=vocab_size, min_frequency=min_frequency)
        return cls(train_tokenizer(texts, config))

    @property
    def vocab_size(self) -> int:
        """Number of tokens, special tokens included."""
        return self.inner.vocab_size

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of all that decides the ids: two tokenizers that agree on it are one."""
        return self.inner.fingerprint

    def encode(self, text: str) -> list[int]:
        """Ids of `text`; markers in it stay text."""
        return self.inner.encode(text)

    def decode(self, ids: Sequence[int]) -> str:
        """Text of `ids`, without special tokens."""
        return self.inner.decode(ids)

    def tokens(self, text: str) -> list[bytes]:
        """`text` cut into the bytes of its tokens."""
        return [self.inner.token_bytes(id) for id in self.inner.encode(text)]

    def save(self, folder: str | Path) -> None:
        """Write the folder that training and transformers' AutoTokenizer read. Another tokenizer there is refused."""
        save_tokenizer(self.inner, Path(folder))
