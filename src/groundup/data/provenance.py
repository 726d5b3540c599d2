"""From a window back to the documents whose text it shows, and to the files that they came from."""

from collections.abc import Collection, Iterable
from pathlib import Path

import numpy as np

from groundup.data.documents import read_corpus
from groundup.data.order import make_windows
from groundup.data.packing import Ints
from groundup.data.token_files import ID_BYTES, TokenSet


def documents_in_windows(token_set: TokenSet, windows: Iterable[int], window_size: int) -> list[str]:
    """The ids of the documents that windows of a set show a part of, each once, in their order in the set.

    Reads the offsets of all documents: for reports, not for training.
    """
    starts, lengths = make_windows(token_set, window_size).spans(np.array(list(windows), dtype=np.int64))
    begins = _document_begins(token_set)
    first = np.searchsorted(begins, starts, side="right") - 1
    last = np.searchsorted(begins, starts + np.maximum(lengths, 1) - 1, side="right") - 1
    numbers = sorted({number for a, b in zip(first, last, strict=True) for number in range(int(a), int(b) + 1)})
    ids = token_set.document_ids()
    return [ids[ID_BYTES * number : ID_BYTES * (number + 1)].hex() for number in numbers]


def _document_begins(token_set: TokenSet) -> Ints:
    """Where each document begins in the stream: of its rows, only the first has the marker."""
    begins = np.asarray(token_set.offsets[:-1], dtype=np.int64)
    if token_set.meta.method == "pack":
        return begins
    of_documents: Ints = begins[token_set.tokens[begins] == token_set.meta.end_of_text_id]
    return of_documents


def sources_of(document_ids: Collection[str], corpora: Iterable[Path]) -> dict[str, str]:
    """Where documents came from, by id, as far as the corpus files that are still there tell (file.txt#row=3)."""
    wanted = set(document_ids)
    found: dict[str, str] = {}
    for corpus in corpora:
        if corpus.is_file() and len(found) < len(wanted):
            found |= {document.id: document.source for document in read_corpus(corpus) if document.id in wanted}
    return found
