"""The corpus file, read: one record after the other, from `.jsonl` or `.txt`.

A record is a *section*: a whole document, or a part of a long one that `groundup corpus` has cut. Its id is the hash
of its text, so that the same text has the same id in every corpus, file and format.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from groundup.tokenizer.special_tokens import END_OF_TEXT
from groundup.utils.errors import UserError

CORPUS_SUFFIXES = (".txt", ".jsonl")
RECORD_LIMIT = 64 << 20
"""Bytes: a longer record is refused, since a record is held in memory."""

# A line that parts two documents: the marker and nothing else but trailing white space.
MARKER_LINE = re.compile(rf"^{re.escape(END_OF_TEXT)}[ \t\r\x0b\x0c]*$", re.MULTILINE)
_MARKER = END_OF_TEXT.encode()


@dataclass(frozen=True)
class Document:
    """One record of the corpus."""

    text: str
    source: str
    """Where it came from: a path relative to the input folder, with `#line=`, `#row=` or `#section=` where needed."""
    id: str
    """First 32 hex digits of the SHA-256 of the text's UTF-8."""


def document_id(text: str) -> str:
    """Name a text by its content: the first 16 bytes of the SHA-256 of its UTF-8, as 32 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def read_corpus(path: Path) -> Iterator[Document]:
    """Yield the records of a corpus file in their order, in constant memory. Records without text are passed over.

    Raises UserError with path and line when a record is damaged, and when the file cannot be a corpus.
    """
    if path.suffix not in CORPUS_SUFFIXES:
        raise UserError(f"{path} is no corpus file (.txt or .jsonl). Make one with groundup corpus.")
    if not path.is_file():
        raise UserError(f"The corpus {path} does not exist. Make it with groundup corpus.")
    with open(path, "rb") as file:
        yield from (_read_jsonl if path.suffix == ".jsonl" else _read_txt)(file, path)


def _read_jsonl(file: BinaryIO, path: Path) -> Iterator[Document]:
    for number, line in _lines(file, path):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
            text = record["text"]
            # The id is computed, not believed: who edits a text by hand need not know about it.
            source = str(record.get("source") or f"{path.name}#line={number}")
            document = Document(text, source, document_id(text))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise _damaged(path, number, 'is no JSON object with a string "text"') from error
        if text.strip():
            yield document


def _read_txt(file: BinaryIO, path: Path) -> Iterator[Document]:
    lines: list[bytes] = []
    start, size = 1, 0
    for number, line in _lines(file, path):
        if line.startswith(_MARKER) and line.rstrip() == _MARKER:
            yield from _txt_record(lines, path, start)
            lines, start, size = [], number + 1, 0
            continue
        lines.append(line)
        size += len(line)
        if size > RECORD_LIMIT:
            raise _damaged(path, start, f"begins a document of more than {RECORD_LIMIT >> 20} MB")
    yield from _txt_record(lines, path, start)


def _txt_record(lines: list[bytes], path: Path, start: int) -> Iterator[Document]:
    try:
        text = b"".join(lines).decode().removesuffix("\n")
    except UnicodeDecodeError as error:
        raise _damaged(path, start, "begins a document that is not UTF-8") from error
    if text.strip():
        yield Document(text, f"{path.name}#line={start}", document_id(text))


def _lines(file: BinaryIO, path: Path) -> Iterator[tuple[int, bytes]]:
    number = 0
    while line := file.readline(RECORD_LIMIT):
        number += 1
        if len(line) == RECORD_LIMIT:
            raise _damaged(path, number, f"is longer than {RECORD_LIMIT >> 20} MB")
        yield number, line


def _damaged(path: Path, line: int, what: str) -> UserError:
    return UserError(f"{path}: line {line} {what}. Mend it, or make the corpus again with groundup corpus.")
