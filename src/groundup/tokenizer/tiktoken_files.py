"""Reading the vocabulary files of tiktoken and of GPT-2, without the tiktoken package and without a network.

A `.tiktoken` file has a token in base64 and its rank on each line; ranks are ids, and of two neighbours the pair is
merged whose joint token has the lowest rank. GPT-2's own release is two files, `vocab.bpe` (merges) and
`encoder.json` (ids). What the files do not say, the split pattern and the special tokens, is in `ENCODINGS`, after
tiktoken_ext/openai_public.py.
"""

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from tokenizers import models

from groundup.tokenizer.byte_level import LLAMA_CPP_NAME, SPLIT_PATTERN, byte_level_backend
from groundup.tokenizer.huggingface import HuggingFaceTokenizer, count_ids
from groundup.tokenizer.markers import add_markers
from groundup.tokenizer.special_tokens import END_OF_TEXT, all_special_tokens
from groundup.tokenizer.token_bytes import byte_to_character
from groundup.utils.errors import UserError
from groundup.utils.files import read_json

_GPT2_PATTERN: Final = r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"
_CL100K_PATTERN: Final = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
    r"|\s+(?!\S)|\s+"
)
_O200K_PATTERN: Final = "|".join(
    [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)


@dataclass(frozen=True)
class Encoding:
    """What a published encoding has beside its ranks."""

    pattern: str
    special: Mapping[str, int]
    llama_cpp_name: str
    files: tuple[str, ...] = field(default=())
    """Where they are published."""


_PUBLISHED: Final = "https://openaipublic.blob.core.windows.net"
_GPT2_FILES: Final = tuple(f"{_PUBLISHED}/gpt-2/encodings/main/{name}" for name in ("vocab.bpe", "encoder.json"))
_FIM: Final = {"<|fim_prefix|>": 100258, "<|fim_middle|>": 100259, "<|fim_suffix|>": 100260}

ENCODINGS: Final = {
    "gpt2": Encoding(_GPT2_PATTERN, {END_OF_TEXT: 50256}, "gpt-2", _GPT2_FILES),
    "r50k_base": Encoding(_GPT2_PATTERN, {END_OF_TEXT: 50256}, "gpt-2"),
    "p50k_base": Encoding(_GPT2_PATTERN, {END_OF_TEXT: 50256}, "gpt-2"),
    "cl100k_base": Encoding(_CL100K_PATTERN, {END_OF_TEXT: 100257, **_FIM, "<|endofprompt|>": 100276}, "dbrx"),
    "o200k_base": Encoding(_O200K_PATTERN, {END_OF_TEXT: 199999, "<|endofprompt|>": 200018}, "gpt-4o"),
}
KNOWN_PATTERNS: Final = {encoding.pattern: encoding.llama_cpp_name for encoding in ENCODINGS.values()} | {
    SPLIT_PATTERN: LLAMA_CPP_NAME,
    _CL100K_PATTERN.replace(r"\p{N}{1,3}", r"\p{N}"): LLAMA_CPP_NAME,  # as Qwen spells it
}
"""Split patterns and the names that llama.cpp has for them."""


def files_to_fetch(name: str) -> list[str]:
    """The addresses that the files of a published encoding have."""
    return list(ENCODINGS[name].files) or [f"{_PUBLISHED}/encodings/{name}.tiktoken"]


def load_tiktoken(path: Path, further: Iterable[str] = ()) -> HuggingFaceTokenizer:
    """Open a `.tiktoken` file, whose name says which encoding it is. Raises UserError for a damaged or unknown one."""
    encoding = ENCODINGS.get(path.stem)
    if encoding is None:
        raise UserError(
            f"{path} does not say which encoding it is: its name must be one of "
            f"{', '.join(f'{name}.tiktoken' for name in ENCODINGS)}."
        )
    ranks = _read_ranks(path)
    alphabet = byte_to_character()
    spelling = {token: "".join(alphabet[byte] for byte in token) for token in ranks}
    vocabulary = {spelling[token]: rank for token, rank in ranks.items()}
    merges = [(spelling[left], spelling[right]) for left, right in _merges(ranks)]
    return _assemble(vocabulary, merges, encoding, further, ignore_merges=True)


def load_gpt2(merges_path: Path, vocabulary_path: Path, further: Iterable[str] = ()) -> HuggingFaceTokenizer:
    """Open GPT-2's pair of files: `vocab.bpe` and `encoder.json`, or `merges.txt` and `vocab.json`."""
    vocabulary = read_json(vocabulary_path)
    lines = merges_path.read_text(encoding="utf-8").splitlines()
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    pairs = [(pair[0], pair[1]) for pair in merges if len(pair) == 2]
    unknown = [pair for pair in pairs if "".join(pair) not in vocabulary]
    if len(pairs) < len(merges) or unknown:
        raise UserError(f"{merges_path} and {vocabulary_path.name} do not belong together, or are damaged.")
    return _assemble(vocabulary, pairs, ENCODINGS["gpt2"], further)


def _assemble(
    vocabulary: dict[str, int],
    merges: list[tuple[str, str]],
    encoding: Encoding,
    further: Iterable[str],
    *,
    ignore_merges: bool = False,
) -> HuggingFaceTokenizer:
    # Special tokens go into the model's own vocabulary: only there they can have ids with gaps before them.
    vocabulary = {**encoding.special, **vocabulary}
    after = max(vocabulary.values()) + 1
    missing = [token for token in all_special_tokens(further) if token not in vocabulary]
    vocabulary |= {token: after + n for n, token in enumerate(missing)}
    backend = byte_level_backend(models.BPE(vocabulary, merges, ignore_merges=ignore_merges), encoding.pattern)
    roles = add_markers(backend, further=[*encoding.special, *further])
    n_new = count_ids(backend) - after
    return HuggingFaceTokenizer(backend, roles, llama_cpp_name=encoding.llama_cpp_name, n_new_tokens=n_new)


def _read_ranks(path: Path) -> dict[bytes, int]:
    ranks: dict[bytes, int] = {}
    for number, line in enumerate(path.read_bytes().splitlines(), start=1):
        if not line:
            continue
        try:
            token, rank = line.split()
            ranks[base64.b64decode(token, validate=True)] = int(rank)
        except (ValueError, binascii.Error) as error:
            raise UserError(f"{path}, line {number}: not a token and its rank. Fetch the file again.") from error
    missing = [byte for byte in range(256) if bytes([byte]) not in ranks]
    if missing:
        raise UserError(f"{path} lacks {len(missing)} of the 256 bytes, so it is not whole. Fetch it again.")
    return ranks


def _merges(ranks: Mapping[bytes, int]) -> Iterator[tuple[bytes, bytes]]:
    """All ways to make each token from two others, tokens with lower ranks first."""
    for token in sorted(ranks, key=ranks.__getitem__):
        halves = [(token[:cut], token[cut:]) for cut in range(1, len(token))]
        yield from sorted(
            (pair for pair in halves if pair[0] in ranks and pair[1] in ranks),
            key=lambda pair: (ranks[pair[0]], ranks[pair[1]]),
        )
