"""Stage 1 of the corpus: files are read, and what is not in the store is cleaned, chunk by chunk, on all cores."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from groundup.data.chunks import RawDocument, Workers, chunked, documents_of
from groundup.data.cleaning.profile import CODE_VERSION, CleaningSettings
from groundup.data.corpus_report import BAD_ROWS_OF_A_FILE
from groundup.data.decoding import SkipFile, note_change, size_and_hash, size_of
from groundup.data.readers import FileLog, read_documents
from groundup.data.sources import SourceFile
from groundup.data.staged_writer import Job
from groundup.data.store import Store
from groundup.data.time_left import TimeLeft
from groundup.utils.files import fingerprint
from groundup.utils.processes import available_cores
from groundup.utils.progress import Say

PARALLEL_BYTES = 16_000_000
"""Below this much new text, starting other processes costs more than they save."""


@dataclass(frozen=True)
class FileCleaner:
    """Takes files through the steps, into a store."""

    cleaning: CleaningSettings
    text_column: str
    workers: int
    """0: as many as there are cores, once there is enough text."""
    say: Say

    def jobs(self, sources: Sequence[SourceFile]) -> list[Job]:
        """Take the hash of every file, in their order; says how far it is."""
        sizes = [size_of(source.path) for source in sources]
        progress = TimeLeft("Looking at what is there:", sum(sizes), self.say)
        jobs = []
        for number, (source, size) in enumerate(zip(sources, sizes, strict=True), 1):

            def tell(count: int, size: int = size, number: int = number) -> None:
                progress.tell(count, size, number, len(sources))

            jobs.append(self.job(source, tell))
            progress.file_done(size)
        return jobs

    def job(self, source: SourceFile, tell: Callable[[int], None] | None = None) -> Job:
        """Take a file's hash, and name what depends on it."""
        try:
            size_bytes, sha256 = size_and_hash(source.path, tell)
        except SkipFile as skip:
            return Job(source, skip=skip)
        decides = {
            "file": sha256,
            "format": source.format,
            "suffix": source.path.suffix.lower(),
            "text_column": self.text_column,
            "cleaning": self.cleaning.profile,
            "languages": self.cleaning.languages,
            "personal_data": self.cleaning.personal_data,
            "signed": bool(self.cleaning.near_duplicates or self.cleaning.near_paragraphs),
            "paragraphs": bool(self.cleaning.near_paragraphs),
            "evaluation": [digest for _, digest in self.cleaning.evaluation],
            "code_version": CODE_VERSION,
        }
        return Job(source, size_bytes, sha256, fingerprint(decides)[:32])

    def clean(self, store: Store, jobs: list[Job]) -> None:
        """Clean the chunks of these files that are not in the store, on all cores."""
        waiting = [job for job in jobs if not job.skip and store.account(job.key) is None]
        total = sum(job.size_bytes for job in waiting)
        if not waiting:
            return
        cores = self.workers or available_cores()
        count = cores if total >= PARALLEL_BYTES or self.workers else 1
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
                texts = read_documents(job.source.path, job.source.format, self.text_column, log)
                for index, chunk in enumerate(chunked(documents_of(texts))):
                    characters = sum(len(document.text) for document in chunk)
                    progress.tell(characters, job.size_bytes, number, len(jobs), log.share)
                    if not store.has_chunk(job.key, index):
                        yield (job.key, index, None), chunk
                note_change(job.source.path, job.size_bytes, log.notes.append)
            except SkipFile as skip:
                account["skip"] = [skip.reason, skip.detail]
            account |= {"encoding": log.encoding, "notes": log.notes, "bad": bad, "rows_bad": count}
            yield (job.key, -1, account), []
            progress.file_done(job.size_bytes)
