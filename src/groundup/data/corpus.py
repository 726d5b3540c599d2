"""Files of text become one corpus file and a report in which every file and document has its place.

    sources     which files        -> readers     documents of each
    cleaning    clean text         -> sections    parts of at most 20,000 characters
    writer      each section once, written in the order of the files

Exact duplicates are found by the hash of a section's text; a document is a duplicate when all of its sections have been
there before (a copy of a document has the same sections). Memory: about 100 bytes for each different section, and
some MB for the piece of text at hand, whatever the size of the files.

With `none` and `light` alone, text streams through in one go (here). Steps that look at whole documents, or at all of
them together, work in stages and keep what they have cleaned (staged.py).
"""

import contextlib
import errno
import functools
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from groundup.data.cleaning import profile
from groundup.data.cleaning.light import clean_pieces
from groundup.data.corpus_report import (
    CorpusReport,
    FileRecord,
    explain_path,
    finish_record,
    nothing_left,
    report_path,
    summary,
)
from groundup.data.corpus_writer import CorpusWriter
from groundup.data.decoding import SkipFile, note_change, size_and_hash, size_of
from groundup.data.documents import CORPUS_SUFFIXES
from groundup.data.readers import FileLog, read_documents
from groundup.data.sections import SECTION_LIMIT
from groundup.data.sources import FoundFiles, SourceFile, expand_inputs, find_files, printable
from groundup.data.staged import StagedBuilder, StagedOptions, store_path
from groundup.data.time_left import TimeLeft
from groundup.utils.errors import UserError
from groundup.utils.files import fingerprint, open_atomic, remove_leftovers, sha256_file
from groundup.utils.progress import Say, quiet

_NO_ROOM = (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)


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
    """none (line ends only), light (Unicode NFC, control characters, spaces, blank lines) or web (everything)."""
    validation: float | str = 0.05
    """Share of the sections kept for validation, between 0 and 1; or a file of validation text."""
    languages: list[str] = field(default_factory=list)
    """Languages to keep, as ISO 639-1 codes; none: all are kept."""
    personal_data: str = profile.AUTO
    """keep, mask or drop (the document); auto: mask with web, keep otherwise."""
    near_duplicates: float | None = None
    """Estimated Jaccard similarity from which a document is left out; 0 keeps all; by default 0.72 with web."""
    near_paragraphs: float | None = None
    """The same for a paragraph of 25 words and more, which is cut out; by default as near_duplicates with web."""
    evaluation: list[str] = field(default_factory=list)
    """Evaluation files (.jsonl, .json, text) whose texts are cut out of the corpus."""
    allow: str | None = None
    """File that names documents to keep whatever the rules say: a source or an id a line."""
    parts: str = profile.AUTO
    """File that keeps what has been cleaned, so that only new files are cleaned later; auto: with web; none: never."""
    explain: bool | None = None
    """Whether every dropped or changed document is written to <corpus>.explain.jsonl; by default with web."""
    workers: int = 0
    """Processes that clean; 0: as many as there are cores, once there is enough text."""


def build_corpus(
    inputs: Sequence[str | Path],
    output: Path,
    config: CorpusConfig | None = None,
    say: Say = quiet,
    *,
    called: Mapping[Path, str] | None = None,
) -> CorpusReport:
    """Read all text in `inputs` (files, folders, patterns) and write the corpus `output` with its report, both whole.

    `called`: inputs to be known by another name than their path (a temporary copy of standard input).
    Raises UserError for a wrong setting, an input that does not exist, inputs without any text, and a full disk.
    """
    config = config or CorpusConfig()
    cleaning = resolve_cleaning(config)
    if output.suffix not in CORPUS_SUFFIXES or output.is_dir():
        raise UserError(f"A corpus is a .txt or .jsonl file, and {output} is not. Give another --output-file.")
    options = _staged_options(config, cleaning, output)
    called = called or {}
    found = find_files(expand_inputs(inputs), exclude=own_files(output, config), called=called)
    remove_leftovers(output, report_path(output), explain_path(output))
    report = CorpusReport(
        inputs=[called.get(Path(path), printable(path)) for path in inputs],
        settings=recorded_settings(config, cleaning),
        output=output.name,
    )
    try:
        # The corpus appears first. Whatever happens between the two, an older report does not fit the new corpus.
        with contextlib.ExitStack() as stack:
            report_file = stack.enter_context(open_atomic(report_path(output)))
            corpus_file = stack.enter_context(open_atomic(output, "wb"))
            writer = CorpusWriter(report, corpus_file)
            if options is None:
                _Builder(report, config, writer, say).add_files(found)
            else:
                explain = stack.enter_context(open_atomic(explain_path(output))) if options.explain else None
                StagedBuilder(report, cleaning, options, writer, explain, say).build(found)
            _complete(report, writer)
            report.made_from = _made_from(report)
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


def own_files(output: Path, config: CorpusConfig) -> list[Path]:
    """What a build writes: never read, even if it lies among the inputs."""
    kept = [] if config.parts in (profile.AUTO, "none") else [Path(config.parts)]
    return [output, report_path(output), explain_path(output), store_path(output), *kept]


def resolve_cleaning(config: CorpusConfig) -> profile.CleaningSettings:
    """What the configuration asks for, with every default filled in."""
    return profile.resolve(
        config.cleaning,
        languages=list(config.languages),
        personal_data=config.personal_data,
        near_duplicates=config.near_duplicates,
        near_paragraphs=config.near_paragraphs,
        evaluation=list(config.evaluation),
    )


def recorded_settings(config: CorpusConfig, cleaning: profile.CleaningSettings) -> dict[str, object]:
    """What decides, besides the inputs, which text the corpus holds: as the report records it."""
    settings: dict[str, object] = {
        "text_column": config.text_column,
        "cleaning": config.cleaning,
        "section_limit": SECTION_LIMIT,
    }
    if not cleaning.plain:
        settings |= {
            "languages": list(cleaning.languages),
            "personal_data": cleaning.personal_data,
            "near_duplicates": cleaning.near_duplicates,
            "near_paragraphs": cleaning.near_paragraphs,
            "evaluation": dict(cleaning.evaluation),
            "code_version": profile.CODE_VERSION,
        }
    if config.allow:
        settings["allow"] = sha256_file(Path(config.allow)) if Path(config.allow).is_file() else config.allow
    return settings


def _staged_options(config: CorpusConfig, cleaning: profile.CleaningSettings, output: Path) -> StagedOptions | None:
    """How to work in stages; None when a single pass does."""
    kept = config.parts not in (profile.AUTO, "none")
    allow = _read_allow_list(config.allow) if config.allow else frozenset()
    if cleaning.plain and not config.explain and not kept:
        return None
    web = cleaning.profile == "web"
    store = Path(config.parts) if kept else store_path(output) if web and config.parts != "none" else None
    return StagedOptions(
        text_column=config.text_column,
        store=store,
        scratch=output.parent,
        explain=web if config.explain is None else config.explain,
        allow=allow,
        workers=config.workers,
    )


def _read_allow_list(path: str) -> frozenset[str]:
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise UserError(
            f"The allow-list {path} cannot be read ({error.strerror or error}). Give a text file."
        ) from error
    except UnicodeDecodeError as error:
        raise UserError(f"The allow-list {path} is not UTF-8. Give a text file, a source or an id a line.") from error
    return frozenset(line.strip() for line in lines if line.strip() and not line.startswith("# "))


def _complete(report: CorpusReport, writer: CorpusWriter) -> None:
    """Sum up what has been counted. Raises UserError when there is no text in any file."""
    skipped = Counter(record.reason or "" for record in report.files if record.status == "skipped")
    report.skipped_files_by_reason = dict(sorted(skipped.items()))
    report.output_sha256 = writer.digest.hexdigest()
    if not report.sections["written"]:
        raise UserError(nothing_left(report))


def _made_from(report: CorpusReport) -> dict[str, object]:
    """Hashes of all that decides the corpus, so that two can be told apart at a glance."""
    inputs = [[record.input, record.path, record.sha256] for record in report.files if record.sha256]
    return {
        "inputs_sha256": fingerprint(inputs),
        "settings_sha256": fingerprint(report.settings),
        "groundup": metadata.version("groundup"),
        "cleaning_code": profile.CODE_VERSION,
    }


class _Builder:
    """One pass over all files: text streams through, whatever the size of a document."""

    def __init__(self, report: CorpusReport, config: CorpusConfig, writer: CorpusWriter, say: Say) -> None:
        self.report = report
        self.config = config
        self.writer = writer
        self.say = say
        self.clean_characters = 0
        self.number = self.count = self.size_bytes = 0  # of the file at hand
        self.progress = TimeLeft("Reading", 0, say)
        self.log = FileLog()

    def add_files(self, found: FoundFiles) -> None:
        """Read every file found and count what becomes of it."""
        report = self.report
        report.hidden = found.hidden
        for skip in found.skipped:
            report.files.append(FileRecord(skip.name, skip.input, "skipped", skip.reason, skip.detail))
        self.count = len(found.files)
        self.progress = TimeLeft("Reading", sum(size_of(source.path) for source in found.files), self.say)
        for self.number, source in enumerate(found.files, 1):
            report.files.append(self.add_file(source))
            self.progress.file_done(self.size_bytes)
        characters = report.characters
        characters["removed_by_cleaning"] = characters["read"] - self.clean_characters
        characters["removed_at_cuts"] = self.clean_characters - characters["duplicate"] - characters["written"]

    def add_file(self, source: SourceFile) -> FileRecord:
        """Add the documents of one file and tell what became of it."""
        record = FileRecord(source.name, source.input, "read")

        log = self.log = FileLog(functools.partial(self.report.add_bad_row, record), record.notes)
        try:
            record.bytes, record.sha256 = size_and_hash(source.path)
            self.size_bytes = record.bytes
            texts = read_documents(source.path, source.format, self.config.text_column, log)
            for location, pieces in groupby(texts, key=itemgetter(1)):
                record.documents += 1
                record.sections += self.add_document(source.name, location, (text for text, _ in pieces))
            note_change(source.path, record.bytes, record.notes.append)
        except SkipFile as skip:
            record.status, record.reason, record.detail = "skipped", skip.reason, skip.detail
        record.encoding = log.encoding
        return finish_record(record, self.report)

    def add_document(self, name: str, location: str, pieces: Iterable[str]) -> int:
        """Add one document, given in pieces, and return how many of its sections are new."""
        documents = self.report.documents
        cut, new = self.writer.add_document(name, location, self._cleaned(pieces))
        documents["read"] += 1
        documents["empty" if not cut else "kept" if new else "duplicate"] += 1
        return new

    def _cleaned(self, pieces: Iterable[str]) -> Iterator[str]:
        """The clean text of a document; counts what comes in and what goes out."""

        def counted() -> Iterator[str]:
            for piece in pieces:
                self.report.characters["read"] += len(piece)
                self.progress.tell(len(piece), self.size_bytes, self.number, self.count, self.log.share)
                yield piece

        for piece in clean_pieces(counted(), self.config.cleaning):
            self.clean_characters += len(piece)
            yield piece
