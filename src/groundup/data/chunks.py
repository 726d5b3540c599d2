"""Documents of a file, in chunks that are cleaned each by itself: here or in another process."""

import dataclasses
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import groupby
from multiprocessing import get_context, parent_process
from multiprocessing.connection import wait
from operator import itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from groundup.data.cleaning.light import raw_parts
from groundup.data.cleaning.minhash import HASHES
from groundup.data.cleaning.profile import Cleaner, CleaningSettings
from groundup.data.store import CleanChunk, Signed, pack

CHUNK_CHARACTERS = 2_000_000
"""A chunk is closed once it has so many: large enough for the cost of sending it, small enough to lose."""
PART_CHARACTERS = 4_000_000
"""A longer document is cleaned and judged in parts of this size, so that no document needs all the memory."""


@dataclasses.dataclass(frozen=True)
class RawDocument:
    """A document as it was read, or a part of a very long one."""

    location: str
    text: str
    first: bool = True
    last: bool = True


def documents_of(texts: Iterable[tuple[str, str]]) -> Iterator[RawDocument]:
    """Put the pieces that a reader yields together to documents."""
    for location, pieces in groupby(texts, key=itemgetter(1)):
        held: str | None = None
        first = True
        for part in raw_parts((text for text, _ in pieces), PART_CHARACTERS):
            if held is not None:
                yield RawDocument(location, held, first, last=False)
                first = False
            held = part
        if held is not None:
            yield RawDocument(location, held, first, last=True)


def chunked(documents: Iterable[RawDocument]) -> Iterator[list[RawDocument]]:
    """Gather documents until a chunk is full. Where a chunk ends depends on the documents only."""
    chunk: list[RawDocument] = []
    size = 0
    for document in documents:
        chunk.append(document)
        size += len(document.text) + 100  # so that a million empty rows end somewhere
        if size >= CHUNK_CHARACTERS:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def clean_chunk(cleaner: Cleaner, chunk: list[RawDocument]) -> CleanChunk:
    """Take the documents of a chunk through the steps."""
    rows: list[dict[str, Any]] = []
    documents: list[NDArray[np.uint16]] = []
    paragraphs: list[NDArray[np.uint16]] = []
    owners: list[int] = []
    for document in chunk:
        outcome = cleaner.clean(document.text, first=document.first, last=document.last)
        row: dict[str, Any] = {"at": document.location, "read": len(document.text), "text": outcome.text}
        if not document.first:
            row["continues"] = True
        if outcome.findings:
            row["findings"] = [finding.to_dict() for finding in outcome.findings]
            row["dropped"] = outcome.dropped is not None
            row["before"], row["after"] = outcome.before, outcome.after
        if outcome.language:
            row["language"] = outcome.language
        if outcome.signature is not None:
            row["signed"] = True
            if outcome.paragraphs.spans:
                row["paragraphs"] = outcome.paragraphs.spans
                paragraphs.append(outcome.paragraphs.signatures)
                owners += [len(documents)] * len(outcome.paragraphs.spans)
            documents.append(outcome.signature[None])
        rows.append(row)
    none = np.empty((0, HASHES), np.uint16)
    signed = Signed(np.concatenate([none, *documents]), np.concatenate([none, *paragraphs]), np.array(owners, np.int64))
    return CleanChunk(pack(rows), signed)


class Workers:
    """Cleans chunks in other processes and gives them back in their order. Use as a context manager."""

    def __init__(self, settings: CleaningSettings, count: int) -> None:
        self._cleaner: Cleaner | None = Cleaner(settings) if count <= 1 else None
        self._pool: ProcessPoolExecutor | None = None
        self._ahead = 2 * count  # chunks under way: what is in memory at once
        if count > 1:
            # Not forked: a training process has threads, which a forked child would wait for.
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(count, context, _start_worker, (settings,))

    def __enter__(self) -> "Workers":
        return self

    def __exit__(self, *_: object) -> None:
        if self._pool:
            self._pool.shutdown(cancel_futures=True)

    def submit(self, chunk: list[RawDocument]) -> "Future[CleanChunk]":
        """Begin to clean a chunk."""
        if self._pool:
            return self._pool.submit(_clean_here, chunk)
        assert self._cleaner is not None
        done: Future[CleanChunk] = Future()
        done.set_result(clean_chunk(self._cleaner, chunk))
        return done

    def in_order(self, jobs: Iterator[tuple[Any, list[RawDocument]]]) -> Iterator[tuple[Any, CleanChunk]]:
        """Clean the chunk of each job; yield (name of the job, clean chunk) in the order of the jobs."""
        waiting: deque[tuple[Any, Future[CleanChunk]]] = deque()
        for name, chunk in jobs:
            waiting.append((name, self.submit(chunk)))
            if len(waiting) > self._ahead or not self._pool:
                first, future = waiting.popleft()
                yield first, future.result()
        while waiting:
            first, future = waiting.popleft()
            yield first, future.result()


_worker_cleaner: Cleaner | None = None


def _start_worker(settings: CleaningSettings) -> None:
    global _worker_cleaner  # noqa: PLW0603 - what a process keeps between its chunks
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all of a terminal's processes; the parent decides
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    _worker_cleaner = Cleaner(settings)


def _leave_with_parent() -> None:
    """End this process when its parent has been killed: its queue alone would wait for ever."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _clean_here(chunk: list[RawDocument]) -> CleanChunk:
    assert _worker_cleaner is not None
    return clean_chunk(_worker_cleaner, chunk)
