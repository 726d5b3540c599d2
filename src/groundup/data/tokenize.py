"""A corpus becomes token files: only what is new, on all cores, in constant memory, whatever interrupts it.

choose    the ids of all documents: which are new, which side each is on        -> data/selection.py
encode    batches of new documents, while the next ones are read; `tokenizers` spreads each over all cores
write     into a work folder that a restart goes on with                        -> data/token_writer.py
publish   when all corpora are done and there is enough to train on
"""

import errno
import hashlib
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timezone
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from groundup.data.documents import read_corpus
from groundup.data.encoding import NewDocument, encode_documents
from groundup.data.selection import (
    HELD_OUT,
    KNOWN,
    VAL,
    DocumentLedger,
    Split,
    as_array,
    choose_documents,
    ids_of_sets,
    read_ids,
    settle_split,
    side_name,
)
from groundup.data.split import SplitRule
from groundup.data.token_files import (
    FORMATS,
    ID_BYTES,
    METHODS,
    SPLITS,
    TokenLedger,
    TokenSet,
    dtype_for,
    find_leftovers,
    find_token_sets,
)
from groundup.data.token_writer import TokenWriter, finish_publications, held, ledger_of, work_folder
from groundup.tokenizer.interface import Tokenizer
from groundup.utils.errors import UserError, nearest_hint
from groundup.utils.files import fingerprint, sha256_file
from groundup.utils.progress import Say, quiet

SECONDS_BETWEEN_COMMITS = 2.0  # what a kill can cost
SECONDS_BETWEEN_LINES = 10.0


@dataclass
class DatasetConfig:
    """How the corpus is cut into token files."""

    dir: str | None = None  # folder of the token files
    method: str = "pack"  # pack (one stream) | split (rows of seq_len tokens) | truncate (the first seq_len tokens)
    formats: list[str] = field(default_factory=lambda: ["bin"])  # bin, jsonl, or both; jsonl is read into memory
    seq_len: int | None = None  # tokens in a full row; training.block_size unless given
    conversations: list[str] = field(default_factory=list)  # files of conversations that are mixed in
    mixture: dict[str, float] = field(default_factory=dict)  # corpus name: its share of the training tokens


@dataclass(frozen=True)
class TokenizeReport:
    """What one call has done."""

    documents: DocumentLedger
    tokens: dict[str, TokenLedger]  # by side: train, val
    bytes: dict[str, int]  # UTF-8 bytes of text, by side
    sets: list[str]  # names of the sets written; empty when nothing was new
    seconds: float


@dataclass(frozen=True)
class Job:
    """One corpus with something new in it."""

    corpus: Path
    basename: str
    checksum: str
    ids: bytes
    fates: npt.NDArray[np.uint8]


def check_dataset(config: DatasetConfig) -> None:
    """Raise UserError for a setting that cannot work."""
    if config.method not in METHODS:
        raise UserError(f'dataset.method "{config.method}" is unknown.{nearest_hint(config.method, METHODS)}')
    for name in config.formats:
        if name not in FORMATS:
            raise UserError(f'dataset.formats has the unknown "{name}".{nearest_hint(name, FORMATS)}')
    if not config.formats:
        raise UserError("dataset.formats is empty. Choose bin, jsonl, or both.")
    if config.seq_len is not None and config.seq_len < 2:
        raise UserError(f"dataset.seq_len is {config.seq_len}; it must be at least 2 tokens.")
    if config.dir is None:
        raise UserError("dataset.dir is not set. Name the folder for the token files.")


def parse_validation(value: float | str | Path) -> float | Path:
    """A share such as 0.05, or the path of a validation file."""
    try:
        return float(str(value))
    except ValueError:
        return Path(str(value))


def tokenize_corpus(
    corpus: Path | Sequence[Path],
    tokenizer: Tokenizer,
    config: DatasetConfig,
    *,
    validation: float | str | Path,
    block_size: int,
    tokenizer_path: Path | str = "",
    workers: int | None = None,
    say: Say = quiet,
) -> TokenizeReport:
    """Make token files in config.dir for all documents that have none there yet.

    validation: share of the documents, or a corpus file that is all validation. The files of a folder keep the split
    that the first of them were made with. tokenizer_path: only recorded. workers: batches encoded at the same time.
    Raises UserError for another tokenizer than that of the files in the folder, for too little text to train on, and
    for a full disk; the files that were there stay as they are.
    """
    check_dataset(config)
    began = time.perf_counter()
    corpora = [corpus] if isinstance(corpus, Path) else list(corpus)
    run = _Run(
        tokenizer=tokenizer,
        config=config,
        validation=parse_validation(validation),
        block_size=block_size,
        tokenizer_path=str(tokenizer_path),
        workers=workers,
        say=say,
    )
    try:
        with held(run.folder, say):
            return run.tokenize(corpora, began)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise UserError(
            f"the disk of {config.dir} is full. Make room (the token files take about half the size of the text) and "
            "run the same command again: it goes on where it stopped."
        ) from error


def recorded_rule(folder: Path) -> SplitRule | None:
    """The rule by which the token files in `folder` were divided; None without any, or with a validation file only."""
    for token_set in find_token_sets(folder):
        if token_set.meta.split_rule["kind"] != "file":
            return SplitRule.from_dict(token_set.meta.split_rule)
    return None


@dataclass(frozen=True)
class _Run:
    """One call of tokenize_corpus."""

    tokenizer: Tokenizer
    config: DatasetConfig
    validation: float | Path
    block_size: int
    tokenizer_path: str
    workers: int | None
    say: Say

    @property
    def seq_len(self) -> int:
        """Tokens in a full row."""
        return self.config.seq_len or self.block_size

    @property
    def folder(self) -> Path:
        """Where the token files are."""
        return Path(str(self.config.dir))

    def tokenize(self, corpora: Sequence[Path], began: float) -> TokenizeReport:
        """All the steps."""
        finish_publications(self.folder, self.say)
        for leftover in find_leftovers(self.folder):
            self.say(f"{leftover} belongs to no complete set (it has no .meta.json): ignored")
        everything = find_token_sets(self.folder, tokenizer_fingerprint=self.tokenizer.fingerprint)
        existing = find_token_sets(self.folder, method=self.config.method, seq_len=self.seq_len)
        documents, jobs, split = self._choose(corpora, everything, existing)
        with ExitStack() as open_writers:
            writers = [open_writers.enter_context(self._writer(job)) for job in jobs]
            for job, writer in zip(jobs, writers, strict=True):
                self._write(job, writer)
            self._check_enough(existing, writers)
            sets = self._publish(jobs, writers, split)
        tokens, text_bytes = _sum_up(writers)
        self._tell(documents, tokens, text_bytes, sets)
        return TokenizeReport(documents, tokens, text_bytes, sets, time.perf_counter() - began)

    def _choose(
        self, corpora: Sequence[Path], everything: Sequence[TokenSet], existing: Sequence[TokenSet]
    ) -> tuple[DocumentLedger, list[Job], Split]:
        """Look at every document's id: (what becomes of all documents, the corpora with new ones, how they divide)."""
        ids = {path: read_ids(path) for path in corpora}
        validation_ids = read_ids(self.validation) if isinstance(self.validation, Path) else b""
        split = settle_split(everything, self.validation, list(ids.values()), self.say)
        known = ids_of_sets(existing)
        held_out = as_array(b"")
        chosen: list[tuple[Path, bytes, npt.NDArray[np.uint8]]] = []
        if isinstance(self.validation, Path):
            path, own = self.validation, validation_ids
            fates = choose_documents(own, lambda _: VAL, known=known, held_out=held_out)
            trained = ids_of_sets([token_set for token_set in existing if token_set.meta.split == "train"])
            fates[np.isin(as_array(own), trained)] = HELD_OUT
            if count := int((fates == HELD_OUT).sum()):
                self.say(f"{count:,} documents of {path} were trained on earlier: left out of validation")
            chosen.append((path, own, fates))
            held_out = as_array(own)
        for path in corpora:
            fates = choose_documents(ids[path], split.side, known=known, held_out=held_out)
            chosen.append((path, ids[path], fates))
            known = np.concatenate([known, as_array(ids[path])])
        documents = sum((DocumentLedger.of(fates) for _, _, fates in chosen), DocumentLedger())
        jobs: list[Job] = []
        for path, own, fates in chosen:
            if (fates < KNOWN).any():
                name = _unique(path.stem, [job.basename for job in jobs])
                jobs.append(Job(path, name, sha256_file(path), own, fates))
        return documents, jobs, split

    def _writer(self, job: Job) -> TokenWriter:
        dtype = dtype_for(self.tokenizer.vocab_size)
        key = fingerprint(
            {
                "corpus": job.checksum,
                "tokenizer": self.tokenizer.fingerprint,
                "method": self.config.method,
                "seq_len": self.seq_len,
                "dtype": dtype,
                "fates": hashlib.sha256(job.fates.tobytes()).hexdigest(),
            }
        )
        work = work_folder(self.folder, job.basename)
        return TokenWriter(work, key, method=self.config.method, seq_len=self.seq_len, dtype=dtype, say=self.say)

    def _write(self, job: Job, writer: TokenWriter) -> None:
        """Encode and write what is left to do of one corpus."""
        total = len(job.fates)
        committed = told = time.monotonic()
        documents = _new_documents(job, writer.documents_done)
        for encoded, documents_done in encode_documents(documents, self.tokenizer, self.workers):
            writer.append(encoded, documents_done)
            now = time.monotonic()
            if now - committed > SECONDS_BETWEEN_COMMITS:
                writer.commit()
                committed = now
            if now - told > SECONDS_BETWEEN_LINES:
                self.say(f"{job.corpus}: {documents_done / total:.0%} of {total:,} documents tokenised")
                told = now
        writer.commit()

    def _check_enough(self, existing: Sequence[TokenSet], writers: Sequence[TokenWriter]) -> None:
        """Raise UserError, leaving nothing behind, when what is there and what is new do not suffice for training."""
        for split, name, needed in (("train", "training", self.block_size + 1), ("val", "validation", 2)):
            found = sum(token_set.meta.tokens for token_set in existing if token_set.meta.split == split)
            found += sum(writer.counts[split].tokens for writer in writers)
            if found >= needed:
                continue
            for writer in writers:
                writer.close()
                shutil.rmtree(writer.work)
            smaller = ", or lower training.block_size" if split == "train" and found > 2 else ""
            raise UserError(
                f"Not enough tokens for {name}: found {found:,}, needed at least {needed:,}. Add more text{smaller}."
            )

    def _publish(self, jobs: Sequence[Job], writers: Sequence[TokenWriter], split: Split) -> list[str]:
        now = datetime.now(timezone.utc)
        timestamp = _free_timestamp(self.folder, now)
        sets: list[str] = []
        for job, writer in zip(jobs, writers, strict=True):
            meta: dict[str, Any] = {
                "tokenizer_fingerprint": self.tokenizer.fingerprint,
                "tokenizer_path": self.tokenizer_path,
                "vocab_size": self.tokenizer.vocab_size,
                "end_of_text_id": self.tokenizer.specials.ids["end_of_text"],
                "pad_id": self.tokenizer.specials.ids["pad"],
                "sources": [{"path": str(job.corpus), "sha256": job.checksum}],
                "split_rule": split.record,
                "created": now.isoformat(timespec="seconds"),
            }
            sets += writer.publish(meta, job.basename, timestamp, self.config.formats)
        return sets

    def _tell(
        self, documents: DocumentLedger, tokens: dict[str, TokenLedger], text_bytes: dict[str, int], sets: Sequence[str]
    ) -> None:
        """Print the ledger."""
        self.say(
            f"documents: read {documents.read:,} = training {documents.train:,} + validation {documents.val:,} "
            f"+ tokenised earlier {documents.known:,} + repeated {documents.repeated:,} "
            f"+ kept apart for the validation file {documents.held_out:,}"
        )
        if not sets:
            self.say(f"nothing is new: the token files in {self.folder} stay as they are")
            return
        for split, ledger in tokens.items():
            if ledger.read:
                self.say(
                    f"tokens ({split}): read {ledger.read:,} = kept {ledger.kept:,} + truncated {ledger.truncated:,} "
                    f"+ discarded {ledger.discarded:,}; padded {ledger.padded:,}; "
                    f"{text_bytes[split] / ledger.read:.2f} bytes per token"
                )
        self.say(f"wrote {', '.join(sets)} in {self.folder}")


def _new_documents(job: Job, done: int) -> Iterator[NewDocument]:
    """Yield the new documents from number `done` on. UserError if the file changed."""
    number = done - 1
    for number, document in enumerate(islice(read_corpus(job.corpus), done, None), start=done):
        expected = job.ids[ID_BYTES * number : ID_BYTES * (number + 1)]
        if bytes.fromhex(document.id) != expected:
            raise _changed(job.corpus)
        if job.fates[number] < KNOWN:
            yield NewDocument(number, document, side_name(int(job.fates[number])))
    if number + 1 != len(job.fates):
        raise _changed(job.corpus)


def _changed(corpus: Path) -> UserError:
    return UserError(f"{corpus} changed while it was read. Run again when nothing writes to it.")


def _sum_up(writers: Sequence[TokenWriter]) -> tuple[dict[str, TokenLedger], dict[str, int]]:
    """The ledgers of all writers, added: (tokens, bytes of text) by side."""
    tokens: dict[str, TokenLedger] = {}
    text_bytes: dict[str, int] = {}
    for split in SPLITS:
        ledgers = [ledger_of(writer.counts[split]) for writer in writers]
        tokens[split] = sum(ledgers, TokenLedger())
        text_bytes[split] = sum(writer.counts[split].bytes for writer in writers)
    return tokens, text_bytes


def _unique(name: str, taken: Sequence[str]) -> str:
    candidates = [name, *(f"{name}-{number}" for number in range(2, len(taken) + 2))]
    return next(candidate for candidate in candidates if candidate not in taken)


def _free_timestamp(folder: Path, now: datetime) -> str:
    """The time in UTC, with a counter where a file in the folder has that time in its name already."""
    time_of_day = now.strftime("%Y%m%d-%H%M%S")
    names = [path.name for path in folder.iterdir()]
    number, timestamp = 0, time_of_day
    while any(f".{timestamp}." in name for name in names):
        number += 1
        timestamp = f"{time_of_day}-{number:02d}"
    return timestamp
