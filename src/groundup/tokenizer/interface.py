"""What every tokenizer of this project can do. The rest of the project knows tokenizers through this alone."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

import numpy as np
import numpy.typing as npt

from groundup.tokenizer.special_tokens import SpecialTokens


@runtime_checkable
class Tokenizer(Protocol):
    """Text to ids and back. Safe to use from several threads; nothing about it changes after it is made."""

    @property
    def vocab_size(self) -> int:
        """Highest id + 1: the number of rows that a model's embedding needs."""

    @property
    def specials(self) -> SpecialTokens:
        """The special tokens by role; `specials.ids` has their ids."""

    @property
    def fingerprint(self) -> str:
        """Hex SHA-256 of everything that decides which ids a text gets. Two tokenizers that agree on it are one."""

    @property
    def token_byte_lengths(self) -> npt.NDArray[np.int32]:
        """Bytes of text that each id stands for, (V,); 0 for special tokens. What bits per byte divides by."""

    def encode(self, text: str, *, add_special_tokens: bool = False, allow_special: bool = False) -> list[int]:
        """Ids of `text`. `add_special_tokens` puts `<|endoftext|>` first.

        Marker strings inside the text stay text unless `allow_special`: only the caller's own templates may set it,
        never anything that a user or a file wrote.
        """

    def encode_batch(self, texts: Sequence[str], *, add_special_tokens: bool = False) -> list[list[int]]:
        """`encode` of every text, on all cores. Markers stay text."""

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool = True) -> str:
        """Text of `ids`. Bytes that do not form a character become U+FFFD."""

    def token_to_id(self, token: str) -> int | None:
        """Id of a vocabulary entry, or None."""

    def id_to_token(self, id: int) -> str | None:
        """Vocabulary entry as the tokenizer spells it, or None. For the bytes that it stands for see `token_bytes`."""

    def token_bytes(self, id: int) -> bytes:
        """The bytes of text that a token stands for; empty for special tokens and for ids that are not used."""

    def save(self, folder: Path) -> None:
        """Write tokenizer.json, tokenizer_config.json (with the chat template) and special_tokens_map.json.

        The folder then loads with `load_tokenizer` and with `transformers.AutoTokenizer`, to the same ids.
        """
