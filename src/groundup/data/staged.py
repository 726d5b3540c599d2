"""The corpus made in stages, for steps that look at whole documents or at all of them.

    1  clean    every new file, chunk by chunk, on all cores, into the store      (what is there is not made again)
    2  compare  the signatures of all documents and paragraphs: which one resembles an earlier one
    3  write    documents that are kept, in the order of the files, earlier files first

Killed anywhere, the same command ends with the same bytes: stage 1 goes on with the next chunk, stages 2 and 3 depend
on the store alone.
"""

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from groundup.data.chunks import RawDocument, Workers, chunked, documents_of
from groundup.data.cleaning.profile import CODE_VERSION, CleaningSettings
from groundup.data.corpus_report import BAD_ROWS_OF_A_FILE, CorpusReport, FileRecord
from groundup.data.corpus_writer import CorpusWriter
from groundup.data.decoding import SkipFile, note_change, size_and_hash
from groundup.data.findings_log import FindingsLog
from groundup.data.readers import FileLog, read_documents
from groundup.data.resemblance import Resemblances
from groundup.data.sources import FoundFiles, SourceFile
from groundup.data.staged_writer import Job, StagedWriter
from groundup.data.store import Store
from groundup.data.time_left import TimeLeft
from groundup.utils.files import fingerprint
from groundup.utils.progress import Say

PARALLEL_BYTES = 16_000_000
"""Below this much new text, starting other processes costs more than they save."""
_LISTED = 5


@dataclass(frozen=True)
class StagedOptions:
    """How the work is done."""

    text_column: str
    store: Path | None
    """None: in a temporary file in `scratch`, which goes at the end."""
    scratch: Path
    explain: bool
    allow: frozenset[str]
    """Sources and ids of documents that are kept whatever the rules say."""
    workers: int
    """0: as many as there are cores."""


def store_path(corpus: Path) -> Path:
    """Where cleaned text is kept unless another place is given."""
    return corpus.with_suffix(".parts.sqlite")


class StagedBuilder:
    """One run over all files."""

    def __init__(
        self,
        report: CorpusReport,
        cleaning: CleaningSettings,
        options: StagedOptions,
        writer: CorpusWriter,
        explain: IO[str] | None,
        say: Say,
    ) -> None:
        self.report = report
        self.cleaning = cleaning
        self.options = options
        self.writer = writer
        self.log = FindingsLog(explain)
        self.say = say
        report.documents |= {"dropped": 0, "near_duplicate": 0}
        report.characters |= {"dropped": 0, "near_duplicate": 0}

    def build(self, found: FoundFiles) -> None:
        """Clean what is new, compare, and write."""
        report = self.report
        report.hidden = found.hidden
        for skip in found.skipped:
            report.files.append(FileRecord(skip.name, skip.input, "skipped", skip.reason, skip.detail))
        with self._open_store() as store:
            jobs = self._in_order(store, [self._job(source) for source in found.files])
            self._clean(store, jobs)
            writer = StagedWriter(report, self.writer, self.log, self.options.allow)
            self._write(store, jobs, writer)
            history = [
                {
                    "input": record.input,
                    "name": record.path,
                    "sha256": record.sha256,
                    "documents": record.documents,
                    "sections": record.sections,
                }
                for record in report.files
                if record.sha256
            ]
            store.finish(history, {job.key for job in jobs})
        characters = report.characters
        characters["removed_by_cleaning"] = characters["read"] - writer.clean_characters
        characters["removed_at_cuts"] = writer.clean_characters - sum(
            characters[kind] for kind in ("duplicate", "written", "dropped", "near_duplicate")
        )
        report.cleaning = self.log.to_dict()
        report.explain_sha256 = self.log.sha256

    @contextlib.contextmanager
    def _open_store(self) -> Iterator[Store]:
        kept = self.options.store
        path = kept or self.options.scratch / f".{self.report.output}.parts.{os.getpid()}.tmp"
        try:
            with Store(path) as store:
                yield store
        finally:
            if kept is None:
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{path}{suffix}").unlink(missing_ok=True)

    def _job(self, source: SourceFile) -> Job:
        try:
            size_bytes, sha256 = size_and_hash(source.path)
        except SkipFile as skip:
            return Job(source, skip=skip)
        decides = {
            "file": sha256,
            "format": source.format,
            "suffix": source.path.suffix.lower(),
            "text_column": self.options.text_column,
            "cleaning": self.report.settings["cleaning"],
            "languages": self.cleaning.languages,
            "personal_data": self.cleaning.personal_data,
            "signed": bool(self.cleaning.near_duplicates or self.cleaning.near_paragraphs),
            "paragraphs": bool(self.cleaning.near_paragraphs),
            "evaluation": [digest for _, digest in self.cleaning.evaluation],
            "code_version": CODE_VERSION,
        }
        return Job(source, size_bytes, sha256, fingerprint(decides)[:32])

    def _in_order(self, store: Store, jobs: list[Job]) -> list[Job]:
        """Files that were there before first, in the order in which they came; says what has changed since."""
        history = store.history()
        if not history:
            return jobs
        place = {(row["input"], row["name"], row["sha256"]): number for number, row in enumerate(history)}

        def name(job: Job) -> tuple[str, str, str]:
            return job.source.input, job.source.name, job.sha256

        old = sorted((job for job in jobs if name(job) in place), key=lambda job: place[name(job)])
        new = [job for job in jobs if name(job) not in place]
        present = {(job.source.input, job.source.name) for job in jobs}
        known = {(row["input"], row["name"]) for row in history}
        changed = [job.source.name for job in new if (job.source.input, job.source.name) in known]
        gone = [
            f"{row['name']} ({row['documents']:,} documents, {row['sections']:,} sections)"
            for row in history
            if (row["input"], row["name"]) not in present
        ]
        self.say(f"Since the last time: {len(old):,} files as before, {len(new) - len(changed):,} new")
        for what, names in (("changed", changed), ("no longer there", gone)):
            if names:
                more = f" and {len(names) - _LISTED:,} more" if len(names) > _LISTED else ""
                self.say(f"  {what}: {', '.join(names[:_LISTED])}{more}")
        return old + new

    # Stage 1

    def _clean(self, store: Store, jobs: list[Job]) -> None:
        waiting = [job for job in jobs if not job.skip and store.account(job.key) is None]
        total = sum(job.size_bytes for job in waiting)
        if not waiting:
            return
        cores = self.options.workers or len(os.sched_getaffinity(0))
        count = cores if total >= PARALLEL_BYTES or self.options.workers else 1
        progress = TimeLeft("Cleaning", total, self.say)
        with Workers(self.cleaning, count) as workers:
            for (key, number, account), clean in workers.in_order(self._chunks(store, waiting, progress)):
                if account is not None:
                    store.put_account(key, account)
                else:
                    store.put_chunk(key, number, clean)

    def _chunks(
        self, store: Store, jobs: list[Job], progress: TimeLeft
    ) -> Iterator[tuple[tuple[str, int, dict[str, Any] | None], list[RawDocument]]]:
        """The chunks of every file that are not in the store; after the last of a file, its account with no chunk."""
        planned: set[str] = set()
        for number, job in enumerate(jobs, 1):
            if job.key in planned:  # a copy of another file
                progress.file_done(job.size_bytes)
                continue
            planned.add(job.key)
            bad: list[tuple[int, str]] = []
            count = 0

            def bad_row(row: int, reason: str, bad: list[tuple[int, str]] = bad) -> None:
                nonlocal count
                count += 1
                if len(bad) < BAD_ROWS_OF_A_FILE:
                    bad.append((row, reason))

            log = FileLog(bad_row)
            account: dict[str, Any] = {}
            try:
                texts = read_documents(job.source.path, job.source.format, self.options.text_column, log)
                for index, chunk in enumerate(chunked(documents_of(texts))):
                    progress.tell(sum(len(document.text) for document in chunk), job.size_bytes, number, len(jobs))
                    if not store.has_chunk(job.key, index):
                        yield (job.key, index, None), chunk
                note_change(job.source.path, job.size_bytes, log.notes.append)
            except SkipFile as skip:
                account["skip"] = [skip.reason, skip.detail]
            account |= {"encoding": log.encoding, "notes": log.notes, "bad": bad, "rows_bad": count}
            yield (job.key, -1, account), []
            progress.file_done(job.size_bytes)

    # Stages 2 and 3

    def _write(self, store: Store, jobs: list[Job], writer: StagedWriter) -> None:
        cleaning = self.cleaning
        if cleaning.near_duplicates or cleaning.near_paragraphs:
            self.say("Comparing all documents")
        keys = [job.key for job in jobs if job.key]
        resemblances = Resemblances(cleaning, store, keys, self.options.scratch)
        progress = TimeLeft("Writing", sum(job.size_bytes for job in jobs), self.say)
        for number, job in enumerate(jobs, 1):
            self.report.files.append(writer.write_file(store, job, resemblances))
            progress.file_done(job.size_bytes)
            progress.tell(0, 0, number, len(jobs))
