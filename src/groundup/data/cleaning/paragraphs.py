"""Paragraphs that stand in another document almost word for word: a licence, a menu of links, a quoted article.

Only those of SMALLEST words and more are compared, so that greetings, headings and short replies may come again; and
only with other documents, since a refrain belongs to its song.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from groundup.data.cleaning.minhash import HASHES, signatures_of_parts
from groundup.data.cleaning.words import Measures

SMALLEST = 25
"""Words: 21 sequences of five, of which one changed word breaks five."""


@dataclass(frozen=True)
class SignedParagraphs:
    """The paragraphs of a document that can be compared."""

    spans: list[tuple[int, int]]
    """Where each begins and ends in the text, in characters, without the white space around it."""
    signatures: NDArray[np.uint16]
    """(number of them, HASHES)"""


NONE = SignedParagraphs([], np.empty((0, HASHES), np.uint16))


def sign(m: Measures, *, paragraphs: bool) -> tuple[NDArray[np.uint16], SignedParagraphs]:
    """The signature of a document that has words, and those of its paragraphs if they are wanted."""
    parts = m.parts if paragraphs else []
    if len(parts) < 2:  # the document is its only paragraph
        return signatures_of_parts(m.hashes, np.empty((0, 2), np.int64))[0], NONE
    counts = np.fromiter((len(words) for _, _, words in parts), np.int64, len(parts))
    ends = np.cumsum(counts)
    long = np.flatnonzero(counts >= SMALLEST)
    whole, signatures = signatures_of_parts(m.hashes, np.stack([ends[long] - counts[long], ends[long]], 1))
    return whole, SignedParagraphs([parts[n][:2] for n in long.tolist()], signatures)


def without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text without some of its paragraphs, the others parted by one blank line as before."""
    kept, end = [], 0
    for start, stop in spans:
        kept.append(text[end:start])
        end = stop
    kept.append(text[end:])
    return "\n\n".join(part for part in (piece.strip("\n") for piece in kept) if part)
