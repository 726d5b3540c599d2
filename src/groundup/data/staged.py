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
from typing import IO

from groundup.data.cleaning.profile import CleaningSettings
from groundup.data.corpus_report import CorpusReport, FileRecord
from groundup.data.corpus_writer import CorpusWriter
from groundup.data.file_cleaner import FileCleaner
from groundup.data.findings_log import FindingsLog
from groundup.data.resemblance import Resemblances
from groundup.data.sources import FoundFiles
from groundup.data.staged_writer import Job, StagedWriter
from groundup.data.store import Store
from groundup.data.time_left import TimeLeft
from groundup.utils.progress import Say

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
            cleaner = FileCleaner(self.cleaning, self.options.text_column, self.options.workers, self.say)
            jobs = self._in_order(store, cleaner.jobs(found.files))
            cleaner.clean(store, jobs)
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

    # Stages 2 and 3

    def _write(self, store: Store, jobs: list[Job], writer: StagedWriter) -> None:
        cleaning = self.cleaning
        if cleaning.near_duplicates or cleaning.near_paragraphs:
            self.say("Comparing all documents")
        keys = [job.key for job in jobs if job.key]
        resemblances = Resemblances(cleaning, store, keys, self.options.scratch, self.say)
        progress = TimeLeft("Writing", sum(job.size_bytes for job in jobs), self.say)
        for number, job in enumerate(jobs, 1):

            def tell(share: float, size_bytes: int = job.size_bytes, number: int = number) -> None:
                progress.tell(0, size_bytes, number, len(jobs), share)

            self.report.files.append(writer.write_file(store, job, resemblances, tell))
            progress.file_done(job.size_bytes)
