"""Sentences as words and marks, and back: what is one sentence, and how its words are spaced."""

import re

_TOKEN = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*(?:'(?!s\b)[a-z]+)?|'s|[.,!?\"]|\S")
_CLOSERS = frozenset(".,!?")


def words_of(text: str) -> list[str]:
    """Return the words and marks of a text; the 's of "Tom's" is a word of its own."""
    return _TOKEN.findall(text)


def spaced(tokens: list[str]) -> str:
    """Return the tokens as text, spaced as English is."""
    parts: list[str] = []
    quoted, fresh = False, True  # fresh: no space before the next token
    for token in tokens:
        if token == '"':
            quoted = not quoted
            parts.append(token if fresh or not quoted else " " + token)
            fresh = quoted
        else:
            parts.append(token if fresh or token in _CLOSERS or token == "'s" else " " + token)
            fresh = False
    return "".join(parts)


def capital_positions(tokens: list[str]) -> list[bool]:
    """Return where a capital must stand: at the beginning, after a quotation mark opens, after an end inside quotes."""
    places: list[bool] = []
    quoted, due = False, True
    for token in tokens:
        if token == '"':
            quoted = not quoted
            places.append(False)
            due = quoted
        else:
            places.append(due and token not in _CLOSERS)
            due = quoted and token in ".!?"
    return places


def split_sentences(text: str) -> list[str]:
    """Cut a text into sentences. Paragraphs end sentences; marks inside quotation marks do not, a quotation that ends in
    a mark ends the sentence unless a small letter follows ("Help!" cried Tom). What has no end stands last, as it is."""
    sentences: list[str] = []
    for paragraph in re.split(r"\n\s*", text):
        start, quoted = 0, False
        for mark in re.finditer(r"[.!?\"]", paragraph):
            end = mark.end()
            if mark.group() == '"':
                quoted = not quoted
                ends = not quoted and paragraph[end - 2 : end - 1] in tuple(".!?") and not _goes_on(paragraph, end)
            else:
                ends = not quoted and end > start
            if ends:
                sentences.append(paragraph[start:end].strip())
                start = end
        if paragraph[start:].strip():
            sentences.append(paragraph[start:].strip())
    return sentences


def is_complete(sentence: str) -> bool:
    """Whether a sentence was written to its end: its last mark stands there, alone or before a closing quotation mark."""
    return sentence.rstrip('"')[-1:] in tuple(".!?")


def _goes_on(paragraph: str, end: int) -> bool:
    return bool(re.match(r" ?[a-z]", paragraph[end:]))
