"""The account of a corpus: what became of every file and document, as numbers and as lines for a person."""

import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from groundup.data.documents import CORPUS_SUFFIXES
from groundup.data.sources import READABLE
from groundup.tokenizer.special_tokens import END_OF_TEXT
from groundup.utils.errors import UserError
from groundup.utils.files import read_json, sha256_file

REPORT_FORMAT = "groundup corpus report"
REPORT_VERSION = 1
BAD_ROWS_LISTED = 1000
BAD_ROWS_OF_A_FILE = 20
# A line `<|endoftext|>` within a document would part it in a .txt corpus: its bars are broken, and it is counted.
BROKEN_MARKER = END_OF_TEXT.replace("|", "\u00a6")
_EXAMPLES = 5
_DOCUMENTS = ("read", "kept", "duplicate", "empty", "bad")
_SECTIONS = ("cut", "written", "duplicate")
_CHARACTERS = ("read", "removed_by_cleaning", "removed_at_cuts", "duplicate", "written")


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
    characters["read"] == removed_by_cleaning + removed_at_cuts + duplicate + written. Where steps can leave documents
    out, both have `dropped` (by a rule) and `near_duplicate` as well.
    """

    inputs: list[str]
    settings: dict[str, Any]
    output: str
    """File name; the corpus lies beside the report."""
    output_sha256: str = ""
    made_from: dict[str, Any] = field(default_factory=dict)
    """Hashes of the inputs (names and contents, in their order) and of the settings, and the versions of the code."""
    explain_sha256: str | None = None
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

    cleaning: dict[str, Any] | None = None
    """What the steps did, with the distributions and samples of the HTML report; None for none and light."""

    def add_bad_row(self, record: FileRecord, row: int, reason: str) -> None:
        """Count a row of a file that gives no document, and list the first ones."""
        record.rows_bad += 1
        record.detail = record.detail or f"row {row}: {reason}"
        self.documents["read"] += 1
        self.documents["bad"] += 1
        if record.rows_bad <= BAD_ROWS_OF_A_FILE and len(self.rows_bad) < BAD_ROWS_LISTED:
            self.rows_bad.append({"file": record.path, "line": row, "reason": reason})

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        values = dataclasses.asdict(self)
        if values["cleaning"] is None:
            del values["cleaning"]
        return {"format": REPORT_FORMAT, "version": REPORT_VERSION, **values}


def finish_record(record: FileRecord, report: CorpusReport) -> FileRecord:
    """Decide, after a file, whether it counts as read."""
    if record.status == "read" and not record.documents:
        record.status, record.reason = "skipped", "no readable row" if record.rows_bad else "empty"
        record.detail = record.detail or "it holds no document"
    if record.status == "read":
        report.input_bytes += record.bytes
    return record


def report_path(corpus: Path) -> Path:
    """Where the report of a corpus file lies."""
    return corpus.with_suffix(".report.json")


def explain_path(corpus: Path) -> Path:
    """Where every dropped and changed document of a corpus is listed."""
    return corpus.with_suffix(".explain.jsonl")


def read_report(corpus: Path) -> dict[str, Any]:
    """The report of a corpus, as it stands beside it. Raises UserError when there is none."""
    path = report_path(corpus)
    value = read_json(path) if path.is_file() else None
    if not isinstance(value, dict) or value.get("format") != REPORT_FORMAT:
        raise UserError(f"{path} is no report of a corpus. Make the corpus with groundup corpus.")
    return value


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
    left_out = "".join(
        f"+ {documents[kind]:,} {words} "
        for kind, words in (("dropped", "dropped by rules"), ("near_duplicate", "near-duplicates"))
        if kind in documents
    )
    return [
        f"Files: {len(read):,} read ({megabytes(report.input_bytes)}), {skipped:,} skipped{hidden}",
        *(f"  skipped {reason}" for reason in _skipped(report)),
        f"Documents: {documents['read']:,} read = {documents['kept']:,} kept + {documents['duplicate']:,} duplicate "
        f"{left_out}+ {documents['empty']:,} empty + {documents['bad']:,} bad rows",
        f"Sections: {sections['written']:,} written, {sections['duplicate']:,} duplicate; "
        f"{characters['written']:,} of {characters['read']:,} characters",
        *(f"  {line}" for line in steps_summary(report)),
        *remarks[:_EXAMPLES],
        *more,
        f"Corpus: {output} ({megabytes(report.output_bytes)}); {report_path(output).name} names every file",
    ]


def steps_summary(report: CorpusReport) -> list[str]:
    """One line for each rule that dropped or changed a document: what it did, and to how many."""
    lines = []
    cleaning = report.cleaning or {}
    for row in cleaning.get("steps", ()):
        if not (row["dropped"] or row["changed"]):  # all that it met were allowed
            continue
        did = (
            f"dropped {row['dropped']:,}"
            if row["dropped"]
            else f"changed {row['changed']:,} ({row['places']:,} places)"
        )
        lines.append(f"{row['step']}: {row['rule']}: {did}")
    if allowed := cleaning.get("allowed"):
        lines.append(f"allow-list: kept {allowed:,} that a rule would have dropped or cut")
    return lines


def _skipped(report: CorpusReport) -> list[str]:
    """For each reason: "2 binary (such as a.bin: it holds NUL bytes)"."""
    first: dict[str | None, FileRecord] = {}
    for record in report.files:
        first.setdefault(record.reason, record)
    return [
        f"{count:,} {reason} (such as {first[reason].path}: {first[reason].detail})"
        for reason, count in report.skipped_files_by_reason.items()
    ]


def nothing_left(report: CorpusReport) -> str:
    found = _skipped(report)
    if report.documents["empty"]:
        found.append(f"{report.documents['empty']:,} documents without text")
    if dropped := report.documents.get("dropped"):
        found.append(f"{dropped:,} documents dropped by cleaning ({'; '.join(steps_summary(report)[:3])})")
    if report.hidden:
        found.append(f"{report.hidden:,} hidden files or folders")
    inputs = ", ".join("standard input" if name == "-" else name for name in report.inputs)
    return f"No text in {inputs}. Found: {'; '.join(found) or 'nothing'}. Give files of {READABLE}."


def megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes >= 100_000 else f"{size_bytes:,} bytes"
