"""Which bytes of text each vocabulary entry stands for.

Byte-level BPE writes every byte as one printable character, so that a vocabulary is a list of readable strings. The
alphabet is GPT-2's (openai/gpt-2, encoder.py): printable Latin-1 characters stand for themselves, the other 68 bytes
for the characters from U+0100 on. sentencepiece writes a space as U+2581 and a lone byte as <0x0A>.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from groundup.utils.errors import UserError

SPACE = "\u2581"
_LONE_BYTE = re.compile("<0x([0-9A-F]{2})>")


@cache
def byte_to_character() -> dict[int, str]:
    """The byte-level alphabet: all 256 bytes, each with its character."""
    printable = {*range(ord("!"), ord("~") + 1), *range(0xA1, 0xAC + 1), *range(0xAE, 0xFF + 1)}
    others = (byte for byte in range(256) if byte not in printable)
    return {byte: chr(byte) for byte in printable} | {byte: chr(256 + n) for n, byte in enumerate(others)}


@cache
def character_to_byte() -> dict[str, int]:
    """The alphabet read backwards."""
    return {character: byte for byte, character in byte_to_character().items()}


def from_byte_level(token: str) -> bytes:
    """Bytes of an entry that is written in the byte-level alphabet; other characters stand for themselves."""
    alphabet = character_to_byte()
    try:
        return bytes(alphabet[character] for character in token)
    except KeyError:
        return token.encode()


def from_sentencepiece(token: str) -> bytes:
    """Bytes of a sentencepiece entry. The space that a model may put before a text counts as text."""
    lone = _LONE_BYTE.fullmatch(token)
    return bytes([int(lone[1], 16)]) if lone else token.replace(SPACE, " ").encode()


def _spelling(decoder: Any) -> Callable[[str], bytes]:
    kinds = {decoder.get("type")} | {part["type"] for part in decoder.get("decoders", [])} if decoder else set()
    if "ByteLevel" in kinds:
        return from_byte_level
    if kinds & {"Metaspace", "ByteFallback"}:
        return from_sentencepiece
    names = ", ".join(sorted(map(str, kinds))) or "none"
    raise UserError(
        f"This tokenizer (decoder: {names}) does not keep text as it is. Use a byte-level or sentencepiece one."
    )


def bytes_table(decoder: Any, vocabulary: Mapping[str, int], added: Mapping[int, tuple[str, bool]]) -> list[bytes]:
    """Bytes of each id from 0 to the highest; b"" for special tokens and for ids that are not used.

    `decoder` is that part of tokenizer.json; `added` are the added tokens: id to (text, is it special?). Raises
    UserError for a tokenizer that is neither byte-level nor like sentencepiece.
    """
    spelling = _spelling(decoder)
    table = [b""] * (max([*vocabulary.values(), *added]) + 1)
    for token, id in vocabulary.items():
        if id not in added:
            table[id] = spelling(token)
    for id, (text, special) in added.items():
        table[id] = b"" if special else text.encode()
    return table
