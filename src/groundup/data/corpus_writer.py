"""The corpus file while it is written: each section once, counted, and hashed as it goes."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import IO

from groundup.data.corpus_report import BROKEN_MARKER, CorpusReport
from groundup.data.documents import MARKER_LINE, document_id
from groundup.data.sections import cut_sections
from groundup.tokenizer.special_tokens import END_OF_TEXT


class CorpusWriter:
    """Writes the sections of documents to an open file and keeps the report's counts of them."""

    def __init__(self, report: CorpusReport, file: IO[bytes]) -> None:
        self.report = report
        self.file = file
        self.as_jsonl = report.output.endswith(".jsonl")
        self.digest = hashlib.sha256()
        self.seen: set[int] = set()
        self.last_id = ""
        """Of the last section, written or not."""

    def add_document(self, name: str, location: str, pieces: Iterable[str]) -> tuple[int, int]:
        """Add one clean document, given in pieces; return how many sections it has and how many of them are new."""
        sections = self.report.sections
        cut, written = sections["cut"], sections["written"]
        for text, number in _numbered(cut_sections(pieces)):
            places = [place for place in (location, f"section={number}" if number else "") if place]
            self._add_section(text, f"{name}#{'&'.join(places)}" if places else name)
        return sections["cut"] - cut, sections["written"] - written

    def _add_section(self, text: str, source: str) -> None:
        """Write one section unless its text has been there."""
        if not self.as_jsonl and END_OF_TEXT in text:
            text, broken = MARKER_LINE.subn(lambda match: match[0].replace(END_OF_TEXT, BROKEN_MARKER), text)
            self.report.markers_broken += broken
        self.last_id = section_id = document_id(text)
        key = int(section_id, 16)  # an int of 128 bits takes less memory than its digits
        new = key not in self.seen
        kind = "written" if new else "duplicate"
        self.report.sections["cut"] += 1
        self.report.sections[kind] += 1
        self.report.characters[kind] += len(text)
        if not new:
            return
        self.seen.add(key)
        if self.as_jsonl:
            line = json.dumps({"text": text, "source": source, "id": section_id}, ensure_ascii=False) + "\n"
        else:
            line = f"{text}\n{END_OF_TEXT}\n"
        data = line.encode()
        self.digest.update(data)
        self.file.write(data)
        self.report.output_bytes += len(data)


def _numbered(sections: Iterator[str]) -> Iterator[tuple[str, int]]:
    """Number sections from 1; an only one gets 0."""
    first = next(sections, None)
    if first is None:
        return
    second = next(sections, None)
    if second is None:
        yield first, 0
        return
    yield from ((text, number) for number, text in enumerate(chain((first, second), sections), 1))
