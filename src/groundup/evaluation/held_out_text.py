"""Bits per byte and perplexity of any text, document by document.

Each document is read as in training: `<|endoftext|>`, then its text. A document longer than the window is read in
several windows; a window scores up to `stride` tokens, each once, and sees what stands before them in the window. Bits
are divided by the bytes of the text itself, so that models with different tokenizers compare.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from groundup.data.corpus_report import is_prepared_corpus
from groundup.data.decoding import SkipFile
from groundup.data.documents import read_corpus
from groundup.data.readers import FileLog, read_documents
from groundup.data.sources import READABLE, SourceFile, expand_inputs, find_files, format_of
from groundup.evaluation.scoring_progress import score_all
from groundup.evaluation.statistics import bootstrap_ratio
from groundup.evaluation.suite import Subject, SuiteResult, file_record
from groundup.inference.scoring import Score, text_requests
from groundup.utils.errors import UserError
from groundup.utils.progress import Say


@dataclass(frozen=True)
class DocumentScore:
    """What a model makes of one document."""

    nats: float
    tokens: int
    bytes: int  # UTF-8


class HeldOutText:
    """The suite: files or folders of text."""

    name = "text"

    def __init__(self, paths: Sequence[Path], *, window: int | None = None, stride: int | None = None) -> None:
        """window, stride: in tokens; the model's context, and the window, unless given. Raises UserError."""
        self.files = find_texts(paths)
        self.window, self.stride = window, stride

    def run(self, subject: Subject, say: Say) -> SuiteResult:
        """Bits per byte with an interval over documents, and perplexity per token."""
        window, stride = choose_window(subject, self.window, self.stride)
        texts = [text for file in self.files for text in read_texts(file)]
        if not texts:
            raise UserError(f"{self.files[0].path} holds no text to evaluate on. Give a file with text ({READABLE}).")
        documents = score_documents(subject, texts, say, window=window, stride=stride)
        return summarise(documents, window, stride, self.files)


def choose_window(subject: Subject, window: int | None, stride: int | None) -> tuple[int, int]:
    """Window and stride in tokens. Raises UserError for what the model cannot read."""
    block_size = subject.model.config.block_size
    window = block_size if window is None else window
    stride = window if stride is None else stride
    if not 1 <= window <= block_size:
        raise UserError(f"--window is {window}; it must be between 1 and the model's context, {block_size} tokens.")
    if not 1 <= stride <= window:
        raise UserError(f"--stride is {stride}; it must be between 1 and the window, {window} tokens.")
    return window, stride


def score_documents(
    subject: Subject, texts: Sequence[str], say: Say, *, window: int, stride: int
) -> list[DocumentScore]:
    """Score every token of each text. Memory is that of the ids: some 4 bytes a byte of text."""
    tokenizer = subject.tokenizer
    ids = tokenizer.encode_batch(texts, add_special_tokens=True)
    groups, owners = [], []
    for n, document in enumerate(ids):
        for request in text_requests(document, window, stride):
            groups.append([request])
            owners.append(n)
    totals = [Score(0.0, 0, True) for _ in texts]
    for owner, (found,) in zip(owners, score_all(subject, groups, "text", say), strict=True):
        totals[owner] = totals[owner] + found
    return [
        DocumentScore(total.nats, total.tokens, len(text.encode("utf-8", "surrogatepass")))
        for total, text in zip(totals, texts, strict=True)
    ]


def summarise(documents: Sequence[DocumentScore], window: int, stride: int, files: Sequence[SourceFile]) -> SuiteResult:
    """The numbers of documents that have been scored."""
    nats, sizes = math.fsum(document.nats for document in documents), sum(document.bytes for document in documents)
    tokens = sum(document.tokens for document in documents)
    bits = [document.nats / math.log(2) for document in documents]
    low, high = bootstrap_ratio(bits, [document.bytes for document in documents])
    value = math.fsum(bits) / sizes
    perplexity = math.exp(nats / tokens) if nats / tokens < 700 else math.inf
    return SuiteResult(
        "text",
        scores={
            "bits_per_byte": value,
            "interval_95": [low, high],
            "perplexity": perplexity if math.isfinite(perplexity) else None,
            "loss_nats_per_token": nats / tokens,
            "documents": len(documents),
            "tokens": tokens,
            "bytes": sizes,
            "bytes_per_token": sizes / tokens,
        },
        settings={"window_tokens": window, "stride_tokens": stride, "template": "<|endoftext|>{document}"},
        data=[file_record(file.path) for file in files],
        items={"documents": {"nats": [d.nats for d in documents], "bytes": [d.bytes for d in documents]}},
        lines=[
            f"text  bits per byte {value:.4f}  ({low:.4f} to {high:.4f} over {len(documents):,} documents, {sizes:,} "
            f"bytes)   perplexity {perplexity:.2f} per token",
            f"  windows of {window} tokens, {stride} scored at a time; {sizes / tokens:.2f} bytes per token",
        ],
    )


def find_texts(paths: Sequence[Path]) -> list[SourceFile]:
    """The readable files that `paths` name. Raises UserError where there are none."""
    found = [SourceFile(path, path.name, "corpus", str(path)) for path in paths if is_prepared_corpus(path)]
    others = [path for path in paths if not is_prepared_corpus(path)]
    if others:
        found += find_files(expand_inputs(others)).files
    if not found:
        raise UserError(f"--text {paths[0]} holds no file that can be read ({READABLE}).")
    return found


def read_texts(source: SourceFile) -> Iterator[str]:
    """The documents of a file, as they are. Raises UserError for a file that cannot be read."""
    if source.format == "corpus":
        yield from (document.text for document in read_corpus(source.path))
        return
    assert format_of(source.path.name) is not None
    try:
        located = read_documents(source.path, source.format, "text", FileLog())
        for _, pieces in groupby(located, key=itemgetter(1)):
            if (text := "".join(piece for piece, _ in pieces)).strip():
                yield text
    except SkipFile as skip:
        raise UserError(f"{source.path} cannot be read: {skip.detail or skip.reason}. Give another --text.") from skip
