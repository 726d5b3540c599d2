"""The corpus made in stages, for steps that look at whole documents or at all of them.

    1  clean    every new file, chunk by chunk, on all cores, into the store      (what is there is not made again)
    2  compare  the signatures of all documents: which one resembles an earlier one
    3  write    documents that are kept, in the order of the files, earlier files first

Killed anywhere, the same command ends with the same bytes: stage 1 goes on with the next chunk, stages 2 and 3 depend
on the store alone.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import IO, Any

import numpy as np

from groundup.data.chunks import RawDocument, Workers, chunked, documents_of
from groundup.data.cleaning.minhash import Decision, NearDuplicates
from groundup.data.cleaning.profile import CODE_VERSION, CleaningSettings
from groundup.data.corpus_report import BAD_ROWS_OF_A_FILE, CorpusReport, FileRecord, finish_record, megabytes
from groundup.data.corpus_writer import CorpusWriter
from groundup.data.decoding import SkipFile, note_change, size_and_hash
from groundup.data.findings_log import FindingsLog
from groundup.data.readers import FileLog, read_documents
from groundup.data.sources import FoundFiles, SourceFile
from groundup.data.store import Store
from groundup.utils.files import fingerprint
from groundup.utils.progress import Say

PARALLEL_BYTES = 16_000_000
"""Below this much new text, starting other processes costs more than they save."""
_SECONDS_BETWEEN_LINES = 10.0
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


def explain_path(corpus: Path) -> Path:
    """Where every dropped and changed document of a corpus is listed."""
    return corpus.with_suffix(".explain.jsonl")


def store_path(corpus: Path) -> Path:
    """Where cleaned text is kept unless another place is given."""
    return corpus.with_suffix(".parts.sqlite")


@dataclass
class _Job:
    """A file on its way into the corpus."""

    source: SourceFile
    size_bytes: int = 0
    sha256: str = ""
    key: str = ""
    skip: SkipFile | None = None


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
        self.clean_characters = 0
        self.signed = 0  # documents with a signature that have been written or left out
        self.wanted: set[int] = set()  # those of them that others resemble
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
            decision = self._compare(store, jobs)
            self._write(store, jobs, decision)
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
        characters["removed_by_cleaning"] = characters["read"] - self.clean_characters
        characters["removed_at_cuts"] = self.clean_characters - sum(
            characters[kind] for kind in ("duplicate", "written", "dropped", "near_duplicate")
        )
        report.cleaning = self.log.to_dict()

    @contextlib.contextmanager
    def _open_store(self) -> Iterator[Store]:
        kept = self.options.store
        path = kept or self.options.scratch / f".corpus.{os.getpid()}.parts"
        try:
            with Store(path) as store:
                yield store
        finally:
            if kept is None:
                for suffix in ("", "-wal", "-shm"):
                    Path(f"{path}{suffix}").unlink(missing_ok=True)

    def _job(self, source: SourceFile) -> _Job:
        try:
            size_bytes, sha256 = size_and_hash(source.path)
        except SkipFile as skip:
            return _Job(source, skip=skip)
        decides = {
            "file": sha256,
            "format": source.format,
            "suffix": source.path.suffix.lower(),
            "text_column": self.options.text_column,
            "cleaning": self.report.settings["cleaning"],
            "languages": self.cleaning.languages,
            "personal_data": self.cleaning.personal_data,
            "signed": bool(self.cleaning.near_duplicates),
            "evaluation": [digest for _, digest in self.cleaning.evaluation],
            "code_version": CODE_VERSION,
        }
        return _Job(source, size_bytes, sha256, fingerprint(decides)[:32])

    def _in_order(self, store: Store, jobs: list[_Job]) -> list[_Job]:
        """Files that were there before first, in the order in which they came; says what has changed since."""
        history = store.history()
        if not history:
            return jobs
        place = {(row["input"], row["name"], row["sha256"]): number for number, row in enumerate(history)}

        def name(job: _Job) -> tuple[str, str, str]:
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

    def _clean(self, store: Store, jobs: list[_Job]) -> None:
        waiting = [job for job in jobs if not job.skip and store.account(job.key) is None]
        total = sum(job.size_bytes for job in waiting)
        if not waiting:
            return
        cores = self.options.workers or len(os.sched_getaffinity(0))
        count = cores if total >= PARALLEL_BYTES or self.options.workers else 1
        progress = _Progress(total, self.say)
        with Workers(self.cleaning, count) as workers:
            for (key, number, account), clean in workers.in_order(self._chunks(store, waiting, progress)):
                if account is not None:
                    store.put_account(key, account)
                else:
                    store.put_chunk(key, number, clean.body, clean.signatures)

    def _chunks(
        self, store: Store, jobs: list[_Job], progress: "_Progress"
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

    # Stage 2

    def _compare(self, store: Store, jobs: list[_Job]) -> Decision | None:
        if not self.cleaning.near_duplicates:
            return None
        near = NearDuplicates(self.cleaning.near_duplicates)
        for job in jobs:
            for signatures in store.signatures(job.key) if job.key else ():
                near.add(signatures)
        return near.decide()

    # Stage 3

    def _write(self, store: Store, jobs: list[_Job], decision: Decision | None) -> None:
        names: dict[int, str] = {}
        if decision is not None:
            self.wanted = set(np.unique(decision.original[decision.original >= 0]).tolist())
        for job in jobs:
            self.report.files.append(self._write_file(store, job, decision, names))

    def _write_file(self, store: Store, job: _Job, decision: Decision | None, names: dict[int, str]) -> FileRecord:
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
        rows = (row for rows in store.bodies(job.key) for row in rows)
        for location, parts in groupby(rows, key=lambda row: row["at"]):
            record.documents += 1
            record.sections += self._write_document(record.path, location, parts, decision, names)
        return finish_record(record, self.report)

    def _write_document(
        self,
        name: str,
        location: str,
        parts: Iterator[dict[str, Any]],
        decision: Decision | None,
        names: dict[int, str],
    ) -> int:
        """Write what is kept of one document and return how many of its sections are new."""
        documents = self.report.documents
        source = f"{name}#{location}" if location else name
        kept, fate = partial(self._kept, source, decision, names), _Fate()
        cut, new = self.writer.add_document(name, location, (text for part in parts for text in kept(part, fate)))
        documents["read"] += 1
        kind = "kept" if new else "duplicate" if cut else fate.kind or "empty"
        documents[kind] += 1
        self.log.document(kind, fate.characters)
        return new

    def _kept(
        self, source: str, decision: Decision | None, names: dict[int, str], part: dict[str, Any], fate: "_Fate"
    ) -> Iterator[str]:
        """The text of a part of a document, unless it is left out; notes what happened to it."""
        text, characters = part["text"], self.report.characters
        characters["read"] += part["read"]
        self.clean_characters += len(text)
        fate.characters += len(text)
        resembles = None
        if part.get("signed") and decision is not None:
            number, self.signed = self.signed, self.signed + 1
            if number in self.wanted:
                names[number] = source
            if (original := int(decision.original[number])) >= 0:
                resembles = {
                    "step": "near-duplicates",
                    "rule": f"resembles {names[original]}",
                    "value": round(float(decision.similarity[number]), 3),
                    "limit": self.cleaning.near_duplicates,
                    "count": 1,
                }
        left_out = "dropped" if part.get("dropped") else "near_duplicate" if resembles else ""
        allowed = bool(left_out) and self.log.allowed(self.options.allow, source, text)
        self.log.part(source, part, resembles, left_out=left_out, allowed=allowed)
        if not left_out or allowed:
            yield text
        else:
            fate.kind = left_out
            characters[left_out] += len(text)


@dataclass
class _Fate:
    """What became of a document, as its parts pass."""

    kind: str = ""
    characters: int = 0


class _Progress:
    """Says now and then how far cleaning is, and how long it will take."""

    def __init__(self, total_bytes: int, say: Say) -> None:
        self.total = total_bytes
        self.say = say
        self.done = 0
        self.within = 0
        self.start = self.spoke = time.monotonic()

    def file_done(self, size_bytes: int) -> None:
        """A file has been read to its end."""
        self.done += size_bytes
        self.within = 0

    def tell(self, characters: int, file_bytes: int, number: int, files: int) -> None:
        """So much more of the file at hand has been read."""
        self.within = min(file_bytes, self.within + characters)  # of a compressed file: a guess, never too much
        now = time.monotonic()
        if now - self.spoke < _SECONDS_BETWEEN_LINES:
            return
        self.spoke = now
        done = self.done + self.within
        left = (now - self.start) * (self.total - done) / max(1, done)
        minutes, seconds = divmod(round(left), 60)
        self.say(
            f"Cleaning file {number:,} of {files:,}: {megabytes(done)} of {megabytes(self.total)}, "
            f"about {minutes}:{seconds:02} left"
        )
