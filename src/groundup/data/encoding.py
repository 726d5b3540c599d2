"""Documents become ids: in batches, in order, a few of them ahead of whoever writes them down.

A tokenizer encodes one batch on all cores, outside Python's lock; meanwhile another thread turns the ids of the batch
before it into arrays, and the caller reads and writes.
"""

import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from groundup.data.documents import Document
from groundup.data.token_files import dtype_for
from groundup.tokenizer.interface import Tokenizer

BATCH_CHARACTERS = 1 << 20  # of text encoded at once: some 30 MB with its tokens


@dataclass(frozen=True)
class NewDocument:
    """A document to be encoded."""

    number: int  # its place in the corpus, from 0
    document: Document
    side: str  # train | val


@dataclass(frozen=True)
class EncodedDocument:
    """A document that is ready to be written."""

    side: str  # train | val
    id: bytes
    ids: npt.NDArray[Any]  # `<|endoftext|>` and the text, (tokens,)
    text_bytes: int


def encode_documents(
    documents: Iterator[NewDocument], tokenizer: Tokenizer, workers: int | None = None
) -> Iterator[tuple[list[EncodedDocument], int]]:
    """Yield batches in order: (encoded documents, number of the corpus' documents that are dealt with then).

    workers: batches encoded at the same time; by default two, and more where a batch is little for so many cores.
    """
    workers = workers or max(2, (os.cpu_count() or 1) // 4)
    with ThreadPoolExecutor(workers) as pool:
        ahead: deque[Future[tuple[list[EncodedDocument], int]]] = deque()
        try:
            for batch in _batches(documents):
                ahead.append(pool.submit(_encode, batch, tokenizer))
                if len(ahead) > workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _encode(batch: list[NewDocument], tokenizer: Tokenizer) -> tuple[list[EncodedDocument], int]:
    dtype = dtype_for(tokenizer.vocab_size)
    id_lists = tokenizer.encode_batch([new.document.text for new in batch], add_special_tokens=True)
    encoded = [
        EncodedDocument(new.side, bytes.fromhex(new.document.id), np.array(ids, dtype), len(new.document.text.encode()))
        for new, ids in zip(batch, id_lists, strict=True)
    ]
    return encoded, batch[-1].number + 1


def _batches(documents: Iterator[NewDocument]) -> Iterator[list[NewDocument]]:
    batch: list[NewDocument] = []
    characters = 0
    for new in documents:
        batch.append(new)
        characters += len(new.document.text)
        if characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
