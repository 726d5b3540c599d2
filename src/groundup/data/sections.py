"""Long documents, cut into sections: a book becomes some dozens of records that can be shuffled and split.

Pure functions of the document's text alone, so that the sections of a text, and with them their ids, are the same in
every corpus. A text is taken in pieces and its sections come out as soon as they are certain: the size of a section
depends on the document's length only up to 400,000 characters, so that no more than that is ever held back.

    document   |=====================================================================|
    size       at least 4,000 characters, a twentieth of the document, at most 20,000
    cut        at the last border in the second half of [size]:  blank line > line end > sentence end > space > anywhere
    the end    less than 1.5 sizes left: two parts of similar length, so that no section is a scrap
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

SECTION_LIMIT = 20_000
"""Characters: no section is longer; a document of up to this length stays whole."""
SMALLEST_TARGET = 4_000
PARTS = 20

_SENTENCE_END = re.compile(r"""[.!?…]["'”’»)\]]*\s|[。！？]["'”’»）」』]*""")
_SPACE = re.compile(r"\s")


def cut_sections(pieces: Iterable[str]) -> Iterator[str]:
    """Yield the sections of the document whose text is the concatenation of `pieces`, in at most some MB of memory.

    Their concatenation is the text, but for white space at the cuts. A document without text has no sections.
    """
    buffer, target, after_cut = "", 0, False
    for piece in pieces:
        buffer += piece
        if after_cut:
            buffer = buffer.lstrip()
        if not target and len(buffer) >= PARTS * SECTION_LIMIT:
            target = SECTION_LIMIT
        if target:
            position = 0
            while len(buffer) - position >= 1.5 * target:
                position, section = _cut(buffer, position, target)
                after_cut = True
                if section:
                    yield section
            buffer = buffer[position:]
    yield from _last_sections(buffer, target)


def _last_sections(text: str, target: int) -> Iterator[str]:
    if not target:
        short = len(text) <= SECTION_LIMIT
        target = SECTION_LIMIT if short else max(SMALLEST_TARGET, len(text) // PARTS)
    position = 0
    while (left := len(text) - position) > target:
        position, section = _cut(text, position, target if left >= 1.5 * target else left * 2 // 3)
        if section:
            yield section
    if text[position:].strip():
        yield text[position:]


def _cut(text: str, start: int, target: int) -> tuple[int, str]:
    """Cut a section off `text` at `start`; return where the next one begins and the section, without space at the cut.

    The section may be empty: white space that is longer than a section.
    """
    end = _border(text, start + target // 2, start + target)
    section = text[start:end].rstrip()
    while end < len(text) and text[end].isspace():
        end += 1
    return end, section


def _border(text: str, low: int, high: int) -> int:
    """The best place for a cut in (low, high]."""
    for mark in ("\n\n", "\n"):
        if (found := text.rfind(mark, low, high)) >= 0:
            return found + len(mark)
    for pattern in (_SENTENCE_END, _SPACE):
        ends = [match.end() for match in pattern.finditer(text, low, high)]
        if ends:
            return ends[-1]
    # Nowhere to cut: then at least not between a letter and its accent.
    while high > low + 1 and high < len(text) and unicodedata.combining(text[high]):
        high -= 1
    return high
