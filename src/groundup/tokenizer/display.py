"""A text as the tokens that it is cut into, for people to look at."""

import codecs
from collections.abc import Sequence

from groundup.tokenizer.interface import Tokenizer

_COLOURS = ("on blue", "on dark_green", "on dark_magenta", "on dark_goldenrod", "on dark_cyan")


def pieces(tokenizer: Tokenizer, ids: Sequence[int]) -> list[str]:
    """What each token shows as: its text; bytes that are only part of a character as \\xe2; special ones by name."""
    shown = []
    for id in ids:
        bytes_ = tokenizer.token_bytes(id)
        try:
            shown.append(bytes_.decode() if bytes_ else tokenizer.id_to_token(id) or "")
        except UnicodeDecodeError:
            shown.append(codecs.decode(bytes_, "utf-8", "backslashreplace"))
    return shown


def plain(parts: Sequence[str]) -> str:
    """The pieces with a mark between them, on one line: for pipes and files."""
    return "‖".join(part.replace("\n", "⏎").replace("\r", "␍").replace("\t", "⇥") for part in parts)


def coloured(parts: Sequence[str]) -> list[tuple[str, str]]:
    """(text, style) of each piece for rich: neighbours differ in colour, line ends are shown and kept."""
    return [
        (part.replace("\r", "␍").replace("\t", "⇥").replace("\n", "⏎\n"), _COLOURS[n % len(_COLOURS)])
        for n, part in enumerate(parts)
    ]
