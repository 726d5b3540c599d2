"""What is done to the text of a document before it enters the corpus.

`none`   Line ends become "\\n"; empty lines at the two ends go.
`light`  Also: form feeds and Unicode's line and paragraph separators become line ends; other control characters and
         byte order marks go; Unicode normal form C; no spaces before a line end; several blank lines become one; no
         white space at the two ends.

Letters, case, punctuation, quotes and invisible joiners (which emoji and several scripts need) stay as they are.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator

from groundup.data.cleaning.findings import Finding

PIECE = 1 << 20
"""Characters: a longer document is cleaned in pieces of about this size."""

_LINE_ENDS = re.compile("\r\n?")
# One search of this finds out that a text has none of the characters that the next two patterns are about.
_UNUSUAL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]")
_FURTHER_LINE_ENDS = re.compile("[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x9f\ufeff]")
_SPACES_AT_LINE_END = re.compile(r"[ \t]+\n")
_BLANK_LINES = re.compile("\n{3,}")
_SAFE_START = re.compile(r"(?<=[ \t])[^\W_]")


def clean(text: str, level: str) -> str:
    """Return the cleaned text of a whole document. Cleaning what is clean changes nothing."""
    return "".join(clean_pieces([text], level))


def clean_pieces(pieces: Iterable[str], level: str, *, size: int = PIECE) -> Iterator[str]:
    """Clean the document that is the concatenation of `pieces`; what comes out adds up to its clean text.

    A long text is cut where a letter or digit follows white space (a line end if there is one): there, what cleaning
    does on one side does not depend on the other. Where there is no such place for sixteen pieces, it is cut anywhere.
    """
    ends = None if level == "light" else "\n"
    started, held = False, ""
    for raw in _safe_pieces(pieces, size):
        text = _light(raw) if level == "light" else _line_ends(raw)
        if not started:
            text = text.lstrip(ends)
            started = bool(text)
        # White space at the end of a piece belongs to the text only if more text follows.
        body = text.rstrip(ends)
        if body:
            yield held + body
            held = text[len(body) :]
        else:
            held += text


def clean_inner(text: str, level: str, first: bool, last: bool) -> str:
    """Clean one of several parts into which `raw_parts` cut a document; together they give what `clean` does."""
    ends = None if level == "light" else "\n"
    text = _light(text) if level == "light" else _line_ends(text)
    text = text.lstrip(ends) if first else text
    return text.rstrip(ends) if last else text


def changes(raw: str, cleaned: str, level: str) -> list[Finding]:
    """What cleaning a document with `level` changed, rule by rule. White space at its two ends counts for nothing."""
    if cleaned == raw.strip():
        return []
    text, found = raw.strip(), []

    def note(rule: str, count: int, remedy: str) -> None:
        if count:
            found.append(Finding(level, rule, count, remedy, count=count))

    note("carriage returns", len(_LINE_ENDS.findall(text)), "line ends")
    if level == "light":
        text = _line_ends(text)
        note("form feeds and other separators of lines", len(_FURTHER_LINE_ENDS.findall(text)), "line ends")
        text = _FURTHER_LINE_ENDS.sub("\n", text)
        note("control characters", len(_CONTROL.findall(text)), "left out")
        text = _CONTROL.sub("", text)
        decomposed = sum(not unicodedata.is_normalized("NFC", line) for line in text.split("\n"))
        note("lines in another Unicode form than NFC", decomposed, "NFC")
        note("spaces before a line end", len(_SPACES_AT_LINE_END.findall(text)), "left out")
        note("several blank lines", len(_BLANK_LINES.findall(_SPACES_AT_LINE_END.sub("\n", text))), "one")
    return found


def raw_parts(pieces: Iterable[str], size: int) -> Iterator[str]:
    """Cut a document into parts of about `size` characters that can be cleaned each for itself."""
    yield from _safe_pieces(pieces, size)


def _line_ends(text: str) -> str:
    return _LINE_ENDS.sub("\n", text) if "\r" in text else text


def _light(text: str) -> str:
    text = _line_ends(text)
    if _UNUSUAL.search(text):
        text = _CONTROL.sub("", _FURTHER_LINE_ENDS.sub("\n", text))
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    if " \n" in text or "\t\n" in text:
        *lines, last = text.split("\n")  # several times as fast as a regular expression
        text = "\n".join([*(line.rstrip(" \t") for line in lines), last])
    while "\n\n\n" in text:
        text = text.replace("\n\n\n", "\n\n")
    return text


def _safe_pieces(pieces: Iterable[str], size: int) -> Iterator[str]:
    buffer = ""
    for piece in pieces:
        buffer += piece
        if len(buffer) < size:
            continue
        cut = _safe_cut(buffer, max(1, len(buffer) - size))
        if not cut and len(buffer) >= 16 * size:
            cut = len(buffer)
        if cut:
            yield buffer[:cut]
            buffer = buffer[cut:]
    yield buffer


def _safe_cut(text: str, low: int) -> int:
    """The last place from `low` on where a letter or digit begins a line, else a word; 0 if there is none."""
    end = len(text)
    while (end := text.rfind("\n", low - 1, end)) >= 0:
        if text[end + 1 : end + 2].isalnum():
            return end + 1
    starts = [match.start() for match in _SAFE_START.finditer(text, low)]
    return starts[-1] if starts else 0
