"""Stage 3 of the corpus: what is kept of the store is written, and each document has its place in the report."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from typing import Any

from groundup.data.cleaning.paragraphs import without
from groundup.data.corpus_report import CorpusReport, FileRecord, finish_record
from groundup.data.corpus_writer import CorpusWriter
from groundup.data.decoding import SkipFile
from groundup.data.findings_log import FindingsLog
from groundup.data.resemblance import Resemblances
from groundup.data.sources import SourceFile
from groundup.data.store import Store


@dataclass
class Job:
    """A file on its way into the corpus."""

    source: SourceFile
    size_bytes: int = 0
    sha256: str = ""
    key: str = ""
    skip: SkipFile | None = None


@dataclass
class _Fate:
    """What became of a document, as its parts pass."""

    kind: str = ""
    characters: int = 0


@dataclass
class StagedWriter:
    """Writes the documents that are kept, in the order of the files."""

    report: CorpusReport
    writer: CorpusWriter
    log: FindingsLog
    allow: frozenset[str]
    """Sources and ids of documents that are kept whatever the rules say."""
    clean_characters: int = field(default=0, init=False)

    def write_file(
        self, store: Store, job: Job, resemblances: Resemblances, tell: Callable[[float], None]
    ) -> FileRecord:
        """Write the documents of one file and tell what became of it; `tell` takes the share of it that is done."""
        record = FileRecord(job.source.name, job.source.input, "read", bytes=job.size_bytes, sha256=job.sha256 or None)
        if job.skip:
            record.status, record.reason, record.detail = "skipped", job.skip.reason, job.skip.detail
            return record
        account = store.account(job.key)
        assert account is not None
        record.encoding, record.notes = account["encoding"], account["notes"]
        if "skip" in account:
            record.status, (record.reason, record.detail) = "skipped", account["skip"]
        for row, reason in account["bad"]:
            self.report.add_bad_row(record, row, reason)
        unlisted = account["rows_bad"] - len(account["bad"])
        record.rows_bad += unlisted
        self.report.documents["read"] += unlisted
        self.report.documents["bad"] += unlisted

        def read() -> Iterator[dict[str, Any]]:
            count = store.count_chunks([job.key])
            for number, chunk in enumerate(store.bodies(job.key), 1):
                yield from chunk
                tell(number / count)

        for location, parts in groupby(read(), key=lambda row: row["at"]):
            record.documents += 1
            record.sections += self._write_document(record.path, location, parts, resemblances)
        return finish_record(record, self.report)

    def _write_document(
        self, name: str, location: str, parts: Iterator[dict[str, Any]], resemblances: Resemblances
    ) -> int:
        """Write what is kept of one document and return how many of its sections are new."""
        documents = self.report.documents
        source = f"{name}#{location}" if location else name
        kept, fate = partial(self._kept, source, resemblances), _Fate()
        cut, new = self.writer.add_document(name, location, (text for part in parts for text in kept(part, fate)))
        documents["read"] += 1
        kind = "kept" if new else "duplicate" if cut else fate.kind or "empty"
        documents[kind] += 1
        self.log.document(kind, fate.characters)
        if kind == "duplicate":
            self.log.duplicate(source, self.writer.last_id)
        return new

    def _kept(self, source: str, resemblances: Resemblances, part: dict[str, Any], fate: _Fate) -> Iterator[str]:
        """The text of a part of a document, or what is kept of it; notes what happened to it."""
        text, characters = part["text"], self.report.characters
        characters["read"] += part["read"]
        self.clean_characters += len(text)
        fate.characters += len(text)
        resembles, spans = resemblances.of_document(source, part)
        left_out = "dropped" if part.get("dropped") else "near_duplicate" if resembles else ""
        allowed = bool(left_out or spans) and self.log.allowed(self.allow, source, text)
        self.log.part(source, part, resembles, left_out=left_out, allowed=allowed)
        if left_out and not allowed:
            fate.kind = left_out
            characters[left_out] += len(text)
        elif spans and not allowed:
            shorter = without(text, spans)
            characters["near_duplicate"] += len(text) - len(shorter)
            if not shorter:
                fate.kind = "near_duplicate"
            yield shorter
        else:
            yield text
