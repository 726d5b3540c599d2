"""Which bytes of text each vocabulary entry stands for.

Byte-level BPE writes every byte as one printable character, so that a vocabulary is a list of readable strings. The
alphabet is GPT-2's (openai/gpt-2, encoder.py): printable Latin-1 characters stand for themselves, the other 68 bytes
for the characters from U+0100 on.
"""

from collections.abc import Iterable, Mapping
from functools import cache


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


def byte_level_table(vocabulary: Mapping[str, int], special: Iterable[int], size: int) -> list[bytes]:
    """Bytes of each id, `size` entries; b"" for the ids in `special` and for holes."""
    alphabet = character_to_byte()
    skipped = set(special)
    table = [b""] * size
    for token, id in vocabulary.items():
        if id not in skipped:
            table[id] = bytes(alphabet[character] for character in token)
    return table
