"""A tokenizer of bytes: small, exact, without training. What the token files need of a tokenizer, and no more."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from groundup.tokenizer.special_tokens import SpecialTokens

FIRST_BYTE = 4  # the four special tokens come first


class ByteTokenizer:
    """Ids 0 to 3 are special, byte b is 4 + b. A bigger `vocab_size` leaves ids unused."""

    def __init__(self, vocab_size: int = 260, fingerprint: str = "b" * 64) -> None:
        self.vocab_size = vocab_size
        self.fingerprint = fingerprint
        ids = {"end_of_text": 0, "pad": 1, "im_start": 2, "im_end": 3}
        self.specials = SpecialTokens(ids=ids)

    @property
    def token_byte_lengths(self) -> npt.NDArray[np.int32]:
        return np.array([len(self.token_bytes(id)) for id in range(self.vocab_size)], dtype=np.int32)

    def encode(self, text: str, *, add_special_tokens: bool = False, allow_special: bool = False) -> list[int]:
        return [0] * add_special_tokens + [FIRST_BYTE + byte for byte in text.encode()]

    def encode_batch(self, texts: Sequence[str], *, add_special_tokens: bool = False) -> list[list[int]]:
        return [self.encode(text, add_special_tokens=add_special_tokens) for text in texts]

    def decode(self, ids: Sequence[int], *, skip_special_tokens: bool = True) -> str:
        return b"".join(self.token_bytes(id) for id in ids).decode(errors="replace")

    def token_bytes(self, id: int) -> bytes:
        return bytes([id - FIRST_BYTE]) if FIRST_BYTE <= id < FIRST_BYTE + 256 else b""
