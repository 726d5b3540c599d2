"""How our own tokenizers cut text before any vocabulary comes in: a split pattern, then bytes.

Departures from GPT-2's tokenizer:
* The split pattern is Qwen2's, in the spelling that llama.cpp has for it under the name "qwen2": digits one by one,
  newlines apart from words, contractions in either case.
* No normaliser (Qwen2 has NFC): ids decode to exactly the text that went in. Corpus cleaning makes text NFC already,
  and llama.cpp normalises nothing.
"""

from typing import Final

import tokenizers
from tokenizers import Regex, decoders, models, pre_tokenizers

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


def byte_level_backend(model: models.Model, pattern: str = SPLIT_PATTERN) -> tokenizers.Tokenizer:
    """A tokenizer that cuts text by `pattern` and hands `model` its bytes, spelt in the byte-level alphabet."""
    backend = tokenizers.Tokenizer(model)
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    return backend
