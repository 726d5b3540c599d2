"""Files of text become one corpus file and a report in which every file and document has its place.

    sources     which files        -> readers     documents of each
    cleaning    clean text         -> sections    parts of at most 20,000 characters
    here        each section once, written in the order of the files

Exact duplicates are found by the hash of a section's text; a document is a duplicate when all of its sections have been
there before (a copy of a document has the same sections). Memory: about 100 bytes for each different section, and
some MB for the piece of text at hand, whatever the size of the files.
"""

import dataclasses
import errno
import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, groupby
from operator import itemgetter
from pathlib import Path
from typing import IO, Any

from groundup.data.cleaning import check_level, clean_pieces
from groundup.data.decoding import SkipFile
from groundup.data.documents import CORPUS_SUFFIXES, MARKER_LINE, document_id
from groundup.data.readers import FileLog, read_documents
from groundup.data.sections import SECTION_LIMIT, cut_sections
from groundup.data.sources import READABLE, FoundFiles, SourceFile, expand_inputs, find_files, printable
from groundup.tokenizer.special_tokens import END_OF_TEXT
from groundup.utils.errors import UserError
from groundup.utils.files import open_atomic, read_json, sha256_file
from groundup.utils.progress import Say, quiet

REPORT_FORMAT = "groundup corpus report"
REPORT_VERSION = 1
BAD_ROWS_LISTED = 1000
BAD_ROWS_OF_A_FILE = 20
# A line `<|endoftext|>` within a document would part it in a .txt corpus: its bars are broken, and it is counted.
BROKEN_MARKER = END_OF_TEXT.replace("|", "\u00a6")
_SECONDS_BETWEEN_LINES = 10.0
_EXAMPLES = 5
_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
_DOCUMENTS = ("read", "kept", "duplicate", "empty", "bad")
_SECTIONS = ("cut", "written", "duplicate")
_CHARACTERS = ("read", "removed_by_cleaning", "removed_at_cuts", "duplicate", "written")


@dataclass
class CorpusConfig:
    """What the corpus is made from, and how."""

    input: list[str] = field(default_factory=list)
    """Files, folders and patterns such as data/*.txt; or one corpus file that groundup corpus has made."""
    output: str | None = None
    """The corpus file, .txt or .jsonl; by default inside the folder of the token files."""
    text_column: str = "text"
    """The column that holds the text, in jsonl, csv and parquet."""
    cleaning: str = "light"
    """none (line ends only) or light (Unicode NFC, control characters, spaces at line ends, blank lines)."""
    validation: float | str = 0.05
    """Share of the sections kept for validation, between 0 and 1; or a file of validation text."""


@dataclass
class FileRecord:
    """What became of one file."""

    path: str
    """Relative to its input."""
    input: str
    status: str
    """read or skipped."""
    reason: str | None = None
    detail: str | None = None
    sha256: str | None = None
    bytes: int = 0
    """As on disk."""
    encoding: str | None = None
    documents: int = 0
    sections: int = 0
    """Written to the corpus."""
    rows_bad: int = 0
    notes: list[str] = field(default_factory=list)


@dataclass
class CorpusReport:
    """The account of a corpus: `<stem>.report.json` holds these fields, after `format` and `version`.

    documents["read"] == kept + duplicate + empty + bad, sections["cut"] == written + duplicate, and
    characters["read"] == removed_by_cleaning + removed_at_cuts + duplicate + written.
    """

    inputs: list[str]
    settings: dict[str, Any]
    output: str
    """File name; the corpus lies beside the report."""
    output_sha256: str = ""
    output_bytes: int = 0
    input_bytes: int = 0
    """Sum over the files read, as on disk."""
    documents: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_DOCUMENTS, 0))
    sections: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_SECTIONS, 0))
    characters: dict[str, int] = field(default_factory=lambda: dict.fromkeys(_CHARACTERS, 0))
    markers_broken: int = 0
    """Lines `<|endoftext|>` within documents, neutralised in a .txt corpus."""
    files: list[FileRecord] = field(default_factory=list)
    skipped_files_by_reason: dict[str, int] = field(default_factory=dict)
    hidden: int = 0
    """Files and folders whose names begin with a dot, passed over."""
    rows_bad: list[dict[str, Any]] = field(default_factory=list)
    """The first of each file, as {file, line, reason}; documents["bad"] counts all."""

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {"format": REPORT_FORMAT, "version": REPORT_VERSION, **dataclasses.asdict(self)}


def report_path(corpus: Path) -> Path:
    """Where the report of a corpus file lies."""
    return corpus.with_suffix(".report.json")


def build_corpus(
    inputs: Sequence[str | Path], output: Path, config: CorpusConfig | None = None, say: Say = quiet
) -> CorpusReport:
    """Read all text in `inputs` (files, folders, patterns) and write the corpus `output` with its report, both whole.

    Raises UserError for a wrong setting, an input that does not exist, inputs without any text, and a full disk.
    """
    config = config or CorpusConfig()
    check_level(config.cleaning)
    if output.suffix not in CORPUS_SUFFIXES or output.is_dir():
        raise UserError(f"A corpus is a .txt or .jsonl file, and {output} is not. Give another --output-file.")
    found = find_files(expand_inputs(inputs), exclude=(output, report_path(output)))
    report = CorpusReport(
        inputs=[printable(path) for path in inputs],
        settings={"text_column": config.text_column, "cleaning": config.cleaning, "section_limit": SECTION_LIMIT},
        output=output.name,
    )
    try:
        # The corpus appears first. Whatever happens between the two, an older report does not fit the new corpus.
        with open_atomic(report_path(output)) as report_file, open_atomic(output, "wb") as corpus_file:
            _Builder(report, config, corpus_file, say).add_files(found)
            corpus_file.flush()  # before the report is written, so that a corpus is older than its report
            json.dump(report.to_dict(), report_file, indent=2, ensure_ascii=False)
            report_file.write("\n")
            report_file.flush()  # if the disk is full, neither appears
    except OSError as error:
        remedy = "Make room, or give" if error.errno in _NO_ROOM else "Give"
        raise UserError(f"Cannot write {output}: {error.strerror or error}. {remedy} another --output-file.") from error
    for line in summary(report, output):
        say(line)
    return report


class _Builder:
    """One run over all files: writes sections and counts."""

    def __init__(self, report: CorpusReport, config: CorpusConfig, file: IO[bytes], say: Say) -> None:
        self.report = report
        self.config = config
        self.file = file
        self.say = say
        self.as_jsonl = report.output.endswith(".jsonl")
        self.digest = hashlib.sha256()
        self.seen: set[int] = set()
        self.clean_characters = 0
        self.now = ""
        self.spoke = time.monotonic()

    def add_files(self, found: FoundFiles) -> None:
        """Read every file found and complete the report. Raises UserError when there is no text in any."""
        report = self.report
        report.hidden = found.hidden
        for skip in found.skipped:
            report.files.append(FileRecord(skip.name, skip.input, "skipped", skip.reason, skip.detail))
        for number, source in enumerate(found.files, 1):
            self.now = f"{source.name} (file {number:,} of {len(found.files):,})"
            report.files.append(self.add_file(source))
        skipped = Counter(record.reason or "" for record in report.files if record.status == "skipped")
        report.skipped_files_by_reason = dict(sorted(skipped.items()))
        report.output_sha256 = self.digest.hexdigest()
        characters = report.characters
        characters["removed_by_cleaning"] = characters["read"] - self.clean_characters
        characters["removed_at_cuts"] = self.clean_characters - characters["duplicate"] - characters["written"]
        if not report.sections["written"]:
            raise UserError(_nothing_left(report))

    def add_file(self, source: SourceFile) -> FileRecord:
        """Add the documents of one file and tell what became of it."""
        record = FileRecord(source.name, source.input, "read")

        def bad_row(row: int, reason: str) -> None:
            record.rows_bad += 1
            record.detail = record.detail or f"row {row}: {reason}"
            self.report.documents["read"] += 1
            self.report.documents["bad"] += 1
            if record.rows_bad <= BAD_ROWS_OF_A_FILE and len(self.report.rows_bad) < BAD_ROWS_LISTED:
                self.report.rows_bad.append({"file": source.name, "line": row, "reason": reason})

        log = FileLog(bad_row, record.notes)
        try:
            record.bytes, record.sha256 = _size_and_hash(source.path)
            texts = read_documents(source.path, source.format, self.config.text_column, log)
            for location, pieces in groupby(texts, key=itemgetter(1)):
                record.documents += 1
                record.sections += self.add_document(source.name, location, (text for text, _ in pieces))
        except SkipFile as skip:
            record.status, record.reason, record.detail = "skipped", skip.reason, skip.detail
        record.encoding = log.encoding
        if record.status == "read" and not record.documents:
            record.status, record.reason = "skipped", "no readable row" if record.rows_bad else "empty"
            record.detail = record.detail or "it holds no document"
        if record.status == "read":
            self.report.input_bytes += record.bytes
        return record

    def add_document(self, name: str, location: str, pieces: Iterable[str]) -> int:
        """Add one document, given in pieces, and return how many of its sections are new."""
        documents, sections = self.report.documents, self.report.sections
        cut, written = sections["cut"], sections["written"]
        for text, number in _numbered(cut_sections(self._cleaned(pieces))):
            places = [place for place in (location, f"section={number}" if number else "") if place]
            self.add_section(text, f"{name}#{'&'.join(places)}" if places else name)
        new = sections["written"] - written
        documents["read"] += 1
        documents["empty" if sections["cut"] == cut else "kept" if new else "duplicate"] += 1
        return new

    def add_section(self, text: str, source: str) -> None:
        """Write one section unless its text has been there."""
        if not self.as_jsonl and END_OF_TEXT in text:
            text, broken = MARKER_LINE.subn(lambda match: match[0].replace(END_OF_TEXT, BROKEN_MARKER), text)
            self.report.markers_broken += broken
        section_id = document_id(text)
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

    def _cleaned(self, pieces: Iterable[str]) -> Iterator[str]:
        """The clean text of a document; counts what comes in and what goes out."""

        def counted() -> Iterator[str]:
            for piece in pieces:
                self.report.characters["read"] += len(piece)
                self._speak()
                yield piece

        for piece in clean_pieces(counted(), self.config.cleaning):
            self.clean_characters += len(piece)
            yield piece

    def _speak(self) -> None:
        """A sign of life now and then."""
        if time.monotonic() - self.spoke > _SECONDS_BETWEEN_LINES:
            self.spoke = time.monotonic()
            characters, sections = self.report.characters["read"], self.report.sections["written"]
            self.say(f"Reading {self.now}: {characters:,} characters so far, {sections:,} sections written")


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


def _size_and_hash(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_size, sha256_file(path)
    except OSError as error:
        raise SkipFile("unreadable", error.strerror or str(error)) from error


def is_prepared_corpus(path: Path) -> bool:
    """Whether `path` is a corpus with its report beside it, unchanged since: then it is used as it is.

    A corpus of the recorded size that is older than its report is believed; in doubt the checksum decides.
    """
    report_file = report_path(path)
    if path.suffix not in CORPUS_SUFFIXES or not path.is_file() or not report_file.is_file():
        return False
    try:
        report = read_json(report_file)
    except UserError:
        return False
    if not isinstance(report, dict) or report.get("format") != REPORT_FORMAT or report.get("output") != path.name:
        return False
    status = path.stat()
    if report.get("version") != REPORT_VERSION or report.get("output_bytes") != status.st_size:
        return False
    return status.st_mtime_ns < report_file.stat().st_mtime_ns or report.get("output_sha256") == sha256_file(path)


def summary(report: CorpusReport, output: Path) -> list[str]:
    """Some lines for a person: files, documents, sections, and what should be looked at."""
    documents, sections, characters = report.documents, report.sections, report.characters
    read = [record for record in report.files if record.status == "read"]
    skipped = len(report.files) - len(read)
    hidden = f", {report.hidden:,} hidden passed over" if report.hidden else ""
    remarks = [f"  {record.path}: {note}" for record in read for note in record.notes]
    remarks += [f"  {record.path}: {record.rows_bad:,} bad rows; {record.detail}" for record in read if record.rows_bad]
    more = [f"  and {len(remarks) - _EXAMPLES:,} more remarks"] if len(remarks) > _EXAMPLES else []
    if report.markers_broken:
        more.append(f"  {report.markers_broken:,} lines {END_OF_TEXT} within documents became {BROKEN_MARKER}")
    return [
        f"Files: {len(read):,} read ({_megabytes(report.input_bytes)}), {skipped:,} skipped{hidden}",
        *(f"  skipped {reason}" for reason in _skipped(report)),
        f"Documents: {documents['read']:,} read = {documents['kept']:,} kept + {documents['duplicate']:,} duplicate "
        f"+ {documents['empty']:,} empty + {documents['bad']:,} bad rows",
        f"Sections: {sections['written']:,} written, {sections['duplicate']:,} duplicate; "
        f"{characters['written']:,} of {characters['read']:,} characters",
        *remarks[:_EXAMPLES],
        *more,
        f"Corpus: {output} ({_megabytes(report.output_bytes)}); {report_path(output).name} names every file",
    ]


def _skipped(report: CorpusReport) -> list[str]:
    """For each reason: "2 binary (such as a.bin: it holds NUL bytes)"."""
    first: dict[str | None, FileRecord] = {}
    for record in report.files:
        first.setdefault(record.reason, record)
    return [
        f"{count:,} {reason} (such as {first[reason].path}: {first[reason].detail})"
        for reason, count in report.skipped_files_by_reason.items()
    ]


def _nothing_left(report: CorpusReport) -> str:
    found = _skipped(report)
    if report.documents["empty"]:
        found.append(f"{report.documents['empty']:,} documents without text")
    if report.hidden:
        found.append(f"{report.hidden:,} hidden files or folders")
    return f"No text in {', '.join(report.inputs)}. Found: {'; '.join(found) or 'nothing'}. Give files of {READABLE}."


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes >= 100_000 else f"{size_bytes:,} bytes"
